"""Which criteria are frozen, and whether a run was made after they were.

A criterion that was chosen when its data had been seen proves little. So the criteria on trained
networks stand in files of their own, and history tells whether a run came after their last change.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from study.experiments import ROOT

FROZEN = ("study/claims/criteria", "study/trajectories.py")
"""Files and folders of the checkout, from which all criteria on trained networks follow."""


@dataclass(frozen=True)
class Change:
    """A commit, its date as ISO 8601 has it, and its subject."""

    commit: str
    date: str
    subject: str


def last_change(paths: tuple[str, ...] = FROZEN, root: Path = ROOT) -> Change:
    """The commit that last changed what is frozen.

    Raises
    ------
    ValueError
        If there is no history, or the files differ from it.
    """
    if changed := _git(root, "status", "--porcelain", "--", *paths):
        raise ValueError(f"{root} has uncommitted changes of frozen files, {changed}; undo them")
    found = _git(root, "log", "-1", "--format=%H%x09%aI%x09%s", "--", *paths)
    if not found:
        raise ValueError(f"{root} has no history of {', '.join(paths)}; use a clone with history")
    return Change(*found.split("\t", 2))


def made_after(commit: str, change: str, root: Path = ROOT) -> bool:
    """Whether a commit has a change among its ancestors, or is that change.

    Parameters
    ----------
    commit : str
        Of a run, its attribute ``commit``.
    change : str
        Of the criteria, as `last_change` gives it.

    Raises
    ------
    ValueError
        If one of the two is not in the history.
    """
    for name in (commit, change):
        if _run(root, "cat-file", "-e", f"{name}^{{commit}}").returncode:
            raise ValueError(f"{name} is no commit of {root}; use a clone with its whole history")
    return _run(root, "merge-base", "--is-ancestor", change, commit).returncode == 0


def _git(root: Path, *arguments: str) -> str:
    done = _run(root, *arguments)
    return done.stdout.strip() if done.returncode == 0 else ""


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
