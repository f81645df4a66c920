"""``python -m study beyond``: networks beyond the paper's."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from study.beyond import runs
from study.commands import GOES_ON, UsageError, add_command, commands_of
from study.commands.stored import tell_stored, tell_verified

TOLERANCE = 1e-4
"""Bits, or a share of errors and of geometry: another processor's rounding makes less than 1e-6."""


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands run, status and verify."""
    parser.set_defaults(interrupted=GOES_ON)
    one = "--only mnist-tanh-seed0"
    commands = commands_of(parser, "run", f"status {one}", "verify")
    run = add_command(
        commands, "run", _run, "make the results that are missing; what is stored is kept", one
    )
    status = add_command(
        commands, "status", _status, "tell what is stored and what is missing", one
    )
    check = add_command(
        commands, "verify", _verify, "compute the beginning of stored runs again and compare", one
    )
    for command in (run, status, check):
        command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these alone")


def _chosen(options: argparse.Namespace) -> list[runs.Run]:
    unknown = sorted(set(options.only) - runs.RUNS.keys())
    if unknown:
        raise UsageError(f"there is no {unknown}; there are {list(runs.RUNS)}")
    return [runs.RUNS[name] for name in dict.fromkeys(options.only) or runs.RUNS]


def _run(options: argparse.Namespace) -> None:
    for run in _chosen(options):
        runs.make_stored(run)
        _tell(run)


def _status(options: argparse.Namespace) -> None:
    for run in _chosen(options):
        _tell(run)


def _tell(run: runs.Run) -> None:
    tell_stored(runs.STORED / f"{run.name}.nc", lambda _: runs.stored(run))


def _verify(options: argparse.Namespace) -> None:
    def verdicts() -> Iterator[tuple[str, bool, str]]:
        for run in _chosen(options):
            if not (runs.STORED / f"{run.name}.nc").exists():
                _tell(run)
                continue
            differences = runs.verify(run)
            worst = max(differences, key=lambda name: differences[name])
            told = f"at worst {worst} by {differences[worst]:.2g}"
            yield run.name, differences[worst] <= TOLERANCE, told

    tell_verified(verdicts())
