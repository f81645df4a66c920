"""The experiment of Figs. 3 and 4: estimates of correlated Gaussians in independent runs."""

import math

import numpy as np
import pytest
import torch
import xarray as xr

from ipae_lib import MatrixRenyi, ProposedWidth
from ipae_lib.estimand import gaussian_information
from ipae_lib.toys import correlated_gaussians_mi
from study.gaussians import (
    AROUND,
    RULES,
    VARIED,
    by_dimension,
    by_samples,
    estimand,
    estimands,
    estimates,
    splits,
)

PREVIOUS, PROPOSED = RULES["previous"], RULES["proposed"]


class TestEstimate:
    def test_is_a_plain_loop_over_samples_of_their_own(self):
        seen = []

        def remember(x, y):
            seen.append((x, y))
            return float((x * y).mean())

        rhos, runs = [-0.5, 0.8], 4
        result = estimates(
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
        result = estimates(
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
        few = estimates({"p": PROPOSED}, runs=2, **arguments)
        many = estimates({"p": PROPOSED}, runs=5, **arguments)
        other = estimates({"p": PROPOSED}, runs=2, seed=1, **arguments)
        np.testing.assert_array_equal(few, many.isel(run=slice(2)))
        assert not np.isclose(few, other).any()
        assert len(np.unique(many)) == many.size

    def test_does_not_depend_on_threads_and_leaves_them(self):
        threads = torch.get_num_threads()
        results = []
        try:
            for count in (1, 3):
                torch.set_num_threads(count)
                results.append(estimates({"p": PROPOSED}, 20, 5, rhos=[0.3], runs=7))
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
            estimates(**(good | change))

    def test_an_estimator_that_fails_is_heard(self):
        def broken(x, y):
            raise RuntimeError("no estimate today")

        with pytest.raises(RuntimeError, match="no estimate today"):
            estimates({"b": broken}, 8, 2, rhos=[0.1], runs=2)


@pytest.mark.slow
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
    result = estimates({"e": estimator}, n, d, rhos=list(expected), runs=50)
    means = dict(zip(expected, result.mean("run").values[0].tolist(), strict=True))
    assert means == pytest.approx(expected, abs=0.02)


def test_the_rules_agree_in_ten_dimensions():
    """γ = 2√10 of the previous rule is γ = 2 of the proposed one there, on the same samples."""
    plain = MatrixRenyi(ProposedWidth(2), standardize=False)
    result = estimates({"previous": PREVIOUS, "proposed": plain}, 64, 10, rhos=[0.5], runs=5)
    np.testing.assert_allclose(*result, rtol=0, atol=1e-12)


def test_order_is_kept_by_the_proposed_rule_and_lost_by_the_previous():
    rhos = [0.0, 0.3, 0.6, 0.9]
    result = estimates({"previous": PREVIOUS, "proposed": PROPOSED}, 128, 1000, rhos=rhos, runs=10)
    mean, error = result.mean("run"), result.std("run", ddof=1) / math.sqrt(10)
    steps = mean.sel(estimator="proposed").diff("rho")
    assert (steps > 3 * error.sel(estimator="proposed").max()).all()
    assert np.ptp(mean.sel(estimator="previous").values) < 1e-9


@pytest.fixture(scope="module")
def figure_3():
    return by_dimension(runs=2)


def test_figure_3_holds_both_rules_in_three_dimensions(figure_3):
    assert figure_3.dims == ("d", "estimator", "rho", "run")
    assert figure_3.shape == (3, 2, 19, 2)
    alone = estimates(RULES, 128, 100, runs=2).round(9)
    xr.testing.assert_identical(figure_3.sel(d=100), alone)


def test_figure_4_begins_with_the_samples_of_figure_3(figure_3):
    figure_4 = by_samples(figure_3)
    assert figure_4.dims == ("n", "rho", "run")
    assert figure_4.n.values.tolist() == [128, 256, 512]
    np.testing.assert_array_equal(figure_4.sel(n=128), figure_3.sel(d=100, estimator="proposed"))
    more = estimates({"proposed": PROPOSED}, 256, 100, runs=2).round(9)
    np.testing.assert_array_equal(figure_4.sel(n=256), more.sel(estimator="proposed"))


class TestEstimand:
    def test_is_that_of_all_dimensions_together(self):
        rho, d, n = 0.6, 4, 64
        eye = np.eye(d)
        covariance = np.block([[eye, rho * eye], [rho * eye, eye]])
        for rule in RULES.values():
            sigma = rule.width(n, d)
            expected = gaussian_information(covariance, d, sigma, sigma, 1.01)
            assert estimand(rule, n, d, rho) == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("rho", [0.2, 0.9])
    def test_of_the_proposed_rule_has_a_limit_for_many_dimensions(self, rho):
        gamma = 1.5
        shannon = MatrixRenyi(ProposedWidth(gamma), alpha=1)
        expected = sum((1 + r) * math.log2(1 + r) for r in (rho, -rho)) / gamma**2
        assert estimand(shannon, 128, 10**6, rho) == pytest.approx(expected, rel=1e-3)

    def test_of_a_fixed_width_is_proportional_to_the_dimensions(self):
        rule = MatrixRenyi(lambda _n, _d: 3.0)
        one = estimand(rule, 128, 1, 0.5)
        assert estimand(rule, 128, 1000, 0.5) == pytest.approx(1000 * one)

    def test_of_each_point_of_the_figures(self, figure_3):
        found = estimands(figure_3)
        assert found.dims == ("d", "estimator", "rho")
        expected = estimand(PREVIOUS, 128, 100, -0.4)
        assert float(found.sel(d=100, estimator="previous", rho=-0.4)) == expected
        figure_4 = by_samples(figure_3)
        of_samples = estimands(figure_4)
        assert of_samples.dims == ("n", "rho")
        assert float(of_samples.sel(n=512, rho=0.9)) == estimand(PROPOSED, 512, 100, 0.9)

    def test_refuses_what_is_no_correlation(self):
        with pytest.raises(ValueError, match=r"rho is 1\.5"):
            estimand(PROPOSED, 128, 10, 1.5)


@pytest.fixture(scope="module")
def found():
    return splits(runs=2)


class TestSplits:
    def test_one_setting_varies_and_the_others_are_in_common(self, found):
        assert list(found) == list(VARIED)
        for name, case in found.items():
            assert case.estimate.dims == (name, "run")
            assert case[name].values.tolist() == list(VARIED[name])
        at = {name: case.sel({name: AROUND[name]}, drop=True) for name, case in found.items()}
        for case in at.values():
            xr.testing.assert_identical(case, at["n"])

    def test_holds_truth_estimand_and_estimates(self, found):
        case = found["d"].sel(d=100)
        assert float(case.truth) == correlated_gaussians_mi(100, 0.5)
        assert float(case.estimand) == estimand(PROPOSED, 128, 100, 0.5)
        alone = estimates({"p": PROPOSED}, 128, 100, rhos=[0.5], runs=2)
        np.testing.assert_array_equal(case.estimate, alone.values[0, 0])
        narrow = MatrixRenyi(ProposedWidth(0.25))
        assert float(found["gamma"].estimand[0]) == estimand(narrow, 128, 10, 0.5)

    def test_the_errors_have_opposite_signs(self, found):
        for case in found.values():
            assert (case.estimand < case.truth).all()
            assert (case.estimate.mean("run") > case.estimand).all()


def test_saturated_estimates_are_the_same_number(figure_3):
    """Not nearly: their order over ρ would be that of rounding errors."""
    saturated = figure_3.sel(d=1000, estimator="previous")
    assert np.unique(saturated).size == 1
