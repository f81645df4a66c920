"""Many runs on this machine, several side by side."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import joblib
import torch
from tqdm import tqdm

from ipae_lib.data import mnist
from ipae_lib.validation import check_count, check_device
from study.experiments.configurations import Experiment
from study.experiments.results import find, run_or_load


def run_all(
    experiments: Sequence[Experiment],
    live: bool = False,
    store: str | Path | None = None,
    device: str = "cpu",
    jobs: int | None = None,
) -> None:
    """Run those of the experiments that have no result yet, several side by side.

    Parameters
    ----------
    experiments : sequence of Experiment
    live, store, device
        As in `run_or_load`.
    jobs : int, optional
        Processes; each gets its share of the cores. Default: one a core on a CPU, else 1.

    Raises
    ------
    ValueError, OSError
        As `run_or_load`; or if torch cannot use the device.
    """
    check_device(device, "device")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    jobs = (cores if device == "cpu" else 1) if jobs is None else check_count(jobs, "jobs")
    missing = [run for run in experiments if find(run, live, store) is None]
    if not missing:
        return
    jobs = min(jobs, len(missing))
    mnist(train=True)  # fetched once, before several processes want it
    total = sum(run.training.iterations(run.images) for run in missing)
    where = {"live": live, "store": store, "device": device}
    threads = max(1, cores // jobs)
    own_threads = torch.get_num_threads()
    try:
        with multiprocessing.Manager() as manager, _TotalProgress(manager.Queue(), total) as steps:
            joblib.Parallel(n_jobs=jobs)(
                joblib.delayed(_run_one)(run, steps.queue, threads, **where) for run in missing
            )
    finally:
        torch.set_num_threads(own_threads)  # a single job runs in this process


def _run_one(
    experiment: Experiment,
    queue: multiprocessing.Queue,
    threads: int,
    *,
    live: bool,
    store: str | Path | None,
    device: str,
) -> None:
    torch.set_num_threads(threads)
    reported = 0

    def report(updates: int) -> None:
        nonlocal reported
        reported += updates
        queue.put((experiment.name, updates))

    run_or_load(experiment, live, store, device, report)
    remaining = experiment.training.iterations(experiment.images) - reported
    queue.put((experiment.name, remaining))


class _TotalProgress:
    """One progress bar over runs in several processes, fed by a queue."""

    def __init__(self, queue: multiprocessing.Queue, total: int) -> None:
        self.queue = queue
        self.bar = tqdm(total=total, unit="updates", mininterval=1, smoothing=0.05)
        self.reader = threading.Thread(target=self._read, daemon=True)

    def _read(self) -> None:
        while (message := self.queue.get()) is not None:
            name, updates = message
            self.bar.set_description(name, refresh=False)
            self.bar.update(updates)

    def __enter__(self) -> _TotalProgress:
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.queue.put(None)
        self.reader.join()
        self.bar.close()
