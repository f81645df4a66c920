"""Standardisation, kernel widths, distances and Gram matrices against formulas written anew."""

import math

import numpy as np
import pytest
import torch

from ipae_lib.entropy import renyi_entropy
from ipae_lib.kernels import (
    EntropyShareWidth,
    PreviousWidth,
    ProposedWidth,
    SampleWidth,
    SilvermanWidth,
    gaussian_gram,
    squared_distances,
    standardize,
    varying,
)

EPS32 = torch.finfo(torch.float32).eps


def normal(*shape, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


class TestStandardize:
    @pytest.mark.parametrize("shape", [(7, 3), (4, 7, 3), (2, 3, 7, 1)])
    def test_each_dimension_has_statistics_of_its_own(self, shape):
        x = normal(*shape).numpy() * np.linspace(0.5, 20, shape[-1]) + 3
        mean = x.mean(axis=-2, keepdims=True)
        # ddof=0: the population variance, divided by N
        expected = (x - mean) / np.sqrt(x.var(axis=-2, ddof=0, keepdims=True) + 1e-3)
        np.testing.assert_allclose(standardize(x, eps=1e-3).numpy(), expected, rtol=0, atol=1e-13)
        expected = (x - mean) / np.sqrt(x.var(axis=-2, ddof=0, keepdims=True))
        np.testing.assert_allclose(standardize(x).numpy(), expected, rtol=0, atol=1e-13)

    def test_the_variance_is_divided_by_n_and_not_by_n_minus_1(self):
        # (0, 2) has population variance 1, sample variance 2
        assert standardize(torch.tensor([[0.0], [2.0]])).flatten().tolist() == [-1.0, 1.0]

    @pytest.mark.parametrize("shape", [(7, 4), (3, 7, 4)])
    def test_all_dimensions_as_one_group(self, shape):
        x = normal(*shape).numpy() * np.array([1.0, 5.0, 0.1, 2.0]) + np.arange(4)
        mean = x.mean(axis=(-2, -1), keepdims=True)
        variance = ((x - mean) ** 2).mean(axis=(-2, -1), keepdims=True)
        expected = (x - mean) / np.sqrt(variance)
        np.testing.assert_allclose(standardize(x, "all").numpy(), expected, rtol=0, atol=1e-13)

    @pytest.mark.parametrize(
        "groups",
        [
            [0, 1, 2] * 4,  # channels last
            [0] * 4 + [1] * 4 + [2] * 4,  # channels first
            [7, 0, 7, 0, 3, 3, 3, 0, 7, 7, 7, 7],  # any numbers, groups of different sizes
        ],
    )
    @pytest.mark.parametrize("make", [list, tuple, np.array, torch.tensor])
    def test_channels_share_their_statistics(self, groups, make):
        x = normal(3, 9, 12).numpy() * np.linspace(0.1, 7, 12) - 5
        expected = np.empty_like(x)
        for batch in range(3):
            for group in set(groups):
                columns = [j for j, g in enumerate(groups) if g == group]
                values = x[batch][:, columns]
                expected[batch][:, columns] = (values - values.mean()) / values.std()
        np.testing.assert_allclose(
            standardize(x, make(groups)).numpy(), expected, rtol=0, atol=1e-13
        )

    def test_groups_of_one_and_one_group_of_all_are_the_named_cases(self):
        x = normal(8, 5) * torch.arange(1, 6)
        torch.testing.assert_close(standardize(x, range(5)), standardize(x), rtol=0, atol=1e-14)
        torch.testing.assert_close(
            standardize(x, [4] * 5), standardize(x, "all"), rtol=0, atol=1e-14
        )

    @pytest.mark.parametrize("groups", [None, "all", [0, 0, 1]])
    def test_a_variable_that_never_varies_becomes_zero(self, groups):
        x = torch.full((6, 3), 0.25)
        assert torch.equal(standardize(x, groups), torch.zeros(6, 3))

    def test_a_constant_dimension_adds_to_no_distance(self):
        # 0.1 is no binary fraction, so the mean of many is not exactly 0.1
        x = torch.cat([normal(50, 2, dtype=torch.float32), torch.full((50, 1), 0.1)], dim=1)
        with_constant = squared_distances(standardize(x))
        without = squared_distances(standardize(x[:, :2]))
        torch.testing.assert_close(with_constant, without, rtol=0, atol=4e-6)

    def test_eps_is_added_to_the_variance(self):
        x = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
        assert standardize(x, eps=3.0).flatten().tolist() == [-0.5, 0.5]

    def test_the_samples_stay_as_they_were(self):
        x = normal(5, 2)
        before = x.clone()
        standardize(x)
        assert torch.equal(x, before)

    @pytest.mark.parametrize(
        ("groups", "message"),
        [
            ("channels", r"groups is 'channels'.*'all' or one index"),
            ([0, 1], r"groups is \[0, 1\].*each of the d = 3 dimensions"),
            ([[0, 1, 2]], r"groups is \[\[0, 1, 2\]\].*d = 3"),
            ([0.0, 1.0, 2.0], "2.0\\]; it must be None, 'all' or one index"),
            ([0, -1, 2], "one index, of at least 0"),
        ],
    )
    def test_groups_that_do_not_fit_are_refused(self, groups, message):
        with pytest.raises(ValueError, match=message):
            standardize(normal(4, 3), groups)

    @pytest.mark.parametrize("eps", [-1e-8, math.nan, math.inf])
    def test_eps_is_not_negative(self, eps):
        with pytest.raises(ValueError, match=f"eps is {eps}; it must be a finite number of at"):
            standardize(normal(4, 3), eps=eps)

    @pytest.mark.parametrize("groups", [None, "all", [0, 0, 1]])
    def test_values_whose_square_overflows_are_refused(self, groups):
        # dividing by an infinite standard deviation would turn every sample into 0
        x = normal(4, 3, dtype=torch.float32) * 1e20
        with pytest.raises(ValueError, match=r"x reaches \d\S*e\+20, too large.*float32; rescale"):
            standardize(x, groups, eps=1e-8)

    @pytest.mark.parametrize("groups", [None, "all", [0, 0, 1, 1, 2]])
    @pytest.mark.parametrize("scale", [1e-200, 1e-9, 3.0, 1e200])
    def test_by_default_the_scale_of_the_samples_does_not_matter(self, groups, scale):
        x = normal(9, 5) + 0.5
        torch.testing.assert_close(
            standardize(scale * x, groups), standardize(x, groups), rtol=0, atol=1e-13
        )

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_rounding_is_not_taken_for_variation(self, dtype):
        # 0.1 is no binary fraction: sums of it in another order differ in the last place
        parts = torch.full((50, 7, 3), 0.1, dtype=dtype)
        x = torch.stack([parts[i, torch.randperm(7)].cumsum(0)[-1] for i in range(50)])
        x[::2] *= 1 + 2 * torch.finfo(dtype).eps
        assert not varying(x).any()
        assert not standardize(x).any()

    def test_padding_changes_nothing(self):
        x = normal(2, 30, 6)
        padding = torch.full((2, 30, 4), 0.25)
        padded = torch.cat([x, padding], dim=-1)
        for groups, more in ((None, None), ("all", "all"), ([0, 1] * 3, [0, 1] * 5)):
            torch.testing.assert_close(
                squared_distances(standardize(padded, more)),
                squared_distances(standardize(x, groups)),
                rtol=0,
                atol=1e-12,
            )


class TestVarying:
    def test_which_dimensions_vary(self):
        x = torch.cat([normal(8, 2), torch.full((8, 1), 3.0), 1e-250 * normal(8, 1)], dim=1)
        assert varying(x).tolist() == [True, True, False, True]

    def test_each_batch_has_its_own(self):
        x = torch.zeros(2, 6, 3)
        x[0, 0, 0] = x[1, 2, 1] = 1.0
        assert varying(x).tolist() == [[True, False, False], [False, True, False]]

    def test_nothing_varies_in_zeros(self):
        assert not varying(torch.zeros(4, 2)).any()


class TestWidthRules:
    @pytest.mark.parametrize(
        ("rule", "n", "d", "sigma"),
        [
            # worked out by hand with 30 decimal digits
            (SilvermanWidth(), 256, 4, 0.475289912477070365),
            (SilvermanWidth(), 512, 1, 0.304182170946602880),
            (SilvermanWidth(), 128, 1000, 0.989719061315993806),
            (PreviousWidth(5), 256, 4, 2.5),
            (PreviousWidth(5), 512, 250, 4.87869408863528293),
            (PreviousWidth(25), 512, 32, 21.0224103813428636),
            (PreviousWidth(25), 512, 2, 8.83883476483184405),
            (ProposedWidth(0.8), 256, 4, 0.8),
            (ProposedWidth(0.8), 65536, 12, 1.38564064605510184),
            (ProposedWidth(0.8), 512, 784, 22.2233670080114471),
            (ProposedWidth(2), 128, 100, 19.0883487608998865),
        ],
    )
    def test_values_by_hand(self, rule, n, d, sigma):
        assert rule(n, d) == pytest.approx(sigma, rel=1e-15)
        assert isinstance(rule(n, d), float)

    def test_the_two_rules_meet_at_ten_dimensions_as_in_figure_3(self):
        proposed, previous = ProposedWidth(2), PreviousWidth(2 * math.sqrt(10))
        assert proposed(128, 10) == pytest.approx(previous(128, 10), rel=1e-15)
        assert proposed(128, 100) == pytest.approx(math.sqrt(10) * previous(128, 100), rel=1e-15)

    def test_silvermans_factor_lies_where_the_paper_says(self):
        # the paper discards (4 / (2 + d))^(1 / (4 + d)) because it is within 0.92 … 1.06
        dimensions = (*range(1, 2000), 10**4, 10**6)
        factors = [SilvermanWidth()(128, d) / PreviousWidth(1)(128, d) for d in dimensions]
        assert 0.92 <= min(factors) < 0.93
        assert 1.05 < max(factors) <= 1.06

    def test_rules_are_values(self):
        assert ProposedWidth(0.8) == ProposedWidth(0.8) != ProposedWidth(0.9)
        assert "gamma=0.8" in repr(ProposedWidth(0.8))
        with pytest.raises(AttributeError):
            ProposedWidth(0.8).gamma = 2

    @pytest.mark.parametrize("rule", [PreviousWidth, ProposedWidth])
    @pytest.mark.parametrize("gamma", [0, -1.0, math.nan, math.inf, "5", True, None])
    def test_gamma_must_be_positive(self, rule, gamma):
        with pytest.raises(ValueError, match=f"gamma is {gamma!r}; .* above 0: .* take "):
            rule(gamma)

    @pytest.mark.parametrize("rule", [SilvermanWidth(), PreviousWidth(5), ProposedWidth(0.8)])
    def test_sizes_must_be_whole_numbers(self, rule):
        with pytest.raises(ValueError, match="n is 1; it must be a whole number of at least 2"):
            rule(1, 3)
        with pytest.raises(ValueError, match="d is 0; it must be a whole number of at least 1"):
            rule(8, 0)
        with pytest.raises(ValueError, match=r"n is 8\.0; it must be a whole number"):
            rule(8.0, 3)
        assert rule(np.int64(8), np.int32(3)) == rule(8, 3)


class TestEntropyShareWidth:
    @pytest.mark.parametrize("share", [0.05, 0.4, 0.9, 0.999])
    @pytest.mark.parametrize("n", [2, 50])
    def test_closed_form_of_samples_equally_far_apart(self, n, share):
        # Σ A_ij² = 1/N + (1 − 1/N) exp(−2/σ²) of unit vectors, which lie √2 apart
        others = (n**-share - 1 / n) / (1 - 1 / n)
        expected = math.sqrt(-2 / math.log(others))
        found = EntropyShareWidth(share).of_samples(torch.eye(n, dtype=torch.float64))
        assert float(found) == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize("share", [0.1, 0.4])
    def test_closed_form_of_two_values(self, share):
        # Σ A_ij² = (1 + exp(−D²/σ²)) / 2
        x = torch.tensor([[0.0], [3.0], [3.0], [0.0]], dtype=torch.float64)
        expected = 3 / math.sqrt(-math.log(2 * 4**-share - 1))
        found = EntropyShareWidth(share).of_samples(x)
        assert float(found) == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize("share", [0.1, 0.4, 0.9])
    @pytest.mark.parametrize("d", [1, 10, 1000])
    @pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
    def test_the_share_is_met(self, share, d, scale):
        x = scale * normal(64, d) ** 3
        gram = gaussian_gram(x, float(EntropyShareWidth(share).of_samples(x)))
        assert float(renyi_entropy(gram, alpha=2)) == pytest.approx(share * 6, abs=1e-9)

    def test_follows_the_scale_and_not_the_place(self):
        x, rule = normal(30, 4), EntropyShareWidth(0.4)
        sigma = float(rule.of_samples(x))
        assert float(rule.of_samples(1e3 * x)) == pytest.approx(1e3 * sigma, rel=1e-9)
        assert float(rule.of_samples(x - 7)) == pytest.approx(sigma, rel=1e-9)
        turned = x @ torch.linalg.qr(normal(4, 4, seed=1)).Q
        assert float(rule.of_samples(turned)) == pytest.approx(sigma, rel=1e-9)

    def test_goes_from_wide_to_narrow(self):
        x = normal(40, 3)
        sigma = [float(EntropyShareWidth(s).of_samples(x)) for s in (0.001, 0.2, 0.5, 0.8, 0.999)]
        assert sigma == sorted(sigma, reverse=True)
        assert sigma[0] > 10 > 0.3 > sigma[-1]

    def test_an_outlier_does_not_decide(self):
        x = normal(200, 3)
        before = float(EntropyShareWidth(0.4).of_samples(x))
        x[0] = 1e5
        assert float(EntropyShareWidth(0.4).of_samples(x)) == pytest.approx(before, rel=0.05)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_equal_samples_stay_equal_where_the_share_is_out_of_reach(self, dtype):
        x = normal(8, 5, dtype=dtype).repeat(16, 1)
        gram = gaussian_gram(x, float(EntropyShareWidth(0.9).of_samples(x)))
        # eight values of equal frequency have 3 bits, and 0.9 log₂ 128 is 6.3
        assert float(renyi_entropy(gram, alpha=2)) == pytest.approx(3, abs=1e-2)

    def test_samples_that_never_vary(self):
        assert float(EntropyShareWidth(0.4).of_samples(torch.ones(5, 2))) == 1

    def test_each_set_of_samples_has_its_own_width(self):
        x = normal(2, 3, 20, 4) * torch.tensor([1.0, 1e-3, 50.0])[:, None, None]
        x[0, 0] = 0
        rule = EntropyShareWidth(0.4)
        together = rule.of_samples(x)
        assert together.shape == (2, 3)
        alone = [float(rule.of_samples(own)) for own in x.flatten(0, 1)]
        np.testing.assert_allclose(together.flatten(), alone, rtol=1e-9)

    def test_is_a_rule_of_samples_and_a_value(self):
        assert isinstance(EntropyShareWidth(0.4), SampleWidth)
        assert not isinstance(ProposedWidth(0.8), SampleWidth)
        assert EntropyShareWidth(0.4) == EntropyShareWidth(0.4) != EntropyShareWidth(0.5)

    @pytest.mark.parametrize("share", [0, 1, -0.5, 1.5, math.nan, "0.4", None])
    def test_refuses_a_share_that_is_none(self, share):
        with pytest.raises(ValueError, match=f"share is {share!r}; it must "):
            EntropyShareWidth(share)


class TestSquaredDistances:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("offset", [0.0, 1e3, 1e6])
    @pytest.mark.parametrize("shape", [(200, 20), (3, 40, 1), (2, 2, 30, 300)])
    def test_against_differences_taken_one_by_one(self, dtype, offset, shape):
        x = (normal(*shape) + offset).to(dtype)
        x64 = x.double()
        exact = ((x64.unsqueeze(-2) - x64.unsqueeze(-3)) ** 2).sum(dim=-1)
        error = float((squared_distances(x).double() - exact).abs().max())
        # a product of matrices rounds relative to the norms: measured, at most 5.5 eps of the
        # largest distance (another BLAS adds in another order); without centring it is off by
        # 13 at the offset 1000 in float32
        assert error <= 16 * torch.finfo(dtype).eps * float(exact.max())

    def test_against_torch_cdist(self):
        x = normal(2, 50, 7) + 1000
        there = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
        # of square roots, each distance to a few units in its last place
        torch.testing.assert_close(squared_distances(x), there**2, rtol=0, atol=1e-13)

    def test_symmetric_zero_on_the_diagonal_and_never_negative(self):
        x = normal(3, 150, 70, dtype=torch.float32) * 100 + 1000
        # pairs of next neighbours: norms beside which the distance is rounding, of either sign
        x[:, 1::2] = torch.nextafter(x[:, 0::2], torch.tensor(1e9))
        distances = squared_distances(x)
        assert torch.equal(distances, distances.mT)
        assert torch.equal(torch.diagonal(distances, dim1=-2, dim2=-1), torch.zeros(3, 150))
        assert bool((distances >= 0).all())
        assert float(distances[:, 0, 1].max()) <= 16 * EPS32 * float(distances.max())

    def test_by_hand(self):
        distances = squared_distances(np.array([[0, 0], [3, 4], [0, 1]]))
        expected = torch.tensor([[0, 25, 1], [25, 0, 18], [1, 18, 0]], dtype=torch.float64)
        torch.testing.assert_close(distances, expected, rtol=0, atol=1e-14)

    @pytest.mark.parametrize(("dtype", "scale"), [(torch.float32, 1e20), (torch.float64, 1e200)])
    def test_distances_that_overflow_are_refused(self, dtype, scale):
        with pytest.raises(ValueError, match=r"x reaches \d\S*e\+\d+, too large to be squared"):
            squared_distances(normal(4, 3, dtype=dtype) * scale)


class TestGaussianGram:
    def test_against_the_formula_in_plain_python(self):
        x, sigma = normal(6, 3), 1.3
        gram = gaussian_gram(x, sigma)
        for i in range(6):
            for j in range(6):
                square = sum((float(x[i, k]) - float(x[j, k])) ** 2 for k in range(3))
                expected = math.exp(-square / (2 * sigma**2)) / 6
                assert float(gram[i, j]) == pytest.approx(expected, rel=1e-13)

    def test_the_constant_of_the_kernel_cancels(self):
        # (17) with β = 7 in (21)
        x, sigma = normal(6, 3), 1.3
        kernel = 7 * torch.exp(-squared_distances(x) / (2 * sigma**2))
        diagonal = torch.diagonal(kernel)
        normalised = kernel / torch.sqrt(diagonal[:, None] * diagonal) / 6
        torch.testing.assert_close(gaussian_gram(x, sigma), normalised, rtol=1e-14, atol=0)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_a_gram_matrix(self, dtype):
        gram = gaussian_gram(normal(3, 32, 5, dtype=dtype), 2.0)
        assert gram.shape == (3, 32, 32)
        assert gram.dtype == dtype
        assert torch.equal(gram, gram.mT)
        # 1/32 is a binary fraction, so the trace is exactly 1
        assert torch.equal(torch.diagonal(gram, dim1=-2, dim2=-1), torch.full((3, 32), 1 / 32))
        smallest = float(torch.linalg.eigvalsh(gram.double()).min())
        assert smallest >= -4 * torch.finfo(dtype).eps

    @pytest.mark.parametrize("a", [2.0, 0.125, 1024.0])
    def test_scaling_x_is_dividing_sigma_bit_for_bit(self, a):
        # Sec. III-B; powers of two scale without rounding
        x = normal(20, 4)
        assert torch.equal(gaussian_gram(a * x, 1.7), gaussian_gram(x, 1.7 / a))

    @pytest.mark.parametrize("a", [3.7, 1e-5, 1e5])
    def test_scaling_x_is_dividing_sigma(self, a):
        x = normal(20, 4)
        torch.testing.assert_close(
            gaussian_gram(a * x, 1.7 * a), gaussian_gram(x, 1.7), rtol=1e-13, atol=0
        )

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("sigma", [1e-4, 1e-30, 1e-200, 5e-324])
    def test_a_width_towards_0_gives_the_identity(self, dtype, sigma):
        # exactly: exp underflows to 0 off the diagonal, and 0/σ is 0 however small σ²
        assert torch.equal(
            gaussian_gram(normal(8, 3, dtype=dtype), sigma), torch.eye(8, dtype=dtype) / 8
        )

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("sigma", [1e10, 1e30, 1e200, 1.7e308])
    def test_a_width_towards_infinity_gives_rank_one(self, dtype, sigma):
        assert torch.equal(
            gaussian_gram(normal(8, 3, dtype=dtype), sigma), torch.full((8, 8), 1 / 8, dtype=dtype)
        )

    @pytest.mark.parametrize("sigma", [0, -0.5, math.nan, math.inf, "1", None, True])
    def test_sigma_must_be_positive(self, sigma):
        with pytest.raises(ValueError, match=f"sigma is {sigma!r}; .* above 0: a width rule"):
            gaussian_gram(normal(4, 2), sigma)


FUNCTIONS = [standardize, squared_distances, lambda x: gaussian_gram(x, 1.5)]
FUNCTION_NAMES = ["standardize", "squared_distances", "gaussian_gram"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=FUNCTION_NAMES)
class TestSamples:
    """What the three functions of samples share."""

    @pytest.mark.parametrize("leading", [(), (1,), (3,), (2, 3)])
    def test_a_batch_is_one_by_one(self, function, leading):
        x = normal(*leading, 12, 5) + 4
        together = function(x)
        for i, alone in enumerate(x.reshape(-1, 12, 5)):
            one = function(alone)
            torch.testing.assert_close(together.reshape(-1, *one.shape)[i], one, rtol=0, atol=1e-13)

    @pytest.mark.parametrize("numpy_dtype", ["float32", "float64", "float16", "int32", "bool"])
    def test_numpy_as_torch(self, function, numpy_dtype):
        x = (normal(9, 4).numpy() * 3).astype(numpy_dtype)
        assert torch.equal(function(x), function(torch.from_numpy(x)))

    @pytest.mark.filterwarnings("error")
    def test_numpy_arrays_of_any_layout(self, function):
        x = normal(9, 4).numpy()
        read_only = x.copy()
        read_only.setflags(write=False)
        expected = function(x)
        assert torch.equal(function(read_only), expected)
        assert torch.equal(function(np.asfortranarray(x)), expected)
        assert torch.equal(function(x.astype(">f8")), expected)
        assert torch.equal(function(x[::-1, ::2]), function(x[::-1, ::2].copy()))

    @pytest.mark.parametrize(
        ("dtype", "computed_in"),
        [
            (torch.float16, torch.float32),
            (torch.bfloat16, torch.float32),
            (torch.float32, torch.float32),
            (torch.float64, torch.float64),
            (torch.int64, torch.float64),
            (torch.uint8, torch.float64),
            (torch.bool, torch.float64),
        ],
    )
    def test_the_precision_it_is_computed_in(self, function, dtype, computed_in):
        x = (normal(9, 4) * 3).abs().to(dtype)
        assert function(x).dtype == computed_in
        assert torch.equal(function(x), function(x.to(computed_in)))

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
    def test_on_a_gpu(self, function):
        x = normal(2, 30, 5)
        there = function(x.cuda())
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), function(x), rtol=0, atol=1e-12)

    @pytest.mark.parametrize(
        ("x", "error", "message"),
        [
            (torch.zeros(5), ValueError, r"x has shape \(5,\).*\(\.\.\., N, d\).*x\[:, None\]"),
            (torch.zeros(1, 3), ValueError, r"x has shape \(1, 3\).*N = 1; at least 2 samples"),
            (torch.zeros(4, 0), ValueError, r"x has shape \(4, 0\).*d = 0"),
            (torch.zeros(4, 3).cfloat(), TypeError, "x has dtype torch.complex64; give real"),
            (np.zeros((4, 3), complex), TypeError, "x has dtype complex128.*real numbers"),
            (np.array([["a", "b"]] * 3), TypeError, "x has dtype <U1.*real numbers"),
        ],
    )
    def test_what_is_no_samples_is_refused(self, function, x, error, message):
        with pytest.raises(error, match=message):
            function(x)

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_nan_and_infinity_are_refused(self, function, value):
        x = torch.zeros(2, 4, 3)
        x[1, 2, 0] = x[1, 3, 1] = value
        message = r"x holds 2 NaN or infinite value\(s\), the first at index \(1, 2, 0\); remove"
        with pytest.raises(ValueError, match=message):
            function(x)
