"""Chapter 6: its tables, and the numbers in its sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial

import pandas as pd
import xarray as xr

from ipae_lib.layers import DECODER, HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study import sweep
from study.chapters.ch05 import SHOWN
from study.claims import Runs

AXES = {"input_mi": "input MI", "output_mi": "output MI"}
_OTHERS = [layer for layer in HIDDEN_LAYERS if layer != "Z"]


def table(values: xr.DataArray) -> pd.DataFrame:
    """Values (bottleneck_size, layer) as a table, under the paper's names of the layers."""
    return values.rename({sweep.SIZE: "K"}).to_series().unstack().rename(columns=TEXT_LABELS)


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


def changes(plane: xr.Dataset, start: int, end: int) -> pd.DataFrame:
    """Change of each hidden layer from one bottleneck size to another, in bits."""
    planes = plane.sel(layer=list(HIDDEN_LAYERS))
    found = {
        name: sweep.interval(planes[axis], partial(_change, start=start, end=end))
        for axis, name in AXES.items()
    }
    texts = {name: sweep.interval_text(each).to_pandas() for name, each in found.items()}
    return pd.DataFrame(texts).rename(index=TEXT_LABELS)


def _change(means: sweep.Values, start: int, end: int) -> sweep.Values:
    return means.sel({sweep.SIZE: end}) - means.sel({sweep.SIZE: start})


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
    sizes, size = plane[sweep.SIZE].values, sweep.critical_size(plane)
    critical, last = {sweep.SIZE: size}, {sweep.SIZE: -1}
    means = sweep.mean(plane[list(AXES)])
    rise = _change(means, sizes[0], size).sel(layer=list(HIDDEN_LAYERS))
    rest = _change(means, size, sizes[-1]).sel(layer=_OTHERS)
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


def both_ways(ends: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """How many networks of each size are there, and their mean test error, for each way to train.

    Parameters
    ----------
    ends : mapping from title to Dataset
        As `sweep.final_records` gives them.
    """
    table = {}
    for title, each in ends.items():
        table[title, "networks"] = each.test_error.notnull().sum("seed").to_series()
        table[title, "error"] = each.test_error.mean("seed").to_series().round(4)
    found = pd.DataFrame(table).rename_axis("K")
    counts = [column for column in found if column[1] == "networks"]
    return found.astype(dict.fromkeys(counts, "Int64"))


def smallest(runs: Iterable[xr.Dataset]) -> dict[str, float]:
    """Test errors of the networks of the smallest bottleneck.

    Parameters
    ----------
    runs : iterable of Dataset
        As `experiments.run_or_load` gives them, of any sizes.

    Returns
    -------
    dict
        The ``least`` and the ``most`` of their errors at the end, and ``before``: the largest of
        the least errors that each had in its training.
    """
    by_size: dict[int, list[xr.DataArray]] = {}
    for run in runs:
        size = json.loads(run.attrs["configuration"])[sweep.SIZE]
        by_size.setdefault(size, []).append(run.test_error)
    errors = by_size[min(by_size)]
    ends = [float(error[-1]) for error in errors]
    before = max(float(error.min()) for error in errors)
    return {"least": min(ends), "most": max(ends), "before": before}


def sweeps_in_truth(
    cells: Mapping[str, Runs], looks: Mapping[str, str] = SHOWN
) -> dict[str, dict[str, xr.Dataset]]:
    """What `figures.sweep_in_truth` draws: for each cell, a Dataset for each way to look.

    Parameters
    ----------
    cells : mapping from title to Runs
    looks : mapping from way to look to its name

    Returns
    -------
    dict from title to dict from name to Dataset
        ``compression`` by the encoder and ``through``, I(X;X′), (bottleneck_size, seed) in shares
        of the whole, at the end of training.
    """
    found: dict[str, dict[str, xr.Dataset]] = {}
    for title, cell in cells.items():
        for look, name in looks.items():
            ends = cell.ends(look)
            through = ends.output_mi.sel(layer=INPUT, drop=True)
            shown = xr.Dataset({"compression": sweep.compression(ends), "through": through})
            found.setdefault(title, {})[name] = shown / ends.unit
    return found


def compression_in_truth(cells: Mapping[str, Runs]) -> pd.DataFrame:
    """Compression by the encoder, in shares of the whole: mean over the networks of a size."""
    short = {look: look for look in (*SHOWN, "layer's deviation")}
    table = {
        (title, name): shown.compression.mean("seed").to_series()
        for title, looks in sweeps_in_truth(cells, short).items()
        for name, shown in looks.items()
    }
    return pd.DataFrame(table).rename_axis("K").round(2)


def told_in_truth(cells: Mapping[str, Runs]) -> dict[str, float]:
    """What a sentence says of the sweep in truth, over all cells, in shares of the whole.

    Returns
    -------
    dict
        Compression under noise of the total deviation: the least of K = 2, ``total_two``, and the
        largest beyond the critical size, ``total_beyond``; the least there under noise of one
        level, ``one_beyond``. And ``through``, the least I(X;X′) of the critical size under noise
        of the total deviation. Under that noise, the share of the compression of K = 2 that is
        left beyond the critical size, mean over the sizes: that of the cell where it is the least,
        and where it is the most, ``left_least`` and ``left_most``.
    """
    two, total, one, through, left = [], [], [], [], []
    for looks in sweeps_in_truth(cells).values():
        means = {name: shown.mean("seed") for name, shown in looks.items()}
        deviation, level = (means[SHOWN[look]] for look in ("total deviation", "one level"))
        size = sweep.critical_size(deviation)
        beyond = deviation[sweep.SIZE] > size
        two.append(deviation.compression.sel({sweep.SIZE: 2}).item())
        total.append(deviation.compression.where(beyond).max().item())
        left.append(deviation.compression.where(beyond).mean().item() / two[-1])
        one.append(level.compression.where(beyond).min().item())
        through.append(deviation.through.sel({sweep.SIZE: size}).item())
    return {
        "total_two": min(two),
        "total_beyond": max(total),
        "one_beyond": min(one),
        "through": min(through),
        "left_least": min(left),
        "left_most": max(left),
    }
