"""One checkpoint of the information plane against two loops over layers and batches.

The first is what one writes first: for each layer and batch standardise, build both Gram matrices,
and decompose both and their product. The second builds each matrix once, and takes its entropies as
`repitl` (github.com/uk-cliplab/representation-itl, fd0da54) does: three decompositions by ``eigh``
for each information.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ipae_lib import tridiagonal
from ipae_lib.data import mnist
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import InformationPlane
from ipae_lib.training import train
from study import experiments
from study.costs import measuring
from study.costs.measuring import Spread

GAMMA, ALPHA, EPS = 0.8, 1.01, 1e-8
"""The proposed rule of the paper."""

VARIABLES = (INPUT, *HIDDEN_LAYERS, OUTPUT)

PRECISIONS = {"float64": torch.float64, "float32": torch.float32}


def activations(model: nn.Module, batch: Tensor, dtype: torch.dtype) -> dict[str, Tensor]:
    """Every variable of one batch by name."""
    variables, x = {INPUT: batch}, batch
    with torch.no_grad():
        for label, layer in zip((*HIDDEN_LAYERS, OUTPUT), model.children(), strict=True):
            x = variables[label] = layer(x)
    return {label: values.to(dtype) for label, values in variables.items()}


def gram(x: Tensor, label: str) -> Tensor:
    """Normalised Gram matrix of a variable under the proposed rule."""
    n, d = x.shape
    dim = (0, 1) if label in (INPUT, OUTPUT) else 0
    x = (x - x.mean(dim)) / torch.sqrt(x.var(dim, correction=0) + EPS)
    sigma = GAMMA * math.sqrt(d) * n ** (-1 / (4 + d))
    return torch.exp(-(torch.cdist(x, x) ** 2) / (2 * sigma**2)) / n


def entropy(eigenvalues: Tensor) -> Tensor:
    """Matrix-based Rényi entropy in bits."""
    return torch.log2((eigenvalues.clamp(min=0) ** ALPHA).sum()) / (1 - ALPHA)


def information(a: Tensor, b: Tensor, decompose: Callable[[Tensor], Tensor]) -> Tensor:
    """Mutual information in bits of two Gram matrices, of which ``decompose`` has the spectrum."""
    joint = a * b
    spectra = map(decompose, (a, b, joint / torch.trace(joint)))
    of_a, of_b, of_both = map(entropy, spectra)
    return of_a + of_b - of_both


def loop(
    model: nn.Module, batches: Tensor, dtype: torch.dtype, *, once: bool = False
) -> np.ndarray:
    """Input and output information of every variable: array (2, variable, batch).

    Parameters
    ----------
    model : Module
    batches : Tensor of shape (batch, N, d)
    dtype : dtype
        Of the matrices.
    once : bool
        Build each Gram matrix once, and decompose as `repitl` does.
    """
    each = [of_batch(activations(model, batch, dtype), once=once) for batch in batches]
    return np.stack(each, axis=-1)


def of_batch(variables: dict[str, Tensor], *, once: bool) -> np.ndarray:
    """What `loop` gives of one batch: array (2, variable)."""

    def matrix(label: str) -> Tensor:
        return gram(variables[label], label)

    def by_vectors(matrix: Tensor) -> Tensor:
        return torch.linalg.eigh(matrix)[0]

    take = cache(matrix) if once else matrix
    mi = partial(information, decompose=by_vectors if once else torch.linalg.eigvalsh)
    inputs = [mi(take(INPUT), take(label)) for label in VARIABLES]
    outputs = [mi(take(label), take(OUTPUT)) for label in VARIABLES]
    return np.array([inputs, outputs])


@contextmanager
def counting_decompositions() -> Iterator[list[int]]:
    """How many matrices are decomposed in this context, one number a call."""
    counts: list[int] = []

    def counted(decompose: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def count(matrices: Tensor | np.ndarray) -> Any:
            counts.append(math.prod(matrices.shape[:-2]))
            return decompose(matrices)

        return count

    with ExitStack() as stack:
        for module, name in (
            (torch.linalg, "eigh"),
            (torch.linalg, "eigvalsh"),
            (tridiagonal, "tridiagonal"),
        ):
            way = getattr(module, name)
            stack.callback(setattr, module, name, way)
            setattr(module, name, counted(way))
        yield counts


def measure(
    model: nn.Module, batches: Tensor, dtype: torch.dtype, repetitions: int, device: str
) -> tuple[dict, np.ndarray]:
    """Times, counts and differences in one precision, and the information (2, layer, batch)."""
    estimators = {"proposed": replace(experiments.ESTIMATORS["proposed"], dtype=dtype)}

    def fresh() -> InformationPlane:
        # the pass of the loop
        return InformationPlane(model, HIDDEN_LAYERS, list(batches), estimators, dtype=None)

    plane = fresh()
    plane.record()
    tasks: dict[str, Callable[[], Any]] = {
        "loop": lambda: loop(model, batches, dtype),
        "once": lambda: loop(model, batches, dtype, once=True),
        "first_record": lambda: fresh().record(),
        "record": plane.record,
    }
    decompositions: dict[str, int] = {}
    values: dict[str, Any] = {}
    for name, task in tasks.items():
        with counting_decompositions() as counts:
            values[name] = task()
        decompositions[name] = sum(counts)
    times = measuring.in_turns(tasks, repetitions, device)
    recorded = values["record"].sel(estimator="proposed")
    record = np.stack([recorded.input_mi.values, recorded.output_mi.values])
    result = {
        "seconds": {name: asdict(Spread.of(taken)) for name, taken in times.items()},
        "decompositions": decompositions,
        "ratio": {
            f"{slow} / {fast}": asdict(measuring.ratios(times[slow], times[fast]))
            for slow in ("loop", "once")
            for fast in ("record", "first_record")
        },
        "largest_difference_bits": max(
            float(abs(record - values[name]).max()) for name in ("loop", "once")
        ),
    }
    return result, record


def trained(updates: int, device: str) -> nn.Module:
    """The autoencoder of K = 32 after some updates: activations as in use."""
    experiment = measuring.experiment()
    model = experiment.model().to(device)
    return train(model, mnist(train=True), experiment.training, stop_at=updates, progress=False)


def report(result: dict) -> str:
    """A table of the result."""
    names = {
        "loop": "loop, as one writes it first",
        "once": "loop, each matrix built once, entropies as repitl",
        "first_record": "record(), the first of a plane",
        "record": "record(), any later one",
    }
    rows = []
    for precision, part in result["precisions"].items():
        for key, name in names.items():
            ratio = part["ratio"].get(f"loop / {key}")
            once = part["ratio"].get(f"once / {key}")
            rows.append(
                [
                    precision,
                    name,
                    str(Spread(**part["seconds"][key])),
                    str(part["decompositions"][key]),
                    str(Spread(**ratio)) if ratio else "",
                    str(Spread(**once)) if once else "",
                ]
            )
    lines = [
        measuring.table(
            [
                "precision",
                "what",
                "seconds",
                "decompositions",
                "times faster than the first",
                "than the second",
            ],
            rows,
        ),
        "",
        *(
            f"largest difference from the loops in {precision}: "
            f"{part['largest_difference_bits']:.1e} bits"
            for precision, part in result["precisions"].items()
        ),
        f"largest error of float32: {result['float32_error_bits']:.1e} bits",
    ]
    return "\n".join(lines)


def run(
    batches: int = 10,
    samples: int = 512,
    updates: int = 600,
    repetitions: int = 5,
    device: str = "cpu",
) -> dict:
    """Both ways in both precisions, from the same checkpoint.

    Parameters
    ----------
    batches, samples : int
        Batches of test images, and images in each.
    updates : int
        Training before the checkpoint.
    repetitions : int
        Turns that are timed.
    device : str

    Raises
    ------
    SizeError
        If there are not so many test images.
    """
    size = batches * samples
    measuring.check_images(size, f"--batches {batches} and --samples {samples}")
    model = trained(updates, device)
    images = mnist(train=False)[:size].to(device).reshape(batches, samples, -1)
    parts, found = {}, {}
    for name, dtype in PRECISIONS.items():
        parts[name], found[name] = measure(model, images, dtype, repetitions, device)
    return {
        "settings": {
            "batches": batches,
            "samples": samples,
            "updates": updates,
            "repetitions": repetitions,
        },
        "precisions": parts,
        "float32_error_bits": float(abs(found["float32"] - found["float64"]).max()),
    }
