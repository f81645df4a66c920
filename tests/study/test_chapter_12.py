"""Numbers of chapters 12 and 13, of networks whose paths are known, and their figures."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from study import figures
from study.beyond.criteria import GEOMETRY
from study.chapters import ch12, ch13
from study.claims import Finding
from study.claims.criteria.decision import Estimate, claim

LAYERS = ["X", "T1", "T2", "X_out"]
COURSE = np.array([0.5, 0.2, 0.6, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4])


def plane(peak=1.0, layers=LAYERS):
    """Two seeds; every layer starts at a half, dips, peaks, and falls by 0.4."""
    values = np.repeat(COURSE[None, :, None], len(layers), axis=2).repeat(2, axis=0)
    dims = ("seed", "iteration", "layer")
    fitted = np.arange(9) >= 2
    data = {
        "input_mi": (dims, 6 * values * peak),
        "output_mi": (dims, 3 * values),
        "label_mi": (dims, values),
        "fitted": (("seed", "iteration"), [fitted, fitted]),
        "unit": 6.0,
    } | dict.fromkeys(GEOMETRY, (dims, 1 + values))
    coordinates = {"seed": [0, 1], "iteration": 2 ** np.arange(9), "layer": layers}
    return xr.Dataset(data, coordinates)


def seen(peak=1.0, layers=LAYERS):
    return {
        "tanh": {"previous rule": plane(peak, layers), "in truth, total deviation": plane()},
        "ReLU": {"previous rule": plane(peak, layers), "in truth, total deviation": plane()},
    }


def test_falls_of_each_hidden_layer():
    table = ch12.falls(seen(peak=0.5))
    assert list(table.index) == [("tanh", "T1"), ("tanh", "T2"), ("ReLU", "T1"), ("ReLU", "T2")]
    assert np.allclose(table["in truth, total deviation"], 0.4)
    assert np.allclose(table["previous rule"], 0.2)
    # 1.4 at the end, 1.6 where the fitting ends
    assert np.allclose(table["variance, times"], 1.4 / 1.6)


def test_what_the_last_layer_knows_before_the_fitting():
    found = ch12.early(seen())["tanh"]
    assert found == pytest.approx({"start": 0.5, "least": 0.2, "end": 0.4})


def test_what_layers_know_of_the_label_since_the_fitting():
    planes = seen()
    planes["tanh"]["in truth, total deviation"].label_mi[:, -1, 1] = 0.1
    found = ch12.on_the_label(planes, "in truth, total deviation")
    assert found["tanh"]["first"] == pytest.approx({"fitting": 0.6, "end": 0.1})
    assert found["tanh"]["last"] == pytest.approx({"fitting": 0.6, "end": 0.4})
    assert found["ReLU"]["first"] == found["ReLU"]["last"]


def run(error, null):
    dims = ("iteration", "estimator", "layer", "batch")
    values = np.full((2, 1, 4, 1), 2.0)
    nulls = values * np.array([0.9, null, null / 2, 0.9])[None, None, :, None]
    return xr.Dataset(
        {
            "test_error": ("iteration", [0.9, error]),
            "input_mi": (dims, values),
            "input_mi_null": (dims, nulls),
        },
        {"iteration": [0, 1], "estimator": ["scale-free"], "layer": LAYERS},
    )


def test_the_worst_network_and_the_extremes_of_the_nulls():
    groups = {"a": [run(0.1, 0.4), run(0.2, 0.4)], "b": [run(0.05, 0.8)]}
    assert ch12.quality(groups)["least"] == pytest.approx(0.8)
    assert ch12.nulls(groups) == pytest.approx({"least": 0.2, "most": 0.8})


@claim("Does it?", "here", "A number", above=0.1, reason="because", range=(-1.0, 1.0))
def information_follows_cka(values):
    """A question."""
    return values


def finding(value, p_value, cell="tanh less ReLU", column="in truth, layer's deviation"):
    return Finding(information_follows_cka, cell, column, Estimate(value, 0.05, 2.0, 3), p_value)


def test_statistics_have_names_that_a_sentence_can_take():
    found = ch12.statistics([finding(0.5, 0.01)])
    assert found == {"information_follows_cka": {"tanh_less_ReLU": {"layers_deviation": 0.5}}}


def test_answers_are_counted():
    findings = [finding(0.5, 0.01), finding(-0.5, 0.01, "other"), finding(0.5, 0.5, "third")]
    counted = ch13.followed(findings, "cka")["layers_deviation"]
    assert (counted["yes"], counted["no"], counted["undecided"], counted["all"]) == (1, 1, 1, 3)
    assert ch13.held(findings) == {"holds": 1, "fails": 1, "undecided": 1, "all": 3}


def test_each_family_of_looks_has_its_geometry():
    @claim("Does it?", "here", "A number", above=0.1, reason="because", range=(-1.0, 1.0))
    def information_follows_total_variance(values):
        """A question."""

    @claim("Does it?", "here", "A number", above=0.1, reason="because", range=(-1.0, 1.0))
    def information_follows_participation_ratio(values):
        """Another."""

    found = [
        Finding(one, "tanh", f"in truth, {look}", Estimate(value, 0.05, 2.0, 3), 0.01)
        for one, look, value in (
            (information_follows_total_variance, "one level", 0.9),
            (information_follows_total_variance, "total deviation", 0.8),
            (information_follows_participation_ratio, "one level", -0.7),
            (information_follows_participation_ratio, "total deviation", -0.6),
        )
    ]
    assert ch12.correlations(found) == {"variance": {"tanh": 0.9}, "ratio": {"tanh": -0.6}}
    counted = ch13.decided(found)
    assert (counted["variance"]["yes"], counted["ratio"]["no"]) == (1, 1)


def test_the_typical_correlation_is_a_median_over_networks():
    table = ch13.typical([finding(value, 0.01, str(value)) for value in (0.1, 0.5, 0.6)])
    assert table.loc["in truth, layer's deviation", GEOMETRY["cka"]] == 0.5
    assert table.shape == (1, 1)


def lines(fig):
    return [len(ax.lines) for ax in fig.axes]


class TestFigures:
    @pytest.mark.parametrize(
        ("layers", "vertical"),
        [(LAYERS, "label_mi"), (["X", "E1", "Z", "D1", "X_out"], "output_mi")],
    )
    def test_planes(self, layers, vertical):
        rows = {"a": {"look": plane(layers=layers), "other": plane(layers=layers)}}
        fig = figures.planes_beyond(rows, vertical)
        assert isinstance(fig, Figure)
        hidden = len(layers) - 2
        region = 0 if vertical == "label_mi" else lines(fig)[0] - 3 * hidden
        # two seeds and a marker for each layer
        assert lines(fig) == [3 * hidden + region] * 2
        assert [ax.get_title() for ax in fig.axes] == ["look", "other"]
        ends = [line for line in fig.axes[0].lines if line.get_linestyle() == "None"]
        height = 0.4 if vertical == "label_mi" else 0.2
        assert ends[0].get_ydata()[-1] == pytest.approx(height)
        assert ends[0].get_xdata()[-1] == pytest.approx(0.4)

    def test_courses(self):
        fig = figures.courses_beyond({"a": {"look": plane()}})
        assert lines(fig) == [3]  # two layers, and where the fitting ends
        assert fig.axes[0].lines[-1].get_xdata()[0] == 4

    def test_the_legend_has_the_layers_of_the_deepest_network(self):
        deep, shallow = (
            plane(layers=["X", "E1", "Z", "D1", "X_out"]),
            plane(layers=["X", "Z", "X_out"]),
        )
        fig = figures.courses_beyond({"shallow": {"look": shallow}, "deep": {"look": deep}})
        assert len(fig.legends[0].get_texts()) == 3

    def test_geometry(self):
        networks = {"one": plane(), "two": plane()}
        fig = figures.geometry_beyond({"T1": networks, "T2": networks}, GEOMETRY, ["T1", "T2"])
        assert lines(fig) == [2] * 8
        assert [ax.get_yscale() for ax in fig.axes[:2]] == ["log", "linear"]
