"""One checkpoint of the information plane against the loop over layers and batches.

The loop is what one writes first, and what public code for such planes does: for each layer and
batch standardise, build both Gram matrices, and decompose both and their product.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

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
SIDES = ("input_mi", "output_mi")


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
        return InformationPlane(model, HIDDEN_LAYERS, batches, estimators, dtype=None)

    plane = fresh()
    plane.record()
    tasks = {
        "loop_hidden": lambda: loop(model, batches, HIDDEN_LAYERS, dtype),
        "loop_ends": lambda: loop(model, batches, (INPUT, OUTPUT), dtype),
        "first_record": lambda: fresh().record(),
        "record": plane.record,
    }
    decompositions, values = {}, {}
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
    record = values["record"].information.sel(estimator="proposed", quantity=list(SIDES)).values
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


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--samples", type=int, default=512)
    parser.add_argument("--updates", type=int, default=600, help="training before the checkpoint")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--store", action="store_true", help="write book/results/cost")
    parser.add_argument("--folder", type=Path, default=measuring.FOLDER, help="another folder")
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions is {options.repetitions}; give at least 1")
    measuring.check_images(
        options.batches * options.samples,
        f"--batches {options.batches} and --samples {options.samples}",
    )
    around = measuring.circumstances(options.device)
    model = trained(options.updates, options.device)
    size = options.batches * options.samples
    images = mnist(train=False)[:size].to(options.device)
    batches = images.reshape(options.batches, options.samples, -1)
    parts, information_of = {}, {}
    for name, dtype in PRECISIONS.items():
        parts[name], information_of[name] = measure(
            model, batches, dtype, options.repetitions, options.device
        )
    result = {
        "settings": {
            "batches": options.batches,
            "samples": options.samples,
            "updates": options.updates,
            "repetitions": options.repetitions,
        },
        "precisions": parts,
        "float32_error_bits": float(
            abs(information_of["float32"] - information_of["float64"]).max()
        ),
        **around,
    }
    print(report(result))
    if options.store:
        suffix = "" if options.device == "cpu" else f"-{options.device}"
        print("stored:", measuring.store(f"checkpoint{suffix}", result, options.folder))


if __name__ == "__main__":
    main()
