"""Geometry of a layer's values: how widely they spread, in how many dimensions, how like X.

The paper's conclusion asks for a measure of what information does not see. These four need neither
an estimator of information nor noise. All are of the same samples at every record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import xarray as xr
from torch import Tensor

from ipae_lib.layers import INPUT
from ipae_lib.validation import ArrayLike, as_samples
from study.intrinsic_dimension import neighbour_distances, two_nn


def geometry(activations: Mapping[str, Tensor]) -> xr.Dataset:
    """The measures of each variable.

    Parameters
    ----------
    activations : mapping from name to Tensor of shape (N, d)
        With the input, ``"X"``; rows are the same samples in all of them.

    Returns
    -------
    Dataset of dims (layer)
        ``total_variance``, the sum over dimensions; ``participation_ratio``, (Σλ)² / Σλ² over the
        eigenvalues of the covariance; ``cka``, see `linear_cka`; ``intrinsic_dimension`` by the two
        nearest neighbours. A variable that does not vary has 0 of each, and where hardly any
        samples differ there are no neighbours, and the intrinsic dimension is 0.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
    >>> found = geometry({"X": x, "Z": -2 * x})
    >>> found.total_variance.values.tolist(), found.cka.values.round(6).tolist()
    ([2.5, 10.0], [1.0, 1.0])
    """
    x = _centred(activations[INPUT])
    rows = {name: _of_layer(_centred(values), x) for name, values in activations.items()}
    names = list(next(iter(rows.values())))
    columns = {name: ("layer", [row[name] for row in rows.values()]) for name in names}
    return xr.Dataset(columns, {"layer": list(rows)})


def linear_cka(a: ArrayLike, b: ArrayLike) -> float:
    """Likeness of two representations, linear centred kernel alignment (Kornblith et al., 2019).

    ‖AᵀB‖² / (‖AᵀA‖ ‖BᵀB‖) of centred samples, in Frobenius norms: 1 where one is the other up to
    rotation, shift and one scale; 0 where they are uncorrelated, or one does not vary.

    Parameters
    ----------
    a, b : arrays of shapes (N, d_a) and (N, d_b)

    Raises
    ------
    ValueError
        If they differ in N, or as `validation.as_samples`.

    Examples
    --------
    >>> a = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    >>> round(linear_cka(a, 5 - 2 * a.flip(1)), 6)
    1.0
    """
    a, b = _centred(as_samples(a, "a")), _centred(as_samples(b, "b"))
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} samples and b {len(b)}; give both for the same samples")
    return _cka(_square(a, b), _square(a, a), _square(b, b))


def _of_layer(t: Tensor, x: Tensor) -> dict[str, float]:
    variance, own = float((t**2).sum()) / len(t), _square(t, t)
    known = {"total_variance": variance, "participation_ratio": 0.0, "cka": 0.0}
    if variance > 0:
        known["participation_ratio"] = (len(t) * variance) ** 2 / own
        known["cka"] = _cka(_square(t, x), own, _square(x, x))
    return {**known, "intrinsic_dimension": _intrinsic_dimension(t)}


def _intrinsic_dimension(t: Tensor) -> float:
    try:
        return two_nn(neighbour_distances(t, 2)).value
    except ValueError:  # hardly any samples differ
        return 0.0


def _cka(between: float, of_a: float, of_b: float) -> float:
    return between / math.sqrt(of_a * of_b) if of_a * of_b else 0.0


def _square(a: Tensor, b: Tensor) -> float:
    """‖AᵀB‖², by the smaller of two ways to multiply."""
    if len(a) < min(a.shape[1], b.shape[1]):
        return float(((a @ a.T) * (b @ b.T)).sum())
    return float((a.T @ b).square().sum())


def _centred(t: Tensor) -> Tensor:
    t = torch.as_tensor(t).double()
    return t - t.mean(0)
