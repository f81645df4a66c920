"""``python -m study benchmark``: the stored rows of the benchmark of estimators."""

from __future__ import annotations

import argparse

from ipae_lib.benchmark import store
from ipae_lib.benchmark.problems import problem_set
from study.benchmark import LIMIT, TABLE, make_stored
from study.commands import GOES_ON, UsageError, count, define
from study.width_study import CALIBRATION


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The verb itself, which has no commands."""
    parser.set_defaults(interrupted=GOES_ON)
    define(parser, _make, "", "--jobs 2 --limit 300")
    parser.add_argument("--jobs", type=count, default=1, help="estimators side by side")
    text = "seconds on the clock for one answer (default: %(default)s)"
    parser.add_argument("--limit", type=float, default=LIMIT, help=text)
    text = "ask what was answered already, too"
    parser.add_argument("--fresh", action="store_true", help=text)
    text = "leave the stored truth of the real networks as it is"
    parser.add_argument("--keep-truth", action="store_true", help=text)
    text = "make truth and answers of these cases alone; all else stays as it is stored"
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help=text)


def _make(options: argparse.Namespace) -> None:
    if not options.limit > 0:
        raise UsageError(f"--limit is {options.limit}; give seconds above 0")
    known = dict.fromkeys(problem.case for problem in problem_set("full"))
    if unknown := [case for case in options.only if case not in known]:
        raise UsageError(f"--only has {unknown}; there are {list(known)}")
    settings = {name: getattr(options, name) for name in ("jobs", "limit", "keep_truth", "only")}
    if options.fresh:
        settings["cache"] = None
    table = make_stored(**settings)
    print(table[["kind", "overall"]].round(3).to_string())
    print(f"stored: {store.ANSWERS}, {CALIBRATION.parent / TABLE}")
