"""Claims about the end of training for a range of bottleneck sizes: Sec. IV-B, Fig. 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import xarray as xr

from ipae_lib import sweep
from ipae_lib.claims.planes import ALIKE, HIDDEN, NAMES, rank_correlation
from ipae_lib.claims.verdict import CONFIDENCE, VISIBLE, Criterion, claim
from ipae_lib.plane import INPUT
from ipae_lib.theory import DECODER, ENCODER

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
    low, high = statistic(evidence.replicates).quantile(
        [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2]
    )
    return Criterion(
        quantity,
        float(statistic(evidence.mean)),
        float(low),
        float(high),
        **range_,
        repeats="replicates over batches and seeds",
    )


def _compression(information: xr.DataArray) -> xr.DataArray:
    return sweep.compression(information)


def _inputs(information: xr.DataArray, layer: str) -> xr.DataArray:
    return information.sel(quantity="input_mi", layer=layer, drop=True)


def _rank_correlation_with_size(values: xr.DataArray) -> xr.DataArray:
    return rank_correlation(values, values[sweep.SIZE], sweep.SIZE)


def _range(values: xr.DataArray, dim: str) -> xr.DataArray:
    return values.max(dim) - values.min(dim)


def _beyond(values: xr.DataArray) -> xr.DataArray:
    return values.sel(bottleneck_size=values.bottleneck_size > CRITICAL_SIZE)


@claim(
    "The MI grows with K",
    "Sec. IV-B, Fig. 9",
    f"Rank correlation with K, above {ALIKE}: of I(X;X′), and of the input and the output MI of Z "
    "and of the other hidden layers, mean over these",
)
def information_grows_with_size(evidence: SweepEvidence) -> list[Criterion]:
    """Information at the end against K."""
    others = [layer for layer in HIDDEN if layer != "Z"]

    def of(quantity: str, layers: list[str]) -> Callable[[xr.DataArray], xr.DataArray]:
        chosen = {"quantity": quantity, "layer": layers}
        return lambda info: _rank_correlation_with_size(info.sel(chosen).mean("layer"))

    curves = {
        "I(X;X′)": of("output_mi", [INPUT]),
        "input MI, but Z": of("input_mi", others),
        "output MI, but Z": of("output_mi", others),
        "input MI of Z": of("input_mi", ["Z"]),
        "output MI of Z": of("output_mi", ["Z"]),
    }
    return [
        _measured(evidence, name, statistic, at_least=ALIKE) for name, statistic in curves.items()
    ]


@claim(
    "This sequence shrinks as K increases",
    "Sec. IV-B, Fig. 9a",
    f"Rank correlation of I(X;T₁ᴱ) − I(X;T₃ᴱ) with K from K = 2 on, below −{ALIKE}",
)
def compression_shrinks(evidence: SweepEvidence) -> list[Criterion]:
    """Compression by the encoder against K."""

    def statistic(info: xr.DataArray) -> xr.DataArray:
        compression = _compression(info)
        return _rank_correlation_with_size(
            compression.sel(bottleneck_size=compression.bottleneck_size >= 2)
        )

    return [_measured(evidence, "rank correlation", statistic, at_most=-ALIKE)]


@claim(
    "except for the bottleneck layer after K = 2",
    "Sec. IV-B, Fig. 9a",
    f"Distance of I(X;Z) from I(X;T₃ᴱ), above {VISIBLE} bits at every K > 2",
)
def bottleneck_is_apart(evidence: SweepEvidence) -> list[Criterion]:
    """The bottleneck's own scale."""
    return [
        _measured(
            evidence,
            f"K = {size} [bits]",
            lambda info, size=size: abs(_inputs(info, "Z") - _inputs(info, "E3")).sel(
                bottleneck_size=size
            ),
            at_least=VISIBLE,
        )
        for size in evidence.mean.bottleneck_size.values
        if size > 2
    ]


@claim(
    "the compression made by the encoder layers mostly disappears after K = 13",
    "Sec. IV-B, Fig. 9a",
    "I(X;T₁ᴱ) − I(X;T₃ᴱ): the K at which it has made nine tenths of its way from the smallest to "
    "the largest K, between 10 and 16, the neighbours of 13 in the sweep; and what is left of it "
    f"at K = {CRITICAL_SIZE} as a share of that of K = 2, at most {REMAINING:.0%}",
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
        repeats="replicates over batches and seeds",
    )
    return [
        where,
        _measured(
            evidence,
            "share left",
            lambda info: (
                _compression(info).sel(bottleneck_size=CRITICAL_SIZE)
                / _compression(info).sel(bottleneck_size=2)
            ),
            at_most=REMAINING,
        ),
    ]


@claim(
    "Beyond this size, all layers are mostly stabilized in their maximum value",
    "Sec. IV-B, Fig. 9",
    f"Range of each layer's input MI over K > {CRITICAL_SIZE}: at most a tenth of its range over "
    "all K",
)
def layers_are_stable(evidence: SweepEvidence) -> list[Criterion]:
    """The plateau of Fig. 9."""
    return [
        _measured(
            evidence,
            NAMES[layer],
            lambda info, layer=layer: (
                _range(_beyond(_inputs(info, layer)), sweep.SIZE)
                / _range(_inputs(info, layer), sweep.SIZE)
            ),
            at_most=0.1,
        )
        for layer in HIDDEN
    ]


@claim(
    "where the input MI and the output MI are equal",
    "Sec. IV-B, Fig. 9",
    f"Mean distance of input and output MI over K > {CRITICAL_SIZE}: at most {VISIBLE} bits for "
    "each layer",
)
def input_equals_output(evidence: SweepEvidence) -> list[Criterion]:
    """Convergence to the bisector."""
    return [
        _measured(
            evidence,
            f"{NAMES[layer]} [bits]",
            lambda info, layer=layer: abs(_beyond(sweep.gap(info)).sel(layer=layer)).mean(
                sweep.SIZE
            ),
            at_most=VISIBLE,
        )
        for layer in HIDDEN
    ]


@claim(
    "There are differences in Figs. 9b–d where the MIs should be the same for any K, specially for "
    "the estimated MI of the bottleneck layer",
    "Sec. IV-B, Fig. 9",
    f"Mean over K of the range of the layers of a panel, above {VISIBLE} bits, and smaller by more "
    "than half without Z",
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
)
def size_is_intrinsic_dimension(evidence: SweepEvidence) -> list[Criterion]:
    """Beside estimators made for it."""
    return [
        Criterion(name, *values, at_least=11, at_most=15, repeats="subsets of the images")
        for name, values in evidence.dimensions.items()
    ]


CLAIMS = (
    information_grows_with_size,
    compression_shrinks,
    bottleneck_is_apart,
    compression_ends,
    layers_are_stable,
    input_equals_output,
    panels_differ,
    size_is_intrinsic_dimension,
)
