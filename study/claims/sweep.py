"""Claims about the end of training for a range of bottleneck sizes: Sec. IV-B, Fig. 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study import sweep
from study.claims.verdict import CONFIDENCE, VISIBLE, Criterion, claim

CRITICAL_SIZE = 13
"""K at which the paper sees compression end."""

REMAINING = 0.1
"""Share of the compression of K = 2 below which the rest counts as mostly gone."""


@dataclass(frozen=True)
class SweepEvidence:
    """Planes at the end of training for a range of bottleneck sizes.

    Parameters
    ----------
    information : DataArray (bottleneck_size, quantity, layer, seed, batch)
        Under the proposed rule, in bits.
    dimensions : mapping from name to (value, low, high)
        Intrinsic dimension of the images by established estimators, with its interval.
    """

    information: xr.DataArray
    dimensions: Mapping[str, tuple[float, float, float]]

    @property
    def critical(self) -> int:
        """The smallest size of the sweep that is not below the paper's critical one."""
        sizes = self.information.bottleneck_size.values
        return int(sizes[sizes >= CRITICAL_SIZE].min())

    @cached_property
    def repeats(self) -> str:
        """What intervals are over."""
        _, freedom = sweep.spread_of_networks(self.information)
        return "replicates over batches" + (" and seeds" if int(freedom.max()) else " of one seed")

    @cached_property
    def mean(self) -> xr.DataArray:
        """Over seeds and batches."""
        return sweep.mean(self.information)

    @cached_property
    def replicates(self) -> xr.DataArray:
        """That mean, drawn anew with its errors."""
        return sweep.replicates(self.information)


def _measured(
    evidence: SweepEvidence,
    quantity: str,
    statistic: Callable[[xr.DataArray], xr.DataArray],
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


def _compression(information: xr.DataArray) -> xr.DataArray:
    return sweep.compression(information)


def _inputs(information: xr.DataArray, layer: str) -> xr.DataArray:
    return information.sel(quantity="input_mi", layer=layer, drop=True)


def _rise(values: xr.DataArray) -> xr.DataArray:
    """From the smallest size to the largest."""
    return values.isel({sweep.SIZE: -1}, drop=True) - values.isel({sweep.SIZE: 0}, drop=True)


def _largest_fall(values: xr.DataArray) -> xr.DataArray:
    """From any size to any larger one; 0 where nothing falls."""
    later = [values.isel({sweep.SIZE: slice(i, None)}) for i in range(values.sizes[sweep.SIZE])]
    falls = [part.isel({sweep.SIZE: 0}, drop=True) - part.min(sweep.SIZE) for part in later]
    return xr.concat(falls, dim="start").max("start")


def _range(values: xr.DataArray, dim: str) -> xr.DataArray:
    return values.max(dim) - values.min(dim)


def _beyond(values: xr.DataArray) -> xr.DataArray:
    return values.sel(bottleneck_size=values.bottleneck_size > CRITICAL_SIZE)


@claim(
    "The MI grows with K",
    "Sec. IV-B, Fig. 9",
    f"Rise from the smallest K to the largest, above {VISIBLE} bits, and largest fall from one K "
    f"to any larger one, at most {VISIBLE} bits: of I(X;X′), and of the input and the output MI of "
    "Z and of the other hidden layers, of which the worst counts",
    "Z falls from its maximum on: its own number of units is in the width, and a layer whose units "
    "grow in number faster than in content sinks (chapter 6).",
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
    criteria = []
    for name, (quantity, layers) in curves.items():
        chosen = {"quantity": quantity, "layer": layers}
        criteria += [
            _measured(
                evidence,
                f"rise, {name} [bits]",
                lambda info, chosen=chosen: _rise(info.sel(chosen)).min("layer"),
                at_least=VISIBLE,
            ),
            _measured(
                evidence,
                f"largest fall, {name} [bits]",
                lambda info, chosen=chosen: _largest_fall(info.sel(chosen)).max("layer"),
                at_most=VISIBLE,
            ),
        ]
    return criteria


@claim(
    "This sequence shrinks as K increases",
    "Sec. IV-B, Fig. 9a",
    f"I(X;T₁ᴱ) − I(X;T₃ᴱ) from K = 2 on: its fall to the largest K, above {VISIBLE} bits; and its "
    "largest rise from one K to any larger one, at most a tenth of what it is for K = 2",
)
def compression_shrinks(evidence: SweepEvidence) -> list[Criterion]:
    """Compression by the encoder against K."""

    def from_two(info: xr.DataArray) -> xr.DataArray:
        compression = _compression(info)
        return compression.sel(bottleneck_size=compression.bottleneck_size >= 2)

    return [
        _measured(evidence, "fall [bits]", lambda info: -_rise(from_two(info)), at_least=VISIBLE),
        _measured(
            evidence,
            "largest rise, share",
            lambda info: _largest_fall(-from_two(info)) / from_two(info)[{sweep.SIZE: 0}],
            at_most=0.1,
        ),
    ]


@claim(
    "the input information is decreased from its maximum value to the bottleneck layer value",
    "Sec. IV-B, Fig. 9a, small K",
    "Least fall of the input MI from one layer to the next, from T₁ᴱ to Z, for K up to 4: above 0",
    "T₁ᴱ to T₃ᴱ decrease; Z, of few units, is on a scale of its own and above T₃ᴱ.",
)
def encoder_decreases(evidence: SweepEvidence) -> list[Criterion]:
    """(14) of small bottlenecks."""
    criteria = []
    for size in evidence.mean.bottleneck_size.values:
        if size > 4:
            continue
        for name, layers in {"T₁ᴱ to T₃ᴱ": ("E1", "E2", "E3"), "T₃ᴱ to Z": ("E3", "Z")}.items():
            criteria.append(
                _measured(
                    evidence,
                    f"{name}, K = {size} [bits]",
                    lambda info, size=size, layers=layers: (
                        -info.sel(quantity="input_mi", layer=list(layers), bottleneck_size=size)
                        .diff("layer")
                        .max("layer")
                    ),
                    at_least=0,
                )
            )
    return criteria


@claim(
    "except for the bottleneck layer after K = 2",
    "Sec. IV-B, Fig. 9a",
    f"Distance of I(X;Z) from I(X;T₃ᴱ), above {VISIBLE} bits at every K > 2; and I(X;T₃ᴱ) − I(X;Z) "
    "up to K = 2, above 0",
    "Z is above T₃ᴱ already at K = 2. For the largest K the two have come together again.",
)
def bottleneck_is_apart(evidence: SweepEvidence) -> list[Criterion]:
    """The bottleneck's own scale."""

    def excess(info: xr.DataArray, size: int) -> xr.DataArray:
        return (_inputs(info, "E3") - _inputs(info, "Z")).sel(bottleneck_size=size)

    return [
        _measured(
            evidence,
            f"K = {size}{', T₃ᴱ less Z' if size <= 2 else ''} [bits]",
            (lambda info, size=size: abs(excess(info, size)))
            if size > 2
            else (lambda info, size=size: excess(info, size)),
            at_least=VISIBLE if size > 2 else 0,
        )
        for size in evidence.mean.bottleneck_size.values
    ]


@claim(
    "the compression made by the encoder layers mostly disappears after K = 13",
    "Sec. IV-B, Fig. 9a",
    "I(X;T₁ᴱ) − I(X;T₃ᴱ): the K at which it has made nine tenths of its way from the smallest to "
    "the largest K, between 10 and 16, the neighbours of 13 in the sweep; and what is left of it "
    f"at K = {CRITICAL_SIZE} as a share of that of K = 2, at most {REMAINING:.0%}",
    "The curve bends without a corner, so that where it ends depends on the rule (chapter 6).",
)
def compression_ends(evidence: SweepEvidence) -> list[Criterion]:
    """The transition between the two patterns."""
    values = _compression(evidence.information)
    values = values.sel(bottleneck_size=values.bottleneck_size >= 2)
    end = sweep.transition(values)
    where = Criterion(
        "K at which it ends",
        end.size,
        end.low,
        end.high,
        at_least=10,
        at_most=16,
        repeats=evidence.repeats,
    )
    return [
        where,
        _measured(
            evidence,
            f"share left at K = {evidence.critical}",
            lambda info: (
                _compression(info).sel(bottleneck_size=evidence.critical)
                / _compression(info).sel(bottleneck_size=2)
            ),
            at_most=REMAINING,
        ),
    ]


@claim(
    "Beyond this size, all layers are mostly stabilized in their maximum value",
    "Sec. IV-B, Fig. 9",
    f"Change of each layer's input MI from the first K above {CRITICAL_SIZE} to the largest, "
    f"within {VISIBLE} bits; largest such change of an output MI, and by how much the largest "
    "input MI at any smaller K is above the mean beyond, in the layer where it is most: at most "
    f"{VISIBLE} bits",
    "Z falls from its maximum on, an effect of the width rule; the decoder still gains, by little "
    "more than the threshold.",
)
def layers_are_stable(evidence: SweepEvidence) -> list[Criterion]:
    """The plateau of Fig. 9."""

    def of(info: xr.DataArray, quantity: str) -> xr.DataArray:
        return info.sel(quantity=quantity, layer=list(HIDDEN_LAYERS), drop=True)

    def above(info: xr.DataArray) -> xr.DataArray:
        inputs = of(info, "input_mi")
        smaller = inputs.sel(bottleneck_size=inputs.bottleneck_size <= CRITICAL_SIZE)
        return (smaller.max(sweep.SIZE) - _beyond(inputs).mean(sweep.SIZE)).max("layer")

    changes = [
        _measured(
            evidence,
            f"{TEXT_LABELS[layer]} [bits]",
            lambda info, layer=layer: _rise(_beyond(_inputs(info, layer))),
            at_least=-VISIBLE,
            at_most=VISIBLE,
        )
        for layer in HIDDEN_LAYERS
    ]
    return [
        *changes,
        _measured(
            evidence,
            "largest change of an output MI [bits]",
            lambda info: abs(_rise(_beyond(of(info, "output_mi")))).max("layer"),
            at_most=VISIBLE,
        ),
        _measured(evidence, "smaller K above the plateau [bits]", above, at_most=VISIBLE),
    ]


@claim(
    "where the input MI and the output MI are equal",
    "Sec. IV-B, Fig. 9",
    f"Mean distance of input and output MI over K > {CRITICAL_SIZE}: at most {VISIBLE} bits for "
    "each layer",
    "They differ by a few per cent of M. The theory asks for equality where X′ is X, which it is "
    "not quite.",
)
def input_equals_output(evidence: SweepEvidence) -> list[Criterion]:
    """Convergence to the bisector."""
    return [
        _measured(
            evidence,
            f"{TEXT_LABELS[layer]} [bits]",
            lambda info, layer=layer: abs(_beyond(sweep.gap(info)).sel(layer=layer)).mean(
                sweep.SIZE
            ),
            at_most=VISIBLE,
        )
        for layer in HIDDEN_LAYERS
    ]


@claim(
    "There are differences in Figs. 9b–d where the MIs should be the same for any K, specially for "
    "the estimated MI of the bottleneck layer",
    "Sec. IV-B, Fig. 9",
    f"Mean over K of the range of the layers of a panel, above {VISIBLE} bits, and smaller by more "
    "than half without Z",
    "In the encoder T₃ᴱ differs as much as Z does for small K.",
)
def panels_differ(evidence: SweepEvidence) -> list[Criterion]:
    """What Lemma 1 and (15) make equal."""
    panels = {
        "input MI of the decoder and Z": ("input_mi", ["Z", *DECODER]),
        "output MI of the encoder": ("output_mi", list(ENCODER)),
        "output MI of the decoder and Z": ("output_mi", ["Z", *DECODER]),
    }

    def spread(info: xr.DataArray, quantity: str, layers: list[str]) -> xr.DataArray:
        return _range(info.sel(quantity=quantity, layer=layers), "layer").mean(sweep.SIZE)

    criteria = []
    for name, (quantity, layers) in panels.items():
        others = [layer for layer in layers if layer != "Z"]
        whole = partial(spread, quantity=quantity, layers=layers)
        rest = partial(spread, quantity=quantity, layers=others)
        criteria += [
            _measured(evidence, f"{name} [bits]", whole, at_least=VISIBLE),
            _measured(
                evidence,
                f"{name}, share left without Z",
                lambda info, whole=whole, rest=rest: rest(info) / whole(info),
                at_most=0.5,
            ),
        ]
    return criteria


@claim(
    "K = 13 is an approximation of the intrinsic dimensionality of the data",
    "Sec. IV-B",
    "Established estimates of the intrinsic dimension of the test images, between 11 and 15, that "
    "is, within two of 13",
    "They move by two or three with the number of neighbours and of images; chapter 6 has more of "
    "them, and the linear ones, which count the directions of a curved set and are far larger.",
)
def size_is_intrinsic_dimension(evidence: SweepEvidence) -> list[Criterion]:
    """Beside estimators made for it."""
    return [
        Criterion(name, *values, at_least=11, at_most=15, repeats="images drawn anew")
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
