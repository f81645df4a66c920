"""The autoencoder of the paper's experiments."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from ipae_lib.validation import check_count

HIDDEN_LAYERS = ("E1", "E2", "E3", "Z", "D1", "D2", "D3")
"""T₁ᴱ T₂ᴱ T₃ᴱ Z T₁ᴰ T₂ᴰ T₃ᴰ of Fig. 5, as the layers are named here."""


class Autoencoder(nn.Module):
    """784-1000-500-250-K-250-500-1000-784, sigmoid but for the linear bottleneck: Fig. 5.

    The layers are named E1 E2 E3 Z D1 D2 D3 X′; each name is the submodule that gives the
    layer's activation. Weights are Glorot-uniform and biases zero: with the paper's learning
    rate, torch's default initialisation learns more slowly.

    Parameters
    ----------
    bottleneck_size : int
        K, the width of the layer Z.
    input_size : int
        Width of the input and of the output.
    hidden_sizes : tuple of int
        Widths of E1 E2 E3; the decoder mirrors them. Always three.
    generator : torch.Generator, optional
        Source of the initial weights; its seed makes them reproducible.

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1, or there are not three hidden sizes.
    """

    def __init__(
        self,
        bottleneck_size: int,
        input_size: int = 784,
        hidden_sizes: tuple[int, int, int] = (1000, 500, 250),
        generator: torch.Generator | None = None,
    ) -> None:
        if len(hidden_sizes) != 3:
            raise ValueError(f"hidden_sizes is {hidden_sizes!r}; give three widths, for E1 E2 E3")
        bottleneck_size = check_count(bottleneck_size, "bottleneck_size")
        sizes = [
            check_count(input_size, "input_size"),
            *(check_count(size, "hidden_sizes") for size in hidden_sizes),
            bottleneck_size,
            *reversed(hidden_sizes),
            input_size,
        ]
        super().__init__()
        self.bottleneck_size = bottleneck_size
        for name, (d_in, d_out) in zip((*HIDDEN_LAYERS, "X′"), pairwise(sizes), strict=True):
            linear = nn.Linear(d_in, d_out)
            nn.init.xavier_uniform_(linear.weight, generator=generator)
            nn.init.zeros_(linear.bias)
            layer = linear if name == "Z" else nn.Sequential(linear, nn.Sigmoid())
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct images: (..., input_size) → (..., input_size)."""
        for layer in self.children():
            x = layer(x)
        return x
