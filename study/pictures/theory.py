"""The picture of chapter 1: what the bottleneck lets through, and where layers then end."""

from __future__ import annotations

import math
from typing import Any

from ipae_lib.layers import DECODER, ENCODER, INPUT, OUTPUT, TEXT_LABELS
from study.chapters.ch01 import convergence
from study.pictures.markup import picture, table

MOST_BITS = 8
"""Largest M."""

MOST_UNITS = 8
"""Largest K."""

LEVELS = (2, 3, 4, 5, 8, 16)
"""Levels of a unit that can be chosen."""

FIRST = {"m": 5, "units": 2, "levels": 2}
"""What is shown first: the autoencoder that the chapter counts."""


def capacity(units: int, levels: int) -> float:
    """λ = K log₂ q, in bits, of K quantised units of q levels that are passed on."""
    return units * math.log2(levels)


def data() -> dict[str, Any]:
    """What the picture draws: the layers by where Theorem 1 takes them, and what can be chosen."""
    return {
        # of the encoder without its bottleneck the input MI is left open
        "layers": [
            [TEXT_LABELS[layer] for layer in group]
            for group in ((INPUT,), ENCODER[:-1], (ENCODER[-1], *DECODER, OUTPUT))
        ],
        "most_bits": MOST_BITS,
        "most_units": MOST_UNITS,
        "levels": LEVELS,
        "first": FIRST,
    }


def theoretical_plane() -> str:
    """The markup of the picture; without scripts, where layers end for each bottleneck size."""
    m, levels = FIRST["m"], FIRST["levels"]
    rows = []
    for units in range(1, MOST_UNITS + 1):
        lam = capacity(units, levels)
        end = convergence(m, lam)
        at_z = float(end.input_mi_lower.sel(layer="Z"))
        low, high = (float(end[f"input_mi_{side}"].sel(layer="E1")) for side in ("lower", "upper"))
        encoder = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        rows.append((f"{units}", f"{lam:g}", f"{float(end.output_mi[0]):g}", encoder, f"{at_z:g}"))
    caption = (
        f"Where an ideal autoencoder takes its layers, in bits, for M = {m} and {levels} levels a "
        "unit."
    )
    head = [
        "K",
        "λ",
        "output MI of all layers",
        "input MI of T₁ᴱ to T₃ᴱ",
        "input MI of Z, of the decoder and of X′",
    ]
    return picture("theory-picture", data(), table(caption, head, rows))
