"""Memory: what is free, and the most that this process has held.

Linux tells in ``/proc``. psutil would tell the first elsewhere too, but knows no peak that can be
set back.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import torch

from ipae_lib.validation import Device

_PROCESS = Path("/proc/self")


def free(device: Device = "cpu") -> int | None:
    """Bytes that can still be had on a device, or None where the system does not tell."""
    device = torch.device(device or "cpu")
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return _field(Path("/proc/meminfo"), "MemAvailable")


def held() -> int | None:
    """Bytes that this process holds now, or None where the system does not tell."""
    return _field(_PROCESS / "status", "VmRSS")


def peak() -> int | None:
    """The most bytes that it has held since `reset_peak`, or ever; None as above."""
    return _field(_PROCESS / "status", "VmHWM")


def reset_peak() -> bool:
    """Count the peak from now on; whether the system allows it."""
    try:
        (_PROCESS / "clear_refs").write_text("5")
    except OSError:
        return False
    return True


def limit_growth(size: int) -> bool:
    """Let this process, and each that it starts, hold ``size`` bytes more than now.

    Beyond them, allocations fail: MemoryError, or what a library makes of it.

    Returns
    -------
    bool
        Whether the system can; Linux can.
    """
    held_as_data = _field(_PROCESS / "status", "VmData")
    if held_as_data is None:
        return False
    resource = import_module("resource")  # not on Windows
    most = held_as_data + size
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return True


def _field(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith(f"{name}:")]
    return 1024 * kilobytes[0] if kilobytes else None
