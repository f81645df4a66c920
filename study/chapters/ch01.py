"""What chapter 1, on the theory, sums up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from numbers import Real

import numpy as np
import torch
import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, INPUT, OUTPUT
from ipae_lib.validation import check_count, check_positive


def two_units(full: xr.Dataset, stuck: xr.Dataset, images: torch.Tensor) -> dict[str, float]:
    """Error against information of two autoencoders whose bottleneck has two binary units.

    Parameters
    ----------
    full, stuck : Dataset
        Planes after training, ``input_mi`` (layer) in bits with ``wrong_pixels`` an image; of one
        that fills its bottleneck, and of one that does not.
    images : array of shape (n, pixels)
        What both were trained on.

    Returns
    -------
    dict
        ``full_wrong`` and ``stuck_wrong``, wrong pixels an image; ``stuck_bits``, I(X;X′);
        ``fewest``, see `fewest_wrong_pixels`.
    """
    return {
        "full_wrong": float(full.wrong_pixels),
        "stuck_wrong": float(stuck.wrong_pixels),
        "stuck_bits": float(stuck.input_mi.sel(layer=OUTPUT)),
        "fewest": fewest_wrong_pixels(images, codes=4),
    }


def fewest_wrong_pixels(images: torch.Tensor, codes: int) -> float:
    """The least mean number of wrong pixels that any encoder and decoder leave, by trying all.

    Parameters
    ----------
    images : tensor of shape (2^pixels, pixels)
        All black and white images, equally likely; see `discrete.all_binary_images`.
    codes : int
        How many reconstructions the decoder has. Each image gets the one nearest to it.

    Raises
    ------
    ValueError
        If ``codes`` is not a whole number from 1 to the number of images.
    """
    codes = check_count(codes, "codes")
    if codes > len(images):
        raise ValueError(f"codes is {codes}; there are {len(images)} images, so take at most that")
    differ = (images[:, None] != images[None]).sum(-1).numpy()
    # turning the same pixels of all images round changes no distance, so that one of the
    # reconstructions can be taken to be the first image
    others = combinations(range(1, len(images)), codes - 1)
    codebooks = np.array([(0, *chosen) for chosen in others])
    return float(differ[:, codebooks].min(-1).mean(0).min())


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
    along ``layer``: "X", the encoder, the decoder, "X_out". Where Theorem 1 gives one value the two
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
