"""The paper's experiments on MNIST: which runs there are, and at which scales.

Each `Experiment` is one training run with what is recorded of it; a `Profile` is the set of them
that the whole book needs at one scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import nn

from ipae_lib.models import Autoencoder
from ipae_lib.threads import GLOBAL_GENERATOR
from ipae_lib.training import Sgd
from ipae_lib.validation import check_count
from study.moments import log_spaced

SCAN_BATCHES = 2
"""Batches on which the scans estimate: the first of the run's."""


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
    profile : str, optional
        Name of the `Profile` that it belongs to.

    Raises
    ------
    ValueError
        If the initialisation is unknown, or a number is out of range.
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
    profile: str | None = None

    def __post_init__(self) -> None:
        if self.initialisation not in ("glorot", "default"):
            raise ValueError(
                f"initialisation is {self.initialisation!r}; use 'glorot' or 'default'"
            )
        check_count(self.scan_every, "scan_every", minimum=0)
        check_count(self.stretch_start, "stretch_start", minimum=0)
        if self.stretch_end:
            check_count(self.stretch_end, "stretch_end", minimum=max(1, self.stretch_start))

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
        with GLOBAL_GENERATOR:  # every linear layer draws from it first
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
        Networks of each of ``plane_sizes`` and ``repeated_sizes``, from different seeds.
    repeated_sizes : tuple of int
        Those of ``sweep_sizes`` that are trained so often, too; of the others there is one network.
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
    repeated_sizes: tuple[int, ...]
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
        repeated = {*self.plane_sizes, *self.repeated_sizes}
        return [
            planes.get((k, seed))
            or replace(self._run("sweep", k, seed, min(self.records, 40)), end_only=True)
            for k in self.sweep_sizes
            for seed in range(self.seeds if k in repeated else 1)
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
                profile=self.name,
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
            profile=self.name,
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
            repeated_sizes=(),
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
            repeated_sizes=(),
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
            seeds=3,
            repeated_sizes=(8, 13),
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
