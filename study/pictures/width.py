"""The picture of chapter 3: what a kernel width makes of a few samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from ipae_lib.entropy import mutual_information, renyi_entropy
from ipae_lib.estimand import gaussian_entropy, gaussian_information, noise_level
from ipae_lib.kernels import (
    KernelWidth,
    PreviousWidth,
    ProposedWidth,
    SilvermanWidth,
    gaussian_gram,
    squared_distances,
    standardize,
)
from ipae_lib.toys import correlated_gaussians, correlated_gaussians_mi
from study.pictures.markup import picture, rounded, table

SAMPLES = 32
DIMENSIONS = (1, 3, 10, 30, 100)
RHOS = (0.9, 0.0)
RULES: dict[str, KernelWidth] = {
    "Silverman": SilvermanWidth(),
    "previous": PreviousWidth(2 * math.sqrt(10)),
    "proposed": ProposedWidth(2),
}
"""With the constants of Sec. IV-A, as in the chapter."""

LOG_WIDTHS = np.linspace(-2, 3, 51).round(1)
"""log₁₀ σ, where the reader can stop."""

FIRST = 10
"""The dimension that is shown first, and without scripts."""

_DECIMALS = 3


def data() -> dict[str, Any]:
    """What the picture shows of standardised samples of correlated Gaussians.

    Returns
    -------
    dict
        ``samples``, ``rhos``, ``log_widths`` (log₁₀ σ), and for each dimension ``d``: the squared
        ``distances`` of the samples of X above the diagonal, line by line; the ``points``, first
        dimension of X and, for each ρ, of Y; the widths of the ``rules``; and in bits, for each
        width, ``entropy`` with its ``entropy_estimand``, for each ρ ``information`` with its
        ``information_estimand``, and the ``truth``.
    """
    return {
        "samples": SAMPLES,
        "rhos": list(RHOS),
        "log_widths": LOG_WIDTHS.tolist(),
        "dimensions": [_of_dimension(d) for d in DIMENSIONS],
    }


def samples(d: int, rho: float) -> tuple[torch.Tensor, torch.Tensor]:
    """X and Y of shape (N, d), standardised (29), in the order of the first dimension of X."""
    generator = torch.Generator().manual_seed(0)
    x, y = correlated_gaussians(SAMPLES, d, rho, generator)
    order = x[:, 0].argsort()
    return standardize(x[order]), standardize(y[order])


def at_width(d: int, rho: float, sigma: float) -> dict[str, float]:
    """Bits at one width: S(X), I(X;Y), and what both tend to with more and more samples."""
    x, y = samples(d, rho)
    a, b = gaussian_gram(x, sigma), gaussian_gram(y, sigma)
    one, both = np.eye(d), np.array([[1, rho], [rho, 1]])
    return {
        "entropy": float(renyi_entropy(a)),
        "entropy_estimand": gaussian_entropy(one.diagonal(), sigma),
        "information": float(mutual_information(a, b)),
        "information_estimand": gaussian_information(np.kron(both, one), d, sigma, sigma),
    }


def _of_dimension(d: int) -> dict[str, Any]:
    widths = (10**LOG_WIDTHS).tolist()
    curves = [[at_width(d, rho, sigma) for sigma in widths] for rho in RHOS]

    def curve(quantity: str, i: int) -> list:
        return rounded([one[quantity] for one in curves[i]], _DECIMALS)

    x, _ = samples(d, RHOS[0])
    above = torch.triu_indices(SAMPLES, SAMPLES, offset=1)
    ys = [samples(d, rho)[1][:, 0] for rho in RHOS]
    return {
        "d": d,
        "distances": [float(f"{v:.5g}") for v in squared_distances(x)[*above].tolist()],
        "points": [rounded(values, 3) for values in (x[:, 0], *ys)],
        "rules": {name: rule(SAMPLES, d) for name, rule in RULES.items()},
        "entropy": curve("entropy", 0),
        "entropy_estimand": curve("entropy_estimand", 0),
        "information": [curve("information", i) for i in range(len(RHOS))],
        "information_estimand": [curve("information_estimand", i) for i in range(len(RHOS))],
        "truth": rounded([correlated_gaussians_mi(d, rho) for rho in RHOS], _DECIMALS),
    }


def kernel_width() -> str:
    """The markup of the picture; without scripts, what each rule gives in ten dimensions."""
    rows = []
    for name, rule in RULES.items():
        sigma = rule(SAMPLES, FIRST)
        found = at_width(FIRST, RHOS[0], sigma)
        numbers = (sigma, noise_level(sigma), *found.values())
        rows.append((name, *(f"{number:.2f}" for number in numbers)))
    caption = (
        f"What each rule makes of {SAMPLES} samples of {FIRST} dimensions with the correlation "
        f"{RHOS[0]}. S and I are in bits, and ∞ marks what they tend to with more samples."
    )
    head = ["rule", "σ", "noise level σ/2", "S(X)", "S(X), ∞", "I(X;Y)", "I(X;Y), ∞"]
    return picture("width-picture", data(), table(caption, head, rows))
