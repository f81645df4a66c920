"""Callables that estimate nothing, to see what a score is worth that they get."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import ProposedWidth


@dataclass(frozen=True)
class Constant:
    """Always the same number of bits."""

    bits: float

    def __call__(self, _x: Tensor, _y: Tensor) -> float:
        return self.bits


def log_samples(x: Tensor, _y: Tensor) -> float:
    """log₂ N, where the matrix-based estimator saturates."""
    return math.log2(len(x))


def noise(x: Tensor, _y: Tensor) -> float:
    """A number between 0 and log₂ N, by chance."""
    return float(torch.rand(())) * math.log2(len(x))


def narrower_layer(x: Tensor, y: Tensor) -> float:
    """log₂(1 + d) of the narrower variable; no sample is looked at."""
    return math.log2(1 + min(x.shape[1], y.shape[1]))


def own_entropy(x: Tensor, _y: Tensor) -> Tensor:
    """The entropy of the first variable; the second is not looked at."""
    return MatrixRenyi(ProposedWidth(0.8)).entropy(x)
