"""What the answers are worth: scores of truth, and the theory's score apart from them.

*Bits*, 1 − error / error of the best constant; *order*, Kendall's τ; and of planes at several
moments *dynamics*, the cosine between the changes that are seen and those that are there. All
compare only variables of the same shapes, (N, d_x) and (N, d_y), so no function of shapes gains
anything. A score of 1 is perfect, 0 is what not looking gets, and below 0 is worse.

Scores are taken case by case. Their mean over cases has an interval from drawing the cases anew
(bootstrap): what it would be of other cases of the kind. Where no truth is known, `theory_bits`
has the bits that theory demands against those it forbids. It enters no mean.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib import theory
from ipae_lib.benchmark.problems import KNOWN, LARGE, OVERALL, SMALL, THEORY
from ipae_lib.benchmark.worker import NO_NOISE_KNOWN, NOT_ASKED, TOO_MANY, TOO_WIDE
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI

WORST = -1.0
"""What a failed answer counts, and the least that a case counts."""

LEAST_DIFFERENCE = 0.1
"""Bits by which exact values must differ for their order to be asked for."""

TIE = 1e-5
"""Bits below which two answers are the same."""

SHAPES = ["case", "d_x", "d_y"]
_SAMPLES = [*SHAPES, "n", "seed"]

RESAMPLES, LEVEL = 2_000, 0.95
"""Of the bootstrap over cases."""


def question_table(answers: xr.Dataset, name: str) -> pd.DataFrame:
    """The answers of one row with what is known of their questions, a line each.

    Questions that the row was not asked are left out: it is for known noise and none is known, or
    it is given fewer samples or dimensions.
    """
    row = answers.sel(estimator=name, drop=True)[["bits", "error_bar", "seconds", "failure"]]
    table = row.to_dataframe().drop(columns="memory", errors="ignore")
    told = (table.failure != NO_NOISE_KNOWN) | table.noise.notna()
    return table[told & ~table.failure.isin([TOO_MANY, TOO_WIDE])]


def skill(table: pd.DataFrame) -> float:
    """1 − mean error / mean error of the best constant for each case and pair of widths.

    The constant is the median of the exact values, which has the least mean error. A failed answer
    counts as one with twice the error of the constant. NaN if all exact values are constant.
    """
    group = _groups(table, SHAPES)
    exact = table.exact.to_numpy()
    error = abs(table.bits.to_numpy() - exact)
    floor = np.empty(len(table))
    for own in (group == each for each in np.unique(group)):
        floor[own] = abs(exact[own] - np.median(exact[own]))
        error[own & np.isnan(error)] = (1 - WORST) * floor[own].mean()
    return float(1 - error.mean() / floor.mean()) if floor.mean() > 0 else np.nan


def order(table: pd.DataFrame) -> float:
    """Kendall's τ between answers and exact values, of the same case, N and widths.

    Over all pairs whose exact values differ by `LEAST_DIFFERENCE`: the share in the right order
    less the share in the wrong one. Equal answers count 0, and failed ones −1.
    """
    group = _groups(table, _SAMPLES)
    exact, bits = table.exact.to_numpy(), table.bits.to_numpy()
    i, j = np.triu_indices(len(table), k=1)
    asked = (group[i] == group[j]) & (abs(exact[i] - exact[j]) >= LEAST_DIFFERENCE)
    i, j = i[asked], j[asked]
    found = bits[i] - bits[j]
    signs = np.sign(found) * (abs(found) >= TIE) * np.sign(exact[i] - exact[j])
    return float(np.where(np.isnan(found), WORST, signs).mean()) if len(i) else np.nan


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """What changes from each moment to the next: ``exact`` and ``seen`` bits, a line a step.

    Of one layer and quantity, with the same N and the same set of samples.
    """
    keys = ["case", "n", "seed", "quantity", "layer"]
    group = _groups(table, keys)
    order = np.lexsort((table.iteration.to_numpy(), group))
    exact, seen = np.diff(table[["exact", "bits"]].to_numpy()[order].T, prepend=np.nan)
    found = table[[*keys, "iteration"]].iloc[order].assign(exact=exact, seen=seen)
    return found[np.diff(group[order], prepend=-1) == 0]


def _groups(table: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """A number for each line, the same for the same ``keys``, and in their order."""
    code = np.zeros(len(table), dtype=np.int64)
    for key in keys:
        own, values = pd.factorize(table[key].to_numpy(), sort=True)
        code = code * len(values) + own
    return code


def dynamics(table: pd.DataFrame) -> float:
    """Cosine between the changes that are seen from moment to moment and those that are there.

    1 if all rises and falls are seen in proportion, and 0 if nothing moves, or what moves has
    nothing to do with the truth. Changes that are not there cost, and the unit does not count.
    The share of the changes that a failed answer leaves open counts `WORST`.
    """
    there, seen = changes(table)[["exact", "seen"]].to_numpy().T
    if not (there**2).sum() > 0:
        return np.nan
    failed = np.isnan(seen)
    largest = np.abs(seen[~failed]).max() if (~failed).any() else 0.0
    if not largest >= TIE:  # nothing moves but by rounding
        return WORST * float(failed.mean())
    cosine = (seen * there)[~failed].sum() / np.sqrt(
        (seen[~failed] ** 2).sum() * (there[~failed] ** 2).sum()
    )
    return float((1 - failed.mean()) * cosine + failed.mean() * WORST)


KINDS: dict[str, Callable[[pd.DataFrame], float]] = {
    "bits": skill,
    "order": order,
    "dynamics": dynamics,
}

SCORES = (
    *(f"{part} {kind}" for part in ("networks", "planes") for kind in KINDS),
    *(f"{part} {kind}" for part in ("images", "variables") for kind in ("bits", "order")),
    *(f"quantised {kind}" for kind in KINDS),
)
"""Of truth."""


def by_case(answers: xr.Dataset) -> pd.DataFrame:
    """Every score of every row on every case, at least `WORST`: a line for each.

    Returns
    -------
    DataFrame
        ``estimator, part, case, score, value``; a score is one of `SCORES`. What cannot be scored,
        or was not asked, is left out.
    """
    lines = []
    for name in answers.estimator.values.tolist():
        table = question_table(answers, name)
        for (part, case), own in table[table.part.isin(KNOWN)].groupby(["part", "case"]):
            for kind, value in KINDS.items():
                if f"{part} {kind}" in SCORES:
                    lines.append((name, part, case, f"{part} {kind}", max(value(own), WORST)))
    return pd.DataFrame(lines, columns=["estimator", "part", "case", "score", "value"]).dropna()


def scores(answers: xr.Dataset, each: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every score of every row, the mean over cases: (estimator, score), NaN where none is.

    ``each`` is what `by_case` gives, where that is at hand.
    """
    each = by_case(answers) if each is None else each
    means = each.groupby(["estimator", "score"]).value.mean().unstack()
    return means.reindex(index=answers.estimator.values.tolist(), columns=list(SCORES))


def overall(values: pd.DataFrame) -> pd.Series:
    """Mean over the parts `OVERALL` of the mean of a part's scores; each counts the same."""
    own = values[[name for name in values.columns if name.split()[0] in OVERALL]]
    return own.T.groupby([name.split()[0] for name in own.columns]).mean().mean()


def resampled(
    answers: xr.Dataset, each: pd.DataFrame | None = None, resamples: int = RESAMPLES
) -> xr.DataArray:
    """Scores of all rows with the cases of each part drawn anew, with replacement.

    All rows get the same cases, so that differences between rows are paired.

    Returns
    -------
    DataArray of dims (draw, estimator, score)
        Scores of `SCORES`, and ``overall``.
    """
    each, names = by_case(answers) if each is None else each, answers.estimator.values.tolist()
    rng = np.random.default_rng(0)
    values = np.full((resamples, len(names), len(SCORES)), np.nan)
    for _, own in each.groupby("part", sort=False):
        cases = sorted(set(own.case))
        drawn = rng.multinomial(len(cases), np.full(len(cases), 1 / len(cases)), resamples)
        for score, lines in own.groupby("score", sort=False):
            wide = lines.pivot_table(index="case", columns="estimator", values="value")
            wide = wide.reindex(index=cases, columns=names).to_numpy()
            known = np.isfinite(wide)
            with np.errstate(invalid="ignore"):
                means = (drawn @ np.nan_to_num(wide)) / (drawn @ known.astype(float))
            values[:, :, SCORES.index(score)] = means
    flat = pd.DataFrame(values.reshape(-1, len(SCORES)), columns=list(SCORES))
    whole = overall(flat).to_numpy().reshape(resamples, len(names), 1)
    return xr.DataArray(
        np.concatenate([whole, values], axis=2),
        dims=("draw", "estimator", "score"),
        coords={"estimator": names, "score": ["overall", *SCORES]},
    )


def intervals(draws: xr.DataArray) -> xr.DataArray:
    """The middle `LEVEL` of what `resampled` gives, or of differences of it, over ``draw``."""
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    with warnings.catch_warnings():
        # of what no row was asked, there is no interval
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        found = draws.quantile(ends, "draw", skipna=True)
    return found.rename(quantile="end").assign_coords(end=["low", "high"])


def error_bars(answers: xr.Dataset) -> pd.DataFrame:
    """How far the error bars that rows tell hold, where the truth is known. It is in no score.

    An error bar is two standard errors. If it is right, it holds 95% of the exact values, and the
    median error is a third of it. A bias is in no error bar.

    Returns
    -------
    DataFrame indexed by the rows that tell one
        ``answers`` with one; ``held``, the share of exact values that are no further from the
        answer than its error bar, over all and for each part of `KNOWN`; ``error / bar``, the
        median.
    """
    lines = {}
    for name in answers.estimator.values.tolist():
        table = question_table(answers, name)
        table = table[table.part.isin(KNOWN) & table.error_bar.notna()]
        if len(table):
            error = (table.bits - table.exact).abs()
            held = error <= table.error_bar + TIE
            lines[name] = {
                "answers": len(table),
                "held": held.mean(),
                "error / bar": (error / table.error_bar.clip(lower=TIE)).median(),
                **held.groupby(table.part).mean(),
            }
    columns = ["answers", "held", "error / bar", *KNOWN]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns)


def theory_bits(table: pd.DataFrame) -> dict[str, float]:
    """What the theory forbids and demands of the planes on MNIST, in bits, and the score.

    Forbidden, means over the planes: ``dpi`` (rises of Î(X;T) from layer to layer, from M on, their
    sum), ``spread`` (of the output MI over layers) and ``outside`` (mean distance of the hidden
    layers from the triangle whose corner is M). Demanded: ``gap`` (information that the decoder and
    the output have more with K = 32 than with K = 2) and ``compression`` (the fall from E1 to D3,
    which are as wide as each other, with K = 2).

    The score is D / (abs(D) + F), of the means D of the demanded and F of the forbidden bits:
    1 if nothing forbidden is seen, 0 if nothing demanded is, below 0 if its contrary is. Nothing
    demanded is seen by a function of the shapes, as both sides of each comparison have the same.
    It does not change with the unit of the answers. If one answer failed it is `WORST`.
    """
    if table.bits.isna().any():
        return dict.fromkeys((*FORBIDDEN, *DEMANDED), np.nan) | {"score": WORST}
    planes = _as_planes(table)
    check = theory.check_plane(planes)
    small, large = (planes.sel(k=k, drop=True) for k in (SMALL, LARGE))
    layers = planes.layer.values.tolist()
    decoder = layers[layers.index("Z") + 1 :]
    encoder = layers[1 : layers.index("Z")]
    more = large - small
    compressed = small.input_mi.sel(layer="E1") - small.input_mi.sel(layer="D3")
    gaps = [
        *more.input_mi.sel(layer=decoder).values,
        *more.output_mi.sel(layer=encoder).values,
    ]
    found = {
        "dpi": float(check.forward_total.mean()),
        "spread": float(check.output_spread.mean()),
        "outside": float(check.outside.mean()),
        "gap": float(np.mean(gaps)),
        "compression": float(compressed),
    }
    forbidden = np.mean([found[key] for key in FORBIDDEN])
    demanded = np.mean([found[key] for key in DEMANDED])
    total = abs(demanded) + forbidden
    return found | {"score": float(demanded / total) if total > TIE else 0.0}


FORBIDDEN = ("dpi", "spread", "outside")
DEMANDED = ("gap", "compression")


def _as_planes(table: pd.DataFrame) -> xr.Dataset:
    """Answers about one set of samples as planes (k, layer)."""
    # answers that differ by rounding are the same
    bits = (table.bits / TIE).round() * TIE
    flat = table.assign(k=table.case.map(THEORY), answer=bits)
    through = flat[(flat.quantity == INPUT_MI) & (flat.layer == OUTPUT)]
    flat = pd.concat([flat, through.assign(quantity=OUTPUT_MI, layer=INPUT)])
    layers = list(dict.fromkeys(table.layer))
    keys = ["k", "quantity", "layer"]
    return flat.set_index(keys).answer.to_xarray().to_dataset("quantity").reindex(layer=layers)


def theory_table(answers: xr.Dataset) -> pd.DataFrame:
    """What each row sees of what the theory forbids and demands, means over sets of samples.

    Rows for known noise are left out: the layers are clean. So are rows that are not asked in every
    dimension.
    """
    lines, asked = {}, int((answers.part == "theory").sum())
    for name in answers.estimator.values.tolist():
        table = question_table(answers, name)
        table = table[table.part == "theory"]
        if 0 < len(table) == asked:
            planes = [theory_bits(own) for _, own in table.groupby("seed")]
            lines[name] = pd.DataFrame(planes).mean()
    columns = [*FORBIDDEN, *DEMANDED, "score"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns)


def leaderboard(answers: xr.Dataset) -> pd.DataFrame:
    """The table of truth: a line for each row, the best first.

    Returns
    -------
    DataFrame
        Indexed by the row's name: ``kind``, ``uses`` (samples of X and T + R, or T and the noise),
        ``overall`` with its interval from ``low`` to ``high``, the scores, ``cases`` (those asked),
        ``s`` (processor time of an answer with few samples), ``MB`` (peak of memory), ``remarks``.

    Raises
    ------
    ValueError
        If ``answers`` are not those of `runner.run` with what `store.labelled` adds.
    """
    _check(answers)
    each = by_case(answers)
    means = scores(answers, each)
    bounds = intervals(resampled(answers, each)).sel(score="overall").to_pandas().T
    table = pd.DataFrame(
        {
            "kind": answers.kind.to_series(),
            "uses": answers.uses.to_series(),
            "overall": overall(means),
            "low": bounds.low,
            "high": bounds.high,
            **means,
        },
        index=means.index,
    ).rename_axis(columns="score")
    known = answers.isel(question=np.isin(answers.part.values, KNOWN))
    total = len(set(zip(known.part.values, known.case.values, strict=True)))
    asked = each[["estimator", "part", "case"]].drop_duplicates().estimator.value_counts()
    table["cases"] = [f"{asked.get(name, 0)} of {total}" for name in table.index]
    few = answers.isel(question=(answers.n == answers.n.min()).values)
    table["s"] = few.seconds.where(~few.failure.isin(NOT_ASKED)).mean("question").to_series()
    table["MB"] = answers.memory.to_series()
    table["remarks"] = [_remarks(answers.sel(estimator=name)) for name in table.index]
    return table.sort_values("overall", ascending=False, kind="stable")


def _check(answers: xr.Dataset) -> None:
    numbers = {"bits", "error_bar", "seconds", "memory", "exact", "noise"}
    keys = ["part", "case", "iteration", "n", "seed", "quantity", "layer"]
    known = {"estimator", "failure", "kind", "uses", "d_x", "d_y", *keys}
    wrong = (numbers | known) - {*answers.variables}
    wrong |= {x for x in numbers - wrong if answers[x].dtype.kind not in "fiu"}
    wrong |= {x for x in known - wrong if answers[x].isnull().any() or not answers[x].size}
    wrong |= {"estimator", "question"} - {*answers.dims}
    for name, unique in (("estimator", ["estimator"]), ("question", keys)):
        if not wrong and answers[unique].to_dataframe().reset_index()[unique].duplicated().any():
            wrong.add(name)
    if wrong:
        raise ValueError(
            f"answers has no proper {sorted(wrong)}; give what benchmark.run returns, labelled by "
            "store.labelled"
        )


def _remarks(row: xr.Dataset) -> str:
    failures = row.failure.values[~np.isin(row.failure.values, ["", *NOT_ASKED])]
    remarks = []
    if len(failures):
        reason = pd.Series(failures).mode()[0]
        remarks.append(f"{len(failures)} of {row.sizes['question']} failed ({reason})")
    negative = row.bits.values[row.bits.values < -TIE]
    if len(negative):
        remarks.append(f"{len(negative)} below 0, down to {negative.min():.2f} bits")
    return "; ".join(remarks)
