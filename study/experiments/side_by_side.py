"""Many runs on this machine, several side by side."""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

import torch
from tqdm import tqdm

from ipae_lib.data import mnist
from ipae_lib.validation import check_count, check_device
from study import processes
from study.experiments.configurations import Experiment
from study.experiments.results import check_room, find, path_of, run_or_load
from study.processes import BusyError


def run_all(
    experiments: Sequence[Experiment],
    live: bool = False,
    store: str | Path | None = None,
    device: str = "cpu",
    jobs: int | None = None,
) -> None:
    """Run those of the experiments that have no result yet, several side by side.

    Runs that another process is making come last: they are waited for, and not made twice.

    Parameters
    ----------
    experiments : sequence of Experiment
    live, store, device
        As in `run_or_load`.
    jobs : int, optional
        Processes; each has its share of the cores, however many runs are missing: sums that are
        taken by other threads differ in their last digits. Default: one a core on a CPU, else 1.

    Raises
    ------
    ValueError, OSError
        As `run_or_load`; or if torch cannot use the device, or a process ends without a result.
    """
    check_device(device, "device")
    can_tell = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if can_tell else os.cpu_count() or 1
    jobs = (cores if device == "cpu" else 1) if jobs is None else check_count(jobs, "jobs")
    missing = [run for run in experiments if find(run, live, store) is None]
    if not missing:
        return
    for run in missing:
        check_room(run, path_of(run, live, store))
    mnist(train=True)  # fetched once, before several processes want it
    total = sum(run.training.iterations(run.images) for run in missing)
    settings = {"live": live, "store": store, "device": device, "threads": max(1, cores // jobs)}
    with tqdm(total=total, unit="updates", mininterval=1, smoothing=0.05) as bar:
        if min(jobs, len(missing)) == 1:
            _one_by_one(missing, bar, settings)
        else:
            _in_processes(missing, bar, jobs, settings)


Settings = dict[str, Any]
"""What `_run_one` needs to know, the same for all runs of a sweep."""


def _one_by_one(missing: Sequence[Experiment], bar: tqdm, settings: Settings) -> None:
    own_threads = torch.get_num_threads()
    waiting = deque((run, False) for run in missing)
    try:
        while waiting:
            run, patient = waiting.popleft()
            bar.set_description(run.name, refresh=False)
            try:
                _run_one(run, bar.update, wait=patient, **settings)
            except BusyError:
                waiting.append((run, True))
    finally:
        torch.set_num_threads(own_threads)


def _in_processes(missing: Sequence[Experiment], bar: tqdm, jobs: int, settings: Settings) -> None:
    waiting = deque((run, False) for run in missing)
    running: dict[Connection, tuple[Experiment, BaseProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                run, patient = waiting.popleft()
                arguments = run, {**settings, "wait": patient}
                with processes.ctrl_c_waits():
                    connection, process = processes.start(_work, *arguments)
                    running[connection] = run, process
            for ready in wait(list(running)):
                connection = cast(Connection, ready)
                run, process = running[connection]
                updates, error = _received(connection, run, process)
                bar.set_description(run.name, refresh=False)
                bar.update(updates or 0)
                if updates is not None:
                    continue
                del running[connection]
                connection.close()
                process.join()
                if isinstance(error, BusyError):
                    waiting.append((run, True))
                elif error:
                    raise error
    finally:
        # what they were doing is resumed from what they kept
        processes.stop([process for _, process in running.values()])


def _received(
    connection: Connection, run: Experiment, process: BaseProcess
) -> tuple[int | None, Exception | None]:
    """Updates that were made, or None at the end of a run, with what went wrong."""
    try:
        return connection.recv()
    except EOFError:
        process.join()
        raise OSError(
            f"the process of {run.name} ended with exit code {process.exitcode}, killed or out of "
            "memory; the same command goes on from there"
        ) from None


def _work(experiment: Experiment, settings: Settings, events: Connection) -> None:
    """One run, in a process of its own."""
    processes.begin(end=lambda: os._exit(1))
    try:
        _run_one(experiment, lambda updates: events.send((updates, None)), **settings)
    except Exception as error:
        if not isinstance(error, BusyError | ValueError | OSError):  # those say all themselves
            error.add_note(traceback.format_exc())
        events.send((None, error))
    else:
        events.send((None, None))


def _run_one(
    experiment: Experiment,
    tell: Callable[[int], object],
    *,
    live: bool,
    store: str | Path | None,
    device: str,
    threads: int,
    wait: bool,
) -> None:
    torch.set_num_threads(threads)
    reported = 0

    def report(updates: int) -> None:
        nonlocal reported
        reported += updates
        tell(updates)

    run_or_load(experiment, live, store, device, report, wait=wait)
    tell(experiment.training.iterations(experiment.images) - reported)
