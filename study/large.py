"""Information from many samples, past the paper's N = 512: planes of trained networks, Gaussians.

Each `LargePlane` is one network, whose layers are estimated from up to all 10,000 test or 60,000
training images by the stochastic method; its result is one small netCDF file with its provenance.
``python -m study large run`` makes them.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from tqdm import tqdm

from ipae_lib.activations import capture
from ipae_lib.data import mnist
from ipae_lib.estimators import StochasticMatrixRenyi
from ipae_lib.files import kept, write_sealed
from ipae_lib.identity import code_identity
from ipae_lib.kernels import ProposedWidth
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.models import Autoencoder, weights_as_bytes, weights_from_bytes
from ipae_lib.stochastic import Estimate, ProbedEntropy, Probing, joined_points, probed_entropy
from ipae_lib.toys import correlated_gaussians, correlated_gaussians_mi
from ipae_lib.training import read_checkpoint, train
from study import experiments
from study.experiments import ESTIMATORS, Experiment
from study.experiments.schema import ERRORS

STORED = experiments.STORED / "large"
"""Results that are part of the repository."""

SAMPLES = (512, 1000, 2000, 4000, 10_000)
"""Numbers of test images compared."""

PATH = (0, 300, 1000, 4000, 16_000)
"""Iterations at which the planes of many samples are drawn over the training: 27 of 100 epochs."""

PICTURED = (2, 32)
"""Bottleneck sizes whose planes are drawn."""

TRANSITION = (2, 8, 13, 32)
"""Bottleneck sizes whose encoder is estimated from many samples, where `PATH` ends."""

PROBING = Probing(probes=32, subspace=64, steps=24)
"""How thorough these estimates are."""

RHOS = (0.0, 0.25, 0.5, 0.75, 0.95)
DIMENSIONS = 100
"""Of the correlated Gaussians, as in Fig. 4."""


@dataclass(frozen=True)
class LargePlane:
    """The layers of one network, estimated from many images.

    Parameters
    ----------
    name : str
        Names the result file.
    experiment : Experiment
        The training that the network comes from.
    samples : tuple of int
        Numbers N of images; the images of a smaller N are the first of a larger one.
    iterations : tuple of int
        States of the network; empty: the end alone.
    estimators : tuple of str
        Kernel-width rules, keys of `experiments.ESTIMATORS`.
    layers : tuple of str
        Hidden layers estimated.
    ends : bool
        Estimate what has to do with X′, and M = I(X;X), as well; else I(X;T) alone.
    images : "test" or "training"
        Where the images come from.
    probing : Probing
        How thorough the estimates are.
    """

    name: str
    experiment: Experiment
    samples: tuple[int, ...] = SAMPLES
    iterations: tuple[int, ...] = ()
    estimators: tuple[str, ...] = ("proposed",)
    layers: tuple[str, ...] = HIDDEN_LAYERS
    ends: bool = True
    images: Literal["test", "training"] = "test"
    probing: Probing = PROBING

    def states(self) -> tuple[int, ...]:
        """Iterations estimated, the end of the training where none is named."""
        run = self.experiment
        return self.iterations or (run.training.iterations(run.images),)


def planes() -> list[LargePlane]:
    """Every plane of many samples that the book shows, in the order of their cost."""
    pictured = {k: _training(f"paper-plane-K{k:02d}-seed0", k, 200, 4) for k in PICTURED}
    others = {k: _training(f"paper-sweep-K{k:02d}-seed0", k, 40, 0) for k in TRANSITION}
    first = others | pictured
    end: dict[str, Any] = {"iterations": PATH[-1:]}
    encoder = end | {"layers": ("E1", "E2", "E3", "Z"), "ends": False}
    return [
        *(
            LargePlane(f"path-K{k:02d}", run, (512, 4000), iterations=PATH)
            for k, run in pictured.items()
        ),
        *(LargePlane(f"size-K{k:02d}", first[k], (512, 10_000), **encoder) for k in TRANSITION),
        *(LargePlane(f"end-K{k:02d}", run, **end) for k, run in pictured.items()),
        *(
            LargePlane(f"previous-K{k:02d}", run, SAMPLES[:-1], estimators=("previous",), **end)
            for k, run in pictured.items()
        ),
        LargePlane(
            "all-K32",
            first[32],
            (60_000,),
            iterations=PATH[-1:],
            layers=("Z",),
            ends=False,
            images="training",
            probing=Probing(16, 48, 20),
        ),
    ]


def _training(name: str, k: int, records: int, scan_every: int) -> Experiment:
    """The training behind the stored planes: a network of seed 0, of which no run is kept now."""
    return Experiment(
        name, k, epochs=100, records=records, scan_every=scan_every, profile="paper",
        end_only=not scan_every,
    )  # fmt: skip


def estimator_of(rule: str, probing: Probing = PROBING) -> StochasticMatrixRenyi:
    """The paper's estimator of that rule by the stochastic method."""
    return StochasticMatrixRenyi(**vars(ESTIMATORS[rule]), probing=probing)


class EntropyStore:
    """Entropies known already, in files that an interrupted call finds again.

    Parameters
    ----------
    folder : path

    Attributes
    ----------
    taken : dict
        Seconds that each entropy asked for took to compute, now or before, by its file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: dict[Path, float] = {}

    def entropy(
        self, points: Tensor, estimator: StochasticMatrixRenyi, progress: bool = False
    ) -> ProbedEntropy:
        """The entropy of points as ``estimator`` represents them, with a bar over its passes."""
        key = hashlib.sha256(points.contiguous().cpu().numpy().tobytes() + _METHOD.encode())
        key.update(f"{points.shape}{points.dtype}{estimator.alpha}{estimator.probing}".encode())
        path = self.folder / f"{key.hexdigest()[:32]}.npz"
        known = kept(path, _entropy_in, required=False)
        if known is None:
            started = time.perf_counter()
            found = probed_entropy(points, estimator.alpha, estimator.probing, progress)
            known = found, time.perf_counter() - started
            content = io.BytesIO()
            bound = found.quadrature_error
            np.savez(content, values=found.values.numpy(), bound=bound, seconds=known[1])
            write_sealed(path, content.getvalue())
        found, self.taken[path] = known
        return found


def _entropy_in(content: bytes) -> tuple[ProbedEntropy, float]:
    """An entropy, and the seconds that it took, as `EntropyStore` keeps them."""
    with np.load(io.BytesIO(content)) as known:
        values = torch.from_numpy(known["values"])
        return ProbedEntropy(values, float(known["bound"])), float(known["seconds"])


_METHOD = code_identity("ipae_lib.stochastic")


def information(
    variables: Mapping[str, Tensor],
    pairs: Iterable[tuple[str, str]],
    estimator: StochasticMatrixRenyi,
    store: EntropyStore,
    progress: bool = True,
) -> dict[tuple[str, str], ProbedEntropy]:
    """Mutual information of pairs of variables, each entropy taken once.

    Parameters
    ----------
    variables : mapping from name to Tensor of shape (N, d)
        Row i of each belongs to the same sample.
    pairs : iterable of (name, name)
    estimator : StochasticMatrixRenyi
    store : EntropyStore
    progress : bool
        Show a bar over the entropies, and one over the passes of each.

    Returns
    -------
    dict from pair to ProbedEntropy
        Bits by each probe; `ProbedEntropy.estimate` gives the value and its error.

    Raises
    ------
    ValueError
        If the estimator is exact, or as `StochasticMatrixRenyi.represent`.
    """
    if not isinstance(estimator, StochasticMatrixRenyi):
        raise ValueError(f"estimator is {estimator!r}; give a StochasticMatrixRenyi")
    pairs = list(pairs)
    points = {name: estimator.represent(x, name) for name, x in variables.items()}
    wanted = dict.fromkeys([*((name,) for name in points), *map(_both, pairs)])
    entropies = {}
    with tqdm(wanted, unit="entropy", disable=not progress, leave=False) as bar:
        for names in bar:
            bar.set_description(", ".join(names))
            joined = joined_points(*(points[name] for name in names))
            entropies[names] = store.entropy(joined, estimator, progress)
    return {(a, b): entropies[a,] + entropies[b,] - entropies[_both((a, b))] for a, b in pairs}


def _both(pair: tuple[str, str]) -> tuple[str, ...]:
    return tuple(sorted(pair))


def record(
    model: Autoencoder,
    images: Tensor,
    estimator: StochasticMatrixRenyi,
    store: EntropyStore,
    *,
    layers: Sequence[str] = HIDDEN_LAYERS,
    ends: bool = True,
    progress: bool = True,
) -> xr.Dataset:
    """The plane of a network from all images at once.

    Parameters
    ----------
    model : Autoencoder
    images : Tensor of shape (N, d)
    estimator : StochasticMatrixRenyi
    store, progress
        As in `information`.
    layers, ends
        As in `LargePlane`.

    Returns
    -------
    Dataset of dims (layer), in bits
        ``input_mi`` and ``output_mi``, each with ``_standard_error``, that of the probes, and
        ``_quadrature_error``, the bound on what the finite recursion leaves. As in
        `InformationPlane`, the layers run from X to X′, I(X;X′) is the output MI of X and the
        input MI of X′, and M = I(X;X) the input MI of X. What is not estimated is NaN; without
        ``ends`` there is no output MI.
    """
    variables = capture(model, layers, images)
    names = [INPUT, *layers, OUTPUT] if ends else [INPUT, *layers]
    pairs = {"input_mi": {layer: (INPUT, layer) for layer in names}}
    if ends:
        pairs["output_mi"] = {layer: (layer, OUTPUT) for layer in names if layer != OUTPUT}
    else:
        del pairs["input_mi"][INPUT]
    wanted = [pair for of_layer in pairs.values() for pair in of_layer.values()]
    chosen = {name: variables[name] for name in names}
    found = information(chosen, dict.fromkeys(wanted), estimator, store, progress)
    estimated = xr.Dataset(coords={"layer": names})
    for quantity, of_layer in pairs.items():
        estimates = {layer: found[pair].estimate() for layer, pair in of_layer.items()}
        values = _as_variables(quantity, estimates, "layer")
        estimated = estimated.assign(values.reindex(layer=names))
    return estimated


def _as_variables(name: str, estimates: Mapping[Any, Estimate], dim: str) -> xr.Dataset:
    """Estimates along a dimension as one variable, and their errors as two more."""
    variables = {name: (dim, [estimate.value for estimate in estimates.values()])}
    for error in ERRORS:
        errors = [getattr(estimate, error) for estimate in estimates.values()]
        variables[f"{name}_{error}"] = dim, errors
    return xr.Dataset(variables, {dim: list(estimates)})


def network(
    experiment: Experiment, iterations: Sequence[int], progress: bool = True
) -> dict[int, Autoencoder]:
    """States of the network of an experiment, by iteration.

    Weights are too large to be stored with results. They are kept under ``_build``, and made
    again by training where they are not.
    """
    folder = _weights(experiment)
    paths = {iteration: folder / f"{iteration:06d}.pt" for iteration in iterations}
    found = {iteration: kept(path, weights_from_bytes) for iteration, path in paths.items()}
    states = {iteration: state for iteration, state in found.items() if state is not None}
    missing = [iteration for iteration in iterations if iteration not in states]

    def keep(iteration: int, model: torch.nn.Module) -> None:
        content = weights_as_bytes(model)
        write_sealed(paths[iteration], content)
        states[iteration] = weights_from_bytes(content)

    if missing:
        # states before the checkpoint of an interrupted call were kept by it
        checkpoint = folder / f"until-{max(iterations):06d}.pt"
        if not _is_before(checkpoint, min(missing)):
            checkpoint.unlink(missing_ok=True)
        train(
            experiment.model(),
            mnist(train=True)[: experiment.images],
            experiment.training,
            observers=[keep],
            observe_at=missing,
            checkpoint=checkpoint,
            stop_at=max(missing),
            progress=progress,
        )
        checkpoint.unlink(missing_ok=True)
    networks = {}
    for iteration in paths:
        networks[iteration] = experiment.model()
        networks[iteration].load_state_dict(states[iteration])
    return networks


def _is_before(checkpoint: Path, iteration: int) -> bool:
    """Whether a training that goes on from a checkpoint comes to an iteration."""
    try:
        done: int = read_checkpoint(checkpoint)["iteration"]
    except FileNotFoundError:
        return False
    except ValueError as error:
        print(f"{error}: training starts anew", file=sys.stderr)
        return False
    return done < iteration


def _weights(experiment: Experiment) -> Path:
    code = code_identity("ipae_lib.data", "ipae_lib.models", "ipae_lib.training")
    unnamed = replace(experiment, name="", profile=None)
    settings = asdict(unnamed) | {"records": 0, "scan_every": 0}
    identity = hashlib.sha256((json.dumps(settings) + code).encode()).hexdigest()[:8]
    return experiments.ROOT / "_build" / "networks" / f"{experiment.name}-{identity}"


def run(plane: LargePlane, progress: bool = True) -> xr.Dataset:
    """Estimate a plane; entropies are kept under ``_build``, so that an interruption loses one.

    Returns
    -------
    Dataset of dims (estimator, iteration, n, layer)
        As `record` gives it; its attributes are its provenance.
    """
    made_with = experiments.provenance(module=__name__)
    store = EntropyStore(_KEPT)
    images = _images(plane)
    states = network(plane.experiment, plane.states(), progress)
    settings: dict[str, Any] = {"layers": plane.layers, "ends": plane.ends, "progress": progress}
    records = [
        record(model, images[:n], estimator_of(rule, plane.probing), store, **settings).expand_dims(
            estimator=[rule], iteration=[iteration], n=[n]
        )
        for rule in plane.estimators
        for iteration, model in states.items()
        for n in plane.samples
    ]
    result = cast(xr.Dataset, xr.combine_by_coords(records, join="outer"))
    # by coordinates means sorted: back to the order of the network
    order = {"layer": records[0].layer, "estimator": list(plane.estimators)}
    return result.sel(order).assign_attrs(
        **made_with,
        configuration=json.dumps(asdict(plane)),
        seed=plane.experiment.seed,
        command=_command(plane.name),
        seconds=round(sum(store.taken.values())),
        peak_memory=_peak_memory(),
    )


def _peak_memory() -> str:
    """Of this process so far."""
    try:
        resource = import_module("resource")  # not on Windows
    except ImportError:
        return "unknown"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 2**10  # bytes there, kB elsewhere
    return f"{most * unit / 2**30:.1f} GiB"


_KEPT = experiments.ROOT / "_build" / "entropies"


def _images(plane: LargePlane) -> Tensor:
    # the first 512 are the first batch of the other experiments
    images = mnist(train=plane.images == "training", shuffled=True)
    most = max(plane.samples)
    if most > len(images):
        raise ValueError(
            f"samples of {plane.name} are up to {most:,}; there are {len(images):,} "
            f"{plane.images} images"
        )
    return images[:most]


def gaussians(
    samples: Sequence[int] = SAMPLES, rhos: Sequence[float] = RHOS, progress: bool = True
) -> xr.Dataset:
    """Correlated Gaussians of 100 dimensions under the proposed rule: Fig. 4 continued.

    Returns
    -------
    Dataset of dims (n, rho)
        ``mi`` in bits, ``mi_standard_error`` and ``mi_quadrature_error``, and the ``exact``
        information (31) (rho).
    """
    made_with = experiments.provenance(module=__name__)
    store = EntropyStore(_KEPT)
    estimator = StochasticMatrixRenyi(ProposedWidth(2), probing=PROBING, dtype=torch.float32)
    rows = []
    for n in samples:
        found = {}
        for rho in rhos:
            generator = torch.Generator().manual_seed(n)
            x, y = correlated_gaussians(n, DIMENSIONS, rho, generator)
            pair = information({"X": x, "Y": y}, [("X", "Y")], estimator, store, progress)
            found[rho] = pair["X", "Y"].estimate()
        rows.append(_as_variables("mi", found, "rho").expand_dims(n=[n]))
    result = xr.concat(rows, "n")
    result["exact"] = "rho", [correlated_gaussians_mi(DIMENSIONS, rho) for rho in rhos]
    settings = {"name": GAUSSIANS, "samples": list(samples), "rhos": list(rhos)}
    return result.assign_attrs(
        **made_with,
        configuration=json.dumps(settings),
        seed="N",
        command=_command(GAUSSIANS),
        seconds=round(sum(store.taken.values())),
    )


GAUSSIANS = "gaussians"
"""Name of the result of `gaussians`."""


def stored(name: str, folder: Path = STORED) -> xr.Dataset:
    """A stored result.

    Raises
    ------
    ValueError
        If there is none of that name, or as `experiments.load`.
    """
    path = folder / f"{name}.nc"
    if not path.exists():
        raise ValueError(f"nothing is stored at {path}; run: {_command(name)}")
    return experiments.load(path)


def error_bar(result: xr.Dataset) -> xr.Dataset:
    """Half the width of the interval about each estimate: two standard errors and the bound.

    Parameters
    ----------
    result : Dataset
        As `run` or `gaussians` gives it.

    Returns
    -------
    Dataset
        In bits, under the names of the estimates: ``error_bar(result).input_mi``.
    """
    estimates = [name for name in result if f"{name}_{ERRORS[0]}" in result]
    standard, quadrature = (
        xr.Dataset({name: result[f"{name}_{error}"] for name in estimates}) for error in ERRORS
    )
    return 2 * standard + quadrature


def verify(name: str, folder: Path = STORED) -> float:
    """Compute the cheapest state of a stored result again: first iteration, least N.

    Returns
    -------
    float
        Largest difference in bits.
    """
    kept = stored(name, folder)
    if name == GAUSSIANS:
        n = int(kept.n.min())
        fresh = gaussians([n], kept.rho.values.tolist(), progress=False).sel(n=n)
        old = kept.sel(n=n)
    else:
        plane = next(plane for plane in planes() if plane.name == name)
        least = replace(
            plane,
            samples=plane.samples[:1],
            iterations=plane.states()[:1],
            estimators=plane.estimators[:1],
        )
        fresh = run(least, progress=False)
        old = kept.sel({key: fresh[key] for key in ("estimator", "iteration", "n")})
    names = list(error_bar(fresh))
    return float(abs(fresh[names] - old[names]).max().to_array().max())


def _command(name: str) -> str:
    return f"python -m study large run --only {name}"
