"""The exact plane of a run's network: which noise, and what is kept of it.

Definition 5 leaves the noise open. Three conventions are followed, each with noise that leaves
the images themselves the same information: M = I(X; X+R) is a stated share of log₂ n for all of
them. The shares were chosen before any network was looked at: at one half, M is as far from 0 as
from its ceiling, and at nine tenths the noise is a little more than half of that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
import xarray as xr
from torch import Tensor

from ipae_lib.exact import LayerDeviation, Noise, OneLevel, TotalDeviation, exact_plane
from ipae_lib.layers import INPUT

LEVELS = {0.5: 2.1407, 0.9: 1.1808}
"""Standard deviation of the noise at which I(X; X+R) of the 10,000 test images, in units of their
pixels, is that share of log₂ n."""

CONVENTIONS = ("one level", "layer's deviation", "total deviation")
"""The same noise for every layer; noise in units of its root mean variance; of its root total
variance."""

KEPT = {
    "input_mi": "true_input_mi",
    "standard_error": "true_standard_error",
    "label_mi": "true_label_mi",
    "label_standard_error": "true_label_standard_error",
}
"""Variables of `exact.exact_plane`, and their names in a result."""


def noises(images: Tensor) -> dict[tuple[str, float], Noise]:
    """The noise of each convention and share of log₂ n, which is the same for the images.

    Parameters
    ----------
    images : Tensor of shape (n, d)
        Those over which the truth is taken.
    """
    total = math.sqrt(float(images.double().var(dim=0, correction=0).sum()))
    per_dimension = total / math.sqrt(images.shape[1])
    rules: dict[tuple[str, float], Noise] = {}
    for share, s in LEVELS.items():
        each: tuple[Noise, ...] = (
            OneLevel(s),
            LayerDeviation(s / per_dimension),
            TotalDeviation(s / total),
        )
        for convention, rule in zip(CONVENTIONS, each, strict=True):
            rules[convention, share] = rule
    return rules


def true_plane(activations: Mapping[str, Tensor], labels: Tensor) -> xr.Dataset:
    """What is recorded of the exact plane of a network.

    Parameters
    ----------
    activations : mapping from name to Tensor of shape (n, d)
        From X to X′, of the same images.
    labels : Tensor of shape (n,)
        The digits that they show.

    Returns
    -------
    xarray.Dataset
        `KEPT` in bits, and ``noise_level``, each (noise, resolution, layer). The output MI of every
        layer is the input MI of X′, by Lemma 1. A layer that never varies has no information.
    """
    rules = noises(activations[INPUT])
    plane = exact_plane(
        activations, {_key(*name): rule for name, rule in rules.items()}, labels, progress=False
    )
    kept = plane[[*KEPT, "level"]].rename({**KEPT, "level": "noise_level"})
    parts = [
        kept.sel(noise=[_key(name, share) for name in CONVENTIONS]).assign_coords(
            noise=list(CONVENTIONS)
        )
        for share in LEVELS
    ]
    joined = xr.concat(parts, pd.Index(LEVELS, name="resolution"))
    return joined.transpose("noise", "resolution", "layer")


def _key(convention: str, share: float) -> str:
    return f"{convention}, {share:g}"
