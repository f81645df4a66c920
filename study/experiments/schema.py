"""What a stored result looks like.

``input_mi``, ``output_mi`` and ``entropy`` are variables, and the output X′ is the layer ``X_out``.
A configuration tells every field of its `Experiment`.
"""

from __future__ import annotations

import xarray as xr

from ipae_lib.plane import QUANTITIES

SCHEMA = 3
"""The attribute ``schema`` of a file names its own."""

SETTINGS = ("gamma", "alpha")
"""Settings of the estimator that some runs scan at some of their records."""

SCANNED = (*SETTINGS, "variant")
"""What some runs scan: settings of the estimator, and variants of the previous rule.

``input_mi_by_gamma`` and so on hold the scans."""

ERRORS = ("standard_error", "quadrature_error")
"""Errors of estimates from many samples; ``input_mi_standard_error`` and so on hold them."""


def check_schema(result: xr.Dataset, where: object) -> None:
    """See that a stored result is of the present schema.

    Parameters
    ----------
    result : Dataset
        As it stands in the file.
    where : path
        Named in the error.

    Raises
    ------
    ValueError
        If it is of another one.
    """
    version = result.attrs.get("schema")
    if version != SCHEMA:
        raise ValueError(
            f"{where} has schema {version}, and this code reads {SCHEMA}; read it with the code "
            "that made it, or delete it to have it made again"
        )


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
        raise ValueError(
            f"result holds no scan of {name!r}; it has {sorted(map(str, result.data_vars))}"
        )
    return xr.Dataset(found)
