"""``python -m study trials``: tries what is promised, and prints how often it holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from study import experiments, large
from study.commands import add_command, commands_of, count
from study.trials import flips, inputs, kills, victims


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands kills, flips and inputs."""
    parser.set_defaults(interrupted="interrupted; nothing was stored")
    commands = commands_of(parser, "kills", "flips --flips 500", "inputs")
    killing = add_command(
        commands,
        "kills",
        _kills,
        "kill runs, trainings, downloads and benchmarks at random points, and call them again",
        "--kills 60",
        "--kills 8 --only sweep benchmark",
    )
    text = "effective kills (default: %(default)s)"
    killing.add_argument("--kills", type=count, default=60, help=text)
    text = f"of {', '.join(victims.KINDS)}"
    killing.add_argument(
        "--only", nargs="+", choices=victims.KINDS, default=list(victims.KINDS), metavar="KIND",
        help=text,
    )  # fmt: skip
    flipping = add_command(
        commands,
        "flips",
        _flips,
        "flip single bits of copies of stored results, and read them",
        "--flips 100",
    )
    text = "in each file (default: %(default)s)"
    flipping.add_argument("--flips", type=count, default=100, help=text)
    for command in (killing, flipping):
        text = "of the random points (default: %(default)s)"
        command.add_argument("--seed", type=int, default=0, help=text)
    text = "hand strange arguments to everything public in the library"
    one = add_command(commands, "inputs", _inputs, text, "", "--only kernels --share 0.1")
    one.add_argument("--only", nargs="+", default=[], metavar="NAME", help="part of a name")
    one.add_argument("--share", type=float, default=1.0, help="of the arguments, drawn at random")


def _kills(options: argparse.Namespace) -> None:
    done = kills.kill(options.kills, options.only, options.seed, tell=_tell)
    found = kills.table(done)
    print(found.to_string())
    if found.loc["all", list(kills.FAULTS)].to_numpy().any():
        raise ValueError("a kill left something behind, or changed a result")


def _tell(one: kills.Kill) -> None:
    when = "killed" if one.effective else "was done before"
    also = ", another one beside it" if one.together else ""
    well = one.completed and one.same and not one.left and not one.half
    end = "the next call gives the same" if well else f"FAULT: {one}"
    print(f"{one.kind} by {one.number.name}{also}: {when}; {end}", file=sys.stderr)


def _flips(options: argparse.Namespace) -> None:
    stored = [*_results(experiments.STORED), *_results(large.STORED)]
    outcomes = flips.flip_bits(stored, options.flips, options.seed)
    told = ", ".join(f"{outcomes[name]:,} {name}" for name in flips.OUTCOMES)
    print(f"{outcomes.total():,} bits of {len(stored)} files: {told}")
    if outcomes["altered"] + outcomes["escaped"]:
        raise ValueError("damage was taken for a result, or not told by one clear error")


def _results(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.nc"))


def _inputs(options: argparse.Namespace) -> int:
    chosen = inputs.targets(*options.only)
    done = [trial for target in tqdm(chosen) for trial in inputs.trials([target], options.share)]
    bad = [trial for trial in done if trial.outcome not in inputs.GOOD]
    for trial in bad:
        print(f"{trial.outcome}: {trial.target}({trial.parameter} = {trial.value}): {trial.told}")
    print(inputs.summary(done).to_string())
    counts = ", ".join(f"{n:,} {outcome}" for outcome, n in inputs.counts(done).items())
    print(f"\n{len(done):,} calls of {len(chosen)} functions and methods: {counts}")
    return 1 if bad else 0
