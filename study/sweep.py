"""What a sweep over bottleneck sizes shows: information at the end of training against K.

Each size has one network or more and the same test batches, so a mean over both has two sources
of error. `replicates` draws it anew with both; intervals and `transition` come from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
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

_FREEDOM = 4
"""Degrees of freedom at which a spread between networks is known well enough."""

_DONOR = "donor"
"""Dimension of the sizes whose networks tell the spread of another."""


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


def spread_of_networks(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """How much networks of each size differ that differ in their seed alone.

    A few networks tell little, and networks of other sizes may differ more or less. So each
    size's spread is pooled over the sizes with several seeds that are nearest to it in log K,
    itself first, as many as it takes for four degrees of freedom.

    Parameters
    ----------
    values : DataArray
        With dimensions bottleneck_size, seed and batch.

    Returns
    -------
    (DataArray, DataArray)
        Standard deviation, and its degrees of freedom (bottleneck_size). Where no size has
        several seeds it is unknown: zero, with 0 degrees of freedom.
    """
    networks = values.mean("batch")
    pool = _pool(networks)
    squares = ((networks - networks.mean("seed")) ** 2).sum("seed").rename({SIZE: _DONOR})
    freedom = xr.dot(pool, (_counts(networks) - 1).rename({SIZE: _DONOR}), dim=_DONOR)
    return np.sqrt(xr.dot(pool, squares, dim=_DONOR) / np.maximum(freedom, 1)), freedom


def _pool(networks: xr.DataArray) -> xr.DataArray:
    """Whether a size's spread is taken from a donor's networks, (bottleneck_size, donor)."""
    counts, octaves = _counts(networks).values, np.log2(networks[SIZE].values)
    pool = np.zeros((len(counts), len(counts)), dtype=int)
    for row, octave in enumerate(octaves):
        for donor in np.argsort(abs(octaves - octave), kind="stable"):
            if counts[donor] > 1 and pool[row] @ (counts - 1) < _FREEDOM:
                pool[row, donor] = 1
    coords = {SIZE: networks[SIZE].values, _DONOR: networks[SIZE].values}
    return xr.DataArray(pool, coords, (SIZE, _DONOR))


def replicates(values: xr.DataArray, count: int = _REPLICATES, seed: int = 0) -> xr.DataArray:
    """The `mean` of each size, drawn anew with the errors of batches and of networks.

    Batches are drawn with replacement, the same for all sizes, because all were estimated on the
    same images. Networks are too few to be drawn: to the mean of a size with n seeds comes an
    error with the variance of `spread_of_networks` over n, and that variance is drawn with its
    own uncertainty, so that each error follows Student's distribution.

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
    # a sample of b batches varies around its own mean by (b − 1) / b of what it should; and its
    # variance is uncertain, as that of the networks is
    centre = mean(values)
    of_batches = xr.dot(values.mean("seed") - centre, weights, dim="batch")
    widths = np.sqrt(batches / random.chisquare(batches - 1, count))
    result = centre + of_batches * xr.DataArray(widths, dims="replicate")

    networks = values.mean("batch")
    counts, pool = _counts(networks), _pool(networks)
    if bool(pool.any()):
        # sums of deviations with random factors keep how those of the layers go together
        deviations = (networks - networks.mean("seed")).fillna(0).rename({SIZE: _DONOR})
        shape = (count, *pool.shape, networks.sizes["seed"])
        factors = pool * xr.DataArray(
            random.standard_normal(shape), dims=("replicate", *pool.dims, "seed")
        )
        # drawn for each donor, so that sizes with the same donors are as uncertain together
        free = np.maximum(counts.values - 1, 0)
        squares = np.where(free > 0, random.chisquare(np.maximum(free, 1), (count, len(free))), 0)
        total = xr.dot(pool, xr.DataArray(squares, dims=("replicate", _DONOR)), dim=_DONOR)
        error = xr.dot(factors, deviations, dim=[_DONOR, "seed"])
        result = result + error / np.sqrt(total * counts)
    return result.transpose("replicate", *centre.dims)


def interval(
    values: xr.DataArray,
    statistic: Callable[[xr.DataArray], xr.DataArray] | None = None,
    level: float = LEVEL,
) -> xr.Dataset:
    """The `mean` of each size, or what is computed from it, with its interval.

    Parameters
    ----------
    values : DataArray
        As for `replicates`.
    statistic : callable, optional
        Of a DataArray without seed and batch, elementwise in the dimension replicate: for
        example a difference of two sizes, or of two layers.
    level : float
        Share of the replicates inside.

    Returns
    -------
    Dataset
        ``mean``, ``low`` and ``high``.

    Raises
    ------
    ValueError
        As `replicates`, or if the level is not between 0 and 1.
    """
    tails = _tails(level)
    of = statistic or (lambda means: means)
    drawn = of(replicates(values))
    low, high = (drawn.quantile(q, dim="replicate").drop_vars("quantile") for q in tails)
    return xr.Dataset({"mean": of(mean(values)), "low": low, "high": high})


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
        If there are fewer than four sizes, in ascending order over two doublings, ``share`` or
        ``level`` is not between 0 and 1, the rule is unknown, or as `replicates`.
    """
    if rule not in ("share", "hinge"):
        raise ValueError(f"rule is {rule!r}; there are 'share' and 'hinge'")
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}; it must be between 0 and 1")
    sizes = values[SIZE].values
    if len(sizes) < 4 or (np.diff(sizes) <= 0).any() or sizes[-1] < 4 * sizes[0]:
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


def _counts(networks: xr.DataArray) -> xr.DataArray:
    """Networks of each size, from values (bottleneck_size, seed, …) of which some are missing."""
    others = [dim for dim in networks.dims if dim not in (SIZE, "seed")]
    return networks.notnull().all(others).sum("seed")


def _tails(level: float) -> tuple[float, float]:
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must be between 0 and 1")
    return (1 - level) / 2, (1 + level) / 2
