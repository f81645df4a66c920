"""The process in which one estimator answers, so that it can be timed, measured and stopped."""

from __future__ import annotations

import math
import os
import pickle
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ipae_lib import memory
from ipae_lib.arguments import AnyFloat
from ipae_lib.benchmark.channel import Channel, ChannelError
from ipae_lib.benchmark.keeper import keep
from ipae_lib.estimate import Estimate
from ipae_lib.estimators.base import EntropyEstimator, KnownNoiseEstimator, PreparedVariable

Arrays = Sequence[tuple[np.ndarray, np.ndarray, np.ndarray | None, float, str | None, str | None]]
"""Of each pair x, y, what y is without noise, the noise, and the names of x and y."""

NO_NOISE_KNOWN = "not asked: no noise is known"
"""The answer of an estimator for known noise, where there is none: no failure."""

TOO_MANY = "not asked: more samples than it is given"
"""The answer of a row beyond the samples that it can take at a reasonable cost: no failure."""

TOO_WIDE = "not asked: more dimensions than it is given"
"""The answer of a row beyond the dimensions that it was made for: no failure."""

NOT_ASKED = (NO_NOISE_KNOWN, TOO_MANY, TOO_WIDE)

_NOT_ASKED = object()


@dataclass(frozen=True)
class Answer:
    """What came back: bits, or why there are none, and the seconds of processor time it took.

    ``error_bar`` is half the width of the interval that an `Estimate` tells, in bits.
    """

    bits: AnyFloat
    failure: str
    seconds: float
    error_bar: float | None = None


def work(channel: Channel, payload: bytes, allowance: int | None) -> None:
    """Serve under a keeper; the target of the benchmark's processes.

    Parameters
    ----------
    channel, payload
        As of `serve`.
    allowance : int, optional
        Bytes that each process of the estimator may hold beyond what it begins with.
    """

    def begin() -> None:
        if allowance is not None:
            memory.limit_growth(allowance)
        serve(channel, payload)

    keep(begin, channel.socket)


def serve(channel: Channel, payload: bytes) -> None:
    """Answer the problems that come through ``channel`` until it is closed.

    "started" is told first, and "ready" when the estimator is loaded. A problem is its pairs, the
    position of the first question still open, and a seed. Each answer is told as soon as it is
    there, with its position; the peak of memory follows the last, in MB above that of the idle
    process, or 0 where the system does not tell.
    """
    torch.set_num_threads(1)
    channel.tell("started")
    try:
        estimator, broken = pickle.loads(payload), ""
    except BaseException as error:  # whatever a guest raises
        estimator, broken = None, f"could not be loaded: {_told(error)}"
    channel.tell("ready")
    with suppress(EOFError, OSError):  # nobody listens any more
        while True:
            arrays, start, seed = pickle.loads(channel.receive())
            pairs = _as_tensors(arrays)
            ask = _asker(estimator)
            idle = memory.held() if memory.reset_peak() else None
            for position in range(start, len(pairs)):
                # random estimators give the same numbers each time, and others to each question
                torch.manual_seed(seed + position)
                np.random.seed((seed + position) % 2**32)  # noqa: NPY002 strangers use the old state
                answer = _answer(ask, pairs[position], broken)
                channel.tell({"position": position} | asdict(answer))
            peak = memory.peak()
            more = 0 if idle is None or peak is None else max(peak - idle, 0)
            channel.tell(more / 2**20)


def answer_in(message: Any, position: int) -> Answer:
    """The answer to the question at ``position``, if that is what a message holds.

    Raises
    ------
    ChannelError
        If it is not.
    """
    match message:
        case {
            "position": int(asked),
            "bits": float(bits),
            "failure": str(failure),
            "seconds": float(seconds),
            "error_bar": float() | None as bar,
        } if asked == position and seconds >= 0 and (bool(failure) or math.isfinite(bits)):
            if failure:
                return Answer(math.nan, printable(failure), seconds)
            if bar is None or 0 <= bar < math.inf:
                return Answer(bits, "", seconds, bar)
    raise ChannelError


def _answer(ask: Any, pair: tuple, broken: str) -> Answer:
    if broken:
        return Answer(np.nan, broken, 0.0)
    started, own = time.process_time(), os.getpid()
    try:
        value = ask(*pair)
        if value is _NOT_ASKED:
            return Answer(np.nan, NO_NOISE_KNOWN, 0.0)
        bits, bar = one_number(value), error_bar(value)
        answer = Answer(bits, "", time.process_time() - started, bar)
    except BaseException as error:  # whatever a guest raises
        answer = Answer(np.nan, _told(error), time.process_time() - started)
    if os.getpid() != own:  # a fork that came back from the estimator, too
        os._exit(0)
    return answer


def one_number(value: Any) -> float:
    """What an estimator gave as a finite float; ValueError says what it gave instead."""
    if isinstance(value, Estimate):
        value = value.value
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "fiub":
        raise ValueError(f"gave {array.dtype} of shape {array.shape}, not one number")
    bits = float(array.reshape(()))
    if not np.isfinite(bits):
        raise ValueError(f"gave {bits}")
    return bits


def error_bar(value: Any) -> float | None:
    """Half the width of the interval that an `Estimate` tells; nothing else tells one.

    Raises
    ------
    ValueError
        If one of its errors is no finite number of at least 0.
    """
    if not isinstance(value, Estimate):
        return None
    for name in ("standard_error", "quadrature_error"):
        error = getattr(value, name)
        try:
            wrong = one_number(error) < 0
        except ValueError:
            wrong = True
        if wrong:
            raise ValueError(
                f"gave an Estimate whose {name} is {error!r}; give bits, finite and at least 0"
            )
    return float(value.error_bar)


def _told(error: BaseException) -> str:
    try:
        return printable(f"{type(error).__name__}: {str(error) or 'no message'}")
    except BaseException:
        return "raised what cannot be printed"


def printable(text: str) -> str:
    """A text in one line, at most 300 characters that any file and terminal takes."""
    line = " ".join(text[:1000].split())[:300]
    return "".join(x if x.isprintable() else "\N{REPLACEMENT CHARACTER}" for x in line)


def _as_tensors(arrays: Arrays) -> list[tuple]:
    # pairs share variables, and go on sharing them as tensors
    known: dict[int, Tensor | None] = {id(None): None}
    for array in (array for pair in arrays for array in pair[:3]):
        if id(array) not in known:
            known[id(array)] = torch.from_numpy(array)
    return [(*(known[id(array)] for array in pair[:3]), *pair[3:]) for pair in arrays]


def _asker(estimator: Any) -> Any:
    """``ask(x, y, clean, s, x_name, y_name)``.

    Estimators for known noise get the clean variable, and are not asked where there is none.
    Those with entropies take each of them once a problem.
    """
    if isinstance(estimator, KnownNoiseEstimator):
        return lambda x, _y, t, s, *_: _NOT_ASKED if t is None else estimator.through_noise(x, t, s)
    if not isinstance(estimator, EntropyEstimator):
        return lambda x, y, *_: estimator(x, y)
    known: dict[tuple[int, str | None], PreparedVariable] = {}

    def prepared(x: Tensor, name: str | None) -> PreparedVariable:
        if (id(x), name) not in known:
            known[id(x), name] = PreparedVariable(estimator, x, name)
        return known[id(x), name]

    return lambda x, y, _t, _s, x_name, y_name: prepared(x, x_name).information_with(
        prepared(y, y_name)
    )
