"""What is recorded of a run's exact plane."""

import math

import numpy as np
import pytest
import torch

from ipae_lib.data import mnist, mnist_labels
from ipae_lib.exact import OneLevel, information_of_population
from study.experiments import truth


def test_the_levels_leave_the_images_their_share_of_information():
    rules = {str(share): OneLevel(s) for share, s in truth.LEVELS.items()}
    found = information_of_population(mnist(train=False), rules, queries=2000)
    shares = found.input_mi / math.log2(10_000)
    for share in truth.LEVELS:
        bars = 4 * float(found.standard_error.sel(noise=str(share))) / math.log2(10_000)
        assert float(shares.sel(noise=str(share))) == pytest.approx(share, abs=bars)


def test_every_convention_has_the_same_noise_for_the_images():
    images = mnist(train=False)[:500]
    rules = truth.noises(images)
    assert list(rules) == [(name, s) for s in truth.LEVELS for name in truth.CONVENTIONS]
    for (_, share), rule in rules.items():
        assert rule(images) == pytest.approx(truth.LEVELS[share], rel=1e-5)


def test_a_plane_of_known_layers():
    images = mnist(train=False, shuffled=True)[:200]
    digits = mnist_labels(train=False, shuffled=True)[:200]
    constant = torch.full((200, 4), 0.3, dtype=torch.float64)
    plane = truth.true_plane({"X": images.double(), "T": 9 * images, "X_out": constant}, digits)
    assert dict(plane.true_input_mi.sizes) == {"noise": 3, "resolution": 2, "layer": 3}
    assert not plane.sel(layer="X_out")[list(truth.KEPT.values())].to_array().any()
    x, t = (plane.true_input_mi.sel(layer=layer) for layer in ("X", "T"))
    # nine times the scale: nothing for noise in units of it, less noise for one level
    np.testing.assert_allclose(x.sel(noise=list(truth.CONVENTIONS[1:])), t[1:], atol=2e-3)
    assert bool((t.sel(noise="one level") > x.sel(noise="one level")).all())
    np.testing.assert_allclose(plane.noise_level.sel(layer="X"), [list(truth.LEVELS.values())] * 3)
    entropy = -sum(p * math.log2(p) for p in (digits.bincount() / 200).tolist() if p)
    assert float(plane.true_label_mi.max()) <= entropy
    assert bool((plane.true_label_mi <= plane.true_input_mi + 0.1).all())
