"""Many small tasks side by side, each on one thread.

Threads that share one small matrix spend their time waiting for each other. The caller's settings
are left as they were, also after a failure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

import scipy.linalg  # noqa: F401  the controller knows what is loaded before it is made
import torch
from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")

GLOBAL_GENERATOR = threading.Lock()
"""Held while torch's own generator is seeded for a while: threads share it."""


def in_threads(task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``[task(item) for item in items]``, as many at a time as torch has threads.

    Parameters
    ----------
    task : callable
        Called from several threads. In each, torch and BLAS use one thread alone. BLAS may do so
        in the whole process, for as long as this takes.
    items : iterable

    Returns
    -------
    list
        In the order of the items. The first failure is raised, and the rest is given up.
    """
    items = list(items)
    threads = torch.get_num_threads()
    with _OneBlasThread():
        if threads == 1 or len(items) < 2:
            return [task(item) for item in items]
        try:
            with ThreadPoolExecutor(min(threads, len(items)), initializer=_one_thread) as pool:
                return list(pool.map(task, items))
        finally:
            # a worker's count is also the default of threads made later
            torch.set_num_threads(threads)


def in_one_thread(task: Callable[[], Result]) -> Result:
    """``task()`` on one thread, so that it takes its sums in one order whatever torch is told."""
    threads = torch.get_num_threads()
    with _OneBlasThread():
        if threads == 1:
            return task()
        try:
            with ThreadPoolExecutor(1, initializer=_one_thread) as pool:
                return pool.submit(task).result()
        finally:
            torch.set_num_threads(threads)


def _one_thread() -> None:
    """The settings of a worker, which end with it."""
    torch.set_num_threads(1)
    for library in _libraries():
        library.set_num_threads(1)


class _OneBlasThread:
    """One thread for the BLAS of numpy and scipy, from now to the end of the context.

    In libraries that run on OpenMP that is the calling thread's own setting. In the others it is
    the process's: the first caller in changes it, and the last one out restores it.
    """

    _lock = threading.Lock()
    _inside = 0
    _of_process: tuple[int, ...] = ()

    def __enter__(self) -> None:
        with self._lock:
            self.own = tuple(library.num_threads for library in _libraries())
            if not _OneBlasThread._inside:
                _OneBlasThread._of_process = self.own
            _OneBlasThread._inside += 1
            for library in _libraries():
                library.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            _OneBlasThread._inside -= 1
            before = zip(_libraries(), self.own, self._of_process, strict=True)
            for library, own, of_process in before:
                if library.info().get("threading_layer") == "openmp":
                    library.set_num_threads(own)
                elif not self._inside:
                    library.set_num_threads(of_process)


@cache
def _libraries() -> list[Any]:
    controller = ThreadpoolController()
    return [one for one in controller.lib_controllers if one.user_api == "blas"]
