"""Information from many samples: all eigenvalues against random probes.

The pair is real: test images and the bottleneck of an autoencoder of K = 32 in training.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch

from ipae_lib.data import mnist
from ipae_lib.layers import INPUT
from ipae_lib.stochastic import Estimate
from ipae_lib.training import train
from study import experiments, large
from study.costs import measuring

METHODS = {
    "exact, float64": {"method": "exact", "dtype": torch.float64},
    "exact, float32": {"method": "exact", "dtype": torch.float32},
    "stochastic, float32": {"method": "stochastic", "dtype": torch.float32},
    "exact, float64, α = 2": {"method": "stochastic", "dtype": torch.float64, "alpha": 2},
}
"""At α = 2 the stochastic method takes no probes but the norm, and is exact."""


def pair(n: int, updates: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and what the bottleneck makes of them."""
    experiment = next(p.experiment for p in large.planes() if p.name == "path-K32")
    model, images = experiment.model(), mnist(train=True)
    train(model, images, experiment.training, stop_at=updates, progress=False)
    x = mnist(train=False)[:n]
    with torch.no_grad():
        return x, model.Z(model.E3(model.E2(model.E1(x))))


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--updates", type=int, default=600, help="training before")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--store", action="store_true", help="write book/results/cost")
    parser.add_argument("--folder", type=Path, default=measuring.FOLDER, help="another folder")
    options = parser.parse_args(arguments)
    measuring.check_images(options.samples, f"--samples {options.samples}")
    around = measuring.circumstances(options.device)
    x, z = (t.to(options.device) for t in pair(options.samples, options.updates))

    found: dict[str, Estimate] = {}

    def task(name: str) -> Callable[[], None]:
        estimator = replace(experiments.ESTIMATORS["proposed"], **METHODS[name])

        def estimate() -> None:
            found[name] = estimator.estimate(x, z, x_name=INPUT, y_name="Z")

        return estimate

    tasks = {name: task(name) for name in METHODS}
    seconds = {
        name: taken[0] for name, taken in measuring.in_turns(tasks, 1, options.device).items()
    }
    truth = found["exact, float64"].value
    rows = {
        name: {
            "bits": estimate.value,
            "error_bar": estimate.error_bar,
            "standard_error": estimate.standard_error,
            "difference": estimate.value - truth if "α" not in name else 0.0,
            "seconds": seconds[name],
            "times_faster": seconds["exact, float64"] / seconds[name],
        }
        for name, estimate in found.items()
    }
    result = {
        "settings": {
            "samples": options.samples,
            "updates": options.updates,
            "probing": asdict(experiments.ESTIMATORS["proposed"].probing),
        },
        "methods": rows,
        **around,
    }
    print(
        measuring.table(
            ["method", "bits", "error bar", "difference", "seconds", "times faster"],
            [
                [
                    name,
                    f"{row['bits']:.4f}",
                    f"{row['error_bar']:.4f}",
                    f"{row['difference']:+.4f}",
                    f"{row['seconds']:.1f}",
                    f"{row['times_faster']:.1f}",
                ]
                for name, row in rows.items()
            ],
        )
    )
    if options.store:
        suffix = "" if options.device == "cpu" else f"-{options.device}"
        print("stored:", measuring.store(f"many_samples{suffix}", result, options.folder))


if __name__ == "__main__":
    main()
