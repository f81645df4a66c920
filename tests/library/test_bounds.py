"""What holds for any samples, widths and orders, tried on many.

The mixture (1/N) Σ |ψᵢφᵢ⟩⟨ψᵢφᵢ| of product states has the spectrum of N A ∘ B, and its parts
have those of A and B. So what is known of separable states is known of these entropies:
S(A, B) is at least S(A) and S(B) at any order, and at most S(A) + S(B) at order 1.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ipae_lib.entropy import joint_gram, mutual_information, renyi_entropy
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import (
    PreviousWidth,
    ProposedWidth,
    SilvermanWidth,
    gaussian_gram,
    squared_distances,
    standardize,
)

properties = settings(deadline=None, derandomize=True, max_examples=60)

# rounding: measured, at most 2e-14 bits for matrices of this size; at low orders an eigenvalue
# of 1e-17 that should be 0 counts, at order ½ as its root
TOLERANCE = 1e-12
LOW_ORDER_TOLERANCE = 1e-6

# small whole numbers make equal samples and constant dimensions
values = st.one_of(
    st.integers(-3, 3).map(float), st.floats(-100, 100, allow_subnormal=False, width=32)
)
samples = arrays(np.float64, st.tuples(st.integers(2, 10), st.integers(1, 4)), elements=values)
widths = st.floats(-3, 3).map(lambda exponent: 10.0**exponent)
orders = st.one_of(st.just(1), st.just(1.01), st.just(2), st.floats(0.5, 1.5), st.floats(1.5, 50))


@st.composite
def pairs(draw):
    n = draw(st.integers(2, 10))
    x, y = (draw(arrays(np.float64, (n, draw(st.integers(1, 4))), elements=values)) for _ in "xy")
    return x, y


def tolerance(order):
    return LOW_ORDER_TOLERANCE if order < 0.9 else TOLERANCE


class TestEntropy:
    @properties
    @given(samples, widths, orders)
    def test_between_0_and_log2_n(self, x, sigma, order):
        value = renyi_entropy(gaussian_gram(x, sigma), order).item()
        assert -TOLERANCE <= value <= math.log2(len(x)) + TOLERANCE

    @properties
    @given(samples, widths, orders)
    def test_at_most_log2_of_the_different_samples(self, x, sigma, order):
        different = len({tuple(row) for row in x.tolist()})
        value = renyi_entropy(gaussian_gram(x, sigma), order).item()
        assert value <= math.log2(different) + tolerance(order)

    @properties
    @given(samples, widths, orders, orders)
    def test_falls_with_the_order(self, x, sigma, one, other):
        gram = gaussian_gram(x, sigma)
        low, high = sorted((one, other))
        assert renyi_entropy(gram, low) >= renyi_entropy(gram, high) - tolerance(high)

    @properties
    @given(samples, widths, widths, orders)
    def test_falls_with_the_width(self, x, one, other, order):
        narrow, wide = sorted((one, other))
        entropies = [renyi_entropy(gaussian_gram(x, sigma), order) for sigma in (narrow, wide)]
        assert entropies[0] >= entropies[1] - tolerance(order)

    @properties
    @given(samples, widths, orders, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_samples(self, x, sigma, order, random):
        shuffled = x.tolist()
        random.shuffle(shuffled)
        difference = renyi_entropy(gaussian_gram(x, sigma), order) - renyi_entropy(
            gaussian_gram(np.array(shuffled), sigma), order
        )
        assert abs(difference.item()) <= tolerance(order)


class TestMutualInformation:
    @properties
    @given(pairs(), widths, widths, orders)
    def test_at_most_either_entropy(self, pair, sigma_x, sigma_y, order):
        a, b = (gaussian_gram(*v) for v in zip(pair, (sigma_x, sigma_y), strict=True))
        bound = min(renyi_entropy(a, order), renyi_entropy(b, order))
        assert mutual_information(a, b, order) <= bound + 3 * tolerance(order)

    @properties
    @given(pairs(), widths, widths)
    def test_not_below_0_at_order_one(self, pair, sigma_x, sigma_y):
        a, b = (gaussian_gram(*v) for v in zip(pair, (sigma_x, sigma_y), strict=True))
        assert mutual_information(a, b, alpha=1).item() >= -TOLERANCE

    @pytest.mark.parametrize(
        ("alpha", "n", "sizes", "bits"),
        [(2, 10, (2, 2, 0), -0.07164), (1.01, 512, (26, 42, 2), -1.3e-5)],
    )
    def test_but_it_can_be_below_0_at_other_orders(self, alpha, n, sizes, bits):
        # the paper says [0, log N], which Rényi entropy keeps at order 1 only: samples of two
        # groupings, `sizes` of them in group 1 of the first, of the second, and of both
        first, second, both = sizes
        x, y = torch.zeros(n, 1), torch.zeros(n, 1)
        x[:first] = 100
        y[first - both : first - both + second] = 100
        a, b = gaussian_gram(x.double(), 1.0), gaussian_gram(y.double(), 1.0)

        def discrete(*counts):
            shares = np.array([count for count in counts if count]) / n
            return np.log2((shares**alpha).sum()) / (1 - alpha)

        by_definition = (
            discrete(first, n - first)
            + discrete(second, n - second)
            - discrete(both, first - both, second - both, n - first - second + both)
        )
        assert by_definition == pytest.approx(bits, rel=0.01)
        found = mutual_information(a, b, alpha).item()
        assert found == pytest.approx(by_definition, abs=1e-11)
        assert mutual_information(a, b, alpha=1).item() > 0

    @properties
    @given(pairs(), widths, widths, orders)
    def test_symmetric(self, pair, sigma_x, sigma_y, order):
        a, b = (gaussian_gram(*v) for v in zip(pair, (sigma_x, sigma_y), strict=True))
        assert torch.equal(mutual_information(a, b, order), mutual_information(b, a, order))

    @properties
    @given(samples, widths, orders)
    def test_of_a_variable_with_itself(self, x, sigma, order):
        # 2 S(A) − S(A, A), and A ∘ A is the Gram matrix of a width less by √2
        gram = gaussian_gram(x, sigma)
        expected = 2 * renyi_entropy(gram, order) - renyi_entropy(
            gaussian_gram(x, sigma / math.sqrt(2)), order
        )
        found = mutual_information(gram, gram, order)
        assert abs((found - expected).item()) <= 3 * tolerance(order)

    @properties
    @given(pairs(), widths, widths, orders)
    def test_joint_entropy_is_at_least_either_and_at_most_log2_n(
        self, pair, sigma_x, sigma_y, order
    ):
        a, b = (gaussian_gram(*v) for v in zip(pair, (sigma_x, sigma_y), strict=True))
        joint = renyi_entropy(joint_gram(a, b), order).item()
        parts = [renyi_entropy(gram, order).item() for gram in (a, b)]
        assert max(parts) - tolerance(order) <= joint
        assert joint <= math.log2(len(a)) + TOLERANCE


class TestEstimator:
    @properties
    @given(pairs(), st.sampled_from([ProposedWidth, PreviousWidth]), widths, st.booleans())
    def test_bounds(self, pair, rule, gamma, standardized):
        x, y = pair
        estimator = MatrixRenyi(rule(gamma), alpha=1, standardize=standardized)
        shared, joint = estimator(x, y).item(), estimator.joint_entropy(x, y).item()
        own = [estimator.entropy(v).item() for v in pair]
        top = math.log2(len(x))
        assert -TOLERANCE <= shared <= min(own) + TOLERANCE
        assert max(own) - TOLERANCE <= joint <= min(top, sum(own)) + TOLERANCE
        assert shared == pytest.approx(sum(own) - joint, abs=TOLERANCE)

    @properties
    @given(samples, st.lists(st.integers(-8, 8), min_size=4, max_size=4), st.integers(-50, 50))
    def test_standardised_it_knows_no_scale_and_no_origin(self, x, exponents, shift):
        # powers of two do not round; ε only matters where a variance is next to nothing
        scale = 2.0 ** np.array(exponents[: x.shape[1]])
        estimator = MatrixRenyi(ProposedWidth(0.8), alpha=1, eps=1e-30)
        x = np.round(x, 2)
        difference = estimator.entropy(x) - estimator.entropy(scale * (x + shift))
        # adding the shift rounds differences of 0.01 to 1e-14, relatively 1e-12
        assert abs(difference.item()) <= 1e-10

    @properties
    @given(array_shapes(min_dims=0, max_dims=3, max_side=3), st.integers(2, 6), st.integers(1, 3))
    def test_any_leading_shape_is_one_by_one(self, leading, n, d):
        generator = torch.Generator().manual_seed(n)
        x = torch.randn(*leading, n, d, generator=generator, dtype=torch.float64)
        y = torch.randn(*leading, n, 2, generator=generator, dtype=torch.float64)
        estimator = MatrixRenyi(ProposedWidth(2))
        together = estimator(x, y)
        assert together.shape == leading
        for index in np.ndindex(*leading):
            alone = estimator(x[index], y[index])
            assert abs((together[index] - alone).item()) <= TOLERANCE


class TestKernels:
    @properties
    @given(samples)
    def test_standardised_samples(self, x):
        z = standardize(x, eps=1e-8)
        assert torch.all(z.mean(dim=0).abs() <= 1e-10)
        variance = torch.from_numpy(x.var(axis=0))
        expected = variance / (variance + 1e-8)
        torch.testing.assert_close(z.var(dim=0, correction=0), expected, rtol=0, atol=1e-9)

    @properties
    @given(samples)
    def test_distances(self, x):
        distances = squared_distances(x)
        naive = ((x[:, None] - x[None]) ** 2).sum(axis=-1)
        largest = max(float(naive.max()), 1e-300)
        assert np.abs(distances.numpy() - naive).max() <= 16 * np.finfo(float).eps * largest
        assert torch.equal(distances, distances.mT)
        assert not torch.diagonal(distances).any()

    @properties
    @given(samples, widths)
    def test_gram_matrices(self, x, sigma):
        gram = gaussian_gram(x, sigma)
        assert bool(((gram >= 0) & (gram <= 1 / len(x))).all())
        assert torch.trace(gram).item() == pytest.approx(1, abs=1e-15)
        assert torch.linalg.eigvalsh(gram).min().item() >= -1e-15

    @properties
    @given(st.integers(2, 10**6), st.integers(1, 10**6), st.floats(1e-3, 1e3))
    def test_width_rules(self, n, d, gamma):
        silverman, previous = SilvermanWidth()(n, d), PreviousWidth(gamma)(n, d)
        assert 0 < previous <= gamma
        assert ProposedWidth(gamma)(n, d) == pytest.approx(math.sqrt(d) * previous, rel=1e-14)
        assert 0.92 * previous / gamma <= silverman <= 1.06 * previous / gamma
        # more samples, narrower; more dimensions, less so
        assert PreviousWidth(gamma)(2 * n, d) < previous < PreviousWidth(gamma)(n, 2 * d)
