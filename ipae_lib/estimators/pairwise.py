"""Bounds on the information through known noise, from pairwise distances (Kolchinsky & Tracey).

T + R with normal noise R of variance s² is, given the samples of T, a mixture of one Gaussian for
each. The entropy of the mixture lies between two functions of the distances between its centres.
I(X; T+R) is that entropy less the one given X: that of the noise, if T is a function of X and all
X differ, and that of the mixture of each class, if X is a label. **T must come without noise**:
noise that is in it already would count a second time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ipae_lib.kernels import squared_distances
from ipae_lib.validation import ArrayLike, Scale, as_pairs

_KULLBACK_LEIBLER, _BHATTACHARYYA = 2, 8
"""Exponents are −‖t_i − t_j‖² over so many s²."""


@dataclass(frozen=True)
class PairwiseUpper:
    """Upper bound: the mixture's entropy by Kullback–Leibler divergences.

    What X leaves open is bounded from below, by Bhattacharyya distances.

    Parameters
    ----------
    variance : float
        Of the noise in each dimension, where none is told; Saxe et al. take 0.1.
    """

    variance: Scale = 0.1

    def __call__(self, x: ArrayLike, t: ArrayLike) -> Tensor:
        """Bits of I(X; T+R) with noise of `variance`; see `through_noise`."""
        return self.through_noise(x, t, math.sqrt(self.variance))

    def through_noise(self, x: ArrayLike, t: ArrayLike, s: Scale) -> Tensor:
        """Bits of I(X; T+R), at most log₂ N.

        Parameters
        ----------
        x : array of shape (N, d_x)
            Equal rows are one value of X.
        t : array of shape (N, d)
            T without noise.
        s : float
            Standard deviation of the noise in each dimension.

        Raises
        ------
        TypeError, ValueError
            If the arrays are no pairs of samples, or ``s`` is not above 0.
        """
        return _information(x, t, s, _KULLBACK_LEIBLER, _BHATTACHARYYA)


@dataclass(frozen=True)
class PairwiseLower(PairwiseUpper):
    """Lower bound: the mixture's entropy by Bhattacharyya distances.

    What X leaves open is bounded from above, by Kullback–Leibler divergences. For a label the
    difference can be below 0.
    """

    def through_noise(self, x: ArrayLike, t: ArrayLike, s: Scale) -> Tensor:
        """Bits of I(X; T+R); see `PairwiseUpper.through_noise`."""
        return _information(x, t, s, _BHATTACHARYYA, _KULLBACK_LEIBLER)


def _information(x: ArrayLike, t: ArrayLike, s: float, whole: int, given: int) -> Tensor:
    x, t = as_pairs(x, t, "x", "t")
    distances = squared_distances(t.double(), "t") / s**2
    kinds = torch.unique(x, dim=0, return_inverse=True)[1]
    known = torch.zeros_like(distances[0, 0])
    if int(kinds.max()) + 1 < len(t):
        same = kinds[:, None] == kinds
        known = _spread(distances.where(same, math.inf), given, same.sum(1))
    return _spread(distances, whole, torch.tensor(len(t))) - known


def _spread(distances: Tensor, scale: int, counts: Tensor) -> Tensor:
    """Bits of each sample's mixture of ``counts`` Gaussians less those of one, the mean."""
    log_means = torch.logsumexp(-distances / scale, dim=-1) - counts.log()
    return -log_means.mean() / math.log(2)
