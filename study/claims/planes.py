"""Claims about the planes of a small and a large bottleneck: Sec. IV-B, Figs. 6 to 8."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import xarray as xr

from ipae_lib.layers import ENCODER, HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study.claims.paths import END, FITTED, PANELS, WHOLE, PlaneEvidence, size_name
from study.claims.verdict import VISIBLE, Criterion, claim, measured

RULES = ("previous", "proposed")

BUT_LAST = tuple(layer for layer in HIDDEN_LAYERS if layer != "D3")
"""All hidden layers but T₃ᴰ, of which the paper says otherwise."""

NOTICEABLE_FALL = 0.05
"""Share of its maximum by which a variance must fall to count as decreasing."""

NOTICEABLE_APPROACH = 0.01
"""Bits by which a layer must come nearer to the bisector to move towards it."""

ALIKE = 0.9
"""Rank correlation from which two courses over the training count as the same."""


def _end(run: xr.Dataset, rule: str = "proposed") -> xr.Dataset:
    """Under one rule, at the end of the training."""
    return run.sel(estimator=rule, moment="end", drop=True)


def _by_layer(
    run: xr.Dataset, values: xr.DataArray, layers: Sequence[str], unit: str = "", **range_: float
) -> list[Criterion]:
    return [
        measured(f"{TEXT_LABELS[layer]}, {size_name(run)}{unit}", values.sel(layer=layer), **range_)
        for layer in layers
    ]


def _phases(
    run: xr.Dataset, rule: str, layers: Sequence[str] = HIDDEN_LAYERS, **range_: float
) -> list[Criterion]:
    """Criteria on the compression phase of each layer."""
    return _by_layer(run, run.compression.sel(estimator=rule), layers, " [bits]", **range_)


def _gap(run: xr.Dataset, rule: str = "proposed") -> xr.DataArray:
    """Input less output MI of the hidden layers at the end: distance from the bisector."""
    end = _end(run, rule).sel(layer=list(HIDDEN_LAYERS))
    return end.input_mi - end.output_mi


def _gain(shares: xr.DataArray) -> xr.DataArray:
    """By how much less of it there is under the proposed rule than under the previous."""
    return shares.sel(estimator="previous") - shares.sel(estimator="proposed")


def _excess(run: xr.Dataset, rule: str) -> xr.DataArray:
    """I(X;T₃ᴰ) − I(X;Z) at the end."""
    inputs = _end(run, rule).input_mi
    return inputs.sel(layer="D3") - inputs.sel(layer="Z")


_PHASE = (
    "Fall of the input MI from its maximum to the end of training, counted from when I(X;X′) has "
    "reached half its final value: "
)


@claim(
    "for a large K the layers show a compression phase towards the bisector",
    "Sec. IV-B, Figs. 6c–d (previous rule)",
    _PHASE
    + f"above {VISIBLE} bits for every layer but T₃ᴰ, of which the paper says otherwise; and "
    f"least approach of these layers to the bisector meanwhile, above {NOTICEABLE_APPROACH} bits",
    "T₂ᴰ, the layer next to the exception, falls by about the threshold itself.",
)
def compression_under_previous_rule(evidence: PlaneEvidence) -> list[Criterion]:
    """What Yu & Príncipe found."""
    run = evidence.large
    approach = run.approach.sel(estimator="previous", layer=list(BUT_LAST)).min("layer")
    return [
        *_phases(run, "previous", BUT_LAST, at_least=VISIBLE),
        measured("least approach to the bisector [bits]", approach, at_least=NOTICEABLE_APPROACH),
    ]


@claim(
    "the variance always increases, which correlates with the behavior observed in the IPs of "
    "Figs. 6a-b",
    "Sec. IV-B, Figs. 6a–b (previous rule)",
    _PHASE + f"at most {VISIBLE} bits for every layer of the small K",
)
def no_compression_of_small(evidence: PlaneEvidence) -> list[Criterion]:
    """What the previous rule shows where the variance grows."""
    return _phases(evidence.small, "previous", at_most=VISIBLE)


@claim(
    "the absence of compression for T₃ᴰ",
    "Sec. IV-B, Fig. 6d (previous rule)",
    _PHASE + f"at most {VISIBLE} bits",
)
def no_compression_of_last_layer(evidence: PlaneEvidence) -> list[Criterion]:
    """The exception to it."""
    return _phases(evidence.large, "previous", ["D3"], at_most=VISIBLE)


@claim(
    "For a small K the layers do not get close to the bisector",
    "Sec. IV-B, Figs. 6a–b (previous rule)",
    f"Input less output MI at the end, mean over layers: above {VISIBLE} bits, and more than for "
    "the large K",
)
def small_stays_off_bisector(evidence: PlaneEvidence) -> list[Criterion]:
    """Where the layers of the small bottleneck end."""
    small, large = (_gap(run, "previous").mean("layer") for run in evidence.both.values())
    return [
        measured(f"distance, {size_name(evidence.small)} [bits]", small, at_least=VISIBLE),
        measured("difference from the large K [bits]", small - large, at_least=0),
    ]


@claim(
    "T₃ᴰ has a significantly higher input information than Z",
    "Sec. IV-B, Fig. 6d (previous rule)",
    f"I(X;T₃ᴰ) − I(X;Z) at the end for the large K, above {VISIBLE} bits",
)
def impossible_order(evidence: PlaneEvidence) -> list[Criterion]:
    """The violation of the DPI."""
    return [measured("excess [bits]", _excess(evidence.large, "previous"), at_least=VISIBLE)]


@claim(
    "this situation is less significant in the correction",
    "Sec. IV-B, Fig. 7d (proposed rule)",
    "I(X;T₃ᴰ) − I(X;Z) at the end for the large K: in bits and as a share of M, under the previous "
    "rule less that under the proposed one, above 0",
)
def order_is_corrected(evidence: PlaneEvidence) -> list[Criterion]:
    """How much of it the proposed rule removes."""
    run = evidence.large
    excess = {rule: _excess(run, rule) for rule in RULES}
    share = {rule: excess[rule] / _end(run, rule).input_mi.sel(layer=INPUT) for rule in RULES}
    return [
        measured("difference [bits]", excess["previous"] - excess["proposed"], at_least=0),
        measured("difference [share of M]", share["previous"] - share["proposed"], at_least=0),
    ]


@claim(
    "there is no compression phase for a large K",
    "Sec. IV-B, Figs. 7c–d (proposed rule)",
    _PHASE + f"at most {VISIBLE} bits for every layer",
    "Before the fitting the input MI of deep layers falls by bits, while the output does not know "
    "the input yet (Figs. 7a and c start so, too). That is no compression phase.",
)
def no_compression_under_proposed_rule(evidence: PlaneEvidence) -> list[Criterion]:
    """The paper's main finding about large bottlenecks."""
    return _phases(evidence.large, "proposed", at_most=VISIBLE)


@claim(
    "the compression observed in the sequence of encoder layers",
    "Sec. IV-B, Fig. 7a (proposed rule)",
    "Fall of the input MI at the end from one encoder layer to the next for the small K, above 0, "
    f"and from T₁ᴱ to T₃ᴱ above {VISIBLE} bits",
    "Layers of few units and of many do not share one scale, even with √d in the width: Z, of two "
    "units, is mostly estimated above the layer it is computed from.",
)
def encoder_compresses_for_small(evidence: PlaneEvidence) -> list[Criterion]:
    """(14) of a small bottleneck."""
    end = _end(evidence.small).input_mi
    pairs = dict.fromkeys(pairwise(ENCODER), 0) | {("E1", "E3"): VISIBLE}
    return [
        measured(
            f"{TEXT_LABELS[a]} to {TEXT_LABELS[b]} [bits]",
            end.sel(layer=a) - end.sel(layer=b),
            at_least=least,
        )
        for (a, b), least in pairs.items()
    ]


@claim(
    "compression was observed for small K and only on the encoder layers",
    "Sec. V (proposed rule)",
    f"Fall of the input MI at the end, above {VISIBLE} bits from T₁ᴱ to T₃ᴱ for the small K, and "
    f"at most {VISIBLE} bits from Z to T₁ᴰ, from T₁ᴰ to T₃ᴰ and for the large K",
    "Z is estimated above its neighbours, on a scale of its own, so that information seems to be "
    "lost right behind it.",
)
def only_the_encoder_of_small_compresses(evidence: PlaneEvidence) -> list[Criterion]:
    """(14) and (15) of both."""
    pairs = {"encoder": ("E1", "E3"), "Z to T₁ᴰ": ("Z", "D1"), "decoder": ("D1", "D3")}
    criteria = []
    for size, run in evidence.both.items():
        end = _end(run).input_mi
        for side, (first, last) in pairs.items():
            fall = end.sel(layer=first) - end.sel(layer=last)
            expected = run is evidence.small and side == "encoder"
            range_ = {"at_least": VISIBLE} if expected else {"at_most": VISIBLE}
            criteria.append(measured(f"{side}, {size} [bits]", fall, **range_))
    return criteria


@claim(
    "For K = 2, the variance always increases",
    "Sec. IV-B, Figs. 8a–b",
    "Largest fall of each layer's variance below what it had reached before, at any time: at most "
    f"{NOTICEABLE_FALL:.0%} of its maximum",
    "All rise by orders of magnitude, but in some networks not without setbacks, most in T₃ᴱ.",
)
def variance_increases_for_small(evidence: PlaneEvidence) -> list[Criterion]:
    """Variance of a small bottleneck's layers."""
    run = evidence.small
    return _by_layer(run, run.variance_setback, HIDDEN_LAYERS, at_most=NOTICEABLE_FALL)


@claim(
    "for K = 32, the variance starts to decrease after an initial increasing phase",
    "Sec. IV-B, Figs. 8c–d",
    "Fall of each layer's variance from its maximum to the end, but for T₃ᴰ: above "
    f"{NOTICEABLE_FALL:.0%} of the maximum; and largest of their variances before training as a "
    "share of the maximum, at most a half",
)
def variance_decreases_for_large(evidence: PlaneEvidence) -> list[Criterion]:
    """Variance of a large bottleneck's layers."""
    run = evidence.large
    start = run.variance_start.sel(layer=list(BUT_LAST)).max("layer")
    return [
        *_by_layer(run, run.variance_fall, BUT_LAST, at_least=NOTICEABLE_FALL),
        measured("largest share before training", start, at_most=0.5),
    ]


@claim(
    "the variance of T₃ᴰ does not decrease in Fig. 8d",
    "Sec. IV-B",
    f"Fall of its variance from the maximum to the end: at most {NOTICEABLE_FALL:.0%} of it",
)
def variance_of_last_layer(evidence: PlaneEvidence) -> list[Criterion]:
    """The exception to it."""
    run = evidence.large
    return _by_layer(run, run.variance_fall, ["D3"], at_most=NOTICEABLE_FALL)


@claim(
    "A correlation between variance and the estimations was found",
    "Sec. IV-B, Fig. 8 (previous rule)",
    "Rank correlation over the iterations of a layer's variance and its input MI under the "
    "previous rule, mean over layers: above 0.7, over the whole training and from half the final "
    "I(X;X′) on",
    "Late in the training of the large K, the variance of the first encoder layers falls long "
    "before their information does.",
)
def information_follows_variance(evidence: PlaneEvidence) -> list[Criterion]:
    """What the previous rule measures."""
    criteria = []
    for size, run in evidence.both.items():
        layers = {"estimator": "previous", "layer": list(HIDDEN_LAYERS)}
        follows = run.follows_variance.sel(layers).mean("layer")
        criteria += [
            measured(f"{span}, {size}", follows.sel(span=span), at_least=0.7)
            for span in (WHOLE, FITTED)
        ]
    return criteria


@claim(
    "its variance magnitude is too large compared to the other layers",
    "Sec. IV-B, on the bottleneck",
    "Variance of Z at the end over the largest of the other hidden layers, above 10",
)
def variance_of_bottleneck(evidence: PlaneEvidence) -> list[Criterion]:
    """Scale of the bottleneck."""
    criteria = []
    for size, run in evidence.both.items():
        end = _end(run).variance
        others = end.sel(layer=[layer for layer in HIDDEN_LAYERS if layer != "Z"]).max("layer")
        criteria.append(measured(size, end.sel(layer="Z") / others, at_least=10))
    return criteria


@claim(
    "The DPIs of the autoencoder with the proposed rule are better approximated than in [7]",
    "Sec. IV-B",
    "Sum of the rises of the input MI from one layer to the next against (13), and of the falls of "
    "the output MI against (8), as shares of M, at the end and as means over the records from half "
    "the final I(X;X′) on and over the whole training: under the previous rule less that under the "
    "proposed one, above 0",
    "Before the fitting the previous rule sees next to nothing, and so no violation.",
)
def data_processing_is_better(evidence: PlaneEvidence) -> list[Criterion]:
    """(13) under both rules."""
    return [
        measured(f"{name}, {window}, {size}", _gain(shares).sel(window=window), at_least=0)
        for size, run in evidence.both.items()
        for name, shares in (("(13)", run.forward_total), ("(8)", run.backward_total))
        for window in (END, FITTED, WHOLE)
    ]


@claim(
    "the ordering of the layers does not follow strictly the theoretical order even when averaging",
    "Sec. IV-B (proposed rule)",
    "Sum of the rises of the input MI from one hidden layer to the next at the end, above "
    f"{VISIBLE} bits; and how many of the six steps rise by more than that, at most half of them",
    "The step from X to T₁ᴱ, whose scales differ by the way they are standardised, is left out.",
)
def order_is_not_strict(evidence: PlaneEvidence) -> list[Criterion]:
    """(13) under the proposed rule."""
    criteria = []
    for size, run in evidence.both.items():
        rises = _end(run).input_mi.sel(layer=list(HIDDEN_LAYERS)).diff("layer")
        total, steps = rises.clip(min=0).sum("layer"), (rises > VISIBLE).sum("layer")
        criteria += [
            measured(f"sum of rises, {size} [bits]", total, at_least=VISIBLE),
            measured(f"steps that rise, {size}", steps, at_most=len(HIDDEN_LAYERS) // 2),
        ]
    return criteria


@claim(
    "all layers have the same output MI at every iteration, and this was particularly violated in "
    "Fig. 7b",
    "Sec. IV-B (proposed rule)",
    "Largest less smallest output MI of the layers of one panel, Z in both, mean over the records "
    f"from half the final I(X;X′) on: in the decoder of the small K above {VISIBLE} bits, and more "
    "than in each of the three other panels; that of all layers for the small K less that for the "
    "large one, above 0",
    "Lemma 1 is violated, but here rather more in the encoder of the small K, whose third layer is "
    "estimated low; how low differs from network to network. Without Z the decoder's three layers "
    "differ by less.",
)
def output_information_differs(evidence: PlaneEvidence) -> list[Criterion]:
    """Lemma 1 under the proposed rule, panel by panel."""
    spreads = {
        f"{panel}, {size}": run.output_spread.sel(estimator="proposed", panel=panel)
        for size, run in evidence.both.items()
        for panel in PANELS
    }
    small, large = (spreads.pop(f"all layers, {size}") for size in evidence.both)
    name = f"decoder, {size_name(evidence.small)}"
    spread = spreads.pop(name)
    return [
        measured(f"{name} [bits]", spread, at_least=VISIBLE),
        *(
            measured(f"less {other} [bits]", spread - spreads[other], at_least=0)
            for other in spreads
        ),
        measured(f"all, {' less '.join(evidence.both)} [bits]", small - large, at_least=0),
    ]


@claim(
    "As the reconstruction error is minimized, I(X;X′) will grow",
    "Sec. II-B",
    f"Rank correlation over the iterations of the test error and I(X;X′), below −{ALIKE}, over the "
    "whole training and from half the final I(X;X′) on",
    "On the plateau of the mean image, most of the records, both move by noise alone. The second "
    "range was added when that had been seen.",
)
def information_grows_as_error_falls(evidence: PlaneEvidence) -> list[Criterion]:
    """Reconstruction and the information that gets through."""
    return [
        measured(
            f"{span}, {rule} rule, {size}",
            run.follows_error.sel(span=span, estimator=rule),
            at_most=-ALIKE,
        )
        for size, run in evidence.both.items()
        for rule in RULES
        for span in (WHOLE, FITTED)
    ]


@claim(
    "I(X;X′) is generally small at initialization",
    "Sec. II-B",
    "I(X;X′) before training as a share of M: at most a tenth",
)
def little_gets_through_at_first(evidence: PlaneEvidence) -> list[Criterion]:
    """Where the paths start, on the axis of the output MI."""
    criteria = []
    for size, run in evidence.both.items():
        for rule in RULES:
            start = run.sel(moment="start", layer=INPUT, estimator=rule)
            share = start.output_mi / start.input_mi
            criteria.append(measured(f"{rule} rule, {size}", share, at_most=0.1))
    return criteria


@claim(
    "when initializing practical autoencoders, we expect a strict inequality in (13)",
    "Sec. II-A",
    "Smallest fall of the input MI from one layer to the next before training, above 0",
    "An untrained layer keeps apart what its input keeps apart; the estimators see differences of "
    "scale and of width instead: under the previous rule next to nothing at all, under the "
    "proposed one T₁ᴱ above X.",
)
def strict_order_at_first(evidence: PlaneEvidence) -> list[Criterion]:
    """(13) before training."""
    criteria = []
    for size, run in evidence.both.items():
        for rule in RULES:
            start = run.input_mi.sel(moment="start", estimator=rule)
            fall = -start.diff("layer").max("layer")
            criteria.append(measured(f"{rule} rule, {size} [bits]", fall, at_least=0))
    return criteria


@claim(
    "large bottlenecks allow near perfect reconstruction to be achieved",
    "Sec. I",
    "Share of the test images' variance that the reconstructions explain, 1 − error / error of the "
    "mean image: at least 95 % for the large K",
    "A hundred epochs of plain gradient descent do not bring these networks there; their errors "
    "are still falling.",
)
def reconstruction_is_near_perfect(evidence: PlaneEvidence) -> list[Criterion]:
    """What the large bottleneck reaches."""
    explained = 1 - evidence.large.test_error.sel(moment="end") / evidence.plateau
    name = f"explained, {size_name(evidence.large)}"
    return [
        measured(name, explained, at_least=0.95, repeats="" if explained.ndim else "one network")
    ]


@claim(
    "the results follow more closely the theoretical reference shown in Fig. 1",
    "Sec. IV-B, Fig. 7",
    "Distance of the hidden layers from the feasible triangle, sum as a share of M, at the end and "
    "as means over the records from half the final I(X;X′) on and over the whole training: under "
    "the previous rule less that under the proposed one, above 0",
    "Before the fitting, and for the large K at the end, the proposed rule puts layers right of M: "
    "X is standardised with statistics shared by all pixels and the layers unit by unit, so that "
    "they are not on one scale. In the order of the layers it is the closer one.",
)
def closer_to_the_triangle(evidence: PlaneEvidence) -> list[Criterion]:
    """The feasible region under both rules."""
    return [
        measured(f"{window}, {size}", _gain(run.outside_total).sel(window=window), at_least=0)
        for size, run in evidence.both.items()
        for window in (END, FITTED, WHOLE)
    ]


@claim(
    "the curves are restricted to the region below the bisector … the curves are restricted to the "
    "left of the vertical line",
    "Sec. II-B, of the measured planes (proposed rule)",
    f"Distance of each hidden layer from the triangle at the end, at most {VISIBLE} bits",
    "What lies outside lies right of M, which is measured on another scale.",
)
def layers_are_in_the_triangle(evidence: PlaneEvidence) -> list[Criterion]:
    """The feasible region, layer by layer."""
    return [
        criterion
        for run in evidence.both.values()
        for criterion in _by_layer(
            run, _end(run).outside, HIDDEN_LAYERS, " [bits]", at_most=VISIBLE
        )
    ]


@claim(
    "there is a visible restriction on the information that can be transferred through the "
    "bottleneck layer",
    "Sec. IV-B, Fig. 7, K = 2 (proposed rule)",
    "I(X;X′) at the end of the large K less that of the small, and M less that of the small, above "
    f"{VISIBLE} bits",
)
def small_restricts(evidence: PlaneEvidence) -> list[Criterion]:
    """The horizontal line of Fig. 7."""
    small, large = (_end(run).sel(layer=INPUT) for run in evidence.both.values())
    return [
        measured("large less small [bits]", large.output_mi - small.output_mi, at_least=VISIBLE),
        measured("M less small [bits]", small.input_mi - small.output_mi, at_least=VISIBLE),
    ]


@claim(
    "If K is large (λ > M), all layers converge together on the bisector because they contain all "
    "the input information",
    "Sec. II-B, Fig. 1b (proposed rule)",
    f"For the large K at the end: largest distance of a layer from the bisector at most {VISIBLE} "
    f"bits, and M less the mean input MI of the layers between −{VISIBLE} and {VISIBLE} bits",
    "The layers meet nearly on the bisector, but beyond M, on another scale than X: see the claim "
    "on the theoretical reference.",
)
def large_converges_to_m(evidence: PlaneEvidence) -> list[Criterion]:
    """Theorem 1, case (a)."""
    inputs = _end(evidence.large).input_mi
    left = inputs.sel(layer=INPUT) - inputs.sel(layer=list(HIDDEN_LAYERS)).mean("layer")
    away = abs(_gap(evidence.large)).max("layer")
    return [
        measured("distance from the bisector [bits]", away, at_most=VISIBLE),
        measured("M less mean input MI [bits]", left, at_least=-VISIBLE, at_most=VISIBLE),
    ]


@claim(
    "the bottleneck layer and the decoder layers will reach the bisector … whereas the encoder "
    "layers will converge to the interior of the feasible region",
    "Sec. II-B, Fig. 1a (proposed rule)",
    f"Distance from the bisector at the end for the small K: at most {VISIBLE} bits for Z and the "
    f"decoder layers; for the encoder layers, above {VISIBLE} bits to its right, and M less their "
    "input MI above 0",
    "Z and the decoder stop short of the bisector, where X′ is not X; T₁ᴱ lies right of M, on "
    "another scale.",
)
def small_converges_to_its_bound(evidence: PlaneEvidence) -> list[Criterion]:
    """Theorem 1, case (b)."""
    gap = _gap(evidence.small)
    inputs = _end(evidence.small).input_mi
    criteria = []
    for layer in HIDDEN_LAYERS:
        name, away = TEXT_LABELS[layer], gap.sel(layer=layer)
        if layer in ENCODER and layer != "Z":
            left = inputs.sel(layer=INPUT) - inputs.sel(layer=layer)
            criteria += [
                measured(f"{name} [bits]", away, at_least=VISIBLE),
                measured(f"M less {name} [bits]", left, at_least=0),
            ]
        else:
            criteria.append(measured(f"{name} [bits]", abs(away), at_most=VISIBLE))
    return criteria


@claim(
    "We tried γ ∈ [0.1, 10] and selected the value where the dynamics were best shown, although "
    "they could be observed in most of them",
    "Sec. IV",
    "Share of nine values of γ on a logarithmic grid, in one network of each size, more than half: "
    "those under which the encoder of the small K compresses, and the large K shows no compression "
    f"phase, by the shares of M that {VISIBLE} bits are for the paper's γ; and those whose whole "
    "paths follow those of the paper's γ, that is, whose rank correlation with them over the "
    f"iterations, mean over layers and both axes, is above {ALIKE}",
    "The two findings can be seen for nearly any γ (this was asked after the other had been); the "
    "whole course changes more, most for the small K.",
)
def gamma_matters_little(evidence: PlaneEvidence) -> list[Criterion]:
    """The γ scan."""
    (small, by_small), (large, by_large) = evidence.scans.items()
    seen = {
        f"encoder compresses, {small}": by_small.compression > by_small.visible,
        f"no compression phase, {large}": by_large.phase <= by_large.visible,
        **{f"same paths, {size}": by.likeness > ALIKE for size, by in evidence.scans.items()},
    }
    return [
        measured(f"share of γ, {name}", float(is_so.mean()), at_least=0.5, repeats="one network")
        for name, is_so in seen.items()
    ]


@claim(
    "we set α = 1.01 to approximate Shannon entropy",
    "Sec. III-A",
    "Largest difference of any recorded quantity between α = 1.01 and α = 1, at most "
    f"{VISIBLE} bits",
)
def order_approximates_shannon(evidence: PlaneEvidence) -> list[Criterion]:
    """The α scan, near 1."""
    return [
        measured(
            f"{size} [bits]",
            float(by.order_difference),
            at_most=VISIBLE,
            repeats="one network",
        )
        for size, by in evidence.scans.items()
    ]


CLAIMS = (
    little_gets_through_at_first,
    strict_order_at_first,
    information_grows_as_error_falls,
    reconstruction_is_near_perfect,
    large_converges_to_m,
    small_converges_to_its_bound,
    layers_are_in_the_triangle,
    small_stays_off_bisector,
    compression_under_previous_rule,
    no_compression_of_last_layer,
    no_compression_of_small,
    impossible_order,
    closer_to_the_triangle,
    small_restricts,
    no_compression_under_proposed_rule,
    order_is_corrected,
    encoder_compresses_for_small,
    only_the_encoder_of_small_compresses,
    variance_increases_for_small,
    variance_decreases_for_large,
    variance_of_last_layer,
    variance_of_bottleneck,
    information_follows_variance,
    data_processing_is_better,
    order_is_not_strict,
    output_information_differs,
    gamma_matters_little,
    order_approximates_shannon,
)
