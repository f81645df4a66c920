"""What chapter 4 sums up, on estimates whose answer is known."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy.stats import kendalltau

from ipae_lib import PreviousWidth, ProposedWidth
from ipae_lib.toys import correlated_gaussians_mi
from study import gaussians
from study.chapters import ch04
from study.gaussians import AROUND, DIMENSIONS, RHOS, VARIED

RUNS = 4
PROPOSED = ProposedWidth(2)
SYMBOLS = {"n": "N", "d": "d", "rho": "ρ", "gamma": "γ"}


def curve(value, rhos=RHOS):
    """Estimates (rho, run) of what ``value(rho, run)`` says."""
    values = [[value(rho, run) for run in range(RUNS)] for rho in rhos]
    return xr.DataArray(np.array(values, dtype=float), {"rho": list(rhos)}, ("rho", "run"))


def by_dimension(value):
    """Estimates (d, rho, run) of what ``value(d, rho, run)`` says."""
    curves = [
        curve(lambda rho, run, d=d: value(d, rho, run)).assign_coords(d=d) for d in DIMENSIONS
    ]
    return xr.concat(curves, dim="d")


class TestWithError:
    def test_ends_at_the_first_digit_of_the_error(self):
        assert ch04.with_error(xr.DataArray([0.50, 0.54], dims="run")).item() == "0.52\xa0±\xa00.02"
        many = xr.DataArray([[1.0, 3.0], [7.0, 7.0]], dims=("d", "run"))
        assert ch04.with_error(many).values.tolist() == ["2\xa0±\xa01", "7.00000\xa0±\xa00.00000"]

    def test_an_error_above_ten_is_written_out(self):
        assert ch04.with_error(xr.DataArray([100.0, 150.0], dims="run")).item() == "125\xa0±\xa025"

    def test_zero_has_no_sign(self):
        assert ch04.with_error(xr.DataArray([-1e-9, -1e-9], dims="run")).item()[0] == "0"


class TestOrder:
    def test_of_a_rising_a_falling_and_a_flat_curve(self):
        for sign in (1, -1, 0):
            np.testing.assert_array_equal(ch04.order(curve(lambda r, _, s=sign: s * r**2)), sign)

    def test_is_kendalls_where_no_magnitudes_are_equal(self):
        rhos = [0.0, -0.1, 0.3, -0.5, 0.9]
        random = np.random.default_rng(0)
        values = xr.DataArray(random.standard_normal((5, RUNS)), {"rho": rhos}, ("rho", "run"))
        expected = [kendalltau(np.abs(rhos), values.isel(run=i)).statistic for i in range(RUNS)]
        np.testing.assert_allclose(ch04.order(values), expected)

    def test_signs_of_rho_are_not_compared(self):
        # at equal magnitude the value may differ as it likes
        np.testing.assert_array_equal(ch04.order(curve(lambda r, _: abs(r) + 0.01 * r)), 1)


class TestAsymmetry:
    def test_is_the_difference_in_standard_errors(self):
        # a difference of 2 t ρ/|ρ| with runs at t ± 1: means 2 t, errors 2 √(4/3) / 2
        t = 3.0
        found = ch04.asymmetry(curve(lambda r, run: np.sign(r) * (t + (-1) ** run)))
        assert float(found) == pytest.approx(2 * t / math.sqrt(4 / 3))

    def test_of_chance_is_about_one(self):
        random = np.random.default_rng(0)
        many = xr.DataArray(
            random.standard_normal((400, 19, 50)), {"rho": list(RHOS)}, ("set", "rho", "run")
        )
        assert float(ch04.asymmetry(many).mean()) == pytest.approx(1, abs=0.03)
        # nine differences tell it to a quarter
        assert float(ch04.asymmetry(many).std()) == pytest.approx(0.25, abs=0.04)

    def test_equal_runs_leave_nothing_to_compare(self):
        assert np.isnan(float(ch04.asymmetry(curve(lambda *_: 7.0))))


class TestShape:
    def test_a_multiple_of_the_truth_plus_a_constant_has_its_shape(self):
        estimates = curve(lambda r, run: 0.7 + (1 + run) * correlated_gaussians_mi(5, r))
        found = ch04.heights(estimates)
        assert found.rho.values.tolist() == [0.0, *RHOS[10:]]
        for rho in found.rho.values:
            np.testing.assert_allclose(found.sel(rho=rho), ch04.exact_height(rho), atol=1e-12)
        assert (ch04.exact_height(0), ch04.exact_height(0.9)) == (0, 1)

    def test_both_sides_count_the_same(self):
        found = ch04.heights(curve(lambda r, _: r**2 * (1 + 0.5 * np.sign(r))))
        np.testing.assert_allclose(found.sel(rho=0.7), (0.7 / 0.9) ** 2)

    def test_the_table_sets_it_beside_the_truth(self):
        shapes = ch04.heights(by_dimension(lambda d, r, run: r**2 * (1 + run / 1000)))
        table = ch04.shape_table(shapes)
        column = table["height at |ρ| = 0.7"]
        assert column["estimate, d = 100"] == "0.60494\xa0±\xa00.00000"
        assert column["ρ²"] == "0.605"
        assert column["exact"] == f"{math.log(0.51) / math.log(0.19):.3f}"


class TestContrast:
    def test_is_the_difference_in_standard_deviations_of_a_run(self):
        # runs at ±1 and at ±2 around the means: variances 4/3 and 16/3
        rhos = [0, 0.9]
        estimates = curve(lambda r, run: 5 * (r > 0) + (1 + (r > 0)) * (-1) ** run, rhos)
        assert float(ch04.contrast(estimates)) == pytest.approx(5 / math.sqrt((4 + 16) / 3 / 2))


class TestPrediction:
    def test_goes_as_rho_squared_and_as_n_over_d(self):
        one = ch04.predicted_resolution(PROPOSED, 128, 10_000)
        assert ch04.predicted_resolution(PROPOSED, 128, 10_000, 0.3) == pytest.approx(one / 9)
        assert ch04.predicted_resolution(PROPOSED, 128, 20_000) == pytest.approx(one / 2, rel=1e-2)
        assert ch04.predicted_resolution(PROPOSED, 256, 10_000) == pytest.approx(2 * one, rel=2e-2)

    def test_is_what_is_measured_where_n_is_small_beside_d(self):
        rule = {"proposed": gaussians.RULES["proposed"]}
        found = gaussians.estimates(rule, 128, 4000, rhos=[-0.9, 0, 0.9], runs=3)
        measured = gaussians.resolution(found)
        predicted = ch04.predicted_resolution(PROPOSED, 128, 4000)
        assert predicted == pytest.approx(float(measured.mean()), rel=0.1)

    def test_vanishes_under_the_previous_rule(self):
        previous = PreviousWidth(2 * math.sqrt(10))
        assert ch04.predicted_resolution(previous, 128, 10) == pytest.approx(
            ch04.predicted_resolution(PROPOSED, 128, 10)
        )
        assert ch04.predicted_resolution(previous, 128, 1000) < 1e-20

    def test_the_table_has_a_row_for_each_case(self):
        by_d = by_dimension(lambda d, r, run: 100 / d * abs(r) + 0.01 * run)
        by_n = xr.concat(
            [curve(lambda r, run, n=n: n * abs(r) + run).assign_coords(n=n) for n in (256, 512)],
            dim="n",
        )
        table = ch04.resolution_table(PROPOSED, by_d, by_n)
        assert table.index.tolist() == [
            (128, 1000),
            (128, 100),
            (128, 10),
            (256, 100),
            (512, 100),
        ]
        assert table.loc[(128, 10), "resolution"] == "9.00000\xa0±\xa00.00000"
        deviation = 0.01 * math.sqrt(5 / 3)
        assert table.loc[(128, 1000), "contrast"] == f"{0.09 / deviation:.0f}"
        predicted = ch04.predicted_resolution(PROPOSED, 512, 100)
        assert table.loc[(512, 100), "predicted"] == f"{predicted:.4f}"


class TestValues:
    def test_the_table_sets_them_beside_the_truth(self):
        one = by_dimension(lambda d, r, run: d * abs(r) + run % 2)
        both = xr.concat([one, one + 1], dim="estimator").assign_coords(estimator=["a", "b"])
        estimands = both.mean("run") / 8
        table = ch04.value_table(both, estimands)
        assert table.loc[("b", 10), "ρ = 0"] == "1.5\xa0±\xa00.3"
        assert table.loc[("a", 100), "|ρ| = 0.9"] == "90.5\xa0±\xa00.3"
        assert table.loc[("a", 1000), "resolution"] == "900.00000\xa0±\xa00.00000"
        assert table.loc[("a", 100), "estimand"] == round(90.5 / 8, 2)
        assert table.loc[("a", 1000), "exact"] == round(-500 * math.log2(0.19), 1)

    def test_the_truth_is_all_of_the_truth(self):
        found = ch04.value_summary(by_dimension(lambda d, r, _: correlated_gaussians_mi(d, r)))
        for d in DIMENSIONS:
            assert found[f"share_{d}"] == pytest.approx(100)
        assert found["half_10"] == pytest.approx(-5 * math.log2(0.75))
        assert correlated_gaussians_mi(1000, found["bound_1000"]) == pytest.approx(7)

    def test_the_order_table_tells_single_runs_from_their_mean(self):
        # every second run is upside down: each in perfect order, the mean flat
        estimates = by_dimension(lambda d, r, run: (-1) ** run * r**2)
        both = xr.concat([estimates, estimates], dim="estimator").assign_coords(estimator=[1, 2])
        table = ch04.order_table(both)
        assert table.loc[(1, 10), "τ of one run"] == "0.0\xa0±\xa00.6"
        assert table.loc[(1, 10), "τ of the mean"] == 0


class TestSplits:
    @pytest.fixture
    def splits(self):
        """Truth 4 bits, of which the width loses a half or a quarter; samples add 1 and 2."""

        def of(name):
            runs = [[2.5, 3.5], [5.0, 5.0], [4.1, 4.3]]
            bits = {
                "truth": (name, [4.0, 4.0, 4.0]),
                "estimand": (name, [2.0, 3.0, 3.0]),
                "estimate": ((name, "run"), runs),
            }
            return xr.Dataset(bits, {name: [*VARIED[name][:2], AROUND[name]]})

        return {name: of(name) for name in VARIED}

    def test_the_table_has_what_is_in_common_and_both_ends_of_each(self, splits):
        table = ch04.split_table(splits)
        ends = [f"{s} = {splits[n][n].values[i]:g}" for n, s in SYMBOLS.items() for i in (0, -1)]
        assert table.index.tolist() == ["in common", *ends]
        assert table.loc["in common"].tolist() == [4, 3, 4.2, -1, 1.2]
        assert table.loc["ρ = 0.1"].tolist() == [4, 2, 3, -2, 1]
        # a sum of two errors is the error
        total = table["width"] + table["samples"]
        np.testing.assert_allclose(total, table["estimate"] - table["truth"])

    def test_the_summary_is_where_the_estimate_meets_the_truth(self, splits):
        expected = {"gamma": 2, "truth": 4, "estimate": 4.2, "lost": 1, "samples": 1.2}
        assert ch04.split_summary(splits) == pytest.approx(expected)


class TestStandardising:
    @pytest.fixture
    def paired(self):
        """Ten times the scatter without (29), and 0.01 bits less."""
        curves = [
            curve(lambda r, run, s=scatter, m=shift: r + m + s * (-1) ** run, [0, 0.9])
            for scatter, shift in ((0.1, 0.01), (1.0, 0.0))
        ]
        one = xr.concat(curves, dim="estimator").assign_coords(estimator=["with", "without"])
        return xr.concat([one.assign_coords(d=d) for d in DIMENSIONS], dim="d")

    def test_the_table(self, paired):
        table = ch04.standardising_table(paired)
        row = table.loc[(0.9, 100)]
        assert row["s.d. with (29)"] == pytest.approx(0.1 * math.sqrt(4 / 3), abs=1e-5)
        assert row["s.d. without"] == pytest.approx(math.sqrt(4 / 3), abs=1e-5)
        mean, error = row["shift"].split("\xa0±\xa0")
        assert float(error) == pytest.approx(0.9 * math.sqrt(4 / 3) / 2, abs=0.05)
        assert float(mean) == pytest.approx(0, abs=0.05)

    def test_the_summary(self, paired):
        found = ch04.standardising_summary(paired)
        assert found["ratio_min"] == pytest.approx(10)
        assert found["ratio_max"] == pytest.approx(10)
        assert found["contrast_1000"] == pytest.approx(0.9 / math.sqrt(4 / 3))
