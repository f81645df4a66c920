"""Kernel widths that are taken from the samples, tried beside those of `kernels`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ipae_lib import kernels
from ipae_lib.validation import check_positive


@dataclass(frozen=True)
class MedianDistance:
    """The median distance between two samples; 1 where it is 0."""

    def of_samples(self, x: Tensor) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...)."""
        n = x.shape[-2]
        above = torch.triu_indices(n, n, offset=1, device=x.device)
        pairs = kernels.squared_distances(x)[..., above[0], above[1]]
        median = pairs.median(dim=-1).values.sqrt()
        return torch.where(median > 0, median, 1.0)


@dataclass(frozen=True)
class EffectiveDimension:
    """The proposed rule (30) with the effective dimension in place of d.

    It is the participation ratio (Σ λ)² / Σ λ² of the eigenvalues λ of the covariance: d if all
    directions vary alike, 1 if only one varies.

    Parameters
    ----------
    gamma : float
    """

    gamma: float

    def __post_init__(self) -> None:
        check_positive(self.gamma, "gamma")

    def of_samples(self, x: Tensor) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...)."""
        d = participation_ratio(x)
        return self.gamma * d.sqrt() * x.shape[-2] ** (-1 / (4 + d))


def participation_ratio(x: Tensor) -> Tensor:
    """(Σ λ)² / Σ λ² of the covariance's eigenvalues λ, (..., N, d) → (...); 1 if nothing varies."""
    x = x - x.mean(dim=-2, keepdim=True)
    small = x if x.shape[-2] > x.shape[-1] else x.mT
    product = small.mT @ small  # its eigenvalues are N times those of the covariance
    squares = (product**2).sum(dim=(-2, -1))
    trace = torch.diagonal(product, dim1=-2, dim2=-1).sum(-1)
    return torch.where(squares > 0, trace**2 / squares, 1.0)
