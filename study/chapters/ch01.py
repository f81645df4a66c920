"""What chapter 1, on the theory, sums up."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import torch
import xarray as xr

from ipae_lib.layers import OUTPUT
from ipae_lib.validation import check_count


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
