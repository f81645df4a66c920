"""What chapter 8 sums up, on made-up answers; and what its sentences say, on the stored ones."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from ipae_lib import benchmark, toys
from ipae_lib.benchmark import problems, runner, scores, store
from ipae_lib.benchmark.problems import Problem, Question
from ipae_lib.benchmark.worker import Answer
from study import width_study
from study.chapters import ch08


def answered(asked, kinds=None, **rows):
    """Answers of made-up rows: each a function of the problem and the question, or a failure."""

    def answer(value):
        return Answer(math.nan, value, 0.0) if isinstance(value, str) else Answer(value, "", 0.0)

    given = [
        ([answer(row(p, q)) for p in asked for q in p.questions], 0.0) for row in rows.values()
    ]
    kinds = kinds or ["honest"] * len(rows)
    return runner._dataset(list(rows), given, asked).assign_coords(kind=("estimator", kinds))


def problem(part, case, n, seed, exact, d=(1, 1), iteration=0):
    questions = [Question("input_mi", f"layer {i}", *d, bits) for i, bits in enumerate(exact)]
    return Problem(part, case, iteration, n, seed, questions, list)


TWO_PARTS = [
    problem("planes", "one", 8, 0, [1.0, 2.0], d=(3, 5)),
    problem("planes", "one", 8, 1, [1.0, 2.0], d=(3, 5)),
    problem("planes", "one", 16, 0, [1.0, 2.0], d=(3, 5), iteration=7),
    problem("planes", "other", 8, 0, [1.0], d=(2, 2)),
    problem("gaussians", "flat", 8, 0, [0.0, 4.0, 5.0], d=(9, 9)),
]


def test_questions_counts_each_part():
    found = ch08.questions(answered(TWO_PARTS, row=lambda p, q: 0.0))
    assert found.loc["planes"].tolist() == [2, 2, 2, 2, 5, 7]
    assert found.loc["gaussians"].tolist() == [1, 1, 1, 1, 9, 3]
    assert list(found.index) == ["planes", "gaussians"]


def test_failures_are_counted_with_the_most_frequent_reason():
    def failing(p, q):
        if p.part == "gaussians":
            return 0.0
        return "ValueError: no 7" if q.layer == "layer 0" else "ValueError: no 12 of 5"

    found = ch08.failures(answered(TWO_PARTS, good=lambda p, q: 1.0, bad=failing))
    assert found.index.tolist() == [("bad", "planes")]
    assert found.iloc[0].tolist() == [7, 7, "ValueError: no …"]


def test_no_failures_are_an_empty_table():
    assert ch08.failures(answered(TWO_PARTS, good=lambda p, q: 1.0)).empty


@pytest.fixture
def table():
    """Two that estimate, a cheat between them, and one that was calibrated."""
    columns = ["kind", "overall", *scores.SCORES]
    rows = {
        "good": ["honest", 0.9, 0.8, 1.0, 0.9, 0.8, 0.9],
        "tuned": ["calibrated", 0.31, 0.1, 0.1, 0.1, 0.1, 0.6],
        "cheat": ["cheat", 0.3, 0.0, 0.1, 0.2, 0.0, 0.5],
        "poor": ["honest", 0.2, -2.0, 0.2, 0.1, 0.0, -1.0],
    }
    made = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    made.attrs["noise"] = dict.fromkeys(columns[1:], 0.05)
    return made


def test_best_of_estimators_and_of_cheats(table):
    found = ch08.best(table)
    assert found.loc["best that estimates"].tolist() == [0.9, 0.8, 1.0, 0.9, 0.8, 0.9]
    assert found.loc["best cheat"].tolist() == [0.3, 0.0, 0.1, 0.2, 0.0, 0.5]
    assert set(found.loc["noise level"]) == {0.05}


def test_a_row_within_the_noise_of_the_best_cheat_is_no_better(table):
    found = ch08.no_better_than_a_cheat(table)
    assert found.index.tolist() == ["good", "tuned", "poor"]
    assert not found.loc["good"].any()
    assert found.loc["tuned"].tolist() == [True, False, True, True, False, False]
    assert found.loc["poor"].tolist() == [True, True, False, True, True, True]


def test_theory_and_truth_clips_each_score(table):
    found = ch08.theory_and_truth(table)
    assert found.truth["good"] == pytest.approx((0.8 + 1.0 + 0.9 + 0.8) / 4)
    assert found.truth["poor"] == pytest.approx((-1.0 + 0.2 + 0.1 + 0.0) / 4)
    assert found.theory.tolist() == table.theory.tolist()


@pytest.fixture(scope="module")
def full():
    return problems.problem_set("full")


def ideal(p, q):
    """Theorem 1 with M = 7 and λ(2) = 3."""
    encoder = q.quantity == "input_mi" and q.layer in ("E1", "E2", "E3")
    return 3.0 if p.case.endswith("= 2") and not encoder else 7.0


def test_errors_are_mean_and_absolute_and_spread_over_sets_of_samples(full):
    answers = answered(full, row=lambda p, q: q.exact - 0.5 + 0.1 * (-1) ** p.seed)
    found = ch08.errors(answers).loc["row"]
    spread = np.std([0.1, -0.1, 0.1, -0.1], ddof=1)
    for part in ("planes", "gaussians"):
        assert found[part].to_dict() == pytest.approx(
            {"error": 0.5, "bias": -0.5, "spread": spread}
        )


def test_an_ideal_plane_has_what_is_demanded_and_nothing_forbidden(full):
    asked = [p for p in full if p.part == "theory"]
    silent = answered(asked, ideal=ideal, silent=lambda p, q: "ValueError: no")
    found = ch08.forbidden_and_demanded(silent)
    assert found.index.tolist() == ["ideal"]
    expected = {"dpi": 0, "spread": 0, "outside": 0, "false fall": 0, "gap": 4, "fall": 4}
    assert found.loc["ideal"].to_dict() == pytest.approx(expected, abs=1e-4)


def test_by_samples_and_by_case_score_what_was_asked_there(full):
    def only_many(p, q):  # right with 512 samples, and everywhere for the Gaussians of d = 4
        return q.exact if p.n == 512 or p.case == "d = 4" else 2.0

    answers = answered([p for p in full if p.part != "theory"], row=only_many)
    by_samples = ch08.by_samples(answers, ["row"])
    assert by_samples.index.tolist() == [("row", 128), ("row", 256), ("row", 512)]
    assert by_samples.loc["row", 512].tolist() == pytest.approx([1, 1, 1, 1])
    assert (by_samples.loc["row"].loc[[128, 256]] < 1).all(axis=None)
    by_case = ch08.by_case(answers, ["row"])
    assert by_case.loc["d = 4"].tolist() == pytest.approx([1, 1])
    assert (by_case.drop("d = 4") < 1).all(axis=None)


def test_the_differences_are_those_of_the_width_study():
    answers, calibration = store.load(), width_study.load()
    found = ch08.against_proposed(answers, calibration)
    single = ch08.score_by_score(answers)
    assert found.index.tolist() == single.index.tolist() == list(width_study.FAMILIES)
    share = width_study.compared(answers, ch08.SHARE, ch08.PROPOSED)
    assert found.loc[ch08.SHARE, "setting"] == "0.4"
    cell = found.loc[ch08.SHARE, f"less {ch08.PROPOSED}"]
    assert float(cell.split("\u00a0±\u00a0")[0]) == pytest.approx(
        share.difference["overall"], abs=6e-4
    )
    assert float(cell.split("\u00a0±\u00a0")[1]) == pytest.approx(share.error["overall"], abs=6e-4)
    skill = single.loc[ch08.SHARE, "planes skill"]
    assert skill.startswith("−")
    assert -float(skill[1:].split("\u00a0")[0]) == pytest.approx(
        share.difference["planes skill"], abs=6e-3
    )


class TestSummary:
    @pytest.fixture(scope="class")
    @staticmethod
    def made_up(full):
        """A row that is always right, one that counts only, a constant, and the calibrated."""
        rows = {
            "right": lambda p, q: ideal(p, q) if p.part == "theory" else q.exact,
            "counts": lambda p, q: q.exact + 0.1 if p.case == ch08.DISCRETE else "ValueError: no",
            "constant": lambda p, q: 1.0,
        }
        tuned = dict.fromkeys(width_study.FAMILIES, rows["constant"])
        paper = dict.fromkeys(width_study.PROPOSED, rows["constant"])
        tuned[ch08.SHARE] = rows["right"]
        kinds = ["honest", "honest", "cheat"] + 3 * ["calibrated"] + 3 * ["honest"]
        return answered(full, kinds=kinds, **rows, **tuned, **paper)

    def test_of_answers_whose_worth_is_known(self, made_up):
        found = ch08.summary(made_up, benchmark.leaderboard(made_up))
        assert found["first"] == found["best_order_row"] == found["best_theory_row"] == "right"
        assert (found["honest"], found["no_skill"], found["beaten"]) == (5, 4, 4)
        assert found["beaten_names"].split("; ")[-1] == "counts"
        assert found["all_clear"] == 2  # "right" and the calibrated one that answers alike
        assert found["counted_right"] == 2
        assert (found["best_order"], found["best_order_skill"]) == pytest.approx((1, 1))
        assert (found["winners"], found["families"]) == (1, 3)
        # the constant has no order, and its skill is that of its errors
        table = benchmark.leaderboard(made_up)
        assert found["gain"] == pytest.approx(1 - table.overall[ch08.PROPOSED], abs=1e-4)
        assert found["elsewhere_share"] == pytest.approx(1)
        assert found["elsewhere_proposed"] < 0.5


class TestSentences:
    """What the chapter says without a number."""

    @pytest.fixture(scope="class")
    @staticmethod
    def answers():
        return store.load()

    @pytest.fixture(scope="class")
    @staticmethod
    def table(answers):
        return benchmark.leaderboard(answers)

    def test_only_the_gaussian_estimator_gets_the_bits_of_linear_planes(self, answers):
        linear = answers.isel(question=answers.case.isin(["linear, K = 3", "linear, K = 8"]).values)
        skill = {
            name: scores.skill(scores.question_table(linear, name))
            for name in answers.estimator.values[answers.kind.values == "honest"]
        }
        assert [name for name, value in skill.items() if value > 0] == ["Gaussian (CCA)"]

    def test_the_proposed_rule_is_nearer_to_planes_but_its_order_is_poorer(self, answers, table):
        error = ch08.errors(answers)["planes", "error"]
        assert error[ch08.PROPOSED] < error[ch08.PREVIOUS]
        assert table.theory[ch08.PROPOSED] > table.theory[ch08.PREVIOUS]
        order = table["planes order"]
        assert order[ch08.PROPOSED] < 0.5 < order[ch08.PREVIOUS] < order[ch08.WIDE]

    def test_the_best_cheat_is_far_below_the_best_estimator_for_the_theory(self, table):
        found = ch08.best(table).theory
        assert found["best cheat"] < 0.5 * found["best that estimates"]

    def test_more_samples_help_the_neighbours_and_the_neural_bound_only(self, answers):
        found = ch08.by_samples(answers, ["InfoNCE", "KSG", ch08.PROPOSED])
        for name in ("InfoNCE", "KSG"):
            for score in ("planes skill", "gaussians skill"):
                assert found.loc[name][score].is_monotonic_increasing
        proposed = found.loc[ch08.PROPOSED]
        assert np.ptp(proposed["planes skill"]) < 0.02
        assert proposed["gaussians skill"].is_monotonic_decreasing

    def test_the_upper_bound_fits_the_theory_and_ksg_the_truth(self, table):
        ranks = ch08.theory_and_truth(table[table.kind == "honest"]).rank(ascending=False)
        assert ranks.theory["pairwise, upper"] <= 3
        assert ranks.truth["pairwise, upper"] >= 13
        assert ranks.truth["KSG"] <= 4
        assert ranks.theory["KSG"] >= 13

    def test_the_share_wins_where_the_rule_is_weak_and_loses_elsewhere(self, answers):
        found = width_study.compared(answers, ch08.SHARE, ch08.PROPOSED).difference
        gains = found.drop("overall").sort_values()
        assert set(gains.index[-2:]) == {"planes order", "gaussians skill"}
        assert set(gains.index[gains < 0]) == {"planes skill", "theory"}
        calibrated = width_study.compared(answers, "Rényi, calibrated γ", ch08.PROPOSED)
        assert calibrated.difference["overall"] > found["overall"] / 2

    def test_on_the_discrete_case_a_narrow_kernel_and_counting_are_right(self, answers):
        found = ch08.by_case(answers, [ch08.PROPOSED, ch08.SHARE, "bins, equal"])
        skill = found.loc[ch08.DISCRETE, "skill"]
        assert skill[ch08.SHARE] < 0.5 < skill[ch08.PROPOSED] < skill["bins, equal"]
        assert skill["bins, equal"] > 0.9

    def test_the_newcomer_stands_at_the_top(self):
        """As its settings suit the questions; the chapter runs it beside the stored rows."""
        few = [p for p in problems.problem_set("quick") if p.part == "gaussians"]

        def correlation(x, y):
            x, y = x - x.mean(0), y - y.mean(0)
            rho = (x * y).mean(0) / (x.std(0) * y.std(0))
            return float(-torch.log2(1 - rho.clamp(-0.99, 0.99) ** 2).sum() / 2)

        given = [Answer(correlation(p.a, p.b), "", 0.0) for one in few for p in one.pairs]
        new = runner._dataset(["correlation"], [(given, 0.0)], few)
        new = new.assign_coords(kind=("estimator", ["guest"]), settings=("estimator", [""]))
        table = benchmark.leaderboard(store.joined(store.only(store.load(), few), new))
        assert table["gaussians skill"].idxmax() == "correlation"
        exact = toys.correlated_gaussians_mi(2, 0.5)
        assert correlation(*toys.correlated_gaussians(50_000, 2, 0.5)) == pytest.approx(
            exact, abs=0.05
        )
