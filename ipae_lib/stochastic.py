"""Matrix-based entropy of many samples, without eigenvalues and without an N × N matrix.

Equation (18) needs the trace of a function of the Gram matrix A alone. It is split over a subspace
in which A is large, where it is a sum of quadratic forms, and the rest, where random probes
estimate it (Meyer et al. 2021). Every form qᵀ f(A) q comes from a few steps of the Lanczos
recursion (stochastic Lanczos quadrature, Ubaru et al. 2017), which need products A V alone; the
rows of A are made tile by tile from the samples and forgotten.

Far from α = 1, f(λ) = λ^α. Near it, as tr A = 1 is known, f(λ) = λ^α − λ, which is small: the
entropy divides what is left by 1 − α. The known traces of A and of the identity are control
variates: what of f is a straight line costs no error. Gauss's quadrature and Radau's, with a node
at 0, err to either side, so that the steps' own error is known as well (Golub & Meurant 2010).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from typing import Annotated

import torch
from torch import Tensor
from tqdm import tqdm

from ipae_lib import kernels
from ipae_lib.estimate import Estimate
from ipae_lib.validation import (
    ArrayLike,
    Natural,
    Order,
    Positive,
    Several,
    as_float_tensor,
    as_pairs,
    as_samples,
    check_count,
    check_finite,
)

_TILE_BYTES = 16 * 2**20
"""Memory of one tile of A: with its neighbours, what a processor's cache holds."""

_KEPT_BYTES = 2**29
"""Tiles of A that take no more than this in all are kept."""

_SUBSPACE_STEPS = 8
"""Steps for what is not left to chance: its span is nearly A's own, and 8 leave about 1e-4 bits."""

MOST_ORDER = 4
"""Largest order α: what larger ones see of A is its largest eigenvalue alone."""

_FAR = 0.25
"""Where α is as far from 1, tr A^α is estimated: 1 + (tr A^α − 1) would cancel, as it did at 4."""


@dataclass(frozen=True)
class Probing:
    """How thoroughly a trace is estimated.

    Parameters
    ----------
    probes : int
        Random vectors; the standard error falls with the root of their number.
    subspace : int
        Dimensions of the subspace that is not left to chance.
    steps : int
        Of the Lanczos recursion from the probes.
    seed : int
        Of the probes. The same probes for A, B and A ∘ B let errors cancel in their information.

    Raises
    ------
    ValueError
        If a number is not a whole one, or there are fewer than 2 probes or steps.
    """

    probes: Annotated[
        int, partial(check_count, minimum=2, fix="their spread gives the error bar")
    ] = 16
    subspace: Natural = 48
    steps: Several = 40
    seed: Natural = 0


class GaussianGram:
    """The normalised Gram matrix of points, A_ij = exp(−‖p_i − p_j‖²) / N, tile by tile.

    A is symmetric, so only tiles on and above the diagonal are made. They are kept while all of
    them are small, and made again for each product where not.

    Parameters
    ----------
    points : array of shape (N, d)
        Samples over √2 σ, as `scaled` gives them. The joint matrix of two variables is that of
        their points side by side.
    """

    def __init__(self, points: ArrayLike) -> None:
        points = as_samples(points, "points")
        if points.ndim != 2:
            raise ValueError(f"points has shape {tuple(points.shape)}; give one set, (N, d)")
        # centred: distances by products lose digits far from the origin
        self.points = points - points.mean(0)
        kernels.check_no_overflow(points, 4 * (self.points**2).sum(1), "points")
        # log A_ij = 2 p_i·p_j + h_i + h_j
        self.halves = -(self.points**2).sum(1) - math.log(len(points)) / 2
        self._kept: list[tuple[slice, slice, Tensor]] = []

    def __len__(self) -> int:
        return len(self.points)

    def tiles(self) -> Iterator[tuple[slice, slice, Tensor]]:
        """Rows, columns and entries of each square tile on and above the diagonal."""
        if self._kept:
            yield from self._kept
            return
        keep = len(self) ** 2 * self.points.element_size() / 2 <= _KEPT_BYTES
        tiles = []
        for rows, columns in self._places():
            tile = self._tile(rows, columns)
            if keep:
                tiles.append((rows, columns, tile))
            yield rows, columns, tile
        self._kept = tiles

    def _places(self) -> Iterator[tuple[slice, slice]]:
        side = max(1, math.isqrt(_TILE_BYTES // self.points.element_size()))
        parts = [slice(i, min(i + side, len(self))) for i in range(0, len(self), side)]
        return combinations_with_replacement(parts, 2)

    def _tile(self, rows: slice, columns: slice) -> Tensor:
        halves = self.halves[columns].expand(rows.stop - rows.start, -1)
        tile = torch.addmm(halves, self.points[rows], self.points[columns].T, alpha=2)
        # e⁻⁸⁰ adds as little as what underflows, which takes 20 to 50 times as long
        tile.add_(self.halves[rows, None]).clamp_(-80, -math.log(len(self))).exp_()
        if rows == columns:
            # the distance of a point from itself is 0, whatever rounding says
            tile.fill_diagonal_(1 / len(self))
        return tile

    def __matmul__(self, vectors: Tensor) -> Tensor:
        product = torch.zeros_like(vectors)
        for rows, columns, tile in self.tiles():
            product[rows].addmm_(tile, vectors[columns])
            if rows != columns:
                product[columns].addmm_(tile.T, vectors[rows])
        return product

    def squared_norm(self) -> float:
        """‖A‖² = tr A², exactly."""
        return sum(
            float(tile.double().square_().sum()) * (1 if rows == columns else 2)
            for rows, columns, tile in self.tiles()
        )


def entropy_traces(
    gram: GaussianGram, alpha: Order, probing: Probing, progress: bool = False
) -> tuple[Tensor, float]:
    """Estimates of tr f(A), one for each probe: f(λ) = λ^α, or λ^α − λ near α = 1, −λ log λ at it.

    They share the part that is not left to chance; their mean is the estimate and their spread
    its error. A bound on what the quadrature adds, the same for all, comes with them. Cost:
    ``steps + 2`` passes over A, each a product with ``probes`` vectors and the first ten with
    ``subspace`` more; memory: a tile, and three times as many vectors.
    """
    n, dtype, device = len(gram), gram.points.dtype, gram.points.device
    generator = torch.Generator().manual_seed(probing.seed)
    probes = torch.randint(0, 2, (n, probing.probes), generator=generator).to(device, dtype) * 2 - 1
    size = min(probing.subspace, n)
    start = torch.randn(n, size, generator=generator).to(device, dtype)
    bar = tqdm(total=probing.steps + 2, unit="pass", disable=not progress, leave=False)
    with bar:
        basis = start
        for _ in range(2 if size else 0):
            basis = torch.linalg.qr(gram @ basis).Q
            bar.update()
        rest = probes - basis @ (basis.T @ probes)
        columns = torch.cat([basis, rest], 1)
        forms, off, of_a = _quadratic_forms(
            gram, columns, alpha, size=size, steps=probing.steps, bar=bar
        )
    known = torch.stack(
        [
            (rest.double() ** 2).sum(0).cpu() - (n - size),
            of_a[size:] - (1 - of_a[:size].sum()),
        ],
        dim=1,
    )
    values = forms[:size].sum() + _without(forms[size:], known)
    return values, float(off[:size].sum() + off[size:].mean())


def _without(forms: Tensor, known: Tensor) -> Tensor:
    """Forms less what they owe to quantities of mean 0, by regression on these."""
    if len(forms) < 4 * (1 + known.shape[1]):
        return forms
    scale = known.norm(dim=0)
    used = known[:, scale > 0] / scale[scale > 0]
    slopes = torch.linalg.lstsq(used - used.mean(0), forms - forms.mean(), driver="gelsd").solution
    return forms - used @ slopes


def _quadratic_forms(
    gram: GaussianGram, columns: Tensor, alpha: float, *, size: int, steps: int, bar: tqdm
) -> tuple[Tensor, Tensor, Tensor]:
    """qᵀ f(A) q of each column q, half the distance of its two bounds, and qᵀ A q.

    The first ``size`` columns span nearly a subspace of A, and go a few steps only.
    """
    norms = columns.norm(dim=0)
    # a column without length has nothing to say, and no direction to start from
    alive = norms > torch.finfo(columns.dtype).eps * math.sqrt(len(columns))
    few, first = min(steps, _SUBSPACE_STEPS), int(alive[:size].sum())
    current = columns[:, alive] / norms[alive]
    previous, beta = torch.zeros_like(current), torch.zeros_like(norms[alive])
    shape = (current.shape[1], steps)
    diagonal, off = (torch.zeros(shape, dtype=torch.float64) for _ in range(2))
    for step in range(steps):
        if step == few:
            current, previous, beta = current[:, first:], previous[:, first:], beta[first:]
        going = slice(0 if step < few else first, None)
        following = gram @ current - beta * previous
        bar.update()
        along = (current * following).sum(0)
        following -= along * current
        diagonal[going, step] = along.double().cpu()
        beta = following.norm(dim=0)
        off[going, step] = beta.double().cpu()
        # a recursion that has closed goes on with nothing
        following = torch.where(beta > 0, following / beta.clamp(min=1e-30), 0)
        previous, current = current, following
    parts = [
        _bounds(diagonal[:first, :few], off[:first, :few], alpha),
        _bounds(diagonal[first:], off[first:], alpha),
    ]
    gauss, radau = (torch.cat(bounds) for bounds in zip(*parts, strict=True))
    lengths = (norms[alive].double() ** 2).cpu()
    found = torch.zeros(3, len(norms), dtype=torch.float64)
    found[0, alive.cpu()] = lengths * (gauss + radau) / 2
    found[1, alive.cpu()] = lengths * abs(gauss - radau) / 2
    found[2, alive.cpu()] = lengths * diagonal[:, 0]
    return found[0], found[1], found[2]


def _bounds(diagonal: Tensor, off: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Gauss's and Radau's quadrature of recursions with these coefficients."""
    gauss = _quadrature(diagonal, off[:, :-1], alpha)
    # one more step, whose diagonal is chosen so that 0 is a node
    last = torch.zeros_like(diagonal)
    last[:, -1] = off[:, -1] ** 2
    inner = torch.diag_embed(diagonal) + _symmetric(off[:, :-1])
    shift = 1e-14 * torch.eye(inner.shape[-1], dtype=inner.dtype)
    chosen = torch.linalg.solve(inner + shift, last)[:, -1:]
    return gauss, _quadrature(torch.cat([diagonal, chosen], 1), off, alpha)


def _symmetric(off: Tensor) -> Tensor:
    return torch.diag_embed(off, 1) + torch.diag_embed(off, -1)


def _quadrature(diagonal: Tensor, off: Tensor, alpha: float) -> Tensor:
    """First entry of f(T) for tridiagonal matrices T of these diagonals."""
    nodes, vectors = torch.linalg.eigh(torch.diag_embed(diagonal) + _symmetric(off))
    return (vectors[:, 0] ** 2 * _excess(nodes.clamp(min=0), alpha)).sum(1)


def _excess(values: Tensor, alpha: float) -> Tensor:
    """λ^α; near α = 1 λ^α − λ without cancellation, and −λ log λ at α = 1."""
    if _is_far(alpha):
        return values**alpha
    log = torch.where(values > 0, values, 1).log()
    return -values * log if alpha == 1 else values * torch.expm1((alpha - 1) * log)


def _entropy(traces: Tensor | float, alpha: float) -> Tensor:
    """Entropy (18) in bits of tr f(A)."""
    traces = torch.as_tensor(traces, dtype=torch.float64)
    if alpha == 1:
        return traces / math.log(2)
    return (traces.log() if _is_far(alpha) else traces.log1p()) / ((1 - alpha) * math.log(2))


def _is_far(alpha: float) -> bool:
    return abs(alpha - 1) >= _FAR


def scaled(x: ArrayLike, sigma: Positive) -> Tensor:
    """Samples over √2 σ: the points whose `GaussianGram` has kernel width σ."""
    points = as_samples(x) / (math.sqrt(2) * sigma)
    kernels.check_no_overflow(points, points.abs().amax(), "x / sigma")
    return points


@dataclass(frozen=True)
class ProbedEntropy:
    """Entropies of one Gram matrix by several probes, which agree in their mean.

    Entropies by the same probes add and subtract probe by probe, so that errors they share cancel.

    Parameters
    ----------
    values : Tensor of shape (probes,)
        Bits.
    quadrature_error : float
        Bound on the error that the probes share.
    """

    values: Tensor
    quadrature_error: float

    def __post_init__(self) -> None:
        check_finite(as_float_tensor(self.values, "values"), "values")

    def __add__(self, other: ProbedEntropy) -> ProbedEntropy:
        return ProbedEntropy(
            self.values + other.values, self.quadrature_error + other.quadrature_error
        )

    def __sub__(self, other: ProbedEntropy) -> ProbedEntropy:
        return ProbedEntropy(
            self.values - other.values, self.quadrature_error + other.quadrature_error
        )

    def estimate(self) -> Estimate:
        """Their mean with its errors."""
        count = len(self.values)
        if count == 1:
            return Estimate(float(self.values), 0.0, self.quadrature_error)
        # two degrees of freedom went to the control variates
        error = self.values.std(correction=min(3, count - 1)) / math.sqrt(count)
        return Estimate(float(self.values.mean()), float(error), self.quadrature_error)


def probed_entropy(
    points: ArrayLike,
    alpha: Order = 1.01,
    probing: Probing | None = None,
    progress: bool = False,
) -> ProbedEntropy:
    """Entropy (18) of the Gram matrix of scaled points, by each probe.

    Parameters
    ----------
    points : array of shape (N, d)
        As `scaled` gives them; float32 is enough.
    alpha : float
        Order, above 0 and up to 4. At α = 2 the trace is ‖A‖², one pass and no error.
    probing : Probing, optional
    progress : bool
        Show a bar over the passes.

    Raises
    ------
    ValueError
        If ``points`` are not finite samples or too far apart to be squared, or ``alpha`` is not
        above 0 or is above 4.
    """
    probing = probing or Probing()
    if alpha > MOST_ORDER:
        raise ValueError(
            f"alpha is {alpha:g}; probes estimate orders up to {MOST_ORDER}: take a lower one, or "
            "MatrixRenyi"
        )
    gram = GaussianGram(points)
    if alpha == 2:
        bits = torch.tensor([-math.log2(gram.squared_norm())], dtype=torch.float64)
        return ProbedEntropy(bits, 0.0)
    traces, quadrature_error = entropy_traces(gram, alpha, probing, progress)
    # the logarithm's tangent, so that the mean of the entropies is that of the mean trace
    centre = traces.mean()
    slope = 1 / math.log(2)
    if alpha != 1:
        slope = slope / ((1 - alpha) * (float(centre) + (not _is_far(alpha))))
    values = _entropy(centre, alpha) + slope * (traces - centre)
    return ProbedEntropy(values, abs(slope) * quadrature_error)


def stochastic_information(
    x_points: ArrayLike,
    y_points: ArrayLike,
    alpha: Order = 1.01,
    probing: Probing | None = None,
    progress: bool = False,
) -> Estimate:
    """Mutual information (20) of two sets of scaled points, row i of one with row i of the other.

    The three entropies have the same probes, so that much of their errors cancels; the standard
    error is that of the difference.

    Parameters
    ----------
    x_points, y_points : arrays of shape (N, d_x) and (N, d_y)
    alpha, probing, progress
        As in `probed_entropy`.

    Raises
    ------
    ValueError
        As `probed_entropy`, or if the two differ in N.
    """
    x, y = as_pairs(x_points, y_points, "x_points", "y_points")
    a, b, joint = (
        probed_entropy(points, alpha, probing, progress) for points in (x, y, joined_points(x, y))
    )
    return (a + b - joint).estimate()


def joined_points(*points: ArrayLike) -> Tensor:
    """Points whose Gram matrix is the joint one of several variables, equation (19).

    Raises
    ------
    TypeError, ValueError
        If they are not finite samples of the same N and batches.
    """
    first, *others = (as_samples(p, f"points[{i}]") for i, p in enumerate(points))
    for i, other in enumerate(others, start=1):
        as_pairs(first, other, "points[0]", f"points[{i}]")
    return torch.cat([first, *(p.to(first) for p in others)], dim=-1)
