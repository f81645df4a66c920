"""Claims of Sec. II, on autoencoders whose plane is known exactly: no estimate enters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import xarray as xr

from ipae_lib import discrete, linear, solvable, theory
from ipae_lib.layers import DECODER, INPUT, OUTPUT
from ipae_lib.threads import in_threads
from study.claims.verdict import VISIBLE, Criterion, claim, measured
from study.moments import log_spaced

ROUNDING = 1e-6
"""Bits that rounding may leave of an exact 0."""

SIGMA = 0.5
"""Standard deviation of the noise of Definition 5."""

DISCRETE = "codes passed on"
ONE_LEVEL = "noise of one level"
CONTRACTING = "noise of one level, no layer stretches"

_PIXELS = 4


@dataclass(frozen=True)
class BottleneckPair:
    """A small and a large bottleneck, trained, and where the theory has them end.

    Parameters
    ----------
    small, large : Dataset
        Planes as `theory.check_plane` takes them, in bits.
    transferable, total : float
        λ of the small one and M, in bits.
    """

    small: xr.Dataset
    large: xr.Dataset
    transferable: float
    total: float

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
    singular values of the weights cut at 1.

    Parameters
    ----------
    steps : int
        Of the linear trainings.
    """
    cases = {
        DISCRETE: _discrete_case,
        ONE_LEVEL: partial(_linear_case, steps, contract=False),
        CONTRACTING: partial(_linear_case, steps, contract=True),
    }
    solved = in_threads(lambda solve: solve(), cases.values())
    return ExactEvidence(dict(zip(cases, solved, strict=True)))


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
    return BottleneckPair(*planes, transferable=2.0, total=float(_PIXELS))


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
        *planes,
        transferable=linear.transferable_information(covariance, 3, SIGMA),
        total=linear.total_information(covariance, SIGMA),
    )


def _at_every_iteration(evidence: ExactEvidence, test: str) -> list[Criterion]:
    """That a test of `theory.check_plane` finds nothing in either network of any case."""
    criteria = []
    for name, case in evidence.cases.items():
        worst = max(float(theory.check_plane(plane)[test].max()) for plane in case.both)
        criteria.append(measured(f"{name} [bits]", worst, at_most=ROUNDING))
    return criteria


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


@claim(
    "the output MI is the same for any hidden layer T",
    "Sec. II-B, Lemma 1",
    "Largest less smallest output MI over X and the hidden layers, at every iteration of exactly "
    "solved autoencoders: 0; and in the example of chapter 1 whose layers pass on more than is "
    "measured",
    "The proof needs that what is measured of a layer is what the next one gets. Noise on X′ "
    "alone, as in Definition 5, is enough.",
)
def lemma_1(evidence: ExactEvidence) -> list[Criterion]:
    """(9)-(11)."""
    spread = float(theory.check_plane(measured_only()[0]).output_spread)
    return [
        *_at_every_iteration(evidence, "output_spread"),
        measured("codes measured only [bits]", spread, at_most=ROUNDING),
    ]


@claim(
    "implies that the information is decreased or at most preserved from input to output",
    "Sec. II-B, (13)",
    "Sum of the rises of the input MI from one layer to the next, at every iteration of exactly "
    "solved autoencoders: 0",
    "Noise that is added to measure a layer is not passed on, and a layer that stretches lifts "
    "what it gets above the noise.",
)
def forward_data_processing(evidence: ExactEvidence) -> list[Criterion]:
    """(13)."""
    return _at_every_iteration(evidence, "forward_total")


@claim(
    "the feasible region is the one contained in the triangle",
    "Sec. II-B",
    "Sum of the layers' distances from the triangle, at every iteration of exactly solved "
    "autoencoders: 0",
    "It follows from (13), and fails with it.",
)
def feasible_region(evidence: ExactEvidence) -> list[Criterion]:
    """The triangle (0, 0), (M, 0), (M, M)."""
    return _at_every_iteration(evidence, "outside_total")


def _end(axis: xr.DataArray) -> xr.DataArray:
    """One axis of a plane after training, of the hidden layers."""
    return axis.isel(iteration=-1, layer=slice(1, -1))


@claim(
    "the IP curves will converge to the point (M, M)",
    "Sec. II-B, Theorem 1 a)",
    "At the end of training with the large bottleneck: largest distance of either MI of a layer "
    f"from M, at most {VISIBLE} bits",
    "Layers that stretch rise beyond M.",
)
def large_bottleneck_converges(evidence: ExactEvidence) -> list[Criterion]:
    """Theorem 1 of a large bottleneck."""
    criteria = []
    for name, case in evidence.cases.items():
        ends = [_end(axis) for axis in (case.large.input_mi, case.large.output_mi)]
        distance = max(float(abs(end - case.total).max()) for end in ends)
        criteria.append(measured(f"{name} [bits]", distance, at_most=VISIBLE))
    return criteria


@claim(
    "the input MIs of the decoder will converge to the same value λ",
    "Sec. II-B, Theorem 1 b), Lemma 2",
    "At the end of training with the small bottleneck: largest distance of the input MI of Z and "
    f"the decoder, and of I(X;X′), from λ, at most {VISIBLE} bits",
    "The output gets λ bits in every case; with noise of one level the bottleneck and the decoder "
    "differ from it by what they shrink and stretch.",
)
def small_bottleneck_converges(evidence: ExactEvidence) -> list[Criterion]:
    """Theorem 1 of a small bottleneck."""
    criteria = []
    for name, case in evidence.cases.items():
        behind = _end(case.small.input_mi).sel(layer=slice("Z", None))
        through = _end(case.small.output_mi)
        distances = [abs(behind - case.transferable), abs(through - case.transferable)]
        worst = max(float(distance.max()) for distance in distances)
        criteria.append(measured(f"{name} [bits]", worst, at_most=VISIBLE))
    return criteria


@claim(
    "the input MIs of the encoder will converge to a decreasing sequence",
    "Sec. II-B, Theorem 1 b)",
    "At the end of training with the small bottleneck: largest rise of the input MI from X to Z, "
    "0; and M less the input MI of Z, above 0.1 bits",
)
def small_bottleneck_compresses(evidence: ExactEvidence) -> list[Criterion]:
    """(14)."""
    criteria = []
    for name, case in evidence.cases.items():
        encoder = case.small.input_mi.isel(iteration=-1).sel(layer=slice(INPUT, "Z"))
        rise = max(0.0, float(encoder.diff("layer").max()))
        fall = float(encoder[0] - encoder[-1])
        criteria += [
            measured(f"rise, {name} [bits]", rise, at_most=ROUNDING),
            measured(f"fall, {name} [bits]", fall, at_least=VISIBLE),
        ]
    return criteria


@claim(
    "T₃ᴰ has a significantly higher input information than Z, which is theoretically impossible",
    "Sec. IV-B, as a statement of the theory",
    "Largest I(X;T) of a decoder layer less I(X;Z), at every iteration of exactly solved "
    "autoencoders: at most 0",
    "Impossible for codes that are passed on. Under Definition 5 it happens in exact planes, where "
    "a layer of the decoder stretches.",
)
def decoder_above_bottleneck(evidence: ExactEvidence) -> list[Criterion]:
    """What Fig. 6d shows, without an estimate."""
    criteria = []
    for name, case in evidence.cases.items():
        excess = []
        for plane in case.both:
            inputs = plane.input_mi
            decoder = inputs.sel(layer=inputs.layer.isin(DECODER))
            excess.append(float((decoder - inputs.sel(layer="Z")).max()))
        criteria.append(measured(f"{name} [bits]", max(excess), at_most=ROUNDING))
    return criteria


CLAIMS = (
    lemma_1,
    forward_data_processing,
    feasible_region,
    large_bottleneck_converges,
    small_bottleneck_converges,
    small_bottleneck_compresses,
    decoder_above_bottleneck,
)
