"""Claims about the end of training for a range of bottleneck sizes: Sec. IV-B, Fig. 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study import sweep
from study.claims.verdict import CONFIDENCE, VISIBLE, Criterion, claim
from study.sweep import CRITICAL_SIZE

REMAINING = 0.1
"""Share of the compression of K = 2 below which the rest counts as mostly gone."""


@dataclass(frozen=True)
class SweepEvidence:
    """Planes at the end of training for a range of bottleneck sizes.

    Parameters
    ----------
    plane : Dataset
        ``input_mi`` and ``output_mi`` (bottleneck_size, layer, seed, batch) under the proposed
        rule, in bits, as `sweep.final_records` gives them.
    dimensions : mapping from name to (value, low, high)
        Intrinsic dimension of the images by established estimators, with its interval.
    """

    plane: xr.Dataset
    dimensions: Mapping[str, tuple[float, float, float]]

    @cached_property
    def critical(self) -> int:
        """The size that stands for the paper's K = 13."""
        return sweep.critical_size(self.plane)

    @cached_property
    def repeats(self) -> str:
        """What intervals are over."""
        _, freedom = sweep.spread_of_networks(self.plane.input_mi)
        return "replicates over batches" + (" and seeds" if int(freedom.max()) else " of one seed")

    @cached_property
    def mean(self) -> xr.Dataset:
        """Over seeds and batches."""
        return sweep.mean(self.plane)

    @cached_property
    def replicates(self) -> xr.Dataset:
        """That mean, drawn anew with its errors."""
        return sweep.replicates(self.plane[["input_mi", "output_mi"]])

    @cached_property
    def end_of_compression(self) -> sweep.Transition:
        """Where the compression by the encoder stops changing, from K = 2 on."""
        return sweep.transition(_from_two(sweep.compression(self.plane)))


def _measured(
    evidence: SweepEvidence,
    quantity: str,
    statistic: Callable[[xr.Dataset], xr.DataArray],
    **range_: float,
) -> Criterion:
    """A criterion about a statistic of the means against K, its interval from their replicates."""
    value = float(statistic(evidence.mean))
    tails = [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2]
    low, high = map(float, statistic(evidence.replicates).quantile(tails))
    # reflected: a largest difference grows with the noise that replicates add
    return Criterion(
        quantity,
        value,
        2 * value - high,
        2 * value - low,
        **range_,
        repeats=evidence.repeats,
    )


def _from_two(values: xr.DataArray) -> xr.DataArray:
    return values.sel({sweep.SIZE: values[sweep.SIZE] >= 2})


def _rise(values: xr.DataArray) -> xr.DataArray:
    """From the smallest size to the largest."""
    return values.isel({sweep.SIZE: -1}, drop=True) - values.isel({sweep.SIZE: 0}, drop=True)


def _largest_fall(values: xr.DataArray) -> xr.DataArray:
    """From any size to any larger one; 0 where nothing falls."""
    later = [values.isel({sweep.SIZE: slice(i, None)}) for i in range(values.sizes[sweep.SIZE])]
    falls = [part.isel({sweep.SIZE: 0}, drop=True) - part.min(sweep.SIZE) for part in later]
    return xr.concat(falls, dim="start").max("start")


def _beyond(values: xr.DataArray) -> xr.DataArray:
    return values.sel(bottleneck_size=values.bottleneck_size > CRITICAL_SIZE)


@claim(
    "The MI grows with K",
    "Sec. IV-B, Fig. 9",
    f"Rise from the smallest K to the largest: above {VISIBLE} bits. Largest fall from one K to a "
    f"larger one: at most {VISIBLE} bits. Both are taken of I(X;X′), and of the input and the "
    "output MI of Z and of the worst other hidden layer",
    "Z falls from its maximum on. The width depends on the number of units, and that of Z is K "
    "itself (chapter 6).",
)
def information_grows_with_size(evidence: SweepEvidence) -> list[Criterion]:
    """Information at the end against K."""
    others = [layer for layer in HIDDEN_LAYERS if layer != "Z"]
    curves = {
        "I(X;X′)": ("output_mi", [INPUT]),
        "input MI, but Z": ("input_mi", others),
        "output MI, but Z": ("output_mi", others),
        "input MI of Z": ("input_mi", ["Z"]),
        "output MI of Z": ("output_mi", ["Z"]),
    }

    def worst_rise(plane: xr.Dataset, axis: str, layers: list[str]) -> xr.DataArray:
        return _rise(plane[axis].sel(layer=layers)).min("layer")

    def worst_fall(plane: xr.Dataset, axis: str, layers: list[str]) -> xr.DataArray:
        return _largest_fall(plane[axis].sel(layer=layers)).max("layer")

    criteria = []
    for name, (axis, layers) in curves.items():
        chosen = {"axis": axis, "layers": layers}
        rise, fall = partial(worst_rise, **chosen), partial(worst_fall, **chosen)
        criteria += [
            _measured(evidence, f"rise, {name} [bits]", rise, at_least=VISIBLE),
            _measured(evidence, f"largest fall, {name} [bits]", fall, at_most=VISIBLE),
        ]
    return criteria


@claim(
    "This sequence shrinks as K increases",
    "Sec. IV-B, Fig. 9a",
    f"I(X;T₁ᴱ) − I(X;T₃ᴱ) from K = 2 on. Its fall to the largest K: above {VISIBLE} bits. Its "
    "largest rise from one K to a larger one: at most a tenth of its value for K = 2",
)
def compression_shrinks(evidence: SweepEvidence) -> list[Criterion]:
    """Compression by the encoder against K."""

    def compression(plane: xr.Dataset) -> xr.DataArray:
        return _from_two(sweep.compression(plane))

    def rise(plane: xr.Dataset) -> xr.DataArray:
        found = compression(plane)
        return _largest_fall(-found) / found[{sweep.SIZE: 0}]

    return [
        _measured(evidence, "fall [bits]", lambda p: -_rise(compression(p)), at_least=VISIBLE),
        _measured(evidence, "largest rise, share", rise, at_most=0.1),
    ]


@claim(
    "the input information is decreased from its maximum value to the bottleneck layer value",
    "Sec. IV-B, Fig. 9a, small K",
    "Least fall of the input MI from one layer to the next, from T₁ᴱ to Z, for K up to 4: above 0",
    "T₁ᴱ to T₃ᴱ decrease. Z has few units and is on a scale of its own, above T₃ᴱ.",
)
def encoder_decreases(evidence: SweepEvidence) -> list[Criterion]:
    """(14) of small bottlenecks."""
    paths = {"T₁ᴱ to T₃ᴱ": ["E1", "E2", "E3"], "T₃ᴱ to Z": ["E3", "Z"]}

    def least_fall(plane: xr.Dataset, size: int, path: list[str]) -> xr.DataArray:
        return -plane.input_mi.sel(layer=path, bottleneck_size=size).diff("layer").max("layer")

    return [
        _measured(
            evidence,
            f"{name}, K = {size} [bits]",
            partial(least_fall, size=size, path=path),
            at_least=0,
        )
        for size in evidence.mean.bottleneck_size.values
        if size <= 4
        for name, path in paths.items()
    ]


@claim(
    "except for the bottleneck layer after K = 2",
    "Sec. IV-B, Fig. 9a",
    f"Distance of I(X;Z) from I(X;T₃ᴱ): above {VISIBLE} bits at every K > 2. I(X;T₃ᴱ) − I(X;Z) up "
    "to K = 2: above 0",
    "Z is above T₃ᴱ already at K = 2. For the largest K the two have come together again.",
)
def bottleneck_is_apart(evidence: SweepEvidence) -> list[Criterion]:
    """The bottleneck's own scale."""

    def excess(plane: xr.Dataset, size: int) -> xr.DataArray:
        inputs = plane.input_mi.sel(bottleneck_size=size)
        return inputs.sel(layer="E3", drop=True) - inputs.sel(layer="Z", drop=True)

    def distance(plane: xr.Dataset, size: int) -> xr.DataArray:
        return abs(excess(plane, size))

    return [
        _measured(
            evidence,
            f"K = {size}{', T₃ᴱ less Z' if size <= 2 else ''} [bits]",
            partial(distance if size > 2 else excess, size=size),
            at_least=VISIBLE if size > 2 else 0,
        )
        for size in evidence.mean.bottleneck_size.values
    ]


@claim(
    "the compression made by the encoder layers mostly disappears after K = 13",
    "Sec. IV-B, Fig. 9a",
    "I(X;T₁ᴱ) − I(X;T₃ᴱ) from K = 2 on. The K at which nine tenths of its change are made: between "
    f"10 and 16, the neighbours of 13 in the sweep. What is left of it at K = {CRITICAL_SIZE}, as "
    f"a share of that of K = 2: at most {REMAINING:.0%}",
    "The curve bends without a corner. Where it ends depends on the rule (chapter 6).",
)
def compression_ends(evidence: SweepEvidence) -> list[Criterion]:
    """The transition between the two patterns."""
    end = evidence.end_of_compression

    def left(plane: xr.Dataset) -> xr.DataArray:
        found = sweep.compression(plane)
        return found.sel(bottleneck_size=evidence.critical) / found.sel(bottleneck_size=2)

    return [
        Criterion(
            "K at which it ends",
            end.size,
            end.low,
            end.high,
            at_least=10,
            at_most=16,
            repeats=evidence.repeats,
        ),
        _measured(evidence, f"share left at K = {evidence.critical}", left, at_most=REMAINING),
    ]


@claim(
    "Beyond this size, all layers are mostly stabilized in their maximum value",
    "Sec. IV-B, Fig. 9",
    f"Change of each layer's input MI from the first K above {CRITICAL_SIZE} to the largest: "
    f"within {VISIBLE} bits. Largest such change of an output MI: at most {VISIBLE} bits. Largest "
    "input MI of a layer at a smaller K, less its mean beyond, in the worst layer: at most "
    f"{VISIBLE} bits",
    "Z falls from its maximum on, an effect of the width rule. The decoder still gains, by little "
    "more than the threshold.",
)
def layers_are_stable(evidence: SweepEvidence) -> list[Criterion]:
    """The plateau of Fig. 9."""
    layers = list(HIDDEN_LAYERS)

    def change(plane: xr.Dataset, layer: str) -> xr.DataArray:
        return _rise(_beyond(plane.input_mi.sel(layer=layer)))

    def output_change(plane: xr.Dataset) -> xr.DataArray:
        return abs(_rise(_beyond(plane.output_mi.sel(layer=layers)))).max("layer")

    def above(plane: xr.Dataset) -> xr.DataArray:
        inputs = plane.input_mi.sel(layer=layers)
        smaller = inputs.sel(bottleneck_size=inputs.bottleneck_size <= CRITICAL_SIZE)
        return (smaller.max(sweep.SIZE) - _beyond(inputs).mean(sweep.SIZE)).max("layer")

    changes = [
        _measured(
            evidence,
            f"{TEXT_LABELS[layer]} [bits]",
            partial(change, layer=layer),
            at_least=-VISIBLE,
            at_most=VISIBLE,
        )
        for layer in layers
    ]
    return [
        *changes,
        _measured(
            evidence, "largest change of an output MI [bits]", output_change, at_most=VISIBLE
        ),
        _measured(evidence, "smaller K above the plateau [bits]", above, at_most=VISIBLE),
    ]


@claim(
    "where the input MI and the output MI are equal",
    "Sec. IV-B, Fig. 9",
    f"Mean distance of input and output MI over K > {CRITICAL_SIZE}: at most {VISIBLE} bits for "
    "each layer",
    "They differ by a few per cent of M. The theory asks for equality where X′ is X, and X′ is not "
    "quite X.",
)
def input_equals_output(evidence: SweepEvidence) -> list[Criterion]:
    """Convergence to the bisector."""

    def distance(plane: xr.Dataset, layer: str) -> xr.DataArray:
        return abs(_beyond(sweep.gap(plane)).sel(layer=layer)).mean(sweep.SIZE)

    return [
        _measured(
            evidence,
            f"{TEXT_LABELS[layer]} [bits]",
            partial(distance, layer=layer),
            at_most=VISIBLE,
        )
        for layer in HIDDEN_LAYERS
    ]


@claim(
    "There are differences in Figs. 9b–d where the MIs should be the same for any K, specially for "
    "the estimated MI of the bottleneck layer",
    "Sec. IV-B, Fig. 9",
    f"Range of the layers of a panel, mean over K: above {VISIBLE} bits. What is left of it "
    "without Z: at most half",
    "In the encoder T₃ᴱ differs as much as Z does for small K.",
)
def panels_differ(evidence: SweepEvidence) -> list[Criterion]:
    """What Lemma 1 and (15) make equal."""
    panels = {
        "input MI of the decoder and Z": ("input_mi", ["Z", *DECODER]),
        "output MI of the encoder": ("output_mi", list(ENCODER)),
        "output MI of the decoder and Z": ("output_mi", ["Z", *DECODER]),
    }

    def spread(plane: xr.Dataset, axis: str, layers: list[str]) -> xr.DataArray:
        values = plane[axis].sel(layer=layers)
        return (values.max("layer") - values.min("layer")).mean(sweep.SIZE)

    def rest(plane: xr.Dataset, axis: str, layers: list[str]) -> xr.DataArray:
        others = [layer for layer in layers if layer != "Z"]
        return spread(plane, axis, others) / spread(plane, axis, layers)

    criteria = []
    for name, (axis, layers) in panels.items():
        chosen = {"axis": axis, "layers": layers}
        whole, without = partial(spread, **chosen), partial(rest, **chosen)
        criteria += [
            _measured(evidence, f"{name} [bits]", whole, at_least=VISIBLE),
            _measured(evidence, f"{name}, share left without Z", without, at_most=0.5),
        ]
    return criteria


@claim(
    "K = 13 is an approximation of the intrinsic dimensionality of the data",
    "Sec. IV-B",
    "Established estimates of the intrinsic dimension of the test images: between 11 and 15, that "
    "is, within two of 13",
    "They move by two or three with the number of neighbours and of images. Chapter 6 has more of "
    "them. Linear ones are far larger: they count the directions of a curved set.",
)
def size_is_intrinsic_dimension(evidence: SweepEvidence) -> list[Criterion]:
    """Beside estimators made for it."""
    return [
        Criterion(name, *values, at_least=11, at_most=15, repeats="images")
        for name, values in evidence.dimensions.items()
    ]


CLAIMS = (
    information_grows_with_size,
    compression_shrinks,
    encoder_decreases,
    bottleneck_is_apart,
    compression_ends,
    layers_are_stable,
    input_equals_output,
    panels_differ,
    size_is_intrinsic_dimension,
)
