"""Chapter 10: the verdicts counted, and the numbers in its sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from ipae_lib.layers import HIDDEN_LAYERS, TEXT_LABELS
from study.claims import SIGNS, Finding, verdict_counts


def counts(groups: Mapping[str, Sequence[Finding]]) -> pd.DataFrame:
    """How many claims of each group have each verdict, and how many in all.

    Parameters
    ----------
    groups : mapping from what the claims are about to Findings
        As `claims.decide` gives it.
    """
    rows = {name: verdict_counts(findings) for name, findings in groups.items()}
    table = pd.DataFrame(rows).T.rename(columns={v: f"{sign} {v}" for v, sign in SIGNS.items()})
    table.loc["all"] = table.sum()
    return table


def summary(findings: Iterable[Finding]) -> dict[str, object]:
    """What the sentences of the chapter say of the ledger.

    Parameters
    ----------
    findings : iterable of Finding
        Of all claims.

    Returns
    -------
    dict
        ``all``, ``holds`` and ``in_part``, numbers of claims; ``compressing`` of ``layers``,
        those of the large bottleneck whose compression phase under the previous rule is certain;
        ``no_phase``, the verdict that there is none under the proposed one; ``fall``, by how many
        bits the encoder of the small bottleneck compresses from T₁ᴱ to T₃ᴱ.

    Raises
    ------
    ValueError
        If one of these claims is not among the findings, or does not measure what is said of it.
    """
    findings = list(findings)
    by_name = {finding.claim.name: finding for finding in findings}
    phases = _criteria(by_name, "compression_under_previous_rule", HIDDEN_LAYERS)
    falls = _criteria(by_name, "encoder_compresses_for_small", ["E1"], " to T₃ᴱ")
    verdicts = verdict_counts(findings)
    return {
        "all": len(findings),
        "holds": verdicts["holds"],
        "in_part": verdicts["holds in part"],
        "compressing": sum(met == "yes" for met, _ in phases),
        "layers": len(phases),
        "no_phase": _finding(by_name, "no_compression_under_proposed_rule").verdict,
        "fall": falls[0][1],
    }


def _finding(by_name: Mapping[str, Finding], name: str) -> Finding:
    if name not in by_name:
        raise ValueError(f"findings has no claim {name!r}; give those of all groups")
    return by_name[name]


def _criteria(
    by_name: Mapping[str, Finding], name: str, layers: Iterable[str], rest: str = ""
) -> list[tuple[str, float]]:
    """Decisions and values of a claim's criteria that are about these layers."""
    starts = tuple(TEXT_LABELS[layer] + rest for layer in layers)
    criteria = _finding(by_name, name).criteria
    found = [(c.met, c.value) for c in criteria if c.quantity.startswith(starts)]
    if not found:
        raise ValueError(f"the claim {name!r} has no criterion that begins with {starts}")
    return found
