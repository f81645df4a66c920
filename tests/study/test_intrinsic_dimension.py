"""Intrinsic dimension: manifolds of known dimension, invariances, and broken input."""

import math

import numpy as np
import pytest
import torch

from study.intrinsic_dimension import (
    maximum_likelihood,
    neighbour_distances,
    participation_ratio,
    principal_components,
    two_nn,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def subspace(n, dimension, ambient=50, seed=0):
    """Uniform samples of a cube that lies slantwise in a space of more dimensions."""
    random = generator(seed)
    axes = torch.linalg.qr(torch.randn(ambient, dimension, generator=random)).Q
    return torch.rand(n, dimension, generator=random) @ axes.T


def sphere(n, dimension):
    x = torch.randn(n, dimension + 1, generator=generator())
    return x / x.norm(dim=1, keepdim=True)


def swiss_roll(n):
    u = torch.rand(n, 2, generator=generator())
    angle = 1.5 * math.pi * (1 + 2 * u[:, 0])
    return torch.stack([angle * angle.cos(), 21 * u[:, 1], angle * angle.sin()], dim=1)


def circle_times_line(n):
    angle, height = torch.rand(2, n, generator=generator())
    angle = 2 * math.pi * angle
    return torch.stack([angle.cos(), angle.sin(), 5 * height], dim=1)


KNOWN = {
    "line": (subspace(2000, 1), 1),
    "plane": (subspace(2000, 2), 2),
    "five dimensions": (subspace(4000, 5), 5),
    "sphere": (sphere(2000, 2), 2),
    "sphere in five": (sphere(4000, 4), 4),
    "Swiss roll": (swiss_roll(3000), 2),
    "cylinder": (circle_times_line(3000), 2),
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("k", [2, 10])
def test_known_manifolds(name, k):
    x, dimension = KNOWN[name]
    found = maximum_likelihood(neighbour_distances(x, k), k)
    assert found.value == pytest.approx(dimension, rel=0.1)
    assert found.low < found.value < found.high


@pytest.mark.parametrize("k", [2, 10])
def test_the_interval_is_as_wide_as_estimates_differ(k):
    estimates = [
        maximum_likelihood(neighbour_distances(subspace(500, 3, 10, seed), k), k)
        for seed in range(60)
    ]
    between = np.std([e.value for e in estimates], ddof=1)
    stated = np.mean([e.high - e.low for e in estimates]) / (2 * 1.96)
    assert 0.6 < stated / between < 1.4


def test_more_dimensions_than_samples_can_tell_are_underestimated():
    # a known property, and why the chapter sets Gaussians of known dimension beside the images
    found = two_nn(neighbour_distances(subspace(1000, 30), 2))
    assert 15 < found.value < 27


def test_estimates_are_those_of_the_formula():
    x = torch.tensor([[0.0], [1], [3], [7]])
    distances = neighbour_distances(x, 3)
    assert distances.tolist() == [[1, 3, 7], [1, 2, 6], [2, 3, 4], [4, 6, 7]]
    log = np.log
    two = 4 / (log(3) + log(2) + log(3 / 2) + log(6 / 4))
    assert two_nn(distances).value == pytest.approx(two)
    three = [log(7) + log(7 / 3), log(6) + log(3), log(4 / 2) + log(4 / 3), log(7 / 4) + log(7 / 6)]
    assert maximum_likelihood(distances, 3).value == pytest.approx(8 / sum(three))


def test_the_interval_is_students_of_the_inverse():
    # log(T₂ / T₁) is 1, 1.5 and 2 with standard error 0.5 / √3; 4.303 of two degrees of freedom
    distances = torch.tensor([[1, math.exp(x)] for x in (1.0, 1.5, 2.0)]).double()
    margin = 4.302652729911275 * 0.5 / math.sqrt(3)
    found = two_nn(distances)
    assert found.value == pytest.approx(1 / 1.5)
    assert found.low == pytest.approx(1 / (1.5 + margin))
    assert found.high == pytest.approx(1 / (1.5 - margin))
    assert str(found) == "0.7\N{NBSP}[0.4,\N{NBSP}3.9]"
    few = two_nn(distances[:2])
    assert few.low > 0
    assert few.high == math.inf  # two samples set no upper bound


def test_order_scale_position_and_rotation_do_not_matter():
    x = subspace(500, 3, ambient=10).double()
    expected = neighbour_distances(x, 5)
    random = generator(1)
    rotation = torch.linalg.qr(torch.randn(10, 10, generator=random, dtype=torch.float64)).Q
    shuffled = x[torch.randperm(len(x), generator=random)]
    reference = maximum_likelihood(expected, 5).value
    for changed in (shuffled, 1e-3 * x, 1e4 + x, x @ rotation):
        found = maximum_likelihood(neighbour_distances(changed, 5), 5)
        assert found.value == pytest.approx(reference, rel=1e-6)


def test_numpy_and_single_precision_are_taken():
    x = subspace(300, 3)
    expected = two_nn(neighbour_distances(x, 2)).value
    assert two_nn(neighbour_distances(x.numpy(), 2)).value == pytest.approx(expected)
    assert neighbour_distances(x, 2).dtype == torch.float64


def test_distances_do_not_depend_on_how_many_are_taken_at_once(monkeypatch):
    x = subspace(300, 3)
    whole = neighbour_distances(x, 4)
    monkeypatch.setattr("study.intrinsic_dimension._ROWS", 7)
    torch.testing.assert_close(neighbour_distances(x, 4), whole)


def test_samples_that_occur_twice_count_once():
    x = subspace(400, 3)
    expected = neighbour_distances(x, 3)
    doubled = neighbour_distances(torch.cat([x, x[:100]]), 3)
    torch.testing.assert_close(doubled.sort(0).values, expected.sort(0).values)


def test_linear_dimensions():
    axes = torch.diag(torch.tensor([4.0, 2, 1, 0, 0]))
    x = torch.cat([axes, -axes])  # variances 3.2, 0.8, 0.2 without any covariance
    total = 16 + 4 + 1
    assert participation_ratio(x) == pytest.approx(total**2 / (256 + 16 + 1))
    assert principal_components(x, 16 / total - 0.01) == 1
    assert principal_components(x, 0.95) == 2
    assert principal_components(x, 0.96) == 3
    assert principal_components(x, 1) == 3


def test_linear_dimensions_of_a_subspace():
    x = subspace(2000, 7)
    assert participation_ratio(x) == pytest.approx(7, rel=0.02)
    assert principal_components(x, 0.999) == 7
    assert participation_ratio(3 + 100 * x) == pytest.approx(participation_ratio(x), rel=1e-3)


def test_broken_input_is_refused():
    x = subspace(10, 2)
    with pytest.raises(ValueError, match="x has 10 distinct samples, which have no 10 neighbours"):
        neighbour_distances(x, 10)
    with pytest.raises(ValueError, match="x has 1 distinct samples"):
        neighbour_distances(torch.ones(20, 3), 2)
    with pytest.raises(ValueError, match=r"x has shape \(2, 5, 50\); give one set"):
        neighbour_distances(x.reshape(2, 5, -1), 2)
    with pytest.raises(ValueError, match="NaN"):
        neighbour_distances(x.where(x > 0, torch.nan), 2)
    with pytest.raises(ValueError, match="k is 1; it must be a whole number of at least 2"):
        maximum_likelihood(neighbour_distances(x, 3), 1)
    with pytest.raises(ValueError, match=r"distances has shape \(10, 3\); with k = 4"):
        maximum_likelihood(neighbour_distances(x, 3), 4)
    with pytest.raises(ValueError, match=r"distances has shape \(1, 2\); .* N at least 2"):
        two_nn(torch.tensor([[1.0, 2.0]]))
    with pytest.raises(ValueError, match="same distance to all 2 neighbours"):
        two_nn(neighbour_distances(torch.eye(5), 2))
    with pytest.raises(ValueError, match="share is 95; it must be above 0 and at most 1"):
        principal_components(x, 95)
    with pytest.raises(ValueError, match="x varies in no dimension"):
        participation_ratio(torch.ones(5, 3))
    with pytest.raises(ValueError, match="give one set of samples"):
        participation_ratio(x.reshape(2, 5, -1))
