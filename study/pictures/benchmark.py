"""The picture of chapter 8: the benchmark's table, of the cases that a reader chooses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.benchmark import page, scores
from ipae_lib.benchmark.problems import FEW, KNOWN, MANY, OVERALL
from ipae_lib.layers import TEXT_LABELS
from ipae_lib.linear import INPUT_MI
from study.figures import LAYER_COLORS
from study.figures.drawing import SERIES_COLORS
from study.pictures.markup import picture, rounded

_DECIMALS = 6
"""Of scores: as many as the table's own, of which means are taken."""


def data(answers: xr.Dataset, table: pd.DataFrame) -> dict[str, Any]:
    """What the picture needs to score the rows on chosen cases, and to draw their planes.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it.
    table : DataFrame
        As `benchmark.leaderboard` gives it; its order is that of the rows here.

    Returns
    -------
    dict
        ``rows`` and what each ``uses``; ``samples``, the two N; ``overall``, the parts that count
        there; ``scores``, for each of "both",
        "few" and "many" samples the score of each row on each case, by score and case. With "both"
        are only the cases that were asked with many: others are as with "few". And ``networks``,
        as `_network` gives them, of the first set of samples.
    """
    names = table.index.tolist()
    answers = answers.isel(question=np.isin(answers.part.values, KNOWN))
    few, many = (answers.isel(question=(answers.n == n).values) for n in (FEW, MANY))
    twice = answers.isel(question=np.isin(answers.case.values, many.case.values))
    networks = few.isel(question=((few.part == KNOWN[0]) & (few.seed == 0)).values)
    return {
        "rows": names,
        "uses": table.uses.tolist(),
        "samples": [FEW, MANY],
        "overall": list(OVERALL),
        "scores": {
            key: _by_score(part, names)
            for key, part in {"both": twice, "few": few, "many": many}.items()
        },
        "networks": {
            case: _network(networks.isel(question=(networks.case == case).values), names)
            for case in dict.fromkeys(networks.case.values.tolist())
        },
    }


def _by_score(answers: xr.Dataset, names: list[str]) -> dict[str, dict[str, list]]:
    """Score of each row, or None, for each score and case."""
    each = scores.by_case(answers)
    found = each.pivot_table(index=["score", "case"], columns="estimator", values="value")
    found = found.reindex(columns=names)
    by_score: dict[str, dict[str, list]] = {}
    for (score, case), line in found.iterrows():
        by_score.setdefault(score, {})[case] = rounded(line, _DECIMALS)
    return {score: by_score[score] for score in scores.SCORES if score in by_score}


def _network(answers: xr.Dataset, names: list[str]) -> dict[str, Any]:
    """One network's training in truth and as each row sees it.

    Returns
    -------
    dict
        ``iterations``, the ``layers`` with label and colour, ``other``, the quantity of the second
        axis or None, ``questions`` (quantity and layer, without those asked at one moment alone),
        and in hundredths of a bit, which are shorter to write, ``exact`` (question × moment) and
        ``seen`` (row × question × moment).
    """
    keys = ["quantity", "layer", "iteration"]
    index = pd.MultiIndex.from_arrays([answers[key].values for key in keys], names=keys)
    asked = pd.concat(
        [pd.Series(answers.exact.values, index), pd.DataFrame(answers.bits.values.T, index)],
        axis=1,
        keys=["exact", "bits"],
    )
    times = asked.groupby(["quantity", "layer"], sort=False).size()
    # I(X;X + R) is asked at the end alone, and is no point of a path
    followed = times[times == times.max()].index
    moments = sorted(set(answers.iteration.values.tolist()))
    grid = pd.MultiIndex.from_tuples(
        [(*question, moment) for question in followed for moment in moments], names=keys
    )
    values = asked.reindex(grid).to_numpy().T.reshape(-1, len(followed), len(moments))
    by_row = dict(zip(answers.estimator.values.tolist(), values[1:], strict=True))
    layers = dict.fromkeys(layer for _, layer in followed)
    others = [quantity for quantity, _ in followed if quantity != INPUT_MI]
    return {
        "iterations": moments,
        "layers": {name: _look(name, i) for i, name in enumerate(layers)},
        "other": others[0] if others else None,
        "questions": [list(question) for question in followed],
        "exact": rounded(100 * values[0], 0),
        "seen": [rounded(100 * by_row[name], 0) for name in names],
    }


def _look(layer: str, place: int) -> list[str]:
    return [
        TEXT_LABELS.get(layer, layer),
        LAYER_COLORS.get(layer, SERIES_COLORS[place]),
    ]


def leaderboard(answers: xr.Dataset, table: pd.DataFrame) -> str:
    """The markup of the picture; without scripts of the book, the table of all cases.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it.
    table : DataFrame
        As `benchmark.leaderboard` gives it, of the same answers.

    Raises
    ------
    ValueError
        If a row of the table has no answers.
    """
    missing = sorted({*table.index} - {*answers.estimator.values.tolist()})
    if missing:
        raise ValueError(
            f"table has the rows {missing}, and answers has none of them; give the answers that "
            "benchmark.leaderboard made the table of"
        )
    return picture("leaderboard-picture", data(answers, table), page.leaderboard_html(table))
