"""What the answers are worth: five scores, each 0 for whoever does not look at the samples.

With a truth: *skill*, 1 − error / error of the best constant, and *order*, Kendall's τ. Both
compare only variables of the same shapes, (N, d_x) and (N, d_y), so no function of shapes gains
anything. Without a truth: *theory*, the bits that theory demands against those it forbids. A score
of 1 is perfect, and below 0 is worse than knowing nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib import theory
from ipae_lib.benchmark.problems import LARGE, NETWORKS, SMALL
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI

SCORES = ("planes skill", "planes order", "gaussians skill", "gaussians order", "theory")

WORST = -1.0
"""What a failed answer counts, and the least that one score adds to the overall one."""

LEAST_DIFFERENCE = 0.1
"""Bits by which exact values must differ for their order to be asked for."""

TIE = 1e-5
"""Bits below which two answers are the same."""

SHAPES = ["case", "d_x", "d_y"]


def scores(answers: xr.Dataset) -> xr.DataArray:
    """All scores of all rows, for each set of samples.

    Parameters
    ----------
    answers : Dataset
        As `runner.run` gives it.

    Returns
    -------
    DataArray of dims (estimator, score, seed)
        NaN where a part was not asked.
    """
    seeds = sorted(set(answers.seed.values.tolist()))
    values = np.full((answers.sizes["estimator"], len(SCORES), len(seeds)), np.nan)
    for i, name in enumerate(answers.estimator.values):
        table = question_table(answers, str(name))
        for j, seed in enumerate(seeds):
            own = table[table.seed == seed]
            for part in ("planes", "gaussians"):
                rows = own[own.part == part]
                if len(rows):
                    values[i, SCORES.index(f"{part} skill"), j] = skill(rows)
                    values[i, SCORES.index(f"{part} order"), j] = order(rows)
            rows = own[own.part == "theory"]
            if len(rows):
                values[i, SCORES.index("theory"), j] = theory_bits(rows)["score"]
    coords = {"estimator": answers.estimator, "score": list(SCORES), "seed": seeds}
    return xr.DataArray(values, dims=("estimator", "score", "seed"), coords=coords, name="score")


def question_table(answers: xr.Dataset, name: str) -> pd.DataFrame:
    """The answers of one row with what is known of their questions, a line each."""
    row = answers.sel(estimator=name, drop=True)[["bits", "seconds", "failure"]]
    return row.to_dataframe().drop(columns="memory", errors="ignore")


def skill(table: pd.DataFrame) -> float:
    """1 − mean error / mean error of the best constant for each case and pair of widths.

    The constant is the median of the exact values, which has the least mean error. A failed answer
    counts as one with twice the error of the constant.
    """
    median = table.groupby(SHAPES).exact.transform("median")
    floor = (table.exact - median).abs()
    group_floor = floor.groupby([table[key] for key in SHAPES]).transform("mean")
    error = (table.bits - table.exact).abs().fillna((1 - WORST) * group_floor)
    return float(1 - error.mean() / floor.mean())


def order(table: pd.DataFrame) -> float:
    """Kendall's τ between answers and exact values, of the same case, N and widths.

    Over all pairs whose exact values differ by `LEAST_DIFFERENCE`: the share in the right order
    less the share in the wrong one. Equal answers count 0, and failed ones −1.
    """
    group = table.groupby([*SHAPES, "n", "seed"]).ngroup().to_numpy()
    exact, bits = table.exact.to_numpy(), table.bits.to_numpy()
    i, j = np.triu_indices(len(table), k=1)
    asked = (group[i] == group[j]) & (abs(exact[i] - exact[j]) >= LEAST_DIFFERENCE)
    i, j = i[asked], j[asked]
    found = bits[i] - bits[j]
    signs = np.sign(found) * (abs(found) >= TIE) * np.sign(exact[i] - exact[j])
    return float(np.where(np.isnan(found), WORST, signs).mean())


def theory_bits(table: pd.DataFrame) -> dict[str, float]:
    """What the theory forbids and demands of the planes on MNIST, in bits, and the score.

    Forbidden, means over the planes: ``dpi`` (rises of Î(X;T) from layer to layer, their sum),
    ``spread`` (of the output MI over layers), ``outside`` (mean distance of the hidden layers
    from the triangle) and ``false compression`` (the fall from E1 to E3 with K = 32 at the end).
    Demanded, at the end: ``gap`` (information that the decoder and the output have more with K =
    32 than with K = 2) and ``compression`` (the fall from E1 to D3, which are as wide as each
    other, with K = 2).

    The score is D / (abs(D) + F), of the means D of the demanded and F of the forbidden bits:
    1 if nothing forbidden is seen, 0 if nothing demanded is, below 0 if its contrary is. Nothing
    demanded is seen by a function of the shapes, as both sides of each comparison have the same.
    It does not change with the unit of the answers. If one answer failed it is `WORST`.
    """
    if table.bits.isna().any():
        nothing = dict.fromkeys((*FORBIDDEN, *DEMANDED), np.nan)
        return nothing | {"score": WORST}
    planes = _as_planes(table)
    check = theory.check_plane(planes)
    end = planes.isel(iteration=-1)
    small, large = (end.sel(k=k, drop=True) for k in (SMALL, LARGE))
    layers = planes.layer.values.tolist()
    decoder = layers[layers.index("Z") + 1 :]
    encoder = layers[: layers.index("Z")]
    more = large - small
    fall = large.input_mi.sel(layer="E1") - large.input_mi.sel(layer="E3")
    compressed = small.input_mi.sel(layer="E1") - small.input_mi.sel(layer="D3")
    gaps = [
        *more.input_mi.sel(layer=decoder).values,
        *more.output_mi.sel(layer=encoder).values,
    ]
    found = {
        "dpi": float(check.forward_total.mean()),
        "spread": float(check.output_spread.mean()),
        "outside": float(check.outside.mean()),
        "false compression": float(fall.clip(min=0)),
        "gap": float(np.mean(gaps)),
        "compression": float(compressed),
    }
    forbidden = np.mean([found[key] for key in FORBIDDEN])
    demanded = np.mean([found[key] for key in DEMANDED])
    total = abs(demanded) + forbidden
    return found | {"score": float(demanded / total) if total > TIE else 0.0}


FORBIDDEN = ("dpi", "spread", "outside", "false compression")
DEMANDED = ("gap", "compression")


def _as_planes(table: pd.DataFrame) -> xr.Dataset:
    """Answers about one set of samples as planes (k, iteration, layer)."""
    k = table.case.map(NETWORKS)
    # answers that differ by rounding are the same
    bits = (table.bits / TIE).round() * TIE
    flat = table.assign(k=k, answer=bits)
    through = flat[(flat.quantity == INPUT_MI) & (flat.layer == OUTPUT)]
    flat = pd.concat([flat, through.assign(quantity=OUTPUT_MI, layer=INPUT)])
    keys = ["k", "iteration", "quantity", "layer"]
    layers = [INPUT, *dict.fromkeys(table.layer)]
    return flat.set_index(keys).answer.to_xarray().to_dataset("quantity").reindex(layer=layers)


def overall(values: xr.DataArray) -> xr.DataArray:
    """Mean of the scores, each counting at least `WORST`."""
    return values.clip(min=WORST).mean("score")


def noise_level(values: xr.DataArray) -> xr.DataArray:
    """Standard error of a score's mean over sets of samples: root mean square over the rows."""
    errors = values.std("seed", ddof=1) / np.sqrt(values.sizes["seed"])
    return np.sqrt((errors**2).mean("estimator"))


def leaderboard(answers: xr.Dataset) -> pd.DataFrame:
    """The table: a line for each row, the best first.

    Returns
    -------
    DataFrame
        Indexed by the row's name: ``kind``, ``overall``, the five scores, ``s`` (processor time
        of an answer), ``MB`` (peak of memory), ``remarks``. Its ``attrs["noise"]`` has the noise
        level of each score.

    Raises
    ------
    ValueError
        If ``answers`` are not those of `runner.run` with what `store.labelled` adds.
    """
    _check(answers)
    each = scores(answers)
    mean = each.mean("seed")
    table = mean.to_pandas()
    table.insert(0, "overall", overall(mean).to_series())
    table.insert(0, "kind", answers.kind.to_series())
    table["s"] = answers.seconds.mean("question").to_series()
    table["MB"] = answers.memory.to_series()
    table["remarks"] = [_remarks(answers.sel(estimator=name)) for name in table.index]
    table = table.sort_values("overall", ascending=False, kind="stable")
    level = noise_level(each)
    table.attrs["noise"] = {
        str(s): float(v) for s, v in zip(level.score.values, level, strict=True)
    }
    table.attrs["noise"]["overall"] = float(noise_level(overall(each).expand_dims("score")).item())
    return table


def _check(answers: xr.Dataset) -> None:
    numbers = {"bits", "seconds", "memory", "exact"}
    keys = ["part", "case", "iteration", "n", "seed", "quantity", "layer"]
    known = {"estimator", "failure", "kind", "d_x", "d_y", *keys}
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
    failures = row.failure.values[row.failure.values != ""]
    remarks = []
    if len(failures):
        reason = pd.Series(failures).mode()[0]
        remarks.append(f"{len(failures)} of {row.sizes['question']} failed ({reason})")
    negative = row.bits.values[row.bits.values < -TIE]
    if len(negative):
        remarks.append(f"{len(negative)} below 0, down to {negative.min():.2f} bits")
    return "; ".join(remarks)
