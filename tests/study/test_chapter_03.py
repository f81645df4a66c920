"""What chapter 3 sums up, on samples and estimates whose answer is known."""

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from ipae_lib import MatrixRenyi, PreviousWidth, ProposedWidth
from ipae_lib.kernels import standardize
from ipae_lib.toys import correlated_gaussians, correlated_gaussians_mi
from study.chapters import ch03
from study.gaussians import estimand


def test_mean_and_standard_deviation_are_those_of_a_sample():
    assert ch03.mean_sd(np.array([1.0, 2.0, 4.5])) == "2.50 ± 1.80"
    assert ch03.mean_sd(torch.tensor([0.5, 1.5]), 3) == "1.000 ± 0.707"


def test_the_window_is_where_the_means_differ_most():
    sigma = torch.tensor([0.1, 1.0, 10.0])
    weak = torch.tensor([[7.0, 2.0, 0.0], [7.0, 2.0, 0.0]])
    # the largest single difference is at 10, the largest mean at 1
    strong = weak + torch.tensor([[0.0, 1.0, 1.2], [0.0, 1.0, 0.0]])
    table = ch03.windows(sigma, {4: {0.9: strong, 0: weak}, 8: {0.9: weak + 1, 0: weak}})
    assert table.index.tolist() == [4, 8]
    assert table.loc[4].tolist() == ["1.00 ± 0.00", "1.0"]
    assert table.loc[8].tolist() == ["1.00 ± 0.00", "0.1"]


class TestDistances:
    def test_means_are_2d_and_spreads_those_of_the_distributions(self):
        pairs = 20_000
        ratios = ch03.distance_ratios(pairs, (1, 20))
        assert ratios.dims == ("distribution", "d", "pair")
        # Var |x1 − x2|² of one dimension is 2 Var x² + 4; Var x² is 2 for a normal one, 4/5 for a
        # uniform one
        for kind, variance in {"Gaussian": 8, "uniform": 28 / 5}.items():
            for d in (1, 20):
                found = ratios.sel(distribution=kind, d=d)
                assert float(found.var()) == pytest.approx(variance / (4 * d), rel=0.05)
                error = (variance / (4 * d) / pairs) ** 0.5
                assert float(found.mean()) == pytest.approx(1, abs=5 * error)
        repeated = ratios.sel(distribution="one value, d times")
        np.testing.assert_allclose(repeated.var("pair"), 2, rtol=0.06)

    def test_draws_do_not_depend_on_torchs_default(self):
        assert ch03.distance_ratios(3, (2,)).dtype == np.float64

    @pytest.mark.parametrize("pairs", [0, -1, 2.5])
    def test_refuses_what_is_no_number_of_pairs(self, pairs):
        with pytest.raises(ValueError, match="pairs is"):
            ch03.distance_ratios(pairs)

    def test_directions_are_counted(self):
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(2, 400, 30, generator=generator, dtype=torch.float64)
        repeated = x[..., :3].repeat_interleave(10, dim=-1)
        found = ch03.distance_statistics(
            {"independent": standardize(x), "ten times three": standardize(repeated)}
        )
        # of standardised samples the mean is exact but for ε
        np.testing.assert_allclose(found.ratio, 400 / 399, rtol=1e-6)
        np.testing.assert_allclose(found.directions.sel(statistics="independent"), 30, rtol=0.1)
        np.testing.assert_allclose(found.directions.sel(statistics="ten times three"), 3, rtol=0.1)


class TestRules:
    def test_is_each_rule_on_the_same_samples(self):
        def draw(d, rho):
            return correlated_gaussians(12, d, rho, torch.Generator().manual_seed(d), (3,))

        rules = {"a": MatrixRenyi(PreviousWidth(1)), "b": MatrixRenyi(ProposedWidth(2))}
        found = ch03.by_rule(rules, draw, [2, 5], rhos=(0, 0.5))
        assert found.dims == ("rule", "rho", "d", "run")
        assert found.shape == (2, 2, 2, 3)
        for name, rule in rules.items():
            for rho in (0, 0.5):
                for d in (2, 5):
                    np.testing.assert_allclose(
                        found.sel(rule=name, rho=rho, d=d), rule(*draw(d, rho)), atol=1e-12
                    )

    @pytest.fixture
    def found(self):
        zero = [[0.1, 0.3], [0.7, 0.9]]
        strong = [[1.1, 1.5], [0.8, 1.0]]
        information = xr.DataArray(
            [zero, strong], {"rho": [0, 0.9], "d": [1, 1000]}, ("rho", "d", "run")
        )
        return ch03.zero_and_range(information)

    def test_the_range_is_the_difference_within_a_run(self, found):
        np.testing.assert_allclose(found.zero, [[0.1, 0.3], [0.7, 0.9]])
        np.testing.assert_allclose(found.range, [[1.0, 1.2], [0.1, 0.1]])

    def test_the_table_and_the_summary_tell_it(self, found):
        table = ch03.range_table(found, (1000, 1))
        assert table.loc[1].tolist() == ["0.2000 ± 0.1414", "1.1000 ± 0.1414"]
        assert table.loc[1000].tolist() == ["0.8000 ± 0.1414", "0.1000 ± 0.0000"]
        expected = {"zero_low": 0.2, "zero_high": 0.8, "range_low": 1.1, "range_high": 0.1}
        assert ch03.range_summary(found) == pytest.approx(expected)
        assert ch03.range_summary(found.isel(d=[1, 0])) == pytest.approx(expected)


class TestShuffled:
    def test_is_the_estimate_of_the_same_samples_paired_at_random(self):
        estimator = MatrixRenyi(ProposedWidth(2))
        found = ch03.shuffled(estimator, 40, 3, (0, 0.9), runs=3)
        assert found.estimate.dims == found.shuffled.dims == ("rho", "run")
        generator = torch.Generator().manual_seed(0)
        for rho in (0, 0.9):
            x, y = correlated_gaussians(40, 3, rho, generator, (3,))
            order = torch.randperm(40, generator=generator)
            case = found.sel(rho=rho)
            np.testing.assert_allclose(case.estimate, estimator(x, y), atol=1e-12)
            np.testing.assert_allclose(case.shuffled, estimator(x, y[:, order]), atol=1e-12)
            assert float(case.truth) == correlated_gaussians_mi(3, rho)
            assert float(case.estimand) == estimand(estimator, 40, 3, rho)

    def test_mends_the_zero_and_takes_too_much_elsewhere(self):
        found = ch03.shuffled(MatrixRenyi(ProposedWidth(2)), 128, 10, (0, 0.9), runs=8)
        difference = (found.estimate - found.shuffled).mean("run")
        error = (found.estimate - found.shuffled).std("run", ddof=1) / 8**0.5
        assert abs(float(difference[0])) < 4 * float(error[0])
        assert float(found.estimand[1] - difference[1]) > 10 * float(error[1])

    def test_the_table_and_the_summary_tell_it(self):
        runs = ("rho", "run")
        found = xr.Dataset(
            {
                "estimate": (runs, [[0.5, 0.5], [1.0, 1.2]]),
                "shuffled": (runs, [[0.5, 0.501], [0.6, 0.6]]),
                "estimand": ("rho", [0.0, 0.8]),
                "truth": ("rho", [-0.0, 12.0]),
            },
            {"rho": [0, 0.9]},
        )
        table = ch03.shuffled_table(found)
        assert table.index.tolist() == ["0", "0.9"]
        assert table.loc["0"].tolist() == [
            "0.50 ± 0.00",
            "0.50 ± 0.00",
            "0.00 ± 0.00",
            "0.00",
            "0.00",
        ]
        assert table.loc["0.9", "difference"] == "0.50 ± 0.14"
        assert ch03.shuffled_summary(found) == pytest.approx({"taken": 0.6, "added": 0.3})


class TestPixels:
    @pytest.fixture
    def images(self):
        """Two batches of 40 images: never lit, lit once, lit in every second image, always."""
        images = torch.zeros(2, 40, 4, dtype=torch.float64)
        images[:, 0, 1] = 0.1
        images[:, ::2, 2] = 1.0
        images[:, :, 3] = torch.linspace(0.1, 1, 40)
        return images

    def test_shares_are_those_of_the_variances(self, images):
        scaled = {"per pixel": standardize(images), "shared": standardize(images, "all")}
        weights = ch03.pixel_weights(images, scaled)
        np.testing.assert_allclose(weights.lit, [[0, 1 / 40, 1 / 2, 1]] * 2)
        assert ch03.rarely_lit(weights.lit).values.tolist() == [[False, True, False, False]] * 2
        # each pixel that varies has variance 1, but for ε
        np.testing.assert_allclose(
            weights.share.sel(statistics="per pixel"), [[0, 1 / 3, 1 / 3, 1 / 3]] * 2, atol=1e-4
        )
        variances = images[0].numpy().var(axis=0)
        np.testing.assert_allclose(
            weights.share.sel(statistics="shared"), [variances / variances.sum()] * 2, atol=1e-12
        )

    def test_the_threshold_of_rarity_is_itself_rare(self):
        lit = xr.DataArray([0.0, 0.01, 0.05, 0.051], dims="pixel")
        assert ch03.rarely_lit(lit).values.tolist() == [False, True, True, False]

    def test_entropies_are_the_estimators(self, images):
        estimators = {
            "per pixel": MatrixRenyi(ProposedWidth(0.8)),
            "shared": MatrixRenyi(ProposedWidth(0.8), groups="all"),
        }
        found = ch03.entropies_of_images(estimators, images)
        for name, estimator in estimators.items():
            of_name = found.sel(statistics=name)
            np.testing.assert_allclose(of_name.entropy, estimator.entropy(images))
            np.testing.assert_allclose(of_name.self_information, estimator(images, images))

    def test_the_table_and_the_summary_tell_it(self):
        names = ["per pixel", "shared"]
        lit = [[0.0, 0.02, 0.5]] * 2
        share = [[[0, 0.2, 0.8], [0, 0.4, 0.6]], [[0, 0.01, 0.99], [0, 0.03, 0.97]]]

        def values(per_pixel, shared):
            return (("statistics", "batch"), [per_pixel, shared])

        coords = {"statistics": names}
        weights = xr.Dataset(
            {
                "lit": (("batch", "pixel"), lit),
                "share": (("statistics", "batch", "pixel"), share),
            },
            coords,
        )
        entropies = xr.Dataset(
            {
                "entropy": values([4.0, 5.0], [5.0, 7.0]),
                "self_information": values([2.0, 2.0], [4.0, 5.0]),
            },
            coords,
        )
        distances = xr.Dataset(
            {"ratio": values([0.5, 0.5], [0.7, 0.9]), "directions": values([3, 5], [20, 30])},
            coords,
        )
        summary = ch03.image_summary(weights, entropies, distances)
        assert summary == pytest.approx(
            {
                "pixel_share": 30,
                "shared_share": 2,
                "loss": 25,
                "ratio": 0.8,
                "directions": 25,
            }
        )
        table = ch03.image_table(weights, entropies, distances)
        assert isinstance(table, pd.DataFrame)
        assert table.columns.tolist() == names
        assert table.loc["share of rare pixels [%]"].tolist() == ["30.0 ± 14.1", "2.0 ± 1.4"]
        assert table.loc["S(X) [bits]"].tolist() == ["4.50 ± 0.71", "6.00 ± 1.41"]
        assert table.loc["independent directions"].tolist() == ["4.0 ± 1.4", "25.0 ± 7.1"]
