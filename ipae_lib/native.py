"""Two things that neither scipy nor torch offers in public, each with a tested way without it.

LAPACK by its address leaves other threads running, where scipy's own functions hold them up; and
oneDNN multiplies single-precision matrices with the widest vector instructions that a processor
has, where torch leaves them to MKL.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from scipy.linalg import cython_lapack

onednn_linear: Callable[..., torch.Tensor] | None = getattr(
    torch.ops.mkldnn, "_linear_pointwise", None
)
"""x Wᵀ + b, or None where this torch does not have it."""


def call_lapack(name: str, *arguments: bytes | int | np.ndarray) -> int | None:
    """Call a LAPACK routine by its address.

    Parameters
    ----------
    name : str
        Such as ``"dsytrd"``.
    *arguments
        All but the last, in LAPACK's order; arrays are changed in place.

    Returns
    -------
    int or None
        Its ``info``; None where this scipy does not tell the address, and nothing was done.
    """
    routine = _routine(name, len(arguments) + 1)
    if routine is None:
        return None
    info = ctypes.c_int(0)
    held: list[Any] = [_argument(argument) for argument in arguments]
    addresses = [a.ctypes.data if isinstance(a, np.ndarray) else ctypes.addressof(a) for a in held]
    routine(*addresses, ctypes.addressof(info))
    return info.value


def _argument(value: bytes | int | np.ndarray) -> Any:
    if isinstance(value, np.ndarray):
        return value
    return ctypes.c_char(value) if isinstance(value, bytes) else ctypes.c_int(value)


@cache
def _routine(name: str, arguments: int) -> Callable[..., None] | None:
    capsule = getattr(cython_lapack, "__pyx_capi__", {}).get(name)
    if capsule is None:
        return None
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype = ctypes.c_void_p
    get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    signature = get_name(capsule)
    if signature.count(b"*") != arguments or b"int *" not in signature:
        return None
    address = get_pointer(capsule, signature)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)
