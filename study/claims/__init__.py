"""The claims ledger: every checkable statement of the paper, measured and decided.

Each claim has a statistic and a threshold of its own, fixed here and not by eye. It holds if the
whole interval of each of its numbers lies where the claim puts it, does not hold if that of one
lies elsewhere, holds in part if some are as claimed and some are not, and is left open otherwise.
"""

from study.claims import estimator, planes, sweep, theory
from study.claims.estimator import ToyEvidence, toy_evidence
from study.claims.paths import PlaneEvidence, plane_evidence
from study.claims.sweep import SweepEvidence
from study.claims.table import SIGNS, ledger_table, verdict_counts
from study.claims.theory import ExactEvidence, exact_evidence
from study.claims.verdict import CONFIDENCE, VISIBLE, Claim, Criterion, Finding, measured

CLAIMS = (*theory.CLAIMS, *estimator.CLAIMS, *planes.CLAIMS, *sweep.CLAIMS)
"""Every claim: on the theory, the estimator, the planes and the bottleneck size."""


def decide(
    exact: ExactEvidence, toys: ToyEvidence, recorded: PlaneEvidence, ends: SweepEvidence
) -> dict[str, list[Finding]]:
    """Measure and decide every claim, each on the evidence of its kind.

    Returns
    -------
    dict from what the claims are about to Findings
        In the order of `CLAIMS`.
    """
    groups = {
        "theory": (theory.CLAIMS, exact),
        "estimator": (estimator.CLAIMS, toys),
        "planes": (planes.CLAIMS, recorded),
        "bottleneck size": (sweep.CLAIMS, ends),
    }
    return {
        name: [Finding(claim, tuple(claim.check(evidence))) for claim in claims]
        for name, (claims, evidence) in groups.items()
    }


__all__ = [
    "CLAIMS",
    "CONFIDENCE",
    "SIGNS",
    "VISIBLE",
    "Claim",
    "Criterion",
    "ExactEvidence",
    "Finding",
    "PlaneEvidence",
    "SweepEvidence",
    "ToyEvidence",
    "decide",
    "exact_evidence",
    "ledger_table",
    "measured",
    "plane_evidence",
    "toy_evidence",
    "verdict_counts",
]
