"""Matrix-based entropy: closed forms, limits, precision, threads."""

import math
import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from ipae_lib import entropy, tridiagonal
from ipae_lib.entropy import joint_gram, mutual_information, renyi_entropy
from ipae_lib.kernels import gaussian_gram

ALPHAS = [0.5, 1 - 1e-9, 1, 1 + 1e-9, 1.01, 1.5, 2, 3, 10, 100]


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def grouped(labels):
    """Gram matrix of samples that are equal within a group and infinitely far across."""
    labels = torch.as_tensor(labels)
    return (labels[:, None] == labels).double() / len(labels)


def discrete_entropy(labels, alpha):
    """Rényi entropy in bits of the shares of the groups, from its definition."""
    _, counts = np.unique(np.asarray(labels), return_counts=True)
    return entropy_of_shares(counts / counts.sum(), alpha)


def entropy_of_shares(p, alpha):
    p = np.asarray(p)
    p = p[p > 0]
    if alpha == 1:
        return float(-(p * np.log2(p)).sum())
    return float(np.log2((p**alpha).sum()) / (1 - alpha))


def from_eigenvalues(gram, alpha):
    """Equation (18) as it stands, by numpy."""
    return entropy_of_shares(np.linalg.eigvalsh(gram.numpy()), alpha)


@pytest.mark.parametrize("n", [1536, entropy.LARGE])
def test_large_matrices_have_the_entropies_of_their_eigenvalues(n):
    gram = gaussian_gram(normal(n, 5), 1.0)
    exact = renyi_entropy(gram.clone().requires_grad_()).item()  # by the eigenvalues
    assert renyi_entropy(gram).item() == pytest.approx(exact, abs=1e-12)
    assert renyi_entropy(gram.float()).item() == pytest.approx(exact, abs=5e-4)


class TestClosedForms:
    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("n", [1, 2, 3, 100, 512])
    def test_samples_that_all_differ_have_log2_n_bits(self, n, alpha):
        value = renyi_entropy(torch.eye(n, dtype=torch.float64) / n, alpha)
        assert value.item() == pytest.approx(math.log2(n), abs=1e-13)

    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("n", [2, 3, 100])
    def test_samples_that_are_all_equal_have_none(self, n, alpha):
        value = renyi_entropy(torch.full((n, n), 1 / n, dtype=torch.float64), alpha)
        # the N − 1 eigenvalues that should be 0 are about 1e-18, and √ of that is not
        assert value.item() == pytest.approx(0, abs=1e-6 if alpha < 0.9 else 1e-12)

    @pytest.mark.parametrize("alpha", ALPHAS)
    @pytest.mark.parametrize("k", [1, 2, 3, 8])
    def test_k_groups_of_equal_size_have_log2_k_bits(self, k, alpha):
        value = renyi_entropy(grouped(torch.arange(24) % k), alpha)
        assert value.item() == pytest.approx(math.log2(k), abs=1e-6 if alpha < 0.9 else 1e-12)

    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_groups_of_any_size_have_the_entropy_of_their_shares(self, alpha):
        labels = [0] * 11 + [1] * 5 + [2] * 2 + [3]
        value = renyi_entropy(grouped(labels), alpha).item()
        # the formula itself loses digits near α = 1, by rounding over |1 − α|
        tolerance = 1e-6 if alpha < 0.9 or abs(alpha - 1) == pytest.approx(1e-9) else 1e-12
        assert value == pytest.approx(discrete_entropy(labels, alpha), abs=tolerance)

    def test_the_least_entropy_is_that_of_the_largest_eigenvalue(self):
        # α → ∞
        labels = [0] * 11 + [1] * 5 + [2] * 2 + [3]
        value = renyi_entropy(grouped(labels), 1e9).item()
        assert value == pytest.approx(-math.log2(11 / 19), abs=1e-8)

    @pytest.mark.parametrize("alpha", [0.7, 1, 1.01, 2, 5])
    def test_equation_18_by_numpy(self, alpha):
        gram = gaussian_gram(normal(40, 5), 1.5)
        # (18) loses a factor 1/|1 − α|, here 100, of digits to rounding
        assert renyi_entropy(gram, alpha).item() == pytest.approx(
            from_eigenvalues(gram, alpha), abs=1e-11
        )

    def test_order_two_is_the_frobenius_norm(self):
        gram = gaussian_gram(normal(4, 60, 5), 1.5)
        norm = torch.linalg.matrix_norm(gram, "fro")
        torch.testing.assert_close(
            renyi_entropy(gram, alpha=2), -torch.log2(norm**2), rtol=0, atol=1e-13
        )

    def test_any_multiple_of_a_gram_matrix_has_its_entropy(self):
        gram = gaussian_gram(normal(30, 3), 1.0)
        assert renyi_entropy(1e6 * gram).item() == pytest.approx(
            renyi_entropy(gram).item(), abs=1e-12
        )

    def test_eigenvalues_that_rounding_made_negative_count_as_0(self):
        broken = torch.diag(torch.tensor([0.75, 0.25, -1e-3], dtype=torch.float64))
        sound = torch.diag(torch.tensor([0.75, 0.25], dtype=torch.float64))
        for alpha in (0.5, 1, 1.01, 2):
            assert renyi_entropy(broken, alpha).item() == pytest.approx(
                renyi_entropy(sound, alpha).item(), abs=1e-15
            )

    def test_the_lower_triangle_is_read(self):
        gram = gaussian_gram(normal(12, 3), 1.0)
        upper = torch.triu(torch.ones_like(gram), diagonal=1)
        assert torch.equal(renyi_entropy(gram + upper), renyi_entropy(gram))

    def test_the_default_order_is_the_papers(self):
        gram = gaussian_gram(normal(20, 3), 1.0)
        assert torch.equal(renyi_entropy(gram), renyi_entropy(gram, alpha=1.01))
        assert torch.equal(
            mutual_information(gram, gram), mutual_information(gram, gram, alpha=1.01)
        )


class TestLimitOfOrderOne:
    GRAM = gaussian_gram(normal(64, 5), 1.5)

    def test_order_one_is_the_von_neumann_entropy(self):
        eigenvalues = np.linalg.eigvalsh(self.GRAM.numpy())
        expected = -(eigenvalues * np.log2(eigenvalues)).sum()
        assert renyi_entropy(self.GRAM, alpha=1).item() == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15])
    @pytest.mark.parametrize("side", [-1, 1])
    def test_it_is_approached_smoothly(self, step, side):
        # dS/dα at 1 is −½ Var(ln λ) / ln 2 with the eigenvalues as probabilities, here −1.25
        eigenvalues = np.linalg.eigvalsh(self.GRAM.numpy())
        log = np.log(eigenvalues)
        mean = (eigenvalues * log).sum()
        slope = -(eigenvalues * (log - mean) ** 2).sum() / (2 * math.log(2))
        alpha = 1 + side * step
        change = renyi_entropy(self.GRAM, alpha) - renyi_entropy(self.GRAM, 1)
        # measured: the next term of the series is 0.29 step², rounding 4e-15
        assert change.item() == pytest.approx((alpha - 1) * slope, abs=0.5 * step**2 + 2e-14)

    def test_the_papers_order_is_near_but_not_the_same(self):
        difference = renyi_entropy(self.GRAM, 1) - renyi_entropy(self.GRAM, 1.01)
        assert 0.01 < difference.item() < 0.015


class TestJointEntropy:
    # two groupings of 24 samples, independent: every pair of groups holds 24 / (3 · 4) of them
    A = torch.arange(24) % 3
    B = torch.arange(24) // 3 % 4

    def test_equation_19(self):
        a, b = gaussian_gram(normal(9, 2), 1.0), gaussian_gram(normal(9, 3, seed=1), 0.5)
        product = a * b
        torch.testing.assert_close(
            joint_gram(a, b), product / torch.trace(product), rtol=1e-14, atol=0
        )

    def test_trace_one(self):
        grams = [gaussian_gram(normal(5, 12, 3, seed=seed), 1.0) for seed in range(3)]
        trace = torch.diagonal(joint_gram(*grams), dim1=-2, dim2=-1).sum(-1)
        torch.testing.assert_close(trace, torch.ones(5, dtype=torch.float64), rtol=0, atol=1e-14)

    def test_order_and_nesting_do_not_matter(self):
        a, b, c = (gaussian_gram(normal(12, 3, seed=seed), 1.0) for seed in range(3))
        together = joint_gram(a, b, c)
        for other in (joint_gram(c, a, b), joint_gram(joint_gram(a, b), c)):
            torch.testing.assert_close(other, together, rtol=1e-13, atol=0)

    def test_one_variable_alone_is_itself(self):
        gram = gaussian_gram(normal(8, 3), 1.0)
        torch.testing.assert_close(joint_gram(3 * gram), gram, rtol=1e-14, atol=0)

    def test_joint_of_gaussian_kernels_is_the_kernel_of_the_concatenation(self):
        x, y = normal(20, 3), normal(20, 5, seed=1)
        stacked = torch.cat([x / 0.7, y / 1.9], dim=1)
        torch.testing.assert_close(
            joint_gram(gaussian_gram(x, 0.7), gaussian_gram(y, 1.9)),
            gaussian_gram(stacked, 1.0),
            rtol=1e-12,
            atol=0,
        )

    @pytest.mark.parametrize("alpha", [1, 1.01, 2, 10])
    def test_independent_groupings_add_and_share_nothing(self, alpha):
        a, b = grouped(self.A), grouped(self.B)
        joint = renyi_entropy(joint_gram(a, b), alpha).item()
        assert joint == pytest.approx(math.log2(3) + 2, abs=1e-12)
        assert mutual_information(a, b, alpha).item() == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize("alpha", [1, 1.01, 2, 10])
    def test_independent_groupings_of_unequal_shares(self, alpha):
        # shares (½, ⅓, ⅙) and (¾, ¼), in every combination
        a = [0] * 12 + [1] * 8 + [2] * 4
        b = ([0] * 9 + [1] * 3) + ([0] * 6 + [1] * 2) + ([0] * 3 + [1])
        expected = discrete_entropy(a, alpha) + discrete_entropy(b, alpha)
        joint = renyi_entropy(joint_gram(grouped(a), grouped(b)), alpha).item()
        assert joint == pytest.approx(expected, abs=1e-11)
        shared = mutual_information(grouped(a), grouped(b), alpha).item()
        assert shared == pytest.approx(0, abs=1e-11)

    @pytest.mark.parametrize("alpha", [1, 1.01, 2, 10])
    def test_a_grouping_shares_all_of_itself(self, alpha):
        labels = [0] * 11 + [1] * 5 + [2] * 2 + [3]
        gram = grouped(labels)
        assert mutual_information(gram, gram, alpha).item() == pytest.approx(
            discrete_entropy(labels, alpha), abs=1e-11
        )

    @pytest.mark.parametrize("alpha", [1, 1.01, 2])
    def test_a_coarser_grouping_is_known_from_the_finer(self, alpha):
        fine = torch.arange(24) % 6
        coarse = fine // 2
        assert mutual_information(grouped(fine), grouped(coarse), alpha).item() == pytest.approx(
            math.log2(3), abs=1e-12
        )

    def test_partly_dependent_groupings_share_what_shannon_says(self):
        # joint shares ⅜ ⅛ ⅛ ⅜: I = 2 + ¾ log₂ ⅜ + ¼ log₂ ⅛
        a = [0] * 4 + [1] * 4
        b = [0, 0, 0, 1, 0, 1, 1, 1]
        expected = 2 + 0.75 * math.log2(3 / 8) + 0.25 * math.log2(1 / 8)
        assert mutual_information(grouped(a), grouped(b), 1).item() == pytest.approx(
            expected, abs=1e-12
        )

    def test_distant_clusters_are_groups(self):
        # far apart beside σ, the Gaussian kernel gives the groups exactly
        labels = torch.tensor([0, 0, 0, 1, 1, 2])
        gram = gaussian_gram(100 * labels[:, None].double(), 1.0)
        torch.testing.assert_close(gram, grouped(labels), rtol=1e-11, atol=0)

    def test_equation_20(self):
        a, b = gaussian_gram(normal(30, 2), 1.0), gaussian_gram(normal(30, 3, seed=1), 0.5)
        expected = (
            from_eigenvalues(a, 1.01)
            + from_eigenvalues(b, 1.01)
            - from_eigenvalues(30 * a * b, 1.01)
        )
        assert mutual_information(a, b).item() == pytest.approx(expected, abs=1e-10)

    def test_symmetric_bit_for_bit(self):
        a, b = gaussian_gram(normal(30, 2), 1.0), gaussian_gram(normal(30, 3, seed=1), 0.5)
        assert torch.equal(mutual_information(a, b), mutual_information(b, a))


class TestPrecision:
    @pytest.mark.parametrize("alpha", [1.01, 10])
    @pytest.mark.parametrize(("d", "sigma"), [(2, 0.3), (32, 4.0), (784, 22.0)])
    def test_single_against_double(self, d, sigma, alpha):
        x, y = normal(512, d), normal(512, d, seed=1) + normal(512, d)
        a, b = gaussian_gram(x, sigma), gaussian_gram(y, sigma)
        a32, b32 = gaussian_gram(x.float(), sigma), gaussian_gram(y.float(), sigma)
        # measured: at most 6e-6 bits
        difference = renyi_entropy(a32, alpha) - renyi_entropy(a, alpha)
        assert abs(difference.item()) <= 2e-5
        difference = mutual_information(a32, b32, alpha) - mutual_information(a, b, alpha)
        assert abs(difference.item()) <= 2e-5
        assert renyi_entropy(a32, alpha).dtype == torch.float32

    @pytest.mark.parametrize("alpha", [3, 7, 50, 1000])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_large_orders_stay_finite(self, dtype, alpha):
        # Σ λ^α = 512^(1−α) is less than the rounding of 1
        value = renyi_entropy(torch.eye(512, dtype=dtype) / 512, alpha).item()
        assert value == pytest.approx(9, abs=10 * 9 * torch.finfo(dtype).eps)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_raised_to_single(self, dtype):
        gram = gaussian_gram(normal(16, 3), 1.0).to(dtype)
        assert renyi_entropy(gram).dtype == torch.float32
        assert torch.equal(renyi_entropy(gram), renyi_entropy(gram.float()))
        assert torch.equal(joint_gram(gram, gram), joint_gram(gram.float(), gram.float()))

    def test_numpy_as_torch(self):
        a, b = gaussian_gram(normal(2, 16, 3), 1.0), gaussian_gram(normal(2, 16, 3, seed=1), 1.0)
        assert torch.equal(renyi_entropy(a.numpy()), renyi_entropy(a))
        assert torch.equal(joint_gram(a.numpy(), b), joint_gram(a, b))
        assert torch.equal(mutual_information(a.numpy(), b.numpy()), mutual_information(a, b))

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
    def test_on_a_gpu(self):
        a, b = gaussian_gram(normal(2, 64, 3), 1.0), gaussian_gram(normal(2, 64, 3, seed=1), 1.0)
        there = mutual_information(a.cuda(), b.cuda())
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), mutual_information(a, b), rtol=0, atol=1e-10)


class TestBatches:
    @pytest.mark.parametrize("leading", [(), (1,), (5,), (2, 3), (2, 1, 3)])
    @pytest.mark.parametrize("alpha", [1, 1.01, 2])
    def test_a_batch_is_one_by_one(self, leading, alpha):
        a = gaussian_gram(normal(*leading, 16, 3), 1.0)
        b = gaussian_gram(normal(*leading, 16, 2, seed=1), 1.0)
        together = mutual_information(a, b, alpha)
        assert together.shape == leading
        alone = [
            mutual_information(*pair, alpha)
            for pair in zip(a.reshape(-1, 16, 16), b.reshape(-1, 16, 16), strict=True)
        ]
        torch.testing.assert_close(together.reshape(-1), torch.stack(alone), rtol=0, atol=1e-13)

    def test_one_variable_against_many(self):
        x = gaussian_gram(normal(16, 3), 1.0)
        layers = gaussian_gram(normal(4, 16, 2, seed=1), 1.0)
        expected = torch.stack([mutual_information(x, layer) for layer in layers])
        torch.testing.assert_close(mutual_information(x, layers), expected, rtol=0, atol=1e-13)

    @pytest.mark.parametrize("leading", [(0,), (0, 3), (2, 0)])
    def test_an_empty_batch_is_an_empty_batch(self, leading):
        assert renyi_entropy(torch.zeros(*leading, 4, 4)).shape == leading


@pytest.fixture
def set_threads():
    """torch.set_num_threads, undone after the test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


class TestThreads:
    @pytest.mark.parametrize("leading", [(), (1,), (3,), (20,), (2, 7)])
    @pytest.mark.parametrize("n", [48, 96])
    def test_the_result_does_not_depend_on_them(self, set_threads, leading, n):
        gram = gaussian_gram(normal(*leading, n, 3), 1.0)
        results = []
        for threads in (1, 2, 3):
            set_threads(threads)
            results.append(renyi_entropy(gram))
        assert torch.equal(results[0], results[1])
        assert torch.equal(results[0], results[2])

    @pytest.mark.parametrize("threads", [1, 2, 3])
    @pytest.mark.parametrize("n", [16, 96, entropy.LARGE + 1])
    def test_their_number_is_left_as_it_was(self, set_threads, threads, n, monkeypatch):
        if n > 96:  # a stand-in for a decomposition of seconds
            monkeypatch.setattr(torch.linalg, "eigvalsh", lambda a: torch.diagonal(a, 0, -2, -1))
        set_threads(threads)
        renyi_entropy((torch.eye(n) / n).expand(4, n, n))
        assert torch.get_num_threads() == threads
        made_later = []
        thread = threading.Thread(target=lambda: made_later.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        assert made_later == [threads]

    def test_their_number_is_left_as_it_was_by_a_failure(self, set_threads, monkeypatch):
        def fail(_):
            raise np.linalg.LinAlgError("did not converge")

        monkeypatch.setattr(tridiagonal, "tridiagonal", fail)
        set_threads(3)
        with pytest.raises(np.linalg.LinAlgError, match="did not converge"):
            renyi_entropy((torch.eye(96) / 96).expand(4, 96, 96))
        assert torch.get_num_threads() == 3

    def test_small_matrices_are_decomposed_by_one_thread_each(self, set_threads, monkeypatch):
        seen = []

        def spy(matrix, reduce=tridiagonal.tridiagonal):
            blas = {i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"}
            seen.append((torch.get_num_threads(), blas))
            return reduce(matrix)

        monkeypatch.setattr(tridiagonal, "tridiagonal", spy)
        set_threads(2)
        with threadpool_limits(2, user_api="blas"):
            renyi_entropy((torch.eye(96) / 96).expand(20, 96, 96))
        # each matrix exactly once
        assert seen == 20 * [(1, {1})]


class TestTheWayThroughTridiagonalForm:
    """On a CPU, of matrices of a medium size; elsewhere and otherwise by eigenvalues."""

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    # not at 0.5, where the eigenvalues count that rounding leaves in place of 0
    @pytest.mark.parametrize("alpha", ALPHAS[1:])
    @pytest.mark.parametrize("n", [64, 200])
    @pytest.mark.parametrize(("d", "sigma"), [(2, 0.3), (2, 30), (30, 4)])
    def test_by_eigenvalues(self, n, d, sigma, alpha, dtype):
        gram = gaussian_gram(normal(n, d), sigma)
        found = renyi_entropy(gram.to(dtype), alpha)
        assert found.dtype == dtype
        # (18) as it stands loses a factor 1/|1 − α| of digits: there its limit is asked for
        limit = abs(alpha - 1) < 1e-6
        exact = from_eigenvalues(gram, 1 if limit else alpha)
        lost = 1 if limit else max(1, 1 / abs(alpha - 1))
        tolerance = 10 * n * torch.finfo(dtype).eps * lost
        assert found.item() == pytest.approx(exact, abs=max(tolerance, 1e-8 if limit else 0))

    @pytest.mark.parametrize("alpha", ALPHAS)
    def test_eigenvalues_that_are_negative_count_as_0(self, alpha):
        values = torch.linspace(0, 1, 80, dtype=torch.float64) ** 3
        rotation, _ = torch.linalg.qr(normal(81, 81))
        broken = torch.cat([torch.tensor([-1e-3], dtype=torch.float64), values])
        gram = rotation @ torch.diag(broken) @ rotation.T
        assert renyi_entropy(gram, alpha).item() == pytest.approx(
            entropy_of_shares(values / values.sum(), alpha), abs=1e-6
        )

    def test_the_lower_triangle_is_read(self):
        gram = gaussian_gram(normal(96, 3), 1.0)
        upper = torch.triu(torch.ones_like(gram), diagonal=1)
        assert torch.equal(renyi_entropy(gram + upper), renyi_entropy(gram))

    def test_the_matrix_is_left_alone(self):
        gram = gaussian_gram(normal(2, 96, 3), 1.0)
        before = gram.clone()
        renyi_entropy(gram)
        assert torch.equal(gram, before)

    def test_gradients_go_through_eigenvalues(self):
        def information(x):
            return mutual_information(gaussian_gram(x, 1.0), gaussian_gram(normal(96, 2), 0.5))

        x = normal(96, 3).requires_grad_()
        (gradient,) = torch.autograd.grad(information(x), x)
        step = 1e-5 * gradient / gradient.norm()
        change = information(x.detach() + step) - information(x.detach() - step)
        assert change.item() == pytest.approx(2e-5 * gradient.norm().item(), rel=1e-4)

    @pytest.mark.parametrize("alpha", [0.5, 1, 1.01, 3, 10])
    def test_gradients_are_finite_at_every_order(self, alpha):
        x = normal(64, 3).requires_grad_()
        (gradient,) = torch.autograd.grad(renyi_entropy(gaussian_gram(x, 0.05), alpha), x)
        assert bool(torch.isfinite(gradient).all())

    @pytest.mark.parametrize("gram", [torch.zeros(96, 96), -torch.eye(96)])
    def test_a_trace_of_0_or_less_is_refused(self, gram):
        with pytest.raises(ValueError, match=r"gram has a trace of 0 or less.*gaussian_gram"):
            renyi_entropy(gram)


class TestBadInput:
    GRAM = torch.eye(4) / 4

    @pytest.mark.parametrize("alpha", [0, -1.01, math.nan, math.inf, "1", None])
    def test_alpha_must_be_positive(self, alpha):
        message = f"alpha is {alpha!r}; it must be a finite number above 0: 1.01 is the paper's"
        with pytest.raises(ValueError, match=message):
            renyi_entropy(self.GRAM, alpha)
        with pytest.raises(ValueError, match=message):
            mutual_information(self.GRAM, self.GRAM, alpha)

    @pytest.mark.parametrize("shape", [(4,), (4, 3), (2, 4, 3), (0, 0)])
    def test_a_gram_matrix_is_square(self, shape):
        written = str(shape).replace("(", r"\(").replace(")", r"\)")
        with pytest.raises(ValueError, match=f"gram has shape {written}; .*gaussian_gram"):
            renyi_entropy(torch.ones(shape))
        with pytest.raises(ValueError, match=f"gram 1 has shape {written}; .*gaussian_gram"):
            joint_gram(self.GRAM, torch.ones(shape))

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_nan_and_infinity_are_refused(self, value):
        gram = torch.eye(4).repeat(2, 1, 1)
        gram[1, 0, 3] = value
        with pytest.raises(ValueError, match=r"gram holds 1 NaN or infinite .* \(1, 0, 3\)"):
            renyi_entropy(gram)
        with pytest.raises(ValueError, match=r"gram 0 holds 1 NaN or infinite .* \(1, 0, 3\)"):
            joint_gram(gram, gram)

    @pytest.mark.parametrize("gram", [torch.zeros(4, 4), -torch.eye(4)])
    def test_a_trace_of_0_or_less_is_refused(self, gram):
        with pytest.raises(ValueError, match=r"gram has a trace of 0 or less.*gaussian_gram"):
            renyi_entropy(gram)

    def test_a_product_without_a_trace_is_refused(self):
        a, b = torch.diag(torch.tensor([1.0, 0])), torch.diag(torch.tensor([0, 1.0]))
        with pytest.raises(ValueError, match=r"product of the grams .* has a trace of 0 or less"):
            joint_gram(a, b)

    def test_grams_of_different_samples_are_refused(self):
        message = "gram 0 holds N = 4 samples and gram 2 holds N = 5; build all of them from"
        with pytest.raises(ValueError, match=message):
            joint_gram(self.GRAM, self.GRAM, torch.eye(5) / 5)
        with pytest.raises(ValueError, match="b N = 5"):
            mutual_information(self.GRAM, torch.eye(5) / 5)

    def test_no_gram_is_refused(self):
        with pytest.raises(ValueError, match="joint_gram got no matrix; give the Gram matrices"):
            joint_gram()

    def test_complex_numbers_are_refused(self):
        with pytest.raises(TypeError, match=r"gram has dtype torch.complex64; give real numbers"):
            renyi_entropy(self.GRAM.cfloat())
