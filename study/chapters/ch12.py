"""What chapter 12 says of classifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import xarray as xr

from study.beyond.answers import null_shares, values
from study.beyond.criteria import BY_GEOMETRY, GEOMETRY, fall, hidden
from study.claims import Finding

Seen = Mapping[str, Mapping[str, xr.Dataset]]
"""Networks by name, each in every way to look, as `criteria.seen` gives them."""


def quality(groups: Mapping[str, Sequence[xr.Dataset]]) -> dict[str, float]:
    """``least``, the smallest share of test images that a network names rightly at its end."""
    return {"least": min(1 - float(run.test_error[-1]) for of in groups.values() for run in of)}


def falls(seen: Seen) -> pd.DataFrame:
    """The fall of each hidden layer's input MI since the fitting, in shares of the whole.

    Returns
    -------
    DataFrame
        Rows (network, layer), a column for each way to look; means over seeds. The last column is
        the layer's total variance at the end, as a multiple of that at the fitting.
    """
    tables = {}
    for name, looks in seen.items():
        table = {
            look: hidden(fall(plane.input_mi, plane) / plane.unit).mean("seed").to_series()
            for look, plane in looks.items()
        }
        plane = next(iter(looks.values()))
        end = plane.total_variance.isel(iteration=-1)
        grown = hidden(end / _at_fitting(plane.total_variance, plane)).mean("seed")
        tables[name] = pd.DataFrame(table | {"variance, times": grown.to_series()})
    return pd.concat(tables)


def early(seen: Seen, look: str = "in truth, total deviation") -> dict[str, dict[str, float]]:
    """What the last hidden layer knows of the input before and around the fitting.

    Returns
    -------
    dict from network to dict
        Shares of the whole, means over seeds: ``start``, ``least``, of all records, and ``end``.
    """
    found = {}
    for name, looks in seen.items():
        plane = looks[look]
        share = (hidden(plane.input_mi) / plane.unit).isel(layer=-1)
        course = share.mean("seed")
        found[name] = {
            "start": float(course[{"iteration": 0}]),
            "least": float(course.min()),
            "end": float(course[{"iteration": -1}]),
        }
    return found


def on_the_label(
    seen: Seen, look: str = "in truth, one level"
) -> dict[str, dict[str, dict[str, float]]]:
    """What the first and the last hidden layer know of the label since the fitting.

    Returns
    -------
    dict from network to dict from "first", "last" to dict
        Shares of H(Y), means over seeds: ``fitting``, where the fitting ends, and ``end``.
    """
    found = {}
    for name, looks in seen.items():
        plane = looks[look]
        moments = {
            "fitting": _at_fitting(plane.label_mi, plane),
            "end": plane.label_mi.isel(iteration=-1),
        }
        found[name] = {
            which: {
                moment: float(hidden(values).isel(layer=place).mean("seed"))
                for moment, values in moments.items()
            }
            for which, place in {"first": 0, "last": -1}.items()
        }
    return found


def _at_fitting(values: xr.DataArray, plane: xr.Dataset) -> xr.DataArray:
    return values.isel(iteration=plane.fitted.argmax("iteration"))


def statistics(findings: Iterable[Finding]) -> dict[str, dict[str, dict[str, float]]]:
    """The statistics of the questions, by question, network and way to look.

    The ways to look are called as the estimator or the noise, with a low line for each space.
    """
    findings = list(findings)
    names = dict.fromkeys(finding.claim.name for finding in findings)
    return {name: _named(values(findings, name)) for name in names}


def correlations(findings: Iterable[Finding]) -> dict[str, dict[str, float]]:
    """How far each way to look follows the geometry that it sees, by network.

    Returns
    -------
    dict
        ``variance``, of the total variance and noise of one level; ``ratio``, of the participation
        ratio and noise in units of the total deviation.
    """
    found = statistics(findings)
    pairs = {
        "variance": ("total_variance", "one_level"),
        "ratio": ("participation_ratio", "total_deviation"),
    }
    return {
        name: {cell: looks[look] for cell, looks in found[f"information_follows_{measure}"].items()}
        for name, (measure, look) in pairs.items()
    }


def _named(of: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        cell.replace(" ", "_"): {
            look.replace("'", "").replace("-", "_").replace(" ", "_"): value
            for look, value in looks.items()
        }
        for cell, looks in of.items()
    }


def nulls(groups: Mapping[str, Sequence[xr.Dataset]], rule: str = "scale-free") -> dict[str, float]:
    """The ``least`` and the ``most`` that shuffled pairs give of an estimate of a hidden layer."""
    shares = [null_shares(of).sel(estimator=rule) for of in groups.values()]
    return {
        "least": min(float(share.min()) for share in shares),
        "most": max(float(share.max()) for share in shares),
    }


def geometry(findings: Iterable[Finding]) -> dict[str, dict[str, float]]:
    """The fall of each measure of geometry, by measure and network."""
    found: dict[str, dict[str, float]] = {}
    for finding in findings:
        if finding.column == BY_GEOMETRY:
            measure = finding.claim.name.removesuffix("_falls")
            found.setdefault(measure, {})[finding.cell] = finding.value
    return {name: found[name] for name in GEOMETRY if name in found}
