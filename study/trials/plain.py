"""Values with which every public call of the library succeeds, for `study.trials.inputs`.

Known by ``owner.parameter``, by the parameter's name, or by its annotation, in this order; where
none is known the parameter's default is taken. Each is made anew for each call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from ipae_lib import discrete, exact, kernels, linear, solvable, stochastic, training
from ipae_lib.benchmark import adapters, store
from ipae_lib.estimators import MatrixRenyi, PreparedVariable
from ipae_lib.plane import InformationPlane


def samples(columns: int = 3, seed: int = 0) -> Tensor:
    """Twelve normal samples."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(12, columns, generator=generator, dtype=torch.float64)


def _covariance() -> np.ndarray:
    return np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 1.5]])


def _gram() -> Tensor:
    return kernels.gaussian_gram(samples(), 1.0)


def _estimator() -> MatrixRenyi:
    return MatrixRenyi(kernels.ProposedWidth(1.0))


def _model() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 3)).double()


def _plane() -> InformationPlane:
    return InformationPlane(_model(), {"Z": "0"}, [samples()], {"ours": _estimator()}, null=True)


def _linear_autoencoder() -> linear.LinearAutoencoder:
    return linear.LinearAutoencoder.random(_covariance(), [4, 2, 4])


def _quantised() -> nn.Sequential:
    return discrete.DiscreteAutoencoder(2, 3, (4, 4, 4), generator=torch.Generator())


def _case() -> solvable.ExactCase:
    return solvable.linear_case({0: _linear_autoencoder()}, 0.5)


@cache
def _stored() -> xr.Dataset:
    found = store.load().isel(estimator=slice(0, 3))
    return found.isel(question=(found.seed < 1) & (found.n == found.n.min()))


def _answers() -> xr.Dataset:
    return _stored().copy(deep=True)


def _axes() -> Axes:
    return Figure().subplots()


PLAIN: dict[str, Callable[[], Any]] = {
    # owner.parameter
    "DiffusionScores.steps": lambda: 20,
    "ExactCase.draw": lambda: _case().draw,
    "FromBmi.estimator": lambda: adapters.ToBmi(_estimator()),
    "LinearAutoencoder.noise": lambda: "fixed",
    "LocallyNonUniform.neighbours": lambda: 7,
    "LatentNeighbours.steps": lambda: 20,
    "NeuralBound.steps": lambda: 20,
    "as_float_tensor.x": samples,
    "callback.base": lambda: object,
    "capture.inputs": samples,
    "capture.layers": lambda: {"Z": "0"},
    "diagnose.plane": lambda: _plane().record(),
    "discrete_case.snapshots": lambda: {0: _quantised()},
    "discrete_mutual_information.a": lambda: np.arange(12) // 2,
    "discrete_mutual_information.b": lambda: np.arange(12) // 3,
    "exact_plane.noise": lambda: {"one": exact.OneLevel(0.5)},
    "found.name": lambda: "math:hypot",
    "in_one_thread.task": lambda: dict,
    "information_of_population.noise": lambda: {"one": exact.OneLevel(0.5)},
    "info_nce.scores": lambda: torch.eye(6),
    **{
        f"{bound}.scores": lambda: torch.eye(6)
        for bound in ("donsker_varadhan", "nwj", "smile", "jensen_shannon")
    },
    "added_uniform.width": lambda: 0.5,
    "added_uniform_mi.width": lambda: 0.5,
    "blobs.latents": lambda: samples(2),
    "doubtful.plane": lambda: _plane().record(),
    "entropy_traces.gram": lambda: stochastic.GaussianGram(samples()),
    "join.a": _gram,
    "join.b": _gram,
    "linear_case.snapshots": lambda: {0: _linear_autoencoder()},
    "mutual_information.a": _gram,
    "mutual_information.b": _gram,
    "optional.module": lambda: "math",
    "plot_bounds.estimator": lambda: None,
    "plot_bounds.plane": lambda: _plane().record(),
    "plot_plane.estimator": lambda: None,
    "plot_plane.layers": lambda: ["Z"],
    "plot_plane.styles": lambda: {"Z": {"color": "k"}},
    "represent_names.codes": lambda: torch.arange(12) // 2,
    "train.settings": lambda: training.Sgd(1, 4, 0.01),
    "train_discrete.model": _quantised,
    "train_linear.steps": lambda: 3,
    # the parameter
    "rho": lambda: 0.5,
    "alpha": lambda: 1.01,
    "answers": _answers,
    "batches": lambda: [samples(), samples(seed=1)],
    "bound": lambda: lambda scores: scores.diagonal().mean(),
    "bottleneck_size": lambda: 2,
    "case": _case,
    "codes": lambda: np.arange(12) // 2,
    "covariance": _covariance,
    "d_x": lambda: 1,
    "dtype": lambda: torch.float64,
    "eigenvalues": lambda: [2.0, 1.0, 0.0],
    "estimator": _estimator,
    "estimators": lambda: {"ours": _estimator()},
    "extra": lambda: "plot",
    "gamma": lambda: 0.5,
    "s": lambda: 0.5,
    "gram": _gram,
    "grams": _gram,
    "images": samples,
    "iterations": lambda: [0, 1],
    "last": lambda: 5,
    "layers": lambda: {"Z": "0"},
    "module": lambda: "ipae_lib.kernels",
    "modules": lambda: "ipae_lib.kernels",
    "noise": lambda: "fixed",
    "observe_at": lambda: [0, 1],
    "other": lambda: PreparedVariable(_estimator(), samples()),
    "path": lambda: Path("file"),
    "planes": _plane,
    "plane": lambda: _case().plane,
    "progress": lambda: False,
    "record_at": lambda: [0, 2],
    "representation": _gram,
    "share": lambda: 0.4,
    "size": lambda: "quick",
    "squares": lambda: samples() ** 2,
    "start": _linear_autoencoder,
    "task": lambda: abs,
    "items": lambda: [1, 2],
    "variables": lambda: {"X": np.arange(4), "Z": np.arange(4) // 2, "X_out": np.arange(4) // 2},
    "variances": lambda: np.array([2.0, 0.5, 0.0]),
    "warp": lambda: torch.asinh,
    "weights": lambda: [np.full((2, 3), 0.5), np.full((3, 2), 0.5)],
    "width": lambda: kernels.ProposedWidth(1.0),
    "widths": lambda: [2],
    "y": lambda: samples(2, seed=1),
    "y_points": lambda: samples(2, seed=1),
    # the annotation
    "Any": _gram,
    "function": lambda: _gram,
    "object": lambda: 1,
    "ArrayLike": samples,
    "Axes": _axes,
    "Callable[..., Any]": lambda: max,
    "Callable[[Tensor, Tensor], Any]": _estimator,
    "Mapping[str, ArrayLike]": lambda: {"X": samples(), "Z": samples(2), "X_out": samples(1)},
    "Mapping[str, nn.Module]": dict,
    "Probing": lambda: stochastic.Probing(4, 4, 4),
    "Probing | None": lambda: stochastic.Probing(4, 4, 4),
    "Tensor": samples,
    "float": lambda: 0.5,
    "int": lambda: 3,
    **dict.fromkeys(("Count", "Natural", "Several"), lambda: 3),
    **dict.fromkeys(("Positive", "Width", "NoiseLevel", "AnyFloat", "m"), lambda: 0.5),
    "nn.Module": _model,
    "np.ndarray": lambda: samples().numpy(),
    "str": lambda: "x",
    "str | Path": lambda: "file",
    "torch.Generator": torch.Generator,
}
