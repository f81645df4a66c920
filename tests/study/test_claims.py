"""The claims ledger: claims on what is known exactly, all of them together, and the table."""

import math
from dataclasses import replace

import pytest
import xarray as xr
from bs4 import BeautifulSoup

from study import claims
from study.claims import estimator, theory
from study.claims.comments import COMMENTS
from study.claims.criteria.decision import Claim, Estimate, decide


@pytest.fixture(scope="module")
def exact():
    return claims.exact_evidence(steps=400)


def verdicts(evidence):
    """By claim and case."""
    findings = decide(theory.measure(evidence))
    return {(finding.claim.name, finding.cell): finding.verdict for finding in findings}


class TestTheory:
    def test_what_is_proven_holds_where_its_premises_do(self, exact):
        found = verdicts(exact)
        always = (theory.lemma_1, theory.forward_data_processing, theory.feasible_region)
        for one in (*always, theory.nothing_above_the_bottleneck):
            for case in (theory.DISCRETE, theory.CONTRACTING):
                assert found[one.name, case] == "holds", (one.name, case)
            assert found[one.name, theory.MEASURED_ONLY] == "does not hold", one.name
        # noise on X′ alone is enough for Lemma 1, not for (13)
        assert found["lemma_1", theory.ONE_LEVEL] == "holds"
        assert found["forward_data_processing", theory.ONE_LEVEL] == "does not hold"
        assert found["small_bottleneck_compresses", theory.ONE_LEVEL] == "holds"

    def test_a_discrete_autoencoder_ends_where_the_theorem_says(self, exact):
        for one in (theory.large_bottleneck_converges, theory.small_bottleneck_converges):
            assert float(one.statistic(exact.cases[theory.DISCRETE])) == pytest.approx(0, abs=1e-9)

    def test_of_what_is_not_trained_no_end_is_asked(self, exact):
        asked = [name for name, case in verdicts(exact) if case == theory.MEASURED_ONLY]
        assert asked == [one.name for one in theory.CLAIMS[:4]]

    def test_a_plane_that_breaks_the_theory_is_found(self, exact):
        case = exact.cases[theory.DISCRETE]
        broken = case.small.copy(deep=True)
        broken.input_mi.loc[{"layer": "D3"}] = 3.0
        wrong = theory.ExactEvidence({theory.DISCRETE: replace(case, small=broken)})
        found = {name: verdict for (name, _), verdict in verdicts(wrong).items()}
        for one in (
            theory.forward_data_processing,
            theory.nothing_above_the_bottleneck,
            theory.small_bottleneck_converges,
        ):
            assert found[one.name] == "does not hold"
        assert found["large_bottleneck_converges"] == "holds"


class TestLedger:
    def test_every_claim_is_quoted_placed_explained_and_named_once(self):
        assert len({one.name for one in claims.CLAIMS}) == len(claims.CLAIMS) >= 75
        for one in claims.CLAIMS:
            assert all((one.quotation, one.where, one.measured, one.reason)), one.name
        assert all(where.endswith(")") and why for where, why in claims.NOT_TESTED.items())

    def test_comments_are_on_claims_that_there_are(self):
        assert set(COMMENTS) <= {one.name for one in claims.CLAIMS}

    def test_only_frozen_criteria_were_fixed_before_their_data_were_seen(self):
        """Samples drawn anew show what the chapters on the estimator had shown before."""
        since = {one.name: one.since for one in claims.CLAIMS}
        for group, claims_of in claims.GROUPS.items():
            fixed = "before" if group in ("planes", "bottleneck size") else "after"
            assert {since[one.name] for one in claims_of} == {fixed}, group

    @pytest.mark.slow
    def test_all_evidence_is_decided_together(self, exact):
        """Holm's correction counts toy problems and cells in the paper's column alike."""
        toys = estimator.toy_evidence(runs=3)
        findings = claims.judge(exact, toys, {})
        assert len(findings) == len(theory.measure(exact)) + len(estimator.CLAIMS)
        tested = [one for one in findings if not math.isnan(one.p_value)]
        assert len(tested) == sum(one.repeated for one in estimator.CLAIMS)
        smallest = min(tested, key=lambda one: one.estimate.p_value(one.claim.threshold))
        own = smallest.estimate.p_value(smallest.claim.threshold)
        assert smallest.p_value == pytest.approx(min(1, len(tested) * own))


def a_claim(name, **settings):
    return Claim(
        name, "x < y & z", "Sec. I", "a number", "above", 1.0, "it is", xr.DataArray, **settings
    )


class TestTable:
    def findings(self):
        one, exact = a_claim("some_claim", limits="not all"), a_claim("other", repeated=False)
        of = {
            (one, "A", "by the rule"): Estimate(2.0, 0.1, 4.0, 5),
            (one, "B", "by the rule"): Estimate(0.5, 0.1, 4.0, 5),
            (one, "A", "in truth"): Estimate(1.0, 0.1, 4.0, 5, own_error=0.05),
            (one, "C", "by the rule"): Estimate(-3.0, math.nan, 0.0, 1),
            (exact, "A", "by the rule"): Estimate(1e-16, 0.0, math.inf, 1),
        }
        return decide(of)

    def rows(self, **settings):
        table = BeautifulSoup(claims.ledger_table(self.findings(), **settings), "html.parser")
        heads = [head.get_text() for head in table.thead.find_all("th")]
        return heads, table.tbody.find_all("tr", recursive=False)

    def test_signs_of_the_cells_stand_side_by_side_under_each_way_to_look(self):
        heads, rows = self.rows(shown=("B", "A"), first=7)
        assert heads == ["", "the paper", "rule", "in truth"]
        assert [row.get("id") for row in rows] == ["claim-some-claim", None, "claim-other", None]
        position, quoted, by_rule, in_truth = rows[0].find_all("td")
        assert position.get_text() == "7"
        assert quoted.get_text() == "“x < y & z”Sec. I"
        assert by_rule.get_text() == "○ ●"
        assert [span["title"] for span in by_rule.find_all("span")] == ["does not hold", "holds"]
        assert [span["class"] for span in in_truth.find_all("span")] == [["not-decided"]]
        assert [cell.get_text() for cell in rows[2].find_all("td")[2:]] == ["○", ""]

    def test_numbers_of_all_cells_are_folded_away(self):
        _, (_, first, _, second) = self.rows(shown=("A", "B"))
        text = first.details.get_text()
        assert "Claimed: at least 1, because: it is. Fixed before its data were seen." in text
        assert "not all" in text
        numbers = [
            [cell.get_text(" ") for cell in row.find_all("td")] for row in first.table.tbody("tr")
        ]
        assert [row[0] for row in numbers] == ["A", "B", "C"]
        assert numbers[0][1] == "2  [1.72, 2.28] n = 5, 4.47 s.d., p = 0.001"
        assert numbers[2] == ["C", "−3 one network", ""]
        assert second.table.tbody.get_text() == "A0"

    @pytest.mark.parametrize(
        ("value", "interval"), [(1.1, "1.1  [1.07, 1.13]"), (0.99, "0.99  [0.962, 1]")]
    )
    def test_the_interval_of_a_number_has_the_number_in_it(self, value, interval):
        """Also of one that the frozen range does not foresee: in truth a share can exceed 1."""
        one = a_claim("some_claim", range=(0.0, 1.0))
        findings = decide({(one, "A", "x"): Estimate(value, 0.01, 4.0, 5)})
        table = BeautifulSoup(claims.ledger_table(findings), "html.parser")
        assert interval in table.details.table.tbody.get_text(" ")

    @pytest.mark.parametrize(
        ("value", "error", "told"),
        [(2.0, 1e-17, "over 100"), (0.0, 3e-9, "below −100"), (2.0, 0.01, "44.7")],
    )
    def test_networks_that_differ_by_rounding_have_no_number_of_deviations(
        self, value, error, told
    ):
        findings = decide({(a_claim("some_claim"), "A", "x"): Estimate(value, error, 4.0, 5)})
        assert f", {told} s.d.," in claims.ledger_table(findings)

    def test_only_comments_that_are_given_explain_a_verdict(self):
        _, (_, first, _, second) = self.rows(comments={"some_claim": "the layers & shrink"})
        assert "the layers & shrink" in first.get_text()
        assert "shrink" not in second.get_text()
        known = next(iter(COMMENTS))
        findings = decide({(a_claim(known), "A", "x"): Estimate(2.0, 0.1, 4.0, 5)})
        table = BeautifulSoup(claims.ledger_table(findings), "html.parser")
        assert COMMENTS[known] not in table.get_text()

    def test_cells_can_stand_side_by_side_in_words(self):
        heads, rows = self.rows(across="cell")
        assert heads == ["", "the paper", "A", "B", "C"]
        assert rows[0].find_all("td")[3].get_text() == "○\xa0does not hold"
        assert len(rows[0].find_all("td")[2].find_all("span")) == 2
