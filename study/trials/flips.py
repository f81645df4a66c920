"""Flips single bits of stored results: each must be told, or leave what is read as it was."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import xarray as xr

from study import experiments

OUTCOMES = ("told", "harmless", "escaped", "altered")
"""One clear error; the same values; another error than that; other values, in silence."""


def flip_bits(paths: Iterable[Path], flips: int, seed: int = 0) -> Counter[str]:
    """Flip single bits, each in a fresh copy of a stored result, and read it.

    Parameters
    ----------
    paths : iterable of path
        Stored results; their copies are saved anew, with a digest.
    flips : int
        Of each file, at places drawn at random.
    seed : int
        Of the places.

    Returns
    -------
    Counter
        How often there was each of `OUTCOMES`.
    """
    random = np.random.default_rng(seed)
    outcomes: Counter[str] = Counter()
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.parent.name / path.name
            copy.parent.mkdir()
            experiments.save(experiments.load(path), copy)
            content, expected = copy.read_bytes(), experiments.load(copy)
            for place in random.integers(8 * len(content), size=flips):
                damaged = bytearray(content)
                damaged[place // 8] ^= 1 << place % 8
                copy.write_bytes(damaged)
                outcomes[_outcome(copy, expected)] += 1
    return outcomes


def _outcome(path: Path, expected: xr.Dataset) -> str:
    try:
        found = experiments.load(path)
    except ValueError as error:
        told = str(path) in str(error) and "delete it" in str(error)
        return "told" if told else "escaped"
    except Exception:
        return "escaped"
    return "harmless" if found.identical(expected) else "altered"
