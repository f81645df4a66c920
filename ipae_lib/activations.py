"""What a network's layers give for an input: its activations, measured without consequences.

`capture` is for one batch. The parts below it serve callers with many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.threads import GLOBAL_GENERATOR
from ipae_lib.validation import ArrayLike, as_float_tensor, check_finite


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
    layers: Sequence[str] | Mapping[str, str],
    inputs: ArrayLike,
    dtype: Precision = torch.float64,
) -> dict[str, Tensor]:
    """Every variable of a network by name: the input X, the layers, and the output X′.

    The model is run in evaluation mode, without gradients, on copies of its parameters and
    buffers: it is left as it was, and so is torch's random number generator.

    Parameters
    ----------
    model : torch.nn.Module
        Maps a batch of inputs to one tensor of as many rows.
    layers : sequence of str, or mapping from label to module path
        As named by ``model.named_modules()``.
    inputs : array of shape (N, ...)
    dtype : torch.dtype or None
        Precision of the pass: float64, float32, or None for that of the model.

    Returns
    -------
    dict from name to Tensor of shape (N, d)
        From ``"X"`` over the layers to ``"X_out"``.

    Raises
    ------
    ValueError
        If a layer, a label, a shape or ``dtype`` does not fit.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
    >>> {name: tuple(t.shape) for name, t in capture(model, {"Z": "0"}, torch.ones(5, 8)).items()}
    {'X': (5, 8), 'Z': (5, 2), 'X_out': (5, 8)}
    """
    modules = labelled_modules(model, layers)
    batch = as_input(as_float_tensor(inputs, "inputs").detach(), model, dtype)
    if batch.ndim < 2 or not batch.numel():
        raise ValueError(f"inputs has shape {tuple(batch.shape)}; give at least one row, (N, ...)")
    check_finite(batch, "inputs")
    with measured(model, dtype):
        outputs = forward(model, modules, batch)
    for name, values in outputs.items():
        check_finite(values, f"{name} for these inputs")
    # modules are listed by label, and may run in another order
    return {INPUT: batch.flatten(1), **{name: outputs[name] for name in (*modules, OUTPUT)}}


def as_input(batch: Tensor, model: nn.Module, dtype: torch.dtype | None) -> Tensor:
    """A batch where the model's parameters are, in the precision of the pass."""
    parameter = next(model.parameters(), None)
    if parameter is None:
        return batch if dtype is None else batch.to(dtype)
    return batch.to(parameter.device, dtype or parameter.dtype)


def labelled_modules(
    model: nn.Module, layers: Sequence[str] | Mapping[str, str]
) -> dict[str, nn.Module]:
    """The modules of the layers by label; ValueError says what does not fit."""
    paths = dict(layers) if isinstance(layers, Mapping) else {path: path for path in layers}
    modules = dict(model.named_modules())
    known = [path for path in modules if path]
    for label, path in paths.items():
        if path not in modules or not path:
            raise ValueError(f"layers names {path!r}, which the model lacks; it has {known}")
        if label in (INPUT, OUTPUT):
            raise ValueError(
                f"layers names {label!r}, which stands for the model's input or output and is "
                "recorded anyway; leave it out, or give it another label: {'label': 'module'}"
            )
    if not paths:
        raise ValueError(f"layers is empty; name at least one of {known}")
    return {label: modules[path] for label, path in paths.items()}


def forward(model: nn.Module, layers: Mapping[str, nn.Module], batch: Tensor) -> dict[str, Tensor]:
    """Outputs of the layers and of the model for one batch, each flattened to (N, d)."""
    outputs: dict[str, Tensor] = {}

    def keep(label: str, value: object) -> None:
        if not isinstance(value, Tensor) or value.shape[:1] != batch.shape[:1]:
            what = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise ValueError(
                f"layer {label!r} gave {what} for a batch of {len(batch)} samples; a layer must "
                "give one tensor with one row a sample"
            )
        if label in outputs:
            raise ValueError(
                f"layer {label!r} ran twice in one forward pass, so its output is ambiguous; "
                "name a module that runs once"
            )
        # a copy, because a later module may write its output in place
        outputs[label] = value.detach().reshape(len(batch), -1).clone()

    hooks = [
        module.register_forward_hook(
            lambda _module, _inputs, value, label=label: keep(label, value)
        )
        for label, module in layers.items()
    ]
    try:
        keep(OUTPUT, model(batch.clone()))
    except (RuntimeError, TypeError, IndexError) as error:
        raise ValueError(
            f"the model cannot run on inputs of shape {tuple(batch.shape)}, as in this batch "
            f"({error}); give what it takes"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    for label in layers:
        if label not in outputs:
            raise ValueError(
                f"layer {label!r} did not run in the forward pass; name a module that does"
            )
    return outputs


@contextmanager
def measured(model: nn.Module, dtype: torch.dtype | None) -> Iterator[None]:
    """The model ready to be measured: evaluating, in a precision, and without consequences."""
    training = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad(), _random_numbers_kept(model), _on_copies(model, dtype):
            yield
    except (RuntimeError, TypeError, ValueError) as error:
        if dtype is None or not _ABOUT_PRECISION.search(str(error)):
            raise
        raise ValueError(
            f"the model does not run in {dtype} ({error}); give dtype=None to "
            "run it in its own precision"
        ) from error
    finally:
        for module, mode in training.items():
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
def _random_numbers_kept(model: nn.Module) -> Iterator[None]:
    """The global random number generators as before, though a model may draw from them."""
    gpus = sorted({p.device.index for p in model.parameters() if p.device.type == "cuda"})
    before = torch.get_rng_state(), [torch.cuda.get_rng_state(gpu) for gpu in gpus]
    try:
        yield
    finally:
        # another thread may be at work with the generator; most models draw nothing
        with GLOBAL_GENERATOR:
            if not torch.equal(torch.get_rng_state(), before[0]):
                torch.set_rng_state(before[0])
        for gpu, state in zip(gpus, before[1], strict=True):
            torch.cuda.set_rng_state(state, gpu)
