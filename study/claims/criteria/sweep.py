"""Claims on the end of the training for a range of bottleneck sizes: Sec. IV-B, Fig. 9.

Frozen: see `study.claims.criteria`.

Each statistic is a sum over bottleneck sizes: of a number of each network, times a weight of its
size. So the error comes from how networks of one size differ, whatever the course over K.
Information is in shares of the whole, as in `planes`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ipae_lib.layers import DECODER, HIDDEN_LAYERS
from study.claims.criteria.decision import CLOSE, SIZE, VISIBLE, claim
from study.sweep import CRITICAL_SIZE

LAYERS = list(HIDDEN_LAYERS)
BOTTLENECK_ON = ["Z", *DECODER]
SMALL = 4
"""Sizes up to this one are small: below the dimensions of any estimate for these images."""

SHARE, DIFFERENCE = (0.0, 1.0), (-1.0, 1.0)

_SEEN = "a marker in the figures is a fortieth of the whole wide"
_RULE = {"evidence": "sizes", "rule": "proposed", "columns": "everywhere"}


def _compression(ends: xr.Dataset, last: str = "E3") -> xr.DataArray:
    """Fall of the input MI from T₁ᴱ to a later layer of the encoder."""
    inputs = ends.input_mi / ends.unit
    return inputs.sel(layer="E1", drop=True) - inputs.sel(layer=last, drop=True)


def _average(values: xr.DataArray, weight: float = 1.0) -> xr.DataArray:
    """What the mean over sizes is the sum of."""
    return values * (weight / values.sizes[SIZE])


def _trend(values: xr.DataArray) -> xr.DataArray:
    """What the rise of the straight line in log K, from first to last size, is the sum of."""
    octaves = np.log2(values[SIZE])
    centred = octaves - octaves.mean()
    return values * centred / (centred**2).sum() * (octaves[-1] - octaves[0])


def _beyond(values: xr.DataArray) -> xr.DataArray:
    return values.sel({SIZE: values[SIZE] > CRITICAL_SIZE})


def _at(values: xr.DataArray, sizes: Sequence[int]) -> xr.DataArray:
    return values.sel({SIZE: list(sizes)})


def _left(compression: xr.DataArray, later: xr.DataArray) -> xr.DataArray:
    """A later compression, less a tenth of that of K = 2: what both are the sum of."""
    return xr.concat([_average(later), _average(_at(compression, [2]), -CLOSE)], SIZE)


@claim(
    "The MI grows with K",
    "Sec. IV-B, Fig. 9",
    "Rise from the smallest K to the largest of the straight line in log K through both MIs, mean "
    "over the layers",
    above=VISIBLE,
    reason=_SEEN,
    range=DIFFERENCE,
    **_RULE,
)
def information_grows_with_size(ends: xr.Dataset) -> xr.DataArray:
    """Information at the end against K."""
    both = (ends.input_mi + ends.output_mi).sel(layer=LAYERS).mean("layer") / 2
    return _trend(both / ends.unit)


@claim(
    "the input information is decreased from its maximum value to the bottleneck layer value",
    "Sec. IV-B, Fig. 9a, small K",
    f"I(X;T₁ᴱ) − I(X;Z), mean over the K up to {SMALL}",
    above=VISIBLE,
    reason=_SEEN,
    range=DIFFERENCE,
    **_RULE,
)
def encoder_decreases(ends: xr.Dataset) -> xr.DataArray:
    """(14) of small bottlenecks."""
    fall = _compression(ends, "Z")
    return _average(fall.sel({SIZE: fall[SIZE] <= SMALL}))


@claim(
    "This sequence shrinks as K increases",
    "Sec. IV-B, Fig. 9a",
    "Fall from K = 2 to the largest K of the straight line in log K through I(X;T₁ᴱ) − I(X;T₃ᴱ)",
    above=VISIBLE,
    reason=_SEEN,
    range=(-2.0, 2.0),
    **_RULE,
)
def compression_shrinks(ends: xr.Dataset) -> xr.DataArray:
    """Compression by the encoder against K."""
    compression = _compression(ends)
    return -_trend(compression.sel({SIZE: compression[SIZE] >= 2}))


@claim(
    "except for the bottleneck layer after K = 2",
    "Sec. IV-B, Fig. 9a",
    "|I(X;Z) − I(X;T₃ᴱ)|, mean over the K above 2",
    above=VISIBLE,
    reason=_SEEN,
    range=SHARE,
    **_RULE,
)
def bottleneck_is_apart(ends: xr.Dataset) -> xr.DataArray:
    """The bottleneck's own scale."""
    inputs = ends.input_mi / ends.unit
    apart = abs(inputs.sel(layer="Z", drop=True) - inputs.sel(layer="E3", drop=True))
    return _average(apart.sel({SIZE: apart[SIZE] > 2}))


@claim(
    "the compression made by the encoder layers mostly disappears after K = 13",
    "Sec. IV-B, Fig. 9a, that it has gone by then",
    f"I(X;T₁ᴱ) − I(X;T₃ᴱ), mean over the K above {CRITICAL_SIZE}, less a tenth of that of K = 2",
    below=0.0,
    reason="mostly gone, so sharply that it marks one size: a tenth or less is left",
    range=(-1.1, 1.1),
    **_RULE,
)
def compression_is_gone_after_13(ends: xr.Dataset) -> xr.DataArray:
    """The transition between the two patterns, from above."""
    compression = _compression(ends)
    return _left(compression, _beyond(compression))


@claim(
    "the compression made by the encoder layers mostly disappears after K = 13",
    "Sec. IV-B, Fig. 9a, that it has not gone before",
    f"I(X;T₁ᴱ) − I(X;T₃ᴱ), mean over the two largest K below {CRITICAL_SIZE}, less a tenth of that "
    "of K = 2",
    above=0.0,
    reason="as of the claim before",
    range=(-1.1, 1.1),
    **_RULE,
)
def compression_is_there_before_13(ends: xr.Dataset) -> xr.DataArray:
    """The transition between the two patterns, from below."""
    compression = _compression(ends)
    before = sorted(size for size in ends[SIZE].values if size < CRITICAL_SIZE)[-2:]
    return _left(compression, _at(compression, before))


@claim(
    "Beyond this size, all layers are mostly stabilized in their maximum value",
    "Sec. IV-B, Fig. 9",
    f"Distance of a layer's input MI from its own mean over the K above {CRITICAL_SIZE}, median of "
    "the layers, mean over these K",
    below=VISIBLE,
    reason=_SEEN,
    range=SHARE,
    **_RULE,
)
def layers_are_stable(ends: xr.Dataset) -> xr.DataArray:
    """The plateau of Fig. 9."""
    inputs = _beyond(ends.input_mi).sel(layer=LAYERS) / ends.unit
    plateau = inputs.mean("seed").mean(SIZE)
    return _average(abs(inputs - plateau).median("layer", skipna=False))


@claim(
    "where the input MI and the output MI are equal",
    "Sec. IV-B, Fig. 9",
    f"Distance of a layer's input from its output MI, median of the layers, mean over the K above "
    f"{CRITICAL_SIZE}",
    below=VISIBLE,
    reason=_SEEN,
    range=SHARE,
    **_RULE,
)
def input_equals_output(ends: xr.Dataset) -> xr.DataArray:
    """Convergence to the bisector."""
    gap = abs(ends.input_mi - ends.output_mi).sel(layer=LAYERS) / ends.unit
    return _average(_beyond(gap.median("layer", skipna=False)))


def _decoder_spread(ends: xr.Dataset, layers: Sequence[str]) -> xr.DataArray:
    inputs = ends.input_mi.sel(layer=list(layers)) / ends.unit
    return inputs.max("layer", skipna=False) - inputs.min("layer", skipna=False)


@claim(
    "There are differences in Figs. 9b–d where the MIs should be the same for any K",
    "Sec. IV-B, Fig. 9b",
    "Largest less smallest input MI of Z and the decoder layers, mean over K",
    above=VISIBLE,
    reason=_SEEN,
    range=SHARE,
    **_RULE,
)
def decoder_differs(ends: xr.Dataset) -> xr.DataArray:
    """What (15) makes equal."""
    return _average(_decoder_spread(ends, BOTTLENECK_ON))


@claim(
    "specially for the estimated MI of the bottleneck layer",
    "Sec. IV-B, Fig. 9b",
    "The same, less twice that of the decoder layers without Z",
    above=0.0,
    reason="specially: more than half of the difference is that of Z",
    range=(-2.0, 1.0),
    **_RULE,
)
def decoder_differs_by_the_bottleneck(ends: xr.Dataset) -> xr.DataArray:
    """How much of it is Z."""
    return _average(_decoder_spread(ends, BOTTLENECK_ON) - 2 * _decoder_spread(ends, DECODER))


CLAIMS = (
    information_grows_with_size,
    encoder_decreases,
    compression_shrinks,
    bottleneck_is_apart,
    compression_is_gone_after_13,
    compression_is_there_before_13,
    layers_are_stable,
    input_equals_output,
    decoder_differs,
    decoder_differs_by_the_bottleneck,
)
