"""Whether a stored result is whole and can be: as written, as configured, within its bounds.

What is checked is named here; what is not, such as variables that come later, is left to the
digest.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import xarray as xr

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import QUANTITIES
from study.digest import ATTRIBUTE, is_as_written
from study.experiments import origin
from study.experiments.configurations import Experiment
from study.experiments.schema import ERRORS, SETTINGS
from study.experiments.truth import CONVENTIONS, KEPT, LEVELS

SLACK = 0.02
"""Bits that an estimate may lie beyond its bounds, 0 and log₂ N.

Rounding, and for orders α ≠ 1 what subadditivity leaves open. No stored run lies beyond.
"""

_LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]


def check_digest(result: xr.Dataset, where: object) -> None:
    """See that a result is as it was written, where it has a digest; before schema checks.

    Raises
    ------
    ValueError
        If its values, coordinates or attributes are not those of its digest.
    """
    if is_as_written(result) is False:
        raise ValueError(
            f"{where} is damaged: what it holds is not what its digest tells; "
            f"{origin.remedy(where)}"
        )


def digest_told(result: xr.Dataset) -> str:
    """What to say of a loaded result: whether its digest spoke for it."""
    return "digest right" if ATTRIBUTE in result.attrs else "no digest"


def check(result: xr.Dataset, where: object) -> None:
    """See that a result has what its configuration asks for, and nothing that cannot be.

    Parameters
    ----------
    result : Dataset
        In the present schema, with its provenance.
    where : path
        Named in the error.

    Raises
    ------
    ValueError
        If a variable is missing, or has other dimensions or coordinates; a value is missing that
        was to be recorded; information or entropy lies outside [0, log₂ N] by more than `SLACK`;
        or an error or a variance is negative.
    """
    configuration = json.loads(result.attrs["configuration"])
    for kind, faults in _FAULTS.items():
        if kind not in configuration:
            continue
        try:
            fault = next(faults(result, configuration), None)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            fault = f"it does not go with its configuration ({error!r})"
        if fault:
            raise ValueError(f"{where} cannot be right: {fault}; {origin.remedy(where)}")


def _faults_of_run(result: xr.Dataset, configuration: Mapping[str, Any]) -> Iterator[str]:
    known = {field.name for field in fields(Experiment)}
    run = Experiment(**{key: value for key, value in configuration.items() if key in known})
    end = run.iterations()[-1:]
    wanted: dict[str, Sequence[object]] = {"iteration": run.iterations()}
    yield from _faults_of_variables(result, ("train_error", "test_error"), ("iteration",), wanted)
    yield from _faults_of_values(result[["train_error", "test_error"]])
    wanted |= {"layer": _LAYERS}
    dims = ("iteration", "estimator", "layer", "batch")
    yield from _faults_of_variables(result, QUANTITIES, dims, wanted, {"batch": run.batches})
    yield from _faults_of_variables(result, ("variance",), ("iteration", "layer", "batch"), wanted)
    measured = result.sel(iteration=end if run.end_only else run.iterations())
    yield from _faults_of_values(measured[["variance"]])
    yield from _faults_of_values(measured[list(QUANTITIES)], np.log2(run.samples))
    scanned = dict.fromkeys(SETTINGS, run.scanned()) if run.scan_every else {}
    if run.variants:
        scanned["variant"] = run.iterations()
    for name, moments in scanned.items():
        scans = [f"{quantity}_by_{name}" for quantity in QUANTITIES]
        dims = ("iteration", name, "layer", "scan_batch")
        yield from _faults_of_variables(result, scans, dims, wanted)
        found = result[scans].sel(iteration=moments)
        yield from _faults_of_values(found, np.log2(run.samples))
    if run.truth:
        names = list(KEPT.values())
        dims = ("iteration", "noise", "resolution", "layer")
        wanted |= {"noise": CONVENTIONS, "resolution": list(LEVELS)}
        yield from _faults_of_variables(result, names, dims, wanted)
        yield from _faults_of_values(measured[names], np.log2(run.truth))


def _faults_of_plane(result: xr.Dataset, configuration: Mapping[str, Any]) -> Iterator[str]:
    ends = configuration["ends"]
    layers = [INPUT, *configuration["layers"], *([OUTPUT] if ends else [])]
    wanted = {"estimator": configuration["estimators"], "n": configuration["samples"]}
    wanted |= {"layer": layers}
    if configuration["iterations"]:
        wanted |= {"iteration": configuration["iterations"]}
    # I(X;X) and I(X;X′) are estimated where the ends are
    measured = {"input_mi": layers if ends else layers[1:]}
    measured |= {"output_mi": layers[:-1]} if ends else {}
    for quantity, where in measured.items():
        names = [quantity, *(f"{quantity}_{error}" for error in ERRORS)]
        dims = ("estimator", "iteration", "n", "layer")
        yield from _faults_of_variables(result, names, dims, wanted)
        yield from _faults_of_estimates(result[names].sel(layer=where), quantity)


def _faults_of_gaussians(result: xr.Dataset, configuration: Mapping[str, Any]) -> Iterator[str]:
    wanted = {"n": configuration["samples"], "rho": configuration["rhos"]}
    names = ["mi", *(f"mi_{error}" for error in ERRORS)]
    yield from _faults_of_variables(result, names, ("n", "rho"), wanted)
    yield from _faults_of_estimates(result[names], "mi")


_FAULTS = {
    "bottleneck_size": _faults_of_run,
    "experiment": _faults_of_plane,
    "rhos": _faults_of_gaussians,
}
"""By what only the configurations of this kind of result have."""


def _faults_of_variables(
    result: xr.Dataset,
    names: Collection[str],
    dims: tuple[str, ...],
    coordinates: Mapping[str, Sequence[Any]],
    sizes: Mapping[str, int] | None = None,
) -> Iterator[str]:
    for name in names:
        if name not in result:
            yield f"it has no {name}, but {sorted(map(str, result))}"
        elif set(result[name].dims) != set(dims):
            yield f"{name} has the dimensions {result[name].dims}, not {dims}"
        elif result[name].dtype.kind != "f":
            yield f"{name} holds {result[name].dtype}, not numbers"
    for dim, expected in coordinates.items():
        found = result[dim].values.tolist() if dim in result.coords else []
        if dim in dims and found != list(expected):
            yield f"{dim} is {_short(found)}, and its configuration says {_short(expected)}"
    for dim, size in (sizes or {}).items():
        if result.sizes[dim] != size:
            yield f"it has {result.sizes[dim]} of {dim}, and its configuration says {size}"


def _faults_of_values(
    values: xr.Dataset, most: float = np.inf, slack: xr.DataArray | float = SLACK
) -> Iterator[str]:
    """What is no number, below 0 or above ``most``; the slack is of those that have a most."""
    slack = slack if np.all(np.isfinite(most)) else 0.0
    for name, array in values.items():
        if not bool(np.isfinite(array).all()):
            yield f"{name} has values that are no finite numbers"
        elif bool((array < -slack).any()) or bool((array > most + slack).any()):
            reach = f"{float(array.min()):.4g} to {float(array.max()):.4g}"
            yield f"{name} goes from {reach}, and must lie in 0 … {float(np.max(most)):.4g}"


def _faults_of_estimates(estimates: xr.Dataset, quantity: str) -> Iterator[str]:
    errors = estimates.drop_vars(quantity)
    yield from _faults_of_values(errors)
    standard, quadrature = (estimates[f"{quantity}_{error}"] for error in ERRORS)
    slack = SLACK + 4 * standard + quadrature
    yield from _faults_of_values(estimates[[quantity]], np.log2(estimates.n), slack)


def _short(values: Sequence[Any]) -> str:
    values = list(values)
    return str(values) if len(values) < 10 else f"{len(values)} from {values[0]} to {values[-1]}"
