"""Many runs at once on one device: their networks are trained in batched products.

A run gives the same as by itself, but for the order in which sums are taken: initial weights,
order of the images, noise and settings are those of its own seed. The networks are measured in
processes of their own, from copies that the training leaves in files: a process that launches
products for both would do neither quickly.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn
from tqdm import tqdm

from ipae_lib.data import mnist
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.files import atomic_write, make_folder
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import QUANTITIES
from ipae_lib.training import epoch_order
from ipae_lib.validation import check_device
from study.experiments import origin
from study.experiments.configurations import SCAN_BATCHES, Experiment
from study.experiments.results import (
    ESTIMATORS,
    SCANS,
    VARIANTS,
    as_scan,
    batches_of,
    find,
    joined_records,
    path_of,
    population_of,
    read_record,
    save,
)
from study.experiments.truth import true_plane

LAYERS = (INPUT, *HIDDEN_LAYERS, OUTPUT)

_SIDE_BY_SIDE = 20
"""Networks that are trained together."""

_MATRICES = 2000
"""Gram matrices decomposed at once."""

_WAITING = 40
"""Copies that wait to be measured: then the training waits, too."""


def run_together(
    experiments: Sequence[Experiment],
    store: str | Path | None = None,
    device: str = "cuda",
    workers: int = 3,
    progress: bool = True,
) -> None:
    """Run those of the experiments that have no result yet, many at once.

    A result is stored as soon as its run is whole. What an interruption leaves unfinished is made
    again.

    Parameters
    ----------
    experiments : sequence of Experiment
        Those that stand first are finished first.
    store : path, optional
        Another folder in place of the repository's results.
    device : str
        Where, "cuda" or "cpu".
    workers : int
        Processes that measure; 0: this one.
    progress : bool
        Show a bar over the updates of each group.

    Raises
    ------
    ValueError
        If torch cannot use the device, or as `results.find`; or when all others are stored, if
        the training of some networks diverged.
    OSError
        If results cannot be written.
    """
    check_device(device, "device")
    missing = [one for one in experiments if find(one, False, store) is None]
    alike: dict[tuple, list[Experiment]] = defaultdict(list)
    for one in missing:
        make_folder(path_of(one, False, store).parent)
        alike[one.epochs, one.images, one.batches, one.samples, one.truth, one.stretch_end].append(
            one
        )
    groups = [
        _Group(tuple(runs[start : start + _SIDE_BY_SIDE]), device, Path(store) if store else None)
        for runs in alike.values()
        for start in range(0, len(runs), _SIDE_BY_SIDE)
    ]
    pool = None
    if workers:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=spawn)
    try:
        for i, group in enumerate(groups):
            group.train(pool, progress, earlier=groups[:i])
        for group in groups:
            group.wait()
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
        for group in groups:
            group.store_whole()
            if group.made_with:
                shutil.rmtree(group.folder, ignore_errors=True)
    if diverged := [one.name for group in groups for one in group.left()]:
        raise ValueError(
            f"the training of {diverged} diverged, and they have no result; lower the learning rate"
        )


class _Networks:
    """Weights of many networks of one architecture but for K, in one tensor a layer.

    Bottlenecks narrower than the widest are padded with units of no weight, which stay so: what
    they give and what they are told is 0.
    """

    def __init__(self, experiments: Sequence[Experiment], device: str) -> None:
        self.sizes = [one.bottleneck_size for one in experiments]
        widest = max(self.sizes)
        models = [one.model() for one in experiments]
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for name in LAYERS[1:]:
            linears = [
                next(m for m in model.get_submodule(name).modules() if isinstance(m, nn.Linear))
                for model in models
            ]
            rows = widest if name == "Z" else linears[0].out_features
            columns = widest if name == "D1" else linears[0].in_features
            weight = torch.zeros(len(models), rows, columns)
            bias = torch.zeros(len(models), 1, rows)
            for i, linear in enumerate(linears):
                weight[i, : linear.out_features, : linear.in_features] = linear.weight.detach()
                bias[i, 0, : linear.out_features] = linear.bias.detach()
            self.weights.append(nn.Parameter(weight.to(device)))
            self.biases.append(nn.Parameter(bias.to(device)))

    def parameters(self) -> list[Tensor]:
        """Weights, then biases, of all layers."""
        return [*self.weights, *self.biases]

    def reconstruct(self, x: Tensor) -> Tensor:
        """Images (networks, n, d) → reconstructions."""
        for name, weight, bias in zip(LAYERS[1:], self.weights, self.biases, strict=True):
            x = torch.baddbmm(bias, x, weight.mT)
            if name != "Z":
                x = torch.sigmoid(x)
        return x

    @torch.no_grad()
    def variables(self, i: int, images: Tensor) -> dict[str, Tensor]:
        """Every variable of one network in double precision, (n, d), in order from X to X′."""
        x = images.double()
        found = {INPUT: x}
        for name, weight, bias in zip(LAYERS[1:], self.weights, self.biases, strict=True):
            x = torch.addmm(bias[i].double(), x, weight[i].double().T)
            if name != "Z":
                x = torch.sigmoid(x)
            found[name] = x
        return {**found, "Z": found["Z"][:, : self.sizes[i]]}

    def save(self, path: Path) -> None:
        """Write the networks as they are now."""
        tensors = [[p.detach() for p in some] for some in (self.weights, self.biases)]
        torch.save((self.sizes, *tensors), path)

    @classmethod
    def load(cls, path: Path, device: str) -> _Networks:
        """Networks that `save` wrote."""
        networks = object.__new__(cls)
        networks.sizes, networks.weights, networks.biases = torch.load(
            path, map_location=device, weights_only=True
        )
        return networks

    def error(self, i: int, images: Tensor) -> float:
        """As `results.reconstruction_error`, of one network."""
        one = object.__new__(_Networks)
        one.weights = [weight[i : i + 1] for weight in self.weights]
        one.biases = [bias[i : i + 1] for bias in self.biases]
        with torch.no_grad():
            return nn.functional.mse_loss(one.reconstruct(images[None])[0], images).item()

    def is_finite(self) -> Tensor:
        """Which networks have not diverged."""
        return torch.stack([p.flatten(1).isfinite().all(1) for p in self.parameters()]).all(0)


@dataclass
class _Group:
    """Runs of the same length, trained together."""

    experiments: tuple[Experiment, ...]
    device: str
    store: Path | None
    measured: list[Future] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = Path()  # made when it is needed
        self.stored: set[Experiment] = set()
        self.made_with: dict[str, str] = {}
        self.started = 0.0

    def train(
        self, pool: ProcessPoolExecutor | None, progress: bool, earlier: Sequence[_Group] = ()
    ) -> None:
        """Train the networks, and have them measured; meanwhile store what is whole."""
        scratch = origin.ROOT / "_build" / "together"
        make_folder(scratch)
        # of this call alone: another one may make the same runs
        self.folder = Path(tempfile.mkdtemp(prefix=self.experiments[0].name, dir=scratch))
        self.made_with, self.started = origin.provenance(self.device, __name__), time.perf_counter()
        wanted: dict[int, list[int]] = defaultdict(list)
        for i, one in enumerate(self.experiments):
            for iteration in one.iterations():
                wanted[iteration].append(i)
        networks = _Networks(self.experiments, self.device)
        with tqdm(total=max(wanted), unit="updates", mininterval=5, disable=not progress) as bar:
            for iteration in self._updates(networks, max(wanted)):
                bar.update(iteration > 0)
                if iteration not in wanted:
                    continue
                for group in (*earlier, self):
                    group.store_whole()
                path = self.folder / f"{iteration:06d}.pt"
                networks.save(path)
                task = (path, self.experiments, wanted[iteration], iteration, self.device)
                if pool is None:
                    _measure(*task)
                    continue
                while sum(not one.done() for one in self.measured) >= _WAITING:
                    time.sleep(0.05)
                self.wait(finished=True)
                self.measured.append(pool.submit(_measure, *task))

    def wait(self, finished: bool = False) -> None:
        """Wait until all is measured, or see that what is ``finished`` has not failed."""
        for one in self.measured:
            if one.done() or not finished:
                one.result()

    def store_whole(self) -> None:
        """Store the runs of which every record is there."""
        for one in self.experiments if self.made_with else ():
            paths = [_record_path(self.folder, one, i) for i in one.iterations()]
            if one in self.stored or not all(path.exists() for path in paths):
                continue
            records = [read_record(path) for path in paths]
            seconds = (time.perf_counter() - self.started) / len(self.experiments)
            made_with = {
                **self.made_with,
                "seconds": round(seconds),
                "together": len(self.experiments),
            }
            with atomic_write(path_of(one, False, self.store)) as temporary:
                save(joined_records(records, one, made_with), temporary)
            self.stored.add(one)

    def left(self) -> list[Experiment]:
        """Runs that are not stored."""
        return [one for one in self.experiments if one not in self.stored]

    def _updates(self, networks: _Networks, end: int) -> Iterator[int]:
        """The number of updates made so far, from 0 on."""
        settings = [one.training for one in self.experiments]
        first, images = settings[0], mnist(train=True)[: self.experiments[0].images]
        images = images.to(self.device)
        size, n = first.batch_size, len(images)
        factors = {"sum": 1.0, "half": 0.5, "mean": 1 / images.shape[1]}
        factor = torch.tensor([factors[one.reduction] / size for one in settings])
        factor = factor[:, None, None].to(self.device)
        optimizer = torch.optim.SGD(
            networks.parameters(), lr=first.learning_rate, momentum=first.momentum, fused=True
        )
        yield 0
        iteration = 0
        for epoch in range(first.epochs):
            order = torch.stack([epoch_order(n, one.seed, epoch) for one in settings])
            order = order.to(self.device)
            for start in range(0, n - size + 1, size):
                if iteration == end:
                    return
                x = images[order[:, start : start + size]]
                optimizer.zero_grad(set_to_none=True)
                ((networks.reconstruct(x) - x).square() * factor).sum().backward()
                optimizer.step()
                iteration += 1
                yield iteration


def _measure(
    path: Path,
    experiments: Sequence[Experiment],
    wanted: Sequence[int],
    iteration: int,
    device: str,
) -> None:
    """Write the records of networks that a file holds, and delete that."""
    torch.set_num_threads(1)
    networks = _Networks.load(path, device)
    first = experiments[0]
    measuring = _measuring(first.batches, first.samples, first.truth, first.images, device)
    for i, record in measuring.records(networks, experiments, wanted, iteration).items():
        with atomic_write(_record_path(path.parent, experiments[i], iteration)) as temporary:
            save(record, temporary)
    path.unlink()


def _record_path(folder: Path, experiment: Experiment, iteration: int) -> Path:
    return folder / f"{experiment.name}-{iteration:06d}.nc"


@cache
def _measuring(batches: int, samples: int, truth: int, images: int, device: str) -> _Measuring:
    one = Experiment("", 1, 1, batches=batches, samples=samples, truth=truth, images=images)
    return _Measuring(one, device)


class _Measuring:
    """The images through which networks are looked at."""

    def __init__(self, first: Experiment, device: str) -> None:
        self.train_images = mnist(train=True)[: first.images].to(device)
        self.test_images = mnist(train=False).to(device)
        self.batches = batches_of(first).to(device)
        population, self.digits = population_of(first)
        self.population = population.to(device)
        self.inputs = _Inputs(self.batches)

    def records(
        self,
        networks: _Networks,
        experiments: Sequence[Experiment],
        wanted: Sequence[int],
        iteration: int,
    ) -> dict[int, xr.Dataset]:
        """Records of those networks that have not diverged."""
        alive = networks.is_finite().tolist()
        records: dict[int, xr.Dataset] = {}
        kept: dict[int, dict[str, Tensor]] = {}
        for i in filter(alive.__getitem__, wanted):
            one, record = experiments[i], xr.Dataset()
            if not one.end_only or iteration == one.iterations()[-1]:
                if one.truth:
                    record = true_plane(networks.variables(i, self.population), self.digits)
                kept[i] = self._variables_of_batches(networks, i)
                variances = [_variance(x) for x in kept[i].values()]
                record["variance"] = ("layer", "batch"), np.stack(variances)
            record["train_error"] = networks.error(i, self.train_images[: one.error_images])
            record["test_error"] = networks.error(i, self.test_images[: one.error_images])
            records[i] = record.assign_coords(iteration=iteration)
            if len(kept) == self._at_once():
                self._estimate(experiments, iteration, kept, records)
                kept = {}
        self._estimate(experiments, iteration, kept, records)
        return records

    def _at_once(self) -> int:
        """Networks whose Gram matrices under one rule are decomposed together."""
        return max(1, _MATRICES // (24 * len(self.batches)))

    def _variables_of_batches(self, networks: _Networks, i: int) -> dict[str, Tensor]:
        n, size = self.batches.shape[:2]
        variables = networks.variables(i, self.batches.flatten(0, 1))
        return {name: x.unflatten(0, (n, size)) for name, x in variables.items()}

    def _estimate(
        self,
        experiments: Sequence[Experiment],
        iteration: int,
        kept: Mapping[int, Mapping[str, Tensor]],
        records: dict[int, xr.Dataset],
    ) -> None:
        """Add what is estimated of these networks to their records."""

        def add(
            which: list[int],
            estimators: Mapping[str, MatrixRenyi],
            scan: tuple[str, list] | None = None,
        ) -> None:
            if not which:
                return
            some = SCAN_BATCHES if scan else None
            variables = [{name: x[:some] for name, x in kept[i].items()} for i in which]
            found = self.inputs.information(variables, estimators)
            for i, values in zip(which, found, strict=True):
                dims = ("estimator", "layer", "batch")
                record = xr.Dataset(
                    {q: (dims, values[:, j]) for j, q in enumerate(QUANTITIES)},
                    coords={
                        "estimator": list(estimators),
                        "layer": list(LAYERS),
                        "batch": np.arange(values.shape[-1]),
                    },
                )
                records[i] = records[i].merge(as_scan(record, *scan) if scan else record)

        which = list(kept)
        add(which, ESTIMATORS)
        varied = [i for i in which if experiments[i].variants]
        add(varied, VARIANTS, ("variant", list(VARIANTS)))
        scanned = [i for i in which if iteration in experiments[i].scanned()]
        for name, estimators in SCANS.items():
            add(scanned, {str(v): one for v, one in estimators.items()}, (name, list(estimators)))


class _Inputs:
    """What estimators need of the images, which are the same for all networks."""

    def __init__(self, batches: Tensor) -> None:
        self.x = batches.double().flatten(start_dim=2)
        self.known: dict[tuple[int, int], tuple[Tensor, Tensor, Tensor]] = {}

    def of(self, estimator: MatrixRenyi, batches: int) -> tuple[Tensor, Tensor, Tensor]:
        """Gram matrices of X, its entropy, and its joint entropy with itself."""
        key = id(estimator), batches
        if key not in self.known:
            gram = estimator.represent(self.x[:batches], INPUT)
            both = torch.stack([gram, estimator.join(gram, gram)])
            self.known[key] = gram, *estimator.entropy_of(both)
        return self.known[key]

    def information(
        self, networks: Sequence[Mapping[str, Tensor]], estimators: Mapping[str, MatrixRenyi]
    ) -> np.ndarray:
        """`QUANTITIES` of every layer, (network, estimator, quantity, layer, batch), in bits.

        Parameters
        ----------
        networks : sequence of mappings from layer to Tensor of shape (batch, N, d)
        estimators : mapping from name to estimator
        """
        batches = len(networks[0][INPUT])
        tables = []
        for estimator in estimators.values():
            x, of_x, of_xx = self.of(estimator, batches)
            grams: list[Tensor] = []
            for variables in networks:
                output = estimator.represent(variables[OUTPUT], OUTPUT)
                grams += [output, estimator.join(output, output), estimator.join(x, output)]
                for layer in HIDDEN_LAYERS:
                    t = estimator.represent(variables[layer], layer)
                    grams += [t, estimator.join(x, t), estimator.join(t, output)]
            entropies = estimator.entropy_of(torch.stack(grams))
            tables.append(_bits(entropies.unflatten(0, (len(networks), -1)), of_x, of_xx))
            del grams
        return torch.stack(tables, dim=1).cpu().numpy()


def _bits(entropies: Tensor, of_x: Tensor, of_xx: Tensor) -> Tensor:
    """(network, quantity, layer, batch), of entropies (network, matrix, batch) in their order."""
    of_output, of_both, with_x = entropies[:, :3].unbind(1)
    alone, with_input, with_output = entropies[:, 3:].unflatten(1, (-1, 3)).unbind(2)
    through = of_x + of_output - with_x
    ends = torch.stack([2 * of_x - of_xx + 0 * through, through, of_x + 0 * through], 1)
    outer = torch.stack([through, 2 * of_output - of_both, of_output], 1)
    hidden = torch.stack(
        [
            of_x + alone - with_input,
            alone + of_output[:, None] - with_output,
            alone,
        ],
        1,
    )
    return torch.cat([ends[:, :, None], hidden, outer[:, :, None]], 2)


def _variance(x: Tensor) -> np.ndarray:
    """Population variance over the samples, mean over the dimensions: (batch, N, d) → (batch)."""
    return ((x - x.mean(dim=-2, keepdim=True)) ** 2).mean(dim=(-2, -1)).cpu().numpy()
