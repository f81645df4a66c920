"""Estimators of mutual information, each a callable ``(x, y) → bits``.

The modules::

    base             what an estimator is, and entropies that many pairs share
    matrix           matrix-based Rényi, the paper's: exact, and stochastic for many samples
    binning          equal and adaptive bins
    pairwise         bounds by pairwise distances, for known noise
    propagation      propagated samples, for known noise
    neighbours       nearest neighbours (KSG, and corrected for local non-uniformity)
    gaussian         canonical correlations, a shrunk covariance, a Gaussian copula
    neural           trained bounds: InfoNCE, Donsker–Varadhan, NWJ; SMILE
    latents          nearest neighbours of the latents of autoencoders
    diffusion        the difference of two scores, by a network that removes noise
    wrappers         compressed first; the estimate of shuffled pairs subtracted
"""

from ipae_lib.estimate import Estimate
from ipae_lib.estimators.base import (
    EntropyEstimator,
    KnownNoiseEstimator,
    MutualInformationEstimator,
    PreparedVariable,
)
from ipae_lib.estimators.matrix import MatrixRenyi, StochasticMatrixRenyi

__all__ = [
    "EntropyEstimator",
    "Estimate",
    "KnownNoiseEstimator",
    "MatrixRenyi",
    "MutualInformationEstimator",
    "PreparedVariable",
    "StochasticMatrixRenyi",
]
