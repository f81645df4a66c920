"""The process in which one estimator answers, so that it can be timed, measured and stopped."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ipae_lib import memory
from ipae_lib.arguments import AnyFloat
from ipae_lib.estimators.base import EntropyEstimator, PreparedVariable

Arrays = Sequence[tuple[np.ndarray, np.ndarray, str | None, str | None]]


@dataclass(frozen=True)
class Answer:
    """What came back: bits, or why there are none, and the seconds of processor time it took."""

    bits: AnyFloat
    failure: str
    seconds: float


def serve(connection: Connection, payload: bytes) -> None:
    """Answer the problems that come through ``connection`` until None comes.

    "started" is sent first, and "ready" when the estimator is loaded. A problem is its pairs, the
    position of the first question still open, and a seed. Each answer is sent as soon as it is
    there; the peak of memory follows the last, in MB above that of the idle process, or 0 where
    the system does not tell.
    """
    torch.set_num_threads(1)
    connection.send("started")
    try:
        estimator, broken = pickle.loads(payload), ""
    except Exception as error:
        estimator, broken = None, f"could not be loaded: {_told(error)}"
    connection.send("ready")
    while (message := connection.recv()) is not None:
        arrays, start, seed = message
        pairs = _as_tensors(arrays)
        ask = _asker(estimator)
        idle = memory.held() if memory.reset_peak() else None
        for position in range(start, len(pairs)):
            # random estimators give the same numbers each time, and others to each question
            torch.manual_seed(seed + position)
            np.random.seed((seed + position) % 2**32)  # noqa: NPY002 strangers use the old state
            connection.send(_answer(ask, pairs[position], broken))
        peak = memory.peak()
        more = 0 if idle is None or peak is None else max(peak - idle, 0)
        connection.send(more / 2**20)


def _answer(ask: Any, pair: tuple, broken: str) -> Answer:
    if broken:
        return Answer(np.nan, broken, 0.0)
    started = time.process_time()
    try:
        bits = one_number(ask(*pair))
    except Exception as error:
        return Answer(np.nan, _told(error), time.process_time() - started)
    return Answer(bits, "", time.process_time() - started)


def one_number(value: Any) -> float:
    """What an estimator gave as a finite float; ValueError says what it gave instead."""
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "fiub":
        raise ValueError(f"gave {array.dtype} of shape {array.shape}, not one number")
    bits = float(array.reshape(()))
    if not np.isfinite(bits):
        raise ValueError(f"gave {bits}")
    return bits


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error) or 'no message'}"[:300]


def _as_tensors(arrays: Arrays) -> list[tuple[Tensor, Tensor, str | None, str | None]]:
    # pairs share variables, and go on sharing them as tensors
    known: dict[int, Tensor] = {}
    for a, b, _, _ in arrays:
        for array in (a, b):
            if id(array) not in known:
                known[id(array)] = torch.from_numpy(array)
    return [(known[id(a)], known[id(b)], a_name, b_name) for a, b, a_name, b_name in arrays]


def _asker(estimator: Any) -> Any:
    """``ask(x, y, x_name, y_name)``; estimators with entropies take each of them once a problem."""
    if not isinstance(estimator, EntropyEstimator):
        return lambda x, y, _x_name, _y_name: estimator(x, y)
    known: dict[tuple[int, str | None], PreparedVariable] = {}

    def prepared(x: Tensor, name: str | None) -> PreparedVariable:
        if (id(x), name) not in known:
            known[id(x), name] = PreparedVariable(estimator, x, name)
        return known[id(x), name]

    return lambda x, y, x_name, y_name: prepared(x, x_name).information_with(prepared(y, y_name))
