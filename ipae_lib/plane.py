"""The information plane of any torch model's layers: I(X;T) against I(T;X′) or against I(T;Y).

Definitions 1 and 2 of the paper. `InformationPlane` runs fixed batches through a model, reads the
layers, and asks every estimator for every quantity.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from ipae_lib.activations import (
    MODEL_INPUT,
    MODEL_OUTPUT,
    Layers,
    Precision,
    Reading,
    Selector,
    as_model_takes,
    forward,
    measured,
    random_numbers_kept,
    variables_of,
)
from ipae_lib.diagnostics import EstimateWarning, doubtful
from ipae_lib.discrete import discrete_entropy
from ipae_lib.entropy import LARGE
from ipae_lib.estimators import EntropyEstimator, MutualInformationEstimator, PreparedVariable
from ipae_lib.exact import Noise, exact_plane
from ipae_lib.inputs import InputWarning, Pick, read_batches
from ipae_lib.kernels import varying
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.observer import Every, Observer
from ipae_lib.threads import GLOBAL_GENERATOR, in_threads
from ipae_lib.validation import Count, Natural, as_samples, as_tensor

QUANTITIES = {
    "input_mi": "mutual information with the input",
    "output_mi": "mutual information with the output",
    "entropy": "entropy",
}
"""Variables of a record that an estimator gives, in bits, with their long names."""

OF_TARGETS = {
    "target_mi": "mutual information with the target",
    "target_entropy": "entropy of the target",
    "conditional_mi": "mutual information with the input, given the target",
}
"""Those that a record with targets has besides."""


class InformationPlane:
    """Records the information plane of a model's layers on fixed batches.

    The model is run without gradients, on copies of its parameters and buffers: it is left as it
    was, and so are the random number generators of torch, numpy and Python.

    Parameters
    ----------
    model : torch.nn.Module
    layers : sequence of selectors, or mapping from label to selector
        The hidden layers T, in order from input to output: modules as named by
        ``model.named_modules()``, parts of what these take or give, or functions of the model's
        inputs, see `Reading`. Values of more than one dimension are flattened.
    batches : samples, list of batches, DataLoader, Dataset, dict
        **The first axis of a batch is that of its N samples**; each batch gives its own
        estimates.

        * An array (N, d), a DataFrame or a dict of arrays is one batch.
        * Of a list, a DataLoader or a generator each item is one batch, such as the model takes:
          a tensor, a tuple or list of several inputs, or a dict of these by name.
        * With ``batch_size``, an array (n, ...), a Dataset, and a tuple or dict of arrays are
          samples, of which each ``batch_size`` make one batch.

        Arrays of more axes are not taken alone, as they do not tell samples from batches. A last
        batch that is smaller is left out, with a warning. Whole numbers, such as tokens, stay so,
        unless the model takes real numbers alone. All batches are kept in memory: of a long loader
        take some, by ``itertools.islice``.
    estimators : mapping from name to estimator
        Estimators with the methods of `EntropyEstimator` (`MatrixRenyi` has) share what they
        compute: no Gram matrix is decomposed twice, and those of the input only once in all. On
        a CPU their methods are called from several threads, for one batch at a time.
        Any other callable ``(x, y) → bits`` is called for each pair and batch; for it the
        entropies, and I(X;X) and I(X′;X′), stay missing (NaN).
    dtype : torch.dtype or None
        Precision of the forward pass, and of the samples that the estimators are given: float64,
        float32, or None for that of the model. Layers that hardly vary keep few digits in
        float32, and standardising (29) makes their rounding errors as large as any signal; it is
        then the CPU that decides what a plane shows, by the order in which it sums.
    batch_size : int, optional
        N, where ``batches`` are samples.
    inputs : int, str or callable, optional
        The part of each batch that the model takes, where there is more: 0 of (images, labels).
    targets : mapping from name to values, optional
        Variables Y of Definition 1: an array with one row a sample, a list with one array a
        batch, or the part of each batch that it is, such as 1 of (images, labels).
    discrete : collection of str, optional
        Names of the variables and targets whose values are names, such as labels and tokens: they
        are equal or not, without distance, and `MatrixRenyi` takes the entropy of their
        frequencies. By default those of whole numbers, booleans or strings.
    x, x_out : selector
        What are X and X′; by default all that the model takes, and what it gives.
    conditional : bool
        Whether to record I(X;T|Y) as well, for each target.
    null : bool
        Whether to record the same quantities of shuffled pairs as well, and to warn of values
        that are saturated or hardly differ from these: see `ipae_lib.diagnostics`.
    truth : mapping from name to noise, optional
        Levels for which to record I(X;T+R) itself, over all samples of all batches, see
        `exact_plane`. T must be a function of X.
    training : bool
        Whether to run all of the model in training mode; by default in evaluation mode.
    seed : int, optional
        Of random numbers that the model draws, so that each record has the same; by default
        they are those that would be next.

    Raises
    ------
    TypeError, ValueError
        If a layer, a label or a shape does not fit, or ``dtype`` is another; each message says
        what would.

    Examples
    --------
    >>> from ipae_lib.kernels import ProposedWidth
    >>> from ipae_lib.estimators import MatrixRenyi
    >>> model = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
    >>> samples, labels = torch.randn(192, 8), torch.arange(192) % 3
    >>> plane = InformationPlane(
    ...     model,
    ...     {"Z": "0"},
    ...     samples,
    ...     {"proposed": MatrixRenyi(ProposedWidth(0.8))},
    ...     batch_size=64,
    ...     targets={"Y": labels},
    ... )
    >>> dict(plane.record().input_mi.sizes)
    {'estimator': 1, 'layer': 3, 'batch': 3}
    >>> plane.record().target_mi.dims
    ('target', 'estimator', 'layer', 'batch')
    """

    def __init__(
        self,
        model: nn.Module,
        layers: Layers,
        batches: Any,
        estimators: Mapping[str, MutualInformationEstimator],
        dtype: Precision = torch.float64,
        *,
        batch_size: Count | None = None,
        inputs: Pick | None = None,
        targets: Mapping[str, Any] | None = None,
        discrete: Collection[str] | None = None,
        x: Selector = MODEL_INPUT,
        x_out: Selector = MODEL_OUTPUT,
        conditional: bool = False,
        null: bool = False,
        truth: Mapping[str, Noise] | None = None,
        training: bool = False,
        seed: Natural | None = None,
    ) -> None:
        self.model = model
        self.dtype = dtype
        self.readings = variables_of(model, layers, x, x_out)
        self.layers = [label for label in self.readings if label not in (INPUT, OUTPUT)]
        with random_numbers_kept():  # a loader draws some even where it does not shuffle
            found, of_samples = read_batches(batches, batch_size, inputs, targets or {})
            self.batches = as_model_takes(model, found, dtype, "batches")
        self.null, self.conditional = null, conditional
        self.truth = dict(truth or {})
        self.training, self.seed = training, seed
        if not estimators:
            raise ValueError("estimators is empty; give for example {'proposed': MatrixRenyi(...)}")
        self.estimators = dict(estimators)
        self.targets = list(of_samples)
        known = [*self.readings, *self.targets]
        if len({*known}) < len(known):
            raise ValueError(
                f"targets are named {self.targets}, and the variables {list(self.readings)}; give "
                "each target a name of its own"
            )
        if discrete is not None and not {*discrete} <= {*known}:
            raise ValueError(f"discrete is {list(discrete)}; take names from {known}")
        self.discrete = None if discrete is None else frozenset(discrete)
        self._of_samples = {
            name: self._as_target(name, np.stack(parts)) for name, parts in of_samples.items()
        }
        for name, estimator in self.estimators.items():
            if not callable(estimator):
                raise ValueError(f"estimators[{name!r}] is {estimator!r}; it must be callable")
            if isinstance(estimator, EntropyEstimator):
                unknown = sorted(estimator.variable_names() - {*known})
                if unknown:
                    raise ValueError(
                        f"estimator {name!r} has settings for {unknown}, which are no layers of "
                        f"this plane; its variables are {known}"
                    )
        reading = self.readings[INPUT]
        # a layer that is taken for X changes with the training
        self._fixed = {*self.targets}
        if isinstance(reading, Reading) and reading.side == "input" and not reading.path:
            self._fixed.add(INPUT)
        self._told: set[str] = set()
        self._kept_parts: dict[tuple[str, str], list[PreparedVariable]] = {}

    def record(self, iteration: int | None = None) -> xr.Dataset:
        """One point of the plane for each layer, estimator and batch.

        Parameters
        ----------
        iteration : int, optional
            Training iteration, kept as a scalar coordinate: records of several iterations
            join by ``xarray.concat(records, "iteration")``, or see `observer`.

        Returns
        -------
        xarray.Dataset
            In bits, each (estimator, layer, batch): ``input_mi`` I(X;T), ``output_mi`` I(T;X′)
            and ``entropy`` H(T). The layers run from ``"X"`` over the hidden layers to
            ``"X_out"``, the output X′, so that I(X;X′) is the output MI of X and I(X;X) its
            input MI. ``variance`` (layer, batch): population variance, mean over the dimensions.
            ``live`` (layer, batch): how many dimensions vary; ``dimensions`` (layer): of how many.
            The attribute ``samples`` is N, and ``names`` lists discrete variables.

            With targets, ``target_mi`` I(T;Y) and ``conditional_mi`` I(X;T|Y) (target, ...), and
            ``target_entropy`` H(Y) (target, estimator, batch). With ``null``, ``input_mi_null``
            and so on. With ``truth``, ``true_input_mi`` I(X;T+R), ``true_output_mi``,
            ``true_standard_error`` (noise, layer) and ``true_target_mi`` (target, noise, layer).

            **Where an estimator raises, its values are NaN**, of a plain callable those of the same
            pair; a warning says so, and the attribute ``failures`` says why. If no estimator
            answers, the first error is raised.

        Raises
        ------
        ValueError
            If an activation is NaN or infinite, no estimator gives numbers, or the model does not
            run in this ``dtype``.
        """
        with random_numbers_kept():
            variables = self._variables()
            tables, failures = self._asked(variables)
            record = self._as_dataset(tables, variables)
            if self.truth:
                record = record.merge(self._true_plane(variables))
        if failures:
            reasons = "; ".join(f"{name}: {error}" for name, error in failures.items())
            record.attrs["failures"] = reasons
            told = (
                f"values of the estimators {list(failures)} are missing (NaN), as these raised: "
                f"{reasons}; leave them out, or mend what they say"
            )
            self._tell([told], EstimateWarning)
        if self.null:
            self._tell(doubtful(record), EstimateWarning)
        return record if iteration is None else record.assign_coords(iteration=int(iteration))

    def _tell(self, told: list[str], category: type[Warning], stacklevel: int = 4) -> None:
        """A warning, in which each sentence stands once in the life of this plane."""
        new = [sentence for sentence in told if sentence not in self._told]
        self._told.update(new)
        if new:
            warnings.warn("; and ".join(new), category, stacklevel=stacklevel)

    def activations(self) -> dict[str, Tensor]:
        """Every variable by name, as (batch, N, d), in order from X to X′."""
        return {label: values.flatten(start_dim=2) for label, values in self._read().items()}

    def observer(self, every: Every = 1, path: str | Path | None = None) -> Observer:
        """What records this plane during a training, when it is called: see `Observer`.

        Parameters
        ----------
        every : int, or collection of int
            Iterations between two records, or those to record, such as of `log_spaced`.
        path : str or Path, optional
            A file for the records, which is read first if it is there.

        Examples
        --------
        >>> from ipae_lib.estimators import MatrixRenyi
        >>> from ipae_lib.kernels import ProposedWidth
        >>> model = nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 4))
        >>> proposed = MatrixRenyi(ProposedWidth(0.8))
        >>> plane = InformationPlane(model, {"Z": "0"}, torch.randn(64, 4), {"proposed": proposed})
        >>> observe = plane.observer(every=2)
        >>> for iteration in range(5):
        ...     # one step of a training
        ...     observe(iteration)
        >>> observe.records.iteration.values.tolist()
        [0, 2, 4]
        """
        return Observer(self, every, path)

    def _read(self) -> dict[str, Tensor]:
        """Every variable by name, as (batch, N, ...)."""
        read = []
        with measured(self.model, self.dtype, training=self.training):
            for i, batch in enumerate(self.batches):
                if self.seed is not None:
                    with GLOBAL_GENERATOR:
                        torch.manual_seed(self.seed + i)
                read.append(forward(self.model, self.readings, batch.beside(self.model)))
        found = {}
        for label in self.readings:
            values = torch.stack([outputs[label] for outputs in read])
            values = values if values.ndim > 2 else values[..., None]
            if values.is_floating_point():
                flat = as_samples(values.flatten(start_dim=2), label).to(dtype=self.dtype)
                values = flat.reshape(values.shape)
            found[label] = values
        return found

    def _variables(self) -> dict[str, _Variable]:
        """Every variable and target, and those of shuffled pairs under the name of `_shuffled`."""
        read = self._read()
        found = {label: self._as_variable(label, values) for label, values in read.items()}
        device = read[INPUT].device
        found |= {name: target.to(device) for name, target in self._of_samples.items()}
        if INPUT in self._fixed and self.discrete is None and found[INPUT].names:
            told = (
                "X holds whole numbers, which the model takes as such, so they count as names "
                "(tokens); give discrete=['X', ...] to confirm it, or x= for what X is"
            )
            self._tell([told], InputWarning, stacklevel=5)
        if self.null:
            generator = torch.Generator().manual_seed(0)
            batches, n = read[INPUT].shape[:2]
            orders = torch.stack([torch.randperm(n, generator=generator) for _ in range(batches)])
            orders = orders.to(device)
            ends = (INPUT, OUTPUT, *self.targets)
            found |= {_shuffled(label): found[label].in_order(orders) for label in ends}
        return found

    def _as_variable(self, label: str, values: Tensor) -> _Variable:
        whole = not values.is_floating_point()
        names = whole if self.discrete is None else label in self.discrete
        if not names:
            values = values.to(self.dtype or torch.get_default_dtype()) if whole else values
            return _Variable(values.flatten(start_dim=2), tuple(values.shape[2:]))
        rows = values.flatten(start_dim=2)
        codes = [torch.unique(batch, dim=0, return_inverse=True)[1] for batch in rows]
        return _Variable(torch.stack(codes)[..., None], tuple(values.shape[2:]), names=True)

    def _as_target(self, name: str, values: np.ndarray) -> _Variable:
        """A target of shape (batch, N, ...) as a variable."""
        if values.dtype.kind in "SUO":
            if not all(isinstance(value, str | bytes) for value in values.flat):
                raise TypeError(
                    f"targets[{name!r}] has dtype {values.dtype}; give numbers, or strings alone"
                )
            if self.discrete is not None and name not in self.discrete:
                raise ValueError(
                    f"targets[{name!r}] holds strings, and discrete is {sorted(self.discrete)}; "
                    "strings have no distance: add the name to discrete"
                )
            values = np.unique(values.astype(str), return_inverse=True)[1].reshape(values.shape)
        tensor = as_tensor(values, f"targets[{name!r}]")
        tensor = tensor if tensor.ndim > 2 else tensor[..., None]
        if tensor.is_floating_point():
            tensor = as_samples(tensor.flatten(start_dim=2), f"targets[{name!r}]").to(
                self.dtype or tensor.dtype
            )
        return self._as_variable(name, tensor)

    def _asked(
        self, variables: dict[str, _Variable]
    ) -> tuple[dict[str, _Table], dict[str, Exception]]:
        """What each estimator gave, and why some of it is missing."""
        shapes = {label: variable.shape for label, variable in variables.items()}
        tables: dict[str, _Table] = {}
        failures: dict[str, Exception] = {}
        for name, estimator in self.estimators.items():
            try:
                if isinstance(estimator, EntropyEstimator):
                    fitted = estimator
                    if hasattr(estimator, "for_shapes"):
                        fitted = estimator.for_shapes(shapes)
                    tables[name] = self._shared(name, fitted, variables)
                else:
                    tables[name], errors = self._pairwise(name, estimator, variables)
                    if errors:
                        failures[name] = errors[0]
            except Exception as error:  # a stranger's, which costs its own values alone
                failures[name] = error
        if not tables:
            raise next(iter(failures.values()))
        return tables, failures

    def _partners(self) -> dict[_Key, tuple[str | None, str | None, str | None]]:
        """The pair of each quantity of a layer, which is None, and what it is conditioned on."""
        pairs: dict[_Key, tuple[str | None, str | None, str | None]] = {
            ("input_mi", None): (INPUT, None, None),
            ("output_mi", None): (None, OUTPUT, None),
        }
        pairs |= {("target_mi", target): (None, target, None) for target in self.targets}
        if self.null:
            pairs |= {
                (f"{quantity}_null", target): (a and _shuffled(a), b and _shuffled(b), None)
                for (quantity, target), (a, b, _) in pairs.items()
            }
        if self.conditional:
            pairs |= {("conditional_mi", y): (INPUT, None, y) for y in self.targets}
        return pairs

    def _shared(
        self, name: str, estimator: EntropyEstimator, variables: dict[str, _Variable]
    ) -> _Table:
        pieces, run = _division(estimator, variables[INPUT].values)

        def parts(label: str, piece: slice) -> PreparedVariable:
            variable = variables[label]
            own, values = label.removesuffix(_OTHER), variable.values[piece]
            return PreparedVariable(estimator, values, own, names=variable.names)

        ends = {}
        for label in variables:
            if label in self.layers:
                continue
            key = name, label
            if key in self._kept_parts:
                ends[label] = self._kept_parts[key]
                continue
            ends[label] = run(lambda piece, label=label: parts(label, piece), pieces)
            if label.removesuffix(_OTHER) in self._fixed:
                self._kept_parts[key] = ends[label]

        def rows(task: tuple[int, str]) -> dict[str, dict[_Key, Any]]:
            position, label = task
            here = {end: found[position] for end, found in ends.items()}

            def row(of: PreparedVariable, **known: Any) -> dict[_Key, Any]:
                found: dict[_Key, Any] = {("entropy", None): of.entropy}
                for key, (a, b, y) in self._partners().items():
                    first, second = here[a] if a else of, here[b] if b else of
                    if key[0] in known:
                        found[key] = known[key[0]]
                    elif first is second and y is None:
                        found[key] = first.self_information
                    else:
                        found[key] = first.information_with(second, here[y] if y else None)
                return found

            if label != INPUT:
                return {label: row(parts(label, pieces[position]))}
            x, x_out = here[INPUT], here[OUTPUT]
            through = x.information_with(x_out)  # which both ends have in common
            return {INPUT: row(x, output_mi=through), OUTPUT: row(x_out, input_mi=through)}

        tasks = list(product(range(len(pieces)), (INPUT, *self.layers)))
        found: list[dict[str, dict[_Key, Any]]] = [{} for _ in pieces]
        for (position, _), some in zip(tasks, run(rows, tasks), strict=True):
            found[position] |= some
        table = {
            key: np.stack(
                [
                    torch.cat([torch.atleast_1d(part[label][key]) for part in found]).cpu().numpy()
                    for label in self.readings
                ]
            )
            for key in found[0][INPUT]
        }
        for target in self.targets:
            entropies = [torch.atleast_1d(part.entropy) for part in ends[target]]
            table["target_entropy", target] = torch.cat(entropies).cpu().numpy()
        for values in table.values():
            if not np.isfinite(values).all():
                raise ValueError(
                    f"estimator {name!r} gave NaN or infinity; it must give a finite number of "
                    "bits for every variable and pair"
                )
        return table

    def _pairwise(
        self,
        name: str,
        estimator: MutualInformationEstimator,
        variables: dict[str, _Variable],
    ) -> tuple[_Table, list[Exception]]:
        """The quantities of a plain callable: one call for each pair of variables and batch."""
        values = {label: variable.as_numbers() for label, variable in variables.items()}
        missing = [float("nan")] * len(self.batches)
        errors: list[Exception] = []
        answered = 0

        def bits(a: str, b: str, batch: int) -> float:
            nonlocal answered
            try:
                answer = estimator(values[a][batch], values[b][batch])
                found = _as_bits(answer, f"estimator {name!r} for I({a};{b})")
            except Exception as error:  # a stranger's, which costs this pair alone
                errors.append(error)
                return float("nan")
            answered += 1
            return found

        @cache
        def information(a: str, b: str) -> list[float]:
            if a == b:
                return missing
            return [bits(a, b, batch) for batch in range(len(self.batches))]

        table = {
            key: np.asarray([missing if y else information(a or t, b or t) for t in self.readings])
            for key, (a, b, y) in self._partners().items()
        }
        table["entropy", None] = np.asarray([missing for _ in self.readings])
        for target in self.targets:  # those of names are counted
            counted = [discrete_entropy(batch) for batch in variables[target].values]
            known = counted if variables[target].names else missing
            table["target_entropy", target] = np.asarray(known)
        if errors and not answered:
            raise errors[0]
        return table, errors

    def _as_dataset(self, tables: dict[str, _Table], variables: dict[str, _Variable]) -> xr.Dataset:
        some = next(iter(tables.values()))
        whole = ("estimator", "layer", "batch")
        found: dict[str, dict[str | None, np.ndarray]] = {}
        for key in some:
            empty = np.full_like(some[key], np.nan, dtype=float)
            values = [tables[name][key] if name in tables else empty for name in self.estimators]
            found.setdefault(key[0], {})[key[1]] = np.stack(values)
        names = [*QUANTITIES, *(name for name in found if name not in QUANTITIES)]
        data = {}
        for name in names:
            dims = ("estimator", "batch") if name == "target_entropy" else whole
            values = list(found[name].values())
            plain = values[0] if None in found[name] else np.stack(values)
            known = QUANTITIES | OF_TARGETS
            long_name = known[name.removesuffix("_null")]
            if name.endswith("_null"):
                long_name += ", of shuffled pairs"
            attrs = {"long_name": long_name, "units": "bit"}
            data[name] = (dims if None in found[name] else ("target", *dims), plain, attrs)
        record = xr.Dataset(
            data,
            coords={
                "estimator": list(self.estimators),
                "layer": list(self.readings),
                "batch": np.arange(len(self.batches)),
            },
        )
        if self.targets:
            record = record.assign_coords(target=self.targets)
        read = [variables[label] for label in self.readings]
        variance = torch.stack([_mean_variance(one.values) for one in read])
        live = torch.stack([one.live() for one in read])
        record["variance"] = whole[1:], variance.cpu().numpy().astype(float)
        record.variance.attrs = {"long_name": "variance, mean over dimensions"}
        record["live"] = whole[1:], live.cpu().numpy().astype(float)
        record.live.attrs = {"long_name": "number of dimensions that vary"}
        record["dimensions"] = "layer", [float(np.prod(one.shape)) for one in read]
        record.dimensions.attrs = {"long_name": "number of dimensions"}
        record.attrs["samples"] = int(read[0].values.shape[1])
        named = [name for name, one in variables.items() if one.names and _OTHER not in name]
        record.attrs |= {"names": ", ".join(named)} if named else {}
        return record

    def _true_plane(self, variables: dict[str, _Variable]) -> xr.Dataset:
        """I(X;T+R) over all samples of all batches."""
        values = {name: variables[name].as_numbers().flatten(0, 1) for name in self.readings}
        named = [name for name in self.targets if variables[name].names]
        labels = {name: variables[name].values.flatten().cpu().numpy() for name in named}
        plane = exact_plane(
            values, self.truth, labels.get(named[0]) if named else None, progress=False
        )
        record = plane[["input_mi", "output_mi", "standard_error"]].rename(
            input_mi="true_input_mi",
            output_mi="true_output_mi",
            standard_error="true_standard_error",
        )
        if named:
            others = [exact_plane(values, self.truth, labels[y], progress=False) for y in named[1:]]
            of_labels = [found.label_mi for found in (plane, *others)]
            record["true_target_mi"] = xr.concat(of_labels, xr.Variable("target", named))
            record = record.reindex(target=self.targets)
        return record.drop_vars(["form"], errors="ignore")


_Key = tuple[str, str | None]
"""A quantity, and of which target it is."""

_Table = dict[_Key, np.ndarray]
"""Values (layer, batch) of each quantity, in bits; of a target's own entropy (batch)."""

_OTHER = " of other samples"


def _shuffled(label: str) -> str:
    """The name of a variable whose samples are in another order than those of all others."""
    return label + _OTHER


@dataclass(frozen=True)
class _Variable:
    """Values (batch, N, d), of names their codes (batch, N, 1); and the shape of one sample."""

    values: Tensor
    shape: tuple[int, ...]
    names: bool = False

    def to(self, device: torch.device) -> _Variable:
        return replace(self, values=self.values.to(device))

    def in_order(self, orders: Tensor) -> _Variable:
        index = orders[..., None].expand_as(self.values)
        return replace(self, values=self.values.gather(1, index))

    def as_numbers(self) -> Tensor:
        """Names as one column for each, for those who know numbers alone."""
        if not self.names:
            return self.values
        return nn.functional.one_hot(self.values[..., 0]).to(torch.float64)

    def live(self) -> Tensor:
        """How many dimensions vary, for each batch."""
        if self.names:
            return (self.values != self.values[:, :1]).any(dim=1).sum(dim=-1)
        return varying(self.values).sum(dim=-1)


Run = Callable[[Callable, Sequence], list]
"""How a task is done for each item."""


def _division(estimator: EntropyEstimator, x: Tensor) -> tuple[list[slice], Run]:
    """Which batches a call takes together, and how the calls are made.

    On a CPU small batches go side by side; other devices, and large ones, take all at once.
    """
    device = torch.device(getattr(estimator, "device", None) or x.device)
    if device.type == "cpu" and x.shape[-2] <= LARGE:
        return [slice(i, i + 1) for i in range(len(x))], in_threads
    return [slice(None)], lambda task, items: [task(item) for item in items]


def _mean_variance(x: Tensor) -> Tensor:
    """Population variance over the samples, mean over the dimensions: (batch, N, d) → (batch)."""
    x = x if x.is_floating_point() else x.double()
    return ((x - x.mean(dim=-2, keepdim=True)) ** 2).mean(dim=(-2, -1))


def _as_bits(value: Any, what: str) -> float:
    try:
        bits = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} gave {value!r}; it must give one number, in bits") from error
    if not np.isfinite(bits):
        raise ValueError(f"{what} gave {bits}; it must give a finite number of bits")
    return bits
