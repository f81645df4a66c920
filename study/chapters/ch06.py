"""Chapter 6: its tables, and the numbers in its sentences."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pandas as pd
import xarray as xr

from ipae_lib.layers import DECODER, HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study import sweep

AXES = {"input_mi": "input MI", "output_mi": "output MI"}
_OTHERS = [layer for layer in HIDDEN_LAYERS if layer != "Z"]


def table(values: xr.DataArray) -> pd.DataFrame:
    """Values (bottleneck_size, layer) as a table, under the paper's names of the layers."""
    return values.rename({sweep.SIZE: "K"}).to_pandas().rename(columns=TEXT_LABELS)


def networks(plane: xr.Dataset) -> pd.DataFrame:
    """How many networks each size has, and how much the input MI of such networks differs.

    Parameters
    ----------
    plane : Dataset
        Of one estimator, as for the other functions here: ``input_mi`` and ``output_mi``
        (bottleneck_size, layer, seed, batch) in bits.

    Returns
    -------
    DataFrame
        ``networks``, and for each hidden layer the standard deviation between networks that
        `sweep.spread_of_networks` pools, in bits; missing where no size has several networks.
    """
    inputs = plane.input_mi.sel(layer=list(HIDDEN_LAYERS))
    spread, freedom = sweep.spread_of_networks(inputs)
    found = table(spread.where(freedom > 0)).round(2)
    found.insert(0, "networks", inputs.notnull().all(["layer", "batch"]).sum("seed").values)
    return found


def changes(plane: xr.Dataset) -> pd.DataFrame:
    """Change of each hidden layer up to the paper's critical size and beyond it, in bits."""
    columns = {}
    for (start, end), change in _changes(plane).items():
        for axis, name in AXES.items():
            found = sweep.interval(plane[axis].sel(layer=list(HIDDEN_LAYERS)), change)
            columns[f"{name}, K = {start} to {end}"] = sweep.interval_text(found).to_pandas()
    return pd.DataFrame(columns).rename(index=TEXT_LABELS)


def _changes(plane: xr.Dataset) -> dict[tuple[int, int], Callable]:
    """Differences of two sizes: the smallest and the critical one, that one and the largest."""
    sizes = plane[sweep.SIZE].values
    ends = (int(sizes[0]), sweep.critical_size(plane), int(sizes[-1]))

    def difference(start: int, end: int) -> Callable:
        return lambda means: means.sel({sweep.SIZE: end}) - means.sel({sweep.SIZE: start})

    return {pair: difference(*pair) for pair in pairwise(ends)}


def differences(plane: xr.Dataset) -> pd.DataFrame:
    """Largest difference between layers that the theory makes equal, for every size, in bits."""
    panels = {
        "output MI": ("output_mi", HIDDEN_LAYERS),
        "output MI without Z": ("output_mi", _OTHERS),
        "input MI, decoder": ("input_mi", DECODER),
        "input MI, Z and decoder": ("input_mi", ("Z", *DECODER)),
    }

    def difference(means: xr.DataArray) -> xr.DataArray:
        return means.max("layer") - means.min("layer")

    found = {
        name: sweep.interval(plane[axis].sel(layer=list(layers)), difference)
        for name, (axis, layers) in panels.items()
    }
    texts = {name: sweep.interval_text(each).to_pandas() for name, each in found.items()}
    return pd.DataFrame(texts).rename_axis("K")


def made(curve: xr.DataArray) -> xr.DataArray:
    """Per cent of a curve's change from the first size to the last that the critical one has."""
    start, end = curve.isel({sweep.SIZE: 0}, drop=True), curve.isel({sweep.SIZE: -1}, drop=True)
    there = curve.sel({sweep.SIZE: sweep.critical_size(curve)}, drop=True)
    return 100 * (there - start) / (end - start)


def summary(plane: xr.Dataset, errors: xr.DataArray) -> dict[str, float]:
    """What the sentences of the chapter say of a sweep under one estimator.

    Parameters
    ----------
    plane : Dataset
        As for `networks`.
    errors : DataArray (bottleneck_size, seed)
        Test errors at the end of training.

    Returns
    -------
    dict
        In bits: ``rise_least`` and ``rise_most`` of a hidden layer on either axis up to the
        critical size, ``rest_most``, the largest change beyond it of a layer but Z, either way;
        ``gap``, the distance from the bisector for the largest size, and ``gap_critical``, means
        over the hidden layers. In per cent: ``compression_made``, what the critical size has made
        of the change of the compression since K = 2; ``error_fall`` and ``through_rise`` of
        I(X;X′) from there to the largest.
    """
    critical = {sweep.SIZE: sweep.critical_size(plane)}
    last = {sweep.SIZE: -1}
    means = sweep.mean(plane[list(AXES)])
    rise, rest = (change(means) for change in _changes(plane).values())
    rise, rest = rise.sel(layer=list(HIDDEN_LAYERS)), rest.sel(layer=_OTHERS)
    gaps = sweep.gap(means).sel(layer=list(HIDDEN_LAYERS)).mean("layer")
    through = means.output_mi.sel(layer=INPUT)
    error = errors.mean("seed")
    compression = sweep.compression(means.sel({sweep.SIZE: slice(2, None)}))
    found = {
        "rise_least": rise.to_array().min(),
        "rise_most": rise.to_array().max(),
        "rest_most": abs(rest).to_array().max(),
        "gap": gaps[last],
        "gap_critical": gaps.sel(critical),
        "compression_made": made(compression),
        "error_fall": 100 * (1 - error[last] / error.sel(critical)),
        "through_rise": 100 * (through[last] / through.sel(critical) - 1),
    }
    return {name: float(value) for name, value in found.items()}
