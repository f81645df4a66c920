"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends without error.

    An interrupted or failed block leaves ``path`` as it was, and nothing half-written behind.

    Raises
    ------
    OSError
        If the folder cannot be made or written; the message names it.
    """
    path = Path(path)
    if not path.name or "\0" in path.name:
        raise OSError(f"path is {str(path)!r}; give the name of a file")
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; results are meant to be shared
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def make_folder(folder: str | Path) -> Path:
    """Make ``folder`` with its parents and see that files can be written to it.

    Raises
    ------
    OSError
        If it cannot be made or written to; the message names the folder and what to do.
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
    return folder
