"""The networks beyond the paper's autoencoder, and how each is trained.

All have the layers X, hidden ones by name, and X_out, and map images of shape (n, 784). Their
hidden layers are their named children, but for the last, which gives the output.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from ipae_lib.layers import OUTPUT
from ipae_lib.models import Linear
from ipae_lib.training import epoch_order
from study.experiments import Experiment

Loss = Callable[[nn.Module, Tensor, Tensor, torch.Generator], Tensor]
"""What is minimised: of the network, images (n, 784), their labels (n,), and random numbers."""


@dataclass(frozen=True)
class Kind:
    """A kind of network.

    Parameters
    ----------
    build : callable (seed) → Module
        The untrained network, the same for the same seed.
    loss : callable
        See `Loss`.
    learning_rate, momentum : float
        Of stochastic gradient descent; a momentum of None is Adam.
    batch_size : int
    classifier : bool
        Its output is a score for each label.
    published : bool
        It is one of Lee & Jo's, and is looked at by their width rule as well.
    """

    build: Callable[[int], nn.Module]
    loss: Loss
    learning_rate: float
    momentum: float | None = None
    batch_size: int = 100
    classifier: bool = False
    published: bool = False

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """The optimizer of a network of this kind."""
        rate: dict[str, Any] = {"lr": self.learning_rate, "fused": True}
        if self.momentum is None:
            return torch.optim.Adam(model.parameters(), **rate)
        return torch.optim.SGD(model.parameters(), **rate, momentum=self.momentum)


def layers_of(model: nn.Module) -> list[str]:
    """Names of the hidden layers, in order."""
    return [name for name, _ in model.named_children() if name != OUTPUT]


class Chain(nn.Sequential):
    """Layers one after the other, each the child of its name."""

    def __init__(self, **layers: nn.Module) -> None:
        super().__init__(OrderedDict(layers))


SAXE = (784, 1024, 20, 20, 20, 10)
"""Widths of the classifier, after Saxe et al. (2018) and the code that they published."""

DENSE = (784, 256, 128)
"""Widths of the small autoencoders' encoders, after Lee & Jo (2021) and their code."""

CODE = 10
"""Units of the small autoencoders' bottleneck, one for each digit of the label autoencoder."""


def _classifier(activation: type[nn.Module]) -> nn.Module:
    *hidden, last = pairwise(SAXE)
    layers = {
        f"T{i}": nn.Sequential(Linear(*sizes), activation())
        for i, sizes in enumerate(hidden, start=1)
    }
    return Chain(**layers, **{OUTPUT: Linear(*last)})


def _paper(bottleneck_size: int, seed: int) -> nn.Module:
    """The paper's, from weights of four times Glorot's, as advised for sigmoids."""
    run = Experiment("beyond", bottleneck_size, epochs=1, seed=seed, initialisation="glorot4")
    with torch.random.fork_rng(devices=[]):
        return run.model()


def _sigmoid(d_in: int, d_out: int) -> nn.Module:
    return nn.Sequential(Linear(d_in, d_out), nn.Sigmoid())


def _dense(code: nn.Module | None = None, code_size: int = CODE) -> nn.Module:
    x, wide, narrow = DENSE
    return Chain(
        E1=_sigmoid(x, wide),
        E2=_sigmoid(wide, narrow),
        Z=code or Linear(narrow, code_size),
        D1=_sigmoid(code_size, narrow),
        D2=_sigmoid(narrow, wide),
        **{OUTPUT: _sigmoid(wide, x)},
    )


class Tied(nn.Module):
    """A layer whose weights are those of another, transposed; its biases are its own."""

    def __init__(self, encoder: Linear) -> None:
        super().__init__()
        self.weight = encoder.weight
        self.bias = nn.Parameter(torch.zeros(encoder.in_features))

    def forward(self, x: Tensor) -> Tensor:
        """Map what the other layer gives to what it takes: (n, d_out) → (n, d_in)."""
        return nn.functional.linear(x, self.weight.T, self.bias)


def _tied() -> nn.Module:
    x, wide, narrow = DENSE
    first, second, third = Linear(x, wide), Linear(wide, narrow), Linear(narrow, CODE)
    return Chain(
        E1=nn.Sequential(first, nn.Sigmoid()),
        E2=nn.Sequential(second, nn.Sigmoid()),
        Z=third,
        D1=nn.Sequential(Tied(third), nn.Sigmoid()),
        D2=nn.Sequential(Tied(second), nn.Sigmoid()),
        **{OUTPUT: nn.Sequential(Tied(first), nn.Sigmoid())},
    )


PUBLISHED_CODE = 50
"""Units of the code in Lee & Jo's code, of the label autoencoder too."""


class SparseCode(nn.Sequential):
    """A layer of sigmoids that keeps the mean activity of its units over the batch."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__(Linear(d_in, d_out), nn.Sigmoid())
        self.activity = torch.zeros(d_out)

    def forward(self, t: Tensor) -> Tensor:
        """Give the layer's values (n, d_out)."""
        values = super().forward(t)
        self.activity = values.mean(0)
        return values


def _shallow(code: Callable[[int, int], nn.Module]) -> nn.Module:
    x = DENSE[0]
    return Chain(Z=code(x, PUBLISHED_CODE), **{OUTPUT: _sigmoid(PUBLISHED_CODE, x)})


def _shallow_tied() -> nn.Module:
    encoder = Linear(DENSE[0], PUBLISHED_CODE)
    decoder = nn.Sequential(Tied(encoder), nn.Sigmoid())
    return Chain(Z=nn.Sequential(encoder, nn.Sigmoid()), **{OUTPUT: decoder})


def _down(c_in: int, c_out: int) -> nn.Module:
    """A convolution that halves the sides of its maps."""
    return nn.Conv2d(c_in, c_out, kernel_size=3, stride=2, padding=1)


def _up(c_in: int, c_out: int) -> nn.Module:
    """One that doubles them."""
    return nn.ConvTranspose2d(c_in, c_out, kernel_size=3, stride=2, padding=1, output_padding=1)


def _convolutional() -> nn.Module:
    return Chain(
        E1=nn.Sequential(nn.Unflatten(1, (1, 28, 28)), _down(1, 8), nn.ReLU()),
        E2=nn.Sequential(_down(8, 16), nn.ReLU()),
        Z=nn.Sequential(nn.Flatten(), Linear(16 * 7 * 7, CODE)),
        D1=nn.Sequential(Linear(CODE, 16 * 7 * 7), nn.ReLU(), nn.Unflatten(1, (16, 7, 7))),
        D2=nn.Sequential(_up(16, 8), nn.ReLU()),
        **{OUTPUT: nn.Sequential(_up(8, 1), nn.Sigmoid(), nn.Flatten())},
    )


class GaussianCode(nn.Module):
    """A code drawn from a normal distribution, whose mean and spread follow from the input.

    In training each call draws anew. In evaluation the i-th row of a batch always gets the same
    noise, so that what is measured at two moments differs by the network alone.
    """

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__()
        self.mean, self.log_variance = Linear(d_in, d_out), Linear(d_in, d_out)
        self.divergence = torch.zeros(())

    def forward(self, t: Tensor) -> Tensor:
        """Draw codes (n, d_out), and keep their divergence from the prior in nats."""
        mean, log_variance = self.mean(t), self.log_variance(t)
        self.divergence = (mean**2 + log_variance.exp() - 1 - log_variance).sum() / 2 / len(t)
        generator = None if self.training else torch.Generator().manual_seed(0)
        # always drawn in single precision, so that the noise is the same in any
        noise = torch.randn(mean.shape, generator=generator).to(mean)
        return mean + (log_variance / 2).exp() * noise


class LabelCode(nn.Module):
    """A code that is a probability for each label."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__()
        self.scores = Linear(d_in, d_out)
        self.logarithms = torch.zeros(())

    def forward(self, t: Tensor) -> Tensor:
        """Give probabilities (n, d_out), and keep their logarithms for the loss."""
        self.logarithms = self.scores(t).log_softmax(-1)
        return self.logarithms.exp()


def _cross_entropy(model: nn.Module, x: Tensor, y: Tensor, _random: torch.Generator) -> Tensor:
    return nn.functional.cross_entropy(model(x), y)


def _squares(model: nn.Module, x: Tensor, _y: Tensor, _random: torch.Generator) -> Tensor:
    """Mean over the images of the squared error, summed over the pixels."""
    return ((model(x) - x) ** 2).sum() / len(x)


def _half_squares(model: nn.Module, x: Tensor, y: Tensor, random: torch.Generator) -> Tensor:
    return _squares(model, x, y, random) / 2


def _denoised(model: nn.Module, x: Tensor, _y: Tensor, random: torch.Generator) -> Tensor:
    """The squared error of what is made of a noisy image, beside the clean one."""
    noisy = (x + NOISE * torch.randn(x.shape, generator=random)).clamp(0, 1)
    return ((model(noisy) - x) ** 2).sum() / len(x)


NOISE = 0.5
"""Standard deviation of the noise on the pixels that denoising is trained with."""

ACTIVITY, SPARSITY_WEIGHT = 0.05, 0.001
"""Mean activity that a sparse unit is drawn to, and the weight of its divergence from that in nats,
beside the mean squared error a pixel, as in Lee & Jo's code."""

LABEL_WEIGHT = 0.01
"""Of the label autoencoder's cross entropy, beside the mean squared error a pixel, as in Lee & Jo's
code."""


def _variational(model: nn.Module, x: Tensor, _y: Tensor, _random: torch.Generator) -> Tensor:
    """The negative evidence lower bound in nats, of pixels that are probabilities."""
    pixels = nn.functional.binary_cross_entropy(model(x), x, reduction="sum") / len(x)
    code = model.get_submodule("Z")
    assert isinstance(code, GaussianCode)
    return pixels + code.divergence


def _labelled(model: nn.Module, x: Tensor, y: Tensor, random: torch.Generator) -> Tensor:
    squares = _squares(model, x, y, random) / x.shape[1]
    code = model.get_submodule("Z")
    assert isinstance(code, LabelCode)
    return squares + LABEL_WEIGHT * nn.functional.nll_loss(code.logarithms, y)


def _mean_squares(model: nn.Module, x: Tensor, _y: Tensor, _random: torch.Generator) -> Tensor:
    return ((model(x) - x) ** 2).mean()


def _sparse(model: nn.Module, x: Tensor, y: Tensor, random: torch.Generator) -> Tensor:
    """The squared error a pixel, and how far the units' activities are from `ACTIVITY`."""
    squares = _mean_squares(model, x, y, random)
    code = model.get_submodule("Z")
    assert isinstance(code, SparseCode)
    found, wanted = (torch.distributions.Bernoulli(p) for p in (code.activity, ACTIVITY))
    return squares + SPARSITY_WEIGHT * torch.distributions.kl_divergence(wanted, found).sum()


def _seeded(build: Callable[..., nn.Module], *arguments: Any) -> Callable[[int], nn.Module]:
    def built(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return build(*arguments)

    return built


def _small(build: Callable[..., nn.Module], loss: Loss, *arguments: Any) -> Kind:
    return Kind(_seeded(build, *arguments), loss, learning_rate=2e-3)


def _code(layer: Callable[[int, int], nn.Module], code_size: int = CODE) -> nn.Module:
    return _dense(layer(DENSE[-1], code_size), code_size)


def _published(build: Callable[..., nn.Module], loss: Loss, *arguments: Any) -> Kind:
    return Kind(_seeded(build, *arguments), loss, learning_rate=5e-3, published=True)


KINDS: dict[str, Kind] = {
    **{
        name: Kind(_seeded(_classifier, activation), _cross_entropy, 0.1, 0.0, 128, classifier=True)
        for name, activation in (("tanh", nn.Tanh), ("relu", nn.ReLU))
    },
    **{
        f"paper-K{k:02d}": Kind(partial(_paper, k), _half_squares, 0.1, momentum=0.5)
        for k in (2, 32)
    },
    "plain": _small(_dense, _squares),
    "convolutional": _small(_convolutional, _squares),
    "variational": _small(_code, _variational, GaussianCode),
    "denoising": _small(_dense, _denoised),
    "tied": _small(_tied, _squares),
    "label": _small(_code, _labelled, LabelCode),
    "lee-shallow": _published(_shallow, _mean_squares, _sigmoid),
    "lee-sparse": _published(_shallow, _sparse, SparseCode),
    "lee-tied": _published(_shallow_tied, _mean_squares),
    "lee-deep": _published(_code, _mean_squares, _sigmoid, PUBLISHED_CODE),
    "lee-label": _published(_code, _labelled, LabelCode, PUBLISHED_CODE),
}
"""Every kind of network by name."""


def batches(n: int, size: int, updates: int, seed: int) -> Iterator[Tensor]:
    """Indices of the images of each update; what fills no batch at an epoch's end is left out."""
    per_epoch = n // size
    for epoch in range(-(-updates // per_epoch)):
        order = epoch_order(n, seed, epoch)[: per_epoch * size].reshape(per_epoch, size)
        yield from order[: updates - epoch * per_epoch]
