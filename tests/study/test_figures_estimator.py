"""Figures of chapters 2 to 4: what they draw is what they are given."""

import math

import numpy as np
import pytest
import torch
import xarray as xr

from ipae_lib.kernels import gaussian_gram
from study import figures
from study.chapters import ch02
from study.gaussians import RULES, estimands, estimates

RHOS = [-0.9, -0.5, 0.0, 0.5, 0.9]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.fixture
def grams():
    x = torch.randn(3, 6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return gaussian_gram(x, 1.0), gaussian_gram(x, 3.0)


class TestEstimator:
    def test_gram_matrices_are_written_out_with_their_entropy(self):
        alike, different = torch.ones(2, 2) / 2, torch.eye(2) / 2
        left, right = figures.gram_matrices({"a": alike, "b": different}).axes
        assert left.get_title() == "a\n0.00 bits, $2^S$ = 1.00"
        assert right.get_title() == "b\n1.00 bits, $2^S$ = 2.00"
        assert [text.get_text() for text in right.texts] == ["1.00", "0.00", "0.00", "1.00"]

    def test_spectra_fall_and_the_dot_is_at_the_effective_number(self, grams):
        flat = torch.eye(6, dtype=torch.float64) / 6
        ax = figures.spectra({"title": {"narrow": grams[0][0], "flat": flat}}).axes[0]
        narrow, _, line, dot = ax.lines
        expected = np.linalg.eigvalsh(grams[0][0].numpy())[::-1]
        np.testing.assert_allclose(narrow.get_ydata(), expected, atol=1e-12)
        np.testing.assert_allclose(line.get_ydata(), 1 / 6)
        assert float(dot.get_xdata()[0]) == pytest.approx(6)
        assert float(dot.get_ydata()[0]) == pytest.approx(1 / 6)
        assert legend(ax)[1] == "flat: $2^S$ = 6.0"

    def test_orders_draw_the_first_run_and_the_mean(self, grams):
        orders = torch.tensor([0.5, 1.01, 2.0], dtype=torch.float64)
        by_order = ch02.by_order(*grams, orders)
        left, right = figures.entropy_orders(by_order).axes
        assert legend(left) == ["$S(A)$", "$S(A, B)$"]
        for line, name in zip(left.lines, ("A", "A, B"), strict=False):
            np.testing.assert_allclose(line.get_xdata(), orders)
            np.testing.assert_allclose(
                line.get_ydata(), by_order.entropy.sel(matrix=name).isel(run=0)
            )
        np.testing.assert_allclose(
            right.lines[0].get_ydata(), by_order.mutual_information.mean("run")
        )

    def test_estimands_are_dashed_beside_the_means(self):
        more = xr.Dataset(
            {
                "estimate": (("d", "n", "run"), [[[1.0, 3.0], [1.5, 1.7]], [[5, 7], [4, 4.2]]]),
                "estimand": ("d", [1.5, 3.0]),
            },
            {"d": [1, 10], "n": [32, 64]},
        )
        multiples = xr.Dataset(
            {
                "information": (("run", "scale"), [[0.0, 1.0, 2.0], [0.2, 1.2, 2.2]]),
                "information_estimand": ("scale", [0.15, 1.15, 2.15]),
                "entropy_estimand": 2.5,
            },
            {"scale": [0.1, 1.0, 10.0]},
        )
        left, right = figures.estimands(more, multiples).axes
        one, limit, ten, other = left.lines[:4]
        np.testing.assert_allclose(one.get_ydata(), [2, 1.6])
        np.testing.assert_allclose(ten.get_ydata(), [6, 4.1])
        for line, value in ((limit, 1.5), (other, 3.0)):
            np.testing.assert_allclose(line.get_ydata(), value)
            assert line.get_linestyle() == "--"
        assert legend(left) == ["$d$ = 1", "$d$ = 10", "estimand"]
        points, curve, entropy, itself = right.lines
        np.testing.assert_allclose(points.get_ydata(), [0.1, 1.1, 2.1])
        np.testing.assert_allclose(curve.get_ydata(), [0.15, 1.15, 2.15])
        np.testing.assert_allclose(entropy.get_ydata(), 2.5)
        np.testing.assert_allclose(itself.get_ydata(), 1.15)
        assert [text.get_text() for text in right.texts] == ["$S(A)$", "$I(A;A)$"]


class TestKernelWidth:
    def test_limits_draw_means_and_mark_the_rule(self):
        sigma = [0.1, 1.0, 10.0]
        entropies = {1: np.array([[3.0, 2.0, 0.0], [3.0, 1.0, 0.0]])}
        information = {1: {0.9: entropies[1] - 0.5, 0: entropies[1] - 1}}
        left, right = figures.width_limits(sigma, entropies, information, {1: 2.5}, 8).axes
        np.testing.assert_allclose(left.lines[0].get_ydata(), [3, 1.5, 0])
        np.testing.assert_allclose(left.lines[1].get_ydata(), 3)  # log₂ 8
        strong, weak, mark = right.lines[:3]
        np.testing.assert_allclose(strong.get_ydata(), [2.5, 1, -0.5])
        np.testing.assert_allclose(weak.get_ydata(), [2, 0.5, -1])
        assert (strong.get_linestyle(), weak.get_linestyle()) == ("-", "--")
        assert float(mark.get_xdata()[0]) == 2.5

    def test_scale_draws_the_mean_of_the_runs(self):
        ax = figures.scale_dependence([0.5, 2.0], {"a rule": np.array([[1, 2], [3, 6]])}, 16).axes[
            0
        ]
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [2, 4])
        np.testing.assert_allclose(ax.lines[1].get_ydata(), 4)
        assert legend(ax) == ["a rule"]

    def test_the_factor_is_drawn_in_its_interval(self):
        ax = figures.silverman_factor([1, 2], [1.06, 1.0], bounds=(0.92, 1.06)).axes[0]
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [1.06, 1.0])
        assert legend(ax) == ["[0.92, 1.06]"]

    def test_distances_draw_the_spread_of_each_distribution(self):
        ratios = xr.DataArray(
            [[[0.5, 1.5], [0.9, 1.1]], [[0.0, 2.0], [0.0, 2.0]]],
            {"distribution": ["normal", "copies"], "d": [1, 100]},
            ("distribution", "d", "pair"),
        )
        left, right = figures.distance_concentration(ratios).axes
        assert left.get_title() == "(a) independent normal dimensions"
        assert legend(left) == ["$d$ = 1", "$d$ = 100"]
        normal, copies, reference = right.lines
        np.testing.assert_allclose(normal.get_ydata(), [0.5 * 2**0.5, 0.1 * 2**0.5])
        np.testing.assert_allclose(copies.get_ydata(), 2**0.5)
        np.testing.assert_allclose(reference.get_ydata(), [2**0.5, 0.02**0.5])

    def test_dimensionality_repeats_the_last_rule_beside_its_limit(self):
        values = np.arange(16.0).reshape(2, 2, 2, 2)
        information = xr.DataArray(
            values,
            {"rule": ["one", "two"], "rho": [0, 0.9], "d": [1, 10]},
            ("rule", "rho", "d", "run"),
        )
        left, right = figures.dimensionality(information, samples=4, limit=0.7).axes
        assert right.get_title() == "(b) two alone"
        drawn = [line.get_ydata() for line in left.lines]
        np.testing.assert_allclose(drawn[:4], values.mean(-1).reshape(4, 2))
        np.testing.assert_allclose([line.get_ydata() for line in right.lines[:2]], drawn[2:4])
        np.testing.assert_allclose(right.lines[2].get_ydata(), 0.7)

    def test_images_are_centred_on_0(self):
        image = np.linspace(-1, 3, 784)
        ax = figures.pixel_images({"some": image}).axes[0]
        assert ax.get_title() == "some"
        np.testing.assert_allclose(ax.images[0].get_array(), image.reshape(28, 28))
        assert ax.images[0].get_clim() == (-3, 3)

    def test_pixels_add_up_from_the_rarest(self):
        weights = xr.Dataset(
            {
                "lit": ("pixel", [0.5, 0.0, 0.1]),
                "share": (("statistics", "pixel"), [[0.3, 0.0, 0.7], [0.9, 0.0, 0.1]]),
            },
            {"statistics": ["per pixel", "shared"]},
        )
        bits = (("statistics", "batch"), [[5.0, 5.2], [6.0, 6.2]])
        other = (("statistics", "batch"), [[3.0, 3.2], [4.0, 4.2]])
        entropies = xr.Dataset({"entropy": bits, "self_information": other}, weights.coords)
        left, right = figures.rare_pixels(weights, entropies).axes
        per_pixel, shared = left.lines
        np.testing.assert_allclose(per_pixel.get_xdata(), [0, 10, 50])
        np.testing.assert_allclose(per_pixel.get_ydata(), [0, 70, 100])
        np.testing.assert_allclose(shared.get_ydata(), [0, 10, 100])
        np.testing.assert_allclose(
            [line.get_ydata() for line in right.lines], [[5, 5.2], [3, 3.2], [6, 6.2], [4, 4.2]]
        )
        assert [tick.get_text() for tick in right.get_xticklabels()] == ["$S(X)$", "$I(X;X)$"]
        assert legend(right) == ["per pixel", "shared"]


@pytest.fixture(scope="module")
def information():
    return xr.concat([estimates(RULES, 24, d, rhos=RHOS, runs=3) for d in (2, 5)], dim="d")


class TestGaussians:
    def test_exact(self):
        (line,) = figures.gaussians_exact(3).axes[0].lines
        rho, bits = line.get_data()
        np.testing.assert_allclose(bits, -1.5 * np.log2(1 - rho**2), atol=1e-9)

    def test_by_dimension_draws_the_means_and_the_truth(self, information):
        limits = estimands(information)
        fig = figures.gaussians_by_dimension(information, limits)
        titled = [ax for ax in fig.axes if ax.get_title()]
        truths = [ax for ax in fig.axes if not ax.get_title()]
        drawn, whole = titled[:2] + titled[3:5], titled[2::3]
        assert len(drawn) == len(truths) == 4
        titles = [ax.get_title() for ax in titled]
        assert titles[0] == "(a) previous rule, $d$ = 2"
        assert titles[4] == "(e) proposed rule, $d$ = 5"
        assert titles[5] == "(f) from 0, $d$ = 5"
        mean, limit, exact = whole[1].lines
        np.testing.assert_allclose(mean.get_ydata(), drawn[3].lines[0].get_ydata())
        np.testing.assert_allclose(limit.get_ydata(), limits.sel(estimator="proposed", d=5))
        rho, bits = exact.get_data()
        np.testing.assert_allclose(bits, -2.5 * np.log2(1 - rho**2), atol=1e-9)
        assert whole[1].get_ylim()[0] == 0
        np.testing.assert_allclose(
            drawn[3].lines[0].get_ydata(), information.sel(estimator="proposed", d=5).mean("run")
        )
        rho, bits = truths[3].lines[0].get_data()
        np.testing.assert_allclose(bits, -2.5 * np.log2(1 - rho**2), atol=1e-9)
        for left, right in (drawn[:2], drawn[2:]):
            assert np.ptp(left.get_ylim()) == pytest.approx(np.ptp(right.get_ylim()))

    def test_by_samples_draws_a_curve_each(self, information):
        curves = information.sel(estimator="proposed").rename(n="samples").rename(d="n")
        limits = curves.mean("run") / 2
        ax = figures.gaussians_by_samples(curves, limits).axes[0]
        assert legend(ax) == ["$N$ = 2", "$N$ = 5", "estimands"]
        np.testing.assert_allclose(ax.lines[2].get_ydata(), curves.sel(n=5).mean("run"))
        np.testing.assert_allclose(ax.lines[3].get_ydata(), limits.sel(n=5))
        assert ax.get_ylim()[0] == 0

    def test_splits_draw_both_errors_of_each_setting(self):
        splits = {
            name: xr.Dataset(
                {
                    "truth": (name, [3.0, 5.0]),
                    "estimand": (name, [2.0, 1.0]),
                    "estimate": ((name, "run"), [[2.4, 2.6], [1.0, 1.2]]),
                },
                {name: [0.1, 0.9]},
            )
            for name in ("n", "d", "rho", "gamma")
        }
        axes = figures.gaussians_splits(splits).axes
        assert [ax.get_xscale() for ax in axes] == ["log", "log", "linear", "log"]
        for ax in axes:
            width, samples = ax.lines
            np.testing.assert_allclose(width.get_ydata(), [1, 4])
            np.testing.assert_allclose(samples.get_ydata(), [0.5, 0.1])

    def test_shape_draws_the_truth_from_0_to_1(self, information):
        by_dimension = information.sel(estimator="proposed").isel(rho=slice(2, None))
        by_samples = by_dimension.rename(n="samples").rename(d="n")
        left, right = figures.gaussians_shape(by_dimension, by_samples).axes
        exact, square = (line.get_data() for line in left.lines[:2])
        assert exact[0][-1] == 0.9
        np.testing.assert_allclose(exact[1], np.log(1 - exact[0] ** 2) / math.log(1 - 0.81))
        np.testing.assert_allclose(square[1], square[0] ** 2 / 0.81)
        assert legend(left)[2:] == ["$d$ = 2", "$d$ = 5"]
        assert legend(right)[2:] == ["$N$ = 2", "$N$ = 5"]
        np.testing.assert_allclose(left.lines[3].get_ydata(), by_dimension.sel(d=5).mean("run"))
