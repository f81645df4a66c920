"""The ledger as a table: every claim, its verdicts side by side, its numbers folded away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Literal

from study.claims.criteria.decision import Claim, Finding, Verdict

SIGNS: dict[Verdict, str] = {
    "holds": "●",
    "does not hold": "○",
    "not decided": "?",
    "no verdict": "–",
}
"""Verdicts as signs, for those who do not see the colours."""

_TINY = 1e-6
_MANY = 100
"""Standard deviations; of more, networks differ by little else than their rounding."""
_LEFT = 'style="text-align: left; vertical-align: top"'
"""JupyterLab sets the cells of tables to the right, as if all were numbers."""


def number(value: float) -> str:
    """Three digits and a true minus; what rounding errors decide is shown as 0."""
    if abs(value) < _TINY:
        return "0"
    return f"{value:.3g}".replace("inf", "∞").replace("-", "−")


def ledger_table(
    findings: Iterable[Finding],
    *,
    across: Literal["cell", "column"] = "column",
    shown: Sequence[str] = (),
    first: int = 1,
    asked: str = "the paper",
    comments: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A row for each claim, as HTML, and one below it that unfolds to its test and numbers.

    Parameters
    ----------
    findings : iterable of Finding
    across : "cell" or "column"
        What the table's columns are: ways to look, or cells of the experiment.
    shown : sequence of str
        Cells whose verdicts are shown side by side, as signs alone. The numbers of the others are
        folded away with the rest. None: all of them, in words.
    first : int
        Number of the first claim.
    asked : str
        Whose claims they are; anything but "the paper" asks questions, which are no quotations.
    comments : mapping from name of claim to str
        What explains a verdict. It belongs to these findings: other data have other reasons.
    """
    by_claim: dict[str, list[Finding]] = {}
    for finding in findings:
        by_claim.setdefault(finding.claim.name, []).append(finding)
    every = [finding for of_claim in by_claim.values() for finding in of_claim]
    heads = list(dict.fromkeys(getattr(finding, across) for finding in every))
    rows = "".join(
        _rows(
            i,
            of_claim,
            heads,
            across=across,
            shown=shown,
            comments=comments,
            quoted=asked == "the paper",
        )
        for i, of_claim in enumerate(by_claim.values(), start=first)
    )
    titles = _cells("th", ("", escape(asked), *map(_title, heads)))
    return f'<table class="ledger"><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>'


def _cells(tag: str, contents: Iterable[str]) -> str:
    return "".join(f"<{tag} {_LEFT}>{content}</{tag}>" for content in contents)


def _title(name: str) -> str:
    return escape(name.removeprefix("by the "))


def _rows(
    position: int,
    findings: list[Finding],
    heads: list[str],
    *,
    across: str,
    shown: Sequence[str],
    comments: Mapping[str, str],
    quoted: bool,
) -> str:
    claim = findings[0].claim
    verdicts = []
    for head in heads:
        here = [one for one in findings if getattr(one, across) == head]
        if shown:
            here = sorted(
                (one for one in here if one.cell in shown), key=lambda f: shown.index(f.cell)
            )
        verdicts.append(" ".join(_verdict(one, words=not shown) for one in here))
    words = escape(claim.quotation)
    told = f"“{words}”" if quoted else words
    told += f"<br><small>{escape(claim.where)}</small>"
    return (
        f'<tr id="claim-{claim.name.replace("_", "-")}">'
        f"{_cells('td', (str(position), told, *verdicts))}</tr>"
        f'<tr class="numbers"><td></td><td {_LEFT} colspan="{1 + len(heads)}">'
        f"{_details(claim, findings, comments, 'Claimed' if quoted else 'Yes')}</td></tr>"
    )


def _verdict(finding: Finding, words: bool) -> str:
    verdict, sign = finding.verdict, SIGNS[finding.verdict]
    text = f"{sign}&nbsp;{verdict}" if words else sign
    return f'<span class="{verdict.replace(" ", "-")}" title="{verdict}">{text}</span>'


def _details(
    claim: Claim, findings: list[Finding], comments: Mapping[str, str], claimed: str
) -> str:
    side = "at least" if claim.side == "above" else "at most"
    parts = (
        f"{escape(claim.measured)}. {claimed}: {side} {number(claim.threshold)}, because: "
        f"{escape(claim.reason)}. Fixed {claim.since} its data were seen.",
        escape(claim.limits),
        escape(comments.get(claim.name, "")),
    )
    text = "".join(f"<p>{part}</p>" for part in parts if part)
    return f"<details><summary>test and numbers</summary>{text}{_numbers(findings)}</details>"


def _numbers(findings: list[Finding]) -> str:
    """Cells of the experiment below each other, ways to look side by side."""
    columns = list(dict.fromkeys(finding.column for finding in findings))
    by_cell: dict[str, dict[str, str]] = {}
    for finding in findings:
        by_cell.setdefault(finding.cell, {})[finding.column] = _number(finding)
    rows = "".join(
        f"<tr>{_cells('td', (escape(cell), *(of.get(column, '') for column in columns)))}</tr>"
        for cell, of in by_cell.items()
    )
    titles = _cells("th", ("", *map(_title, columns)))
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"


def _interval(finding: Finding) -> tuple[float, float]:
    """95 %, within the values that the criterion knows, if the number itself is one of them.

    The frozen ranges take M for the most that a layer can have. Where the noise is only added to
    look, a layer that stretches has more.
    """
    low, high = finding.interval
    return (low, high) if low <= finding.value <= high else finding.estimate.interval()


def _number(finding: Finding) -> str:
    of, text = finding.estimate, f"<b>{number(finding.value)}</b>"
    if not finding.claim.repeated:
        return text if of.error == 0 else f"{text}<br><small>one network of each size</small>"
    if math.isnan(finding.p_value):
        few = "a size of one network" if finding.claim.evidence == "sizes" else "one network"
        return f"{text}<br><small>{few}</small>"
    low, high = map(number, _interval(finding))
    p = finding.p_value
    more = [f"n = {of.repeats}", "p < 0.001" if p < 0.001 else f"p = {p:.3f}"]
    effect = finding.effect_in_deviations
    if not math.isnan(effect):
        many = f"over {_MANY}" if effect > 0 else f"below −{_MANY}"
        more.insert(1, f"{number(effect) if abs(effect) <= _MANY else many} s.d.")
    return f"{text} [{low}, {high}]<br><small>{', '.join(more)}</small>"
