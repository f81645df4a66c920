"""The search for a better kernel width: its rules, its calibration and its criterion."""

import numpy as np
import pytest
import torch

from ipae_lib import kernels
from ipae_lib.benchmark import problems, runner, scores, store
from ipae_lib.benchmark.worker import Answer
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import EntropyShareWidth
from study import width_study
from study.width_study import EffectiveDimension, participation_ratio


@pytest.fixture(scope="module")
def full():
    return problems.problem_set("full")


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


class TestEffectiveDimension:
    def test_participation_ratio_counts_directions(self):
        x = normal(5_000, 6)
        assert float(participation_ratio(x)) == pytest.approx(6, rel=0.02)
        line = x[:, :1] @ torch.ones(1, 4, dtype=torch.float64)
        assert float(participation_ratio(line)) == pytest.approx(1)
        assert participation_ratio(torch.zeros(5, 2)) == 1
        # the same from either product
        few = x[:4]
        eigenvalues = torch.linalg.eigvalsh(torch.cov(few.T))
        expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
        assert float(participation_ratio(few)) == pytest.approx(float(expected))

    def test_is_the_proposed_rule_for_independent_dimensions(self):
        x = kernels.standardize(normal(20_000, 3))
        proposed = kernels.ProposedWidth(0.8)(20_000, 3)
        sigma = float(EffectiveDimension(0.8).of_samples(x))
        assert sigma == pytest.approx(proposed, rel=0.01)

    def test_each_set_of_samples_has_its_own_width(self):
        rule = EffectiveDimension(0.8)
        assert isinstance(rule, kernels.SampleWidth)
        x = normal(3, 20, 4)
        x[1] *= torch.linspace(0.1, 5, 4)
        together = rule.of_samples(x)
        assert together.tolist() == pytest.approx([float(rule.of_samples(own)) for own in x])
        assert len(set(together.tolist())) == 3

    def test_refuses_no_width(self):
        with pytest.raises(ValueError, match="gamma is 0"):
            EffectiveDimension(0)


@pytest.fixture(scope="module")
def made_up(full):
    """Rows that err by 0.5, by 1.1 and 0.9 in turn, and by 0."""
    asked = [p for p in full if p.part == "gaussians"]
    errs = {
        "near": lambda p: 0.5,
        "far": lambda p: 1 + 0.1 * (-1) ** p.seed,
        "right": lambda p: 0.0,
    }
    given = [
        ([Answer(q.exact + err(p), "", 0.0) for p in asked for q in p.questions], 0.0)
        for err in errs.values()
    ]
    return runner._dataset(list(errs), given, asked)


class TestWidthStudy:
    def test_calibration_asks_nothing_that_the_benchmark_asks(self, full):
        asked = width_study.calibration_problems()
        assert {p.part for p in asked} == {"planes", "gaussians"}
        assert not {p.name for p in asked} & {p.name for p in full}
        of_full = {part: {p.case for p in full if p.part == part} for part in problems.PARTS}
        assert all(p.case not in of_full[p.part] for p in asked)

    def test_differences_are_paired_over_sets_of_samples(self, made_up):
        found = width_study.compared(made_up, "near", "far")
        assert list(found.index) == ["overall", *scores.SCORES]
        # skill is 1 − error / 1.75, see above: 0.5 less error on average
        skill = found.loc["gaussians skill"]
        assert skill.difference == pytest.approx(0.5 / 1.75)
        spread = np.std([0.1, -0.1, 0.1, -0.1], ddof=1) / 1.75
        assert skill.error == pytest.approx(spread / 2)
        assert found.loc["gaussians order"].tolist() == [0, 0]
        # the mean of the two scores that were asked for
        assert found.loc["overall"].difference == pytest.approx(0.25 / 1.75)

    def test_a_win_is_over_every_row_of_the_proposed_rule(self, made_up, monkeypatch):
        monkeypatch.setattr(width_study, "PROPOSED", ("far",))
        assert width_study.wins_clearly(made_up, "near")
        monkeypatch.setattr(width_study, "PROPOSED", ("far", "right"))
        assert not width_study.wins_clearly(made_up, "near")
        monkeypatch.setattr(width_study, "PROPOSED", ("near",))
        assert not width_study.wins_clearly(made_up, "far")

    def test_a_difference_within_its_error_is_no_win(self, made_up, monkeypatch):
        monkeypatch.setattr(width_study, "PROPOSED", ("far",))
        monkeypatch.setattr(width_study, "CLEARLY", 1e3)
        assert not width_study.wins_clearly(made_up, "near")

    def test_the_named_rule_is_the_one_that_won(self):
        stored = store.load()
        winners = [n for n in width_study.FAMILIES if width_study.wins_clearly(stored, n)]
        assert "Rényi, entropy share" in winners
        row = width_study.calibrated_rows(width_study.load())["Rényi, entropy share"]
        assert row.estimator == MatrixRenyi(EntropyShareWidth(0.4))

    def test_the_calibration_chose_its_best(self):
        table = width_study.load()
        for name, row in width_study.calibrated_rows(table).items():
            own = table.loc[name]
            assert f"{own.both.idxmax()}" in row.settings
