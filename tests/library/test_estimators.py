"""MatrixRenyi: its settings by name, its invariances, its limits."""

import dataclasses
import doctest
import math
import re
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch

from ipae_lib import entropy, estimate, kernels
from ipae_lib.estimators import (
    EntropyEstimator,
    MatrixRenyi,
    PreparedVariable,
    StochasticMatrixRenyi,
    base,
    matrix,
)
from ipae_lib.kernels import (
    EntropyShareWidth,
    PreviousWidth,
    ProposedWidth,
    SilvermanWidth,
    gaussian_gram,
    standardize,
)

PROPOSED = MatrixRenyi(ProposedWidth(2))
PREVIOUS = MatrixRenyi(PreviousWidth(5), standardize=False)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def related(n=40, d=6, seed=0, leading=()):
    """Two variables that share something, each dimension on a scale of its own."""
    x = normal(*leading, n, d, seed=seed)
    y = torch.tanh(x[..., : d // 2]) + 0.3 * normal(*leading, n, d // 2, seed=seed + 100)
    return x * torch.logspace(-0.5, 0.5, d), y * torch.logspace(0, 0.5, d // 2) + 5


def numbers(estimator, x, y):
    """Everything an estimator says of two variables."""
    return torch.stack(
        [
            estimator.entropy(x),
            estimator.entropy(y),
            estimator.joint_entropy(x, y),
            estimator(x, y),
        ]
    )


class TestDefinition:
    @pytest.mark.parametrize("alpha", [1, 1.01, 2])
    @pytest.mark.parametrize("groups", [None, "all"])
    def test_the_parts_put_together_by_hand(self, alpha, groups):
        x, y = related()
        estimator = MatrixRenyi(ProposedWidth(2), alpha=alpha, groups=groups, eps=1e-4)
        a = gaussian_gram(standardize(x, groups, 1e-4), ProposedWidth(2)(40, 6))
        b = gaussian_gram(standardize(y, groups, 1e-4), ProposedWidth(2)(40, 3))
        joint = a * b / torch.trace(a * b)
        expected = [entropy.renyi_entropy(gram, alpha) for gram in (a, b, joint)]
        expected.append(expected[0] + expected[1] - expected[2])
        torch.testing.assert_close(
            numbers(estimator, x, y), torch.stack(expected), rtol=0, atol=1e-13
        )

    def test_without_standardising_the_samples_are_taken_as_they_are(self):
        x, _ = related()
        expected = entropy.renyi_entropy(gaussian_gram(x, PreviousWidth(5)(40, 6)))
        assert torch.equal(PREVIOUS.entropy(x), expected)

    def test_the_defaults_are_the_papers_but_for_scale_and_constant_dimensions(self):
        explicit = MatrixRenyi(
            ProposedWidth(2),
            alpha=1.01,
            standardize=True,
            groups=None,
            eps=0,
            dimensions="varying",
        )
        assert explicit == PROPOSED

    @pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e-4, 1e100])
    def test_scale_does_not_matter(self, scale):
        x, y = related()
        bits = PROPOSED(x, y)
        torch.testing.assert_close(PROPOSED(scale * x, y), bits, rtol=0, atol=1e-11)
        papers = dataclasses.replace(PROPOSED, eps=1e-8, dimensions="all")
        assert abs(float(papers(1e-8 * x, y) - bits)) > 0.5  # what ε does

    @pytest.mark.parametrize(
        "rule", [PreviousWidth(2), ProposedWidth(2), SilvermanWidth(), EntropyShareWidth(0.4)]
    )
    def test_constant_dimensions_do_not_matter(self, rule):
        x, y = related()
        estimator = MatrixRenyi(rule)
        constant = torch.full((*x.shape[:-1], 30), 0.1, dtype=x.dtype)
        padded = torch.cat([constant, x], dim=-1)
        torch.testing.assert_close(estimator(padded, y), estimator(x, y), rtol=0, atol=1e-12)
        counted = dataclasses.replace(estimator, dimensions="all")
        by_samples = isinstance(rule, EntropyShareWidth)
        assert (abs(float(counted(padded, y) - estimator(x, y))) < 1e-12) == by_samples

    def test_each_set_of_samples_has_its_own_number_of_dimensions(self):
        x, y = related()
        dead = x.clone()
        dead[:, 0] = 7.0
        both = PROPOSED(torch.stack([x, dead]), torch.stack([y, y]))
        torch.testing.assert_close(both[0], PROPOSED(x, y), rtol=0, atol=1e-12)
        torch.testing.assert_close(both[1], PROPOSED(dead[:, 1:], y), rtol=0, atol=1e-12)

    def test_a_variable_that_never_varies_has_no_information(self):
        x, y = related()
        assert abs(float(PROPOSED(torch.full_like(x, 0.3), y))) < 1e-12

    def test_calling_it_is_mutual_information(self):
        x, y = related()
        assert torch.equal(PROPOSED(x, y), PROPOSED.__call__(x, y))

    def test_silvermans_rule_is_one_width_a_dimension(self):
        # (26) and the product of one-dimensional Gaussian kernels, by numpy
        x, _ = related(n=30)
        n, d = x.shape
        samples = x.numpy()
        widths = (4 / (2 + d)) ** (1 / (4 + d)) * samples.std(axis=0) * n ** (-1 / (4 + d))
        difference = (samples[:, None] - samples[None]) / widths
        gram = np.exp(-(difference**2).sum(axis=-1) / 2) / n
        estimator = MatrixRenyi(SilvermanWidth(), eps=1e-20)
        np.testing.assert_allclose(estimator.represent(x), gram, rtol=1e-11)

    def test_any_callable_is_a_rule(self):
        x, _ = related()
        fixed = MatrixRenyi(lambda n, d: 3.0, standardize=False)
        assert torch.equal(fixed.represent(x), gaussian_gram(x, 3.0))

    def test_it_offers_its_parts(self):
        assert isinstance(PROPOSED, EntropyEstimator)
        assert not isinstance(lambda x, y: 0.0, EntropyEstimator)
        x, y = related()
        a, b = PROPOSED.represent(x), PROPOSED.represent(y)
        assert torch.equal(PROPOSED.entropy_of(a), PROPOSED.entropy(x))
        assert torch.equal(PROPOSED.entropy_of(PROPOSED.join(a, b)), PROPOSED.joint_entropy(x, y))

    def test_it_is_a_value(self):
        assert MatrixRenyi(PreviousWidth(5)) == MatrixRenyi(PreviousWidth(5))
        with pytest.raises(FrozenInstanceError):
            PROPOSED.alpha = 2

    @pytest.mark.parametrize("module", [kernels, entropy, estimate, base, matrix])
    def test_the_examples_in_the_documentation_run(self, module):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


class TestSettingsByName:
    WIDTHS = {"Z": PreviousWidth(25), "default": PreviousWidth(5)}  # noqa: RUF012

    def test_a_width_for_each_variable(self):
        x, _ = related()
        estimator = MatrixRenyi(self.WIDTHS, standardize=False)
        narrow = MatrixRenyi(PreviousWidth(5), standardize=False)
        wide = MatrixRenyi(PreviousWidth(25), standardize=False)
        assert torch.equal(estimator.entropy(x, "Z"), wide.entropy(x))
        assert torch.equal(estimator.entropy(x, "E1"), narrow.entropy(x))
        assert torch.equal(estimator.entropy(x), narrow.entropy(x))
        assert wide.entropy(x) < narrow.entropy(x)

    def test_a_width_for_each_of_a_pair(self):
        x, y = related()
        estimator = MatrixRenyi(self.WIDTHS, standardize=False)
        a, b = estimator.represent(x, "E1"), estimator.represent(y, "Z")
        expected = entropy.mutual_information(a, b)
        assert torch.equal(estimator(x, y, "E1", "Z"), expected)
        assert torch.equal(estimator(x, y, "E1", "Z"), expected)
        assert torch.equal(estimator(x, y, y_name="Z"), expected)
        assert torch.equal(
            estimator.joint_entropy(x, y, "E1", "Z"),
            entropy.renyi_entropy(entropy.joint_gram(a, b)),
        )
        assert not torch.equal(estimator(x, y, "Z", "E1"), expected)

    def test_groups_for_each_variable(self):
        x, _ = related()
        estimator = MatrixRenyi(ProposedWidth(2), groups={"X": "all", "E1": [0, 0, 0, 1, 1, 1]})
        shared = MatrixRenyi(ProposedWidth(2), groups="all")
        halves = MatrixRenyi(ProposedWidth(2), groups=[0, 0, 0, 1, 1, 1])
        assert torch.equal(estimator.entropy(x, "X"), shared.entropy(x))
        assert torch.equal(estimator.entropy(x, "E1"), halves.entropy(x))
        assert torch.equal(estimator.entropy(x, "Z"), PROPOSED.entropy(x))
        assert torch.equal(estimator.entropy(x), PROPOSED.entropy(x))
        assert len({estimator.entropy(x, name).item() for name in ("X", "E1", "Z")}) == 3

    def test_groups_by_default(self):
        x, _ = related()
        estimator = MatrixRenyi(ProposedWidth(2), groups={"Z": None, "default": "all"})
        shared = MatrixRenyi(ProposedWidth(2), groups="all")
        assert torch.equal(estimator.entropy(x, "Z"), PROPOSED.entropy(x))
        assert torch.equal(estimator.entropy(x, "X"), shared.entropy(x))
        assert torch.equal(estimator.entropy(x), shared.entropy(x))

    def test_the_names_that_have_settings(self):
        estimator = MatrixRenyi(self.WIDTHS, groups={"X": "all", "X_out": "all", "default": None})
        assert estimator.variable_names() == {"Z", "X", "X_out"}
        assert PROPOSED.variable_names() == frozenset()

    def test_a_variable_without_a_width_is_refused(self):
        x, y = related()
        estimator = MatrixRenyi({"X": ProposedWidth(2), "Z": ProposedWidth(2)})
        message = (
            r"no width is set for the variable 'E1'; widths are given for \['X', 'Z'\]: "
            "name one of these, or add the key 'default'"
        )
        with pytest.raises(ValueError, match=message):
            estimator(x, y, "X", "E1")
        with pytest.raises(ValueError, match="no width is set for the variable None"):
            estimator.entropy(x)


class TestWidthOfTheSamples:
    RULE = EntropyShareWidth(0.4)

    def test_looks_at_the_samples_after_standardising(self):
        x, y = related()
        estimator = MatrixRenyi(self.RULE)
        sigma = [float(self.RULE.of_samples(standardize(v))) for v in (x, y)]
        assert sigma[0] != pytest.approx(sigma[1])
        a, b = (gaussian_gram(standardize(v), s) for v, s in zip((x, y), sigma, strict=True))
        expected = float(entropy.mutual_information(a, b))
        assert float(estimator(x, y)) == pytest.approx(expected, abs=1e-9)
        scaled = float(estimator(1e3 * x, y - 5))
        assert scaled == pytest.approx(expected, abs=1e-6)  # ε of (29) is no scale of x

    def test_batches_are_estimated_one_by_one(self):
        x, _ = related()
        batches = torch.stack([x, 3 * x**3, x.flip(0).cumsum(0)])
        found = MatrixRenyi(self.RULE).entropy(batches)
        alone = [float(MatrixRenyi(self.RULE).entropy(own)) for own in batches]
        assert found.tolist() == pytest.approx(alone, abs=1e-9)

    def test_beside_other_rules(self):
        x, _ = related()
        estimator = MatrixRenyi({"Z": self.RULE, "default": ProposedWidth(2)})
        assert torch.equal(estimator.entropy(x), PROPOSED.entropy(x))
        assert torch.equal(estimator.entropy(x, "Z"), MatrixRenyi(self.RULE).entropy(x))
        assert not torch.equal(estimator.entropy(x, "Z"), PROPOSED.entropy(x))

    def test_is_refused_where_not_all_pairs_are_looked_at(self):
        with pytest.raises(ValueError, match=r"'Z' is .*all pairs of samples; use MatrixRenyi"):
            StochasticMatrixRenyi({"default": ProposedWidth(2), "Z": self.RULE})


class CountingEstimator:
    """Entropies of one-dimensional integers, which add; says what it was asked."""

    def __init__(self):
        self.asked = []

    def represent(self, x, name=None):
        self.asked.append(("represent", name))
        return float(x.sum())

    def join(self, a, b):
        return max(a, b)

    def entropy_of(self, representation):
        self.asked.append(("entropy", representation))
        return representation

    def variable_names(self):
        return frozenset()


class TestPreparedVariable:
    @pytest.mark.parametrize(
        "estimator",
        [
            PROPOSED,
            MatrixRenyi({"X": PreviousWidth(3), "default": ProposedWidth(2)}, groups={"Z": "all"}),
            StochasticMatrixRenyi(ProposedWidth(2)),
        ],
        ids=["proposed", "by name", "stochastic"],
    )
    def test_gives_what_the_estimator_gives(self, estimator):
        x, y = related(leading=(2,))
        a, b = PreparedVariable(estimator, x, "X"), PreparedVariable(estimator, y, "Z")
        assert torch.equal(a.entropy, estimator.entropy(x, "X"))
        assert torch.equal(a.information_with(b), estimator(x, y, "X", "Z"))
        assert torch.equal(a.self_information, estimator(x, x, "X", "X"))

    def test_each_variable_is_prepared_once_whatever_its_pairs(self):
        estimator = CountingEstimator()
        x, y, z = (
            PreparedVariable(estimator, torch.full((2, 1), float(value)), name)
            for name, value in (("X", 1), ("Y", 2), ("Z", 3))
        )
        assert [x.information_with(y), x.information_with(z)] == [2, 2]
        assert [x.self_information, x.self_information] == [2, 2]
        assert [what for what in estimator.asked if what[0] == "represent"] == [
            ("represent", name) for name in "XYZ"
        ]
        entropies = [value for what, value in estimator.asked if what == "entropy"]
        assert entropies == [2, 4, 6, 4, 6, 2]  # three alone, two pairs, X with itself once


class TestInvariance:
    # measured: rounding moves these numbers by at most 5e-15 bits
    TOLERANCE = 1e-13

    @pytest.mark.parametrize("estimator", [PROPOSED, PREVIOUS], ids=["proposed", "previous"])
    def test_to_the_order_of_the_samples(self, estimator):
        x, y = related()
        order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
        torch.testing.assert_close(
            numbers(estimator, x[order], y[order]),
            numbers(estimator, x, y),
            rtol=0,
            atol=self.TOLERANCE,
        )

    def test_but_not_to_breaking_the_pairs(self):
        x, y = related()
        assert PROPOSED(x, y) - PROPOSED(x, y.roll(1, dims=0)) > 0.1

    @pytest.mark.parametrize("estimator", [PROPOSED, PREVIOUS], ids=["proposed", "previous"])
    def test_to_the_order_and_sign_of_the_dimensions(self, estimator):
        x, y = related()
        torch.testing.assert_close(
            numbers(estimator, -x.flip(-1), y),
            numbers(estimator, x, y),
            rtol=0,
            atol=self.TOLERANCE,
        )

    @pytest.mark.parametrize("estimator", [PROPOSED, PREVIOUS], ids=["proposed", "previous"])
    @pytest.mark.parametrize("shift", [1.0, -1e3, 1e6])
    def test_to_a_shift_of_any_dimension(self, estimator, shift):
        x, y = related()
        shifted = x + shift * torch.arange(6)
        # adding 1e6 rounds the samples themselves, to 1e-10: measured, 3e-11 bits
        tolerance = self.TOLERANCE * max(1, abs(shift))
        torch.testing.assert_close(
            numbers(estimator, shifted, y), numbers(estimator, x, y), rtol=0, atol=tolerance
        )

    def test_to_a_rotation_without_standardising(self):
        x, y = related()
        rotation, _ = torch.linalg.qr(normal(6, 6, seed=9))
        torch.testing.assert_close(
            numbers(PREVIOUS, x @ rotation, y), numbers(PREVIOUS, x, y), rtol=0, atol=1e-12
        )

    def test_to_the_scale_of_any_dimension_when_standardised(self):
        x, y = related()
        scales = torch.tensor([1.0, 1e3, 7.0, 1e-1, 1e6, 30.0], dtype=torch.float64)
        # ε is no part of the invariance, so it is made negligible beside every variance
        exact = MatrixRenyi(ProposedWidth(2), eps=1e-30)
        torch.testing.assert_close(
            numbers(exact, x * scales, y), numbers(exact, x, y), rtol=0, atol=self.TOLERANCE
        )

    def test_the_papers_epsilon_costs_little_of_it(self):
        # a relative change of each variance by ε/σ̂² = 1e-8: measured, 1.3e-8 bits
        x, y = related()
        x = x / x.std(dim=0, correction=0)
        torch.testing.assert_close(
            numbers(PROPOSED, x * 1e3, y), numbers(PROPOSED, x, y), rtol=0, atol=3e-8
        )

    def test_a_group_keeps_the_scales_within_it(self):
        x, y = related()
        shared = MatrixRenyi(ProposedWidth(2), groups="all", eps=1e-30)
        torch.testing.assert_close(
            numbers(shared, 100 * x, y), numbers(shared, x, y), rtol=0, atol=self.TOLERANCE
        )
        stretched = x * torch.logspace(0, 1, 6)
        assert (shared.entropy(stretched) - shared.entropy(x)).abs() > 0.1

    @pytest.mark.parametrize("a", [0.25, 8.0])
    def test_without_standardising_a_scale_is_a_narrower_width(self, a):
        # Sec. III-B: aX under σ is X under σ/a, bit for bit for powers of two
        x, _ = related()
        narrower = MatrixRenyi(PreviousWidth(5 / a), standardize=False)
        assert torch.equal(PREVIOUS.entropy(a * x), narrower.entropy(x))

    def test_without_standardising_the_estimate_grows_with_the_scale(self):
        x, y = normal(40, 3), normal(40, 3, seed=1)
        estimates = [PREVIOUS(a * x, a * y).item() for a in (0.1, 1, 10, 100)]
        assert estimates == sorted(estimates)
        assert estimates[0] < 0.01
        assert estimates[-1] > 5.2

    def test_symmetric_bit_for_bit(self):
        x, y = related()
        assert torch.equal(PROPOSED(x, y), PROPOSED(y, x))
        assert torch.equal(PROPOSED.joint_entropy(x, y), PROPOSED.joint_entropy(y, x))


class TestLimits:
    """Equations (22) to (25), for both rules."""

    ESTIMATORS = pytest.mark.parametrize(
        ("rule", "standardized"), [(ProposedWidth, True), (PreviousWidth, False)]
    )

    @ESTIMATORS
    @pytest.mark.parametrize("gamma", [1e-3, 1e-30, 1e-200])
    def test_towards_0_every_sample_differs(self, rule, standardized, gamma):
        x, y = related()
        estimator = MatrixRenyi(rule(gamma), standardize=standardized)
        # (22), and (23): every entropy, the joint one too, and so what is shared, is log₂ N
        torch.testing.assert_close(
            numbers(estimator, x, y),
            torch.full((4,), math.log2(40), dtype=torch.float64),
            rtol=0,
            atol=1e-12,
        )

    @ESTIMATORS
    @pytest.mark.parametrize("gamma", [1e9, 1e30, 1e200])
    def test_towards_infinity_all_samples_are_equal(self, rule, standardized, gamma):
        x, y = related()
        estimator = MatrixRenyi(rule(gamma), standardize=standardized)
        # (24) and (25); measured: 2e-14
        torch.testing.assert_close(
            numbers(estimator, x, y), torch.zeros(4, dtype=torch.float64), rtol=0, atol=1e-11
        )

    @ESTIMATORS
    def test_in_between_the_entropy_falls(self, rule, standardized):
        x, _ = related()
        gammas = (1e-2, 0.1, 0.5, 1, 5, 20, 100, 1000)
        values = [
            MatrixRenyi(rule(gamma), standardize=standardized).entropy(x).item() for gamma in gammas
        ]
        assert values == sorted(values, reverse=True)
        assert any(1 < value < math.log2(40) - 1 for value in values)


class TestPrecision:
    @pytest.mark.parametrize(("n", "d"), [(128, 10), (128, 1000), (512, 784)])
    def test_single_against_double(self, n, d):
        x, y = normal(n, d), 0.5 * normal(n, d) + normal(n, d, seed=1)
        # measured: at most 2e-6 bits
        torch.testing.assert_close(
            numbers(PROPOSED, x.float(), y.float()).double(),
            numbers(PROPOSED, x, y),
            rtol=0,
            atol=1e-5,
        )

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_computed_in_single(self, dtype):
        x, y = (v.to(dtype) for v in (normal(128, 10), normal(128, 4, seed=1)))
        halves = numbers(PROPOSED, x, y)
        assert halves.dtype == torch.float32
        assert torch.equal(halves, numbers(PROPOSED, x.float(), y.float()))
        # the samples themselves are rounded to 8 binary digits or more: measured, 3e-5 bits
        exact = numbers(PROPOSED, normal(128, 10), normal(128, 4, seed=1))
        torch.testing.assert_close(halves.double(), exact, rtol=0, atol=1e-4)

    def test_numpy_as_torch(self):
        x, y = related(leading=(2,))
        there = numbers(PROPOSED, x, y)
        assert torch.equal(numbers(PROPOSED, x.numpy(), y.numpy()), there)
        assert torch.equal(numbers(PROPOSED, x.numpy(), y), there)

    def test_the_two_variables_may_differ_in_precision(self):
        x, y = related()
        there = PROPOSED(x, y)
        assert PROPOSED(x.float(), y).item() == pytest.approx(there.item(), abs=1e-5)

    @pytest.mark.parametrize("leading", [(1,), (4,), (2, 3)])
    def test_a_batch_is_one_by_one(self, leading):
        x, y = related(leading=leading)
        together = numbers(PROPOSED, x, y)
        assert together.shape == (4, *leading)
        alone = [
            numbers(PROPOSED, *pair)
            for pair in zip(x.reshape(-1, 40, 6), y.reshape(-1, 40, 3), strict=True)
        ]
        torch.testing.assert_close(
            together.reshape(4, -1), torch.stack(alone, dim=1), rtol=0, atol=2e-13
        )

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
    def test_on_a_gpu(self):
        x, y = related(leading=(2,))
        there = numbers(PROPOSED, x.cuda(), y.cuda())
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), numbers(PROPOSED, x, y), rtol=0, atol=1e-10)


class TestBadInput:
    X = normal(8, 3)

    @pytest.mark.parametrize("alpha", [0, -1, math.nan, math.inf, "1"])
    def test_alpha(self, alpha):
        with pytest.raises(ValueError, match=f"alpha is {alpha!r}; .* above 0: 1.01 is the paper"):
            MatrixRenyi(ProposedWidth(2), alpha=alpha)

    @pytest.mark.parametrize("eps", [-1e-8, math.nan])
    def test_eps(self, eps):
        with pytest.raises(ValueError, match=f"eps is {eps!r}; it must be a finite number of at"):
            MatrixRenyi(ProposedWidth(2), eps=eps)

    def test_dimensions(self):
        with pytest.raises(ValueError, match="dimensions is 'live'; it must be 'varying' or"):
            MatrixRenyi(ProposedWidth(2), dimensions="live")

    def test_gamma(self):
        with pytest.raises(ValueError, match=r"gamma is -0\.8; .*above 0"):
            MatrixRenyi(ProposedWidth(-0.8))

    @pytest.mark.parametrize("width", [0.8, None, "silverman", ProposedWidth])
    def test_a_width_is_a_rule(self, width):
        shown = re.escape(repr(width))
        with pytest.raises(ValueError, match=f"width of 'width' is {shown}; give a rule such"):
            MatrixRenyi(width)
        with pytest.raises(ValueError, match=f"width of 'Z' is {shown}; give a rule such"):
            MatrixRenyi({"default": ProposedWidth(2), "Z": width})

    @pytest.mark.parametrize("sigma", [0, -1.0, math.nan])
    def test_a_rule_gives_a_positive_width(self, sigma):
        with pytest.raises(ValueError, match=f"sigma is {sigma!r}; .*a width rule such as"):
            MatrixRenyi(lambda n, d: sigma).entropy(self.X)

    def test_silvermans_rule_needs_standardised_samples(self):
        message = "SilvermanWidth is in units .*; use it with standardize=True"
        with pytest.raises(ValueError, match=message):
            MatrixRenyi(SilvermanWidth(), standardize=False)
        with pytest.raises(ValueError, match=message):
            MatrixRenyi({"X": SilvermanWidth(), "default": PreviousWidth(5)}, standardize=False)

    @pytest.mark.parametrize("method", ["__call__", "joint_entropy"])
    class TestPairs:
        X = normal(8, 3)

        def test_the_same_number_of_samples(self, method):
            call = getattr(PROPOSED, method)
            with pytest.raises(ValueError, match=r"x has 8 samples and y has 7; .*pairs"):
                call(self.X, self.X[:7])
            with pytest.raises(ValueError, match="X has 8 samples and Z has 7"):
                call(self.X, self.X[:7], "X", "Z")

        def test_the_same_batches(self, method):
            message = r"x has batch dimensions \(2,\) and y has \(\); give both the same batches"
            with pytest.raises(ValueError, match=message):
                getattr(PROPOSED, method)(self.X.expand(2, 8, 3), self.X)

        def test_numbers(self, method):
            broken = self.X.clone()
            broken[5, 1] = math.nan
            call = getattr(PROPOSED, method)
            message = r"y holds 1 NaN or infinite .* at index \(5, 1\); remove those samples"
            with pytest.raises(ValueError, match=message):
                call(self.X, broken)
            with pytest.raises(ValueError, match="E2 holds 1 NaN"):
                call(broken, self.X, "E2", "Z")

    def test_at_least_two_samples(self):
        with pytest.raises(ValueError, match=r"x has shape .*N = 1; at least 2 samples"):
            PROPOSED.entropy(self.X[:1])
        with pytest.raises(ValueError, match=r"Z has shape .*N = 1; at least 2 samples"):
            PROPOSED.entropy(self.X[:1], "Z")

    def test_groups_that_do_not_fit(self):
        with pytest.raises(ValueError, match=r"groups is \[0, 1\].*d = 3 dimensions"):
            MatrixRenyi(ProposedWidth(2), groups={"X": [0, 1]}).entropy(self.X, "X")
