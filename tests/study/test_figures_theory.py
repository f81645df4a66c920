"""Figures of the theory and of the solvable autoencoders: what they draw is what they are given."""

import numpy as np
import pytest
import xarray as xr

from ipae_lib.linear import LinearAutoencoder, train_linear
from ipae_lib.solvable import linear_case
from study import figures
from study.chapters.ch01 import convergence

SIGMA = 0.5


def ideal_plane(m, lam):
    """The plane of Theorem 1; each free layer of the encoder halves the distance to λ."""
    end = convergence(m, lam)
    share = 0.5 ** np.arange(end.sizes["layer"])
    input_mi = end.input_mi_lower + (end.input_mi_upper - end.input_mi_lower) * share
    return xr.Dataset({"input_mi": input_mi, "output_mi": end.output_mi})


def rings(ax):
    """Where the circles of a panel are."""
    return {tuple(line.get_xydata()[0]) for line in ax.lines if line.get_color() == "none"}


class TestTheory:
    def test_fig_1_ends_where_theorem_1_says(self):
        small, large = figures.theoretical_plane(m=10, small=4, large=12).axes
        assert rings(large) == {(10, 10)}
        assert (4, 4) in rings(small)
        assert {y for _, y in rings(small)} == {4}
        assert all(4 <= x <= 10 for x, _ in rings(small))
        # three layers of the encoder stop on their way, all others at (λ, λ)
        assert len(rings(small)) == 4

    @pytest.mark.parametrize(
        "arguments", [{"small": 10}, {"large": 9}, {"start": 4}, {"start": -1}, {"m": 3}]
    )
    def test_fig_1_needs_one_bottleneck_of_each_kind(self, arguments):
        with pytest.raises(ValueError, match="the sketch needs 0 <= start < small < m <= large"):
            figures.theoretical_plane(**arguments)

    def test_exact_planes_name_the_layers_at_each_end(self):
        start, middle = ideal_plane(5, 1), ideal_plane(5, 2)
        paths = {
            f"lam = {lam}": xr.concat([start, middle, ideal_plane(5, lam)], "iteration")
            for lam in (2, 7)
        }
        small, large = figures.exact_planes(paths).axes
        assert rings(small) == {(3.5, 2), (2.75, 2), (2.375, 2), (2, 2)}
        assert rings(large) == {(5, 5)}
        assert [text.get_text() for text in large.texts] == ["all layers"]
        assert "$T_1^E$" in [text.get_text() for text in small.texts]

    def test_exact_sweep_draws_what_it_is_given_beside_the_prediction(self):
        sizes = xr.Variable("bottleneck_size", [1, 4, 6])
        ends = xr.concat([ideal_plane(5, float(k)) for k in sizes.values], sizes)
        (ax,) = figures.exact_sweep(ends.input_mi).axes
        drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
        assert drawn[r"$\min\{\lambda, M\}$"] == drawn["$Z$"] == drawn["$X'$"] == [1, 4, 5]


class TestSolvable:
    def test_planes_have_a_panel_for_each_network_and_definition(self):
        start = LinearAutoencoder.random(np.diag([2.0, 1.0, 0.5]), [3, 2, 3], seed=0)
        networks = {
            "free": train_linear(start, 30, 0.03, [0, 3, 30]),
            "cut": train_linear(start, 30, 0.03, [0, 3, 30], contract=True),
        }
        planes = {
            row: {noise: linear_case(run, SIGMA, noise).plane for noise in ("fixed", "ends")}
            for row, run in networks.items()
        }
        figure = figures.solvable_planes(planes)
        assert len(figure.axes) == 4
        assert [ax.get_title() for ax in figure.axes] == ["fixed", "ends", "", ""]
        assert figure.axes[2].get_ylabel().startswith("cut")
        for ax, plane in zip(figure.axes[:2], planes["free"].values(), strict=True):
            (z,) = [line for line in ax.lines if line.get_label() == "$Z$"]
            np.testing.assert_array_equal(z.get_xdata(), plane.input_mi.sel(layer="Z"))
            np.testing.assert_array_equal(z.get_ydata(), plane.output_mi.sel(layer="Z"))

    def test_gaps_are_drawn_against_the_noise(self):
        gap = [[-1.0, -0.5], [0.5, 0.2]]
        spread = [[1.5, 0.7], [0.0, 0.0]]
        against_noise = xr.Dataset(
            {
                "gap": (("layer", "sigma"), gap),
                "limit": ("layer", [-1.2, 0.6]),
                "spread": (("definition", "sigma"), spread),
            },
            coords={"layer": ["Z", "D1"], "sigma": [0.1, 1.0], "definition": ["one", "ends"]},
        )
        left, right = figures.definition_gaps(against_noise).axes
        assert [text.get_text() for text in right.get_legend().get_texts()] == ["one", "ends"]
        assert [line.get_ydata().tolist() for line in right.lines] == spread
        drawn = {line.get_label(): list(line.get_ydata()) for line in left.lines}
        assert [drawn["$Z$"], drawn["$T_1^D$"]] == gap
        dotted = [line.get_ydata()[0] for line in left.lines if line.get_linestyle() == ":"]
        assert dotted == [-1.2, 0.6]
        assert left.get_xscale() == right.get_xscale() == "log"
