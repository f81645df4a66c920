"""Geometry of values whose dimensions, spread and likeness are known."""

import pytest
import torch

from study.beyond.geometry import geometry, linear_cka
from study.intrinsic_dimension import participation_ratio


@pytest.fixture
def x():
    return torch.randn(400, 6, generator=torch.Generator().manual_seed(0))


def rotation(d):
    normal = torch.randn(d, d, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return torch.linalg.qr(normal)[0]


def test_the_participation_ratio_is_that_of_the_spectrum(x):
    scaled = x * torch.tensor([1.0, 2.0, 0.1, 3.0, 0.5, 1.0])
    found = geometry({"X": scaled})
    assert found.participation_ratio.item() == pytest.approx(participation_ratio(scaled), rel=1e-9)
    assert found.total_variance.item() == pytest.approx(
        float(scaled.double().var(0, correction=0).sum())
    )


@pytest.mark.parametrize("d", [2, 5])
def test_dimensions_of_a_plane_in_a_space(d):
    flat = torch.rand(1000, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = geometry({"X": flat, "T": torch.cat([flat, flat], 1) @ rotation(2 * d)})
    assert float(found.participation_ratio.sel(layer="T")) == pytest.approx(d, rel=0.05)
    assert float(found.intrinsic_dimension.sel(layer="T")) == pytest.approx(d, rel=0.15)


def test_likeness_ignores_rotation_shift_and_scale_alone(x):
    same = 3 - 2 * x.double() @ rotation(6)
    assert linear_cka(x, same) == pytest.approx(1)
    stretched = x * torch.tensor([10.0, 1, 1, 1, 1, 1])
    assert 0.2 < linear_cka(x, stretched) < 0.9
    other = torch.randn(400, 3, generator=torch.Generator().manual_seed(5))
    assert linear_cka(x, other) < 0.05
    assert linear_cka(x, stretched) == pytest.approx(linear_cka(stretched, x))


def test_likeness_is_the_same_either_way_to_multiply(x):
    wide = torch.randn(5, 40, generator=torch.Generator().manual_seed(2))
    few = torch.cat([wide, wide**2], 1)
    gram_a, gram_b = (
        (v.double() - v.double().mean(0)) @ (v.double() - v.double().mean(0)).T for v in (wide, few)
    )
    expected = (gram_a * gram_b).sum() / (gram_a.norm() * gram_b.norm())
    assert linear_cka(wide, few) == pytest.approx(float(expected))
    assert linear_cka(x[:5], wide) == pytest.approx(linear_cka(wide, x[:5]))


def test_what_does_not_vary_has_none(x):
    codes = torch.zeros(400, 2)
    codes[:200] = 1
    found = geometry({"X": x, "dead": torch.ones(400, 3), "two codes": codes})
    dead = found.sel(layer="dead")
    assert [float(dead[name]) for name in found] == [0, 0, 0, 0]
    # two places have no neighbours, and one direction
    assert float(found.intrinsic_dimension.sel(layer="two codes")) == 0
    assert float(found.participation_ratio.sel(layer="two codes")) == pytest.approx(1)


def test_scale_changes_the_variance_alone(x):
    found = geometry({"X": x, "T": 1e-4 * x})
    for name in ("participation_ratio", "cka", "intrinsic_dimension"):
        assert float(found[name].sel(layer="T")) == pytest.approx(float(found[name].sel(layer="X")))
    ratio = float(found.total_variance.sel(layer="T") / found.total_variance.sel(layer="X"))
    assert ratio == pytest.approx(1e-8)


def test_other_samples_are_refused(x):
    with pytest.raises(ValueError, match="400 samples and b 300"):
        linear_cka(x, x[:300])
