"""The paper's experiments on MNIST: named configurations and their stored results.

``python -m study experiments run`` makes the results that are missing. The modules::

    configurations           which runs there are, at which scales
    origin                   where a result comes from
    schema                   what a stored result looks like
    truth                    the exact plane that is recorded beside the estimates
    integrity                whether a stored result is whole, and can be right
    results                  one run and its stored result
    side_by_side             many runs on this machine
    together                 many runs at once on an accelerator
    cluster                  many runs on a Dask cluster
"""

from study.experiments.configurations import (
    CELLS,
    ERROR_IMAGES,
    PRINCIPAL,
    PROFILES,
    SCAN_BATCHES,
    SETS,
    Cell,
    Experiment,
    Profile,
    get_profile,
)
from study.experiments.integrity import digest_told
from study.experiments.origin import ROOT, footer, provenance
from study.experiments.results import (
    ALPHAS,
    ESTIMATORS,
    GAMMAS,
    LIVE,
    STORED,
    Deviation,
    join_seeds,
    known,
    load,
    mean_image_error,
    run,
    run_or_load,
    save,
    verify,
)
from study.experiments.side_by_side import run_all
from study.experiments.together import run_together

__all__ = [
    "ALPHAS",
    "CELLS",
    "ERROR_IMAGES",
    "ESTIMATORS",
    "GAMMAS",
    "LIVE",
    "PRINCIPAL",
    "PROFILES",
    "ROOT",
    "SCAN_BATCHES",
    "SETS",
    "STORED",
    "Cell",
    "Deviation",
    "Experiment",
    "Profile",
    "digest_told",
    "footer",
    "get_profile",
    "join_seeds",
    "known",
    "load",
    "mean_image_error",
    "provenance",
    "run",
    "run_all",
    "run_or_load",
    "run_together",
    "save",
    "verify",
]
