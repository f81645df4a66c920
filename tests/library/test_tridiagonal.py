"""Entropies from the tridiagonal form, against eigenvalues and closed forms."""

import math

import numpy as np
import pytest
import torch

from ipae_lib import entropy, native, tridiagonal
from ipae_lib.tridiagonal import NEAR_ONE, eigenvalues, excess


@pytest.fixture(autouse=True, params=["by address", "by scipy"])
def lapack(request, monkeypatch):
    """Everything holds with LAPACK by its address, and without it."""
    if request.param == "by scipy":
        monkeypatch.setattr(native, "_routine", lambda *_: None)


N = 120
ALPHAS = [1 - NEAR_ONE, 0.99, 1 - 1e-9, 1, 1 + 1e-9, 1.01, 1 + NEAR_ONE]


def expected(values, alpha):
    """(1 − Σ λ^α) / (α − 1) of eigenvalues, term by term in a form without cancellation."""
    values = values[values > 0] / values[values > 0].sum()
    log = np.log(values)
    beta = alpha - 1
    return float(-(values * (np.expm1(beta * log) / beta if beta else log)).sum())


def gaussian(d, sigma, seed=0):
    x = np.random.default_rng(seed).normal(size=(N, d))
    squares = ((x[:, None] - x[None]) ** 2).sum(-1)
    return np.exp(-squares / (2 * sigma**2)) / N


MATRICES = {
    "identity": np.eye(N) / N,
    "all equal": np.full((N, N), 1 / N),
    "nearly equal": gaussian(2, 1e4),
    "two groups": np.kron(np.eye(2), np.ones((N // 2, N // 2))) / N,
    "smooth": gaussian(2, 1.0),
    "rough": gaussian(2, 0.1),
    "many dimensions": gaussian(300, 20),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 3, 16, 17, N, 512])
def test_the_form_has_the_matrixs_eigenvalues(n, dtype):
    x = np.random.default_rng(0).normal(size=(n, n))
    matrix = (x @ x.T / n**2).astype(dtype)
    before = matrix.copy()
    diagonal, off = tridiagonal.tridiagonal(matrix)
    assert diagonal.shape == (n,)
    assert off.shape == (n - 1,)
    whole = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
    values = np.linalg.eigvalsh(matrix.astype(float))
    tolerance = 30 * np.finfo(dtype).eps * values.max()
    np.testing.assert_allclose(np.linalg.eigvalsh(whole), values, rtol=0, atol=tolerance)
    np.testing.assert_allclose(eigenvalues(diagonal, off), values, rtol=0, atol=tolerance)
    assert np.array_equal(matrix, before)


def test_the_lower_triangle_is_read():
    matrix = gaussian(3, 1.0)
    other = matrix + np.triu(np.ones_like(matrix), 1)
    for one, two in zip(
        tridiagonal.tridiagonal(matrix), tridiagonal.tridiagonal(other), strict=True
    ):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("name", MATRICES)
def test_the_excess_in_double_precision(name, alpha):
    form = tridiagonal.tridiagonal(MATRICES[name])
    found = excess(*form, alpha, np.float64)
    # eigenvalues that rounding leaves in place of 0 are about 1e-17 and count as their power
    tolerance = 1e-11 if alpha < 0.95 else 1e-12
    assert found == pytest.approx(expected(eigenvalues(*form), alpha), abs=tolerance)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("name", MATRICES)
def test_the_excess_in_single_precision(name, alpha):
    form = tridiagonal.tridiagonal(MATRICES[name].astype(np.float32))
    found = excess(*form, alpha, np.float32)
    if found is None:  # rounding made an eigenvalue of a matrix of low rank negative
        assert eigenvalues(*form)[0] < -1e-7
    else:
        exact = expected(np.linalg.eigvalsh(MATRICES[name]), alpha)
        assert found == pytest.approx(exact, abs=1e-3 if alpha < 0.95 else 2e-4)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("share", [0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-12])
def test_two_eigenvalues(share, alpha):
    values = np.array([share, 1 - share])
    found = excess(values, np.zeros(1), alpha, np.float64)
    assert found == pytest.approx(expected(values, alpha), abs=5e-13)


def test_the_size_of_the_matrix_does_not_matter():
    diagonal, off = tridiagonal.tridiagonal(MATRICES["smooth"])
    small, large = (excess(s * diagonal, s * off, 1.01, np.float64) for s in (1e-6, 1e6))
    assert small == pytest.approx(large, abs=1e-12)


def test_one_sample_has_no_entropy():
    assert excess(np.ones(1), np.empty(0), 1.01, np.float64) == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("least", [-1e-3, -1e-10])
def test_a_matrix_that_is_not_positive_is_told(least):
    values = np.array([0.5, 0.5, least])
    assert excess(values, np.zeros(2), 1.01, np.float64) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_an_eigenvalue_that_rounding_made_negative_meets_no_pole(alpha, dtype):
    least = tridiagonal._LEAST[np.dtype(dtype)]
    exact = expected(np.array([0.01, 0.99]), alpha)
    answered = 0
    for part in np.linspace(0, 1, 101):  # of the way to −t
        for beside in (0, 1e-3, 1e-6):
            negative = -part * least * (1 - beside)
            found = excess(np.array([0.01, 0.99, negative]), np.zeros(2), alpha, dtype)
            answered += found is not None
            # the least eigenvalue counts at most as one of the least t would
            counts = 20 * least ** min(alpha, 1) * (1 if alpha > 0.95 else 2)
            assert found is None or found == pytest.approx(exact, abs=counts + 2e-7)
    assert answered > 100


@pytest.mark.parametrize("values", [np.zeros(3), -np.ones(3), np.array([1.0, -1, 0])])
def test_a_matrix_without_a_trace_is_told(values):
    assert excess(values, np.zeros(2), 1.01, np.float64) is None


def test_eigenvalues_leave_the_form_alone():
    diagonal, off = tridiagonal.tridiagonal(MATRICES["smooth"])
    copies = diagonal.copy(), off.copy()
    eigenvalues(diagonal, off)
    assert np.array_equal(diagonal, copies[0])
    assert np.array_equal(off, copies[1])


def test_eigenvalues_that_do_not_converge_are_an_error():
    with pytest.raises(np.linalg.LinAlgError, match="did not converge"):
        eigenvalues(np.array([1.0, math.nan, 1.0]), np.array([1.0, 1.0]))


@pytest.mark.parametrize("n", [2, 3, 34, 35, N])
def test_a_batch_is_reduced_to_forms_with_its_eigenvalues(n):
    x = np.random.default_rng(0).normal(size=(4, n, n))
    matrices = torch.from_numpy(x @ x.swapaxes(1, 2) / n**2)
    before = matrices.clone()
    diagonal, off = tridiagonal.tridiagonal_of_batch(matrices)
    forms = torch.diag_embed(diagonal) + torch.diag_embed(off, 1) + torch.diag_embed(off, -1)
    expected = torch.linalg.eigvalsh(matrices)
    atol = 1e-14 * float(expected.max())
    torch.testing.assert_close(torch.linalg.eigvalsh(forms), expected, rtol=0, atol=atol)
    assert torch.equal(matrices, before)


def test_a_batch_that_is_tridiagonal_already_stays_so():
    matrices = torch.stack([torch.eye(N), torch.zeros(N, N), torch.full((N, N), 1.0)]).double() / N
    diagonal, off = tridiagonal.tridiagonal_of_batch(matrices)
    assert torch.equal(diagonal[:2], torch.diagonal(matrices[:2], dim1=1, dim2=2))
    assert not off[:2].any()
    values = eigenvalues(diagonal[2].numpy(), off[2].numpy())
    np.testing.assert_allclose(values, [0] * (N - 1) + [1], rtol=0, atol=1e-14)


@pytest.mark.parametrize("alpha", [*ALPHAS, 0.5, 2, 3])
def test_entropies_of_a_batch_are_those_of_its_matrices(alpha):
    matrices = torch.from_numpy(np.stack(list(MATRICES.values())))
    alone = entropy.renyi_entropy(matrices, alpha)
    # far below 1, rounding errors of eigenvalues that should be 0 count
    atol = 1e-5 if alpha < 0.8 else 1e-12
    torch.testing.assert_close(entropy._of_batch(matrices, alpha), alone, rtol=0, atol=atol)


def test_a_batch_tells_which_matrix_is_not_positive():
    good, bad = torch.full((N,), 1 / N), torch.full((N,), 1 / N)
    bad[3] = -0.2
    diagonal, off = torch.stack([good, bad]).double(), torch.zeros(2, N - 1, dtype=torch.float64)
    found = tridiagonal.excess_of_batch(diagonal, off, 1.01)
    assert found.isnan().tolist() == [False, True]
    assert float(found[0]) == pytest.approx(expected(good.numpy(), 1.01))
