"""Entropy of many samples by random probes, against the eigenvalues."""

import math

import numpy as np
import pytest
import torch

from ipae_lib import memory, stochastic
from ipae_lib.entropy import mutual_information, renyi_entropy
from ipae_lib.estimators import MatrixRenyi, StochasticMatrixRenyi
from ipae_lib.kernels import PreviousWidth, ProposedWidth, gaussian_gram, standardize
from ipae_lib.models import Autoencoder
from ipae_lib.plane import InformationPlane
from ipae_lib.stochastic import (
    GaussianGram,
    Probing,
    entropy_traces,
    probed_entropy,
    scaled,
    stochastic_information,
)
from ipae_lib.toys import correlated_gaussians


def pair(n=240, d=12, rho=0.8, seed=0):
    return correlated_gaussians(n, d, rho, torch.Generator().manual_seed(seed))


@pytest.fixture(params=["kept", "made again"])
def small_tiles(monkeypatch, request):
    """Several tiles, the last ones smaller than the others."""
    monkeypatch.setattr(stochastic, "_TILE_BYTES", 8 * 70**2)
    if request.param == "made again":
        monkeypatch.setattr(stochastic, "_KEPT_BYTES", 0)


def assembled(gram):
    """The matrix that tiles on and above its diagonal make."""
    matrix = torch.full((len(gram), len(gram)), math.nan, dtype=torch.float64)
    for rows, columns, tile in gram.tiles():
        matrix[rows, columns] = tile
        matrix[columns, rows] = tile.T
    return matrix


@pytest.mark.usefixtures("small_tiles")
class TestTiles:
    def test_they_make_the_gram_matrix(self):
        x, _ = pair()
        gram = GaussianGram(scaled(x, 1.7))
        sides = [tile.shape for _, _, tile in gram.tiles()]
        assert sides[:4] == [(70, 70), (70, 70), (70, 70), (70, 30)]
        assert len(sides) == 4 + 3 + 2 + 1
        for _ in range(2):
            torch.testing.assert_close(assembled(gram), gaussian_gram(x, 1.7))

    def test_products_and_norm_are_those_of_the_matrix(self):
        x, _ = pair()
        gram, dense = GaussianGram(scaled(x, 2.5)), gaussian_gram(x, 2.5)
        vectors = torch.randn(240, 7, dtype=torch.float64)
        torch.testing.assert_close(gram @ vectors, dense @ vectors)
        assert gram.squared_norm() == pytest.approx(float((dense**2).sum()))

    def test_a_shift_far_from_the_origin_costs_no_digits(self):
        x, _ = pair()
        shifted = GaussianGram(scaled(x + 1e6, 1.7)) @ torch.ones(240, 1, dtype=torch.float64)
        plain = GaussianGram(scaled(x, 1.7)) @ torch.ones(240, 1, dtype=torch.float64)
        torch.testing.assert_close(shifted, plain, rtol=1e-6, atol=0)

    def test_points_side_by_side_are_the_joint_matrix(self):
        x, y = pair()
        joint = GaussianGram(torch.cat([scaled(x, 2.0), scaled(y, 3.0)], 1))
        dense = 240 * gaussian_gram(x, 2.0) * gaussian_gram(y, 3.0)
        torch.testing.assert_close(assembled(joint), dense)


@pytest.mark.parametrize("alpha", [0.9, 1.0, 1.01, 1.5, 3.0])
def test_a_subspace_of_all_dimensions_leaves_nothing_to_chance(alpha):
    x, _ = pair(60)
    traces, quadrature_error = entropy_traces(
        GaussianGram(scaled(x, 2.0)), alpha, Probing(4, 60, 40)
    )
    assert float(traces.std()) < 1e-9
    assert quadrature_error < 1e-6
    found = probed_entropy(scaled(x, 2.0), alpha, Probing(4, 60, 40)).estimate()
    assert found.value == pytest.approx(
        float(renyi_entropy(gaussian_gram(x, 2.0), alpha)), abs=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [1.0, 1.01, 1.5])
def test_the_error_bar_holds_the_truth_as_often_as_it_says(alpha):
    x, y = pair()
    exact = float(mutual_information(gaussian_gram(x, 3.0), gaussian_gram(y, 3.0), alpha))
    points = scaled(x, 3.0), scaled(y, 3.0)
    found = [stochastic_information(*points, alpha, Probing(24, 8, 24, seed)) for seed in range(40)]
    z = np.array([(f.value - exact) / f.standard_error for f in found])
    assert np.mean(abs(z) < 1.96) >= 0.87, f"outside: {z[abs(z) >= 1.96]}"
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1, abs=0.3)


def test_at_least_95_percent_of_random_cases_lie_within_two_errors():
    outside = 0
    random = np.random.default_rng(0)
    for case in range(40):
        n, d = int(random.integers(100, 300)), int(random.integers(1, 30))
        x, y = pair(n, d, rho=float(random.uniform(-0.9, 0.9)), seed=case)
        sigma = float(random.uniform(0.5, 2) * math.sqrt(d))
        exact = mutual_information(gaussian_gram(x, sigma), gaussian_gram(y, sigma))
        points = scaled(x, sigma), scaled(y, sigma)
        found = stochastic_information(*points, probing=Probing(32, 16, 8, case))
        outside += abs(found.value - float(exact)) > found.error_bar
    assert outside <= 0.05 * 40 + 2  # of 40 draws, 5 % is 2 give or take 1.4


def test_gauss_and_radau_bound_the_quadrature_from_either_side():
    points = scaled(pair()[0], 3.0)
    long = probed_entropy(points, probing=Probing(16, 16, 60)).estimate()
    errors = []
    for steps in (2, 4, 8, 16):
        short = probed_entropy(points, probing=Probing(16, 16, steps)).estimate()
        # the same probes: what differs is the quadrature alone
        assert abs(short.value - long.value) <= short.quadrature_error + long.quadrature_error
        errors.append(short.quadrature_error)
    assert errors == sorted(errors, reverse=True)
    assert long.quadrature_error < 1e-3


def test_what_is_linear_costs_no_error():
    # one width for all: A is the identity over N, and every f(A) a multiple of it
    found = probed_entropy(scaled(pair()[0], 1e-3), probing=Probing(32, 8, 4)).estimate()
    assert found.standard_error < 1e-9


def test_more_probes_and_a_larger_subspace_lower_the_error():
    points = scaled(pair()[0], 3.0)
    errors = [
        probed_entropy(points, probing=probing).estimate().standard_error
        for probing in (Probing(16, 0), Probing(256, 0), Probing(256, 64))
    ]
    assert errors[0] > 2.5 * errors[1] > 2.5 * errors[2]


def test_alpha_2_is_exact():
    x, y = pair()
    exact = mutual_information(gaussian_gram(x, 3.0), gaussian_gram(y, 3.0), 2.0)
    found = stochastic_information(scaled(x, 3.0), scaled(y, 3.0), 2.0)
    assert found.value == pytest.approx(float(exact), abs=1e-9)
    assert found.standard_error == 0


def test_entropy_is_continuous_through_alpha_1():
    points, probing = scaled(pair()[0], 3.0), Probing(32, 32)
    below, at, above = (
        probed_entropy(points, alpha, probing).estimate().value
        for alpha in (1 - 1e-7, 1.0, 1 + 1e-7)
    )
    assert below == pytest.approx(at, abs=1e-5)
    assert above == pytest.approx(at, abs=1e-5)


def test_single_precision_is_enough():
    x, y = pair(400)
    points = scaled(x, 3.0), scaled(y, 3.0)
    double = stochastic_information(*points, probing=Probing(16, 32))
    single = stochastic_information(*(p.float() for p in points), probing=Probing(16, 32))
    assert single.value == pytest.approx(double.value, abs=1e-3)


@pytest.mark.parametrize(("sigma", "entropy"), [(1e-3, math.log2(200)), (1e5, 0.0)])
def test_limits_of_the_width(sigma, entropy):
    found = probed_entropy(scaled(pair(200)[0], sigma)).estimate()
    assert found.value == pytest.approx(entropy, abs=1e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("alpha", [0.3, 1.01, 2.0])
def test_what_would_underflow_changes_no_entropy(alpha, dtype):
    """Groups of points between which a kernel value is no normal number, nor its floor heard."""
    generator = torch.Generator().manual_seed(0)
    centres = torch.tensor([[0.0, 0.0], [9.6, 0.0], [0.0, 28.0]], dtype=torch.float64)
    points = 0.3 * torch.randn(40, 2, generator=generator).double() + centres[:, None]
    points = points.flatten(0, 1).to(dtype)
    least = min(float(tile.min()) for _, _, tile in GaussianGram(points).tiles())
    assert torch.finfo(torch.float32).tiny < least < 1e-34
    exact = renyi_entropy(gaussian_gram(points.double(), math.sqrt(0.5)), alpha)
    found = probed_entropy(points, alpha, Probing(subspace=120)).estimate()
    rounding = 1e-3 if dtype == torch.float32 else 1e-6
    assert found.value == pytest.approx(float(exact), abs=rounding + found.error_bar)


class TestEstimator:
    def test_settings_carry_over_from_the_exact_one(self):
        exact = MatrixRenyi(
            PreviousWidth(2), 1.5, False, {"X": "all"}, 1e-6, "all", torch.float32, "cpu"
        )
        other = StochasticMatrixRenyi(**vars(exact), probing=Probing(8))
        shared = {name: value for name, value in vars(other).items() if name != "probing"}
        assert shared == vars(exact)
        assert other.probing == Probing(8)

    exact = MatrixRenyi(ProposedWidth(1.5))
    stochastic = StochasticMatrixRenyi(ProposedWidth(1.5), probing=Probing(64, 64))

    def test_both_agree_within_the_error(self):
        x, y = pair(400)
        found = self.stochastic.estimate(x, y)
        assert 0 < found.standard_error < 0.1
        assert abs(found.value - float(self.exact(x, y))) < 4 * found.standard_error
        assert float(self.stochastic(x, y)) == pytest.approx(found.value, abs=1e-6)

    def test_batches_are_estimated_one_by_one(self):
        x, y = correlated_gaussians(120, 5, 0.7, torch.Generator().manual_seed(0), (2, 3))
        together = self.stochastic(x, y)
        assert together.shape == (2, 3)
        assert float(together[1, 2]) == pytest.approx(float(self.stochastic(x[1, 2], y[1, 2])))

    def test_a_plane_can_be_recorded_with_it(self):
        model = Autoencoder(2, 20, (8, 7, 6), torch.Generator().manual_seed(0))
        batch = torch.rand(1, 150, 20, generator=torch.Generator().manual_seed(1))
        rules = {"exact": self.exact, "stochastic": self.stochastic}
        plane = InformationPlane(model, ["E1", "Z", "D3"], list(batch), rules).record()
        record = plane[["input_mi", "output_mi", "entropy"]].to_dataarray()
        difference = abs(record.sel(estimator="exact") - record.sel(estimator="stochastic"))
        assert float(difference.max()) < 0.15

    def test_samples_are_computed_in_the_precision_asked_for(self):
        x, y = pair(100)
        single = MatrixRenyi(ProposedWidth(1.5), dtype=torch.float32, device="cpu")
        assert single(x, y).dtype == torch.float32
        assert float(single(x, y)) == pytest.approx(float(self.exact(x, y)), abs=1e-3)

    def test_standardisation_and_groups_are_kept(self):
        x, _ = pair(200)
        rule = StochasticMatrixRenyi(
            ProposedWidth(1.5), groups={"X": "all"}, probing=Probing(8, 32)
        )
        scale = torch.linspace(1, 9, 12, dtype=torch.float64)
        points = rule.represent(scale * x, "X")
        sigma = ProposedWidth(1.5)(200, 12)
        torch.testing.assert_close(points, scaled(standardize(scale * x, "all"), sigma))

    def test_an_impossible_size_is_refused_with_what_fits(self, monkeypatch):
        monkeypatch.setattr(memory, "free", lambda _: 2**30)
        x = torch.zeros(8000, 1).expand(8000, 2) + torch.arange(8000)[:, None]
        with pytest.raises(MemoryError, match=r"N = 8,000 .*1\.2 GiB.*1\.0 GiB.*StochasticM"):
            MatrixRenyi(PreviousWidth(1.0), standardize=False).represent(x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Probing(probes=1), "probes is 1"),
        (lambda: Probing(subspace=-1), "subspace is -1"),
        (lambda: Probing(steps=1.5), "steps is 1.5"),
        (lambda: StochasticMatrixRenyi(ProposedWidth(1), alpha=0), "alpha is 0"),
        (lambda: MatrixRenyi(ProposedWidth(1), dtype=torch.float16), "dtype is torch.float16"),
        (lambda: probed_entropy(torch.rand(2, 9, 3)).estimate(), r"\(2, 9, 3\); give one set"),
        (lambda: probed_entropy(torch.rand(9, 3), alpha=0).estimate(), "alpha is 0"),
        (
            lambda: probed_entropy(torch.rand(9, 3), alpha=7).estimate(),
            "alpha is 7.* orders up to 4",
        ),
        (lambda: probed_entropy(1e25 * torch.rand(9, 3)).estimate(), "too large to be squared"),
        (lambda: stochastic_information(torch.rand(9, 3), torch.rand(8, 3)), "needs pairs"),
        (lambda: probed_entropy(torch.full((9, 3), math.nan)).estimate(), "NaN"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
