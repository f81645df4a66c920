"""The ways to look at a network: by an estimator's width rule, and in truth under each noise.

Frozen: see `study.claims.criteria`.

Every way gives the same kind of Dataset, so that one statistic serves them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.layers import INPUT, OUTPUT
from study.claims.criteria.decision import DRAW, SIZE, Claim, Estimate, Place, estimate
from study.experiments.schema import scan
from study.trajectories import since_half

PAPER, SCALE_FREE = "by the paper's rule", "by the scale-free rule"
TRUTHS = {
    "in truth, one level": "one level",
    "in truth, layer's deviation": "layer's deviation",
    "in truth, total deviation": "total deviation",
}
"""Columns in truth, and the noise of each."""

COLUMNS = (PAPER, SCALE_FREE, *TRUTHS)
"""Of the ledger."""

RESOLUTION = 0.5
"""M as a share of log₂ n that the noise is chosen for: half, where it has room on both sides."""

_DRAWS = 25


@dataclass(frozen=True)
class Planes:
    """A small and a large bottleneck, in one way to look.

    Parameters
    ----------
    small, large : Dataset
        For each ``seed``, the same in both:

        ``input_mi``, ``output_mi`` (iteration, layer)
            In bits; estimates are means over the test batches.
        ``bound`` (iteration, layer)
            What no input MI exceeds: min{S(X), S(T)} by an estimator, M in truth.
        ``error`` (iteration, layer)
            Standard error of the input MI, in truth alone.
        ``variance`` (iteration, layer), ``explained`` (iteration)
            Of the layer; and by the reconstructions, as a share of the test images' variance.
        ``fitted`` (iteration)
            Whether the reconstructions have ever explained half of what they do at the end. From
            then on a fall of information is a compression phase, which follows the fitting
            (Sec. I). It is one moment for all ways to look.
        ``unit``
            The whole that can be known, in bits: S(X) by an estimator, M in truth.

    Raises
    ------
    ValueError
        If the seeds differ.
    """

    small: xr.Dataset
    large: xr.Dataset

    def __post_init__(self) -> None:
        seeds = [plane.seed.values.tolist() for plane in (self.small, self.large)]
        if seeds[0] != seeds[1]:
            raise ValueError(f"small has the seeds {seeds[0]} and large {seeds[1]}; give the same")


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of one choice of loss and initial weights.

    Parameters
    ----------
    small, large : sequence of Dataset
        Runs recorded over the whole training, as `experiments.load` gives them.
    sizes : sequence of Dataset
        Runs of many bottleneck sizes; their last records count. None: no sweep.
    plateau : float
        Mean squared error per pixel of answering the test images with the mean training image.
    resolution : float
        M as a share of log₂ n that the noise of the truth is chosen for.
    """

    small: Sequence[xr.Dataset]
    large: Sequence[xr.Dataset]
    sizes: Sequence[xr.Dataset]
    plateau: float
    resolution: float = RESOLUTION

    def planes(self, look: str) -> Planes:
        """The planes as a rule or a noise shows them.

        Raises
        ------
        ValueError
            If a run was not recorded in this way, or the sizes have different seeds.
        """
        return Planes(self._over_seeds(self.small, look), self._over_seeds(self.large, look))

    def _over_seeds(self, runs: Sequence[xr.Dataset], look: str) -> xr.Dataset:
        seeds = pd.Index([run.attrs["seed"] for run in runs], name="seed")
        joined = xr.concat([self._look_at(run, look) for run in runs], seeds, join="exact")
        return joined.assign(unit=joined.unit.mean()).sortby("seed")

    def ends(self, look: str) -> xr.Dataset:
        """The last records of all sizes; NaN where a size lacks a seed."""
        keys = [
            (json.loads(run.attrs["configuration"])[SIZE], run.attrs["seed"]) for run in self.sizes
        ]
        index = pd.MultiIndex.from_tuples(keys, names=(SIZE, "seed"))
        during = ["fitted", "explained", "variance"]
        last = [
            self._look_at(run, look).drop_vars(during).isel(iteration=-1, drop=True)
            for run in self.sizes
        ]
        joined = xr.concat(last, "run", join="exact")
        joined = joined.assign_coords(xr.Coordinates.from_pandas_multiindex(index, "run"))
        return joined.drop_vars("unit").unstack("run").assign(unit=joined.unit.mean())

    def _look_at(self, run: xr.Dataset, look: str) -> xr.Dataset:
        """One run as a rule or a noise shows it, see `Planes`."""
        in_truth = look in TRUTHS.values()
        if not _has(run, look):
            name = json.loads(run.attrs["configuration"])["name"]
            known = run["noise" if in_truth else "estimator"].values.tolist()
            raise ValueError(f"look is {look!r}; of {name} there was recorded {known}")
        explained = 1 - run.test_error / self.plateau
        if in_truth:
            chosen = {"noise": look, "resolution": self.resolution}
            inputs = run.true_input_mi.sel(chosen, drop=True)
            unit = inputs.sel(layer=INPUT, drop=True).mean("iteration")
            found = {
                "input_mi": inputs,
                "output_mi": _through(inputs),
                "error": run.true_standard_error.sel(chosen, drop=True),
                "bound": xr.full_like(inputs, float(unit)),
            }
        else:
            of_rule = run[["input_mi", "output_mi", "entropy"]].sel(estimator=look, drop=True)
            of_input = of_rule.entropy.sel(layer=INPUT, drop=True)
            unit = _unit(of_rule.entropy.mean("batch"))
            found = {
                "input_mi": of_rule.input_mi.mean("batch"),
                "output_mi": of_rule.output_mi.mean("batch"),
                "bound": np.minimum(of_rule.entropy, of_input).mean("batch"),
            }
        found |= {
            "variance": run.variance.mean("batch"),
            "explained": explained,
            "fitted": since_half(explained),
            "unit": unit,
        }
        return xr.Dataset(found).drop_attrs()

    def scans(self, name: str) -> list[tuple[Scan, Scan]]:
        """For each seed with scans, those of the small and of the large bottleneck."""
        of = [
            {run.attrs["seed"]: run for run in runs if f"input_mi_by_{name}" in run}
            for runs in (self.small, self.large)
        ]
        return [
            tuple(Scan.of(runs[seed], name, self.plateau) for runs in of)
            for seed in of[0]
            if seed in of[1]
        ]


@dataclass(frozen=True)
class Scan:
    """What a run records for many settings of an estimator, on its first test batches.

    Parameters
    ----------
    settings : Dataset
        ``input_mi``, ``output_mi``, ``unit`` and ``fitted`` as of `Planes`, of one seed, with the
        dimension ``gamma``, ``alpha`` or ``variant``.
    previous : Dataset
        The same of the previous rule, at the same iterations and on the same batches.
    """

    settings: xr.Dataset
    previous: xr.Dataset

    @classmethod
    def of(cls, run: xr.Dataset, name: str, plateau: float) -> Scan:
        """From a run that scans."""
        scanned = scan(run, name).dropna("iteration").mean("scan_batch")
        fitted = since_half(1 - run.test_error / plateau).sel(iteration=scanned.iteration)
        whole = run[["input_mi", "output_mi", "entropy"]].sel(
            iteration=scanned.iteration, batch=run.scan_batch.values, estimator="previous"
        )
        both = (scanned, whole.mean("batch"))
        return cls(*(each.assign(unit=_unit(each.entropy), fitted=fitted) for each in both))


def _unit(entropy: xr.DataArray) -> xr.DataArray:
    """S(X), the same at every iteration."""
    return entropy.sel(layer=INPUT, drop=True).mean("iteration")


def _through(inputs: xr.DataArray) -> xr.DataArray:
    """I(X;X′), the output MI of every layer (Lemma 1)."""
    return xr.zeros_like(inputs) + inputs.sel(layer=OUTPUT, drop=True)


def columns_of(claim: Claim) -> dict[str, str]:
    """The columns that a claim is asked in, and the rule or the noise of each."""
    columns = {PAPER: claim.rule or "proposed"}
    if claim.columns != "rule":
        columns[SCALE_FREE] = "scale-free"
    return columns | (TRUTHS if claim.columns == "everywhere" else {})


def measure(claims: Iterable[Claim], name: str, cell: Runs) -> dict[Place, Estimate]:
    """The statistic of every claim in every column, for one cell of the experiment.

    What was not recorded is left out: a column, a scan, the sweep.

    Parameters
    ----------
    claims : iterable of Claim
        Those of `planes` and of `sweep`.
    name : str
        Of the cell.
    cell : Runs
    """
    looks: dict[tuple[str, str], Planes | xr.Dataset] = {}

    def seen(kind: str, look: str) -> Planes | xr.Dataset:
        if (kind, look) not in looks:
            looks[kind, look] = cell.planes(look) if kind == "planes" else cell.ends(look)
        return looks[kind, look]

    found: dict[Place, Estimate] = {}
    for claim in claims:
        if claim.evidence == "both rules":
            rules = [seen("planes", rule) for rule in ("previous", "proposed")]
            found[claim, name, PAPER] = estimate(claim.statistic(*rules))
        elif claim.evidence in ("planes", "sizes"):
            runs = cell.small if claim.evidence == "planes" else cell.sizes
            for column, look in columns_of(claim).items():
                if not runs or not _has(runs[0], look):
                    continue
                values = seen(claim.evidence, look)
                noisy = with_errors(values)
                drawn = None if noisy is None else claim.statistic(noisy)
                found[claim, name, column] = estimate(
                    claim.statistic(values), drawn, claim.correlation
                )
        elif pairs := cell.scans(claim.evidence):
            each = [claim.statistic(*pair) for pair in pairs]
            found[claim, name, PAPER] = estimate(xr.concat(each, "seed"))
    return found


def with_errors(
    seen: Planes | xr.Dataset, random: np.random.Generator | None = None
) -> Planes | xr.Dataset | None:
    """The same with values in truth drawn anew, along ``draw``; None of what has no errors.

    Sizes, layers and iterations are drawn on their own, all seeds together: so the errors of a
    mean over networks are rather over- than underrated.
    """
    random = random or np.random.default_rng(0)
    if isinstance(seen, Planes):
        if "error" not in seen.small:
            return None
        return Planes(with_errors(seen.small, random), with_errors(seen.large, random))
    if "error" not in seen:
        return None
    sizes = {DRAW: _DRAWS} | {dim: n for dim, n in seen.error.sizes.items() if dim != "seed"}
    noise = random.standard_normal(tuple(sizes.values()))
    inputs = seen.input_mi + seen.error * xr.DataArray(noise, dims=tuple(sizes))
    return seen.assign(input_mi=inputs, output_mi=_through(inputs))


def _has(run: xr.Dataset, look: str) -> bool:
    return any(dim in run.coords and look in run[dim].values for dim in ("estimator", "noise"))
