"""Makes the stored rows of the benchmark: ``python -m study benchmark``."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr

from ipae_lib.benchmark import networks, rows, scores, store
from ipae_lib.benchmark import quantised as quantised_networks
from ipae_lib.benchmark.problems import problem_set
from ipae_lib.benchmark.runner import run
from ipae_lib.files import atomic_write, make_folder
from ipae_lib.linear import OUTPUT_MI
from study import experiments, quantised, width_study
from study.experiments.results import reconstruction_error

COMMAND = "python -m study benchmark"

LIMIT = 120.0
"""Seconds on the clock for an answer: with most samples some take half a minute."""

TABLE = "leaderboard.csv"
"""The table of the stored answers, to be read without a program."""


def make_stored(
    path: Path = store.ANSWERS,
    folder: Path = width_study.CALIBRATION.parent,
    *,
    keep_truth: bool = False,
    only: Sequence[str] = (),
    **options: Any,
) -> pd.DataFrame:
    """Train the networks, ask all rows everything, and store truth, answers and tables.

    Parameters
    ----------
    path : path
        Of the answers.
    folder : path
        Of the calibration, the quantised planes and the table.
    keep_truth : bool
        Leave the stored truth of the real networks, quantised or not, and their counted planes, as
        they are.
    only : sequence of str
        Cases of which truth and answers are made again; all else, and the calibration, stays. By
        default everything is made.
    **options
        Of `runner.run`.
    """
    for written in (path.parent, folder):
        make_folder(written)  # told before everything is asked
    made_with = experiments.provenance(module=__name__)
    if not keep_truth:
        _make_truth(folder, only or [*networks.NETWORKS, *quantised_networks.CASES])
    asked = problem_set("full")
    calibration = folder / width_study.CALIBRATION.name
    if not only:
        width_study.save(width_study.calibrate(**options), calibration)
    lines = rows.all_rows(asked) | width_study.calibrated_rows(width_study.load(calibration))
    estimators = {name: row.estimator for name, row in lines.items()}
    most, widest = (
        {name: getattr(row, limit) for name, row in lines.items()} for limit in ("most", "widest")
    )
    chosen = [problem for problem in asked if not only or problem.case in only]
    found = run(estimators, chosen, most=most, widest=widest, **options)
    answers = store.labelled(found, lines)
    answers.attrs = {
        **made_with,
        "command": COMMAND,
        "seconds": round(float(answers.seconds.sum())),
    }
    if only:
        answers = _with_new_answers(store.load(path), answers, only)
    else:
        answers.attrs["networks"] = "; ".join(
            f"{case} after {network.moments[-1]} updates: {quality(case):.4f}"
            for case, network in networks.NETWORKS.items()
        )
    store.save(answers, path)
    table = scores.leaderboard(store.load(path))
    with atomic_write(folder / TABLE) as temporary:
        table.round(3).to_csv(temporary)
    return table


def _with_new_answers(stored: xr.Dataset, new: xr.Dataset, cases: Sequence[str]) -> xr.Dataset:
    """Stored answers with those to all questions of some cases made anew, which ``attrs`` tells.

    Raises
    ------
    ValueError
        If rows or questions are not those of the stored answers.
    """
    own = np.isin(stored.case, cases)
    keys = ("case", "iteration", "n", "seed", "quantity", "layer")
    same = all(np.array_equal(stored[key][own], new[key]) for key in keys)
    if not same or set(stored.estimator.values) != set(new.estimator.values):
        raise ValueError(
            f"rows or questions are not those of the stored answers; make all again by {COMMAND}"
        )
    new = new.sel(estimator=stored.estimator)
    result = stored.copy(deep=True)
    for name, values in new.data_vars.items():
        if "question" in values.dims:
            result[name][:, own] = values.values
    result["memory"] = np.maximum(stored.memory, new.memory)
    exact = stored.exact.values.copy()
    exact[own] = new.exact
    result = result.assign_coords(exact=("question", exact))
    again = json.loads(stored.attrs.get("asked_again", "[]"))
    details = {name: str(value) for name, value in new.attrs.items()}
    result.attrs["asked_again"] = json.dumps([*again, {"cases": [*cases], **details}])
    result.attrs["seconds"] = round(float(result.seconds.sum()))
    return result


def _make_truth(folder: Path, cases: Collection[str]) -> None:
    """Train the networks, and store their information and their counted planes."""
    for module, known in (
        (networks, networks.NETWORKS),
        (quantised_networks, quantised_networks.CASES),
    ):
        if any(case in cases for case in known):
            table = pd.concat([_truth(module, case, cases) for case in known])
            with atomic_write(module.TRUTH) as temporary:
                table.round(6).to_csv(temporary, index=False)
            module.known.cache_clear()
    if any(case in cases for case in quantised_networks.CASES):
        with atomic_write(folder / quantised.STORED.name) as temporary:
            quantised.planes().round(6).to_csv(temporary, index=False)


def _truth(module: ModuleType, case: str, made: Collection[str]) -> pd.DataFrame:
    return module.exact(case) if case in made else module.known().query("case == @case")


def quality(case: str) -> float:
    """Of a trained network the mean squared error a pixel, or the share of digits it mistakes."""
    network, images = networks.NETWORKS[case], networks.test_images()
    model = networks.trained(case, network.moments[-1])
    if OUTPUT_MI in network.asked:
        return reconstruction_error(model, images)
    with torch.no_grad():
        return float((model(images).argmax(1) != networks.test_labels()).float().mean())
