"""Timing in alternation, and results with their provenance."""

from __future__ import annotations

import hashlib
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from ipae_lib.files import atomic_write
from study import experiments
from study.digest import ATTRIBUTE

FOLDER = experiments.STORED / "cost"

TEST_IMAGES, TRAINING_IMAGES = 10_000, 60_000

Name = TypeVar("Name")


class SizeError(ValueError):
    """A size that cannot be measured; the message says which one can."""


@dataclass(frozen=True)
class Spread:
    """Median of repeated measurements, with the least and the largest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """The spread of some values."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g} to {self.most:.3g})"


def seconds(task: Callable[[], object], device: str) -> float:
    """Wall-clock time of one call, to the end of what it started on a GPU."""
    if device != "cpu":
        torch.cuda.synchronize()
    start = time.perf_counter()
    task()
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def experiment() -> experiments.Experiment:
    """The training whose network is measured: K = 32, the first of the paper's."""
    return next(e for e in experiments.PROFILES["paper"].planes() if e.bottleneck_size == 32)


def check_images(wanted: int, options: str, train: bool = False) -> None:
    """See that so many test images, or training images, can be taken.

    Raises
    ------
    SizeError
        If they are fewer than 2, or more than there are.
    """
    most, use = (TRAINING_IMAGES, "training") if train else (TEST_IMAGES, "tests")
    if not 2 <= wanted <= most:
        raise SizeError(
            f"{options} ask for {wanted:,} images; MNIST has {most:,} for {use}, so "
            f"ask for 2 to {most:,}"
        )


def in_turns(
    tasks: Mapping[Name, Callable[[], object]], repetitions: int, device: str
) -> dict[Name, list[float]]:
    """Seconds of each task, each time all of them in turn; call each once before, to warm up.

    What disturbs the machine meanwhile disturbs all of them.
    """
    times: dict[Name, list[float]] = {name: [] for name in tasks}
    for _ in range(repetitions):
        for name, task in tasks.items():
            times[name].append(seconds(task, device))
    return times


def ratios(slow: list[float], fast: list[float]) -> Spread:
    """How many times as long the slow one takes, turn by turn."""
    return Spread.of([a / b for a, b in zip(slow, fast, strict=True)])


def circumstances(device: str, module: str, command: str) -> dict[str, object]:
    """Provenance of a measurement by a module: that of results, the command, threads, the load."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        **experiments.provenance(device, module),
        "command": command,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load_before": load,
    }


def load(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """A stored measurement.

    Raises
    ------
    ValueError
        If there is none of that name, or the file is damaged.
    """
    path = folder / f"{name}.json"
    again = f"make it by: python -m study costs {name.replace('_', '-')} --store"
    if not path.exists():
        raise ValueError(f"nothing is stored at {path}; {again}")
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        if result.pop(ATTRIBUTE, None) not in (None, _digest(result)):
            raise ValueError("what it holds is not what its digest tells")
        return result | {"command": _of_today(result["command"])}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no stored measurement ({error!r}); {again}") from error


def _of_today(command: str) -> str:
    """The command that measures today what a stored one did when each cost had its own module."""
    earlier = re.match(r"python -m benchmarks\.(\w+)", command)
    if earlier is None:
        return command
    return f"python -m study costs {earlier[1].replace('_', '-')}{command[earlier.end() :]}"


def store(name: str, result: Mapping[str, object], folder: Path = FOLDER) -> Path:
    """Write a result as JSON with its digest, whole or not at all."""
    path = folder / f"{name}.json"
    result = {**result, ATTRIBUTE: _digest(result)}
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def _digest(result: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()


def table(header: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as what is in them."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
