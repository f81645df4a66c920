"""Keeps the process of a guest: when that ends, or is to end, all that it has started ends too.

The keeper is a process that runs nothing of the guest's, and so is never stopped by it. On Linux
it inherits whatever the guest's processes leave behind, even in sessions of their own; on other
POSIX systems it ends the guest's process group. Elsewhere the guest has no keeper. A guest that
kills its keeper on purpose ends with it; what it had started before stays.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_END_WITH_PARENT, _INHERIT = 1, 36
"""PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER of Linux."""


def keep(serve: Callable[[], None], own: socket.socket) -> None:
    """Call ``serve`` in a process below this one, and end with all that comes of it.

    Parameters
    ----------
    serve : callable
        What the guest's process does.
    own : socket
        That process alone holds it, and nothing else of what was open here.
    """
    if os.name != "posix":
        serve()
        return
    os.setsid()  # Ctrl-C is for those who called
    _ask(_INHERIT, 1)
    keeper, guest = os.getpid(), os.fork()
    if guest == 0:
        _begin(serve, own, keeper)
    # no exception: it could come while all is being ended, and leave the rest
    signal.signal(signal.SIGTERM, lambda *_: _end(guest))
    own.close()
    threading.Thread(target=_end_with_parent, args=(guest,), daemon=True).start()
    _, status = os.waitpid(guest, 0)
    code = os.waitstatus_to_exitcode(status)
    _end_all(guest)
    if code < 0:  # as the guest was ended
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    sys.exit(code)


def _begin(serve: Callable[[], None], own: socket.socket, keeper: int) -> None:
    """The guest's process, from its fork to its end."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _ask(_END_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == keeper:
            os.dup2(2, 1)  # the standard output is for the table
            _let_go_all_but(own)
            serve()
            code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _let_go_all_but(own: socket.socket) -> None:
    """Point what was open here at nothing, such as the pipes by which processes are started."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/dev/fd"):  # noqa: PTH208  numbers, not files
        if int(name) > 2 and int(name) not in (own.fileno(), nothing):
            with suppress(OSError):  # the list itself is closed by now
                os.fstat(int(name))
                os.dup2(nothing, int(name))
    os.close(nothing)


def _end_with_parent(guest: int) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _end(guest)


def _end(process: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)


def _end_all(guest: int) -> None:
    while True:
        for process in (-guest, *_children()):  # the first is its group
            _end(process)
        try:
            os.waitpid(-1, 0)  # what it has left behind is ours now
        except ChildProcessError:
            return


def _children() -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, _, after = path.read_text(errors="replace").rpartition(")")
            if int(after.split()[1]) == os.getpid():
                yield int(path.parent.name)


def _ask(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
