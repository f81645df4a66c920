"""Answers of `study.beyond.criteria` as tables: a kind of network a row, a way to look a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import xarray as xr

from ipae_lib.layers import INPUT
from study.beyond.criteria import COLUMNS, GEOMETRY, hidden
from study.claims import SIGNS, Finding

YES = {"●": "yes", "○": "no", "?": "undecided", "–": "no verdict"}
"""What the signs mean where a question is asked."""


def answers(findings: Iterable[Finding], name: str) -> pd.DataFrame:
    """The answers to one question: sign of the verdict, statistic, and its 95 % interval.

    Parameters
    ----------
    findings : iterable of Finding
    name : str
        Of the question.

    Raises
    ------
    ValueError
        If no finding is on this question.
    """
    rows: dict[str, dict[str, str]] = {}
    known = set()
    for finding in findings:
        known.add(finding.claim.name)
        if finding.claim.name == name:
            title = finding.column.removeprefix("by the ")
            rows.setdefault(finding.cell, {})[title] = _text(finding)
    if not rows:
        raise ValueError(f"name is {name!r}; the findings are on {sorted(known)}")
    return pd.DataFrame(rows).T


def _text(finding: Finding) -> str:
    value, low, high = (
        f"{number:.2f}".replace("-0.00", "0.00").replace("-", "−")
        for number in (finding.value, *finding.interval)
    )
    return f"{SIGNS[finding.verdict]}\N{NBSP}{value} [{low},\N{NBSP}{high}]"


def by_question(findings: Iterable[Finding]) -> pd.DataFrame:
    """Questions on geometry alone, which have one way to look: the measures are the columns."""
    rows: dict[str, dict[str, str]] = {}
    for finding in findings:
        measure = GEOMETRY[finding.claim.name.removesuffix("_falls")]
        rows.setdefault(finding.cell, {})[measure] = _text(finding)
    return pd.DataFrame(rows).T


def tally(findings: Iterable[Finding], name: str) -> dict[str, dict[str, int]]:
    """How many kinds of networks have each answer to a question, by the way to look.

    Returns
    -------
    dict from column to dict from ``yes``, ``no``, ``undecided``, ``all`` to a number
    """
    counts: dict[str, dict[str, int]] = {}
    for finding in findings:
        if finding.claim.name == name:
            empty = {"yes": 0, "no": 0, "undecided": 0, "no verdict": 0, "all": 0}
            row = counts.setdefault(finding.column, empty)
            row[YES[SIGNS[finding.verdict]]] += 1
            row["all"] += 1
    return counts


def values(findings: Iterable[Finding], name: str) -> dict[str, dict[str, float]]:
    """The statistic of a question by network and way to look, for a sentence.

    Ways to look are called as `COLUMNS` has their estimator or noise.
    """
    found: dict[str, dict[str, float]] = {}
    for finding in findings:
        if finding.claim.name == name:
            found.setdefault(finding.cell, {})[COLUMNS[finding.column]] = finding.value
    return found


def learned(groups: Mapping[str, Sequence[xr.Dataset]]) -> pd.DataFrame:
    """What each kind of network has learned at its end.

    Returns
    -------
    DataFrame
        ``test error``, mean over seeds; ``of guessing``, that of one answer to all images.
    """
    rows = {}
    for name, runs in groups.items():
        ends = [float(run.test_error[-1]) for run in runs]
        rows[name] = {"test error": sum(ends) / len(ends), "of guessing": runs[0].plateau}
    return pd.DataFrame(rows).T


def null_shares(runs: Sequence[xr.Dataset], quantity: str = "input_mi") -> xr.DataArray:
    """The part of the estimates at the end that shuffled pairs give as well, (estimator, layer).

    Of the hidden layers; mean over seeds.
    """
    ends = [run.isel(iteration=-1) for run in runs]
    shares = [
        hidden((end[f"{quantity}_null"] / end[quantity]).mean("batch")).drop_vars("iteration")
        for end in ends
    ]
    return xr.concat(shares, "seed").mean("seed")


def whole(runs: Sequence[xr.Dataset]) -> xr.Dataset:
    """M in truth, bits, at each noise, and the share of it that each layer has at the end."""
    ends = xr.concat([run.true_input_mi.isel(iteration=-1, drop=True) for run in runs], "seed")
    ends = ends.squeeze("resolution", drop=True).mean("seed")
    bits = ends.sel(layer=INPUT, drop=True)
    return xr.Dataset({"bits": bits, "share": hidden(ends) / bits})
