"""Chapter 2, the estimator: what it tends to for many samples, and what its order α does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from ipae_lib.entropy import joint_gram, mutual_information, renyi_entropy
from ipae_lib.estimand import gaussian_entropy, gaussian_information
from ipae_lib.kernels import gaussian_gram
from ipae_lib.toys import correlated_gaussians
from ipae_lib.validation import check_positive

ORDER = 1.01
"""The paper's α."""


def by_order(a: Tensor, b: Tensor, orders: Tensor) -> xr.Dataset:
    """Entropies (18) and information (20) over many orders, from one set of eigenvalues.

    Parameters
    ----------
    a, b : Tensors of shape (runs, N, N)
        Normalised Gram matrices of two variables.
    orders : Tensor of shape (orders,)
        Above 0, and none of them 1.

    Returns
    -------
    Dataset, in bits
        ``entropy`` (matrix, run, order) of the matrices A, B and ``"A, B"``, which is that of
        both; ``mutual_information`` (run, order).

    Raises
    ------
    ValueError
        If an order is 1 or not above 0.
    """
    for order in orders.tolist():
        if check_positive(order, "orders") == 1:
            raise ValueError("orders holds 1, where (18) is a limit; use renyi_entropy(gram, 1)")
    entropies = [
        (_eigenvalues(gram)[..., None] ** orders).sum(-2).log2() / (1 - orders)
        for gram in (a, b, joint_gram(a, b))
    ]
    entropy = xr.DataArray(
        torch.stack(entropies).cpu().numpy(),
        {"matrix": ["A", "B", "A, B"], "order": orders.cpu().numpy()},
        ("matrix", "run", "order"),
    )
    of_a, of_b, of_both = (entropy.sel(matrix=name, drop=True) for name in entropy.matrix.values)
    return xr.Dataset({"entropy": entropy, "mutual_information": of_a + of_b - of_both})


def expected_increase(*grams: Tensor) -> Tensor:
    """What entropies gain from α = `ORDER` to α = 1, to first order in α − 1, in bits.

    In nats, S₁ − S_α ≈ (α − 1)/2 · Var(ln λ), where the eigenvalue λ has probability λ.

    Parameters
    ----------
    *grams : Tensors of shape (..., N, N)
        Normalised Gram matrices.

    Returns
    -------
    Tensor of shape (number of grams, ...)
    """
    increases = []
    for gram in grams:
        p = _eigenvalues(gram)
        log = p.clamp(min=torch.finfo(p.dtype).tiny).log()
        variance = (p * log**2).sum(-1) - (p * log).sum(-1) ** 2
        increases.append((ORDER - 1) / 2 * variance / math.log(2))
    return torch.stack(increases)


def order_one(a: Tensor, b: Tensor) -> pd.DataFrame:
    """What entropy and information gain where the limit α = 1 takes the place of α = `ORDER`.

    Parameters
    ----------
    a, b : Tensors of shape (runs, N, N)
        Normalised Gram matrices of two variables.

    Returns
    -------
    DataFrame with a row for S(A) and one for I(A;B)
        Means over the runs: the values at both orders in bits, the increase in % with its
        standard deviation over runs, and the increase that `expected_increase` predicts.
    """
    of_a, of_b, of_both = expected_increase(a, b, joint_gram(a, b))
    rows = {
        "S(A)": (renyi_entropy(a, ORDER), renyi_entropy(a, 1), of_a),
        "I(A;B)": (
            mutual_information(a, b, ORDER),
            mutual_information(a, b, 1),
            of_a + of_b - of_both,
        ),
    }
    table = {}
    for name, (paper, shannon, expected) in rows.items():
        increase = 100 * (shannon / paper - 1)
        table[name] = {
            f"α = {ORDER} [bits]": float(paper.mean()),
            "α = 1 [bits]": float(shannon.mean()),
            "increase [%]": float(increase.mean()),
            "± (runs)": float(increase.std()),
            "predicted [%]": float((100 * expected / paper).mean()),
        }
    return pd.DataFrame.from_dict(table, orient="index")


def order_summary(table: pd.DataFrame, independent: Tensor) -> dict[str, float]:
    """The finding on the order, beside the effect of a correlation.

    Parameters
    ----------
    table : DataFrame
        What `order_one` gives for correlated variables.
    independent : Tensor of shape (runs,)
        Estimates for independent variables at α = `ORDER`, in bits.

    Returns
    -------
    dict
        ``increase`` and its ``deviation`` over runs, in %; in bits, what the limit α = 1 adds
        (``gain``) and what the correlation does (``effect``).
    """
    found = table.loc["I(A;B)"]
    paper = found[f"α = {ORDER} [bits]"]
    return {
        "increase": found["increase [%]"],
        "deviation": found["± (runs)"],
        "gain": found["α = 1 [bits]"] - paper,
        "effect": paper - float(independent.mean()),
    }


def convergence(
    widths: Mapping[int, float], sizes: Sequence[int], rho: float, runs: int
) -> xr.Dataset:
    """Estimates of correlated Gaussians for more and more samples, and what they tend to.

    Parameters
    ----------
    widths : mapping from d to σ
        The same σ for all N.
    sizes : sequence of int
        Numbers of samples N; a larger set holds the smaller ones.
    rho : float
    runs : int

    Returns
    -------
    Dataset, in bits
        ``estimate`` (d, n, run) and ``estimand`` (d).
    """
    estimates, limits = [], []
    for d, sigma in widths.items():
        generator = torch.Generator().manual_seed(d)
        x, y = correlated_gaussians(max(sizes), d, rho, generator, (runs,))
        grams = [gaussian_gram(v, sigma) for v in (x, y)]
        parts = [[gram[:, :n, :n] * len(gram[0]) / n for gram in grams] for n in sizes]
        estimates.append(torch.stack([mutual_information(a, b) for a, b in parts]))
        one = np.array([[1, rho], [rho, 1]])
        limits.append(d * gaussian_information(one, 1, sigma, sigma, ORDER))
    return xr.Dataset(
        {"estimate": (("d", "n", "run"), torch.stack(estimates)), "estimand": ("d", limits)},
        {"d": list(widths), "n": list(sizes)},
    )


def rescaled(scales: Sequence[float], sigma: float, n: int, runs: int) -> xr.Dataset:
    """Information of one normal variable X with its multiples a X, all with the same width.

    Parameters
    ----------
    scales : sequence of float
        The factors a.
    sigma : float
    n : int
        Samples.
    runs : int

    Returns
    -------
    Dataset, in bits
        Estimates ``entropy`` (run) of X and ``information`` (run, scale), and what they tend to,
        ``entropy_estimand`` and ``information_estimand`` (scale).
    """
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(runs, n, 1, generator=generator, dtype=torch.float64)
    a = gaussian_gram(x, sigma)
    information = [mutual_information(a, gaussian_gram(c * x, sigma)) for c in scales]
    estimands = [
        gaussian_information(np.array([[1, c], [c, c**2]]), 1, sigma, sigma, ORDER) for c in scales
    ]
    return xr.Dataset(
        {
            "entropy": ("run", renyi_entropy(a)),
            "information": (("run", "scale"), torch.stack(information, dim=-1)),
            "entropy_estimand": gaussian_entropy(np.ones(1), sigma, ORDER),
            "information_estimand": ("scale", estimands),
        },
        {"scale": list(scales)},
    )


def rescaled_summary(found: xr.Dataset) -> dict[str, float]:
    """Means over runs of `rescaled`, in bits.

    Returns
    -------
    dict
        ``entropy`` of X, its information with ``itself`` (a = 1), and that with the ``largest``
        multiple.
    """
    means = found.mean("run")
    return {
        "entropy": float(means.entropy),
        "itself": float(means.information.sel(scale=1)),
        "largest": float(means.information.sel(scale=found.scale.max())),
    }


def _eigenvalues(gram: Tensor) -> Tensor:
    """Eigenvalues that are not negative and sum to 1."""
    values = torch.linalg.eigvalsh(gram).clamp(min=0)
    return values / values.sum(-1, keepdim=True)
