"""Toy problems whose mutual information is known."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ipae_lib.validation import check_count


def correlated_gaussians(
    n: int,
    d: int,
    rho: float,
    generator: torch.Generator | None = None,
    batch_shape: tuple[int, ...] = (),
) -> tuple[Tensor, Tensor]:
    """Samples of two standard normal vectors with corr(X_i, Y_j) = δ_ij ρ, Sec. IV-A.

    Parameters
    ----------
    n, d : int
        Samples and dimensions.
    rho : float
        Correlation factor, −1 to 1.
    generator : torch.Generator, optional
        Source of randomness; its seed makes the samples reproducible.
    batch_shape : tuple of int
        Leading dimensions: independent repetitions.

    Returns
    -------
    x, y : float64 Tensors of shape (*batch_shape, n, d)

    Raises
    ------
    ValueError
        If ``n``, ``d`` or ``rho`` is out of range.
    """
    shape = (*batch_shape, check_count(n, "n"), check_count(d, "d"))
    rho = _check_correlation(rho)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    return x, rho * x + math.sqrt(1 - rho**2) * noise


def correlated_gaussians_mi(d: int, rho: float) -> float:
    """Exact I(X;Y) = −(d/2) log₂(1 − ρ²) of `correlated_gaussians`, in bits, equation (31).

    Infinite at ρ = ±1.

    Raises
    ------
    ValueError
        If ``d`` or ``rho`` is out of range.

    Examples
    --------
    >>> round(correlated_gaussians_mi(d=2, rho=0.75**0.5), 12)
    2.0
    """
    d, rho = check_count(d, "d"), _check_correlation(rho)
    return math.inf if abs(rho) == 1 else -d / 2 * math.log2(1 - rho**2)


def _check_correlation(rho: float) -> float:
    if not -1 <= rho <= 1:
        raise ValueError(f"rho is {rho!r}; a correlation lies between -1 and 1")
    return float(rho)
