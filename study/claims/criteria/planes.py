"""Claims on the training of a small and a large bottleneck: Secs. I, II and IV-B, Figs. 6 to 8.

Frozen: see `study.claims.criteria`.

Information is in shares of the whole that can be known, ``unit`` (see `columns.Planes`). Where a
sentence is on both sizes, the statistic is the mean of the two, or of the worse where it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT
from study.claims.criteria.columns import Planes, Scan
from study.claims.criteria.decision import CLOSE, VISIBLE, claim
from study.trajectories import (
    at_end,
    compression_phase,
    fall_from_peak,
    largest_fall,
    rank_correlation,
    smooth,
)

LAYERS = list(HIDDEN_LAYERS)
BUT_LAST = [layer for layer in LAYERS if layer != "D3"]
"""All hidden layers but T₃ᴰ, of which the paper says otherwise."""

BOTTLENECK_ON = ["Z", *DECODER]
BEFORE_BOTTLENECK = [layer for layer in ENCODER if layer != "Z"]

RECORDS = 3
"""Records averaged before a peak is looked for: few, as they are evenly spaced in log time."""

SHARE, DIFFERENCE = (0.0, 1.0), (-1.0, 1.0)
"""Values that a share of the whole can have, and that a difference of two can."""

_SEEN = "a marker in the figures is a fortieth of the whole wide"
_NEAR = "near, small and approximately: within a tenth of the whole"
_MORE = "the paper says more or less, not by how much"


def _mean(planes: Planes, of: Callable[[xr.Dataset], xr.DataArray]) -> xr.DataArray:
    """Of the small and the large bottleneck."""
    return (of(planes.small) + of(planes.large)) / 2


def _worse(planes: Planes, of: Callable[[xr.Dataset], xr.DataArray]) -> xr.DataArray:
    return np.maximum(of(planes.small), of(planes.large))


def _inputs(plane: xr.Dataset, layers: Sequence[str] = LAYERS) -> xr.DataArray:
    """Input MI at the end, as a share of the whole."""
    return at_end(plane.input_mi).sel(layer=list(layers)) / plane.unit


def _at(plane: xr.Dataset, layer: str) -> xr.DataArray:
    return _inputs(plane, [layer]).isel(layer=0, drop=True)


def _through(plane: xr.Dataset) -> xr.DataArray:
    """I(X;X′) over the training, as a share of the whole."""
    return plane.output_mi.sel(layer=INPUT, drop=True) / plane.unit


def _gap(plane: xr.Dataset, layers: Sequence[str] = LAYERS) -> xr.DataArray:
    """Input less output MI at the end: how far right of the bisector a layer lies."""
    outputs = at_end(plane.output_mi).sel(layer=list(layers)) / plane.unit
    return _inputs(plane, layers) - outputs


def _phase(plane: xr.Dataset, layers: Sequence[str], records: int = RECORDS) -> xr.DataArray:
    """Fall of the input MI from its maximum since the fitting to the end."""
    falls = compression_phase(plane, records, since=plane.fitted)
    return falls.sel(layer=list(layers)) / plane.unit


def _rises(inputs: xr.DataArray) -> xr.DataArray:
    """By how much the input MI rises from each layer to the next, against (13)."""
    return inputs.diff("layer").clip(min=0)


def _excess(plane: xr.Dataset) -> xr.DataArray:
    """I(X;T₃ᴰ) − I(X;Z) at the end."""
    return _at(plane, "D3") - _at(plane, "Z")


def _violations(plane: xr.Dataset) -> xr.DataArray:
    """What breaks (13) and (8) at the end, from X to X′ but for the two self-informations."""
    end = at_end(plane[["input_mi", "output_mi"]]) / plane.unit
    forward = _rises(end.input_mi.isel(layer=slice(1, None))).sum("layer")
    return forward + _rises(-end.output_mi.isel(layer=slice(-1))).sum("layer")


# the start


@claim(
    "Î(X;X′) is generally small at initialization",
    "Sec. II-B",
    "I(X;X′) before training, mean of both sizes",
    below=CLOSE,
    reason=_NEAR,
    rule="proposed",
    columns="everywhere",
    range=SHARE,
)
def little_gets_through_at_first(planes: Planes) -> xr.DataArray:
    """Where the paths start, on the axis of the output MI."""
    return _mean(planes, lambda plane: _through(plane).isel(iteration=0, drop=True))


@claim(
    "when initializing practical autoencoders, we expect a strict inequality in (13)",
    "Sec. II-A",
    "Largest rise of the input MI from one variable to the next, from the bound of X to X′, before "
    "training; that of the worse size",
    below=VISIBLE,
    reason=f"a strict inequality cannot be told from an equality, a visible rise can: {_SEEN}",
    rule="proposed",
    columns="everywhere",
    range=SHARE,
    limits="The bound of X is M in truth, and by an estimator S(X), which no layer exceeds.",
)
def order_at_first(planes: Planes) -> xr.DataArray:
    """(13) before training."""

    def rise(plane: xr.Dataset) -> xr.DataArray:
        inputs = plane.input_mi.where(plane.layer != INPUT, plane.bound)
        return _rises(inputs.isel(iteration=0, drop=True) / plane.unit).max("layer")

    return _worse(planes, rise)


@claim(
    "As the reconstruction error is minimized, Î(X;X′) will grow",
    "Sec. II-B",
    "I(X;X′) after training less that before, mean of both sizes",
    above=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
)
def information_grows_as_error_falls(planes: Planes) -> xr.DataArray:
    """Reconstruction and the information that gets through."""

    def growth(plane: xr.Dataset) -> xr.DataArray:
        through = _through(plane)
        return at_end(through) - through.isel(iteration=0, drop=True)

    return _mean(planes, growth)


# the feasible region


@claim(
    "the curves are restricted to the region below the bisector",
    "Sec. II-B",
    "Largest excess of a layer's output over its input MI at any record, in the worse size",
    below=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
)
def below_the_bisector(planes: Planes) -> xr.DataArray:
    """The feasible region, its upper edge."""

    def excess(plane: xr.Dataset) -> xr.DataArray:
        over = smooth(plane.output_mi - plane.input_mi, RECORDS).sel(layer=LAYERS)
        return over.max(["iteration", "layer"]) / plane.unit

    return _worse(planes, excess)


@claim(
    "the curves are restricted to the left of the vertical line Î(X;T) = M",
    "Sec. II-B",
    "Largest excess of a layer's input MI over its bound at any record, in the worse size: over M "
    "in truth, over min{S(X), S(T)} by an estimator",
    below=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
    limits="By an estimator the bound is one of the estimator itself and holds for any data. Its "
    "I(X;X) is no bound: I(A;A) is no maximum of I(A;B), with or without shared statistics of X.",
)
def left_of_the_edge(planes: Planes) -> xr.DataArray:
    """The feasible region, its right edge."""

    def excess(plane: xr.Dataset) -> xr.DataArray:
        over = smooth(plane.input_mi - plane.bound, RECORDS).sel(layer=LAYERS)
        return over.max(["iteration", "layer"]) / plane.unit

    return _worse(planes, excess)


# where the paths end


@claim(
    "large bottlenecks allow near perfect reconstruction to be achieved",
    "Sec. I",
    "Share of the test images' variance that the reconstructions of the large K do not explain",
    below=0.05,
    reason="near perfect: a twentieth of the variance or less is lost",
    range=(0.0, np.inf),
)
def reconstruction_is_near_perfect(planes: Planes) -> xr.DataArray:
    """What the large bottleneck reaches."""
    return 1 - at_end(planes.large.explained)


@claim(
    "If K is large, all layers converge together on the bisector",
    "Sec. II-B, Fig. 1b",
    "Largest distance of a layer from the bisector at the end for the large K",
    below=CLOSE,
    reason=f"an end of training only approximates the limit; {_NEAR}",
    rule="proposed",
    columns="everywhere",
    range=SHARE,
)
def large_reaches_the_bisector(planes: Planes) -> xr.DataArray:
    """Theorem 1, case a), together."""
    return abs(_gap(planes.large)).max("layer")


@claim(
    "because they contain all the input information",
    "Sec. II-B, Theorem 1 a)",
    "Smallest input MI of a layer at the end for the large K, less I(X;X)",
    above=-CLOSE,
    reason=f"all but a tenth of the whole; {_NEAR}",
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
    limits="By an estimator I(X;X) is what X has of itself, not the most that a layer can have of "
    "it: a layer that has more is not told from one that has all.",
)
def large_keeps_all_information(planes: Planes) -> xr.DataArray:
    """Theorem 1, case a), at M."""
    return _inputs(planes.large).min("layer") - _at(planes.large, INPUT)


@claim(
    "the bottleneck layer and the decoder layers will reach the bisector",
    "Sec. II-B, Fig. 1a, small K",
    "Largest distance of Z and the decoder layers from the bisector at the end for the small K",
    below=CLOSE,
    reason=f"an end of training only approximates the limit; {_NEAR}",
    rule="proposed",
    columns="everywhere",
    range=SHARE,
)
def small_decoder_reaches_the_bisector(planes: Planes) -> xr.DataArray:
    """Theorem 1, case b), from the bottleneck on."""
    return abs(_gap(planes.small, BOTTLENECK_ON)).max("layer")


@claim(
    "the encoder layers will converge to the interior of the feasible region",
    "Sec. II-B, Fig. 1a, small K",
    "Smallest distance of T₁ᴱ, T₂ᴱ, T₃ᴱ right of the bisector at the end for the small K",
    above=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
)
def small_encoder_stays_inside(planes: Planes) -> xr.DataArray:
    """Theorem 1, case b), before the bottleneck."""
    return _gap(planes.small, BEFORE_BOTTLENECK).min("layer")


# the previous rule


@claim(
    "For a small K the layers do not get close to the bisector",
    "Sec. IV-B, Figs. 6a–b",
    "Distance of the median layer from the bisector at the end for the small K",
    above=CLOSE,
    reason=_NEAR,
    rule="previous",
    columns="everywhere",
    range=SHARE,
)
def small_stays_off_the_bisector(planes: Planes) -> xr.DataArray:
    """Where the layers of the small bottleneck end."""
    return abs(_gap(planes.small)).median("layer")


@claim(
    "for a large K the layers show a compression phase",
    "Sec. IV-B, Figs. 6c–d",
    "Fall of the input MI from its maximum since the fitting to the end for the large K, median of "
    "the layers but T₃ᴰ, of which the paper says otherwise",
    above=VISIBLE,
    reason=_SEEN,
    rule="previous",
    columns="everywhere",
    range=SHARE,
)
def large_shows_a_compression_phase(planes: Planes) -> xr.DataArray:
    """What Yu & Príncipe found."""
    return _phase(planes.large, BUT_LAST).median("layer")


@claim(
    "the absence of compression for T₃ᴰ",
    "Sec. IV-B, Fig. 6d",
    "Fall of the input MI of T₃ᴰ from its maximum since the fitting to the end for the large K",
    below=VISIBLE,
    reason=_SEEN,
    rule="previous",
    columns="everywhere",
    range=SHARE,
)
def last_layer_shows_none(planes: Planes) -> xr.DataArray:
    """The exception to it."""
    return _phase(planes.large, ["D3"]).isel(layer=0, drop=True)


@claim(
    "For K = 2, the variance always increases, which correlates with the behavior observed in the "
    "IPs of Figs. 6a-b",
    "Sec. IV-B, Figs. 6a–b, that there is no compression phase",
    "Largest fall of a layer's input MI from its maximum since the fitting to the end for the "
    "small K",
    below=VISIBLE,
    reason=_SEEN,
    rule="previous",
    columns="everywhere",
    range=SHARE,
)
def small_shows_no_compression_phase(planes: Planes) -> xr.DataArray:
    """What the previous rule shows where the variance grows."""
    return _phase(planes.small, LAYERS).max("layer")


@claim(
    "T₃ᴰ has a significantly higher input information than Z",
    "Sec. IV-B, Fig. 6d",
    "I(X;T₃ᴰ) − I(X;Z) at the end for the large K",
    above=CLOSE,
    reason="significant: more than what is called small, a tenth of the whole",
    rule="previous",
    columns="everywhere",
    range=DIFFERENCE,
)
def last_layer_above_the_bottleneck(planes: Planes) -> xr.DataArray:
    """The violation of the DPI."""
    return _excess(planes.large)


# the proposed rule


@claim(
    "there is no compression phase for a large K",
    "Sec. IV-B, Figs. 7c–d",
    "Largest fall of a layer's input MI from its maximum since the fitting to the end for the "
    "large K",
    below=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=SHARE,
)
def large_shows_no_compression_phase(planes: Planes) -> xr.DataArray:
    """The paper's main finding about large bottlenecks."""
    return _phase(planes.large, LAYERS).max("layer")


@claim(
    "For K = 2, there is a visible restriction on the information that can be transferred through "
    "the bottleneck layer",
    "Sec. IV-B, Figs. 7a–b",
    "I(X;X′) at the end of the large K less that of the small",
    above=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
)
def small_restricts(planes: Planes) -> xr.DataArray:
    """The horizontal line of Fig. 7."""
    return at_end(_through(planes.large)) - at_end(_through(planes.small))


@claim(
    "the compression observed in the sequence of encoder layers",
    "Sec. IV-B, Fig. 7a",
    "Fall of the input MI at the end from T₁ᴱ to T₃ᴱ for the small K",
    above=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
)
def small_encoder_compresses(planes: Planes) -> xr.DataArray:
    """(14) of a small bottleneck."""
    return _at(planes.small, "E1") - _at(planes.small, "E3")


@claim(
    "compression was observed for small K and only on the encoder layers",
    "Sec. V",
    "Fall of the input MI at the end from Z to T₃ᴰ for the small K",
    below=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=DIFFERENCE,
)
def small_decoder_does_not_compress(planes: Planes) -> xr.DataArray:
    """(15) of a small bottleneck."""
    return _at(planes.small, "Z") - _at(planes.small, "D3")


@claim(
    "the ordering of the layers does not follow strictly the theoretical order even when averaging",
    "Sec. IV-B, Fig. 7",
    "Sum of the rises of the input MI from one hidden layer to the next at the end, mean of both "
    "sizes",
    above=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="everywhere",
    range=(0.0, np.inf),
)
def order_is_not_strict(planes: Planes) -> xr.DataArray:
    """(13) between the hidden layers."""
    return _mean(planes, lambda plane: _rises(_inputs(plane)).sum("layer"))


def _spread(plane: xr.Dataset, layers: Sequence[str]) -> xr.DataArray:
    """Largest less smallest output MI, mean over the records since the fitting."""
    outputs = plane.output_mi.sel(layer=list(layers)) / plane.unit
    spread = outputs.max("layer") - outputs.min("layer")
    return spread.where(plane.fitted).mean("iteration")


@claim(
    "the theoretical analysis predicts that all layers have the same output MI at every iteration, "
    "and this was … violated",
    "Sec. IV-B, Fig. 7",
    "Largest less smallest output MI of the layers, mean over the records since the fitting and of "
    "both sizes",
    above=VISIBLE,
    reason=_SEEN,
    rule="proposed",
    columns="estimators",
    range=SHARE,
    limits="In truth it is 0, by Lemma 1.",
)
def output_information_differs(planes: Planes) -> xr.DataArray:
    """Lemma 1 by an estimator."""
    return _mean(planes, lambda plane: _spread(plane, LAYERS))


@claim(
    "this was particularly violated in Fig. 7b",
    "Sec. IV-B, Fig. 7b",
    "The same of Z and the decoder for the small K, less the mean of the three other panels",
    above=0.0,
    reason=_MORE,
    rule="proposed",
    columns="estimators",
    range=DIFFERENCE,
    limits="In truth all are 0, by Lemma 1.",
)
def output_information_differs_most_in_7b(planes: Planes) -> xr.DataArray:
    """Panel by panel."""
    small, large = planes.small, planes.large
    others = [_spread(small, ENCODER), _spread(large, ENCODER), _spread(large, BOTTLENECK_ON)]
    return _spread(small, BOTTLENECK_ON) - sum(others) / 3


# one rule against the other


@claim(
    "this situation is less significant in the correction",
    "Sec. IV-B, Fig. 7d",
    "I(X;T₃ᴰ) − I(X;Z) at the end for the large K: by the previous rule less by the proposed one",
    above=0.0,
    reason=_MORE,
    evidence="both rules",
    range=(-2.0, 2.0),
)
def order_is_corrected(previous: Planes, proposed: Planes) -> xr.DataArray:
    """How much of it the proposed rule removes."""
    return _excess(previous.large) - _excess(proposed.large)


@claim(
    "the results follow more closely the theoretical reference shown in Fig. 1",
    "Sec. IV-B, Fig. 7",
    "Mean distance from the bisector at the end of the layers that Fig. 1 puts there: Z and the "
    "decoder of the small K, all layers of the large; by the previous rule less by the proposed",
    above=0.0,
    reason=_MORE,
    evidence="both rules",
    range=DIFFERENCE,
)
def closer_to_the_reference(previous: Planes, proposed: Planes) -> xr.DataArray:
    """Fig. 1 as far as it depends on no M."""

    def distance(planes: Planes) -> xr.DataArray:
        small = abs(_gap(planes.small, BOTTLENECK_ON)).mean("layer")
        return (small + abs(_gap(planes.large)).mean("layer")) / 2

    return distance(previous) - distance(proposed)


@claim(
    "The DPIs of the autoencoder with the proposed rule are better approximated than in [7]",
    "Sec. IV-B",
    "Sum of the rises of the input MI against (13) and of the falls of the output MI against (8) "
    "at the end, mean of both sizes: by the previous rule less by the proposed one",
    above=0.0,
    reason=_MORE,
    evidence="both rules",
    limits="I(X;X) and I(X′;X′), which bound nothing, are left out.",
)
def data_processing_is_better(previous: Planes, proposed: Planes) -> xr.DataArray:
    """(8) and (13) by both rules."""
    return _mean(previous, _violations) - _mean(proposed, _violations)


# variance


@claim(
    "For K = 2, the variance always increases",
    "Sec. IV-B, Figs. 8a–b",
    "Largest fall of a layer's variance below what it had reached before, as a share of its "
    "maximum, for the small K",
    below=VISIBLE,
    reason=_SEEN,
    range=SHARE,
)
def variance_increases_for_small(planes: Planes) -> xr.DataArray:
    """Variance of a small bottleneck's layers."""
    return largest_fall(planes.small.variance, RECORDS).sel(layer=LAYERS).max("layer")


@claim(
    "for K = 32, the variance starts to decrease after an initial increasing phase",
    "Sec. IV-B, Figs. 8c–d",
    "Fall of a layer's variance from its maximum to the end, as a share of the maximum, median of "
    "the layers but T₃ᴰ, for the large K",
    above=VISIBLE,
    reason=_SEEN,
    range=SHARE,
)
def variance_decreases_for_large(planes: Planes) -> xr.DataArray:
    """Variance of a large bottleneck's layers."""
    return fall_from_peak(planes.large.variance, RECORDS).sel(layer=BUT_LAST).median("layer")


@claim(
    "the variance of T₃ᴰ does not decrease in Fig. 8d",
    "Sec. IV-B, Fig. 8d",
    "Fall of its variance from the maximum to the end, as a share of the maximum, for the large K",
    below=VISIBLE,
    reason=_SEEN,
    range=SHARE,
)
def variance_of_last_layer(planes: Planes) -> xr.DataArray:
    """The exception to it."""
    return fall_from_peak(planes.large.variance, RECORDS).sel(layer="D3", drop=True)


@claim(
    "its variance magnitude is too large compared to the other layers",
    "Sec. IV-B, on the bottleneck",
    "log₁₀ of the variance of Z at the end over the largest of the other hidden layers, mean of "
    "both sizes",
    above=1.0,
    reason="too large for the same axis: by an order of magnitude",
)
def variance_of_bottleneck(planes: Planes) -> xr.DataArray:
    """Scale of the bottleneck."""

    def ratio(plane: xr.Dataset) -> xr.DataArray:
        end = at_end(plane.variance)
        others = end.sel(layer=[layer for layer in LAYERS if layer != "Z"]).max("layer")
        return np.log10(end.sel(layer="Z", drop=True) / others)

    return _mean(planes, ratio)


@claim(
    "A correlation between variance and the estimations was found",
    "Sec. IV-B, Fig. 8",
    "Rank correlation over all records of a layer's variance and its input MI by the previous "
    "rule, mean over layers and of both sizes",
    above=0.7,
    reason="half of the variance of the one's ranks is shared with the other's",
    rule="previous",
    range=DIFFERENCE,
    correlation=True,
)
def information_follows_variance(planes: Planes) -> xr.DataArray:
    """What the previous rule measures."""

    def follows(plane: xr.Dataset) -> xr.DataArray:
        of_layers = rank_correlation(plane.input_mi, plane.variance)
        return of_layers.sel(layer=LAYERS).mean("layer")

    return _mean(planes, follows)


@claim(
    "the compression phase observed for large K might be caused by variance changes",
    "Sec. IV-B",
    "Fall of the input MI from its maximum since the fitting to the end for the large K by the "
    "previous rule, median of the layers but T₃ᴰ, less twice that of the same layers rescaled to "
    "constant variance",
    above=0.0,
    reason="the cause of most of it: more than half is gone without it",
    evidence="variant",
    range=(-2.0, 1.0),
)
def variance_is_the_cause(_small: Scan, large: Scan) -> xr.DataArray:
    """An intervention, where the paper had a correlation."""
    held = large.settings.sel(variant="variance held", drop=True)
    changing, constant = (
        _phase(plane, BUT_LAST, 1).median("layer") for plane in (large.previous, held)
    )
    return changing - 2 * constant


@claim(
    "less significant in the correction …, probably because the dimensionality effect has been "
    "compensated",
    "Sec. IV-B, Fig. 7d",
    "I(X;T₃ᴰ) − I(X;Z) at the end for the large K by the previous rule, less twice that with √d in "
    "the width and one γ for all layers, that which leaves X as it is",
    above=0.0,
    reason="the cause of most of it: more than half is gone with √d alone",
    evidence="variant",
    range=(-3.0, 3.0),
)
def dimensions_are_the_cause(_small: Scan, large: Scan) -> xr.DataArray:
    """The other half of the 2 × 2 of (29) and √d."""
    compensated = large.settings.sel(variant="√d only", drop=True)
    return _excess(large.previous) - 2 * _excess(compensated)


# settings of the estimator, in one network of each size


@claim(
    "We tried γ ∈ [0.1, 10] and selected the value where the dynamics were best shown, although "
    "they could be observed in most of them",
    "Sec. IV",
    "Share of the values of γ, evenly spaced on a logarithmic axis, under which the encoder of the "
    "small K compresses and the large K shows no compression phase, as the claims on these two say",
    above=0.5,
    reason="most: more than half",
    evidence="gamma",
    rule="proposed",
    range=SHARE,
    repeated=False,
)
def gamma_matters_little(small: Scan, large: Scan) -> xr.DataArray:
    """The γ scan."""
    compresses = _at(small.settings, "E1") - _at(small.settings, "E3") > VISIBLE
    none = _phase(large.settings, LAYERS, 1).max("layer") <= VISIBLE
    return (compresses & none).mean("gamma")


@claim(
    "we set α = 1.01 to approximate Shannon entropy",
    "Sec. III-A",
    "Largest difference of an input or output MI between α = 1.01 and α = 1, at any scanned record "
    "of either size",
    below=VISIBLE,
    reason=_SEEN,
    evidence="alpha",
    rule="proposed",
    range=SHARE,
    repeated=False,
)
def order_approximates_shannon(small: Scan, large: Scan) -> xr.DataArray:
    """The α scan, near 1."""

    def difference(scan: Scan) -> xr.DataArray:
        values = scan.settings[["input_mi", "output_mi"]].to_dataarray("axis")
        apart = abs(values.sel(alpha=1.01) - values.sel(alpha=1.0)).max()
        return apart / scan.settings.unit.sel(alpha=1.0, drop=True)

    return np.maximum(difference(small), difference(large))


CLAIMS = (
    little_gets_through_at_first,
    order_at_first,
    information_grows_as_error_falls,
    reconstruction_is_near_perfect,
    below_the_bisector,
    left_of_the_edge,
    large_reaches_the_bisector,
    large_keeps_all_information,
    small_decoder_reaches_the_bisector,
    small_encoder_stays_inside,
    small_stays_off_the_bisector,
    large_shows_a_compression_phase,
    last_layer_shows_none,
    small_shows_no_compression_phase,
    last_layer_above_the_bottleneck,
    large_shows_no_compression_phase,
    small_restricts,
    small_encoder_compresses,
    small_decoder_does_not_compress,
    order_is_not_strict,
    output_information_differs,
    output_information_differs_most_in_7b,
    order_is_corrected,
    closer_to_the_reference,
    data_processing_is_better,
    variance_increases_for_small,
    variance_decreases_for_large,
    variance_of_last_layer,
    variance_of_bottleneck,
    information_follows_variance,
    variance_is_the_cause,
    dimensions_are_the_cause,
    gamma_matters_little,
    order_approximates_shannon,
)
