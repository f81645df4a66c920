"""What a sweep over bottleneck sizes shows: information at the end of training against K.

Each size has one network or more and the same test batches, so a mean over both has two sources
of error. `replicates` draws it anew with both; intervals and `transition` come from there.

Planes are Datasets, ``input_mi`` and so on; what is computed from them are DataArrays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import isotonic_regression

from ipae_lib.plane import QUANTITIES
from ipae_lib.validation import check_count

SIZE = "bottleneck_size"
CRITICAL_SIZE = 13
"""K after which, the paper says, the encoder's compression has mostly disappeared."""

LEVEL = 0.95
"""Share of the replicates that an interval holds."""

_REPLICATES = 2_000

_FREEDOM = 4
"""Degrees of freedom at which a spread between networks is known well enough."""

_DONOR = "donor"
"""Dimension of the sizes whose networks tell the spread of another."""


Values = TypeVar("Values", xr.DataArray, xr.Dataset)


def final_records(results: Iterable[xr.Dataset]) -> xr.Dataset:
    """The last record of every run, by bottleneck size and seed.

    Parameters
    ----------
    results : iterable of Dataset
        As `experiments.run_or_load` gives them, in any order.

    Returns
    -------
    Dataset
        ``input_mi``, ``output_mi`` and ``entropy`` (bottleneck_size, estimator, layer, seed,
        batch) in bits, and ``test_error`` (bottleneck_size, seed), mean square per pixel. Sizes
        ascend; NaN where a size lacks a seed that another one has.

    Raises
    ------
    ValueError
        If there is no result, one holds no information, or two have the same size and seed.
    """
    ends: dict[tuple[int, int], xr.Dataset] = {}
    wanted = [*QUANTITIES, "test_error"]
    for result in results:
        configuration = json.loads(result.attrs["configuration"])
        name, key = configuration["name"], (configuration[SIZE], configuration["seed"])
        if missing := [variable for variable in wanted if variable not in result]:
            raise ValueError(f"results holds {name}, which has no {missing[0]}; leave it out")
        if key in ends:
            raise ValueError(
                f"results holds two runs with K = {key[0]} and seed {key[1]}, the second is "
                f"{name}; give each once"
            )
        ends[key] = result[wanted].isel(iteration=-1, drop=True)
    if not ends:
        raise ValueError("results is empty; give at least one run")
    index = pd.MultiIndex.from_tuples(ends, names=(SIZE, "seed"))
    runs = xr.concat(list(ends.values()), dim="run", join="exact", combine_attrs="drop")
    runs = runs.assign_coords(xr.Coordinates.from_pandas_multiindex(index, "run")).unstack("run")
    return runs.transpose(SIZE, "estimator", "layer", "seed", "batch")


def critical_size(values: xr.DataArray | xr.Dataset) -> int:
    """The size that stands for the paper's K = 13: the smallest that is not below it.

    Raises
    ------
    ValueError
        If all are.
    """
    sizes = values[SIZE].values
    if sizes.max() < CRITICAL_SIZE:
        raise ValueError(
            f"values has the bottleneck sizes {sizes.tolist()}; none reaches the paper's "
            f"{CRITICAL_SIZE}"
        )
    return int(sizes[sizes >= CRITICAL_SIZE].min())


def compression(plane: xr.Dataset, layer: str = "E3") -> xr.DataArray:
    """Compression by the encoder, I(X;T₁ᴱ) − I(X;T), in bits.

    Parameters
    ----------
    plane : Dataset
        With the variable ``input_mi`` of the dimension layer.
    layer : str
        T, a later layer of the encoder: "E3" for the last before the bottleneck, or "Z".
    """
    return plane.input_mi.sel(layer="E1", drop=True) - plane.input_mi.sel(layer=layer, drop=True)


def gap(plane: xr.Dataset) -> xr.DataArray:
    """Distance from the bisector, I(X;T) − I(T;X′), of every layer, in bits.

    Parameters
    ----------
    plane : Dataset
        With the variables ``input_mi`` and ``output_mi``.
    """
    return plane.input_mi - plane.output_mi


def mean(values: Values) -> Values:
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
    pool: xr.DataArray = _pool(networks)
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


def replicates(values: Values, count: int = _REPLICATES, seed: int = 0) -> Values:
    """The `mean` of each size, drawn anew with the errors of batches and of networks.

    Batches are drawn with replacement, the same for all sizes, because all were estimated on the
    same images. Networks are too few to be drawn: to the mean of a size with n seeds comes an
    error with the variance of `spread_of_networks` over n, and that variance is drawn with its
    own uncertainty, so that each error follows Student's distribution.

    Parameters
    ----------
    values : DataArray or Dataset
        With dimensions bottleneck_size, seed and batch, and any others.
    count : int
        Replicates.
    seed : int
        Of the generator.

    Returns
    -------
    DataArray or Dataset
        The dimension replicate in place of seed and batch. Everything in a replicate, layers as
        well as variables, has the same batches and networks.

    Raises
    ------
    ValueError
        If there is one batch, or a value is missing of a network that is there.
    """
    count = check_count(count, "count")
    if isinstance(values, xr.Dataset):
        # every variable starts from the same seed, and so has the same draws
        return values.map(replicates, count=count, seed=seed)
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
    counts = _counts(networks)
    pool: xr.DataArray = _pool(networks)
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
    values: Values,
    statistic: Callable[[Values], Values] = lambda means: means,
    level: float = LEVEL,
) -> xr.Dataset:
    """The `mean` of each size, or what is computed from it, with its interval.

    Parameters
    ----------
    values : DataArray or Dataset
        As for `replicates`; a Dataset needs a statistic.
    statistic : callable, optional
        Of ``values`` without seed and batch, elementwise in the dimension replicate: for
        example a difference of two sizes, or of two layers. It gives a DataArray.
    level : float
        Share of the replicates inside.

    Returns
    -------
    Dataset
        ``mean``, ``low`` and ``high``.

    Raises
    ------
    ValueError
        As `replicates`, or if the level is not between 0 and 1, or the statistic gives a Dataset.
    """
    tails = _tails(level)
    drawn = statistic(replicates(values))
    if isinstance(drawn, xr.Dataset):
        raise ValueError(
            f"statistic gives the variables {list(drawn)}; it must choose one, or compute one: "
            "for example lambda plane: plane.input_mi"
        )
    found = {"mean": statistic(mean(values))}
    for bound, tail in zip(("low", "high"), tails, strict=True):
        found[bound] = drawn.quantile(tail, dim="replicate").drop_vars("quantile")
    return xr.Dataset(found)


def interval_text(found: xr.Dataset, digits: int = 2) -> xr.DataArray:
    """What `interval` gives, as text for a table that breaks no line: ``1.44 [1.25, 1.67]``."""

    def text(mean: float, low: float, high: float) -> str:
        return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]".replace(" ", "\N{NBSP}")

    ends = (found[name] for name in ("mean", "low", "high"))
    return xr.apply_ufunc(text, *ends, vectorize=True)


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
    end, low, high = (float(2**octave) for octave in (ends[0], low, high))
    change_low, change_high = np.quantile(drawn[:, -1] - drawn[:, 0], _tails(level))
    return Transition(
        end,
        low,
        high,
        change=float(curve[-1] - curve[0]),
        change_low=float(change_low),
        change_high=float(change_high),
        largest=int(sizes[-1]),
    )


def _shares(curves: np.ndarray, octaves: np.ndarray, share: float) -> np.ndarray:
    """Where each curve (curve, size), made monotone, has made that share of its change."""
    rising = curves * np.sign(curves[:, -1:] - curves[:, :1])
    monotone = (isotonic_regression(curve).x for curve in rising)
    return np.array(
        [np.interp(y[0] + share * (y[-1] - y[0]), y, octaves) for y in monotone], dtype=float
    )


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
