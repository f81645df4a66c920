"""The paper's experiments on MNIST: named configurations and their stored results.

``python -m ipae_lib.experiments run`` makes the results that are missing. The modules::

    configurations           which runs there are, at which scales
    origin                   where a result comes from
    results                  one run and its stored result
    side_by_side             many runs on this machine
    cluster                  many runs on a Dask cluster
"""

from ipae_lib.experiments.configurations import (
    PROFILES,
    SCAN_BATCHES,
    Experiment,
    Profile,
    get_profile,
)
from ipae_lib.experiments.origin import ROOT, footer, provenance
from ipae_lib.experiments.results import (
    ALPHAS,
    ERROR_IMAGES,
    ESTIMATORS,
    GAMMAS,
    LIVE,
    STORED,
    Deviation,
    join_seeds,
    load,
    run,
    run_or_load,
    save,
    verify,
)
from ipae_lib.experiments.side_by_side import run_all

__all__ = [
    "ALPHAS",
    "ERROR_IMAGES",
    "ESTIMATORS",
    "GAMMAS",
    "LIVE",
    "PROFILES",
    "ROOT",
    "SCAN_BATCHES",
    "STORED",
    "Deviation",
    "Experiment",
    "Profile",
    "footer",
    "get_profile",
    "join_seeds",
    "load",
    "provenance",
    "run",
    "run_all",
    "run_or_load",
    "save",
    "verify",
]
