"""The stored answers and table, with where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.benchmark.problems import Problem
from ipae_lib.benchmark.rows import Row
from ipae_lib.files import atomic_write

FOLDER = Path(__file__).parent / "stored"
"""Part of the package: the answers of the rows that come with it."""

ANSWERS, TABLE = FOLDER / "answers.nc", FOLDER / "leaderboard.csv"


def labelled(answers: xr.Dataset, rows: Mapping[str, Row]) -> xr.Dataset:
    """Answers with the kind and the settings of each row."""
    names = answers.estimator.values.tolist()
    return answers.assign_coords(
        kind=("estimator", [rows[name].kind for name in names]),
        settings=("estimator", [rows[name].settings for name in names]),
    )


_TEXTS = ("part", "case", "quantity", "layer", "failure")
"""Stored as numbers of the texts in an attribute: single texts would fill the file."""

_NUMBERS = ("bits", "seconds")


def save(answers: xr.Dataset, path: str | Path = ANSWERS) -> None:
    """Write answers, whole or not at all, in single precision."""
    packed, texts = answers.assign(seconds=answers.seconds.round(6)), {}
    for name in _TEXTS:
        values = answers[name].values
        texts[name] = sorted(set(values.ravel().tolist()))
        codes = np.searchsorted(texts[name], values).astype("int16")
        packed[name] = answers[name].dims, codes
    packed.attrs["texts"] = json.dumps(texts, ensure_ascii=False)
    encoding = {name: {"zlib": True} for name in (*_TEXTS, *_NUMBERS)}
    encoding |= {name: {"zlib": True, "dtype": "float32"} for name in _NUMBERS}
    with atomic_write(path) as temporary:
        packed.to_netcdf(temporary, engine="h5netcdf", encoding=encoding)


def load(path: str | Path = ANSWERS) -> xr.Dataset:
    """Read answers.

    Raises
    ------
    ValueError
        If the file holds no answers.
    """
    packed = xr.load_dataset(path, engine="h5netcdf")
    if "texts" not in packed.attrs:
        raise ValueError(f"{path} holds no answers; make it by python -m study benchmark")
    texts = json.loads(packed.attrs.pop("texts"))
    for name in _TEXTS:
        kind = object if name == "failure" else str
        packed[name] = packed[name].dims, np.array(texts[name], dtype=kind)[packed[name].values]
    return packed.assign({name: packed[name].astype(float) for name in _NUMBERS})


def only(answers: xr.Dataset, asked: list[Problem]) -> xr.Dataset:
    """The answers to these problems, in their order.

    Raises
    ------
    ValueError
        If one was not asked.
    """
    stored = _keys(answers)
    wanted = [
        (p.part, p.case, p.iteration, p.n, p.seed, q.quantity, q.layer)
        for p in asked
        for q in p.questions
    ]
    positions = {key: position for position, key in enumerate(stored)}
    missing = [key for key in wanted if key not in positions]
    if missing:
        raise ValueError(
            f"{len(missing)} questions are not among the stored ones, the first {missing[0]}; make "
            "them again by python -m study benchmark"
        )
    return answers.isel(question=[positions[key] for key in wanted])


def _keys(answers: xr.Dataset) -> list[tuple]:
    names = ("part", "case", "iteration", "n", "seed", "quantity", "layer")
    return list(zip(*(answers[name].values.tolist() for name in names), strict=True))


def joined(stored: xr.Dataset, new: xr.Dataset) -> xr.Dataset:
    """Rows of two sets of answers to the same questions; a new row replaces a stored namesake."""
    keep = [name for name in stored.estimator.values if name not in new.estimator.values]
    exact = stored.exact
    both = [part.drop_vars("exact") for part in (stored.sel(estimator=keep), new)]
    # the discrete case is trained anew, so exact values may differ in the last digit
    result = xr.concat(both, "estimator", join="exact", coords="minimal", compat="override")
    return result.assign_coords(exact=exact)


def save_table(table: pd.DataFrame, path: str | Path = TABLE) -> None:
    """Write the table as CSV, whole or not at all."""
    with atomic_write(path) as temporary:
        table.round(3).to_csv(temporary)
