"""The theoretical information plane of an autoencoder, Sec. II, and what it says of a measured one.

Where layers may lie, where an ideal autoencoder takes them (Theorem 1), by how many bits a
recorded plane breaks what holds for every autoencoder; and small discrete autoencoders whose
information is exact, by counting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from numbers import Real

import numpy as np
import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, INPUT, OUTPUT
from ipae_lib.validation import (
    check_positive,
)


def feasible_region(m: float) -> np.ndarray:
    """Corners of the triangle that no layer of any autoencoder leaves.

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
    m = check_positive(m, "m", "M is the information of the input in bits")
    return np.array([[0.0, 0.0], [m, 0.0], [m, m]])


def convergence(
    m: float,
    lam: float,
    encoder: Sequence[str] = ENCODER,
    decoder: Sequence[str] = DECODER,
) -> xr.Dataset:
    """Where an ideal autoencoder takes each layer: Theorem 1, with (14) and (15).

    With λ ≥ M every layer ends at (M, M); the paper leaves out λ = M, where its two cases meet.
    With λ < M the bottleneck, the decoder and the output end at (λ, λ). Of the encoder's other
    layers the theorem says only that the output MI is λ and that their input MIs do not
    increase from one layer to the next and lie in [λ, M].

    Parameters
    ----------
    m : float
        M = Î(X;X), the total information at the input, in bits.
    lam : float
        λ(K), the most information the bottleneck can transfer, in bits; may be infinite.
    encoder : sequence of str
        Names of the encoder's layers in order; the last is the bottleneck.
    decoder : sequence of str
        Names of the decoder's hidden layers in order; may be empty.

    Returns
    -------
    Dataset with variables ``input_mi_lower``, ``input_mi_upper`` and ``output_mi`` in bits,
    along ``layer``: "X", the encoder, the decoder, "X_out". Where Theorem 1 gives one value the two
    bounds are equal.

    Raises
    ------
    ValueError
        If ``m`` is not a finite number above 0, ``lam`` is negative or NaN, ``encoder`` is
        empty, or a name occurs twice.
    """
    m = check_positive(m, "m", "M is the information of the input in bits")
    is_real = isinstance(lam, Real) and not isinstance(lam, bool)
    if not is_real or math.isnan(lam) or lam < 0:
        raise ValueError(
            f"lam is {lam!r}; it must be a number of at least 0: the bits that the bottleneck can "
            "transfer, math.inf if nothing limits them"
        )
    encoder, decoder = _layer_names(encoder, "encoder"), _layer_names(decoder, "decoder")
    if not encoder:
        raise ValueError("encoder is empty; name at least the bottleneck, such as ['Z']")
    layers = [INPUT, *encoder, *decoder, OUTPUT]
    if len(set(layers)) < len(layers):
        raise ValueError(
            f"the layers {layers} hold a name twice; each layer needs its own, and {INPUT!r} and "
            f"{OUTPUT!r} are the input and the output"
        )

    final = min(float(lam), m)
    lower = np.full(len(layers), final)
    upper = np.full(len(layers), final)
    lower[0] = m
    upper[: len(encoder)] = m  # X and all of the encoder but its last layer, the bottleneck
    return xr.Dataset(
        {
            "input_mi_lower": ("layer", lower),
            "input_mi_upper": ("layer", upper),
            "output_mi": ("layer", np.full(len(layers), final)),
        },
        coords={"layer": layers},
        attrs={"units": "bits", "m": m, "lam": float(lam)},
    )


def _layer_names(names: Sequence[str], name: str) -> list[str]:
    if isinstance(names, str):
        raise ValueError(f"{name} is the string {names!r}; give a list of names: [{names!r}]")
    return list(names)


def check_plane(plane: xr.Dataset) -> xr.Dataset:
    """By how many bits a recorded plane breaks what holds for every autoencoder, trained or not.

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
    input_mi, output_mi = _axes(plane)
    m = input_mi.isel(layer=0, drop=True)

    before, after = _adjacent(input_mi)
    forward = (after - before).clip(min=0)
    before, after = _adjacent(output_mi)
    backward = (before - after).clip(min=0)
    shared = output_mi.isel(layer=slice(None, -1))
    hidden = {"layer": slice(1, -1)}
    points = input_mi.isel(hidden), output_mi.isel(hidden)
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


def _axes(plane: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """The plane's input MI and output MI, complete and in order; an error says what is wrong."""
    names = ("input_mi", "output_mi")
    if not isinstance(plane, xr.Dataset) or not set(names) <= set(plane):
        what = f"the variables {list(plane)}" if isinstance(plane, xr.Dataset) else repr(plane)
        raise ValueError(
            f"plane holds {what}; it must be a Dataset with 'input_mi' and 'output_mi', as "
            "InformationPlane.record gives it"
        )
    for name in names:
        if "layer" not in plane[name].dims or "layer" not in plane[name].coords:
            raise ValueError(
                f"{name} has the dimensions {plane[name].dims}; it needs 'layer', with its labels "
                "as a coordinate"
            )
    layers = plane["layer"].values.tolist()
    unique = len(set(layers)) == len(layers)
    if len(layers) < 3 or layers[0] != INPUT or layers[-1] != OUTPUT or not unique:
        raise ValueError(
            f"layers are {layers}; they must run in order from {INPUT!r} over at least one "
            f"hidden layer to {OUTPUT!r}, each once"
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
            f"{values.name} holds {int(bad.sum())} NaN or infinite value(s), the first at {where}; "
            "only I(X;X) and I(X′;X′) may be missing: leave that layer, iteration or estimator "
            "out, or record it again"
        )


def _adjacent(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Values of each layer but the last, and of the layer after it, along ``pair``."""
    layers = values["layer"].values
    pairs = [f"{a}→{b}" for a, b in pairwise(layers)]
    before, after = (
        values.isel(layer=part).drop_vars("layer").rename(layer="pair").assign_coords(pair=pairs)
        for part in (slice(None, -1), slice(1, None))
    )
    return before, after


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
