"""What chapter 1 sums up, on codes whose best is known."""

import numpy as np
import pytest
import xarray as xr

from ipae_lib.discrete import all_binary_images
from ipae_lib.layers import OUTPUT
from study.chapters.ch01 import fewest_wrong_pixels, two_units


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
