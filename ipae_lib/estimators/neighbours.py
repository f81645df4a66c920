"""Mutual information by nearest neighbours, of Kraskov et al. (KSG) and of Gao et al. (LNC)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.special import digamma

from ipae_lib.estimate import Estimate
from ipae_lib.kernels import standardize
from ipae_lib.validation import ArrayLike, Count, Positive, as_pairs


@dataclass(frozen=True)
class NearestNeighbours:
    """KSG, equation (8) of Kraskov et al., with maximum norms on standardised dimensions.

    The standard error is that of the mean over samples, as if these were independent. Neighbours
    are not, so that it is a quarter too small for Gaussian variables of one dimension; and it knows
    nothing of the bias.

    As Kraskov et al. advise, noise of 1e-10 tells equal samples apart. Distances are computed
    between all pairs: a k-d tree is no faster in the dimensions of layers. So memory is O(N²).

    Parameters
    ----------
    neighbours : int
        k; they advise 2 to 4.
    """

    neighbours: Count = 3

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Estimate:
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
        inside = sum(digamma((to < radius).sum(axis=1) + 1) for to in (to_x, to_y))
        return _mean(digamma(k) + digamma(n) - inside)


@dataclass(frozen=True)
class LocallyNonUniform:
    """KSG's second estimator, equation (9), corrected where neighbours lie in a sheet (Gao et al.).

    KSG takes the density to be uniform in the box that the k neighbours of a sample span. Strong
    dependence makes them fill a part of it. Where the box along their principal axes is smaller by
    more than chance explains, its volume is taken instead. k neighbours need more dimensions to
    fill than there are, so that variables must have few: see `wrappers.Compressed`. The standard
    error is as that of `NearestNeighbours`.

    Parameters
    ----------
    neighbours : int
        k, above d_x + d_y.
    chance : float
        How often the box of uniform neighbours is taken for smaller; Gao et al. take 0.005.
    """

    neighbours: Count = 10
    chance: Positive = 0.005

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Estimate:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); can be a little below 0.

        Raises
        ------
        ValueError
            If there are no more samples than neighbours, or d_x + d_y is not below k.
        """
        x, y = as_pairs(x, y)
        (n, d_x), k = x.shape, self.neighbours
        d = d_x + y.shape[1]
        if n <= k or d >= k:
            raise ValueError(
                f"x and y have {n} samples and {d} dimensions together; {k} neighbours need more "
                "samples and fewer dimensions: compress the variables, or raise neighbours"
            )
        rng = np.random.default_rng(0)
        parts = [standardize(v).double().numpy(force=True) for v in (x, y)]
        both = np.concatenate(parts, axis=1)
        both = both + 1e-10 * rng.standard_normal(both.shape)
        # the sample itself is its own neighbour, at distance 0
        near = cKDTree(both).query(both, k + 1, p=np.inf)[1][:, 1:]
        around = both[near] - both[:, None]
        boxes = np.abs(around).max(axis=1)  # half the sides
        nats = np.full(n, digamma(k) - 1 / k + digamma(n))
        for own in (slice(None, d_x), slice(d_x, None)):
            radius = boxes[:, own].max(axis=1)
            tree = cKDTree(both[:, own])
            # the sample itself is counted in place of the one on the edge
            count = tree.query_ball_point(both[:, own], radius, p=np.inf, return_length=True) - 1
            nats -= digamma(count)
        smaller = _log_shares(around, boxes)
        return _mean(nats - np.where(smaller < _threshold(k, d, self.chance), smaller, 0))


def _mean(nats: np.ndarray) -> Estimate:
    """The mean over samples, in bits."""
    bits = nats / math.log(2)
    return Estimate(float(bits.mean()), float(bits.std(ddof=1)) / math.sqrt(len(bits)))


def _log_shares(around: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Log volume of the box along the principal axes over that of ``boxes``, (n, k, d) → (n,)."""
    _, axes = np.linalg.eigh(around.transpose(0, 2, 1) @ around)
    turned = np.abs(around @ axes).max(axis=1)
    return np.log(turned).sum(axis=1) - np.log(boxes).sum(axis=1)


@cache
def _threshold(k: int, d: int, chance: float) -> float:
    """Log share below which one in 1 / chance of uniform neighbours falls, by simulation."""
    around = np.random.default_rng(0).uniform(-1, 1, (20_000, k, d))
    return float(np.quantile(_log_shares(around, np.abs(around).max(axis=1)), chance))


def _distances(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    values = values + 1e-10 * rng.standard_normal(values.shape)
    distances = cdist(values, values, "chebyshev")
    np.fill_diagonal(distances, np.inf)  # a sample is no neighbour of itself
    return distances
