"""The theoretical information plane of an autoencoder, and what it says of a measured one.

Where layers may lie, where an ideal autoencoder takes them (Theorem 1), and by how many bits a
recorded plane breaks the inequalities that hold for every autoencoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np
import xarray as xr

from ipae_lib.plane import INPUT, OUTPUT
from ipae_lib.validation import check_positive

ENCODER = ("E1", "E2", "E3", "Z")
DECODER = ("D1", "D2", "D3")


def feasible_region(m: float) -> np.ndarray:
    """Corners of the triangle that no layer of any autoencoder leaves.

    Lemma 1 and the forward DPI (13) leave 0 ≤ Î(T;X′) ≤ Î(X;T) ≤ M.

    Parameters
    ----------
    m : float
        M = Î(X;X), the total information at the input, in bits.

    Returns
    -------
    array of shape (3, 2)
        (0, 0), (M, 0) and (M, M); input MI first, output MI second, in bits.

    Raises
    ------
    ValueError
        If ``m`` is not a finite number above 0.
    """
    m = check_positive(m, "m", "M is the information of the input in bits")
    return np.array([[0.0, 0.0], [m, 0.0], [m, m]])


def convergence(
    m: float,
    lam: float,
    encoder: Sequence[str] = ENCODER,
    decoder: Sequence[str] = DECODER,
) -> xr.Dataset:
    """Where an ideal autoencoder takes each layer: Theorem 1, with (14) and (15).

    With λ ≥ M every layer ends at (M, M); the paper leaves out λ = M, where its two cases meet.
    With λ < M the bottleneck, the decoder and the output end at (λ, λ). Of the encoder's other
    layers the theorem says only that the output MI is λ and that their input MIs do not
    increase from one layer to the next and lie in [λ, M].

    Parameters
    ----------
    m : float
        M = Î(X;X), the total information at the input, in bits.
    lam : float
        λ(K), the most information the bottleneck can transfer, in bits; may be infinite.
    encoder : sequence of str
        Names of the encoder's layers in order; the last is the bottleneck.
    decoder : sequence of str
        Names of the decoder's hidden layers in order; may be empty.

    Returns
    -------
    Dataset with variables ``input_mi_lower``, ``input_mi_upper`` and ``output_mi`` in bits,
    along ``layer``: X, the encoder, the decoder, X′. Where Theorem 1 gives one value the two
    bounds are equal.

    Raises
    ------
    ValueError
        If ``m`` is not a finite number above 0, ``lam`` is negative or NaN, ``encoder`` is
        empty, or a name occurs twice.
    """
    m = check_positive(m, "m", "M is the information of the input in bits")
    is_real = isinstance(lam, Real) and not isinstance(lam, bool)
    if not is_real or math.isnan(lam) or lam < 0:
        raise ValueError(
            f"lam is {lam!r}; it must be a number of at least 0: the bits that the bottleneck can "
            "transfer, math.inf if nothing limits them"
        )
    encoder, decoder = _layer_names(encoder, "encoder"), _layer_names(decoder, "decoder")
    if not encoder:
        raise ValueError("encoder is empty; name at least the bottleneck, such as ['Z']")
    layers = [INPUT, *encoder, *decoder, OUTPUT]
    if len(set(layers)) < len(layers):
        raise ValueError(
            f"the layers {layers} hold a name twice; each layer needs its own, and {INPUT!r} and "
            f"{OUTPUT!r} are the input and the output"
        )

    final = min(float(lam), m)
    lower = np.full(len(layers), final)
    upper = np.full(len(layers), final)
    lower[0] = m
    upper[: len(encoder)] = m  # X and all of the encoder but its last layer, the bottleneck
    return xr.Dataset(
        {
            "input_mi_lower": ("layer", lower),
            "input_mi_upper": ("layer", upper),
            "output_mi": ("layer", np.full(len(layers), final)),
        },
        coords={"layer": layers},
        attrs={"units": "bits", "m": m, "lam": float(lam)},
    )


def _layer_names(names: Sequence[str], name: str) -> list[str]:
    if isinstance(names, str):
        raise ValueError(f"{name} is the string {names!r}; give a list of names: [{names!r}]")
    return list(names)
