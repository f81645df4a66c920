"""Estimators of mutual information, each a callable ``(x, y) → bits``.

The modules::

    base             what an estimator is, and entropies that many pairs share
    matrix           matrix-based Rényi, the paper's: exact, and stochastic for many samples
    binning          equal and adaptive bins
    pairwise         bounds by pairwise distances
    neighbours       nearest neighbours (KSG)
    gaussian         canonical correlations
    neural           trained bounds: InfoNCE, Donsker–Varadhan
"""

from ipae_lib.estimate import Estimate
from ipae_lib.estimators.base import (
    EntropyEstimator,
    MutualInformationEstimator,
    PreparedVariable,
)
from ipae_lib.estimators.matrix import MatrixRenyi, StochasticMatrixRenyi

__all__ = [
    "EntropyEstimator",
    "Estimate",
    "MatrixRenyi",
    "MutualInformationEstimator",
    "PreparedVariable",
    "StochasticMatrixRenyi",
]
