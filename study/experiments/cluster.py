"""Many runs on an existing Dask cluster; each result comes back to this machine, which stores it.

Workers share no files with this machine. Each has a checkout of its own, fetches MNIST itself,
and tells in the result's provenance what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import joblib
import xarray as xr
from distributed import Client, KilledWorker, get_worker
from distributed.comm import connect
from joblib._dask import DaskDistributedBackend
from tqdm import tqdm

from ipae_lib.files import atomic_write, make_folder
from study.experiments import origin
from study.experiments.configurations import Experiment
from study.experiments.results import claimed, find, path_of, run, save, tidy

PATIENCE = 20
"""Seconds to wait for an answer of the scheduler, and then for the first worker."""


def run_on_cluster(
    scheduler: str,
    experiments: Sequence[Experiment],
    live: bool = False,
    store: str | Path | None = None,
    device: str = "cpu",
) -> None:
    """Run those of the experiments that have no result yet on a Dask cluster.

    A result is stored here, whole, as soon as it arrives. A run whose worker dies is made again
    by another.

    Parameters
    ----------
    scheduler : str
        Address that ``dask scheduler`` prints, such as tcp://host:8786.
    experiments : sequence of Experiment
    live, store, device
        As in `run_or_load`; the device is the workers'.

    Raises
    ------
    ValueError
        As `run_or_load`; or if a worker's code is not this code.
    OSError
        If results cannot be written, the scheduler cannot be reached or is lost, it has no
        worker, or a run's workers died again and again.
    """
    paths = {one: path_of(one, live, store) for one in experiments}
    missing = [one for one in paths if find(one, live, store) is None]
    for folder in {paths[one].parent for one in missing}:
        make_folder(folder)  # an hour later would be too late to find that it cannot be written
    if not missing:
        return
    with _connected(scheduler) as client, tqdm(total=len(missing), unit="runs") as bar:
        sweep = joblib.Parallel(
            backend=_Backend(client=client),
            batch_size=1,
            pre_dispatch="all",  # workers that join later get their share
            return_as="generator_unordered",
        )
        tasks = [joblib.delayed(_run_on_worker)(one, origin.CODE, device) for one in missing]
        with _told(scheduler), closing(sweep(tasks)) as results:
            for experiment, result in results:
                with atomic_write(paths[experiment]) as temporary:
                    save(result, temporary)
                bar.set_description(experiment.name, refresh=False)
                bar.update()


def _run_on_worker(experiment: Experiment, code: str, device: str) -> tuple[Experiment, xr.Dataset]:
    if code != origin.CODE:
        raise ValueError(
            f"the worker {get_worker().address} runs other code than this machine; check out "
            "the same commit there and start the worker again"
        )
    with claimed(experiment):
        result = run(experiment, device=device, progress=False, resume=True)
        tidy(experiment)
    return experiment, result


class _Backend(DaskDistributedBackend):
    """joblib's backend for Dask, with two faults mended.

    It tells joblib of results, but not of tasks that are lost with their workers or the
    scheduler: joblib would wait for ever. And where the cluster has one thread, joblib would
    run everything in this process.
    """

    def effective_n_jobs(self, n_jobs: int) -> int:
        return max(2, super().effective_n_jobs(n_jobs))

    def submit(self, func: Callable, callback: Callable[[Any], None]) -> Future:
        def tell(done: Future) -> None:
            if done.exception() is not None:
                callback(done.exception())

        task = super().submit(func, callback)
        task.add_done_callback(tell)
        return task

    def retrieve_result_callback(self, out: object) -> object:
        if isinstance(out, BaseException):
            raise out
        return super().retrieve_result_callback(out)


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        asyncio.run(_greet(scheduler))
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise OSError(
            f"no Dask scheduler answers at {scheduler!r} ({str(error) or 'silence'}); give the "
            "address that dask scheduler prints, such as tcp://host:8786"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise OSError(
                f"the Dask scheduler at {scheduler} has no worker after {PATIENCE} s; start some: "
                f"dask worker {scheduler} --nthreads 1"
            ) from error
        _check_code(client)
        yield client


@contextmanager
def _told(scheduler: str) -> Iterator[None]:
    """Say what to do where the cluster fails, and not the run."""
    again = "What arrived is stored; the same command goes on from there."
    try:
        yield
    except KilledWorker as error:
        raise OSError(f"{error}\nThe memory may be short of its runs. {again}") from error
    except CancelledError as error:
        raise OSError(f"the Dask scheduler at {scheduler} was lost. {again}") from error


async def _greet(scheduler: str) -> None:
    """See that Dask answers: a client would wait for ever where something else listens."""
    async with asyncio.timeout(PATIENCE):
        comm = await connect(scheduler, timeout=PATIENCE)
        await comm.close()


def _check_code(client: Client) -> None:
    """See that all import this very code: where it is missing, a task kills its worker."""

    def code() -> str:  # sent whole, as it belongs to no module's names
        return import_module("study.experiments.origin").CODE

    found = client.run(code, on_error="return")
    try:
        found["the scheduler"] = client.run_on_scheduler(code)
    except Exception as error:
        found["the scheduler"] = error
    others = {where: what for where, what in found.items() if what != origin.CODE}
    if others:
        raise ValueError(
            f"this code is not what these have: {others}; check out the commit of this machine "
            "there, install it (pip install -e .) and start them again"
        )
