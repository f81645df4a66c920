"""The search for a better kernel width: its rules, its calibration and its criterion."""

import pytest

from ipae_lib.benchmark import problems, runner, scores
from ipae_lib.benchmark.worker import Answer
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import EntropyShareWidth
from study import width_study


@pytest.fixture(scope="module")
def full():
    return problems.problem_set("full")


@pytest.fixture(scope="module")
def made_up(full):
    """Rows that err by 0.5 and by 1 bit, one that is right, and one that is right in some cases."""
    asked = [p for p in full if p.part == "variables" and p.case.startswith("d = ")]
    errs = {
        "near": lambda p: 0.5,
        "far": lambda p: 1.0,
        "right": lambda p: 0.0,
        "mixed": lambda p: 0.0 if len(p.case) == 5 else 1.0,
    }
    given = [
        ([Answer(q.exact + err(p), "", 0.0) for p in asked for q in p.questions], 0.0)
        for err in errs.values()
    ]
    answers = runner._dataset(list(errs), given, asked)
    return scores.resampled(answers), scores.scores(answers)


class TestWidthStudy:
    def test_calibration_asks_nothing_that_the_benchmark_asks(self, full):
        asked = width_study.calibration_problems()
        assert {p.part for p in asked} == {"networks", "planes", "variables"}
        of_full = {part: {p.case for p in full if p.part == part} for part in problems.PARTS}
        assert all(p.case not in of_full[p.part] for p in asked)

    def test_differences_are_paired_over_cases(self, made_up):
        found = width_study.compared(*made_up, "near", "far")
        assert list(found.index) == ["overall", *scores.SCORES]
        # bits is 1 − error / 1.75, see the benchmark's own tests: the same in every case
        line = found.loc["variables bits"]
        assert line.tolist() == pytest.approx([0.5 / 1.75] * 3)
        assert found.loc["variables order"].tolist() == [0, 0, 0]
        # the mean of the two scores that were asked for
        assert found.loc["overall"].difference == pytest.approx(0.25 / 1.75)

    def test_a_difference_in_some_cases_has_a_wide_interval(self, made_up):
        line = width_study.compared(*made_up, "mixed", "far").loc["variables bits"]
        assert 0 <= line.low < line.difference < line.high <= 1 / 1.75 + 1e-9
        assert line.high - line.low > 0.3

    def test_a_win_is_over_every_row_of_the_proposed_rule(self, made_up, monkeypatch):
        monkeypatch.setattr(width_study, "CALIBRATED", "near")
        monkeypatch.setattr(width_study, "PROPOSED", ("far",))
        assert width_study.wins_clearly(*made_up, "near")
        assert width_study.wins_clearly(*made_up, "right")
        monkeypatch.setattr(width_study, "PROPOSED", ("far", "right"))
        assert not width_study.wins_clearly(*made_up, "near")
        monkeypatch.setattr(width_study, "PROPOSED", ("near",))
        assert not width_study.wins_clearly(*made_up, "far")

    def test_it_is_over_the_equally_calibrated_rule_too(self, made_up, monkeypatch):
        monkeypatch.setattr(width_study, "PROPOSED", ("far",))
        monkeypatch.setattr(width_study, "CALIBRATED", "right")
        assert not width_study.wins_clearly(*made_up, "near")

    def test_the_named_rule_is_as_it_was_calibrated(self):
        row = width_study.calibrated_rows(width_study.load())["Rényi, entropy share"]
        assert row.estimator == MatrixRenyi(EntropyShareWidth(0.4))

    def test_the_calibration_chose_its_best(self):
        table = width_study.load()
        for name, row in width_study.calibrated_rows(table).items():
            own = table.loc[name]
            assert f"{own.both.idxmax()}" in row.settings
