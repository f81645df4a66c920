"""What the trial of kills starts and kills: ``python -m study.trials.victims KIND FOLDER``.

Each goes on in its folder from what an earlier call left there, and tells at its end what came of
it, as a digest: the same for every history of kills.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ipae_lib import data
from ipae_lib.benchmark import runner
from ipae_lib.benchmark.problems import gaussian_problem
from ipae_lib.models import Autoencoder
from ipae_lib.training import Sgd, train
from study import experiments
from study.experiments import Experiment
from study.processes import exit_on_signal


def sweep(folder: Path) -> bytes:
    """Two small runs side by side, as ``python -m study experiments run`` makes them."""
    runs = sweep_runs(folder)
    experiments.run_all(runs, store=folder, jobs=2)
    found = [experiments.load(folder / f"{run.name}.nc") for run in runs]
    values = (variable.values for one in found for _, variable in sorted(one.data_vars.items()))
    return b"".join(array.tobytes() for array in values)


def sweep_runs(folder: Path) -> list[Experiment]:
    """Those of `sweep`; their names are of the folder, so that no two trials share what is kept."""
    name = f"trial-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    sizes: dict[str, Any] = {"epochs": 6, "images": 300, "records": 6, "batches": 2, "samples": 32}
    return [Experiment(f"{name}-{seed}", bottleneck_size=3, seed=seed, **sizes) for seed in (0, 1)]


def training(folder: Path) -> bytes:
    """One training with a checkpoint after each epoch."""
    model = Autoencoder(2, hidden_sizes=(200, 100, 50), generator=torch.Generator().manual_seed(0))
    images = data.mnist(train=False)[:1000]
    train(model, images, Sgd(epochs=40), checkpoint=folder / "checkpoint.pt", progress=False)
    return b"".join(weights.numpy().tobytes() for weights in model.state_dict().values())


def download(folder: Path) -> bytes:
    """MNIST, fetched from a mirror that is this machine's own copy."""
    raw = data.cache_folder() / "MNIST" / "raw"
    copies = {name: (raw / name).read_bytes() for name in data._MD5}
    data._from_torchvision = lambda *_, **__: copies
    images = [data.mnist(folder, train=part) for part in (True, False)]
    return b"".join(part.numpy().tobytes() for part in images)


def benchmark(folder: Path) -> bytes:
    """A guest that starts processes of its own, on some questions."""
    asked = [gaussian_problem(d, 32, seed) for d in (1, 2) for seed in range(4)]
    rows = {"forking": forking}
    found = runner.run(rows, asked, cache=folder / "answers", progress=False)
    return found.bits.values.tobytes()


def forking(x: Tensor, y: Tensor) -> float:
    """An estimator that leaves a process behind."""
    if os.fork() == 0:
        time.sleep(1000)
    time.sleep(0.03)
    return float((x[:, 0] * y[:, 0]).mean())


KINDS = {one.__name__: one for one in (sweep, training, download, benchmark)}


def main(kind: str, folder: str) -> None:
    """Do it, and print where it stands: ``begun``, and a digest of what came of it."""
    # a process that was started in the background ignores Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if kind == "sweep":  # as the program of the study
        signal.signal(signal.SIGTERM, exit_on_signal)
    data.mnist(train=False)
    print("begun", flush=True)
    print(hashlib.sha256(KINDS[kind](Path(folder))).hexdigest(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
