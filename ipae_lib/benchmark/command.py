"""Scores estimators: ``ipae benchmark ./my_module.py:my_estimator``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ipae_lib.benchmark import page
from ipae_lib.benchmark.guests import found, score_guests
from ipae_lib.benchmark.problems import problem_set
from ipae_lib.files import make_folder


def as_text(table: pd.DataFrame) -> str:
    """The table for a terminal, with what it means and the remarks below."""
    shown = table.drop(columns="remarks").rename_axis(None)
    formats = {
        name: "{:.3f}".format
        for name in shown.columns
        if name not in ("kind", "uses", "cases", "MB")
    }
    text = shown.to_string(formatters=formats | {"MB": "{:.0f}".format}, na_rep="")
    remarks = [f"{name}: {text}" for name, text in table.remarks.items() if text]
    return "\n".join([text, "", page.NOTE, *remarks])


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line.

    Raises
    ------
    SystemExit
        With 2 if the arguments do not fit, and with 1 if what they ask for failed.
    """
    parser = argparse.ArgumentParser(
        prog="ipae benchmark",
        description="Score estimators of mutual information, and print the table of the stored "
        "rows with them in it. An estimator is a callable (x, y) → bits of tensors of shapes "
        "(N, d_x) and (N, d_y); or it has a method through_noise(x, t, s) and is told T and the "
        "noise. What was answered is kept: an interrupted call goes on.",
        epilog="for example: ipae benchmark ./my_module.py:my_estimator --quick",
    )
    parser.add_argument(
        "estimators", nargs="*", metavar="MODULE:NAME", help="what to score; or FILE.py:NAME"
    )
    parser.add_argument("--quick", action="store_true", help="ask a part of the questions")
    parser.add_argument("--jobs", type=int, default=1, help="estimators side by side")
    parser.add_argument(
        "--limit", type=float, default=30.0, help="seconds on the clock for one answer"
    )
    parser.add_argument(
        "--memory",
        type=float,
        metavar="MB",
        help="for each process of an estimator, on Linux (default: what is free, shared)",
    )
    parser.add_argument("--fresh", action="store_true", help="ask what was answered already, too")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the table as a page, too")
    options = parser.parse_args(arguments)
    settings = {"jobs": options.jobs, "limit": options.limit, "cache": not options.fresh}
    settings["memory_limit"] = options.memory
    try:
        if options.html:
            make_folder(options.html.parent)  # told before anything is asked
        guests = {name: found(name) for name in options.estimators}
        asked = problem_set("quick" if options.quick else "full")
        table = score_guests(guests, asked, **settings)
        if options.html:
            page.write_page(table, options.html)
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")
    print(as_text(table))
