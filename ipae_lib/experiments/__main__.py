"""The command line of the experiments: ``python -m ipae_lib.experiments run``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from ipae_lib.experiments.configurations import PROFILES, Experiment, Profile
from ipae_lib.experiments.origin import footer
from ipae_lib.experiments.results import LIVE, STORED, load, verify
from ipae_lib.experiments.side_by_side import run_all


def _chosen(profile: Profile, only: Iterable[str]) -> list[Experiment]:
    known = {run.name: run for run in profile.experiments()}
    unknown = sorted(set(only) - known.keys())
    if unknown:
        raise ValueError(
            f"profile {profile.name} has no experiment {unknown}; it has {sorted(known)}"
        )
    return [known[name] for name in dict.fromkeys(only)] or list(known.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: run, status, verify."""
    parser = argparse.ArgumentParser(
        prog="python -m ipae_lib.experiments",
        description="Run the experiments of a profile, tell what is stored, or check it.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "run": "make the results that are missing; an interrupted run goes on",
        "status": "tell what is stored, from which commit, seed and machine, and what is missing",
        "verify": "recompute the beginning of each stored run and compare",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--profile", default="paper", choices=sorted(PROFILES))
        command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these alone")
        command.add_argument(
            "--live", action="store_true", help="in _build/results, not book/results"
        )
        if name == "run":
            command.add_argument("--device", default="cpu", help="cpu or cuda")
            command.add_argument("--jobs", type=int, help="processes (default: one a core)")
            command.add_argument(
                "--backend",
                default="local",
                choices=("local", "dask"),
                help="where to run: side by side on this machine, or on a Dask cluster",
            )
            command.add_argument(
                "--scheduler", metavar="ADDRESS", help="of the Dask cluster: tcp://host:8786"
            )
        if name == "verify":
            command.add_argument("--up-to", type=int, default=300, help="last iteration")
            command.add_argument(
                "--tolerance",
                type=float,
                default=1e-4,
                help="in bits beyond rounding, relative for errors (default: %(default)s)",
            )
    options = parser.parse_args(arguments)
    try:
        chosen = _chosen(PROFILES[options.profile], options.only)
        if options.command == "run":
            _run(chosen, options)
        elif options.command == "status":
            _print_status(chosen, LIVE if options.live else STORED)
        else:
            _verify_all(chosen, LIVE if options.live else STORED, options)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")


def _run(experiments: Sequence[Experiment], options: argparse.Namespace) -> None:
    if options.backend == "local":
        if options.scheduler is not None:
            raise ValueError(f"--scheduler {options.scheduler} is for --backend dask; give both")
        run_all(experiments, options.live, device=options.device, jobs=options.jobs)
        return
    if options.scheduler is None:
        raise ValueError("--backend dask needs --scheduler ADDRESS, as dask scheduler prints it")
    if options.jobs is not None:
        raise ValueError(
            f"--jobs {options.jobs} is for this machine; a cluster makes as many runs at a time "
            "as its workers have threads"
        )
    try:  # optional, and slow to load
        cluster = import_module("ipae_lib.experiments.cluster")
    except ImportError as error:
        raise ValueError(
            f"--backend dask needs more packages ({error}); install them: "
            "pip install -e '.[cluster]' -c constraints.txt"
        ) from error
    cluster.run_on_cluster(options.scheduler, experiments, options.live, device=options.device)


def _print_status(experiments: Iterable[Experiment], store: Path) -> None:
    for experiment in experiments:
        path = store / f"{experiment.name}.nc"
        if not path.exists():
            print(f"{path.stem}: missing")
            continue
        result = load(path)
        print(f"{footer(result).splitlines()[-1]}; measured in {result.attrs['precision']}")


def _verify_all(
    experiments: Iterable[Experiment], store: Path, options: argparse.Namespace
) -> None:
    failed = []
    for experiment in experiments:
        if experiment.iterations()[0] > options.up_to:
            print(f"{experiment.name}: recorded at its end only, not checked")
            continue
        worst = verify(experiment, store, options.up_to)
        verdict = "as stored" if worst.excess <= options.tolerance else "DIFFERS"
        print(f"{experiment.name}: {verdict}, at worst {worst}")
        if verdict == "DIFFERS":
            failed.append(experiment.name)
    if failed:
        raise ValueError(f"{failed} differ from a fresh computation")


if __name__ == "__main__":
    main()
