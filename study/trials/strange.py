"""What a caller may hand in by mistake, for `study.trials.inputs`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor, nn

HUGE = (2**31, 2**63, 10**30)

_X = np.linspace(-1, 1, 24).reshape(8, 3)

OBJECTS: list[Callable[[], Any]] = [
    *(
        (lambda value=value: value)
        for value in (
            None, True, False, -1, 0, 1, 2, 3, *HUGE, -(10**30), 1.0, 0.5, -0.5, 2.5, 1e-308,
            5e-324, 1e308, float("nan"), float("inf"), -float("inf"), 1 + 1j, Fraction(1, 3),
            Decimal("0.5"), np.float32(0.5), np.float64("nan"), np.int64(2), np.uint8(255),
            np.bool_(True), np.str_("a"), np.datetime64("2020-01-01"), "", "a", "1", "X", "all",
            "cuda:99", "a\0b", b"a", (), (1, 2), (1, "a"), range(3), frozenset({1}), int, len,
            object(), Ellipsis, slice(None), Path("a"), torch.float16, torch.device("cpu"),
            datetime(2020, 1, 1, tzinfo=UTC), np.dtype(int),
        )
    ),
    list, dict, set, lambda: [1, 2], lambda: [[1.0, 2.0], [3.0, 4.0]], lambda: [[1], [1, 2]],
    lambda: {"a": 1}, lambda: {1: 2}, lambda: {"X": "X"}, lambda: [None], lambda: ["a", "b"],
    lambda: lambda *_: None, lambda: lambda: 1.0, lambda: (i for i in (1, 2)), nn.Identity,
    lambda: nn.Linear(3, 3), xr.Dataset, pd.DataFrame, lambda: pd.Series([1.0, 2.0]),
    lambda: pd.DataFrame(_X), lambda: xr.DataArray(_X), torch.Generator,
    *(
        (lambda shape=shape, make=make: make(shape))
        for shape in ((), (0,), (0, 3), (3, 0), (1, 3), (8,), (8, 3), (3, 3), (2, 8, 3), (1,) * 6)
        for make in (np.ones, torch.zeros)
    ),
    lambda: np.array(["a", "b"]), lambda: np.array([None, 1]), lambda: _X + 1j,
    lambda: np.zeros(3, dtype=[("a", float)]), lambda: np.zeros((8, 3), "M8[s]"),
    lambda: np.ma.masked_less(_X, 0), lambda: torch.zeros(8, 3, device="meta"),
    lambda: torch.eye(3).to_sparse(), lambda: torch.zeros(8, 3, dtype=torch.complex64),
]  # fmt: skip
"""Makers of values that no parameter asks for, and of some that one does."""


def _changed(x: np.ndarray, value: float) -> np.ndarray:
    x = np.array(x, dtype=float)
    x.flat[-1] = value
    return x


def _read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


def _doubled(x: np.ndarray) -> np.ndarray:
    return np.repeat(x, 2, axis=-1)[..., ::2]


CHANGES: list[Callable[[np.ndarray], Any]] = [
    *((lambda x, value=value: _changed(x, value)) for value in (np.nan, np.inf, -np.inf, 1e308)),
    *((lambda x, f=f: x * f) for f in (0.0, -1.0, 1e-308, 5e-324, 1e-160, 1e-30, 1e30, 1e160)),
    lambda x: x / max(np.abs(x).max(), 1) * 1.7e308, lambda x: x + 1e16,
    lambda x: x[:0], lambda x: x[:1], lambda x: x[:2], lambda x: x[:-1], lambda x: x[..., :0],
    lambda x: x[..., :1], lambda x: x.ravel(), lambda x: x[None], lambda x: x[None, None],
    lambda x: x[::-1], lambda x: x.T, np.asfortranarray, _doubled, _read_only,
    lambda x: x.astype(x.dtype.newbyteorder()), lambda x: np.repeat(x[:1], len(x), 0),
    lambda x: np.repeat(x[: len(x) // 2], 2, 0), lambda x: np.concatenate([x, x]),
    *(
        (lambda x, kind=kind: x.astype(kind))
        for kind in ("f2", "f4", "i1", "i8", "u1", "u8", "?", "c16", "O", "U", "g", "S8")
    ),
    lambda x: np.ma.masked_array(x, np.arange(x.size).reshape(x.shape) == 1),
    np.ma.masked_array, lambda x: x.tolist(), lambda x: pd.DataFrame(np.atleast_2d(x)),
    lambda x: np.asmatrix(np.atleast_2d(x)[:, :] if x.ndim < 3 else x[0]),
    torch.tensor, lambda x: torch.tensor(x * 1.0, requires_grad=True),
    *(
        (lambda x, kind=kind: torch.tensor(x).to(kind))
        for kind in (
            torch.float16, torch.bfloat16, torch.float32, torch.int32, torch.uint8, torch.bool,
            torch.complex128,
        )
    ),
    lambda x: torch.tensor(x * 1.0) * torch.nan, lambda x: torch.tensor(x * 1.0) * 1e308,
    lambda x: torch.tensor(x).flip(0), lambda x: torch.tensor(x).mT if x.ndim > 1 else None,
    lambda x: torch.tensor(x).expand(2, *x.shape), lambda x: torch.tensor(x).to_sparse(),
]  # fmt: skip
"""What becomes of a plain array."""


def instead_of(plain: Any) -> Iterator[Callable[[], Any]]:
    """Makers of strange values in place of a plain one: others, and the plain one changed."""
    yield from OBJECTS
    yield from changed(plain)


def changed(plain: Any) -> Iterator[Callable[[], Any]]:
    """The plain value changed: an array, or one element of a collection, or a variable."""
    if isinstance(plain, np.ndarray | Tensor) and np.asarray(plain).dtype.kind in "fiu":
        for change in CHANGES:
            yield lambda change=change: change(np.asarray(plain))
            if isinstance(plain, Tensor):
                yield lambda change=change: torch.as_tensor(change(np.array(plain)))
    elif isinstance(plain, xr.Dataset):
        yield from _datasets(plain)
    elif isinstance(plain, pd.DataFrame):
        yield from _tables(plain)
    elif isinstance(plain, Mapping):
        key = next(iter(plain), None)
        if key is not None:
            for make in (*OBJECTS, *changed(plain[key])):
                yield lambda make=make: dict(plain) | {key: make()}
            for odd in (None, "", 1, "X", "X_out", np.nan, ()):
                yield lambda odd=odd: dict(plain) | {odd: plain[key]}
            yield lambda: {k: v for k, v in plain.items() if k != key}
    elif isinstance(plain, list | tuple) and plain:
        for make in (*OBJECTS, *changed(plain[0])):
            yield lambda make=make: type(plain)([make(), *plain[1:]])
        yield lambda: type(plain)(plain[1:])
        yield lambda: type(plain)(reversed(plain))
        yield lambda: type(plain)([*plain, plain[0]])


def _datasets(plain: xr.Dataset) -> Iterator[Callable[[], xr.Dataset]]:
    for name in (*plain.data_vars, *plain.coords):
        yield lambda name=name: plain.drop_vars(name)
        for value in (np.nan, np.inf, 1e308, -1.0, 0, "a"):
            yield lambda name=name, value=value: plain.assign({name: (plain[name].dims and (
                plain[name].dims, np.full(plain[name].shape, value))) or value})  # fmt: skip
    for name in plain.dims:
        yield lambda name=name: plain.rename({name: "strange"})
        for part in (slice(0), slice(1), slice(2), slice(None, None, -1)):
            yield lambda name=name, part=part: plain.isel({name: part})
        yield lambda name=name: plain.isel({name: 0})
        yield lambda name=name: xr.concat([plain, plain], name)


def _tables(plain: pd.DataFrame) -> Iterator[Callable[[], pd.DataFrame]]:
    for name in plain.columns:
        yield lambda name=name: plain.drop(columns=name)
        for value in (np.nan, np.inf, 1e308, None, "a"):
            yield lambda name=name, value=value: plain.assign(**{name: value})
    for part in (slice(0), slice(1), slice(None, None, -1)):
        yield lambda part=part: plain.iloc[part]
