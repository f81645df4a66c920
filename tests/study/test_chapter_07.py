"""What chapter 7 sums up, on planes whose answer is known."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import EXAMPLE_SPECTRUM, NOISES, LinearAutoencoder
from study.chapters.ch07 import (
    DEFINITIONS,
    against_noise,
    decoder_excess,
    estimate_errors,
    misses,
    scalar_information,
)
from study.claims.theory import measured_only

SIGMA = 0.5
ROUNDING = 1e-9  # of a sum over a grid
LAYERS = [INPUT, "E1", "Z", "D1", "D2", OUTPUT]


def make_plane(input_mi, output_mi):
    axes = {"input_mi": input_mi, "output_mi": output_mi}
    return xr.Dataset(
        {name: ("layer", np.array(values, float)) for name, values in axes.items()},
        coords={"layer": LAYERS},
    )


def over_training(*planes):
    return xr.concat(planes, xr.Variable("iteration", range(len(planes))))


SMALL = make_plane([5, 4, 2, 2, 2, 2], [2] * 6)
LARGE = make_plane([5] * 6, [5] * 6)


def test_every_definition_has_a_name():
    assert tuple(DEFINITIONS) == NOISES


def test_decoder_excess_takes_each_number_from_its_network():
    small = make_plane([1, 2, 3, 4, 5, 6], [0] * 6)
    large = make_plane([10, 20, 30, 40, 50, 60], [0] * 6)
    expected = {"z": 3, "d2": 5, "out": 6, "large_d2": 50, "m": 10}
    assert decoder_excess(small, large) == expected


class TestMisses:
    def test_nothing_on_the_planes_of_theorem_1(self):
        assert set(misses(SMALL, LARGE).values()) == {0.0}

    @pytest.mark.parametrize(
        ("axis", "layer", "bits", "missed"),
        [
            # a rise after the bottleneck, which also leaves the rest where it was
            ("input_mi", "D1", 2.5, {"(13)": 0.5, "(15)": 0.5}),
            # a bottleneck above the output: no rise, as E1 has more
            ("input_mi", "Z", 3, {"Lemma 2": 1, "(15)": 1}),
            ("output_mi", "E1", 3, {"Lemma 1": 1}),
        ],
    )
    def test_what_is_wrong_at_the_end_of_the_small_network(self, axis, layer, bits, missed):
        wrong = SMALL.copy(deep=True)
        wrong[axis].loc[{"layer": layer}] = bits
        found = misses(over_training(SMALL, wrong), over_training(LARGE))
        assert found == dict.fromkeys(found, 0) | missed

    def test_the_end_alone_counts_for_what_is_said_of_the_end(self):
        wrong = SMALL.copy(deep=True)
        wrong.input_mi.loc[{"layer": "D1"}] = 2.5
        found = misses(over_training(wrong, SMALL), LARGE)
        assert found == dict.fromkeys(found, 0) | {"(13)": 0.5}

    def test_the_large_network_has_to_be_at_m(self):
        wrong = LARGE.copy(deep=True)
        wrong.output_mi.loc[{"layer": "D2"}] = 4.25
        found = misses(SMALL, over_training(LARGE, wrong))
        assert found == dict.fromkeys(found, 0) | {"all at M": 0.75, "Lemma 1": 0.75}

    def test_a_layer_outside_the_triangle(self):
        wrong = LARGE.copy(deep=True)
        wrong.input_mi.loc[{"layer": "E1"}] = 7
        found = misses(SMALL, wrong)
        assert found == dict.fromkeys(found, 0) | {"(13)": 2, "triangle": 2, "all at M": 2}

    def test_codes_that_are_measured_only_miss_everything(self):
        assert set(misses(*measured_only()).values()) == {2.0}


class TestAgainstNoise:
    def test_of_one_dimension_in_closed_form(self):
        # deviations of the layers: X 1, Z 3, D1 6, X′ 1
        scales = [[3.0], [1.0], [2.0], [1 / 6]]
        weights = [np.array([scale]) for scale in scales]
        model = LinearAutoencoder(np.eye(1), [np.eye(1), *weights, np.eye(1)])
        assert model.layers == (INPUT, "E1", "E2", "Z", "D1", "D2", OUTPUT)
        sigmas = np.array([0.01, 0.5, 3.0])
        found = against_noise(model, sigmas)

        def information(deviation):
            return np.log2(1 + (deviation / sigmas) ** 2) / 2

        deviations = {"Z": 3.0, "D1": 6.0, "D2": 1.0}
        assert found.layer.values.tolist() == list(deviations)
        for layer, deviation in deviations.items():
            gap = information(deviation) - information(1.0)
            np.testing.assert_allclose(found.gap.sel(layer=layer), gap, atol=1e-12)
            assert float(found.limit.sel(layer=layer)) == pytest.approx(np.log2(deviation))
        one = found.spread.sel(definition="one level")
        np.testing.assert_allclose(one, information(6.0) - information(1.0))
        # one unit has no shape: every other definition is blind to its scale
        others = found.spread.drop_sel(definition="one level")
        np.testing.assert_allclose(others, 0, atol=1e-12)

    def test_an_ideal_network_has_no_gap_and_scaled_noise_a_spread(self):
        model = LinearAutoencoder.ideal(np.diag(EXAMPLE_SPECTRUM), [14, 12, 3, 12, 14])
        found = against_noise(model, np.array([0.1, 1.0]))
        assert float(abs(found.gap).max()) < 1e-9
        assert float(abs(found.limit).max()) < 1e-9
        blind = found.spread.sel(definition=["one level", "whitened", "on the ends"])
        assert float(blind.max()) < 1e-9
        assert float(found.spread.sel(definition="scaled to the layer").min()) > 0.1


def test_estimate_errors():
    estimates = pd.DataFrame(
        {
            "exact": [4.0, 2.0, 2.5],
            "linear": [4.5, 1.0, 3.0],
            "warped": [4.0, 2.5, 3.0],
        },
        index=["X", "Z", "D2"],
    )
    expected = {"lowest": -1, "highest": 0.5, "shift": 1.5}
    expected |= {"estimated_rise": 2, "exact_rise": 0.5}
    assert estimate_errors(estimates) == expected


class TestScalarInformation:
    def test_far_apart_values_are_told_apart(self):
        assert scalar_information([0.0, 100.0, 200.0, 300.0], 1.0) == pytest.approx(2)
        p = [0.5, 0.25, 0.25]
        assert scalar_information([-50.0, 0.0, 80.0], 1.0, p) == pytest.approx(1.5)

    def test_equal_values_and_much_noise_give_nothing(self):
        assert scalar_information([1.0, 1.0, 1.0], 0.1) == pytest.approx(0, abs=1e-12)
        assert scalar_information([-1.0, 1.0], 1e4) < 1e-7

    def test_against_a_published_value(self):
        # capacity of binary antipodal signals at a signal-to-noise ratio of 1 (0 dB)
        assert scalar_information([-1.0, 1.0], 1.0) == pytest.approx(0.4859, abs=1e-4)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([0.0, np.nan], 1), "values has shape"),
            (([[0.0], [1.0]], 1), "values has shape"),
            (([0.0, 1.0], 0), "sigma is 0"),
            (([0.0, 1.0], 1, [0.5, 0.6]), "sum to 1"),
            (([0.0, 1.0], 1, [1.0]), "give 2 of at least 0"),
            (([0.0, 1e9], 1), "sigma is 1.0, which is small"),
        ],
    )
    def test_bad_input(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            scalar_information(*arguments)

    def test_nonlinear_contractions_lose_information_on_every_finite_input(self):
        rng = np.random.default_rng(0)
        maps = np.sin, np.tanh, np.abs, lambda t: np.maximum(t, 0), lambda t: np.arctan(t) / 2
        for _ in range(20):
            t = 3 * rng.standard_normal(6)
            p = rng.dirichlet(np.ones(6))
            before = scalar_information(t, SIGMA, p)
            for f in maps:
                assert scalar_information(f(t), SIGMA, p) <= before + ROUNDING

    def test_whitening_does_not_help_a_nonlinear_layer(self):
        before, after = np.array([0.0, 0.1, 3.0, 3.1]), np.array([0.0, 1.0, 2.0, 3.0])
        informations = [scalar_information(t / t.std(), 0.2) for t in (before, after)]
        assert informations[1] > informations[0] + 0.5

    def test_noise_after_a_nonlinearity_is_another_channel(self):
        x = np.linspace(-4, 4, 401)
        p = np.exp(-(x**2) / 2)
        p /= p.sum()
        before = scalar_information(x, SIGMA, p)
        assert before == pytest.approx(math.log2(1 + 1 / SIGMA**2) / 2, abs=1e-3)
        assert scalar_information(np.tanh(x), SIGMA, p) < before - 0.1
