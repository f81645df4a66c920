"""Estimators of mutual information, each a callable ``(x, y) → bits``.

The modules::

    base             what an estimator is
    matrix           matrix-based Rényi, the paper's
    binning          equal and adaptive bins
    pairwise         bounds by pairwise distances
    neighbours       nearest neighbours (KSG)
    gaussian         canonical correlations
    neural           trained bounds: InfoNCE, Donsker–Varadhan
"""

from ipae_lib.estimators.base import EntropyEstimator, MutualInformationEstimator
from ipae_lib.estimators.matrix import MatrixRenyi

__all__ = ["EntropyEstimator", "MatrixRenyi", "MutualInformationEstimator"]
