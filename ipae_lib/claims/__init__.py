"""The claims ledger: every checkable statement of the paper, measured and decided.

Each claim has a statistic and a threshold of its own, fixed here and not by eye. It holds if the
whole interval of each of its numbers lies where the claim puts it, does not hold if none does,
and holds in part otherwise.
"""

from ipae_lib.claims import estimator, planes, sweep
from ipae_lib.claims.estimator import ToyEvidence, toy_evidence
from ipae_lib.claims.planes import PlaneEvidence, plane_evidence
from ipae_lib.claims.sweep import SweepEvidence
from ipae_lib.claims.table import ledger_table, verdict_counts
from ipae_lib.claims.verdict import CONFIDENCE, VISIBLE, Claim, Criterion, Finding, measured

CLAIMS = (*estimator.CLAIMS, *planes.CLAIMS, *sweep.CLAIMS)
"""Every claim, in the order of the paper."""


def decide(toys: ToyEvidence, recorded: PlaneEvidence, sizes: SweepEvidence) -> list[Finding]:
    """Measure and decide every claim on the evidence of its kind."""
    groups = ((estimator.CLAIMS, toys), (planes.CLAIMS, recorded), (sweep.CLAIMS, sizes))
    return [
        Finding(claim, tuple(claim.check(evidence)))
        for claims, evidence in groups
        for claim in claims
    ]


__all__ = [
    "CLAIMS",
    "CONFIDENCE",
    "VISIBLE",
    "Claim",
    "Criterion",
    "Finding",
    "PlaneEvidence",
    "SweepEvidence",
    "ToyEvidence",
    "decide",
    "ledger_table",
    "measured",
    "plane_evidence",
    "toy_evidence",
    "verdict_counts",
]
