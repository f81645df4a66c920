"""Chapter 4, correlated Gaussians: how much of the truth is in an estimate.

Estimates come from `study.gaussians`, in bits, with dimensions rho and run and perhaps others.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.kernels import KernelWidth
from ipae_lib.toys import correlated_gaussians_mi
from study.gaussians import AROUND, SAMPLES, at, resolution


def with_error(values: xr.DataArray) -> xr.DataArray:
    r"""Mean over runs and its standard error as text on one line, to the first digit of the error.

    Examples
    --------
    >>> with_error(xr.DataArray([0.50, 0.54], dims="run")).item()
    '0.52\xa0±\xa00.02'
    """

    def text(mean: float, error: float) -> str:
        # an error of 0 has no first digit
        digits = min(5, max(0, -math.floor(math.log10(error + 1e-9))))
        rounded = round(mean, digits) + 0.0
        return f"{rounded:.{digits}f}\N{NBSP}±\N{NBSP}{error:.{digits}f}"

    error = values.std("run", ddof=1) / math.sqrt(values.sizes["run"])
    return xr.apply_ufunc(text, values.mean("run"), error, vectorize=True)


def order(estimates: xr.DataArray) -> xr.DataArray:
    """Kendall's rank correlation τ with the exact information, over ρ.

    Of all pairs of correlations with |ρ₁| < |ρ₂|, the share in the right order less the share in
    the wrong one. Equal estimates count for neither.
    """
    magnitude = np.abs(estimates.rho.values)
    estimates = estimates.drop_vars("rho")
    low, high = (
        estimates.isel(rho=xr.DataArray(index, dims="pair"))
        for index in np.nonzero(magnitude[:, None] < magnitude)
    )
    return ((high > low) * 1.0 - (high < low)).mean("pair")


def asymmetry(estimates: xr.DataArray) -> xr.DataArray:
    """Differences of ρ and −ρ in standard errors of a mean over runs, root mean square.

    About 1 if chance alone makes them; NaN where all runs are the same.
    """
    mirrored = estimates.assign_coords(rho=-estimates.rho)
    difference = (estimates - mirrored).where(estimates.rho > 0, drop=True)
    error = difference.std("run", ddof=1) / math.sqrt(difference.sizes["run"])
    z = difference.mean("run") / error
    return (z**2).mean("rho") ** 0.5


def heights(estimates: xr.DataArray) -> xr.DataArray:
    """Estimates against |ρ|, each run scaled to 0 at ρ = 0 and 1 at 0.9."""
    even = (estimates + estimates.assign_coords(rho=-estimates.rho)) / 2
    scaled = (even - at(estimates, 0)) / resolution(estimates)
    return scaled.sel(rho=slice(0, None))


def exact_height(rho: float) -> float:
    """The height of (31) at a correlation, in the scale of `heights`."""
    return correlated_gaussians_mi(1, rho) / correlated_gaussians_mi(1, 0.9)


def contrast(estimates: xr.DataArray) -> xr.DataArray:
    """Difference of ρ = 0.9 and 0, over the standard deviation of one run."""
    ends = estimates.sel(rho=[0, 0.9])
    deviation = np.sqrt(ends.var("run", ddof=1).mean("rho"))
    return ends.mean("run").diff("rho").squeeze("rho", drop=True) / deviation


def predicted_resolution(rule: KernelWidth, n: int, d: int, rho: float = 0.9) -> float:
    """What ρ adds to an estimate of standardised Gaussians where N is small beside d, in bits.

    The formula that chapter 4 derives: N d / σ⁴ · c⁴ / ((1 − c²) ln 2) · ρ², where c is the
    similarity of two samples at the mean distance.
    """
    sigma = rule(n, d)
    c = math.exp(-n / (n - 1) * d / sigma**2)
    return n * d / sigma**4 * c**4 / (1 - c**2) / math.log(2) * rho**2


def value_table(by_dimension: xr.DataArray, estimands: xr.DataArray) -> pd.DataFrame:
    """Estimates at both ends, their difference, the estimand and the truth, for each d and rule."""
    exact = [round(correlated_gaussians_mi(int(d), 0.9), 1) for d in by_dimension.d.values]
    return _table(
        {
            "ρ = 0": with_error(at(by_dimension, 0)),
            "|ρ| = 0.9": with_error(at(by_dimension, 0.9)),
            "resolution": with_error(resolution(by_dimension)),
            "estimand": at(estimands, 0.9).round(2),
            "exact": xr.DataArray(exact, coords={"d": by_dimension.d}),
        },
        rows=["estimator", "d"],
    )


def value_summary(proposed: xr.DataArray) -> dict[str, float]:
    """How far estimates (d, rho, run) are from the truth, means over runs.

    Returns
    -------
    dict
        ``share_10``, ``share_100``, ``share_1000``: the estimate at |ρ| = 0.9 in % of the truth
        for these d. ``half_10``: the estimate at |ρ| = 0.5 for d = 10, in bits. ``bound_1000``:
        the |ρ| from which the truth for d = 1000 is above log₂ N.
    """
    means = proposed.mean("run")
    shares = {
        f"share_{d}": float(at(means.sel(d=d), 0.9)) / correlated_gaussians_mi(d, 0.9) * 100
        for d in (10, 100, 1000)
    }
    return {
        **shares,
        "half_10": float(at(means.sel(d=10), 0.5)),
        "bound_1000": math.sqrt(1 - 2 ** (-2 * math.log2(SAMPLES) / 1000)),
    }


def order_table(by_dimension: xr.DataArray) -> pd.DataFrame:
    """`order` of single runs and of their mean, and `asymmetry`, for each d and rule."""
    return _table(
        {
            "τ of one run": with_error(order(by_dimension)),
            "τ of the mean": order(by_dimension.mean("run")).round(2),
            "asymmetry": asymmetry(by_dimension).round(2),
        },
        rows=["estimator", "d"],
    )


def shape_table(shapes: xr.DataArray, rho: float = 0.7) -> pd.DataFrame:
    """`heights` (d, rho, run) at one correlation beside those of the truth and of ρ²."""
    of_each = with_error(shapes.sel(rho=rho, drop=True))
    rows = {f"estimate, d = {d}": of_each.sel(d=d).item() for d in shapes.d.values}
    rows |= {"exact": f"{exact_height(rho):.3f}", "ρ²": f"{(rho / 0.9) ** 2:.3f}"}
    return pd.DataFrame({f"height at |ρ| = {rho:g}": rows})


def resolution_table(
    rule: KernelWidth, by_dimension: xr.DataArray, by_samples: xr.DataArray
) -> pd.DataFrame:
    """Predicted and measured resolution in bits, and contrast, for each (N, d).

    Parameters
    ----------
    rule : KernelWidth
        The rule behind the estimates.
    by_dimension : DataArray of dims (d, rho, run)
        With N = `SAMPLES`.
    by_samples : DataArray of dims (n, rho, run)
        With d = 100.
    """
    cases: dict[tuple[int, int], xr.DataArray] = {
        (SAMPLES, int(d)): by_dimension.sel(d=d) for d in by_dimension.d.values[::-1]
    }
    cases |= {(int(n), 100): by_samples.sel(n=n) for n in by_samples.n.values}
    rows = [
        {
            "N": n,
            "d": d,
            "predicted": f"{predicted_resolution(rule, n, d):.4f}",
            "resolution": with_error(resolution(estimates)).item(),
            "contrast": f"{float(contrast(estimates)):.0f}",
        }
        for (n, d), estimates in cases.items()
    ]
    return pd.DataFrame(rows).set_index(["N", "d"])


def split_table(splits: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Errors of estimates in two parts: of the settings in common, and of both ends of each.

    Parameters
    ----------
    splits : mapping from the setting that varies to Dataset
        As `study.gaussians.splits` gives it.

    Returns
    -------
    DataFrame, in bits
        A row a case: truth, estimand and estimate (mean over runs), ``width``, which is estimand
        less truth, and ``samples``, which is estimate less estimand.
    """
    symbols = {"n": "N", "d": "d", "rho": "ρ", "gamma": "γ"}
    first = next(iter(splits))
    cases = [(first, AROUND[first])]
    for name, found in splits.items():
        cases += [(name, found[name].values[end]) for end in (0, -1)]
    rows = {}
    for i, (name, value) in enumerate(cases):
        case = splits[name].sel({name: value}).mean("run")
        all_of_it = {
            "truth": case.truth,
            "estimand": case.estimand,
            "estimate": case.estimate,
            "width": case.estimand - case.truth,
            "samples": case.estimate - case.estimand,
        }
        key = f"{symbols[name]} = {value:g}" if i else "in common"
        rows[key] = {column: round(float(bits), 2) for column, bits in all_of_it.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def split_summary(splits: Mapping[str, xr.Dataset]) -> dict[str, float]:
    """The γ whose estimate is nearest to the truth, and the two errors there, in bits.

    Returns
    -------
    dict
        ``gamma``, ``truth``, ``estimate``; what the width has ``lost`` of the truth, and what too
        few ``samples`` add.
    """
    means = splits["gamma"].mean("run")
    best = means.isel(gamma=int(np.argmin(np.abs(means.estimate - means.truth).values)))
    return {
        "gamma": float(best.gamma),
        "truth": float(best.truth),
        "estimate": float(best.estimate),
        "lost": float(best.truth - best.estimand),
        "samples": float(best.estimate - best.estimand),
    }


def standardising_table(paired: xr.DataArray) -> pd.DataFrame:
    """What (29) does to standard normal samples, for each d and ρ.

    Parameters
    ----------
    paired : DataArray of dims (estimator, d, rho, run)
        Estimates ``"with"`` (29) and ``"without"`` it of the same samples.

    Returns
    -------
    DataFrame
        The shift by (29) with its standard error and the standard deviations of a run, in bits.
    """
    with_29, without = (paired.sel(estimator=name, drop=True) for name in ("with", "without"))
    return _table(
        {
            "shift": with_error(with_29 - without),
            "s.d. with (29)": with_29.std("run", ddof=1).round(5),
            "s.d. without": without.std("run", ddof=1).round(5),
        },
        rows=["rho", "d"],
    )


def standardising_summary(paired: xr.DataArray) -> dict[str, float]:
    """What (29) does to the scatter; ``paired`` as of `standardising_table`.

    Returns
    -------
    dict
        ``ratio_min`` and ``ratio_max``, the standard deviation without (29) over that with it;
        ``contrast_10``, ``contrast_100`` and ``contrast_1000`` without (29), for these d.
    """
    deviation = paired.std("run", ddof=1)
    ratio = deviation.sel(estimator="without") / deviation.sel(estimator="with")
    contrasts = contrast(paired.sel(estimator="without"))
    return {
        "ratio_min": float(ratio.min()),
        "ratio_max": float(ratio.max()),
        **{f"contrast_{d}": float(contrasts.sel(d=d)) for d in (10, 100, 1000)},
    }


def _table(columns: dict[Hashable, xr.DataArray], rows: list[Hashable]) -> pd.DataFrame:
    return xr.Dataset(columns).reset_coords(drop=True).to_dataframe(dim_order=rows)
