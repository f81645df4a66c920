"""Where torch can compute."""

from __future__ import annotations

import torch


def check_device(device: str) -> str:
    """A device that torch can use here, or ValueError."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device is {device!r}, which torch cannot use here ({reason}); give 'cpu', or install "
            "torch for your GPU"
        ) from error
    return device
