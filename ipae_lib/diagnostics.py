"""What an estimate can be worth: how far it is from its bounds, and from that of shuffled pairs.

N samples show at most log₂ N bits, and information is at most the smaller of two entropies. Many
estimates stand near such a bound, or hardly change when the pairs are shuffled, which leaves no
information. Such values say little of the network.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import product

import numpy as np
import xarray as xr

from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.validation import check_count

SATURATED = 0.98
"""Share of log₂ N from which a value counts as saturated."""

NULL_LIKE = 0.5
"""Share of a value that shuffled pairs have as well, from which it is null-like."""

_ROUNDING = 0.01
"""Bits by which a value may pass a bound, as rounding and Rényi's entropies do."""

KINDS = {
    "impossible": "are above what they can be, or below 0; these are no estimates of information",
    "saturated": "are saturated at log₂ N; take more samples, or an estimator that tells fewer "
    "samples apart, such as one with wider kernels",
    "null_like": "are null-like: at least half is there for shuffled pairs, too; look at what is "
    "above the null, or take more samples",
}
"""What can be wrong with a value, in the words of the warning."""


class EstimateWarning(UserWarning):
    """A value that says little of the network; the message names it."""


def diagnose(plane: xr.Dataset) -> xr.Dataset:
    """How far recorded information is from its bounds and its null, and which values to doubt.

    Parameters
    ----------
    plane : Dataset
        A record of `InformationPlane`, or several joined: ``input_mi``, ``output_mi`` and
        ``target_mi`` in bits, as far as it has them, with N in the attribute ``samples``.

    Returns
    -------
    Dataset
        For each of these, here ``input_mi``, in bits and with its dimensions:

        ``input_mi_bound``
            The smallest of log₂ N, H(T) and the entropy of what T is held against, as the same
            estimator has them; log₂ N for estimators without entropies.
        ``input_mi_room``
            log₂ N less the value.
        ``input_mi_above_null``
            The value less that of shuffled pairs, where these were recorded.
        ``input_mi_impossible``, ``input_mi_saturated``, ``input_mi_null_like``
            Whether it is above log₂ N or H(Y), or below 0; at least `SATURATED` of log₂ N; or of a
            null of at least `NULL_LIKE` of it. False for missing values (NaN).

    Raises
    ------
    ValueError
        If ``plane`` holds none of these, or does not tell N.

    Examples
    --------
    >>> record = xr.Dataset({"input_mi": ("layer", [6.0, 0.2]),
    ...                      "input_mi_null": ("layer", [1.0, 0.1])},
    ...                     {"layer": ["a", "b"]}, {"samples": 64})
    >>> found = diagnose(record)
    >>> found.input_mi_saturated.values.tolist(), found.input_mi_null_like.values.tolist()
    ([True, False], [False, True])
    """
    least = partial(xr.apply_ufunc, np.fmin)  # which leaves out what is missing
    quantities = [name for name in ("input_mi", "output_mi", "target_mi") if name in plane]
    samples = plane.attrs.get("samples")
    if not quantities or samples is None:
        raise ValueError(
            f"plane holds {list(plane)} and its attribute samples is {samples}; give a record of "
            "InformationPlane, or set plane.attrs['samples'] to N"
        )
    ceiling = math.log2(check_count(samples, "plane.attrs['samples']", minimum=2))
    used = [
        name
        for name in (*quantities, *(f"{q}_null" for q in quantities), "entropy", "target_entropy")
        if name in plane
    ]
    if any(plane[name].dtype.kind not in "fiu" for name in used) or not (
        "layer" in plane.indexes
        and all(index.is_unique and len(index) for index in plane.indexes.values())
    ):
        raise ValueError(
            f"plane has the sizes {dict(plane.sizes)}; it needs numbers with the name of each "
            "layer and estimator, once, as InformationPlane gives them"
        )
    found = xr.Dataset(attrs={"samples": samples})
    for name in quantities:
        bits = plane[name]
        bounds = [xr.full_like(bits, ceiling)]
        most = bounds[0]
        if "entropy" in plane:
            end = {"input_mi": INPUT, "output_mi": OUTPUT}.get(name)
            bounds.append(plane.entropy)
            if end in plane.layer.values.tolist():
                bounds.append(plane.entropy.sel(layer=end, drop=True))
        if name == "target_mi" and "target_entropy" in plane:
            bounds.append(plane.target_entropy)
            most = least(most, plane.target_entropy)
        bound = bounds[0]
        for other in bounds[1:]:
            bound = least(bound, other)
        found[f"{name}_bound"] = bound.transpose(*bits.dims)
        found[f"{name}_room"] = ceiling - bits
        found[f"{name}_impossible"] = (bits > most + _ROUNDING) | (bits < -_ROUNDING)
        found[f"{name}_saturated"] = bits >= SATURATED * ceiling
        if f"{name}_null" in plane:
            null = plane[f"{name}_null"]
            found[f"{name}_above_null"] = bits - null
            found[f"{name}_null_like"] = null >= NULL_LIKE * bits
    for variable in found.data_vars.values():
        if variable.dtype != bool:
            variable.attrs = {"units": "bit"}
    return found


def doubtful(plane: xr.Dataset) -> list[str]:
    """What there is to doubt in a recorded plane, in sentences; see `diagnose`.

    A layer is named where most of its values are doubtful. I(X;X) and I(X′;X′) are left out.

    Parameters
    ----------
    plane : Dataset
        As of `diagnose`.

    Raises
    ------
    ValueError
        As `diagnose`.
    """
    flags = diagnose(plane)
    sentences = []
    for kind, told in KINDS.items():
        for name in ("input_mi", "output_mi", "target_mi"):
            if f"{name}_{kind}" not in flags:
                continue
            share = flags[f"{name}_{kind}"].astype(float)
            kept = [dim for dim in ("estimator", "target", "layer") if dim in share.dims]
            share = share.mean([dim for dim in share.dims if dim not in kept])
            itself = {"input_mi": INPUT, "output_mi": OUTPUT}.get(name)
            rest = [dim for dim in kept if dim != "layer"]
            layers = np.asarray([str(layer) for layer in share.layer.values])
            rows = share.transpose(*rest, "layer").values.reshape(-1, len(layers))
            whose = product(*(np.atleast_1d(share[dim]).tolist() for dim in rest))
            for names, row in zip(whose, rows, strict=True):
                wrong = [x for x in layers[row > 0.5].tolist() if x != itself]
                if wrong:
                    of = ", ".join(f"{dim} {x!r}" for dim, x in zip(rest, names, strict=True))
                    sentences.append(f"values of {name} ({of}) of the layers {wrong} {told}")
    return sentences
