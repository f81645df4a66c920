"""What chapter 8 sums up: the answers that the benchmark of estimators has stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.benchmark import scores
from ipae_lib.benchmark.problems import ASKED_MANY, FEW, KNOWN
from ipae_lib.benchmark.worker import NOT_ASKED
from ipae_lib.linear import INPUT_MI
from study import width_study

PROPOSED, SHARE, ESTIMAND = "Rényi, proposed rule", "Rényi, entropy share", "Rényi, estimand"
CALIBRATED = width_study.CALIBRATED
WIDE, PREVIOUS = "Rényi, proposed, γ = 2", "Rényi, previous rule"
PROPAGATION, LOWER, UPPER = "sample propagation", "pairwise, lower", "pairwise, upper"
DISCRETE = "discrete, K = 3"
"""The case that is counted."""

ON_NETWORKS = (PROPAGATION, UPPER, LOWER, PROPOSED, PREVIOUS, "KSG", "PCA, KSG", "InfoNCE", "SMILE")
"""Rows whose answers on a real network are drawn."""

ON_GAUSSIANS = ("Gaussian (CCA)", "Gaussian, shrunk", "SMILE", "KSG", PROPOSED, WIDE, PROPAGATION)
"""Rows whose estimates of Gaussians are drawn."""

BY_SAMPLES = (PROPAGATION, PROPOSED, "KSG", "PCA, KSG", "Gaussian, shrunk", "SMILE", "NWJ")
"""Rows whose errors are drawn by the number of samples."""

NEAR = 0.25
"""Bits: a mean error below it is nearly right."""


def questions(answers: xr.Dataset) -> pd.DataFrame:
    """How much is asked, a line for each part: cases, and in a case at most so many of the rest."""
    asked = answers.isel(estimator=0, drop=True).exact.to_dataframe()
    in_a_case = asked.groupby(["part", "case"], sort=False)[["iteration", "n", "seed"]].nunique()
    parts = asked.groupby("part", sort=False)
    most = in_a_case.groupby("part", sort=False).max()
    return pd.DataFrame(
        {
            "cases": parts.case.nunique(),
            "moments": most.iteration,
            "values of N": most.n,
            "largest d": parts[["d_x", "d_y"]].max().max(axis=1),
            "questions": parts.size(),
            "with known noise": parts.noise.count(),
        }
    )


def seeing(answers: xr.Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """The honest rows that see samples and were asked all that is scored, as the table has them.

    Means of a row that is asked the narrow questions alone are no better or worse than theirs.
    """
    honest = table[(table.kind == "honest") & (table.uses == "samples")]
    known = answers.isel(question=np.isin(answers.part.values, KNOWN)).failure
    all_asked = ~known.isin(NOT_ASKED).any("question").to_series()
    return honest[all_asked[honest.index]]


def best(answers: xr.Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """The best of each score: of those `seeing` samples, of those told T and s, of cheats."""
    columns = ["overall", *scores.SCORES]
    honest = table[table.kind == "honest"]
    lines = {
        "best that sees samples": seeing(answers, table)[columns].max(),
        "best that is told T and s": honest.loc[honest.uses != "samples", columns].max(),
        "best cheat": table.loc[table.kind == "cheat", columns].max(),
    }
    return pd.DataFrame(lines)


def failures(answers: xr.Dataset) -> pd.DataFrame:
    """Answers that did not come, for each row and part with such: how many, of how many, and why.

    The reason is the most frequent one, its numbers left out.
    """
    table = answers.failure.to_dataframe()[["part", "failure"]].reset_index()
    lines = {}
    for key, own in table.groupby(["estimator", "part"], sort=False):
        failed = own.failure[~own.failure.isin(["", *NOT_ASKED])]
        if len(failed):
            reason = failed.str.replace(r"\d+", "…", regex=True).mode()[0]
            lines[key] = {"failed": len(failed), "asked": len(own), "mostly": reason}
    index = pd.MultiIndex.from_tuples(lines, names=["estimator", "part"])
    return pd.DataFrame(list(lines.values()), index=index, columns=["failed", "asked", "mostly"])


def no_better_than_a_cheat(table: pd.DataFrame, draws: xr.DataArray) -> pd.DataFrame:
    """Where a row that estimates is not clearly above the best cheat.

    The interval of the difference, over cases, reaches 0 or below.

    Parameters
    ----------
    table : DataFrame
        As `benchmark.leaderboard` gives it.
    draws : DataArray
        As `scores.resampled` gives it, of the same answers.

    Returns
    -------
    DataFrame of bool
        Indexed by the rows that are no cheats; ``overall`` and the scores. False where a row has
        no score.
    """
    columns = ["overall", *scores.SCORES]
    cheats = table.index[table.kind == "cheat"]
    others = table.index[table.kind != "cheat"]
    found = pd.DataFrame(False, index=others, columns=columns)
    for score in columns:
        rival = table.loc[cheats, score].idxmax()
        own = draws.sel(score=score)
        low = scores.intervals(own - own.sel(estimator=rival)).sel(end="low").to_series()
        found[score] = low[others].le(0)
    return found


def errors(answers: xr.Dataset) -> pd.DataFrame:
    """What is no score where the truth is known, in bits (row × (part, which)).

    ``error`` is the mean absolute one and ``bias`` the mean one: a constant can choose its bias, so
    it is no score.
    """
    lines = {}
    for name in answers.estimator.values.tolist():
        table, line = scores.question_table(answers, name), {}
        for part in KNOWN:
            error = (table.bits - table.exact)[table.part == part]
            line[part, "error"], line[part, "bias"] = error.abs().mean(), error.mean()
        lines[name] = pd.Series(line)
    return pd.DataFrame(lines).T


def between_sets(answers: xr.Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """By how much scores change with the set of samples, the cases the same, over honest rows.

    Returns
    -------
    DataFrame indexed by the score
        ``median`` and ``largest`` distance between the two sets; ``cases`` that have both. Scores
        of parts without a second set are left out.
    """
    own = answers.isel(question=((answers.n == FEW) & np.isin(answers.part, KNOWN)).values)
    twice = np.unique(own.case.values[(own.seed == 1).values])
    honest = table.index[table.kind == "honest"].tolist()
    sets = [
        scores.by_case(
            own.sel(estimator=honest).isel(
                question=((own.seed == seed) & np.isin(own.case, twice)).values
            )
        )
        for seed in (0, 1)
    ]
    means = [one.groupby(["score", "estimator"]).value.mean() for one in sets]
    distance = (means[0] - means[1]).abs().groupby("score")
    found = pd.DataFrame({"median": distance.median(), "largest": distance.max()})
    found["cases"] = sets[0].groupby("score").case.nunique()
    return found.reindex([score for score in scores.SCORES if score in found.index])


def by_samples(answers: xr.Dataset, names: Sequence[str]) -> pd.DataFrame:
    """Mean absolute error and seconds by the number of samples, on the same questions.

    Returns
    -------
    DataFrame (row × (case, N))
        Bits, NaN where a row is not asked; for each N the ``seconds`` of an answer, too.
    """
    keys = ["case", "iteration", "quantity", "layer"]
    lines = {}
    for name in names:
        table = answers.sel(estimator=name, drop=True)[["bits", "seconds", "failure"]]
        table = table.to_dataframe()
        table = table[table.case.isin(ASKED_MANY) & (table.seed == 0) & (table.part != "theory")]
        sizes = table.groupby(keys).n.transform("nunique")
        table = table[sizes == table.n.nunique()]
        asked = ~table.failure.isin(NOT_ASKED)
        table = table.assign(
            error=(table.bits - table.exact).abs(), seconds=table.seconds.where(asked)
        )
        error = table.groupby(["case", "n"]).error.mean()
        seconds = table.groupby("n").seconds.mean()
        lines[name] = pd.concat([error, pd.concat({"seconds": seconds})])
    found = pd.DataFrame(lines).T
    return found.reindex(columns=[*ASKED_MANY, "seconds"], level=0)


def falls(answers: xr.Dataset, names: Sequence[str], least: float = 0.1) -> pd.DataFrame:
    """Steps between moments of real networks at which the input MI falls, in truth and as seen.

    Parameters
    ----------
    answers : Dataset
    names : sequence of str
        Rows.
    least : float
        Bits below which a change is none.

    Returns
    -------
    DataFrame indexed by the row
        ``falls`` and ``rises``: of the steps that are one in truth, the share that is seen as one,
        which no failed answer does; ``false falls``: of the steps that are no falls, the share that
        is seen as one.
    """
    lines = {}
    for name in names:
        table = scores.question_table(answers, name)
        steps = scores.changes(
            table[(table.part == "networks") & (table.quantity == INPUT_MI) & (table.n == FEW)]
        )
        down, up = steps.exact < -least, steps.exact > least
        lines[name] = {
            "falls": (steps.seen[down] < -least).mean(),
            "rises": (steps.seen[up] > least).mean(),
            "false falls": (steps.seen[~down] < -least).mean(),
        }
    return pd.DataFrame.from_dict(lines, orient="index")


def brackets(answers: xr.Dataset, case: str) -> pd.DataFrame:
    """The exact bits of a case at its last moment, with those told T and s about it."""
    last = answers.iteration.where(answers.case == case).max()
    own = (answers.case == case) & (answers.iteration == last) & (answers.n == FEW)
    chosen = answers.isel(question=(own & (answers.seed == 0) & answers.noise.notnull()).values)
    table = chosen.bits.sel(estimator=[LOWER, PROPAGATION, UPPER]).to_pandas().T
    table.insert(1, "exact", chosen.exact.values)
    table.index = pd.MultiIndex.from_arrays(
        [chosen.quantity.values, chosen.layer.values], names=["quantity", "layer"]
    )
    return table


def bracketed(answers: xr.Dataset) -> pd.DataFrame:
    """How often the pairwise bounds hold the exact bits between them, by part."""
    known = answers.isel(question=answers.noise.notnull().values)
    low, high = (known.bits.sel(estimator=name) for name in (LOWER, UPPER))
    inside = (low <= known.exact + scores.TIE) & (known.exact <= high + scores.TIE)
    table = pd.DataFrame(
        {"part": known.part.values, "inside": inside.values, "bits between": (high - low).values}
    )
    return table.groupby("part", sort=False).mean()


def to_use(answers: xr.Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """Who errs least, by part, dimension of the wider variable, and N.

    Parameters
    ----------
    answers : Dataset
    table : DataFrame
        As `benchmark.leaderboard` gives it.

    Returns
    -------
    DataFrame indexed by (part, d, N)
        ``not looking``, the mean error in bits of the median of each case and shape; ``row``, the
        honest one that sees samples with the smallest mean ``error``, of those asked all of these,
        or "nobody" where that is no smaller; ``told``, the error of sample propagation where it is
        asked.
    """
    honest = table[table.kind == "honest"]
    tables = {name: scores.question_table(answers, name) for name in honest.index}
    lines = {}
    asked = answers.isel(estimator=0, drop=True)[["bits"]].to_dataframe()
    asked = asked[asked.part.isin(KNOWN)]
    median = asked.groupby(scores.SHAPES).exact.transform("median")
    floor = (asked.exact - median).abs()
    widest = asked[["d_x", "d_y"]].max(axis=1)
    spans = pd.cut(widest, [0, 8, 64, 1_000], labels=["to 8", "9 to 64", "more"])
    for (part, span, n), own in floor.groupby([asked.part, spans, asked.n], observed=True):
        error = {}
        for name in honest.index[honest.uses == "samples"]:
            answered = tables[name].reindex(own.index)
            if answered.failure.isna().any():
                continue
            # one that fails has not looked
            error[name] = (answered.bits - answered.exact).abs().fillna(own).mean()
        best = min(error, key=error.__getitem__)
        told = tables[PROPAGATION].reindex(own.index)
        lines[part, span, n] = {
            "not looking": own.mean(),
            "row": best if error[best] < own.mean() else "nobody",
            "error": error[best],
            "told": (told.bits - told.exact).abs().mean(),
        }
    found = pd.DataFrame.from_dict(lines, orient="index")
    found.index = pd.MultiIndex.from_tuples(lines, names=["part", "d", "N"])
    return found.loc[[part for part in KNOWN if part in found.index.get_level_values(0)]]


def theory_and_truth(table: pd.DataFrame, theory: pd.DataFrame) -> pd.DataFrame:
    """The theory's score beside ``truth``, the overall one, of rows that have both."""
    return pd.DataFrame({"theory": theory.score, "truth": table.overall}).dropna()


def rank_correlation(both: pd.DataFrame, resamples: int = 2_000) -> tuple[float, float, float]:
    """Spearman's correlation of two columns, and its interval from drawing the rows anew."""
    rng = np.random.default_rng(0)
    values = both.to_numpy()

    def spearman(of: np.ndarray) -> float:
        ranks = pd.DataFrame(of).rank()
        return float(ranks.corr().iloc[0, 1])

    drawn = [
        spearman(values[rng.integers(len(values), size=len(values))]) for _ in range(resamples)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return spearman(values), float(low), float(high)


def by_case(answers: xr.Dataset, names: Sequence[str], kind: str = "bits") -> pd.DataFrame:
    """One kind of score of some rows on each case: (part, case) × row."""
    each = scores.by_case(answers.sel(estimator=list(names)))
    own = each[each.score.str.endswith(kind)]
    return own.pivot_table(index=["part", "case"], columns="estimator", values="value", sort=False)[
        list(names)
    ]


def against_proposed(
    means: pd.DataFrame, draws: xr.DataArray, calibration: pd.DataFrame
) -> pd.DataFrame:
    """Overall score of each calibrated family less those of the rows of the proposed rule.

    Returns
    -------
    DataFrame with a column for each family, as text
        ``setting``, a difference with its interval for each row of the proposed rule, calibrated or
        not, and whether it wins clearly.
    """
    setting = dict(calibration.groupby("family").both.idxmax().to_list())
    lines = {}
    for family in width_study.FAMILIES:
        line: dict[str, Any] = {"setting": f"{setting[family]:g}"}
        for against in (*width_study.PROPOSED, width_study.CALIBRATED):
            line[f"less {against}"] = ""
            if against != family:
                found = width_study.compared(draws, means, family, against).loc["overall"]
                line[f"less {against}"] = _with_interval(found)
        won = width_study.wins_clearly(draws, means, family)
        lines[family] = line | {"wins clearly": won}
    return pd.DataFrame(lines)


def score_by_score(means: pd.DataFrame, draws: xr.DataArray) -> pd.DataFrame:
    """Each score of each calibrated family less that of the proposed rule, as text."""
    lines = {}
    for family in width_study.FAMILIES:
        found = width_study.compared(draws, means, family, PROPOSED).drop("overall")
        lines[family] = {score: _with_interval(line) for score, line in found.iterrows()}
    return pd.DataFrame.from_dict(lines)


def _with_interval(line: pd.Series) -> str:
    # spaces that break no line
    text = f"{line.difference:+.2f}\u00a0[{line.low:+.2f},\u00a0{line.high:+.2f}]"
    return text.replace("-", "−")


def summary(answers: xr.Dataset, table: pd.DataFrame, draws: xr.DataArray) -> dict[str, Any]:
    """The numbers and names that the chapter's sentences tell.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it, with the kinds of the rows.
    table : DataFrame
        As `benchmark.leaderboard` gives it.
    draws : DataArray
        As `scores.resampled` gives it.
    """
    honest = table[table.kind == "honest"]
    all_asked = seeing(answers, table)
    worse = no_better_than_a_cheat(table, draws)
    beaten = [name for name in honest.index if worse.overall[name]]
    error = errors(answers)
    rank, low, high = rank_correlation(theory_and_truth(honest, scores.theory_table(answers)))
    fallen = falls(answers, [*honest.index])
    moving = all_asked["networks dynamics"]
    inside = bracketed(answers)
    means = table[[*scores.SCORES]]
    winners = [x for x in width_study.FAMILIES if width_study.wins_clearly(draws, means, x)]
    counted = answers.isel(question=(answers.case == DISCRETE).values)
    held = scores.error_bars(answers.sel(estimator=[*honest.index])).held
    off = abs(counted.bits - counted.exact).mean("question", skipna=False).to_series()
    return {
        "first": all_asked.index[0],
        "first_overall": all_asked.overall.iloc[0],
        "rows": len(honest),
        "seeing": len(all_asked),
        "no_skill": int((all_asked["networks bits"] <= 0).sum()),
        "told_error": error["networks", "error"][PROPAGATION],
        "seeing_error": error["networks", "error"][all_asked.index].min(),
        "seeing_error_row": error["networks", "error"][all_asked.index].idxmin(),
        "most_dynamics": moving.max(),
        "most_dynamics_row": moving.idxmax(),
        "told_dynamics": table.loc[PROPAGATION, "networks dynamics"],
        "false_falls": fallen.loc[PROPOSED, "false falls"],
        "falls": fallen.loc[PROPOSED, "falls"],
        "inside": inside.inside.mean(),
        "apart": inside["bits between"]["networks"],
        "beaten": len(beaten),
        "beaten_names": "; ".join(beaten),
        "coded_error": error["quantised", "error"][all_asked.index].min(),
        "coded_row": error["quantised", "error"][all_asked.index].idxmin(),
        "coded_no_skill": int((all_asked["quantised bits"] <= 0).sum()),
        "best_held": held.max(),
        "best_held_row": held.idxmax(),
        "median_held": held.median(),
        "counted_right": int((off[honest.index] < NEAR).sum()),
        "rank": rank,
        "rank_low": low,
        "rank_high": high,
        "winners": len(winners),
        "winner_names": "; ".join(winners) or "none",
        "families": len(width_study.FAMILIES),
    }
