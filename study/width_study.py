"""Can a better kernel width be found? Three families of rules, calibrated where the truth is known.

The autoencoders, dimensions and samples that calibrate are not those of the benchmark, so each
calibrated rule can be scored there like any other row. It *wins clearly* if its overall score
there is above that of each row of the proposed rule (30), by more than `CLEARLY` standard errors
of the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from ipae_lib import solvable
from ipae_lib.benchmark import scores
from ipae_lib.benchmark.problems import Problem, gaussian_problem, linear_snapshots, planes_of
from ipae_lib.benchmark.rows import Row
from ipae_lib.benchmark.runner import run
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.files import atomic_write
from ipae_lib.kernels import EntropyShareWidth, ProposedWidth
from ipae_lib.validation import check_positive
from study import experiments

CALIBRATION = experiments.STORED / "benchmark" / "calibration.csv"

SAMPLES = 128
"""N of the calibration."""


@dataclass(frozen=True)
class EffectiveDimension:
    """The proposed rule (30) with the effective dimension in place of d.

    It is the participation ratio (Σ λ)² / Σ λ² of the eigenvalues λ of the covariance: d if all
    directions vary alike, 1 if only one varies.

    Parameters
    ----------
    gamma : float
    """

    gamma: float

    def __post_init__(self) -> None:
        check_positive(self.gamma, "gamma")

    def of_samples(self, x: Tensor) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...)."""
        d = participation_ratio(x)
        return self.gamma * d.sqrt() * x.shape[-2] ** (-1 / (4 + d))


def participation_ratio(x: Tensor) -> Tensor:
    """(Σ λ)² / Σ λ² of the covariance's eigenvalues λ, (..., N, d) → (...); 1 if nothing varies."""
    x = x - x.mean(dim=-2, keepdim=True)
    small = x if x.shape[-2] > x.shape[-1] else x.mT
    product = small.mT @ small  # its eigenvalues are N times those of the covariance
    squares = (product**2).sum(dim=(-2, -1))
    trace = torch.diagonal(product, dim1=-2, dim2=-1).sum(-1)
    return torch.where(squares > 0, trace**2 / squares, 1.0)


_GAMMAS = (0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 2.0)
FAMILIES: dict[str, tuple[Callable[[float], Any], tuple[float, ...], str]] = {
    "Rényi, calibrated γ": (
        lambda gamma: MatrixRenyi(ProposedWidth(gamma)),
        _GAMMAS,
        "rule (30), γ = {}",
    ),
    "Rényi, effective dimension": (
        lambda gamma: MatrixRenyi(EffectiveDimension(gamma)),
        _GAMMAS,
        "rule (30) with the participation ratio for d, γ = {}",
    ),
    "Rényi, entropy share": (
        lambda share: MatrixRenyi(EntropyShareWidth(share)),
        (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
        "each variable's entropy of order 2 is {} log₂ N",
    ),
}
"""A family: its estimator for a setting, the settings tried, and how it is described."""

PROPOSED = ("Rényi, proposed rule", "Rényi, proposed, shared", "Rényi, proposed, γ = 2")
"""The rows of the proposed rule (30), with the paper's two γ."""

CLEARLY = 4
"""Standard errors that make a difference clear, of as few sets of samples as there are."""


def calibration_problems() -> list[Problem]:
    """Gaussian cases alone: linear autoencoders of other inputs and sizes, and other dimensions."""
    # 10 and 24 dimensions in place of 16; M = 6.1 and 5.4 bits, below log2(128)
    spectra = {2: (1.0,) * 4 + (0.1,) * 6, 6: tuple(1 / i for i in range(1, 13)) + (0.0,) * 12}
    cases = [
        solvable.linear_case(
            linear_snapshots(k, seed=k, eigenvalues=eigenvalues), 0.5, name=f"calibration, K = {k}"
        )
        for k, eigenvalues in spectra.items()
    ]
    gaussians = [gaussian_problem(d, SAMPLES, seed=7) for d in (2, 8, 32)]
    return [*planes_of(cases, (SAMPLES,), 1), *gaussians]


def calibrate(**options: Any) -> pd.DataFrame:
    """Skill and order of every family at every setting, on `calibration_problems`.

    Parameters
    ----------
    **options
        Of `runner.run`.

    Returns
    -------
    DataFrame indexed by (family, setting)
        ``skill`` and ``order``, each the mean of those of the planes and of the Gaussians, and
        their mean ``both``.
    """
    estimators = {
        (family, setting): make(setting)
        for family, (make, settings, _) in FAMILIES.items()
        for setting in settings
    }
    named = {f"{family} {setting}": e for (family, setting), e in estimators.items()}
    each = scores.scores(run(named, calibration_problems(), **options)).mean("seed")
    table = pd.DataFrame(
        {
            name: each.sel(score=[f"planes {name}", f"gaussians {name}"]).mean("score").values
            for name in ("skill", "order")
        },
        index=pd.MultiIndex.from_tuples(estimators, names=["family", "setting"]),
    )
    return table.assign(both=table.mean(axis=1))


def calibrated_rows(table: pd.DataFrame) -> dict[str, Row]:
    """A row for each family, at the setting where skill and order together are best."""
    best = {family: group.both.idxmax()[1] for family, group in table.groupby("family", sort=False)}
    return {
        family: Row(make(best[family]), text.format(best[family]) + ", calibrated", "calibrated")
        for family, (make, _, text) in FAMILIES.items()
    }


def compared(answers: xr.Dataset, name: str, against: str) -> pd.DataFrame:
    """How much better one row is than another, on the same sets of samples.

    Parameters
    ----------
    answers : Dataset
        As `runner.run` gives it, of two sets of samples or more.
    name, against : str
        Rows.

    Returns
    -------
    DataFrame indexed by the score, ``overall`` first
        ``difference``, its mean over sets of samples, and the standard ``error`` of that mean.
    """
    each = scores.scores(answers.sel(estimator=[name, against]))
    together = scores.overall(each).expand_dims(score=["overall"])
    each = xr.concat([together, each], "score")
    differences = each.sel(estimator=name) - each.sel(estimator=against)
    error = differences.std("seed", ddof=1) / np.sqrt(differences.sizes["seed"])
    columns = {"difference": differences.mean("seed"), "error": error}
    return pd.DataFrame({key: v.to_series() for key, v in columns.items()}).rename_axis("score")


def wins_clearly(answers: xr.Dataset, name: str) -> bool:
    """Whether a row is better overall than each of `PROPOSED`, by `CLEARLY` standard errors."""
    lines = [compared(answers, name, against).loc["overall"] for against in PROPOSED]
    return all(line.difference > CLEARLY * line.error for line in lines)


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
