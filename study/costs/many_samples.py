"""Information from many samples: all eigenvalues against random probes.

The pair is real: test images and the bottleneck of an autoencoder of K = 32 in training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import torch

from ipae_lib.activations import capture
from ipae_lib.data import mnist
from ipae_lib.estimators import Estimate, MatrixRenyi, StochasticMatrixRenyi
from ipae_lib.layers import INPUT
from ipae_lib.stochastic import Probing
from ipae_lib.training import train
from study import experiments, large
from study.costs import measuring

PROPOSED = vars(experiments.ESTIMATORS["proposed"])
METHODS: dict[str, MatrixRenyi | StochasticMatrixRenyi] = {
    "exact, float64": MatrixRenyi(**PROPOSED | {"dtype": torch.float64}),
    "exact, float32": MatrixRenyi(**PROPOSED | {"dtype": torch.float32}),
    "stochastic, float32": StochasticMatrixRenyi(**PROPOSED | {"dtype": torch.float32}),
    "exact, float64, α = 2": StochasticMatrixRenyi(
        **PROPOSED | {"dtype": torch.float64, "alpha": 2.0}
    ),
}
"""At α = 2 the stochastic method takes no probes but the norm, and is exact."""


def pair(n: int, updates: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and what the bottleneck makes of them."""
    experiment = next(p.experiment for p in large.planes() if p.name == "path-K32")
    model, images = experiment.model(), mnist(train=True)
    train(model, images, experiment.training, stop_at=updates, progress=False)
    x = mnist(train=False)[:n]
    return x, capture(model, ("Z",), x, dtype=torch.float32)["Z"]


def run(samples: int = 10_000, updates: int = 600, device: str = "cpu") -> dict:
    """Each of `METHODS` once.

    Parameters
    ----------
    samples : int
        Test images.
    updates : int
        Training before.
    device : str

    Raises
    ------
    SizeError
        If there are not so many test images.
    """
    measuring.check_images(samples, f"--samples {samples}")
    x, z = (t.to(device) for t in pair(samples, updates))
    found: dict[str, Estimate] = {}

    def task(name: str) -> Callable[[], None]:
        estimator = METHODS[name]

        def estimate() -> None:
            if isinstance(estimator, StochasticMatrixRenyi):
                found[name] = estimator.estimate(x, z, INPUT, "Z")
            else:
                found[name] = Estimate(float(estimator(x, z, INPUT, "Z")))

        return estimate

    taken = measuring.in_turns({name: task(name) for name in METHODS}, 1, device)
    seconds = {name: once[0] for name, once in taken.items()}
    truth = found["exact, float64"].value
    rows = {
        name: {
            "bits": estimate.value,
            "error_bar": estimate.error_bar,
            "standard_error": estimate.standard_error,
            # another order is another quantity
            "difference": 0.0 if METHODS[name].alpha == 2 else estimate.value - truth,
            "seconds": seconds[name],
            "times_faster": seconds["exact, float64"] / seconds[name],
        }
        for name, estimate in found.items()
    }
    return {
        "settings": {
            "samples": samples,
            "updates": updates,
            "probing": asdict(Probing()),
        },
        "methods": rows,
    }


def report(result: dict) -> str:
    """A table of the result."""
    rows = [
        [
            name,
            f"{row['bits']:.4f}",
            f"{row['error_bar']:.4f}",
            f"{row['difference']:+.4f}",
            f"{row['seconds']:.1f}",
            f"{row['times_faster']:.1f}",
        ]
        for name, row in result["methods"].items()
    ]
    header = ["method", "bits", "error bar", "difference", "seconds", "times faster"]
    return measuring.table(header, rows)
