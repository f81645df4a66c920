"""``python -m study trials``: tries what is promised, and prints how often it holds."""

from __future__ import annotations

import argparse

from tqdm import tqdm

from study.commands import add_command, commands_of
from study.trials import inputs


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands of the verb."""
    commands = commands_of(parser, "inputs", "inputs --only kernels --share 0.1")
    text = "hand strange arguments to everything public in the library"
    one = add_command(commands, "inputs", _inputs, text, "", "--only kernels --share 0.1")
    one.add_argument("--only", nargs="+", default=[], metavar="NAME", help="part of a name")
    one.add_argument("--share", type=float, default=1.0, help="of the arguments, drawn at random")


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
