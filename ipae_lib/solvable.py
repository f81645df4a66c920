"""Autoencoders whose information plane is known exactly, so that an estimate has an error.

Three families, one interface: `linear_case` (Gaussian inputs, linear layers, closed forms),
`warped_case` (the same behind invertible nonlinear maps) and `discrete_case` (quantised layers,
counted). Each is an `ExactCase`: the exact plane over training, and samples for estimators.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor, nn

from ipae_lib.activations import Reading, capture, forward
from ipae_lib.discrete import discrete_plane
from ipae_lib.inputs import as_batch
from ipae_lib.kernels import check_no_overflow
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import INPUT_MI, OUTPUT_MI, LinearAutoencoder, Noise, NoiseLevel, Samples
from ipae_lib.validation import (
    ArrayLike,
    Count,
    Natural,
    Positive,
    Several,
    as_samples,
    check_iterations,
)


@dataclass(frozen=True)
class ExactCase:
    """An autoencoder in training whose information plane is known.

    Parameters
    ----------
    name : str
    plane : Dataset
        ``input_mi`` and ``output_mi`` (iteration, layer) in bits, as in
        `InformationPlane.record`, layers from "X" to "X_out"; ``variance`` (iteration, layer).
    draw : callable ``(n, generator, iteration) → Samples``
        How `sample` draws.
    sigma : float, optional
        Standard deviation of the noise R, where each pair ends in a variable with such noise:
        what `clean` is without.
    unwarped : ExactCase, optional
        The case before an invertible map.

    Examples
    --------
    >>> start = LinearAutoencoder.random(np.diag([4.0, 1.0]), widths=[1], seed=0)
    >>> case = linear_case({0: start}, sigma=0.5)
    >>> x, t = case.sample(n=100, seed=1, iteration=0)["input_mi", "Z"]
    >>> x.shape, t.shape
    (torch.Size([100, 2]), torch.Size([100, 1]))
    """

    name: str
    plane: xr.Dataset
    draw: Callable[[int, torch.Generator, int], Samples]
    sigma: float | None = None
    unwarped: ExactCase | None = None

    def clean(
        self, n: Several, seed: Natural = 0, iteration: int | None = None
    ) -> dict[tuple[str, str], Tensor] | None:
        """The second variables of `sample` before their noise, or None where there is no noise.

        The same arguments give the same rows. Behind an invertible map, it is what the noise of
        standard deviation ``sigma`` was added to, before the map: no information differs.

        Raises
        ------
        ValueError
            As `sample`.
        """
        if self.unwarped is not None:
            return self.unwarped.clean(n, seed, iteration)
        if self.sigma is None:
            return None
        pairs = self.sample(n, seed, iteration)
        # the first variable of a layer's output MI is the layer itself
        return {
            (quantity, layer): pairs[OUTPUT_MI, layer if quantity == INPUT_MI else OUTPUT][0]
            for quantity, layer in pairs
        }

    def sample(self, n: Several, seed: Natural = 0, iteration: int | None = None) -> Samples:
        """``n`` independent rows of all pairs of variables that the plane is about.

        Parameters
        ----------
        n : int
            At least 2.
        seed : int
            The same seed draws the same inputs at every iteration.
        iteration : int, optional
            One of ``plane.iteration``; the last if left out.

        Returns
        -------
        dict from (quantity, layer) to two float64 Tensors of shapes (n, d_a) and (n, d_b)
            An estimator called with the two tensors estimates this quantity of ``plane`` at this
            layer and iteration.

        Raises
        ------
        ValueError
            If ``n`` or ``seed`` is out of range, or the plane lacks the iteration.
        """
        generator = torch.Generator().manual_seed(seed)
        known = self.plane["iteration"].values.tolist()
        iteration = known[-1] if iteration is None else iteration
        if iteration not in known:
            raise ValueError(f"iteration is {iteration!r}; the case {self.name!r} has {known}")
        return self.draw(n, generator, iteration)


def linear_case(
    snapshots: Mapping[int, LinearAutoencoder],
    sigma: NoiseLevel,
    noise: Noise = "fixed",
    name: str = "linear",
) -> ExactCase:
    """The exact case of a linear autoencoder at the iterations that `train_linear` kept.

    Its plane holds the population error, too, as ``loss`` (iteration).

    Parameters
    ----------
    snapshots : mapping from iteration to LinearAutoencoder
    sigma, noise
        See `linear.LinearAutoencoder.plane`.
    name : str

    Raises
    ------
    ValueError
        If there is no snapshot, or as `LinearAutoencoder.plane`.
    """
    planes = [model.plane(sigma, noise) for model in _some(snapshots).values()]

    def draw(n: int, generator: torch.Generator, iteration: int) -> Samples:
        return snapshots[iteration].sample(n, generator, sigma, noise)

    plane = _over_training(snapshots, planes).assign_attrs(sigma=float(sigma), noise=noise)
    plane["loss"] = "iteration", [model.loss for model in snapshots.values()]
    return ExactCase(name, plane, draw, sigma if noise == "fixed" else None)


def warped_case(
    case: ExactCase, warp: Callable[[Tensor], Tensor], name: str | None = None
) -> ExactCase:
    """The same case with every variable seen through an invertible nonlinear map.

    Information does not change under bijections, I(φ(A); ψ(B)) = I(A; B), so the plane stays
    exact. With A = X and B = T + R it is that of a network with inputs φ(X) whose layers add
    their noise *before* an invertible nonlinearity. It is not that of a network that adds it
    after: I(X; ψ(T) + R) is another number, mostly without a closed form. With noise on the ends
    the input MI is I(φ(X+R); ψ(T)), and the layers themselves are free of noise.

    Parameters
    ----------
    case : ExactCase
    warp : callable (n, d) → (n, d)
        Acts on each row; smooth and invertible, such as ``torch.asinh``.
    name : str, optional

    Raises
    ------
    ValueError
        When sampled, if ``warp`` changes the shape, or its Jacobian shows that it is not
        invertible: its determinant is 0 in some of the samples, or has not the same sign in all.
    """

    def draw(n: int, generator: torch.Generator, iteration: int) -> Samples:
        pairs = case.draw(n, generator, iteration)
        known: dict[int, Tensor] = {}  # variables are shared by pairs
        for variable in (v for pair in pairs.values() for v in pair):
            if id(variable) not in known:
                known[id(variable)] = _warped(variable, warp)
        return {key: (known[id(a)], known[id(b)]) for key, (a, b) in pairs.items()}

    return ExactCase(name or f"{case.name}, warped", case.plane, draw, case.sigma, case)


def train_discrete(
    model: nn.Sequential,
    inputs: Tensor,
    steps: Count,
    record_at: Collection[int],
    learning_rate: Positive = 0.01,
) -> dict[int, nn.Sequential]:
    """Train a copy of a `DiscreteAutoencoder` on all its inputs; the model at some iterations.

    Adam on the squared error, the rate falling linearly to 0. Weights are rounded to a grid at
    each step, so that every processor takes the same path.

    Raises
    ------
    ValueError
        If a number is out of range or an iteration is not on the way.
    """
    wanted = check_iterations(record_at, steps, "record_at")
    model = deepcopy(model)
    batch = as_batch(as_samples(inputs, "inputs")).ready_for(model, None)
    forward(model, {OUTPUT: Reading("")}, batch)  # tells what does not fit
    (inputs,) = batch.args
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    kept = {}
    for step in range(steps + 1):
        with torch.no_grad():
            for weight in model.parameters():
                weight.copy_(torch.round(weight * 2**20) / 2**20)
        if step in wanted:
            kept[step] = deepcopy(model)
        if step < steps:
            optimizer.zero_grad()
            ((model(inputs) - inputs) ** 2).sum(dim=1).mean().backward()
            optimizer.step()
            decay.step()
    return kept


def discrete_case(
    snapshots: Mapping[int, nn.Sequential], inputs: ArrayLike, name: str = "discrete"
) -> ExactCase:
    """The exact case of a chain of quantised layers, counted: Definition 4, passed on.

    Parameters
    ----------
    snapshots : mapping from iteration to Sequential
        Named children are the layers in order, as in `DiscreteAutoencoder`. The last is the
        output X′, called "X_out" whatever its name is.
    inputs : array of shape (n, d)
        X is uniform over its rows. Samples are drawn from them with replacement.
    name : str

    Raises
    ------
    ValueError
        If there is no snapshot, or inputs and layers do not fit.
    """
    inputs = as_samples(inputs, "inputs")
    check_no_overflow(inputs, inputs**2, "inputs")
    tables, planes = {}, []
    for iteration, model in _some(snapshots).items():
        layers = [layer for layer, _ in model.named_children()][:-1]
        tables[iteration] = capture(model, layers, inputs)
        plane = discrete_plane(tables[iteration])
        variance = [float(t.var(0, correction=0).mean()) for t in tables[iteration].values()]
        planes.append(plane.assign(variance=("layer", variance)))

    def draw(n: int, generator: torch.Generator, iteration: int) -> Samples:
        rows = torch.randint(len(inputs), (n,), generator=generator)
        drawn = {layer: values[rows] for layer, values in tables[iteration].items()}
        pairs: Samples = {}
        for layer, values in drawn.items():
            pairs[INPUT_MI, layer] = drawn[INPUT], values
            pairs[OUTPUT_MI, layer] = values, drawn[OUTPUT]
        return pairs

    return ExactCase(name, _over_training(snapshots, planes), draw)


def _warped(variable: Tensor, warp: Callable[[Tensor], Tensor]) -> Tensor:
    warped = warp(variable)
    if not isinstance(warped, Tensor) or warped.shape != variable.shape:
        raise ValueError(
            f"warp gave {getattr(warped, 'shape', type(warped))} for {tuple(variable.shape)}; it "
            "must keep the shape"
        )
    rows = variable[:64]  # enough to see a fold, and fast
    jacobian = torch.func.vmap(torch.func.jacrev(lambda row: warp(row[None])[0]))(rows)
    signs = torch.linalg.slogdet(jacobian).sign
    if (signs == 0).any() or (signs != signs[0]).any():
        raise ValueError(
            "warp is not invertible where the samples are: the determinant of its Jacobian is 0 "
            "or changes sign; take a map such as torch.asinh or x + x³, or smaller variables"
        )
    return as_samples(warped, "warp(variable)")


def _over_training(snapshots: Mapping[int, object], planes: list[xr.Dataset]) -> xr.Dataset:
    iteration = xr.Variable("iteration", [int(i) for i in snapshots])
    return xr.concat(planes, iteration, combine_attrs="override")


def _some(snapshots: Mapping[int, object]) -> Mapping:
    if not snapshots:
        raise ValueError("snapshots is {}; give the autoencoder at one iteration or more")
    return snapshots
