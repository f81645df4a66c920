"""Intrinsic dimension of samples, from how fast distances to neighbours grow, and from PCA.

Around a point of a d-dimensional manifold, the number of samples within a distance T grows as
T^d. Distances to the nearest neighbours alone therefore tell d, without any density.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from scipy import stats
from torch import Tensor

from ipae_lib.validation import ArrayLike, as_samples, check_count

_ROWS = 1_000
"""Samples whose distances are taken at once: bounds the memory."""


class Dimension(NamedTuple):
    """An estimated dimension with a 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """For a table, where no line breaks."""
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]".replace(" ", "\N{NBSP}")


def neighbour_distances(x: ArrayLike, k: int) -> Tensor:
    """Distances of every sample to its nearest neighbours.

    Parameters
    ----------
    x : array of shape (N, d)
        Of samples that occur several times all but one are dropped: a distance of zero would say
        that nothing varies there, and it is rounding or repetition that says so.
    k : int
        Neighbours, the sample itself not counted.

    Returns
    -------
    float64 Tensor of shape (N, k)
        In ascending order; N counts the distinct samples.

    Raises
    ------
    ValueError
        If there are not more than ``k`` distinct samples, or as `validation.as_samples`.
    """
    k = check_count(k, "k")
    x = as_samples(x).double()
    if x.ndim != 2:
        raise ValueError(f"x has shape {tuple(x.shape)}; give one set of samples, (N, d)")
    distinct = torch.unique(x, dim=0)
    if len(distinct) <= k:
        raise ValueError(
            f"x has {len(distinct)} distinct samples, which have no {k} neighbours; "
            "lower k or give more"
        )
    points = distinct - distinct.mean(
        0
    )  # distances by inner products lose digits far from the origin
    nearest = []
    for start in range(0, len(points), _ROWS):
        distances = torch.cdist(points[start : start + _ROWS], points)
        row = torch.arange(len(distances))
        distances[row, start + row] = torch.inf
        nearest.append(distances.topk(k, largest=False).values)
    return torch.cat(nearest)


def two_nn(distances: Tensor) -> Dimension:
    """Two-nearest-neighbours estimate of Facco et al. (2017), by maximum likelihood.

    Parameters
    ----------
    distances : Tensor of shape (N, k)
        From `neighbour_distances`, k ≥ 2; the first two count. They reach less far than any
        others, so that curvature and density matter least, and noise most.

    Raises
    ------
    ValueError
        As `maximum_likelihood`.
    """
    return maximum_likelihood(distances, 2)


def maximum_likelihood(distances: Tensor, k: int) -> Dimension:
    """Maximum-likelihood estimate of Levina & Bickel (2004), averaged as by MacKay & Ghahramani.

    1/d is the mean of log(T_k / T_j) over all samples and all j < k, where T_j is the distance to
    the j-th neighbour. With k = 2 this is `two_nn`.

    Parameters
    ----------
    distances : Tensor of shape (N, at least k)
        From `neighbour_distances`.
    k : int
        Neighbours used, at least 2.

    Returns
    -------
    Dimension
        The interval is Student's for the mean over the samples. It tells how well the estimate
        is known for this k and N, not how far it is from the dimension.

    Raises
    ------
    ValueError
        If ``k`` is below 2, there are fewer distances or a single sample, or if all neighbours
        are equally far.
    """
    k = check_count(k, "k", minimum=2, fix="one distance tells nothing of how distances grow")
    if distances.ndim != 2 or len(distances) < 2 or distances.shape[1] < k:
        raise ValueError(
            f"distances has shape {tuple(distances.shape)}; with k = {k} it needs (N, {k}), N at "
            f"least 2: neighbour_distances(x, {k})"
        )
    log = distances[:, :k].log()
    inverse = (log[:, -1:] - log[:, :-1]).mean(1)
    if inverse.mean() == 0:
        raise ValueError(f"distances has the same distance to all {k} neighbours of every sample")
    mean, error = float(inverse.mean()), stats.sem(inverse.numpy())
    low, high = stats.t.interval(0.95, len(inverse) - 1, mean, error)
    return Dimension(1 / mean, 1 / high, 1 / low if low > 0 else math.inf)


def participation_ratio(x: ArrayLike) -> float:
    """Effective number of principal components, (Σλ)² / Σλ² over the covariance's eigenvalues.

    Parameters
    ----------
    x : array of shape (N, d)

    Raises
    ------
    ValueError
        If nothing varies, or as `validation.as_samples`.
    """
    variances = _component_variances(x)
    return float(variances.sum() ** 2 / (variances**2).sum())


def principal_components(x: ArrayLike, share: float = 0.95) -> int:
    """Fewest principal components that hold that share of the variance.

    Parameters
    ----------
    x : array of shape (N, d)
    share : float
        Above 0, at most 1.

    Raises
    ------
    ValueError
        If ``share`` is out of its range, nothing varies, or as `validation.as_samples`.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is {share!r}; it must be above 0 and at most 1")
    held = _component_variances(x).cumsum(0)
    enough = share * (1 - 1e-12) * held[-1]
    return int((held < enough).sum()) + 1


def _component_variances(x: ArrayLike) -> Tensor:
    """Variances along the principal components, largest first, rounding errors set to zero."""
    x = as_samples(x).double()
    if x.ndim != 2:
        raise ValueError(f"x has shape {tuple(x.shape)}; give one set of samples, (N, d)")
    variances = torch.linalg.eigvalsh(x.T.cov(correction=0)).flip(0)
    if variances[0] <= 0:
        raise ValueError("x varies in no dimension; it needs samples that differ")
    return variances.clamp(min=0)
