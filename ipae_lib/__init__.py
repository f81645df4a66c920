"""Information planes of autoencoders.

The system of Tapia & Estévez, *On the Information Plane of Autoencoders* (IJCNN 2020):
the matrix-based Rényi estimator of mutual information, its kernel-width rules, the recorder
of information planes and the theory they are held against. All information is in bits.

Each module is one idea and imports only from those above it::

    validation, files, threads
    data, models, kernels, intrinsic_dimension
    tridiagonal, entropy, stochastic
    estimators
    toys, plane
    theory, linear
    exact
    solvable
    training
    experiments
    large, sweep
    claims
    benchmark
    figures
    book
"""

from importlib.metadata import PackageNotFoundError, version

from ipae_lib.estimators import MatrixRenyi, MutualInformationEstimator
from ipae_lib.kernels import EntropyShareWidth, PreviousWidth, ProposedWidth, SilvermanWidth
from ipae_lib.plane import InformationPlane

try:
    __version__ = version("ipae-lib")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0+uninstalled"

__all__ = [
    "EntropyShareWidth",
    "InformationPlane",
    "MatrixRenyi",
    "MutualInformationEstimator",
    "PreviousWidth",
    "ProposedWidth",
    "SilvermanWidth",
    "__version__",
]
