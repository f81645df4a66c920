"""The rows of the table: every estimator, with the settings its authors advise and its source.

No setting was chosen by what the benchmark says of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ipae_lib.benchmark import cheats
from ipae_lib.benchmark.problems import MANY, Problem
from ipae_lib.estimators import KnownNoiseEstimator, MatrixRenyi
from ipae_lib.estimators.binning import AdaptiveBins, EqualBins
from ipae_lib.estimators.diffusion import DiffusionScores
from ipae_lib.estimators.gaussian import CanonicalCorrelations, GaussianCopula, ShrunkGaussian
from ipae_lib.estimators.latents import LatentNeighbours
from ipae_lib.estimators.neighbours import LocallyNonUniform, NearestNeighbours
from ipae_lib.estimators.neural import (
    NeuralBound,
    donsker_varadhan,
    info_nce,
    jensen_shannon,
    nwj,
    smile,
)
from ipae_lib.estimators.pairwise import PairwiseLower, PairwiseUpper
from ipae_lib.estimators.propagation import SamplePropagation
from ipae_lib.estimators.wrappers import Compressed, ShuffleCorrected
from ipae_lib.kernels import Groups, MedianWidth, PreviousWidth, ProposedWidth, SilvermanWidth
from ipae_lib.layers import INPUT, OUTPUT


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Parameters
    ----------
    estimator : callable (x, y) → bits, or a `KnownNoiseEstimator`
    settings : str
        What it is and how it is set.
    kind : "honest", "calibrated", "cheat" or "guest"
        A guest is an estimator that was brought along.
    most : int, optional
        The most samples that it is given, where more would take minutes for an answer.
    widest : int, optional
        The most dimensions that the narrower variable of a question has, where it was not made for
        more.
    """

    estimator: Callable[..., Any] | KnownNoiseEstimator
    settings: str
    kind: Literal["honest", "calibrated", "cheat", "guest"] = "honest"
    most: int | None = None
    widest: int | None = None

    @property
    def uses(self) -> str:
        """What it may know: "samples" of X and T + R, or "T and s", the noise's deviation."""
        return "T and s" if isinstance(self.estimator, KnownNoiseEstimator) else "samples"


def honest_rows() -> dict[str, Row]:
    """Every estimator that estimates."""
    previous = MatrixRenyi({"Z": PreviousWidth(25), "default": PreviousWidth(5)}, standardize=False)
    shared: dict[str, Groups] = {INPUT: "all", OUTPUT: "all"}
    proposed = MatrixRenyi(ProposedWidth(0.8))
    trained = "trained on half until the other half says stop"
    # batches and rate for their cost on Gaussians, not for their scores
    joint: dict[str, Any] = {
        "critic": "joint", "batch": 64, "hidden": 32, "features": 16, "learning_rate": 3e-3,
        "steps": 600, "patience": 60,
    }  # fmt: skip
    rows = {
        "Rényi, previous rule": Row(previous, "rule (27), γ = 25 for Z and 5 elsewhere, α = 1.01"),
        "Rényi, Silverman": Row(MatrixRenyi(SilvermanWidth()), "rule (26), α = 1.01"),
        "Rényi, proposed rule": Row(
            proposed, "rule (30), γ = 0.8, each dimension scaled, α = 1.01"
        ),
        "Rényi, proposed, shared": Row(
            MatrixRenyi(ProposedWidth(0.8), groups=shared),
            "rule (30), γ = 0.8, X and X′ scaled as a whole, α = 1.01",
        ),
        "Rényi, proposed, γ = 2": Row(
            MatrixRenyi(ProposedWidth(2)), "rule (30), γ = 2 as for Gaussians, α = 1.01"
        ),
        "Rényi, α = 2": Row(MatrixRenyi(ProposedWidth(0.8), alpha=2), "rule (30), γ = 0.8, α = 2"),
        "Rényi, shuffling subtracted": Row(
            ShuffleCorrected(proposed), "the proposed rule less itself on shuffled pairs"
        ),
        "Rényi, median distance": Row(
            MatrixRenyi(MedianWidth()), "σ is the median distance, α = 1.01"
        ),
        "bins, equal": Row(EqualBins(30), "30 bins of equal width a layer"),
        "bins, adaptive": Row(AdaptiveBins(30), "30 bins of equally many values a layer"),
        "pairwise, upper": Row(PairwiseUpper(), "Kullback–Leibler distances of clean T"),
        "pairwise, lower": Row(PairwiseLower(), "Bhattacharyya distances of clean T"),
        "sample propagation": Row(SamplePropagation(), "the mixture of clean T, by Monte Carlo"),
        "KSG": Row(NearestNeighbours(3), "3 nearest neighbours, first algorithm"),
        "KSG, non-uniform": Row(
            Compressed(LocallyNonUniform(10), 3),
            "10 nearest neighbours, second algorithm, local non-uniformity; 3 components each",
        ),
        "PCA, KSG": Row(
            Compressed(NearestNeighbours(3), 4), "3 nearest neighbours of 4 components each"
        ),
        "autoencoder, KSG": Row(
            LatentNeighbours(cross=False, latents=4),
            f"3 nearest neighbours of 4 latents each, one hidden layer, {trained}",
        ),
        "latent MI": Row(
            LatentNeighbours(),
            "3 nearest neighbours of 8 latents each, which also predict the other variable; "
            f"smaller networks than its authors', {trained}",
        ),
        "Gaussian (CCA)": Row(CanonicalCorrelations(), "canonical correlations"),
        "Gaussian, shrunk": Row(ShrunkGaussian(), "covariance shrunk as Ledoit & Wolf advise"),
        "Gaussian, copula": Row(
            GaussianCopula(), "ranks made normal in each dimension, covariance shrunk"
        ),
        "InfoNCE": Row(NeuralBound(info_nce), f"separable critic, {trained}"),
        "MINE": Row(
            NeuralBound(donsker_varadhan), f"Donsker–Varadhan, separable critic, {trained}"
        ),
        "NWJ": Row(NeuralBound(nwj, **joint), f"joint critic, batches of 64, {trained}"),
        "SMILE": Row(
            NeuralBound(smile, objective=jensen_shannon, **joint),
            f"clipped at 5, joint critic, batches of 64, {trained}",
        ),
        "diffusion": Row(
            DiffusionScores(),
            f"MINDE, conditional; {trained}; asked where a variable has at most {_DIFFUSED} "
            "dimensions",
            most=MANY,
            widest=_DIFFUSED,
        ),
    }
    return {name: replace(row, most=MANY) if _is_slow(name) else row for name, row in rows.items()}


_DIFFUSED = 10
"""Dimensions above which a thousand samples do not do; see `DiffusionScores`."""


def _is_slow(name: str) -> bool:
    """Whether more than `MANY` samples take minutes: eigenvalues, or all pairs in each step."""
    spectral = name.startswith("Rényi") and name != "Rényi, α = 2"
    return spectral or name in ("InfoNCE", "MINE")


def cheating_rows(asked: list[Problem]) -> dict[str, Row]:
    """Every row that estimates nothing; the constant has seen the answers."""
    exact = [question.exact for problem in asked for question in problem.questions]
    return {
        "the best constant": Row(
            cheats.Constant(float(np.nanmedian(exact))), "median of all exact answers", "cheat"
        ),
        "log₂ N": Row(cheats.log_samples, "looks at N alone", "cheat"),
        "noise": Row(cheats.noise, "uniform between 0 and log₂ N", "cheat"),
        "narrower layer": Row(
            cheats.narrower_layer, "log₂(1 + min d), looks at no sample", "cheat"
        ),
        "entropy of X": Row(
            cheats.own_entropy, "rule (30), looks at one variable alone", "cheat", MANY
        ),
    }


def all_rows(asked: list[Problem]) -> dict[str, Row]:
    """Honest rows first."""
    return honest_rows() | cheating_rows(asked)
