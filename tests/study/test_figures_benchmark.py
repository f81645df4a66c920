"""Figures of the benchmark: they draw what the answers and the table hold."""

import numpy as np
import pandas as pd
import pytest

from ipae_lib import benchmark
from ipae_lib.benchmark import networks, problems, scores, store
from study import figures, width_study


@pytest.fixture(scope="module")
def stored():
    return store.load()


@pytest.fixture(scope="module")
def table(stored):
    return benchmark.leaderboard(stored)


@pytest.fixture(scope="module")
def bounds(stored):
    return scores.intervals(scores.resampled(stored))


def test_scores_are_drawn_where_they_are(table, bounds):
    fig = figures.benchmark_scores(table, bounds, ["overall", *scores.SCORES])
    titles = [ax.get_title().replace("\n", " ") for ax in fig.axes]
    assert titles == ["overall", *scores.SCORES]
    ax = fig.axes[0]
    honest = next(line for line in ax.lines if line.get_label() == "honest")
    x, y = honest.get_data()
    names = [table.index[len(table) - 1 - int(height)] for height in y]
    np.testing.assert_allclose(x, table.overall[names])
    (bars,) = ax.collections
    ends = [segment[:, 0].tolist() for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, table[["low", "high"]])


def test_costs_are_drawn_beside_the_scores(table, bounds):
    fig = figures.benchmark_scores(table, bounds, ["overall"], ["s", "MB"])
    assert [ax.get_title() for ax in fig.axes] == ["overall", "s", "MB"]
    assert [ax.get_xscale() for ax in fig.axes] == ["linear", "log", "log"]
    cheat = next(line for line in fig.axes[2].lines if line.get_label() == "cheat")
    np.testing.assert_allclose(cheat.get_xdata(), table.MB[table.kind == "cheat"])


def test_planes_begin_with_the_exact_one(stored):
    fig = figures.benchmark_planes(stored, "linear, K = 8", problems.FEW, ["KSG", "InfoNCE"])
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert titles == ["exact", "KSG", "InfoNCE"]
    exact = problems.exact_cases()[1].plane
    z = next(line for line in fig.axes[0].lines if line.get_label() == "$Z$")
    np.testing.assert_allclose(z.get_xdata(), exact.input_mi.sel(layer="Z"))
    np.testing.assert_allclose(z.get_ydata(), exact.output_mi.sel(layer="Z"))


def test_networks_begin_with_the_truth_over_their_training(stored):
    fig = figures.benchmark_networks(stored, "classifier", problems.FEW, ["KSG"])
    assert [ax.get_title() for ax in fig.axes if ax.get_title()] == ["exact", "KSG"]
    table = networks.known()
    own = table[(table.case == "classifier") & (table.quantity == "input_mi")]
    for line, layer in zip(fig.axes[0].lines, ["T1", "T2", "T3"], strict=True):
        there = own[own.layer == layer]
        assert line.get_label() == layer
        assert line.get_xdata().tolist() == there.iteration.tolist()
        np.testing.assert_allclose(line.get_ydata(), there.exact, atol=1e-5)


def test_gaussians_are_means_over_samples(stored):
    fig = figures.benchmark_gaussians(stored, problems.FEW, ["KSG"])
    assert [ax.get_title() for ax in fig.axes] == [f"$d$ = {d}" for d in problems.DIMENSIONS]
    drawn = next(line for line in fig.axes[0].lines if line.get_label() == "KSG")
    np.testing.assert_allclose(drawn.get_xdata(), problems.INFORMATION, atol=1e-5)
    gaussians = (stored.case == "d = 1") & (stored.n == problems.FEW)
    own = stored.bits.sel(estimator="KSG").isel(question=gaussians.values)
    expected = own.values.reshape(-1, len(problems.INFORMATION)).mean(axis=0)
    np.testing.assert_allclose(drawn.get_ydata(), expected)


def test_samples_are_drawn_where_they_were_asked():
    index = pd.MultiIndex.from_product([["one", "other"], [10, 100]])
    errors = pd.DataFrame([[1.0, 2.0, 3.0, np.nan], [0.5, 0.4, 0.3, 0.2]], ["a", "b"], index)
    fig = figures.benchmark_samples(errors)
    assert [ax.get_title() for ax in fig.axes] == ["one", "other"]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in fig.axes[1].lines}
    assert drawn == {"a": [[10, 3]], "b": [[10, 0.3], [100, 0.2]]}


def test_calibration_marks_its_choice():
    calibration = width_study.load()
    fig = figures.width_calibration(calibration)
    for ax, (name, own) in zip(fig.axes, calibration.groupby("family", sort=False), strict=True):
        assert name.endswith(ax.get_title())
        assert ax.lines[-1].get_xdata()[0] == own.both.idxmax()[1]
