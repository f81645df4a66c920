"""Mutual information by nearest neighbours: the first estimator of Kraskov et al. (KSG)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import digamma

from ipae_lib.kernels import standardize
from ipae_lib.validation import ArrayLike, Count, as_pairs


@dataclass(frozen=True)
class NearestNeighbours:
    """KSG, equation (8) of Kraskov et al., with maximum norms on standardised dimensions.

    As they advise, noise of 1e-10 tells equal samples apart. Distances are computed between all
    pairs: a k-d tree is no faster in the dimensions of layers. So memory is O(N²).

    Parameters
    ----------
    neighbours : int
        k; they advise 2 to 4.
    """

    neighbours: Count = 3

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); can be a little below 0."""
        x, y = as_pairs(x, y)
        n, k = x.shape[-2], self.neighbours
        if n <= k:
            raise ValueError(f"x has {n} samples; {k} neighbours need at least {k + 1}")
        rng = np.random.default_rng(0)
        to_x, to_y = (
            _distances(v.double().numpy(force=True), rng) for v in map(standardize, (x, y))
        )
        radius = np.partition(np.maximum(to_x, to_y), k - 1, axis=1)[:, k - 1, None]
        inside = [digamma((to < radius).sum(axis=1) + 1).mean() for to in (to_x, to_y)]
        return float((digamma(k) + digamma(n) - sum(inside)) / math.log(2))


def _distances(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    values = values + 1e-10 * rng.standard_normal(values.shape)
    distances = cdist(values, values, "chebyshev")
    np.fill_diagonal(distances, np.inf)  # a sample is no neighbour of itself
    return distances
