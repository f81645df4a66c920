"""The rows of the table: every estimator, with the settings its authors advise and its source.

No setting was chosen by what the benchmark says of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ipae_lib.benchmark import cheats
from ipae_lib.benchmark.problems import Problem
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.estimators.binning import AdaptiveBins, EqualBins
from ipae_lib.estimators.gaussian import CanonicalCorrelations
from ipae_lib.estimators.neighbours import NearestNeighbours
from ipae_lib.estimators.neural import NeuralBound, donsker_varadhan, info_nce
from ipae_lib.estimators.pairwise import PairwiseLower, PairwiseUpper
from ipae_lib.kernels import Groups, MedianWidth, PreviousWidth, ProposedWidth, SilvermanWidth
from ipae_lib.layers import INPUT, OUTPUT


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Parameters
    ----------
    estimator : callable (x, y) → bits
    settings : str
        What it is and how it is set.
    kind : "honest", "calibrated", "cheat" or "guest"
        A guest is an estimator that was brought along.
    """

    estimator: Callable[..., Any]
    settings: str
    kind: Literal["honest", "calibrated", "cheat", "guest"] = "honest"


def honest_rows() -> dict[str, Row]:
    """Every estimator that estimates."""
    previous = MatrixRenyi({"Z": PreviousWidth(25), "default": PreviousWidth(5)}, standardize=False)
    shared: dict[str, Groups] = {INPUT: "all", OUTPUT: "all"}
    critic = "separable critic, trained on half until the other half says stop"
    return {
        "Rényi, previous rule": Row(previous, "rule (27), γ = 25 for Z and 5 elsewhere, α = 1.01"),
        "Rényi, Silverman": Row(MatrixRenyi(SilvermanWidth()), "rule (26), α = 1.01"),
        "Rényi, proposed rule": Row(
            MatrixRenyi(ProposedWidth(0.8)), "rule (30), γ = 0.8, each dimension scaled, α = 1.01"
        ),
        "Rényi, proposed, shared": Row(
            MatrixRenyi(ProposedWidth(0.8), groups=shared),
            "rule (30), γ = 0.8, X and X′ scaled as a whole, α = 1.01",
        ),
        "Rényi, proposed, γ = 2": Row(
            MatrixRenyi(ProposedWidth(2)), "rule (30), γ = 2 as for Gaussians, α = 1.01"
        ),
        "Rényi, α = 2": Row(MatrixRenyi(ProposedWidth(0.8), alpha=2), "rule (30), γ = 0.8, α = 2"),
        "Rényi, median distance": Row(
            MatrixRenyi(MedianWidth()), "σ is the median distance, α = 1.01"
        ),
        "bins, equal": Row(EqualBins(30), "30 bins of equal width a layer"),
        "bins, adaptive": Row(AdaptiveBins(30), "30 bins of equally many values a layer"),
        "pairwise, upper": Row(PairwiseUpper(0.1), "Kullback–Leibler, noise of variance 0.1"),
        "pairwise, lower": Row(PairwiseLower(0.1), "Bhattacharyya, noise of variance 0.1"),
        "KSG": Row(NearestNeighbours(3), "3 nearest neighbours, first algorithm"),
        "Gaussian (CCA)": Row(CanonicalCorrelations(), "canonical correlations"),
        "InfoNCE": Row(NeuralBound(info_nce), critic),
        "MINE": Row(NeuralBound(donsker_varadhan), f"Donsker–Varadhan, {critic}"),
    }


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
        "entropy of X": Row(cheats.own_entropy, "rule (30), looks at one variable alone", "cheat"),
    }


def all_rows(asked: list[Problem]) -> dict[str, Row]:
    """Honest rows first."""
    return honest_rows() | cheating_rows(asked)
