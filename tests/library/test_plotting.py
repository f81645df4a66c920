"""A plane of any network is drawn as it was recorded, and nothing else is taken for a plane."""

import doctest
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from ipae_lib import MatrixRenyi, PreviousWidth, ProposedWidth, plotting
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.plane import InformationPlane
from ipae_lib.plotting import plot_plane

mpl.use("Agg")
import matplotlib.pyplot as plt

LAYERS = {"first": "0", "code": "2", "D1": "3"}


@pytest.fixture(autouse=True)
def _no_figures_left():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def records():
    """Three records of a network that is no autoencoder of the paper, with labels of its own."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2), nn.Linear(2, 6))
    estimators = {
        "proposed": MatrixRenyi(ProposedWidth(0.8)),
        "previous": MatrixRenyi(PreviousWidth(5), standardize=False),
    }
    plane = InformationPlane(model, LAYERS, list(torch.randn(2, 40, 6)), estimators)
    found = []
    for iteration in (0, 3, 10):
        found.append(plane.record(iteration))
        with torch.no_grad():
            model[0].weight.mul_(2)
    return found


def lines(ax):
    """The drawn paths by their label; what has none is no layer."""
    return {
        line.get_label(): line for line in ax.lines if not str(line.get_label()).startswith("_")
    }


def corners(ax):
    return {tuple(point) for patch in ax.patches for point in np.round(patch.get_xy(), 6)}


def test_paths_are_the_means_over_batches_with_a_marker_at_the_end(records):
    ax = plot_plane(records, estimator="proposed")
    drawn = lines(ax)
    assert list(drawn) == list(LAYERS)
    joined = xr.concat(records, "iteration").sel(estimator="proposed")
    for label, line in drawn.items():
        here = joined.sel(layer=label).mean("batch")
        np.testing.assert_array_equal(line.get_xdata(), here.input_mi)
        np.testing.assert_array_equal(line.get_ydata(), here.output_mi)
        assert line.get_markevery() == [-1]
    assert len({line.get_marker() for line in drawn.values()}) == len(LAYERS)
    assert len({tuple(line.get_color()) for line in drawn.values()}) == len(LAYERS)


def test_axes_are_in_bits_and_the_legend_names_every_layer(records):
    ax = plot_plane(records, estimator="previous")
    assert ax.get_xlabel() == "input MI $I(X;T)$ [bits]"
    assert ax.get_ylabel() == "output MI $I(T;X')$ [bits]"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(LAYERS)


def test_the_triangle_has_the_input_information_for_its_width(records):
    ax = plot_plane(records, estimator="proposed")
    m = float(records[0].input_mi.sel(estimator="proposed", layer=INPUT).mean())
    assert corners(ax) == {(0, 0), (round(m, 6), 0), (round(m, 6), round(m, 6))}
    assert corners(plot_plane(records, estimator="proposed", region=False)) == set()


def test_records_in_any_order_and_joined_ones_are_the_same(records):
    joined = xr.concat(records, "iteration")
    expected = lines(plot_plane(joined, estimator="proposed"))
    for given in (records[::-1], tuple(records), joined.isel(iteration=[2, 0, 1])):
        for label, line in lines(plot_plane(given, estimator="proposed")).items():
            np.testing.assert_array_equal(line.get_xydata(), expected[label].get_xydata())


def test_one_record_is_one_point_a_layer(records):
    for line in lines(plot_plane(records[0], estimator="proposed")).values():
        assert len(line.get_xydata()) == 1


def test_seeds_are_averaged_like_batches(records):
    joined = xr.concat(records, "iteration").sel(estimator="proposed")
    seeds = xr.concat([joined, joined + 1.0], "seed")
    one, both = (lines(plot_plane(plane)) for plane in (joined, seeds))
    np.testing.assert_allclose(both["code"].get_xdata(), one["code"].get_xdata() + 0.5)


def test_the_only_estimator_needs_no_name(records):
    alone = records[0].sel(estimator=["proposed"])
    for plane in (alone, alone.isel(estimator=0), alone.isel(estimator=0, drop=True)):
        assert list(lines(plot_plane(plane))) == list(LAYERS)


def test_chosen_layers_styles_and_axes(records):
    _, own = plt.subplots()
    ax = plot_plane(
        records,
        [OUTPUT, "code"],
        ax=own,
        estimator="proposed",
        styles={"code": {"label": "bottleneck", "linestyle": ":", "marker": ""}},
        legend=False,
    )
    assert ax is own
    assert ax.get_legend() is None
    assert list(lines(ax)) == ["$X'$", "bottleneck"]
    assert lines(ax)["bottleneck"].get_linestyle() == ":"


def test_an_estimator_without_entropies_has_no_triangle(records):
    plane = InformationPlane(
        nn.Sequential(nn.Linear(6, 2), nn.Linear(2, 6)),
        {"code": "0"},
        torch.randn(20, 6),
        {"constant": lambda _x, _y: 1.0},
    ).record()
    ax = plot_plane(plane)
    assert list(lines(ax)) == ["code"]
    assert corners(ax) == set()
    with pytest.raises(ValueError, match=r"NaN or infinity in the layers \['X'\]"):
        plot_plane(plane, [INPUT])


def without_one_batch(plane):
    return plane.assign(input_mi=plane.input_mi.where((plane.layer != "code") | (plane.batch != 1)))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda _: "a plane", "plane is 'a plane'"),
        (lambda _: [], r"Dataset of \[\]"),
        (lambda plane: plane[["entropy"]], r"Dataset of \['entropy'\]"),
        (lambda plane: plane.expand_dims(gamma=[1, 2]), "gamma.*plane.sel"),
        (lambda plane: plane.isel(layer=0), "needs layers with their names"),
        (lambda plane: plane.drop_vars("layer"), "needs layers with their names"),
        (lambda plane: plane.isel(iteration=[]), "'iteration': 0"),
        (without_one_batch, r"NaN or infinity .*\['code'\]"),
    ],
)
def test_what_is_no_plane_is_refused(records, spoil, message):
    plane = xr.concat(records, "iteration").sel(estimator="proposed")
    with pytest.raises((TypeError, ValueError), match=message):
        plot_plane(spoil(plane))


def test_of_several_estimators_one_must_be_chosen(records):
    with pytest.raises(ValueError, match=r"None; choose from \['proposed', 'previous'\]"):
        plot_plane(records)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"layers": ["nowhere"]},
            r"layers is \['nowhere'\].*\['X', 'first', 'code', 'D1', 'X_out'",
        ),
        ({"layers": "code"}, "layers is 'code'"),
        ({"layers": []}, r"layers is \[\]"),
        ({"styles": {"nowhere": {}}}, r"styles is for \['nowhere'\]"),
        ({"estimator": "mine"}, r"estimator is 'mine'; choose from \['proposed', 'previous'\]"),
    ],
)
def test_wrong_arguments_are_named(records, arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        plot_plane(records, **{"estimator": "proposed", **arguments})


def test_without_matplotlib_the_error_names_what_to_install(records, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"ipae-lib\[plot\]"):
        plot_plane(records, estimator="proposed")


@pytest.mark.slow
def test_importing_it_loads_no_matplotlib():
    code = "import sys, ipae_lib.plotting; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_examples_in_the_documentation():
    result = doctest.testmod(plotting)
    assert result.attempted > 0
    assert result.failed == 0
