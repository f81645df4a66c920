"""Toy problems whose mutual information is known."""

from __future__ import annotations

import math
from numbers import Real
from typing import Annotated, Any

import torch
from torch import Tensor

from ipae_lib.arguments import AnyFloat
from ipae_lib.validation import Count, Natural


def check_correlation(value: Any, name: str) -> float:
    """``value`` as a float; ValueError unless it is a number from −1 to 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not -1 <= float(value) <= 1:
        raise ValueError(f"{name} is {value!r}; a correlation lies between -1 and 1")
    return float(value)


Correlation = Annotated[float, check_correlation]


def correlated_gaussians(
    n: Count,
    d: Count,
    rho: Correlation,
    generator: torch.Generator | None = None,
    batch_shape: tuple[Natural, ...] = (),
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
    x, y : float64 Tensors of shape (..., n, d), after ``batch_shape``

    Raises
    ------
    ValueError
        If ``n``, ``d`` or ``rho`` is out of range.
    """
    shape = (*batch_shape, n, d)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    return x, rho * x + math.sqrt(1 - rho**2) * noise


def correlated_gaussians_mi(d: Count, rho: Correlation) -> AnyFloat:
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
    return math.inf if abs(rho) == 1 else -d / 2 * math.log2(1 - rho**2)
