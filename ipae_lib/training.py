"""Training an autoencoder by stochastic gradient descent, watched at chosen iterations."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ipae_lib.files import atomic_write, make_folder, read_sealed, seal
from ipae_lib.validation import Count, Natural, Positive, as_samples, check_count

Observer = Callable[[int, nn.Module], None]
"""Called with the number of updates made so far, and the model."""


@dataclass(frozen=True)
class Sgd:
    """Settings of the training, Sec. IV-B; the defaults are the paper's.

    Parameters
    ----------
    epochs, batch_size : int
        Passes over the images, and images a step. The last images of an epoch that do not
        fill a batch are left out.
    learning_rate, momentum : float
    reduction : "sum", "half" or "mean"
        Squared error summed over the pixels, half that sum, or their mean; averaged over the
        batch in each case. The paper does not say which; with "mean" its learning rate does not
        leave the mean image.
    seed : int
        Order of the images.

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    epochs: Count = 100
    batch_size: Count = 100
    learning_rate: Positive = 0.1
    momentum: float = 0.5
    reduction: Literal["sum", "half", "mean"] = "sum"
    seed: Natural = 0

    def __post_init__(self) -> None:
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is {self.momentum!r}; it must lie in [0, 1)")

    def iterations(self, n_images: Natural) -> int:
        """Number of updates for a data set of this size."""
        return self.epochs * (n_images // self.batch_size)


def train(
    model: nn.Module,
    images: Tensor,
    settings: Sgd,
    *,
    observers: Sequence[Observer] = (),
    observe_at: Iterable[int] = (),
    checkpoint: str | Path | None = None,
    stop_at: int | None = None,
    progress: bool | Callable[[int], None] = True,
) -> nn.Module:
    """Train ``model`` in place to reproduce ``images``, and show it to the observers.

    Parameters
    ----------
    model : torch.nn.Module
        Maps (n, d) to (n, d).
    images : Tensor of shape (n, d)
        Moved to the model's device whole.
    settings : Sgd
    observers : sequence of callables ``(iteration, model)``
        Each is called at each of ``observe_at``; iteration 0 is before the first update.
    observe_at : iterable of int
        Iterations, counted in updates made.
    checkpoint : path, optional
        File that holds the state after each epoch. Where it exists,
        training goes on from there: the result is the same as without the interruption.
        Observers may then see an iteration that came after the last checkpoint once more.
    stop_at : int, optional
        Iteration to stop at before the end; the order of the images stays that of the whole.
    progress : bool or callable
        Show a progress bar, or call this with the number of updates made since the last call.

    Returns
    -------
    torch.nn.Module
        The same model.

    Raises
    ------
    ValueError
        If ``images`` do not fill one batch or are not finite, an iteration lies beyond the end,
        the checkpoint is a folder or broken, or belongs to other settings, another model or a later
        iteration than the last, or the loss stops being a finite number.
    OSError
        If the checkpoint's folder cannot be written; the message names it.
    """
    if images.ndim != 2 or len(images) < settings.batch_size:
        raise ValueError(
            f"images has shape {tuple(images.shape)}; it needs (n, d) with n of at least the "
            f"batch size, {settings.batch_size}"
        )
    as_samples(images, "images")
    if checkpoint is not None and Path(checkpoint).is_dir():
        raise ValueError(f"checkpoint is {str(checkpoint)!r}, a folder; give the name of a file")
    total = settings.iterations(len(images))
    end = total if stop_at is None else stop_at
    chosen = frozenset(observe_at)
    beyond = sorted(iteration for iteration in {*chosen, end} if not 0 <= iteration <= total)
    if beyond:
        raise ValueError(
            f"observe_at or stop_at holds {beyond}, outside 0 … {total}, the length of this "
            "training; choose others, or more epochs"
        )
    device = next(model.parameters()).device
    images = images.to(device)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=settings.learning_rate, momentum=settings.momentum, fused=True
    )
    state = _Checkpoint(checkpoint, settings, len(images))
    if checkpoint is not None:
        make_folder(Path(checkpoint).parent)  # told before the training
    start = state.restore(model, optimizer, device, end)

    def observe(iteration: int) -> None:
        if iteration in chosen:
            for observer in observers:
                observer(iteration, model)

    with _progress(progress, start, end) as advance:
        if start == 0:
            observe(0)
        iteration = start
        for batch in _batches(len(images), settings, start, end):
            _step(model, optimizer, images[batch.to(device)], settings.reduction, iteration)
            iteration += 1
            observe(iteration)
            advance()
            if iteration % (len(images) // settings.batch_size) == 0:
                state.save(model, optimizer, iteration)
    return model


def _step(
    model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, reduction: str, iteration: int
) -> None:
    optimizer.zero_grad(set_to_none=True)
    try:
        squares = (model(x) - x) ** 2
    except RuntimeError as error:
        raise ValueError(
            f"images has shape (n, {x.shape[-1]}) and dtype {x.dtype}, and the model cannot be "
            f"trained to reproduce such ({error}); give what it takes"
        ) from error
    loss = squares.mean() if reduction == "mean" else squares.sum() / len(x)
    if reduction == "half":
        loss = loss / 2
    if not torch.isfinite(loss):
        raise ValueError(
            f"the loss is {loss.item()} after {iteration} updates; training diverged: lower the "
            "learning rate, or rescale images"
        )
    loss.backward()
    optimizer.step()


def epoch_order(n: Count, seed: Natural, epoch: Natural) -> Tensor:
    """Order of n images in an epoch of a training with that seed."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(n, generator=generator)


def _batches(n: int, settings: Sgd, start: int, end: int) -> Iterator[Tensor]:
    """Index batches from update ``start`` to ``end``; an epoch's order depends on it alone."""
    per_epoch = n // settings.batch_size
    for epoch in range(start // per_epoch, settings.epochs):
        order = epoch_order(n, settings.seed, epoch)
        for position in range(per_epoch):
            update = epoch * per_epoch + position
            if update >= end:
                return
            if update >= start:
                yield order[position * settings.batch_size : (position + 1) * settings.batch_size]


class _Checkpoint:
    """State of a training on disk: written whole, trusted only for the same settings."""

    def __init__(self, path: str | Path | None, settings: Sgd, n_images: int) -> None:
        self.path = None if path is None else Path(path)
        self.identity = {**asdict(settings), "n_images": n_images}

    def restore(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device, end: int
    ) -> int:
        if self.path is None or not self.path.exists():
            return 0
        state = read_checkpoint(self.path, device)
        if state["identity"] != self.identity:
            raise ValueError(
                f"checkpoint {self.path} belongs to a training with {state['identity']}, not "
                f"{self.identity}; {_FIX}"
            )
        if _shapes(state["model"]) != _shapes(model.state_dict()):
            raise ValueError(
                f"checkpoint {self.path} belongs to a model with {_shapes(state['model'])}, not "
                f"{_shapes(model.state_dict())}; {_FIX}"
            )
        if state["iteration"] > end:
            raise ValueError(
                f"checkpoint {self.path} is at iteration {state['iteration']}, beyond "
                f"stop_at = {end}; give another path, or stop later"
            )
        model.load_state_dict(state["model"])
        try:
            optimizer.load_state_dict(state["optimizer"])
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise ValueError(f"{self.path} {_NOT_WHOLE}") from error
        return state["iteration"]

    def save(self, model: nn.Module, optimizer: torch.optim.Optimizer, iteration: int) -> None:
        if self.path is None:
            return
        state = {
            "identity": self.identity,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "iteration": iteration,
        }
        with atomic_write(self.path) as path:
            torch.save(state, path)
            seal(path)


def read_checkpoint(path: str | Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What a checkpoint of `train` holds: ``identity``, ``model``, ``optimizer``, ``iteration``.

    Raises
    ------
    ValueError
        If it is damaged, or no checkpoint; the message names the file.
    OSError
        If it cannot be read.
    """
    try:
        content = io.BytesIO(read_sealed(path))
        state = torch.load(content, map_location=device, weights_only=True)
        check_count(state["iteration"], "iteration", minimum=0)
        _shapes(state["model"])
        return {key: state[key] for key in ("identity", "model", "optimizer", "iteration")}
    except OSError:
        raise
    except Exception as error:  # what reads damaged bytes raises anything
        raise ValueError(f"{path} {_NOT_WHOLE} ({error})") from error


_FIX = "delete it, or give another path"
_NOT_WHOLE = f"is no whole checkpoint; {_FIX}"


def _shapes(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in state.items()}


@contextmanager
def _progress(
    progress: bool | Callable[[int], None], start: int, end: int
) -> Iterator[Callable[[], object]]:
    """What to call after each update: moves a progress bar, tells the caller, or does nothing."""
    if callable(progress):
        progress(start)
        yield lambda: progress(1)
        return
    with tqdm(
        total=end,
        initial=start,
        desc="training",
        unit="updates",
        mininterval=1,
        disable=not progress,
    ) as bar:
        yield bar.update
