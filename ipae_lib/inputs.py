"""What a network is given: batches of samples, in the forms in which training code has them.

A batch is what one call of the network takes. The sample axis of everything in it is the first.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

from ipae_lib.arguments import shown
from ipae_lib.validation import as_array, as_tensor, check_finite, check_same_rows

Pick = int | str | Callable[[Any], Any]
"""Which part of a batch: its index, its key, or a function of the batch."""


class InputWarning(UserWarning):
    """Inputs were not taken as they were given; the message says what was done."""


@dataclass(frozen=True)
class Batch:
    """The arguments of one call of a network, for N samples.

    Parameters
    ----------
    args : tuple
    kwargs : dict
        Tensors, and tuples, lists and dicts of these; anything else is handed on as it is.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __len__(self) -> int:
        return len(next(iter(self.tensors().values()), ()))

    def tensors(self) -> dict[str, Tensor]:
        """The tensors by where they are, such as ``"[0]"`` and ``"[mask]"``."""
        return dict([*_leaves(self.args), *_leaves(self.kwargs)])

    def changed(self, change: Callable[[Tensor], Tensor]) -> Batch:
        """Every tensor in it changed."""
        return replace(self, args=_mapped(self.args, change), kwargs=_mapped(self.kwargs, change))

    def beside(self, model: nn.Module) -> Batch:
        """The same where the model's parameters are."""
        weights = next(model.parameters(), None)
        return self if weights is None else self.changed(lambda x: x.to(weights.device))

    def ready_for(self, model: nn.Module, dtype: torch.dtype | None) -> Batch:
        """Copies where the model's parameters are; real numbers in the precision of the pass."""
        weights = next(model.parameters(), None)
        device = None if weights is None else weights.device
        kind = dtype or (weights.dtype if weights is not None else None)
        return self.changed(
            lambda x: x.to(device, kind if x.is_floating_point() else x.dtype, copy=True)
        )


def as_batch(value: Any, name: str = "inputs") -> Batch:
    """What one call of a network takes: a tensor alone, several in order, or by name.

    Raises
    ------
    TypeError, ValueError
        If there is no tensor in it, or one that holds no real, finite numbers.
    """
    value = _as_structure(value, name)
    if isinstance(value, Mapping):
        batch = Batch((), {str(key): part for key, part in value.items()})
    else:
        batch = Batch(tuple(value) if isinstance(value, list | tuple) else (value,), {})
    if not batch.tensors():
        raise TypeError(f"{name} is {shown(value)}; give a tensor, or several: (a, b), {{'a': a}}")
    found = batch.tensors()
    for place, tensor in found.items():
        where = f"{name}{place}" if len(found) > 1 else name
        # one row of real numbers alone may be samples, or the numbers of one
        least = 2 if len(found) == 1 and tensor.is_floating_point() else 1
        if tensor.ndim < least or not tensor.numel():
            raise ValueError(
                f"{where} has shape {tuple(tensor.shape)}; give at least one row, (N, ...)"
            )
        if tensor.is_floating_point():
            check_finite(tensor, where)
    return batch


def read_batches(
    batches: Any,
    batch_size: int | None,
    inputs: Pick | None,
    targets: Mapping[str, Any],
) -> tuple[list[Batch], dict[str, list[np.ndarray]]]:
    """Batches of equal size N ≥ 2, and what belongs to their samples.

    Parameters
    ----------
    batches : see `InformationPlane`
    batch_size : int or None
    inputs : int, str, callable or None
        The part of each batch that the network takes.
    targets : mapping from name to values
        An array with one row a sample, a list of one array a batch, or a part of each batch.

    Returns
    -------
    batches : list of Batch
    targets : dict from name to list of array (N, ...), one a batch

    Raises
    ------
    TypeError, ValueError
        If it does not tell what is a sample, or does not fit; the message says what would.
    """
    given = list(_items(batches, batch_size))
    if not given:
        raise ValueError(f"batches is {shown(batches)}; give at least one batch")
    of = "" if inputs is None else "inputs of "
    found = [
        as_batch(_picked(item, inputs, "inputs"), f"{of}batches[{i}]")
        for i, item in enumerate(given)
    ]
    of_batches = {
        name: [
            as_array(_picked(item, values, f"targets[{name!r}]"), f"targets[{name!r}]")
            for item in given
        ]
        for name, values in targets.items()
        if isinstance(values, int | str) or callable(values)
    }
    sizes = [len(batch) for batch in found]
    for name, values in targets.items():
        if name not in of_batches:
            check_same_rows(batches, values, "batches", f"targets[{name!r}]")
            of_batches[name] = _cut(values, sizes, f"targets[{name!r}]")
    if len(sizes) > 1 and sizes[-1] < sizes[0]:
        warnings.warn(
            f"the last of {len(sizes)} batches has {sizes[-1]} samples and the others have "
            f"{sizes[0]}; it was left out, as estimates depend on N",
            InputWarning,
            stacklevel=5,
        )
        found, sizes = found[:-1], sizes[:-1]
    if len({*sizes}) > 1:
        raise ValueError(
            f"batches have {sizes} samples; estimates depend on N, so give all the same number"
        )
    if sizes[0] < 2:
        raise ValueError(
            f"batches have N = {sizes[0]} sample each; at least 2 samples are needed: give a "
            "larger batch_size, or more in each batch"
        )
    shapes = {where: x.shape for where, x in found[0].tensors().items()}
    for i, batch in enumerate(found):
        other = {where: x.shape for where, x in batch.tensors().items()}
        if other != shapes:
            raise ValueError(
                f"batches[{i}] has the shapes {_shapes(other)} and batches[0] has "
                f"{_shapes(shapes)}; give all batches the same: pad sequences to one length"
            )
    of_batches = {name: parts[: len(found)] for name, parts in of_batches.items()}
    for name, parts in of_batches.items():
        rows = [len(part) if part.ndim else 0 for part in parts]
        if rows != sizes:
            raise ValueError(
                f"targets[{name!r}] has {rows} rows in the batches, which have {sizes} samples; "
                "give one row for each sample"
            )
    return found, of_batches


def check_call(model: nn.Module, batch: Batch) -> None:
    """ValueError unless the model's forward pass takes such arguments."""
    try:
        inspect.signature(model.forward).bind(*batch.args, **batch.kwargs)
    except TypeError as error:
        raise ValueError(
            f"batches hold {list(batch.tensors())} for each call, which the model does not take "
            f"({error}); say which part it takes: inputs=0 for the first of each batch, or "
            "inputs='name', or a function of the batch"
        ) from error


def _items(batches: Any, batch_size: int | None) -> Iterator[Any]:
    """The batches one by one, as they were given."""
    loaded = isinstance(batches, DataLoader)
    if batch_size is not None:
        if loaded or isinstance(batches, Iterator):
            raise ValueError(
                f"batch_size is {batch_size}, but batches is a {type(batches).__name__}, which "
                "gives whole batches; leave batch_size out, and set that of the loader"
            )
        yield from _samples(batches, int(batch_size))
    elif isinstance(batches, Dataset) and not loaded:
        raise ValueError(
            f"batches is a {type(batches).__name__}, which gives samples; say how many make a "
            "batch: batch_size=512"
        )
    elif isinstance(batches, tuple):
        raise ValueError(
            f"batches is a tuple of {len(batches)}; give [batches] for one batch of several "
            "inputs, or list(batches) for several batches"
        )
    elif isinstance(batches, Mapping):
        yield batches
    elif _is_array(batches):
        shape = tuple(batches.shape)
        if len(shape) > 2:
            raise ValueError(
                f"batches has shape {shape}, which does not tell samples from batches; give "
                f"[batches] for one batch of {shape[0]} samples of shape {shape[1:]}, "
                f"list(batches) for {shape[0]} batches of {shape[1]} samples of shape "
                f"{shape[2:]}, or batch_size=N to cut samples along the first axis"
            )
        if len(shape) < 2:
            raise ValueError(f"batches has shape {shape}; it needs (N, ...), a row a sample")
        yield batches
    elif isinstance(batches, Iterable) and not isinstance(batches, str | bytes):
        yield from batches
    else:
        raise TypeError(
            f"batches is {shown(batches)}; give samples (N, d), a list of batches, a DataLoader, "
            "or a Dataset with batch_size=N"
        )


def _samples(samples: Any, size: int) -> Iterator[Any]:
    if isinstance(samples, IterableDataset) or not (
        _is_array(samples) or isinstance(samples, tuple | Mapping)
    ):
        if not isinstance(samples, Dataset | Sequence):
            raise TypeError(f"batches is {shown(samples)}; with batch_size give samples to cut")
        yield from DataLoader(samples, size)  # type: ignore[arg-type]
        return
    whole = _as_structure(samples, "batches")
    rows = {where: len(x) if x.ndim else 0 for where, x in _leaves(whole)}
    if len({*rows.values()}) != 1:
        raise ValueError(f"batches has these numbers of rows: {rows}; give each a row a sample")
    for start in range(0, next(iter(rows.values())), size):
        part = slice(start, start + size)
        yield _mapped(whole, partial(_rows, part))


def _rows(part: slice, x: Tensor) -> Tensor:
    return x[part]


def _picked(item: Any, pick: Pick | None, name: str) -> Any:
    if pick is None:
        return item
    try:
        if isinstance(pick, Integral) and _is_array(item):
            raise LookupError(pick)  # which would be one of its samples
        return pick(item) if callable(pick) else item[pick]
    except Exception as error:
        if callable(pick):
            raise ValueError(
                f"{name} is {shown(pick)}, which failed on a batch ({error}); give a function of "
                "one batch as it was given"
            ) from error
        has = list(item) if isinstance(item, Mapping) else f"{type(item).__name__}"
        many = f" of {len(item)}" if isinstance(item, list | tuple) else ""
        raise ValueError(
            f"{name} is {pick!r}, which a batch lacks ({has}{many}); give the index, the key or a "
            "function of a part that it has"
        ) from error


def _cut(values: Any, sizes: list[int], name: str) -> list[np.ndarray]:
    """Values with a row for each sample, one array for each batch."""
    if isinstance(values, list | tuple) and len(values) == len(sizes) != sum(sizes):
        return [as_array(part, f"{name}[{i}]") for i, part in enumerate(values)]
    array = as_array(values, name)
    if array.ndim and len(array) == sum(sizes):
        return np.split(array, np.cumsum(sizes)[:-1])
    if array.ndim > 1 and array.shape[0] == len(sizes) and {array.shape[1]} == {*sizes}:
        return list(array)
    raise ValueError(
        f"{name} has shape {array.shape} for {len(sizes)} batches of {sum(sizes)} samples in all; "
        "give one row for each sample, or a list of one array for each batch"
    )


def _is_array(value: Any) -> bool:
    return isinstance(value, Tensor) or (hasattr(value, "__array__") and hasattr(value, "shape"))


def _is_numbers(value: Any) -> bool:
    """Whether a list is one of numbers, at any depth."""
    if isinstance(value, list | tuple):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, int | float | np.number)


def _as_structure(value: Any, name: str) -> Any:
    """``value`` with a copy of each array in it as a tensor."""
    if _is_array(value) or (isinstance(value, list | tuple) and _is_numbers(value)):
        array = value if isinstance(value, Tensor) else as_array(value, name)
        return as_tensor(array, name).detach().clone()
    if isinstance(value, Mapping):
        return {key: _as_structure(part, f"{name}[{key!r}]") for key, part in value.items()}
    if isinstance(value, list | tuple):
        return _rebuilt(value, [_as_structure(x, f"{name}[{i}]") for i, x in enumerate(value)])
    return value


def _rebuilt(value: list | tuple, parts: list) -> Any:
    if hasattr(value, "_fields"):  # a named tuple
        return type(value)(*parts)
    return tuple(parts) if isinstance(value, tuple) else parts


def _mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return _rebuilt(value, [_mapped(part, change) for part in value])
    return value


def _leaves(value: Any, where: str = "") -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield where, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, f"{where}[{key}]")
    elif isinstance(value, list | tuple):
        for i, part in enumerate(value):
            yield from _leaves(part, f"{where}[{i}]")


def _shapes(found: Mapping[str, torch.Size]) -> str:
    return ", ".join(f"{where or 'x'} {tuple(shape)}" for where, shape in found.items())
