"""Statistics of courses over the training, and of curves."""

from __future__ import annotations

import xarray as xr
from scipy.stats import rankdata

SMOOTHING = 5
"""Records averaged before a maximum is taken, so that noise is not taken for a peak."""


def smooth(values: xr.DataArray) -> xr.DataArray:
    """Running mean over `SMOOTHING` records, centred; near the ends over those there are."""
    return values.rolling(iteration=SMOOTHING, center=True, min_periods=1).mean()


def rank_correlation(a: xr.DataArray, b: xr.DataArray, dim: str = "iteration") -> xr.DataArray:
    """Spearman's rank correlation over a dimension; 0 where one of the two never changes.

    Raises
    ------
    ValueError
        If a value is missing.
    """
    if bool(a.isnull().any()) or bool(b.isnull().any()):
        raise ValueError("a or b has NaN; leave missing records out")
    ranks = [
        xr.apply_ufunc(
            rankdata,
            values,
            input_core_dims=[[dim]],
            output_core_dims=[[dim]],
            kwargs={"axis": -1},
        )
        for values in xr.broadcast(a, b)
    ]
    return xr.corr(*ranks, dim).fillna(0)
