"""What chapter 9 sums up: costs, and what many samples change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import spearmanr

from ipae_lib import theory
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, TEXT_LABELS
from study import experiments
from study.costs import truth as truth_cost
from study.large import PATH, error_bar

AXES = ["input_mi", "output_mi"]

TESTS = {
    "rises of I(X;T)": "forward_total",
    "spread of I(T;X′)": "output_spread",
    "outside the triangle": "outside_total",
}
"""What is shown of `theory.check_plane`."""

CHECKPOINT_WAYS = {
    "loop": "our loop",
    "once": "our loop, as repitl",
    "record": "InformationPlane",
}
"""Ways to take a checkpoint, by what they are called in the measurement."""

TRUTH_GOALS = {
    "largest error, bits": 0.05,
    "times a record": 2.0,
    "minutes for 60,000": 10.0,
    "GB for 60,000": 4.0,
}
"""What the exact plane was to cost at most, as it was set before it was written."""


def machine(cost: Mapping[str, Any]) -> str:
    """Where a cost was measured, how busy that machine was just before, and when.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs`` stores it.
    """
    load = cost["load_before"]
    parts = [
        cost["device"],
        f"{cost['cores']} cores, {cost['threads']} threads",
        "load not told" if load is None else f"load {load:.1f} before",
        f"made {cost['date'][:10]}",
    ]
    return "; ".join(parts)


def checkpoint_costs(cost: Mapping[str, Any]) -> pd.DataFrame:
    """One checkpoint by two loops and by `InformationPlane`.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs checkpoint`` stores it.

    Returns
    -------
    DataFrame indexed by precision and way
        ``decompositions`` and median ``seconds`` of a checkpoint; how many times ``as long`` it
        takes as the last way: median, ``least`` and ``most`` over the turns.
    """
    rows = {}
    for precision, part in cost["precisions"].items():
        for key, way in CHECKPOINT_WAYS.items():
            ratio = part["ratio"].get(f"{key} / record", {"median": 1.0, "least": 1.0, "most": 1.0})
            rows[precision, way] = {
                "decompositions": part["decompositions"][key],
                "seconds": part["seconds"][key]["median"],
                "as long": ratio["median"],
                "least": ratio["least"],
                "most": ratio["most"],
            }
    return pd.DataFrame(rows).T.astype({"decompositions": int})


def recording_costs(cost: Mapping[str, Any]) -> pd.DataFrame:
    """A whole training, and what its records add.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs recording`` stores it.

    Returns
    -------
    DataFrame indexed by what is done
        ``minutes``, and their ``share`` of the training's.
    """
    whole = cost["extrapolated"]
    training = whole["training_seconds"]
    seconds = {f"{whole['updates']:,} updates": training}
    for precision, taken in sorted(whole["recording_seconds"].items()):
        seconds[f"{whole['records']} records in {precision}"] = taken
    table = pd.DataFrame({"minutes": pd.Series(seconds) / 60})
    return table.assign(share=table.minutes / (training / 60))


def truth_costs(cost: Mapping[str, Any]) -> pd.DataFrame:
    """Exact planes beside one record, each by its number of threads.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs truth`` stores it.

    Returns
    -------
    DataFrame indexed by threads and what is done
        Median ``seconds``; how many ``times a record`` of as many threads: median, ``least`` and
        ``most`` over the turns; the ``largest error`` of the plane in bits.
    """
    itself, rows = {"median": 1.0, "least": 1.0, "most": 1.0}, {}
    for row in cost["rows"]:
        ratio = row.get("times_a_record", itself)
        rows[row["threads"], row["what"]] = {
            "seconds": row["seconds"]["median"],
            "times a record": ratio["median"],
            "least": ratio["least"],
            "most": ratio["most"],
            "largest error": row.get("largest_error_bits", np.nan),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index=["threads", ""])


def truth_goals(cost: Mapping[str, Any]) -> pd.DataFrame:
    """What the exact plane was to cost, and the worst that was measured.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs truth`` stores it.

    Returns
    -------
    DataFrame indexed by `TRUTH_GOALS`
        ``at most``, and ``found``: largest error and slowest turn over all rows and turns.
    """
    table, many = truth_costs(cost).drop(truth_cost.RECORD, level=1), cost["many"]
    found = [
        max(table["largest error"].max(), many["largest_error_bits"]),
        table["most"].max(),
        many["seconds"]["most"] / 60,
        many["peak_bytes"] / 1e9,
    ]
    return pd.DataFrame(
        {"at most": TRUTH_GOALS, "found": dict(zip(TRUTH_GOALS, found, strict=True))}
    )


def stored_errors() -> dict[str, Any]:
    """Standard errors of the exact planes in all stored runs, against the goal.

    Returns
    -------
    dict
        ``number`` of errors, those ``above`` the goal, the ``largest`` in bits, and the bottleneck
        ``sizes`` of the runs that hold those above.
    """
    number, above, largest, sizes = 0, 0, 0.0, set()
    runs = map(experiments.load, sorted(experiments.STORED.glob("truth-*.nc")))
    for run in (run for run in runs if "true_standard_error" in run):
        errors = run[["true_standard_error", "true_label_standard_error"]].to_array().values
        high = int((errors > TRUTH_GOALS["largest error, bits"]).sum())
        number, above = number + int(np.isfinite(errors).sum()), above + high
        largest = max(largest, float(np.nanmax(errors)))
        if high:
            sizes.add(json.loads(run.attrs["configuration"])["bottleneck_size"])
    return {"number": number, "above": above, "largest": largest, "sizes": sorted(sizes)}


def method_costs(cost: Mapping[str, Any]) -> pd.DataFrame:
    """One information from many samples, by each method.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs many-samples`` stores it.

    Returns
    -------
    DataFrame indexed by method
        ``bits``, ``error bar``, ``seconds`` to a tenth, and as whole numbers ``times faster`` than
        the exact method in double precision.
    """
    table = pd.DataFrame.from_dict(cost["methods"], orient="index").astype(float)
    table.columns = table.columns.str.replace("_", " ")
    faster = table["times faster"].round().astype(int)
    return table[["bits", "error bar"]].join(table["seconds"].round(1)).join(faster)


def method_shares(cost: Mapping[str, Any]) -> dict[str, float]:
    """What ``single`` precision takes of the exact method's time, and the ``probes`` of that.

    Parameters
    ----------
    cost : mapping
        As ``python -m study costs many-samples`` stores it.
    """
    seconds = {name: method["seconds"] for name, method in cost["methods"].items()}
    single = seconds["exact, float32"]
    return {
        "single": single / seconds["exact, float64"],
        "probes": seconds["stochastic, float32"] / single,
    }


def one_estimate(result: xr.Dataset, layer: str = "Z") -> dict[str, Any]:
    """The input MI of a layer from all images of a result that holds one state and one N.

    Returns
    -------
    dict
        ``n``, ``bits``, ``bar`` and ``standard_error`` in bits, ``minutes`` and ``memory``.
    """
    one = result.sel(layer=layer).squeeze()
    return {
        "n": int(one.n),
        "bits": float(one.input_mi),
        "bar": float(error_bar(one).input_mi),
        "standard_error": float(one.input_mi_standard_error),
        "minutes": result.attrs["seconds"] / 60,
        "memory": result.attrs["peak_memory"],
    }


def gaussian_resolution(result: xr.Dataset) -> pd.DataFrame:
    """Estimates of independent and of the most dependent Gaussians, in bits.

    Parameters
    ----------
    result : Dataset
        As `large.gaussians` gives it.

    Returns
    -------
    DataFrame indexed by N
        ``independent`` (ρ = 0), ``dependent`` (the largest ρ), and ``resolution``, the range of
        the estimates over all ρ.
    """
    mi = result.mi
    table = {
        "independent": mi.sel(rho=0),
        "dependent": mi.sel(rho=mi.rho.max()),
        "resolution": mi.max("rho") - mi.min("rho"),
    }
    columns = {name: values.to_series() for name, values in table.items()}
    return pd.DataFrame(columns).rename_axis(index="N")


def changes(results: Mapping[tuple[str, int], xr.Dataset]) -> pd.DataFrame:
    """How the input MI of every layer changes from the fewest to the most samples, in bits.

    Parameters
    ----------
    results : mapping from (rule, K) to Dataset of dims (n, layer)
        As `large.run` gives it for one state and estimator.

    Returns
    -------
    DataFrame indexed by rule and K; a column for M and for each hidden layer
    """
    rows = {}
    for (rule, k), result in results.items():
        inputs = result.input_mi.sel(layer=[INPUT, *HIDDEN_LAYERS])
        change = inputs.sel(n=result.n.max()) - inputs.sel(n=result.n.min())
        names = ["M", *(TEXT_LABELS[layer] for layer in HIDDEN_LAYERS)]
        rows[rule, k] = dict(zip(names, change.values.tolist(), strict=True))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index=["rule", "K"])


def largest_change(results: Iterable[xr.Dataset]) -> float:
    """The largest change of a hidden layer's input or output MI, in bits, as in `changes`."""
    moved = []
    for result in results:
        both = result[AXES].sel(layer=list(HIDDEN_LAYERS))
        change = both.sel(n=result.n.max()) - both.sel(n=result.n.min())
        moved.append(float(abs(change).to_array().max()))
    return max(moved)


def violations(results: Mapping[tuple[str, int], xr.Dataset]) -> pd.DataFrame:
    """By how many bits planes break the theory, with the fewest and with the most samples.

    Parameters
    ----------
    results : mapping from (rule, K) to Dataset of dims (n, layer)
        As `large.run` gives it for one state and estimator.

    Returns
    -------
    DataFrame indexed by rule, K and N
        `TESTS` of `theory.check_plane`, each a sum over the layers or a range; and the ``largest
        bar`` of the estimates that they are made of.
    """
    rows = {}
    for (rule, k), result in results.items():
        check = theory.check_plane(result)
        bars = error_bar(result).to_array().max(["variable", "layer"])
        for n in (int(result.n.min()), int(result.n.max())):
            row = {title: float(check[test].sel(n=n)) for title, test in TESTS.items()}
            rows[rule, k, n] = row | {"largest bar": float(bars.sel(n=n))}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index=["rule", "K", "N"])


def chance(sizes: Iterable[int], rules: Iterable[str]) -> pd.DataFrame:
    """How far the violations differ between ten batches of 512 images, and between networks.

    They are those of chapter 5 with the training of `large`, at the last record before its end.

    Returns
    -------
    DataFrame indexed by rule, K, and between what
        Standard deviation of each of `TESTS` in bits: between ``batches`` of one network, the mean
        over networks, and between the means of ``networks``.
    """
    rows = {}
    for k in sizes:
        runs = [run for run in experiments.PROFILES["paper"].planes() if run.bottleneck_size == k]
        planes = [experiments.run_or_load(run)[AXES] for run in runs]
        last = max(i for i in planes[0].iteration.values if i <= PATH[-1])
        for rule in rules:
            at = {"estimator": rule, "iteration": last}
            checks = [theory.check_plane(plane.sel(at))[[*TESTS.values()]] for plane in planes]
            both = xr.concat(checks, "seed").rename({test: title for title, test in TESTS.items()})
            spreads = {
                "batches": both.std("batch", ddof=1).mean("seed"),
                "networks": both.mean("batch").std("seed", ddof=1),
            }
            for name, spread in spreads.items():
                rows[rule, k, name] = {title: float(spread[title]) for title in TESTS}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index=["rule", "K", "between"])


def path_agreement(paths: Iterable[xr.Dataset]) -> dict[str, float]:
    """How alike the planes of the fewest and of the most samples are over the training.

    Parameters
    ----------
    paths : iterable of Dataset of dims (iteration, n, layer)
        As `large.run` gives it for one estimator.

    Returns
    -------
    dict
        ``shift``: mean distance of input and output MI in bits, over hidden layers, iterations
        and networks. ``rank``: least rank correlation over the training of a layer's input MI.
    """
    shifts, ranks = [], []
    for path in paths:
        both = path[AXES].sel(layer=list(HIDDEN_LAYERS))
        few, many = both.sel(n=path.n.min()), both.sel(n=path.n.max())
        shifts.append(float(abs(many - few).to_array().mean()))
        for layer in HIDDEN_LAYERS:
            both_ends = (inputs.input_mi.sel(layer=layer) for inputs in (few, many))
            ranks.append(float(spearmanr(*both_ends).statistic))
    return {"shift": float(np.mean(shifts)), "rank": min(ranks)}


def largest_fall(path: xr.Dataset, start: int) -> float:
    """The largest fall of a hidden layer's input MI between two states from ``start`` on.

    Parameters
    ----------
    path : Dataset of dims (iteration, n, layer)
    start : int
        An iteration of the path.

    Returns
    -------
    float
        Bits, over all numbers of samples; 0 where nothing falls.
    """
    inputs = path.input_mi.sel(layer=list(HIDDEN_LAYERS), iteration=slice(start, None))
    return max(0.0, float(-inputs.diff("iteration").min()))
