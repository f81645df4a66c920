"""``python -m study beyond``: networks beyond the paper's."""

from __future__ import annotations

import argparse

from study import experiments
from study.beyond import runs
from study.commands import GOES_ON, UsageError, add_command, commands_of

TOLERANCE = 2e-3
"""Bits, or a share of errors and of geometry."""


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
    if not (runs.STORED / f"{run.name}.nc").exists():
        print(f"{run.name}: missing")
        return
    result = runs.stored(run)
    print(f"{experiments.footer(result).splitlines()[-1]}; {experiments.digest_told(result)}")


def _verify(options: argparse.Namespace) -> None:
    failed = []
    for run in _chosen(options):
        if not (runs.STORED / f"{run.name}.nc").exists():
            print(f"{run.name}: missing")
            continue
        differences = runs.verify(run)
        worst = max(differences, key=lambda name: differences[name])
        verdict = "as stored" if differences[worst] <= TOLERANCE else "DIFFERS"
        print(f"{run.name}: {verdict}, at worst {worst} by {differences[worst]:.2g}")
        if verdict == "DIFFERS":
            failed.append(run.name)
    if failed:
        raise ValueError(f"{failed} differ from a fresh computation")
