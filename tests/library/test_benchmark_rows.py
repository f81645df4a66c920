"""The benchmark's own estimators, against closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.special import entr
from scipy.stats import norm

from ipae_lib import discrete, kernels, toys
from ipae_lib.benchmark import adapters, cheats, rows
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.estimators.binning import AdaptiveBins, EqualBins
from ipae_lib.estimators.gaussian import CanonicalCorrelations
from ipae_lib.estimators.neighbours import NearestNeighbours
from ipae_lib.estimators.neural import NeuralBound, donsker_varadhan, info_nce
from ipae_lib.estimators.pairwise import PairwiseLower, PairwiseUpper
from ipae_lib.kernels import MedianWidth, ProposedWidth


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def gaussians(n, d, bits, seed=0):
    rho = math.sqrt(1 - 2 ** (-2 * bits / d))
    return toys.correlated_gaussians(n, d, rho, generator(seed))


HONEST = rows.honest_rows()


@pytest.mark.parametrize("name", HONEST)
def test_every_row_estimates_and_leaves_its_input(name):
    x, y = gaussians(64, 2, 1.0)
    before = x.clone(), y.clone()
    bits = float(HONEST[name].estimator(x, y))
    assert math.isfinite(bits)
    assert bits == float(HONEST[name].estimator(x, y))
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])


@pytest.mark.parametrize("name", HONEST)
def test_every_row_refuses_pairs_that_are_none(name):
    with pytest.raises(ValueError, match="60"):
        HONEST[name].estimator(torch.randn(64, 2), torch.randn(60, 2))


class TestBins:
    @pytest.mark.parametrize("estimator", [EqualBins(30), AdaptiveBins(30)])
    def test_on_discrete_values_are_counting(self, estimator):
        images = discrete.all_binary_images(4)
        coarse = images[:, :2].sum(dim=1, keepdim=True)
        exact = discrete.discrete_mutual_information(images, coarse)
        assert exact == 1.5
        assert estimator(images, coarse) == pytest.approx(exact, abs=1e-12)
        assert estimator(images, images) == pytest.approx(4, abs=1e-12)

    def test_equal_bins_are_equally_wide(self):
        np.testing.assert_allclose(EqualBins(4)._edges(np.array([0.0, 1.0, 8.0])), [2, 4, 6])

    def test_adaptive_bins_hold_equally_many_different_values(self):
        values = np.concatenate([np.repeat(0.5, 1000), np.arange(1, 100) ** 2.0])
        edges = AdaptiveBins(10)._edges(values)
        count = np.unique(np.digitize(np.unique(values), edges), return_counts=True)[1]
        assert count.tolist() == [10] * 10

    def test_saturate_at_log_n_for_continuous_vectors(self):
        x, y = torch.randn(2, 128, 8, generator=generator())
        assert EqualBins(30)(x, y) == pytest.approx(7)

    def test_refuse_one_bin(self):
        with pytest.raises(ValueError, match="bins is 1"):
            EqualBins(1)


def mixture_information(values, sigma):
    """Bits that a value, each equally likely, shares with itself plus normal noise."""
    y = np.linspace(values.min() - 9 * sigma, values.max() + 9 * sigma, 20_001)
    density = norm.pdf(y[:, None], values, sigma).mean(axis=1)
    nats = np.trapezoid(entr(density), y) - norm.entropy(scale=sigma)
    return nats / math.log(2)


class TestPairwise:
    @pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
    def test_bounds_bracket_a_gaussian_mixture(self, scale):
        values = scale * torch.randn(40, 1, generator=generator(), dtype=torch.float64)
        exact = mixture_information(values[:, 0].numpy(), sigma=math.sqrt(0.1))
        lower, upper = (
            float(bound(0.1)(values, values)) for bound in (PairwiseLower, PairwiseUpper)
        )
        assert lower < exact < upper
        # not by chance: the bracket is no wider than the bounds of Kolchinsky & Tracey allow
        assert upper - lower < 1

    def test_far_apart_values_are_counted(self):
        values = 1e3 * torch.eye(8, dtype=torch.float64)
        assert float(PairwiseUpper()(values, values)) == pytest.approx(3)
        assert float(PairwiseLower()(values, values)) == pytest.approx(3)

    def test_do_not_look_at_x(self):
        x, other, y = torch.randn(3, 50, 2, generator=generator(), dtype=torch.float64)
        assert float(PairwiseUpper()(x, y)) == float(PairwiseUpper()(other, y))

    def test_refuse_no_noise(self):
        with pytest.raises(ValueError, match="variance is 0"):
            PairwiseUpper(0)


class TestNearestNeighbours:
    @pytest.mark.parametrize(("d", "bits"), [(1, 0.0), (1, 1.0), (1, 3.0), (2, 2.0)])
    def test_low_dimensional_gaussians(self, d, bits):
        found = [NearestNeighbours()(*gaussians(500, d, bits, seed)) for seed in range(4)]
        assert np.mean(found) == pytest.approx(bits, abs=0.15)

    def test_does_not_change_with_the_scale_of_a_dimension(self):
        x, y = gaussians(100, 2, 1.0)
        scaled = x * torch.tensor([1e-3, 1e3])
        assert NearestNeighbours()(scaled, y) == pytest.approx(NearestNeighbours()(x, y), abs=1e-3)

    def test_refuses_fewer_samples_than_neighbours(self):
        with pytest.raises(ValueError, match="3 samples; 3 neighbours"):
            NearestNeighbours(3)(torch.randn(3, 1), torch.randn(3, 1))


class TestCanonicalCorrelations:
    @pytest.mark.parametrize(("d", "bits"), [(1, 1.0), (3, 5.0)])
    def test_gaussians(self, d, bits):
        x, y = gaussians(20_000, d, bits)
        assert float(CanonicalCorrelations()(x, y)) == pytest.approx(bits, abs=0.05)

    def test_is_exact_for_sample_covariances(self):
        x, y = gaussians(50, 2, 1.0)
        covariance = torch.cov(torch.cat([x, y], dim=1).T)
        parts = covariance[:2, :2], covariance[2:, 2:]
        nats = (sum(map(torch.logdet, parts)) - torch.logdet(covariance)) / 2
        assert float(CanonicalCorrelations()(x, y)) == pytest.approx(float(nats) / math.log(2))

    def test_does_not_change_with_linear_maps_or_idle_directions(self):
        x, y = gaussians(60, 3, 2.0)
        bits = float(CanonicalCorrelations()(x, y))
        mixed = x @ torch.randn(3, 5, generator=generator(), dtype=torch.float64)  # rank 3 in 5
        assert float(CanonicalCorrelations()(mixed, y + 7)) == pytest.approx(bits, abs=1e-9)

    def test_refuses_too_few_samples_and_functions(self):
        x, y = torch.randn(2, 20, 12)
        with pytest.raises(ValueError, match=r"20 samples; .* \[12, 12\] need more than 24"):
            CanonicalCorrelations()(x, y)
        with pytest.raises(ValueError, match="infinite"):
            CanonicalCorrelations()(x[:, :2], x[:, :1])


class TestNeuralBounds:
    @pytest.mark.parametrize("bound", [info_nce, donsker_varadhan])
    def test_stay_below_the_truth_and_see_most_of_it(self, bound):
        found = [float(NeuralBound(bound)(*gaussians(512, 1, 1.0, seed))) for seed in range(3)]
        error = np.std(found, ddof=1) / math.sqrt(3)
        assert 0.4 < np.mean(found) < 1 + 3 * max(error, 0.05)

    @pytest.mark.parametrize("bound", [info_nce, donsker_varadhan])
    def test_independent_variables(self, bound):
        found = [float(NeuralBound(bound)(*gaussians(256, 2, 0.0, seed))) for seed in range(3)]
        assert np.mean(found) < 0.1

    def test_info_nce_of_perfect_scores_is_its_ceiling(self):
        assert float(info_nce(1e3 * torch.eye(8))) == pytest.approx(math.log(8))
        assert float(info_nce(torch.zeros(8, 8))) == pytest.approx(0)

    def test_donsker_varadhan_by_its_definition(self):
        scores = torch.randn(6, 6, generator=generator())
        apart = scores[~torch.eye(6, dtype=bool)]
        expected = scores.diagonal().mean() - apart.exp().mean().log()
        assert float(donsker_varadhan(scores)) == pytest.approx(float(expected), abs=1e-6)

    def test_leaves_the_random_state(self):
        x, y = gaussians(32, 1, 1.0)
        torch.manual_seed(3)
        expected = torch.rand(())
        torch.manual_seed(3)
        NeuralBound(info_nce, steps=2)(x, y)
        assert torch.rand(()) == expected

    def test_stops_when_the_other_half_gains_no_more(self):
        """Far from its limit of steps, at a bound that twice the patience does not raise."""
        x, y = gaussians(128, 4, 3.0)
        few, many = (NeuralBound(info_nce, steps=n)(x, y) for n in (20, 2000))
        assert float(few) < float(many) == float(NeuralBound(info_nce, steps=700)(x, y))
        assert float(NeuralBound(info_nce, patience=200)(x, y)) == float(many)

    def test_refuses_too_few_samples(self):
        with pytest.raises(ValueError, match="x has 7 samples"):
            NeuralBound(info_nce)(torch.randn(7, 1), torch.randn(7, 1))
        with pytest.raises(ValueError, match="patience is 0"):
            NeuralBound(info_nce, patience=0)


class TestMedianWidth:
    def test_median_distance(self):
        x = torch.tensor([[0.0], [1.0], [3.0]])
        assert MedianWidth().of_samples(x) == 2
        assert MedianWidth().of_samples(torch.zeros(5, 2)) == 1

    def test_each_set_of_samples_has_its_own_width(self):
        rule = MedianWidth()
        assert isinstance(rule, kernels.SampleWidth)
        x = torch.randn(3, 20, 4, generator=generator(), dtype=torch.float64)
        x[1] *= torch.linspace(0.1, 5, 4)
        together = rule.of_samples(x)
        assert together.tolist() == pytest.approx([float(rule.of_samples(own)) for own in x])
        assert len(set(together.tolist())) == 3

    def test_is_the_matrix_estimator_at_the_same_width(self):
        x, y = gaussians(40, 2, 1.0)
        rule = MedianWidth()
        sigma = float(rule.of_samples(kernels.standardize(x)))
        same = MatrixRenyi(lambda _n, _d: sigma)
        assert float(MatrixRenyi(rule).entropy(x)) == pytest.approx(float(same.entropy(x)))
        assert float(MatrixRenyi(rule)(x, y)) != float(MatrixRenyi(ProposedWidth(0.8))(x, y))


class TestAdapters:
    class Theirs:
        def estimate(self, x, y):
            assert isinstance(x, np.ndarray)
            return 0.5 * np.log(len(x)) + 0 * y.sum()

    def test_theirs_here_in_bits(self):
        x, y = gaussians(16, 2, 1.0)
        assert adapters.FromBmi(self.Theirs())(x, y) == pytest.approx(2)

    def test_ours_there_in_nats(self):
        x, y = (v.numpy() for v in gaussians(16, 2, 1.0))
        ours = adapters.ToBmi(EqualBins(4))
        assert ours.estimate(x, y) == pytest.approx(EqualBins(4)(x, y) * math.log(2))
        assert ours.parameters() == {"bins": 4}
        assert adapters.ToBmi(cheats.log_samples).parameters() == {}

    def test_there_and_back(self):
        x, y = gaussians(32, 2, 1.0)
        back = adapters.FromBmi(adapters.ToBmi(CanonicalCorrelations()))
        assert back(x, y) == pytest.approx(float(CanonicalCorrelations()(x, y)))

    def test_refuse_what_does_not_fit(self):
        with pytest.raises(ValueError, match="without a method estimate"):
            adapters.FromBmi(cheats.log_samples)
        with pytest.raises(TypeError, match="callable"):
            adapters.ToBmi(3)
