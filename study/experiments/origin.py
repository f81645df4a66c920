"""Where and with what a result is made: commit, versions, machine, date."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch
import xarray as xr

from ipae_lib.identity import code_identity, import_closure

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

_DECISIVE = import_closure("study.experiments.results").values()
"""The modules that, with a configuration, decide what a run gives."""

CODE = code_identity("study.experiments.results")
"""Tells this very code from any other."""


def provenance(device: str = "cpu") -> dict[str, str]:
    """Where and with what a result is made: versions, device, date, commit."""
    packages = ("ipae-lib", "numpy", "torch", "torchvision", "xarray")
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    return {
        "versions": json.dumps(versions),
        "device": _device_name(device),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "uncommitted_changes": _uncommitted_changes(),
        "code": CODE,
    }


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


def _uncommitted_changes() -> str:
    if not _git("rev-parse", "HEAD"):
        return "unknown"
    return str(bool(_git("status", "--porcelain", "--", *map(str, _DECISIVE))))


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
