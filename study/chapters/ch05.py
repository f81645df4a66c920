"""What chapter 5 sums up: the planes of a small and a large bottleneck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.layers import DECODER, HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study import experiments, trajectories
from study.claims import Runs
from study.claims.criteria import planes as criteria
from study.claims.criteria.columns import TRUTHS
from study.claims.criteria.decision import VISIBLE as VISIBLE_SHARE
from study.claims.criteria.planes import BUT_LAST, RECORDS
from study.experiments import CELLS, Experiment, Profile
from study.experiments.schema import scan
from study.trajectories import at_end

AXES = ["input_mi", "output_mi"]

VISIBLE = 0.1
"""Bits that count as visible under the paper's γ."""

RULES = ("previous", "proposed", "scale-free")
"""Rules that the runs record; the paper's come first."""

_HIDDEN = {"layer": list(HIDDEN_LAYERS)}


Name = tuple[str, str]
"""Of a way to train, and of a bottleneck size."""


def learning(
    settings: Profile, result: Callable[[Experiment], xr.Dataset]
) -> dict[str, xr.DataArray]:
    """Test error during training of the first network with a large bottleneck, in every cell.

    Parameters
    ----------
    settings : Profile
    result : callable
        The result of an experiment.

    Returns
    -------
    dict from title to DataArray along ``iteration``
    """
    firsts = {
        cell.title: next(
            run for run in settings.planes(cell) if run.bottleneck_size == settings.plane_sizes[1]
        )
        for cell in CELLS
    }
    return {title: result(run).test_error for title, run in firsts.items()}


def planes_of(cells: Mapping[str, Runs], sizes: Sequence[int]) -> dict[Name, xr.Dataset]:
    """The networks of each way to train and size, joined along the seed, under the paper's rules.

    Parameters
    ----------
    cells : mapping from title to Runs
    sizes : sequence of int
        The small and the large bottleneck size.

    Returns
    -------
    dict from way to train and size to Dataset
        With ``fitted`` (seed, iteration) as the claims have it, see `columns.Planes`.
    """
    small, large = (f"K = {size}" for size in sizes)
    joined = {}
    for title, cell in cells.items():
        for size, runs in ((small, cell.small), (large, cell.large)):
            plane = experiments.join_seeds(runs).sel(estimator=list(RULES[:2]))
            explained = 1 - plane.test_error / cell.plateau
            joined[title, size] = plane.assign(fitted=trajectories.since_half(explained))
    return joined


def titled(planes: Mapping[Name, xr.Dataset], **look: str) -> dict[str, xr.Dataset]:
    """The same by one title each, under one ``estimator`` if it is given."""
    return {", ".join(name): plane.sel(look) for name, plane in planes.items()}


def restrictions(planes: Mapping[Name, xr.Dataset], rule: str, size: int) -> dict[str, float]:
    """What a bottleneck of that size lets through at the end, I(X;X′) in bits, by title."""
    small = {name: plane for name, plane in planes.items() if name[1] == f"K = {size}"}
    return {
        title: float(at_end(plane.output_mi.sel(layer=INPUT)).mean())
        for title, plane in titled(small, estimator=rule).items()
    }


def scanned(cells: Mapping[str, Runs], sizes: Sequence[int]) -> dict[str, xr.Dataset]:
    """The network of each size whose γ and α were scanned, of the first way to train."""
    first = next(iter(cells.values()))
    return {f"K = {k}": runs[0] for k, runs in zip(sizes, (first.small, first.large), strict=True)}


def untrained_decoder(untrained: xr.Dataset, exact: xr.Dataset) -> pd.DataFrame:
    """What three rules and the truth say of the decoder of an untrained network.

    Parameters
    ----------
    untrained : Dataset
        A record under the proposed and the scale-free rule.
    exact : Dataset
        The exact plane of one noise, ``input_mi`` (layer).

    Returns
    -------
    DataFrame
        A row for each of Z and the decoder layers: ``variance``, input MI in bits under
        ``proposed`` and ``scale-free``, ``in truth``, and its ``share`` of the truth of X.
    """
    layers = ["Z", *DECODER]
    inputs = untrained.input_mi.mean("batch")
    true = exact.input_mi
    columns = {
        "variance": untrained.variance.mean("batch").sel(layer=layers),
        **{rule: inputs.sel(estimator=rule, layer=layers) for rule in ("proposed", "scale-free")},
        "in truth": true.sel(layer=layers),
        "share": true.sel(layer=layers) / true.sel(layer=INPUT, drop=True),
    }
    return pd.DataFrame({name: each.values for name, each in columns.items()}, index=layers)


SHOWN = {
    "previous": "previous rule",
    "one level": "in truth, one level",
    "proposed": "proposed rule",
    "total deviation": "in truth, total deviation",
}
"""Ways to look that the figure draws: each rule beside a truth that is like it."""


def in_truth_and_by_rule(
    cells: Mapping[str, Runs], sizes: Sequence[int]
) -> dict[str, dict[str, xr.Dataset]]:
    """What `figures.planes_in_truth` draws: a row for each cell and size, a column for each look.

    Parameters
    ----------
    cells : mapping from title to Runs
    sizes : sequence of int
        The small and the large bottleneck size.
    """
    rows: dict[str, dict[str, xr.Dataset]] = {}
    for title, cell in cells.items():
        looks = {name: cell.planes(look) for look, name in SHOWN.items()}
        for size, which in zip(sizes, ("small", "large"), strict=True):
            found = {name: getattr(look, which) for name, look in looks.items()}
            rows[f"{title}, K = {size}"] = found
    return rows


def phases_in_truth(cells: Mapping[str, Runs]) -> pd.DataFrame:
    """Compression phases of the large bottleneck, by every rule and in truth.

    Parameters
    ----------
    cells : mapping from title to Runs

    Returns
    -------
    DataFrame
        Rows are ways to look. For each cell, what the two claims on it measure, mean over seeds:
        the fall of the input MI from its maximum since the fitting to the end, in shares of the
        whole, of the median layer but T₃ᴰ, and of the worst layer.
    """
    layers = {
        "median layer": criteria.large_shows_a_compression_phase,
        "worst layer": criteria.large_shows_no_compression_phase,
    }
    table: dict[tuple[str, str], dict[str, float]] = {}
    for title, cell in cells.items():
        for look in (*RULES, *TRUTHS.values()):
            planes = cell.planes(look)
            name = look if look in RULES else f"in truth, {look}"
            for layer, claim in layers.items():
                fall = float(claim.statistic(planes).mean())
                table.setdefault((title, layer), {})[name] = fall
    return pd.DataFrame(table)


def nearness(cells: Mapping[str, Runs]) -> pd.DataFrame:
    """How near the estimates are to the truth, over all records, layers, sizes and seeds.

    Parameters
    ----------
    cells : mapping from title to Runs

    Returns
    -------
    DataFrame
        Rows are rules; for each noise convention, ``course``: rank correlation over the iterations
        of a layer's estimated and true input MI, mean; and ``distance``: mean absolute difference
        of the two, each in shares of its whole.
    """
    table: dict[tuple[str, str], dict[str, float]] = {}
    for convention in TRUTHS.values():
        for rule in RULES:
            courses, distances = [], []
            for cell in cells.values():
                estimated, true = cell.planes(rule), cell.planes(convention)
                for pair in ((estimated.small, true.small), (estimated.large, true.large)):
                    a, b = ((each.input_mi / each.unit).sel(_HIDDEN) for each in pair)
                    courses.append(float(trajectories.rank_correlation(a, b).mean()))
                    distances.append(float(abs(a - b).mean()))
            table.setdefault((convention, "course"), {})[rule] = float(np.mean(courses))
            table.setdefault((convention, "distance"), {})[rule] = float(np.mean(distances))
    return pd.DataFrame(table)


def courses(near: pd.DataFrame) -> dict[str, float]:
    """The numbers in the sentence on which truth a rule follows.

    Parameters
    ----------
    near : DataFrame
        As `nearness` gives it.
    """
    one, total = near["one level", "course"], near["total deviation", "course"]
    units = near["layer's deviation"]
    return {
        "previous": one["previous"],
        "other": one["proposed"],
        "against": total["previous"],
        "paper": total["proposed"],
        "free": total["scale-free"],
        "units": units["course"]["proposed"],
        "units_apart": units["distance"]["proposed"],
        "apart": near["total deviation", "distance"]["proposed"],
    }


def falls(phases: pd.DataFrame) -> dict[str, float]:
    """The numbers in the sentence on the compression of the large bottleneck's median layer.

    Parameters
    ----------
    phases : DataFrame
        As `phases_in_truth` gives it.

    Returns
    -------
    dict
        The least fall of any cell by the ``previous`` rule and in truth under noise of ``one``
        level; the largest by the ``proposed`` rule and under noise of the ``total`` deviation. And
        under that noise, the fall of the worst layer of the cell where it is the least, and where
        it is the most, ``worst_least`` and ``worst_most``; and what counts as ``visible``.
    """
    median = phases.xs("median layer", axis=1, level=1)
    worst = phases.xs("worst layer", axis=1, level=1).loc["in truth, total deviation"]
    least, most = median.min(axis=1), median.max(axis=1)
    return {
        "previous": least["previous"],
        "one": least["in truth, one level"],
        "proposed": most["proposed"],
        "total": most["in truth, total deviation"],
        "worst_least": worst.min(),
        "worst_most": worst.max(),
        "visible": VISIBLE_SHARE,
    }


def one_step_at_a_time(cells: Mapping[str, Runs]) -> pd.DataFrame:
    """The 2 × 2 of (29) and √d between the rules, and the previous rule with the variance held.

    Parameters
    ----------
    cells : mapping from title to Runs

    Returns
    -------
    DataFrame
        For each cell, of the large bottleneck and in shares of S(X), means over the networks with
        variants: ``fall``, of the median layer but T₃ᴰ, between records; and ``T₃ᴰ less Z`` at the
        end. On the first test batches alone, as the claims have it.
    """
    table: dict[tuple[str, str], dict[str, float]] = {}
    for title, cell in cells.items():
        looks = [_steps(run, cell.plateau) for run in cell.large if "input_mi_by_variant" in run]
        for step in looks[0] if looks else ():
            planes = [look[step] for look in looks]
            phases = [
                trajectories.compression_phase(plane, 1, since=plane.fitted) / plane.unit
                for plane in planes
            ]
            falls = [float(phase.sel(layer=BUT_LAST).median("layer")) for phase in phases]
            ends = [at_end(plane.input_mi) / plane.unit for plane in planes]
            above = [float(end.sel(layer="D3") - end.sel(layer="Z")) for end in ends]
            table.setdefault((title, "fall"), {})[step] = float(np.mean(falls))
            table.setdefault((title, "T₃ᴰ less Z"), {})[step] = float(np.mean(above))
    return pd.DataFrame(table)


def _steps(run: xr.Dataset, plateau: float) -> dict[str, xr.Dataset]:
    scanned = scan(run, "variant").dropna("iteration").mean("scan_batch")
    same = {"iteration": scanned.iteration, "batch": run.scan_batch.values}
    recorded = run[[*AXES, "entropy"]].sel(same).mean("batch")
    looks = {
        "neither: the previous rule": recorded.sel(estimator="previous"),
        "√d alone": scanned.sel(variant="√d only"),
        "(29) alone": scanned.sel(variant="(29) only"),
        "both: the proposed rule": recorded.sel(estimator="proposed"),
        "previous rule, variance held": scanned.sel(variant="variance held"),
    }
    explained = 1 - run.test_error / plateau
    since = trajectories.since_half(explained).sel(iteration=scanned.iteration)
    return {
        name: plane.assign(fitted=since, unit=plane.entropy.sel(layer=INPUT).mean("iteration"))
        for name, plane in looks.items()
    }


def against_bounds(planes: Mapping[Name, xr.Dataset]) -> pd.DataFrame:
    """The largest share of I(X;X), and of min{S(X), S(T)}, that any layer's input MI is.

    Parameters
    ----------
    planes : mapping from way to train and size to Dataset
        As `planes_of` gives them, with ``entropy``.

    Returns
    -------
    DataFrame
        At any record, on any batch and in any network; a column for each (estimator, way to train,
        size).
    """
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for rule in RULES[:2]:
        for name, plane in planes.items():
            shares = shares_of_bounds(plane.sel(estimator=rule))
            found[rule, *name] = {
                "of I(X;X)": shares["itself"],
                "of min{S(X), S(T)}": shares["bound"],
            }
    return pd.DataFrame(found)


def shares_of_bounds(plane: xr.Dataset) -> dict[str, float]:
    """The largest share that any hidden layer's input MI is, wherever it was recorded.

    Parameters
    ----------
    plane : Dataset
        ``input_mi`` and ``entropy``, of one estimator.

    Returns
    -------
    dict
        Of X's own, I(X;X), ``itself``; and of the ``bound``, min{S(X), S(T)}.
    """
    of_input, hidden = plane.sel(layer=INPUT, drop=True), plane.sel(_HIDDEN)
    bound = np.minimum(hidden.entropy, of_input.entropy)
    return {
        "itself": float((hidden.input_mi / of_input.input_mi).max()),
        "bound": float((hidden.input_mi / bound).max()),
    }


def told_of_steps(steps: pd.DataFrame, cells: Mapping[str, Runs]) -> dict[str, float]:
    """The numbers in the sentences on the steps between the rules, over all cells.

    Parameters
    ----------
    steps : DataFrame
        As `one_step_at_a_time` gives it.
    cells : mapping from title to Runs
        The same.

    Returns
    -------
    dict
        The least number of ``networks`` of a cell. The largest fall with the variance ``held``, and
        with ``both`` steps; the least with the ``root`` of d alone. The least by which T₃ᴰ is
        ``above`` Z with (29) alone, and ``below`` Z with both.
    """
    falls, above = (steps.xs(what, axis=1, level=1) for what in ("fall", "T₃ᴰ less Z"))
    return {
        "networks": min(len(cell.large) for cell in cells.values()),
        "held": falls.loc["previous rule, variance held"].max(),
        "root": falls.loc["√d alone"].min(),
        "both": falls.loc["both: the proposed rule"].max(),
        "above": above.loc["(29) alone"].min(),
        "below": -above.loc["both: the proposed rule"].max(),
    }


def told_of_bounds(shares: pd.DataFrame) -> dict[str, float]:
    """The numbers in the sentence on the right edge.

    Parameters
    ----------
    shares : DataFrame
        As `against_bounds` gives it.

    Returns
    -------
    dict
        The ``least`` and the ``most`` that a column has of I(X;X), and the largest share of the
        ``bound``.
    """
    of_itself, of_bound = shares.loc["of I(X;X)"], shares.loc["of min{S(X), S(T)}"]
    return {"least": of_itself.min(), "most": of_itself.max(), "bound": of_bound.max()}


def broken_in_truth(cells: Mapping[str, Runs]) -> pd.DataFrame:
    """How far the ends of the paths in truth break (13) and leave the triangle to the left.

    Parameters
    ----------
    cells : mapping from title to Runs

    Returns
    -------
    DataFrame
        Rows are noises; for each, the largest ``rise`` of the input MI from one layer to the next,
        and how far a layer is at most ``above the bisector``. Columns are (cell, size); means over
        seeds, in shares of the whole.
    """
    table: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
    for title, cell in cells.items():
        for noise in TRUTHS.values():
            planes = cell.planes(noise)
            for size, plane in (("small K", planes.small), ("large K", planes.large)):
                end = plane[AXES].isel(iteration=-1, drop=True) / plane.unit
                rises = end.input_mi.diff("layer").max("layer")
                above = (end.output_mi - end.input_mi).sel(_HIDDEN).max("layer")
                column = table.setdefault((title, size), {})
                column[noise, "rise"] = float(rises.mean())
                column[noise, "above the bisector"] = float(above.mean())
    return pd.DataFrame(table)


def least_correlations(late: Mapping[Name, xr.DataArray]) -> dict[str, float]:
    """The least of any layer of the large bottleneck, mean over seeds, of either training.

    Parameters
    ----------
    late : mapping from way to train and size to DataArray (layer, estimator, seed)
        Of two ways to train, the small size before the large.
    """
    least = [float(each.mean("seed").min()) for each in list(late.values())[1::2]]
    return dict(zip(("first", "second"), least, strict=True))


def by_layer(values: Mapping[Name, xr.DataArray]) -> pd.DataFrame:
    """A table with a row for each layer, mean over seeds.

    Parameters
    ----------
    values : mapping from way to train and size to DataArray (layer, estimator, seed)

    Returns
    -------
    DataFrame
        Columns are (estimator, way to train, size).
    """
    rules = next(iter(values.values())).estimator.values
    table = {
        (rule, *name): each.sel(estimator=rule).mean("seed").to_series()
        for rule in rules
        for name, each in values.items()
    }
    return pd.DataFrame(table).rename(index=TEXT_LABELS).rename_axis(None)


def ends_of(planes: Mapping[Name, xr.Dataset]) -> pd.DataFrame:
    """What the theory says about the ends of the paths, in bits: means over seeds and batches.

    Parameters
    ----------
    planes : mapping from way to train and size to Dataset
        ``input_mi`` and ``output_mi`` (iteration, estimator, layer, seed, batch) in bits.

    Returns
    -------
    DataFrame
        A row for each difference, with a column for each (estimator, way to train, size).
    """
    ends = {
        name: plane[AXES].isel(iteration=-1).mean(["batch", "seed"])
        for name, plane in planes.items()
    }
    rules = next(iter(ends.values())).estimator.values
    return pd.DataFrame(
        {
            (rule, *name): _ends(end.sel(estimator=rule))
            for rule in rules
            for name, end in ends.items()
        }
    )


def _ends(end: xr.Dataset) -> dict[str, float]:
    inputs, hidden = end.input_mi.to_series(), end.sel(_HIDDEN)
    return {
        "T₁ᴱ less T₃ᴱ": inputs["E1"] - inputs["E3"],
        "Z less T₃ᴱ": inputs["Z"] - inputs["E3"],
        "T₃ᴰ less Z": inputs["D3"] - inputs["Z"],
        "mean of all layers less X": float(hidden.input_mi.mean()) - inputs[INPUT],
        "mean distance from the bisector": float((hidden.input_mi - hidden.output_mi).mean()),
    }


def summary(planes: Mapping[Name, xr.Dataset]) -> dict[str, float | str]:
    """The numbers in the chapter's sentences.

    Parameters
    ----------
    planes : mapping from way to train and size to Dataset
        As `planes_of` gives them, of each way the small size before the large: ``input_mi`` and
        ``output_mi`` (seed, iteration, estimator, layer, batch) in bits, ``variance``
        (seed, iteration, layer, batch), and ``fitted`` (seed, iteration).

    Returns
    -------
    dict
        In bits but for the last three:

        ``excess``
            T₃ᴰ above Z at the end, previous rule, large bottleneck, the least of any training.
        ``between_seeds``
            Largest standard deviation of a final input MI between seeds, as text.
        ``phase_least``, ``phase_most``
            Largest compression phase of a layer, previous rule, large bottleneck, mean over seeds:
            of the training with the least, and with the most.
        ``small_phases``
            The largest in any network with a small bottleneck, previous rule.
        ``small_proposed``
            The same under the proposed rule, mean over seeds.
        ``large_phases``
            The largest in any network with a large bottleneck, proposed rule.
        ``follows_previous``, ``follows_proposed``
            Rank correlation of variance and input MI, mean over layers, seeds, sizes and trainings.
        ``variance_fall``
            Largest fall of a layer's variance from its maximum to the end, large bottleneck.
    """
    ends = ends_of(planes)
    runs = [plane.mean("batch") for plane in planes.values()]
    phases = [
        trajectories.compression_phase(run, RECORDS, since=plane.fitted).sel(_HIDDEN)
        for run, plane in zip(runs, planes.values(), strict=True)
    ]
    of_small, of_large = phases[::2], phases[1::2]
    # of all sizes and trainings alike, whatever their numbers of seeds
    following = xr.concat(
        [
            trajectories.rank_correlation(
                run.input_mi.sel(_HIDDEN), run.variance.sel(_HIDDEN)
            ).mean(["layer", "seed"])
            for run in runs
        ],
        "run",
    ).mean("run")
    variances = [run.variance.mean("seed").sel(_HIDDEN) for run in runs[1::2]]
    fallen = [1 - at_end(variance) / variance.max("iteration") for variance in variances]
    repeated = [at_end(run.input_mi) for run in runs if run.sizes["seed"] > 1]
    spread = [float(end.std("seed", ddof=1).max()) for end in repeated]
    by_previous = [float(phase.sel(estimator="previous").mean("seed").max()) for phase in of_large]

    def largest(phases: Sequence[xr.DataArray], rule: str) -> float:
        return max(float(phase.sel(estimator=rule).max()) for phase in phases)

    names = list(planes)[1::2]
    return {
        "excess": min(float(ends.loc["T₃ᴰ less Z", ("previous", *name)]) for name in names),
        "between_seeds": f"{max(spread):.2f} bits" if spread else "not known from one seed",
        "phase_least": min(by_previous),
        "phase_most": max(by_previous),
        "small_phases": largest(of_small, "previous"),
        "small_proposed": largest([phase.mean("seed") for phase in of_small], "proposed"),
        "large_phases": largest(of_large, "proposed"),
        "follows_previous": float(following.sel(estimator="previous")),
        "follows_proposed": float(following.sel(estimator="proposed")),
        "variance_fall": max(float(each.max()) for each in fallen),
    }


def by_gamma(run: xr.Dataset) -> xr.Dataset:
    """The plane of a scanned run (iteration, gamma, layer), mean over its batches."""
    return scan(run, "gamma").dropna("iteration").mean("scan_batch")


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
    of_gamma = by_gamma(run)
    same = {"iteration": of_gamma.iteration.values, "batch": run.scan_batch.values}
    proposed = run[["input_mi", "output_mi"]].sel({**same, "estimator": "proposed"}, drop=True)
    proposed = proposed.mean("batch")
    m = trajectories.at_end(proposed.input_mi.sel(layer=INPUT))
    by_alpha = scan(run, "alpha").dropna("iteration")
    difference = abs(by_alpha.sel(alpha=1.01) - by_alpha.sel(alpha=1.0)).to_array().max()
    return trajectories.findings(of_gamma).assign(
        likeness=trajectories.likeness(of_gamma, proposed),
        visible=VISIBLE / float(m),
        order_difference=float(difference),
    )


def what_gamma_shows(small: xr.Dataset, large: xr.Dataset) -> dict[str, int]:
    """For how many values of γ the two findings can be seen.

    Parameters
    ----------
    small, large : Dataset
        As `measure_scans` gives them.

    Returns
    -------
    dict
        ``values`` of γ; those under which the encoder of the small one is seen to ``compress``;
        those under which no compression phase of the large one is seen, ``no_phase``.
    """
    return {
        "values": small.sizes["gamma"],
        "compress": int((small.compression > small.visible).sum()),
        "no_phase": int((large.phase <= large.visible).sum()),
    }


def recording_errors(
    every: xr.Dataset, smoothed: xr.Dataset, spaced: xr.Dataset
) -> dict[str, float]:
    """What is lost when few iterations are recorded, or a window slides over all, in bits.

    Parameters
    ----------
    every, smoothed, spaced : Dataset
        ``input_mi`` and ``output_mi`` (iteration, layer): of every iteration, their sliding mean,
        and a subset of the first.

    Returns
    -------
    dict
        ``records`` of the subset. ``missed`` and ``missed_mean``: largest and mean distance of the
        records between from a straight line, on a logarithmic axis, of the subset. ``blurred``:
        largest distance of the sliding mean. All over both axes and the hidden layers.
    """
    every, smoothed, spaced = (each[AXES].sel(_HIDDEN) for each in (every, smoothed, spaced))
    first, last = spaced.iteration.values[[0, -1]]
    between = every.sel(iteration=slice(first, last))
    on_log = spaced.assign_coords(iteration=np.log(spaced.iteration))
    line = on_log.interp(iteration=np.log(between.iteration.values))
    missed = abs(line.assign_coords(iteration=between.iteration) - between).to_array()
    return {
        "records": spaced.sizes["iteration"],
        "missed": float(missed.max()),
        "missed_mean": float(missed.mean()),
        "blurred": float(abs(smoothed - every).to_array().max()),
    }
