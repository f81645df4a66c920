"""``python -m study costs``: what things cost on this machine."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from types import ModuleType

from ipae_lib.files import make_folder
from study import large
from study.commands import UsageError, add_command, command_line, commands_of, count, device
from study.costs import checkpoint, many_samples, measuring, recording, truth


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The commands checkpoint, recording, many-samples and truth."""
    commands = commands_of(parser, "checkpoint --store")

    def add(module: ModuleType, text: str, **sizes: tuple[int, str]) -> None:
        name = module.__name__.rpartition(".")[2]
        action = partial(_measure, module, name, tuple(sizes))
        example = "--store", "--device cuda --store"
        command = add_command(commands, name.replace("_", "-"), action, text, *example)
        for option, (size, meaning) in sizes.items():
            command.add_argument(
                f"--{option}", type=count, default=size, help=f"{meaning} (default: %(default)s)"
            )
        command.add_argument(
            "--device", type=device, choices=("cpu", "cuda"), default="cpu", help="cpu or cuda"
        )
        command.add_argument("--store", action="store_true", help="write book/results/cost")
        command.add_argument(
            "--folder", type=Path, default=measuring.FOLDER, help="write there instead"
        )

    batches = {"batches": (10, "of test images"), "samples": (512, "images in a batch")}
    add(
        checkpoint,
        "one checkpoint of a plane against the plain loop",
        **batches,
        updates=(600, "training before the checkpoint"),
        repetitions=(5, "turns that are timed"),
    )
    add(
        recording,
        "200 records of two and of all rules against the training they belong to",
        **batches,
        records=(8, "measured, after a first one"),
        every=(100, "updates between records"),
    )
    add(
        many_samples,
        "many samples at once: all eigenvalues against random probes",
        samples=(10_000, "test images"),
        updates=(600, "training before"),
    )
    add(
        truth,
        "the exact plane of a trained network against one record of its estimates",
        **batches,
        images=(10_000, "test images of the exact plane beside the record"),
        many=(60_000, "training images of the last exact plane"),
        updates=(large.PATH[-1], "training before, kept under _build"),
        repetitions=(5, "turns that are timed"),
    )


def _measure(
    module: ModuleType, name: str, sizes: tuple[str, ...], options: argparse.Namespace
) -> None:
    around = measuring.circumstances(options.device, module.__name__, command_line(options))
    settings = {size: getattr(options, size) for size in sizes}
    if options.store:
        make_folder(options.folder)  # told before the measurement
    try:
        result = module.run(**settings, device=options.device) | around
    except measuring.SizeError as error:
        raise UsageError(str(error)) from error
    print(module.report(result))
    if options.store:
        suffix = "" if options.device == "cpu" else f"-{options.device}"
        print("stored:", measuring.store(f"{name}{suffix}", result, options.folder))
