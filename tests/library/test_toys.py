"""Toy problems: samples and exact information (31) of correlated Gaussians."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from ipae_lib import MatrixRenyi, ProposedWidth
from ipae_lib.toys import (
    added_uniform,
    added_uniform_mi,
    blobs,
    correlated_gaussians,
    correlated_gaussians_mi,
    spiral,
    student_t,
    student_t_mi,
)


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


class TestStudentT:
    @pytest.mark.parametrize(("rho", "dof"), [(0.0, 3), (0.6, 3), (0.6, 8)])
    def test_integral_of_the_densities(self, rho, dof):
        joint = stats.multivariate_t([0, 0], [[1, rho], [rho, 1]], dof)
        # t = sinh(u) reaches far into the tails on an even grid
        u = np.linspace(-9, 9, 1201)
        t, weight = np.sinh(u), np.cosh(u) * (u[1] - u[0])
        density = joint.pdf(np.stack(np.meshgrid(t, t, indexing="ij"), -1))
        marginal = stats.t(dof).pdf(t)
        ratio = np.log2(density) - np.log2(marginal[:, None] * marginal)
        expected = (density * ratio * weight[:, None] * weight).sum()
        assert student_t_mi(1, rho, dof) == pytest.approx(expected, abs=1e-5)

    @pytest.mark.parametrize("d", [1, 4])
    def test_mean_of_the_log_ratio_of_samples(self, d):
        rho, dof, n = 0.7, 5, 100_000
        x, y = student_t(n, d, rho, dof, generator())
        shape = np.kron([[1, rho], [rho, 1]], np.eye(d))
        both = stats.multivariate_t(np.zeros(2 * d), shape, dof)
        alone = stats.multivariate_t(np.zeros(d), np.eye(d), dof)
        bits = both.logpdf(np.concatenate([x, y], 1)) - alone.logpdf(x) - alone.logpdf(y)
        bits = bits / math.log(2)
        error = bits.std() / math.sqrt(n)
        assert abs(bits.mean() - student_t_mi(d, rho, dof)) < 4 * error

    def test_variables_without_correlation_depend(self):
        assert student_t_mi(5, 0.0, 2) > 0.5
        assert student_t_mi(5, 0.3, 10**7) == pytest.approx(
            correlated_gaussians_mi(5, 0.3), abs=1e-4
        )

    def test_refuse(self):
        with pytest.raises(ValueError, match="dof is 0"):
            student_t(10, 1, 0.5, 0)
        with pytest.raises(ValueError, match="rho is 2"):
            student_t_mi(1, 2, 3)


class TestAddedUniform:
    @pytest.mark.parametrize(("width", "nats"), [(0.1, 1.7094), (0.75, 0.3333)])
    def test_published_figures(self, width, nats):
        assert added_uniform_mi(width) * math.log(2) == pytest.approx(nats, abs=5e-5)

    @pytest.mark.parametrize("width", [0.02, 0.3, 0.5, 0.6, 3.0])
    def test_entropy_of_the_sum_by_quadrature(self, width):
        def density(y):
            return max(0.0, min(1, y + width) - max(0, y - width)) / (2 * width)

        def part(y):
            return -density(y) * math.log2(density(y)) if density(y) > 0 else 0.0

        corners = sorted({-width, width, 1 - width, 1 + width})
        pieces = [integrate.quad(part, a, b)[0] for a, b in itertools.pairwise(corners)]
        expected = sum(pieces) - math.log2(2 * width)
        assert added_uniform_mi(width) == pytest.approx(expected, abs=1e-7)

    def test_samples(self):
        x, y = added_uniform(10_000, 0.3, generator())
        assert 0 <= float(x.min()) < 0.01 < 0.99 < float(x.max()) <= 1
        noise = (y - x)[:, 0].numpy()
        assert stats.kstest(noise, stats.uniform(-0.3, 0.6).cdf).pvalue > 1e-3
        assert abs(np.corrcoef(noise, x[:, 0])[0, 1]) < 0.04

    def test_refuse(self):
        with pytest.raises(ValueError, match="width is 0"):
            added_uniform_mi(0)


class TestInjectiveMaps:
    def test_a_spiral_is_undone(self):
        x = torch.randn(50, 3, generator=generator(), dtype=torch.float64)
        there = spiral(x, 2.0)
        torch.testing.assert_close(there.norm(dim=1), x.norm(dim=1))
        angle = -2.0 * there.square().sum(1)
        first = angle.cos() * there[:, 0] - angle.sin() * there[:, 1]
        torch.testing.assert_close(first, x[:, 0])
        torch.testing.assert_close(there[:, 2], x[:, 2])
        assert not torch.allclose(there, x, atol=0.1)

    @pytest.mark.parametrize("latents", [2, 4])
    def test_the_numbers_are_read_from_the_image(self, latents):
        """By the moments of the spot, so that no two spots are the same image."""
        z = torch.randn(40, latents, generator=generator(), dtype=torch.float64).clamp(-1.5, 1.5)
        z = z * torch.tensor([1, 1, 0.2, 0.2][:latents])  # the whole spot is in the image
        images = blobs(z).double().view(-1, 28, 28)
        pixels = torch.arange(28) - 13.5
        mass = images.sum((1, 2))
        for i, profile in enumerate((images.sum(1), images.sum(2))):
            place = (profile * pixels).sum(1) / mass
            torch.testing.assert_close(place / 2.8, z[:, i], atol=0.02, rtol=0)
            if latents == 4:
                spread = (profile * (pixels - place[:, None]) ** 2).sum(1) / mass
                torch.testing.assert_close(
                    (spread.sqrt() / 2.8).log(), z[:, 2 + i], atol=0.05, rtol=0
                )

    def test_an_image_is_bright_where_its_spot_is(self):
        image = blobs(torch.tensor([[2.0, -1.0]])).view(28, 28)
        row, column = divmod(int(image.argmax()), 28)
        assert (column - 13.5, row - 13.5) == (
            pytest.approx(5.6, abs=0.5),
            pytest.approx(-2.8, abs=0.5),
        )
        assert image.dtype == torch.float32
        assert 0 <= float(image.min()) < float(image.max()) <= 1

    def test_refuse(self):
        with pytest.raises(ValueError, match=r"latents has shape \(5, 3\); give \(n, 2\)"):
            blobs(torch.zeros(5, 3))
        with pytest.raises(ValueError, match="a spiral needs"):
            spiral(torch.zeros(5, 1))
