"""Mutual information by binning: values are replaced by the number of their bin, and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ipae_lib.discrete import discrete_mutual_information
from ipae_lib.validation import ArrayLike, Several, as_pairs


@dataclass(frozen=True)
class EqualBins:
    """Bins of equal width between the least and the largest value of a layer.

    Shwartz-Ziv & Tishby take 30 between −1 and 1, the range of their tanh units.

    Parameters
    ----------
    bins : int
    """

    bins: Several = 30

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Information in bits of samples of shapes (N, d_x) and (N, d_y)."""
        return _counted(x, y, self._edges)

    def _edges(self, values: np.ndarray) -> np.ndarray:
        return np.linspace(values.min(), values.max(), self.bins + 1)[1:-1]


@dataclass(frozen=True)
class AdaptiveBins(EqualBins):
    """Bins that hold equally many of a layer's different values (Chelombiev et al.): 30 of them."""

    def _edges(self, values: np.ndarray) -> np.ndarray:
        return np.quantile(np.unique(values), np.linspace(0, 1, self.bins + 1)[1:-1])


def _counted(x: ArrayLike, y: ArrayLike, edges: Callable[[np.ndarray], np.ndarray]) -> float:
    x, y = as_pairs(x, y)
    codes = [np.digitize(values, edges(values)) for values in (_array(x), _array(y))]
    return discrete_mutual_information(*codes)


def _array(x: Tensor) -> np.ndarray:
    return x.detach().cpu().numpy().astype(float)
