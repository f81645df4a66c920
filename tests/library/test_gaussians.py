"""Correlated Gaussians: samples, exact information (31), and the estimates of Figs. 3 and 4."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ipae_lib import MatrixRenyi, PreviousWidth, ProposedWidth
from ipae_lib.toys import (
    correlated_gaussians,
    correlated_gaussians_mi,
    estimate_correlated_gaussians,
)
from study import figures

PROPOSED = MatrixRenyi(ProposedWidth(2))
PREVIOUS = MatrixRenyi(PreviousWidth(2 * math.sqrt(10)), standardize=False)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class TestExact:
    @given(st.integers(1, 20), st.floats(-0.99, 0.99))
    def test_is_the_gaussian_formula_of_determinants(self, d, rho):
        covariance = np.block([[np.eye(d), rho * np.eye(d)], [rho * np.eye(d), np.eye(d)]])
        expected = -np.linalg.slogdet(covariance).logabsdet / (2 * math.log(2))
        assert correlated_gaussians_mi(d, rho) == pytest.approx(expected, abs=1e-11)

    def test_integral_of_the_densities(self):
        # (4) on a grid, with nothing known of (31)
        rho = 0.8
        t = np.linspace(-9, 9, 1201)
        x, y = np.meshgrid(t, t)
        marginal = np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)
        product = marginal[:, None] * marginal
        exponent = (x**2 - 2 * rho * x * y + y**2) / (2 * (1 - rho**2))
        joint = np.exp(-exponent) / (2 * math.pi * math.sqrt(1 - rho**2))
        ratio = np.log2(joint, where=joint > 0, out=np.zeros_like(joint)) - np.log2(product)
        expected = (joint * ratio).sum() * (t[1] - t[0]) ** 2
        assert correlated_gaussians_mi(1, rho) == pytest.approx(expected, abs=1e-9)

    def test_special_values(self):
        assert correlated_gaussians_mi(7, 0) == 0
        assert correlated_gaussians_mi(1, math.sqrt(0.75)) == pytest.approx(1)
        assert correlated_gaussians_mi(3, 1) == correlated_gaussians_mi(3, -1) == math.inf

    @pytest.mark.parametrize("rho", [1.1, -1.001, math.nan, math.inf])
    def test_refuses_what_is_no_correlation(self, rho):
        with pytest.raises(ValueError, match=r"rho is .*between -1 and 1"):
            correlated_gaussians_mi(2, rho)
        with pytest.raises(ValueError, match=r"rho is .*between -1 and 1"):
            correlated_gaussians(10, 2, rho)

    @pytest.mark.parametrize("d", [0, -1, 2.0, True])
    def test_refuses_dimensions_that_are_no_count(self, d):
        with pytest.raises(ValueError, match="d is"):
            correlated_gaussians_mi(d, 0.5)


class TestSamples:
    @pytest.mark.parametrize("rho", [-0.9, 0.0, 0.6])
    def test_moments(self, rho):
        n, d = 200_000, 3
        x, y = correlated_gaussians(n, d, rho, generator())
        z = torch.cat([x, y], dim=1)
        expected = torch.eye(2 * d, dtype=torch.float64)
        expected[:d, d:] = expected[d:, :d] = rho * torch.eye(d)
        # five standard errors of a mean and of a covariance
        assert z.mean(0).abs().max() < 5 / math.sqrt(n)
        assert (z.T @ z / n - expected).abs().max() < 5 * math.sqrt(2 / n)

    def test_full_correlation_is_equality(self):
        x, y = correlated_gaussians(5, 2, 1, generator())
        assert torch.equal(x, y)
        x, y = correlated_gaussians(5, 2, -1, generator())
        assert torch.equal(x, -y)

    def test_shape_type_and_seed(self):
        x, y = correlated_gaussians(5, 2, 0.5, generator(3), batch_shape=(4, 3))
        again, _ = correlated_gaussians(5, 2, 0.5, generator(3), batch_shape=(4, 3))
        assert x.shape == y.shape == (4, 3, 5, 2)
        assert x.dtype == y.dtype == torch.float64
        assert torch.equal(x, again)

    @pytest.mark.parametrize(("n", "d"), [(0, 2), (5, 0), (5, 1.5)])
    def test_refuses_sizes_that_are_no_count(self, n, d):
        with pytest.raises(ValueError, match="whole number of at least 1"):
            correlated_gaussians(n, d, 0.5)


class TestEstimate:
    def test_is_a_plain_loop_over_samples_of_their_own(self):
        seen = []

        def remember(x, y):
            seen.append((x, y))
            return float((x * y).mean())

        rhos, runs = [-0.5, 0.8], 4
        result = estimate_correlated_gaussians(
            {"remember": remember, "proposed": PROPOSED}, 16, 3, rhos=rhos, runs=runs
        )
        assert result.dims == ("estimator", "rho", "run")
        assert result.shape == (2, 2, 4)
        assert result.attrs["units"] == "bits"
        assert (int(result.n), int(result.d)) == (16, 3)
        assert all(x.shape == y.shape == (16, 3) for x, y in seen)
        # each run's samples are found again by their mean product
        products = {float((x * y).mean()): (x, y) for x, y in seen}
        assert len(products) == len(rhos) * runs
        for rho in rhos:
            for run in range(runs):
                at = result.sel(rho=rho).isel(run=run)
                x, y = products[float(at.sel(estimator="remember"))]
                assert float(at.sel(estimator="proposed")) == pytest.approx(
                    float(PROPOSED(x, y)), abs=1e-12
                )

    def test_each_correlation_gets_its_own_samples(self):
        result = estimate_correlated_gaussians(
            {"covariance": lambda x, y: (x * y).mean()}, 400, 50, rhos=[-0.5, 0.0, 0.8], runs=5
        )
        # 20,000 products of variance 1 + ρ²
        np.testing.assert_allclose(
            result.sel(estimator="covariance"),
            np.broadcast_to(result.rho.values[:, None], (3, 5)),
            atol=5 * math.sqrt(2 / 20_000),
        )

    def test_seed_decides_and_more_runs_add(self):
        arguments = {"n": 12, "d": 2, "rhos": [0.0, 0.5]}
        few = estimate_correlated_gaussians({"p": PROPOSED}, runs=2, **arguments)
        many = estimate_correlated_gaussians({"p": PROPOSED}, runs=5, **arguments)
        other = estimate_correlated_gaussians({"p": PROPOSED}, runs=2, seed=1, **arguments)
        np.testing.assert_array_equal(few, many.isel(run=slice(2)))
        assert not np.isclose(few, other).any()
        assert len(np.unique(many)) == many.size

    def test_does_not_depend_on_threads_and_leaves_them(self):
        threads = torch.get_num_threads()
        results = []
        try:
            for count in (1, 3):
                torch.set_num_threads(count)
                results.append(
                    estimate_correlated_gaussians({"p": PROPOSED}, 20, 5, rhos=[0.3], runs=7)
                )
                assert torch.get_num_threads() == count
        finally:
            torch.set_num_threads(threads)
        np.testing.assert_allclose(results[0], results[1], rtol=0, atol=1e-12)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"estimators": {}}, "estimators is empty"),
            ({"n": 1}, "n is 1; .* at least 2"),
            ({"d": 0}, "d is 0"),
            ({"rhos": []}, "rhos is empty"),
            ({"rhos": [0.1, 1.2]}, "rho is 1.2"),
            ({"runs": 0}, "runs is 0"),
            ({"seed": -1}, "seed is -1"),
        ],
    )
    def test_refuses(self, change, message):
        good = {"estimators": {"p": PROPOSED}, "n": 8, "d": 2, "rhos": [0.1], "runs": 1}
        with pytest.raises(ValueError, match=message):
            estimate_correlated_gaussians(**(good | change))

    def test_an_estimator_that_fails_is_heard(self):
        def broken(x, y):
            raise RuntimeError("no estimate today")

        with pytest.raises(RuntimeError, match="no estimate today"):
            estimate_correlated_gaussians({"b": broken}, 8, 2, rhos=[0.1], runs=2)


@pytest.mark.parametrize(
    ("estimator", "n", "d", "expected"),
    [
        (PROPOSED, 128, 10, {0.0: 0.70, 0.9: 1.08}),
        (PROPOSED, 128, 100, {0.0: 0.76, 0.9: 0.84}),
        (PROPOSED, 128, 1000, {0.0: 0.84, 0.9: 0.85}),
        (PREVIOUS, 128, 100, {0.0: 6.60, 0.9: 6.60}),
        (PREVIOUS, 128, 1000, {0.0: 7.00, 0.9: 7.00}),
        (PROPOSED, 256, 100, {0.0: 0.69, 0.9: 0.81}),
        (PROPOSED, 512, 100, {0.0: 0.60, 0.9: 0.78}),
    ],
)
def test_reference_points(estimator, n, d, expected):
    """Figs. 3 and 4 at both ends, mean of 50 runs within 0.02 bits."""
    result = estimate_correlated_gaussians({"e": estimator}, n, d, rhos=list(expected), runs=50)
    means = dict(zip(expected, result.mean("run").values[0].tolist(), strict=True))
    assert means == pytest.approx(expected, abs=0.02)


def test_the_rules_agree_in_ten_dimensions():
    """γ = 2√10 of the previous rule is γ = 2 of the proposed one there, on the same samples."""
    plain = MatrixRenyi(ProposedWidth(2), standardize=False)
    result = estimate_correlated_gaussians(
        {"previous": PREVIOUS, "proposed": plain}, 64, 10, rhos=[0.5], runs=5
    )
    np.testing.assert_allclose(*result, rtol=0, atol=1e-12)


def test_reflection_changes_nothing():
    """(X, −Y) has correlation −ρ and the same distances, so the estimate is even in ρ."""
    x, y = correlated_gaussians(64, 20, 0.7, generator())
    assert float(PROPOSED(x, -y)) == pytest.approx(float(PROPOSED(x, y)), abs=1e-12)


def test_order_is_kept_by_the_proposed_rule_and_lost_by_the_previous():
    rhos = [0.0, 0.3, 0.6, 0.9]
    result = estimate_correlated_gaussians(
        {"previous": PREVIOUS, "proposed": PROPOSED}, 128, 1000, rhos=rhos, runs=10
    )
    mean, error = result.mean("run"), result.std("run", ddof=1) / math.sqrt(10)
    steps = mean.sel(estimator="proposed").diff("rho")
    assert (steps > 3 * error.sel(estimator="proposed").max()).all()
    assert np.ptp(mean.sel(estimator="previous").values) < 1e-9


@pytest.fixture(scope="module")
def information():
    rhos = [-0.9, -0.5, 0.0, 0.5, 0.9]
    results = [
        estimate_correlated_gaussians(
            {"previous": PREVIOUS, "proposed": PROPOSED}, 24, d, rhos=rhos, runs=3
        )
        for d in (2, 5)
    ]
    return xr.concat(results, dim="d")


class TestFigures:
    def test_exact(self):
        (line,) = figures.gaussians_exact(3).axes[0].lines
        rho, bits = line.get_data()
        np.testing.assert_allclose(bits, -1.5 * np.log2(1 - rho**2), atol=1e-9)

    def test_by_dimension_draws_the_means_and_the_truth(self, information):
        fig = figures.gaussians_by_dimension(information)
        drawn = [ax for ax in fig.axes if ax.get_title()]
        truths = [ax for ax in fig.axes if not ax.get_title()]
        assert len(drawn) == len(truths) == 4
        titles = [ax.get_title() for ax in drawn]
        assert titles[0] == "(a) previous rule, $d$ = 2"
        assert titles[3] == "(d) proposed rule, $d$ = 5"
        np.testing.assert_allclose(
            drawn[3].lines[0].get_ydata(), information.sel(estimator="proposed", d=5).mean("run")
        )
        rho, bits = truths[3].lines[0].get_data()
        np.testing.assert_allclose(bits, -2.5 * np.log2(1 - rho**2), atol=1e-9)
        for left, right in (drawn[:2], drawn[2:]):
            assert np.ptp(left.get_ylim()) == pytest.approx(np.ptp(right.get_ylim()))

    def test_by_samples_draws_a_curve_each(self, information):
        curves = information.sel(estimator="proposed").rename(n="samples").rename(d="n")
        ax = figures.gaussians_by_samples(curves).axes[0]
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["$N$ = 2", "$N$ = 5"]
        np.testing.assert_allclose(ax.lines[1].get_ydata(), curves.sel(n=5).mean("run"))

    def test_shape_draws_the_truth_from_0_to_1(self, information):
        heights = information.sel(estimator="proposed", d=2).isel(rho=slice(2, None))
        ax = figures.gaussians_shape({"one": {"some": heights}}).axes[0]
        exact, square = (line.get_data() for line in ax.lines[:2])
        assert exact[0][-1] == 0.9
        np.testing.assert_allclose(exact[1], np.log(1 - exact[0] ** 2) / math.log(1 - 0.81))
        np.testing.assert_allclose(square[1], square[0] ** 2 / 0.81)
