"""Makes the stored rows of the benchmark: ``python -m study benchmark``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ipae_lib.benchmark import networks, rows, scores, store
from ipae_lib.benchmark import quantised as quantised_networks
from ipae_lib.benchmark.command import as_text
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
    **options
        Of `runner.run`.
    """
    for written in (path.parent, folder):
        make_folder(written)  # told before everything is asked
    made_with = experiments.provenance(module=__name__)
    if not keep_truth:
        _make_truth(folder)
    asked = problem_set("full")
    calibration = folder / width_study.CALIBRATION.name
    width_study.save(width_study.calibrate(**options), calibration)
    lines = rows.all_rows(asked) | width_study.calibrated_rows(width_study.load(calibration))
    estimators = {name: row.estimator for name, row in lines.items()}
    most, widest = (
        {name: getattr(row, limit) for name, row in lines.items()} for limit in ("most", "widest")
    )
    found = run(estimators, asked, most=most, widest=widest, **options)
    answers = store.labelled(found, lines)
    answers.attrs = {
        **made_with,
        "command": COMMAND,
        "seconds": round(float(answers.seconds.sum())),
        "networks": "; ".join(
            f"{case} after {network.moments[-1]} updates: {quality(case):.4f}"
            for case, network in networks.NETWORKS.items()
        ),
    }
    store.save(answers, path)
    table = scores.leaderboard(store.load(path))
    with atomic_write(folder / TABLE) as temporary:
        table.round(3).to_csv(temporary)
    return table


def _make_truth(folder: Path) -> None:
    """Train the networks, and store their information and their counted planes."""
    truth = {
        networks.TRUTH: map(networks.exact, networks.NETWORKS),
        quantised_networks.TRUTH: map(quantised_networks.exact, quantised_networks.CASES),
    }
    for path, tables in truth.items():
        with atomic_write(path) as temporary:
            pd.concat(list(tables)).round(6).to_csv(temporary, index=False)
    networks.known.cache_clear()
    quantised_networks.known.cache_clear()
    with atomic_write(folder / quantised.STORED.name) as temporary:
        quantised.planes().round(6).to_csv(temporary, index=False)


def quality(case: str) -> float:
    """Of a trained network the mean squared error a pixel, or the share of digits it mistakes."""
    network, images = networks.NETWORKS[case], networks.test_images()
    model = networks.trained(case, network.moments[-1])
    if OUTPUT_MI in network.asked:
        return reconstruction_error(model, images)
    with torch.no_grad():
        return float((model(images).argmax(1) != networks.test_labels()).float().mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=__doc__, epilog=f"example: {COMMAND} --jobs 2"
    )
    parser.add_argument("--jobs", type=int, default=1, help="estimators side by side")
    print(as_text(make_stored(**vars(parser.parse_args(arguments)))))


if __name__ == "__main__":
    main()
