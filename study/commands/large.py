"""``python -m study large``: estimates from many samples."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import xarray as xr

from ipae_lib.files import atomic_write, make_folder
from study import experiments, large
from study.commands import GOES_ON, UsageError, add_command, commands_of
from study.commands.stored import tell_stored, tell_verified
from study.processes import alone


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands run, status and verify."""
    parser.set_defaults(interrupted=GOES_ON)
    commands = commands_of(parser, "run", "status --only end-K32", "verify")
    run = add_command(
        commands,
        "run",
        _run,
        "make the results that are missing; an interrupted run goes on",
        "--only gaussians path-K32",
    )
    status = add_command(
        commands, "status", _status, "tell what is stored and what is missing", "--only end-K02"
    )
    check = add_command(
        commands,
        "verify",
        _verify,
        "compute the beginning of each stored result again and compare",
        "--only gaussians",
    )
    check.add_argument(
        "--tolerance", type=float, default=0.01, help="in bits (default: %(default)s)"
    )
    for command in (run, status, check):
        command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these alone")


Make = Callable[[], xr.Dataset]


def _chosen(options: argparse.Namespace) -> Iterator[tuple[str, Path, Make]]:
    """Name, file and maker of each result."""
    known: dict[str, Make] = {large.GAUSSIANS: large.gaussians}
    known |= {plane.name: partial(large.run, plane) for plane in large.planes()}
    unknown = sorted(set(options.only) - known.keys())
    if unknown:
        raise UsageError(f"there is no {unknown}; there are {list(known)}")
    for name in dict.fromkeys(options.only) or known:
        yield name, large.STORED / f"{name}.nc", known[name]


def _run(options: argparse.Namespace) -> None:
    for name, path, make in _chosen(options):
        make_folder(path.parent)  # told before the training
        with alone(experiments.ROOT / "_build" / "large" / name, name):
            if not path.exists():
                result = make()
                with atomic_write(path) as temporary:
                    experiments.save(result, temporary)
        tell_stored(path)


def _status(options: argparse.Namespace) -> None:
    for _, path, _ in _chosen(options):
        tell_stored(path)


def _verify(options: argparse.Namespace) -> None:
    def verdicts() -> Iterator[tuple[str, bool, str]]:
        for name, path, _ in _chosen(options):
            if not path.exists():
                tell_stored(path)
                continue
            difference = large.verify(name, large.STORED)
            told = f"largest difference {difference:.2g} bits"
            yield name, difference <= options.tolerance, told

    tell_verified(verdicts())
