"""Can a better kernel width be found? Three families of rules, calibrated where the truth is known.

The networks, autoencoders, dimensions and samples that calibrate are not those of the benchmark, so
each calibrated rule can be scored there like any other row. It *wins clearly* if its overall score
there is above that of each row of the proposed rule (30), calibrated or not, by more than other
cases of the same kinds might change: the interval of the difference, over cases, excludes 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from ipae_lib import solvable
from ipae_lib.benchmark import networks, scores
from ipae_lib.benchmark.problems import (
    MANY,
    Problem,
    gaussian_problem,
    linear_snapshots,
    network_problems,
    planes_of,
)
from ipae_lib.benchmark.rows import Row
from ipae_lib.benchmark.runner import run
from ipae_lib.estimand import EstimandWidth
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.files import atomic_write
from ipae_lib.kernels import EntropyShareWidth, ProposedWidth
from study import experiments

CALIBRATION = experiments.STORED / "benchmark" / "calibration.csv"

SAMPLES = 128
"""N of the calibration."""


CALIBRATED = "Rényi, calibrated γ"

_SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FAMILIES: dict[str, tuple[Callable[[float], Any], tuple[float, ...], str]] = {
    CALIBRATED: (
        lambda gamma: MatrixRenyi(ProposedWidth(gamma)),
        (0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 2.0, 3.0),
        "rule (30), γ = {}",
    ),
    "Rényi, estimand": (
        lambda share: MatrixRenyi(EstimandWidth(share)),
        _SHARES,
        "the estimand of each variable's entropy, were it Gaussian, is {} log₂ N",
    ),
    "Rényi, entropy share": (
        lambda share: MatrixRenyi(EntropyShareWidth(share)),
        _SHARES,
        "each variable's entropy of order 2 is {} log₂ N",
    ),
}
"""A family: its estimator for a setting, the settings tried, and how it is described."""

PROPOSED = ("Rényi, proposed rule", "Rényi, proposed, shared", "Rényi, proposed, γ = 2")
"""The rows of the proposed rule (30), with the paper's two γ."""


def calibration_problems() -> list[Problem]:
    """Held-out networks, linear autoencoders of other inputs and sizes, and other dimensions."""
    # 10 and 24 dimensions in place of 16; M = 6.1 and 5.4 bits, below log2(128)
    spectra = {2: (1.0,) * 4 + (0.1,) * 6, 6: tuple(1 / i for i in range(1, 13)) + (0.0,) * 12}
    cases = [
        solvable.linear_case(
            linear_snapshots(k, seed=k, eigenvalues=eigenvalues), 0.5, name=f"calibration, K = {k}"
        )
        for k, eigenvalues in spectra.items()
    ]
    gaussians = [gaussian_problem(d, SAMPLES, seed=7) for d in (2, 8, 32)]
    held_out = [case for case in networks.NETWORKS if case not in networks.ASKED]
    planes = [problem for case in held_out for problem in network_problems(case, SAMPLES, seed=7)]
    return [*planes, *planes_of(cases, (SAMPLES,), 1), *gaussians]


def calibrate(**options: Any) -> pd.DataFrame:
    """Skill and order of every family at every setting, on `calibration_problems`.

    Parameters
    ----------
    **options
        Of `runner.run`.

    Returns
    -------
    DataFrame indexed by (family, setting)
        ``bits`` and ``order``, each the mean over the parts, and their mean ``both``.
    """
    estimators = {
        (family, setting): make(setting)
        for family, (make, settings, _) in FAMILIES.items()
        for setting in settings
    }
    named = {f"{family} {setting}": e for (family, setting), e in estimators.items()}
    each = scores.scores(run(named, calibration_problems(), **options))
    table = pd.DataFrame(
        {
            kind: each.filter(regex=f" {kind}$").mean(axis=1).to_numpy()
            for kind in ("bits", "order")
        },
        index=pd.MultiIndex.from_tuples(estimators, names=["family", "setting"]),
    )
    return table.assign(both=table.mean(axis=1))


def calibrated_rows(table: pd.DataFrame) -> dict[str, Row]:
    """A row for each family, at the setting where bits and order together are best."""
    best = {family: group.both.idxmax()[1] for family, group in table.groupby("family", sort=False)}
    return {
        family: Row(
            make(best[family]), text.format(best[family]) + ", calibrated", "calibrated", MANY
        )
        for family, (make, _, text) in FAMILIES.items()
    }


def compared(draws: xr.DataArray, means: pd.DataFrame, name: str, against: str) -> pd.DataFrame:
    """How much better one row is than another, with what other cases might change.

    Parameters
    ----------
    draws : DataArray
        As `scores.resampled` gives it.
    means : DataFrame
        As `scores.scores` gives it.
    name, against : str
        Rows.

    Returns
    -------
    DataFrame indexed by the score, ``overall`` first
        ``difference``, and its interval from ``low`` to ``high``.
    """
    both = means.loc[[name, against]]
    both = both.assign(overall=scores.overall(both))
    bounds = scores.intervals(draws.sel(estimator=name) - draws.sel(estimator=against))
    found = bounds.to_pandas().T
    found.insert(0, "difference", both.loc[name] - both.loc[against])
    return found


def wins_clearly(draws: xr.DataArray, means: pd.DataFrame, name: str) -> bool:
    """Whether the interval of the difference to each row of the proposed rule is above 0."""
    rivals = [row for row in (*PROPOSED, CALIBRATED) if row != name]
    return all(compared(draws, means, name, row).low["overall"] > 0 for row in rivals)


def save(table: pd.DataFrame, path: str | Path = CALIBRATION) -> None:
    """Write the calibration, whole or not at all."""
    with atomic_write(path) as temporary:
        table.round(4).to_csv(temporary)


def load(path: str | Path = CALIBRATION) -> pd.DataFrame:
    """Read the calibration.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        return pd.read_csv(path, index_col=["family", "setting"])
    except OSError:
        raise
    except (ValueError, LookupError) as error:  # pandas' own errors among them
        raise ValueError(
            f"{path} holds no calibration ({error}); make it by: python -m study benchmark"
        ) from error
