"""One run and its result: a small netCDF file that carries its provenance."""

from __future__ import annotations

import hashlib
import io
import json
import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import h5netcdf
import pandas as pd
import torch
import xarray as xr
from torch import Tensor, nn
from xarray.backends import H5NetCDFStore

from ipae_lib.activations import capture
from ipae_lib.data import mnist, mnist_labels
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.files import (
    DamagedError,
    atomic_write,
    first_line,
    kept,
    make_folder,
    read_sealed,
    seal,
    write_sealed,
)
from ipae_lib.kernels import Groups, PreviousWidth, ProposedWidth
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import QUANTITIES, InformationPlane
from ipae_lib.training import read_checkpoint, train
from study.digest import with_digest
from study.experiments import integrity, origin
from study.experiments.configurations import ERROR_IMAGES, SCAN_BATCHES, Experiment
from study.experiments.schema import SCANNED, SCHEMA, check_schema
from study.experiments.truth import true_plane
from study.processes import alone

STORED = origin.ROOT / "book" / "results"
"""Results that are part of the repository."""
LIVE = origin.ROOT / "_build" / "results"
"""Results of this checkout, made when the book is built."""

SHARED: dict[str, Groups] = {INPUT: "all", OUTPUT: "all"}
"""Images of one channel share their statistics in (29), Sec. III-C."""

ESTIMATORS = {
    "previous": MatrixRenyi(
        {"Z": PreviousWidth(25), "default": PreviousWidth(5)}, standardize=False, dimensions="all"
    ),
    "proposed": MatrixRenyi(ProposedWidth(0.8), groups=SHARED, eps=1e-8, dimensions="all"),
    "scale-free": MatrixRenyi(ProposedWidth(0.8), groups=SHARED),
}
"""The two settings of Sec. IV-B, rule (27) of Yu & Príncipe, and rules (29) and (30) as the paper
states them; and the latter without what depends on scale: no ε, and only dimensions that vary."""


@dataclass(frozen=True)
class HeldVariance:
    """A rule on activations that are rescaled to a mean variance which is always the same.

    Parameters
    ----------
    rule : rule of N and d
    variance : float
        Mean over the dimensions.
    """

    rule: PreviousWidth
    variance: float

    def of_samples(self, x: Tensor) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...)."""
        variance = ((x - x.mean(dim=-2, keepdim=True)) ** 2).mean(dim=(-2, -1))
        scale = torch.where(variance > 0, variance / self.variance, 1).sqrt()
        return scale * self.rule(*x.shape[-2:])


_D = 784
"""Pixels: variants of a rule leave X what it has under the rule itself."""

VARIANTS = {
    "variance held": MatrixRenyi(
        {
            "Z": HeldVariance(PreviousWidth(25), 0.067),
            "default": HeldVariance(PreviousWidth(5), 0.067),
        },
        standardize=False,
        dimensions="all",
    ),
    "√d only": MatrixRenyi(ProposedWidth(5 / math.sqrt(_D)), standardize=False, dimensions="all"),
    "(29) only": MatrixRenyi(
        PreviousWidth(0.8 * math.sqrt(_D)), groups=SHARED, eps=1e-8, dimensions="all"
    ),
}
"""What the previous rule would show if no layer's variance ever changed: each is rescaled to that
of the images. And the two steps from the previous rule to the proposed one, each alone."""

GAMMAS = (0.1, 0.18, 0.32, 0.56, 1.0, 1.8, 3.2, 5.6, 10.0)
"""γ of the proposed rule in a γ scan: [0.1, 10], evenly spaced on a logarithmic axis."""

ALPHAS = (0.5, 1.0, 1.01, 1.5, 2.0)
"""Orders α of the entropy in an α scan; 1 is von Neumann's."""


def run_or_load(
    experiment: Experiment,
    live: bool = False,
    store: str | Path | None = None,
    device: str = "cpu",
    progress: bool | Callable[[int], None] = True,
    *,
    wait: bool = True,
) -> xr.Dataset:
    """The result of an experiment, from its file where there is one.

    Parameters
    ----------
    experiment : Experiment
    live : bool
        Look in and write to `LIVE`, where only results made by this very code count, instead
        of `STORED`. A live run that was interrupted goes on where it stopped.
    store : path, optional
        Another folder in place of both.
    device : str
        Where to train and estimate, "cpu" or "cuda".
    progress : bool or callable
        As in `training.train`.
    wait : bool
        Wait for another process that is making this result, and take what it made.

    Returns
    -------
    xarray.Dataset
        ``input_mi``, ``output_mi`` and ``entropy`` (iteration, estimator, layer, batch) and
        ``variance`` (iteration, layer, batch) as `InformationPlane` records them, in bits;
        ``train_error`` and ``test_error`` (iteration), mean squared error per pixel on the first
        images of either set, as many as the experiment says. Where it asks for it, the exact plane
        (iteration, noise, resolution, layer) as `truth.true_plane` gives it, and scans as
        `schema.scan` reads them. Its attributes are its provenance; ``precision`` is that of the
        pass that was measured and of its spectra.

    Raises
    ------
    ValueError
        If the stored result was made with another configuration, or as `load`.
    OSError
        If results cannot be written; what can be seen before the training is told before it.
    BusyError
        If another process is making it, and is not to be waited for.
    """
    result = find(experiment, live, store)
    if result is not None:
        return result
    path = path_of(experiment, live, store)
    check_room(experiment, path)
    with claimed(experiment, wait):
        result = find(experiment, live, store)  # made by another process meanwhile
        if result is None:
            result = run(experiment, device=device, progress=progress, resume=True)
            with atomic_write(path) as temporary:
                save(result, temporary)
            tidy(experiment)
            result = load(path)
    return result


def claimed(experiment: Experiment, wait: bool = True) -> AbstractContextManager[None]:
    """Hold an experiment and what is unfinished of it for this process, see `processes.alone`."""
    return alone(_unfinished(experiment), experiment.name, wait)


_ROOM = 5_000_000
"""Bytes for a result, ten times what the largest has."""

_ROOM_TO_WORK = 100_000_000
"""Bytes for an unfinished run: two checkpoints of the paper's network, and its records."""


def check_room(experiment: Experiment, path: Path) -> None:
    """See that a run and its result can be written, before it takes its hours.

    Raises
    ------
    OSError
        If not; the message names the folder.
    """
    make_folder(path.parent, _ROOM)
    make_folder(_unfinished(experiment).parent, _ROOM_TO_WORK)


def path_of(experiment: Experiment, live: bool, store: str | Path | None) -> Path:
    """File of an experiment's result, in the folder that `run_or_load` is told."""
    folder = Path(store) if store is not None else (LIVE if live else STORED)
    return folder / f"{experiment.name}.nc"


def find(experiment: Experiment, live: bool, store: str | Path | None) -> xr.Dataset | None:
    """What `run_or_load` finds stored, or None; live, what is damaged or of other code is deleted.

    Raises
    ------
    ValueError
        As `run_or_load`, or if the file is no result, see `load`.
    """
    path = path_of(experiment, live, store)
    if not path.exists():
        return None
    try:
        result = load(path)
    except ValueError as error:
        if not live:
            raise
        print(f"{error}: it is made again", file=sys.stderr)
        path.unlink()
        return None
    stored = json.loads(result.attrs["configuration"])
    same = stored == asdict(experiment)
    if live and (not same or result.attrs["code"] != origin.CODE):
        path.unlink(missing_ok=True)  # another process may have been quicker
        return None
    if same:
        return result
    changed = {
        key: (stored.get(key), value)
        for key, value in asdict(experiment).items()
        if stored.get(key) != value
    }
    raise ValueError(
        f"{path} was made with another configuration, (stored, asked): {changed}; "
        f"delete it and run: {_command(experiment)}"
    )


def known(
    experiments: Sequence[Experiment], live: bool = False, store: str | Path | None = None
) -> list[Experiment]:
    """Those that `run_or_load` has without training; live, all of them, since it makes them."""
    return [run for run in experiments if live or path_of(run, live, store).exists()]


def tidy(experiment: Experiment) -> None:
    """Drop the unfinished records of a run that is over."""
    shutil.rmtree(_unfinished(experiment), ignore_errors=True)


def run(
    experiment: Experiment,
    device: str = "cpu",
    progress: bool | Callable[[int], None] = True,
    stop_at: int | None = None,
    resume: bool = False,
) -> xr.Dataset:
    """Train and record an experiment.

    Parameters
    ----------
    experiment : Experiment
    device, progress
        As in `run_or_load`.
    stop_at : int, optional
        Last iteration to train and record.
    resume : bool
        Keep finished records and the state after each epoch under ``_build/unfinished`` until
        `tidy` drops them, and go on from what an interrupted run left there. The result is then
        that of a run without interruption, bit for bit: it goes on with the threads that it was
        begun with, and what another processor or other libraries left is dropped.

    Returns
    -------
    xarray.Dataset
        As `run_or_load`.
    """
    scratch = _unfinished(experiment) if resume else None
    if scratch:
        _drop_if_damaged(experiment, scratch)
    with _arithmetic_as_begun(experiment, device, scratch):
        return _run(experiment, device=device, progress=progress, stop_at=stop_at, scratch=scratch)


def _run(
    experiment: Experiment,
    *,
    device: str = "cpu",
    progress: bool | Callable[[int], None] = False,
    stop_at: int | None = None,
    scratch: Path | None = None,
    moved: int | None = None,
) -> xr.Dataset:
    made_with = origin.provenance(device)  # the source may be edited while a long run goes on
    train_images = mnist(train=True)[: experiment.images].to(device)
    test_images = mnist(train=False).to(device)
    model = experiment.model().to(device)
    if moved is not None:
        _move(model, moved)
    batches = batches_of(experiment).to(device)
    plane = InformationPlane(model, HIDDEN_LAYERS, list(batches), ESTIMATORS, dtype=torch.float64)
    scans = _Scans(model, batches) if experiment.scan_every else None
    variants = _variants(model, batches) if experiment.variants else None
    population, digits = population_of(experiment)
    seconds = _Stopwatch(scratch / "seconds" if scratch else None)
    records: dict[int, xr.Dataset] = {}

    def observe(iteration: int, model: nn.Module) -> None:
        record = xr.Dataset()
        if iteration in estimated:
            record = plane.record()[[*QUANTITIES, "variance"]]
        if variants and iteration in estimated:
            record = record.merge(_scan(variants, "variant", list(VARIANTS)))
        if scans and iteration in scanned:
            record = record.merge(scans.record())
        if experiment.truth and iteration in estimated:
            inside = capture(model, HIDDEN_LAYERS, population.to(device))
            record = record.merge(true_plane(inside, digits))
        record["train_error"] = reconstruction_error(model, train_images[: experiment.error_images])
        record["test_error"] = reconstruction_error(model, test_images[: experiment.error_images])
        records[iteration] = record.assign_coords(iteration=iteration)
        if scratch:
            with atomic_write(scratch / f"{iteration:06d}.nc") as temporary:
                save(records[iteration], temporary)
            write_sealed(scratch / "seconds", str(seconds()).encode())

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
    for i in iterations:
        if scratch and i not in records:  # made before an interruption, and on disk only
            records[i] = read_record(scratch / f"{i:06d}.nc")
    done = [records[i] for i in iterations]
    return joined_records(done, experiment, {**made_with, "seconds": round(seconds())})


def joined_records(
    records: Sequence[xr.Dataset],
    experiment: Experiment,
    made_with: Mapping[str, Any],
) -> xr.Dataset:
    """The result of a run from its records, each with its iteration.

    Parameters
    ----------
    records : sequence of Dataset
    experiment : Experiment
    made_with : mapping
        `origin.provenance`, and ``seconds``.
    """
    result = xr.concat(records, dim="iteration", join="outer", coords="minimal")
    result.train_error.attrs = {"long_name": "mean squared error of training images per pixel"}
    result.test_error.attrs = {"long_name": "mean squared error of test images per pixel"}
    result.attrs = {
        **made_with,
        "precision": "float64",
        "configuration": json.dumps(asdict(experiment)),
        "seed": experiment.seed,
        "command": _command(experiment),
    }
    return result


def mean_image_error(images: int = ERROR_IMAGES) -> float:
    """Test error of answering with the mean training image, on the first of the test images.

    A network that has learned nothing but the mean stays on this plateau. Mean squared error per
    pixel, as ``test_error`` of `run_or_load`.

    Parameters
    ----------
    images : int
        As the ``error_images`` of the runs that it is compared with.
    """
    judged = mnist(train=False)[:images]
    return nn.functional.mse_loss(mnist().mean(0).expand_as(judged), judged).item()


def join_seeds(results: Sequence[xr.Dataset]) -> xr.Dataset:
    """Runs that differ in their seed alone, joined along ``seed``.

    Parameters
    ----------
    results : sequence of Dataset
        As `run_or_load` gives them.

    Returns
    -------
    Dataset
        ``input_mi``, ``output_mi``, ``entropy``, ``variance``, ``train_error`` and
        ``test_error``; scans and exact planes are left out, as not every seed has them.
    """
    recorded = [*QUANTITIES, "variance", "train_error", "test_error"]
    scans = [*SCANNED, "scan_batch", "noise", "resolution"]
    seeds = [result.attrs["seed"] for result in results]
    return xr.concat(
        [result.drop_dims(scans, errors="ignore")[recorded] for result in results],
        dim=pd.Index(seeds, name="seed"),
        combine_attrs="drop",
    )


def save(result: xr.Dataset, path: str | Path) -> None:
    """Write a dataset as netCDF, small: single precision, compressed; with digest and seal."""
    encoding = {name: {"dtype": "float32", "zlib": True} for name in result.data_vars}
    written = with_digest(result.astype("float32").assign_attrs(schema=SCHEMA))
    content = io.BytesIO()  # HDF5 crashes at its end when a disk was full
    with h5netcdf.File(content, "w") as file:
        written.dump_to_store(H5NetCDFStore(file), encoding=encoding)
    Path(path).write_bytes(content.getvalue())
    seal(path)


def load(path: str | Path) -> xr.Dataset:
    """Read a stored result whole.

    Parameters
    ----------
    path : path
        Of a file that `save` wrote.

    Raises
    ------
    ValueError
        If the file cannot be read as netCDF, is not what its digest tells, does not tell where it
        comes from, has another schema, or holds what cannot be, see `integrity.check`. The message
        names the file and, but for another schema, the command that makes it again.
    OSError
        If there is no such file, or it may not be read.
    """
    result = read_record(path)
    origin.check_provenance(result, path)
    check_schema(result, path)
    integrity.check(result, path)
    return result


def read_record(path: str | Path) -> xr.Dataset:
    """A dataset as it stands in a file, whole and as it was written."""
    try:
        # what is damaged must not reach the reader: for some flipped bits HDF5 never ends
        content = io.BytesIO(read_sealed(path, required=False))
        result = xr.load_dataset(content, engine="h5netcdf").astype("float64")
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # readers of damaged files raise anything
        told = isinstance(error, DamagedError)
        wrong = error if told else f"{path} is no readable result ({first_line(error)})"
        raise ValueError(f"{wrong}; {origin.remedy(path)}") from error
    integrity.check_digest(result, path)
    return result


@dataclass(frozen=True)
class Deviation:
    """Where a stored result lies farthest from a fresh computation, and how far."""

    where: str
    """The variable and the iteration."""
    difference: float
    """In bits; of an error, relative."""
    rounding: float
    """How much of it rounding accounts for: in the training, and in the distances of the truth."""

    @property
    def excess(self) -> float:
        """What is left of the difference beyond rounding; at least 0."""
        return max(0.0, self.difference - self.rounding)

    def __str__(self) -> str:
        accounted = f", {self.rounding:.2g} by rounding" if self.rounding else ""
        return f"{self.where} differs by {self.difference:.2g}{accounted}"


def verify(experiment: Experiment, store: str | Path = STORED, up_to: int = 300) -> Deviation:
    """Recompute the beginning of a stored run and compare.

    Each variable is judged by the conditioning that it had. What is measured in float64 does not
    depend on the processor. But training sums in another order elsewhere, and when a network leaves
    its plateau, a difference can grow tenfold in 30 updates. So other fresh networks are asked
    where the first differs: their initial weights are moved by one unit in the last place. Ten
    times the most that this changes at an iteration is allowed there. One network is not enough: of
    two normal numbers of one spread, one is ten times the other or more in 6 % of cases; four of
    them are all so small in 0.01 %. They are asked one by one, until no difference is left. The
    exact plane takes its distances in single precision where that costs less than 0.002 bits, and
    so much is allowed, too.

    Parameters
    ----------
    experiment : Experiment
    store : path
        Folder of the stored result.
    up_to : int
        Last iteration to recompute.

    Returns
    -------
    Deviation
        The largest excess over all estimators, quantities, layers and batches; where the range
        has no plane, over the test errors, which moved networks judge as well.

    Raises
    ------
    ValueError
        If nothing is stored, it was made with another configuration, or no recorded iteration
        lies in the range.
    """
    stored = find(experiment, live=False, store=store)
    if stored is None:
        path = path_of(experiment, False, store)
        raise ValueError(f"nothing is stored at {path}; run: {_command(experiment)}")
    recorded = [i for i in experiment.iterations() if i <= up_to]
    if not recorded:
        raise ValueError(
            f"{experiment.name} has its first record after {experiment.iterations()[0]} updates; "
            f"up_to is {up_to}: raise it"
        )
    stored = stored.sel(iteration=recorded)
    fresh = run(experiment, progress=False, stop_at=recorded[-1])
    if "input_mi" not in fresh:
        return _worst_error(experiment, stored, fresh)
    compared = [(_differences(stored, fresh, list(QUANTITIES)), 0.0)]
    if experiment.truth:
        truth = _differences(stored, fresh, ["true_input_mi", "true_label_mi"])
        compared.append((truth, 2e-3))

    def worst_with(training: float | xr.DataArray) -> Deviation:
        found = [_worst(each, allowed + training) for each, allowed in compared]
        return max(found, key=lambda one: one.excess)

    alone = replace(experiment, truth=0, variants=False, scan_every=0)

    def change(seed: int) -> xr.DataArray:
        moved = _run(alone, stop_at=recorded[-1], moved=seed)
        changed = _differences(moved, fresh, list(QUANTITIES))
        return changed.max([dim for dim in changed.dims if dim != "iteration"])

    return _judged(worst_with, change)


_NOTHING = 1e-5
"""Bits, or parts of an error, that two processors may differ by without more ado."""

_MOVED = 4
"""Networks that are moved by rounding and asked, at most."""


def _move(model: nn.Module, seed: int) -> None:
    """Change each weight by one unit in its last place: all up for seed 0, else at random."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in model.parameters():
            up = torch.rand(weights.shape, generator=generator) < (0.5 if seed else 1.0)
            towards = torch.where(up, math.inf, -math.inf).to(weights)
            weights.copy_(torch.nextafter(weights, towards))


def _judged(
    worst_with: Callable[[float | xr.DataArray], Deviation],
    change: Callable[[int], xr.DataArray],
) -> Deviation:
    """The worst deviation, by what as many moved networks change as it takes to account for it."""
    worst = worst_with(0.0)
    changes: list[xr.DataArray] = []
    while worst.excess > _NOTHING and len(changes) < _MOVED:
        changes.append(change(len(changes)))
        worst = worst_with(10 * xr.concat(changes, "network").max("network"))
    return worst


def _worst_error(experiment: Experiment, stored: xr.Dataset, fresh: xr.Dataset) -> Deviation:
    """Where the test errors are farthest beyond what the last place of a weight makes of them."""
    difference = abs(fresh.test_error / stored.test_error - 1)

    def worst_with(rounding: float | xr.DataArray) -> Deviation:
        allowed = xr.zeros_like(difference) + rounding
        at = (difference - allowed).argmax(["iteration"])
        where = f"test error at iteration {int(difference[at].iteration)}"
        return Deviation(where, float(difference[at]), float(allowed[at]))

    def change(seed: int) -> xr.DataArray:
        moved = _run(experiment, stop_at=int(fresh.iteration[-1]), moved=seed)
        return abs(moved.test_error / fresh.test_error - 1)

    return _judged(worst_with, change)


def _differences(one: xr.Dataset, other: xr.Dataset, names: list[str]) -> xr.DataArray:
    return abs(one[names].to_dataarray("quantity") - other[names].to_dataarray("quantity"))


def _worst(difference: xr.DataArray, rounding: xr.DataArray | float) -> Deviation:
    """Where a difference is farthest beyond what rounding accounts for."""
    allowed = xr.zeros_like(difference) + rounding
    excess = difference - allowed
    place = excess.argmax(excess.dims)
    at = excess[place]
    look = at.estimator if "estimator" in at.coords else at.noise
    return Deviation(
        f"{at.quantity.item()} of {at.layer.item()} under {look.item()!r} at iteration "
        f"{int(at.iteration)}",
        float(difference[place]),
        float(allowed.transpose(*difference.dims)[place]),
    )


class _Stopwatch:
    """Seconds that a run has taken, those before an interruption included."""

    def __init__(self, path: Path | None) -> None:
        self.earlier = (kept(path, float) if path else None) or 0.0
        self.started = time.perf_counter()

    def __call__(self) -> float:
        return self.earlier + time.perf_counter() - self.started


SCANS = {
    "gamma": {g: replace(ESTIMATORS["proposed"], width=ProposedWidth(g)) for g in GAMMAS},
    "alpha": {a: replace(ESTIMATORS["proposed"], alpha=a) for a in ALPHAS},
}
"""Estimators of a scan: the proposed rule for a range of γ, and for a range of α."""


class _Scans:
    """Records the plane under the estimators of each scan."""

    def __init__(self, model: nn.Module, batches: Tensor) -> None:
        self.planes = {
            name: _plane(model, batches, {str(value): one for value, one in estimators.items()})
            for name, estimators in SCANS.items()
        }

    def record(self) -> xr.Dataset:
        return xr.merge(
            _scan(plane, name, list(SCANS[name])) for name, plane in self.planes.items()
        )


def _variants(model: nn.Module, batches: Tensor) -> InformationPlane:
    return _plane(model, batches, VARIANTS)


def _plane(
    model: nn.Module, batches: Tensor, estimators: Mapping[str, MatrixRenyi]
) -> InformationPlane:
    return InformationPlane(model, HIDDEN_LAYERS, list(batches[:SCAN_BATCHES]), estimators)


def _scan(plane: InformationPlane, name: str, values: Sequence[Any]) -> xr.Dataset:
    return as_scan(plane.record(), name, values)


def as_scan(record: xr.Dataset, name: str, values: Sequence[Any]) -> xr.Dataset:
    """A record under several estimators as variables of a scan, ``input_mi_by_gamma`` and so on."""
    return (
        record[list(QUANTITIES)]
        .rename({q: f"{q}_by_{name}" for q in QUANTITIES})
        .rename(estimator=name, batch="scan_batch")
        .assign_coords({name: list(values)})
    )


def population_of(experiment: Experiment) -> tuple[Tensor, Tensor]:
    """Images over which a run's exact plane is taken, and the digits that they show."""
    n = experiment.truth
    images, digits = (of(train=False, shuffled=True)[:n] for of in (mnist, mnist_labels))
    if n > len(images):
        raise ValueError(f"truth is {n:,}; there are {len(images):,} test images: take fewer")
    return images, digits


def batches_of(experiment: Experiment) -> Tensor:
    """Test images of shape (batch, N, d); the same in every run, so that only models differ."""
    images = mnist(train=False, shuffled=True)
    size = experiment.batches * experiment.samples
    if size > len(images):
        raise ValueError(
            f"{experiment.batches} batches of {experiment.samples} samples are more than the "
            f"{len(images):,} test images; take fewer"
        )
    return images[:size].reshape(experiment.batches, experiment.samples, images.shape[1])


@contextmanager
def _arithmetic_as_begun(
    experiment: Experiment, device: str, scratch: Path | None
) -> Iterator[None]:
    """The arithmetic that the unfinished run in ``scratch`` was begun with, or a new beginning.

    Another processor, library or number of threads sums in another order: records of two of them
    are those of no run.
    """
    if scratch is None:
        yield
        return
    own, note = torch.get_num_threads(), scratch / "arithmetic.json"
    try:
        begun = kept(note, json.loads)
        if begun:
            torch.set_num_threads(begun["threads"])
            if begun["bits"] != _arithmetic(experiment, device):
                torch.set_num_threads(own)
                shutil.rmtree(scratch)
                print(
                    f"{experiment.name}: begun where sums are taken in another order (another "
                    "processor or library); it starts anew",
                    file=sys.stderr,
                )
        if not note.exists():
            begun = {"threads": own, "bits": _arithmetic(experiment, device)}
            write_sealed(note, json.dumps(begun).encode())
        yield
    finally:
        if torch.get_num_threads() != own:
            torch.set_num_threads(own)


def _drop_if_damaged(experiment: Experiment, scratch: Path) -> None:
    """Drop what an interrupted run left, if not all is there and whole that it would go on from."""
    checkpoint = scratch / "checkpoint.pt"
    if not checkpoint.exists():
        return
    try:
        done = read_checkpoint(checkpoint)["iteration"]
        for iteration in experiment.iterations():
            if iteration <= done:
                read_record(scratch / f"{iteration:06d}.nc")
        read_sealed(scratch / "arithmetic.json")
    except (ValueError, FileNotFoundError) as error:
        print(f"{experiment.name}: {error}: it starts anew", file=sys.stderr)
        shutil.rmtree(scratch)


def _arithmetic(experiment: Experiment, device: str) -> str:
    """The rounding errors of two updates, hashed."""
    settings = replace(experiment.training, epochs=2)
    images = torch.rand(settings.batch_size, 784, generator=torch.Generator().manual_seed(0))
    model = train(experiment.model().to(device), images, settings, progress=False)
    weights = torch.cat([weight.detach().flatten() for weight in model.parameters()])
    return hashlib.sha256(weights.cpu().numpy().tobytes()).hexdigest()[:16]


def _unfinished(experiment: Experiment) -> Path:
    return origin.ROOT / "_build" / "unfinished" / _identity(experiment)


def _identity(experiment: Experiment) -> str:
    """A name that a run shares with none of another configuration or code."""
    identity = json.dumps(asdict(experiment)) + origin.CODE
    return f"{experiment.name}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def _command(experiment: Experiment) -> str:
    if experiment.profile is None:
        return f"study.experiments.run_or_load({experiment})"
    profile, name = experiment.profile, experiment.name
    return f"python -m study experiments run --profile {profile} --only {name}"


def reconstruction_error(model: nn.Module, images: Tensor) -> float:
    """Mean squared error between images and their reconstructions, per pixel."""
    with torch.no_grad():
        return nn.functional.mse_loss(model(images), images).item()
