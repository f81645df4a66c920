"""Chapter 10: the evidence of the ledger, its verdicts counted, and numbers in its sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from study.claims import COLUMNS, GROUPS, PAPER, SIGNS, Finding, Runs, agreement
from study.claims.criteria.columns import TRUTHS
from study.claims.criteria.decision import SIGNIFICANCE, holm, threshold_of
from study.claims.freeze import last_change
from study.experiments import CELLS, PRINCIPAL, Cell, Experiment, Profile, known

SHOWN = tuple(cell.title for cell in PRINCIPAL)
"""Cells of the experiment that are decided, by the names that the ledger has for them."""

PHASES = {
    "median layer": "large_shows_a_compression_phase",
    "worst layer": "large_shows_no_compression_phase",
}
"""The two claims that ask for a compression phase of the large bottleneck."""


def cells_of(
    settings: Profile,
    result: Callable[[Experiment], xr.Dataset],
    plateau: float,
    live: bool,
    cells: Iterable[Cell] = CELLS,
) -> dict[str, Runs]:
    """The runs of each cell of the experiment that are there, by its title.

    Parameters
    ----------
    settings : Profile
    result : callable
        The result of an experiment.
    plateau : float
        As in `claims.Runs`.
    live : bool
        All are made. If not, those that are stored count: a seed where both plane sizes have it,
        and of the other sizes every network.
    cells : iterable of Cell
        Those that are asked for.

    Returns
    -------
    dict from title to Runs
        Cells without a seed are left out.
    """
    found = {}
    for cell in cells:
        by_seed: dict[int, list[Experiment]] = {}
        for run in known(settings.planes(cell), live):
            by_seed.setdefault(run.seed, []).append(run)
        pairs = [runs for runs in by_seed.values() if len(runs) == len(settings.plane_sizes)]
        if not pairs:
            continue
        planes = {run: result(run) for runs in pairs for run in runs}
        small, large = ([planes[run] for run in runs] for runs in zip(*pairs, strict=True))
        sweep = known(settings.sweep(cell), live) if cell in PRINCIPAL else []
        ends = dict.fromkeys([*sweep, *planes]) if sweep else {}
        sizes = [planes[run] if run in planes else result(run) for run in ends]
        found[cell.title] = Runs(small, large, sizes, plateau)
    return found


def decided_runs(cells: Mapping[str, Runs]) -> list[xr.Dataset]:
    """Runs of the cells that are decided, recorded over the whole training."""
    known = [cells[name] for name in SHOWN if name in cells]
    return [run for cell in known for run in (*cell.small, *cell.large)]


def at_noise(cells: Mapping[str, Runs], resolution: float) -> dict[str, Runs]:
    """The decided cells, their truth at another noise.

    Parameters
    ----------
    cells : mapping from title to Runs
    resolution : float
        As in `claims.Runs`.
    """
    return {n: replace(cells[n], resolution=resolution) for n in SHOWN if n in cells}


def frozen() -> str:
    """When and by which commit the criteria were last changed, or why that cannot be told."""
    try:
        change = last_change()
    except ValueError as error:
        return f"not known here: {error}"
    return f"criteria last changed: {change.date} {change.commit[:7]} {change.subject}"


def counts(findings: Iterable[Finding]) -> pd.DataFrame:
    """How many claims have each verdict, for each way to look and cell.

    Parameters
    ----------
    findings : iterable of Finding
        As `claims.judge` gives them.

    Returns
    -------
    DataFrame
        Rows (way to look, cell), without cells of one network.
    """
    rows: dict[tuple[str, str], Counter[str]] = {}
    for finding in findings:
        rows.setdefault((finding.column, finding.cell), Counter())[finding.verdict] += 1
    decided = {name: row for name, row in rows.items() if row["no verdict"] < row.total() / 2}
    table = pd.DataFrame(decided).T.reindex(columns=list(SIGNS)[:-1]).fillna(0).astype(int)
    return table.rename(columns={name: f"{sign} {name}" for name, sign in SIGNS.items()})


def edge(findings: Iterable[Finding]) -> pd.DataFrame:
    """How many tests are near the edge of a verdict, where more tests or networks may move it.

    Parameters
    ----------
    findings : iterable of Finding

    Returns
    -------
    DataFrame
        Rows are ways to look. Of the tests: those that decide; of them, those whose corrected
        p-value is above 0.01; those that would decide if Holm's procedure took all ways to look
        together; and those that do not decide, but would if each were the only one.
    """
    tested = [one for one in findings if one.p_value == one.p_value]
    plain = [one.estimate.p_value(threshold_of(one.claim)) for one in tested]
    rows: dict[str, list[tuple[bool, ...]]] = {}
    for one, alone, together in zip(tested, plain, holm(plain), strict=True):
        decides = one.p_value < SIGNIFICANCE
        narrow = decides and one.p_value > NARROW
        lost = alone < SIGNIFICANCE and not decides
        found = (True, decides, narrow, together < SIGNIFICANCE, lost)
        rows.setdefault(one.column, []).append(found)
    columns = ["tests", "decide", f"with p above {NARROW}", "decide together", "only alone"]
    return pd.DataFrame({name: np.sum(row, axis=0) for name, row in rows.items()}, columns).T


NARROW = 0.01
"""Corrected p-values above it decide narrowly."""


def phases(findings: Iterable[Finding], shown: Sequence[str] = SHOWN) -> pd.DataFrame:
    """Is there a compression phase of the large bottleneck? By every way to look.

    Parameters
    ----------
    findings : iterable of Finding
    shown : sequence of str
        Cells.

    Returns
    -------
    DataFrame
        Rows are ways to look; for each cell, the fall of the `PHASES` in shares of the whole, with
        the sign of the verdict on the claim that asks for it: that the median layer falls, and that
        the worst does not.
    """
    names = {name: what for what, name in PHASES.items()}
    table: dict[tuple[str, str], dict[str, str]] = {}
    for finding in findings:
        if finding.cell in shown and (what := names.get(finding.claim.name)):
            # by the paper's rule the two claims are on two rules
            rule = f"{finding.claim.rule} rule" if finding.column == PAPER else finding.column
            text = f"{finding.value:.3f}\N{NBSP}{SIGNS[finding.verdict]}"
            table.setdefault((finding.cell, what), {})[rule] = text
    order = ["previous rule", "proposed rule", *COLUMNS[1:]]
    frame = pd.DataFrame(table)
    frame = frame.reindex([name for name in order if name in frame.index]).fillna("")
    return frame.rename(lambda name: name.removeprefix("by the "))


def closest(findings: Iterable[Finding]) -> pd.Series:
    """The share of claims on the planes that lie where the paper has them, for each cell."""
    names = {one.name for one in GROUPS["planes"]}
    on_planes = [finding for finding in findings if finding.claim.name in names]
    shares = pd.Series(agreement(on_planes, PAPER), name="share of claims as the paper has them")
    return shares.sort_values(ascending=False, kind="stable")


def resolved(findings: Iterable[Finding], others: Iterable[Finding]) -> float:
    """Share of the claims in truth that lie on the same side at another noise.

    Parameters
    ----------
    findings, others : iterable of Finding
        At the one noise and at the other; what is only in one is left out.

    Raises
    ------
    ValueError
        If none in truth is in both.
    """
    side = {(f.claim.name, f.cell, f.column): f.as_claimed for f in others}
    places = {(f.claim.name, f.cell, f.column): f.as_claimed for f in findings}
    same = [
        claimed == side[place]
        for place, claimed in places.items()
        if place in side and place[2] in TRUTHS
    ]
    if not same:
        raise ValueError("findings and others share none in truth; give those of networks")
    return sum(same) / len(same)


def summary(findings: Sequence[Finding]) -> dict[str, object]:
    """What the sentences of the chapter say of the ledger.

    Parameters
    ----------
    findings : sequence of Finding
        Of all claims.

    Returns
    -------
    dict
        ``claims``; of them, ``before`` and ``after``, by whether the criterion was fixed before its
        data were seen; ``tests``, how many were made; ``closest``, the cells nearest to the paper,
        and ``share`` of the claims that lie where the paper has them there.

    Raises
    ------
    ValueError
        If there are no findings on the planes.
    """
    since = {finding.claim.name: finding.claim.since for finding in findings}
    near = closest(findings)
    if near.empty:
        raise ValueError("findings has none on the planes; give those of all groups")
    return {
        "claims": len(since),
        "before": list(since.values()).count("before"),
        "after": list(since.values()).count("after"),
        "tests": sum(finding.p_value == finding.p_value for finding in findings),
        "closest": " and ".join(f'"{cell}"' for cell in near.index[near == near.iloc[0]]),
        "share": float(near.iloc[0]),
    }


def own_errors(findings: Iterable[Finding]) -> pd.DataFrame:
    """The truth's own error beside the spread of the networks: medians over the claims.

    Returns
    -------
    DataFrame
        Rows are the ways to look in truth; shares of the whole.
    """
    rows: dict[str, list[tuple[float, float]]] = {}
    for finding in findings:
        of = finding.estimate
        if of.own_error and of.error == of.error:
            networks = (of.error**2 - of.own_error**2) ** 0.5
            rows.setdefault(finding.column, []).append((of.own_error, networks))
    columns = ["error of the truth", "error of the mean over networks"]
    medians = {name: pd.DataFrame(row, columns=columns).median() for name, row in rows.items()}
    return pd.DataFrame(medians).T
