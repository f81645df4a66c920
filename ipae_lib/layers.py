"""Names of an autoencoder's variables: what they are called in code, in text and in formulas."""

from __future__ import annotations

INPUT, OUTPUT = "X", "X_out"
"""X and X′, the first and the last variable of every plane."""

ENCODER = ("E1", "E2", "E3", "Z")
"""Layers of the paper's encoder; the last is the bottleneck."""

DECODER = ("D1", "D2", "D3")

HIDDEN_LAYERS = (*ENCODER, *DECODER)
"""T₁ᴱ T₂ᴱ T₃ᴱ Z T₁ᴰ T₂ᴰ T₃ᴰ of Fig. 5, in the order of the network."""

TEXT_LABELS = {
    INPUT: "X",
    "E1": "T₁ᴱ",
    "E2": "T₂ᴱ",
    "E3": "T₃ᴱ",
    "Z": "Z",
    "D1": "T₁ᴰ",
    "D2": "T₂ᴰ",
    "D3": "T₃ᴰ",
    OUTPUT: "X′",
}
"""The paper's names, for tables and sentences."""

MATH_LABELS = {
    INPUT: "$X$",
    **{f"E{i}": f"$T_{i}^E$" for i in (1, 2, 3)},
    "Z": "$Z$",
    **{f"D{i}": f"$T_{i}^D$" for i in (1, 2, 3)},
    OUTPUT: "$X'$",
}
"""The paper's names, for figures."""
