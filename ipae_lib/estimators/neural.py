"""Neural lower bounds on mutual information: a critic is trained on pairs, and scored on others."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

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
    return scores.diagonal().mean() - _apart(scores, m).logsumexp(0) + math.log(m * (m - 1))


def nwj(scores: Tensor) -> Tensor:
    """The bound of Nguyen, Wainwright & Jordan in nats, whose critic is shifted by 1.

    Minus infinity, an infinite loss, where the exponential of a score overflows.
    """
    scores, m = _square(scores)
    return scores.diagonal().mean() - _apart(scores, m).exp().mean() / math.e


def smile(scores: Tensor, clip: Positive = 5.0) -> Tensor:
    """SMILE (Song & Ermon) in nats: Donsker & Varadhan with scores of unpaired samples clipped.

    It is no bound. ``clip`` is τ; they train by `jensen_shannon`.
    """
    scores, m = _square(scores)
    most = min(clip, torch.finfo(scores.dtype).max)
    apart = _apart(scores, m).clamp(-most, most)
    return scores.diagonal().mean() - apart.logsumexp(0) + math.log(m * (m - 1))


def jensen_shannon(scores: Tensor) -> Tensor:
    """What trains the critic of SMILE: the Jensen–Shannon bound, up to constants."""
    scores, m = _square(scores)
    softplus = nn.functional.softplus
    return -softplus(-scores.diagonal()).mean() - softplus(_apart(scores, m)).mean()


def _apart(scores: Tensor, m: int) -> Tensor:
    """Scores of unpaired samples: all but the diagonal."""
    return scores.flatten()[:-1].view(m - 1, m + 1)[:, 1:].flatten()


def _square(scores: Tensor) -> tuple[Tensor, int]:
    """The scores and m; ValueError unless they are finite and of all pairs."""
    scores = as_float_tensor(scores, "scores")
    if scores.ndim != 2 or scores.shape[0] != scores.shape[1] or len(scores) < 2:
        raise ValueError(
            f"scores has shape {tuple(scores.shape)}; give (m, m), of all pairs of at least 2"
        )
    check_finite(scores, "scores")
    return scores, len(scores)


class Learner:
    """What learns from one half of the samples, and is judged on the other.

    Subclasses are dataclasses of these names, which `NeuralBound` describes.
    """

    steps: int
    patience: int
    learning_rate: float
    batch: int | None
    seed: int

    def _halves(self, n: int, make: Callable[[], nn.Module]) -> tuple[Tensor, Tensor, Any]:
        """Which samples to learn from, which judge, and a model with its first weights."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            order = torch.randperm(n)
            return order[: n // 2], order[n // 2 :], make()

    def _climb(
        self,
        model: nn.Module,
        objective: Callable[[slice | Tensor], Tensor],
        judged: Callable[[], Tensor],
        samples: int,
        generator: torch.Generator,
    ) -> Tensor:
        """Train by Adam until what judges rises no more; the model keeps the weights judged best.

        ``objective``, of which of the ``samples`` a step learns from, is made large. ``judged`` is
        of other samples, without gradient; its highest value comes back.
        """
        optimizer = torch.optim.Adam(model.parameters(), self.learning_rate, fused=True)
        best = mark = torch.tensor(-math.inf)
        mark_step, weights = 0, deepcopy(model.state_dict())
        for step in range(1, self.steps + 1):
            chosen: slice | Tensor = slice(None)
            if self.batch is not None and self.batch < samples:
                chosen = torch.randperm(samples, generator=generator)[: self.batch]
            optimizer.zero_grad(set_to_none=True)
            (-objective(chosen)).backward()
            optimizer.step()
            if step % _JUDGED_EVERY and step < self.steps:
                continue
            with torch.no_grad():
                found = judged()
            if found > best:
                best, weights = found, deepcopy(model.state_dict())
            if best > mark + LEAST_GAIN:
                mark, mark_step = best, step
            elif step - mark_step >= self.patience:
                break
        model.load_state_dict(weights)
        return best


@dataclass(frozen=True)
class NeuralBound(Learner):
    """A lower bound that a small critic has learnt to make large.

    A separable critic is f(x, y) = g(x)·h(y), with g and h of one hidden layer. A joint one sees
    both at once, in two hidden layers; Czyż et al. advise it. As they advise, too, the critic is
    trained on half of the samples until the bound on the other half rises no more, and the
    highest bound on that half is the answer. Learning rate and patience were chosen on problems
    that the benchmark does not ask.

    Parameters
    ----------
    bound : callable from scores (m, m) to nats
        `info_nce`, `donsker_varadhan`, `nwj` or `smile`; row i, column j is the score of
        (x_i, y_j).
    steps : int
        Of Adam at most, each on all training pairs, or on ``batch`` of them.
    patience : int
        Steps after which training stops if the bound on the other half has not gained
        `LEAST_GAIN`.
    seed : int
        Of the split, the batches and the first weights.
    objective : callable, optional
        What the critic is trained to make large, where that is not the bound.
    critic : "separable" or "joint"
    batch : int, optional
        Pairs in a step, and in each block on which the bound is judged; all by default.
    """

    bound: Callable[[Tensor], Tensor]
    steps: Count = 2000
    patience: Count = 100
    learning_rate: Positive = 1e-3
    hidden: Count = 64
    features: Count = 32
    seed: Natural = 0
    objective: Callable[[Tensor], Tensor] | None = None
    critic: Literal["separable", "joint"] = "separable"
    batch: Count | None = None

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Tensor:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); can be below 0."""
        x, y = as_pairs(x, y)
        n = x.shape[-2]
        if n < 8:
            raise ValueError(f"x has {n} samples; a critic needs at least 8 to learn and be scored")
        *halves, critic = self._halves(n, lambda: self._critic(x.shape[-1], y.shape[-1]))
        pair = [standardize(v.detach()).float() for v in (x, y)]
        learn, judge = ([v[half] for v in pair] for half in halves)
        best = self._climb(
            critic,
            lambda chosen: (self.objective or self.bound)(critic(*(v[chosen] for v in learn))),
            lambda: self._judged(critic, *judge),
            n // 2,
            torch.Generator().manual_seed(self.seed),
        )
        return best / math.log(2)

    def _judged(self, critic: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        """The bound on pairs that were not learnt from, the mean over blocks of a batch or more."""
        blocks = 1 if self.batch is None else max(1, len(x) // self.batch)
        parts = zip(x.tensor_split(blocks), y.tensor_split(blocks), strict=True)
        return torch.stack([self.bound(critic(*part)) for part in parts]).mean()

    def _critic(self, d_x: int, d_y: int) -> nn.Module:
        kinds = {"separable": _Separable, "joint": _Joint}
        return kinds[self.critic](d_x, d_y, self.hidden, self.features)


class _Separable(nn.Module):
    """Scores g(x_i)·h(y_j) of all pairs, (m, d_x), (m, d_y) → (m, m)."""

    def __init__(self, d_x: int, d_y: int, hidden: int, features: int) -> None:
        super().__init__()
        self.g, self.h = (
            nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, features))
            for d in (d_x, d_y)
        )

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.g(x) @ self.h(y).mT


class _Joint(nn.Module):
    """Scores f(x_i, y_j) of all pairs; each part of the first layer is made once."""

    def __init__(self, d_x: int, d_y: int, hidden: int, features: int) -> None:
        super().__init__()
        self.of_x, self.of_y = nn.Linear(d_x, hidden), nn.Linear(d_y, hidden, bias=False)
        self.rest = nn.Sequential(
            nn.ReLU(), nn.Linear(hidden, features), nn.ReLU(), nn.Linear(features, 1)
        )

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.rest(self.of_x(x)[:, None] + self.of_y(y)[None])[..., 0]


LEAST_GAIN = 1e-3
"""Nats, or squared deviations; between discrete variables a bound would creep up for thousands of
steps."""

_JUDGED_EVERY = 10
"""Steps."""
