"""What chapter 13 says of other images, other autoencoders, and geometry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import xarray as xr

from study.beyond.answers import YES, answers, tally
from study.beyond.criteria import COLUMNS, GEOMETRY
from study.beyond.published import LOOKS, PUBLISHED, RULES, SAID
from study.chapters.ch12 import statistics
from study.claims import SIGNS, Finding

__all__ = [
    "as_reported",
    "counted",
    "decided",
    "followed",
    "held",
    "most",
    "nearer",
    "orders",
    "reported",
    "reproduced",
    "statistics",
    "typical",
]


def counted(findings: Iterable[Finding], name: str) -> dict[str, dict[str, int]]:
    """How many kinds of networks have each answer to a question, by estimator or noise.

    Names have a low line for each space, and no apostrophe, so that a sentence can take them.
    """
    counts = tally(findings, name)
    return {_plain(COLUMNS[column]): row for column, row in counts.items()}


def _plain(name: str) -> str:
    return name.replace("'", "").replace("-", "_").replace(" ", "_")


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


def orders(findings: Iterable[Finding]) -> pd.DataFrame:
    """How each rule orders the points of a plane: means over kinds of networks.

    Returns
    -------
    DataFrame
        Rows are rules, columns the noise of the truth.
    """
    rows = []
    for finding in findings:
        if finding.claim.name == "rule_follows_the_truth":
            rule, noise = finding.column.split("; ")
            title = rule.removeprefix("by the ")
            rows.append({"rule": title, "noise": f"in truth, {noise}", "order": finding.value})
    table = pd.DataFrame(rows).pivot_table("order", "rule", "noise", sort=False)
    return table.rename_axis(index=None, columns=None)


def nearer(findings: Iterable[Finding]) -> dict[str, dict[str, dict[str, int]]]:
    """For how many kinds of networks the published rule orders points better than another rule.

    Returns
    -------
    dict from rule to a dict from noise to counts
        As `counted` names and counts them.
    """
    findings = [one for one in findings if one.claim.name == "published_rule_is_nearer"]
    found: dict[str, dict[str, dict[str, int]]] = {}
    for column, counts in tally(findings, "published_rule_is_nearer").items():
        rule, noise = column.split("; ")
        found.setdefault(_plain(RULES[rule]), {})[_plain(noise)] = counts
    return found


def reported(findings: Iterable[Finding]) -> pd.DataFrame:
    """Whether the code compresses: what Lee & Jo report, and the answers in each way to look."""
    table = answers(findings, "code_compresses")
    table.insert(0, "they report", ["●" if SAID[name] else "○" for name in table.index])
    return table


def as_reported(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """How many of their statements on compression hold, by estimator or noise, named as `counted`.

    Returns
    -------
    dict from way to look to a dict from ``so``, ``otherwise``, ``undecided`` and ``all`` to a
    number of kinds of networks
    """
    counts: dict[str, dict[str, int]] = {}
    for finding in findings:
        if finding.claim.name == "code_compresses":
            empty = {"so": 0, "otherwise": 0, "undecided": 0, "all": 0}
            row = counts.setdefault(_plain(LOOKS[finding.column]), empty)
            answer = YES[SIGNS[finding.verdict]]
            said = "yes" if SAID[finding.cell] else "no"
            known = answer in ("yes", "no")
            row["undecided" if not known else "so" if answer == said else "otherwise"] += 1
            row["all"] += 1
    return counts


READ = {
    "shallow": (5.2, 3.6),
    "sparse": (4.8, 0.8),
    "tied": (6.4, 6.4),
    "deep": (4.4, 3.2),
    "label": (1.3, 1.1),
}
"""Bits that Lee & Jo's code has I(X;Z) reach, and have at the iteration where ours ends.

Read off the figures of MNIST/IP_MNIST.ipynb at commit a824e7c of Sungyeop/IPRL, to about 0.1 bits.
"""


def reproduced(groups: Mapping[str, Sequence[xr.Dataset]]) -> pd.DataFrame:
    """What the code knows of the input by the published rule: in their figures, and here.

    Returns
    -------
    DataFrame
        A row for each kind of network. Bits at the highest record and at the last, theirs and ours;
        and the spread of the code, the root of its total variance, at the same two. Means over
        seeds.
    """
    rows = {}
    for name, of in groups.items():
        look = LOOKS[PUBLISHED]
        codes = [run.sel(layer="Z") for run in of]
        bits = [code.input_mi.sel(estimator=look).mean("batch") for code in codes]
        tops = [int(values.argmax("iteration")) for values in bits]
        spreads = [code.total_variance**0.5 for code in codes]
        peak, end = READ[name]
        rows[name] = {
            "their peak": peak,
            "their end": end,
            "peak": _mean(values[top] for values, top in zip(bits, tops, strict=True)),
            "end": _mean(values[-1] for values in bits),
            "spread at the peak": _mean(s[top] for s, top in zip(spreads, tops, strict=True)),
            "spread at the end": _mean(spread[-1] for spread in spreads),
        }
    return pd.DataFrame(rows).T


def _mean(values: Iterable[xr.DataArray]) -> float:
    numbers = [float(value) for value in values]
    return sum(numbers) / len(numbers)
