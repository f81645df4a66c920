"""What the markup of all pictures has in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import xarray as xr

from ipae_lib.layers import TEXT_LABELS
from ipae_lib.validation import ArrayLike
from study.figures import LAYER_COLORS


def picture(kind: str, numbers: Mapping[str, Any], inside: str) -> str:
    """The markup of a picture.

    Parameters
    ----------
    kind : str
        The class by which its script finds it.
    numbers : mapping
        What the script draws. They stand in an attribute, as other places show the text within an
        element that they do not know.
    inside : str
        Markup of what there is without the script.
    """
    text = json.dumps(numbers, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # of quotes there are many, and of apostrophes few
    attribute = escape(text, quote=False).replace("'", "&#x27;")
    return f"<div class=\"picture {kind}\" data-numbers='{attribute}'>\n{inside}\n</div>\n"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, whose first column names the rows."""
    columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    return (
        f'<table class="table picture-table">\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>"
    )


def layer_looks(layers: Iterable[str]) -> dict[str, list[str]]:
    """Label and colour of each layer."""
    return {name: [TEXT_LABELS[name], LAYER_COLORS[name]] for name in layers}


def rounded(values: ArrayLike | xr.DataArray | Sequence[float], digits: int) -> list:
    """Numbers as lists, with so many decimals; None where there is none, and whole without any."""
    numbers = np.round(np.asarray(values, dtype=float), digits) + 0.0  # no −0
    known = np.isfinite(numbers)
    found = np.full(numbers.shape, None, dtype=object)
    found[known] = numbers[known].astype(float if digits else int)
    return found.tolist()
