"""Mutual information as the difference of two scores, by a network that removes noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from ipae_lib.estimate import Estimate
from ipae_lib.estimators.neural import Learner
from ipae_lib.kernels import standardize
from ipae_lib.validation import ArrayLike, Count, Natural, Positive, as_pairs


@dataclass(frozen=True)
class DiffusionScores(Learner):
    """MINDE of Franzese et al., conditional: how much a noisy X shows better beside Y.

    A network is shown √α X + √(1−α) ε and learns to tell the noise ε, with Y and without. At each
    level λ, the logarithm of α/(1−α), its two answers differ by what Y says:
    I(X;Y) = ½ ∫ E‖ε̂(X_λ) − ε̂(X_λ, Y)‖² dλ nats. The variable of fewer dimensions is given noise.
    The network learns from half of the samples, until it errs no less on the other half, from
    which the answer is.

    Levels are drawn evenly in λ, which is the importance sampling of Franzese et al. in another
    variable; 64 units and the rate are theirs for few dimensions. They learn from 100,000 samples
    for hundreds of epochs. For few samples the network starts from the score of a normal variable
    here, has two layers, and stops early. What was tried were Gaussian variables of 1 to 32
    dimensions; above about 10, a thousand samples do not do. Each dimension weighs in with the
    network's errors, so that in hundreds of dimensions the answer can be far too large: see
    `wrappers.Compressed`.

    Parameters
    ----------
    hidden : int
        Units of a layer.
    steps, patience, learning_rate, batch
        As in `NeuralBound`.
    seed : int
        Of the halves, the first weights, the batches and the noise.
    """

    hidden: Count = 64
    steps: Count = 1000
    patience: Count = 200
    learning_rate: Positive = 1e-3
    batch: Count | None = 256
    seed: Natural = 0

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Estimate:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); never below 0.

        The standard error is that of the mean over the half that judges, the network given.
        """
        x, y = as_pairs(x, y)
        n = x.shape[-2]
        if n < 8:
            raise ValueError(f"x has {n} samples; a score needs at least 8 to be learnt and judged")
        pair = [standardize(v.detach()).float() for v in (x, y)]
        pair = [v[:, v.any(dim=0)] for v in pair]  # what does not vary is 0, and has no part
        x, y = sorted(pair, key=lambda v: v.shape[1])
        if x.shape[1] == 0:
            return Estimate(0.0)
        learn, judge, model = self._halves(
            n, lambda: _Denoiser(x.shape[1], y.shape[1], self.hidden)
        )
        generator = torch.Generator().manual_seed(self.seed)

        def judged(times: int) -> tuple[Tensor, Tensor]:
            chosen = judge[torch.arange(times) % len(judge)]
            return _denoised(model, x[chosen], y[chosen], torch.Generator().manual_seed(self.seed))

        self._climb(
            model,
            lambda chosen: -_denoised(model, x[learn][chosen], y[learn][chosen], generator)[0],
            lambda: -judged(_JUDGED)[0],
            n // 2,
            generator,
        )
        with torch.no_grad():
            bits = judged(_SCORED)[1]
        # noisy samples of one sample are its own
        whose = torch.arange(_SCORED) % len(judge)
        times = whose.bincount()
        own = torch.zeros(len(times)).index_add_(0, whose, bits) / times
        return Estimate(float(bits.mean()), float(own.std()) / math.sqrt(len(times)))


def _denoised(
    model: Callable[[Tensor, Tensor | None, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Mean squared error of the noise that a model finds, and each sample's information in bits.

    Parameters
    ----------
    model : callable from (noisy x, y or None, λ of shape (N, 1)) to the noise
    x, y : Tensors of shapes (N, d_x) and (N, d_y)
        Each x is given noise once, the levels being spread over all samples.
    generator : torch.Generator
    """
    low, high = LEVELS
    n = len(x)
    places = torch.randperm(n, generator=generator) + torch.rand(n, generator=generator)
    level = low + (high - low) * places[:, None] / n
    noise = torch.randn(x.shape, generator=generator, dtype=x.dtype)
    noisy = level.sigmoid().sqrt() * x + (-level).sigmoid().sqrt() * noise
    alone, beside = model(noisy, None, level), model(noisy, y, level)
    error = (alone - noise).square().mean() + (beside - noise).square().mean()
    nats = (high - low) / 2 * (alone - beside).square().sum(dim=1)
    return error, nats / math.log(2)


class _Denoiser(nn.Module):
    """Finds the noise; at first, as if the samples were normal."""

    def __init__(self, d_x: int, d_y: int, hidden: int) -> None:
        super().__init__()
        self.of_x, self.of_y = nn.Linear(d_x, hidden), nn.Linear(d_y, hidden, bias=False)
        self.of_level = nn.Sequential(
            nn.Linear(4, hidden), nn.SiLU(), nn.Linear(hidden, 4 * hidden)
        )
        self.middle, self.last = nn.Linear(hidden, hidden), nn.Linear(hidden, d_x)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, noisy: Tensor, y: Tensor | None, level: Tensor) -> Tensor:
        signal, sigma = level.sigmoid().sqrt(), (-level).sigmoid().sqrt()
        beside = torch.full_like(level, float(y is not None))
        about = torch.cat([level / LEVELS[1], signal, sigma, beside], dim=1)
        scale, shift, scale_2, shift_2 = self.of_level(about).chunk(4, dim=1)
        found = self.of_x(noisy) if y is None else self.of_x(noisy) + self.of_y(y)
        found = silu(found * (1 + scale) + shift)
        found = found + silu(self.middle(found) * (1 + scale_2) + shift_2)
        # of a normal variable it is sigma times what is seen; the score differs by what is learnt
        return sigma * (noisy + signal * self.last(found))


LEVELS = (-6.0, 9.0)
"""Of λ. Below, there are less than 0.002 bits in a dimension; above is what is finer than 0.01
deviations, more than about 6 bits in a dimension."""

_JUDGED, _SCORED = 2**11, 2**14
"""Noisy samples on which training is judged, and from which the answer is."""
