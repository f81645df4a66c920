"""The table as HTML that sorts when a heading is pressed, and is a plain table without scripts."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd

from ipae_lib.files import atomic_write

_STYLE = """
.leaderboard {overflow-x: auto; max-width: 100%; font-size: .8em}
.leaderboard table {border-collapse: collapse; font-size: inherit; margin: 0}
.leaderboard th, .leaderboard td {padding: .2em .25em; text-align: right; white-space: nowrap}
.leaderboard th {white-space: normal; vertical-align: bottom}
.leaderboard td:first-child, .leaderboard th:first-child {text-align: left; position: sticky;
  left: 0; background: var(--pst-color-background, Canvas); white-space: normal; min-width: 8em}
.leaderboard tr.cheat {font-style: italic}
.leaderboard tr.guest {font-weight: bold}
.leaderboard th button {all: unset; cursor: pointer; font-weight: bold}
.leaderboard th button:focus-visible {outline: 2px solid currentColor}
.leaderboard th[aria-sort=descending] button::after {content: " ▼"}
.leaderboard th[aria-sort=ascending] button::after {content: " ▲"}
.leaderboard tfoot td {border-top: 1px solid currentColor}
"""

_SCRIPT = """
for (const table of document.querySelectorAll(".leaderboard table:not([data-sorts])")) {
  table.dataset.sorts = "yes";
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const order = (a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const numbers = !isNaN(x) && !isNaN(y);
        const sign = numbers ? x - y : x.localeCompare(y);
        return down ? -sign : sign;
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
    });
  });
}
"""


def leaderboard_html(table: pd.DataFrame) -> str:
    """The table as a fragment of HTML that loads nothing, with the remarks in a list below.

    Parameters
    ----------
    table : DataFrame
        As `scores.leaderboard` gives it.
    """
    noise = table.attrs.get("noise", {})
    columns = [column for column in table.columns if column != "remarks"]
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in ["row", *columns])
    rows = []
    for name, line in table.iterrows():
        cells = "".join(_cell(line[column], column) for column in columns)
        rows.append(
            f'<tr class="{escape(str(line["kind"]))}"><td>{escape(str(name))}</td>{cells}</tr>'
        )
    foot = "".join(f"<td>±{noise[c]:.3f}</td>" if c in noise else "<td></td>" for c in columns)
    remarks = "".join(
        f"<li>{escape(f'{name}: {text}')}</li>\n" for name, text in table.remarks.items() if text
    )
    return (
        f"<style>{_STYLE}</style>\n"
        '<div class="leaderboard" role="region" aria-label="Leaderboard" tabindex="0"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>\n"
        f"<tfoot><tr><td>noise level</td>{foot}</tr></tfoot>\n</table>\n"
        f"<ul>\n{remarks}</ul></div>\n<script>{_SCRIPT}</script>"
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
