"""``python -m study experiments``: the training runs of a profile."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from study.commands import GOES_ON, UsageError, add_command, commands_of, count, device
from study.experiments import (
    LIVE,
    SETS,
    STORED,
    Experiment,
    digest_told,
    footer,
    load,
    run_all,
    run_together,
    verify,
)


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands run, status and verify."""
    parser.set_defaults(interrupted=GOES_ON)
    commands = commands_of(parser, "run --profile quick --live", "status", "verify --up-to 20")
    run = add_command(
        commands,
        "run",
        _run,
        "make the results that are missing; an interrupted run goes on",
        "--only truth-plane-sum-glorot-K02-seed3",
        "--profile quick --live --device cuda",
        "--backend together --device cuda",
        "--backend dask --scheduler tcp://host:8786",
    )
    run.add_argument("--device", type=device, default="cpu", help="cpu or cuda")
    run.add_argument("--jobs", type=count, help="processes (default: one a core)")
    text = "side by side on this machine, all at once on its accelerator, or on a Dask cluster"
    choices = ("local", "together", "dask")
    run.add_argument("--backend", default="local", choices=choices, help=text)
    text = "of the Dask cluster: tcp://host:8786"
    run.add_argument("--scheduler", metavar="ADDRESS", help=text)
    status = add_command(
        commands,
        "status",
        _status,
        "tell what is stored, from which commit, seed and machine, and what is missing",
        "--profile paper",
    )
    check = add_command(
        commands,
        "verify",
        _verify,
        "compute the beginning of each stored run again and compare",
        "--only truth-plane-sum-glorot-K32-seed3 --up-to 100",
    )
    check.add_argument(
        "--up-to", type=int, default=300, help="last iteration (default: %(default)s)"
    )
    check.add_argument(
        "--tolerance",
        type=float,
        default=1e-4,
        help="in bits beyond rounding, relative for errors (default: %(default)s)",
    )
    for command in (run, status, check):
        command.add_argument(
            "--profile", default="paper", choices=SETS, help="default: %(default)s"
        )
        command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these alone")
        text = "in _build/results, not book/results"
        command.add_argument("--live", action="store_true", help=text)


def _chosen(options: argparse.Namespace) -> list[Experiment]:
    known = {run.name: run for run in SETS[options.profile].experiments()}
    unknown = sorted(set(options.only) - known.keys())
    if unknown:
        raise UsageError(
            f"profile {options.profile} has no experiment {unknown}; it has {sorted(known)}"
        )
    return [known[name] for name in dict.fromkeys(options.only) or known]


def _run(options: argparse.Namespace) -> None:
    chosen = _chosen(options)
    if options.backend != "dask" and options.scheduler is not None:
        raise UsageError(f"--scheduler {options.scheduler} is for --backend dask; give both")
    if options.backend == "together":
        if options.live or options.jobs is not None:
            raise UsageError(
                "--backend together makes stored results, in one process; leave out "
                "--live and --jobs"
            )
        run_together(chosen, device=options.device)
        return
    if options.backend == "local":
        run_all(chosen, options.live, device=options.device, jobs=options.jobs)
        return
    if options.scheduler is None:
        raise UsageError("--backend dask needs --scheduler ADDRESS, as dask scheduler prints it")
    if options.jobs is not None:
        raise UsageError(
            f"--jobs {options.jobs} is for this machine; a cluster makes as many runs at a time "
            "as its workers have threads"
        )
    try:  # optional, and slow to load
        cluster = import_module("study.experiments.cluster")
    except ImportError as error:
        raise ValueError(
            f"--backend dask needs more packages ({error}); install them: "
            "pip install -r constraints.txt"
        ) from error
    cluster.run_on_cluster(options.scheduler, chosen, options.live, device=options.device)


def _store(options: argparse.Namespace) -> Path:
    return LIVE if options.live else STORED


def _status(options: argparse.Namespace) -> None:
    for experiment in _chosen(options):
        path = _store(options) / f"{experiment.name}.nc"
        if not path.exists():
            print(f"{path.stem}: missing")
            continue
        result = load(path)
        made, digest = footer(result).splitlines()[-1], digest_told(result)
        print(f"{made}; measured in {result.attrs['precision']}; {digest}")


def _verify(options: argparse.Namespace) -> None:
    failed = []
    for experiment in _chosen(options):
        if experiment.iterations()[0] > options.up_to:
            print(f"{experiment.name}: recorded at its end only, not checked")
            continue
        worst = verify(experiment, _store(options), options.up_to)
        verdict = "as stored" if worst.excess <= options.tolerance else "DIFFERS"
        print(f"{experiment.name}: {verdict}, at worst {worst}")
        if verdict == "DIFFERS":
            failed.append(experiment.name)
    if failed:
        raise ValueError(f"{failed} differ from a fresh computation")
