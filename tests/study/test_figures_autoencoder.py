"""Figures of the autoencoder's planes show the values they are given."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT, MATH_LABELS, OUTPUT
from study import figures

mpl.use("Agg")

LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]


def recorded(seeds=2, batches=3):
    random = np.random.default_rng(0)
    dims = ("seed", "iteration", "layer", "batch")
    shape = (seeds, 4, len(LAYERS), batches)
    coords = {"seed": range(seeds), "iteration": [0, 1, 10, 100], "layer": LAYERS}
    return xr.Dataset(
        {axis: (dims, random.uniform(0, 2, shape)) for axis in ("input_mi", "output_mi")}, coords
    )


def paths(ax):
    """Lines of more than one point, but for the bisector."""
    return [line for line in ax.lines if len(line.get_xdata()) == 4]


def ends(ax):
    return {c.get_label(): c for c in ax.containers}


@pytest.mark.parametrize("seeds", [1, 2])
def test_each_seed_has_its_path_and_a_layer_one_end(seeds):
    plane = recorded(seeds)
    figure = figures.information_planes({"one": plane}, {"one": 1.5})
    for ax, layers in zip(figure.axes, (ENCODER, DECODER), strict=True):
        drawn = {tuple(line.get_xdata()) for line in paths(ax)}
        means = plane.input_mi.mean("batch").sel(layer=list(layers)).stack(path=("seed", "layer"))
        assert drawn == {tuple(path) for path in means.transpose("path", ...).values}
        assert set(ends(ax)) == {MATH_LABELS[layer] for layer in layers}


@pytest.mark.parametrize(("seeds", "over"), [(1, "batch"), (2, "seed")])
def test_an_end_is_a_mean_with_the_deviation_of_seeds_or_of_batches(seeds, over):
    plane = recorded(seeds)
    figure = figures.information_planes({"one": plane})
    last = plane.input_mi.sel(layer="Z").isel(iteration=-1)
    of = last.isel(seed=0) if over == "batch" else last.mean("batch")
    line, _, bars = ends(figure.axes[0])["$Z$"].lines
    assert float(line.get_xdata()[0]) == pytest.approx(float(of.mean()))
    left, right = bars[0].get_segments()[0][:, 0]
    assert (right - left) / 2 == pytest.approx(float(of.std(ddof=1)))


def test_planes_of_a_scan_are_those_of_the_nearest_gamma():
    plane = recorded(1, 1).isel(seed=0, batch=0)
    scan = xr.concat([plane, 2 * plane], "gamma").assign_coords(gamma=[0.1, 1.0])
    figure = figures.gamma_planes({"one": scan}, (0.12, 0.9))
    for ax, factor in zip(figure.axes, (1, 2), strict=True):
        drawn = {tuple(line.get_xdata()) for line in paths(ax)}
        expected = factor * plane.input_mi.sel(layer=list(HIDDEN_LAYERS))
        assert drawn == {tuple(path) for path in expected.transpose("layer", ...).values}


def test_recording_density_draws_all_three_of_each_layer():
    plane = recorded(1, 1).isel(seed=0, batch=0)
    figure = figures.recording_density(plane, plane + 1, plane.isel(iteration=[1, 2]), ["Z", "D1"])
    for ax, axis in zip(figure.axes, ("input_mi", "output_mi"), strict=True):
        of_z = plane[axis].sel(layer="Z").values
        drawn = [line.get_ydata() for line in ax.lines[:3]]
        for found, expected in zip(drawn, (of_z, of_z + 1, of_z[1:3]), strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("seeds", [1, 2])
def test_planes_in_truth_are_shares_with_a_path_for_each_seed(seeds):
    plane = recorded(seeds, 1).isel(batch=0).assign(unit=2.0)
    rows = {row: {"a": plane, "b": plane} for row in ("first", "second")}
    figure = figures.planes_in_truth(rows)
    assert len(figure.axes) == 4
    ax = figure.axes[0]
    assert len(paths(ax)) == seeds * len(HIDDEN_LAYERS)
    line, _, bars = ends(ax)["$Z$"].lines
    last = plane.input_mi.sel(layer="Z").isel(iteration=-1) / 2
    assert float(line.get_xdata()[0]) == pytest.approx(float(last.mean()))
    left, right = bars[0].get_segments()[0][:, 0]
    wanted = float(last.std(ddof=1)) if seeds > 1 else 0
    assert (right - left) / 2 == pytest.approx(wanted)


def test_every_way_to_learn_is_drawn_however_many():
    error = recorded(1, 1).input_mi.isel(seed=0, batch=0, layer=0)
    ways = {f"way {i}": error + i for i in range(6)}
    (ax,) = figures.learning_curves(ways, 0.07).axes
    _, labels = ax.get_legend_handles_labels()
    assert labels == list(ways)


def test_what_breaks_the_theory_has_a_row_for_each_way_to_train():
    checks = {}
    for i, (way, run) in enumerate([("a", "K = 2"), ("a", "K = 32"), ("b", "K = 2")]):
        of = recorded(2, 2).input_mi.isel(layer=[0, 1], batch=0).rename(layer="estimator")
        checks[way, run] = xr.Dataset({"broken": of + i, "other": of})
    figure = figures.theory_violations(checks, {"broken": "(a) broken", "other": "(b) other"})
    rows = np.reshape(figure.axes, (2, 2))
    assert [ax.get_title() for ax in rows[0]] == ["(a) broken", "(b) other"]
    assert [row[0].get_ylabel() for row in rows] == ["a\nbits", "b\nbits"]
    assert [len(ax.lines) for ax in rows[:, 0]] == [4, 2]
    expected = checks["b", "K = 2"].broken.isel(iteration=slice(1, None), estimator=0).mean("seed")
    np.testing.assert_allclose(rows[1, 0].lines[0].get_ydata(), expected)


def test_variances_have_a_row_for_each_way_and_size_and_the_bottleneck_apart():
    values = recorded().input_mi
    rows = {"a way, K = 2": values, "a way, K = 32": 2 * values}
    axes = np.reshape(figures.variances(rows).axes, (2, 3))
    assert [row[0].get_ylabel() for row in axes] == [
        "a way, K = 2\nmean variance",
        "a way, K = 32\nmean variance",
    ]
    for row, factor in zip(axes, (1, 2), strict=True):
        of_z = factor * values.sel(layer="Z").mean(["batch", "seed"]).isel(iteration=slice(1, None))
        np.testing.assert_allclose(row[2].lines[0].get_ydata(), of_z)
