"""Real networks with quantised layers, counted: Definition 4 on MNIST, without an estimator.

Each layer rounds its values to a grid of its range and passes the codes on. So each is a discrete
function of the one before it, X takes 10,000 equally likely values, and the plane is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
import xarray as xr
from torch import Tensor, nn

from ipae_lib.benchmark import networks
from ipae_lib.benchmark.problems import THEORY
from ipae_lib.benchmark.quantised import rounded
from ipae_lib.discrete import discrete_plane
from ipae_lib.layers import INPUT
from ipae_lib.validation import Count
from study import experiments

STORED = experiments.STORED / "benchmark" / "quantised.csv"

BITS = (1, 2, 4, 6, 8)
"""Of each unit."""


def quantised_plane(model: nn.Module, images: Tensor, bits: Count) -> xr.Dataset:
    """The plane of a network on images when every unit has so many bits.

    Parameters
    ----------
    model : Module
        Its children are the layers in order, the last one "X_out".
    images : Tensor of shape (n, d)
        The values of X, equally likely.
    bits : int

    Returns
    -------
    Dataset
        As `discrete.discrete_plane` gives it.
    """
    variables, x = {INPUT: images}, images
    with torch.no_grad():
        for name, layer in model.named_children():
            x = variables[name] = rounded(layer(x), 2**bits - 1)
    return discrete_plane(variables)


def planes(cases: Sequence[str] = tuple(THEORY), bits: Sequence[int] = BITS) -> pd.DataFrame:
    """The planes of trained autoencoders of the benchmark: a line for each case, bits and layer."""
    lines = []
    for case in cases:
        # in single precision rounding would decide where values near the edge of a cell go
        model = networks.trained(case, networks.NETWORKS[case].moments[-1], torch.float64)
        for each in bits:
            plane = quantised_plane(model, networks.test_images().double(), each)
            table = plane[["input_mi", "output_mi"]].to_dataframe().reset_index()
            lines.append(table.assign(case=case, bits=each))
    columns = ["case", "bits", "layer", "input_mi", "output_mi"]
    return pd.concat(lines, ignore_index=True)[columns]


def load(path: str | Path = STORED) -> pd.DataFrame:
    """The planes as `python -m study benchmark` stored them."""
    return pd.read_csv(path)
