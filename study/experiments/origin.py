"""Where and with what a result is made: commit, versions, machine, date."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import xarray as xr

from ipae_lib.identity import code_identity, import_closure
from study.experiments.configurations import SETS

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

_RUN = "study.experiments.results"
"""With what it imports, and a configuration, it decides what a run gives."""

CODE = code_identity(_RUN)
"""Tells the very code of a run from any other."""

PROVENANCE = (
    "versions", "device", "date", "commit", "uncommitted_changes", "code",
    "configuration", "seed", "command", "seconds",
)  # fmt: skip
"""Attributes of every stored result."""


def provenance(device: str = "cpu", module: str = _RUN) -> dict[str, str]:
    """Where and with what a result is made: versions, device, date, commit.

    Parameters
    ----------
    device : str
        "cpu" or "cuda".
    module : str
        The module that makes it, such as "study.large". With what it imports it is the code that
        the result depends on.
    """
    packages = ("ipae-lib", "numpy", "torch", "torchvision", "xarray")
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    return {
        "versions": json.dumps(versions),
        "device": _device_name(device),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "uncommitted_changes": _uncommitted_changes(module),
        "code": CODE if module == _RUN else code_identity(module),
    }


def check_provenance(result: xr.Dataset, where: object) -> None:
    """See that a result tells where it comes from.

    Parameters
    ----------
    result : Dataset
    where : path
        Named in the error.

    Raises
    ------
    ValueError
        If one of `PROVENANCE` is missing or cannot be read.
    """
    missing = [name for name in PROVENANCE if name not in result.attrs]
    if missing:
        wrong = f"it lacks {', '.join(missing)}"
    elif not _can_be_read(result.attrs):
        wrong = "its configuration, versions or seconds are damaged"
    else:
        return
    raise ValueError(f"{where} does not tell where it comes from ({wrong}); {remedy(where)}")


def remedy(where: object) -> str:
    """What to do about a stored result that cannot be used: the command that makes it again."""
    path = Path(str(where))
    profile = path.stem.partition("-")[0]
    if profile in SETS:
        live = " --live" if path.parent == ROOT / "_build" / "results" else ""
        verb = f"experiments run --profile {profile}{live}"
    elif path.parent.name == "large":
        verb = "large run"
    else:
        return "delete it to have it made again"
    return f"delete it and run: python -m study {verb} --only {path.stem}"


def _can_be_read(attributes: Mapping[str, Any]) -> bool:
    try:
        int(attributes["seconds"])
        json.loads(attributes["versions"])["torch"]
        return isinstance(json.loads(attributes["configuration"])["name"], str)
    except (ValueError, TypeError, KeyError):
        return False


def footer(*results: xr.Dataset) -> str:
    """Provenance of a chapter, as text: where it ran, and where its stored results come from."""
    here = provenance()
    versions = ", ".join(f"{name} {v}" for name, v in json.loads(here["versions"]).items())
    lines = [f"Computed with {versions}", f"on {here['device']}; source {here['commit'][:10]}."]
    for result in results:
        a = result.attrs
        name = json.loads(a["configuration"])["name"]
        changed = " with uncommitted changes" if a["uncommitted_changes"] == "True" else ""
        lines.append(
            f"{name}: made {a['date'][:10]} from {a['commit'][:10]}{changed} with torch "
            f"{json.loads(a['versions'])['torch']} on {a['device']}, seed {a['seed']}, "
            f"{int(a['seconds'])} s; again by: {a['command']}"
        )
    return "\n".join(lines)


def _uncommitted_changes(module: str) -> str:
    if not _git("rev-parse", "HEAD"):
        return "unknown"
    decisive = map(str, import_closure(module).values())
    return str(bool(_git("status", "--porcelain", "--", *decisive)))


def _version(package: str) -> str:
    try:
        return version(package)
    except ImportError:
        return "not installed"


def _device_name(device: str) -> str:
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        model = None
    name = model.group(1) if model else platform.processor() or platform.machine()
    return f"CPU, {name}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
