"""The benchmark: what is asked, how, what the answers are worth, and the table."""

import functools
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from bs4 import BeautifulSoup

from ipae_lib import benchmark
from ipae_lib.benchmark import __main__ as command
from ipae_lib.benchmark import (
    guests,
    networks,
    page,
    problems,
    rows,
    runner,
    scores,
    store,
    width_study,
)
from ipae_lib.benchmark.worker import Answer, one_number
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.estimators.binning import EqualBins
from ipae_lib.estimators.gaussian import CanonicalCorrelations
from ipae_lib.kernels import EntropyShareWidth, ProposedWidth
from study import experiments, figures

CHEATS = ("the best constant", "log₂ N", "noise", "narrower layer", "entropy of X")


@functools.cache
def full():
    return problems.problem_set("full")


def few():
    """Four problems of the full benchmark that are quick to answer."""
    return [p for p in full() if p.part == "gaussians" and p.n == 128][:4]


def answered(asked, **answers):
    """Answers of made-up rows: functions of the problem and the question."""
    given = [
        [Answer(float(f(p, q)), "", 0.0) for p in asked for q in p.questions]
        for f in answers.values()
    ]
    data = runner._dataset(list(answers), [(a, 0.0) for a in given], asked)
    return data.assign_coords(kind=("estimator", ["honest"] * len(answers)))


def score(answers):
    return scores.scores(answers).mean("seed").to_pandas()


class TestProblems:
    def test_quick_is_a_part_of_full(self):
        names = {p.name for p in full()}
        quick = problems.problem_set("quick")
        assert {p.name for p in quick} <= names
        assert len(names) == len(full())
        assert {p.part for p in quick} == set(problems.PARTS)

    @pytest.mark.parametrize("part", ["planes", "gaussians"])
    def test_samples_have_the_shapes_of_their_questions(self, part):
        for problem in [p for p in full() if p.part == part and p.seed == 0 and p.n == 128]:
            for pair, question in zip(problem.pairs, problem.questions, strict=True):
                assert pair.a.shape == (problem.n, question.d_x)
                assert pair.b.shape == (problem.n, question.d_y)
                assert math.isfinite(question.exact)

    def test_dimension_tells_nothing_of_gaussian_information(self):
        for problem in full():
            if problem.part == "gaussians":
                exact = [question.exact for question in problem.questions]
                assert exact == pytest.approx(problems.INFORMATION, abs=1e-9)
                assert all(pair.a is not None for pair in problem.pairs)
                assert torch.equal(problem.pairs[0].a, problem.pairs[-1].a)

    def test_networks_have_the_widths_they_are_asked_about(self):
        model = networks.untrained(3)
        assert [layer.shape[1] for layer in self.outputs(model)] == list(
            networks.widths(3).values()
        )

    def outputs(self, model):
        x = torch.zeros(2, 784)
        outputs = [x]
        for layer in model.children():
            outputs.append(layer(outputs[-1]))
        return outputs

    def test_unknown_sizes(self):
        with pytest.raises(ValueError, match="size is 'huge'; there are"):
            problems.problem_set("huge")
        with pytest.raises(ValueError, match="updates is 7"):
            networks.trained(2, 7)


class TestScores:
    def test_the_truth_is_perfect(self):
        asked = [p for p in full() if p.part != "theory"]
        found = score(answered(asked, truth=lambda p, q: q.exact))
        assert found.drop(columns="theory").to_numpy() == pytest.approx(1)

    def test_nothing_that_does_not_look_at_samples_gains(self):
        """For any function of N and the widths: no skill, no order, nothing demanded by theory."""
        rng = np.random.default_rng(0)
        blind = {}
        for i in range(8):
            table = {}
            blind[f"blind {i}"] = lambda p, q, t=table: t.setdefault(
                (p.n, q.d_x, q.d_y), rng.uniform(0, 8)
            )
        found = score(answered(full(), **blind))
        assert (found.filter(like="skill") <= 1e-12).to_numpy().all()
        assert (found.filter(like="order") == 0).to_numpy().all()
        assert found.theory.to_numpy() == pytest.approx(0, abs=1e-4)

    def test_the_best_blind_answer_has_no_skill_at_all(self):
        asked = [p for p in full() if p.part == "planes"]
        exact = answered(asked, truth=lambda p, q: q.exact)
        table = scores.question_table(exact, "truth")
        medians = table.groupby(scores.SHAPES).exact.median()
        best = answered(asked, best=lambda p, q: medians[p.case, q.d_x, q.d_y])
        # over all samples together; each set of them is asked the same
        assert score(best)["planes skill"].item() == pytest.approx(0, abs=1e-12)

    def test_chance_has_no_order(self):
        rng = np.random.default_rng(0)
        chance = {f"chance {i}": lambda p, q: rng.uniform(0, 7) for i in range(12)}
        found = score(answered(full(), **chance))
        assert (found.filter(like="skill") < 0).to_numpy().all()
        error = found.std(ddof=1) / math.sqrt(len(found))
        for name in ("planes order", "gaussians order", "theory"):
            assert abs(found[name].mean()) < 4 * error[name]
            assert error[name] < 0.1

    def test_a_change_of_unit_keeps_order_and_theory(self):
        def some(p, q):
            return math.sin(zlib.crc32(f"{p.case}{p.iteration}{q.layer}{q.quantity}".encode()))

        found = score(answered(full(), some=some, nats=lambda p, q: some(p, q) * math.log(2) + 3))
        for name in ("planes order", "gaussians order"):
            assert found[name]["some"] == found[name]["nats"]
        assert found.theory["some"] == pytest.approx(found.theory["nats"], abs=0.02)

    def test_errors_cost_skill_by_their_size(self):
        asked = [p for p in full() if p.part == "gaussians"]
        # 0, 1, 3 and 5 bits lie 1.75 from their median on average
        found = score(answered(asked, high=lambda p, q: q.exact + 0.7))
        assert found["gaussians skill"].item() == pytest.approx(1 - 0.7 / 1.75)
        assert found["gaussians order"].item() == 1

    def test_failing_does_not_pay(self):
        asked = [p for p in full() if p.part != "theory"]
        found = score(answered(asked, fails=lambda p, q: math.nan))
        assert found.drop(columns="theory").to_numpy() == pytest.approx(scores.WORST)
        some = score(answered(asked, some=lambda p, q: math.nan if q.layer == "Z" else q.exact))
        assert (some.drop(columns="theory") < 1).any(axis=None)

    def theory(self, bits):
        asked = [p for p in full() if p.part == "theory"]
        data = answered(asked, row=bits)
        table = scores.question_table(data, "row")
        return scores.theory_bits(table[table.seed == 0])

    def ideal(self, p, q):
        """Theorem 1 with M = 7 and λ(2) = 3."""
        small = p.case.endswith("= 2")
        encoder = q.quantity == "input_mi" and q.layer in ("E1", "E2", "E3")
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
            "false compression": lambda p, q: (
                self.ideal(p, q)
                - (q.quantity == "input_mi" and q.layer in ("E3", "Z", "D1", "D2", "D3", "X′"))
            ),
        }
        for name, changed in changes.items():
            found = self.theory(changed)
            assert found[name] > 0, name
            assert found["score"] < 1, name

    def test_the_contrary_of_the_theory_is_below_nothing(self):
        assert self.theory(lambda p, q: 7 - self.ideal(p, q))["score"] < 0
        assert self.theory(lambda p, q: 2.5)["score"] == 0

    def test_a_plane_with_a_hole_has_the_worst_score(self):
        found = self.theory(lambda p, q: math.nan if q.layer == "Z" else self.ideal(p, q))
        assert found["score"] == scores.WORST


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
    answers = benchmark.run(estimators, few()[:2], cache=None, limit=3, jobs=3, progress=False)
    return answers.assign_coords(kind=("estimator", ["guest"] * len(estimators)))


class TestRunner:
    @pytest.mark.parametrize("name", BROKEN)
    def test_a_broken_row_says_so(self, broken, name):
        row = broken.sel(estimator=name)
        assert np.isnan(row.bits).all()
        for failure in row.failure.values:
            assert pd.Series([failure]).str.contains(BROKEN[name][1]).item(), failure
        remarks = benchmark.leaderboard(broken).remarks[name]
        assert remarks.startswith("8 of 8 failed (")

    def test_the_others_are_finished(self, broken):
        expected = [EqualBins(4)(pair.a, pair.b) for problem in few()[:2] for pair in problem.pairs]
        np.testing.assert_allclose(broken.bits.sel(estimator="good"), expected)
        table = benchmark.leaderboard(broken)
        assert set(table.index) == set(broken.estimator.values)
        assert table.index[0] == "good"

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

        def until_the_third(self, problem):
            if problem is few()[2] and not interrupted:
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
            benchmark.run({"chance": chance}, few()[:1], cache=None, progress=False).bits.values
            for _ in range(2)
        ]
        np.testing.assert_array_equal(*found)
        assert len(np.unique(found[0])) == found[0].size

    def test_entropies_are_those_of_the_plain_call(self):
        estimator = MatrixRenyi(ProposedWidth(0.8))
        problem = next(p for p in full() if p.part == "planes" and p.n == 128)
        found = benchmark.run({"row": estimator}, [problem], cache=None, progress=False)
        expected = [float(estimator(p.a, p.b, p.a_name, p.b_name)) for p in problem.pairs]
        np.testing.assert_allclose(found.bits.sel(estimator="row"), expected, atol=1e-10)
        assert float(found.seconds.sum()) > 0
        assert found.attrs == {}

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"rows": {}}, "rows or asked is empty"),
            ({"asked": []}, "rows or asked is empty"),
            ({"rows": {"three": 3}}, "'three' is 3; it must be callable"),
            ({"rows": {"lock": threading.Lock().acquire}}, "'lock' cannot be sent"),
            ({"limit": 0}, "limit is 0"),
            ({"jobs": 0}, "jobs is 0"),
        ],
    )
    def test_refuses(self, change, message):
        good = {"rows": {"bins": EqualBins(4)}, "asked": few()[:1], "cache": None}
        with pytest.raises(ValueError, match=message):
            runner.run(**(good | change), progress=False)

    def test_one_number(self):
        assert one_number(np.float32(1.5)) == one_number(torch.tensor([1.5])) == 1.5


@pytest.fixture(scope="module")
def stored():
    return store.load()


@pytest.fixture(scope="module")
def table(stored):
    return benchmark.leaderboard(stored)


class TestStored:
    """The rows in the repository."""

    def test_the_table_is_that_of_the_stored_answers(self, table):
        kept = pd.read_csv(store.TABLE, index_col=0, keep_default_na=False)
        rebuilt = table.round(3)
        assert kept.index.tolist() == rebuilt.index.tolist()
        assert kept.columns.tolist() == rebuilt.columns.tolist()
        for name in kept:
            if rebuilt[name].dtype.kind == "f":
                np.testing.assert_allclose(kept[name].astype(float), rebuilt[name], atol=1.1e-3)
            else:
                assert kept[name].tolist() == rebuilt[name].tolist()

    def test_answers_are_those_of_the_full_benchmark(self, stored):
        same = store.only(stored, full())
        assert same.sizes == stored.sizes
        exact = [q.exact for p in full() for q in p.questions]
        np.testing.assert_allclose(same.exact, exact, atol=1e-6)
        expected = {**rows.all_rows(full()), **width_study.calibrated_rows(width_study.load())}
        assert set(stored.estimator.values) == set(expected)
        for name, row in expected.items():
            assert str(stored.sel(estimator=name).settings.values) == row.settings
            assert str(stored.sel(estimator=name).kind.values) == row.kind

    def test_provenance(self, stored):
        assert stored.attrs["command"] == command.COMMAND
        assert {"commit", "date", "device", "versions", "networks"} <= set(stored.attrs)
        assert json.loads(stored.attrs["versions"])["torch"]

    @pytest.mark.parametrize(
        "wanted",
        [
            ("gaussians", "d = 1", 0, 128, 0),
            ("gaussians", "d = 64", 0, 512, 3),
            ("planes", "linear, K = 3", 1000, 256, 1),
            ("planes", "nonlinear, K = 3", 18, 128, 2),
            ("planes", "discrete, K = 3", 160, 512, 0),
        ],
        ids=str,
    )
    def test_rows_answer_the_same_today(self, stored, wanted):
        asked = [p for p in full() if (p.part, p.case, p.iteration, p.n, p.seed) == wanted]
        kept = store.only(stored, asked)
        lines = rows.all_rows(full()) | width_study.calibrated_rows(width_study.load())
        for name in self.SURE:
            row = kept.sel(estimator=name)
            new = [
                one_number(lines[name].estimator(pair.a, pair.b))
                for pair, failure in zip(asked[0].pairs, row.failure.values, strict=True)
                if not failure
            ]
            np.testing.assert_allclose(row.bits.dropna("question"), new, atol=1e-6, err_msg=name)

    # all that learn nothing and ask no names: the same on every processor to rounding
    SURE = (
        "Rényi, Silverman",
        "Rényi, proposed rule",
        "Rényi, median distance",
        "Rényi, entropy share",
        "bins, adaptive",
        "pairwise, upper",
        "KSG",
        "Gaussian (CCA)",
        "the best constant",
        "entropy of X",
    )

    @pytest.mark.parametrize("score", scores.SCORES)
    def test_no_cheat_wins(self, table, score):
        honest = table[table.kind == "honest"][score].max()
        cheats = table[table.kind == "cheat"][score].max()
        assert honest > cheats + table.attrs["noise"][score]

    def test_no_cheat_wins_over_all(self, table):
        honest = table[table.kind == "honest"].overall.max()
        assert honest > table[table.kind == "cheat"].overall.max() + table.attrs["noise"]["overall"]

    def test_rows_that_are_no_better_than_a_cheat_are_told(self, table):
        worse = scores.no_better_than_a_cheat(table)
        assert set(worse.index) == set(table.index[table.kind != "cheat"])
        assert worse.loc["bins, equal"].theory
        for score in worse:
            above = worse.index[~worse[score]]
            best_cheat = table[table.kind == "cheat"][score].max()
            assert (table[score][above] > best_cheat + table.attrs["noise"][score]).all()
            assert (table[score][worse.index[worse[score]]] <= table[score][above].min()).all()

    def test_the_answers_survive_the_file(self, stored, tmp_path):
        store.save(stored, tmp_path / "answers.nc")
        assert store.load(tmp_path / "answers.nc").equals(stored)

    def test_a_file_of_something_else(self):
        other = next(experiments.STORED.glob("*.nc"))
        with pytest.raises(ValueError, match="holds no answers"):
            store.load(other)

    def test_questions_that_are_not_stored(self, stored):
        with pytest.raises(ValueError, match="are not among the stored ones"):
            store.only(stored, problems.problem_set("tiny"))

    def test_the_calibration_chose_its_best(self):
        table = width_study.load()
        for name, row in width_study.calibrated_rows(table).items():
            own = table.loc[name]
            assert f"{own.both.idxmax()}" in row.settings


class TestWidthStudy:
    def test_calibration_asks_nothing_that_the_benchmark_asks(self):
        asked = width_study.calibration_problems()
        assert {p.part for p in asked} == {"planes", "gaussians"}
        assert not {p.name for p in asked} & {p.name for p in full()}
        of_full = {part: {p.case for p in full() if p.part == part} for part in problems.PARTS}
        assert all(p.case not in of_full[p.part] for p in asked)

    def made_up(self):
        """Rows that err by 0, by 0.5, and by 1.1 and 0.9 in turn."""
        asked = [p for p in full() if p.part == "gaussians"]
        errs = {"near": lambda p, q: q.exact + 0.5, "far": self.far}
        errs["right"] = lambda p, q: q.exact
        return answered(asked, **errs)

    def far(self, p, q):
        return q.exact + 1 + 0.1 * (-1) ** p.seed

    def test_differences_are_paired_over_sets_of_samples(self):
        found = width_study.compared(self.made_up(), "near", "far")
        assert list(found.index) == ["overall", *scores.SCORES]
        # skill is 1 − error / 1.75, see above: 0.5 less error on average
        skill = found.loc["gaussians skill"]
        assert skill.difference == pytest.approx(0.5 / 1.75)
        spread = np.std([0.1, -0.1, 0.1, -0.1], ddof=1) / 1.75
        assert skill.error == pytest.approx(spread / 2)
        assert found.loc["gaussians order"].tolist() == [0, 0]
        # the mean of the two scores that were asked for
        assert found.loc["overall"].difference == pytest.approx(0.25 / 1.75)

    def test_a_win_is_over_every_row_of_the_proposed_rule(self, monkeypatch):
        data = self.made_up()
        monkeypatch.setattr(width_study, "PROPOSED", ("far",))
        assert width_study.wins_clearly(data, "near")
        monkeypatch.setattr(width_study, "PROPOSED", ("far", "right"))
        assert not width_study.wins_clearly(data, "near")
        monkeypatch.setattr(width_study, "PROPOSED", ("near",))
        assert not width_study.wins_clearly(data, "far")

    def test_a_difference_within_its_error_is_no_win(self, monkeypatch):
        monkeypatch.setattr(width_study, "PROPOSED", ("far",))
        monkeypatch.setattr(width_study, "CLEARLY", 1e3)
        assert not width_study.wins_clearly(self.made_up(), "near")

    def test_the_named_rule_is_the_one_that_won(self, stored):
        winners = [n for n in width_study.FAMILIES if width_study.wins_clearly(stored, n)]
        assert "Rényi, entropy share" in winners
        row = width_study.calibrated_rows(width_study.load())["Rényi, entropy share"]
        assert row.estimator == MatrixRenyi(EntropyShareWidth(0.4))


class TestCommand:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch, tmp_path):
        monkeypatch.setattr(command, "problem_set", lambda size: few())
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
        assert "noise levels: " in out
        assert "KSG" in out

    def test_a_class_is_made(self):
        found = guests.found("ipae_lib.estimators.gaussian:CanonicalCorrelations")
        assert isinstance(found, CanonicalCorrelations)

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("my_estimator", "write module:name"),
            ("no_such_module:f", "cannot be imported"),
            ("math:no_such_thing", "has no 'no_such_thing'"),
            ("math:pi", "must be callable"),
            ("ipae_lib.benchmark.cheats:Constant", "cannot be called without arguments"),
        ],
    )
    def test_refuses(self, name, message):
        with pytest.raises(SystemExit, match=message):
            command.main([name])

    def test_stores_all_or_nothing(self):
        with pytest.raises(SystemExit, match="--store"):
            command.main(["--store", "--quick"])

    def test_runs_as_a_module(self):
        done = subprocess.run(
            [sys.executable, "-m", "ipae_lib.benchmark", "--help"],
            capture_output=True,
            text=True,
            check=True,
            cwd=experiments.ROOT,
        )
        assert "MODULE:NAME" in done.stdout


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

    def test_names_are_escaped(self, table):
        named = table.rename(index={table.index[0]: "<b>bold</b>"})
        assert "<b>bold" not in page.leaderboard_html(named)

    @pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
    def test_sorts_in_a_browser(self, table, tmp_path):
        path = tmp_path / "page.html"
        page.write_page(table, path)
        press = (
            "<script>const t = document.querySelector('.leaderboard table');"
            f"t.querySelectorAll('th button')[{list(table.columns).index('theory') + 1}].click();"
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
        found = table.theory[names].to_numpy()
        assert sorted(names) == sorted(table.index)
        assert (np.diff(found) <= 1e-5).all()
        assert soup.select_one("th[aria-sort=descending]").get_text() == "theory"


class TestFigures:
    def test_scores_are_drawn_where_they_are(self, table):
        fig = figures.benchmark_scores(table, scores.SCORES)
        assert [ax.get_title().replace("\n", " ") for ax in fig.axes] == list(scores.SCORES)
        ax = fig.axes[-1]
        honest = next(line for line in ax.lines if line.get_label() == "honest")
        x, y = honest.get_data()
        names = [table.index[len(table) - 1 - int(height)] for height in y]
        np.testing.assert_allclose(x, table.theory[names].clip(-1))

    def test_costs_are_drawn_beside_the_scores(self, table):
        fig = figures.benchmark_scores(table, ["theory"], ["s", "MB"])
        assert [ax.get_title() for ax in fig.axes] == ["theory", "s", "MB"]
        assert [ax.get_xscale() for ax in fig.axes] == ["linear", "log", "linear"]
        cheat = next(line for line in fig.axes[2].lines if line.get_label() == "cheat")
        np.testing.assert_allclose(cheat.get_xdata(), table.MB[table.kind == "cheat"])

    def test_planes_begin_with_the_exact_one(self, stored):
        fig = figures.benchmark_planes(stored, "linear, K = 8", 128, ["KSG", "InfoNCE"])
        titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
        assert titles == ["exact", "KSG", "InfoNCE"]
        exact = problems.exact_cases()[1].plane.information
        z = next(line for line in fig.axes[0].lines if line.get_label() == "$Z$")
        np.testing.assert_allclose(z.get_xdata(), exact.sel(quantity="input_mi", layer="Z"))
        np.testing.assert_allclose(z.get_ydata(), exact.sel(quantity="output_mi", layer="Z"))

    def test_gaussians_are_means_over_samples(self, stored):
        fig = figures.benchmark_gaussians(stored, 128, ["KSG"])
        drawn = next(line for line in fig.axes[0].lines if line.get_label() == "KSG")
        np.testing.assert_allclose(drawn.get_xdata(), problems.INFORMATION, atol=1e-5)
        gaussians = (stored.part == "gaussians") & (stored.n == 128) & (stored.d_x == 1)
        own = stored.bits.sel(estimator="KSG").isel(question=gaussians.values)
        expected = own.values.reshape(-1, 4).mean(axis=0)
        np.testing.assert_allclose(drawn.get_ydata(), expected)

    def test_calibration_marks_its_choice(self):
        calibration = width_study.load()
        fig = figures.width_calibration(calibration)
        for ax, (name, own) in zip(
            fig.axes, calibration.groupby("family", sort=False), strict=True
        ):
            assert name.endswith(ax.get_title())
            assert ax.lines[-1].get_xdata()[0] == own.both.idxmax()[1]
