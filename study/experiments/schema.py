"""What a stored result looks like, and how files of the first schema are read.

Schema 2: ``input_mi``, ``output_mi`` and ``entropy`` are variables, and the output X′ is the layer
``X_out``. In schema 1 they were one variable ``information`` with the dimension ``quantity``, and
the layer was called X′.
"""

from __future__ import annotations

import xarray as xr

from ipae_lib.layers import OUTPUT
from ipae_lib.plane import QUANTITIES

SCHEMA = 2
"""The present one; the attribute ``schema`` of a file names its own, and none means 1."""

SCANNED = ("gamma", "alpha")
"""Settings of the estimator that some runs scan; ``input_mi_by_gamma`` and so on hold the scans."""


def converted(result: xr.Dataset, where: object) -> xr.Dataset:
    """A stored result in the present schema.

    Parameters
    ----------
    result : Dataset
        As it stands in the file.
    where : path
        Named in the error.

    Raises
    ------
    ValueError
        If its schema is not one of those there have been.
    """
    version = int(result.attrs.get("schema", 1))
    if version == SCHEMA:
        return result
    if version != 1:
        raise ValueError(
            f"{where} has schema {version}, and this code reads 1 to {SCHEMA}; read it with the "
            "code that made it, or delete it to have it made again"
        )
    if "layer" in result.coords:
        names = [OUTPUT if name == "X′" else name for name in result.layer.values.tolist()]
        result = result.assign_coords(layer=names)
    holders = {"information": "", **{f"{name}_scan": f"_by_{name}" for name in SCANNED}}
    for holder, suffix in holders.items():
        if holder in result and "quantity" in result[holder].dims:
            for quantity in QUANTITIES:
                if quantity in result.quantity:
                    values = result[holder].sel(quantity=quantity, drop=True)
                    result[f"{quantity}{suffix}"] = values.drop_attrs()
            result = result.drop_vars(holder)
    result = result.drop_vars("quantity", errors="ignore")
    return result.assign_attrs(schema=SCHEMA)


def scan(result: xr.Dataset, name: str) -> xr.Dataset:
    """The scan of one setting as a plane: ``input_mi``, ``output_mi``, ``entropy``.

    Parameters
    ----------
    result : Dataset
        A run with scans.
    name : one of `SCANNED`
        The dimension along which the setting runs, in place of the estimator.

    Raises
    ------
    ValueError
        If the result holds no such scan.
    """
    found = {q: result[f"{q}_by_{name}"] for q in QUANTITIES if f"{q}_by_{name}" in result}
    if not found:
        raise ValueError(f"result holds no scan of {name!r}; it has {sorted(result.data_vars)}")
    return xr.Dataset(found)
