"""Kills programs at random points: nothing of them is left, and the next call gives the same.

On Linux, where what is running can be asked of ``/proc``.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count as counting
from pathlib import Path

import numpy as np
import pandas as pd

from study.experiments import results
from study.trials import victims

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_MARK = "IPAE_TRIAL"
_PATIENCE = 10
"""Seconds that processes may outlive their head."""
_TOGETHER = 4
"""In one of so many trials, two programs work at the same and one is killed."""


@dataclass(frozen=True)
class Kill:
    """One trial.

    Parameters
    ----------
    kind : str
        Of the program, see `victims`.
    number : Signals
    together : bool
        Whether another one worked at the same.
    effective : bool
        Whether it was killed before its end.
    left : int
        Processes that outlived it by more than 10 s.
    completed, same : bool
        Whether the next call came to its end, with the same digest as without a kill; where two
        worked together, the other one as well.
    half : int
        Half-written files after that.
    """

    kind: str
    number: signal.Signals
    together: bool
    effective: bool
    left: int
    completed: bool
    same: bool
    half: int


def kill(
    wanted: int,
    kinds: Sequence[str] = tuple(victims.KINDS),
    seed: int = 0,
    tell: Callable[[Kill], object] = lambda _: None,
) -> list[Kill]:
    """Kill programs until so many kills were effective.

    Parameters
    ----------
    wanted : int
        Effective kills.
    kinds : sequence of str
        Keys of `victims.KINDS`, in turns.
    seed : int
        Of the points.
    tell : callable
        Gets each trial when it is over.

    Raises
    ------
    OSError
        If the system is not Linux, or a program fails that was not killed.
    """
    if sys.platform != "linux":
        raise OSError("the trial of kills asks /proc what is running; it needs Linux")
    random = np.random.default_rng(seed)
    undisturbed = {kind: _undisturbed(kind) for kind in kinds}
    done: list[Kill] = []
    for number in counting():
        if sum(one.effective for one in done) >= wanted or number >= 3 * wanted + 3:
            return done
        kind = kinds[number % len(kinds)]
        # another signal each time that a kind has its turn
        chosen = SIGNALS[(number // len(kinds) + number) % len(SIGNALS)]
        together = number % (_TOGETHER * len(kinds)) // len(kinds) == _TOGETHER - 1
        digest, seconds = undisturbed[kind]
        point = 0.8 * seconds * random.uniform()  # the first one to work is the slowest
        done.append(_kill(kind, chosen, together, point, digest))
        tell(done[-1])
    return done


def table(done: Sequence[Kill]) -> pd.DataFrame:
    """Trials by program and signal, with sums."""
    each = pd.DataFrame([vars(one) | {"signal": one.number.name} for one in done])
    each["not completed"], each["other result"] = ~each.completed, ~each.same
    each = each.rename(columns={"left": "processes left", "half": "half-written files"})
    columns = ["effective", "together", *FAULTS]
    return each.pivot_table(
        columns, ["kind", "signal"], aggfunc="sum", margins=True, margins_name="all", sort=False
    )[columns].astype(int)


FAULTS = ("processes left", "not completed", "other result", "half-written files")
"""Columns of `table` that are to be 0."""


def _undisturbed(kind: str) -> tuple[str, float]:
    """The digest of a program that is not killed, and the seconds that it works."""
    with _folder() as folder:
        head = _Head(kind, folder)
        started = time.perf_counter()
        digest = head.finished()
        if digest is None:
            raise OSError(f"the program {kind!r} fails without being killed: {head.errors()}")
        return digest, time.perf_counter() - started


def _kill(kind: str, number: signal.Signals, together: bool, point: float, digest: str) -> Kill:
    with _folder() as folder:
        head = _Head(kind, folder)
        other = _Head(kind, folder) if together else None
        time.sleep(point)
        head.process.send_signal(number)
        effective = head.finished() is None
        left = head.left()
        digests = [other.finished()] if other else []
        digests.append(_Head(kind, folder).finished())
        half = sum(path.name.startswith(".") for path in folder.rglob("*"))
    return Kill(
        kind,
        number,
        together,
        effective,
        left,
        completed=None not in digests,
        same=set(digests) == {digest},
        half=half,
    )


class _Head:
    """A program, and all that it starts: they bear its mark in their environment."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.mark = secrets.token_hex(8)
        self.log = folder / f"{self.mark}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", victims.__name__, kind, str(folder)],
                env=os.environ | {_MARK: self.mark},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        self.process.stdout.readline()  # begun

    def finished(self) -> str | None:
        """The digest of what came of it; None where it was killed or failed."""
        told, _ = self.process.communicate()
        return told.strip() if self.process.returncode == 0 else None

    def errors(self) -> str:
        """The end of what it wrote to the standard error."""
        return self.log.read_text(errors="replace")[-2000:]

    def left(self) -> int:
        """Processes that outlive it, which are ended then."""
        until = time.monotonic() + _PATIENCE
        while (left := list(self._running())) and time.monotonic() < until:
            time.sleep(0.05)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(left)

    def _running(self) -> Iterator[int]:
        mark = f"{_MARK}={self.mark}".encode()
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in path.read_bytes():
                    yield int(path.parent.name)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
        for run in victims.sweep_runs(Path(name)):  # they keep what is unfinished elsewhere
            unfinished = results._unfinished(run)
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.with_name(f"{unfinished.name}.lock").unlink(missing_ok=True)
