"""The ledger as tables: every claim with what was measured, and how many of each verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape

from study.claims.verdict import Criterion, Finding

SIGNS = {"holds": "●", "holds in part": "◐", "does not hold": "○", "not decided": "?"}
"""Verdicts as signs, for those who do not see the colours."""

_MET = {"yes": "✓", "no": "✗", "undecided": "?"}
_TINY = 1e-6
_LEFT = 'style="text-align: left; vertical-align: top"'
"""JupyterLab sets the cells of tables to the right, as if all were numbers."""


def verdict_counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many claims have each verdict."""
    counts = Counter(finding.verdict for finding in findings)
    return {verdict: counts[verdict] for verdict in SIGNS}


def number(value: float) -> str:
    """Three digits; what rounding errors decide is shown as 0."""
    return "0" if abs(value) < _TINY else f"{value:.3g}"


def ledger_table(findings: Iterable[Finding], first: int = 1) -> str:
    """One row for each claim, as HTML: the claim and where it stands, the test, what was measured.

    Parameters
    ----------
    findings : iterable of Finding
    first : int
        Number of the first claim.
    """
    rows = "".join(_row(i, finding) for i, finding in enumerate(findings, start=first))
    titles = ("", "the paper", "test and result", "verdict")
    head = "".join(f"<th {_LEFT}>{title}</th>" for title in titles)
    return f'<table class="ledger"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(position: int, finding: Finding) -> str:
    claim = finding.claim
    comment = f"<p>{escape(claim.comment)}</p>" if claim.comment else ""
    return (
        f'<tr id="claim-{claim.name.replace("_", "-")}"><td {_LEFT}>{position}</td>'
        f"<td {_LEFT}>“{escape(claim.quotation)}”<br><small>{escape(claim.where)}</small></td>"
        f"<td {_LEFT}>{escape(claim.test)}.{_result(finding)}{comment}</td>"
        f'<td {_LEFT} class="{finding.verdict.replace(" ", "-")}">'
        f"{SIGNS[finding.verdict]}&nbsp;{finding.verdict}</td></tr>"
    )


def _result(finding: Finding) -> str:
    """A single number as it is, several behind their count."""
    numbers = [_criterion(criterion) for criterion in finding.criteria]
    if len(numbers) == 1:
        return f"<p>{numbers[0]}</p>"
    met = sum(criterion.met == "yes" for criterion in finding.criteria)
    items = "".join(f"<li>{text}</li>" for text in numbers)
    return (
        f"<details><summary>{met} of {len(numbers)} numbers as claimed</summary>"
        f"<ul>{items}</ul></details>"
    )


def _criterion(criterion: Criterion) -> str:
    low, high = number(criterion.low), number(criterion.high)
    # as text: repeats that differ by rounding alone have no interval on any machine
    interval = f" [{low}, {high}]" if low != high else ""
    over = f", {criterion.repeats}" if criterion.repeats != "exact" else ""
    return (
        f"{_MET[criterion.met]} {escape(criterion.quantity)}: <b>{number(criterion.value)}</b>"
        f"{interval}, claimed {escape(criterion.required)}{over}"
    )
