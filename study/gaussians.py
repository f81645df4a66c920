"""The paper's experiment with correlated Gaussians, Sec. IV-A and its Figs. 3 and 4.

Two width rules estimate the same samples again and again; the exact value is that of
`ipae_lib.toys.correlated_gaussians_mi`, equation (31).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ipae_lib.estimand import gaussian_information
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import KernelWidth, PreviousWidth, ProposedWidth
from ipae_lib.threads import in_threads
from ipae_lib.toys import correlated_gaussians, correlated_gaussians_mi
from ipae_lib.validation import check_count

SAMPLES = 128
"""N of Fig. 3."""

DIMENSIONS = (10, 100, 1000)
"""d of Fig. 3."""

MORE_SAMPLES = (256, 512)
"""N of Fig. 4, beside `SAMPLES`."""

RHOS = tuple(np.linspace(-0.9, 0.9, 19).round(1).tolist())
"""Correlations of both figures."""

RULES = {
    "previous": MatrixRenyi(PreviousWidth(2 * math.sqrt(10)), standardize=False),
    "proposed": MatrixRenyi(ProposedWidth(2)),
}
"""The two rules with the constants of Sec. IV-A, which make their widths equal for d = 10."""


def estimates(
    estimators: Mapping[str, Callable[[Tensor, Tensor], Any]],
    n: int,
    d: int,
    *,
    rhos: Sequence[float] = RHOS,
    runs: int,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> xr.DataArray:
    """Estimates of the information of correlated Gaussians in independent runs.

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
    DataArray ``mutual_information`` of dims (estimator, rho, run), in bits
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
    if not len(rhos):
        raise ValueError("rhos is empty; give at least one correlation factor, such as [0.5]")
    for rho in rhos:
        correlated_gaussians_mi(d, rho)  # refuses what is no correlation, before any work

    def estimate(run: tuple[int, int]) -> list[float]:
        (own_seed,) = np.random.SeedSequence([seed, n, d, *run]).generate_state(1)
        generator = torch.Generator().manual_seed(int(own_seed))
        x, y = correlated_gaussians(n, d, rhos[run[0]], generator)
        x, y = x.to(device), y.to(device)
        return [float(estimator(x, y)) for estimator in estimators.values()]

    # run beside run: matrices of this size gain nothing from several threads
    found = in_threads(estimate, np.ndindex(len(rhos), runs))
    return xr.DataArray(
        np.reshape(found, (len(rhos), runs, len(estimators))),
        dims=("rho", "run", "estimator"),
        coords={"estimator": list(estimators), "rho": list(rhos), "n": n, "d": d},
        name="mutual_information",
        attrs={"units": "bits", "seed": seed},
    ).transpose("estimator", "rho", "run")


def estimand(estimator: MatrixRenyi, n: int, d: int, rho: float) -> float:
    """What the estimator would tend to for many samples of this problem, with its width for n.

    Variables of variance 1 are standardised already. The d pairs are independent, so their
    information adds.

    Parameters
    ----------
    estimator : MatrixRenyi
        With a rule for its width that looks at n and d only.
    n, d : int
    rho : float

    Returns
    -------
    float, in bits

    Raises
    ------
    ValueError
        If ``n``, ``d`` or ``rho`` is out of range.

    Examples
    --------
    >>> round(estimand(RULES["proposed"], n=128, d=10, rho=0.9), 3)
    0.745
    """
    correlated_gaussians_mi(d, rho)  # refuses what is no correlation
    sigma = cast(KernelWidth, estimator.width)(n, d)
    one = np.array([[1, rho], [rho, 1]])
    return d * gaussian_information(one, 1, sigma, sigma, estimator.alpha)


def estimands(estimates: xr.DataArray) -> xr.DataArray:
    """`estimand` of each mean over runs of `by_dimension` or `by_samples`, in bits.

    Parameters
    ----------
    estimates : DataArray of dims (run, …)
        Of `RULES`, which its coordinate ``estimator`` names, with the coordinates n, d and rho.

    Returns
    -------
    DataArray of the other dims
    """
    means = estimates.mean("run")

    def of(name: str, n: int, d: int, rho: float) -> float:
        return estimand(RULES[name], int(n), int(d), rho)

    coords = (means[name] for name in ("estimator", "n", "d", "rho"))
    return xr.apply_ufunc(of, *coords, vectorize=True).transpose(*means.dims)


def by_dimension(runs: int, device: str | torch.device = "cpu", seed: int = 0) -> xr.DataArray:
    """Fig. 3: both rules in `DIMENSIONS`, N = `SAMPLES`; ``seed`` as in `estimates`.

    Returns
    -------
    DataArray of dims (d, estimator, rho, run), in bits
        Rounded to 10⁻⁹ bits: rounding errors must not put saturated estimates, which are all the
        same, in an order.
    """
    of_each = [
        estimates(RULES, SAMPLES, d, runs=runs, device=device, seed=seed) for d in DIMENSIONS
    ]
    return xr.concat(of_each, dim="d").round(9)


def by_samples(figure_3: xr.DataArray, device: str | torch.device = "cpu") -> xr.DataArray:
    """Fig. 4: the proposed rule in 100 dimensions, with more samples.

    Parameters
    ----------
    figure_3 : DataArray
        What `by_dimension` gives: it holds the smallest N, and sets the number of runs and the
        seed.
    device : str or torch.device

    Returns
    -------
    DataArray of dims (n, rho, run), in bits
        Rounded like those of Fig. 3.
    """
    rule = {"proposed": RULES["proposed"]}
    runs = figure_3.sizes["run"]
    seed = figure_3.attrs["seed"]
    more = [estimates(rule, n, 100, runs=runs, device=device, seed=seed) for n in MORE_SAMPLES]
    fewest = figure_3.sel(d=100, estimator=["proposed"])
    return xr.concat([fewest, *more], dim="n").sel(estimator="proposed").round(9)


VARIED: dict[str, tuple[float, ...]] = {
    "n": (32, 64, 128, 256, 512),
    "d": (1, 3, 10, 30, 100, 300, 1000),
    "rho": (0.1, 0.3, 0.5, 0.7, 0.9, 0.99),
    "gamma": (0.25, 0.5, 1.0, 1.4, 2.0, 4.0, 8.0),
}
"""What `splits` varies, one at a time, around `AROUND`."""

AROUND: dict[str, float] = {"n": SAMPLES, "d": 10, "rho": 0.5, "gamma": 2.0}


def splits(runs: int, device: str | torch.device = "cpu") -> dict[str, xr.Dataset]:
    """Truth, estimand and estimates of the proposed rule, where one setting varies.

    Returns
    -------
    dict from each name of `VARIED` to Dataset, in bits
        ``truth`` and ``estimand`` over that name, ``estimate`` over it and run.
    """

    def case(n: float, d: float, rho: float, gamma: float) -> xr.Dataset:
        estimator, n, d = MatrixRenyi(ProposedWidth(gamma)), int(n), int(d)
        found = estimates({"it": estimator}, n, d, rhos=[rho], runs=runs, device=device)
        return xr.Dataset(
            {
                "truth": correlated_gaussians_mi(d, rho),
                "estimand": estimand(estimator, n, d, rho),
                "estimate": found.isel(estimator=0, rho=0, drop=True).drop_vars(["n", "d"]),
            }
        )

    return {
        name: xr.concat(
            [case(**{**AROUND, name: value}) for value in values], xr.Variable(name, list(values))
        )
        for name, values in VARIED.items()
    }


def at(estimates: xr.DataArray, rho: float) -> xr.DataArray:
    """Mean of the estimates at ρ and at −ρ: only chance makes them differ."""
    return estimates.sel(rho=[-rho, rho]).mean("rho")


def resolution(estimates: xr.DataArray) -> xr.DataArray:
    """Range of the estimates over ρ, the paper's word: both ends, |ρ| = 0.9, less the middle."""
    return at(estimates, 0.9) - at(estimates, 0)
