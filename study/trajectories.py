"""Statistics of trajectories: what the paths through an information plane do during training.

A plane is a Dataset with ``input_mi`` and ``output_mi`` in bits along ``iteration`` and ``layer``,
as records of `InformationPlane` joined along the iteration give it. All other dimensions (seed,
batch, estimator) are kept: every path has its own answer.

Frozen: it decides claims, see `study.claims.criteria`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import stats

from ipae_lib.layers import HIDDEN_LAYERS, INPUT

SMOOTHING = 5
"""Records averaged before a maximum is taken, so that noise is not taken for a peak."""


def smooth(values: xr.DataArray, records: int = SMOOTHING) -> xr.DataArray:
    """Running mean over records, centred; near the ends over those there are.

    Raises
    ------
    ValueError
        If there is no dimension ``iteration``, or some of a path's records are missing.
    """
    _check_path(values)
    return values.rolling(iteration=records, center=True, min_periods=1).mean()


def hann_smooth(plane: xr.Dataset, width: int) -> xr.Dataset:
    """Sliding mean under a Hann window, as Sec. IV-B takes it over 500 iterations.

    Parameters
    ----------
    plane : Dataset
        Recorded at every iteration.
    width : int
        Iterations under the window, at most as many as there are.

    Returns
    -------
    Dataset
        Of the iterations around which the whole window fits.

    Raises
    ------
    ValueError
        If the window is longer than the record.
    """
    if not 1 <= width <= plane.sizes["iteration"]:
        raise ValueError(
            f"width is {width} and plane has {plane.sizes['iteration']} iterations; a window is at "
            "most as long"
        )
    window = xr.DataArray(np.hanning(width + 2)[1:-1], dims="lag")
    shifted = plane.rolling(iteration=width, center=True).construct("lag")
    smoothed = shifted.map(lambda values: xr.dot(values, window / window.sum(), dim="lag"))
    return smoothed.dropna("iteration", how="all")


def _check_path(values: xr.DataArray) -> None:
    if "iteration" not in values.dims:
        raise ValueError(
            f"values have the dimensions {values.dims}; a trajectory runs along 'iteration': join "
            "records by xarray.concat(records, 'iteration')"
        )
    missing = values.isnull()
    if bool((missing.any("iteration") & ~missing.all("iteration")).any()):
        raise ValueError(
            f"values miss some of the {values.sizes['iteration']} records of a path; leave those "
            "iterations out: .dropna('iteration')"
        )


def at_end(values: xr.DataArray) -> xr.DataArray:
    """Values of the last record."""
    return values.isel(iteration=-1, drop=True)


def since_half(values: xr.DataArray) -> xr.DataArray:
    """Whether values have, so far, ever reached half of what they are at the end.

    Where the last value is below 0, its half is above it, and the last value itself counts.
    """
    last = at_end(values)
    return (values >= np.minimum(last / 2, last)).cumsum("iteration") > 0


def fitted(plane: xr.Dataset, records: int = SMOOTHING) -> xr.DataArray:
    """Whether I(X;X′) has ever reached half of its final value: where the fitting ends.

    Compression is what follows fitting (Sec. I), so that is when its time starts to count.

    Parameters
    ----------
    plane : Dataset
    records : int
        As in `smooth`; 1 where records are few.
    """
    return since_half(smooth(plane.output_mi.sel(layer=INPUT, drop=True), records))


def compression_phase(
    plane: xr.Dataset, records: int = SMOOTHING, since: xr.DataArray | None = None
) -> xr.DataArray:
    """Fall of each layer's input MI from its maximum since the fitting to the end.

    Parameters
    ----------
    plane : Dataset
    records : int
        As in `smooth`; 1 where records are few.
    since : DataArray (iteration, ...), optional
        Whether a record comes after the fitting; as `fitted` has it where none is given.

    Returns
    -------
    DataArray (..., layer)
        In bits, 0 or more.
    """
    inputs = smooth(plane.input_mi, records)
    since = fitted(plane, records) if since is None else since
    return inputs.where(since).max("iteration") - at_end(inputs)


def approach_to_bisector(plane: xr.Dataset) -> xr.DataArray:
    """By how much each layer comes nearer to the bisector, from the peak of its input MI on.

    The peak is that since the fitting, and the distance is input less output MI.

    Returns
    -------
    DataArray (..., layer)
        In bits; below 0 where a layer goes away from it.
    """
    inputs, outputs = smooth(plane.input_mi), smooth(plane.output_mi)
    peak = inputs.where(fitted(plane)).fillna(-np.inf).argmax("iteration")
    gap = inputs - outputs
    return gap.isel(iteration=peak).drop_vars("iteration", errors="ignore") - at_end(gap)


def fall_from_peak(values: xr.DataArray, records: int = SMOOTHING) -> xr.DataArray:
    """Fall from the maximum over the training to the end, as a share of the maximum."""
    values = smooth(values, records)
    peak = values.max("iteration")
    return (peak - at_end(values)) / peak


def largest_fall(values: xr.DataArray, records: int = SMOOTHING) -> xr.DataArray:
    """Largest fall from any earlier maximum, at any iteration, as a share of the maximum."""
    values = smooth(values, records)
    axis = values.get_axis_num("iteration")
    so_far = values.copy(data=np.maximum.accumulate(values.values, axis=axis))
    return (so_far - values).max("iteration") / values.max("iteration")


def rank_correlation(a: xr.DataArray, b: xr.DataArray, dim: str = "iteration") -> xr.DataArray:
    """Spearman's rank correlation along a dimension; 0 where one of the two never changes.

    Raises
    ------
    ValueError
        If a value is missing, or the two have other coordinates along the dimension.
    """
    if bool(a.isnull().any()) or bool(b.isnull().any()):
        raise ValueError("a or b has NaN; leave missing records out")
    return xr.apply_ufunc(_spearman, a, b, input_core_dims=[[dim], [dim]], vectorize=True)


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    return stats.spearmanr(x, y).statistic if np.ptp(x) and np.ptp(y) else 0.0


def likeness(planes: xr.Dataset, reference: xr.Dataset) -> xr.DataArray:
    """How much planes have the course of a reference, whatever their size in bits.

    Parameters
    ----------
    planes, reference : Dataset
        Of the same iterations; the first with a further dimension, such as γ.

    Returns
    -------
    DataArray
        Rank correlation over the iterations, mean over the hidden layers and both axes: 1 where
        all paths rise and fall together.
    """
    layers = {"layer": list(HIDDEN_LAYERS)}
    axes = [
        rank_correlation(planes[axis].sel(layers), reference[axis].sel(layers)).mean("layer")
        for axis in ("input_mi", "output_mi")
    ]
    return sum(axes) / len(axes)


def findings(plane: xr.Dataset) -> xr.Dataset:
    """What the paper finds in a plane, in numbers that do not depend on its size in bits.

    Returns
    -------
    Dataset
        ``compression``: fall of the input MI from T₁ᴱ to T₃ᴱ at the end; ``phase``: largest
        compression phase of a layer, of records that are few. As shares of M = I(X;X).
    """
    end = at_end(plane.input_mi)
    compression = end.sel(layer="E1", drop=True) - end.sel(layer="E3", drop=True)
    phase = compression_phase(plane, records=1).sel(layer=list(HIDDEN_LAYERS)).max("layer")
    return xr.Dataset({"compression": compression, "phase": phase}) / end.sel(
        layer=INPUT, drop=True
    )
