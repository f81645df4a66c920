"""What a stored result looks like, and how files of earlier schemas are read.

Schema 3: configurations tell ``error_images``, ``truth`` and ``variants``.
Schema 2: ``input_mi``, ``output_mi`` and ``entropy`` are variables, the output X′ is the layer
``X_out``, and a configuration names its profile. In schema 1 there was one variable ``information``
with the dimension ``quantity``, the layer was called X′, and a profile stood in a run's name alone.
"""

from __future__ import annotations

import json
import re
from typing import Any

import xarray as xr

from ipae_lib.layers import OUTPUT
from ipae_lib.plane import QUANTITIES

SCHEMA = 3
"""The present one; the attribute ``schema`` of a file names its own, and none means 1."""

SETTINGS = ("gamma", "alpha")
"""Settings of the estimator that some runs scan at some of their records."""

SCANNED = (*SETTINGS, "variant")
"""What some runs scan: settings of the estimator, and variants of the previous rule.

``input_mi_by_gamma`` and so on hold the scans."""

ERRORS = ("standard_error", "quadrature_error")
"""Errors of estimates from many samples; ``input_mi_standard_error`` and so on hold them."""

_HOLDERS = {
    "information": "",
    **{f"{name}_scan": f"_by_{name}" for name in SCANNED},
    **{name: f"_{name}" for name in ERRORS},
}
"""Variables of schema 1, and what follows the quantity in the names of those that replace them."""


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
    version = result.attrs.get("schema", 1)
    if version == SCHEMA:
        return result
    if version not in (1, 2):
        raise ValueError(
            f"{where} has schema {version}, and this code reads 1 to {SCHEMA}; read it with the "
            "code that made it, or delete it to have it made again"
        )
    if version == 1:
        result = _second(result)
    attributes: dict[str, int | str] = {"schema": SCHEMA}
    if "configuration" in result.attrs:
        old = json.loads(result.attrs["configuration"])
        attributes["configuration"] = json.dumps(_present_configuration(old))
    if "command" in result.attrs:
        attributes["command"] = present_command(result.attrs["command"])
    return result.assign_attrs(attributes)


def _second(result: xr.Dataset) -> xr.Dataset:
    """The variables of a result of the first schema as those of the second."""
    if "layer" in result.coords:
        names = [OUTPUT if name == "X′" else name for name in result.layer.values.tolist()]
        result = result.assign_coords(layer=names)
    for holder, suffix in _HOLDERS.items():
        if holder not in result:
            continue
        values = result[holder].drop_attrs()
        if "quantity" in values.dims:
            present = [name for name in QUANTITIES if name in result.quantity]
            parts = {q: values.sel(quantity=q, drop=True) for q in present}
        else:  # of one pair of variables
            parts = {"mi": values}
        named = {f"{quantity}{suffix}": part for quantity, part in parts.items()}
        result = result.drop_vars(holder).assign(named)
    result = result.drop_vars("quantity", errors="ignore")
    return result.rename(rule="estimator") if "rule" in result.dims else result


def _present_configuration(old: dict[str, Any]) -> dict[str, Any]:
    present = dict(old)
    if "bottleneck_size" in old:
        present.setdefault("profile", old["name"].partition("-")[0])
        present.setdefault("error_images", 2_000)
        present.setdefault("truth", 0)
        present.setdefault("variants", False)
    if "experiment" in old:
        present["experiment"] = _present_configuration(old["experiment"])
    if "rules" in old:
        present["estimators"] = present.pop("rules")
    return present


def present_command(command: str) -> str:
    """The command that does today what a stored one did, when each program had its own module.

    Examples
    --------
    >>> present_command("python -m ipae_lib.large run --only gaussians")
    'python -m study large run --only gaussians'
    >>> present_command("python -m benchmarks.many_samples --store")
    'python -m study costs many-samples --store'
    """
    command = re.sub(r"^python -m ipae_lib\.(experiments|large)\b", r"python -m study \1", command)
    module = re.match(r"python -m benchmarks\.(\w+)", command)
    if module is None:
        return command
    return f"python -m study costs {module[1].replace('_', '-')}{command[module.end() :]}"


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
