"""Toy problems: samples and exact information (31) of correlated Gaussians."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ipae_lib import MatrixRenyi, ProposedWidth
from ipae_lib.toys import correlated_gaussians, correlated_gaussians_mi


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class TestExact:
    @given(st.integers(1, 20), st.floats(-0.99, 0.99))
    def test_is_the_gaussian_formula_of_determinants(self, d, rho):
        covariance = np.block([[np.eye(d), rho * np.eye(d)], [rho * np.eye(d), np.eye(d)]])
        expected = -np.linalg.slogdet(covariance).logabsdet / (2 * math.log(2))
        assert correlated_gaussians_mi(d, rho) == pytest.approx(expected, abs=1e-11)

    def test_integral_of_the_densities(self):
        # (4) on a grid, with nothing known of (31)
        rho = 0.8
        t = np.linspace(-9, 9, 1201)
        x, y = np.meshgrid(t, t)
        marginal = np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)
        product = marginal[:, None] * marginal
        exponent = (x**2 - 2 * rho * x * y + y**2) / (2 * (1 - rho**2))
        joint = np.exp(-exponent) / (2 * math.pi * math.sqrt(1 - rho**2))
        ratio = np.log2(joint, where=joint > 0, out=np.zeros_like(joint)) - np.log2(product)
        expected = (joint * ratio).sum() * (t[1] - t[0]) ** 2
        assert correlated_gaussians_mi(1, rho) == pytest.approx(expected, abs=1e-9)

    def test_special_values(self):
        assert correlated_gaussians_mi(7, 0) == 0
        assert correlated_gaussians_mi(1, math.sqrt(0.75)) == pytest.approx(1)
        assert correlated_gaussians_mi(3, 1) == correlated_gaussians_mi(3, -1) == math.inf

    @pytest.mark.parametrize("rho", [1.1, -1.001, math.nan, math.inf])
    def test_refuses_what_is_no_correlation(self, rho):
        with pytest.raises(ValueError, match=r"rho is .*between -1 and 1"):
            correlated_gaussians_mi(2, rho)
        with pytest.raises(ValueError, match=r"rho is .*between -1 and 1"):
            correlated_gaussians(10, 2, rho)

    @pytest.mark.parametrize("d", [0, -1, 2.0, True])
    def test_refuses_dimensions_that_are_no_count(self, d):
        with pytest.raises(ValueError, match="d is"):
            correlated_gaussians_mi(d, 0.5)


class TestSamples:
    @pytest.mark.parametrize("rho", [-0.9, 0.0, 0.6])
    def test_moments(self, rho):
        n, d = 200_000, 3
        x, y = correlated_gaussians(n, d, rho, generator())
        z = torch.cat([x, y], dim=1)
        expected = torch.eye(2 * d, dtype=torch.float64)
        expected[:d, d:] = expected[d:, :d] = rho * torch.eye(d)
        # five standard errors of a mean and of a covariance
        assert z.mean(0).abs().max() < 5 / math.sqrt(n)
        assert (z.T @ z / n - expected).abs().max() < 5 * math.sqrt(2 / n)

    def test_full_correlation_is_equality(self):
        x, y = correlated_gaussians(5, 2, 1, generator())
        assert torch.equal(x, y)
        x, y = correlated_gaussians(5, 2, -1, generator())
        assert torch.equal(x, -y)

    def test_shape_type_and_seed(self):
        x, y = correlated_gaussians(5, 2, 0.5, generator(3), batch_shape=(4, 3))
        again, _ = correlated_gaussians(5, 2, 0.5, generator(3), batch_shape=(4, 3))
        assert x.shape == y.shape == (4, 3, 5, 2)
        assert x.dtype == y.dtype == torch.float64
        assert torch.equal(x, again)

    @pytest.mark.parametrize(("n", "d"), [(0, 2), (5, 0), (5, 1.5)])
    def test_refuses_sizes_that_are_no_count(self, n, d):
        with pytest.raises(ValueError, match="whole number of at least 1"):
            correlated_gaussians(n, d, 0.5)


def test_reflection_changes_nothing():
    """(X, −Y) has correlation −ρ and the same distances, so the estimate is even in ρ."""
    estimator = MatrixRenyi(ProposedWidth(2))
    x, y = correlated_gaussians(64, 20, 0.7, generator())
    assert float(estimator(x, -y)) == pytest.approx(float(estimator(x, y)), abs=1e-12)
