"""What chapter 13 says of other images, other autoencoders, and geometry."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from study.beyond.answers import tally
from study.beyond.criteria import COLUMNS, GEOMETRY
from study.chapters.ch12 import statistics
from study.claims import Finding

__all__ = ["counted", "decided", "followed", "held", "most", "statistics", "typical"]


def counted(findings: Iterable[Finding], name: str) -> dict[str, dict[str, int]]:
    """How many kinds of networks have each answer to a question, by estimator or noise.

    Names have a low line for each space, and no apostrophe, so that a sentence can take them.
    """
    counts = tally(findings, name)
    return {
        COLUMNS[column].replace("'", "").replace("-", "_").replace(" ", "_"): row
        for column, row in counts.items()
    }


def most(findings: Iterable[Finding], name: str) -> dict[str, int]:
    """Of `counted`, the answers of the estimator or noise that says *yes* most often."""
    return max(counted(findings, name).values(), key=lambda row: row["yes"])


def held(findings: Iterable[Finding]) -> dict[str, int]:
    """How many answers are ``holds``, ``fails`` and ``undecided``, of ``all``."""
    verdicts = [finding.verdict for finding in findings]
    return {
        "holds": verdicts.count("holds"),
        "fails": verdicts.count("does not hold"),
        "undecided": verdicts.count("not decided"),
        "all": len(verdicts),
    }


def followed(findings: Iterable[Finding], measure: str) -> dict[str, dict[str, int]]:
    """As `counted`, whether the information follows a measure of geometry."""
    return counted(findings, f"information_follows_{measure}")


def decided(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """Answers on the geometry that each family of looks sees, as `counted`.

    Returns
    -------
    dict
        ``variance``, of the total variance and noise of one level; ``ratio``, of the participation
        ratio and noise in units of the total deviation.
    """
    findings = list(findings)
    return {
        "variance": followed(findings, "total_variance")["one_level"],
        "ratio": followed(findings, "participation_ratio")["total_deviation"],
    }


def typical(findings: Iterable[Finding]) -> pd.DataFrame:
    """How far the information follows each measure of geometry: medians over kinds of networks.

    Returns
    -------
    DataFrame
        Rows are ways to look, columns measures.
    """
    rows = [
        {
            "look": finding.column.removeprefix("by the "),
            "measure": GEOMETRY[finding.claim.name.removeprefix("information_follows_")],
            "correlation": finding.value,
        }
        for finding in findings
    ]
    table = pd.DataFrame(rows).pivot_table("correlation", "look", "measure", "median", sort=False)
    return table.rename_axis(index=None, columns=None)
