"""Matrix-based entropy of many samples, without eigenvalues and without an N × N matrix.

Equation (18) needs the trace of a function of the Gram matrix A alone. It is split over a subspace
in which A is large, where it is a sum of quadratic forms, and the rest, where random probes
estimate it (Meyer et al. 2021). Every form qᵀ f(A) q comes from a few steps of the Lanczos
recursion (stochastic Lanczos quadrature, Ubaru et al. 2017), which need products A V alone; the
rows of A are made tile by tile from the samples and forgotten.

As tr A = 1 is known, f(λ) = λ^α − λ is what is estimated: near α = 1 it is small, and the entropy
divides what is left by 1 − α. The known traces of A and of the identity are control variates: what
of f is a straight line costs no error. Gauss's quadrature and Radau's, with a node at 0, err to
either side, so that the steps' own error is known as well (Golub & Meurant 2010).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from ipae_lib.validation import ArrayLike, as_samples, check_count, check_positive

_TILE_BYTES = 256 * 2**20
"""Memory of one tile of A."""


@dataclass(frozen=True)
class Estimate:
    """An estimated number of bits and how far it may be off.

    Parameters
    ----------
    value : float
    standard_error : float
        From the random probes.
    quadrature_error : float
        Bound on what the finite number of Lanczos steps leaves, of either sign.
    """

    value: float
    standard_error: float
    quadrature_error: float = 0.0

    @property
    def error_bar(self) -> float:
        """Half the width of the interval: two standard errors and the bound."""
        return 2 * self.standard_error + self.quadrature_error

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True)
class Traces:
    """Estimates of tr f(A), one for each probe, and a bound on the error that they share."""

    values: Tensor
    quadrature_error: float


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
        Of the Lanczos recursion.
    seed : int
        Of the probes. The same probes for A, B and A ∘ B let errors cancel in their information.

    Raises
    ------
    ValueError
        If a number is not a whole one, or there are fewer than 2 probes or steps.
    """

    probes: int = 64
    subspace: int = 64
    steps: int = 12
    seed: int = 0

    def __post_init__(self) -> None:
        check_count(self.probes, "probes", minimum=2, fix="their spread gives the error bar")
        check_count(self.subspace, "subspace", minimum=0)
        check_count(self.steps, "steps", minimum=2)
        check_count(self.seed, "seed", minimum=0)


class GaussianGram:
    """The normalised Gram matrix of points, A_ij = exp(−‖p_i − p_j‖²) / N, row tile by row tile.

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
        self.squares = (self.points**2).sum(1)

    def __len__(self) -> int:
        return len(self.points)

    def tiles(self) -> Iterator[tuple[slice, Tensor]]:
        """Rows of A, some at a time: a slice and the (rows, N) tile."""
        n = len(self)
        rows = max(1, _TILE_BYTES // (n * self.points.element_size()))
        for start in range(0, n, rows):
            part = slice(start, min(start + rows, n))
            tile = torch.addmm(
                self.squares.expand(part.stop - part.start, n),
                self.points[part],
                self.points.T,
                alpha=-2,
            )
            tile.add_(self.squares[part, None]).clamp_(min=0).neg_().exp_().div_(n)
            # the distance of a point from itself is 0, whatever rounding says
            tile[torch.arange(part.stop - start), torch.arange(start, part.stop)] = 1 / n
            yield part, tile

    def __matmul__(self, vectors: Tensor) -> Tensor:
        product = torch.empty_like(vectors)
        for part, tile in self.tiles():
            torch.mm(tile, vectors, out=product[part])
        return product

    def squared_norm(self) -> float:
        """‖A‖² = tr A², exactly."""
        return sum(float((tile.double() ** 2).sum()) for _, tile in self.tiles())


def entropy_traces(
    gram: GaussianGram, alpha: float, probing: Probing, progress: bool = False
) -> Traces:
    """Estimates of tr f(A), f(λ) = λ^α − λ (and −λ log λ for α = 1), one for each probe.

    They share the part that is not left to chance; their mean is the estimate and their spread
    its error. Cost: ``steps + 2`` passes over A, each a product with ``probes + subspace``
    vectors; memory: one tile and three times as many vectors.
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
        forms, off, of_a = _quadratic_forms(gram, columns, alpha, probing.steps, bar)
    known = torch.stack(
        [
            (rest.double() ** 2).sum(0).cpu() - (n - size),
            of_a[size:] - (1 - of_a[:size].sum()),
        ],
        dim=1,
    )
    values = forms[:size].sum() + _without(forms[size:], known)
    return Traces(values, float(off[:size].sum() + off[size:].mean()))


def _without(forms: Tensor, known: Tensor) -> Tensor:
    """Forms less what they owe to quantities of mean 0, by regression on these."""
    if len(forms) < 4 * (1 + known.shape[1]):
        return forms
    scale = known.norm(dim=0)
    used = known[:, scale > 0] / scale[scale > 0]
    slopes = torch.linalg.lstsq(used - used.mean(0), forms - forms.mean(), driver="gelsd").solution
    return forms - used @ slopes


def _quadratic_forms(
    gram: GaussianGram, columns: Tensor, alpha: float, steps: int, bar: tqdm
) -> tuple[Tensor, Tensor, Tensor]:
    """qᵀ f(A) q of each column q, half the distance of its two bounds, and qᵀ A q."""
    norms = columns.norm(dim=0)
    # a column without length has nothing to say, and no direction to start from
    alive = norms > torch.finfo(columns.dtype).eps * math.sqrt(len(columns))
    current = columns[:, alive] / norms[alive]
    previous, beta = torch.zeros_like(current), torch.zeros_like(norms[alive])
    diagonals, offdiagonals = [], []
    for _ in range(steps):
        following = gram @ current - beta * previous
        bar.update()
        diagonal = (current * following).sum(0)
        following -= diagonal * current
        diagonals.append(diagonal.double())
        beta = following.norm(dim=0)
        offdiagonals.append(beta.double())
        # a recursion that has closed goes on with nothing
        following = torch.where(beta > 0, following / beta.clamp(min=1e-30), 0)
        previous, current = current, following
    diagonal, off = torch.stack(diagonals, 1).cpu(), torch.stack(offdiagonals, 1).cpu()
    lengths = (norms[alive].double() ** 2).cpu()
    gauss = _quadrature(diagonal, off[:, :-1], alpha)
    # one more step, whose diagonal is chosen so that 0 is a node
    last = torch.zeros_like(diagonal)
    last[:, -1] = off[:, -1] ** 2
    inner = torch.diag_embed(diagonal) + _symmetric(off[:, :-1])
    shift = 1e-14 * torch.eye(inner.shape[-1], dtype=inner.dtype)
    chosen = torch.linalg.solve(inner + shift, last)[:, -1:]
    radau = _quadrature(torch.cat([diagonal, chosen], 1), off, alpha)
    found = torch.zeros(3, len(norms), dtype=torch.float64)
    found[0, alive.cpu()] = lengths * (gauss + radau) / 2
    found[1, alive.cpu()] = lengths * abs(gauss - radau) / 2
    found[2, alive.cpu()] = lengths * diagonal[:, 0]
    return found[0], found[1], found[2]


def _symmetric(off: Tensor) -> Tensor:
    return torch.diag_embed(off, 1) + torch.diag_embed(off, -1)


def _quadrature(diagonal: Tensor, off: Tensor, alpha: float) -> Tensor:
    """First entry of f(T) for tridiagonal matrices T of these diagonals."""
    nodes, vectors = torch.linalg.eigh(torch.diag_embed(diagonal) + _symmetric(off))
    return (vectors[:, 0] ** 2 * _excess(nodes.clamp(min=0), alpha)).sum(1)


def _excess(values: Tensor, alpha: float) -> Tensor:
    """λ^α − λ without cancellation near α = 1; −λ log λ at α = 1."""
    log = torch.where(values > 0, values, 1).log()
    return -values * log if alpha == 1 else values * torch.expm1((alpha - 1) * log)


def _entropy(traces: Tensor | float, alpha: float) -> Tensor:
    """Entropy (18) in bits of tr f(A)."""
    traces = torch.as_tensor(traces, dtype=torch.float64)
    nats = traces if alpha == 1 else torch.log1p(traces) / (1 - alpha)
    return nats / math.log(2)


def scaled(x: ArrayLike, sigma: float) -> Tensor:
    """Samples over √2 σ: the points whose `GaussianGram` has kernel width σ."""
    return as_samples(x) / (math.sqrt(2) * check_positive(sigma, "sigma"))


def stochastic_entropy(
    points: ArrayLike,
    alpha: float = 1.01,
    probing: Probing | None = None,
    progress: bool = False,
) -> Estimate:
    """Entropy (18) of the Gram matrix of scaled points.

    Parameters
    ----------
    points : array of shape (N, d)
        As `scaled` gives them; float32 is enough.
    alpha : float
        Order, above 0. At α = 2 the trace is ‖A‖², one pass and no error.
    probing : Probing, optional
    progress : bool
        Show a bar over the passes.

    Returns
    -------
    Estimate
        Bits; its standard error is that of the probes.

    Raises
    ------
    ValueError
        If ``points`` are not finite samples, or ``alpha`` is not above 0.
    """
    alpha, probing = check_positive(alpha, "alpha"), probing or Probing()
    gram = GaussianGram(points)
    if alpha == 2:
        return Estimate(-math.log2(gram.squared_norm()), 0.0)
    return _estimate(*_linearised(entropy_traces(gram, alpha, probing, progress), alpha))


def stochastic_information(
    x_points: ArrayLike,
    y_points: ArrayLike,
    alpha: float = 1.01,
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
        As in `stochastic_entropy`.

    Raises
    ------
    ValueError
        As `stochastic_entropy`, or if the two differ in N.
    """
    alpha, probing = check_positive(alpha, "alpha"), probing or Probing()
    x, y = as_samples(x_points, "x_points"), as_samples(y_points, "y_points")
    if len(x) != len(y):
        raise ValueError(f"x_points has {len(x)} rows and y_points has {len(y)}; give pairs")
    grams = [GaussianGram(points) for points in (x, y, torch.cat([x, y.to(x)], 1))]
    if alpha == 2:
        a, b, joint = (-math.log2(gram.squared_norm()) for gram in grams)
        return Estimate(a + b - joint, 0.0)
    (a, off_a), (b, off_b), (joint, off_joint) = (
        _linearised(entropy_traces(gram, alpha, probing, progress), alpha) for gram in grams
    )
    return _estimate(a + b - joint, off_a + off_b + off_joint)


def _linearised(traces: Traces, alpha: float) -> tuple[Tensor, float]:
    """Entropies whose mean is that of the mean trace, by the logarithm's tangent; their bound."""
    centre = traces.values.mean()
    slope = 1 / math.log(2)
    if alpha != 1:
        slope = slope / ((1 - alpha) * (1 + float(centre)))
    values = _entropy(centre, alpha) + slope * (traces.values - centre)
    return values, abs(slope) * traces.quadrature_error


def _estimate(values: Tensor, quadrature_error: float) -> Estimate:
    # two degrees of freedom went to the control variates
    error = values.std(correction=min(3, len(values) - 1)) / math.sqrt(len(values))
    return Estimate(float(values.mean()), float(error), quadrature_error)
