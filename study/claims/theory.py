"""Claims of Sec. II, on autoencoders whose plane is known exactly: no estimate enters.

They are asked of each definition of information apart, because what is proven of one is not always
true of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
import xarray as xr

from ipae_lib import discrete, linear, solvable, theory
from ipae_lib.layers import DECODER, INPUT, OUTPUT
from ipae_lib.threads import in_threads
from study.claims.criteria.decision import VISIBLE, Claim, Estimate, Place, claim, estimate
from study.moments import log_spaced

EXACTLY = "exactly"
"""The one column of these claims."""

ROUNDING = 1e-6
"""Bits that rounding may leave of an exact 0."""

SIGMA = 0.5
"""Standard deviation of the noise of Definition 5."""

DISCRETE = "codes passed on"
ONE_LEVEL = "noise of one level"
CONTRACTING = "noise of one level, no layer stretches"
MEASURED_ONLY = "codes measured only"
"""Cases: Definition 4 where layers pass on what is measured of them, Definition 5, the same where
no layer stretches, and Definition 4 where layers pass on more than is measured."""

_PIXELS = 4


@dataclass(frozen=True)
class BottleneckPair:
    """A small and a large bottleneck, and where the theory has them end.

    Parameters
    ----------
    small, large : Dataset
        Planes as `theory.check_plane` takes them, in bits.
    transferable, total : float
        λ of the small one and M, in bits; NaN where they were not trained.
    """

    small: xr.Dataset
    large: xr.Dataset
    transferable: float = math.nan
    total: float = math.nan

    @property
    def both(self) -> tuple[xr.Dataset, xr.Dataset]:
        """The two planes."""
        return self.small, self.large


@dataclass(frozen=True)
class ExactEvidence:
    """What the claims of this module are decided on: cases by the definition of information."""

    cases: dict[str, BottleneckPair]


def exact_evidence(steps: int = 2000) -> ExactEvidence:
    """Train autoencoders whose plane is known at every iteration.

    Under Definition 4 one of binary images, counted, each layer's codes passed on to the next;
    under Definition 5 linear ones of normal inputs, with noise of one level, and once more with
    singular values of the weights cut at 1. And, not trained, the codes of `measured_only`.

    Parameters
    ----------
    steps : int
        Of the linear trainings.
    """
    cases: dict[str, Callable[[], BottleneckPair]] = {
        DISCRETE: _discrete_case,
        ONE_LEVEL: partial(_linear_case, steps, contract=False),
        CONTRACTING: partial(_linear_case, steps, contract=True),
    }
    solved = in_threads(lambda solve: solve(), cases.values())
    found = dict(zip(cases, solved, strict=True))
    return ExactEvidence(found | {MEASURED_ONLY: BottleneckPair(*measured_only())})


def _discrete_case() -> BottleneckPair:
    images = discrete.all_binary_images(_PIXELS)
    planes = []
    for bottleneck_size in (2, 6):
        generator = torch.Generator().manual_seed(0)
        network = discrete.DiscreteAutoencoder(
            bottleneck_size, input_size=_PIXELS, generator=generator
        )
        snapshots = solvable.train_discrete(network, images, 400, log_spaced(400, 20))
        planes.append(solvable.discrete_case(snapshots, images, "discrete").plane)
    return BottleneckPair(planes[0], planes[1], transferable=2.0, total=float(_PIXELS))


def _linear_case(steps: int, contract: bool) -> BottleneckPair:
    covariance = linear.rotated_covariance(linear.EXAMPLE_SPECTRUM)
    planes = []
    for bottleneck_size in (3, 10):
        widths = [14, 12, bottleneck_size, 12, 14]
        start = linear.LinearAutoencoder.random(covariance, widths, seed=0)
        moments = log_spaced(steps, 60)
        run = linear.train_linear(start, steps, 0.03, moments, contract=contract)
        planes.append(solvable.linear_case(run, SIGMA).plane)
    return BottleneckPair(
        planes[0],
        planes[1],
        transferable=linear.transferable_information(covariance, 3, SIGMA),
        total=linear.total_information(covariance, SIGMA),
    )


def measured_only() -> tuple[xr.Dataset, xr.Dataset]:
    """Planes of two autoencoders whose layers are rounded down only to be measured, in bits.

    The first has X = 0 … 7, Z = X / 4 and X′ = 4Z. The second is the first read backwards: X = 0,
    ¼ … 1¾, Z = X′ = 4X. Rounding takes from Z in the first, and from X in the second, what the
    other two layers keep.
    """
    whole, quarters = np.arange(8), np.floor(np.arange(8) / 4)
    return (
        discrete.discrete_plane({INPUT: whole, "Z": quarters, OUTPUT: whole}),
        discrete.discrete_plane({INPUT: quarters, "Z": whole, OUTPUT: whole}),
    )


def _worst(pair: BottleneckPair, test: str) -> xr.DataArray:
    """What a test of `theory.check_plane` finds at any iteration of either network."""
    return xr.DataArray(max(float(theory.check_plane(plane)[test].max()) for plane in pair.both))


def _end(axis: xr.DataArray) -> xr.DataArray:
    """One axis of a plane after training, of the hidden layers."""
    return axis.isel(iteration=-1, layer=slice(1, -1))


_EXACT: dict[str, Any] = {"evidence": "exact", "repeated": False, "since": "after"}
_ZERO = "0, but for rounding"
_SEEN = "a fortieth of M, as far as an end of training is from its limit"


@claim(
    "the output MI is the same for any hidden layer T",
    "Sec. II-A, Lemma 1",
    "Largest less smallest output MI over X and the hidden layers, at any iteration, in bits",
    below=ROUNDING,
    reason=_ZERO,
    **_EXACT,
)
def lemma_1(pair: BottleneckPair) -> xr.DataArray:
    """(9)-(11)."""
    return _worst(pair, "output_spread")


@claim(
    "implies that the information is decreased or at most preserved from input to output",
    "Sec. II-A, (13)",
    "Sum of the rises of the input MI from one layer to the next, at any iteration, in bits",
    below=ROUNDING,
    reason=_ZERO,
    **_EXACT,
)
def forward_data_processing(pair: BottleneckPair) -> xr.DataArray:
    """(13)."""
    return _worst(pair, "forward_total")


@claim(
    "the feasible region is the one contained in the triangle",
    "Sec. II-B",
    "Sum of the layers' distances from the triangle, at any iteration, in bits",
    below=ROUNDING,
    reason=_ZERO,
    **_EXACT,
)
def feasible_region(pair: BottleneckPair) -> xr.DataArray:
    """The triangle (0, 0), (M, 0), (M, M)."""
    return _worst(pair, "outside_total")


@claim(
    "T₃ᴰ has a significantly higher input information than Z, which is theoretically impossible",
    "Sec. IV-B, as a statement of the theory",
    "Largest input MI of a later layer less that of Z, at any iteration, in bits",
    below=ROUNDING,
    reason=_ZERO,
    **_EXACT,
)
def nothing_above_the_bottleneck(pair: BottleneckPair) -> xr.DataArray:
    """What Fig. 6d shows, without an estimate."""
    excess = [
        plane.input_mi.sel(layer=plane.layer.isin((*DECODER, OUTPUT)))
        - plane.input_mi.sel(layer="Z")
        for plane in pair.both
    ]
    return xr.DataArray(max(float(each.max()) for each in excess))


@claim(
    "the IP curves will converge to the point (M, M)",
    "Sec. II-B, by Theorem 1 a)",
    "At the end of training with the large bottleneck: largest distance of either MI of a layer "
    "from M, as a share of M",
    below=VISIBLE,
    reason=_SEEN,
    **_EXACT,
)
def large_bottleneck_converges(pair: BottleneckPair) -> xr.DataArray:
    """Theorem 1 of a large bottleneck."""
    ends = [_end(axis) for axis in (pair.large.input_mi, pair.large.output_mi)]
    return xr.DataArray(max(float(abs(end - pair.total).max()) for end in ends) / pair.total)


@claim(
    "the input MIs of the decoder will converge to the same value Î(X;T^D) = λ. The output MI will "
    "converge to λ",
    "Sec. II-B, by Theorem 1 b), Lemma 2",
    "At the end of training with the small bottleneck: largest distance of the input MI of Z and "
    "the decoder, and of I(X;X′), from λ, as a share of M",
    below=VISIBLE,
    reason=_SEEN,
    **_EXACT,
)
def small_bottleneck_converges(pair: BottleneckPair) -> xr.DataArray:
    """Theorem 1 of a small bottleneck."""
    behind = _end(pair.small.input_mi).sel(layer=slice("Z", None))
    through = _end(pair.small.output_mi)
    distance = max(float(abs(each - pair.transferable).max()) for each in (behind, through))
    return xr.DataArray(distance / pair.total)


@claim(
    "the input MIs of the encoder will converge to a decreasing sequence",
    "Sec. II-B, (14)",
    "At the end of training with the small bottleneck: M less the input MI of Z, as a share of M",
    above=VISIBLE,
    reason=_SEEN,
    limits="That no step rises is asked of (13).",
    **_EXACT,
)
def small_bottleneck_compresses(pair: BottleneckPair) -> xr.DataArray:
    """(14)."""
    end = pair.small.input_mi.isel(iteration=-1)
    return 1 - end.sel(layer="Z", drop=True) / end.sel(layer=INPUT, drop=True)


CLAIMS = (
    lemma_1,
    forward_data_processing,
    feasible_region,
    nothing_above_the_bottleneck,
    large_bottleneck_converges,
    small_bottleneck_converges,
    small_bottleneck_compresses,
)

_OF_TRAINED = CLAIMS[4:]


def measure(evidence: ExactEvidence, claims: Sequence[Claim] = CLAIMS) -> dict[Place, Estimate]:
    """The statistic of every claim for every case; where nothing is trained, not those of the end.

    Parameters
    ----------
    evidence : ExactEvidence
    claims : sequence of Claim
        Of this module.
    """
    return {
        (one, name, EXACTLY): estimate(one.statistic(pair))
        for one in claims
        for name, pair in evidence.cases.items()
        if one not in _OF_TRAINED or not math.isnan(pair.total)
    }
