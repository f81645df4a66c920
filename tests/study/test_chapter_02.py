"""What chapter 2 sums up, on matrices whose spectrum is known."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from ipae_lib.entropy import mutual_information
from ipae_lib.estimand import gaussian_information
from ipae_lib.kernels import gaussian_gram
from ipae_lib.toys import correlated_gaussians
from study.chapters import ch02


def diagonal(*eigenvalues):
    """Two runs of a matrix that has these eigenvalues, the second time in another order."""
    values = torch.tensor(eigenvalues, dtype=torch.float64)
    return torch.stack([torch.diag(values), torch.diag(values.flip(0))])


def entropy(p, alpha):
    p = np.array(p)
    p = p[p > 0]
    if alpha == 1:
        return -(p * np.log2(p)).sum()
    return np.log2((p**alpha).sum()) / (1 - alpha)


P, Q = (0.7, 0.2, 0.1, 0.0), (0.4, 0.3, 0.2, 0.1)
BOTH = np.array([0.28, 0.06, 0.02, 0.0]) / 0.36


class TestByOrder:
    def test_is_the_entropy_of_the_eigenvalues(self):
        orders = [0.3, 1.01, 2.0, 5.0]
        found = ch02.by_order(diagonal(*P), diagonal(*Q), torch.tensor(orders, dtype=torch.float64))
        assert found.entropy.dims == ("matrix", "run", "order")
        assert found.mutual_information.dims == ("run", "order")
        for alpha in orders:
            of_order = found.sel(order=alpha)
            for name, p in {"A": P, "B": Q, "A, B": BOTH}.items():
                np.testing.assert_allclose(
                    of_order.entropy.sel(matrix=name), entropy(p, alpha), atol=1e-12
                )
            expected = entropy(P, alpha) + entropy(Q, alpha) - entropy(BOTH, alpha)
            np.testing.assert_allclose(of_order.mutual_information, expected, atol=1e-12)

    @pytest.mark.parametrize(
        ("order", "message"),
        [(1.0, "orders holds 1"), (0.0, "orders is 0"), (-1.0, "orders is -1")],
    )
    def test_refuses_orders_without_a_value(self, order, message):
        with pytest.raises(ValueError, match=message):
            ch02.by_order(diagonal(*P), diagonal(*Q), torch.tensor([0.5, order]))


class TestExpectedIncrease:
    def test_of_a_flat_spectrum_is_0(self):
        flat = diagonal(0.25, 0.25, 0.25, 0.25)
        assert ch02.expected_increase(flat, diagonal(1.0, 0.0)).shape == (2, 2)
        np.testing.assert_allclose(ch02.expected_increase(flat), 0, atol=1e-15)

    def test_is_half_a_hundredth_of_the_variance_of_the_logarithm(self):
        # ln λ is ln 3/4 or ln 1/4: ln 3 apart, with probabilities 3/4 and 1/4
        nats = 0.005 * 3 / 16 * math.log(3) ** 2
        np.testing.assert_allclose(
            ch02.expected_increase(diagonal(0.75, 0.25)), nats / math.log(2), rtol=1e-12
        )

    def test_is_the_increase_to_first_order(self):
        true = entropy(Q, 1) - entropy(Q, 1.01)
        found = ch02.expected_increase(diagonal(*Q))
        np.testing.assert_allclose(found, true, rtol=0.01)


class TestOrderOne:
    def test_values_at_both_orders(self):
        table = ch02.order_one(diagonal(*P), diagonal(*Q))
        for name, spectra in {"S(A)": [(1, P)], "I(A;B)": [(1, P), (1, Q), (-1, BOTH)]}.items():
            paper, shannon = (
                sum(sign * entropy(p, alpha) for sign, p in spectra) for alpha in (1.01, 1)
            )
            row = table.loc[name]
            assert row["α = 1.01 [bits]"] == pytest.approx(paper, abs=1e-12)
            assert row["α = 1 [bits]"] == pytest.approx(shannon, abs=1e-12)
            assert row["increase [%]"] == pytest.approx(100 * (shannon / paper - 1), abs=1e-8)
            assert row["± (runs)"] == pytest.approx(0, abs=1e-10)
            assert row["predicted [%]"] == pytest.approx(row["increase [%]"], rel=0.05)

    def test_the_spread_is_that_of_the_runs(self):
        a = torch.stack([torch.diag(torch.tensor(p, dtype=torch.float64)) for p in (P, Q)])
        increases = [100 * (entropy(p, 1) / entropy(p, 1.01) - 1) for p in (P, Q)]
        row = ch02.order_one(a, a).loc["S(A)"]
        assert row["increase [%]"] == pytest.approx(np.mean(increases), abs=1e-9)
        assert row["± (runs)"] == pytest.approx(np.std(increases, ddof=1), abs=1e-9)


def test_the_summary_sets_the_gain_beside_the_effect():
    row = {"α = 1.01 [bits]": 0.5, "α = 1 [bits]": 0.6, "increase [%]": 18.0, "± (runs)": 0.25}
    table = pd.DataFrame({"S(A)": dict.fromkeys(row, -1.0), "I(A;B)": row}).T
    found = ch02.order_summary(table, torch.tensor([0.3, 0.5]))
    assert found == pytest.approx({"increase": 18, "deviation": 0.25, "gain": 0.1, "effect": 0.1})


class TestConvergence:
    def test_smaller_sets_are_the_first_samples_of_the_largest(self):
        found = ch02.convergence({1: 0.7, 3: 2.0}, [10, 30], 0.8, runs=2)
        assert found.estimate.dims == ("d", "n", "run")
        for d, sigma in ((1, 0.7), (3, 2.0)):
            x, y = correlated_gaussians(30, d, 0.8, torch.Generator().manual_seed(d), (2,))
            for n in (10, 30):
                grams = [gaussian_gram(v[:, :n], sigma) for v in (x, y)]
                np.testing.assert_allclose(
                    found.estimate.sel(d=d, n=n), mutual_information(*grams), atol=1e-12
                )
            eye = np.eye(d)
            covariance = np.block([[eye, 0.8 * eye], [0.8 * eye, eye]])
            expected = gaussian_information(covariance, d, sigma, sigma)
            assert float(found.estimand.sel(d=d)) == pytest.approx(expected)

    def test_multiples_approach_the_entropy(self):
        found = ch02.rescaled([0.1, 1.0, 1e4], 0.5, n=200, runs=3)
        # all samples differ in the multiple, which tells all that A can
        np.testing.assert_allclose(found.information[:, -1], found.entropy, atol=0.01)
        assert float(found.information_estimand[-1]) == pytest.approx(
            float(found.entropy_estimand), abs=1e-3
        )
        assert (found.information[:, 1] < found.entropy - 0.3).all()
        means = found.information.mean("run")
        error = found.information.std("run", ddof=1) / 3**0.5
        assert (abs(means - found.information_estimand) < 4 * error + 0.02).all()

    def test_the_summary_is_of_the_means(self):
        found = xr.Dataset(
            {
                "entropy": ("run", [2.0, 4.0]),
                "information": (("run", "scale"), [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]),
            },
            {"scale": [0.5, 1.0, 2.0]},
        )
        assert ch02.rescaled_summary(found) == {"entropy": 3, "itself": 1.5, "largest": 2.5}
