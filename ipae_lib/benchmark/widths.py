"""Kernel widths that are taken from the samples, for the matrix-based estimator."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ipae_lib import entropy, kernels
from ipae_lib.validation import ArrayLike, as_samples, check_positive, check_same_samples


@dataclass(frozen=True)
class SampleWidthRenyi:
    """The matrix-based Rényi estimator whose width is a function of the standardised samples.

    Parameters
    ----------
    rule : callable (N, d) Tensor → σ
    alpha : float
        Order of the entropy.
    """

    rule: Callable[[Tensor], float]
    alpha: float = 1.01

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Tensor:
        """Bits, of samples of shapes (N, d_x) and (N, d_y)."""
        x, y = as_samples(x), as_samples(y, "y")
        check_same_samples(x, y)
        return entropy.mutual_information(self.represent(x), self.represent(y), self.alpha)

    def represent(self, x: ArrayLike, name: str | None = None) -> Tensor:
        """Gram matrix (17) of a variable: (N, d) → (N, N)."""
        x = kernels.standardize(as_samples(x, name or "x"))
        return kernels.gaussian_gram(x, self.rule(x))

    def join(self, a: Tensor, b: Tensor) -> Tensor:
        """Gram matrix of two variables together, as in (19)."""
        return entropy.joint_gram(a, b)

    def entropy_of(self, representation: Tensor) -> Tensor:
        """Entropy (18) in bits."""
        return entropy.renyi_entropy(representation, self.alpha)

    def variable_names(self) -> frozenset[str]:
        """No variable has settings of its own."""
        return frozenset()


@dataclass(frozen=True)
class MedianDistance:
    """The median distance between two samples; 1 where all are the same."""

    def __call__(self, x: Tensor) -> float:
        n = x.shape[-2]
        above = torch.triu_indices(n, n, offset=1, device=x.device)
        return float(kernels.squared_distances(x)[above[0], above[1]].median().sqrt()) or 1.0


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

    def __call__(self, x: Tensor) -> float:
        d = participation_ratio(x)
        return self.gamma * math.sqrt(d) * x.shape[-2] ** (-1 / (4 + d))


def participation_ratio(x: Tensor) -> float:
    """(Σ λ)² / Σ λ² of the covariance's eigenvalues λ, of samples (N, d); 1 if nothing varies."""
    x = x - x.mean(dim=-2, keepdim=True)
    small = x if x.shape[-2] > x.shape[-1] else x.mT
    product = small.mT @ small  # its eigenvalues are N times those of the covariance
    squares = float((product**2).sum())
    return float(product.trace()) ** 2 / squares if squares > 0 else 1.0


@dataclass(frozen=True)
class EntropyShare:
    """The width at which a variable's entropy is a given share of log₂ N.

    The entropy is that of order 2, −log₂ Σ A_ij², which needs no eigenvalues. Variables then
    have the same entropy, whatever their scale and dimension.

    Parameters
    ----------
    share : float
        Above 0 and below 1.
    """

    share: float

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is {self.share!r}; it must lie between 0 and 1")

    def __call__(self, x: Tensor) -> float:
        distances = kernels.squared_distances(x)
        n, largest = x.shape[-2], float(distances.max())
        if largest == 0:
            return 1.0
        low, high = math.log(1e-4 * largest), math.log(1e4 * largest)  # of 2σ²
        for _ in range(40):
            middle = (low + high) / 2
            gram = torch.exp(distances / -math.exp(middle)) / n
            entropy_2 = -math.log2(float((gram**2).sum()))
            low, high = (middle, high) if entropy_2 > self.share * math.log2(n) else (low, middle)
        return math.sqrt(math.exp(low) / 2)
