"""The autoencoder of the paper's experiments."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ipae_lib import native
from ipae_lib.layers import HIDDEN_LAYERS, OUTPUT
from ipae_lib.validation import Count


def _product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    assert native.onednn_linear is not None  # `Linear` comes here only then
    return native.onednn_linear(x, weight, bias, "none", [], "")


class _OneDnnLinear(torch.autograd.Function):
    """x Wᵀ + b and its gradients, of two-dimensional x, by oneDNN."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _product(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = _product(gradient, weight.T, None)
        of_weight = _product(gradient.T, x.T, None)
        return of_x, of_weight, gradient.sum(0)


class Linear(nn.Linear):
    """A linear layer that on a CPU multiplies by oneDNN, whose products are the same.

    torch leaves single-precision products to MKL, which on other processors than Intel's does
    not use the widest vector instructions; oneDNN does, wherever there are any.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer: (..., in_features) → (..., out_features)."""
        single = x.dtype == self.weight.dtype == torch.float32
        if native.onednn_linear is None or x.device.type != "cpu" or not single or x.numel() == 0:
            return super().forward(x)
        product = _OneDnnLinear.apply(x.reshape(-1, x.shape[-1]), self.weight, self.bias)
        return product.reshape(*x.shape[:-1], self.out_features)


class Autoencoder(nn.Module):
    """784-1000-500-250-K-250-500-1000-784, sigmoid but for the linear bottleneck: Fig. 5.

    The layers are named E1 E2 E3 Z D1 D2 D3 X_out; each name is the submodule that gives the
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
        bottleneck_size: Count,
        input_size: Count = 784,
        hidden_sizes: tuple[Count, Count, Count] = (1000, 500, 250),
        generator: torch.Generator | None = None,
    ) -> None:
        if len(hidden_sizes) != 3:
            raise ValueError(f"hidden_sizes is {hidden_sizes!r}; give three widths, for E1 E2 E3")
        decoder = tuple(reversed(hidden_sizes))
        sizes = [input_size, *hidden_sizes, bottleneck_size, *decoder, input_size]
        super().__init__()
        self.bottleneck_size = bottleneck_size
        for name, (d_in, d_out) in zip((*HIDDEN_LAYERS, OUTPUT), pairwise(sizes), strict=True):
            linear = Linear(d_in, d_out)
            nn.init.xavier_uniform_(linear.weight, generator=generator)
            nn.init.zeros_(linear.bias)
            layer = linear if name == "Z" else nn.Sequential(linear, nn.Sigmoid())
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct images: (..., input_size) → (..., input_size)."""
        for layer in self.children():
            x = layer(x)
        return x


def weights_as_bytes(model: nn.Module) -> bytes:
    """The weights of a network, for a file."""
    content = io.BytesIO()
    torch.save(model.state_dict(), content)
    return content.getvalue()


def weights_from_bytes(content: bytes) -> dict[str, Tensor]:
    """What `weights_as_bytes` gave, for ``load_state_dict``; nothing in it is executed."""
    weights: dict[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return weights
