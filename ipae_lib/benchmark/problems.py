"""What is asked of an estimator: problems, each one set of samples with several questions.

Three parts. ``planes``: the exact planes of solvable autoencoders at a few iterations of their
training. ``gaussians``: correlated Gaussians of known information in several dimensions.
``theory``: planes of autoencoders trained on MNIST, where no truth is known and the answers are
held against the theory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from threading import Lock

import torch
from torch import Tensor

from ipae_lib import discrete, linear, solvable, toys
from ipae_lib.arguments import AnyFloat
from ipae_lib.benchmark import networks
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI

PARTS = ("planes", "gaussians", "theory")

SMALL, LARGE = 2, 32
"""Bottleneck sizes of the networks of the part ``theory``, the paper's two."""

NETWORKS = {f"MNIST, K = {k}": k for k in (SMALL, LARGE)}
"""Their cases."""


@dataclass(frozen=True)
class Pair:
    """Two variables whose information is asked for, with their names in the network."""

    a: Tensor
    b: Tensor
    a_name: str | None = None
    b_name: str | None = None


@dataclass(frozen=True)
class Question:
    """One number asked for; ``exact`` is NaN where it is not known."""

    quantity: str
    layer: str
    d_x: int
    d_y: int
    exact: AnyFloat


@dataclass(frozen=True, eq=False)
class Problem:
    """One set of samples, and every question asked about it.

    Parameters
    ----------
    part : one of `PARTS`
    case : str
    iteration, n, seed : int
        Of the training, the number of samples, and what draws them.
    questions : sequence of Question
    draw : callable () → list of Pair
        The samples that the questions are about, in the same order.
    """

    part: str
    case: str
    iteration: int
    n: int
    seed: int
    questions: Sequence[Question]
    draw: Callable[[], list[Pair]]
    _lock: Lock = field(default_factory=Lock, repr=False)

    @cached_property
    def _drawn(self) -> list[Pair]:
        return self.draw()

    @property
    def pairs(self) -> list[Pair]:
        """The samples, drawn once."""
        with self._lock:
            return self._drawn

    @property
    def name(self) -> str:
        """What tells this problem from all others."""
        return f"{self.part}/{self.case}/{self.iteration}/{self.n}/{self.seed}"


SIZES = {"quick": ((128,), 2), "full": ((128, 256, 512), 4)}
"""N of the exact planes and of the Gaussians, and the number of sets of samples.

``full`` comes with the package; ``quick`` is a part of it.
"""

DIMENSIONS = (1, 4, 16, 64)
"""d of the Gaussians."""

THEORY_SAMPLES = 256
"""N of the planes on MNIST."""

INFORMATION = (0.0, 1.0, 3.0, 5.0)
"""Bits between the correlated Gaussians, the same in every dimension."""


def problem_set(size: str) -> list[Problem]:
    """All problems of a size, "quick" or "full", in a fixed order; NaN is an unknown answer.

    Raises
    ------
    ValueError
        If there is no such size.
    """
    if size not in SIZES:
        raise ValueError(f"size is {size!r}; there are {sorted(SIZES)}")
    samples, seeds = SIZES[size]
    return [
        *planes_of(exact_cases(), samples, seeds),
        *(gaussian_problem(d, n, s) for d, n, s in product(DIMENSIONS, samples, range(seeds))),
        *(
            _network_plane(case, update, seed)
            for case, update, seed in product(NETWORKS, networks.UPDATES, range(seeds))
        ),
    ]


def exact_cases() -> list[solvable.ExactCase]:
    """The four solvable autoencoders: small, large, bent and counted."""
    small, large = linear_snapshots(3), linear_snapshots(8)
    images = discrete.all_binary_images(5)
    model = discrete.DiscreteAutoencoder(3, generator=torch.Generator().manual_seed(0))
    counted = solvable.train_discrete(model, images, 160, (0, 20, 160))
    return [
        solvable.linear_case(small, sigma=0.5, name="linear, K = 3"),
        solvable.linear_case(large, sigma=0.5, name="linear, K = 8"),
        solvable.warped_case(
            solvable.linear_case(small, sigma=0.5), saturate, name="nonlinear, K = 3"
        ),
        solvable.discrete_case(counted, images, name="discrete, K = 3"),
    ]


def saturate(values: Tensor) -> Tensor:
    """The invertible map of the nonlinear case, linear near 0 and logarithmic far from it."""
    return torch.asinh(4 * values)


def linear_snapshots(
    bottleneck_size: int, seed: int = 0, eigenvalues: Sequence[float] = linear.EXAMPLE_SPECTRUM
) -> dict[int, linear.LinearAutoencoder]:
    """A linear autoencoder at three iterations of its training; the seed rotates its inputs.

    With the default spectrum and σ = ½, M is below log₂ 256.
    """
    covariance = linear.rotated_covariance(eigenvalues, seed)
    start = linear.LinearAutoencoder.random(covariance, [12, bottleneck_size, 12], seed)
    return linear.train_linear(start, 1000, 0.03, (2, 18, 1000))


def planes_of(
    cases: Sequence[solvable.ExactCase], samples: Sequence[int], seeds: int
) -> list[Problem]:
    """Problems of exact cases: every iteration of each, all N and all seeds."""
    return [
        _plane(case, *drawn)
        for case in cases
        for drawn in product(case.plane.iteration.values.tolist(), samples, range(seeds))
    ]


def _plane(case: solvable.ExactCase, iteration: int, n: int, seed: int) -> Problem:
    layers = ["E1", "Z", "D1" if "D3" not in case.plane.layer else "D3"]
    asked = [(INPUT_MI, layer) for layer in (INPUT, *layers, OUTPUT)]
    asked += [(OUTPUT_MI, layer) for layer in (*layers, OUTPUT)]

    def draw() -> list[Pair]:
        drawn = case.sample(n, seed=seed, iteration=iteration)
        return [Pair(*drawn[which], *_names(*which)) for which in asked]

    exact = case.plane.sel(iteration=iteration)
    shapes = case.sample(2, iteration=iteration)
    questions = [
        Question(
            quantity,
            layer,
            shapes[quantity, layer][0].shape[1],
            shapes[quantity, layer][1].shape[1],
            float(exact[quantity].sel(layer=layer)),
        )
        for quantity, layer in asked
    ]
    return Problem("planes", case.name, iteration, n, seed, questions, draw)


def _names(quantity: str, layer: str) -> tuple[str, str]:
    return (INPUT, layer) if quantity == INPUT_MI else (layer, OUTPUT)


def gaussian_problem(d: int, n: int, seed: int) -> Problem:
    """Correlated Gaussians of `INFORMATION` bits, all with the same X and the same noise.

    ρ follows from the information, ρ² = 1 − 2^(−2I/d), so that d alone tells nothing.
    """
    rhos = [math.sqrt(1 - 2 ** (-2 * bits / d)) for bits in INFORMATION]

    def draw() -> list[Pair]:
        def generator() -> torch.Generator:
            return torch.Generator().manual_seed(1_000 * d + seed)

        return [Pair(*toys.correlated_gaussians(n, d, rho, generator())) for rho in rhos]

    questions = [
        Question("information", f"ρ = {rho:.3f}", d, d, toys.correlated_gaussians_mi(d, rho))
        for rho in rhos
    ]
    return Problem("gaussians", f"d = {d}", 0, n, seed, questions, draw)


def _network_plane(case: str, update: int, seed: int) -> Problem:
    k = NETWORKS[case]
    widths = networks.widths(k)
    hidden = [layer for layer in widths if layer not in (INPUT, OUTPUT)]
    asked = [(INPUT_MI, layer) for layer in (*hidden, OUTPUT)]
    asked += [(OUTPUT_MI, layer) for layer in hidden]

    def draw() -> list[Pair]:
        variables = networks.activations(k, update, THEORY_SAMPLES, seed)
        names = [_names(*which) for which in asked]
        return [Pair(variables[a], variables[b], a, b) for a, b in names]

    questions = [
        Question(quantity, layer, widths[a], widths[b], math.nan)
        for quantity, layer in asked
        for a, b in [_names(quantity, layer)]
    ]
    return Problem("theory", case, update, THEORY_SAMPLES, seed, questions, draw)
