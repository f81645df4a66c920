"""Files that are written whole or not at all, and tell when they are no longer what was written."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_SEAL = b"\nsha256 of all above: "
_SEAL_LENGTH = len(_SEAL) + 64

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
"""What the system says where a disk, a quota or a limit leaves no room."""


class DamagedError(ValueError):
    """A file is not what was written to it."""


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends without error.

    An interrupted or failed block leaves ``path`` as it was, and nothing half-written behind; what
    a killed process leaves is dropped by the next that writes ``path``. What took its place is on
    the disk, so that a loss of power does not undo it by half.

    Raises
    ------
    OSError
        If the folder cannot be made or written, or the disk is full; the message names it.
    """
    path = Path(path)
    if not path.name or "\0" in path.name:
        raise OSError(f"path is {str(path)!r}; give the name of a file")
    make_folder(path.parent)
    _tidy(path)
    prefix = f".{path.name}.{_HOST}-{os.getpid()}."
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; results are meant to be shared
        temporary.chmod(0o644)
        _to_disk(temporary)
        temporary.replace(path)
        _to_disk(path.parent)
    except (OSError, RuntimeError) as error:  # libraries give the system's error another type
        if getattr(error, "errno", None) not in _FULL and shutil.disk_usage(path.parent).free > 0:
            raise
        raise OSError(
            errno.ENOSPC,
            f"cannot write {path}, as its disk is full ({first_line(error)}); make room there",
        ) from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


_HOST = platform.node().partition(".")[0]


def _tidy(path: Path) -> None:
    """Drop what killed processes of this machine left half-written of a file."""
    if os.name != "posix":  # elsewhere there is no asking whether a process lives
        return
    for left in path.parent.glob(f".{glob.escape(path.name)}.{glob.escape(_HOST)}-*.*"):
        number = left.name.removeprefix(f".{path.name}.{_HOST}-").partition(".")[0]
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except (ValueError, PermissionError):  # no file of ours, or the process is another user's
            continue


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are where a loss of power leaves them."""
    if path.is_dir() and os.name != "posix":  # elsewhere folders cannot be opened
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that has no such thing
            raise
    finally:
        os.close(handle)


def make_folder(folder: str | Path, room: int = 0) -> Path:
    """Make ``folder`` with its parents and see that files can be written to it.

    Parameters
    ----------
    folder : path
    room : int
        Bytes that must be free there.

    Raises
    ------
    OSError
        If it cannot be made or written to, or there is less room; the message names the folder
        and what to do.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:  # the latter of a name with a zero byte
        raise OSError(
            f"cannot write to the folder {folder} ({getattr(error, 'strerror', None) or error}); "
            "choose another one, or change its permissions"
        ) from error
    free = shutil.disk_usage(folder).free
    if free < room:
        raise OSError(
            errno.ENOSPC,
            f"the folder {folder} needs {room / 1e6:,.0f} MB and its disk has {free / 1e6:,.0f} MB "
            "free; make room there, or choose another one",
        )
    return folder


def seal(path: str | Path) -> None:
    """Append a digest of a file's bytes to it, for `read_sealed`.

    Readers of netCDF and of zip archives pass over it.
    """
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    with Path(path).open("ab") as file:
        file.write(_SEAL + digest.encode())


def write_sealed(path: str | Path, content: bytes) -> None:
    """Write a sealed file, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
        seal(temporary)


def read_sealed(path: str | Path, required: bool = True) -> bytes:
    """The bytes of a file that `seal` closed, seen to be those of then; without the seal.

    Parameters
    ----------
    path : path
    required : bool
        Whether a file without a seal counts as damaged; else it is given as it is.

    Raises
    ------
    DamagedError
        If the bytes are other ones; the message names the file.
    OSError
        If the file cannot be read.
    """
    content = Path(path).read_bytes()
    body, found = content[:-_SEAL_LENGTH], content[-_SEAL_LENGTH:]
    if found.startswith(_SEAL):
        if hashlib.sha256(body).hexdigest().encode() == found[len(_SEAL) :]:
            return body
    elif not required:
        return content
    raise DamagedError(f"{path} is damaged or cut off: its bytes are not those that were written")


def first_line(error: Exception) -> str:
    """What an error says, without the advice that some readers add below."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def kept(path: str | Path, parse: Callable[[bytes], T], required: bool = True) -> T | None:
    """What is kept in a sealed file that can be made again, or None.

    Parameters
    ----------
    path : path
    parse : callable
        Gets the bytes; if it fails, the file counts as damaged.
    required : bool
        As in `read_sealed`.

    Returns
    -------
    What ``parse`` gave. None where there is no file, or where it is damaged: that is told on the
    standard error, and the file deleted.
    """
    path = Path(path)
    if not path.exists():
        return None
    content = None
    try:
        content = read_sealed(path, required)
        return parse(content)
    except Exception as error:  # parsers of damaged bytes raise anything
        if content is None and not isinstance(error, DamagedError):
            raise
        told = error if isinstance(error, DamagedError) else f"{path} is damaged ({error!r})"
        print(f"{told}; it is made again", file=sys.stderr)
        path.unlink()
        return None
