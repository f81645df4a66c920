"""The paper's experiments on MNIST: named configurations and their stored results.

Each `Experiment` is one training run with what is recorded of it; its result is one small
netCDF file that carries its provenance. ``python -m ipae_lib.experiments run`` makes them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import multiprocessing
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import joblib
import pandas as pd
import torch
import xarray as xr
from torch import Tensor, nn
from tqdm import tqdm

from ipae_lib.data import mnist
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.files import atomic_write, make_folder
from ipae_lib.kernels import PreviousWidth, ProposedWidth
from ipae_lib.models import HIDDEN_LAYERS, Autoencoder
from ipae_lib.plane import INPUT, OUTPUT, InformationPlane
from ipae_lib.training import Sgd, log_spaced, reconstruction_error, train
from ipae_lib.validation import check_count

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "book" / "results"
"""Results that are part of the repository."""
LIVE = ROOT / "_build" / "results"
"""Results of this checkout, made when the book is built."""

ESTIMATORS = {
    "previous": MatrixRenyi(
        {"Z": PreviousWidth(25), "default": PreviousWidth(5)}, standardize=False
    ),
    "proposed": MatrixRenyi(ProposedWidth(0.8), groups={INPUT: "all", OUTPUT: "all"}),
}
"""The two settings of Sec. IV-B: rule (27) of Yu & Príncipe, and rules (29) and (30)."""

GAMMAS = (0.1, 0.18, 0.32, 0.56, 1.0, 1.8, 3.2, 5.6, 10.0)
"""γ of the proposed rule in a γ scan: [0.1, 10], evenly spaced on a logarithmic axis."""

ALPHAS = (0.5, 1.0, 1.01, 1.5, 2.0)
"""Orders α of the entropy in an α scan; 1 is von Neumann's."""

SCAN_BATCHES = 2
"""Batches on which the scans estimate: the first of the run's."""

_DECISIVE = [
    Path(__file__).with_name(f"{module}.py")
    for module in ("data", "models", "kernels", "entropy", "estimators", "plane", "training")
]
"""The modules that, with a configuration, decide what a run gives."""

_CODE = hashlib.sha256(b"\0".join(path.read_bytes() for path in _DECISIVE)).hexdigest()[:16]

ERROR_IMAGES = 2_000
"""Images whose reconstruction error is recorded: enough for 1 % and small beside a record."""


@dataclass(frozen=True)
class Experiment:
    """One training of the autoencoder and what is recorded of it.

    Parameters
    ----------
    name : str
        Names the result file.
    bottleneck_size : int
        K.
    epochs : int
        Passes over the training images.
    seed : int
        Initial weights and order of the images.
    images : int
        Training images used: the first of the 60,000.
    reduction : "sum" or "mean"
        Of the squared error over pixels.
    initialisation : "glorot" or "default"
        Glorot-uniform weights and zero biases, or what torch gives a linear layer.
    records : int
        Log-spaced iterations recorded, the first before training; 1 is the end alone.
    batches, samples : int
        Test batches on which information is estimated, and images in each; with 0 batches only
        the errors are recorded.
    end_only : bool
        Estimate information at the last record alone; the errors are recorded at all.
    scan_every : int
        Scan γ and α at each record that is a multiple of this from the last; 0: at none.
    stretch_start, stretch_end : int
        Record every iteration from one to the other, both included, in place of ``records``,
        and end there; 0 and 0: as ``records`` says.
    """

    name: str
    bottleneck_size: int
    epochs: int
    seed: int = 0
    images: int = 60_000
    reduction: Literal["sum", "mean"] = "sum"
    initialisation: Literal["glorot", "default"] = "glorot"
    records: int = 40
    batches: int = 10
    samples: int = 512
    end_only: bool = False
    scan_every: int = 0
    stretch_start: int = 0
    stretch_end: int = 0

    @property
    def training(self) -> Sgd:
        """Settings of the training."""
        return Sgd(epochs=self.epochs, reduction=self.reduction, seed=self.seed)

    def iterations(self) -> list[int]:
        """Iterations that are recorded."""
        if self.stretch_end:
            return list(range(self.stretch_start, self.stretch_end + 1))
        return log_spaced(self.training.iterations(self.images), self.records)

    def scanned(self) -> list[int]:
        """Iterations at which γ and α are scanned, the last among them."""
        return self.iterations()[:: -self.scan_every][::-1] if self.scan_every else []

    def model(self) -> Autoencoder:
        """The untrained autoencoder."""
        generator = torch.Generator().manual_seed(self.seed)
        model = Autoencoder(self.bottleneck_size, generator=generator)
        if self.initialisation == "default":
            with torch.random.fork_rng():
                torch.manual_seed(self.seed)
                for module in model.modules():
                    if isinstance(module, nn.Linear):
                        module.reset_parameters()
        return model


@dataclass(frozen=True)
class Profile:
    """A scale at which the whole book runs.

    Parameters
    ----------
    name : str
    epochs, images, batches, samples : int
        As in `Experiment`.
    records : int
        Iterations recorded of each run of ``plane_sizes``.
    plane_sizes : tuple of int
        Bottleneck sizes whose information planes are drawn over the training (Figs. 6-8).
    sweep_sizes : tuple of int
        Bottleneck sizes compared at the end of training (Fig. 9).
    seeds : int
        Repetitions of each training of ``plane_sizes``.
    sweep_seeds : int
        Repetitions of each training of the other ``sweep_sizes``.
    loss_epochs : int
        Length of the runs that compare reductions and initialisations.
    scan_every : int
        As in `Experiment`, for the first seed of each of ``plane_sizes``.
    stretch : tuple of int
        First and last iteration of the run of K = 32 that is recorded at every iteration.
    runs : int
        Repetitions of the toy problems.
    """

    name: str
    epochs: int
    images: int
    records: int
    batches: int
    samples: int
    plane_sizes: tuple[int, ...]
    sweep_sizes: tuple[int, ...]
    seeds: int
    sweep_seeds: int
    loss_epochs: int
    scan_every: int
    stretch: tuple[int, int]
    runs: int

    def planes(self) -> list[Experiment]:
        """The runs whose planes are recorded over the whole training (Figs. 6-8)."""
        return [
            replace(
                self._run("plane", k, seed, self.records),
                scan_every=0 if seed else self.scan_every,
            )
            for k in self.plane_sizes
            for seed in range(self.seeds)
        ]

    def sweep(self) -> list[Experiment]:
        """One run for each bottleneck size and seed of Fig. 9, recorded at its end.

        Sizes in `planes` are those runs: their last record is the end.
        """
        planes = {(run.bottleneck_size, run.seed): run for run in self.planes()}
        return [
            planes.get((k, seed))
            or replace(self._run("sweep", k, seed, min(self.records, 40)), end_only=True)
            for k in self.sweep_sizes
            for seed in range(self.seeds if k in self.plane_sizes else self.sweep_seeds)
        ]

    def losses(self) -> list[Experiment]:
        """Runs of K = 32 with another reduction or initialisation than the first of `planes`."""
        return [
            Experiment(
                name=f"{self.name}-loss-{reduction}-{initialisation}",
                bottleneck_size=32,
                epochs=self.loss_epochs,
                images=self.images,
                reduction=reduction,
                initialisation=initialisation,
                records=self.records,
                batches=0,
            )
            for reduction, initialisation in (
                ("mean", "default"),
                ("mean", "glorot"),
                ("sum", "default"),
            )
        ]

    def stretch_run(self) -> Experiment:
        """The beginning of the first run of K = 32, recorded at every iteration of a stretch."""
        start, end = self.stretch
        run = self._run("stretch", 32, 0, records=1)
        return replace(
            run,
            epochs=math.ceil(end / replace(run, epochs=1).training.iterations(run.images)),
            batches=min(self.batches, SCAN_BATCHES),
            stretch_start=start,
            stretch_end=end,
        )

    def experiments(self) -> list[Experiment]:
        """Every run of this profile, each once: one seed of all of them before the next."""
        runs = dict.fromkeys([*self.planes(), *self.sweep(), self.stretch_run(), *self.losses()])
        return sorted(runs, key=lambda run: run.seed)

    def _run(self, kind: str, k: int, seed: int, records: int) -> Experiment:
        return Experiment(
            name=f"{self.name}-{kind}-K{k:02d}-seed{seed}",
            bottleneck_size=k,
            epochs=self.epochs,
            seed=seed,
            images=self.images,
            records=records,
            batches=self.batches,
            samples=self.samples,
        )


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name="tiny",
            epochs=1,
            images=500,
            records=4,
            batches=2,
            samples=64,
            plane_sizes=(2, 32),
            sweep_sizes=(2, 4, 8, 32),
            seeds=1,
            sweep_seeds=1,
            loss_epochs=1,
            scan_every=2,
            stretch=(1, 5),
            runs=3,
        ),
        Profile(
            name="quick",
            epochs=12,
            images=60_000,
            records=40,
            batches=4,
            samples=512,
            plane_sizes=(2, 32),
            sweep_sizes=(2, 4, 8, 16, 32),
            seeds=1,
            sweep_seeds=1,
            loss_epochs=6,
            scan_every=4,
            stretch=(900, 1020),
            runs=50,
        ),
        Profile(
            name="paper",
            epochs=100,
            images=60_000,
            records=200,
            batches=10,
            samples=512,
            plane_sizes=(2, 32),
            sweep_sizes=(1, 2, 4, 6, 8, 10, 13, 16, 24, 32, 64),
            seeds=1,
            sweep_seeds=1,
            loss_epochs=6,
            scan_every=4,
            stretch=(500, 1700),
            runs=50,
        ),
    )
}
"""``tiny`` for tests (seconds), ``quick`` (minutes on two cores), ``paper`` (the full scale)."""


def get_profile(name: str) -> Profile:
    """The profile of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in PROFILES:
        raise ValueError(f"profile is {name!r}; there are {sorted(PROFILES)}")
    return PROFILES[name]


def run_or_load(
    experiment: Experiment,
    recompute: bool = False,
    store: str | Path | None = None,
    device: str = "cpu",
    progress: bool | Callable[[int], None] = True,
) -> xr.Dataset:
    """The result of an experiment, from its file where there is one.

    Parameters
    ----------
    experiment : Experiment
    recompute : bool
        Look in and write to `LIVE`, where only results made by this very code count, instead
        of `STORED`. A live run that was interrupted goes on where it stopped.
    store : path, optional
        Another folder in place of both.
    device : str
        Where to train and estimate, "cpu" or "cuda".
    progress : bool or callable
        As in `training.train`.

    Returns
    -------
    xarray.Dataset
        ``information`` (iteration, estimator, quantity, layer, batch) and ``variance``
        (iteration, layer, batch) as `InformationPlane` records them, in bits; ``train_error``
        and ``test_error`` (iteration), mean squared error per pixel on the first 2,000 training
        images and the first 2,000 test images. Its attributes are its provenance.

    Raises
    ------
    ValueError
        If the stored result was made with another configuration.
    OSError
        If results cannot be written.
    """
    folder = Path(store) if store is not None else (LIVE if recompute else STORED)
    path = folder / f"{experiment.name}.nc"
    if path.exists():
        result = load(path)
        stored = json.loads(result.attrs["configuration"])
        same = stored == asdict(experiment)
        if recompute and (not same or result.attrs["code"] != _CODE):
            path.unlink()
        elif same:
            return result
        else:
            changed = {
                key: (stored.get(key), value)
                for key, value in asdict(experiment).items()
                if stored.get(key) != value
            }
            raise ValueError(
                f"{path} was made with another configuration, (stored, asked): {changed}; "
                f"delete it and run: {_command(experiment)}"
            )
    result = run(experiment, device=device, progress=progress)
    with atomic_write(path) as temporary:
        save(result, temporary)
    checkpoint = _unfinished(experiment) / "checkpoint.pt"
    if checkpoint.exists() and not experiment.stretch_end:
        make_folder(_weights(experiment).parent)
        checkpoint.replace(_weights(experiment))
    shutil.rmtree(_unfinished(experiment), ignore_errors=True)
    return load(path)


def run(
    experiment: Experiment,
    device: str = "cpu",
    progress: bool | Callable[[int], None] = True,
    stop_at: int | None = None,
) -> xr.Dataset:
    """Train and record an experiment; see `run_or_load` for what it gives.

    Finished records and the state after each epoch are kept under ``_build/unfinished``, so
    that an interrupted run goes on where it stopped, unless ``stop_at`` cuts it short anyway.
    """
    made_with = provenance(device)  # the source may be edited while a long run goes on
    train_images = mnist(train=True)[: experiment.images].to(device)
    test_images = mnist(train=False).to(device)
    model = experiment.model().to(device)
    batches = _test_batches(experiment, test_images)
    plane = InformationPlane(model, HIDDEN_LAYERS, batches, ESTIMATORS) if len(batches) else None
    scans = _Scans(model, batches) if experiment.scan_every else None
    scratch = None if stop_at is not None else _unfinished(experiment)
    seconds = _Stopwatch(scratch / "seconds" if scratch else None)
    records: dict[int, xr.Dataset] = {}

    def observe(iteration: int, model: nn.Module) -> None:
        record = plane.record() if plane and iteration in estimated else xr.Dataset()
        if scans and iteration in scanned:
            record = record.merge(scans.record())
        record["train_error"] = reconstruction_error(model, train_images[:ERROR_IMAGES])
        record["test_error"] = reconstruction_error(model, test_images[:ERROR_IMAGES])
        records[iteration] = record.assign_coords(iteration=iteration)
        if scratch:
            with atomic_write(scratch / f"{iteration:06d}.nc") as temporary:
                save(records[iteration], temporary)
            with atomic_write(scratch / "seconds") as temporary:
                temporary.write_text(str(seconds()))

    iterations = [i for i in experiment.iterations() if stop_at is None or i <= stop_at]
    estimated = frozenset(experiment.iterations()[-1 if experiment.end_only else 0 :])
    scanned = frozenset(experiment.scanned())
    train(
        model,
        train_images,
        experiment.training,
        observers=[observe],
        observe_at=iterations,
        checkpoint=scratch / "checkpoint.pt" if scratch else None,
        stop_at=iterations[-1],
        progress=progress,
    )
    # records made before an interruption are on disk only
    done = [records[i] if i in records else load(scratch / f"{i:06d}.nc") for i in iterations]
    result = xr.concat(done, dim="iteration", join="outer", coords="minimal")
    result.train_error.attrs = {"long_name": "mean squared error of training images per pixel"}
    result.test_error.attrs = {"long_name": "mean squared error of test images per pixel"}
    result.attrs = {
        **made_with,
        "configuration": json.dumps(asdict(experiment)),
        "seed": experiment.seed,
        "command": _command(experiment),
        "seconds": round(seconds()),
    }
    return result


def trained(experiment: Experiment, progress: bool | Callable[[int], None] = True) -> Autoencoder:
    """The network after the last epoch of an experiment.

    Its weights are too large to be stored with the results. They are kept under ``_build`` by
    the machine that made the run with this very code; elsewhere the network is trained again.

    Parameters
    ----------
    experiment : Experiment
    progress : bool or callable
        As in `training.train`.
    """
    images = mnist(train=True)[: experiment.images]
    return train(
        experiment.model(),
        images,
        experiment.training,
        checkpoint=_weights(experiment),
        progress=progress,
    )


def run_all(
    experiments: Sequence[Experiment],
    recompute: bool = False,
    store: str | Path | None = None,
    device: str = "cpu",
    jobs: int | None = None,
) -> None:
    """Run those of the experiments that have no result yet, several side by side.

    Parameters
    ----------
    experiments : sequence of Experiment
    recompute, store, device
        As in `run_or_load`.
    jobs : int, optional
        Processes; each gets its share of the cores. Default: one a core on a CPU, else 1.

    Raises
    ------
    ValueError, OSError
        As `run_or_load`.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    jobs = (cores if device == "cpu" else 1) if jobs is None else check_count(jobs, "jobs")
    jobs = max(1, min(jobs, len(experiments)))
    mnist(train=True)  # fetched once, before several processes want it
    total = sum(run.training.iterations(run.images) for run in experiments)
    where = {"recompute": recompute, "store": store, "device": device}
    threads = max(1, cores // jobs)
    own_threads = torch.get_num_threads()
    try:
        with multiprocessing.Manager() as manager, _TotalProgress(manager.Queue(), total) as steps:
            joblib.Parallel(n_jobs=jobs)(
                joblib.delayed(_run_one)(run, steps.queue, threads, **where) for run in experiments
            )
    finally:
        torch.set_num_threads(own_threads)  # a single job runs in this process


def _run_one(
    experiment: Experiment,
    queue: multiprocessing.Queue,
    threads: int,
    *,
    recompute: bool,
    store: str | Path | None,
    device: str,
) -> None:
    torch.set_num_threads(threads)
    reported = 0

    def report(updates: int) -> None:
        nonlocal reported
        reported += updates
        queue.put((experiment.name, updates))

    run_or_load(experiment, recompute, store, device, report)
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


def join_seeds(results: Sequence[xr.Dataset]) -> xr.Dataset:
    """Runs that differ in their seed alone, joined along ``seed``.

    Parameters
    ----------
    results : sequence of Dataset
        As `run_or_load` gives them.

    Returns
    -------
    Dataset
        ``information``, ``variance``, ``train_error`` and ``test_error``; scans are left out,
        as not every seed has them.
    """
    recorded = ["information", "variance", "train_error", "test_error"]
    scans = ["gamma", "alpha", "scan_batch"]
    seeds = [result.attrs["seed"] for result in results]
    return xr.concat(
        [result.drop_dims(scans, errors="ignore")[recorded] for result in results],
        dim=pd.Index(seeds, name="seed"),
        combine_attrs="drop",
    )


def save(result: xr.Dataset, path: str | Path) -> None:
    """Write a dataset as netCDF, small: single precision, compressed."""
    encoding = {name: {"dtype": "float32", "zlib": True} for name in result.data_vars}
    result.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def load(path: str | Path) -> xr.Dataset:
    """Read a dataset whole; ValueError if the file is not one."""
    try:
        return xr.load_dataset(path, engine="h5netcdf").astype("float64")
    except OSError as error:
        if not Path(path).exists():
            raise
        raise ValueError(f"{path} is no readable result ({error}); delete it") from error


def verify(experiment: Experiment, store: str | Path = STORED, up_to: int = 300) -> float:
    """Recompute the beginning of a stored run and compare.

    Parameters
    ----------
    experiment : Experiment
    store : path
        Folder of the stored result.
    up_to : int
        Last iteration to recompute.

    Returns
    -------
    float
        Largest absolute difference in bits over all quantities, layers and batches; where the
        range has no plane, the largest relative difference of the errors.

    Raises
    ------
    ValueError
        If nothing is stored, or no recorded iteration lies in the range.
    """
    path = Path(store) / f"{experiment.name}.nc"
    if not path.exists():
        raise ValueError(f"nothing is stored at {path}; run: {_command(experiment)}")
    stored = load(path)
    recorded = [i for i in experiment.iterations() if i <= up_to]
    if not recorded:
        raise ValueError(
            f"{experiment.name} has its first record after {experiment.iterations()[0]} updates; "
            f"up_to is {up_to}: raise it"
        )
    fresh = run(experiment, progress=False, stop_at=recorded[-1])
    if "information" in fresh:
        difference = abs(fresh.information - stored.information.sel(iteration=recorded))
        return float(difference.max())
    errors = stored.test_error.sel(iteration=recorded)
    return float(abs(fresh.test_error / errors - 1).max())


def provenance(device: str = "cpu") -> dict[str, str]:
    """Where and with what a result is made: versions, device, date, commit."""
    packages = ("ipae-lib", "numpy", "torch", "torchvision", "xarray")
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    return {
        "versions": json.dumps(versions),
        "device": _device_name(device),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "uncommitted_changes": str(bool(_git("status", "--porcelain", "--", *map(str, _DECISIVE)))),
        "code": _CODE,
    }


def footer(*results: xr.Dataset) -> str:
    """Provenance of a chapter, as text: where it ran, and where its stored results come from."""
    here = provenance()
    versions = ", ".join(f"{name} {v}" for name, v in json.loads(here["versions"]).items())
    lines = [f"Computed with {versions}", f"on {here['device']}; source {here['commit'][:10]}."]
    for result in results:
        a = result.attrs
        name = json.loads(a["configuration"])["name"]
        changed = " with uncommitted changes" if a["uncommitted_changes"] == "True" else ""
        lines.append(
            f"{name}: made {a['date'][:10]} from {a['commit'][:10]}{changed} with torch "
            f"{json.loads(a['versions'])['torch']} on {a['device']}, seed {a['seed']}, "
            f"{int(a['seconds'])} s; again by: {a['command']}"
        )
    return "\n".join(lines)


class _Stopwatch:
    """Seconds that a run has taken, those before an interruption included."""

    def __init__(self, path: Path | None) -> None:
        self.earlier = float(path.read_text()) if path and path.exists() else 0.0
        self.started = time.perf_counter()

    def __call__(self) -> float:
        return self.earlier + time.perf_counter() - self.started


class _Scans:
    """Records the plane under the proposed rule for a range of γ, and for a range of α."""

    def __init__(self, model: nn.Module, batches: Tensor) -> None:
        proposed = ESTIMATORS["proposed"]
        settings = {
            "gamma": {g: replace(proposed, width=ProposedWidth(g)) for g in GAMMAS},
            "alpha": {a: replace(proposed, alpha=a) for a in ALPHAS},
        }
        self.planes = {
            name: (
                list(estimators),
                InformationPlane(
                    model,
                    HIDDEN_LAYERS,
                    batches[:SCAN_BATCHES],
                    {str(value): estimator for value, estimator in estimators.items()},
                ),
            )
            for name, estimators in settings.items()
        }

    def record(self) -> xr.Dataset:
        return xr.Dataset(
            {
                f"{name}_scan": plane.record()
                .information.rename(estimator=name, batch="scan_batch")
                .assign_coords({name: values})
                for name, (values, plane) in self.planes.items()
            }
        )


def _test_batches(experiment: Experiment, test_images: Tensor) -> Tensor:
    """Test images of shape (batch, N, d); the same in every run, so that only models differ."""
    size = experiment.batches * experiment.samples
    if size > len(test_images):
        raise ValueError(
            f"{experiment.batches} batches of {experiment.samples} samples are more than the "
            f"{len(test_images):,} test images; take fewer"
        )
    order = torch.randperm(len(test_images), generator=torch.Generator().manual_seed(0))[:size]
    chosen = test_images[order.to(test_images.device)]
    return chosen.reshape(experiment.batches, experiment.samples, test_images.shape[1])


def _unfinished(experiment: Experiment) -> Path:
    return ROOT / "_build" / "unfinished" / _identity(experiment)


def _weights(experiment: Experiment) -> Path:
    return ROOT / "_build" / "networks" / f"{_identity(experiment)}.pt"


def _identity(experiment: Experiment) -> str:
    """A name that a run shares with none of another configuration or code."""
    identity = json.dumps(asdict(experiment)) + _CODE
    return f"{experiment.name}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def _command(experiment: Experiment) -> str:
    profile = experiment.name.split("-")[0]
    return f"python -m ipae_lib.experiments run --profile {profile} --only {experiment.name}"


def _version(package: str) -> str:
    try:
        return version(package)
    except ImportError:
        return "not installed"


def _device_name(device: str) -> str:
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        model = None
    name = model.group(1) if model else platform.processor() or platform.machine()
    return f"CPU, {name}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _chosen(profile: Profile, only: Iterable[str]) -> list[Experiment]:
    known = {run.name: run for run in profile.experiments()}
    unknown = sorted(set(only) - known.keys())
    if unknown:
        raise ValueError(
            f"profile {profile.name} has no experiment {unknown}; it has {sorted(known)}"
        )
    return [known[name] for name in only] or list(known.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: run, status, verify."""
    parser = argparse.ArgumentParser(
        prog="python -m ipae_lib.experiments",
        description="Run the experiments of a profile, tell what is stored, or check it.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "run": "make the results that are missing; an interrupted run goes on",
        "status": "tell what is stored, from which commit, seed and machine, and what is missing",
        "verify": "recompute the beginning of each stored run and compare",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--profile", default="paper", choices=sorted(PROFILES))
        command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these alone")
        command.add_argument(
            "--live", action="store_true", help="in _build/results, not book/results"
        )
        if name == "run":
            command.add_argument("--device", default="cpu", help="cpu or cuda")
            command.add_argument("--jobs", type=int, help="processes (default: one a core)")
        if name == "verify":
            command.add_argument("--up-to", type=int, default=300, help="last iteration")
            command.add_argument("--tolerance", type=float, default=0.01, help="in bits")
    options = parser.parse_args(arguments)
    try:
        chosen = _chosen(PROFILES[options.profile], options.only)
        if options.command == "run":
            run_all(chosen, options.live, device=options.device, jobs=options.jobs)
        elif options.command == "status":
            _print_status(chosen, LIVE if options.live else STORED)
        else:
            _verify_all(chosen, LIVE if options.live else STORED, options)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")


def _print_status(experiments: Iterable[Experiment], store: Path) -> None:
    for experiment in experiments:
        path = store / f"{experiment.name}.nc"
        print(footer(load(path)).splitlines()[-1] if path.exists() else f"{path.stem}: missing")


def _verify_all(
    experiments: Iterable[Experiment], store: Path, options: argparse.Namespace
) -> None:
    failed = []
    for experiment in experiments:
        if experiment.iterations()[0] > options.up_to:
            print(f"{experiment.name}: recorded at its end only, not checked")
            continue
        difference = verify(experiment, store, options.up_to)
        verdict = "as stored" if difference <= options.tolerance else "DIFFERS"
        print(f"{experiment.name}: {verdict}, largest difference {difference:.2g}")
        if verdict == "DIFFERS":
            failed.append(experiment.name)
    if failed:
        raise ValueError(f"{failed} differ from a fresh computation")


if __name__ == "__main__":
    main()
