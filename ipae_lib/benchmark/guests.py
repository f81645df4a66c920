"""Estimators that are brought along: found by their names, and scored beside the stored rows."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from ipae_lib.benchmark import scores, store
from ipae_lib.benchmark.problems import Problem
from ipae_lib.benchmark.rows import Row
from ipae_lib.benchmark.runner import run


def found(name: str) -> Callable:
    """The estimator that ``module:name`` stands for; a class is called without arguments.

    Raises
    ------
    ValueError
        If there is no such module or name, what it names cannot be called, or is a class that
        needs arguments.
    """
    module, colon, attribute = name.partition(":")
    if not colon or not attribute:
        raise ValueError(f"estimator is {name!r}; write module:name, as in my_module:my_estimator")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        estimator = getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        raise ValueError(
            f"the module of {name!r} cannot be imported ({error}); call from its folder"
        ) from error
    except AttributeError as error:
        raise ValueError(f"the module {module!r} has no {attribute!r}") from error
    if isinstance(estimator, type):
        try:
            estimator = estimator()
        except TypeError as error:
            raise ValueError(
                f"{name} cannot be called without arguments ({error}); name an instance of it, "
                "or a function"
            ) from error
    if not callable(estimator):
        raise ValueError(f"{name} is {estimator!r}; it must be callable as (x, y) → bits")
    return estimator


def score_guests(
    guests: Mapping[str, Callable], asked: list[Problem], **options: object
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
