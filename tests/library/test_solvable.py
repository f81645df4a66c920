"""Autoencoders with a known plane: closed forms against brute force, limits, and what fails."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from ipae_lib import discrete, theory
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import (
    EXAMPLE_SPECTRUM,
    NOISES,
    LinearAutoencoder,
    rotated_covariance,
    total_information,
    train_linear,
    transferable_information,
)
from ipae_lib.solvable import (
    discrete_case,
    linear_case,
    train_discrete,
    warped_case,
)

SIGMA = 0.5
SPECTRUM = [2.0, 1.4, 1.0, 0.7, 0.5, 0, 0, 0]
COVARIANCE = rotated_covariance(SPECTRUM)
WIDTHS = (7, 6, 2, 6, 7)
LAYERS = (INPUT, "E1", "E2", "Z", "D1", "D2", OUTPUT)
CORRELATED = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.6]])
# logarithms of determinants of matrices of order 1, in sums of some terms
ROUNDING = 1e-9


@pytest.fixture(scope="module")
def trained():
    start = LinearAutoencoder.random(COVARIANCE, WIDTHS, seed=0)
    return train_linear(start, 4000, 0.03, [0, 1, 30, 300, 1000, 4000])


@pytest.fixture(scope="module")
def contracted():
    start = LinearAutoencoder.random(COVARIANCE, WIDTHS, seed=0)
    return train_linear(start, 4000, 0.03, [0, 1, 30, 300, 1000, 4000], contract=True)


@pytest.fixture(scope="module")
def counted():
    images, generator = discrete.all_binary_images(4), torch.Generator().manual_seed(0)
    model = discrete.DiscreteAutoencoder(2, 4, (6, 5, 4), (5, 5, 5), generator)
    return discrete_case(train_discrete(model, images, 60, [0, 20, 60]), images)


def scalar_autoencoder(encoder, decoder, variance=1.0):
    """X → Z → X′, one unit each."""
    return LinearAutoencoder(np.array([[variance]]), [np.array([[encoder]]), np.array([[decoder]])])


def gaussian_information(a, b):
    """Mutual information of jointly normal samples' covariances, by three determinants."""
    joint = np.cov(np.hstack([a, b]).T)
    d = a.shape[1]
    parts = joint, joint[:d, :d], joint[d:, d:]
    both, one, other = (np.linalg.slogdet(part)[1] for part in parts)
    return (one + other - both) / (2 * math.log(2))


def bits(plane, quantity, layer):
    return float(plane[quantity].sel(layer=layer))


def both(plane):
    """Both axes of a plane as one array, (axis, …)."""
    return plane[["input_mi", "output_mi"]].to_array("axis")


class TestClosedForms:
    @pytest.mark.parametrize("sigma", [0.3, 1.0, 3.0])
    def test_scalar_layer_against_a_double_integral(self, sigma):
        model = scalar_autoencoder(1.7, 0.4, variance=0.8)
        x = np.linspace(-9, 9, 1201) * math.sqrt(0.8)
        t = np.linspace(-1, 1, 1201) * 9 * math.hypot(1.7 * math.sqrt(0.8), sigma)
        prior = np.exp(-(x**2) / 1.6) / math.sqrt(2 * math.pi * 0.8)
        channel = np.exp(-((t[:, None] - 1.7 * x) ** 2) / (2 * sigma**2))
        channel /= math.sqrt(2 * math.pi) * sigma
        marginal = channel @ prior * (x[1] - x[0])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(channel > 0, np.log2(channel / marginal[:, None]), 0)
        integral = (channel * prior * ratio).sum() * (x[1] - x[0]) * (t[1] - t[0])
        assert bits(model.plane(sigma), "input_mi", "Z") == pytest.approx(integral, abs=1e-6)

    def test_a_few_dimensions_against_the_mean_log_density_ratio(self):
        model = LinearAutoencoder.random(CORRELATED, [3, 2, 3], seed=3)
        n, generator = 100_000, torch.Generator().manual_seed(5)
        pairs = model.sample(n, generator, SIGMA)
        linear, noise = np.eye(3), SIGMA**2
        for layer, weight in zip(model.layers[1:], model.weights, strict=True):
            linear = weight @ linear
            x, t = (values.numpy() for values in pairs["input_mi", layer])
            eye = noise * np.eye(len(linear))
            ratio = multivariate_normal(cov=eye).logpdf(t - x @ linear.T)
            ratio -= multivariate_normal(cov=linear @ CORRELATED @ linear.T + eye).logpdf(t)
            ratio /= math.log(2)
            exact = bits(model.plane(SIGMA), "input_mi", layer)
            assert abs(ratio.mean() - exact) < 4 * ratio.std() / math.sqrt(n), layer

    @pytest.mark.parametrize("noise", NOISES)
    @pytest.mark.parametrize("quantity", ["input_mi", "output_mi"])
    def test_samples_have_the_information_of_the_plane(self, noise, quantity):
        # whitened noise spans no more directions than its layer, and determinants need all
        k = 3 if noise == "whitened" else 2
        model = LinearAutoencoder.random(CORRELATED, [3, k, 3], seed=3)
        pairs = model.sample(200_000, torch.Generator().manual_seed(5), SIGMA, noise)
        a, b = (values.numpy() for values in pairs[quantity, "Z"])
        exact = bits(model.plane(SIGMA, noise), quantity, "Z")
        assert exact > 0.5
        assert gaussian_information(a, b) == pytest.approx(exact, abs=0.015)

    def test_noise_scaled_to_a_covariance_is_the_determinant_formula(self):
        model = LinearAutoencoder.random(CORRELATED, [4, 2, 3], seed=1)
        for noise in ("layer", "unit"):
            plane = model.plane(SIGMA, noise)
            for layer, factor in model.factors.items():
                covariance = factor @ factor.T
                variances = np.diag(covariance)
                scale = variances if noise == "unit" else np.full(len(factor), variances.mean())
                relative = covariance / np.sqrt(np.outer(scale, scale)) / SIGMA**2
                exact = np.linalg.slogdet(np.eye(len(factor)) + relative)[1] / (2 * math.log(2))
                assert bits(plane, "input_mi", layer) == pytest.approx(exact)
                np.testing.assert_allclose(plane["variance"].sel(layer=layer), variances.mean())

    def test_whitened_information_is_the_rank_times_that_of_one_unit(self, trained):
        one = math.log2(1 + 1 / SIGMA**2) / 2
        for model in trained.values():
            plane = model.plane(SIGMA, "whitened")
            ranks = [5, 5, 5, 2, 2, 2, 2]
            np.testing.assert_allclose(plane.input_mi, one * np.array(ranks))

    def test_noise_on_the_ends_is_the_entropy_of_the_blurred_input_less_what_stays_open(self):
        model = LinearAutoencoder.random(CORRELATED, [3, 2, 4], seed=2)
        a = model.weights[1] @ model.weights[0]
        cross, blurred = CORRELATED @ a.T, CORRELATED + SIGMA**2 * np.eye(3)
        left_open = blurred - cross @ np.linalg.inv(a @ cross) @ cross.T
        difference = np.linalg.slogdet(blurred)[1] - np.linalg.slogdet(left_open)[1]
        plane = model.plane(SIGMA, "ends")
        exact = difference / (2 * math.log(2))
        assert bits(plane, "input_mi", "Z") == pytest.approx(exact)
        # the decoder is injective on Z, and noise-free
        assert bits(plane, "input_mi", "D1") == pytest.approx(exact)
        fixed = bits(model.plane(SIGMA), "output_mi", "Z")
        assert bits(plane, "output_mi", "Z") == pytest.approx(fixed)

    def test_total_and_transferable_information(self):
        spectrum = np.array(SPECTRUM)
        exact = np.log2(1 + spectrum / SIGMA**2) / 2
        assert total_information(COVARIANCE, SIGMA) == pytest.approx(exact.sum())
        for k in (1, 2, 5, 8, 20):
            assert transferable_information(COVARIANCE, k, SIGMA) == pytest.approx(exact[:k].sum())

    @pytest.mark.parametrize("noise", ["fixed", "ends"])
    def test_ideal_autoencoder_has_the_plane_of_theorem_1(self, noise):
        for k in (1, 2, 5, 7):
            plane = LinearAutoencoder.ideal(COVARIANCE, [7, 7, k, 7, 7]).plane(SIGMA, noise)
            m = total_information(COVARIANCE, SIGMA)
            lam = transferable_information(COVARIANCE, k, SIGMA)
            np.testing.assert_allclose(plane.output_mi, lam)
            np.testing.assert_allclose(plane.input_mi.sel(layer=slice("Z", None)), lam)
            assert bits(plane, "input_mi", INPUT) == pytest.approx(m)
            encoder = plane.input_mi.sel(layer=["E1", "E2"])
            assert ((encoder >= lam - ROUNDING) & (encoder <= m + ROUNDING)).all()

    def test_no_encoder_puts_more_than_lambda_into_the_bottleneck(self):
        limit = transferable_information(COVARIANCE, 2, SIGMA)
        best = 0
        for seed in range(200):
            model = LinearAutoencoder.random(COVARIANCE, [2], seed)
            model = LinearAutoencoder(COVARIANCE, [100 * w for w in model.weights])
            best = max(best, bits(model.plane(SIGMA, "ends"), "input_mi", "Z"))
            # without noise on the ends there is no limit
            assert bits(model.plane(SIGMA), "input_mi", "Z") > limit
        assert 0.8 * limit < best <= limit + ROUNDING


class TestLimits:
    @pytest.mark.parametrize("noise", NOISES)
    def test_much_noise_leaves_nothing(self, trained, noise):
        assert abs(both(trained[300].plane(1e6, noise))).max() < 1e-9

    @pytest.mark.parametrize("noise", NOISES)
    def test_perfect_reconstruction_has_all_the_information(self, noise):
        plane = LinearAutoencoder.ideal(COVARIANCE, [8, 8, 6, 8, 8]).plane(SIGMA, noise)
        m = bits(plane, "input_mi", INPUT)
        assert bits(plane, "output_mi", INPUT) == pytest.approx(m)
        if noise in ("fixed", "ends"):
            assert m == pytest.approx(total_information(COVARIANCE, SIGMA))

    @pytest.mark.parametrize("noise", NOISES)
    def test_layer_without_variance_carries_nothing(self, noise):
        weights = [np.ones((3, 2)), np.zeros((2, 3)), np.ones((3, 2)), np.ones((2, 3))]
        model = LinearAutoencoder(np.diag([2.0, 1.0]), weights)
        plane = model.plane(SIGMA, noise)
        assert (plane.input_mi.sel(layer=["Z", "D1", OUTPUT]) == 0).all()
        assert (plane.output_mi == 0).all()
        assert (plane.input_mi.sel(layer=[INPUT, "E1"]) > 0.5).all()
        pairs = model.sample(10, torch.Generator().manual_seed(0), SIGMA, noise)
        assert all(v.isfinite().all() for pair in pairs.values() for v in pair)

    @pytest.mark.parametrize("noise", NOISES)
    def test_input_without_variance_carries_nothing(self, noise):
        model = LinearAutoencoder.random(np.zeros((3, 3)), [2])
        assert (both(model.plane(SIGMA, noise)) == 0).all()
        pairs = model.sample(10, torch.Generator().manual_seed(0), SIGMA, noise)
        assert all(len(v) == 10 for pair in pairs.values() for v in pair)

    def test_dead_unit_changes_nothing(self):
        alive = LinearAutoencoder(np.eye(2), [np.eye(2), np.eye(2)])
        dead = LinearAutoencoder(np.eye(2), [np.eye(3, 2), np.eye(2, 3)])
        for noise in ("fixed", "unit", "whitened", "ends"):
            same = both(alive.plane(SIGMA, noise))
            np.testing.assert_allclose(both(dead.plane(SIGMA, noise)), same)

    def test_ill_conditioned_input(self):
        values = 10.0 ** -np.arange(0, 24, 2)
        covariance = rotated_covariance(values, seed=1)
        exact = np.log2(1 + values / 1e-6) / 2
        assert total_information(covariance, 1e-3) == pytest.approx(exact.sum(), abs=1e-8)
        model = LinearAutoencoder.ideal(covariance, [12, 4, 12])
        for noise in NOISES:
            information = both(model.plane(1e-3, noise))
            assert np.isfinite(information).all()
            assert (information > 1).all()
        # not to be told from directions without variance
        rank = model.factors[INPUT].shape[1]
        assert 6 <= rank < 12

    def test_scale_of_the_input_matters_only_relative_to_the_noise(self):
        model = LinearAutoencoder.random(COVARIANCE, [4, 2, 4], seed=4)
        scaled = LinearAutoencoder(1e-8 * COVARIANCE, model.weights)
        for noise in NOISES:
            sigma = SIGMA * (1e-4 if noise in ("fixed", "ends") else 1)
            same = both(model.plane(SIGMA, noise))
            np.testing.assert_allclose(both(scaled.plane(sigma, noise)), same)


class TestTraining:
    def test_reaches_the_sum_of_the_discarded_eigenvalues(self, trained):
        assert trained[4000].loss == pytest.approx(sum(SPECTRUM[2:]), rel=1e-9)
        ideal = LinearAutoencoder.ideal(COVARIANCE, WIDTHS)
        assert ideal.loss == pytest.approx(sum(SPECTRUM[2:]))
        through = [bits(m.plane(SIGMA), "output_mi", INPUT) for m in (trained[4000], ideal)]
        assert through[0] == pytest.approx(through[1], abs=1e-6)

    def test_contractions_reach_it_too(self, contracted):
        assert contracted[4000].loss == pytest.approx(sum(SPECTRUM[2:]), rel=1e-3)
        for model in contracted.values():
            assert max(np.linalg.norm(w, 2) for w in model.weights) <= 1 + ROUNDING

    def test_the_loss_is_the_mean_over_samples(self, trained):
        x, x_out = LinearAutoencoder(COVARIANCE, trained[30].weights).sample(
            200_000, torch.Generator().manual_seed(1), 1e-9
        )["input_mi", OUTPUT]
        error = ((x_out - x) ** 2).sum(1)
        assert error.mean() == pytest.approx(trained[30].loss, rel=0.02)

    def test_a_step_goes_down_the_gradient_of_the_loss(self):
        start = LinearAutoencoder.random(COVARIANCE, [4, 2, 3], seed=7)
        weights = [torch.tensor(w, requires_grad=True) for w in start.weights]
        linear = torch.eye(8, dtype=torch.float64)
        for w in weights:
            linear = w @ linear
        error = torch.eye(8, dtype=torch.float64) - linear
        torch.trace(error @ torch.from_numpy(COVARIANCE) @ error.T).backward()
        after = train_linear(start, 1, 0.01, [0, 1])
        assert [w.tolist() for w in after[0].weights] == [w.tolist() for w in start.weights]
        for w, new in zip(weights, after[1].weights, strict=True):
            np.testing.assert_allclose(new, (w - 0.01 * w.grad).detach(), atol=1e-14)

    def test_too_high_a_rate_is_an_error(self):
        start = LinearAutoencoder.random(COVARIANCE, WIDTHS)
        with pytest.raises(ValueError, match=r"learning_rate is 50.*diverged by step \d+"):
            train_linear(start, 1000, 50, [1000])


class TestWhatHoldsAlways:
    @pytest.mark.parametrize("noise", NOISES)
    def test_output_information_is_that_of_every_layer(self, trained, noise):
        check = theory.check_plane(linear_case(trained, SIGMA, noise).plane)
        assert check.output_spread.max() < ROUNDING
        assert check.backward_total.max() < ROUNDING

    @pytest.mark.parametrize("noise", ["whitened", "ends"])
    def test_forward_dpi_with_whitening_or_noise_on_the_ends(self, trained, noise):
        check = theory.check_plane(linear_case(trained, SIGMA, noise).plane)
        assert check.forward_total.max() < ROUNDING

    def test_forward_dpi_and_triangle_of_contractions(self, contracted):
        for noise in ("fixed", "ends"):
            check = theory.check_plane(linear_case(contracted, SIGMA, noise).plane)
            assert check.forward_total.max() < ROUNDING
            assert check.outside_total.max() < ROUNDING

    def test_theorem_1_with_whitening_or_noise_on_the_ends(self, trained):
        for noise in ("whitened", "ends"):
            final = trained[4000].plane(SIGMA, noise)
            one = math.log2(1 + 1 / SIGMA**2) / 2
            lam = transferable_information(COVARIANCE, 2, SIGMA) if noise == "ends" else 2 * one
            decoder = final.sel(layer=["Z", "D1", "D2", OUTPUT])
            np.testing.assert_allclose(both(decoder), lam, atol=1e-6)
            np.testing.assert_allclose(final.output_mi, lam, atol=1e-6)


class TestWhatFails:
    """Each the smallest example we know; the book tells the story."""

    def test_one_noise_level_a_perfect_autoencoder_breaks_both_halves_of_12(self):
        m = math.log2(1 + 1 / SIGMA**2) / 2
        for scale, above in ((4.0, True), (0.25, False)):
            model = scalar_autoencoder(scale, 1 / scale)
            assert model.loss == 0
            plane = model.plane(SIGMA)
            assert bits(plane, "input_mi", OUTPUT) == pytest.approx(m)
            assert (bits(plane, "input_mi", "Z") > m + 0.5) == above
            assert (bits(plane, "input_mi", "Z") < m - 0.5) == (not above)
            check = theory.check_plane(plane)
            assert check.forward_total > 0.5
            assert check.outside_total > 0.5

    def test_one_noise_level_training_decides_the_information_of_the_bottleneck(self):
        lam = transferable_information(COVARIANCE, 2, SIGMA)
        bottleneck, broken = [], []
        for seed in range(4):
            start = LinearAutoencoder.random(COVARIANCE, WIDTHS, seed)
            plane = train_linear(start, 3000, 0.03, [3000])[3000].plane(SIGMA)
            assert bits(plane, "output_mi", INPUT) == pytest.approx(lam, abs=1e-4)
            bottleneck.append(bits(plane, "input_mi", "Z"))
            broken.append(float(theory.check_plane(plane).forward_total))
        assert min(bottleneck) < lam - 0.1
        assert max(bottleneck) > lam + 0.1
        assert max(broken) > 0.3

    def test_one_noise_level_an_ideal_autoencoder_may_have_any_information_in_its_bottleneck(self):
        ideal = LinearAutoencoder.ideal(COVARIANCE, [2])
        rng = np.random.default_rng(0)
        for scale in (1e-3, 3, 1e3):
            gauge = scale * rng.standard_normal((2, 2))
            encoder, decoder = ideal.weights
            same = LinearAutoencoder(COVARIANCE, [gauge @ encoder, decoder @ np.linalg.inv(gauge)])
            assert same.loss == pytest.approx(ideal.loss)
            for noise in ("fixed", "whitened", "ends"):
                plane, other = same.plane(SIGMA, noise), ideal.plane(SIGMA, noise)
                off = abs(bits(plane, "input_mi", "Z") - bits(other, "input_mi", "Z"))
                assert (off > 0.1) == (noise == "fixed")
                assert bits(plane, "output_mi", "Z") == pytest.approx(bits(other, "output_mi", "Z"))

    def test_little_noise_leaves_the_difference_of_the_log_volumes(self, trained):
        model = trained[300]
        volume = [np.log2(np.linalg.svd(model.factors[t])[1][:2]).sum() for t in ("Z", OUTPUT)]
        for sigma in (1e-4, 1e-6):
            plane = model.plane(sigma)
            gap = bits(plane, "input_mi", OUTPUT) - bits(plane, "input_mi", "Z")
            assert gap == pytest.approx(volume[1] - volume[0], abs=1e-4)
        assert abs(volume[1] - volume[0]) > 0.05

    def test_scaled_noise_bounds_the_bottleneck_and_not_the_output(self, trained):
        most = math.log2(1 + 1 / SIGMA**2)
        for noise in ("layer", "unit"):
            for seed in range(50):
                plane = LinearAutoencoder.random(COVARIANCE, [2], seed).plane(SIGMA, noise)
                assert bits(plane, "input_mi", "Z") <= most + ROUNDING
            assert bits(trained[4000].plane(SIGMA, noise), "output_mi", "Z") > most + 0.5

    def test_noise_of_the_layers_scale_rewards_whitening_the_layer(self):
        covariance = np.diag([1.0, 0.01])
        whiten = np.diag([1.0, 10.0])
        model = LinearAutoencoder(covariance, [whiten, np.linalg.inv(whiten)])
        assert model.loss < 1e-20
        plane = model.plane(SIGMA, "layer")
        assert bits(plane, "input_mi", "Z") > bits(plane, "input_mi", INPUT) + 0.5
        # for equal layers, the scale alone does nothing
        scaled = scalar_autoencoder(4.0, 0.25).plane(SIGMA, "layer")
        assert theory.check_plane(scaled).forward_total < ROUNDING

    def test_noise_of_the_layers_scale_rewards_copies(self):
        copy = np.array([[1.0], [1.0]])
        plane = LinearAutoencoder(np.eye(1), [copy, copy.T / 2]).plane(SIGMA, "layer")
        assert bits(plane, "input_mi", "Z") == pytest.approx(math.log2(1 + 2 / SIGMA**2) / 2)
        assert bits(plane, "input_mi", "Z") > bits(plane, "input_mi", INPUT) + 0.3

    def test_noise_of_the_units_scale_rewards_decorrelation(self):
        turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
        covariance = np.array([[1.0, 0.9], [0.9, 1.0]])
        model = LinearAutoencoder(covariance, [turn, turn.T])
        plane = model.plane(SIGMA, "unit")
        assert model.loss < 1e-20
        assert bits(plane, "input_mi", "Z") > bits(plane, "input_mi", INPUT) + 0.5

    def test_noise_on_the_ends_leaves_the_bisector_to_a_blown_up_output(self):
        plane = scalar_autoencoder(1.0, 4.0).plane(SIGMA, "ends")
        check = theory.check_plane(plane)
        assert check.forward_total == 0
        assert check.outside_total > 0.5


class TestLinearCase:
    def test_plane_is_laid_out_as_a_recorded_one(self, trained):
        plane = linear_case(trained, SIGMA).plane
        assert list(plane) == ["input_mi", "output_mi", "variance", "loss"]
        assert plane["layer"].values.tolist() == list(LAYERS)
        assert plane["iteration"].values.tolist() == list(trained)
        for name in ("input_mi", "output_mi"):
            assert plane[name].dims == ("iteration", "layer")
            assert plane[name].attrs["units"] == "bit"
        assert plane.attrs == {"sigma": SIGMA, "noise": "fixed"}
        assert plane["loss"].values.tolist() == [model.loss for model in trained.values()]
        assert np.isfinite(both(plane)).all()

    def test_samples_fit_the_plane(self, trained):
        case = linear_case(trained, SIGMA)
        pairs = case.sample(50, seed=1, iteration=300)
        assert list(pairs) == [(q, layer) for layer in LAYERS for q in ("input_mi", "output_mi")]
        widths = dict(zip(LAYERS, (8, *WIDTHS, 8), strict=True))
        for (quantity, layer), (a, b) in pairs.items():
            shapes = {"input_mi": (8, widths[layer]), "output_mi": (widths[layer], 8)}
            assert (a.shape[1], b.shape[1]) == shapes[quantity]
            assert a.dtype == b.dtype == torch.float64
            assert len(a) == len(b) == 50

    def test_seed_and_iteration(self, trained):
        case = linear_case(trained, SIGMA)
        key = "input_mi", "Z"
        (x, z), (again, z_again) = case.sample(9, 3, 30)[key], case.sample(9, 3, 30)[key]
        assert torch.equal(x, again)
        assert torch.equal(z, z_again)
        assert not torch.equal(x, case.sample(9, 4, 30)[key][0])
        # the same inputs at every iteration; by default the last
        later = case.sample(9, 3)[key]
        assert torch.equal(x, later[0])
        assert not torch.equal(z, later[1])
        assert torch.equal(later[1], case.sample(9, 3, 4000)[key][1])

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"n": 1}, "n is 1; it must be a whole number of at least 2"),
            ({"n": 5, "seed": -1}, "seed is -1"),
            ({"n": 5, "iteration": 2}, r"iteration is 2; the case 'linear' has \[0, 1, 30"),
        ],
    )
    def test_bad_sample(self, trained, arguments, message):
        with pytest.raises(ValueError, match=message):
            linear_case(trained, SIGMA).sample(**arguments)

    def test_bad_case(self, trained):
        with pytest.raises(ValueError, match=r"snapshots is \{\}; give"):
            linear_case({}, SIGMA)
        with pytest.raises(ValueError, match="noise is 'loud'; it must be 'fixed' or 'layer'"):
            linear_case(trained, SIGMA, "loud")
        with pytest.raises(ValueError, match=r"sigma is 0.*without noise the information"):
            linear_case(trained, 0)


class TestWarpedCase:
    def test_plane_and_ranks_stay_and_values_do_not(self, trained):
        case = linear_case(trained, SIGMA)
        warped = warped_case(case, torch.asinh)
        assert warped.plane.identical(case.plane)
        assert warped.name == "linear, warped"
        for key, pair in case.sample(40, 2, 300).items():
            for plain, bent in zip(pair, warped.sample(40, 2, 300)[key], strict=True):
                assert not torch.equal(plain, bent)
                assert torch.equal(plain.argsort(0), bent.argsort(0))
                torch.testing.assert_close(bent.sinh(), plain)

    def test_a_map_that_mixes_dimensions(self):
        start = LinearAutoencoder.random(np.eye(3), [3])

        def mix(rows):
            return rows + torch.tanh(rows.roll(1, dims=1)) / 2

        case = warped_case(linear_case({0: start}, SIGMA), mix, "mixed")
        assert case.name == "mixed"
        assert case.sample(20)["input_mi", "Z"][1].shape == (20, 3)

    @pytest.mark.parametrize(
        ("warp", "message"),
        [
            (torch.abs, "not invertible"),
            (torch.relu, "not invertible"),
            (torch.square, "not invertible"),
            (lambda rows: torch.tanh(1e3 * rows), "not invertible"),
            (lambda rows: rows[:, :1], "must keep the shape"),
        ],
    )
    def test_maps_that_lose_information_are_refused(self, warp, message):
        start = LinearAutoencoder.random(np.eye(2), [2])
        case = warped_case(linear_case({0: start}, SIGMA), warp)
        with pytest.raises(ValueError, match=message):
            case.sample(20)


class TestDiscreteCase:
    def test_plane_is_that_of_a_direct_sum_over_samples_of_everything(self, counted):
        pairs = counted.sample(4000, seed=0, iteration=20)
        x = pairs["input_mi", INPUT][0]
        images, first = np.unique(x.numpy(), axis=0, return_index=True)
        assert len(images) == 16
        for (quantity, layer), (a, b) in pairs.items():
            joint = {}
            for row in first:
                key = tuple(a[row].tolist()), tuple(b[row].tolist())
                joint[key] = joint.get(key, 0) + 1 / 16
            left, right = {}, {}
            for (i, j), p in joint.items():
                left[i], right[j] = left.get(i, 0) + p, right.get(j, 0) + p
            total = sum(p * math.log2(p / left[i] / right[j]) for (i, j), p in joint.items())
            exact = bits(counted.plane.sel(iteration=20), quantity, layer)
            assert exact == pytest.approx(total, abs=1e-12)

    def test_plane_keeps_the_theory_and_is_laid_out_as_a_recorded_one(self, counted):
        assert list(counted.plane) == ["input_mi", "output_mi", "variance"]
        for variable in counted.plane.values():
            assert variable.dims == ("iteration", "layer")
        check = theory.check_plane(counted.plane)
        for name in ("forward_total", "backward_total", "output_spread", "outside_total"):
            assert check[name].max() < ROUNDING
        assert (check.m == 4).all()

    def test_training_changes_a_copy_and_lowers_the_error(self):
        images = discrete.all_binary_images(4)
        model = discrete.DiscreteAutoencoder(4, 4, generator=torch.Generator().manual_seed(0))
        before = [p.clone() for p in model.parameters()]
        snapshots = train_discrete(model, images, 200, [0, 200])
        assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
        errors = [((m(images) - images) ** 2).mean().item() for m in snapshots.values()]
        assert errors[1] < errors[0] / 2

    def test_samples_are_drawn_evenly_from_the_inputs(self, counted):
        x, _ = counted.sample(16_000)["input_mi", "Z"]
        counts = np.unique(x.numpy(), axis=0, return_counts=True)[1]
        assert len(counts) == 16
        assert abs(counts - 1000).max() < 5 * math.sqrt(1000)

    def test_the_last_layer_is_the_output_whatever_its_name(self):
        images = discrete.all_binary_images(3)
        halves = torch.nn.Sequential(discrete.Quantize(3), discrete.Quantize(2))
        case = discrete_case({0: halves}, images)
        assert case.plane.layer.values.tolist() == [INPUT, "0", OUTPUT]
        pairs = case.sample(20, iteration=0)
        assert {layer for _, layer in pairs} == {INPUT, "0", OUTPUT}
        # two levels keep all of a black and white image, and three do
        assert (both(case.plane) == 3).all()
        assert torch.equal(*pairs["output_mi", "0"])

    def test_bad_input(self):
        images = discrete.all_binary_images(3)
        with pytest.raises(ValueError, match=r"snapshots is \{\}; give"):
            discrete_case({}, images)
        model = discrete.DiscreteAutoencoder(1, 3)
        with pytest.raises(
            ValueError,
            match=r"record_at is \[9\]; .* from 0 to the last .* 5",
        ):
            train_discrete(model, images, 5, [9])


class TestBadInput:
    @pytest.mark.parametrize(
        ("covariance", "message"),
        [
            (np.eye(3)[:2], r"covariance has shape \(2, 3\) or is not symmetric"),
            (np.array([[1.0, 0.5], [0.2, 1.0]]), "not symmetric"),
            (np.array([[1.0, 2.0], [2.0, 1.0]]), "covariance has the eigenvalue -1"),
            (np.array([[np.inf]]), "give a matrix of finite numbers"),
            (np.ones(3), r"covariance has shape \(3,\)"),
        ],
    )
    def test_covariance(self, covariance, message):
        with pytest.raises(ValueError, match=message):
            total_information(covariance, 1)
        with pytest.raises(ValueError, match=message):
            LinearAutoencoder.random(covariance, [1])

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([np.eye(2)], "weights holds 1 matrices"),
            ([np.eye(2)] * 3, "weights holds 3 matrices"),
            ([np.eye(2), np.eye(3)], r"weights have the shapes \[\(2, 2\), \(3, 3\)\]"),
            ([np.eye(3), np.eye(3)], "the first 2 columns and the last 2 rows"),
            ([np.eye(2), np.full((2, 2), np.nan)], r"weights\[1\] has shape"),
        ],
    )
    def test_weights(self, weights, message):
        with pytest.raises(ValueError, match=message):
            LinearAutoencoder(np.eye(2), weights)

    def test_widths_spectrum_and_numbers(self):
        with pytest.raises(ValueError, match=r"widths are \[2, 1\]; give an odd number"):
            LinearAutoencoder.random(np.eye(2), [2, 1])
        with pytest.raises(ValueError, match=r"widths\[0\] is 0"):
            LinearAutoencoder.ideal(np.eye(2), [0])
        with pytest.raises(ValueError, match="eigenvalues are"):
            rotated_covariance([1.0, -1.0])
        with pytest.raises(ValueError, match="bottleneck_size is 0"):
            transferable_information(np.eye(2), 0, 1)
        with pytest.raises(ValueError, match="sigma is -1"):
            total_information(np.eye(2), -1)
        start = LinearAutoencoder.random(np.eye(2), [1])
        with pytest.raises(ValueError, match=r"record_at is \[\]; give iterations"):
            train_linear(start, 3, 0.1, [])
        with pytest.raises(ValueError, match="noise is 'loud'"):
            start.sample(5, torch.Generator(), 1, "loud")


def test_the_example_spectrum_has_the_information_it_says():
    assert len(EXAMPLE_SPECTRUM) == 16
    assert sum(value > 0 for value in EXAMPLE_SPECTRUM) == 8
    assert total_information(np.diag(EXAMPLE_SPECTRUM), 0.5) == pytest.approx(7.4, abs=0.05)


def test_rotated_covariance_has_its_eigenvalues():
    np.testing.assert_allclose(np.sort(np.linalg.eigvalsh(COVARIANCE))[::-1], SPECTRUM, atol=1e-12)
    assert not np.allclose(COVARIANCE, np.diag(np.diag(COVARIANCE)))
    assert not np.allclose(COVARIANCE, rotated_covariance(SPECTRUM, seed=1))


class TestClean:
    """What the second variables are without their noise."""

    @pytest.mark.parametrize("warped", [False, True])
    def test_the_difference_is_noise_that_knows_nothing_of_it(self, trained, warped):
        case = linear_case(trained, SIGMA)
        if warped:
            case = warped_case(case, lambda v: torch.asinh(4 * v))
        drawn, clean = case.sample(4000, 3), case.clean(4000, 3)
        assert case.sigma == SIGMA
        assert clean.keys() == drawn.keys()
        for key, t in clean.items():
            noisy = drawn[key][1]
            noise = (torch.sinh(noisy) / 4 if warped else noisy) - t
            torch.testing.assert_close(
                torch.cov(noise.T).reshape(t.shape[1], -1),
                SIGMA**2 * torch.eye(t.shape[1], dtype=t.dtype),
                atol=0.05,
                rtol=0,
            )
            products = (noise[:, :, None] * t[:, None]).mean(0)
            assert float(products.abs().max()) < 6 * SIGMA * float(t.std()) / math.sqrt(4000)

    def test_the_plane_is_of_the_clean_variable_and_that_noise(self, trained):
        """By the covariance of T, which needs no noisy sample."""
        case = linear_case(trained, SIGMA)
        t = case.clean(50_000, 1)["input_mi", "Z"]
        eye = torch.eye(2, dtype=t.dtype)
        found = torch.logdet(eye + torch.cov(t.T) / SIGMA**2) / (2 * math.log(2))
        assert float(found) == pytest.approx(
            bits(case.plane.isel(iteration=-1), "input_mi", "Z"), abs=0.02
        )

    def test_there_is_none_without_such_noise(self, trained, counted):
        assert counted.clean(10) is None
        assert linear_case(trained, SIGMA, "ends").clean(10) is None
