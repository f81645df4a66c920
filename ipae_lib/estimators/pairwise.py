"""Bounds on the information through added noise, from pairwise distances (Kolchinsky & Tracey).

The layer Y is taken to be a function of X that gets Gaussian noise. Then Y + R is a mixture of one
Gaussian for each sample, and I(X; Y+R) is the entropy of the mixture less that of the noise. X
does not enter: for a variable that is no function of X the answer is of another question.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ipae_lib.kernels import squared_distances
from ipae_lib.validation import ArrayLike, Positive, as_pairs


@dataclass(frozen=True)
class PairwiseUpper:
    """Upper bound, by Kullback–Leibler divergences between the Gaussians.

    Parameters
    ----------
    variance : float
        Of the noise in each dimension; Saxe et al. take 0.1.
    """

    variance: Positive = 0.1

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Tensor:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); at most log₂ N."""
        return _mixture_information(x, y, 2 * self.variance)


@dataclass(frozen=True)
class PairwiseLower(PairwiseUpper):
    """Lower bound, by Bhattacharyya distances between the Gaussians."""

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Tensor:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); at most log₂ N."""
        return _mixture_information(x, y, 8 * self.variance)


def _mixture_information(x: ArrayLike, y: ArrayLike, scale: float) -> Tensor:
    x, y = as_pairs(x, y)
    exponents = -squared_distances(y.double(), "y") / scale
    log_means = torch.logsumexp(exponents, dim=-1) - math.log(y.shape[-2])
    return -log_means.mean(dim=-1) / math.log(2)
