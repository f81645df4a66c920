"""The theoretical information plane of an autoencoder, Sec. II, and what it says of a measured one.

Where layers that pass on what is measured may lie, and by how many bits a recorded plane does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Annotated

import numpy as np
import xarray as xr

from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.validation import check_positive


def feasible_region(
    m: Annotated[float, partial(check_positive, fix="M is the information of the input in bits")],
) -> np.ndarray:
    """Corners of the triangle that no layer leaves if layers pass on what is measured of them.

    Lemma 1 and the forward DPI (13) leave 0 ≤ Î(T;X′) ≤ Î(X;T) ≤ M.

    Parameters
    ----------
    m : float
        M = Î(X;X), the total information at the input, in bits.

    Returns
    -------
    array of shape (3, 2)
        (0, 0), (M, 0) and (M, M); input MI first, output MI second, in bits.

    Raises
    ------
    ValueError
        If ``m`` is not a finite number above 0.
    """
    return np.array([[0.0, 0.0], [m, 0.0], [m, m]])


def check_plane(plane: xr.Dataset, chain: Sequence[str] | None = None) -> xr.Dataset:
    """By how many bits a recorded plane breaks what holds if layers pass on what is measured.

    It holds as well for any **chain** of variables of a network, each a function of the one before.
    Layers of branches that run side by side are no chain.

    Four statements are checked, each wherever the values it needs were recorded:

    * forward DPI (13): Î(X;T) does not rise from one layer to the next;
    * backward DPI (8), extended to X and X′: Î(T;X′) does not fall from one layer to the next;
    * Lemma 1: Î(T;X′) is the same for X and every hidden layer;
    * the feasible triangle, see `feasible_region`: M is taken from the plane itself, as the
      input MI of X, separately for each estimator, batch and iteration.

    Nothing is averaged: every dimension but layer is kept. To check the mean over
    batches, hand in ``plane.mean("batch")``; noise that averages out is then not counted.

    Parameters
    ----------
    plane : Dataset
        As `InformationPlane.record` gives it, or several of those joined along ``iteration``:
        ``input_mi`` and ``output_mi`` in bits, with the dimension layer and any others; layers in
        order from "X" to "X_out". I(X;X) and I(X′;X′) may be missing (NaN), as they are for
        estimators without entropies; nothing else may.
    chain : sequence of str, optional
        Layers to check, in order; by default all of ``plane``. Without "X" there is no M.

    Returns
    -------
    Dataset
        In bits, with the other dimensions of ``plane``; but for ``m``, 0 where the theory holds
        and above 0 where it does not.

        ``forward_violation``, ``backward_violation`` (pair)
            Positive part of Î(X;B) − Î(X;A), and of Î(A;X′) − Î(B;X′), for each pair "A→B" of
            adjacent layers. NaN for the one pair that needs a missing self-information.
        ``forward_total``, ``backward_total``
            Their sum over the pairs that could be checked.
        ``output_spread``
            Largest minus smallest output MI of X and the hidden layers.
        ``outside`` (layer)
            Distance of each hidden layer's point from the triangle. Without M the triangle has
            no right edge, and the distance is that from 0 ≤ Î(T;X′) ≤ Î(X;T). An estimate of M
            below 0 counts as 0.
        ``outside_total``
            Its sum over the hidden layers.
        ``m``
            M. Where it is missing, it is NaN here and the totals are lower bounds.

    Raises
    ------
    ValueError
        If a variable, a dimension or a layer is missing or out of order, or a value other than
        the two self-informations is NaN or infinite.
    """
    input_mi, output_mi = _axes(plane, chain)
    layers = input_mi.layer.values.tolist()
    m = input_mi.isel(layer=0, drop=True)
    m = m if layers[0] == INPUT else xr.full_like(m, np.nan)

    forward = _rises(input_mi).clip(min=0)
    backward = (-_rises(output_mi)).clip(min=0)
    shared = output_mi.sel(layer=[layer for layer in layers if layer != OUTPUT])
    hidden = {"layer": [layer for layer in layers if layer not in (INPUT, OUTPUT)]}
    points = input_mi.sel(hidden), output_mi.sel(hidden)
    outside = xr.apply_ufunc(_distance_to_triangle, *points, m)
    check = xr.Dataset(
        {
            "forward_violation": forward,
            "forward_total": forward.sum("pair"),
            "backward_violation": backward,
            "backward_total": backward.sum("pair"),
            "output_spread": shared.max("layer") - shared.min("layer"),
            "outside": outside,
            "outside_total": outside.sum("layer"),
            "m": m,
        }
    )
    for variable in check.data_vars.values():
        variable.attrs = {"units": "bit"}
    return check


def _axes(plane: xr.Dataset, chain: Sequence[str] | None) -> tuple[xr.DataArray, xr.DataArray]:
    """The plane's input MI and output MI, complete and in order; an error says what is wrong."""
    names = ("input_mi", "output_mi")
    if not set(names) <= set(plane) or any(plane[name].dtype.kind not in "fiu" for name in names):
        raise ValueError(
            f"plane holds the variables {list(plane)}; it must have numbers 'input_mi' and "
            "'output_mi', as InformationPlane.record gives it"
        )
    for name in names:
        if "layer" not in plane[name].dims or "layer" not in plane[name].coords:
            raise ValueError(
                f"plane.{name} has the dimensions {plane[name].dims}; it needs 'layer', with its "
                "labels as a coordinate"
            )
    layers = plane["layer"].values.tolist()
    unique = len(set(layers)) == len(layers)
    if chain is not None:
        chain = [str(layer) for layer in chain]
        out_of_place = INPUT in chain[1:] or OUTPUT in chain[:-1]
        if len({*chain} & {*layers}) < max(2, len(chain)) or out_of_place:
            raise ValueError(
                f"chain is {list(chain)}; name at least two layers of {layers}, each once, with "
                f"{INPUT!r} first and {OUTPUT!r} last where they are in it"
            )
        plane = plane.sel(layer=list(chain))
    elif len(layers) < 3 or layers[0] != INPUT or layers[-1] != OUTPUT or not unique:
        raise ValueError(
            f"plane has the layers {layers}; they must run in order from {INPUT!r} over at least "
            f"one hidden layer to {OUTPUT!r}, each once"
        )
    for name, may_miss in zip(names, (INPUT, OUTPUT), strict=True):
        _check_complete(plane[name], may_miss)
    return plane["input_mi"], plane["output_mi"]


def _check_complete(values: xr.DataArray, may_miss: str) -> None:
    """ValueError if a value is not finite, but for NaN in the layer that may be missing."""
    bad = ~xr.ufuncs.isfinite(values) & ~((values["layer"] == may_miss) & values.isnull())
    if bad.any():
        first = np.argwhere(bad.values)[0]
        where = {
            name: values[name].values[index].item() if name in values.coords else index
            for name, index in zip(bad.dims, first, strict=True)
        }
        raise ValueError(
            f"plane.{values.name} holds {int(bad.sum())} NaN or infinite value(s), the first at "
            f"{where}; only I(X;X) and I(X′;X′) may be missing: leave that layer, iteration or "
            "estimator out, or record it again"
        )


def _rises(values: xr.DataArray) -> xr.DataArray:
    """How much each layer but the first has more than the one before it, along ``pair``."""
    pairs = [f"{a}→{b}" for a, b in pairwise(values["layer"].values)]
    rises = values.diff("layer").drop_vars("layer").rename(layer="pair")
    return rises.assign_coords(pair=pairs)


def _distance_to_triangle(x: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Distance of points (x, y) from the triangle; from the wedge without right edge if m is NaN.

    A point outside is nearest to its projection on one of the three edges.
    """
    m = np.where(np.isnan(m), np.inf, np.clip(m, 0, None))
    middle = np.clip((x + y) / 2, 0, m)
    to_bottom = np.hypot(x - np.clip(x, 0, m), y)
    to_bisector = np.hypot(x - middle, y - middle)
    to_right = np.hypot(x - m, y - np.clip(y, 0, m))
    inside = (y >= 0) & (y <= x) & (x <= m)
    return np.where(inside, 0.0, np.minimum(np.minimum(to_bottom, to_bisector), to_right))
