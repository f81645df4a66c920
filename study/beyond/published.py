"""Questions beside published code: **frozen before the runs that they decide**.

Lee & Jo (2021) drew planes of autoencoders and published their code. Two things are asked here:

- whether the planes by their width rule order layers and records as the truth does;
- whether what they say of five kinds of autoencoders holds by their rule, by others, and in truth.

For the second, the questions of `study.beyond.criteria` on compression are asked of their networks,
of which `SAID` holds what they report. The code decides: all their networks have one. A test holds
the runs to have been made from a commit that comes after the last change of this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from study.beyond.criteria import (
    COLUMNS,
    FOLLOWS,
    OF_EVERY_NETWORK,
    ask,
    code_compresses,
    hidden,
    seen,
)
from study.claims.criteria.columns import TRUTHS, with_errors
from study.claims.criteria.decision import (
    VISIBLE,
    Claim,
    Estimate,
    Finding,
    Place,
    claim,
    decide,
    estimate,
)
from study.claims.criteria.planes import DIFFERENCE
from study.trajectories import rank_correlation

PUBLISHED = "by the published rule"
LOOKS = {PUBLISHED: "published", **COLUMNS}
"""Ways to look: by the width rule of the published code, and all of chapter 13."""

RULES = {column: look for column, look in LOOKS.items() if column not in TRUTHS}

SAID = {"shallow": True, "sparse": True, "deep": True, "tied": False, "label": False}
"""Whether they report that the code loses information on the input late in the training."""

_SEEN = "a marker in the figures is a fortieth of the whole wide"


def _order(rule: xr.Dataset, truth: xr.Dataset) -> xr.DataArray:
    a, b = (
        hidden(plane.input_mi).stack(point=("iteration", "layer"), create_index=False)
        for plane in (rule, truth)
    )
    return rank_correlation(a, b, "point")


@claim(
    "Does the rule order the points of a plane as the truth does?",
    "Lee & Jo, 2021",
    "Rank correlation of the input MI by the rule with that in truth, over all hidden layers and "
    "records",
    above=FOLLOWS,
    reason="from here on one thing follows another, as with geometry",
    range=DIFFERENCE,
    correlation=True,
)
def rule_follows_the_truth(rule: xr.Dataset, truth: xr.Dataset) -> xr.DataArray:
    """What remains of a plane when its bits are not to be believed: its order."""
    return _order(rule, truth)


@claim(
    "Does the published rule order them better than another rule?",
    "Lee & Jo, 2021",
    "The same correlation by the published rule, less that by the other, seed by seed",
    above=0.0,
    reason="none is better at 0",
    range=DIFFERENCE,
)
def published_rule_is_nearer(
    published: xr.Dataset, other: xr.Dataset, truth: xr.Dataset
) -> xr.DataArray:
    """Of the same networks at the same records."""
    return _order(published, truth) - _order(other, truth)


@claim(
    "Does a sparse code compress more?",
    "“the sparsity regularization of hidden activities amplifies the simplifying phase”, Lee & Jo",
    "Fall of the input MI of the code since the fitting: of the sparse less of the shallow "
    "autoencoder, seed by seed",
    above=VISIBLE,
    reason=_SEEN,
    columns="everywhere",
    range=DIFFERENCE,
)
def sparse_compresses_more(sparse: xr.Dataset, shallow: xr.Dataset) -> xr.DataArray:
    """They differ by the penalty on activity alone."""
    return code_compresses.statistic(sparse) - code_compresses.statistic(shallow)


def orders(cells: Mapping[str, Sequence[xr.Dataset]]) -> list[Finding]:
    """How the rules order the points of planes, against the truth under each noise.

    Parameters
    ----------
    cells : mapping from name to sequence of Dataset
        The runs of each kind of network, recorded by all of `RULES`.

    Returns
    -------
    list of Finding
        The column names the rule and the noise, as ``"by the previous rule; one level"``.
    """
    looks = {
        (cell, look): seen(runs, look) for cell, runs in cells.items() for look in LOOKS.values()
    }
    found: dict[Claim, dict[Place, Estimate]] = {
        rule_follows_the_truth: {},
        published_rule_is_nearer: {},
    }
    for cell in cells:
        for noise in TRUTHS.values():
            truth = looks[cell, noise]
            for column, look in RULES.items():
                rule = looks[cell, look]
                place = rule_follows_the_truth, cell, f"{column}; {noise}"
                values = rule_follows_the_truth.statistic(rule, truth)
                found[place[0]][place] = estimate(values, correlation=True)
                if column == PUBLISHED:
                    continue
                place = published_rule_is_nearer, cell, f"{column}; {noise}"
                published = looks[cell, LOOKS[PUBLISHED]]
                values = published_rule_is_nearer.statistic(published, rule, truth)
                found[place[0]][place] = estimate(values)
    return [finding for of_one in found.values() for finding in decide(of_one)]


def compression(cells: Mapping[str, Sequence[xr.Dataset]]) -> list[Finding]:
    """Whether their autoencoders compress, and whether the sparse one does more.

    Parameters
    ----------
    cells : mapping from name to sequence of Dataset
        Runs of the kinds in `SAID`, of the same seeds.
    """
    found = ask(OF_EVERY_NETWORK, cells, LOOKS)
    pairs: dict[Place, Estimate] = {}
    for column, look in LOOKS.items():
        pair = [seen(cells[name], look) for name in ("sparse", "shallow")]
        random = np.random.default_rng(0)  # one source, or two networks would err together
        noisy = [with_errors(plane, random) for plane in pair]
        in_truth = all(plane is not None for plane in noisy)
        drawn = sparse_compresses_more.statistic(*noisy) if in_truth else None
        values = sparse_compresses_more.statistic(*pair)
        pairs[sparse_compresses_more, "sparse less shallow", column] = estimate(values, drawn)
    return [*found, *decide(pairs)]
