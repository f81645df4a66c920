"""``python -m study book``: executes chapters, and sees to their notebooks."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from papermill.iorw import NoDatesSafeLoader

from study import book
from study.commands import Action, UsageError, add_command, commands_of, count
from study.pictures import player

_DETAILS = """

A chapter's parameters are in its cell tagged "parameters"; --profile, --device and --live
set those of the same name in the chapters that have them.
Exit status: 0 done, 1 a chapter failed or is out of date, 2 wrong usage, 130 interrupted.
"""


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands execute, refresh, check, player and stage."""
    parser.set_defaults(interrupted="interrupted; finished chapters are kept, others wrote nothing")
    commands = commands_of(parser, "execute 04", "refresh 02 03", "check")

    def add(name: str, action: Action, text: str, *examples: str) -> Callable:
        command = add_command(commands, name, _told(action), text, *examples)
        text = "folder of the chapters; _build/ is made beside it (default: book/ of the checkout)"
        command.add_argument("--book", type=Path, default=book.BOOK, metavar="DIR", help=text)
        command.epilog = (command.epilog or "") + (_DETAILS if name == "execute" else "")
        return command.add_argument

    text = "execute chapters into _build/notebooks: the committed notebooks stay as they are"
    examples = (
        "                        all chapters, as committed",
        "04                      chapter 4",
        "05 --live               chapter 5, training live",
        "--profile tiny          a trial of everything in seconds",
        "05 --profile paper --live --device cuda",
        "04 -p profile tiny      any parameter, by its name",
    )
    execute_option = add("execute", _execute, text, *examples)
    text = "execute chapters and write the committed notebooks: do it after editing a source"
    refresh_option = add("refresh", _refresh, text, "02 03")
    text = "see whether the committed notebooks are up to date: exit status 1 if one is not"
    add("check", _check, text, "")
    text = "write the plane player of the first page from the stored results"
    add("player", _player, text, "")
    text = "make _build/book, the book's folder with the executed notebooks: for jupyter-book"
    stage_option = add("stage", _stage, text, "")

    for option in (execute_option, refresh_option):
        text = "number (05), name (05_autoencoder_planes) or path; all chapters if none is given"
        option("chapters", nargs="*", metavar="CHAPTER", help=text)
        text = "chapters executed at the same time (default: one per core)"
        option("--workers", type=count, metavar="N", help=text)
        text = "longest that one cell may take (default: no limit)"
        option("--timeout", type=count, metavar="SECONDS", help=text)
    for option in (execute_option, stage_option):
        text = "folder of the executed notebooks (default: _build/notebooks)"
        option("--output", type=Path, metavar="DIR", help=text)

    text = "size of the experiments: tiny takes seconds, quick minutes, paper is the full scale"
    execute_option("--profile", choices=book.PROFILES, help=text)
    execute_option("--device", help="where to compute, for example cpu or cuda")
    text = "train now, in the chapters that otherwise read stored results"
    execute_option("--live", action="store_true", default=None, help=text)
    text = "set a parameter, VALUE in YAML, in the chosen chapters that declare it; repeatable"
    name_value = {"nargs": 2, "metavar": ("NAME", "VALUE"), "action": "append", "default": []}
    execute_option("-p", "--parameter", dest="parameters", help=text, **name_value)


def _told(action: Action) -> Action:
    """The action, with what the book lacks told as wrong usage."""

    def told(options: argparse.Namespace) -> int | None:
        try:
            return action(options)
        except book.BookError as error:
            raise UsageError(str(error)) from error

    return told


def _execute(options: argparse.Namespace) -> int:
    optional = {name: getattr(options, name) for name in ("profile", "device", "live")}
    output = options.output or _build(options) / "notebooks"
    failures = book.execute(
        book.find_chapters(options.chapters, options.book),
        output,
        parameters={name: _typed(value) for name, value in options.parameters},
        optional={name: value for name, value in optional.items() if value is not None},
        workers=options.workers,
        timeout=options.timeout,
    )
    return _summary(failures, output, output)


def _refresh(options: argparse.Namespace) -> int:
    failed = _build(options) / "notebooks"
    sources = book.find_chapters(options.chapters, options.book)
    failures = book.refresh(sources, failed, workers=options.workers, timeout=options.timeout)
    return _summary(failures, options.book, failed)


def _check(options: argparse.Namespace) -> int:
    wrong = book.check(options.book)
    if wrong:
        print(book.report(wrong), file=sys.stderr)
        print("to bring the notebooks up to date: python -m study book refresh", file=sys.stderr)
        return 1
    print(f"in sync and executed: {book.listed(book.chapters(options.book))}")
    return 0


def _player(options: argparse.Namespace) -> None:
    path = options.book / player.FRAGMENT.relative_to(book.BOOK)
    player.write(path)
    print(f"written: {path}")


def _stage(options: argparse.Namespace) -> None:
    target = _build(options) / "book"
    book.stage(options.output or _build(options) / "notebooks", target, options.book)
    print(f"to build it: jupyter-book build {target}")


def _summary(failures: Mapping[str, str], output: Path, failed: Path) -> int:
    for name, reason in failures.items():
        copy = failed / f"{name}.failed.ipynb"
        where = f"\n  its notebook up to there: {copy}" if copy.exists() else ""
        print(f"{name} failed in {book.first_line(reason)}{where}", file=sys.stderr)
    if not failures:
        print(f"executed notebooks: {output}")
    return 1 if failures else 0


def _build(options: argparse.Namespace) -> Path:
    return options.book.resolve().parent / "_build"


def _typed(value: str) -> Any:
    """A parameter's value as YAML reads it, but with 1e-3 the number it is meant to be."""
    if re.fullmatch(r"[+-]?\d+e[+-]?\d+", value):
        return float(value)
    try:
        return yaml.load(value, Loader=NoDatesSafeLoader)
    except yaml.YAMLError as error:
        raise UsageError(f"the parameter value {value!r} is not YAML: {error}") from error
