"""Compares the numbers of two versions of the chapters: what moved when code or prose was changed.

``python -m study numbers --against COMMIT`` reads the committed notebooks of then and of now.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import nbformat

from study.experiments.origin import ROOT

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


def shown_numbers(notebook: nbformat.NotebookNode) -> dict[str, Counter]:
    """Numbers in the outputs of a notebook, as texts; those glued under a name, by that name.

    Returns
    -------
    dict from name to Counter
        ``""`` stands for what was printed or shown in a table or a sentence.
    """
    found: dict[str, Counter] = {"": Counter()}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "nbval-ignore-output" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            name = output.get("metadata", {}).get("scrapbook", {}).get("name", "")
            data = output.get("data", {})
            text = output.get("text", "") or data.get("text/markdown", "")
            text = text or data.get("text/plain", "") or _glued(data)
            if "Figure size" not in text:
                found.setdefault(name, Counter()).update(_numbers(text))
    return found


def _glued(data: dict) -> str:
    return next((str(v) for k, v in data.items() if k.endswith("text/plain")), "")


def _numbers(text: str) -> Iterable[str]:
    for number in _NUMBER.findall(text):
        yield number.replace("−", "-").replace(",", "")


def missing(old: Counter, new: Counter) -> list[str]:
    """Numbers that have no equal in the other, to the digits of the coarser of the two."""
    have = [(float(n), _digits(n)) for n in new]
    return sorted(
        (n for n in old if not any(_same(float(n), _digits(n), *other) for other in have)),
        key=float,
    )


def _digits(number: str) -> int:
    return len(number.partition(".")[2])


def _same(a: float, a_digits: int, b: float, b_digits: int) -> bool:
    unit = 10.0 ** -min(a_digits, b_digits)
    return abs(a - b) <= 0.5001 * unit if a_digits != b_digits else a == b


def compare(commit: str, chapters: Iterable[Path]) -> str:
    """What each chapter showed then and does not show now, and the other way round.

    Parameters
    ----------
    commit : str
        A commit, tag or branch: the other version.
    chapters : iterable of path
        Notebooks of this checkout.

    Raises
    ------
    ValueError
        If there is no such commit.
    """
    known = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
        capture_output=True,
        check=False,
    )
    if known.returncode:
        raise ValueError(f"there is no commit {commit!r}; git log lists those there are")
    lines = []
    for path in chapters:
        then = subprocess.run(
            ["git", "-C", str(ROOT), "show", f"{commit}:{path.relative_to(ROOT).as_posix()}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if then.returncode:
            lines.append(f"{path.stem}: not there in {commit}")
            continue
        old = shown_numbers(nbformat.reads(then.stdout, as_version=4))
        new = shown_numbers(nbformat.read(path, as_version=4))
        before, now = (sum(each.values(), Counter()) for each in (old, new))
        gone, come = missing(before, now), missing(now, before)
        lines.append(
            f"{path.stem}: {len(before)} numbers then, {len(now)} now; "
            f"{len(gone)} gone, {len(come)} new"
        )
        for number in gone:
            names = [name or "shown" for name in old if number in old[name]]
            lines.append(f"  gone: {number:>12}  {', '.join(names)}")
        lines += [f"  new:  {number:>12}" for number in come]
    return "\n".join(lines)
