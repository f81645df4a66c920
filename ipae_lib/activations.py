"""What a network's layers give for an input: its activations, measured without consequences.

`capture` is for one batch. The parts below it serve callers with many.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor, nn

from ipae_lib.arguments import shown
from ipae_lib.inputs import Batch, as_batch, check_call
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.threads import GLOBAL_GENERATOR
from ipae_lib.validation import check_finite

Selector = str | Callable[..., Any]
"""Where a variable is read: a `Reading` in words, or a function of the model's inputs."""

Layers = Sequence[Selector] | Mapping[str, Selector]

MODEL_INPUT, MODEL_OUTPUT = ":input", ":output"
"""The selectors of what the whole model takes and gives."""


def check_precision(value: Any, name: str) -> torch.dtype | None:
    """ValueError unless a pass can have this precision."""
    if not any(value is known for known in (torch.float64, torch.float32, None)):
        raise ValueError(
            f"{name} is {value!r}; use torch.float64, torch.float32, or None for the model's own"
        )
    return value


Precision = Annotated[torch.dtype | None, check_precision]


def capture(
    model: nn.Module,
    layers: Layers,
    inputs: Any,
    dtype: Precision = torch.float64,
    *,
    x: Selector = MODEL_INPUT,
    x_out: Selector = MODEL_OUTPUT,
    training: bool = False,
) -> dict[str, Tensor]:
    """Every variable of a network by name: the input X, the layers, and the output X′.

    The model is run without gradients, on copies of its parameters and buffers: it is left as it
    was, and so are the random number generators of torch, numpy and Python.

    Parameters
    ----------
    model : torch.nn.Module
    layers : sequence of selectors, or mapping from label to selector
        A module as named by ``model.named_modules()``, a part of what it takes or gives, or a
        function: see `Reading`.
    inputs : array of shape (N, ...), tuple or dict of arrays
        What the model takes, for N samples; a dict names its arguments. Whole numbers stay so,
        unless the model takes real numbers alone.
    dtype : torch.dtype or None
        Precision of the pass: float64, float32, or None for that of the model.
    x, x_out : selector
        What are X and X′; by default all that the model takes, and what it gives.
    training : bool
        Whether to run in training mode; by default in evaluation mode.

    Returns
    -------
    dict from name to Tensor of shape (N, d)
        From ``"X"`` over the layers to ``"X_out"``.

    Raises
    ------
    TypeError, ValueError
        If a layer, a label, a shape or ``dtype`` does not fit.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
    >>> {name: tuple(t.shape) for name, t in capture(model, {"Z": "0"}, torch.ones(5, 8)).items()}
    {'X': (5, 8), 'Z': (5, 2), 'X_out': (5, 8)}

    A recurrent network gives several things:

    >>> model = nn.LSTM(3, 4, batch_first=True)
    >>> last = {"state": lambda x: model(x)[1][0][-1]}
    >>> list(capture(model, last, torch.ones(5, 7, 3), x_out=":output[0]|last")["state"].shape)
    [5, 4]
    """
    readings = variables_of(model, layers, x, x_out)
    (batch,) = as_model_takes(model, [as_batch(inputs)], dtype, "inputs")
    with measured(model, dtype, training=training):
        found = forward(model, readings, batch)
    for name, values in found.items():
        check_finite(values, "inputs" if name == INPUT else f"{name} for these inputs")
    return {name: values.reshape(len(values), -1) for name, values in found.items()}


@dataclass(frozen=True)
class Reading:
    """Where in a network a variable is read.

    In words, ``path#call:side[part]|pool``, of which only the path is needed:

    * ``"encoder.0"``: what this module gives; ``""``, the empty path, is the whole model.
    * ``"relu#1"``: at its second call in a forward pass.
    * ``"lstm:output[0]"`` (or ``"lstm[0]"``), ``":output[logits]"``: a part of a tuple, a dict or
      a dataclass; numbers index tensors, too: ``"lstm[1][0][-1]"``.
    * ``"head:input"``: what it takes, as ``[0]`` or by name where that is several things.
    * ``"layer4|space"``: averaged over all axes after the channels', (N, C, ...) → (N, C);
      ``|tokens``, ``|first``, ``|last``: averaged over the tokens, or one of them,
      (N, L, D) → (N, D).

    Parameters
    ----------
    path : str
    call : int or None
        None for a module that is called once.
    side : "input" or "output"
    parts : tuple of str
    pool : str or None
    """

    path: str
    call: int | None = None
    side: str = "output"
    parts: tuple[str, ...] = ()
    pool: str | None = None

    @classmethod
    def parse(cls, words: str, known: Mapping[str, Any], name: str = "layers") -> Reading:
        """The reading in words of a model with the ``known`` modules, or a ValueError."""
        if words in known and words:
            return cls(words)
        found = _WORDS.fullmatch(words)
        path = found["path"] if found else words
        whole = path == "" and words != ""
        if not found or not (path in known or whole) or not words:
            close = get_close_matches(path, [*known], n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
            raise ValueError(
                f"{name} names {words!r}, which the model lacks; {hint}it has "
                f"{[path for path in known if path]}"
            )
        if found["pool"] and found["pool"] not in POOLS:
            raise ValueError(
                f"{name} names {words!r}, whose pooling {found['pool']!r} is unknown; use one of "
                f"{list(POOLS)}, or give a function of the model's inputs"
            )
        return cls(
            path,
            None if found["call"] is None else int(found["call"]),
            found["side"] or "output",
            tuple(re.findall(r"\[([^\]]+)\]", found["parts"])),
            found["pool"],
        )


_WORDS = re.compile(
    r"(?P<path>.*?)(#(?P<call>\d+))?(:(?P<side>input|output))?(?P<parts>(\[[^\]]+\])*)"
    r"(\|(?P<pool>\w+))?"
)

POOLS: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "space": ("(N, C, ...)", lambda t: t.flatten(2).mean(2)),
    "tokens": ("(N, L, D)", lambda t: t.mean(1)),
    "first": ("(N, L, D)", lambda t: t[:, 0]),
    "last": ("(N, L, D)", lambda t: t[:, -1]),
}
"""Poolings by name: the shape that each takes, and what it does."""


def variables_of(
    model: nn.Module, layers: Layers, x: Selector = MODEL_INPUT, x_out: Selector = MODEL_OUTPUT
) -> dict[str, Reading | Callable]:
    """Where each variable is read, from X to X′; ValueError says what does not fit."""
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        raise ValueError(
            "model is TorchScript, or holds some, whose layers cannot be read; give the module "
            "that it was made from"
        )
    # under all of its names, a shared module is still there
    known = dict(model.named_modules(remove_duplicate=False))
    named = layers if isinstance(layers, Mapping) else {_own_label(one): one for one in layers}
    if not named:
        raise ValueError(f"layers is empty; name at least one of {[p for p in known if p]}")
    for label in (INPUT, OUTPUT):
        if label in named:
            raise ValueError(
                f"layers names {label!r}, which stands for the model's input or output and is "
                "recorded anyway; leave it out, or give it another label: {'label': 'module'}"
            )
    chosen = {INPUT: (x, "x"), **{label: (one, "layers") for label, one in named.items()}}
    chosen[OUTPUT] = (x_out, "x_out")
    return {
        label: Reading.parse(one, known, name) if isinstance(one, str) else one
        for label, (one, name) in chosen.items()
    }


def _own_label(selector: Selector) -> str:
    return selector if isinstance(selector, str) else getattr(selector, "__name__", "function")


def as_model_takes(
    model: nn.Module, batches: Sequence[Batch], dtype: torch.dtype | None, name: str
) -> list[Batch]:
    """Batches for a model in the precision of a pass, where its parameters are.

    Whole numbers stay so, as tokens must; a model that takes real numbers alone gets these.

    Raises
    ------
    ValueError
        If the model does not take such arguments, or a number would be changed.
    """
    for batch in batches:
        check_call(model, batch)
    found = [batch.ready_for(model, dtype) for batch in batches]
    if all(x.is_floating_point() for x in found[0].tensors().values()):
        return found
    real = [_real(batch, batch.ready_for(model, dtype), model, dtype, name) for batch in batches]
    try:
        with measured(model, dtype):
            forward(model, {}, found[0])
    except ValueError:
        try:
            with measured(model, dtype):
                forward(model, {}, real[0][0])
        except ValueError:
            return found  # it fails for another reason, which the pass will tell
        for _, wrong in real:
            if wrong:
                raise ValueError(wrong) from None
        return [batch for batch, _ in real]
    return found


def _real(
    batch: Batch, ready: Batch, model: nn.Module, dtype: torch.dtype | None, name: str
) -> tuple[Batch, str]:
    """A batch with real numbers in place of whole ones, and what is lost by that."""
    weights = next(model.parameters(), None)
    kind = dtype or (torch.get_default_dtype() if weights is None else weights.dtype)
    changed = ready.changed(lambda x: x if x.is_floating_point() else x.to(kind))
    exact = all(
        torch.equal(new.to(old.dtype), old.to(new.device))
        for old, new in zip(batch.tensors().values(), changed.tensors().values(), strict=True)
        if not old.is_floating_point()
    )
    lost = f"{name} holds whole numbers that {kind} cannot; give dtype=torch.float64"
    return changed, "" if exact else lost


def forward(
    model: nn.Module, readings: Mapping[str, Reading | Callable], batch: Batch
) -> dict[str, Tensor]:
    """The variables of a model for one batch, in the order of the readings, each (N, ...).

    Raises
    ------
    ValueError
        If the model does not run on the batch, or a reading gives no tensor with one row a sample.
    """
    modules = dict(model.named_modules(remove_duplicate=False))
    seen: dict[str, list[Any]] = {}
    given = batch.changed(torch.clone)  # a module may write into its input
    with ExitStack() as hooks:
        for label, reading in readings.items():
            if not isinstance(reading, Reading) or not reading.path:
                continue
            seen[label] = []
            hooks.callback(_hooked(modules[reading.path], reading, seen[label]).remove)
        try:
            output = model(*given.args, **given.kwargs)
        except (RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
            shapes = {w: tuple(x.shape) for w, x in batch.tensors().items()}
            shape = next(iter(shapes.values())) if len(shapes) == 1 else shapes
            raise ValueError(
                f"the model cannot run on inputs of shape {shape}, as in this batch "
                f"({error}); give what it takes"
            ) from error
    found = {}
    for label, reading in readings.items():
        if not isinstance(reading, Reading):
            found[label] = _part(_answer(reading, label, batch), Reading(""), label)
        elif reading.path:
            found[label] = _called(seen[label], reading, label)
        elif reading.side == "output":
            found[label] = _part(output, reading, label)
        elif reading.parts:
            found[label] = _part(_arguments(batch.args, batch.kwargs), reading, label)
        else:
            found[label] = _part(_together(batch), reading, label)
    return {label: _with_rows(values, label, batch) for label, values in found.items()}


def _answer(function: Callable, label: str, batch: Batch) -> Any:
    given = batch.changed(torch.clone)
    try:
        return function(*given.args, **given.kwargs)
    except Exception as error:
        raise ValueError(
            f"{_argument(label)} has the function {shown(function)} for {label!r}, which failed on "
            f"what the model takes ({error}); give one that takes the same"
        ) from error


def _argument(label: str) -> str:
    return {INPUT: "x", OUTPUT: "x_out"}.get(label, "layers")


class _ReadingError(ValueError):
    """What a layer gave is not what was asked for, whatever the precision."""


def _hooked(module: nn.Module, reading: Reading, calls: list[Any]) -> Any:
    """A hook that keeps what a module takes or gives at each call."""

    def keep(value: Any) -> None:
        wanted = reading.call in (None, len(calls))
        # a copy, because a later module may write its output in place
        calls.append(_copied(value) if wanted else None)

    if reading.side == "input":

        def before(_module: nn.Module, args: tuple, kwargs: dict) -> None:
            keep(_arguments(args, kwargs))

        return module.register_forward_pre_hook(before, with_kwargs=True)

    def after(_module: nn.Module, _args: tuple, value: Any) -> None:
        keep(value)

    return module.register_forward_hook(after)


def _arguments(args: tuple, kwargs: Mapping[str, Any]) -> Any:
    """What was passed, as one value: alone, or by position and by name."""
    if len(args) == 1 and not kwargs and isinstance(args[0], tuple | list | Mapping):
        return args[0]
    return {**{str(i): value for i, value in enumerate(args)}, **kwargs}


def _called(calls: list[Any], reading: Reading, label: str) -> Tensor:
    if not calls:
        raise _ReadingError(
            f"layer {label!r} did not run in the forward pass; name a module that does"
        )
    if reading.call is None and len(calls) > 1:
        numbers = " or ".join(f"'{reading.path}#{i}'" for i in range(min(len(calls), 3)))
        raise _ReadingError(
            f"layer {label!r} ran {len(calls)} times in one forward pass, so what is meant is "
            f"ambiguous; name one call, such as {numbers}, or a module that runs once"
        )
    if reading.call is not None and reading.call >= len(calls):
        raise _ReadingError(
            f"layer {label!r} names call {reading.call}, and the module ran {len(calls)} times; "
            "calls are counted from 0"
        )
    value = calls[reading.call or 0]
    if reading.side == "input" and not reading.parts and len(value) == 1:
        (value,) = value.values() if isinstance(value, Mapping) else value
    return _part(value, reading, label)


def _part(value: Any, reading: Reading, label: str) -> Tensor:
    """The tensor that a reading means, of what there was to read."""
    whole = value
    for part in reading.parts:
        try:
            if isinstance(value, Mapping):
                value = value[part]
            elif isinstance(value, Tensor | tuple | list) and not hasattr(value, part):
                value = value[int(part)]
            else:
                value = getattr(value, part)
        except (LookupError, AttributeError, TypeError, ValueError) as error:
            raise _ReadingError(
                f"layer {label!r} has no part [{part}]; it has {_choices(whole, reading)}"
            ) from error
    if not isinstance(value, Tensor):
        raise _ReadingError(
            f"layer {label!r} gave {type(value).__name__} where one tensor is needed; choose "
            f"one part by {_argument(label)}, such as {_choices(whole, reading)}"
        )
    if reading.pool:
        shape, pool = POOLS[reading.pool]
        if value.ndim < 3 or ("..." not in shape and value.ndim != 3):
            raise _ReadingError(
                f"layer {label!r} has shape {tuple(value.shape)}, and |{reading.pool} takes "
                f"{shape}; choose another of {list(POOLS)}, or none"
            )
        value = pool(value)
    return value


def _choices(value: Any, reading: Reading) -> str:
    """The tensors in a value, as one would name them."""
    where = f"{reading.path}:{reading.side}"
    found = [f"{where + path!r} of shape {tuple(x.shape)}" for path, x in _tensors(value)]
    return ", ".join(found[:6]) or f"no tensor, but {shown(value)}"


def _tensors(value: Any, where: str = "") -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield where, value
    for key, part in _parts(value):
        yield from _tensors(part, f"{where}[{key}]")


def _parts(value: Any) -> Sequence[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return [*value.items()]
    if isinstance(value, tuple | list):
        return [*enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return []


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, Mapping) or is_dataclass(value):
        return {key: _copied(part) for key, part in _parts(value)}
    if hasattr(value, "_fields"):  # a named tuple
        return type(value)(*map(_copied, value))
    return type(value)(map(_copied, value)) if type(value) in (tuple, list) else value


def _together(batch: Batch) -> Tensor:
    """All that the model takes of each sample, side by side."""
    tensors = {where: x for where, x in batch.tensors().items() if len(x) == len(batch)}
    if len({x.is_floating_point() for x in tensors.values()}) > 1:
        named = " or ".join(repr(f"{MODEL_INPUT}{where}") for where in tensors)
        raise _ReadingError(
            "X has both whole and real numbers, which have no distance in common; say which of the "
            f"model's inputs is X: x={named}"
        )
    if len(tensors) == 1:
        return next(iter(tensors.values()))
    return torch.cat([x.reshape(len(x), -1) for x in tensors.values()], dim=1)


def _with_rows(value: Tensor, label: str, batch: Batch) -> Tensor:
    if value.shape[:1] != (len(batch),):
        raise _ReadingError(
            f"layer {label!r} gave {tuple(value.shape)} for a batch of {len(batch)} samples; a "
            "layer must give one tensor with one row a sample"
        )
    if value.is_complex():
        raise _ReadingError(
            f"layer {label!r} gave complex numbers; give their real and "
            "imaginary parts, by a function of the model's inputs"
        )
    return value


@contextmanager
def measured(
    model: nn.Module,
    dtype: torch.dtype | None,
    *,
    training: bool = False,
) -> Iterator[None]:
    """The model ready to be measured: in a mode and a precision, and without consequences."""
    modes = {module: module.training for module in model.modules()}
    model.train(bool(training))
    try:
        with torch.no_grad(), random_numbers_kept(), _on_copies(model, dtype):
            yield
    except (RuntimeError, TypeError, ValueError) as error:
        about_precision = _ABOUT_PRECISION.search(str(error))
        if dtype is None or isinstance(error, _ReadingError) or not about_precision:
            raise
        raise ValueError(
            f"the model does not run in {dtype} ({error}); give dtype=None to "
            "run it in its own precision"
        ) from error
    finally:
        for module, mode in modes.items():
            module.training = mode


_ABOUT_PRECISION = re.compile(r"double|float64|dtype|scalar type", re.IGNORECASE)
"""What torch says where tensors of two precisions meet, or a device lacks one."""


@contextmanager
def _on_copies(model: nn.Module, dtype: torch.dtype | None) -> Iterator[None]:
    """Copies of parameters and buffers in their place, those of real numbers in a precision.

    `torch.func.functional_call` does the same, but does not restore a module that is registered
    under two names.
    """
    stores: list[dict[str, Any]] = [
        store for module in model.modules() for store in (module._parameters, module._buffers)
    ]
    originals = [dict(store) for store in stores]
    copies: dict[int, Tensor] = {}  # a tensor that is shared stays so
    try:
        for store, original in zip(stores, originals, strict=True):
            for name, value in original.items():
                if value is not None:
                    if id(value) not in copies:
                        kind = dtype if value.is_floating_point() else None
                        copies[id(value)] = value.detach().to(kind or value.dtype, copy=True)
                    store[name] = copies[id(value)]
        yield
    finally:
        for store, original in zip(stores, originals, strict=True):
            store.clear()
            store.update(original)


@contextmanager
def random_numbers_kept() -> Iterator[None]:
    """The global random number generators as before: of torch, on all its GPUs, numpy, Python."""
    on_gpus = torch.cuda.is_available() and torch.cuda.is_initialized()
    gpus = torch.cuda.get_rng_state_all() if on_gpus else []
    before = torch.get_rng_state(), np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        yield
    finally:
        # another thread may be at work with the generator; most models draw nothing
        with GLOBAL_GENERATOR:
            if not torch.equal(torch.get_rng_state(), before[0]):
                torch.set_rng_state(before[0])
        if not _same_state(np.random.get_state(), before[1]):  # noqa: NPY002
            np.random.set_state(before[1])  # noqa: NPY002
        if random.getstate() != before[2]:
            random.setstate(before[2])
        if gpus:
            torch.cuda.set_rng_state_all(gpus)


def _same_state(one: Any, other: Any) -> bool:
    return np.array_equal(one[1], other[1]) and one[2:] == other[2:]
