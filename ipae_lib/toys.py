"""Toy problems whose mutual information is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ipae_lib.threads import in_threads
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


def estimate_correlated_gaussians(
    estimators: Mapping[str, Callable[[Tensor, Tensor], Any]],
    n: int,
    d: int,
    *,
    rhos: Sequence[float],
    runs: int,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> xr.DataArray:
    """Estimates of the mutual information of `correlated_gaussians` in independent runs, Sec. IV-A.

    Each run at each ρ has samples of its own, and all estimators get the same ones. What is
    drawn follows from ``seed``, ``n``, ``d``, the position of ρ in ``rhos`` and the number of
    the run: more runs add to those of a smaller call and leave them as they are.

    Parameters
    ----------
    estimators : mapping from name to estimator
        Each is called as ``estimator(x, y)`` with samples of shape (n, d) and returns bits, as
        a float or something that reads as one.
    n, d : int
        Samples and dimensions.
    rhos : sequence of float
        Correlation factors, −1 to 1.
    runs : int
        Independent runs at each ρ.
    seed : int
    device : str or torch.device
        Where the estimators get the samples; they are drawn on the CPU, so that the device
        does not change them.

    Returns
    -------
    DataArray ``information`` of dims (estimator, rho, run), in bits
        ``n`` and ``d`` are scalar coordinates, so that results concatenate along either.

    Raises
    ------
    ValueError
        If there is no estimator or no ρ, or a number is out of range.
    """
    if not estimators:
        raise ValueError("estimators is empty; give at least one, as {'name': estimator}")
    n, d, runs = check_count(n, "n", minimum=2), check_count(d, "d"), check_count(runs, "runs")
    seed = check_count(seed, "seed", minimum=0)
    rhos = [_check_correlation(rho) for rho in rhos]
    if not rhos:
        raise ValueError("rhos is empty; give at least one correlation factor, such as [0.5]")

    def estimate(run: tuple[int, int]) -> list[float]:
        (own_seed,) = np.random.SeedSequence([seed, n, d, *run]).generate_state(1)
        generator = torch.Generator().manual_seed(int(own_seed))
        x, y = correlated_gaussians(n, d, rhos[run[0]], generator)
        x, y = x.to(device), y.to(device)
        return [float(estimator(x, y)) for estimator in estimators.values()]

    # run beside run: matrices of this size gain nothing from several threads
    information = in_threads(estimate, np.ndindex(len(rhos), runs))
    return xr.DataArray(
        np.reshape(information, (len(rhos), runs, len(estimators))),
        dims=("rho", "run", "estimator"),
        coords={"estimator": list(estimators), "rho": rhos, "n": n, "d": d},
        name="information",
        attrs={"units": "bits", "seed": seed},
    ).transpose("estimator", "rho", "run")


def _check_correlation(rho: float) -> float:
    if not -1 <= rho <= 1:
        raise ValueError(f"rho is {rho!r}; a correlation lies between -1 and 1")
    return float(rho)
