"""Checks of what a caller hands in: each failure names the argument, its value and the fix."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from ipae_lib.arguments import is_number, shown

ArrayLike = Tensor | np.ndarray


def as_array(x: Any, name: str) -> np.ndarray:
    """``x`` as an array on the CPU, without gradient.

    Raises
    ------
    TypeError
        If values are masked, or numpy reads no array of it.
    """
    if isinstance(x, Tensor):
        x = _dense(x, name).detach().cpu()
        return (x.float() if x.dtype is torch.bfloat16 else x).numpy()
    if np.ma.is_masked(x):
        raise TypeError(
            f"{name} has masked values, which would count as any others; leave these samples out, "
            f"or give {name}.filled(value)"
        )
    try:
        return np.asarray(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {shown(x)}; give an array, or rows as long as each other"
        ) from error


_FOREIGN = (np.dtype(np.longdouble), np.dtype(np.uint64))
"""What torch does not take."""


def _dense(x: Tensor, name: str) -> Tensor:
    if x.layout is not torch.strided or x.is_meta or x.is_quantized:
        raise TypeError(
            f"{name} is a tensor of layout {x.layout} on {x.device}; give a dense one with values, "
            f"such as {name}.to_dense()"
        )
    return x


def as_tensor(x: ArrayLike, name: str) -> Tensor:
    """``x`` as a dense tensor of real numbers, in its own type as far as torch has it.

    Raises
    ------
    TypeError
        If ``x`` is neither a real tensor nor something numpy reads as a real array, or is masked.
    """
    if not isinstance(x, Tensor):
        array = as_array(x, name)
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{name} has dtype {array.dtype}; give a tensor or array of real numbers"
            )
        # torch takes no foreign byte order, and warns about arrays that are read-only
        native = array.dtype.newbyteorder("=") if array.dtype not in _FOREIGN else float
        x = torch.from_numpy(np.require(array, native, requirements=["C", "W"]))
    if _dense(x, name).is_complex():
        raise TypeError(f"{name} has dtype {x.dtype}; give real numbers")
    return x


def as_float_tensor(x: ArrayLike, name: str) -> Tensor:
    """``x`` as a float32 or float64 tensor: half precision raised to float32, integers to float64.

    Raises
    ------
    TypeError
        As `as_tensor`.
    """
    x = as_tensor(x, name)
    if x.dtype not in (torch.float32, torch.float64):
        x = x.to(torch.float32 if x.dtype in (torch.float16, torch.bfloat16) else torch.float64)
    return x


def as_samples(x: ArrayLike, name: str = "x") -> Tensor:
    """Samples as a floating-point tensor of shape (..., N, d).

    Half precision is raised to float32, because no eigenvalue solver takes less.

    Raises
    ------
    TypeError
        If ``x`` is neither a real tensor nor something numpy reads as a real array.
    ValueError
        If ``x`` has fewer than two dimensions, fewer than two samples, no columns, or holds
        NaN or infinity.
    """
    x = as_float_tensor(x, name)
    if x.ndim < 2:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; samples need the shape (..., N, d): "
            f"for one variable of one dimension use {name}[:, None]"
        )
    n, d = x.shape[-2:]
    if n < 2:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}, that is N = {n}; at least 2 samples are needed"
        )
    if d < 1:
        raise ValueError(f"{name} has shape {tuple(x.shape)}, that is d = 0; drop this variable")
    check_finite(x, name)
    return x


def as_gram(gram: ArrayLike, name: str = "gram") -> Tensor:
    """Gram matrices as a floating-point tensor of shape (..., N, N).

    Raises
    ------
    TypeError, ValueError
        If ``gram`` is not a real, finite, square matrix (or a batch of them).
    """
    gram = as_float_tensor(gram, name)
    if gram.ndim < 2 or gram.shape[-1] != gram.shape[-2] or gram.shape[-1] == 0:
        raise ValueError(
            f"{name} has shape {tuple(gram.shape)}; a Gram matrix has the shape (..., N, N): "
            "make one with gaussian_gram(x, sigma)"
        )
    check_finite(gram, name)
    return gram


def as_pairs(
    x: ArrayLike, y: ArrayLike, x_name: str = "x", y_name: str = "y"
) -> tuple[Tensor, Tensor]:
    """Paired samples of two variables, (..., N, d_x) and (..., N, d_y), as `as_samples` gives them.

    Raises
    ------
    TypeError, ValueError
        As `as_samples`, or if they differ in N, in their batches or, both of pandas, in their rows'
        labels.
    """
    check_same_rows(x, y, x_name, y_name)
    x, y = as_samples(x, x_name), as_samples(y, y_name)
    if x.shape[-2] != y.shape[-2]:
        raise ValueError(
            f"{x_name} has {x.shape[-2]} samples and {y_name} has {y.shape[-2]}; mutual "
            "information needs pairs, row i of one belonging to row i of the other"
        )
    if x.shape[:-2] != y.shape[:-2]:
        raise ValueError(
            f"{x_name} has batch dimensions {tuple(x.shape[:-2])} and {y_name} has "
            f"{tuple(y.shape[:-2])}; give both the same batches"
        )
    return x, y


def check_same_rows(x: Any, y: Any, x_name: str, y_name: str) -> None:
    """ValueError if both label their rows, as pandas does, and not alike."""
    labels: list[Any] = [getattr(one, "index", None) for one in (x, y)]
    if all(hasattr(one, "equals") for one in labels) and not labels[0].equals(labels[1]):
        raise ValueError(
            f"{y_name} has other row labels than {x_name}, or another order; rows are paired in "
            f"order, whatever their labels: give {y_name}.loc[{x_name}.index], or both .to_numpy()"
        )


def check_positive(value: Any, name: str, fix: str = "") -> float:
    """``value`` as a float; ValueError unless it is a finite real number above 0."""
    if not is_number(value, float) or value <= 0:
        raise ValueError(f"{name} is {value!r}; it must be a finite number above 0{_because(fix)}")
    return float(value)


def check_not_negative(value: Any, name: str, fix: str = "") -> float:
    """``value`` as a float; ValueError unless it is a finite real number of at least 0."""
    if not is_number(value, float) or value < 0:
        raise ValueError(
            f"{name} is {value!r}; it must be a finite number of at least 0{_because(fix)}"
        )
    return float(value)


def check_count(value: Any, name: str, minimum: int = 1, fix: str = "") -> int:
    """``value`` as an int; ValueError unless it is a whole number of at least ``minimum``."""
    if not is_number(value, int) or value < minimum:
        raise ValueError(
            f"{name} is {value!r}; it must be a whole number of at least {minimum}{_because(fix)}"
        )
    return int(value)


def check_iterations(iterations: Collection[int], last: int, name: str) -> set[int]:
    """``iterations`` as a set; ValueError unless they are whole numbers from 0 to ``last``."""
    chosen = {check_count(i, name, minimum=0) for i in iterations}
    if not chosen or max(chosen) > last:
        raise ValueError(
            f"{name} is {sorted(chosen)}; give iterations from 0 to the last of the steps, {last}"
        )
    return chosen


Count = Annotated[int, check_count]
Natural = Annotated[int, partial(check_count, minimum=0)]
Several = Annotated[int, partial(check_count, minimum=2)]
Positive = Annotated[float, check_positive]


def check_scale(value: Any, name: str) -> float:
    """``value`` as a float; ValueError unless its square is one, and not 0, in double precision."""
    scale = check_positive(value, name)
    if not 1e-150 < scale < 1e150:
        raise ValueError(f"{name} is {value!r}; give more than 1e-150 and less than 1e150")
    return scale


Scale = Annotated[float, check_scale]
Order = Annotated[
    float, partial(check_positive, fix="1.01 is the paper's choice, 1 the von Neumann limit")
]
Width = Annotated[
    float, partial(check_positive, fix="a width rule such as ProposedWidth(0.8)(n, d)")
]
"""Numbers of at least 1, 0 and 2, and above 0, as annotations: see `ipae_lib.arguments`."""


def check_device(value: Any, name: str) -> str | torch.device | None:
    """``value``; ValueError unless torch can use this device here."""
    try:
        torch.empty(0, device=value)
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is {shown(value)}, which torch cannot use here: "
            f"{str(error).splitlines()[0]}; give 'cpu', or install torch for your GPU"
        ) from error
    return value


Device = Annotated[str | torch.device | None, check_device]


def _because(fix: str) -> str:
    return f": {fix}" if fix else ""


def check_finite(x: Tensor, name: str) -> None:
    """ValueError unless all values are finite."""
    # one pass; a sum is not finite if a term is not, or if it overflows, which the next line tells
    if bool(torch.isfinite(x.sum())):
        return
    finite = torch.isfinite(x)
    if not bool(finite.all()):
        count = int((~finite).sum())
        first = tuple((~finite).nonzero()[0].tolist())
        raise ValueError(
            f"{name} holds {count} NaN or infinite value(s), the first at index {first}; "
            "remove those samples, or look for a diverged training run"
        )
