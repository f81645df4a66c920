"""Real networks whose information is known: trained on MNIST, asked at moments of their training.

X is uniform over the 10,000 test images, and each layer gets normal noise of `NOISE`. So the truth
is exact but for a small Monte Carlo error (`ipae_lib.exact`); it comes with the package. Samples
need the weights: they are trained where they are not in the user's cache, from the same seeds, in
seconds, those of the paper's widths in a minute or two each. A network is anything that trains
again so; see `Network`.

The paper's autoencoders are those of Sec. IV-B with both of the training choices that the study
follows, in their first updates. The narrow ones have a fifth of its widths, and start from Glorot's
weights times four, as Glorot & Bengio advise for sigmoids: else they would take minutes to leave
the mean image. In the noisy one the bottleneck's noise is passed on, in training as well. The later
layers are injective functions of Z+R, wider than it, so I(X;Z+R) is the information of them all.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pandas as pd
import torch
from torch import Tensor, nn

from ipae_lib import training
from ipae_lib.data import cache_folder, mnist, mnist_labels
from ipae_lib.exact import TotalDeviation, information_of_population
from ipae_lib.files import kept, read_sealed, write_sealed
from ipae_lib.identity import code_identity
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI
from ipae_lib.models import Autoencoder, weights_as_bytes, weights_from_bytes

LABEL_MI = "label_mi"
"""I(Y; T+R) of the digits Y."""

NOISE = TotalDeviation(0.3)
"""Chosen before any layer was looked at: M of normal variables with the covariance of the test
images is then 7 bits, two below log₂ 512."""

IMAGES, BATCH_SIZE, SIGMOID_GAIN, SEED = 20_000, 64, 4, 0

TRUTH = Path(__file__).parent / "stored" / "networks.csv"


@dataclass(frozen=True)
class Network:
    """A network on MNIST that trains again from the same seeds.

    Parameters
    ----------
    build : callable () → Sequential or like it
        The untrained network; its named children are the layers in order.
    train : callable (model, keep) → None
        Trains it, and calls ``keep(updates)`` after each update and once before the first.
    moments : sequence of int
        Updates after which it is asked.
    asked : mapping from quantity to layers
    passes_on : str, optional
        The layer that passes its noise on; by default each layer's noise is an observer's.
    """

    build: Callable[[], nn.Module]
    train: Callable[[nn.Module, Callable[[int], None]], None]
    moments: Sequence[int]
    asked: dict[str, tuple[str, ...]]
    passes_on: str | None = None


def _autoencoder(
    bottleneck_size: int,
    hidden_sizes: tuple[int, int, int] = (1000, 500, 250),
    gain: float = SIGMOID_GAIN,
    spared: Sequence[str] = ("Z",),
) -> Autoencoder:
    """With Glorot's weights times ``gain``, but for the layers that are ``spared``."""
    generator = torch.Generator().manual_seed(SEED)
    model = Autoencoder(bottleneck_size, hidden_sizes=hidden_sizes, generator=generator)
    with torch.no_grad():
        for name, values in model.named_parameters():
            layer, *_, kind = name.split(".")
            if kind == "weight" and layer not in spared:
                values.mul_(gain)
    return model


def _classifier(widths: Sequence[int]) -> nn.Sequential:
    generator = torch.Generator().manual_seed(SEED)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for i, (d_in, d_out) in enumerate(pairwise(widths), start=1):
        linear = nn.Linear(d_in, d_out)
        nn.init.xavier_uniform_(linear.weight, generator=generator)
        nn.init.zeros_(linear.bias)
        is_last = i == len(widths) - 1
        layers[f"T{i}"] = linear if is_last else nn.Sequential(linear, nn.Tanh())
    return nn.Sequential(layers)


def _train_as_the_paper(
    model: nn.Module,
    keep: Callable[[int], None],
    *,
    updates: int,
    reduction: Literal["sum", "half"],
) -> None:
    """The first updates of the paper's training, on all training images."""
    training.train(
        model,
        mnist(train=True).to(_precision(model)),
        training.Sgd(reduction=reduction, seed=SEED),
        observers=[lambda update, _: keep(update)],
        observe_at=range(updates + 1),
        stop_at=updates,
    )


def _train(
    model: nn.Module,
    keep: Callable[[int], None],
    *,
    updates: int,
    learning_rate: float,
    labels: bool = False,
    passes_on: str | None = None,
) -> None:
    """Adam on batches drawn with replacement; the loss is that of labels or of reconstruction.

    With ``passes_on`` this layer gets noise of `NOISE`, of the batch, before the later ones.
    """
    images = mnist(train=True)[:IMAGES].to(_precision(model))
    classes = mnist_labels(train=True)[:IMAGES] if labels else None
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    keep(0)
    for update in range(1, updates + 1):
        chosen = torch.randint(len(images), (BATCH_SIZE,), generator=generator)
        x = images[chosen]
        optimizer.zero_grad(set_to_none=True)
        if classes is None:
            given = x
            for name, layer in model.named_children():
                given = layer(given)
                if name == passes_on:
                    s = NOISE(given.detach())
                    given = given + s * torch.randn(
                        given.shape, dtype=given.dtype, generator=generator
                    )
            loss = ((given - x) ** 2).sum() / len(x)
        else:
            loss = nn.functional.cross_entropy(model(x), classes[chosen])
        loss.backward()
        optimizer.step()
        keep(update)


_ASKED = {INPUT_MI: (INPUT, "E1", "Z", "D3", OUTPUT), OUTPUT_MI: ("E1", "Z")}
_NARROW = (200, 100, 50)

_LATE, _EARLY = (0, 300, 600, 900, 1300, 1700, 2300, 3000), (0, 30, 60, 110, 250, 560, 1300, 3000)
"""Moments of the paper's networks: the falls and the first rises that its long runs have."""


def _narrow(bottleneck_size: int, moments: tuple[int, ...]) -> Network:
    train = partial(_train, updates=moments[-1], learning_rate=3e-3)
    return Network(partial(_autoencoder, bottleneck_size, _NARROW), train, moments, _ASKED)


def _paper(
    bottleneck_size: int, reduction: Literal["sum", "half"], gain: float, moments: tuple[int, ...]
) -> Network:
    train = partial(_train_as_the_paper, updates=moments[-1], reduction=reduction)
    build = partial(_autoencoder, bottleneck_size, gain=gain, spared=())
    return Network(build, train, moments, _ASKED)


def _noisy(bottleneck_size: int, moments: tuple[int, ...]) -> Network:
    build = partial(_autoencoder, bottleneck_size, _NARROW)
    train = partial(_train, updates=moments[-1], learning_rate=3e-3, passes_on="Z")
    return Network(build, train, moments, {INPUT_MI: (INPUT, "Z", "D1", "D3", OUTPUT)}, "Z")


def _classifying(widths: tuple[int, ...], moments: tuple[int, ...]) -> Network:
    train = partial(_train, updates=moments[-1], learning_rate=1e-3, labels=True)
    layers = (INPUT, *(f"T{i}" for i in range(1, len(widths))))
    asked = {INPUT_MI: layers, LABEL_MI: layers}
    return Network(partial(_classifier, widths), train, moments, asked)


NETWORKS = {
    "autoencoder, K = 2": _narrow(2, (0, 10, 30, 60, 100, 200, 400, 600)),
    "autoencoder, K = 32": _narrow(32, (0, 10, 30, 60, 100, 200, 400, 600)),
    "noisy autoencoder, K = 4": _noisy(4, (0, 10, 30, 60, 100, 200, 400, 600)),
    "classifier": _classifying((784, 256, 64, 10), (0, 10, 30, 60, 100, 200, 500, 1200)),
    "paper's, sum, K = 2": _paper(2, "sum", 1, _LATE),
    "paper's, sum, K = 32": _paper(32, "sum", 1, _LATE),
    "paper's, half sum, K = 2": _paper(2, "half", 4, _EARLY),
    "paper's, half sum, K = 32": _paper(32, "half", 4, _EARLY),
    "held out: autoencoder, K = 8": _narrow(8, (0, 60, 300)),
    "held out: classifier": _classifying((784, 128, 32, 10), (0, 60, 300)),
}
"""By their cases."""

ASKED = tuple(case for case in NETWORKS if not case.startswith("held out"))
"""Those of the benchmark. On the others settings are chosen."""

QUICK = ("autoencoder, K = 2", "classifier")
"""Those of the quick part."""

FULL_SIZE = tuple(case for case in NETWORKS if case.startswith("paper's"))
"""Those of the paper's widths."""


def trained(case: str, updates: int, precision: torch.dtype = torch.float32) -> nn.Module:
    """The network after so many updates, from its file where there is one.

    If trained in double ``precision``, all processors agree on its values to some ten digits, and
    so on how they are rounded to a few bits.

    Raises
    ------
    ValueError
        If there is no such network, or ``updates`` is none of its moments.
    """
    network = _network(case)
    if updates not in network.moments:
        raise ValueError(f"updates is {updates!r}; weights are kept after {network.moments}")
    model, path = network.build().to(precision), _path(case, updates, precision)
    weights = kept(path, weights_from_bytes)
    if weights is None:
        _train_and_keep(case, precision)
        weights = weights_from_bytes(read_sealed(path))
    model.load_state_dict(weights)
    return model


def _network(case: str) -> Network:
    if case not in NETWORKS:
        raise ValueError(f"case is {case!r}; there are {sorted(NETWORKS)}")
    return NETWORKS[case]


def _train_and_keep(case: str, precision: torch.dtype) -> None:
    network = NETWORKS[case]
    model = network.build().to(precision)

    def keep(updates: int) -> None:
        if updates in network.moments:
            write_sealed(_path(case, updates, precision), weights_as_bytes(model))

    with torch.enable_grad():  # who asks for the network may want none
        network.train(model, keep)


def _precision(model: nn.Module) -> torch.dtype:
    return next(model.parameters()).dtype


def kept_folder() -> Path:
    """What the benchmark keeps between calls, in the user's cache: networks and answers."""
    return cache_folder() / "benchmark"


def _path(case: str, updates: int, precision: torch.dtype) -> Path:
    name = "".join(x if x.isalnum() else "-" for x in f"{case}-{updates}-{precision}")
    return kept_folder() / "networks" / f"{name}-{code_identity(__name__)}.pt"


@cache
def test_images() -> Tensor:
    """The 10,000 test images of MNIST, the values of X, (10000, 784)."""
    return mnist(train=False)


@cache
def test_labels() -> Tensor:
    """Their digits."""
    return mnist_labels(train=False)


def activations(case: str, updates: int, images: Tensor) -> dict[str, Tensor]:
    """Every layer of the network for some images: float32, (n, width)."""
    layers = list(trained(case, updates).named_children())
    return {INPUT: images, **_through(layers, images)}


def passed_on(case: str, updates: int, values: Tensor) -> dict[str, Tensor]:
    """The layers after the one that passes its noise on, of its noisy values (n, width)."""
    layers = list(trained(case, updates).named_children())
    names = [name for name, _ in layers]
    return _through(layers[names.index(str(_network(case).passes_on)) + 1 :], values)


def _through(layers: Sequence[tuple[str, nn.Module]], values: Tensor) -> dict[str, Tensor]:
    outputs = {}
    with torch.no_grad():
        for name, layer in layers:
            outputs[name] = values = layer(values)
    return outputs


def drawn(n: int, seed: int) -> Tensor:
    """Which images a set of samples holds: drawn with replacement, as X is uniform over all."""
    return torch.randint(10_000, (n,), generator=torch.Generator().manual_seed(seed))


def noise(shape: Sequence[int], seed: int) -> Tensor:
    """Standard normal noise of a layer, other than what draws images."""
    generator = torch.Generator().manual_seed(1_000_003 * (seed + 1))
    return torch.randn(*shape, generator=generator)


def exact(case: str, queries: int = 1000) -> pd.DataFrame:
    """The information of a network at all its moments, by `ipae_lib.exact`.

    Returns
    -------
    DataFrame
        A line for each question: ``case, iteration, quantity, layer, d_x, d_y, noise`` (the
        standard deviation s), ``exact`` and its standard ``error`` in bits.
    """
    network, lines = _network(case), []
    labels = test_labels() if LABEL_MI in network.asked else None
    for updates in network.moments:
        variables = activations(case, updates, test_images())
        wanted = {layer for layers in network.asked.values() for layer in layers} | {INPUT}
        if OUTPUT_MI in network.asked:
            wanted.add(OUTPUT)
        found, passed = {}, None
        for layer, values in variables.items():
            if passed is not None:  # an injective function of what was passed on
                found[layer] = passed.assign_coords(level=math.nan)
            elif layer in wanted:
                found[layer] = information_of_population(
                    values, {"noise": NOISE}, labels, queries=queries
                ).isel(noise=0)
            if layer == network.passes_on:
                passed = found[layer]
        for quantity, layers in network.asked.items():
            for layer in layers:
                if layer == INPUT and updates != network.moments[-1]:
                    continue  # it is the same at all moments
                noisy = OUTPUT if quantity == OUTPUT_MI else layer
                of_labels = quantity == LABEL_MI
                own = found[noisy]
                first = {INPUT_MI: 784, LABEL_MI: 10}.get(quantity, variables[layer].shape[1])
                value = own.label_mi if of_labels else own.input_mi
                error = own.label_standard_error if of_labels else own.standard_error
                lines.append(
                    {
                        "case": case,
                        "iteration": updates,
                        "quantity": quantity,
                        "layer": layer,
                        "d_x": first,
                        "d_y": variables[noisy].shape[1],
                        "noise": float(own.level),
                        "exact": float(value),
                        "error": float(error),
                    }
                )
    return pd.DataFrame(lines)


@cache
def known() -> pd.DataFrame:
    """What `exact` gave for all networks, as it comes with the package."""
    return pd.read_csv(TRUTH)
