"""What commands on stored results tell: where one comes from, and whether it can be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import xarray as xr

from study import experiments


def tell_stored(path: Path, load: Callable[[Path], xr.Dataset] = experiments.load) -> None:
    """Print where a stored result comes from, or that it is missing."""
    if not path.exists():
        print(f"{path.stem}: missing")
        return
    result = load(path)
    print(f"{experiments.footer(result).splitlines()[-1]}; {experiments.digest_told(result)}")


def tell_verified(verdicts: Iterable[tuple[str, bool, str]]) -> None:
    """Print of each stored result whether it is as a fresh computation has it.

    Parameters
    ----------
    verdicts : iterable of (name, whether it is, by how much it differs)

    Raises
    ------
    ValueError
        In the end, if one differs.
    """
    differing = []
    for name, is_same, told in verdicts:
        print(f"{name}: {'as stored' if is_same else 'DIFFERS'}, {told}")
        if not is_same:
            differing.append(name)
    if differing:
        raise ValueError(f"{differing} differ from a fresh computation")
