"""Claims about the planes of a small and a large bottleneck: Sec. IV-B, Figs. 6 to 8."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ipae_lib import theory
from ipae_lib.layers import DECODER, ENCODER, INPUT
from study.claims.statistics import rank_correlation, smooth
from study.claims.verdict import VISIBLE, Criterion, claim, measured
from study.experiments import join_seeds

HIDDEN = (*ENCODER, *DECODER)
PANELS = {"encoder": ENCODER, "decoder": ("Z", *DECODER)}
"""Layers of the two panels of a figure. The paper compares T₃ᴰ with Z in Fig. 6d, the decoder's
panel, so Z is in both."""

NAMES = dict(zip(HIDDEN, ("T₁ᴱ", "T₂ᴱ", "T₃ᴱ", "Z", "T₁ᴰ", "T₂ᴰ", "T₃ᴰ"), strict=True))

NOTICEABLE_FALL = 0.05
"""Share of its maximum by which a variance must fall to count as decreasing."""

NOTICEABLE_APPROACH = 0.01
"""Bits by which a layer must come nearer to the bisector to move towards it."""

ALIKE = 0.9
"""Rank correlation from which two courses over the training count as the same."""


@dataclass(frozen=True)
class PlaneEvidence:
    """Recorded planes of a small and of a large bottleneck.

    Parameters
    ----------
    small, large : Dataset
        ``information`` (repetition, iteration, estimator, quantity, layer) in bits,
        ``variance`` (repetition, iteration, layer) and ``test_error`` (iteration, and where
        seeds are repeated, repetition). The attributes ``size`` and ``repetition`` are the
        bottleneck size and the name of that dimension.
    small_scan, large_scan : Dataset
        ``gamma_scan`` and ``alpha_scan`` of one seed, and ``information`` of the same
        iterations and batches.
    plateau : float
        Error per pixel of answering with the mean image.
    """

    small: xr.Dataset
    large: xr.Dataset
    small_scan: xr.Dataset
    large_scan: xr.Dataset
    plateau: float

    @property
    def both(self) -> dict[str, xr.Dataset]:
        """The two, by the text that names them."""
        return {f"K = {run.size}": run for run in (self.small, self.large)}

    @property
    def scans(self) -> dict[str, xr.Dataset]:
        """Their scans, by the same text."""
        return dict(zip(self.both, (self.small_scan, self.large_scan), strict=True))


def plane_evidence(
    small: Sequence[xr.Dataset], large: Sequence[xr.Dataset], sizes: tuple[int, int], plateau: float
) -> PlaneEvidence:
    """Evidence from the results of `experiments.run_or_load`.

    Independent repetitions are the seeds, each the mean over its test batches; where there is
    one seed alone, they are its batches.

    Parameters
    ----------
    small, large : sequence of Dataset
        One result for each seed; the first with scans.
    sizes : tuple of int
        Their bottleneck sizes.
    plateau : float
        As in `PlaneEvidence`.
    """
    runs = [_repetitions(runs, size) for runs, size in zip((small, large), sizes, strict=True)]
    return PlaneEvidence(*runs, _scans(small[0]), _scans(large[0]), plateau)


def _repetitions(runs: Sequence[xr.Dataset], size: int) -> xr.Dataset:
    joined = join_seeds(runs)
    if len(runs) > 1:
        joined, repetition = joined.mean("batch").rename(seed="seeds"), "seeds"
    else:
        repetition = "test batches of one seed"
        joined = joined.isel(seed=0, drop=True).rename(batch=repetition)
    return joined.assign_attrs(size=size, repetition=repetition)


def _scans(run: xr.Dataset) -> xr.Dataset:
    scanned = run.gamma_scan.notnull().all(["gamma", "quantity", "layer", "scan_batch"])
    scans = run[["gamma_scan", "alpha_scan"]].sel(iteration=scanned)
    batches = run.information.sel(iteration=scanned, batch=scans.scan_batch.values)
    return scans.assign(information=batches.rename(batch="scan_batch"))


def _of(
    run: xr.Dataset, rule: str, quantity: str = "input_mi", layer: str | None = None
) -> xr.DataArray:
    values = run.information.sel(estimator=rule, quantity=quantity, drop=True)
    return values if layer is None else values.sel(layer=layer, drop=True)


def _end(values: xr.DataArray) -> xr.DataArray:
    return values.isel(iteration=-1, drop=True)


def compression_phase(run: xr.Dataset, rule: str, layer: str) -> xr.DataArray:
    """Fall of a layer's input MI from its maximum since the fitting to the end, in bits.

    Compression is what follows fitting (Sec. I): the time counts from when I(X;X′) has first
    reached half of what it has at the end.
    """
    values = smooth(_of(run, rule, layer=layer))
    return values.where(_fitted(run, rule)).max("iteration") - _end(values)


def _fitted(run: xr.Dataset, rule: str) -> xr.DataArray:
    """Whether I(X;X′) has ever reached half of its final value."""
    return _since_half(smooth(_of(run, rule, "output_mi", INPUT)))


def _since_half(through: xr.DataArray) -> xr.DataArray:
    return (through >= _end(through) / 2).cumsum("iteration") > 0


def fall_from_peak(values: xr.DataArray) -> xr.DataArray:
    """Fall from the maximum over the training to the end, as a share of the maximum."""
    values = smooth(values)
    peak = values.max("iteration")
    return (peak - _end(values)) / peak


def largest_fall(values: xr.DataArray) -> xr.DataArray:
    """Largest fall from any earlier maximum, at any iteration, as a share of the maximum."""
    values = smooth(values)
    axis = values.get_axis_num("iteration")
    so_far = values.copy(data=np.maximum.accumulate(values.values, axis=axis))
    return (so_far - values).max("iteration") / values.max("iteration")


def _gap(run: xr.Dataset, rule: str) -> xr.DataArray:
    """Input less output MI at the end: distance from the bisector, to the right."""
    return _end(_of(run, rule, "input_mi") - _of(run, rule, "output_mi"))


def _approach(run: xr.Dataset, rule: str, layer: str) -> xr.DataArray:
    """By how much a layer comes nearer to the bisector from its peak on, in bits."""
    inputs, outputs = (smooth(_of(run, rule, q, layer)) for q in ("input_mi", "output_mi"))
    peak = inputs.where(_fitted(run, rule)).fillna(-1).argmax("iteration")
    gap = inputs - outputs
    return gap.isel(iteration=peak).drop_vars("iteration", errors="ignore") - _end(gap)


def _excess(run: xr.Dataset, rule: str) -> xr.DataArray:
    """I(X;T₃ᴰ) − I(X;Z) at the end."""
    return _end(_of(run, rule, layer="D3") - _of(run, rule, layer="Z"))


def _compression_criteria(
    run: xr.Dataset, rule: str, layers: Sequence[str], **range_: float
) -> list[Criterion]:
    return [
        measured(
            f"{NAMES[layer]}, K = {run.size} [bits]", compression_phase(run, rule, layer), **range_
        )
        for layer in layers
    ]


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
    layers = [layer for layer in HIDDEN if layer != "D3"]
    run = evidence.large
    approaches = [_approach(run, "previous", layer) for layer in layers]
    least = xr.concat(approaches, dim="layer").min("layer")
    return [
        *_compression_criteria(run, "previous", layers, at_least=VISIBLE),
        measured("least approach to the bisector [bits]", least, at_least=NOTICEABLE_APPROACH),
    ]


@claim(
    "the variance always increases, which correlates with the behavior observed in the IPs of "
    "Figs. 6a-b",
    "Sec. IV-B, Figs. 6a–b (previous rule)",
    _PHASE + f"at most {VISIBLE} bits for every layer of the small K",
)
def no_compression_of_small(evidence: PlaneEvidence) -> list[Criterion]:
    """What the previous rule shows where the variance grows."""
    return _compression_criteria(evidence.small, "previous", HIDDEN, at_most=VISIBLE)


@claim(
    "the absence of compression for T₃ᴰ",
    "Sec. IV-B, Fig. 6d (previous rule)",
    _PHASE + f"at most {VISIBLE} bits",
)
def no_compression_of_last_layer(evidence: PlaneEvidence) -> list[Criterion]:
    """The exception to it."""
    return _compression_criteria(evidence.large, "previous", ["D3"], at_most=VISIBLE)


@claim(
    "For a small K the layers do not get close to the bisector",
    "Sec. IV-B, Figs. 6a–b (previous rule)",
    f"Input less output MI at the end, mean over layers: above {VISIBLE} bits, and more than for "
    "the large K",
)
def small_stays_off_bisector(evidence: PlaneEvidence) -> list[Criterion]:
    """Where the layers of the small bottleneck end."""
    small, large = (
        _gap(run, "previous").sel(layer=list(HIDDEN)).mean("layer")
        for run in (evidence.small, evidence.large)
    )
    return [
        measured(f"distance, K = {evidence.small.size} [bits]", small, at_least=VISIBLE),
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
    excess = {rule: _excess(run, rule) for rule in ("previous", "proposed")}
    share = {rule: excess[rule] / _end(_of(run, rule, layer=INPUT)) for rule in excess}
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
    return _compression_criteria(evidence.large, "proposed", HIDDEN, at_most=VISIBLE)


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
    end = _end(_of(evidence.small, "proposed"))
    steps = [("E1", "E2"), ("E2", "E3"), ("E3", "Z")]
    criteria = [
        measured(
            f"{NAMES[a]} to {NAMES[b]} [bits]", end.sel(layer=a) - end.sel(layer=b), at_least=0
        )
        for a, b in steps
    ]
    whole = end.sel(layer="E1") - end.sel(layer="E3")
    return [*criteria, measured("T₁ᴱ to T₃ᴱ [bits]", whole, at_least=VISIBLE)]


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
    criteria = []
    for size, run in evidence.both.items():
        end = _end(_of(run, "proposed"))
        pairs = {"encoder": ("E1", "E3"), "Z to T₁ᴰ": ("Z", "D1"), "decoder": ("D1", "D3")}
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
    return _variance_criteria(evidence.small, HIDDEN, largest_fall, at_most=NOTICEABLE_FALL)


@claim(
    "for K = 32, the variance starts to decrease after an initial increasing phase",
    "Sec. IV-B, Figs. 8c–d",
    "Fall of each layer's variance from its maximum to the end, but for T₃ᴰ: above "
    f"{NOTICEABLE_FALL:.0%} of the maximum; and largest of their variances before training as a "
    "share of the maximum, at most a half",
)
def variance_decreases_for_large(evidence: PlaneEvidence) -> list[Criterion]:
    """Variance of a large bottleneck's layers."""
    layers = [layer for layer in HIDDEN if layer != "D3"]
    run = evidence.large
    variance = run.variance.sel(layer=layers)
    start = (variance.isel(iteration=0, drop=True) / smooth(variance).max("iteration")).max("layer")
    return [
        *_variance_criteria(run, layers, fall_from_peak, at_least=NOTICEABLE_FALL),
        measured("largest share before training", start, at_most=0.5),
    ]


@claim(
    "the variance of T₃ᴰ does not decrease in Fig. 8d",
    "Sec. IV-B",
    f"Fall of its variance from the maximum to the end: at most {NOTICEABLE_FALL:.0%} of it",
)
def variance_of_last_layer(evidence: PlaneEvidence) -> list[Criterion]:
    """The exception to it."""
    return _variance_criteria(evidence.large, ["D3"], fall_from_peak, at_most=NOTICEABLE_FALL)


def _variance_criteria(
    run: xr.Dataset,
    layers: Sequence[str],
    statistic: Callable[[xr.DataArray], xr.DataArray],
    **range_: float,
) -> list[Criterion]:
    return [
        measured(
            f"{NAMES[layer]}, K = {run.size}",
            statistic(run.variance.sel(layer=layer, drop=True)),
            **range_,
        )
        for layer in layers
    ]


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
        layers = {"layer": list(HIDDEN)}
        information, variance = _of(run, "previous").sel(layers), run.variance.sel(layers)
        whole = rank_correlation(information, variance).mean("layer")
        criteria.append(measured(f"whole training, {size}", whole, at_least=0.7))
        # one start for all repetitions: the last of theirs
        late = {"iteration": _fitted(run, "previous").all(run.repetition)}
        after = rank_correlation(information[late], variance[late])
        criteria.append(measured(f"after fitting, {size}", after.mean("layer"), at_least=0.7))
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
        end = _end(run.variance)
        others = end.sel(layer=[layer for layer in HIDDEN if layer != "Z"]).max("layer")
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
    criteria = []
    for size, run in evidence.both.items():
        check = theory.check_plane(run)
        fitted = _fitted(run, "proposed")
        for name, total in (("(13)", check.forward_total), ("(8)", check.backward_total)):
            gain = _gain(total / _end(check.m))
            windows = {
                "at the end": _end(gain),
                "after fitting": gain.where(fitted).mean("iteration"),
                "whole training": gain.mean("iteration"),
            }
            criteria += [
                measured(f"{name}, {when}, {size}", value, at_least=0)
                for when, value in windows.items()
            ]
    return criteria


def _gain(violation: xr.DataArray) -> xr.DataArray:
    """By how much less the proposed rule has of it."""
    previous, proposed = (
        violation.sel(estimator=rule, drop=True) for rule in ("previous", "proposed")
    )
    return previous - proposed


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
        rises = _end(_of(run, "proposed").sel(layer=list(HIDDEN))).diff("layer")
        criteria += [
            measured(
                f"sum of rises, {size} [bits]", rises.clip(min=0).sum("layer"), at_least=VISIBLE
            ),
            measured(
                f"steps that rise, {size}", (rises > VISIBLE).sum("layer"), at_most=len(HIDDEN) // 2
            ),
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
    spreads = {}
    for size, run in evidence.both.items():
        output = _of(run, "proposed", "output_mi")
        fitted = _fitted(run, "proposed")
        for side, layers in {**PANELS, "all layers": HIDDEN}.items():
            values = output.sel(layer=list(layers))
            spread = values.max("layer") - values.min("layer")
            spreads[f"{side}, {size}"] = spread.where(fitted).mean("iteration")
    name = f"decoder, K = {evidence.small.size}"
    whole = [spreads.pop(f"all layers, {size}") for size in evidence.both]
    criteria = [measured(f"{name} [bits]", spreads[name], at_least=VISIBLE)]
    for other, spread in spreads.items():
        if other != name:
            criteria.append(measured(f"less {other} [bits]", spreads[name] - spread, at_least=0))
    sizes = " less ".join(evidence.both)
    return [*criteria, measured(f"all, {sizes} [bits]", whole[0] - whole[1], at_least=0)]


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
    criteria = []
    for size, run in evidence.both.items():
        for rule in ("previous", "proposed"):
            through, error = _of(run, rule, "output_mi", INPUT), run.test_error
            whole = rank_correlation(through, error)
            late = {"iteration": _fitted(run, rule).all(run.repetition)}
            after = rank_correlation(through[late], error[late])
            criteria += [
                measured(f"whole training, {rule} rule, {size}", whole, at_most=-ALIKE),
                measured(f"after fitting, {rule} rule, {size}", after, at_most=-ALIKE),
            ]
    return criteria


@claim(
    "I(X;X′) is generally small at initialization",
    "Sec. II-B",
    "I(X;X′) before training as a share of M: at most a tenth",
)
def little_gets_through_at_first(evidence: PlaneEvidence) -> list[Criterion]:
    """Where the paths start, on the axis of the output MI."""
    return [
        measured(
            f"{rule} rule, {size}",
            (_of(run, rule, "output_mi", INPUT) / _of(run, rule, layer=INPUT)).isel(iteration=0),
            at_most=0.1,
        )
        for size, run in evidence.both.items()
        for rule in ("previous", "proposed")
    ]


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
        for rule in ("previous", "proposed"):
            start = _of(run, rule).isel(iteration=0, drop=True)
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
    explained = 1 - _end(evidence.large.test_error) / evidence.plateau
    name = f"explained, K = {evidence.large.size}"
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
    criteria = []
    for size, run in evidence.both.items():
        check = theory.check_plane(run)
        gain = _gain(check.outside_total / _end(check.m))
        after = gain.where(_fitted(run, "proposed")).mean("iteration")
        criteria += [
            measured(f"at the end, {size}", _end(gain), at_least=0),
            measured(f"after fitting, {size}", after, at_least=0),
            measured(f"whole training, {size}", gain.mean("iteration"), at_least=0),
        ]
    return criteria


@claim(
    "the curves are restricted to the region below the bisector … the curves are restricted to the "
    "left of the vertical line",
    "Sec. II-B, of the measured planes (proposed rule)",
    f"Distance of each hidden layer from the triangle at the end, at most {VISIBLE} bits",
    "What lies outside lies right of M, which is measured on another scale.",
)
def layers_are_in_the_triangle(evidence: PlaneEvidence) -> list[Criterion]:
    """The feasible region, layer by layer."""
    criteria = []
    for size, run in evidence.both.items():
        outside = _end(theory.check_plane(run).outside.sel(estimator="proposed", drop=True))
        criteria += [
            measured(f"{NAMES[layer]}, {size} [bits]", outside.sel(layer=layer), at_most=VISIBLE)
            for layer in HIDDEN
        ]
    return criteria


@claim(
    "there is a visible restriction on the information that can be transferred through the "
    "bottleneck layer",
    "Sec. IV-B, Fig. 7, K = 2 (proposed rule)",
    "I(X;X′) at the end of the large K less that of the small, and M less that of the small, above "
    f"{VISIBLE} bits",
)
def small_restricts(evidence: PlaneEvidence) -> list[Criterion]:
    """The horizontal line of Fig. 7."""
    small, large = (
        _end(_of(run, "proposed", "output_mi", INPUT)) for run in (evidence.small, evidence.large)
    )
    m = _end(_of(evidence.small, "proposed", layer=INPUT))
    return [
        measured("large less small [bits]", large - small, at_least=VISIBLE),
        measured("M less small [bits]", m - small, at_least=VISIBLE),
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
    run = evidence.large
    layers = {"layer": list(HIDDEN)}
    end = _end(_of(run, "proposed"))
    return [
        measured(
            "distance from the bisector [bits]",
            abs(_gap(run, "proposed")).sel(layers).max("layer"),
            at_most=VISIBLE,
        ),
        measured(
            "M less mean input MI [bits]",
            end.sel(layer=INPUT) - end.sel(layers).mean("layer"),
            at_least=-VISIBLE,
            at_most=VISIBLE,
        ),
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
    gap = _gap(evidence.small, "proposed")
    end = _end(_of(evidence.small, "proposed"))
    criteria = []
    for layer in HIDDEN:
        if layer in ("E1", "E2", "E3"):
            left = end.sel(layer=INPUT) - end.sel(layer=layer)
            criteria += [
                measured(f"{NAMES[layer]} [bits]", gap.sel(layer=layer), at_least=VISIBLE),
                measured(f"M less {NAMES[layer]} [bits]", left, at_least=0),
            ]
        else:
            away = abs(gap.sel(layer=layer))
            criteria.append(measured(f"{NAMES[layer]} [bits]", away, at_most=VISIBLE))
    return criteria


def alike_dynamics(scan: xr.Dataset) -> xr.DataArray:
    """Rank correlation of each γ's plane with that of the paper's γ, mean over layers and axes."""
    axes = {"quantity": ["input_mi", "output_mi"], "layer": list(HIDDEN)}
    reference = scan.information.sel(estimator="proposed", drop=True).mean("scan_batch").sel(axes)
    scanned = scan.gamma_scan.mean("scan_batch").sel(axes)
    return rank_correlation(scanned, reference).mean(["quantity", "layer"])


def seen_dynamics(scan: xr.Dataset) -> xr.Dataset:
    """What of the paper's dynamics can be seen under each γ, beyond what counts as visible.

    What counts is the share of M that `VISIBLE` bits are under the paper's γ.

    Returns
    -------
    Dataset (gamma)
        ``compression``: fall of the input MI from T₁ᴱ to T₃ᴱ at the end; ``phase``: largest fall
        of a layer's input MI after the fitting. As shares of M, less that share.
    """
    paths = scan.gamma_scan.mean("scan_batch")
    inputs = paths.sel(quantity="input_mi", drop=True)
    through = paths.sel(quantity="output_mi", layer=INPUT, drop=True)
    m = _end(inputs.sel(layer=INPUT, drop=True))
    reference = scan.input_mi.sel(estimator="proposed", layer=INPUT)
    visible = VISIBLE / float(_end(reference.mean("scan_batch")))
    fall = inputs.where(_since_half(through)).max("iteration") - _end(inputs)
    compression = _end(inputs.sel(layer="E1", drop=True) - inputs.sel(layer="E3", drop=True))
    return xr.Dataset(
        {
            "compression": compression / m - visible,
            "phase": fall.sel(layer=list(HIDDEN)).max("layer") / m - visible,
        }
    )


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
    small, large = (seen_dynamics(scan) for scan in evidence.scans.values())
    shares = {
        "encoder compresses, {}": (small.compression > 0, evidence.small),
        "no compression phase, {}": (large.phase <= 0, evidence.large),
    }
    criteria = [
        measured(
            f"share of γ, {name.format(f'K = {run.size}')}",
            float(seen.mean()),
            at_least=0.5,
            repeats="one network",
        )
        for name, (seen, run) in shares.items()
    ]
    return criteria + [
        measured(
            f"share of γ, same paths, {size}",
            float((alike_dynamics(scan) > ALIKE).mean()),
            at_least=0.5,
            repeats="one network",
        )
        for size, scan in evidence.scans.items()
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
            float(abs(scan.alpha_scan.sel(alpha=1.01) - scan.alpha_scan.sel(alpha=1.0)).max()),
            at_most=VISIBLE,
            repeats="one network",
        )
        for size, scan in evidence.scans.items()
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
