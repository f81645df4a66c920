"""Discrete variables, whose information is counted: Definition 4 of the paper, without an estimate.

Entropy, information and planes of codes, and a small autoencoder whose layers pass on what is
measured of them. To an `InformationPlane`, `discrete_mutual_information` is an estimator.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from itertools import pairwise, product
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from ipae_lib.layers import ENCODER, HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.validation import ArrayLike, Count, Several, as_array


def discrete_entropy(codes: ArrayLike) -> float:
    """Entropy (1) in bits of a variable given by its value for each of n equally likely inputs.

    Exact: values are compared digit for digit and counted. Other distributions of the input
    are given by repeating rows.

    Parameters
    ----------
    codes : array of shape (n,) or (n, d)
        Row i is the value that input i leads to. Any numbers, booleans or strings.

    Returns
    -------
    float, within [0, log₂ n]

    Raises
    ------
    TypeError
        If ``codes`` is neither numbers nor strings.
    ValueError
        If it has another shape or no rows, or holds NaN or infinity.

    Examples
    --------
    >>> discrete_entropy(np.array([0, 0, 1, 2]))
    1.5
    """
    return _entropy_of_labels(_labels(codes, "codes"))


def discrete_mutual_information(a: ArrayLike, b: ArrayLike) -> float:
    """Mutual information (2) in bits of two variables of the same n equally likely inputs.

    Exact as `discrete_entropy` is, and exactly 0 for independent variables.

    Parameters
    ----------
    a, b : arrays of shape (n,) or (n, d)
        Row i of each belongs to input i.

    Returns
    -------
    float, in bits

    Raises
    ------
    TypeError, ValueError
        As `discrete_entropy`, or if ``a`` and ``b`` have different numbers of rows.

    Examples
    --------
    >>> discrete_mutual_information(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2]))
    1.0
    """
    labels = _labels(a, "a"), _labels(b, "b")
    if len(labels[0]) != len(labels[1]):
        raise ValueError(
            f"a has {len(labels[0])} rows and b has {len(labels[1])}; row i of both must belong to "
            "input i"
        )
    return _information(*labels)


def _information(a: np.ndarray, b: np.ndarray) -> float:
    n = len(a)
    pairs, count = np.unique(np.stack([a, b]), axis=1, return_counts=True)
    count_a, count_b = np.bincount(a)[pairs[0]], np.bincount(b)[pairs[1]]
    # whole numbers up to the one division, so that independence gives log2(1), exactly
    terms = count / n * np.log2(n * count / (count_a * count_b))
    return math.fsum(terms)


def discrete_plane(variables: Mapping[str, ArrayLike]) -> xr.Dataset:
    """The information plane of variables that are given by their values, counted.

    Parameters
    ----------
    variables : mapping from layer to array of shape (n,) or (n, d)
        In order from "X" to "X_out": row i is the value that input i, one of n equally likely
        ones, leads to.

    Returns
    -------
    Dataset
        ``input_mi`` and ``output_mi`` (layer) in bits, as `check_plane` takes them.

    Raises
    ------
    TypeError, ValueError
        As `discrete_mutual_information`, or if the first variable is not "X" or the last not
        "X_out".

    Examples
    --------
    >>> x = np.arange(4)
    >>> discrete_plane({"X": x, "Z": x // 2, "X_out": x // 2}).input_mi.values.tolist()
    [2.0, 1.0, 1.0]

    Of a network whose layers are discrete, with `capture`:

    >>> from ipae_lib import capture
    >>> model = DiscreteAutoencoder(3, generator=torch.Generator().manual_seed(0))
    >>> discrete_plane(capture(model, ["Z"], all_binary_images(5))).input_mi.sel(layer="X").item()
    5.0
    """
    layers = list(variables)
    if len(layers) < 2 or layers[0] != INPUT or layers[-1] != OUTPUT:
        raise ValueError(
            f"variables are {layers}; they must run in order from {INPUT!r} to {OUTPUT!r}"
        )
    labels = [_labels(t, f"variables[{name!r}]") for name, t in variables.items()]
    rows = [len(t) for t in labels]
    if len({*rows}) > 1:
        raise ValueError(f"variables have {rows} rows; row i of each must belong to input i")
    planes = {
        "input_mi": [_information(labels[0], t) for t in labels],
        "output_mi": [_information(t, labels[-1]) for t in labels],
    }
    attributes = {"long_name": "exact mutual information", "units": "bit"}
    return xr.Dataset(
        {name: ("layer", bits, attributes) for name, bits in planes.items()},
        coords={"layer": layers},
    )


def _entropy_of_labels(labels: np.ndarray) -> float:
    n, count = len(labels), np.unique(labels, return_counts=True)[1]
    return math.fsum(count / n * np.log2(n / count))


def _labels(codes: ArrayLike, name: str) -> np.ndarray:
    """One whole number for each row, the same for equal rows."""
    codes = as_array(codes, name)
    if codes.dtype.kind not in "fiubUS":
        raise TypeError(f"{name} has dtype {codes.dtype}; give numbers or strings")
    if codes.ndim not in (1, 2) or codes.size == 0:
        raise ValueError(
            f"{name} has shape {codes.shape}; it needs (n,) or (n, d), one row for each input"
        )
    if codes.dtype.kind == "f":
        if not np.isfinite(codes).all():
            raise ValueError(
                f"{name} holds NaN or infinity; look for a diverged training run, or name such "
                "values by strings"
            )
        codes = codes + 0.0  # -0.0 and 0.0 are one value
    return np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)


def all_binary_images(pixels: Count) -> Tensor:
    """Every image of black (−1) and white (1) pixels once, as float64 of shape (2^pixels, pixels).

    With each equally likely, M is ``pixels`` bits.

    Raises
    ------
    ValueError
        If ``pixels`` is not a whole number from 1 to 16.
    """
    if pixels > 16:
        raise ValueError(f"pixels is {pixels}; there are 2**pixels images, so take at most 16")
    return torch.tensor(list(product((-1.0, 1.0), repeat=pixels)), dtype=torch.float64)


class _RoundStraightThrough(torch.autograd.Function):
    # x + (rounded - x).detach() has the same gradient, but does not give the level exactly
    @staticmethod
    def forward(_ctx: Any, x: Tensor, steps: int) -> Tensor:
        return torch.round((x + 1) / 2 * steps) / steps * 2 - 1

    @staticmethod
    def backward(_ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


class Quantize(nn.Module):
    """Rounds values in [−1, 1] to the nearest of equally spaced levels: Definition 4.

    What leaves it is what the next layer gets. Rounding has slope 0 almost everywhere, so
    gradients pass as if it were not there.

    Parameters
    ----------
    levels : int
        Number of levels, −1 and 1 included; at least 2.
    """

    def __init__(self, levels: Several) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, x: Tensor) -> Tensor:
        """Values on the grid, exactly; the same value is always the same number."""
        return _RoundStraightThrough.apply(x, self.levels - 1)


class DiscreteAutoencoder(nn.Sequential):
    """A small autoencoder of quantised tanh layers E1 E2 E3 Z D1 D2 D3 X_out.

    Every layer passes on its quantised values, so each is a discrete variable and a function
    of the one before. The bottleneck and the output have two levels: K units transfer at most
    λ(K) = K bits, and X′ can equal X where X is one of `all_binary_images`.

    Parameters
    ----------
    bottleneck_size : int
        K, the width of the layer Z.
    input_size : int
        Width of the input and of the output.
    hidden_sizes, levels : tuples of three ints
        Widths and numbers of levels of E1 E2 E3; the decoder mirrors them.
    generator : torch.Generator, optional
        Source of the initial weights (Glorot-uniform; biases are zero).

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1, a number of levels not one of at least
        2, or there are not three of each.
    """

    def __init__(
        self,
        bottleneck_size: Count,
        input_size: Count = 5,
        hidden_sizes: tuple[Count, Count, Count] = (24, 24, 24),
        levels: tuple[Several, Several, Several] = (17, 17, 17),
        generator: torch.Generator | None = None,
    ) -> None:
        for name, value in (("hidden_sizes", hidden_sizes), ("levels", levels)):
            if len(value) != len(ENCODER) - 1:
                raise ValueError(f"{name} is {value!r}; give three numbers, for E1 E2 E3")
        decoder = tuple(reversed(hidden_sizes))
        sizes = [input_size, *hidden_sizes, bottleneck_size, *decoder, input_size]
        grids = [*levels, 2, *reversed(levels), 2]
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        names = (*HIDDEN_LAYERS, OUTPUT)
        for name, (d_in, d_out), grid in zip(names, pairwise(sizes), grids, strict=True):
            linear = nn.Linear(d_in, d_out, dtype=torch.float64)
            nn.init.xavier_uniform_(linear.weight, generator=generator)
            nn.init.zeros_(linear.bias)
            layers[name] = nn.Sequential(linear, nn.Tanh(), Quantize(grid))
        super().__init__(layers)
