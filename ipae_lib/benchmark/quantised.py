"""Real networks whose units have a few bits, so that their information is counted.

Each layer rounds its values to a grid of its range and passes the codes on: Definition 4 of the
paper. X is uniform over the first `IMAGES` test images. So every layer is a discrete function of X,
and its information is counted over all of X's values, without an estimate.

Samples are drawn with replacement. What is asked is the information of X, not of the samples: that
of N draws, counted, would be lower, as some images are not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from ipae_lib.benchmark import networks
from ipae_lib.discrete import discrete_mutual_information
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI
from ipae_lib.validation import Count

IMAGES = 128
"""Then M is 7 bits, two below log₂ 512, as under the noise of the other networks."""

LABELS = "Y"
"""The name of the digits."""

TRUTH = Path(__file__).parent / "stored" / "quantised.csv"


@dataclass(frozen=True)
class Quantised:
    """A network of `networks.NETWORKS` with so many bits a unit, and what is asked of it."""

    network: str
    bits: Count
    asked: Mapping[str, tuple[str, ...]]

    @property
    def moments(self) -> list[int]:
        """Updates after which it is asked."""
        of_network = networks.NETWORKS[self.network].moments
        return [of_network[i] for i in (0, 2, 4, -1)]


_AUTOENCODER = {INPUT_MI: ("E1", "Z", "D3", OUTPUT), OUTPUT_MI: ("E1", "Z")}
_CLASSIFIER = dict.fromkeys((INPUT_MI, networks.LABEL_MI), ("T1", "T2", "T3"))

CASES = {
    "quantised, K = 2": Quantised("autoencoder, K = 2", 4, _AUTOENCODER),
    "quantised, K = 32": Quantised("autoencoder, K = 32", 2, _AUTOENCODER),
    "quantised classifier": Quantised("classifier", 2, _CLASSIFIER),
}
"""The networks that train in seconds; with more bits two of them keep all of X in every layer."""


def rounded(x: Tensor, steps: Count) -> Tensor:
    """Values rounded to so many equal steps of their range."""
    low, high = x.min(), x.max()
    step = (high - low).clamp(min=torch.finfo(x.dtype).tiny) / steps
    return low + ((x - low) / step).round() * step


def population(case: str, updates: int) -> dict[str, Tensor]:
    """What every value of X leads to, (128, width) for each layer; the digits are "Y".

    Raises
    ------
    ValueError
        If there is no such case, or ``updates`` is none of its moments.
    """
    if case not in CASES:
        raise ValueError(f"case is {case!r}; there are {sorted(CASES)}")
    own = CASES[case]
    if updates not in own.moments:
        raise ValueError(f"updates is {updates!r}; {case!r} is asked after {own.moments}")
    x = networks.test_images()[:IMAGES].double()
    values = {INPUT: x, LABELS: torch.eye(10, dtype=x.dtype)[networks.test_labels()[:IMAGES]]}
    # in single precision a value near the edge of a cell would go where the processor rounds it
    network = networks.trained(own.network, updates, torch.float64)
    with torch.no_grad():
        for name, layer in network.named_children():
            x = values[name] = rounded(layer(x), 2**own.bits - 1)
    return values


def drawn(n: int, seed: int) -> Tensor:
    """Which values of X a set of samples holds."""
    return torch.randint(IMAGES, (n,), generator=torch.Generator().manual_seed(seed))


def ends(quantity: str, layer: str) -> tuple[str, str]:
    """The two variables that a question is about."""
    if quantity == OUTPUT_MI:
        return layer, OUTPUT
    return (INPUT if quantity == INPUT_MI else LABELS), layer


def exact(case: str) -> pd.DataFrame:
    """The information of a case at all its moments, counted.

    Returns
    -------
    DataFrame
        A line for each question: ``case, iteration, quantity, layer, d_x, d_y, exact``.
    """
    lines = []
    for updates in CASES[case].moments:
        values = population(case, updates)
        for quantity, layers in CASES[case].asked.items():
            for layer in layers:
                a, b = (values[name] for name in ends(quantity, layer))
                lines.append(
                    {
                        "case": case,
                        "iteration": updates,
                        "quantity": quantity,
                        "layer": layer,
                        "d_x": a.shape[1],
                        "d_y": b.shape[1],
                        "exact": discrete_mutual_information(a, b),
                    }
                )
    return pd.DataFrame(lines)


@cache
def known() -> pd.DataFrame:
    """What `exact` gave for all cases, as it comes with the package."""
    return pd.read_csv(TRUTH)
