"""The table as HTML that sorts when a heading is pressed, and is a plain table without scripts."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

import pandas as pd

from ipae_lib.files import atomic_write

NOTE = (
    "Scores of truth: 1 is perfect, 0 is what not looking gets. From low to high is the overall "
    "score of other cases of these kinds, at 95%."
)
"""Below the table."""

_ASSETS = files("ipae_lib.benchmark") / "assets"


def leaderboard_html(table: pd.DataFrame) -> str:
    """The table as a fragment of HTML that loads nothing, with the remarks in a list below.

    Parameters
    ----------
    table : DataFrame
        As `scores.leaderboard` gives it.
    """
    style, script = (
        _ASSETS.joinpath(f"leaderboard.{kind}").read_text(encoding="utf-8")
        for kind in ("css", "js")
    )
    columns = [column for column in table.columns if column != "remarks"]
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in ["row", *columns])
    rows = []
    for name, line in table.iterrows():
        cells = "".join(_cell(line[column], column) for column in columns)
        rows.append(
            f'<tr class="{escape(str(line["kind"]))}"><td>{escape(str(name))}</td>{cells}</tr>'
        )
    remarks = "".join(
        f"<li>{escape(f'{name}: {text}')}</li>\n" for name, text in table.remarks.items() if text
    )
    return (
        f"<style>\n{style}</style>\n"
        '<div class="leaderboard" role="region" aria-label="Leaderboard" tabindex="0"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>\n"
        f"</table>\n<p>{NOTE}</p>\n<ul>\n{remarks}</ul></div>\n<script>\n{script}</script>"
    )


_DECIMALS = {"s": 3, "MB": 0}


def _cell(value: object, column: str) -> str:
    if isinstance(value, float):
        if pd.isna(value):
            return '<td data-value=""></td>'
        text = f"{value:.{_DECIMALS.get(column, 2)}f}"
        return f'<td data-value="{value:.6g}">{text.replace("-", "−")}</td>'
    return f"<td>{escape(str(value))}</td>"


def write_page(table: pd.DataFrame, path: str | Path) -> None:
    """The table as a page of its own, written whole or not at all."""
    title = "Estimators of mutual information"
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<link rel="icon" href="data:,"></head>\n'
        f"<body><h1>{title}</h1>\n{leaderboard_html(table)}\n</body></html>\n"
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
