"""Processes that work for this one, and end when it ends, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from ipae_lib.files import make_folder

_POSIX = os.name == "posix"
_STOP_SECONDS = 30


def start(work: Callable[..., None], *arguments: object) -> tuple[Connection, BaseProcess]:
    """Start ``work(*arguments, events)`` in a process of its own; it has to call `begin` first.

    Call this in a block of `ctrl_c_waits`.

    Returns
    -------
    (Connection, BaseProcess)
        What is sent over ``events`` arrives at the connection; EOFError there tells that the
        process has ended.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(*arguments, sender), daemon=True)
    process.start()
    sender.close()
    return receiver, process


def begin(end: Callable[[], object]) -> None:
    """In a process of `start`: leave Ctrl-C to the parent, and call ``end`` when that has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _POSIX:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        end()

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C takes effect at the end of the block, and never in a process started in it.

    It reaches the whole process group, of which the parent alone is to act, in `stop`.
    """
    received = []
    handler = signal.signal(signal.SIGINT, lambda *_: received.append(True))
    if _POSIX:
        resource_tracker.ensure_running()  # its start would end the blocking
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if _POSIX:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, handler)
    if received and callable(handler):
        handler(signal.SIGINT, None)


def stop(processes: Sequence[BaseProcess]) -> None:
    """End processes: asked first, and made to where they do not within some seconds."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


def exit_on_signal(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """A handler of SIGTERM after which processes are stopped and temporary files removed."""
    raise SystemExit(128 + number)


class BusyError(OSError):
    """Another process is making this."""


@contextmanager
def alone(place: Path, what: str, wait: bool = True) -> Iterator[None]:
    """Hold what only one process may make; the system frees what a process held that has ended.

    Parameters
    ----------
    place : path
        The lock is a file of this name with ``.lock``.
    what : str
        How to call it.
    wait : bool
        For another process that holds it.

    Raises
    ------
    BusyError
        If another process holds it, and is not to be waited for.
    """
    lock = FileLock(make_folder(place.parent) / f"{place.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        told = f"{what} is being made by another process"
        if not wait:
            raise BusyError(told) from None
        print(f"{told}; waiting for it", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
