"""The claims ledger: every checkable statement of the paper, measured and decided.

Each claim has one statistic and a threshold, fixed in the code and not by eye::

    criteria     those on trained networks, frozen before their runs
    theory       those of Sec. II, on cases that are known exactly
    estimator    those of Secs. III and IV-A, on toy problems
    freeze       whether a run was made after its criteria
    comments     what explains a verdict, written when it was known
    table        the ledger as a table
"""

from __future__ import annotations

from collections.abc import Mapping

from study.claims import estimator, theory
from study.claims.comments import COMMENTS
from study.claims.criteria import planes, sweep
from study.claims.criteria.columns import COLUMNS, PAPER, Runs, measure
from study.claims.criteria.decision import Claim, Finding, agreement, decide
from study.claims.estimator import ToyEvidence, toy_evidence
from study.claims.table import SIGNS, ledger_table
from study.claims.theory import ExactEvidence, exact_evidence

GROUPS = {
    "theory": theory.CLAIMS,
    "estimator": estimator.CLAIMS,
    "planes": planes.CLAIMS,
    "bottleneck size": sweep.CLAIMS,
}
"""Every claim, by what it is about."""

CLAIMS: tuple[Claim, ...] = tuple(one for group in GROUPS.values() for one in group)

NOT_TESTED = {
    "the MI estimator used was able to capture expected behaviors for a very high-dimensional "
    "setting, which is not the case for other estimators in the literature (Sec. IV-B)": "Chapter "
    "8 asks it: it scores the order that other estimators see on the paper's networks, too. A row "
    "here has one estimator.",
    "this effect intensifies as the bottleneck gets larger (Sec. I, of [7])": "It needs planes "
    "over the whole training of more than two sizes.",
    "The maximum number of samples is limited by memory constraints (Sec. IV-A)": "It depends on "
    "the machine; chapter 9 has what samples cost.",
}
"""Statements that no row is on, and why."""


def judge(exact: ExactEvidence, toys: ToyEvidence, cells: Mapping[str, Runs]) -> list[Finding]:
    """Measure every claim on the evidence of its kind, and decide all of them together.

    Parameters
    ----------
    exact : ExactEvidence
    toys : ToyEvidence
    cells : mapping from name to Runs
        The cells of the experiment.
    """
    estimates = theory.measure(exact) | estimator.measure(toys)
    for name, runs in cells.items():
        estimates |= measure([*planes.CLAIMS, *sweep.CLAIMS], name, runs)
    return decide(estimates)


__all__ = [
    "CLAIMS",
    "COLUMNS",
    "COMMENTS",
    "GROUPS",
    "NOT_TESTED",
    "PAPER",
    "SIGNS",
    "Claim",
    "ExactEvidence",
    "Finding",
    "Runs",
    "ToyEvidence",
    "agreement",
    "exact_evidence",
    "judge",
    "ledger_table",
    "toy_evidence",
]
