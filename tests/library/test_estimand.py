"""The estimator's limit for Gaussians: against quadrature, samples, closed forms and limits."""

import doctest
import math

import numpy as np
import pytest
import torch

from ipae_lib import estimand
from ipae_lib.entropy import mutual_information, renyi_entropy
from ipae_lib.estimand import (
    EstimandWidth,
    gaussian_entropy,
    gaussian_information,
    noise_level,
)
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.exact import OneLevel, information_of_population
from ipae_lib.kernels import ProposedWidth, gaussian_gram, standardize
from ipae_lib.toys import correlated_gaussians

ALPHAS = [0.1, 0.5, 0.9, 1, 1.01, 2, 3, 30]


def pair(rho, sigma, alpha=1.01):
    """Information of two standard normal variables of one dimension."""
    return gaussian_information([[1, rho], [rho, 1]], 1, sigma, sigma, alpha)


def random_covariance(d, rank, seed=0):
    factor = np.random.default_rng(seed).standard_normal((d, rank))
    return factor @ factor.T


def quadrature(points):
    """Nodes and weights for expectations over a standard normal variable."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    return nodes, weights / weights.sum()


def operator_entropy(x, weights, alpha):
    """S_α in bits of the operator of the Gaussian kernel of width 1, on nodes x (n, d)."""
    distances = ((x[:, None] - x[None]) ** 2).sum(-1)
    matrix = np.sqrt(weights[:, None] * weights) * np.exp(-distances / 2)
    eigenvalues = np.linalg.eigvalsh(matrix)
    # what is below is rounding of the matrix; its number would count for α below 1
    p = eigenvalues[eigenvalues > 1e-15]
    if alpha == 1:
        return float(-(p * np.log2(p)).sum())
    return float(np.log2((p**alpha).sum()) / (1 - alpha))


@pytest.mark.parametrize("alpha", [0.5, 1, 1.01, 2, 3])
class TestOperator:
    @pytest.mark.parametrize(("variance", "sigma"), [(1.0, 1.0), (0.3, 2.0), (4.0, 1.5)])
    def test_of_one_variable(self, alpha, variance, sigma):
        nodes, weights = quadrature(200)
        x = nodes[:, None] * math.sqrt(variance) / sigma
        expected = operator_entropy(x, weights, alpha)
        # at α = ½, what is below 1e-15 adds a few times √1e-15
        found = gaussian_entropy([variance], sigma, alpha)
        assert found == pytest.approx(expected, abs=1e-6 if alpha < 1 else 1e-10)

    def test_of_two_variables_of_different_width(self, alpha):
        covariance = np.array([[2.0, 0.9], [0.9, 0.5]])
        widths = np.array([2.5, 1.5])
        nodes, weights = quadrature(36)
        grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1).reshape(-1, 2)
        both = grid @ np.linalg.cholesky(covariance).T / widths
        one = nodes[:, None] * np.sqrt(covariance.diagonal()) / widths
        expected = (
            operator_entropy(one[:, :1], weights, alpha)
            + operator_entropy(one[:, 1:], weights, alpha)
            - operator_entropy(both, np.outer(weights, weights).ravel(), alpha)
        )
        found = gaussian_information(covariance, 1, *widths, alpha)
        assert found == pytest.approx(expected, abs=1e-5 if alpha < 1 else 1e-9)


class TestSamples:
    """N is finite there: what is left over falls as 1/N, and is taken out by two sizes."""

    @pytest.mark.slow
    @pytest.mark.parametrize("rho", [0.5, 0.9])
    @pytest.mark.parametrize("alpha", [1.01, 2])
    def test_of_one_dimension_tend_to_it(self, rho, alpha):
        runs, n, sigma = 24, 300, 0.8
        generator = torch.Generator().manual_seed(1)
        x, y = correlated_gaussians(2 * n, 1, rho, generator, (runs,))

        def estimate(part):
            return mutual_information(
                gaussian_gram(x[:, part], sigma), gaussian_gram(y[:, part], sigma), alpha
            )

        halves = (estimate(slice(None, n)) + estimate(slice(n, None))) / 2
        found = 2 * estimate(slice(None)) - halves
        error = float(found.std()) / math.sqrt(runs)
        assert error < 0.02
        assert float(found.mean()) == pytest.approx(pair(rho, sigma, alpha), abs=4 * error)

    def test_have_a_bias_that_is_known_at_order_two(self):
        n, d, sigma, runs = 50, 3, 1.5, 2000
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(runs, n, d, generator=generator, dtype=torch.float64)
        traces = (gaussian_gram(x, sigma) ** 2).sum((-2, -1))
        error = float(traces.std()) / math.sqrt(runs)
        different = 2 ** -gaussian_entropy(np.ones(d), sigma, alpha=2)
        expected = 1 / n + (1 - 1 / n) * different
        assert float(traces.mean()) == pytest.approx(expected, abs=4 * error)
        assert abs(expected - different) > 20 * error

    def test_that_are_many_dimensional_are_far_above(self):
        """The first of two errors has the other sign: widths lose, and few samples add."""
        sigma = ProposedWidth(2)(128, 100)
        x, y = correlated_gaussians(128, 100, 0.5, torch.Generator().manual_seed(0))
        assert float(MatrixRenyi(ProposedWidth(2))(x, y)) > 7 * 100 * pair(0.5, sigma)


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        (1, (0, 0.169, 0.828)),
        (10, (0, 0.198, 0.745)),
        (100, (0, 0.101, 0.379)),
        (1000, (0, 0.089, 0.335)),
    ],
)
def test_known_values_of_the_proposed_rule(d, expected):
    """γ = 2, N = 128, α = 1.01: computed by hand from the formula in another program."""
    sigma = ProposedWidth(2)(128, d)
    found = [d * pair(rho, sigma) for rho in (0, 0.5, 0.9)]
    assert found == pytest.approx(expected, abs=5e-4)


class TestOrder:
    @pytest.mark.parametrize("ratio", [1e-12, 1e-3, 0.3, 1, 40, 1e12])
    def test_passes_through_one_without_a_step(self, ratio):
        limit = gaussian_entropy([ratio], 1.0, 1)
        for step in (1e-3, 1e-6, 1e-9, 1e-12, 1e-15):
            below, above = (gaussian_entropy([ratio], 1.0, 1 + h) for h in (-step, step))
            assert below >= limit >= above
            # the slope is half the variance of ln λ: (ln q)² m (1 + m) of the geometric law
            root = math.sqrt(1 + 4 * ratio)
            mean = 2 * ratio / (1 + root)
            slope = math.log1p(1 / mean) ** 2 * mean * (1 + mean) / 2 / math.log(2)
            twice = (1 + step) - (1 - step)  # as rounded
            assert below - above == pytest.approx(twice * slope, rel=1e-2, abs=4e-16 * limit)

    def test_two_is_the_logarithm_of_the_scale(self):
        variances = [3.0, 0.2, 1e-9]
        expected = sum(math.log1p(4 * v / 0.49) for v in variances) / 2 / math.log(2)
        assert gaussian_entropy(variances, 0.7, 2) == pytest.approx(expected, rel=1e-14)

    def test_half_is_an_arcosh_and_none_is_far_off(self):
        for g in (0.01, 1.0, 30.0):
            s = math.sqrt(1 + 4 * g**2)
            assert gaussian_entropy([g**2], 1.0, 0.5) == pytest.approx(math.acosh(s) / math.log(2))
            smallest = -math.log2(1 - (s - 1) / (s + 1))
            assert gaussian_entropy([g**2], 1.0, 1e6) == pytest.approx(smallest, rel=1e-5)

    @pytest.mark.parametrize("ratio", [1e-6, 0.5, 1e6])
    def test_more_is_less(self, ratio):
        orders = [0.01, 0.3, 0.499999, 0.5, 0.500001, 0.9, 1, 1.01, 1.5, 2, 10, 1e4]
        found = [gaussian_entropy([ratio], 1.0, alpha) for alpha in orders]
        assert (np.diff(found) < 0).all()

    def test_the_two_forms_agree_where_they_meet(self):
        for ratio in (1e-8, 1.0, 1e8):
            low, high = (gaussian_entropy([ratio], 1.0, 0.5 + h) for h in (-1e-12, 0))
            assert low == pytest.approx(high, rel=1e-9)


def second_order_entropy(centres, s):
    """H₂ in bits of a mixture of equal normal densities of standard deviation s, by the grid."""
    axis = np.linspace(-8, 8, 1601)
    kernels = [np.exp(-((axis - c[:, None]) ** 2) / 2 / s**2) for c in centres.T]
    density = kernels[0].T @ kernels[1] / len(centres) / (2 * math.pi * s**2)
    return -math.log2((density**2).sum() * (axis[1] - axis[0]) ** 2)


class TestNoise:
    POINTS = np.array([[0, 0], [0.3, -0.2], [2, 1], [2, 1], [-3, 2.5], [1, -1.5]])

    @pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5])
    def test_a_width_is_a_level_for_any_sample(self, sigma):
        s = noise_level(sigma)
        of_noise = math.log2(4 * math.pi * s**2)  # of two dimensions
        expected = second_order_entropy(self.POINTS, s) - of_noise
        found = renyi_entropy(gaussian_gram(self.POINTS, sigma), alpha=2)
        assert float(found) == pytest.approx(expected, abs=1e-9)

    def test_half_the_width_squared_is_not_the_variance(self):
        wrong = 1 / math.sqrt(2)
        other = second_order_entropy(self.POINTS, wrong) - math.log2(4 * math.pi * wrong**2)
        assert float(renyi_entropy(gaussian_gram(self.POINTS, 1.0), 2)) - other > 0.2

    @pytest.mark.parametrize("sigma_x", [0.1, 3.0])
    def test_at_order_two_it_is_shannons_information_with_noise_in_both(self, sigma_x):
        covariance = random_covariance(5, 5)
        noisy = covariance + np.diag([noise_level(sigma_x) ** 2] * 2 + [noise_level(2.0) ** 2] * 3)
        log_dets = [np.linalg.slogdet(m)[1] for m in (noisy[:2, :2], noisy[2:, 2:], noisy)]
        expected = (log_dets[0] + log_dets[1] - log_dets[2]) / 2 / math.log(2)
        found = gaussian_information(covariance, 2, sigma_x, 2.0, alpha=2)
        assert found == pytest.approx(expected, rel=1e-11)

    def test_is_a_convention_of_the_exact_plane(self):
        # of many normal values the exact information at the same level: ½ log₂(1 + 4λ/σ²), too
        t = torch.randn(4000, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        sigma = 0.8
        found = information_of_population(
            standardize(t), {"width": OneLevel(noise_level(sigma))}, queries=2000
        )
        expected = gaussian_entropy([1.0], sigma, alpha=2)
        # of other 4,000 values the information differs by about 1/√N nats, and not by the error
        assert float(found.input_mi[0]) == pytest.approx(expected, abs=0.02)


class TestInformation:
    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_of_independent_variables_is_none(self, alpha):
        covariance = np.zeros((5, 5))
        covariance[:2, :2], covariance[2:, 2:] = random_covariance(2, 2), random_covariance(3, 3)
        assert gaussian_information(covariance, 2, 0.3, 2.0, alpha) == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("seed", range(5))
    def test_is_between_none_and_the_smaller_entropy(self, alpha, seed):
        covariance = random_covariance(6, 3 + seed, seed)
        for sigma_x, sigma_y in ((0.1, 0.1), (0.1, 10), (3, 1)):
            found = gaussian_information(covariance, 2, sigma_x, sigma_y, alpha)
            of_x, of_y = (
                gaussian_entropy(np.linalg.eigvalsh(part).clip(min=0), sigma, alpha)
                for part, sigma in ((covariance[:2, :2], sigma_x), (covariance[2:, 2:], sigma_y))
            )
            assert 0 < found <= min(of_x, of_y) + 1e-12

    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_with_itself_is_no_maximum(self, alpha):
        same = np.ones((2, 2))
        itself, finer, finest = (
            gaussian_information(same, 1, 0.5, width, alpha) for width in (0.5, 0.25, 1e-7)
        )
        entropy = gaussian_entropy([1.0], 0.5, alpha)
        assert itself < finer < finest < entropy
        assert finest == pytest.approx(entropy, rel=1e-2 if alpha < 0.5 else 1e-6)

    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_with_itself_lacks_half_a_bit_an_axis_of_a_narrow_kernel(self, alpha):
        same = np.tile(np.diag([1.0, 4.0]), (2, 2))
        # by 1/s at most, the width in units of the deviations
        loss = gaussian_entropy([1.0, 4.0], 1e-9, alpha) - gaussian_information(
            same, 2, 1e-9, 1e-9, alpha
        )
        assert loss == pytest.approx(1, abs=1e-6 / alpha)

    def test_rotations_and_permutations_within_a_variable_change_nothing(self):
        covariance = random_covariance(7, 7, seed=3)
        expected = gaussian_information(covariance, 3, 0.7, 1.3)
        rng = np.random.default_rng(0)
        mix = np.zeros((7, 7))
        mix[:3, :3] = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        mix[3:, 3:] = np.linalg.qr(rng.standard_normal((4, 4)))[0]
        rotated = mix @ covariance @ mix.T
        order = [2, 0, 1, 6, 4, 5, 3]
        for other in (rotated, covariance[np.ix_(order, order)]):
            assert gaussian_information(other, 3, 0.7, 1.3) == pytest.approx(expected, rel=1e-12)
        swapped = np.roll(covariance, -3, axis=(0, 1))
        assert gaussian_information(swapped, 4, 1.3, 0.7) == pytest.approx(expected, rel=1e-12)

    def test_units_do_not_matter(self):
        covariance = random_covariance(4, 4, seed=5)
        expected = gaussian_information(covariance, 2, 0.5, 2.0)
        units = np.array([1e-9, 1e-9, 1e9, 1e9])
        scaled = units[:, None] * covariance * units
        assert gaussian_information(scaled, 2, 0.5e-9, 2e9) == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_dimensions_without_variance_are_neutral(self, alpha):
        covariance = random_covariance(4, 4)
        padded = np.zeros((7, 7))
        kept = np.ix_([0, 2, 3, 5], [0, 2, 3, 5])
        padded[kept] = covariance
        found = gaussian_information(padded, 3, 0.6, 1.1, alpha)
        assert found == pytest.approx(gaussian_information(covariance, 2, 0.6, 1.1, alpha))
        assert gaussian_information(np.zeros((2, 2)), 1, 1, 1, alpha) == 0
        with_zeros = gaussian_entropy([0, 2, 0, 3], 0.6, alpha)
        assert with_zeros == gaussian_entropy([2, 3], 0.6, alpha)

    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("copies", [2, 7])
    def test_copies_of_a_dimension_are_one_that_is_larger(self, alpha, copies):
        """Their further singular values are 0, to rounding that a low order must not count."""
        rho = 0.7
        of_copies = np.full((copies + 1, copies + 1), 1.0)
        of_copies[-1, :-1] = of_copies[:-1, -1] = rho
        larger = np.array([[copies, rho * math.sqrt(copies)], [rho * math.sqrt(copies), 1]])
        found = gaussian_information(of_copies, copies, 0.6, 1.1, alpha)
        assert found == pytest.approx(gaussian_information(larger, 1, 0.6, 1.1, alpha), rel=1e-9)

    @pytest.mark.parametrize("rho", [0.3, 0.99])
    @pytest.mark.parametrize("alpha", [0.9, 1, 1.01, 2, 10])
    def test_of_a_narrow_kernel_is_the_truth_and_of_a_wide_one_nothing(self, rho, alpha):
        truth = -math.log2(1 - rho**2) / 2
        assert pair(rho, 1e-6, alpha) == pytest.approx(truth, abs=2e-5)
        assert 0 <= pair(rho, 1e4, alpha) < 1e-5

    def test_agrees_with_the_sum_over_independent_pairs(self):
        rhos = np.array([0.9, 0.2, -0.5])
        covariance = np.block([[np.eye(3), np.diag(rhos)], [np.diag(rhos), np.eye(3)]])
        expected = sum(pair(rho, 1.7) for rho in rhos)
        assert gaussian_information(covariance, 3, 1.7, 1.7) == pytest.approx(expected)


class TestExtremes:
    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_ratios_far_from_one_stay_finite_and_in_order(self, alpha):
        variances = 10.0 ** np.arange(-300, 301, 50)
        found = [gaussian_entropy([v], 1.0, alpha) for v in variances]
        assert np.isfinite(found).all()
        assert (np.diff(found) > 0).all()
        assert found[0] >= 0
        # far up, a factor of 10 is half of log₂ 10 bits
        assert found[-1] - found[-2] == pytest.approx(25 * math.log2(10))
        assert gaussian_entropy([1e-300], 1e200, alpha) == 0

    def test_ten_thousand_dimensions_are_ten_thousand_times_one(self):
        for sigma in (1e-3, 1.0, 1e3):
            one = gaussian_entropy([0.7], sigma)
            many = gaussian_entropy(np.full(10_000, 0.7), sigma)
            assert many == pytest.approx(10_000 * one, rel=1e-13)

    def test_a_singular_covariance_is_not_a_rounding_error_of_a_regular_one(self):
        found = gaussian_information(np.ones((2, 2)), 1, 1e-9, 1e-9)
        expected = 2 * gaussian_entropy([1.0], 1e-9) - gaussian_entropy([2.0], 1e-9)
        assert found == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([1.0, -1e-3], 1.0), "variances are .*finite numbers of at least 0"),
            (([1.0, math.nan], 1.0), "variances are"),
            (([[1.0]], 1.0), "variances are"),
            (([], 1.0), "variances are"),
            ((np.array(1.0), 1.0), r"variances are array\(1.*\); give \(d,\) finite"),
            (([1.0], 0.0), "sigma is 0.0.*width rule"),
            (([1.0], math.inf), "sigma is inf"),
            (([1.0], 1.0, 0), "alpha is 0"),
            (([1.0], 1.0, math.nan), "alpha is nan"),
            (([1e300], 1e-300), "sigma is 1e-300 beside .* give a larger width"),
        ],
    )
    def test_an_entropy_refuses(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            gaussian_entropy(*arguments)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([[1, 2], [2, 1]], 1, 1, 1), "covariance has the eigenvalue -1"),
            (([[1e20, 0, 0], [0, 1, 2], [0, 2, 1]], 1, 1, 1), "covariance has the eigenvalue -1"),
            (([[1, 0.5], [0.4, 1]], 1, 1, 1), "not symmetric"),
            (([[1, math.nan], [math.nan, 1]], 1, 1, 1), "finite"),
            (([[1, 0], [0, 1]], 2, 1, 1), "d_x is 2, and covariance has 2"),
            (([[1, 0], [0, 1]], 0, 1, 1), "d_x is 0"),
            (([[1, 0], [0, 1]], 1, -1, 1), "sigma_x is -1"),
            (([[1, 0], [0, 1]], 1, 1, "a"), "sigma_y is 'a'"),
            (([[1, 0], [0, 1]], 1, 1, 1, -2), "alpha is -2"),
        ],
    )
    def test_an_information_refuses(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            gaussian_information(*arguments)

    @pytest.mark.parametrize("sigma", [0, -1, math.nan, "wide"])
    def test_a_level_refuses(self, sigma):
        with pytest.raises(ValueError, match="sigma is"):
            noise_level(sigma)


def test_examples():
    assert doctest.testmod(estimand).failed == 0
    assert doctest.testmod(estimand).attempted > 3


class TestEstimandWidth:
    @pytest.mark.parametrize("share", [0.2, 0.5, 1.5])
    def test_the_estimand_has_the_share_of_the_samples_entropy(self, share):
        x = torch.randn(200, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        x = x * torch.logspace(0, -2, 6, dtype=torch.float64)
        sigma = float(EstimandWidth(share).of_samples(x))
        variances = np.linalg.eigvalsh(np.cov(x.T, bias=True))
        expected = share * math.log2(200)
        assert gaussian_entropy(variances, sigma) == pytest.approx(expected, abs=1e-4)
        assert float(EstimandWidth(share).of_samples(7 * x)) == pytest.approx(7 * sigma, rel=1e-4)

    def test_more_dimensions_or_fewer_samples_need_a_wider_kernel(self):
        x = torch.randn(400, 20, generator=torch.Generator().manual_seed(0))
        rule = EstimandWidth(0.5)
        few, many = (float(rule.of_samples(x[:, :d])) for d in (2, 20))
        assert few < many
        assert float(rule.of_samples(x)) < float(rule.of_samples(x[:50]))

    def test_each_set_of_samples_has_its_own_and_nothing_varying_has_one(self):
        x = torch.randn(3, 50, 4, generator=torch.Generator().manual_seed(0))
        x[1] *= 3
        x[2] = 0
        found = EstimandWidth(0.4).of_samples(x)
        assert found.dtype == x.dtype
        assert found[1] == pytest.approx(float(EstimandWidth(0.4).of_samples(x[1])))
        assert found[2] == 1

    def test_refuses_no_share(self):
        with pytest.raises(ValueError, match="share is 0"):
            EstimandWidth(0)
