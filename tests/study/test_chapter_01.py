"""What chapter 1 sums up, on codes whose best is known."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings

from ipae_lib.discrete import all_binary_images
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study.chapters.ch01 import convergence, fewest_wrong_pixels, two_units


class TestFewestWrongPixels:
    @pytest.mark.parametrize(
        ("pixels", "codes", "fewest"),
        [
            (5, 1, 2.5),  # one answer to all images: half of the pixels
            (3, 2, 0.75),  # all black or all white: 6 of 8 images have one pixel wrong
            (5, 2, 1.5625),  # the same: 10 with one, 20 with two, of 32
            (2, 4, 0.0),  # an answer to each image
            (3, 4, 0.5),  # two pixels kept, the third guessed
        ],
    )
    def test_of_known_codes(self, pixels, codes, fewest):
        assert fewest_wrong_pixels(all_binary_images(pixels), codes) == pytest.approx(fewest)

    @pytest.mark.parametrize("codes", [1, 2, 3, 4])
    def test_is_not_beaten_by_codes_drawn_at_random(self, codes):
        images = all_binary_images(4).numpy()
        rng = np.random.default_rng(0)
        fewest = fewest_wrong_pixels(all_binary_images(4), codes)
        for _ in range(200):
            answers = images[rng.choice(16, codes, replace=False)]
            wrong = (images[:, None] != answers[None]).sum(-1).min(1).mean()
            assert wrong >= fewest - 1e-12

    @pytest.mark.parametrize("codes", [0, 9, 1.5])
    def test_needs_a_code_and_no_more_than_images(self, codes):
        with pytest.raises(ValueError, match=f"codes is {codes}"):
            fewest_wrong_pixels(all_binary_images(3), codes)


def test_two_units_tells_error_and_information_apart():
    def end(bits, wrong):
        axis = xr.DataArray([3.0, bits, bits], coords={"layer": ["X", "Z", OUTPUT]})
        return xr.Dataset({"input_mi": axis, "wrong_pixels": wrong})

    found = two_units(end(2.0, 1.25), end(1.5, 0.75), all_binary_images(3))
    expected = {"full_wrong": 1.25, "stuck_wrong": 0.75, "stuck_bits": 1.5, "fewest": 0.5}
    assert found == pytest.approx(expected)


class TestConvergence:
    @pytest.mark.parametrize("lam", [5.0, 5.5, math.inf])
    def test_a_large_bottleneck_takes_all_layers_to_the_corner(self, lam):
        end = convergence(5, lam)
        for variable in ("input_mi_lower", "input_mi_upper", "output_mi"):
            np.testing.assert_array_equal(end[variable], np.full(9, 5.0))

    def test_a_small_bottleneck(self):
        end = convergence(5, 2)
        assert end.layer.values.tolist() == [INPUT, *HIDDEN_LAYERS, OUTPUT]
        np.testing.assert_array_equal(end.output_mi, np.full(9, 2.0))
        #                                              X  E1 E2 E3  Z D1 D2 D3 X′
        np.testing.assert_array_equal(end.input_mi_lower, [5, 2, 2, 2, 2, 2, 2, 2, 2])
        np.testing.assert_array_equal(end.input_mi_upper, [5, 5, 5, 5, 2, 2, 2, 2, 2])

    def test_layers_by_other_names(self):
        end = convergence(3, 1, encoder=["h", "code"], decoder=[])
        assert end.layer.values.tolist() == [INPUT, "h", "code", OUTPUT]
        assert end.input_mi_upper.values.tolist() == [3, 3, 1, 1]

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(m=st.floats(0.1, 50), lam=st.floats(0, 50))
    def test_the_cases_meet_and_bounds_are_ordered(self, m, lam):
        end = convergence(m, lam)
        assert (end.input_mi_lower <= end.input_mi_upper).all()
        assert (end.output_mi == min(m, lam)).all()
        assert (end.input_mi_lower >= end.output_mi).all()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"m": 0}, "m is 0"),
            ({"lam": -0.1}, "lam is -0.1"),
            ({"lam": math.nan}, "lam is nan"),
            ({"lam": "2"}, "lam is '2'"),
            ({"encoder": []}, "encoder is empty"),
            ({"encoder": "Z"}, "encoder is the string 'Z'"),
            ({"decoder": ["Z"]}, "twice"),
            ({"decoder": [OUTPUT]}, "twice"),
        ],
    )
    def test_bad_input(self, changes, message):
        with pytest.raises(ValueError, match=message):
            convergence(**({"m": 5, "lam": 2} | changes))
