"""Estimators that are brought along: found by their names, and scored beside the stored rows."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from ipae_lib.benchmark import scores, store
from ipae_lib.benchmark.problems import Problem
from ipae_lib.benchmark.rows import Row
from ipae_lib.benchmark.runner import run
from ipae_lib.estimators.base import KnownNoiseEstimator


def found(name: str) -> Callable | KnownNoiseEstimator:
    """The estimator that ``module:name`` or ``./file.py:name`` stands for.

    A class is called without arguments.

    Raises
    ------
    ValueError
        If there is no such module, file or name, the module raises an error when it is imported,
        or what is named cannot be called, or is a class that needs arguments.
    """
    where, _, attribute = name.rpartition(":")
    if not where or not attribute:
        raise ValueError(
            f"estimator is {name!r}; write module:name or ./file.py:name, as in "
            "my_module:my_estimator"
        )
    module = _imported(where)
    if not hasattr(module, attribute):
        raise ValueError(f"the name is {name!r}; the module {where!r} has no {attribute!r}")
    estimator = getattr(module, attribute)
    if isinstance(estimator, type):
        try:
            estimator = estimator()
        except TypeError as error:
            raise ValueError(
                f"{name} cannot be called without arguments ({error}); name an instance of it, "
                "or a function"
            ) from error
    if not callable(estimator) and not isinstance(estimator, KnownNoiseEstimator):
        raise ValueError(
            f"{name} is {estimator!r}; it must be callable as (x, y) → bits, or have a method "
            "through_noise(x, t, s)"
        )
    return estimator


def _imported(where: str) -> ModuleType:
    path = Path(where).resolve() if where.endswith(".py") else None
    if path and not path.is_file():
        raise ValueError(f"there is no file {where}")
    name, folder = (path.stem, path.parent) if path else (where, Path.cwd())
    if str(folder) not in sys.path:  # the processes that answer get the same path
        sys.path.insert(0, str(folder))
    try:
        with redirect_stdout(sys.stderr):  # the standard output is for the table
            module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and f"{name}.".startswith(f"{missing}."):
            raise ValueError(
                f"there is no module {name!r}; call from its folder, or give its file, as "
                "./my_module.py:my_estimator"
            ) from error
        raise ValueError(
            f"the module {where!r} is there, but importing it raised {type(error).__name__}: "
            f"{error}{_place(error)}"
        ) from error
    if path and Path(module.__file__ or "").resolve() != path:
        raise ValueError(
            f"{where} cannot be imported beside another module {name!r}, which is "
            f"{module.__file__ or 'built in'}; rename the file"
        )
    return module


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[1:]
    frames = [frame for frame in frames if "importlib" not in frame.filename]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""


def score_guests(
    guests: Mapping[str, Callable | KnownNoiseEstimator], asked: list[Problem], **options: Any
) -> pd.DataFrame:
    """The table of the stored rows and those of the guests, on the same questions.

    Parameters
    ----------
    guests : mapping from name to estimator
    asked : list of Problem
        ``problem_set("full")`` or a part of it.
    **options
        Of `runner.run`.
    """
    stored = store.only(store.load(), asked)
    if not guests:
        return scores.leaderboard(stored)
    brought = {name: Row(e, "brought along", "guest") for name, e in guests.items()}
    new = store.labelled(run(guests, asked, **options), brought)
    return scores.leaderboard(store.joined(stored, new))
