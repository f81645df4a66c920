"""Makes the stored rows of the benchmark: ``python -m study benchmark``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ipae_lib.benchmark import networks, rows, scores, store
from ipae_lib.benchmark.command import as_text
from ipae_lib.benchmark.problems import NETWORKS, problem_set
from ipae_lib.benchmark.runner import run
from ipae_lib.files import atomic_write, make_folder
from study import experiments, width_study
from study.experiments.results import reconstruction_error

COMMAND = "python -m study benchmark"

TABLE = "leaderboard.csv"
"""The table of the stored answers, to be read without a program."""


def make_stored(
    path: Path = store.ANSWERS, folder: Path = width_study.CALIBRATION.parent, **options: Any
) -> pd.DataFrame:
    """Ask all rows everything, and store the answers, the calibration and the table.

    Parameters
    ----------
    path : path
        Of the answers.
    folder : path
        Of the calibration and the table.
    **options
        Of `runner.run`.
    """
    for written in (path.parent, folder):
        make_folder(written)  # told before everything is asked
    made_with = experiments.provenance(module=__name__)
    asked = problem_set("full")
    calibration = folder / width_study.CALIBRATION.name
    width_study.save(width_study.calibrate(**options), calibration)
    lines = rows.all_rows(asked) | width_study.calibrated_rows(width_study.load(calibration))
    estimators = {name: row.estimator for name, row in lines.items()}
    answers = store.labelled(run(estimators, asked, **options), lines)
    answers.attrs = {
        **made_with,
        "command": COMMAND,
        "seconds": round(float(answers.seconds.sum())),
        "networks": "; ".join(
            f"K = {k} after {u} updates: test error {error_on_test_images(k, u):.4f}"
            for k in NETWORKS.values()
            for u in networks.UPDATES
        ),
    }
    store.save(answers, path)
    table = scores.leaderboard(store.load(path))
    with atomic_write(folder / TABLE) as temporary:
        table.round(3).to_csv(temporary)
    return table


def error_on_test_images(bottleneck_size: int, updates: int) -> float:
    """Mean squared error per pixel of a network of the benchmark on 2,000 test images."""
    model = networks.trained(bottleneck_size, updates)
    return reconstruction_error(model, networks.test_images()[:2_000])


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=__doc__, epilog=f"example: {COMMAND} --jobs 2"
    )
    parser.add_argument("--jobs", type=int, default=1, help="estimators side by side")
    print(as_text(make_stored(**vars(parser.parse_args(arguments)))))


if __name__ == "__main__":
    main()
