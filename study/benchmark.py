"""Makes the stored rows of the benchmark: ``python -m study benchmark``."""

from __future__ import annotations

import pandas as pd

from ipae_lib.benchmark import networks, rows, scores, store
from ipae_lib.benchmark.problems import problem_set
from ipae_lib.benchmark.runner import run
from study import experiments, width_study

COMMAND = "python -m study benchmark"


def make_stored(**options: object) -> pd.DataFrame:
    """Ask all rows everything, and store the answers and the table."""
    made_with = experiments.provenance()
    asked = problem_set("full")
    calibration = width_study.calibrate(**options)
    width_study.save(calibration)
    lines = rows.all_rows(asked) | width_study.calibrated_rows(width_study.load())
    estimators = {name: row.estimator for name, row in lines.items()}
    answers = store.labelled(run(estimators, asked, **options), lines)
    answers.attrs = {
        **made_with,
        "command": COMMAND,
        "seconds": round(float(answers.seconds.sum())),
        "networks": "; ".join(
            f"K = {k} after {u} updates: test error {networks.test_error(k, u):.4f}"
            for k in (2, 32)
            for u in networks.UPDATES
        ),
    }
    store.save(answers)
    table = scores.leaderboard(store.load())
    store.save_table(table)
    return table
