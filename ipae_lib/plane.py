"""The information plane of an autoencoder: I(X;T) and I(T;X′) of any torch model's layers.

Definition 2 of the paper. `InformationPlane` runs fixed batches through a model, reads the
layers, and asks every estimator for every quantity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from ipae_lib.activations import Precision, as_input, forward, labelled_modules, measured
from ipae_lib.entropy import LARGE
from ipae_lib.estimators import EntropyEstimator, MutualInformationEstimator, PreparedVariable
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.threads import in_threads
from ipae_lib.validation import ArrayLike, as_float_tensor, as_samples

QUANTITIES = {
    "input_mi": "mutual information with the input",
    "output_mi": "mutual information with the output",
    "entropy": "entropy",
}
"""Variables of a record that an estimator gives, in bits, with their long names."""


class InformationPlane:
    """Records the information plane of a model's layers on fixed batches.

    Parameters
    ----------
    model : torch.nn.Module
        Any module that maps a batch of inputs to one tensor, the output X′, of as many rows.
        It is run in evaluation mode, without gradients, on copies of its parameters and buffers:
        it is left as it was, and so is torch's random number generator.
    layers : sequence of str, or mapping from label to module path
        Submodules whose outputs are the hidden layers T, in order from input to output, as
        named by ``model.named_modules()``. Outputs of more than one dimension are flattened.
    batches : array of shape (batch, N, ...)
        Inputs; each batch of N samples gives its own estimates.
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

    Raises
    ------
    ValueError
        If a layer, a label or a shape does not fit, or ``dtype`` is another; each message says
        what would.

    Examples
    --------
    >>> from ipae_lib.kernels import ProposedWidth
    >>> from ipae_lib.estimators import MatrixRenyi
    >>> model = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
    >>> plane = InformationPlane(
    ...     model, {"Z": "0"}, torch.randn(3, 64, 8), {"proposed": MatrixRenyi(ProposedWidth(0.8))}
    ... )
    >>> dict(plane.record().input_mi.sizes)
    {'estimator': 1, 'layer': 3, 'batch': 3}
    """

    def __init__(
        self,
        model: nn.Module,
        layers: Sequence[str] | Mapping[str, str],
        batches: ArrayLike,
        estimators: Mapping[str, MutualInformationEstimator],
        dtype: Precision = torch.float64,
    ) -> None:
        self.model = model
        self.dtype = dtype
        self.layers = labelled_modules(model, layers)
        self.batches = _as_batches(batches, model, dtype)
        if not estimators:
            raise ValueError("estimators is empty; give for example {'proposed': MatrixRenyi(...)}")
        self.estimators = dict(estimators)
        known = {INPUT, *self.layers, OUTPUT}
        for name, estimator in self.estimators.items():
            if not callable(estimator):
                raise ValueError(f"estimators[{name!r}] is {estimator!r}; it must be callable")
            if isinstance(estimator, EntropyEstimator):
                unknown = sorted(estimator.variable_names() - known)
                if unknown:
                    raise ValueError(
                        f"estimator {name!r} has settings for {unknown}, which are no layers of "
                        f"this plane; its variables are {[INPUT, *self.layers, OUTPUT]}"
                    )
        self._input_parts: dict[str, list[PreparedVariable]] = {}

    def record(self, iteration: int | None = None) -> xr.Dataset:
        """One point of the plane for each layer, estimator and batch.

        Parameters
        ----------
        iteration : int, optional
            Training iteration, kept as a scalar coordinate: records of several iterations
            join by ``xarray.concat(records, "iteration")``.

        Returns
        -------
        xarray.Dataset
            In bits, each (estimator, layer, batch): ``input_mi`` I(X;T), ``output_mi`` I(T;X′)
            and ``entropy`` H(T). The layers run from ``"X"`` over the hidden layers to
            ``"X_out"``, the output X′, so that I(X;X′) is the output MI of X and I(X;X) its
            input MI. ``variance`` (layer, batch): population variance, mean over the dimensions.

        Raises
        ------
        ValueError
            If an activation is NaN or infinite, an estimator's answer is no number, or the model
            does not run in this ``dtype``.
        """
        variables = self.activations()
        names = list(variables)
        information = np.full(
            (len(self.estimators), len(QUANTITIES), len(names), len(self.batches)), np.nan
        )
        for i, (name, estimator) in enumerate(self.estimators.items()):
            if isinstance(estimator, EntropyEstimator):
                information[i] = self._shared(name, estimator, variables)
                if not np.isfinite(information[i]).all():
                    raise ValueError(
                        f"estimator {name!r} gave NaN or infinity; it must give a finite number of "
                        "bits for every variable and pair"
                    )
            else:
                information[i] = _pairwise(name, estimator, variables)
        variance = torch.stack([_mean_variance(x) for x in variables.values()])
        dims = ("estimator", "layer", "batch")
        record = xr.Dataset(
            {
                name: (dims, information[:, i], {"long_name": long_name, "units": "bit"})
                for i, (name, long_name) in enumerate(QUANTITIES.items())
            },
            coords={
                "estimator": list(self.estimators),
                "layer": names,
                "batch": np.arange(len(self.batches)),
            },
        )
        record["variance"] = dims[1:], variance.cpu().numpy().astype(float)
        record.variance.attrs = {"long_name": "variance, mean over dimensions"}
        return record if iteration is None else record.assign_coords(iteration=int(iteration))

    def activations(self) -> dict[str, Tensor]:
        """Every variable by name, as (batch, N, d), in order from X to X′."""
        with measured(self.model, self.dtype):
            passes = [forward(self.model, self.layers, batch) for batch in self.batches]
        hidden = {
            label: as_samples(torch.stack([outputs[label] for outputs in passes]), label).to(
                dtype=self.dtype
            )
            for label in (*self.layers, OUTPUT)
        }
        return {INPUT: as_samples(self.batches.flatten(start_dim=2), INPUT), **hidden}

    def _shared(
        self, name: str, estimator: EntropyEstimator, variables: dict[str, Tensor]
    ) -> np.ndarray:
        pieces, run = _division(estimator, variables[INPUT])

        def parts(label: str, piece: slice) -> PreparedVariable:
            return PreparedVariable(estimator, variables[label][piece], label)

        if name not in self._input_parts:
            self._input_parts[name] = run(lambda piece: parts(INPUT, piece), pieces)
        inputs = self._input_parts[name]
        outputs = run(lambda piece: parts(OUTPUT, piece), pieces)

        def rows(task: tuple[int, str]) -> dict[str, Tensor]:
            position, label = task
            x, x_out = inputs[position], outputs[position]
            if label == INPUT:  # and the output's, which has I(X;X′) in common
                through = x.information_with(x_out)
                return {
                    INPUT: torch.stack([x.self_information, through, x.entropy]),
                    OUTPUT: torch.stack([through, x_out.self_information, x_out.entropy]),
                }
            layer = parts(label, pieces[position])
            information = [x.information_with(layer), layer.information_with(x_out)]
            return {label: torch.stack([*information, layer.entropy])}

        tasks = list(product(range(len(pieces)), (INPUT, *self.layers)))
        found: list[dict[str, Tensor]] = [{} for _ in pieces]
        for (position, _), some in zip(tasks, run(rows, tasks), strict=True):
            found[position] |= some
        tables = [torch.stack([row[label] for label in variables], dim=1) for row in found]
        return torch.cat(tables, dim=-1).cpu().numpy()


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
    return ((x - x.mean(dim=-2, keepdim=True)) ** 2).mean(dim=(-2, -1))


def _pairwise(
    name: str, estimator: MutualInformationEstimator, variables: dict[str, Tensor]
) -> np.ndarray:
    """The quantities of a plain callable: one call for each pair of variables and batch."""
    missing = [float("nan")] * len(variables[INPUT])

    @cache
    def information(a: str, b: str) -> list[float]:
        if a == b:
            return missing
        return [
            _as_bits(estimator(x, y), f"estimator {name!r} for I({a};{b})")
            for x, y in zip(variables[a], variables[b], strict=True)
        ]

    rows = [(information(INPUT, t), information(t, OUTPUT), missing) for t in variables]
    return np.asarray(rows).swapaxes(0, 1)


def _as_bits(value: Any, what: str) -> float:
    try:
        bits = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} gave {value!r}; it must give one number, in bits") from error
    if not np.isfinite(bits):
        raise ValueError(f"{what} gave {bits}; it must give a finite number of bits")
    return bits


def _as_batches(batches: ArrayLike, model: nn.Module, dtype: torch.dtype | None) -> Tensor:
    # a copy, because what is kept of the input must stay true of it
    batches = as_float_tensor(batches, "batches").detach().clone()
    if batches.ndim < 3:
        raise ValueError(
            f"batches has shape {tuple(batches.shape)}; it needs (batch, N, ...): for one batch "
            "give batches[None]"
        )
    if len(batches) == 0:
        raise ValueError(f"batches has shape {tuple(batches.shape)}; give at least one batch")
    batches = as_input(batches, model, dtype)
    as_samples(batches.flatten(start_dim=2), "batches")
    return batches
