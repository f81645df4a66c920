"""One checkpoint of the information plane against the loop over layers and batches.

The loop is what one writes first, and what public code for such planes does: for each layer and
batch standardise, build both Gram matrices, and decompose both and their product.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
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


def entropy(matrix: Tensor) -> Tensor:
    """Matrix-based Rényi entropy in bits."""
    eigenvalues = torch.linalg.eigvalsh(matrix).clamp(min=0)
    return torch.log2((eigenvalues**ALPHA).sum()) / (1 - ALPHA)


def information(variables: dict[str, Tensor], one: str, other: str) -> Tensor:
    """Mutual information of two variables in bits."""
    a, b = gram(variables[one], one), gram(variables[other], other)
    joint = a * b
    return entropy(a) + entropy(b) - entropy(joint / torch.trace(joint))


def loop(
    model: nn.Module, batches: Tensor, labels: tuple[str, ...], dtype: torch.dtype
) -> np.ndarray:
    """Input and output information of the layers: array (2, layer, batch)."""
    values = np.empty((2, len(labels), len(batches)))
    for b, batch in enumerate(batches):
        variables = activations(model, batch, dtype)
        for i, label in enumerate(labels):
            values[0, i, b] = information(variables, INPUT, label)
            values[1, i, b] = information(variables, label, OUTPUT)
    return values


@contextmanager
def counting_decompositions() -> Iterator[list[int]]:
    """How many matrices are decomposed in this context, one number a call."""
    counts: list[int] = []
    eigvalsh, reduce = torch.linalg.eigvalsh, tridiagonal.tridiagonal

    def many(matrices: Tensor) -> Tensor:
        counts.append(matrices.shape[:-2].numel())
        return eigvalsh(matrices)

    def one(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        counts.append(1)
        return reduce(matrix)

    torch.linalg.eigvalsh, tridiagonal.tridiagonal = many, one
    try:
        yield counts
    finally:
        torch.linalg.eigvalsh, tridiagonal.tridiagonal = eigvalsh, reduce


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
        "loop_hidden": lambda: loop(model, batches, HIDDEN_LAYERS, dtype),
        "loop_ends": lambda: loop(model, batches, (INPUT, OUTPUT), dtype),
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
    # the same quantities: every variable, X and X′ among them
    times["loop"] = [sum(t) for t in zip(times["loop_hidden"], times["loop_ends"], strict=True)]
    decompositions["loop"] = decompositions["loop_hidden"] + decompositions["loop_ends"]

    ends = values["loop_ends"]
    expected = np.concatenate([ends[:, :1], values["loop_hidden"], ends[:, 1:]], axis=1)
    recorded = values["record"].sel(estimator="proposed")
    record = np.stack([recorded.input_mi.values, recorded.output_mi.values])
    result = {
        "seconds": {name: asdict(Spread.of(taken)) for name, taken in times.items()},
        "decompositions": decompositions,
        "ratio": {
            f"{slow} / {fast}": asdict(measuring.ratios(times[slow], times[fast]))
            for slow in ("loop", "loop_hidden")
            for fast in ("record", "first_record")
        },
        "largest_difference_bits": float(abs(record - expected).max()),
    }
    return result, record


def trained(updates: int, device: str) -> nn.Module:
    """The autoencoder of K = 32 after some updates: activations as in use."""
    experiment = next(e for e in experiments.PROFILES["paper"].planes() if e.bottleneck_size == 32)
    model = experiment.model().to(device)
    return train(model, mnist(train=True), experiment.training, stop_at=updates, progress=False)


def report(result: dict) -> str:
    """A table of the result."""
    names = {
        "loop": "loop, all nine variables",
        "loop_hidden": "loop, the seven hidden layers",
        "first_record": "record(), the first of a plane",
        "record": "record(), any later one",
    }
    rows = []
    for precision, part in result["precisions"].items():
        for key, name in names.items():
            ratio = part["ratio"].get(f"loop / {key}")
            narrow = part["ratio"].get(f"loop_hidden / {key}")
            rows.append(
                [
                    precision,
                    name,
                    str(Spread(**part["seconds"][key])),
                    str(part["decompositions"][key]),
                    str(Spread(**ratio)) if ratio else "",
                    str(Spread(**narrow)) if narrow else "",
                ]
            )
    lines = [
        measuring.table(
            [
                "precision",
                "what",
                "seconds",
                "decompositions",
                "times faster",
                "than the loop over hidden layers alone",
            ],
            rows,
        ),
        "",
        *(
            f"largest difference from the loop in {precision}: "
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
