"""What a sweep over bottleneck sizes shows: information at the end of training against K.

Each size has one network or more and the same test batches, so a mean over both has two sources
of error. `replicates` draws it anew with both; intervals and `transition` come from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib.validation import check_count

SIZE = "bottleneck_size"
LEVEL = 0.95
"""Share of the replicates that an interval holds."""

_REPLICATES = 2_000


def final_information(results: Iterable[xr.Dataset]) -> xr.DataArray:
    """Information at the end of training against the bottleneck size, in bits.

    Parameters
    ----------
    results : iterable of Dataset
        As `experiments.run_or_load` gives them, in any order.

    Returns
    -------
    DataArray (bottleneck_size, estimator, quantity, layer, seed, batch)
        Sizes in ascending order; NaN where a size lacks a seed that another one has.

    Raises
    ------
    ValueError
        If there is no result, one holds no information, or two have the same size and seed.
    """
    ends = _by_size_and_seed(results, "information")
    return ends.transpose(SIZE, "estimator", "quantity", "layer", "seed", "batch")


def final_errors(results: Iterable[xr.Dataset]) -> xr.DataArray:
    """Test error at the end of training against the bottleneck size, mean square per pixel.

    Parameters
    ----------
    results : iterable of Dataset
        As for `final_information`.

    Returns
    -------
    DataArray (bottleneck_size, seed)

    Raises
    ------
    ValueError
        As for `final_information`.
    """
    return _by_size_and_seed(results, "test_error").transpose(SIZE, "seed")


def _by_size_and_seed(results: Iterable[xr.Dataset], variable: str) -> xr.DataArray:
    ends: dict[tuple[int, int], xr.DataArray] = {}
    for result in results:
        configuration = json.loads(result.attrs["configuration"])
        name, key = configuration["name"], (configuration[SIZE], configuration["seed"])
        if variable not in result:
            raise ValueError(f"results holds {name}, which has no {variable}; leave it out")
        if key in ends:
            raise ValueError(
                f"results holds two runs with K = {key[0]} and seed {key[1]}, the second is "
                f"{name}; give each once"
            )
        ends[key] = result[variable].isel(iteration=-1, drop=True)
    if not ends:
        raise ValueError("results is empty; give at least one run")
    index = pd.MultiIndex.from_tuples(ends, names=(SIZE, "seed"))
    runs = xr.concat(list(ends.values()), dim="run", join="exact")
    return runs.assign_coords(xr.Coordinates.from_pandas_multiindex(index, "run")).unstack("run")


def compression(information: xr.DataArray, layer: str = "E3") -> xr.DataArray:
    """Compression by the encoder, I(X;T₁ᴱ) − I(X;T), in bits.

    Parameters
    ----------
    information : DataArray
        With dimensions quantity and layer.
    layer : str
        T, a later layer of the encoder: "E3" for the last before the bottleneck, or "Z".
    """
    inputs = information.sel(quantity="input_mi", drop=True)
    return inputs.sel(layer="E1", drop=True) - inputs.sel(layer=layer, drop=True)


def gap(information: xr.DataArray) -> xr.DataArray:
    """Distance from the bisector, I(X;T) − I(T;X′), of every layer, in bits.

    Parameters
    ----------
    information : DataArray
        With the dimension quantity.
    """
    inputs, outputs = (information.sel(quantity=q, drop=True) for q in ("input_mi", "output_mi"))
    return inputs - outputs


def mean(values: xr.DataArray) -> xr.DataArray:
    """Mean over the batches and over the seeds that a size has."""
    return values.mean("batch").mean("seed")


def spread_of_networks(values: xr.DataArray) -> tuple[xr.DataArray, int]:
    """How much networks differ that differ in their seed alone.

    Parameters
    ----------
    values : DataArray
        With dimensions bottleneck_size, seed and batch.

    Returns
    -------
    (DataArray, int)
        Standard deviation, pooled over the sizes with several seeds, and its degrees of freedom.
        Without such a size it is unknown: zero, with 0 degrees of freedom.
    """
    networks = values.mean("batch")
    freedom = int((networks.notnull().sum("seed") - 1).isel(_others(networks)).clip(min=0).sum())
    squares = ((networks - networks.mean("seed")) ** 2).sum(["seed", SIZE])
    return np.sqrt(squares / max(freedom, 1)), freedom


def replicates(values: xr.DataArray, count: int = _REPLICATES, seed: int = 0) -> xr.DataArray:
    """The `mean` of each size, drawn anew with the errors of batches and of networks.

    Batches are drawn with replacement, the same for all sizes, because all were estimated on the
    same images. Networks are too few to be drawn: to the mean of a size with n seeds comes a
    normal error with the variance of `spread_of_networks` over n, and that variance is drawn
    with its own uncertainty, so that the errors follow Student's distribution.

    Parameters
    ----------
    values : DataArray
        With dimensions bottleneck_size, seed and batch, and any others.
    count : int
        Replicates.
    seed : int
        Of the generator.

    Returns
    -------
    DataArray
        The dimension replicate in place of seed and batch.

    Raises
    ------
    ValueError
        If there is one batch, or a value is missing of a network that is there.
    """
    count = check_count(count, "count")
    batches = values.sizes["batch"]
    if batches < 2:
        raise ValueError("values has one batch; an interval needs at least 2")
    missing = values.isnull().sum("batch")
    if bool(((missing > 0) & (missing < batches)).any()) or bool(
        (missing == batches).all("seed").any()
    ):
        raise ValueError(
            "values has NaN in some batches of a network, or in every network of a size; "
            "a network is there whole or not at all"
        )
    random = np.random.default_rng(seed)
    drawn = random.multinomial(batches, np.full(batches, 1 / batches), size=count) / batches
    weights = xr.DataArray(drawn, dims=("replicate", "batch"), coords={"batch": values.batch})
    # a sample of b batches varies around its own mean by (b − 1) / b of what it should
    centre = mean(values)
    of_batches = xr.dot(values.mean("seed") - centre, weights, dim="batch")
    result = centre + of_batches * np.sqrt(batches / (batches - 1))

    spread, freedom = spread_of_networks(values)
    if freedom:
        networks = values.isel(batch=0).notnull().sum("seed")
        shape = (count, *centre.shape)
        scale = np.sqrt(freedom / random.chisquare(freedom, size=count))
        normal = random.standard_normal(shape) * scale.reshape(-1, *[1] * centre.ndim)
        error = xr.DataArray(normal, dims=("replicate", *centre.dims), coords=centre.coords)
        result = result + error * spread / np.sqrt(networks)
    return result.transpose("replicate", *centre.dims)


def interval(values: xr.DataArray, level: float = LEVEL) -> xr.Dataset:
    """The `mean` of each size with its interval.

    Parameters
    ----------
    values : DataArray
        As for `replicates`.
    level : float
        Share of the replicates inside.

    Returns
    -------
    Dataset
        ``mean``, ``low`` and ``high``, each without seed and batch.

    Raises
    ------
    ValueError
        As `replicates`, or if the level is not between 0 and 1.
    """
    low, high = (
        replicates(values).quantile(q, dim="replicate").drop_vars("quantile") for q in _tails(level)
    )
    return xr.Dataset({"mean": mean(values), "low": low, "high": high})


@dataclass(frozen=True)
class Transition:
    """The bottleneck size at which a curve stops changing, or that there is none.

    Parameters
    ----------
    size : float
        K; infinite if the curve still changes within the last doubling of K.
    low, high : float
        Interval of K; infinite likewise.
    change : float
        From the first size to the last.
    change_low, change_high : float
        Its interval.
    largest : int
        The largest size that was tried.
    """

    size: float
    low: float
    high: float
    change: float
    change_low: float
    change_high: float
    largest: int

    @property
    def changes(self) -> bool:
        """Whether there is a change that could end: its interval excludes 0."""
        return not self.change_low <= 0 <= self.change_high

    @property
    def ends(self) -> bool:
        """Whether there is a change and it ends within the sizes tried."""
        return self.changes and bool(np.isfinite(self.size))

    def __str__(self) -> str:
        if not self.changes:
            return "no change that could end"
        beyond = f"beyond {self.largest / 2:g}"
        low, high = (f"{k:.1f}" if np.isfinite(k) else beyond for k in (self.low, self.high))
        return f"{self.size:.1f} [{low}, {high}]" if self.ends else f"{beyond} [{low}, …)"


def transition(
    values: xr.DataArray,
    rule: Literal["share", "hinge"] = "share",
    share: float = 0.9,
    level: float = LEVEL,
) -> Transition:
    """The bottleneck size at which a curve stops changing, with an interval.

    Two rules. By *share*, it is the K at which the curve has made nine tenths of its change from
    the first size to the last. The curve is first made monotone (isotonic regression), so that
    one network that came out badly is averaged with its neighbours, and is linear in log K
    between the sizes. By *hinge*, it is the corner of the broken line that fits best: straight
    in log K before the corner, constant after it. By either rule a curve that gets there only
    within the last doubling of K has not stopped: that its end is flat would rest on nothing.

    Parameters
    ----------
    values : DataArray (bottleneck_size, seed, batch)
        For example what `compression` gives of one estimator.
    rule : "share" or "hinge"
    share : float
        Of the change, between 0 and 1; of the first rule.
    level : float
        Share of the replicates inside the interval.

    Raises
    ------
    ValueError
        If there are fewer than four sizes or they span less than two doublings, ``share`` or
        ``level`` is not between 0 and 1, the rule is unknown, or as `replicates`.
    """
    if rule not in ("share", "hinge"):
        raise ValueError(f"rule is {rule!r}; there are 'share' and 'hinge'")
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}; it must be between 0 and 1")
    sizes = values[SIZE].values
    if len(sizes) < 4 or sizes[-1] < 4 * sizes[0]:
        raise ValueError(
            f"values has the bottleneck sizes {sizes.tolist()}; a transition needs at least four "
            "in ascending order, the last at least four times the first"
        )
    octaves = np.log2(sizes)
    curve = mean(values).transpose(SIZE).values
    drawn = replicates(values).transpose("replicate", SIZE).values
    curves = np.vstack([curve, drawn])
    ends = _shares(curves, octaves, share) if rule == "share" else _hinges(curves, octaves)
    ends = np.where(ends > octaves[-1] - 1, np.inf, ends)
    low, high = np.quantile(ends[1:], _tails(level), method="inverted_cdf")
    change_low, change_high = np.quantile(drawn[:, -1] - drawn[:, 0], _tails(level))
    return Transition(
        *(float(2**octave) for octave in (ends[0], low, high)),
        change=float(curve[-1] - curve[0]),
        change_low=float(change_low),
        change_high=float(change_high),
        largest=int(sizes[-1]),
    )


def _shares(curves: np.ndarray, octaves: np.ndarray, share: float) -> np.ndarray:
    """Where each curve (curve, size), made monotone, has made that share of its change."""
    monotone = _increasing(curves * np.sign(curves[:, -1:] - curves[:, :1]))
    return np.array(
        [np.interp(y[0] + share * (y[-1] - y[0]), y, octaves) for y in monotone], dtype=float
    )


def _increasing(curves: np.ndarray) -> np.ndarray:
    """Isotonic regression of each curve (curve, size), by its max-min formula.

    The value at k is the largest, over the starts i ≤ k, of the smallest mean of i to j, j ≥ k.
    """
    n = curves.shape[1]
    sums = np.pad(curves, ((0, 0), (1, 0))).cumsum(1)
    start, end = np.arange(n)[:, None], np.arange(n)
    means = (sums[:, None, 1:] - sums[:, :-1, None]) / np.where(end >= start, end - start + 1, 1)
    means = np.where(end >= start, means, np.inf)
    # smallest over all ends from k on, for each start; then largest over the starts up to k
    smallest = np.minimum.accumulate(means[:, :, ::-1], axis=2)[:, :, ::-1]
    return np.where(start <= end, smallest, -np.inf).max(1)


def _hinges(curves: np.ndarray, octaves: np.ndarray) -> np.ndarray:
    """Corner of the broken line that fits each curve (curve, size) with the least squares."""
    corners = np.linspace(octaves[0], octaves[-1], 401)[1:]
    ramps = np.clip(corners[:, None] - octaves, 0, None)
    ramps -= ramps.mean(1, keepdims=True)
    ramps /= np.linalg.norm(ramps, axis=1, keepdims=True)
    explained = (curves @ ramps.T) ** 2
    return corners[explained.argmax(1)]


def _others(values: xr.DataArray) -> dict[str, int]:
    """Index of the first entry along every dimension but size and seed."""
    return {dim: 0 for dim in values.dims if dim not in (SIZE, "seed")}


def _tails(level: float) -> tuple[float, float]:
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must be between 0 and 1")
    return (1 - level) / 2, (1 + level) / 2
