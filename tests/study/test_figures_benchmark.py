"""Figures of the benchmark: they draw what the answers and the table hold."""

import numpy as np
import pytest

from ipae_lib import benchmark
from ipae_lib.benchmark import problems, scores, store
from study import figures, width_study


@pytest.fixture(scope="module")
def stored():
    return store.load()


@pytest.fixture(scope="module")
def table(stored):
    return benchmark.leaderboard(stored)


def test_scores_are_drawn_where_they_are(table):
    fig = figures.benchmark_scores(table, scores.SCORES)
    assert [ax.get_title().replace("\n", " ") for ax in fig.axes] == list(scores.SCORES)
    ax = fig.axes[-1]
    honest = next(line for line in ax.lines if line.get_label() == "honest")
    x, y = honest.get_data()
    names = [table.index[len(table) - 1 - int(height)] for height in y]
    np.testing.assert_allclose(x, table.theory[names].clip(-1))


def test_costs_are_drawn_beside_the_scores(table):
    fig = figures.benchmark_scores(table, ["theory"], ["s", "MB"])
    assert [ax.get_title() for ax in fig.axes] == ["theory", "s", "MB"]
    assert [ax.get_xscale() for ax in fig.axes] == ["linear", "log", "linear"]
    cheat = next(line for line in fig.axes[2].lines if line.get_label() == "cheat")
    np.testing.assert_allclose(cheat.get_xdata(), table.MB[table.kind == "cheat"])


def test_planes_begin_with_the_exact_one(stored):
    fig = figures.benchmark_planes(stored, "linear, K = 8", 128, ["KSG", "InfoNCE"])
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert titles == ["exact", "KSG", "InfoNCE"]
    exact = problems.exact_cases()[1].plane
    z = next(line for line in fig.axes[0].lines if line.get_label() == "$Z$")
    np.testing.assert_allclose(z.get_xdata(), exact.input_mi.sel(layer="Z"))
    np.testing.assert_allclose(z.get_ydata(), exact.output_mi.sel(layer="Z"))


def test_gaussians_are_means_over_samples(stored):
    fig = figures.benchmark_gaussians(stored, 128, ["KSG"])
    drawn = next(line for line in fig.axes[0].lines if line.get_label() == "KSG")
    np.testing.assert_allclose(drawn.get_xdata(), problems.INFORMATION, atol=1e-5)
    gaussians = (stored.part == "gaussians") & (stored.n == 128) & (stored.d_x == 1)
    own = stored.bits.sel(estimator="KSG").isel(question=gaussians.values)
    expected = own.values.reshape(-1, 4).mean(axis=0)
    np.testing.assert_allclose(drawn.get_ydata(), expected)


def test_calibration_marks_its_choice():
    calibration = width_study.load()
    fig = figures.width_calibration(calibration)
    for ax, (name, own) in zip(fig.axes, calibration.groupby("family", sort=False), strict=True):
        assert name.endswith(ax.get_title())
        assert ax.lines[-1].get_xdata()[0] == own.both.idxmax()[1]
