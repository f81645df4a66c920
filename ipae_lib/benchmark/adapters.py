"""Estimators of the package ``benchmark-mi`` (bmi) here, and ours there.

Its interface is ``estimate(x, y)`` in nats and ``parameters()``. The package itself is not needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from ipae_lib.validation import ArrayLike, as_array, as_samples


class PointEstimator(Protocol):
    """An estimator as bmi asks for it."""

    def estimate(self, x: ArrayLike, y: ArrayLike) -> float:
        """Mutual information in nats, of arrays of shapes (N, d_x) and (N, d_y)."""


@dataclass(frozen=True)
class FromBmi:
    """An estimator with ``estimate(x, y)`` in nats, as a callable that gives bits.

    Raises
    ------
    ValueError
        If ``estimator`` has no method ``estimate``.
    """

    estimator: PointEstimator

    def __post_init__(self) -> None:
        if not callable(getattr(self.estimator, "estimate", None)):
            raise ValueError(
                f"estimator is {self.estimator!r}, without a method estimate(x, y); a callable "
                "(x, y) → bits needs no adapter"
            )

    def __call__(self, x: Tensor, y: Tensor) -> float:
        nats = self.estimator.estimate(as_array(x, "x"), as_array(y, "y"))
        return float(nats) / math.log(2)


@dataclass(frozen=True)
class ToBmi:
    """A callable (x, y) → bits as an estimator for bmi."""

    estimator: Callable[[Tensor, Tensor], Any]

    def estimate(self, x: ArrayLike, y: ArrayLike) -> float:
        """Mutual information in nats, of arrays of shapes (N, d_x) and (N, d_y)."""
        x, y = as_samples(x, "x").detach(), as_samples(y, "y").detach()
        with torch.no_grad():
            return float(self.estimator(x, y)) * math.log(2)

    def parameters(self) -> dict[str, Any]:
        """The settings of the estimator, where it is a dataclass."""
        if not is_dataclass(self.estimator):
            return {}
        return {f.name: getattr(self.estimator, f.name) for f in fields(self.estimator)}
