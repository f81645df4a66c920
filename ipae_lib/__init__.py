"""Information planes of neural networks.

The matrix-based Rényi estimator of mutual information, its kernel-width rules, the recorder of
information planes, the theory they are held against, and a benchmark of estimators: the system of
Tapia & Estévez, *On the Information Plane of Autoencoders* (IJCNN 2020), for any network and any
estimator. All information is in bits.

Each module is one idea and imports only from those above it::

    arguments
    validation, files, threads, extras, identity, layers, native, estimate
    memory, data, models, kernels, inputs, tridiagonal, diagnostics, observer
    activations, entropy, stochastic, discrete
    exact
    estimators
    toys, theory, linear
    plane
    solvable, estimand
    training
    benchmark
    plotting
"""

from importlib.metadata import PackageNotFoundError, version

from ipae_lib.arguments import check_package

check_package(__name__)  # before the modules that it is about are imported

from ipae_lib.activations import capture
from ipae_lib.diagnostics import diagnose
from ipae_lib.entropy import mutual_information, renyi_entropy
from ipae_lib.estimators import MatrixRenyi, MutualInformationEstimator
from ipae_lib.kernels import EntropyShareWidth, PreviousWidth, ProposedWidth, SilvermanWidth
from ipae_lib.observer import Observer, load_records, log_spaced, save_records
from ipae_lib.plane import InformationPlane
from ipae_lib.plotting import plot_bounds, plot_plane
from ipae_lib.theory import check_plane

try:
    __version__ = version("ipae-lib")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0+uninstalled"

__all__ = [
    "EntropyShareWidth",
    "InformationPlane",
    "MatrixRenyi",
    "MutualInformationEstimator",
    "Observer",
    "PreviousWidth",
    "ProposedWidth",
    "SilvermanWidth",
    "__version__",
    "capture",
    "check_plane",
    "diagnose",
    "load_records",
    "log_spaced",
    "mutual_information",
    "plot_bounds",
    "plot_plane",
    "renyi_entropy",
    "save_records",
]
