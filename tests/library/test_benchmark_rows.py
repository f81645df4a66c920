"""The benchmark's own estimators, against closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.special import entr
from scipy.stats import norm

from ipae_lib import discrete, kernels, toys
from ipae_lib.benchmark import adapters, cheats, problems, rows
from ipae_lib.estimand import gaussian_information
from ipae_lib.estimators import MatrixRenyi, diffusion, neighbours, neural
from ipae_lib.estimators.binning import AdaptiveBins, EqualBins
from ipae_lib.estimators.diffusion import DiffusionScores
from ipae_lib.estimators.gaussian import CanonicalCorrelations, GaussianCopula, ShrunkGaussian
from ipae_lib.estimators.latents import LatentNeighbours
from ipae_lib.estimators.neighbours import LocallyNonUniform, NearestNeighbours
from ipae_lib.estimators.neural import (
    NeuralBound,
    donsker_varadhan,
    info_nce,
    jensen_shannon,
    nwj,
    smile,
)
from ipae_lib.estimators.pairwise import PairwiseLower, PairwiseUpper
from ipae_lib.estimators.propagation import SamplePropagation
from ipae_lib.estimators.wrappers import Compressed, ShuffleCorrected
from ipae_lib.kernels import MedianWidth, ProposedWidth


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def gaussians(n, d, bits, seed=0):
    rho = math.sqrt(1 - 2 ** (-2 * bits / d))
    return toys.correlated_gaussians(n, d, rho, generator(seed))


HONEST = rows.honest_rows()


def asked(name, x, y):
    """Bits of a row; those for known noise are told that half of the deviation of y is noise."""
    estimator = HONEST[name].estimator
    if HONEST[name].uses == "samples":
        return float(estimator(x, y))
    return float(estimator.through_noise(x, y, float(y.std()) / 2))


@pytest.mark.parametrize("name", HONEST)
def test_every_row_estimates_and_leaves_its_input(name):
    x, y = gaussians(64, 2, 1.0)
    before = x.clone(), y.clone()
    bits = asked(name, x, y)
    assert math.isfinite(bits)
    assert bits == asked(name, x, y)
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])


@pytest.mark.parametrize("name", HONEST)
def test_every_row_refuses_pairs_that_are_none(name):
    with pytest.raises(ValueError, match="60"):
        asked(name, torch.randn(64, 2), torch.randn(60, 2))


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


TOLD = [PairwiseLower(), SamplePropagation(queries=2_000), PairwiseUpper()]


class TestKnownNoise:
    @pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
    def test_bounds_bracket_a_gaussian_mixture_and_propagation_is_it(self, scale):
        values = scale * torch.randn(40, 1, generator=generator(), dtype=torch.float64)
        exact = mixture_information(values[:, 0].numpy(), sigma=0.3)
        lower, found, upper = (float(e.through_noise(values, values, 0.3)) for e in TOLD)
        assert lower < exact < upper
        # not by chance: the bracket is no wider than the bounds of Kolchinsky & Tracey allow
        assert upper - lower < 1
        assert found == pytest.approx(exact, abs=0.03)

    def test_labels_are_told_by_their_mixtures(self):
        """Two classes of two values each, by quadrature."""
        values = torch.tensor([[0.0], [1.0], [0.7], [3.0]], dtype=torch.float64)
        digits = torch.tensor([0, 0, 1, 1])
        s = 0.4
        whole = mixture_information(values[:, 0].numpy(), s)
        given = np.mean([mixture_information(values[digits == c, 0].numpy(), s) for c in (0, 1)])
        one_hot = torch.eye(2, dtype=torch.float64)[digits]
        # many copies, so that the samples are the distribution
        many = values.repeat(50, 1), one_hot.repeat(50, 1)
        lower, found, upper = (float(e.through_noise(many[1], many[0], s)) for e in TOLD)
        assert lower < whole - given < upper
        assert found == pytest.approx(whole - given, abs=0.03)

    @pytest.mark.parametrize("estimator", TOLD)
    def test_far_apart_values_are_counted(self, estimator):
        values = 1e3 * torch.eye(8, dtype=torch.float64)
        assert float(estimator.through_noise(values, values, 1.0)) == pytest.approx(3)
        labels = torch.eye(2, dtype=torch.float64)[torch.arange(8) % 2]
        assert float(estimator.through_noise(labels, values, 1.0)) == pytest.approx(1)

    @pytest.mark.parametrize("estimator", TOLD)
    def test_samples_drawn_twice_are_no_label(self, estimator):
        t = torch.randn(30, 2, generator=generator(), dtype=torch.float64)
        x = torch.arange(30.0)[:, None]
        once = float(estimator.through_noise(x, t, 0.5))
        twice = float(estimator.through_noise(x.repeat(2, 1), t.repeat(2, 1), 0.5))
        assert twice == pytest.approx(once, abs=0.05 if estimator == TOLD[1] else 1e-9)

    def test_they_bracket_a_solved_plane(self):
        """At the end of its training; with the noise counted twice the truth is outside."""
        case = problems.exact_cases()[0]
        drawn, clean = case.sample(512, seed=0), case.clean(512, seed=0)
        for (quantity, layer), t in clean.items():
            exact = float(case.plane[quantity].isel(iteration=-1).sel(layer=layer))
            lower, found, upper = (
                float(e.through_noise(drawn[quantity, layer][0], t, case.sigma)) for e in TOLD
            )
            assert lower < exact < upper
            # the mixture of 512 samples has at most 9 bits, and too few where the truth is near
            assert found == pytest.approx(exact, abs=0.15 if exact < 5 else 1)
        noisy = drawn["input_mi", "Z"]
        twice = float(PairwiseLower().through_noise(*noisy, case.sigma))
        assert twice > float(PairwiseLower().through_noise(noisy[0], clean["input_mi", "Z"], 0.5))

    @pytest.mark.parametrize("estimator", TOLD)
    def test_a_call_takes_clean_values_and_its_own_variance(self, estimator):
        t = torch.randn(40, 2, generator=generator(), dtype=torch.float64)
        assert float(estimator(t, t)) == float(estimator.through_noise(t, t, math.sqrt(0.1)))

    @pytest.mark.parametrize("estimator", TOLD)
    def test_refuse_no_noise(self, estimator):
        with pytest.raises(ValueError, match="s is 0"):
            estimator.through_noise(torch.eye(3), torch.eye(3), 0)
        with pytest.raises(ValueError, match="variance is 0"):
            type(estimator)(0)


class TestNearestNeighbours:
    @pytest.mark.parametrize(("d", "bits"), [(1, 0.0), (1, 1.0), (1, 3.0), (2, 2.0)])
    def test_low_dimensional_gaussians(self, d, bits):
        found = [float(NearestNeighbours()(*gaussians(500, d, bits, seed))) for seed in range(4)]
        assert np.mean(found) == pytest.approx(bits, abs=0.15)

    def test_does_not_change_with_the_scale_of_a_dimension(self):
        x, y = gaussians(100, 2, 1.0)
        scaled = x * torch.tensor([1e-3, 1e3])
        found, bits = (float(NearestNeighbours()(v, y)) for v in (scaled, x))
        assert found == pytest.approx(bits, abs=1e-3)

    def test_refuses_fewer_samples_than_neighbours(self):
        with pytest.raises(ValueError, match="3 samples; 3 neighbours"):
            NearestNeighbours(3)(torch.randn(3, 1), torch.randn(3, 1))


class TestLocallyNonUniform:
    @pytest.mark.parametrize(("d", "bits"), [(1, 0.0), (1, 1.0), (1, 3.0), (2, 2.0)])
    def test_low_dimensional_gaussians(self, d, bits):
        found = [float(LocallyNonUniform()(*gaussians(500, d, bits, seed))) for seed in range(4)]
        assert np.mean(found) == pytest.approx(bits, abs=0.2)

    @pytest.mark.slow
    def test_a_published_figure(self):
        """Normal variables with ρ = 0.75: 0.4133 nats."""
        x, y = toys.correlated_gaussians(5_000, 1, 0.75, generator())
        for estimator in (LocallyNonUniform(), NearestNeighbours()):
            assert float(estimator(x, y)) * math.log(2) == pytest.approx(0.4133, abs=0.03)

    def test_sees_more_than_ksg_where_variables_are_nearly_functions(self):
        """Y = X and a little noise, where the box of the neighbours is nearly empty."""
        x, y = toys.added_uniform(500, 1e-5, generator())
        exact = toys.added_uniform_mi(1e-5)
        ksg, found = (float(e(x, y)) for e in (NearestNeighbours(), LocallyNonUniform()))
        assert ksg < exact - 5
        assert abs(found - exact) < 0.5 * abs(ksg - exact)

    def test_chance_takes_few_uniform_boxes_for_smaller(self):
        rng = np.random.default_rng(7)
        around = rng.uniform(-1, 1, (20_000, 6, 2))
        shares = neighbours._log_shares(around, np.abs(around).max(axis=1))
        assert np.mean(shares < neighbours._threshold(6, 2, 0.05)) == pytest.approx(0.05, abs=0.01)

    def test_refuses_too_many_dimensions(self):
        with pytest.raises(ValueError, match="12 dimensions together; 10 neighbours need"):
            LocallyNonUniform()(torch.randn(50, 6), torch.randn(50, 6))


def tiled(n, ambient, intrinsic, bits, seed=0):
    """The task of Gowri et al.: a few shared dimensions, copies of them, and half of it noise."""
    x, y = gaussians(n, intrinsic, bits, seed)
    noise, rng = (ambient - intrinsic) // 2, generator(seed + 1)
    copies = torch.randint(intrinsic, (2, ambient - intrinsic - noise), generator=rng)
    return tuple(
        torch.cat([v, v[:, own], torch.randn(n, noise, generator=rng, dtype=v.dtype)], dim=1)
        for v, own in zip((x, y), copies, strict=True)
    )


class TestLatentNeighbours:
    @pytest.mark.parametrize("estimator", [LatentNeighbours(), LatentNeighbours(False, 4)])
    @pytest.mark.parametrize(("d", "bits"), [(1, 0.0), (1, 1.0), (2, 1.0)])
    def test_low_dimensional_gaussians(self, estimator, d, bits):
        """As near as KSG is of the 256 samples of the other half: its error is about 0.1."""
        found = [estimator(*gaussians(512, d, bits, seed)) for seed in range(3)]
        assert np.mean(found) == pytest.approx(bits, abs=0.2)

    @pytest.mark.slow
    def test_published_figures(self):
        """Of 2 bits in 1 and 4 of 100 dimensions, N = 2,000, latent MI finds 1.80 and 1.24."""
        for intrinsic, theirs in ((1, 1.797), (4, 1.241)):
            found = LatentNeighbours()(*tiled(2_000, 100, intrinsic, 2.0))
            # one run of theirs and one of ours, with other networks
            assert found == pytest.approx(theirs, abs=0.25)

    def test_cross_decoders_keep_what_is_shared(self):
        """Half of the dimensions are noise, which a reconstruction takes for as good."""
        x, y = tiled(512, 100, 1, 2.0)
        alone, found = LatentNeighbours(cross=False)(x, y), LatentNeighbours()(x, y)
        assert alone + 0.3 < found < 2.2
        assert float(NearestNeighbours()(x, y)) < 0.2

    def test_independent_variables_of_many_dimensions(self):
        """KSG of 128 samples of 8 and 8 dimensions deviates by 0.1, so the mean of 3 by 0.06."""
        found = [LatentNeighbours()(*gaussians(256, 50, 0.0, seed)) for seed in range(3)]
        assert np.mean(found) == pytest.approx(0, abs=0.18)

    def test_does_not_change_with_scales_or_what_is_constant(self):
        x, y = gaussians(128, 3, 2.0)
        bits = LatentNeighbours()(x, y)
        moved = torch.cat([x[:, :1], torch.full((128, 2), 0.1), x[:, 1:]], dim=1)
        # powers of 2 are exact
        assert LatentNeighbours()(4 * moved, y / 2) == bits
        assert LatentNeighbours()(moved[:, 1:3], y) == 0
        order = torch.randperm(128, generator=generator())  # other halves
        assert LatentNeighbours()(x[order], y[order]) == pytest.approx(bits, abs=0.5)

    def test_refuses_too_few_samples(self):
        with pytest.raises(ValueError, match=r"x has 7 samples; half of them .* 3 neighbours"):
            LatentNeighbours()(torch.randn(7, 1), torch.randn(7, 1))


@pytest.mark.parametrize("estimator", [LatentNeighbours, DiffusionScores])
def test_what_is_trained_leaves_the_random_state_and_depends_on_its_seed_alone(estimator):
    x, y = gaussians(64, 2, 1.0)
    torch.manual_seed(3)
    expected = torch.rand(())
    torch.manual_seed(3)
    found = estimator(steps=20)(x, y)
    assert torch.rand(()) == expected
    assert estimator(steps=20)(x, y) == found
    assert estimator(steps=20, seed=1)(x, y) != found


class TestDiffusionScores:
    def test_exact_scores_give_the_information(self):
        """Of normal variables, whose noise is found by linear regression on what is seen."""
        rho = 0.9
        x, y = toys.correlated_gaussians(40_000, 1, rho, generator())

        def exact(noisy, y, level):
            alpha = level.sigmoid()
            mean, variance = (0, 1) if y is None else (rho * y, 1 - rho**2)
            away = noisy - alpha.sqrt() * mean
            return (1 - alpha).sqrt() * away / (alpha * variance + 1 - alpha)

        error, bits = diffusion._denoised(exact, x, y, generator())
        # a mean of squares over 40,000 samples, and what lies outside of the levels
        assert float(bits.mean()) == pytest.approx(toys.correlated_gaussians_mi(1, rho), abs=0.03)
        assert float(diffusion._denoised(lambda *_: 0 * x, x, y, generator())[0]) > float(error)

    @pytest.mark.slow
    @pytest.mark.parametrize(("d", "bits"), [(2, 0.0), (1, 1.0), (1, 3.0), (4, 2.0)])
    def test_low_dimensional_gaussians(self, d, bits):
        """An answer deviates by about 0.15 at N = 2,000, where there is information."""
        found = [float(DiffusionScores()(*gaussians(2_000, d, bits, seed))) for seed in range(2)]
        assert np.mean(found) == pytest.approx(bits, abs=0.3 if bits else 0.03)

    @pytest.mark.slow
    def test_warped_dimensions_change_little(self):
        """Normal variables with ρ = 0.75, 0.4133 nats; an answer deviates by about 0.05."""
        x, y = toys.correlated_gaussians(2_000, 1, 0.75, generator())
        for one, other in ((x, y), (x.sinh(), y.atan())):
            nats = float(DiffusionScores()(one, other)) * math.log(2)
            assert nats == pytest.approx(0.4133, abs=0.12)

    @pytest.mark.slow
    def test_classes_are_told(self):
        """Two values of y are known from x: 1 bit."""
        x = torch.randn(1_000, 2, generator=generator())
        bits = float(DiffusionScores()(x, (x[:, :1] > 0).double()))
        assert bits == pytest.approx(1, abs=0.25)

    def test_does_not_change_with_scales_or_what_is_constant(self):
        x, y = gaussians(64, 3, 2.0)
        estimator = DiffusionScores(steps=30)
        bits = estimator(x, y)
        moved = torch.cat([x[:, :1], torch.full((64, 2), 0.1), x[:, 1:]], dim=1)
        assert estimator(4 * moved, y / 2) == bits
        assert float(estimator(moved[:, 1:3], y)) == 0

    def test_refuses_too_few_samples(self):
        with pytest.raises(ValueError, match="x has 7 samples; a score needs"):
            DiffusionScores()(torch.randn(7, 1), torch.randn(7, 1))


class TestWrappers:
    def test_components_are_those_of_most_variance(self):
        x, y = gaussians(300, 2, 2.0)
        noise = 1e-3 * torch.randn(2, 300, 5, generator=generator(3), dtype=torch.float64)
        mixed = [torch.cat([v, n], 1) for v, n in zip((x, y), noise, strict=True)]
        rotation = torch.linalg.qr(torch.randn(7, 7, generator=generator(), dtype=torch.float64))[0]
        found = Compressed(CanonicalCorrelations(), 2)(*(m @ rotation for m in mixed))
        assert float(found) == pytest.approx(float(CanonicalCorrelations()(x, y)), abs=0.01)
        assert Compressed(NearestNeighbours(), 2)(x, y) == NearestNeighbours()(x, y)

    def test_shuffled_pairs_have_no_information_and_no_sample_keeps_its_partner(self):
        x = torch.arange(50.0)[:, None]
        seen = []

        def note(a, b):
            seen.append((a, b))
            return 3.0

        assert ShuffleCorrected(note, shuffles=2)(x, x) == 0
        assert sum(torch.equal(a, b) for a, b in seen) == 1
        for a, b in seen[:2]:
            assert not (a == b).any()
            assert torch.equal(b.sort(0)[0], a)

    def test_the_floor_of_few_samples_goes_and_more(self):
        """Normal variables of 10 dimensions with ρ = 0.9, N = 512: too low then, even so."""
        x, y = toys.correlated_gaussians(512, 10, 0.9, generator())
        plain = MatrixRenyi(ProposedWidth(2))
        corrected = ShuffleCorrected(plain)
        independent = toys.correlated_gaussians(512, 10, 0.0, generator())
        assert abs(corrected(*independent)) < 0.05 < float(plain(*independent))
        sigma = ProposedWidth(2)(512, 10)
        covariance = np.kron([[1, 0.9], [0.9, 1]], np.eye(10))
        estimand = gaussian_information(covariance, 10, sigma, sigma)
        assert corrected(x, y) < estimand < float(plain(x, y))


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


class TestShrunkGaussian:
    @pytest.mark.parametrize(("d", "bits"), [(1, 1.0), (3, 2.0)])
    def test_is_canonical_correlations_for_many_samples(self, d, bits):
        x, y = gaussians(50_000, d, bits)
        found = float(ShrunkGaussian()(x, y))
        assert found == pytest.approx(float(CanonicalCorrelations()(x, y)), abs=0.01)

    def test_the_share_is_that_of_ledoit_and_wolf(self):
        """By their definition, sample by sample, and the information by its own."""
        x, y = gaussians(60, 8, 4.0)
        both = torch.cat([kernels.standardize(v) for v in (x, y)], 1).numpy()
        n, d = both.shape
        covariance = both.T @ both / n
        target = np.trace(covariance) / d * np.eye(d)
        distance = ((covariance - target) ** 2).sum()
        error = sum(((np.outer(row, row) - covariance) ** 2).sum() for row in both) / n**2
        assert 0 < error < distance
        covariance += error / distance * (target - covariance)
        parts = [np.linalg.slogdet(c)[1] for c in (covariance[:8, :8], covariance[8:, 8:])]
        nats = (sum(parts) - np.linalg.slogdet(covariance)[1]) / 2
        assert float(ShrunkGaussian()(x, y)) == pytest.approx(nats / math.log(2), rel=1e-6)

    def test_answers_with_fewer_samples_than_dimensions_and_of_functions(self):
        x, y = gaussians(40, 30, 0.0)
        assert 0 <= float(ShrunkGaussian()(x, y)) < 1
        assert math.isfinite(float(ShrunkGaussian()(x, x)))
        assert float(ShrunkGaussian()(torch.zeros(9, 2), torch.ones(9, 1))) == 0

    def test_what_does_not_vary_changes_nothing(self):
        x, y = gaussians(40, 3, 2.0)
        idle = torch.cat([torch.full((40, 5), 0.1), x], dim=1)
        bits = float(ShrunkGaussian()(x, y))
        assert float(ShrunkGaussian()(idle, y)) == pytest.approx(bits, abs=1e-12)
        assert float(ShrunkGaussian()(idle[:, :5], y)) == 0

    def test_a_published_task(self):
        """16 and 16 dimensions, N = 5,000, of 2.3015 nats."""
        rho = math.sqrt(1 - math.exp(-2 * 2.3015 / 16))
        x, y = toys.correlated_gaussians(5_000, 16, rho, generator())
        found, shrunk = (float(e(x, y)) for e in (CanonicalCorrelations(), ShrunkGaussian()))
        assert found * math.log(2) == pytest.approx(2.3015, abs=0.06)
        assert 2 < shrunk * math.log(2) < 2.3015  # correlations are believed less


class TestGaussianCopula:
    @pytest.mark.parametrize(("d", "bits"), [(1, 0.0), (1, 1.0), (3, 2.0)])
    def test_gaussians(self, d, bits):
        """The error of a correlation of 20,000 samples is below 0.01, and its bits' below 0.03."""
        x, y = gaussians(20_000, d, bits)
        assert float(GaussianCopula()(x, y)) == pytest.approx(bits, abs=0.03)

    def test_does_not_change_with_maps_that_keep_the_order(self):
        x, y = gaussians(200, 3, 2.0)
        bits = float(GaussianCopula()(x, y))
        assert float(GaussianCopula()(x.exp(), 7 - y**3)) == pytest.approx(bits, abs=1e-12)
        order = torch.randperm(200, generator=generator())
        assert float(GaussianCopula()(x[order], y[order])) == pytest.approx(bits, abs=1e-12)
        assert float(ShrunkGaussian()(x.exp(), 7 - y**3)) < bits - 0.3

    def test_equal_values_have_equal_scores_in_any_order(self):
        """Half of a layer's values are a ReLU's zeros; what is constant tells nothing."""
        x, y = gaussians(400, 2, 2.0)
        zeros = y.relu()
        bits = float(GaussianCopula()(x, zeros))
        assert 0.5 < bits < float(GaussianCopula()(x, y))
        order = torch.randperm(400, generator=generator())
        assert float(GaussianCopula()(x[order], zeros[order])) == pytest.approx(bits, abs=1e-12)
        idle = torch.cat([zeros, torch.full((400, 1), 5.0)], dim=1)
        assert float(GaussianCopula()(x, idle)) == pytest.approx(bits, abs=1e-12)
        assert float(GaussianCopula()(torch.zeros(9, 2), x[:9])) == 0

    def test_answers_with_fewer_samples_than_dimensions(self):
        x, y = gaussians(40, 30, 0.0)
        assert 0 <= float(GaussianCopula()(x, y)) < 1


class TestErrorBars:
    """Standard errors against the spread over sets of samples, where it is known."""

    @staticmethod
    def of(estimator, n, d, bits, sets):
        """Bits and standard errors of an estimator on so many sets."""
        found = [estimator(*gaussians(n, d, bits, seed)) for seed in range(sets)]
        return np.array([[float(one), one.standard_error] for one in found]).T

    @pytest.mark.parametrize(("d", "bits"), [(1, 1.0), (1, 3.0), (2, 1.0)])
    def test_those_of_gaussians_are_right(self, d, bits):
        found, errors = self.of(CanonicalCorrelations(), 400, d, bits, 200)
        assert errors.mean() == pytest.approx(found.std(), rel=0.15)
        assert np.mean(abs(found - bits) < 2 * errors) == pytest.approx(0.95, abs=0.045)

    def test_independent_gaussians_are_held(self):
        """Of the square of a correlation near 0 the error is as large as itself."""
        found, errors = self.of(CanonicalCorrelations(), 400, 1, 0.0, 200)
        assert np.mean(abs(found) < 2 * errors) > 0.95
        assert errors.mean() < 0.005

    def test_a_bias_is_in_no_error_bar(self):
        """16 × 16 dimensions and 128 samples: one bit too many, or what shrinking takes."""
        for estimator in (CanonicalCorrelations(), ShrunkGaussian(), GaussianCopula()):
            found, errors = self.of(estimator, 128, 16, 1.0, 20)
            assert (abs(found - 1) > 2 * errors).all()

    def test_what_shrinks_little_has_nearly_the_error_of_what_does_not(self):
        x, y = gaussians(20_000, 2, 0.3)
        plain = CanonicalCorrelations()(x, y).standard_error
        for estimator in (ShrunkGaussian(), GaussianCopula()):
            assert estimator(x, y).standard_error == pytest.approx(plain, rel=0.1)

    @pytest.mark.parametrize("estimator", [NearestNeighbours(), LocallyNonUniform()], ids=str)
    def test_those_of_neighbours_are_too_small_but_not_by_much(self, estimator):
        found, errors = self.of(estimator, 300, 1, 1.0, 60)
        assert 0.4 < errors.mean() / found.std() < 1

    def test_that_of_propagated_samples_is_of_the_noise_alone(self):
        t = torch.randn(200, 2, generator=generator()).double()
        found = [SamplePropagation(seed=seed).through_noise(t, t, 0.5) for seed in range(40)]
        spread = np.std([float(one) for one in found])
        assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.35)

    @pytest.mark.slow
    def test_that_of_diffusion_is_of_the_half_that_judges(self):
        few, many = (DiffusionScores(steps=200)(*gaussians(n, 1, 1.0)) for n in (200, 3_200))
        assert many.standard_error / few.standard_error == pytest.approx(1 / 4, rel=0.6)

    def test_a_constant_has_none(self):
        x = torch.randn(20, 2, generator=generator())
        for estimator in (ShrunkGaussian(), GaussianCopula(), DiffusionScores()):
            assert estimator(x, torch.ones(20, 1)).error_bar == 0

    def test_what_is_done_around_an_estimator_keeps_it(self):
        x, y = gaussians(100, 3, 1.0)
        found = Compressed(NearestNeighbours(), 3)(x, y)
        assert found == NearestNeighbours()(x, y)
        assert found.standard_error > 0


class TestNeuralBounds:
    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["NWJ", "SMILE"])
    def test_joint_critics_see_what_depends(self, name):
        found = [asked(name, *gaussians(512, 1, 2.0, seed)) for seed in range(3)]
        assert 1.6 < np.mean(found) < 2.3
        found = [asked(name, *gaussians(256, 2, 0.0, seed)) for seed in range(3)]
        assert np.mean(found) < 0.1

    def test_a_joint_critic_scores_each_pair_alone(self):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            critic = neural._Joint(2, 3, 8, 4)
        x, y = torch.randn(6, 2, generator=generator()), torch.randn(6, 3, generator=generator(1))
        scores = critic(x, y)
        torch.testing.assert_close(critic(x[2:3], y[4:5])[0, 0], scores[2, 4])
        assert not torch.allclose(scores, scores.T)

    def test_nwj_by_its_definition_and_of_the_best_critic(self):
        scores = torch.randn(6, 6, generator=generator())
        apart = scores[~torch.eye(6, dtype=bool)]
        expected = scores.diagonal().mean() - (apart - 1).exp().mean()
        assert float(nwj(scores)) == pytest.approx(float(expected), abs=1e-6)
        # the critic 1 + log ratio of densities makes it the information
        x, y = toys.correlated_gaussians(1_500, 1, 0.75, generator())
        ratio = norm.logpdf(y.T, 0.75 * x, math.sqrt(1 - 0.75**2)) - norm.logpdf(y.T)
        assert float(nwj(torch.from_numpy(1 + ratio))) == pytest.approx(0.4133, abs=0.05)
        assert float(smile(torch.from_numpy(ratio))) == pytest.approx(0.4133, abs=0.05)

    def test_smile_clips_unpaired_scores_alone(self):
        scores = 20 * torch.eye(4) - 20 * (1 - torch.eye(4))
        assert float(smile(scores, clip=5.0)) == pytest.approx(25)
        assert float(donsker_varadhan(scores)) == pytest.approx(40)
        assert float(jensen_shannon(scores)) == pytest.approx(0, abs=1e-6)
        assert float(jensen_shannon(torch.zeros(4, 4))) == pytest.approx(-2 * math.log(2))

    @pytest.mark.slow
    def test_info_nce_cannot_exceed_the_logarithm_of_its_batch(self):
        x, y = toys.added_uniform(1_024, 1e-4, generator())
        bits = float(NeuralBound(info_nce, batch=32)(x, y))
        assert 3 < bits <= math.log2(33)
        assert toys.added_uniform_mi(1e-4) > 12

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

    def test_the_model_keeps_its_best_weights(self):
        """It walks past 2.1, the best, in steps of 0.1, and is judged after every tenth."""
        model = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(model.weight)

        def judged():
            return -(model.weight - 2.1).abs().sum()

        learner = NeuralBound(info_nce, steps=90, patience=30, learning_rate=0.1)
        best = learner._climb(model, lambda _: model.weight.sum(), judged, 4, generator())
        assert model.weight.item() == pytest.approx(2, abs=0.01)
        assert float(best) == pytest.approx(-0.1, abs=0.01)

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
