"""What chapter 8 sums up, on made-up answers; and what its sentences say, on the stored ones."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import torch

from ipae_lib import benchmark, toys
from ipae_lib.benchmark import networks, problems, runner, scores, store
from ipae_lib.benchmark.problems import Problem, Question
from ipae_lib.benchmark.rows import Row
from ipae_lib.benchmark.worker import NO_NOISE_KNOWN, TOO_MANY, Answer
from study import quantised, width_study
from study.chapters import ch08


def answered(asked, kinds=None, uses=None, **rows):
    """Answers of made-up rows: each a function of the problem and the question, or a failure."""

    def answer(value):
        return Answer(math.nan, value, 0.0) if isinstance(value, str) else Answer(value, "", 0.0)

    given = [
        ([answer(row(p, q)) for p in asked for q in p.questions], 0.0) for row in rows.values()
    ]
    kinds = kinds or ["honest"] * len(rows)
    return runner._dataset(list(rows), given, asked).assign_coords(
        kind=("estimator", kinds), uses=("estimator", uses or ["samples"] * len(rows))
    )


def problem(part, case, n, seed, exact, d=(1, 1), iteration=0):
    questions = [Question("input_mi", f"layer {i}", *d, bits) for i, bits in enumerate(exact)]
    return Problem(part, case, iteration, n, seed, questions, list)


TWO_PARTS = [
    problem("planes", "one", 8, 0, [1.0, 2.0], d=(3, 5)),
    problem("planes", "one", 8, 1, [1.0, 2.0], d=(3, 5)),
    problem("planes", "one", 16, 0, [1.0, 2.0], d=(3, 5), iteration=7),
    problem("planes", "other", 8, 0, [1.0], d=(2, 2)),
    problem("variables", "flat", 8, 0, [0.0, 4.0, 5.0], d=(9, 9)),
]


def test_questions_counts_each_part():
    found = ch08.questions(answered(TWO_PARTS, row=lambda p, q: 0.0))
    assert found.loc["planes"].tolist() == [2, 2, 2, 5, 7, 0]
    assert found.loc["variables"].tolist() == [1, 1, 1, 9, 3, 0]
    assert list(found.index) == ["planes", "variables"]


def test_failures_are_counted_with_the_most_frequent_reason():
    def failing(p, q):
        if p.part == "variables":
            return NO_NOISE_KNOWN
        return "ValueError: no 7" if q.layer == "layer 0" else "ValueError: no 12 of 5"

    found = ch08.failures(answered(TWO_PARTS, good=lambda p, q: 1.0, bad=failing))
    assert found.index.tolist() == [("bad", "planes")]
    assert found.iloc[0].tolist() == [7, 7, "ValueError: no …"]


def test_no_failures_are_an_empty_table():
    assert ch08.failures(answered(TWO_PARTS, good=lambda p, q: 1.0)).empty


@pytest.fixture(scope="module")
def full():
    return problems.problem_set("full")


@pytest.fixture(scope="module")
def known(full):
    return [p for p in full if p.part in problems.KNOWN]


@pytest.fixture(scope="module")
def made_up(known):
    """One that is told, one right, one that shrinks, one right in half of the cases, a cheat."""
    cases = {part: sorted({p.case for p in known if p.part == part}) for part in problems.KNOWN}
    rows = {
        "told": lambda p, q: q.exact if q.noise > 0 else NO_NOISE_KNOWN,
        "right": lambda p, q: q.exact,
        "half": lambda p, q: q.exact if cases[p.part].index(p.case) % 2 else -3.0 - q.exact,
        "cheat": lambda p, q: 1.0,
    }
    return answered(
        known,
        kinds=["honest"] * 3 + ["cheat"],
        uses=["T and s"] + ["samples"] * 3,
        **rows,
    )


def test_best_of_those_who_see_samples_of_those_who_are_told_and_of_cheats(made_up):
    found = ch08.best(made_up, benchmark.leaderboard(made_up))
    assert found["best that sees samples"].tolist() == pytest.approx([1] * 14)
    assert found["best that is told T and s"].dropna().tolist() == pytest.approx([1] * 9)
    assert found.loc["networks dynamics", "best cheat"] == 0


def test_a_row_that_other_cases_might_put_below_the_best_cheat_is_no_better(made_up):
    table = benchmark.leaderboard(made_up)
    found = ch08.no_better_than_a_cheat(table, scores.resampled(made_up))
    assert set(found.index) == {"told", "right", "half"}
    assert not found.loc[["told", "right"]].any(axis=None)
    assert found.loc["half", "networks order"]


def test_errors_are_mean_and_absolute(known):
    answers = answered(known, row=lambda p, q: q.exact + (-0.5 if q.d_y % 2 else 0.7))
    found = ch08.errors(answers).loc["row"]
    for part in problems.KNOWN:
        signs = [q.d_y % 2 for p in known if p.part == part for q in p.questions]
        odd = np.mean(signs)
        assert found[part, "error"] == pytest.approx(0.5 * odd + 0.7 * (1 - odd))
        assert found[part, "bias"] == pytest.approx(-0.5 * odd + 0.7 * (1 - odd))


def test_by_samples_compares_the_same_questions(full):
    def row(p, q):
        if p.n == problems.MOST:
            return TOO_MANY
        return q.exact + (0.1 if p.n == problems.MANY else 1.0 if p.iteration in (0, 600) else 9.0)

    found = ch08.by_samples(answered(full, row=row), ["row"]).loc["row"]
    for case in problems.ASKED_MANY:
        assert found[case].index.tolist() == [128, 512, 2000, 8000]
        assert found[case].tolist()[:3] == pytest.approx([1.0, 1.0, 0.1])
        assert np.isnan(found[case].iloc[3])
    assert found["seconds"].isna().tolist() == [False, False, False, True]


def test_falls_are_counted_where_they_are_and_where_not(known):
    def falling(p, q):
        return q.exact - p.iteration

    answers = answered(known, right=lambda p, q: q.exact, falling=falling, still=lambda p, q: 1.0)
    found = ch08.falls(answers, ["right", "falling", "still"])
    assert found.loc["right"].tolist() == [1, 1, 0]
    assert found.loc["falling"].tolist() == [1, 0, 1]
    assert found.loc["still"].tolist() == [0, 0, 0]


def test_to_use_names_who_errs_least_or_nobody(known):
    def far(p, q):
        return q.exact + 9

    def near(p, q):
        return q.exact + 0.01 if p.part != "images" else "ValueError: no"

    rows = {"far": far, "near": near, ch08.PROPAGATION: lambda p, q: q.exact}
    uses = ["samples", "samples", "T and s"]
    answers = answered(known, uses=uses, **rows)
    found = ch08.to_use(answers, benchmark.leaderboard(answers))
    parts = found.index.get_level_values("part")
    images, others = found[parts == "images"], found[parts != "images"]
    assert (others.row == "near").all()
    assert others.error.to_numpy() == pytest.approx(0.01)
    # who fails has not looked
    assert (images.row == "nobody").all()
    assert images.error.tolist() == images["not looking"].tolist()
    assert found.told[parts == "networks"].to_numpy() == pytest.approx(0)
    # 0, 1, 3 and 5 bits are 1.75 from their median
    assert images["not looking"].to_numpy() == pytest.approx(1.75)


def test_brackets_are_of_the_last_moment_of_those_who_are_told(known):
    rows = {ch08.LOWER: -1, ch08.UPPER: 1, ch08.PROPAGATION: 0}
    named = {name: (lambda p, q, off=off: q.exact + off) for name, off in rows.items()}
    answers = answered(known, **named)
    case = "linear, K = 3"
    found = ch08.brackets(answers, case)
    assert found.columns.tolist() == [ch08.LOWER, "exact", ch08.PROPAGATION, ch08.UPPER]
    exact = problems.exact_cases()[0].plane.isel(iteration=-1)
    for (quantity, layer), line in found.iterrows():
        assert line.exact == pytest.approx(float(exact[quantity].sel(layer=layer)), abs=1e-6)
    inside = ch08.bracketed(answers)
    assert (inside.inside == 1).all()
    assert inside["bits between"].to_numpy() == pytest.approx(2)


def test_the_rank_correlation_has_an_interval_over_rows():
    x = np.arange(12.0)
    both = pd.DataFrame({"theory": x, "truth": x**2})
    assert ch08.rank_correlation(both) == pytest.approx((1, 1, 1))
    rng = np.random.default_rng(0)
    value, low, high = ch08.rank_correlation(pd.DataFrame(rng.normal(size=(15, 2))))
    assert low < value < high
    assert high - low > 0.6


def test_theory_and_truth_are_of_rows_that_have_both():
    table = pd.DataFrame({"overall": [0.5, 0.2]}, index=["a", "told"])
    found = ch08.theory_and_truth(table, pd.DataFrame({"score": [0.9]}, index=["a"]))
    assert found.index.tolist() == ["a"]
    assert found.loc["a"].tolist() == [0.9, 0.5]


def test_by_case_is_the_score_of_each(made_up):
    found = ch08.by_case(made_up, ["right", "cheat"])
    assert (found["right"] == 1).all()
    assert len(found) == len(scores.by_case(made_up)[["part", "case"]].drop_duplicates())


@pytest.mark.slow
def test_the_differences_are_those_of_the_width_study():
    answers, calibration = store.load(), width_study.load()
    means, draws = scores.scores(answers), scores.resampled(answers)
    found = ch08.against_proposed(means, draws, calibration)
    single = ch08.score_by_score(means, draws)
    assert found.columns.tolist() == single.columns.tolist() == list(width_study.FAMILIES)
    share = width_study.compared(draws, means, ch08.SHARE, ch08.CALIBRATED).loc["overall"]
    assert found.loc["setting", ch08.SHARE] == "0.4"
    cell = found.loc[f"less {ch08.CALIBRATED}", ch08.SHARE].replace("−", "-")
    numbers = [float(x) for x in re.findall(r"[+-]\d+\.\d+", cell)]
    assert numbers == pytest.approx([share.difference, share.low, share.high], abs=6e-3)
    assert found.loc[f"less {ch08.CALIBRATED}", ch08.CALIBRATED] == ""


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

    @pytest.fixture(scope="class")
    @staticmethod
    def to_use(answers, table):
        return ch08.to_use(answers, table).reset_index()

    def test_who_is_told_the_layer_and_its_noise_finds_the_truth_and_nobody_else(
        self, answers, table, to_use
    ):
        honest = table[table.kind == "honest"]
        seeing = honest[honest.uses == "samples"]
        assert table.loc[ch08.PROPAGATION, "networks bits"] > 0.5
        assert (seeing["networks bits"] < 0).all()
        error = ch08.errors(answers)["networks", "error"]
        assert error[ch08.PROPAGATION] < ch08.NEAR < error[seeing.index].min()
        wide = to_use[(to_use.part == "networks") & (to_use.d == "more")]
        assert wide.row.tolist() == ["nobody", "nobody"]
        assert table.overall.idxmax() == ch08.PROPAGATION

    def test_the_bounds_hold_the_truth_between_them(self, answers):
        inside = ch08.bracketed(answers)
        assert (inside.inside > 0.97).all()
        example = ch08.brackets(answers, "linear, K = 3")
        assert (example[ch08.LOWER] < example.exact).all()
        assert (example.exact < example[ch08.UPPER]).all()

    def test_propagation_is_too_low_near_log_n_and_nowhere_else(self, answers):
        table = scores.question_table(answers, ch08.PROPAGATION)
        off = table.bits - table.exact
        room = np.log2(table.n) - table.exact
        assert off[room < 2.6].mean() < -0.5
        assert off[room > 4.5].abs().mean() < 0.1

    def test_information_is_lost_and_won_in_a_real_training(self):
        table = networks.known()
        table = table[(table.case == "autoencoder, K = 2") & (table.quantity == "input_mi")]
        first, z, out = (
            table[table.layer == name].exact.to_numpy() for name in ("E1", "Z", "X_out")
        )
        assert first[-1] < first[0] - 1
        for layer in (z, out):
            assert layer.min() < layer[0] - 0.5
            assert layer[-1] > layer.min() + 0.5

    def test_few_dimensions_are_seen_and_many_are_not(self, answers, to_use):
        variables = to_use[to_use.part == "variables"].set_index("d")
        assert (variables.loc["to 8"].error < 1).all()
        assert (variables.loc["to 8"].row != "nobody").all()
        many = variables.loc[["more"]]
        assert (many.error > 0.8 * many["not looking"]).all()
        images = to_use[to_use.part == "images"]
        assert (images.error < 1).all()
        found = ch08.by_samples(answers, ["KSG", "SMILE", "PCA, KSG"])
        for case in ("d = 4", "4 normal latents"):
            assert (found[case, problems.MANY] < found[case, problems.FEW]).mean() > 0.6

    def test_the_proposed_rule_grows_with_the_samples_where_d_is_small(self, answers):
        own = scores.question_table(answers, ch08.PROPOSED)
        own = own[(own.case == "d = 4") & (own.seed == 0)].pivot_table(
            index="layer", columns="n", values="bits"
        )
        assert (own[problems.MANY] > own[problems.FEW] + 0.3).all()

    def test_on_the_discrete_case_a_narrow_kernel_and_counting_are_right(self, answers):
        found = ch08.by_case(answers, [ch08.PROPOSED, ch08.SHARE, "bins, equal"])
        bits = found.loc["planes", ch08.DISCRETE]
        assert bits[ch08.SHARE] < bits[ch08.PROPOSED] < bits["bins, equal"]
        assert bits["bins, equal"] > 0.9

    def test_more_samples_do_not_make_the_real_network_right(self, answers):
        names = [x for x in ch08.BY_SAMPLES if x != ch08.PROPAGATION]
        errors = ch08.by_samples(answers, [*names, ch08.PROPAGATION])
        real = errors["autoencoder, K = 2", problems.MOST]
        assert (real[names].dropna() > 1).all()
        assert real[ch08.PROPAGATION] < 0.1
        assert errors["autoencoder, K = 2", problems.MANY][ch08.PROPOSED] > 1
        shrunk = errors.loc["Gaussian, shrunk"]
        assert shrunk["d = 64", problems.MOST] < 1 < shrunk["d = 64", problems.FEW]
        assert shrunk["4 normal latents"].min() > 5

    @pytest.mark.slow
    def test_another_set_of_samples_changes_less_than_other_cases(self, answers, table):
        found = ch08.between_sets(answers, table)
        bounds = scores.intervals(scores.resampled(answers))
        width = bounds.sel(end="high") - bounds.sel(end="low")
        over_cases = width.sel(estimator=table.index[table.kind == "honest"]).median("estimator")
        over_cases = over_cases.to_series().drop("overall")
        over_cases = over_cases[found.index]  # of parts with two sets
        some = over_cases.index[over_cases > 0]  # else all are right, or as wrong as can be
        assert len(some) == len(found) - 2
        assert (found["median"][some] < over_cases[some] / 2).all()

    def test_no_error_bar_holds_as_much_as_it_says(self, answers):
        found = scores.error_bars(answers)
        assert found.held.max() < 0.9
        told = {ch08.PROPAGATION, "KSG", "PCA, KSG", "KSG, non-uniform", "diffusion"}
        assert {*told, "Gaussian (CCA)", "Gaussian, shrunk", "Gaussian, copula"} == {*found.index}

    @pytest.mark.slow
    def test_no_family_wins_over_the_calibrated_width(self, answers):
        draws, means = scores.resampled(answers), scores.scores(answers)
        for family in width_study.FAMILIES:
            if family != ch08.CALIBRATED:
                found = width_study.compared(draws, means, family, ch08.CALIBRATED)
                assert found.low["overall"] <= 0

    def test_no_width_makes_real_networks_right(self, answers):
        widths = [ch08.PROPOSED, ch08.CALIBRATED, ch08.ESTIMAND, ch08.SHARE]
        found = ch08.by_case(answers, widths).loc["networks"]
        assert (found < 0.25).all(axis=None)

    def test_the_proposed_rule_has_the_best_order_on_networks_of_the_honest(self, table):
        honest = table[(table.kind == "honest") & (table.uses == "samples")]
        assert honest["networks order"].idxmax() == ch08.PROPOSED

    @pytest.mark.slow
    def test_theory_and_truth_are_left_open(self, answers, table):
        told = ch08.summary(answers, table, scores.resampled(answers))
        assert told["rank_low"] < 0 < told["rank_high"]

    @pytest.mark.slow
    def test_the_calibrated_gamma_is_larger_and_takes_much_of_the_gain(self, answers):
        calibration = width_study.load()
        assert calibration.loc[ch08.CALIBRATED].both.idxmax() > 0.8
        means, draws = scores.scores(answers), scores.resampled(answers)
        won = [x for x in width_study.FAMILIES if width_study.wins_clearly(draws, means, x)]
        assert won == [ch08.CALIBRATED]

    def test_theorem_1_is_seen_in_what_is_counted(self):
        table = quantised.load()
        own = table[(table.case == "autoencoder, K = 2") & (table.bits >= 4)]
        wide = own.pivot_table(index="bits", columns="layer", values="input_mi")
        encoder = wide[["X", "E1", "E2", "E3"]].to_numpy()
        decoder = wide[["Z", "D1", "D2", "D3", "X_out"]]
        assert encoder == pytest.approx(math.log2(10_000), abs=0.005)
        assert np.ptp(decoder.to_numpy(), axis=1) == pytest.approx(0, abs=0.005)
        assert (math.log2(10_000) - 0.5 > decoder.Z).all()
        output = own.pivot_table(index="bits", columns="layer", values="output_mi").to_numpy()
        assert np.ptp(output, axis=1) == pytest.approx(0, abs=1e-5)

    def test_the_newcomer_stands_near_the_top(self):
        """As its settings suit the questions; the chapter runs it beside the stored rows."""
        few = [p for p in problems.problem_set("quick") if p.case.startswith("d = ")]

        def correlation(x, y):
            x, y = x - x.mean(0), y - y.mean(0)
            rho = (x * y).mean(0) / (x.std(0) * y.std(0))
            return float(-torch.log2(1 - rho.clamp(-0.99, 0.99) ** 2).sum() / 2)

        given = [Answer(correlation(p.a, p.b), "", 0.0) for one in few for p in one.pairs]
        new = runner._dataset(["correlation"], [(given, 0.0)], few)
        row = Row(correlation, "", "guest")
        table = benchmark.leaderboard(
            store.joined(store.only(store.load(), few), store.labelled(new, {"correlation": row}))
        )
        rank = table["variables bits"].rank(ascending=False)
        assert rank["correlation"] <= 4
        exact = toys.correlated_gaussians_mi(2, 0.5)
        assert correlation(*toys.correlated_gaussians(50_000, 2, 0.5)) == pytest.approx(
            exact, abs=0.05
        )
