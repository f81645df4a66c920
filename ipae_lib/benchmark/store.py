"""The stored answers of the rows that come with the package."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from ipae_lib.benchmark.problems import Problem
from ipae_lib.benchmark.rows import Row
from ipae_lib.files import atomic_write, first_line, read_sealed, seal

ANSWERS = Path(__file__).parent / "stored" / "answers.nc"

_NUMBERS = ("bits", "error_bar", "seconds")

_KEYS = ("part", "case", "iteration", "n", "seed", "quantity", "layer")
"""What tells a question from all others."""


def labelled(answers: xr.Dataset, rows: Mapping[str, Row]) -> xr.Dataset:
    """Answers with the kind and the settings of each row, and what it may know."""
    chosen = [rows[name] for name in answers.estimator.values.tolist()]
    return answers.assign_coords(
        kind=("estimator", [row.kind for row in chosen]),
        settings=("estimator", [row.settings for row in chosen]),
        uses=("estimator", [row.uses for row in chosen]),
    )


def save(answers: xr.Dataset, path: str | Path = ANSWERS) -> None:
    """Write answers, sealed, whole or not at all, in single precision."""
    # a text for each failure would fill the file
    reasons, codes = np.unique(answers.failure.values.astype(str), return_inverse=True)
    failure = answers.failure.dims, codes.reshape(answers.failure.shape).astype("int16")
    packed = answers.assign(
        seconds=answers.seconds.round(6), failure=failure, reasons=("reason", reasons)
    )
    encoding = {name: {"dtype": "float32"} for name in _NUMBERS}
    with atomic_write(path) as temporary:
        packed.to_netcdf(temporary, engine="scipy", encoding=encoding)
        seal(temporary)


def load(path: str | Path = ANSWERS) -> xr.Dataset:
    """Read answers.

    Raises
    ------
    ValueError
        If the file holds no answers, or not all of it is there.
    """
    try:
        content = read_sealed(path, required=False)
        data = xr.load_dataset(io.BytesIO(content), engine="scipy")
        reasons = data.reasons.values.astype(str).astype(object)
        failure = data.failure.dims, reasons[data.failure.values]
        numbers = {name: data[name].astype(float) for name in _NUMBERS}
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # what reads damaged bytes raises anything
        raise ValueError(
            f"{path} holds no answers of the benchmark ({first_line(error)}); make them by "
            "python -m study benchmark, or install the package again"
        ) from error
    whole = {name: data[name].astype(int) for name in data.coords if data[name].dtype.kind == "i"}
    texts = {name: data[name].astype(str) for name in data.coords if data[name].dtype.kind in "OSU"}
    found = data.drop_vars("reasons").assign({"failure": failure, **numbers})
    return found.assign_coords(whole | texts)


def only(answers: xr.Dataset, asked: list[Problem]) -> xr.Dataset:
    """The answers to these problems, in their order.

    Raises
    ------
    ValueError
        If one was not asked.
    """
    stored = zip(*(answers[name].values.tolist() for name in _KEYS), strict=True)
    positions = {key: position for position, key in enumerate(stored)}
    wanted = [
        (p.part, p.case, p.iteration, p.n, p.seed, q.quantity, q.layer)
        for p in asked
        for q in p.questions
    ]
    missing = [key for key in wanted if key not in positions]
    if missing:
        raise ValueError(
            f"{len(missing)} questions are not among the stored ones, the first {missing[0]}; make "
            "them again by python -m study benchmark"
        )
    return answers.isel(question=[positions[key] for key in wanted])


def joined(stored: xr.Dataset, new: xr.Dataset) -> xr.Dataset:
    """Rows of two sets of answers to the same questions; a new row replaces a stored namesake."""
    keep = [name for name in stored.estimator.values if name not in new.estimator.values]
    # the discrete case is trained anew, so exact values may differ in the last digit
    both = [part.drop_vars("exact") for part in (stored.sel(estimator=keep), new)]
    result = xr.concat(both, "estimator", join="exact", coords="minimal", compat="override")
    return result.assign_coords(exact=stored.exact)
