"""The exact plane of a network beside one record of its estimates: time, error and memory.

Both are of one network, and take turns. The record is that of one rule in double precision, which
`checkpoint` measures, too. The exact planes have three levels of noise, one of each convention, as
runs record them. A last one is of many training images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial

import torch
import xarray as xr
from torch import Tensor, nn

from ipae_lib import memory
from ipae_lib.activations import capture
from ipae_lib.data import mnist, mnist_labels
from ipae_lib.exact import exact_plane
from ipae_lib.layers import HIDDEN_LAYERS
from ipae_lib.plane import InformationPlane
from study import experiments, large
from study.costs import measuring
from study.costs.measuring import Spread
from study.experiments.truth import LEVELS, noises

RECORD = "one record"
"""What the exact planes are compared with."""

TRUTHS = {f"truth at {share:.0%} of log₂ n": share for share in LEVELS}
"""Exact planes by the share of log₂ n at which their noise leaves the images."""

FINEST = max(LEVELS)
"""Share of the plane of many images, at which it costs most."""


def plane(model: nn.Module, images: Tensor, digits: Tensor, share: float) -> xr.Dataset:
    """The exact plane of all nine variables, the network's pass included."""
    levels = {name: rule for (name, at), rule in noises(images).items() if at == share}
    variables = capture(model, HIDDEN_LAYERS, images, dtype=None)
    return exact_plane(variables, levels, digits, progress=False)


def largest_error(plane: xr.Dataset) -> float:
    """The largest standard error of an exact plane in bits, that of the labels included."""
    return float(plane[["standard_error", "label_standard_error"]].to_array().max())


@contextmanager
def threads(number: int) -> Iterator[None]:
    """So many threads of torch's in this context."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def beside_a_record(
    model: nn.Module, batches: Tensor, images: int, repetitions: int, device: str
) -> list[dict]:
    """Seconds of a record and of exact planes, with one thread and with all, and their errors."""
    estimators = {"proposed": replace(experiments.ESTIMATORS["proposed"], dtype=torch.float64)}
    recorder = InformationPlane(model, HIDDEN_LAYERS, list(batches), estimators, dtype=None)
    shown, digits = (of(train=False, shuffled=True)[:images] for of in (mnist, mnist_labels))
    shown = shown.to(device)
    planes: dict[str, xr.Dataset] = {}

    def ask(name: str) -> None:
        planes[name] = plane(model, shown, digits, TRUTHS[name])

    whats: dict[str, Callable[[], object]] = {RECORD: recorder.record}
    whats |= {name: partial(ask, name) for name in TRUTHS}
    for once in whats.values():
        once()

    def with_threads(number: int, what: Callable[[], object]) -> None:
        with threads(number):
            what()

    tasks = {
        (number, name): partial(with_threads, number, what)
        for number in sorted({1, torch.get_num_threads()})
        for name, what in whats.items()
    }
    rows = []
    taken = measuring.in_turns(tasks, repetitions, device)
    for (number, name), seconds in taken.items():
        row = {"what": name, "threads": number, "seconds": asdict(Spread.of(seconds))}
        if name in planes:
            row["times_a_record"] = asdict(measuring.ratios(seconds, taken[number, RECORD]))
            row["largest_error_bits"] = largest_error(planes[name])
        rows.append(row)
    return rows


def of_many(model: nn.Module, images: int, repetitions: int, device: str) -> dict:
    """Seconds, largest error and memory of the exact plane of so many training images."""
    shown, digits = (of(train=True)[:images] for of in (mnist, mnist_labels))
    shown = shown.to(device)
    found: list[xr.Dataset] = []
    memory.reset_peak()
    task = {"all": lambda: found.append(plane(model, shown, digits, FINEST))}
    seconds = measuring.in_turns(task, repetitions, device)["all"]
    return {
        "seconds": asdict(Spread.of(seconds)),
        "largest_error_bits": largest_error(found[-1]),
        # of the whole process, which holds all images as well
        "peak_bytes": memory.peak() if device == "cpu" else torch.cuda.max_memory_allocated(),
    }


def report(result: dict) -> str:
    """A table of the result."""
    settings, many = result["settings"], result["many"]
    last = many | {"what": f"truth at {FINEST:.0%} of log₂ n", "threads": "all"}
    rows = []
    for row in [*result["rows"], last]:
        ratio, error = row.get("times_a_record"), row.get("largest_error_bits")
        size = settings["many" if row is last else "images"]
        rows.append(
            [
                row["what"],
                f"{size:,}" if error is not None else "",
                str(row["threads"]),
                str(Spread(**row["seconds"])),
                str(Spread(**ratio)) if ratio else "",
                f"{error:.3f}" if error is not None else "",
            ]
        )
    header = ["what", "images", "threads", "seconds", "times a record", "largest error, bits"]
    used = many["peak_bytes"]
    told = "" if used is None else f"\n\nmemory of the last: {used / 1e9:.1f} GB"
    return measuring.table(header, rows) + told


def run(
    *,
    batches: int = 10,
    samples: int = 512,
    images: int = 10_000,
    many: int = 60_000,
    updates: int = large.PATH[-1],
    repetitions: int = 5,
    device: str = "cpu",
) -> dict:
    """Exact planes and a record in turns, and an exact plane of many images.

    Parameters
    ----------
    batches, samples : int
        Of the record: batches of test images, and images in each.
    images, many : int
        Test images of the exact planes beside it, and training images of the last one.
    updates : int
        Training before. The network is kept under ``_build``, and trained where it is not there.
    repetitions : int
        Turns that are timed.
    device : str

    Raises
    ------
    SizeError
        If there are not so many images.
    """
    size = batches * samples
    measuring.check_images(size, f"--batches {batches} and --samples {samples}")
    measuring.check_images(images, f"--images {images}")
    measuring.check_images(many, f"--many {many}", train=True)
    experiment = measuring.experiment()
    model = large.network(experiment, [updates])[updates].to(device)
    of_record = mnist(train=False)[:size].to(device).reshape(batches, samples, -1)
    # first, while the process holds nothing else
    of_all = of_many(model, many, repetitions, device)
    return {
        "settings": {
            "batches": batches,
            "samples": samples,
            "images": images,
            "many": many,
            "updates": updates,
            "repetitions": repetitions,
        },
        "rows": beside_a_record(model, of_record, images, repetitions, device),
        "many": of_all,
    }
