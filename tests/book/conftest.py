"""Fixtures of the checks of the built book."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """Folder of the built book: what IPAE_HTML names, else a strict build made here."""
    named = os.environ.get("IPAE_HTML")
    if named:
        folder = Path(named).resolve()
    else:
        output = tmp_path_factory.mktemp("book")
        jupyter_book = shutil.which("jupyter-book", path=Path(sys.executable).parent)
        assert jupyter_book, "jupyter-book is not installed: pip install -r requirements.txt"
        build = [jupyter_book, "build", ROOT / "book", "--path-output", output]
        build += ["-W", "-n", "--keep-going", "--all"]
        done = subprocess.run(build, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        folder = output / "_build" / "html"
    assert (folder / "index.html").exists(), f"{folder} holds no built book: run make html"
    return folder
