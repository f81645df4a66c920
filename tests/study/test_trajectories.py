"""Statistics of trajectories, on courses whose answer is known."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study import trajectories

LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]
T = np.linspace(0, 1, 601)


def course(values):
    return xr.DataArray(np.asarray(values, dtype=float), dims="iteration")


def plane(input_mi, output_mi, layers=LAYERS):
    """Paths ``input_mi(layer, t)`` and ``output_mi(layer, t)``, t from 0 to 1."""
    values = {
        name: (("layer", "iteration"), [np.broadcast_to(of(layer, T), T.shape) for layer in layers])
        for name, of in (("input_mi", input_mi), ("output_mi", output_mi))
    }
    return xr.Dataset(values, {"layer": layers, "iteration": np.arange(len(T))})


def peak(_layer, t):
    """Rises to 2 at t = 0.7 and falls by 0.6."""
    return np.where(t < 0.7, 2 * t / 0.7, 2 - 2 * (t - 0.7))


def rising(_layer, t):
    return t


class TestSmoothing:
    def test_a_straight_line_stays_as_it_is_but_at_its_ends(self):
        found = trajectories.smooth(course(np.arange(10)))
        np.testing.assert_allclose(found[2:-2], np.arange(2, 8))
        assert float(found[0]) == 1  # mean of 0, 1 and 2

    def test_a_window_of_one_record_changes_nothing(self):
        noise = course(np.random.default_rng(0).normal(size=50))
        xr.testing.assert_identical(trajectories.smooth(noise, records=1), noise)

    def test_noise_is_not_taken_for_a_peak(self):
        noise = 1 + np.random.default_rng(1).normal(0, 0.1, 400)
        raw = (noise.max() - noise[-1]) / noise.max()
        assert abs(float(trajectories.fall_from_peak(course(noise)))) < raw

    def test_what_is_no_trajectory_is_refused(self):
        with pytest.raises(ValueError, match=r"\('batch',\).*runs along 'iteration'"):
            trajectories.smooth(xr.DataArray([1.0], dims="batch"))

    def test_missing_records_are_refused_but_not_a_path_that_was_never_recorded(self):
        values = xr.DataArray([[1.0, np.nan, 2.0], [1.0, 2.0, 3.0]], dims=("layer", "iteration"))
        with pytest.raises(ValueError, match=r"miss some of the 3 records.*dropna"):
            trajectories.smooth(values)
        values[0] = np.nan
        assert trajectories.smooth(values).isnull().any("iteration").values.tolist() == [
            True,
            False,
        ]


class TestFitting:
    def test_it_ends_when_half_of_the_last_value_is_first_reached(self):
        reached = trajectories.since_half(course([0, 1, 6, 3, 4, 10]))
        assert reached.values.tolist() == [False, False, True, True, True, True]

    @pytest.mark.parametrize("last", [0.0, -1.0])
    def test_the_last_record_always_counts(self, last):
        assert trajectories.since_half(course([-3, -2, last])).values.tolist()[-1]
        assert not trajectories.since_half(course([-3, -2, last])).values.tolist()[0]

    def test_it_is_that_of_the_output_information_of_the_input(self):
        recorded = plane(rising, lambda layer, t: t if layer == INPUT else 1 - t)
        start = int(trajectories.fitted(recorded).argmax("iteration"))
        assert T[start] == pytest.approx(0.5, abs=0.01)


class TestCompression:
    def test_a_phase_is_the_fall_after_the_fitting(self):
        found = trajectories.compression_phase(plane(peak, rising))
        np.testing.assert_allclose(found, 0.6, atol=0.01)
        assert list(found.layer.values) == LAYERS

    def test_what_rises_has_none(self):
        assert trajectories.compression_phase(plane(rising, rising)).values.tolist() == [0] * 9

    def test_a_fall_before_the_fitting_is_none(self):
        early = plane(lambda _, t: np.where(t < 0.2, 4, t), lambda _, t: np.where(t < 0.4, 0, t))
        assert float(trajectories.compression_phase(early).max()) == 0

    def test_each_layer_and_network_has_its_own(self):
        fall = {layer: i / 10 for i, layer in enumerate(LAYERS)}
        falling = plane(lambda layer, t: np.where(t < 0.7, 2, 2 - fall[layer]), rising)
        both = xr.concat([falling, falling + 1], "seed")
        found = trajectories.compression_phase(both)
        np.testing.assert_allclose(found, np.broadcast_to(list(fall.values()), (2, 9)), atol=1e-9)

    def test_few_records_are_not_smoothed(self):
        few = plane(peak, rising).isel(iteration=[0, 300, 420, 600])
        np.testing.assert_allclose(trajectories.compression_phase(few, records=1), 0.6, atol=0.01)
        assert float(trajectories.compression_phase(few).max()) < 0.5


class TestApproach:
    def test_it_is_the_change_of_the_distance_since_the_peak(self):
        # input MI falls by 0.6 from its peak, while output MI rises by 0.3
        found = trajectories.approach_to_bisector(plane(peak, rising))
        np.testing.assert_allclose(found, 0.9, atol=0.02)

    def test_a_layer_whose_output_falls_faster_goes_away(self):
        away = plane(peak, lambda layer, t: t if layer == INPUT else 2 * peak(layer, t))
        found = trajectories.approach_to_bisector(away).sel(layer=list(HIDDEN_LAYERS))
        np.testing.assert_allclose(found, 0.6 - 1.2, atol=0.02)


class TestFalls:
    def test_from_the_peak_to_the_end_as_a_share_of_the_peak(self):
        assert float(trajectories.fall_from_peak(course(peak(None, T)))) == pytest.approx(
            0.3, abs=0.01
        )

    def test_a_setback_is_a_fall_though_the_end_is_the_maximum(self):
        setback = course(np.interp(np.arange(100), [0, 40, 60, 99], [0, 1, 0.5, 2]))
        assert float(trajectories.fall_from_peak(setback)) == 0
        assert float(trajectories.largest_fall(setback)) == pytest.approx(0.25, abs=0.04)


class TestRankCorrelation:
    def test_it_is_that_of_scipy_for_each_pair(self):
        a, b = np.random.default_rng(2).integers(0, 9, (2, 5, 40)).astype(float)
        arrays = [xr.DataArray(x, dims=("seeds", "iteration")) for x in (a, b)]
        expected = [spearmanr(x, y).statistic for x, y in zip(a, b, strict=True)]
        np.testing.assert_allclose(trajectories.rank_correlation(*arrays), expected)

    def test_dimensions_of_one_alone_are_kept(self):
        values = xr.DataArray(np.sin(np.arange(24.0)).reshape(2, 12), dims=("layer", "iteration"))
        found = trajectories.rank_correlation(values, values.isel(layer=0))
        assert found.dims == ("layer",)
        assert float(found[0]) == pytest.approx(1)

    @pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1.0]])
    def test_what_never_changes_follows_nothing(self, values):
        assert float(trajectories.rank_correlation(course(values), course(values))) == 0

    def test_along_another_dimension(self):
        a = xr.DataArray([1.0, 4.0, 9.0], {"rho": [1, 2, 3]}, ("rho",))
        assert float(trajectories.rank_correlation(a, -(a**2), "rho")) == pytest.approx(-1)

    def test_missing_values_and_other_iterations_are_refused(self):
        with pytest.raises(ValueError, match="has NaN"):
            trajectories.rank_correlation(course([1, np.nan]), course([1, 2]))
        a, b = (course([1, 2]).assign_coords(iteration=i) for i in ([0, 1], [0, 2]))
        with pytest.raises(ValueError, match="iteration"):
            trajectories.rank_correlation(a, b)


class TestScans:
    def test_likeness_is_that_of_the_course_and_not_of_the_size(self):
        reference = plane(peak, rising)
        scaled = xr.concat([reference, 0.01 * reference, -reference], "gamma")
        np.testing.assert_allclose(trajectories.likeness(scaled, reference), [1, 1, -1])

    def test_an_axis_that_never_moves_counts_as_unlike(self):
        reference = plane(peak, rising)
        flat = reference.assign(output_mi=0 * reference.output_mi)
        assert float(trajectories.likeness(flat, reference)) == pytest.approx(0.5)

    def test_findings_are_shares_of_the_input_information(self):
        ends = {INPUT: 4.0, "E1": 3.0, "E3": 1.0}
        found = trajectories.findings(plane(lambda layer, _: ends.get(layer, 2.0), rising))
        assert float(found.compression) == pytest.approx(2 / 4)
        assert float(found.phase) == 0

    def test_the_phase_is_the_largest_of_a_hidden_layer(self):
        fall = {"Z": 1.0, "D1": 0.5, OUTPUT: 3.0}
        falling = plane(lambda layer, t: np.where(t < 0.7, 4, 4 - fall.get(layer, 0)), rising)
        assert float(trajectories.findings(falling).phase) == pytest.approx(1 / 4)


class TestHannWindow:
    def test_it_is_the_mean_weighted_by_the_window(self):
        noise = np.random.default_rng(4).normal(size=(9, 601))
        recorded = plane(rising, rising) + xr.DataArray(noise, dims=("layer", "iteration"))
        found = trajectories.hann_smooth(recorded, 5)
        weights = np.array([1, 3, 4, 3, 1]) / 12  # sin² of 30°, 60°, 90°
        expected = np.convolve(recorded.input_mi.sel(layer="Z"), weights, "valid")
        np.testing.assert_allclose(found.input_mi.sel(layer="Z"), expected)
        assert found.iteration.values.tolist() == list(range(2, 599))

    def test_a_straight_line_stays_as_it_is(self):
        line = plane(rising, rising)
        found = trajectories.hann_smooth(line, 101)
        xr.testing.assert_allclose(
            found, line.sel(iteration=found.iteration).transpose(*found.dims)
        )

    @pytest.mark.parametrize("width", [0, 602])
    def test_a_window_longer_than_the_record_is_refused(self, width):
        with pytest.raises(ValueError, match=f"width is {width} and plane has 601 iterations"):
            trajectories.hann_smooth(plane(rising, rising), width)
