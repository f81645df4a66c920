"""What chapter 8 sums up: the answers that the benchmark of estimators has stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import xarray as xr

from ipae_lib.benchmark import scores
from study import width_study

PROPOSED, SHARE = "Rényi, proposed rule", "Rényi, entropy share"
WIDE, PREVIOUS = "Rényi, proposed, γ = 2", "Rényi, previous rule"
DISCRETE = "discrete, K = 3"
"""The case that is counted."""

NORMAL = ("Gaussian (CCA)", "InfoNCE", "KSG")
"""Rows that see the amount in a few dimensions."""

ON_PLANES = (
    "Gaussian (CCA)", "InfoNCE", "MINE", "KSG", PROPOSED, SHARE, WIDE, PREVIOUS,
    "pairwise, lower", "bins, equal", "bins, adaptive",
)  # fmt: skip
"""Rows whose planes are drawn."""

ON_GAUSSIANS = (*NORMAL, PROPOSED, WIDE, SHARE, "bins, equal")
"""Rows whose estimates of Gaussians are drawn."""

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
            "iterations": most.iteration,
            "values of N": most.n,
            "sets of samples": most.seed,
            "largest d": parts[["d_x", "d_y"]].max().max(axis=1),
            "questions": parts.size(),
        }
    )


def best(table: pd.DataFrame) -> pd.DataFrame:
    """The best of each score: of the honest rows, of the cheats, and the noise level."""
    columns = ["overall", *scores.SCORES]
    lines = {
        "best that estimates": table.loc[table.kind == "honest", columns].max(),
        "best cheat": table.loc[table.kind == "cheat", columns].max(),
        "noise level": pd.Series(table.attrs["noise"])[columns],
    }
    return pd.DataFrame(lines).T


def failures(answers: xr.Dataset) -> pd.DataFrame:
    """Answers that did not come, for each row and part with such: how many, of how many, and why.

    The reason is the most frequent one, its numbers left out.
    """
    table = answers.failure.to_dataframe()[["part", "failure"]].reset_index()
    lines = {}
    for key, own in table.groupby(["estimator", "part"], sort=False):
        failed = own.failure[own.failure != ""]
        if len(failed):
            reason = failed.str.replace(r"\d+", "…", regex=True).mode()[0]
            lines[key] = {"failed": len(failed), "asked": len(own), "mostly": reason}
    index = pd.MultiIndex.from_tuples(lines, names=["estimator", "part"])
    return pd.DataFrame(list(lines.values()), index=index, columns=["failed", "asked", "mostly"])


def no_better_than_a_cheat(table: pd.DataFrame) -> pd.DataFrame:
    """Where a row that estimates is not above the best cheat by more than the noise level.

    Parameters
    ----------
    table : DataFrame
        As `benchmark.leaderboard` gives it.

    Returns
    -------
    DataFrame of bool
        Indexed by the rows that are no cheats; ``overall`` and the five scores.
    """
    lines = best(table)
    limit = lines.loc["best cheat"] + lines.loc["noise level"]
    return table.loc[table.kind != "cheat", lines.columns].le(limit)


def errors(answers: xr.Dataset) -> pd.DataFrame:
    """What is no score where the truth is known, in bits (row × (part, which)).

    ``error`` is the mean absolute one, ``bias`` the mean one, and ``spread`` the standard deviation
    over sets of samples, mean over questions: a constant has no spread and can choose its bias, so
    neither is a score.
    """
    lines = {}
    for name in answers.estimator.values.tolist():
        table, line = scores.question_table(answers, name), {}
        for part in ("planes", "gaussians"):
            rows = table[table.part == part]
            error = rows.bits - rows.exact
            same = ["case", "iteration", "n", "quantity", "layer"]
            line[part, "error"] = error.abs().mean()
            line[part, "bias"] = error.mean()
            line[part, "spread"] = rows.groupby(same).bits.std().mean()
        lines[name] = pd.Series(line)
    return pd.DataFrame(lines).T


def forbidden_and_demanded(answers: xr.Dataset) -> pd.DataFrame:
    """Bits of `scores.theory_bits` of the rows that answer on MNIST, means over sets of samples.

    Compression is named a ``fall``, which it is one of the input MI.
    """
    lines = {}
    for name in answers.estimator.values.tolist():
        table = scores.question_table(answers, name)
        planes = table[table.part == "theory"].groupby("seed")
        found = pd.DataFrame([scores.theory_bits(own) for _, own in planes]).mean()
        lines[name] = found[[*scores.FORBIDDEN, *scores.DEMANDED]]
    names = {"false compression": "false fall", "compression": "fall"}
    return pd.DataFrame(lines).T.dropna().rename(columns=names)


def by_samples(answers: xr.Dataset, names: Sequence[str]) -> pd.DataFrame:
    """Scores where the truth is known, of some rows (row, N)."""
    known = answers.sel(estimator=list(names)).isel(question=(answers.part != "theory").values)
    tables = {
        n: scores.scores(known.isel(question=(known.n == n).values)).mean("seed").to_pandas()
        for n in sorted(set(known.n.values.tolist()))
    }
    joined = pd.concat(tables, names=["N"]).swaplevel().drop(columns="theory")
    return joined.loc[list(names)]


def theory_and_truth(table: pd.DataFrame) -> pd.DataFrame:
    """The theory's score of each row beside ``truth``, the mean of its other four."""
    known = [score for score in scores.SCORES if score != "theory"]
    truth = table[known].clip(lower=scores.WORST).mean(axis=1)
    return pd.DataFrame({"theory": table.theory, "truth": truth})


def by_case(answers: xr.Dataset, names: Sequence[str]) -> pd.DataFrame:
    """Skill and order of some rows on each case whose truth is known: case × (score, row)."""
    known = answers.isel(question=(answers.part != "theory").values)
    cases = list(dict.fromkeys(known.case.values.tolist()))
    found = {}
    for name in names:
        rows = scores.question_table(known, name)
        for case in cases:
            own = rows[rows.case == case]
            found["skill", name, case] = scores.skill(own)
            found["order", name, case] = scores.order(own)
    return pd.Series(found).unstack([0, 1]).loc[cases, ["skill", "order"]]


def against_proposed(answers: xr.Dataset, calibration: pd.DataFrame) -> pd.DataFrame:
    """Overall score of each calibrated family less those of the rows of the proposed rule.

    Returns
    -------
    DataFrame indexed by the family, as text
        ``setting``, a difference with its standard error for each of `width_study.PROPOSED`,
        and whether it wins clearly.
    """
    setting = dict(calibration.groupby("family").both.idxmax().to_list())
    lines = {}
    for family in width_study.FAMILIES:
        line: dict[str, Any] = {"setting": f"{setting[family]:g}"}
        for against in width_study.PROPOSED:
            overall = width_study.compared(answers, family, against).loc["overall"]
            line[f"less {against}"] = _with_error(overall, 3)
        lines[family] = line | {"wins clearly": width_study.wins_clearly(answers, family)}
    return pd.DataFrame.from_dict(lines, orient="index")


def score_by_score(answers: xr.Dataset) -> pd.DataFrame:
    """Each score of each calibrated family less that of the proposed rule, as text."""
    lines = {}
    for family in width_study.FAMILIES:
        found = width_study.compared(answers, family, PROPOSED).drop("overall")
        lines[family] = {score: _with_error(line, 2) for score, line in found.iterrows()}
    return pd.DataFrame.from_dict(lines, orient="index")


def _with_error(line: pd.Series, decimals: int) -> str:
    # spaces that break no line
    text = f"{line.difference:+.{decimals}f}\u00a0±\u00a0{line.error:.{decimals}f}"
    return text.replace("-", "−")


def summary(answers: xr.Dataset, table: pd.DataFrame) -> dict[str, Any]:
    """The numbers and names that the chapter's sentences tell.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it, with the kinds of the rows.
    table : DataFrame
        As `benchmark.leaderboard` gives it.
    """
    honest = table[table.kind == "honest"]
    worse = no_better_than_a_cheat(table)
    beaten = [name for name in honest.index if worse.overall[name]]
    counted = answers.isel(question=(answers.case == DISCRETE).values)
    off = abs(counted.bits - counted.exact).mean("question", skipna=False).to_series()
    ranks = theory_and_truth(honest)
    answering = ranks[ranks.theory > scores.WORST]
    gain = width_study.compared(answers, SHARE, PROPOSED).loc["overall"]
    is_unlike = (answers.case == DISCRETE) | (answers.part == "theory")
    unlike = answers.isel(question=is_unlike.values)
    elsewhere = scores.scores(unlike).mean(["score", "seed"]).to_series()
    best_order = honest["planes order"].idxmax()
    return {
        "first": honest.index[0],
        "honest": len(honest),
        "no_skill": int((honest["planes skill"] < 0).sum()),
        "best_order": honest["planes order"].max(),
        "best_order_row": best_order,
        "best_order_skill": honest.loc[best_order, "planes skill"],
        "best_theory_row": honest.theory.idxmax(),
        "beaten": len(beaten),
        "beaten_names": "; ".join(beaten),
        "all_clear": int((~worse).all(axis=1).sum()),
        "counted_right": int((off[honest.index] < NEAR).sum()),
        "rank": _rank(ranks),
        "rank_answering": _rank(answering),
        "winners": sum(width_study.wins_clearly(answers, name) for name in width_study.FAMILIES),
        "families": len(width_study.FAMILIES),
        "gain": gain.difference,
        "elsewhere_share": elsewhere[SHARE],
        "elsewhere_proposed": elsewhere[PROPOSED],
    }


def _rank(both: pd.DataFrame) -> float:
    return float(both.corr(method="spearman").loc["truth", "theory"])
