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
from ipae_lib.training import Sgd
from ipae_lib.validation import check_count
from study.moments import log_spaced

ERROR_IMAGES = 2_000
"""Images whose reconstruction error is recorded where a run does not ask for more."""

SCAN_BATCHES = 2
"""Batches on which the scans estimate: the first of the run's."""


Reduction = Literal["sum", "half", "mean"]
Initialisation = Literal["glorot", "glorot4"]


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
    reduction : "sum", "half" or "mean"
        Of the squared error over pixels: as in `training.Sgd`.
    initialisation : "glorot" or "glorot4"
        Glorot-uniform weights and zero biases; or the same with four times the weights, as advised
        for sigmoids.
    records : int
        Log-spaced iterations recorded, the first before training; 1 is the end alone.
    batches, samples : int
        Test batches on which information is estimated, and images in each.
    end_only : bool
        Estimate information at the last record alone; the errors are recorded at all.
    error_images : int
        Images whose reconstruction error is recorded: the first of the test images in their file,
        and of those to train on.
    truth : int
        Test images over which the exact plane is taken, at each record with information; 0: none.
    scan_every : int
        Scan γ and α at each record that is a multiple of this from the last; 0: at none.
    variants : bool
        Estimate at each record under the `results.VARIANTS` as well.
    stretch_start, stretch_end : int
        Record every iteration from one to the other, both included, in place of ``records``,
        and end there; 0 and 0: as ``records`` says.
    profile : str, optional
        ``prefix`` of the `Profile` that it belongs to.

    Raises
    ------
    ValueError
        If the reduction or the initialisation is unknown, or a number is out of range.
    """

    name: str
    bottleneck_size: int
    epochs: int
    seed: int = 0
    images: int = 60_000
    reduction: Reduction = "sum"
    initialisation: Initialisation = "glorot"
    records: int = 40
    batches: int = 10
    samples: int = 512
    end_only: bool = False
    error_images: int = ERROR_IMAGES
    truth: int = 0
    scan_every: int = 0
    variants: bool = False
    stretch_start: int = 0
    stretch_end: int = 0
    profile: str | None = None

    def __post_init__(self) -> None:
        if self.initialisation not in ("glorot", "glorot4"):
            raise ValueError(
                f"initialisation is {self.initialisation!r}; use 'glorot' or 'glorot4'"
            )
        self.training  # noqa: B018  (checks the reduction)
        check_count(self.batches, "batches")
        check_count(self.error_images, "error_images")
        check_count(self.truth, "truth", minimum=0)
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
        model = Autoencoder(self.bottleneck_size, generator=generator)
        if self.initialisation == "glorot4":
            with torch.no_grad():
                for module in model.modules():
                    if isinstance(module, nn.Linear):
                        module.weight *= 4
        return model


@dataclass(frozen=True)
class Cell:
    """A choice of what the paper does not tell of its training.

    Parameters
    ----------
    reduction, initialisation : str
        As in `Experiment`.
    """

    reduction: Reduction
    initialisation: Initialisation

    @property
    def name(self) -> str:
        """Names it in files."""
        return f"{self.reduction}-{self.initialisation}"

    @property
    def title(self) -> str:
        """Names it in figures and tables."""
        losses = {"sum": "sum", "half": "½ sum", "mean": "mean"}
        weights = {"glorot": "Glorot", "glorot4": "4 × Glorot"}
        return f"{losses[self.reduction]}, {weights[self.initialisation]}"


CELLS = tuple(
    Cell(reduction, initialisation)
    for initialisation in ("glorot", "glorot4")
    for reduction in ("sum", "half", "mean")
)
"""Every choice: the loss is the squared error of an image, half of it, or its mean over pixels."""

PRINCIPAL = (Cell("sum", "glorot"), Cell("half", "glorot4"))
"""Those with several networks, each decided for itself: torch's usual reading, and sigmoid's."""


@dataclass(frozen=True)
class Profile:
    """A scale at which the whole book runs. What the paper leaves open is a factor of its runs.

    Parameters
    ----------
    name : str
    prefix : str
        With which the names of its runs begin.
    epochs, images, batches, samples, truth : int
        As in `Experiment`.
    records : int
        Iterations recorded of each run of ``plane_sizes``.
    plane_sizes : tuple of int
        Bottleneck sizes whose information planes are drawn over the training (Figs. 6-8), the
        small one first.
    sweep_sizes : tuple of int
        Bottleneck sizes compared at the end of training (Fig. 9).
    seeds, sweep_seeds : tuple of int
        Of the networks of ``plane_sizes`` in each principal cell, and of ``sweep_sizes``.
    scan_every : int
        As in `Experiment`, for the first network of each of ``plane_sizes``.
    stretch : tuple of int
        First and last iteration of the run of K = 32 that is recorded at every iteration.
    runs : int
        Repetitions of the toy problems.
    """

    name: str
    prefix: str
    epochs: int
    images: int
    records: int
    batches: int
    samples: int
    truth: int
    plane_sizes: tuple[int, ...]
    sweep_sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    sweep_seeds: tuple[int, ...]
    scan_every: int
    stretch: tuple[int, int]
    runs: int

    def planes(self, cell: Cell = PRINCIPAL[0]) -> list[Experiment]:
        """The runs of a cell whose planes are recorded over the whole training (Figs. 6-8).

        Of a cell that is not principal, one network of each size, recorded half as often.
        """
        seeds = self.seeds if cell in PRINCIPAL else self.seeds[:1]
        first = (PRINCIPAL[0], self.seeds[0])
        return [
            replace(
                self._run("plane", cell, k, seed),
                records=self.records if cell in PRINCIPAL else max(2, self.records // 2),
                scan_every=self.scan_every if (cell, seed) == first else 0,
                variants=cell in PRINCIPAL,
            )
            for k in self.plane_sizes
            for seed in seeds
        ]

    def sweep(self, cell: Cell = PRINCIPAL[0]) -> list[Experiment]:
        """One run of a cell for each bottleneck size and seed of Fig. 9, recorded at its end.

        Sizes in `planes` are those runs: their last record is the end.
        """
        planes = {(run.bottleneck_size, run.seed): run for run in self.planes(cell)}
        return [
            planes.get((k, seed)) or replace(self._run("sweep", cell, k, seed), end_only=True)
            for k in self.sweep_sizes
            for seed in self.sweep_seeds
        ]

    def stretch_run(self) -> Experiment:
        """The beginning of the first run of K = 32, recorded at every iteration of a stretch."""
        start, end = self.stretch
        run = self._run("stretch", PRINCIPAL[0], 32, self.seeds[0])
        return replace(
            run,
            epochs=math.ceil(end / replace(run, epochs=1).training.iterations(run.images)),
            records=1,
            batches=1,  # each record costs, and what is asked is how they differ along the training
            error_images=ERROR_IMAGES,
            truth=0,
            stretch_start=start,
            stretch_end=end,
        )

    def experiments(self) -> list[Experiment]:
        """Every run of this profile, each once: one seed of all of them before the next."""
        planes = [run for cell in CELLS for run in self.planes(cell)]
        sweeps = [run for cell in PRINCIPAL for run in self.sweep(cell)]
        return sorted(
            dict.fromkeys([*planes, *sweeps, self.stretch_run()]), key=lambda run: run.seed
        )

    def _run(self, kind: str, cell: Cell, k: int, seed: int) -> Experiment:
        return Experiment(
            name=f"{self.prefix}-{kind}-{cell.name}-K{k:02d}-seed{seed}",
            bottleneck_size=k,
            epochs=self.epochs,
            seed=seed,
            images=self.images,
            reduction=cell.reduction,
            initialisation=cell.initialisation,
            records=self.records,
            batches=self.batches,
            samples=self.samples,
            error_images=10_000,
            truth=self.truth,
            profile=self.prefix,
        )


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name="tiny",
            prefix="tiny",
            epochs=1,
            images=500,
            records=4,
            batches=2,
            samples=64,
            truth=320,
            plane_sizes=(2, 32),
            sweep_sizes=(2, 4, 8, 32),
            seeds=(3,),
            sweep_seeds=(3,),
            scan_every=2,
            stretch=(1, 5),
            runs=3,
        ),
        Profile(
            name="quick",
            prefix="quick",
            epochs=12,
            images=60_000,
            records=40,
            batches=4,
            samples=512,
            truth=2_560,
            plane_sizes=(2, 32),
            sweep_sizes=(2, 4, 8, 16, 32),
            seeds=(3,),
            sweep_seeds=(3,),
            scan_every=4,
            stretch=(900, 1020),
            runs=50,
        ),
        Profile(
            name="paper",
            prefix="truth",
            epochs=100,
            images=60_000,
            records=40,
            batches=10,
            samples=512,
            truth=10_000,
            plane_sizes=(2, 32),
            sweep_sizes=(1, 2, 4, 6, 8, 10, 13, 16, 24, 32, 64),
            seeds=(3, 4, 5, 6, 7),
            sweep_seeds=(3, 4, 5),
            scan_every=4,
            stretch=(500, 1700),
            runs=50,
        ),
    )
}
"""``tiny`` for tests (seconds), ``quick`` (minutes on two cores), ``paper`` (the full scale)."""

SETS = {**PROFILES, **{profile.prefix: profile for profile in PROFILES.values()}}
"""The same by their names and by the prefix of their runs, which stored results tell."""


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
