"""What the claims on the planes are decided on: statistics of the recorded paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from ipae_lib import theory
from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT
from study import trajectories
from study.claims.verdict import VISIBLE
from study.experiments import join_seeds
from study.experiments.schema import scan

PANELS = {"encoder": ENCODER, "decoder": ("Z", *DECODER), "all layers": HIDDEN_LAYERS}
"""Layers of the two panels of a figure, and of both. The paper compares T₃ᴰ with Z in Fig. 6d, the
decoder's panel, so Z is in both."""

END, FITTED, WHOLE = "at the end", "after fitting", "whole training"
"""Windows: the last record, those from half the final I(X;X′) on, all."""


@dataclass(frozen=True)
class PlaneEvidence:
    """What was measured of the planes of a small and of a large bottleneck.

    Parameters
    ----------
    small, large : Dataset
        As `measure_paths` gives it.
    scans : mapping from "K = ..." to Dataset
        Of the small and of the large one, as `measure_scans` gives it.
    plateau : float
        Error per pixel of answering with the mean image.
    """

    small: xr.Dataset
    large: xr.Dataset
    scans: Mapping[str, xr.Dataset]
    plateau: float

    @property
    def both(self) -> dict[str, xr.Dataset]:
        """The two sizes, by the text that names them."""
        return {size_name(run): run for run in (self.small, self.large)}


def size_name(run: xr.Dataset) -> str:
    """The text that names a bottleneck size, "K = 2"."""
    return f"K = {run.attrs['size']}"


def plane_evidence(
    small: Sequence[xr.Dataset], large: Sequence[xr.Dataset], sizes: tuple[int, int], plateau: float
) -> PlaneEvidence:
    """Evidence from the results of `experiments.run_or_load`.

    Parameters
    ----------
    small, large : sequence of Dataset
        One result for each seed; the first with scans.
    sizes : tuple of int
        Their bottleneck sizes.
    plateau : float
        As in `PlaneEvidence`.
    """
    runs = dict(zip(sizes, (small, large), strict=True))
    paths = [measure_paths(repetitions(results, size)) for size, results in runs.items()]
    scans = {f"K = {size}": measure_scans(results[0]) for size, results in runs.items()}
    return PlaneEvidence(*paths, scans, plateau)


def repetitions(results: Sequence[xr.Dataset], size: int) -> xr.Dataset:
    """The runs of one bottleneck size with their independent repetitions, for `measure_paths`.

    These are the seeds, each the mean over its test batches, or the test batches of a single seed.
    """
    joined = join_seeds(results)
    if len(results) > 1:
        joined, repetition = joined.mean("batch").rename(seed="seeds"), "seeds"
    else:
        repetition = "test batches of one seed"
        joined = joined.isel(seed=0, drop=True).rename(batch=repetition)
    return joined.assign_attrs(size=size, repetition=repetition)


def measure_paths(run: xr.Dataset) -> xr.Dataset:
    """What the claims ask of the paths of one bottleneck size.

    Parameters
    ----------
    run : Dataset
        ``input_mi`` and ``output_mi`` (repetition, iteration, estimator, layer) in bits,
        ``variance`` (repetition, iteration, layer) and ``test_error`` (iteration, and where seeds
        are repeated, repetition). The attributes ``size`` and ``repetition`` are the bottleneck
        size and the name of that dimension.

    Returns
    -------
    Dataset
        Each for every repetition, with the same attributes.

        ``input_mi``, ``output_mi``, ``variance``, ``test_error``, ``outside`` (moment, ...)
            At the ``start`` and the ``end``; the last is the distance from the triangle in bits.
        ``compression``, ``approach`` (estimator, layer)
            As `trajectories.compression_phase` and `trajectories.approach_to_bisector`.
        ``variance_fall``, ``variance_setback``, ``variance_start`` (layer)
            Fall from the maximum to the end, largest fall, and value before training, as shares
            of the maximum.
        ``forward_total``, ``backward_total``, ``outside_total`` (window, estimator)
            As `theory.check_plane`, as shares of M; for every estimator the fitting is that of
            the proposed rule.
        ``output_spread`` (estimator, panel)
            Largest less smallest output MI of a panel's layers, mean after the fitting.
        ``follows_variance`` (span, estimator, layer), ``follows_error`` (span, estimator)
            Rank correlation of a layer's input MI with its variance, and of I(X;X′) with the
            error, over all iterations and over those after the fitting.
    """
    check = theory.check_plane(run)
    fitted = trajectories.fitted(run)
    through = run.output_mi.sel(layer=INPUT, drop=True)
    # one start for all repetitions: the last of theirs
    late = fitted.all(run.attrs["repetition"]).argmax("iteration")
    seen = run[["input_mi", "output_mi", "variance", "test_error"]].assign(outside=check.outside)
    moments = seen.isel(iteration=[0, -1]).drop_vars("iteration").rename(iteration="moment")
    violations = check[["forward_total", "backward_total", "outside_total"]]
    violations = violations / trajectories.at_end(check.m)
    first = run.variance.isel(iteration=0, drop=True)
    measured = [
        moments.assign_coords(moment=["start", "end"]),
        _windows(violations, fitted.sel(estimator="proposed", drop=True)),
        xr.Dataset(
            {
                "compression": trajectories.compression_phase(run),
                "approach": trajectories.approach_to_bisector(run),
                "variance_fall": trajectories.fall_from_peak(run.variance),
                "variance_setback": trajectories.largest_fall(run.variance),
                "variance_start": first / trajectories.smooth(run.variance).max("iteration"),
                "output_spread": _spread(run.output_mi).where(fitted).mean("iteration"),
                "follows_variance": _correlation(run.input_mi, run.variance, late),
                "follows_error": _correlation(through, run.test_error, late),
            }
        ),
    ]
    return xr.merge(measured, join="exact").assign_attrs(run.attrs)


def _windows(values: xr.Dataset, fitted: xr.DataArray) -> xr.Dataset:
    windows = {
        END: trajectories.at_end(values),
        FITTED: values.where(fitted).mean("iteration"),
        WHOLE: values.mean("iteration"),
    }
    return xr.concat(windows.values(), pd.Index(windows, name="window"))


def _spread(values: xr.DataArray) -> xr.DataArray:
    """Largest less smallest value of a panel's layers."""
    panels = [values.sel(layer=list(layers)) for layers in PANELS.values()]
    spreads = [panel.max("layer") - panel.min("layer") for panel in panels]
    return xr.concat(spreads, pd.Index(PANELS, name="panel"))


def _correlation(a: xr.DataArray, b: xr.DataArray, late: xr.DataArray) -> xr.DataArray:
    """Rank correlation over all iterations and, estimator by estimator, from ``late`` on."""
    after = [
        trajectories.rank_correlation(
            a.sel(estimator=start.estimator).isel(iteration=slice(int(start), None)),
            b.isel(iteration=slice(int(start), None)),
        )
        for start in late
    ]
    windows = [trajectories.rank_correlation(a, b), xr.concat(after, "estimator")]
    return xr.concat(windows, pd.Index([WHOLE, FITTED], name="span"))


def measure_scans(run: xr.Dataset) -> xr.Dataset:
    """What the claims ask of the scans of γ and α of one network.

    Parameters
    ----------
    run : Dataset
        A result with scans.

    Returns
    -------
    Dataset
        ``compression``, ``phase``, ``likeness`` (gamma)
            As `trajectories.findings`, and `trajectories.likeness` to the paper's γ.
        ``visible``
            The share of M that `VISIBLE` bits are under the paper's γ.
        ``order_difference``
            Largest difference between α = 1.01 and α = 1 of any recorded quantity, in bits.
    """
    by_gamma = scan(run, "gamma").dropna("iteration").mean("scan_batch")
    same = {"iteration": by_gamma.iteration.values, "batch": run.scan_batch.values}
    proposed = run[["input_mi", "output_mi"]].sel({**same, "estimator": "proposed"}, drop=True)
    proposed = proposed.mean("batch")
    m = trajectories.at_end(proposed.input_mi.sel(layer=INPUT))
    by_alpha = scan(run, "alpha").dropna("iteration")
    difference = abs(by_alpha.sel(alpha=1.01) - by_alpha.sel(alpha=1.0)).to_array().max()
    return trajectories.findings(by_gamma).assign(
        likeness=trajectories.likeness(by_gamma, proposed),
        visible=VISIBLE / float(m),
        order_difference=float(difference),
    )
