"""The benchmark: what is asked, how, what the answers are worth, and the table."""

import dataclasses
import functools
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from functools import partial
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from bs4 import BeautifulSoup
from scipy.stats import binom

from ipae_lib import benchmark, discrete, exact, toys, training
from ipae_lib.benchmark import (
    command,
    guests,
    networks,
    page,
    problems,
    quantised,
    rows,
    runner,
    scores,
    store,
    worker,
)
from ipae_lib.benchmark.adapters import FromBmi, ToBmi
from ipae_lib.benchmark.problems import Problem, Question
from ipae_lib.benchmark.worker import NO_NOISE_KNOWN, TOO_MANY, TOO_WIDE, Answer, one_number
from ipae_lib.estimators import Estimate, MatrixRenyi
from ipae_lib.estimators.binning import EqualBins
from ipae_lib.estimators.gaussian import CanonicalCorrelations
from ipae_lib.estimators.propagation import SamplePropagation
from ipae_lib.kernels import ProposedWidth
from ipae_lib.models import Autoencoder
from ipae_lib.threads import in_one_thread

CHEATS = ("the best constant", "log₂ N", "noise", "narrower layer", "entropy of X")


@functools.cache
def full():
    return problems.problem_set("full")


def few():
    """Four problems of the full benchmark that are quick to answer."""
    return [problems.gaussian_problem(d, 128, seed) for d in (1, 4) for seed in (0, 1)]


def answered(asked, **answers):
    """Answers of made-up rows: functions of the problem and the question."""
    given = [
        [Answer(float(f(p, q)), "", 0.0) for p in asked for q in p.questions]
        for f in answers.values()
    ]
    data = runner._dataset(list(answers), [(a, 0.0) for a in given], asked)
    return labelled(data)


def labelled(answers, kind="honest"):
    rows = len(answers.estimator)
    return answers.assign_coords(
        kind=("estimator", [kind] * rows), uses=("estimator", ["samples"] * rows)
    )


def known():
    return [p for p in full() if p.part in problems.KNOWN]


class TestProblems:
    def test_quick_is_a_part_of_full(self):
        names = {p.name for p in full()}
        quick = problems.problem_set("quick")
        assert {p.name for p in quick} <= names
        assert len(names) == len(full())
        assert {p.part for p in quick} == set(problems.KNOWN)

    @pytest.mark.parametrize("part", ["planes", "images", "variables"])
    def test_samples_have_the_shapes_of_their_questions(self, part):
        for problem in [p for p in full() if p.part == part and p.n == problems.FEW]:
            for pair, question in zip(problem.pairs, problem.questions, strict=True):
                assert pair.a.shape == (problem.n, question.d_x)
                assert pair.b.shape == (problem.n, question.d_y)
                assert math.isfinite(question.exact)
                assert (pair.clean is None) == math.isnan(question.noise)

    @pytest.mark.parametrize(
        "case", ["linear, K = 3", "linear, steep, K = 2", "nonlinear, K = 3", "nonlinear, K = 8"]
    )
    def test_known_noise_is_what_tells_the_clean_variable_from_the_other(self, case):
        problem = [p for p in full() if p.case == case][-1]
        for pair, question in zip(problem.pairs, problem.questions, strict=True):
            noisy = pair.b
            if case == "nonlinear, K = 3":  # noise comes before asinh(4 ·)
                noisy = torch.sinh(noisy) / 4
            if case == "nonlinear, K = 8":  # and before sinh(1.5 ·)
                noisy = torch.asinh(noisy) / 1.5
            difference = noisy - pair.clean
            assert float(difference.std()) == pytest.approx(question.noise, rel=0.05)
            assert abs(float((difference[:, 0] * pair.clean[:, 0]).mean())) < 0.1

    def test_dimension_tells_nothing_of_gaussian_information(self):
        for d in problems.DIMENSIONS:
            problem = problems.gaussian_problem(d, 16, 0)
            exact = [question.exact for question in problem.questions]
            assert exact == pytest.approx(problems.INFORMATION, abs=1e-9)
            assert problem.pairs[0].a is problem.pairs[-1].a
            for pair, question in zip(problem.pairs, problem.questions, strict=True):
                rho = math.sqrt(1 - question.noise**2)
                assert toys.correlated_gaussians_mi(d, rho) == pytest.approx(question.exact)
                assert torch.allclose(pair.clean, rho * pair.a)

    def test_unknown_sizes(self):
        with pytest.raises(ValueError, match="size is 'huge'; there are"):
            problems.problem_set("huge")
        with pytest.raises(ValueError, match="updates is 7"):
            networks.trained("classifier", 7)
        with pytest.raises(ValueError, match="case is 'parrot'; there are"):
            networks.trained("parrot", 0)


@pytest.fixture
def small_networks(tmp_path, monkeypatch):
    """Two networks on 64 made-up images, of which the truth is known by `networks.exact`."""
    images = torch.rand(64, 784, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(64) % 10
    monkeypatch.setattr(networks, "mnist", lambda train: images)
    monkeypatch.setattr(networks, "mnist_labels", lambda train: labels)
    monkeypatch.setattr(networks, "test_images", lambda: images)
    monkeypatch.setattr(networks, "test_labels", lambda: labels)
    monkeypatch.setattr(
        networks, "drawn", lambda n, seed: torch.randint(64, (n,), generator=generator(seed))
    )
    monkeypatch.setenv("IPAE_DATA", str(tmp_path))
    made = {
        "narrow": networks._narrow(2, (0, 2)),
        "digits": networks._classifying((784, 6, 10), (0, 2)),
        "noisy": networks._noisy(2, (0, 2)),
    }
    monkeypatch.setattr(networks, "NETWORKS", made)
    table = pd.concat([networks.exact(case, queries=64) for case in made])
    monkeypatch.setattr(networks, "known", lambda: table)
    return images


def generator(seed):
    return torch.Generator().manual_seed(seed)


class TestNetworks:
    def test_are_trained_where_they_are_not_kept(self, small_networks, tmp_path, monkeypatch):
        names = {path.name.rpartition("-")[0] for path in tmp_path.rglob("*.pt")}
        assert names == {
            f"{case}-{updates}-torch-float32"
            for case in ("narrow", "digits", "noisy")
            for updates in (0, 2)
        }
        before, after = (networks.trained("narrow", updates) for updates in (0, 2))
        assert not torch.equal(before.E1[0].weight, after.E1[0].weight)
        path = networks._path("narrow", 2, torch.float32)
        path.write_bytes(path.read_bytes()[:-9])
        again = networks.trained("narrow", 2)
        assert torch.equal(again.E1[0].weight, after.E1[0].weight)
        monkeypatch.setattr(networks, "_train_and_keep", None)  # they are kept now
        assert torch.equal(networks.trained("narrow", 2).E1[0].weight, after.E1[0].weight)

    @pytest.mark.parametrize("case", ["narrow", "digits", "noisy"])
    def test_are_trained_in_either_precision_whoever_asks(self, small_networks, case):
        with torch.no_grad():
            double = networks.trained(case, 2, torch.float64)
        single = networks.trained(case, 2)
        for a, b in zip(double.parameters(), single.parameters(), strict=True):
            assert (a.dtype, b.dtype) == (torch.float64, torch.float32)
            if case != "noisy":  # either precision draws noise of its own
                torch.testing.assert_close(a.float(), b, atol=1e-4, rtol=0)

    @pytest.mark.parametrize("case", ["narrow", "digits"])
    def test_samples_are_the_layers_with_the_noise_that_is_told(self, small_networks, case):
        first, last = problems.network_problems(case, 40, 0)
        assert (first.iteration, last.iteration) == (0, 2)
        assert [q.layer for q in first.questions] != [q.layer for q in last.questions]
        rows = networks.drawn(40, 0)
        layers = networks.activations(case, 2, small_networks[rows])
        for pair, question in zip(last.pairs, last.questions, strict=True):
            assert pair.a.shape == (40, question.d_x)
            assert pair.b.shape == pair.clean.shape == (40, question.d_y)
            assert torch.equal(pair.clean, layers[pair.b_name])
            noise = (pair.b - pair.clean) / question.noise
            assert float(noise.square().mean()) == pytest.approx(
                1, abs=4 / math.sqrt(noise.numel() / 2)
            )
            if question.quantity == networks.LABEL_MI:
                assert torch.equal(pair.a.argmax(1), rows % 10)
            else:
                assert torch.equal(pair.a, layers[pair.a_name])
        assert last.pairs[0].a is last.pairs[1].a

    def test_the_truth_is_that_of_all_images(self, small_networks):
        """Against propagated samples that are all images, and the label's entropy."""
        table = networks.known()
        assert set(table.iteration) == {0, 2}
        for line in table[(table.iteration == 2) & table.noise.notna()].itertuples():
            layers = networks.activations(line.case, 2, small_networks)
            end = "X_out" if line.quantity == "output_mi" else line.layer
            start = layers["X"]
            if line.quantity == networks.LABEL_MI:
                start = torch.eye(10)[torch.arange(64) % 10]
            propagated = SamplePropagation(queries=640, seed=5)
            found = float(propagated.through_noise(start, layers[end], line.noise))
            assert found == pytest.approx(line.exact, abs=5 * line.error + 0.05)

    def test_noise_that_is_passed_on_can_be_told_from_every_later_layer(self, small_networks):
        """So their information is that of Z+R; the noise is the same in all."""
        table = networks.known()
        own = table[(table.case == "noisy") & (table.layer != "X")]
        for _, lines in own.groupby("iteration"):
            assert lines.exact.nunique() == 1
            assert lines.noise.notna().tolist() == [True, False, False, False]
        problem = problems.network_problems("noisy", 40, 0)[-1]
        pairs = {pair.b_name: pair for pair in problem.pairs}
        assert [pairs[x].clean is None for x in ("X", "Z", "D1", "D3", "X_out")] == [0, 0, 1, 1, 1]
        model = networks.trained("noisy", 2).double()
        z = pairs["Z"].b.double()
        assert not torch.allclose(pairs["Z"].b, pairs["Z"].clean)
        values = z
        for name in ("D1", "D2", "D3", "X_out"):
            values = model.get_submodule(name)(values)
            if name in pairs:
                assert torch.allclose(values.float(), pairs[name].b, atol=1e-5)
        for name in ("X_out", "D3", "D2", "D1"):
            linear = model.get_submodule(f"{name}.0")
            before = torch.special.logit(values) - linear.bias
            values = torch.linalg.lstsq(linear.weight, before.T).solution.T
        assert torch.allclose(values, z, atol=1e-6)

    def test_the_papers_networks_are_those_of_its_training(self, small_networks, monkeypatch):
        """Against the loop written out, of both choices."""
        for reduction, gain, factor in (("sum", 1, 1.0), ("half", 4, 0.5)):
            network = networks._paper(2, reduction, gain, (0, 2))
            monkeypatch.setitem(networks.NETWORKS, reduction, network)
            images = small_networks.repeat(4, 1)
            monkeypatch.setattr(networks, "mnist", lambda train, images=images: images)
            found = networks.trained(reduction, 2)
            model = network.build()
            plain = Autoencoder(2, generator=torch.Generator().manual_seed(0))
            for one, other in zip(model.parameters(), plain.parameters(), strict=True):
                assert torch.equal(one, gain * other)  # biases are 0
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
            order = training.epoch_order(len(images), 0, 0)
            for batch in order[:200].split(100):
                optimizer.zero_grad()
                x = images[batch]
                (factor * ((model(x) - x) ** 2).sum() / 100).backward()
                optimizer.step()
            for one, other in zip(found.parameters(), model.parameters(), strict=True):
                assert torch.allclose(one, other, atol=1e-6)

    def test_the_stored_truth_is_of_the_networks_that_are_asked(self):
        table = networks.known.__wrapped__()
        assert list(table.case.unique()) == list(networks.NETWORKS)
        assert (table.error < 0.05).all()
        assert (table.exact > 0).all()
        # M is the same for all, but for the noise of its estimate
        whole = table[(table.layer == "X") & (table.quantity == "input_mi")]
        assert len(whole) == len(networks.NETWORKS)
        assert np.ptp(whole.exact) < 0.05
        assert whole.exact.max() < math.log2(problems.FEW) - 2

    def test_the_theory_asks_for_m(self):
        for case in problems.THEORY:
            asked = problems.theory_problem(case, 0).questions
            assert (asked[0].quantity, asked[0].layer) == ("input_mi", "X")
            assert [q.d_y for q in asked[:9]] == [
                784, 200, 100, 50, problems.THEORY[case], 50, 100, 200, 784,
            ]  # fmt: skip


class TestScores:
    def test_the_truth_is_perfect(self):
        found = scores.scores(answered(known(), truth=lambda p, q: q.exact))
        assert found.to_numpy() == pytest.approx(1)

    def test_nothing_that_does_not_look_at_samples_gains(self):
        """For any function of N and the widths: no skill, no order, nothing that moves."""
        rng = np.random.default_rng(0)
        blind = {}
        for i in range(8):
            table = {}
            blind[f"blind {i}"] = lambda p, q, t=table: t.setdefault(
                (p.n, q.d_x, q.d_y), rng.uniform(0, 8)
            )
        answers = answered(full(), **blind)
        found = scores.scores(answers)
        assert (found.filter(like="bits") <= 1e-12).to_numpy().all()
        assert (found.filter(regex="order|dynamics") == 0).to_numpy().all()
        assert scores.theory_table(answers).score.to_numpy() == pytest.approx(0, abs=1e-4)

    def test_the_best_blind_answer_has_no_skill_at_all(self):
        asked = [p for p in full() if p.part == "planes"]
        exact = answered(asked, truth=lambda p, q: q.exact)
        table = scores.question_table(exact, "truth")
        medians = table.groupby(scores.SHAPES).exact.median()
        best = answered(asked, best=lambda p, q: medians[p.case, q.d_x, q.d_y])
        found = scores.scores(best)["planes bits"].item()
        assert found == pytest.approx(0, abs=1e-12)

    @pytest.mark.slow
    def test_chance_has_no_order_and_no_dynamics(self):
        rng = np.random.default_rng(0)
        chance = {f"chance {i}": lambda p, q: rng.uniform(0, 7) for i in range(12)}
        answers = answered(full(), **chance)
        found = scores.scores(answers).assign(theory=scores.theory_table(answers).score)
        assert (found.filter(like="bits") < 0).to_numpy().all()
        error = found.std(ddof=1) / math.sqrt(len(found))
        for name in found.filter(regex="order|dynamics|theory"):
            assert abs(found[name].mean()) < 4 * error[name]
            assert error[name] < 0.15

    def test_a_change_of_unit_keeps_order_dynamics_and_theory(self):
        def some(p, q):
            return math.sin(zlib.crc32(f"{p.case}{p.iteration}{q.layer}{q.quantity}".encode()))

        answers = answered(full(), some=some, nats=lambda p, q: some(p, q) * math.log(2) + 3)
        found = scores.scores(answers).filter(regex="order|dynamics")
        np.testing.assert_allclose(found.loc["some"], found.loc["nats"])
        theory = scores.theory_table(answers).score
        assert theory["some"] == pytest.approx(theory["nats"], abs=0.03)

    def test_errors_cost_bits_by_their_size(self):
        asked = [p for p in full() if p.case.startswith("d = ")]
        # 0, 1, 3 and 5 bits lie 1.75 from their median on average
        found = scores.scores(answered(asked, high=lambda p, q: q.exact + 0.7))
        assert found["variables bits"].item() == pytest.approx(1 - 0.7 / 1.75)
        assert found["variables order"].item() == 1

    def test_a_fall_that_is_not_there_costs_dynamics_and_its_contrary_more(self):
        asked = [p for p in full() if p.part == "networks" and p.n == problems.FEW]

        def falling(p, q):
            return q.exact - math.log1p(p.iteration)

        rows = {"falling": falling, "contrary": lambda p, q: -q.exact, "still": lambda p, q: 2.0}
        found = scores.scores(answered(asked, **rows))["networks dynamics"]
        assert -1 < found["falling"] < 0.8
        assert found["contrary"] == pytest.approx(-1)
        assert found["still"] == 0

    def test_failing_does_not_pay(self):
        found = scores.scores(answered(known(), fails=lambda p, q: math.nan))
        assert found.to_numpy() == pytest.approx(scores.WORST)
        some = answered(known(), some=lambda p, q: math.nan if q.layer in ("Z", "T2") else q.exact)
        one = scores.scores(some)
        for part in ("networks", "planes"):
            assert (one.filter(like=part) < 1).to_numpy().all()

    def test_what_was_not_asked_is_no_failure(self):
        answers = answered(known(), told=lambda p, q: q.exact)
        answers["failure"] = answers.failure.astype(object)
        unknown = np.isnan(answers.noise.values)
        answers.bits[:, unknown] = math.nan
        answers.failure[:, unknown] = NO_NOISE_KNOWN
        found = scores.scores(answers)
        assert found["images bits"].isna().all()
        assert found["variables bits"].item() == pytest.approx(1)
        table = benchmark.leaderboard(answers)
        total = len({(p.part, p.case) for p in known()})
        asked = len({(p.part, p.case) for p in known() for q in p.questions if q.noise > 0})
        assert table.cases.item() == f"{asked} of {total}"
        assert table.remarks.item() == ""
        # but where the noise is known it is one, whatever is said
        answers.failure[:, ~unknown] = NO_NOISE_KNOWN
        answers.bits[:, ~unknown] = math.nan
        assert scores.scores(answers)["variables bits"].item() == scores.WORST

    def test_no_mean_mixes_truth_and_theory(self):
        good = answered(full(), row=lambda p, q: q.exact if p.part != "theory" else 0.0)
        rise = answered(full(), row=lambda p, q: q.exact if p.part != "theory" else len(p.case))
        one, other = benchmark.leaderboard(good), benchmark.leaderboard(rise)
        pd.testing.assert_frame_equal(one, other)
        assert not one.filter(like="theory").size
        theories = [scores.theory_table(a).score.item() for a in (good, rise)]
        assert theories[0] == 0 < theories[1]

    def test_intervals_are_of_other_cases(self):
        """A row that is right in half of the cases could be right in other shares of others."""
        cases = sorted({p.case for p in known() if p.part == "variables"})
        asked = [p for p in known() if p.part == "variables"]
        answers = answered(
            asked,
            right=lambda p, q: q.exact,
            half=lambda p, q: q.exact if cases.index(p.case) % 2 else -q.exact,
        )
        draws = scores.resampled(answers)
        bounds = scores.intervals(draws).sel(score="variables order")
        assert bounds.sel(estimator="right").values.tolist() == [1, 1]
        low, high = bounds.sel(estimator="half").values
        # the share of right ones among 10 drawn cases is binomial
        expected = binom(len(cases), 0.5).ppf([0.025, 0.975]) / len(cases) * 2 - 1
        np.testing.assert_allclose([low, high], expected, atol=0.21)
        difference = draws.sel(estimator="right") - draws.sel(estimator="half")
        assert float(scores.intervals(difference).sel(score="overall", end="low")) > 0

    def test_intervals_do_not_shrink_with_more_samples_of_the_same_cases(self):
        asked = [p for p in known() if p.part == "variables" and p.n == problems.FEW]

        def by_case(p, q):
            return q.exact * (1 if p.case.startswith("d") else -1)

        twice = [*asked, *(dataclasses.replace(p, seed=9) for p in asked)]
        bounds = [
            scores.intervals(scores.resampled(answered(some, row=by_case)))
            for some in (asked, twice)
        ]
        xr.testing.assert_allclose(*bounds)

    def theory(self, bits):
        asked = [p for p in full() if p.part == "theory"]
        data = answered(asked, row=bits)
        table = scores.question_table(data, "row")
        return scores.theory_bits(table[table.seed == 0])

    def ideal(self, p, q):
        """Theorem 1 with M = 7 and λ(2) = 3."""
        small = p.case.endswith("= 2")
        encoder = q.quantity == "input_mi" and q.layer in ("X", "E1", "E2", "E3")
        return 3 if small and not encoder else 7

    def test_theorem_1_is_perfect(self):
        found = self.theory(self.ideal)
        assert found["score"] == 1
        assert found["gap"] == pytest.approx(4)
        assert found["compression"] == pytest.approx(4)
        assert all(found[name] == 0 for name in scores.FORBIDDEN)

    def test_what_the_theory_forbids_costs(self):
        changes = {
            "dpi": lambda p, q: self.ideal(p, q) + (q.quantity == "input_mi" and q.layer == "D2"),
            "spread": lambda p, q: (
                self.ideal(p, q) - (q.quantity == "output_mi" and q.layer == "E1")
            ),
            "outside": lambda p, q: (
                self.ideal(p, q) + (q.quantity == "output_mi" and q.layer == "D3")
            ),
        }
        for name, changed in changes.items():
            found = self.theory(changed)
            assert found[name] > 0, name
            assert found["score"] < 1, name

    def test_less_at_the_input_than_in_the_first_layer_is_seen(self):
        """The right edge and the step from X to the first layer."""

        def low(p, q):
            return self.ideal(p, q) - 2 * (q.layer == "X" and q.quantity == "input_mi")

        found = self.theory(low)
        assert found["dpi"] == pytest.approx(2)
        assert found["outside"] > 0

    def test_the_contrary_of_the_theory_is_below_nothing(self):
        assert self.theory(lambda p, q: 7 - self.ideal(p, q))["score"] < 0
        assert self.theory(lambda p, q: 2.5)["score"] == 0

    def test_a_plane_with_a_hole_has_the_worst_score(self):
        found = self.theory(lambda p, q: math.nan if q.layer == "Z" else self.ideal(p, q))
        assert found["score"] == scores.WORST


class Told:
    """Says what it was told."""

    def through_noise(self, x, t, s):
        return float(t.square().mean() + s)


class TestKnownNoise:
    @pytest.mark.slow
    def test_estimators_for_it_are_told_the_clean_variable_and_the_level(self):
        problem = next(p for p in full() if p.case == "linear, K = 3")
        found = benchmark.run({"told": Told()}, [problem], cache=False, progress=False)
        expected = [float(pair.clean.square().mean()) + 0.5 for pair in problem.pairs]
        np.testing.assert_allclose(found.bits[0], expected)
        assert (found.failure == "").all()

    @pytest.mark.slow
    def test_they_are_not_asked_where_there_is_none(self):
        problem = next(p for p in full() if p.case == "discrete, K = 3")
        rows = {"told": Told(), "none": lambda x, y: None}
        found = benchmark.run(rows, [problem], cache=False, progress=False)
        assert (found.failure.sel(estimator="told") == NO_NOISE_KNOWN).all()
        assert not (found.failure.sel(estimator="none") == NO_NOISE_KNOWN).any()
        assert np.isnan(found.bits).all()


def test_a_row_is_not_asked_with_more_samples_than_it_is_given():
    asked = [problems.gaussian_problem(1, n, 0) for n in (16, 64)]
    rows = {"few": lambda x, y: len(x), "all": lambda x, y: len(x)}
    found = benchmark.run(rows, asked, most={"few": 32}, cache=False, progress=False)
    left_out = found.failure == TOO_MANY
    assert left_out.sel(estimator="few").values.tolist() == (found.n == 64).values.tolist()
    assert not left_out.sel(estimator="all").any()
    assert (found.bits.sel(estimator="all") == found.n).all()
    assert set(scores.question_table(labelled(found), "few").n) == {16}


@pytest.mark.slow
def test_a_row_is_not_asked_in_more_dimensions_than_it_is_given():
    """Asked is what has one narrow variable; of a problem the rest is answered all the same."""
    problem = next(p for p in full() if p.case == "autoencoder, K = 2" and p.iteration == 600)
    rows = {"narrow": lambda x, y: x.shape[1] + y.shape[1] / 1000}
    found = benchmark.run(rows, [problem], widest={"narrow": 2}, cache=False, progress=False)
    wide = np.minimum(found.d_x, found.d_y) > 2
    assert 0 < int(wide.sum()) < len(wide)
    assert ((found.failure[0] == TOO_WIDE) == wide).all()
    expected = (found.d_x + found.d_y / 1000).where(~wide)
    np.testing.assert_allclose(found.bits[0], expected)
    asked = scores.question_table(labelled(found), "narrow")
    assert set(np.minimum(asked.d_x, asked.d_y)) == {2}
    gaussian = [problems.gaussian_problem(4, 16, 0)]
    none = benchmark.run(rows, gaussian, widest={"narrow": 3}, cache=False, progress=False)
    assert (none.failure == TOO_WIDE).all()


def with_a_bar(x, y):
    return Estimate(1.0, standard_error=0.25, quadrature_error=0.125)


class TestErrorBars:
    def test_an_estimate_tells_one_and_a_number_does_not(self, tmp_path):
        rows = {"bar": with_a_bar, "number": lambda x, y: 1.0}
        for _ in range(2):  # fresh, and kept
            found = benchmark.run(rows, few()[:1], cache=tmp_path, progress=False)
            assert (found.bits == 1).all()
            assert (found.error_bar.sel(estimator="bar") == 0.625).all()
            assert found.error_bar.sel(estimator="number").isnull().all()

    @pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf, "0.1", None, [0.1, 0.2]])
    @pytest.mark.parametrize("name", ["value", "standard_error", "quadrature_error"])
    def test_a_bad_one_is_refused_by_name(self, name, wrong):
        """Also where an estimator of its own kind of Estimate does not check it."""
        unchecked = Estimate(1.0, 0.1)
        object.__setattr__(unchecked, name, wrong)
        if (name, wrong) == ("value", -0.1):  # bits may be
            assert worker._answer(lambda: unchecked, (), "").bits == -0.1
            return
        for given in (lambda: unchecked, lambda: Estimate(**({"value": 1.0} | {name: wrong}))):
            answer = worker._answer(given, (), "")
            assert math.isnan(answer.bits)
            assert answer.error_bar is None
            assert name in answer.failure or name == "value"

    def test_held_are_those_within_the_bar(self):
        """Two answers a case: one off by 0.1, one by 0.4."""
        asked = [
            Problem(part, "case", 0, 8, 0, [Question("q", str(i), 1, 1, i) for i in (0, 1)], list)
            for part in ("planes", "samples")
        ]
        answers = answered(asked, plain=lambda p, q: q.exact, barred=lambda p, q: q.exact + 0.1)
        answers.bits.loc["barred", answers.layer == "1"] = 1.4
        answers.error_bar.loc["barred"] = 0.2
        found = scores.error_bars(answers)
        assert found.index.tolist() == ["barred"]
        assert found.loc["barred"].dropna().to_dict() == pytest.approx(
            {"answers": 2, "held": 0.5, "error / bar": (0.5 + 2) / 2, "planes": 0.5}
        )

    def test_a_bar_of_nothing_holds_what_is_exact(self):
        answers = answered(few(), right=lambda p, q: q.exact, wrong=lambda p, q: q.exact + 0.1)
        answers.error_bar[:] = 0.0
        assert scores.error_bars(answers).held.tolist() == [1, 0]

    def test_right_bars_hold_the_share_that_they_say(self):
        rng = np.random.default_rng(0)
        asked = [problems.gaussian_problem(1, 16, seed) for seed in range(300)]
        answers = answered(asked, right=lambda p, q: q.exact + rng.normal(0, 0.1))
        answers.error_bar[:] = 0.2
        found = scores.error_bars(answers).loc["right"]
        assert found.held == pytest.approx(0.954, abs=0.02)
        assert found["error / bar"] == pytest.approx(0.337, abs=0.03)

    def test_they_are_in_no_score(self, stored):
        some = stored.sel(estimator=["KSG", "Gaussian (CCA)", "sample propagation"])
        assert some.error_bar.notnull().any("question").all()
        without = some.assign(error_bar=some.error_bar * np.nan)
        pd.testing.assert_frame_equal(benchmark.leaderboard(some), benchmark.leaderboard(without))


class TestQuantised:
    """Real networks whose units have a few bits."""

    @pytest.mark.slow
    def test_the_truth_is_counted_over_the_population(self):
        for case, own in quantised.CASES.items():
            kept = quantised.known()
            kept = kept[(kept.case == case) & (kept.iteration == own.moments[-1])]
            values = quantised.population(case, own.moments[-1])
            for line in kept.itertuples():
                codes = values[line.layer]
                of_codes = discrete.discrete_entropy(codes)
                if line.quantity == "input_mi":  # a function of X
                    assert line.exact == pytest.approx(of_codes, abs=1e-6)
                assert line.exact <= of_codes + 1e-6 <= math.log2(quantised.IMAGES) + 2e-6
                levels = 2**own.bits
                assert len(codes.unique()) <= levels

    @pytest.mark.slow
    def test_samples_are_drawn_from_it_and_count_less(self):
        """What N samples, counted, have to give is below the truth, and tends to it with N."""
        case = "quantised, K = 2"
        lines = quantised.known()
        lines = lines[(lines.case == case) & (lines.iteration == 600)]
        missing = []
        for n in (64, problems.FEW, 5_000):
            problem = problems._quantised_problem(case, lines, n, 0)
            for pair, question in zip(problem.pairs, problem.questions, strict=True):
                assert pair.a.shape == (n, question.d_x)
                assert pair.b.shape == (n, question.d_y)
                assert pair.clean is None
                assert math.isnan(question.noise)
            found = [discrete.discrete_mutual_information(p.a, p.b) for p in problem.pairs]
            missing.append(np.array([q.exact for q in problem.questions]) - found)
        first, few, many = missing
        assert (first > 0.2).all()
        # the first layer has all of X
        assert first[0] > few[0] > many[0] > 0
        assert many == pytest.approx(0, abs=0.05)

    def test_the_chain_keeps_what_theorem_1_says(self):
        """The decoder has what the bottleneck lets through, and the output MI is the same."""
        table = quantised.known()
        table = table[table.case.str.startswith("quantised, K")]
        wide = table.pivot_table(
            index=["case", "iteration"], columns=["quantity", "layer"], values="exact"
        )
        same = wide.drop(columns=("input_mi", "E1"))
        assert np.ptp(same.to_numpy(), axis=1) == pytest.approx(0, abs=1e-5)
        assert wide["input_mi", "E1"].to_numpy() == pytest.approx(7, abs=1e-5)

    def test_is_made_again(self):
        case = "quantised classifier"
        kept = quantised.known()
        kept = kept[kept.case == case].reset_index(drop=True)
        again = quantised.exact(case)
        # trained in double precision, so that no processor's rounding moves a code
        assert again.exact.to_numpy() == pytest.approx(kept.exact.to_numpy(), abs=1e-6)

    def test_refuses(self):
        with pytest.raises(ValueError, match="case is 'parrot'; there are"):
            quantised.population("parrot", 0)
        with pytest.raises(ValueError, match="updates is 7; 'quantised classifier' is asked"):
            quantised.population("quantised classifier", 7)


def test_samples_are_some_known_cases_again_with_other_numbers():
    asked = full()
    own = [p for p in asked if p.part == "samples"]
    assert {p.n for p in own} == {problems.FEWEST, problems.MOST}
    assert {p.case for p in own} == set(problems.ASKED_MANY)
    assert asked[-1].n == problems.MOST
    for problem in own:
        (again,) = [
            p
            for p in asked
            if (p.case, p.iteration, p.n) == (problem.case, problem.iteration, problems.MANY)
        ]
        # as text: an unknown noise is NaN, which equals nothing
        assert repr(problem.questions) == repr(again.questions)
    small = next(p for p in own if p.case == "autoencoder, K = 2" and p.n == problems.FEWEST)
    assert small.pairs[0].a.shape == (problems.FEWEST, 784)


def silent(x, y):
    while True:
        time.sleep(60)


def vanishing(x, y):
    os._exit(3)


def complaining(x, y):
    raise RuntimeError("no estimate today")


BROKEN = {
    "wrong shape": (lambda x, y: torch.zeros(3), r"gave float32 of shape \(3,\), not one number"),
    "nan": (lambda x, y: math.nan, "gave nan"),
    "infinite": (lambda x, y: torch.tensor(math.inf), "gave inf"),
    "nothing": (lambda x, y: None, "not one number"),
    "words": (lambda x, y: "many bits", "not one number"),
    "raises": (complaining, "RuntimeError: no estimate today"),
    "never ends": (silent, "no answer in 3 s|not asked any more, after 3 lost processes"),
    "dies": (vanishing, "ended with exit code 3|not asked any more, after 3 lost processes"),
}


@pytest.fixture(scope="module")
def broken():
    estimators = {name: estimator for name, (estimator, _) in BROKEN.items()}
    estimators |= {"negative": lambda x, y: -1.5, "good": EqualBins(4)}
    answers = benchmark.run(estimators, few()[:2], cache=False, limit=3, jobs=3, progress=False)
    return labelled(answers, "guest")


class TestRunner:
    @pytest.mark.slow
    @pytest.mark.parametrize("name", BROKEN)
    def test_a_broken_row_says_so(self, broken, name):
        row = broken.sel(estimator=name)
        assert np.isnan(row.bits).all()
        for failure in row.failure.values:
            assert pd.Series([failure]).str.contains(BROKEN[name][1]).item(), failure
        remarks = benchmark.leaderboard(broken).remarks[name]
        assert remarks.startswith("8 of 8 failed (")

    @pytest.mark.slow
    def test_the_others_are_finished(self, broken):
        expected = [EqualBins(4)(pair.a, pair.b) for problem in few()[:2] for pair in problem.pairs]
        np.testing.assert_allclose(broken.bits.sel(estimator="good"), expected)
        table = benchmark.leaderboard(broken)
        assert set(table.index) == set(broken.estimator.values)
        assert table.index[0] == "good"

    @pytest.mark.slow
    def test_negative_answers_count_and_are_noted(self, broken):
        assert (broken.bits.sel(estimator="negative") == -1.5).all()
        remarks = benchmark.leaderboard(broken).remarks["negative"]
        assert remarks == "8 below 0, down to -1.50 bits"

    def test_an_interrupted_run_goes_on(self, tmp_path, monkeypatch):
        calls = tmp_path / "calls"
        calls.write_text("")

        def counting(x, y, path=str(calls)):
            with Path(path).open("a") as file:
                file.write("call\n")
            return float(x[0, 0])

        fresh, interrupted = runner._Row._fresh, []
        third = few()[2].case, few()[2].seed

        def until_the_third(self, problem):
            if (problem.case, problem.seed) == third and not interrupted:
                interrupted.append(problem)
                raise KeyboardInterrupt
            return fresh(self, problem)

        monkeypatch.setattr(runner._Row, "_fresh", until_the_third)
        arguments = {"cache": tmp_path / "answers", "progress": False}
        with pytest.raises(KeyboardInterrupt):
            benchmark.run({"counting": counting}, few(), **arguments)
        assert calls.read_text().count("call") == 8
        first = benchmark.run({"counting": counting}, few(), **arguments)
        assert calls.read_text().count("call") == 16
        again = benchmark.run({"counting": counting}, few(), **arguments)
        assert calls.read_text().count("call") == 16
        assert first.equals(again)
        assert {path.suffix for path in (tmp_path / "answers").iterdir()} == {".json"}

    def test_damaged_answers_are_asked_for_again(self, tmp_path, capsys):
        arguments = {"cache": tmp_path, "progress": False}
        first = benchmark.run({"bins": EqualBins(2)}, few()[:1], **arguments)
        (path,) = tmp_path.iterdir()
        content = path.read_bytes()
        for damaged in (b"", b"{}", content[:-9], content.replace(b"1", b"2")):
            path.write_bytes(damaged)
            again = benchmark.run({"bins": EqualBins(2)}, few()[:1], **arguments)
            assert f"{path} is damaged" in capsys.readouterr().err
            assert again.bits.equals(first.bits)
            assert len(path.read_bytes()) > 90

    def test_other_settings_are_other_answers(self, tmp_path):
        arguments = {"cache": tmp_path, "progress": False}
        found = [
            benchmark.run({"bins": EqualBins(bins)}, few()[:1], **arguments).bits.values
            for bins in (2, 5)
        ]
        assert not np.allclose(*found)

    def test_random_estimators_give_the_same_numbers_again(self):
        def chance(x, y):
            return float(torch.rand(())) + np.random.rand()  # noqa: NPY002

        found = [
            benchmark.run({"chance": chance}, few()[:1], cache=False, progress=False).bits.values
            for _ in range(2)
        ]
        np.testing.assert_array_equal(*found)
        assert len(np.unique(found[0])) == found[0].size

    def test_entropies_are_those_of_the_plain_call(self):
        estimator = MatrixRenyi(ProposedWidth(0.8))
        problem = next(p for p in full() if p.part == "planes")
        found = benchmark.run({"row": estimator}, [problem], cache=False, progress=False)
        expected = [float(estimator(p.a, p.b, p.a_name, p.b_name)) for p in problem.pairs]
        np.testing.assert_allclose(found.bits.sel(estimator="row"), expected, atol=1e-10)
        assert float(found.seconds.sum()) > 0
        assert found.attrs == {}

    @pytest.mark.slow
    def test_a_call_without_a_main_guard_is_told(self, tmp_path):
        script = (
            "from ipae_lib import benchmark\n"
            "from ipae_lib.benchmark.problems import gaussian_problem\n"
            "print('begun', flush=True)\n"
            "{guard}benchmark.run({{'half': lambda x, y: 0.5}}, [gaussian_problem(1, 16, 0)],\n"
            "              cache=False, progress=False)\n"
            "print('done', flush=True)\n"
        )
        done = {}
        for name, guard in {"without": "", "with": "if __name__ == '__main__': "}.items():
            path = tmp_path / f"{name}.py"
            path.write_text(script.format(guard=guard))
            done[name] = subprocess.run(
                [sys.executable, path], capture_output=True, text=True, check=False, timeout=120
            )
        assert done["without"].returncode == 1
        assert "done" not in done["without"].stdout
        last = done["without"].stderr.splitlines()[-1]
        assert last.startswith("RuntimeError: a process of the benchmark ended with exit code 1")
        assert last.endswith("in a script the call must stand under: if __name__ == '__main__':")
        assert done["with"].returncode == 0, done["with"].stderr

    def test_answers_are_known_by_the_code_that_gives_them(self, tmp_path, monkeypatch):
        """By a guest's own module, its neighbours, and what it is built of."""
        monkeypatch.syspath_prepend(str(tmp_path))
        helper = tmp_path / "my_helper.py"
        helper.write_text("def shift():\n    return 1.0\n")
        (tmp_path / "my_kept_guest.py").write_text(
            "def guest(x, y):\n    from my_helper import shift\n    return shift()\n"
        )
        guest = guests.found("my_kept_guest:guest")
        arguments = {"asked": few()[:1], "cache": tmp_path / "answers", "progress": False}
        first = benchmark.run({"guest": guest}, **arguments)
        helper.write_text("def shift():\n    return 2.0\n")
        second = benchmark.run({"guest": guest}, **arguments)
        assert first.bits.values.tolist() == [[1.0] * 4]
        assert second.bits.values.tolist() == [[2.0] * 4]

    def test_an_estimator_is_known_by_all_its_parts(self):
        estimator = FromBmi(ToBmi(MatrixRenyi(ProposedWidth(0.8))))
        found = runner._modules_in(cloudpickle.dumps(estimator))
        modules = ("benchmark.adapters", "estimators.matrix", "kernels")
        assert {f"ipae_lib.{name}" for name in modules} <= found

    def test_answers_are_kept_in_the_users_cache(self, tmp_path, monkeypatch):
        monkeypatch.setenv("IPAE_DATA", str(tmp_path))
        benchmark.run({"bins": EqualBins(4)}, few()[:1], progress=False)
        assert len(list((tmp_path / "benchmark" / "answers").iterdir())) == 1

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"rows": {}}, "rows or asked is empty"),
            ({"asked": []}, "rows or asked is empty"),
            ({"rows": {"three": 3}}, r"rows\['three'\] is 3; it must be callable"),
            ({"rows": {"lock": threading.Lock().acquire}}, "'lock' cannot be sent"),
            ({"limit": 0}, "limit is 0"),
            ({"jobs": 0}, "jobs is 0"),
        ],
    )
    def test_refuses(self, change, message):
        good = {"rows": {"bins": EqualBins(4)}, "asked": few()[:1], "cache": False}
        with pytest.raises((TypeError, ValueError), match=message):
            runner.run(**(good | change), progress=False)

    def test_one_number(self):
        assert one_number(np.float32(1.5)) == one_number(torch.tensor([1.5])) == 1.5


@pytest.fixture(scope="module")
def stored():
    return store.load()


@pytest.fixture(scope="module")
def table(stored):
    return benchmark.leaderboard(stored)


@pytest.fixture(scope="module")
def draws(stored):
    return scores.resampled(stored)


class TestStored:
    """The answers that come with the package."""

    def test_answers_are_those_of_the_full_benchmark(self, stored):
        assert store.only(stored, full()).equals(stored)
        exact = [q.exact for p in full() for q in p.questions]
        np.testing.assert_allclose(stored.exact, exact, atol=1e-6)

    def test_its_rows_are_those_of_the_library_as_they_are_set(self, stored):
        lines = rows.all_rows(full())
        for name, row in lines.items():
            kept = stored.sel(estimator=name)
            assert (kept.settings.item(), kept.kind.item()) == (row.settings, row.kind)
        others = stored.sel(estimator=[n for n in stored.estimator.values if n not in lines])
        assert set(others.kind.values) == {"calibrated"}

    @pytest.mark.parametrize(
        "wanted",
        [
            ("variables", "d = 1", 0, 512, 0),
            pytest.param(("variables", "d = 64", 0, 2000, 0), marks=pytest.mark.slow),
            ("variables", "spiral, d = 3", 0, 512, 0),
            pytest.param(("images", "2 uniform latents", 0, 512, 0), marks=pytest.mark.slow),
            ("planes", "linear, K = 3", 1000, 512, 0),
            ("planes", "nonlinear, K = 3", 18, 512, 0),
            ("planes", "discrete, K = 3", 160, 512, 0),
        ],
        ids=str,
    )
    def test_rows_answer_the_same_today(self, stored, wanted):
        asked = [p for p in full() if (p.part, p.case, p.iteration, p.n, p.seed) == wanted]
        kept = store.only(stored, asked)
        lines = rows.all_rows(full())
        for name in self.SURE:
            row = kept.sel(estimator=name)
            ask = worker._asker(lines[name].estimator)
            pairs = zip(asked[0].pairs, asked[0].questions, row.failure.values, strict=True)
            new = [
                # in one thread, as workers ask: sums in another order move what tells equal samples
                # apart by noise of 1e-10
                in_one_thread(partial(ask, p.a, p.b, p.clean, q.noise, p.a_name, p.b_name))
                for p, q, failure in pairs
                if not failure
            ]
            new = [one_number(answer) for answer in new]
            # distances in single precision, where they cost no more than this
            atol = exact._ROUNDING if name == "sample propagation" else 1e-6
            np.testing.assert_allclose(row.bits.dropna("question"), new, atol=atol, err_msg=name)

    # those that learn nothing and ask no names: the same on every processor to rounding; but for
    # principal components, whose last ones another processor turns
    SURE = (
        "Rényi, Silverman",
        "Rényi, proposed rule",
        "Rényi, median distance",
        "bins, adaptive",
        "pairwise, upper",
        "sample propagation",
        "KSG",
        "KSG, non-uniform",
        "Gaussian (CCA)",
        "Gaussian, shrunk",
        "the best constant",
        "entropy of X",
    )

    @pytest.mark.slow
    @pytest.mark.parametrize("score", ["overall", *scores.SCORES])
    def test_no_cheat_wins(self, table, draws, score):
        """Not by more than other cases might change."""
        honest = table[table.kind == "honest"][score].idxmax()
        cheat = table[table.kind == "cheat"][score].idxmax()
        of_score = draws.sel(score=score)
        difference = of_score.sel(estimator=honest) - of_score.sel(estimator=cheat)
        assert float(scores.intervals(difference).sel(end="low")) > 0

    def test_the_answers_survive_the_file(self, stored, tmp_path):
        store.save(stored, tmp_path / "answers.nc")
        assert store.load(tmp_path / "answers.nc").identical(stored)

    @pytest.mark.slow
    def test_failures_of_every_kind_survive_the_file(self, broken, tmp_path):
        store.save(broken, tmp_path / "answers.nc")
        kept = store.load(tmp_path / "answers.nc")
        assert kept.failure.equals(broken.failure)
        np.testing.assert_allclose(kept.bits, broken.bits, rtol=1e-6)

    @pytest.mark.parametrize("what", ["nothing", "text", "half", "another dataset", "an old form"])
    def test_a_file_of_something_else(self, what, tmp_path):
        path = tmp_path / "answers.nc"
        whole = store.ANSWERS.read_bytes()
        contents = {"nothing": b"", "text": b"bits", "half": whole[: len(whole) // 2]}
        if what in contents:
            path.write_bytes(contents[what])
        else:
            engine = "h5netcdf" if what == "an old form" else "scipy"
            xr.Dataset({"bits": ("question", [1.0, 2.0])}).to_netcdf(path, engine=engine)
        with pytest.raises(ValueError, match="holds no answers of the benchmark"):
            store.load(path)

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            store.load(tmp_path / "answers.nc")

    def test_questions_that_are_not_stored(self, stored):
        asked = [problems.gaussian_problem(d, problems.FEW, 0) for d in (1, 3)]
        with pytest.raises(ValueError, match="4 questions are not among the stored ones"):
            store.only(stored, asked)


class TestCommand:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch, tmp_path):
        asked = [p for p in full() if p.case in ("d = 1", "d = 4") and p.n == problems.FEW]
        monkeypatch.setattr(command, "problem_set", lambda size: asked)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def test_a_guest_of_ten_lines_gets_its_row(self, tmp_path, capsys):
        (tmp_path / "my_module.py").write_text(
            "import torch\n\n\n"
            "def correlation(x, y):\n"
            "    x, y = x - x.mean(0), y - y.mean(0)\n"
            "    rho = (x * y).mean(0) / (x.std(0) * y.std(0))\n"
            "    return -torch.log2(1 - rho.clamp(-0.999, 0.999) ** 2).sum() / 2\n"
        )
        path = tmp_path / "table.html"
        command.main(["my_module:correlation", "--fresh", "--html", str(path)])
        lines = capsys.readouterr().out.splitlines()
        assert any(line.startswith("my_module:correlation") and "guest" in line for line in lines)
        for name in (*rows.honest_rows(), *CHEATS):
            assert any(line.startswith(name) for line in lines), name
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        assert len(soup.select("tr.guest")) == 1

    def test_without_guests_it_is_the_stored_table(self, capsys):
        command.main([])
        out = capsys.readouterr().out
        assert page.NOTE in out
        assert "KSG" in out

    def test_a_class_is_made(self):
        found = guests.found("ipae_lib.estimators.gaussian:CanonicalCorrelations")
        assert isinstance(found, CanonicalCorrelations)

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("my_estimator", "write module:name"),
            ("no_such_module:f", "there is no module 'no_such_module'; call from its folder"),
            ("no.such:f", "there is no module 'no.such'"),
            ("./no_file.py:f", "there is no file ./no_file.py"),
            ("math:no_such_thing", "has no 'no_such_thing'"),
            ("math:pi", "must be callable"),
            ("ipae_lib.benchmark.cheats:Constant", "cannot be called without arguments"),
        ],
    )
    def test_refuses(self, name, message, capsys):
        with pytest.raises(SystemExit) as stopped:
            command.main([name])
        assert stopped.value.code == 2
        assert message in capsys.readouterr().err

    @pytest.mark.parametrize("where", ["my_broken", "./my_broken.py"])
    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("import no_such_library\n", "ModuleNotFoundError: No module named 'no_such_library'"),
            ("from math import no_such\n", "ImportError: cannot import name 'no_such'"),
            ("x = 1\ny = x.no_such\n", "AttributeError: 'int' object has no attribute 'no_such'"),
            ("def f(x y):\n", "SyntaxError: "),
        ],
    )
    def test_a_module_that_cannot_be_imported_tells_why(self, tmp_path, where, source, message):
        (tmp_path / "my_broken.py").write_text(source)
        with pytest.raises(ValueError, match="is there, but importing it raised") as told:
            guests.found(f"{where}:f")
        assert message in str(told.value)
        assert re.search(r"my_broken\.py, line \d", str(told.value))

    def test_a_file_is_found_by_its_path_with_its_neighbours(self, tmp_path):
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        (folder / "my_guest_file.py").write_text("from my_neighbour import half\n")
        (folder / "my_neighbour.py").write_text("def half(x, y):\n    return 0.5\n")
        found = guests.found("elsewhere/my_guest_file.py:half")
        answers = benchmark.run({"half": found}, few()[:1], cache=False, progress=False)
        assert (answers.bits == 0.5).all()

    def test_a_file_of_the_name_of_another_module(self, tmp_path):
        (tmp_path / "json.py").write_text("def f(x, y):\n    return 0\n")
        with pytest.raises(ValueError, match=r"beside another module 'json', which is .*; rename"):
            guests.found("./json.py:f")

    @pytest.mark.parametrize("option", ["--jobs=0", "--limit=-1", "--jobs=two"])
    def test_numbers_out_of_range_are_usage(self, option, tmp_path, capsys):
        (tmp_path / "my_half.py").write_text("def half(x, y):\n    return 0.5\n")
        with pytest.raises(SystemExit) as stopped:
            command.main(["my_half:half", option])
        assert stopped.value.code == 2
        assert option.partition("=")[2] in capsys.readouterr().err

    def test_a_folder_that_cannot_be_written_is_a_failure(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(SystemExit, match="cannot write to the folder"):
            command.main(["--html", str(tmp_path / "file" / "table.html")])

    @pytest.mark.slow
    def test_runs_in_the_program(self, tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "ipae_lib", "benchmark", "--help"],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        assert "MODULE:NAME" in done.stdout
        assert "for example: ipae benchmark ./my_module.py:my_estimator" in done.stdout


class TestPage:
    def test_has_every_number_and_loads_nothing(self, table):
        soup = BeautifulSoup(page.leaderboard_html(table), "html.parser")
        assert [td.get_text() for td in soup.select("tbody td:first-child")] == list(table.index)
        column = table.columns.tolist().index("overall") + 1
        values = [float(tr.select("td")[column]["data-value"]) for tr in soup.select("tbody tr")]
        np.testing.assert_allclose(values, table.overall, rtol=1e-5)
        kinds = Counter(tr["class"][0] for tr in soup.select("tbody tr"))
        assert kinds == Counter(table.kind)
        assert not soup.select("[src], [href], link, img")
        assert "http" not in str(soup)

    def test_remarks_are_listed_below(self, table):
        soup = BeautifulSoup(page.leaderboard_html(table), "html.parser")
        assert "remarks" not in [th.get_text() for th in soup.select("th")]
        listed = [item.get_text() for item in soup.select("li")]
        assert listed == [f"{name}: {text}" for name, text in table.remarks.items() if text]
        assert any(line.startswith("Gaussian (CCA): ") and " failed" in line for line in listed)

    def test_names_are_escaped(self, table):
        named = table.rename(index={table.index[0]: "<b>bold</b>"})
        assert "<b>bold" not in page.leaderboard_html(named)

    @pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
    def test_sorts_in_a_browser(self, table, tmp_path):
        path = tmp_path / "page.html"
        page.write_page(table, path)
        column = list(table.columns).index("images bits") + 1
        press = (
            "<script>const t = document.querySelector('.leaderboard table');"
            f"t.querySelectorAll('th button')[{column}].click();"
            "</script>"
        )
        text = path.read_text(encoding="utf-8").replace("</body>", f"{press}</body>")
        path.write_text(text, encoding="utf-8")
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()]
        done = subprocess.run(
            ["chromium", *arguments], capture_output=True, text=True, check=True, timeout=120
        )
        soup = BeautifulSoup(done.stdout, "html.parser")
        names = [td.get_text() for td in soup.select("tbody td:first-child")]
        found = table["images bits"][names].dropna().to_numpy()
        assert sorted(names) == sorted(table.index)
        assert (np.diff(found) <= 1e-5).all()
        assert soup.select_one("th[aria-sort=descending]").get_text() == "images bits"
