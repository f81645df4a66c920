"""When to record: planes during a training, in any loop, kept in a file to go on with later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

import numpy as np
import xarray as xr

from ipae_lib.files import atomic_write, first_line
from ipae_lib.validation import Count, Natural, check_count


class Recorder(Protocol):
    """What `Observer` calls; an `InformationPlane` is one."""

    def record(self, iteration: int | None = None, /) -> xr.Dataset: ...


def log_spaced(last: Count, per_decade: Count = 10) -> list[int]:
    """Iterations 0, 1, ... ``last`` at equal steps of their logarithm, as far as these differ.

    Parameters
    ----------
    last : int
    per_decade : int
        How many there are from 100 to 1,000, say.

    Examples
    --------
    >>> log_spaced(100, per_decade=3)
    [0, 1, 2, 5, 10, 22, 46, 100]
    """
    steps = np.arange(0, per_decade * np.log10(last) + 1e-9)
    return sorted({0, *np.round(10 ** (steps / per_decade)).astype(int).tolist(), last})


def check_every(value: Any, name: str) -> int | frozenset[int]:
    """A step between iterations, or the set of them; ValueError for anything else."""
    single = isinstance(value, str | bytes) or getattr(value, "shape", None) == ()
    if isinstance(value, Collection) and not single:
        return frozenset(check_count(i, f"an iteration of {name}", minimum=0) for i in value)
    return check_count(value, name, fix="or give the iterations: log_spaced(1000)")


Every = Annotated[int | Collection[int], check_every]
"""Iterations between two records, or those to record."""


class Observer:
    """Records planes while a network is trained: call it with each iteration.

    Parameters
    ----------
    planes : InformationPlane, or mapping from name to these
        Several, such as ``{"train": ..., "test": ...}``, are recorded side by side, along the
        dimension ``set``. They must have the same layers, estimators and number of batches.
    every : int, or collection of int
        Iterations between two records, or those to record, such as of `log_spaced`.
    path : str or Path, optional
        A file (netCDF) that holds all records after each. If it is there, its records are read
        first, and a record of the same iteration takes the place of the old one: a training that
        goes on from its own checkpoint is recorded as if it had not stopped.

    Raises
    ------
    ValueError
        If ``every`` is no whole number above 0 nor a collection of these, or ``path`` holds no
        records.

    Examples
    --------
    >>> class Constant:
    ...     def record(self, iteration=None):
    ...         return xr.Dataset({"input_mi": 1.0}, {"iteration": iteration})
    >>> observe = Observer({"train": Constant(), "test": Constant()}, every=[0, 3])
    >>> for iteration in range(5):
    ...     observe(iteration)
    >>> dict(observe.records.sizes)
    {'iteration': 2, 'set': 2}
    """

    def __init__(
        self,
        planes: Recorder | Mapping[str, Recorder],
        every: Every = 1,
        path: str | Path | None = None,
    ) -> None:
        if isinstance(planes, Mapping) and not planes:
            raise ValueError(f"planes is {planes!r}; give an InformationPlane, or several by name")
        self.planes = planes
        self.every = every
        self.path = None if path is None else Path(path)
        self._records: dict[int, xr.Dataset] = {}
        if self.path is not None and self.path.exists():
            stored = load_records(self.path)
            self._records = {
                int(i): stored.sel(iteration=[i]) for i in stored.iteration.values.tolist()
            }

    def __call__(self, iteration: Natural) -> None:
        """Record the planes, if this iteration is one of those to record."""
        due = (
            iteration % self.every == 0 if isinstance(self.every, int) else iteration in self.every
        )
        if not due:
            return
        if isinstance(self.planes, Mapping):
            sets = [plane.record(iteration) for plane in self.planes.values()]
            names = xr.Variable("set", list(self.planes))
            record = _joined(sets, names, "planes")
        else:
            record = self.planes.record(iteration)
        self._records[iteration] = record.expand_dims("iteration")
        if self.path is not None:
            save_records(self.records, self.path)

    @property
    def records(self) -> xr.Dataset:
        """All records along ``iteration``, in its order.

        Raises
        ------
        ValueError
            If there is none yet, or those of ``path`` are of other layers or estimators.
        """
        if not self._records:
            raise ValueError(
                "records is empty, as no iteration was recorded yet; call the observer with each "
                "iteration: observe(0)"
            )
        ordered = [self._records[i] for i in sorted(self._records)]
        return _joined(ordered, "iteration", "path" if self.path else "planes")

    def callback(self, base: type) -> Any:
        """A callback for a trainer that calls this observer at its start and after each update.

        Parameters
        ----------
        base : type
            ``lightning.pytorch.Callback``, ``transformers.TrainerCallback``, or any class of which
            a trainer takes instances and calls the same methods.

        Examples
        --------
        In Lightning, and with Hugging Face's Trainer::

            Trainer(callbacks=[observe.callback(lightning.pytorch.Callback)])
            Trainer(..., callbacks=[observe.callback(transformers.TrainerCallback)])

        Tried with Lightning 2.6.6 and Transformers 5.24.0.
        """
        return type(f"Observing{base.__name__}", (base,), _methods(self))()


def _methods(observe: Observer) -> dict[str, Any]:
    def from_trainer(_self: Any, trainer: Any, *_args: Any, **_named: Any) -> None:
        observe(int(trainer.global_step))

    def from_state(_self: Any, _arguments: Any, state: Any, *_args: Any, **_named: Any) -> None:
        observe(int(state.global_step))

    return {
        "on_train_start": from_trainer,  # Lightning
        "on_train_batch_end": from_trainer,
        "on_train_begin": from_state,  # Hugging Face
        "on_step_end": from_state,
    }


def _joined(records: list[xr.Dataset], dim: Any, name: str) -> xr.Dataset:
    try:
        joined = xr.concat(records, dim, join="exact", combine_attrs="drop_conflicts")
    except ValueError as error:
        raise ValueError(
            f"{name} gave records that do not fit each other ({error}); record the same layers, "
            "estimators, targets and number of batches, or give another path"
        ) from error
    failures = {record.attrs["failures"] for record in records if "failures" in record.attrs}
    return joined.assign_attrs({"failures": "; ".join(sorted(failures))} if failures else {})


def save_records(records: xr.Dataset, path: str | Path) -> None:
    """Write records as netCDF, whole or not at all; `load_records` reads the same again.

    Parameters
    ----------
    records : Dataset
        As `InformationPlane.record` or `Observer.records` gives them.
    path : str or Path
    """
    if "iteration" in records.coords:  # the format has no whole numbers beyond 32 bits
        records = records.assign_coords(iteration=records.iteration.astype(float))
    with atomic_write(path) as temporary:
        records.to_netcdf(temporary, engine="scipy", format="NETCDF3_64BIT")


def load_records(path: str | Path) -> xr.Dataset:
    """Records from a file of `save_records` or of an `Observer`.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds no records.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"path is {str(path)!r}, where there is no file; see save_records")
    try:
        records = xr.load_dataset(path, engine="scipy")
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(
            f"path is {str(path)!r}, which cannot be read as records ({first_line(error)}); "
            "delete it, or give another path"
        ) from error
    if "iteration" not in records.coords:
        raise ValueError(
            f"path is {str(path)!r}, which holds {list(records)} without iterations; give a file "
            "of an Observer, or another path"
        )
    if "iteration" not in records.dims:
        records = records.expand_dims("iteration")
    whole = {
        name: values.astype(int)
        for name, values in records.coords.items()
        if name == "iteration" or values.dtype.kind in "iu"
    }
    return records.assign_coords(whole)
