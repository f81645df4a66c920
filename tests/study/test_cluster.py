"""Sweeps on a Dask cluster: results come back once, whatever happens to workers and scheduler."""

import json
import os
import re
import signal
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, replace
from types import SimpleNamespace

import dask
import joblib
import numpy as np
import pytest
import torch
from distributed import LocalCluster, get_worker

from study import experiments
from study.__main__ import main
from study.experiments import PROFILES, Experiment, cluster, results

SMALL = Experiment(
    "small", bottleneck_size=3, epochs=1, images=300, records=3, batches=1, samples=32
)

PRELOAD = """
# each worker process runs this, one that takes a killed one's place too
import os, time
from pathlib import Path
from study.experiments import origin, results

folder = Path({folder!r})
error, errors = results.reconstruction_error, []

def waits_once_to_be_killed(model, images):
    errors.append(len(images))
    if len(errors) == 3:  # of the first run's second record
        try:
            with (folder / "condemned").open("x") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            pass
        else:
            time.sleep(120)
            raise AssertionError("nobody killed this worker")
    return error(model, images)

def dask_setup(worker):
    results.reconstruction_error = waits_once_to_be_killed
    results._unfinished = lambda run: folder / "unfinished" / run.name
    origin._device_name = lambda device: f"a worker's {{device}}"
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Nothing of the checkout is written."""
    monkeypatch.setattr(results, "_unfinished", lambda run: tmp_path / "unfinished" / run.name)


@pytest.fixture
def one_thread():
    """Sums are taken in the order of a worker, which has one thread for a run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def local_cluster(tmp_path, **settings):
    return LocalCluster(
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # one there is in any case; this keeps it to itself
        threads_per_worker=1,
        local_directory=str(tmp_path / "dask"),
        **settings,
    )


@pytest.fixture
def threads_as_workers(tmp_path):
    """A cluster whose workers are threads of this process: what a test replaces, they have too."""
    with local_cluster(tmp_path, n_workers=2, processes=False, protocol="tcp") as workers:
        yield workers


@pytest.mark.slow
def test_a_sweep_outlives_a_worker(tmp_path, monkeypatch, one_thread):
    every = PROFILES["tiny"].experiments()
    short = [run for run in every if not run.scan_every and not run.stretch_end]
    runs = short[:4]
    preload, store = tmp_path / "preload.py", tmp_path / "results"
    preload.write_text(PRELOAD.format(folder=str(tmp_path)))
    stored = Counter()

    def counted(result, path):
        stored[json.loads(result.attrs["configuration"])["name"]] += 1
        experiments.save(result, path)

    def kill():
        condemned = tmp_path / "condemned"
        while not (condemned.exists() and condemned.read_text()):
            time.sleep(0.05)
        assert len(list(store.glob("*.nc"))) < len(runs)
        os.kill(int(condemned.read_text()), signal.SIGKILL)
        killed.set()

    killed = threading.Event()
    monkeypatch.setattr(cluster, "save", counted)
    with local_cluster(tmp_path, n_workers=2, preload=[str(preload)]) as workers:
        threading.Thread(target=kill, daemon=True).start()
        cluster.run_on_cluster(workers.scheduler_address, runs, store=store)
    assert killed.is_set()
    assert stored == {run.name: 1 for run in runs}
    assert sorted(path.name for path in store.iterdir()) == sorted(f"{r.name}.nc" for r in runs)
    for run in runs:
        result = experiments.load(store / f"{run.name}.nc")
        assert json.loads(result.attrs["configuration"]) == asdict(run)
        assert result.attrs["device"] == "a worker's cpu"
        here = experiments.run(run, progress=False)
        assert set(result.data_vars) == set(here.data_vars)
        for name in here:
            # what is stored is rounded to single precision
            np.testing.assert_allclose(result[name], here[name], rtol=1e-6, atol=1e-5)


def test_the_only_worker_makes_the_runs_and_not_the_caller(tmp_path, monkeypatch):
    made_by = []

    def watched(experiment, **settings):
        made_by.append(get_worker().address)
        return experiments.run(experiment, **settings)

    monkeypatch.setattr(cluster, "run", watched)
    with local_cluster(tmp_path, n_workers=1, processes=False, protocol="tcp") as workers:
        cluster.run_on_cluster(workers.scheduler_address, [SMALL], store=tmp_path)
        assert made_by == [worker.address for worker in workers.workers.values()]
    assert (tmp_path / "small.nc").exists()
    assert not (tmp_path / "unfinished" / "small").exists()


def test_what_is_stored_is_not_sent(tmp_path, monkeypatch, threads_as_workers):
    sent = []
    result = experiments.run(SMALL, progress=False)

    def noted(experiment, **_):
        sent.append(experiment.name)
        return result.assign_attrs(configuration=json.dumps(asdict(experiment)))

    monkeypatch.setattr(cluster, "run", noted)
    runs = [replace(SMALL, name=name) for name in "abc"]
    address = threads_as_workers.scheduler_address
    cluster.run_on_cluster(address, runs[:1], store=tmp_path)
    cluster.run_on_cluster(address, [*runs, runs[2]], store=tmp_path)
    assert sorted(sent) == ["a", "b", "c"]
    with pytest.raises(ValueError, match="another configuration"):
        cluster.run_on_cluster(address, [replace(runs[0], seed=1)], store=tmp_path)
    assert sorted(sent) == ["a", "b", "c"]


def test_a_run_that_fails_ends_the_sweep_and_the_others_stay(
    tmp_path, monkeypatch, threads_as_workers
):
    result = experiments.run(SMALL, progress=False)
    arrived = tmp_path / "good.nc"

    def failing(experiment, **_):
        if experiment.name == "good":
            return result.assign_attrs(configuration=json.dumps(asdict(experiment)))
        while not arrived.exists():
            time.sleep(0.05)
        raise ValueError("training diverged")

    monkeypatch.setattr(cluster, "run", failing)
    runs = [replace(SMALL, name=name) for name in ("bad", "good")]
    with pytest.raises(ValueError, match="training diverged"):
        cluster.run_on_cluster(threads_as_workers.scheduler_address, runs, store=tmp_path)
    assert [path.name for path in tmp_path.glob("*.nc")] == ["good.nc"]


class _Unreadable:
    def __reduce__(self):
        return _refuse, ()


def _refuse():
    raise ImportError("no such module on this machine")


def test_a_task_that_nobody_can_read_is_an_error_and_no_silence(threads_as_workers):
    with cluster._connected(threads_as_workers.scheduler_address) as client:
        # joblib's own backend for Dask waits here until the timeout
        sweep = joblib.Parallel(backend=cluster._Backend(client=client), timeout=30)
        with pytest.raises(RuntimeError, match="deserialization"):
            sweep([joblib.delayed(str)(_Unreadable())])


def test_a_lost_scheduler_is_told(tmp_path, monkeypatch):
    noticed = threading.Event()

    def lost(*_, **__):
        workers.sync(workers.scheduler.close)
        assert noticed.wait(60)

    monkeypatch.setattr(cluster, "run", lost)
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),  # of the farewell
        local_cluster(tmp_path, n_workers=1, processes=False, protocol="tcp") as workers,
    ):
        with pytest.raises(OSError, match=r"was lost\. What arrived is stored"):
            cluster.run_on_cluster(workers.scheduler_address, [SMALL], store=tmp_path)
        noticed.set()


def test_other_code_is_refused(tmp_path, monkeypatch, threads_as_workers):
    address = threads_as_workers.scheduler_address
    with cluster._connected(address) as client:
        # a worker that joins when all have been asked
        late = client.submit(cluster._run_on_worker, SMALL, "other", "cpu", pure=False)
        with pytest.raises(ValueError, match="runs other code than this machine; check out"):
            late.result(timeout=60)
    # the question is sent whole, so that what it calls here answers there
    monkeypatch.setattr(cluster, "import_module", lambda name: SimpleNamespace(CODE="theirs"))
    with pytest.raises(ValueError, match=r"have: .*tcp://.*'theirs'.*the scheduler.*check out"):
        cluster.run_on_cluster(address, [SMALL], store=tmp_path)

    def missing(name):
        raise ImportError(f"no {name}")

    monkeypatch.setattr(cluster, "import_module", missing)
    with pytest.raises(ValueError, match=r"have: .*ImportError.*check out"):
        cluster.run_on_cluster(address, [SMALL], store=tmp_path)


def test_a_cluster_without_workers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with (
        local_cluster(tmp_path, n_workers=0, processes=False, protocol="tcp") as empty,
        pytest.raises(OSError, match=r"has no worker after 1 s; start some: dask worker tcp://"),
    ):
        cluster.run_on_cluster(empty.scheduler_address, [SMALL], store=tmp_path)


class TestAddresses:
    """Each wrong one is named, with the fix, in finite time."""

    def refused(self, address, tmp_path, monkeypatch):
        monkeypatch.setattr(cluster, "PATIENCE", 1)
        with pytest.raises(OSError, match="give the address that dask scheduler") as error:
            cluster.run_on_cluster(address, [SMALL], store=tmp_path)
        assert f"no Dask scheduler answers at {address!r}" in str(error.value)

    @pytest.mark.parametrize("address", ["", "nowhere", "tcp://127.0.0.1:x", "http://127.0.0.1:1"])
    def test_that_cannot_be_one(self, address, tmp_path, monkeypatch):
        self.refused(address, tmp_path, monkeypatch)

    @pytest.mark.parametrize("listening", [False, True], ids=["nothing", "silence"])
    def test_where_no_scheduler_is(self, listening, tmp_path, monkeypatch):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            if listening:
                other.listen()
            self.refused(f"tcp://127.0.0.1:{other.getsockname()[1]}", tmp_path, monkeypatch)

    def test_of_a_worker(self, tmp_path, monkeypatch, threads_as_workers):
        self.refused(threads_as_workers.workers[0].address, tmp_path, monkeypatch)


class TestCommandLine:
    """``run`` with a backend."""

    def test_sends_what_is_chosen(self, tmp_path, monkeypatch, threads_as_workers):
        monkeypatch.setattr(results, "LIVE", tmp_path / "live")
        monkeypatch.setattr(cluster, "run", lambda *_, **__: experiments.run(SMALL, progress=False))
        address = threads_as_workers.scheduler_address
        options = ["--live", "--backend", "dask", "--scheduler", address]
        name = PROFILES["tiny"].experiments()[0].name
        command = ["experiments", "run", "--profile", "tiny", "--only", name]
        assert main([*command, *options]) == 0
        assert [path.name for path in (tmp_path / "live").iterdir()] == [f"{name}.nc"]

    @pytest.mark.parametrize(
        ("options", "status", "message"),
        [
            ("--backend dask", 2, "needs --scheduler ADDRESS"),
            ("--scheduler tcp://a:1", 2, "--scheduler tcp://a:1 is for --backend dask"),
            ("--backend dask --scheduler tcp://a:1 --jobs 2", 2, "--jobs 2 is for"),
            ("--backend dask --scheduler nowhere", 1, "answers at 'nowhere'"),
        ],
    )
    def test_refuses_what_does_not_go_together(
        self, options, status, message, tmp_path, monkeypatch, capsys
    ):
        monkeypatch.setattr(results, "LIVE", tmp_path)
        command = ["experiments", "run", "--profile", "tiny", "--live"]
        assert main([*command, *options.split()]) == status
        told = capsys.readouterr().err
        assert told.startswith("python -m study experiments: error: ")
        assert message in told

    def test_says_what_to_install(self, monkeypatch, capsys):
        monkeypatch.setitem(sys.modules, "distributed", None)
        monkeypatch.delitem(sys.modules, "study.experiments.cluster")
        options = ["--backend", "dask", "--scheduler", "tcp://127.0.0.1:1"]
        assert main(["experiments", "run", *options]) == 1
        told = capsys.readouterr().err
        assert re.search(r"needs more packages.*distributed.*pip install", told)
