"""What is asked of an estimator: problems, each one set of samples with several questions.

Five parts have answers that are known. ``networks``: planes of real networks on MNIST at moments
of their training. ``planes``: those of solvable autoencoders. ``images``: rendered from latents of
known information. ``variables``: correlated Gaussians of up to 1,000 dimensions, and variables
that are not normal. ``quantised``: real networks whose units have a few bits. Two parts are in no
score of truth. In ``samples`` a few of these cases are asked with fewer and with more samples,
which not every estimator can take. In ``theory`` clean layers of the real networks are asked
about, of which no truth is known; the answers are held against the theory, in a score apart.

Where a variable is T + R with normal noise R, the question tells T and the standard deviation of R
to estimators that are made for that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from threading import Lock

import pandas as pd
import torch
from torch import Tensor

from ipae_lib import discrete, linear, solvable, toys
from ipae_lib.arguments import AnyFloat
from ipae_lib.benchmark import networks, quantised
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI

OVERALL = ("networks", "planes", "images", "variables")
"""Parts whose scores are in the overall one."""

KNOWN = (*OVERALL, "quantised")
"""Parts that are scored: their answers are known. The last came when the overall score was fixed,
and is not in it."""

PARTS = (*KNOWN, "samples", "theory")

SMALL, LARGE = 2, 32
"""Bottleneck sizes of the networks of the part ``theory``, the paper's two."""

THEORY = {f"autoencoder, K = {k}": k for k in (SMALL, LARGE)}
"""Their cases, which are among the real networks."""


@dataclass(frozen=True)
class Pair:
    """Two variables whose information is asked for.

    Parameters
    ----------
    a, b : Tensor of shapes (N, d_a) and (N, d_b)
    a_name, b_name : str, optional
        Their names in the network.
    clean : Tensor of the shape of b, optional
        What b is without its noise.
    """

    a: Tensor
    b: Tensor
    a_name: str | None = None
    b_name: str | None = None
    clean: Tensor | None = None


@dataclass(frozen=True)
class Question:
    """One number asked for.

    ``exact`` is NaN where it is not known, and so is ``noise``, the standard deviation of R.
    """

    quantity: str
    layer: str
    d_x: int
    d_y: int
    exact: AnyFloat
    noise: AnyFloat = math.nan


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


FEW, MANY = 512, 2_000
"""Numbers of samples. Only `ASKED_MANY` is asked with many, too, networks at their last moment."""

FEWEST, MOST = 128, 8_000
"""Numbers of samples of the part ``samples``, which is `ASKED_MANY` again."""

ASKED_MANY = ("autoencoder, K = 2", "4 normal latents", "d = 4", "d = 64")
"""Cases."""

SETS = 2
"""Sets of samples of `FEW`; of networks of the paper's widths, and of other N, there is one."""

DIMENSIONS = (1, 4, 16, 64, 256, 1000)
"""d of the Gaussians."""

INFORMATION = (0.0, 1.0, 3.0, 5.0)
"""Bits between the latents of images and between Gaussians, the same in every dimension."""


def problem_set(size: str) -> list[Problem]:
    """All problems of a size, "quick" or "full", in a fixed order; NaN is an unknown answer.

    ``full`` comes with the package; ``quick`` is a part of it: one set of few samples, the networks
    that train in seconds, fewer dimensions, and no theory.

    Raises
    ------
    ValueError
        If there is no such size.
    """
    if size not in ("quick", "full"):
        raise ValueError(f"size is {size!r}; there are ['full', 'quick']")
    if size == "quick":
        few = [case for case in variable_cases() if case.d <= 64]
        return [
            *(p for case in networks.QUICK for p in network_problems(case, FEW, 0)),
            *planes_of(exact_cases(), (FEW,), 1),
            *(drawn_problem(case, FEW, 0) for case in (*image_cases(), *few)),
            *quantised_problems(next(iter(quantised.CASES)), FEW, 0),
        ]
    drawn = (*image_cases(), *variable_cases())
    return [
        *(
            problem
            for case in networks.ASKED
            for seed in range(1 if case in networks.FULL_SIZE else SETS)
            for problem in network_problems(case, FEW, seed)
        ),
        *(network_problems(case, MANY, 0)[-1] for case in networks.ASKED if case in ASKED_MANY),
        *planes_of(exact_cases(), (FEW,), SETS),
        *(drawn_problem(case, FEW, seed) for case, seed in product(drawn, range(SETS))),
        *(drawn_problem(case, MANY, 0) for case in drawn if case.name in ASKED_MANY),
        *(problem for case in quantised.CASES for problem in quantised_problems(case, FEW, 0)),
        *(theory_problem(case, seed) for case, seed in product(THEORY, range(SETS))),
        # the most at the end: an estimator that they stop has answered all else
        *(problem for n in (FEWEST, MOST) for problem in _of_samples(n)),
    ]


def _of_samples(n: int) -> list[Problem]:
    """What `ASKED_MANY` asks, with another number of samples."""
    drawn = [case for case in (*image_cases(), *variable_cases()) if case.name in ASKED_MANY]
    networks_asked = [network_problems(x, n, 0)[-1] for x in networks.ASKED if x in ASKED_MANY]
    asked = [*networks_asked, *(drawn_problem(case, n, 0) for case in drawn)]
    return [replace(problem, part="samples") for problem in asked]


def network_problems(case: str, n: int, seed: int) -> list[Problem]:
    """A real network at each of its moments; the same seed draws the same images at all."""
    table = networks.known()
    return [
        _network_problem(case, moment, n, seed)
        for moment in table[table.case == case].iteration.unique().tolist()
    ]


def _network_problem(case: str, moment: int, n: int, seed: int) -> Problem:
    table = networks.known()
    own = table[(table.case == case) & (table.iteration == moment)]

    def draw() -> list[Pair]:
        rows = networks.drawn(n, seed)
        clean = networks.activations(case, moment, networks.test_images()[rows])
        passes_on = networks.NETWORKS[case].passes_on
        # one variable for all its pairs, so that its entropies are taken once
        noisy: dict[str, Tensor] = {}
        digits: list[Tensor] = []
        pairs = []
        for line in own.itertuples():
            end = OUTPUT if line.quantity == OUTPUT_MI else line.layer
            if end not in noisy:
                r = networks.noise(clean[end].shape, seed + list(clean).index(end))
                noisy[end] = clean[end] + line.noise * r
                if end == passes_on:
                    noisy |= networks.passed_on(case, moment, noisy[end])
            start = {INPUT_MI: INPUT, OUTPUT_MI: line.layer}.get(line.quantity)
            if start is None:
                digits = digits or [torch.eye(10)[networks.test_labels()[rows]]]
            a = clean[start] if start else digits[0]
            told = None if math.isnan(line.noise) else clean[end]
            pairs.append(Pair(a, noisy[end], start, end, told))
        return pairs

    questions = [
        Question(x.quantity, x.layer, x.d_x, x.d_y, x.exact, x.noise) for x in own.itertuples()
    ]
    return Problem("networks", case, moment, n, seed, questions, draw)


def quantised_problems(case: str, n: int, seed: int) -> list[Problem]:
    """A network of a few bits a unit at each of its moments, as `quantised` has it."""
    table = quantised.known()
    own = table[table.case == case]
    return [_quantised_problem(case, lines, n, seed) for _, lines in own.groupby("iteration")]


def _quantised_problem(case: str, lines: pd.DataFrame, n: int, seed: int) -> Problem:
    moment = int(lines.iteration.iloc[0])
    asked = [(line.quantity, line.layer) for line in lines.itertuples()]

    def draw() -> list[Pair]:
        rows = quantised.drawn(n, seed)
        values = quantised.population(case, moment)
        drawn = {name: codes[rows] for name, codes in values.items()}
        names = [quantised.ends(*which) for which in asked]
        return [Pair(drawn[a], drawn[b], a, b) for a, b in names]

    questions = [Question(x.quantity, x.layer, x.d_x, x.d_y, x.exact) for x in lines.itertuples()]
    return Problem("quantised", case, moment, n, seed, questions, draw)


def exact_cases() -> list[solvable.ExactCase]:
    """Solvable autoencoders: small, large, of other spectra, bent in two ways, and counted.

    Information of the inputs that is the same in many directions, or in few of many, is `LEVEL` and
    `STEEP`; M is 6.3 and 5.6 bits.
    """
    small, large = linear_snapshots(3), linear_snapshots(8)
    level = linear_snapshots(4, seed=1, eigenvalues=LEVEL)
    steep = linear_snapshots(2, seed=2, eigenvalues=STEEP)
    images = discrete.all_binary_images(5)
    model = discrete.DiscreteAutoencoder(3, generator=torch.Generator().manual_seed(0))
    counted = solvable.train_discrete(model, images, 160, (0, 20, 160))
    return [
        solvable.linear_case(small, sigma=0.5, name="linear, K = 3"),
        solvable.linear_case(large, sigma=0.5, name="linear, K = 8"),
        solvable.linear_case(level, sigma=0.5, name="linear, level, K = 4"),
        solvable.linear_case(steep, sigma=0.5, name="linear, steep, K = 2"),
        solvable.warped_case(
            solvable.linear_case(small, sigma=0.5), saturate, name="nonlinear, K = 3"
        ),
        solvable.warped_case(
            solvable.linear_case(large, sigma=0.5), stretch, name="nonlinear, K = 8"
        ),
        solvable.discrete_case(counted, images, name="discrete, K = 3"),
    ]


def saturate(values: Tensor) -> Tensor:
    """The invertible map of the nonlinear case, linear near 0 and logarithmic far from it."""
    return torch.asinh(4 * values)


def stretch(values: Tensor) -> Tensor:
    """The invertible map of the other nonlinear case, exponential far from 0: heavy tails."""
    return torch.sinh(1.5 * values)


LEVEL, STEEP = (0.5,) * 8, (4.0, 2.0, 1.0, 0.5) + (0.0,) * 28
"""Eigenvalues of the inputs of two of the solvable autoencoders."""


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
        clean = case.clean(n, seed=seed, iteration=iteration) or {}
        return [Pair(*drawn[which], *_names(*which), clean.get(which)) for which in asked]

    exact = case.plane.sel(iteration=iteration)
    shapes = case.sample(2, iteration=iteration)
    questions = [
        Question(
            quantity,
            layer,
            shapes[quantity, layer][0].shape[1],
            shapes[quantity, layer][1].shape[1],
            float(exact[quantity].sel(layer=layer)),
            math.nan if case.sigma is None else case.sigma,
        )
        for quantity, layer in asked
    ]
    return Problem("planes", case.name, iteration, n, seed, questions, draw)


def _names(quantity: str, layer: str) -> tuple[str, str]:
    return (INPUT, layer) if quantity == INPUT_MI else (layer, OUTPUT)


@dataclass(frozen=True)
class Drawn:
    """Pairs of variables of known information, at several levels of it.

    Parameters
    ----------
    part, name : str
    d : int
        Dimensions of either variable.
    levels : mapping from the name of a level to its exact bits
    draw : callable (level's name, n, generator) → x, y
    noise : mapping from the name of a level to s, and what y is without it, where that is known
    """

    part: str
    name: str
    d: int
    levels: dict[str, float]
    draw: Callable[[str, int, torch.Generator], tuple[Tensor, Tensor]]
    noise: dict[str, float] | None = None


def correlation(bits: float, d: int) -> float:
    """ρ of correlated Gaussians of d dimensions with these bits: ρ² = 1 − 2^(−2I/d)."""
    return math.sqrt(1 - 2 ** (-2 * bits / d))


def _levels(more: float = 0.0) -> dict[str, float]:
    return {f"{bits:g} bits": bits + more for bits in INFORMATION}


def gaussian_case(d: int) -> Drawn:
    """Correlated Gaussians; d alone tells nothing of their information."""
    rho = {name: correlation(bits, d) for name, bits in _levels().items()}

    def draw(level: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return toys.correlated_gaussians(n, d, rho[level], generator)

    noise = {level: math.sqrt(1 - r**2) for level, r in rho.items()}
    return Drawn("variables", f"d = {d}", d, _levels(), draw, noise)


def variable_cases() -> list[Drawn]:
    """Gaussians, Student-t, spirals, and uniform variables with uniform noise."""

    def student(d: int, dof: int) -> Drawn:
        def draw(level: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
            rho = correlation(INFORMATION[list(_levels()).index(level)], d)
            return toys.student_t(n, d, rho, dof, generator)

        levels = _levels(toys.student_t_mi(d, 0.0, dof))
        return Drawn("variables", f"Student-t, d = {d}, ν = {dof}", d, levels, draw)

    def spiral(d: int) -> Drawn:
        def draw(level: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
            x, y = toys.correlated_gaussians(n, d, correlation(_levels()[level], d), generator)
            return toys.spiral(x), toys.spiral(y)

        return Drawn("variables", f"spiral, d = {d}", d, _levels(), draw)

    widths = {f"noise of {width:g}": width for width in (0.75, 0.25, 0.1, 0.02)}

    def uniform(level: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return toys.added_uniform(n, widths[level], generator)

    exact = {level: toys.added_uniform_mi(width) for level, width in widths.items()}
    return [
        *map(gaussian_case, DIMENSIONS),
        student(1, 2),
        student(5, 2),
        spiral(3),
        Drawn("variables", "added uniform", 1, exact, uniform),
    ]


def image_cases() -> list[Drawn]:
    """Images of a spot, of 2 and of 4 latents, which are normal or uniform."""

    def case(latents: int, kind: str) -> Drawn:
        def draw(level: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
            rho = correlation(_levels()[level], latents)
            x, y = toys.correlated_gaussians(n, latents, rho, generator)
            return _spot(x, kind), _spot(y, kind)

        return Drawn("images", f"{latents} {kind} latents", 784, _levels(), draw)

    return [case(latents, kind) for latents in (2, 4) for kind in ("normal", "uniform")]


def _spot(z: Tensor, kind: str) -> Tensor:
    """Images whose spot is placed by the first two of normal latents, and as wide as the others."""
    if kind == "uniform":
        z = math.sqrt(12) * (torch.special.ndtr(z) - 0.5)  # as far about as the normal ones
    return toys.blobs(z * torch.tensor([1.0, 1.0, 0.3, 0.3], dtype=z.dtype)[: z.shape[1]])


def drawn_problem(case: Drawn, n: int, seed: int) -> Problem:
    """A case at all its levels, whose X and whose noise are the same."""

    def draw() -> list[Pair]:
        pairs, shared = [], None
        for level in case.levels:
            generator = torch.Generator().manual_seed(1_000 * case.d + seed)
            x, y = case.draw(level, n, generator)
            # one tensor where X is the same, so that its entropy is taken once
            shared = x if shared is None or not torch.equal(x, shared) else shared
            clean = None
            if case.noise is not None:
                clean = x * math.sqrt(1 - case.noise[level] ** 2)
            pairs.append(Pair(shared, y, clean=clean))
        return pairs

    noise = case.noise or dict.fromkeys(case.levels, math.nan)
    questions = [
        Question("information", level, case.d, case.d, bits, noise[level])
        for level, bits in case.levels.items()
    ]
    return Problem(case.part, case.name, 0, n, seed, questions, draw)


def gaussian_problem(d: int, n: int, seed: int) -> Problem:
    """Correlated Gaussians of `INFORMATION` bits, all with the same X and the same noise."""
    return drawn_problem(gaussian_case(d), n, seed)


def theory_problem(case: str, seed: int) -> Problem:
    """The plane of a network's clean layers at the end of its training, M included."""
    moment = networks.NETWORKS[case].moments[-1]
    hidden = HIDDEN_LAYERS
    asked = [(INPUT_MI, layer) for layer in (INPUT, *hidden, OUTPUT)]
    asked += [(OUTPUT_MI, layer) for layer in hidden]
    model = networks.NETWORKS[case].build()
    widths = {INPUT: 784} | {
        name: next(p for p in reversed([*layer.parameters()])).shape[0]
        for name, layer in model.named_children()
    }

    def draw() -> list[Pair]:
        images = networks.test_images()[networks.drawn(FEW, seed)]
        variables = networks.activations(case, moment, images)
        names = [_names(*which) for which in asked]
        return [Pair(variables[a], variables[b], a, b) for a, b in names]

    questions = [
        Question(quantity, layer, widths[a], widths[b], math.nan)
        for quantity, layer in asked
        for a, b in [_names(quantity, layer)]
    ]
    return Problem("theory", case, moment, FEW, seed, questions, draw)
