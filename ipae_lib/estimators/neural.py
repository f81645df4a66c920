"""Neural lower bounds on mutual information: a critic is trained on pairs, and scored on others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ipae_lib.kernels import standardize
from ipae_lib.validation import (
    ArrayLike,
    Count,
    Natural,
    Positive,
    as_float_tensor,
    as_pairs,
    check_finite,
)


def info_nce(scores: Tensor) -> Tensor:
    """InfoNCE (van den Oord et al.) in nats; at most log m, of scores (m, m) of all pairs."""
    scores, m = _square(scores)
    return math.log(m) + torch.log_softmax(scores, dim=1).diagonal().mean()


def donsker_varadhan(scores: Tensor) -> Tensor:
    """The bound of Donsker & Varadhan in nats, as in MINE (Belghazi et al.)."""
    scores, m = _square(scores)
    apart = scores.flatten()[:-1].view(m - 1, m + 1)[:, 1:]  # all but the diagonal
    return scores.diagonal().mean() - apart.flatten().logsumexp(0) + math.log(m * (m - 1))


def _square(scores: Tensor) -> tuple[Tensor, int]:
    """The scores and m; ValueError unless they are finite and of all pairs."""
    scores = as_float_tensor(scores, "scores")
    if scores.ndim != 2 or scores.shape[0] != scores.shape[1] or len(scores) < 2:
        raise ValueError(
            f"scores has shape {tuple(scores.shape)}; give (m, m), of all pairs of at least 2"
        )
    check_finite(scores, "scores")
    return scores, len(scores)


@dataclass(frozen=True)
class NeuralBound:
    """A lower bound that a small critic has learnt to make large.

    The critic is f(x, y) = g(x)·h(y), with g and h of one hidden layer. As Czyż et al. advise, it
    is trained on half of the samples until the bound on the other half rises no more, and the
    highest bound on that half is the answer. Learning rate and patience were chosen on problems
    that the benchmark does not ask.

    Parameters
    ----------
    bound : callable from scores (m, m) to nats
        `info_nce` or `donsker_varadhan`; row i, column j is the score of (x_i, y_j).
    steps : int
        Of Adam at most, each on all training pairs.
    patience : int
        Steps after which training stops if the bound on the other half has not gained
        `LEAST_GAIN`.
    seed : int
        Of the split and of the first weights.
    """

    bound: Callable[[Tensor], Tensor]
    steps: Count = 2000
    patience: Count = 100
    learning_rate: Positive = 1e-3
    hidden: Count = 64
    features: Count = 32
    seed: Natural = 0

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Tensor:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); can be below 0."""
        x, y = as_pairs(x, y)
        n = x.shape[-2]
        if n < 8:
            raise ValueError(f"x has {n} samples; a critic needs at least 8 to learn and be scored")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            order = torch.randperm(n)
            g, h = (self._network(v.shape[-1]) for v in (x, y))
        x, y = (standardize(v.detach()).float()[order] for v in (x, y))
        learn, judge = slice(0, n // 2), slice(n // 2, n)
        optimizer = torch.optim.Adam(
            [*g.parameters(), *h.parameters()], self.learning_rate, fused=True
        )
        best = mark = torch.tensor(-math.inf)
        mark_step = 0
        for step in range(1, self.steps + 1):
            optimizer.zero_grad(set_to_none=True)
            (-self.bound(g(x[learn]) @ h(y[learn]).mT)).backward()
            optimizer.step()
            if step % _JUDGED_EVERY and step < self.steps:
                continue
            with torch.no_grad():
                found = self.bound(g(x[judge]) @ h(y[judge]).mT)
            best = torch.maximum(best, found)
            if best > mark + LEAST_GAIN:
                mark, mark_step = best, step
            elif step - mark_step >= self.patience:
                break
        return best / math.log(2)

    def _network(self, d: int) -> nn.Module:
        return nn.Sequential(
            nn.Linear(d, self.hidden), nn.ReLU(), nn.Linear(self.hidden, self.features)
        )


LEAST_GAIN = 1e-3
"""Nats; between discrete variables the bound would creep up for thousands of steps."""

_JUDGED_EVERY = 10
"""Steps."""
