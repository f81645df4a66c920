"""Many small tasks side by side, each on one thread.

Threads that share one small matrix spend their time waiting for each other. The caller's settings
are left as they were, also after a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import TypeVar

import scipy.linalg  # noqa: F401  the controller knows what is loaded before it is made
import torch
from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


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
    with _one_blas_thread():
        if threads == 1 or len(items) < 2:
            return [task(item) for item in items]
        try:
            with ThreadPoolExecutor(min(threads, len(items)), initializer=_one_thread) as pool:
                return list(pool.map(task, items))
        finally:
            # a worker's count is also the default of threads made later
            torch.set_num_threads(threads)


def _one_thread() -> None:
    """The settings of a worker, which end with it."""
    torch.set_num_threads(1)
    _one_blas_thread()


def _one_blas_thread() -> AbstractContextManager:
    """One thread for the BLAS of numpy and scipy, from now to the end of the context.

    In some of these libraries that is the calling thread's own setting, in others the process's;
    there it is the first caller's to change and to restore.
    """
    return _controller().limit(limits=1, user_api="blas")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
