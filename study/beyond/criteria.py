"""The questions on networks beyond the paper's: **frozen before the runs that they decide**.

A test holds every stored run to have been made from a commit that comes after the last change of
this file. What the runs show is said in the chapters.

Each question has one statistic of a network and a threshold, and is asked of every kind of network
in every way to look at it: by an estimator, and in truth under each noise. A *yes* is a mean over
the seeds that lies above the threshold by Student's test. Holm's procedure corrects for all kinds
of networks that one question is asked of in one way. Three seeds are few: much stays undecided.

Falls are compression phases as the ledger takes them: from the maximum since the fitting to the
end, of `RECORDS` records averaged. Information is in shares of the whole that can be known, S(X) by
an estimator, M in truth. The error of the truth is part of that of a mean, not of a correlation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.layers import INPUT, OUTPUT
from study.claims.criteria import planes
from study.claims.criteria.columns import TRUTHS, Runs, measure, with_errors
from study.claims.criteria.decision import (
    CLOSE,
    VISIBLE,
    Claim,
    Estimate,
    Finding,
    Place,
    claim,
    decide,
    estimate,
)
from study.claims.criteria.planes import DIFFERENCE, RECORDS, SHARE
from study.trajectories import compression_phase, rank_correlation, smooth

PREVIOUS, SCALE_FREE = "by the previous rule", "by the scale-free rule"
COLUMNS = {PREVIOUS: "previous", SCALE_FREE: "scale-free", **TRUTHS}
"""Ways to look at a network's plane, and the estimator or the noise of each."""

GEOMETRY = {
    "total_variance": "total variance",
    "participation_ratio": "participation ratio",
    "intrinsic_dimension": "intrinsic dimension",
    "cka": "likeness to the input (CKA)",
}
"""Measures of a layer's geometry, which need neither an estimator nor noise."""

BY_GEOMETRY = "by geometry"
"""The one column of questions on geometry alone."""

FOLLOWS = 0.7
"""Rank correlation from which one thing follows another; the ledger's for variance."""

ON_OTHER_DATA = (
    "information_grows_as_error_falls",
    "large_keeps_all_information",
    "large_reaches_the_bisector",
    "large_shows_a_compression_phase",
    "large_shows_no_compression_phase",
    "small_encoder_compresses",
    "small_encoder_stays_inside",
    "small_restricts",
    "variance_decreases_for_large",
)
"""Claims of the ledger, with its statistics and thresholds, that are asked of other images."""

_SEEN = "a marker in the figures is a fortieth of the whole wide"
_SMALL = "less than a tenth is small, as in the ledger"
_WHERE = "the debate on compression, Secs. I and V"


def seen(runs: Sequence[xr.Dataset], look: str) -> xr.Dataset:
    """Runs of one kind of network in one way to look, along ``seed``.

    Parameters
    ----------
    runs : sequence of Dataset
        As `runs.stored` gives them.
    look : str
        A value of `COLUMNS`.

    Returns
    -------
    Dataset
        As `study.claims.criteria.columns.Planes` holds them, and the measures of `GEOMETRY`
        (seed, iteration, layer). Of classifiers ``label_mi``, in shares of the entropy of the
        labels, and in truth its standard error ``label_error``.
    """
    plane = Runs(runs, runs, (), float(runs[0].plateau)).planes(look).small
    seeds = pd.Index([run.attrs["seed"] for run in runs], name="seed")
    more = xr.concat([_beside(run, look) for run in runs], seeds, join="exact").sortby("seed")
    return plane.assign(more)


def _beside(run: xr.Dataset, look: str) -> xr.Dataset:
    beside = run[list(GEOMETRY)]
    if "target_mi" not in run:
        return beside.drop_attrs()
    if look in TRUTHS.values():
        names = {"true_label_mi": "label_mi", "true_label_standard_error": "label_error"}
        known = run[list(names)].sel(noise=look, drop=True).squeeze("resolution", drop=True)
        return beside.assign(known.rename(names) / run.label_entropy).drop_attrs()
    by_rule = run[["target_mi", "target_entropy"]].sel(estimator=look, drop=True).mean("batch")
    return beside.assign(label_mi=by_rule.target_mi / by_rule.target_entropy).drop_attrs()


def hidden(values: xr.DataArray) -> xr.DataArray:
    """Without X and X′."""
    return values.sel(layer=[name for name in values.layer.values if name not in (INPUT, OUTPUT)])


def _code(values: xr.DataArray) -> xr.DataArray:
    """The layer that is the network's code: Z, or a classifier's last hidden layer."""
    inside = hidden(values)
    name = "Z" if "Z" in inside.layer else inside.layer.values[-1]
    return inside.sel(layer=name, drop=True)


def fall(values: xr.DataArray, plane: xr.Dataset) -> xr.DataArray:
    """Fall of any value of a layer from its maximum since the fitting to the end."""
    return compression_phase(values.to_dataset(name="input_mi"), RECORDS, since=plane.fitted)


def _falls(plane: xr.Dataset) -> xr.DataArray:
    return fall(plane.input_mi, plane) / plane.unit


@claim(
    "Do the hidden layers lose information on the input after the fitting?",
    _WHERE,
    "Fall of the input MI from its maximum since the fitting to the end, median hidden layer",
    above=VISIBLE,
    reason=_SEEN,
    columns="everywhere",
    range=SHARE,
)
def layers_compress(plane: xr.Dataset) -> xr.DataArray:
    """A compression phase of the layers, of which the median one speaks for *the layers*."""
    return hidden(_falls(plane)).median("layer")


@claim(
    "Does the code lose information on the input after the fitting?",
    _WHERE,
    "The same fall of Z, or of a classifier's last hidden layer",
    above=VISIBLE,
    reason=_SEEN,
    columns="everywhere",
    range=SHARE,
)
def code_compresses(plane: xr.Dataset) -> xr.DataArray:
    """A compression phase where the network is to compress."""
    return _code(_falls(plane))


@claim(
    "Does the code lose information on the label after the fitting?",
    "“while I(T;Y) increases or stays the same”, Sec. I",
    "Fall of the label MI of the last hidden layer from its maximum since the fitting to the end, "
    "as a share of the entropy of the labels",
    above=VISIBLE,
    reason=_SEEN,
    columns="everywhere",
    range=SHARE,
)
def code_loses_the_label(plane: xr.Dataset) -> xr.DataArray:
    """What a compression phase must not do; ``input_mi`` is that of the label here."""
    return _code(fall(plane.input_mi, plane))


@claim(
    "Do layers of tanh compress more than layers of ReLU?",
    "Saxe et al., 2018",
    "Fall of the input MI of the median hidden layer: of tanh less of ReLU, seed by seed",
    above=VISIBLE,
    reason=_SEEN,
    columns="everywhere",
    range=DIFFERENCE,
)
def tanh_compresses_more(tanh: xr.Dataset, relu: xr.Dataset) -> xr.DataArray:
    """Saturation is what compresses, by this view."""
    statistic = layers_compress.statistic
    return statistic(tanh) - statistic(relu)


OF_EVERY_NETWORK = (layers_compress, code_compresses)
OF_CLASSIFIERS = (code_loses_the_label,)


def _geometry_falls(name: str, title: str) -> Claim:
    def statistic(plane: xr.Dataset) -> xr.DataArray:
        most = smooth(plane[name], RECORDS).where(plane.fitted).max("iteration")
        return hidden(fall(plane[name], plane) / most).median("layer")

    statistic.__name__ = f"{name}_falls"
    return claim(
        f"Does the {title} fall after the fitting?",
        "“there exists geometric compression”, Sec. V",
        f"Fall of the {title} from its maximum since the fitting to the end, as a share of the "
        "maximum, median hidden layer",
        above=CLOSE,
        reason=_SMALL,
        range=SHARE,
    )(statistic)


def _follows(name: str, title: str) -> Claim:
    def statistic(plane: xr.Dataset) -> xr.DataArray:
        return hidden(rank_correlation(plane.input_mi, plane[name])).median("layer")

    statistic.__name__ = f"information_follows_{name}"
    return claim(
        f"Does the information on the input follow the {title}?",
        "“the dispersion of the variables changes during training”, Sec. V",
        f"Rank correlation of a layer's input MI and its {title} over all records, median hidden "
        "layer",
        above=FOLLOWS,
        reason="the ledger asks as much of variance: half of what one tells, the other tells",
        columns="everywhere",
        range=DIFFERENCE,
        correlation=True,
    )(statistic)


GEOMETRY_FALLS = tuple(_geometry_falls(*each) for each in GEOMETRY.items())
INFORMATION_FOLLOWS = tuple(_follows(*each) for each in GEOMETRY.items())


def ask(
    claims: Sequence[Claim],
    cells: Mapping[str, Sequence[xr.Dataset]],
    columns: Mapping[str, str] = COLUMNS,
) -> list[Finding]:
    """The answers of each question for all kinds of networks, in each way to look.

    Parameters
    ----------
    claims : sequence of Claim
    cells : mapping from name to sequence of Dataset
        The runs of each kind of network, one a seed.
    columns : mapping from column to estimator or noise
        Questions on geometry alone take one of them: `about_geometry`.
    """
    looks = {
        (cell, column): seen(runs, look)
        for cell, runs in cells.items()
        for column, look in columns.items()
    }
    return [
        finding
        for one in claims
        for finding in decide(
            {
                (one, cell, column): _estimated(one, _evidence(one, plane))
                for (cell, column), plane in looks.items()
            }
        )
    ]


def about_geometry(cells: Mapping[str, Sequence[xr.Dataset]]) -> list[Finding]:
    """The answers of the questions on geometry alone."""
    # truth and estimators share the geometry, and when the fitting ended
    return ask(GEOMETRY_FALLS, cells, {BY_GEOMETRY: "previous"})


def compare(tanh: Sequence[xr.Dataset], relu: Sequence[xr.Dataset]) -> list[Finding]:
    """The answers on tanh against ReLU, of the same seeds."""
    found: dict[Place, Estimate] = {}
    for column, look in COLUMNS.items():
        pair = seen(tanh, look), seen(relu, look)
        found[tanh_compresses_more, "tanh less ReLU", column] = _estimated(
            tanh_compresses_more, *pair
        )
    return decide(found)


def on_other_data(
    name: str, small: Sequence[xr.Dataset], large: Sequence[xr.Dataset]
) -> list[Finding]:
    """The ledger's claims `ON_OTHER_DATA` on other images, by its own criteria.

    Parameters
    ----------
    name : str
        Of the data.
    small, large : sequence of Dataset
        Runs of the small and of the large bottleneck, of the same seeds.
    """
    claims = {one.name: one for one in planes.CLAIMS}
    runs = Runs(small, large, (), float(small[0].plateau))
    found = measure([claims[known] for known in ON_OTHER_DATA], name, runs)
    return [
        finding
        for known in ON_OTHER_DATA
        for finding in decide({k: v for k, v in found.items() if k[0].name == known})
    ]


def _evidence(one: Claim, plane: xr.Dataset) -> xr.Dataset:
    """A plane as a question takes it: ``input_mi`` is that of what the question is on."""
    if one not in OF_CLASSIFIERS:
        return plane
    of_label = plane.assign(input_mi=plane.label_mi)
    return of_label.assign(error=plane.label_error) if "label_error" in plane else of_label


def _estimated(one: Claim, *evidence: xr.Dataset) -> Estimate:
    if one.correlation:  # over records whose errors are small beside what they rise and fall
        return estimate(one.statistic(*evidence), correlation=True)
    random = np.random.default_rng(0)  # one source, or two networks would err together
    noisy = [with_errors(plane, random) for plane in evidence]
    drawn = None if any(plane is None for plane in noisy) else one.statistic(*noisy)
    return estimate(one.statistic(*evidence), drawn)
