"""What is done around an estimator: samples are compressed first, or a floor is subtracted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ipae_lib.validation import ArrayLike, Count, Natural, as_pairs


@dataclass(frozen=True)
class Compressed:
    """An estimator of the first principal components of each variable.

    What a function of a variable tells is never more than what the variable tells; what the other
    components knew is lost.

    Parameters
    ----------
    estimator : callable (x, y) → bits
    dimensions : int
        Components that are kept, at most. They keep their variances.
    """

    estimator: Callable[[Tensor, Tensor], Any]
    dimensions: Count = 4

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any:
        """Bits, of samples of shapes (N, d_x) and (N, d_y)."""
        return self.estimator(*(self._components(v) for v in as_pairs(x, y)))

    def _components(self, x: Tensor) -> Tensor:
        if x.shape[-1] <= self.dimensions:
            return x
        x = x.double() - x.double().mean(0)
        left, lengths, _ = torch.linalg.svd(x, full_matrices=False)
        return (left * lengths)[:, : self.dimensions]


@dataclass(frozen=True)
class ShuffleCorrected:
    """An estimate less that of shuffled pairs, whose information is 0.

    The floor of few samples goes, and where estimates saturate more than the floor: both are near
    log₂ N there.

    Parameters
    ----------
    estimator : callable (x, y) → bits
    shuffles : int
        The mean over so many is subtracted.
    seed : int
        Of the shuffles. No sample keeps its partner.
    """

    estimator: Callable[[Tensor, Tensor], Any]
    shuffles: Count = 1
    seed: Natural = 0

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); can be below 0."""
        x, y = as_pairs(x, y)
        n = x.shape[-2]
        generator = torch.Generator().manual_seed(self.seed)
        floor = 0.0
        for _ in range(self.shuffles):
            order = torch.randperm(n, generator=generator)
            partner = torch.empty_like(order)
            partner[order] = order.roll(1)  # one cycle through all samples
            floor += float(self.estimator(x, y[partner])) / self.shuffles
        return float(self.estimator(x, y)) - floor
