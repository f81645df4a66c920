"""Matrix-based Rényi entropy: entropy and mutual information of normalised Gram matrices.

Equations (18) to (20), in bits. The functions take ready Gram matrices, so that callers who
need one matrix in several quantities build it once.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ipae_lib import tridiagonal
from ipae_lib.threads import in_threads
from ipae_lib.validation import ArrayLike, Order, as_gram

LARGE = 2048
"""Up to this N, CPUs gain by one thread a matrix: two take 1/1.4 of the time. Elsewhere 1024."""

_BATCH_BYTES = 2**33
"""Matrices reduced at once on other devices; twice as much again is needed beside them."""

_FORMS = 4096
"""Tridiagonal matrices whose integrals are taken at once."""

_INFINITE = 1e100
"""Of larger orders, all but the largest eigenvalue is rounding, and λ^α would overflow."""

_TINY = 64
"""Below this N, calling LAPACK costs more than what it does."""


def renyi_entropy(gram: ArrayLike, alpha: Order = 1.01) -> Tensor:
    """Matrix-based Rényi α-entropy S_α(A) of Gram matrices, equation (18).

    Eigenvalues that rounding made negative count as 0, and the others are rescaled to sum
    to 1. ``alpha = 1`` is the limit, the von Neumann entropy −Σ λ log₂ λ; (18) is evaluated
    in a form that passes through it without cancellation.

    Parameters
    ----------
    gram : array of shape (..., N, N)
        Symmetric positive semi-definite; the lower triangle is read.
    alpha : float
        Order of the entropy, above 0. Far below 1 the rounding errors of eigenvalues that
        should be 0 count, as λ^α does for any small λ.

    Returns
    -------
    Tensor of shape (...), in bits, within [0, log₂ N]

    Raises
    ------
    ValueError
        If ``alpha`` is not above 0, or ``gram`` is not finite, square and of positive trace.

    Examples
    --------
    >>> renyi_entropy(torch.eye(8) / 8).item()
    3.0
    """
    gram = as_gram(gram)
    n, alpha = gram.shape[-1], min(alpha, _INFINITE)
    if gram.requires_grad or not _TINY <= n <= (LARGE if gram.device.type == "cpu" else 1024):
        return _from_eigenvalues(torch.linalg.eigvalsh(gram), alpha)
    if gram.device.type != "cpu":
        return _of_batch(gram, alpha)
    matrices = gram.reshape(-1, n, n).numpy()
    bits = in_threads(lambda matrix: _of_small_matrix(matrix, alpha), matrices)
    return torch.tensor(bits, dtype=gram.dtype).reshape(gram.shape[:-2])


def _of_small_matrix(matrix: np.ndarray, alpha: float) -> float:
    """`renyi_entropy` of one matrix on a CPU."""
    form = tridiagonal.tridiagonal(matrix)
    excess = None
    if abs(alpha - 1) <= tridiagonal.NEAR_ONE:
        excess = tridiagonal.excess(*form, alpha, matrix.dtype)
    if excess is None:
        return float(_from_eigenvalues(torch.from_numpy(tridiagonal.eigenvalues(*form)), alpha))
    nats = excess if alpha == 1 else math.log1p((1 - alpha) * excess) / (1 - alpha)
    return max(nats, 0.0) / math.log(2)


def _of_batch(gram: Tensor, alpha: float) -> Tensor:
    """`renyi_entropy` of many matrices on another device than a CPU."""
    matrices = gram.reshape(-1, *gram.shape[-2:])
    parts = matrices.split(max(1, _BATCH_BYTES // (8 * matrices[0].numel())))
    forms = [tridiagonal.tridiagonal_of_batch(part.double()) for part in parts]
    diagonal, off = (torch.cat(some) for some in zip(*forms, strict=True))
    bits = torch.full_like(diagonal[:, 0], math.nan)
    if abs(alpha - 1) <= tridiagonal.NEAR_ONE:
        excess = torch.cat(
            [
                tridiagonal.excess_of_batch(*some, alpha)
                for some in zip(diagonal.split(_FORMS), off.split(_FORMS), strict=True)
            ]
        )
        nats = excess if alpha == 1 else torch.log1p((1 - alpha) * excess) / (1 - alpha)
        bits = nats.clamp(min=0) / math.log(2)
    left = bits.isnan().nonzero()[:, 0]
    if len(left):
        rest = zip(diagonal[left].cpu().numpy(), off[left].cpu().numpy(), strict=True)
        values = in_threads(lambda form: tridiagonal.eigenvalues(*form), rest)
        bits[left] = _from_eigenvalues(torch.from_numpy(np.stack(values)), alpha).to(bits)
    return bits.to(gram.dtype).reshape(gram.shape[:-2])


def _from_eigenvalues(eigenvalues: Tensor, alpha: float) -> Tensor:
    """Equation (18), of eigenvalues (..., N)."""
    eigenvalues = eigenvalues.clamp(min=0)
    total = eigenvalues.sum(dim=-1, keepdim=True)
    if not bool((total > 0).all()):
        raise ValueError(
            "gram has a trace of 0 or less; a Gram matrix of kernel values has a positive "
            "diagonal: make one with gaussian_gram(x, sigma)"
        )
    eigenvalues = eigenvalues / total
    log = torch.where(eigenvalues > 0, eigenvalues, 1).log()
    if alpha == 1:
        nats = -(eigenvalues * log).sum(dim=-1)
    else:
        # Σ λ^α = 1 + Σ λ (λ^(α−1) − 1): near α = 1 the sum itself would cancel, far from it
        # the 1 would, until nothing is left of the sum
        excess = (eigenvalues * torch.expm1((alpha - 1) * log)).sum(dim=-1)
        powers = torch.where(eigenvalues > 0, alpha * log, -math.inf)
        near = excess.abs() < 0.5
        # of the branch that is not taken, too, the gradient must be finite
        log_sum = torch.where(near, torch.where(near, excess, 0).log1p(), powers.logsumexp(dim=-1))
        nats = log_sum / (1 - alpha)
    return nats / math.log(2)


def joint_gram(*grams: ArrayLike) -> Tensor:
    """Gram matrix of several variables taken together: A ∘ B ∘ … / tr(A ∘ B ∘ …), as in (19).

    Parameters
    ----------
    *grams : arrays of shape (..., N, N)
        Gram matrices of the same samples in the same order.

    Returns
    -------
    Tensor of shape (..., N, N)

    Raises
    ------
    ValueError
        If no matrix is given, their N differ, or their product has no positive trace.
    """
    if not grams:
        raise ValueError("joint_gram got no matrix; give the Gram matrices of the variables")
    first, *others = (as_gram(gram, f"gram {i}") for i, gram in enumerate(grams))
    product = first
    for position, other in enumerate(others, start=1):
        if other.shape[-1] != first.shape[-1]:
            raise ValueError(
                f"gram 0 holds N = {first.shape[-1]} samples and gram {position} holds "
                f"N = {other.shape[-1]}; build all of them from the same samples"
            )
        product = product * other
    trace = torch.diagonal(product, dim1=-2, dim2=-1).sum(dim=-1)
    if not bool((trace > 0).all()):
        raise ValueError(
            "the product of the grams (a, b, …) has a trace of 0 or less; a Gram matrix of kernel "
            "values has a positive diagonal: make each with gaussian_gram(x, sigma)"
        )
    return product / trace[..., None, None]


def mutual_information(a: ArrayLike, b: ArrayLike, alpha: Order = 1.01) -> Tensor:
    """Matrix-based mutual information S_α(A) + S_α(B) − S_α(A, B), equation (20).

    Parameters
    ----------
    a, b : arrays of shape (..., N, N)
        Gram matrices of the same samples in the same order.
    alpha : float
        Order of the entropy, above 0.

    Returns
    -------
    Tensor of shape (...), in bits, at most log₂ N
        Not below 0 at ``alpha = 1``. At any other order it can be, by a little, for variables
        that are nearly independent: Rényi entropy is not subadditive.

    Raises
    ------
    ValueError
        As `renyi_entropy` and `joint_gram`.
    """
    a, b = as_gram(a, "a"), as_gram(b, "b")
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(
            f"a holds N = {a.shape[-1]} samples and b N = {b.shape[-1]}; build both from the same"
        )
    joint = joint_gram(a, b)
    return renyi_entropy(a, alpha) + renyi_entropy(b, alpha) - renyi_entropy(joint, alpha)
