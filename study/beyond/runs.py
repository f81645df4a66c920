"""One run of a network beyond the paper's, and its stored result.

The records are those of the paper's experiments: planes by two estimators, the exact plane over the
10,000 test images, and here the null of shuffled pairs and the geometry of the layers besides. The
population is that of the test images as in all other chapters, so that their numbers compare, and
so that what is said of labels is not what was learned by heart.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn
from tqdm import tqdm

from ipae_lib.activations import capture
from ipae_lib.data import DataSet, mnist, mnist_labels
from ipae_lib.diagnostics import EstimateWarning
from ipae_lib.discrete import discrete_entropy
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.exact import LayerDeviation, Noise, OneLevel, TotalDeviation, exact_plane
from ipae_lib.files import atomic_write, make_folder
from ipae_lib.kernels import Groups, PreviousWidth, ProposedWidth
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.plane import QUANTITIES, InformationPlane
from study import experiments
from study.beyond.geometry import geometry
from study.beyond.networks import KINDS, batches, layers_of
from study.experiments.integrity import SLACK
from study.experiments.truth import CONVENTIONS, KEPT, LEVELS
from study.processes import alone

STORED = experiments.STORED / "beyond"
"""Results that are part of the repository."""

COMMAND = "python -m study beyond run --only"

RESOLUTION = 0.5
"""I(X; X+R) as a share of log₂ n that the noise is chosen for, as in the ledger."""

NOISE_LEVELS: dict[DataSet, float] = {"MNIST": LEVELS[RESOLUTION], "FashionMNIST": 2.0369}
"""Its standard deviation, in units of the pixels, for the test images of either data set."""

SAMPLES = 512
"""Test images that the estimators get, as in the paper; one batch of them."""

QUERIES, LANDMARKS = 250, 150
"""Of the exact plane, fewer than it takes by default; its standard error is stored."""

FIRST = 20
"""The first moment recorded after the start: before it little happens, and records are dear."""

TEST_IMAGES = 10_000
"""Of either data set: the values of X, over which the truth is exact."""

GEOMETRY_IMAGES = 1_000
"""Test images of which the geometry is taken."""

LABEL = "label"

ESTIMATED = [*QUANTITIES, "input_mi_null", "output_mi_null"]
"""What each estimator gives of any network."""


@dataclass(frozen=True)
class Run:
    """A network, its training, and when it is recorded.

    Parameters
    ----------
    network : str
        One of `networks.KINDS`.
    data : "MNIST" or "FashionMNIST"
    seed : int
        Of the initial weights, of the order of the images, and of the noise in training.
    updates, records : int
        Length of the training, and moments recorded: the start, and from `FIRST` on evenly spaced
        on a logarithmic axis.
    """

    network: str
    data: DataSet
    seed: int
    updates: int
    records: int

    @property
    def name(self) -> str:
        """Names the result."""
        return f"{self.data.lower()}-{self.network}-seed{self.seed}"

    def iterations(self) -> list[int]:
        """Moments that are recorded, in updates made."""
        spaced = np.geomspace(FIRST, self.updates, self.records - 1)
        return [0, *spaced.round().astype(int).tolist()]


@dataclass(frozen=True)
class Again(Run):
    """A stored training made again, to record its planes by the published rule as well.

    The truth and the geometry are not taken again: see `with_published_rule`.
    """

    @property
    def name(self) -> str:
        """Names the result."""
        return f"{super().name}-published"


def _of(network: str, data: DataSet, updates: int, records: int) -> list[Run]:
    return [Run(network, data, seed, updates, records) for seed in range(3)]


CLASSIFIERS = {name: _of(name.lower(), "MNIST", 6_000, 20) for name in ("tanh", "ReLU")}
"""The runs of chapter 12, by the activation."""

CLOTHES = {f"K = {k}": _of(f"paper-K{k:02d}", "FashionMNIST", 1_200, 8) for k in (2, 32)}
"""The paper's autoencoder on other images."""

AUTOENCODERS = {
    name: _of(name, "MNIST", 1_500, 8)
    for name in ("plain", "convolutional", "variational", "denoising", "tied", "label")
}
"""Other autoencoders, the plain one to compare with."""

DENSE_AGAIN = {
    name: [Again(**vars(run)) for run in AUTOENCODERS[name]]
    for name in ("plain", "denoising", "tied", "label")
}
"""The dense ones that are a function of the image, made again for the published rule."""

PUBLISHED = {
    **{name: _of(f"lee-{name}", "MNIST", 30_000, 15) for name in ("shallow", "sparse", "tied")},
    **{name: _of(f"lee-{name}", "MNIST", 15_000, 13) for name in ("deep", "label")},
}
"""Autoencoders of Lee & Jo's code, where all are trained for 30,000 updates. The deep are dear.
In the plane that comes with the code most of their late fall is over at half of that."""

RUNS = {
    run.name: run
    for group in (CLASSIFIERS, CLOTHES, AUTOENCODERS, DENSE_AGAIN, PUBLISHED)
    for of in group.values()
    for run in of
}
"""Every run by name."""


@dataclass(frozen=True)
class _Images:
    """What a run is trained and looked at with."""

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor

    @classmethod
    @cache
    def of(cls, data: DataSet) -> _Images:
        """The images of a data set; those of the test set in an order drawn at random."""
        return cls(
            mnist(data=data),
            mnist_labels(data=data),
            *(read(train=False, shuffled=True, data=data) for read in (mnist, mnist_labels)),
        )


def estimators(classifier: bool) -> dict[str, MatrixRenyi]:
    """The previous rule as the paper sets it, and the proposed rule without what depends on scale.

    The images share the statistics of (29) over all pixels, and maps of a convolution over each
    channel, as Sec. III-C asks. A classifier has no bottleneck with a width of its own, and its
    outputs are no pixels.
    """
    widths = {"default": PreviousWidth(5)} | ({} if classifier else {"Z": PreviousWidth(25)})
    ends = (INPUT,) if classifier else (INPUT, OUTPUT)
    groups: dict[str, Groups] = {**dict.fromkeys(ends, "all"), "default": "channel"}
    return {
        "previous": MatrixRenyi(widths, standardize=False, dimensions="all"),
        "scale-free": MatrixRenyi(ProposedWidth(0.8), groups=groups),
    }


PUBLISHED_RULE = "published"
PUBLISHED_ESTIMATOR = MatrixRenyi(PreviousWidth(2), standardize=False, dimensions="all")
"""The estimator of Lee & Jo's code, but for the 1e-8 that it adds in the logarithm: γ = 2 in the
rule of Yu & Príncipe, for all layers, and samples as they are."""

PUBLISHED_SAMPLES = 100
"""Test images that their estimator gets: the first ones."""


def noises(images: Tensor, level: float) -> dict[str, Noise]:
    """The noise of each of `CONVENTIONS`, which has one standard deviation for the images."""
    total = math.sqrt(float(images.double().var(dim=0, correction=0).sum()))
    own = level / total
    rules = OneLevel(level), LayerDeviation(own * math.sqrt(images.shape[1])), TotalDeviation(own)
    return dict(zip(CONVENTIONS, rules, strict=True))


def make(
    run: Run, progress: bool | Callable[[int], object] = True, stop_at: int | None = None
) -> xr.Dataset:
    """Train and record a network.

    Parameters
    ----------
    run : Run
    progress : bool or callable
        Show a bar, or call this with the number of updates made since the last call.
    stop_at : int, optional
        Last iteration to train and record.

    Returns
    -------
    Dataset
        ``input_mi``, ``output_mi`` and ``entropy`` (iteration, estimator, layer, batch) and, of
        shuffled pairs, ``input_mi_null`` and ``output_mi_null``; ``variance`` and ``live``
        (iteration, layer, batch); ``true_input_mi``, ``true_label_mi`` and their standard errors
        (iteration, noise, resolution, layer); the measures of `geometry` (iteration, layer);
        ``train_error`` and ``test_error`` (iteration), mean squared error a pixel or share of wrong
        labels. Of classifiers ``target_mi`` and ``target_mi_null`` (iteration, estimator, layer,
        batch), ``target_entropy`` (iteration, estimator, batch). Information is in bits.
        Of an `Again` all that is estimated, and the errors. Of it and of published networks the
        estimators have ``published`` among them.
        Attributes: provenance; ``plateau``, the test error of one answer to all images; and
        ``label_entropy``.
    """
    made_with = experiments.provenance(module=__name__)
    started = time.perf_counter()
    kind, images = KINDS[run.network], _Images.of(run.data)
    moments = [i for i in run.iterations() if stop_at is None or i <= stop_at]
    records: list[xr.Dataset] = []
    with (
        torch.random.fork_rng(devices=[]),
        tqdm(total=moments[-1], desc=run.name, unit="updates", disable=progress is not True) as bar,
    ):
        torch.manual_seed(run.seed)  # of a network's own noise
        advance = progress if callable(progress) else bar.update
        for model in _trained(run, moments):
            if not records:
                record = _recorder(run, model)
            iteration = moments[len(records)]
            records.append(record().assign_coords(iteration=iteration))
            advance(iteration - (moments[len(records) - 2] if iteration else 0))
    result = xr.concat(records, "iteration", coords="minimal")
    return result.assign_attrs(
        **made_with,
        plateau=_plateau(images, kind.classifier),
        label_entropy=discrete_entropy(images.test_labels),
        precision="float64",
        configuration=json.dumps({"name": run.name, **asdict(run)}),
        seed=run.seed,
        command=f"{COMMAND} {run.name}",
        seconds=round(time.perf_counter() - started),
    )


def _trained(run: Run, moments: list[int]) -> Iterator[nn.Module]:
    """The network at each moment."""
    kind, images = KINDS[run.network], _Images.of(run.data)
    model = kind.build(run.seed)
    optimizer = kind.optimizer(model)
    random = torch.Generator().manual_seed(run.seed)
    if moments[0] == 0:
        yield model
    order = batches(len(images.train), kind.batch_size, moments[-1], run.seed)
    for iteration, chosen in enumerate(order, start=1):
        model.train()
        optimizer.zero_grad(set_to_none=True)
        loss = kind.loss(model, images.train[chosen], images.train_labels[chosen], random)
        if not torch.isfinite(loss):
            raise ValueError(
                f"the loss of {run.name} is {loss.item()} at iteration {iteration}; lower the "
                "learning rate of its kind"
            )
        loss.backward()
        optimizer.step()
        if iteration in moments:
            yield model


def _recorder(run: Run, model: nn.Module) -> Callable[[], xr.Dataset]:
    """What records the network as it stands."""
    kind, images = KINDS[run.network], _Images.of(run.data)
    layers, labels, rules = layers_of(model), images.test_labels, estimators(kind.classifier)
    targets = {LABEL: labels[:SAMPLES]} if kind.classifier else None
    batch = images.test[:SAMPLES]
    plane = InformationPlane(
        model, layers, batch, rules, batch_size=SAMPLES, targets=targets, null=True
    )
    published = None
    if kind.published or isinstance(run, Again):
        first = mnist(train=False, data=run.data)[:PUBLISHED_SAMPLES]
        rule = {PUBLISHED_RULE: PUBLISHED_ESTIMATOR}
        published = InformationPlane(
            model, layers, first, rule, batch_size=PUBLISHED_SAMPLES, null=True
        )
    noise = noises(images.test, NOISE_LEVELS[run.data])
    of_input: list[xr.Dataset] = []  # the same at every record

    def truth_of(variables: Mapping[str, Tensor]) -> xr.Dataset:
        settings: dict[str, Any] = {"queries": QUERIES, "landmarks": LANDMARKS, "progress": False}
        found = exact_plane(variables, noise, labels, **settings)
        return found[list(KEPT)].rename(KEPT).expand_dims(resolution=[RESOLUTION])

    def record() -> xr.Dataset:
        with warnings.catch_warnings():
            # what is null-like is stored, and said in the chapters
            warnings.simplefilter("ignore", EstimateWarning)
            found = plane.record().squeeze("target", drop=True) if targets else plane.record()
            if published:
                more = published.record()[ESTIMATED]
                found = found.drop_dims("estimator").merge(
                    xr.concat([found[ESTIMATED], more], "estimator")
                )
        errors = {
            "train_error": _error(model, images.train[:2_000], images.train_labels[:2_000], run),
            "test_error": _error(model, images.test, images.test_labels, run),
        }
        of_targets = ["target_mi", "target_mi_null", "target_entropy"] if targets else []
        kept = found[[*ESTIMATED, *of_targets, "variance", "live"]].assign(errors)
        if isinstance(run, Again):
            return kept.drop_attrs()
        inside = capture(model, layers, images.test)
        x = inside.pop(INPUT)
        of_input[:] = of_input or [truth_of({INPUT: x})]
        truth = xr.concat([*of_input, truth_of(inside)], "layer")
        shape = geometry({name: t[:GEOMETRY_IMAGES] for name, t in {INPUT: x, **inside}.items()})
        return xr.merge([kept, truth, shape]).drop_attrs()

    return record


def _error(model: nn.Module, images: Tensor, labels: Tensor, run: Run) -> float:
    """Mean squared error a pixel, or the share of labels that are mistaken."""
    model.eval()
    with torch.no_grad():
        answers = model(images)
    if KINDS[run.network].classifier:
        return float((answers.argmax(1) != labels).double().mean())
    return nn.functional.mse_loss(answers, images).item()


def _plateau(images: _Images, classifier: bool) -> float:
    """The test error of one answer to all images: the mean image, or the commonest label."""
    if not classifier:
        mean = images.train.mean(0).expand_as(images.test)
        return nn.functional.mse_loss(mean, images.test).item()
    commonest = images.train_labels.bincount().argmax()
    return float((images.test_labels != commonest).double().mean())


def stored(run: Run, folder: Path = STORED) -> xr.Dataset:
    """The stored result of a run.

    Raises
    ------
    ValueError
        If there is none, it was made with other settings, it holds what cannot be, or as
        `experiments.load`; the message names the file and the command that makes it.
    """
    path = folder / f"{run.name}.nc"
    again = f"{COMMAND} {run.name}"
    if not path.exists():
        raise ValueError(f"nothing is stored at {path}; run: {again}")
    result = experiments.load(path)
    asked = {"name": run.name, **asdict(run)}
    found = json.loads(result.attrs["configuration"])
    if found != asked:
        raise ValueError(f"{path} was made with {found}, not {asked}; delete it and run: {again}")
    if fault := next(_faults(result, run), None):
        raise ValueError(f"{path} cannot be right: {fault}; delete it and run: {again}")
    return result


def _faults(result: xr.Dataset, run: Run) -> Iterator[str]:
    """What a stored result of this run cannot have."""
    if result.iteration.values.tolist() != run.iterations():
        yield f"its iterations are {result.iteration.values.tolist()}, not {run.iterations()}"
    bounded = {"input_mi": SAMPLES}
    if not isinstance(run, Again):
        bounded["true_input_mi"] = TEST_IMAGES
    for name, most in bounded.items():
        if name not in result:
            yield f"it has no {name}"
        elif not bool(result[name].max() <= math.log2(most) + SLACK):
            yield f"{name} reaches {float(result[name].max()):.4g}, above log₂ {most}"
    for variable, values in result.items():
        if not bool(np.isfinite(values).all()):
            yield f"{variable} has values that are no finite numbers"


def make_stored(run: Run, progress: bool = True, folder: Path = STORED) -> Path:
    """Make a result and store it, where it is not stored; returns its file."""
    path = folder / f"{run.name}.nc"
    make_folder(folder)  # told before the training
    with alone(experiments.ROOT / "_build" / "beyond" / run.name, run.name):
        if not path.exists():
            result = make(run, progress)
            with atomic_write(path) as temporary:
                experiments.save(result, temporary)
    return path


def verify(run: Run, folder: Path = STORED, up_to: int = 20) -> dict[str, float]:
    """Compute the beginning of a stored run again and compare.

    Measured in double precision, a plane does not depend on the processor; what is left is the
    training, which sums in another order. The truth and the tiles of its distances are taken in
    single precision where that costs less than 0.002 bits.

    Parameters
    ----------
    run : Run
    folder : path
    up_to : int
        Last iteration to compute.

    Returns
    -------
    dict from variable to its largest difference
        In its own unit; of geometry and errors, relative.

    Raises
    ------
    ValueError
        As `stored`.
    """
    old = stored(run, folder)
    fresh = make(run, progress=False, stop_at=up_to)
    old = old.sel(iteration=fresh.iteration)
    differences = {}
    for key, values in fresh.items():
        name = str(key)
        difference = abs(values - old[name])
        if not name.endswith(("_mi", "_null", "entropy", "standard_error")):
            difference = difference / abs(old[name]).clip(min=1e-12)
        differences[name] = float(difference.max())
    return differences


def all_stored(groups: Mapping[str, Sequence[Run]]) -> dict[str, list[xr.Dataset]]:
    """The stored results of several kinds of networks, by kind."""
    return {name: [stored(run) for run in of] for name, of in groups.items()}


SAME = 0.01
"""Bits that the planes of one training, made twice, may differ by: far less than a marker in the
figures is wide."""


def with_published_rule(result: xr.Dataset, again: xr.Dataset) -> xr.Dataset:
    """A stored run, and the planes by the published rule of the same training made again.

    Parameters
    ----------
    result, again : Dataset
        Of one of `AUTOENCODERS`, and of its fellow in `DENSE_AGAIN`.

    Returns
    -------
    Dataset
        ``result``, with one estimator more.

    Raises
    ------
    ValueError
        If the planes of both by the rules that they share differ: then it is another training.
    """
    shared = again[ESTIMATED].sel(estimator=result.estimator)
    farthest = max(float(abs(result[name] - shared[name]).max()) for name in ESTIMATED)
    if not farthest <= SAME:
        raise ValueError(
            f"again has planes that differ from those of result by {farthest:.2g} bits; both must "
            "be of one training, made on like machines"
        )
    added = again[ESTIMATED].sel(estimator=[PUBLISHED_RULE])
    joined = xr.concat([result[ESTIMATED], added], "estimator")
    return result.drop_dims("estimator").merge(joined)
