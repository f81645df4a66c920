"""The networks of the part without a truth: narrow autoencoders, trained on MNIST in seconds.

They are the autoencoder of the paper at a fifth of its widths, trained by Adam from Glorot's
weights times four, as Glorot & Bengio advise for sigmoids: the paper's network and training
would take minutes to leave the mean image. Weights are kept in the user's cache, as they are too
large for the package; the same seeds train them again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ipae_lib.data import cache_folder, mnist
from ipae_lib.files import kept, read_sealed, write_sealed
from ipae_lib.identity import code_identity
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.models import Autoencoder, weights_as_bytes, weights_from_bytes

HIDDEN_SIZES = (200, 100, 50)
IMAGES, BATCH_SIZE, LEARNING_RATE = 20_000, 64, 3e-3
SIGMOID_GAIN = 4
SEED = 0
UPDATES = (100, 600)
"""Numbers of updates after which the weights are kept; training ends with the last."""


def widths(bottleneck_size: int) -> dict[str, int]:
    """Width of every layer from X to X′."""
    encoder = [*HIDDEN_SIZES, bottleneck_size]
    sizes = [784, *encoder, *reversed(HIDDEN_SIZES), 784]
    return dict(zip((INPUT, *HIDDEN_LAYERS, OUTPUT), sizes, strict=True))


def trained(bottleneck_size: int, updates: int) -> Autoencoder:
    """The network after so many updates, from its file where there is one.

    Raises
    ------
    ValueError
        If ``updates`` is not one of `UPDATES`.
    """
    if updates not in UPDATES:
        raise ValueError(f"updates is {updates!r}; weights are kept after {UPDATES}")
    model = untrained(bottleneck_size)
    path = _path(bottleneck_size, updates)
    weights = kept(path, weights_from_bytes)
    if weights is None:
        _train(bottleneck_size)
        weights = weights_from_bytes(read_sealed(path))
    model.load_state_dict(weights)
    return model


def untrained(bottleneck_size: int) -> Autoencoder:
    """The network before its training."""
    generator = torch.Generator().manual_seed(SEED)
    model = Autoencoder(bottleneck_size, hidden_sizes=HIDDEN_SIZES, generator=generator)
    with torch.no_grad():
        for name, layer in model.named_children():
            if name != "Z":
                layer.get_parameter("0.weight").mul_(SIGMOID_GAIN)
    return model


def kept_folder() -> Path:
    """What the benchmark keeps between calls, in the user's cache: networks and answers."""
    return cache_folder() / "benchmark"


def _path(bottleneck_size: int, updates: int) -> Path:
    name = f"K{bottleneck_size:02d}-{updates}-{code_identity(__name__)}.pt"
    return kept_folder() / "networks" / name


def _train(bottleneck_size: int) -> None:
    model = untrained(bottleneck_size)
    images = mnist(train=True)[:IMAGES]
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    for update in range(1, UPDATES[-1] + 1):
        x = images[torch.randint(len(images), (BATCH_SIZE,), generator=generator)]
        optimizer.zero_grad(set_to_none=True)
        loss = ((model(x) - x) ** 2).sum() / len(x)
        loss.backward()
        optimizer.step()
        if update in UPDATES:
            write_sealed(_path(bottleneck_size, update), weights_as_bytes(model))


@cache
def test_images() -> Tensor:
    """The test images of MNIST in the order in which they are taken, (10000, 784)."""
    return mnist(train=False, shuffled=True)


def activations(bottleneck_size: int, updates: int, n: int, batch: int) -> dict[str, Tensor]:
    """Every layer of the network for the ``batch``-th ``n`` test images: float32, (n, width)."""
    x = test_images()[batch * n : (batch + 1) * n]
    model, outputs = trained(bottleneck_size, updates), {INPUT: x}
    with torch.no_grad():
        for name, layer in model.named_children():
            x = outputs[name] = layer(x)
    return outputs
