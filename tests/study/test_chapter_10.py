"""What chapter 10 sums up, on findings whose verdicts are known."""

import pytest

from study.chapters import ch10
from study.claims import Claim, Criterion, Finding


def finding(name, *criteria):
    return Finding(Claim(name, "words", "Sec. I", "a test", lambda _: []), criteria)


def number(quantity, low, high):
    """Claimed to be at least 1."""
    return Criterion(quantity, (low + high) / 2, low, high, at_least=1)


HOLDS = finding("one", number("q", 2, 3))
IN_PART = finding("two", number("q", 2, 3), number("r", 0, 0.5))
FAILS = finding("three", number("q", 0, 0.5))
OPEN = finding("four", number("q", 0, 2))

PHASES = finding(
    "compression_under_previous_rule",
    number("T₁ᴱ, K = 32 [bits]", 2, 3),
    number("Z, K = 32 [bits]", 0.5, 2),
    number("T₁ᴰ, K = 32 [bits]", 0, 0.5),
    number("T₂ᴰ, K = 32 [bits]", 1, 2),
    number("least approach to the bisector [bits]", 2, 3),
)
ENCODER = finding(
    "encoder_compresses_for_small",
    number("T₁ᴱ to T₂ᴱ [bits]", 0, 0.5),
    number("T₁ᴱ to T₃ᴱ [bits]", 1, 2),
)
NONE = finding("no_compression_under_proposed_rule", number("T₁ᴱ, K = 32 [bits]", 0, 2))


def test_verdicts_are_counted_by_group():
    found = ch10.counts({"theory": [HOLDS, HOLDS, OPEN], "planes": [FAILS, IN_PART]})
    assert found.columns.tolist() == [
        "● holds",
        "◐ holds in part",
        "○ does not hold",
        "? not decided",
    ]
    assert found.loc["theory"].tolist() == [2, 0, 0, 1]
    assert found.loc["planes"].tolist() == [0, 1, 1, 0]
    assert found.loc["all"].tolist() == [2, 1, 1, 1]


def test_the_summary_names_what_was_decided():
    assert ch10.summary(iter([HOLDS, IN_PART, PHASES, FAILS, ENCODER, OPEN, NONE])) == {
        "all": 7,
        "holds": 1,
        "in_part": 3,
        "compressing": 2,
        "layers": 4,
        "no_phase": "not decided",
        "fall": 1.5,
    }


def test_a_ledger_without_these_claims_is_refused():
    with pytest.raises(ValueError, match="no claim 'no_compression_under_proposed_rule'; give"):
        ch10.summary([PHASES, ENCODER])
    renamed = finding("encoder_compresses_for_small", number("E1 to E3", 1, 2))
    with pytest.raises(ValueError, match=r"small' has no criterion that begins with .'T₁ᴱ to T₃ᴱ'"):
        ch10.summary([PHASES, renamed, NONE])
