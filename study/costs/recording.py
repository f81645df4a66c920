"""What recording a plane adds to a training: 100 epochs, 200 records, two or all width rules.

A part of the training is run and its updates and records are timed; the whole is extrapolated from
their medians, as every update does the same work, and so does every record.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from time import perf_counter

import torch
from torch import nn

from ipae_lib.data import mnist
from ipae_lib.layers import HIDDEN_LAYERS
from ipae_lib.plane import InformationPlane
from ipae_lib.training import train
from study import experiments
from study.costs import measuring
from study.costs.measuring import Spread

RECORDS = 200
"""Of a whole training, to which what was measured is extrapolated."""

PRECISIONS = {"float32": torch.float32, "float64": torch.float64}

PAPER_RULES = ("previous", "proposed")
"""Those that the paper compares."""


def measure(
    batches: int, samples: int, records: int, every: int, device: str
) -> tuple[list[float], dict[str, list[float]]]:
    """Seconds of an update, on average between two records, and seconds of each record."""
    experiment = measuring.experiment()
    model = experiment.model().to(device)
    images = mnist(train=False)[: batches * samples].to(device).reshape(batches, samples, -1)
    every_rule = experiments.ESTIMATORS
    two = {name: every_rule[name] for name in PAPER_RULES}
    planes = {
        name + suffix: InformationPlane(model, HIDDEN_LAYERS, list(images), rules, dtype=dtype)
        for name, dtype in PRECISIONS.items()
        for suffix, rules in (("", every_rule), (", two rules", two))
    }
    updates: list[float] = []
    recordings: dict[str, list[float]] = {name: [] for name in planes}
    resumed = None

    def observe(iteration: int, _: nn.Module) -> None:
        nonlocal resumed
        if device != "cpu":
            torch.cuda.synchronize()
        if resumed is not None:
            updates.append((perf_counter() - resumed) / every)
        for name, plane in planes.items():
            taken = measuring.seconds(partial(plane.record, iteration), device)
            recordings[name].append(taken)
        resumed = perf_counter()

    end = records * every
    train(
        model,
        mnist(train=True),
        experiment.training,
        observers=[observe],
        observe_at=range(0, end + 1, every),
        stop_at=end,
        progress=False,
    )
    # the first record, and the first updates, warm up; the first record is also the longer one
    return updates[1:], {name: taken[1:] for name, taken in recordings.items()}


def report(result: dict) -> str:
    """A table of the result."""
    whole = result["extrapolated"]
    training = [
        f"training, {whole['updates']:,} updates",
        f"{Spread(**result['seconds_an_update'])}",
        f"{whole['training_seconds']:.0f}",
        "",
    ]
    recordings = [
        [
            f"recording in {name}, {whole['records']} records",
            f"{Spread(**result['seconds_a_record'][name])}",
            f"{whole['recording_seconds'][name]:.0f}",
            f"{whole['recording_over_training'][name]:.2f}",
        ]
        for name in result["seconds_a_record"]
    ]
    header = ["what", "seconds each, measured", "seconds in all, extrapolated", "of the training"]
    return measuring.table(header, [training, *recordings])


def run(
    batches: int = 10,
    samples: int = 512,
    records: int = 8,
    every: int = 100,
    device: str = "cpu",
) -> dict:
    """Seconds of updates and records, and what they come to over the whole training.

    Parameters
    ----------
    batches, samples : int
        Batches of test images, and images in each.
    records : int
        Measured, after a first one that warms up.
    every : int
        Updates between records.
    device : str

    Raises
    ------
    SizeError
        If there are not so many test images, or there is one record.
    """
    if records < 2:
        raise measuring.SizeError(
            f"--records is {records}; the first updates warm up, so give at least 2"
        )
    measuring.check_images(batches * samples, f"--batches {batches} and --samples {samples}")
    updates, recordings = measure(batches, samples, records, every, device)
    paper = experiments.PROFILES["paper"]
    n_updates = paper.planes()[0].training.iterations(paper.images)
    update = Spread.of(updates)
    record = {name: Spread.of(taken) for name, taken in recordings.items()}
    training_seconds = n_updates * update.median
    recording_seconds = {name: RECORDS * spread.median for name, spread in record.items()}
    return {
        "settings": {
            "batches": batches,
            "samples": samples,
            "measured_updates": len(updates) * every,
            "measured_records": records,
            "rules": list(experiments.ESTIMATORS),
            "two_rules": list(PAPER_RULES),
        },
        "seconds_an_update": asdict(update),
        "seconds_a_record": {name: asdict(spread) for name, spread in record.items()},
        "extrapolated": {
            "updates": n_updates,
            "records": RECORDS,
            "training_seconds": training_seconds,
            "recording_seconds": recording_seconds,
            "recording_over_training": {
                name: taken / training_seconds for name, taken in recording_seconds.items()
            },
        },
    }
