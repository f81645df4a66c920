"""Linear autoencoders of Gaussian inputs: information, error and training in closed form.

X is normal with mean 0 and covariance Σ, and every layer T = A X. So each information of the plane
is half the logarithm of a determinant, and the error that training lowers is a function of Σ and
the weights: there are no samples, and nothing is estimated.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.validation import (
    ArrayLike,
    Count,
    Natural,
    Positive,
    Several,
    as_float_tensor,
    check_iterations,
    check_positive,
)

INPUT_MI, OUTPUT_MI = "input_mi", "output_mi"
_EXACT = {"long_name": "exact mutual information", "units": "bit"}


def check_noise_level(value: Any, name: str) -> float:
    """``value`` as a float; ValueError unless it is above 0, and far from over- and underflow."""
    value = check_positive(value, name, "without noise the information is infinite")
    return _moderate(value, value, name)


NoiseLevel = Annotated[float, check_noise_level]
Noise = Literal["fixed", "layer", "unit", "whitened", "ends"]
NOISES: tuple[Noise, ...] = get_args(Noise)
"""Where and how strong the noise of Definition 5 is; see `LinearAutoencoder.plane`."""

Samples = dict[tuple[str, str], tuple[Tensor, Tensor]]
"""For each (quantity, layer), paired rows of the two variables whose information it is."""

EXAMPLE_SPECTRUM = tuple(2 * 2 ** (-i / 2) for i in range(8)) + (0.0,) * 8
"""Eigenvalues of the covariance of the book's Gaussian inputs: of 16 dimensions eight vary. With
noise of standard deviation ½, M is 7.4 bits."""


def rotated_covariance(eigenvalues: Sequence[float], seed: Natural = 0) -> np.ndarray:
    """A covariance matrix with these eigenvalues, its axes rotated at random.

    Raises
    ------
    ValueError
        If there are no eigenvalues, or one is not a finite number of at least 0.
    """
    values = as_float_tensor(np.atleast_1d(eigenvalues), "eigenvalues").numpy().astype(float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(f"eigenvalues are {eigenvalues!r}; give finite numbers of at least 0")
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    matrix = (axes * values) @ axes.T
    return (matrix + matrix.T) / 2


def total_information(covariance: ArrayLike, sigma: NoiseLevel) -> float:
    """M = I(X; X+R) = ½ log₂ det(I + Σ/σ²) in bits, of X ~ N(0, Σ) and noise R ~ N(0, σ²I).

    Raises
    ------
    ValueError
        If ``covariance`` is no covariance matrix or ``sigma`` not a finite number above 0.
    """
    factor = covariance_factor(covariance)
    return _bits(_singular_values(factor) / sigma)


def transferable_information(
    covariance: ArrayLike, bottleneck_size: Count, sigma: NoiseLevel
) -> float:
    """λ(K) = Σ ½ log₂(1 + s_i/σ²) in bits over the K largest eigenvalues s_i of Σ.

    It is Î(X;X′) of the linear autoencoder of least error, and the largest I(X+R; Z) of all
    linear encoders with K units; and the largest I(X; Z+R) of those that lengthen no vector,
    without which the last has no largest value.

    Raises
    ------
    ValueError
        As `total_information`, or if ``bottleneck_size`` is not a whole number of at least 1.
    """
    values = _singular_values(covariance_factor(covariance))
    return _bits(np.sort(values)[::-1][:bottleneck_size] / sigma)


@dataclass(frozen=True, eq=False)
class LinearAutoencoder:
    """X ~ N(0, Σ) and linear layers without biases, named X, E1 …, Z, D1 …, X_out.

    Parameters
    ----------
    covariance : array of shape (d, d)
        Σ, symmetric without negative eigenvalues; it may have rank below d.
    weights : sequence of arrays
        An even number of matrices W, each (width of its layer, width of the one before); the
        first takes d columns and the last has d rows. The layer in the middle is Z.

    Raises
    ------
    ValueError
        If a matrix is not finite or does not fit.
    """

    covariance: np.ndarray
    weights: Sequence[np.ndarray]

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariance", as_covariance(self.covariance))
        weights = tuple(_as_matrix(w, f"weights[{i}]") for i, w in enumerate(self.weights))
        object.__setattr__(self, "weights", weights)
        d, shapes = len(self.covariance), [w.shape for w in weights]
        if len(weights) < 2 or len(weights) % 2:
            raise ValueError(
                f"weights holds {len(weights)} matrices; give an even number, as many for the "
                "encoder as for the decoder"
            )
        fits = all(b[1] == a[0] for a, b in pairwise(shapes))
        if not fits or shapes[0][1] != d or shapes[-1][0] != d:
            raise ValueError(
                f"weights have the shapes {shapes}; each needs as many columns as the one before "
                f"has rows, the first {d} columns and the last {d} rows, as the covariance has"
            )

    @classmethod
    def random(
        cls, covariance: ArrayLike, widths: Sequence[Count], seed: Natural = 0
    ) -> LinearAutoencoder:
        """Untrained: Glorot-normal weights between layers of these widths, Z in the middle.

        Raises
        ------
        ValueError
            If a width is not a whole number of at least 1, or their number is even.
        """
        sizes, covariance = _sizes(covariance, widths)
        rng = np.random.default_rng(seed)
        scale = [math.sqrt(2 / (a + b)) for a, b in pairwise(sizes)]
        shapes = [(b, a) for a, b in pairwise(sizes)]
        weights = [s * rng.standard_normal(shape) for s, shape in zip(scale, shapes, strict=True)]
        return cls(covariance, weights)

    @classmethod
    def ideal(cls, covariance: ArrayLike, widths: Sequence[Count]) -> LinearAutoencoder:
        """Of least error (Definition 3): principal components, and no layer lengthens a vector.

        Raises
        ------
        ValueError
            As `random`.
        """
        sizes, covariance = _sizes(covariance, widths)
        axes = np.linalg.eigh(covariance)[1][:, ::-1]
        weights = [np.eye(b, a) for a, b in pairwise(sizes)]
        weights[0] = weights[0] @ axes.T
        weights[-1] = axes @ weights[-1]
        return cls(covariance, weights)

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Names of all layers, from "X" to "X_out"."""
        hidden = range(1, len(self.weights) // 2)
        encoder, decoder = [f"E{i}" for i in hidden], [f"D{i}" for i in hidden]
        return (INPUT, *encoder, "Z", *decoder, OUTPUT)

    @cached_property
    def factors(self) -> dict[str, np.ndarray]:
        """B for each layer T = B U, with U standard normal: B Bᵀ is the covariance of T."""
        factors = [covariance_factor(self.covariance)]
        for w in self.weights:
            factors.append(w @ factors[-1])
        return dict(zip(self.layers, factors, strict=True))

    @property
    def loss(self) -> float:
        """Population error E‖X′ − X‖², summed over dimensions."""
        return float(((self.factors[OUTPUT] - self.factors[INPUT]) ** 2).sum())

    def plane(self, sigma: NoiseLevel, noise: Noise = "fixed") -> xr.Dataset:
        """The exact information plane, Definition 2 with Definition 5.

        Parameters
        ----------
        sigma : float
            Standard deviation σ of the Gaussian noise R, in units that ``noise`` says.
        noise : one of `NOISES`
            The input MI is I(X; T+R) and the output MI I(T; X′+R), with noise of covariance

            * "fixed": σ² I for each layer, Definition 5 as it stands;
            * "layer": σ² times the layer's mean variance;
            * "unit": σ² times the variance of each unit;
            * "whitened": σ² times the layer's covariance: the same as whitening each layer, on
              its support, before noise of variance σ². The information is then that of
              rank(T) units.

            With "ends" the input MI is I(X+R; T) and the output MI I(T; X′+R), with the noise
            σ² I on the variable that all layers are compared with.

            A layer or unit without variance carries 0 bits. Rank, which "whitened" and "ends"
            need, is numerical: directions of a layer below machine precision relative to its
            largest do not count.

        Returns
        -------
        Dataset
            ``input_mi`` and ``output_mi`` (layer) in bits; ``variance`` (layer), mean over units.

        Raises
        ------
        ValueError
            If ``sigma`` is not a finite number above 0 or ``noise`` is unknown.
        """
        blurred = "fixed" if noise == "ends" else noise
        through = _bits(_singular_values(_in_noise_units(self.factors[OUTPUT], blurred)) / sigma)
        input_mi = [
            _information_on_input(self.factors[INPUT], factor, sigma)
            if noise == "ends"
            else _bits(_singular_values(_in_noise_units(factor, noise)) / sigma)
            for factor in self.factors.values()
        ]
        # X′ is a function of every T, and the noise is independent of T: Lemma 1
        output_mi = [through] * len(self.layers)
        variance = [float((factor**2).sum(axis=1).mean()) for factor in self.factors.values()]
        plane = xr.Dataset(
            {
                INPUT_MI: ("layer", input_mi, _EXACT),
                OUTPUT_MI: ("layer", output_mi, _EXACT),
                "variance": ("layer", variance),
            },
            coords={"layer": list(self.layers)},
        )
        plane.variance.attrs = {"long_name": "variance, mean over dimensions"}
        return plane

    def sample(
        self, n: Several, generator: torch.Generator, sigma: NoiseLevel, noise: Noise = "fixed"
    ) -> Samples:
        """``n`` rows of each pair of variables of `plane`; the keys are (quantity, layer).

        Raises
        ------
        ValueError
            As `plane`, or if ``n`` is not a whole number of at least 2.
        """

        def normal(columns: int) -> Tensor:
            return torch.randn(n, columns, generator=generator, dtype=torch.float64)

        u = normal(self.factors[INPUT].shape[1])
        clean = {name: u @ torch.from_numpy(b).T for name, b in self.factors.items()}
        noisy = {}
        for name, factor in self.factors.items():
            root = _noise_root(factor, "fixed" if noise == "ends" else noise)
            noisy[name] = clean[name] + sigma * normal(root.shape[1]) @ torch.from_numpy(root).T
        pairs: Samples = {}
        for name in self.layers:
            ends = noisy[INPUT], clean[name]
            pairs[INPUT_MI, name] = ends if noise == "ends" else (clean[INPUT], noisy[name])
            pairs[OUTPUT_MI, name] = clean[name], noisy[OUTPUT]
        return pairs


def train_linear(
    start: LinearAutoencoder,
    steps: Count,
    learning_rate: Positive,
    record_at: Collection[int],
    *,
    contract: bool = False,
) -> dict[int, LinearAutoencoder]:
    """Gradient descent on the population error E‖X′ − X‖², without samples.

    Parameters
    ----------
    start : LinearAutoencoder
        Left as it is.
    steps : int
    learning_rate : float
    record_at : collection of int
        Iterations to keep, from 0, before the first step, to ``steps``.
    contract : bool
        Whether to cut each layer's singular values to at most 1 before the first step and after
        each one, so that no layer lengthens a vector.

    Returns
    -------
    dict from iteration to the autoencoder at that iteration, in order

    Raises
    ------
    ValueError
        If a number is out of range, an iteration is not on the way, or training diverges.
    """
    rate = learning_rate
    wanted = check_iterations(record_at, steps, "record_at")
    covariance = start.covariance
    weights = [w.copy() for w in start.weights]
    eye = np.eye(len(covariance))
    kept = {}
    for step in range(steps + 1):
        if contract:
            weights = [_contraction(w) for w in weights]
        if step in wanted:
            kept[step] = LinearAutoencoder(covariance, weights)
        maps = [eye]  # of X to each layer
        for w in weights:
            maps.append(w @ maps[-1])
        gradient = 2 * (maps[-1] - eye) @ covariance
        if not np.isfinite(gradient).all() or np.abs(gradient).max() > 1e100:
            raise ValueError(
                f"learning_rate is {rate}, and training diverged by step {step}; take a lower one"
            )
        for i in reversed(range(len(weights))):
            # the old weights carry the gradient on
            change, gradient = gradient @ maps[i].T, weights[i].T @ gradient
            weights[i] = weights[i] - rate * change
    return kept


def _bits(amplitudes: np.ndarray) -> float:
    """½ Σ log₂(1 + a²): information of Gaussian channels of these signal-to-noise amplitudes."""
    return float(np.log1p(amplitudes**2).sum() / (2 * math.log(2)))


def _singular_values(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.svd(matrix, compute_uv=False)


def _negligible(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Which of these lengths are rounding errors of the largest."""
    return values <= values.max(initial=0) * max(shape) * np.finfo(float).eps


def covariance_factor(covariance: ArrayLike) -> np.ndarray:
    """B with B Bᵀ = Σ, with as many columns as Σ has rank."""
    values, axes = np.linalg.eigh(as_covariance(covariance))
    keep = ~_negligible(values, axes.shape)
    return axes[:, keep] * np.sqrt(values[keep])


def _noise_root(factor: np.ndarray, noise: str) -> np.ndarray:
    """A root of the noise's covariance for σ = 1."""
    if noise == "whitened":
        return factor
    deviations = np.sqrt((factor**2).sum(axis=1))
    if noise == "fixed":
        deviations = np.ones(len(factor))
    elif noise == "layer":
        deviations = np.full(len(factor), math.sqrt((deviations**2).mean()))
    else:
        deviations = np.where(_negligible(deviations, factor.shape), 0.0, deviations)
    return np.diag(deviations)


def _in_noise_units(factor: np.ndarray, noise: str) -> np.ndarray:
    """The factor of an equally informative layer whose noise has the covariance σ² I."""
    if noise == "whitened":
        return _row_space(factor)
    deviations = np.diag(_noise_root(factor, noise))[:, None]
    return np.divide(factor, deviations, out=np.zeros_like(factor), where=deviations > 0)


def _row_space(factor: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span those of ``factor``."""
    _, values, axes = np.linalg.svd(factor, full_matrices=False)
    return axes[~_negligible(values, factor.shape)]


def _information_on_input(x: np.ndarray, factor: np.ndarray, sigma: float) -> float:
    """I(X+R; T) = h(X+R) − h(X+R|T) of X = x U and T = factor U."""
    known = _row_space(factor)
    unknown = x - (x @ known.T) @ known  # given T, U varies across the other directions only
    return _bits(_singular_values(x) / sigma) - _bits(_singular_values(unknown) / sigma)


def _contraction(weight: np.ndarray) -> np.ndarray:
    left, values, right = np.linalg.svd(weight, full_matrices=False)
    return (left * np.minimum(values, 1)) @ right if values[0] > 1 else weight


def _sizes(covariance: ArrayLike, widths: Sequence[Count]) -> tuple[list[int], np.ndarray]:
    covariance = as_covariance(covariance)
    if len(widths) % 2 == 0:
        raise ValueError(f"widths are {widths}; give an odd number, the bottleneck in the middle")
    return [len(covariance), *widths, len(covariance)], covariance


def _as_matrix(matrix: ArrayLike, name: str) -> np.ndarray:
    array = as_float_tensor(matrix, name).detach().cpu().numpy().astype(float)
    if array.ndim != 2 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} has shape {array.shape}; give a matrix of finite numbers")
    return array


def _moderate(value: Any, largest: float, name: str) -> Any:
    if largest and not 1e-100 < largest < 1e100:
        raise ValueError(f"{name} reaches {largest:.3g}; rescale all that is in its units")
    return value


def as_covariance(covariance: ArrayLike) -> np.ndarray:
    """A covariance matrix in double precision, exactly symmetric.

    Raises
    ------
    ValueError
        If it is not a finite, symmetric (d, d) matrix, or an eigenvalue is clearly below 0.
    """
    matrix = _as_matrix(covariance, "covariance")
    largest = np.abs(matrix).max()
    _moderate(matrix, largest, "covariance")
    if len(matrix) != matrix.shape[1] or np.abs(matrix - matrix.T).max() > 1e-9 * largest:
        raise ValueError(
            f"covariance has shape {matrix.shape} or is not symmetric; give Σ of shape (d, d), "
            "symmetrised as (Σ + Σ.T) / 2"
        )
    matrix = (matrix + matrix.T) / 2
    smallest = np.linalg.eigvalsh(matrix)[0]
    if smallest < -1e-9 * largest:
        raise ValueError(
            f"covariance has the eigenvalue {smallest:.3g}; a covariance has none below 0"
        )
    return matrix
