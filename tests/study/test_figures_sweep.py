"""The figures of chapter 6: what is drawn where."""

import numpy as np
import pytest
import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS
from study import figures, sweep
from study.intrinsic_dimension import Dimension

SIZES = (2, 4, 8, 13, 16, 32)


def estimates(curve, seeds=2):
    """Estimates (bottleneck_size, seed, batch) whose mean is the curve."""
    random = np.random.default_rng(0)
    noise = 0.01 * random.standard_normal((len(SIZES), seeds, 5))
    noise -= noise.mean((1, 2), keepdims=True)
    coords = {"bottleneck_size": list(SIZES), "seed": range(seeds), "batch": range(5)}
    return xr.DataArray(np.asarray(curve)[:, None, None] + noise, coords, tuple(coords))


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


def test_each_panel_of_fig_9_has_its_axis_and_its_layers():
    octaves = np.log2(SIZES)
    layers = {layer: i + octaves for i, layer in enumerate(HIDDEN_LAYERS)}
    inputs = xr.concat([estimates(curve) for curve in layers.values()], dim="layer")
    inputs = inputs.assign_coords(layer=list(layers))
    fig = figures.bottleneck_sweep(xr.Dataset({"input_mi": inputs, "output_mi": -inputs}))
    for ax, (sign, side) in zip(
        fig.axes, [(1, ENCODER), (1, DECODER), (-1, ENCODER), (-1, DECODER)], strict=True
    ):
        for line, layer in zip(ax.lines, side, strict=True):
            np.testing.assert_allclose(line.get_xdata(), SIZES)
            np.testing.assert_allclose(line.get_ydata(), sign * layers[layer], atol=1e-9)
        assert len(ax.collections) == len(side)  # an interval each
    assert fig.axes[0].get_ylabel().startswith("input MI")
    assert fig.axes[2].get_ylabel().startswith("output MI")


def test_a_transition_is_marked_in_its_panel_alone():
    curves = {"C": estimates([3, 2, 1, 0.1, 0, 0]), "other": estimates([1, 1, 1, 1, 1, 1])}
    found = sweep.transition(curves["C"])
    fig = figures.transitions(curves, {"C": found})
    marked, other = fig.axes
    assert [ax.get_title() for ax in fig.axes] == ["(a) C", "(b) other"]
    at = [line.get_xdata()[0] for line in marked.lines if len(set(line.get_xdata())) == 1]
    assert at == [pytest.approx(found.size), 13]
    assert [x.get_xdata()[0] for x in other.lines if len(set(x.get_xdata())) == 1] == [13]


def test_a_curve_that_does_not_change_has_no_mark():
    flat = estimates([1, 1, 1, 1, 1, 1])
    (ax,) = figures.transitions({"flat": flat}, {"flat": sweep.transition(flat)}).axes
    assert not ax.patches


def test_every_network_has_its_dot_and_labels_keep_apart():
    errors = estimates(1 / np.array(SIZES)).mean("batch")
    fig = figures.sweep_errors(errors, errors.mean("seed"), 0.06)
    (ax,) = fig.axes
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose([line.get_ydata() for line in dots], errors.transpose("seed", ...))
    shown = [text.get_text() for text in ax.get_xticklabels()]
    # 13 is the paper's, and 16 is too near to it
    assert shown == ["2", "4", "8", "13", "", "32"]


def test_rules_are_dashed_and_the_truth_is_a_line_of_the_same_colour():
    values = estimates(1 / np.array(SIZES)).mean("batch")
    shown = xr.Dataset({"compression": values, "through": 1 - values})
    looks = {"previous rule": shown, "in truth, one level": shown}
    fig = figures.sweep_in_truth({"a cell": looks, "another": looks})
    assert [ax.get_title() for ax in fig.axes] == ["a cell", "another", "", ""]
    lines = lines_of(fig.axes[0])
    assert [lines[name].get_linestyle() for name in looks] == ["--", "-"]
    assert lines["previous rule"].get_color() == lines["in truth, one level"].get_color()
    np.testing.assert_allclose(lines["previous rule"].get_ydata(), values.mean("seed"))


def test_entropy_of_the_bottleneck_and_of_what_is_known():
    known = xr.DataArray(np.arange(6.0), coords={"bottleneck_size": list(SIZES)})
    entropy = estimates([1, 2, 3, 4, 5, 6])
    (ax,) = figures.bottleneck_entropy(entropy, {"normals": known}, samples=512).axes
    lines = lines_of(ax)
    np.testing.assert_allclose(lines["$Z$ of the networks"].get_ydata(), [1, 2, 3, 4, 5, 6])
    np.testing.assert_allclose(lines["normals"].get_ydata(), known)
    assert 9 in [line.get_ydata()[0] for line in ax.lines]  # log₂ 512


def test_dimensions_have_intervals_and_normals_have_none():
    images = {2_500: {2: Dimension(12, 11, 14), 5: Dimension(11, 10.5, 11.5)}}
    normals = {13: {2: Dimension(12.5, 12, 13), 5: Dimension(12.3, 12, 12.6)}}
    (ax,) = figures.intrinsic_dimensions(images, normals).axes
    (bars,) = ax.containers
    segments = bars.lines[2][0].get_segments()
    np.testing.assert_allclose([s[:, 1] for s in segments], [[11, 14], [10.5, 11.5]])
    grey = lines_of(ax)["normal samples of known dimension"]
    assert list(grey.get_ydata()) == [12.5, 12.3]
