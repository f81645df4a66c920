"""The exact information of a trained network, for X uniform over images that are all stored.

Definition 5 then needs no estimator. T = f(X) takes n known values, so that T + R is a mixture of
n known Gaussians, and ::

    I(X; T+R) = E[log₂ n − log₂ Σ_j exp(−e_j)],   e_j = (‖t_i + r − t_j‖² − ‖r‖²) / 2s²

is a mean over noisy queries (i, r): it has a standard error, no bias, and nothing to tune. So is
E[log₂ n − H(w)], where w_j ∝ exp(−e_j) is what t_i + r tells about the image: the former, averaged
over all images that may have led there. Both come from the same distances, and are combined with
quantities of known mean (control variates) so that the variance is least.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from tqdm import tqdm

from ipae_lib.arguments import shown
from ipae_lib.discrete import discrete_entropy
from ipae_lib.kernels import check_no_overflow
from ipae_lib.threads import in_one_thread, in_threads
from ipae_lib.validation import (
    ArrayLike,
    Natural,
    Positive,
    as_array,
    as_float_tensor,
    as_samples,
    check_count,
    check_positive,
)

Noise = Callable[[Tensor], float]
"""The standard deviation s of the noise for a variable, given its values (n, d)."""

Queries = Annotated[int, partial(check_count, minimum=2, fix="their spread gives the error")]

_QUERIES, _COLUMNS = 128, 512
"""Side lengths of a tile on a CPU: it stays in the second cache."""

_DEVICE_QUERIES, _DEVICE_COLUMNS = 1024, 16_384
"""On other devices, which are quick with large tiles alone."""

_LOWEST = -80.0
"""Exponents end here: those that underflow cost 30 times as much, and add as little."""

_FLOOR = 1e-3
"""Weight of the landmarks next to an image, below which it stands alone."""

_MOST_LEVERAGE = 0.9
"""Where one query has more weight in the regression on controls, it is left out."""

_ROUNDING = 2e-3
"""Bits that rounding may cost before double precision is used."""


@dataclass(frozen=True)
class OneLevel:
    """The same noise for every layer, Definition 5 as it is written.

    **Layers are compared in the units in which the network happens to compute them.**

    Parameters
    ----------
    s : float
        Standard deviation of the noise.

    Examples
    --------
    >>> OneLevel(0.1)(torch.zeros(3, 2))
    0.1
    """

    s: Annotated[float, partial(check_positive, fix="entropy_of_codes needs no noise")]

    def __call__(self, _t: Tensor, /) -> float:
        return float(self.s)


@dataclass(frozen=True)
class LayerDeviation:
    """Noise as a share of the layer's root mean variance over its dimensions.

    **A copied dimension counts as a new one**: wide layers that repeat themselves lose the noise.

    Parameters
    ----------
    share : float

    Examples
    --------
    >>> LayerDeviation(0.5)(torch.tensor([[0.0, 1.0], [4.0, 1.0]])) == 0.5 * math.sqrt(2)
    True
    """

    share: Positive

    def __call__(self, t: Tensor, /) -> float:
        return self.share * math.sqrt(_total_variance(_as_population(t, "t")) / t.shape[1])


@dataclass(frozen=True)
class TotalDeviation:
    """Noise as a share of the root of the layer's total variance, the counterpart of √d in (30).

    **Copied dimensions change nothing**, nor does a rotation of the layer or a factor.

    Parameters
    ----------
    share : float

    Examples
    --------
    >>> TotalDeviation(0.1)(torch.tensor([[0.0, 1.0], [4.0, 1.0]]))
    0.2
    """

    share: Positive

    def __call__(self, t: Tensor, /) -> float:
        return self.share * math.sqrt(_total_variance(_as_population(t, "t")))


def exact_plane(
    activations: Mapping[str, ArrayLike],
    noise: Mapping[str, Noise],
    labels: ArrayLike | None = None,
    *,
    queries: Queries = 600,
    landmarks: Natural = 250,
    seed: Natural = 0,
    progress: bool = True,
) -> xr.Dataset:
    """The information plane of a network, Definition 2 with Definition 5, in bits.

    **X is uniform over the given images**, each of which is one row of every variable, and **each
    variable is a function of the one before it**. Then Lemma 1 gives all layers one output MI,
    I(X; X′+R).

    Parameters
    ----------
    activations : mapping from name to array of shape (n, d)
        All variables in order, from the input X to the output X′.
    noise, labels, queries, landmarks, seed
        See `information_of_population`.
    progress : bool
        Show a bar over the queries of all variables.

    Returns
    -------
    xarray.Dataset
        What `information_of_population` gives, over (noise, layer), and ``output_mi`` (noise,
        layer), whose standard error is that of the last layer's ``input_mi``.

    Raises
    ------
    TypeError, ValueError
        If there is no variable, or they differ in their number of rows; or as
        `information_of_population`.

    Examples
    --------
    >>> x = torch.linspace(0, 99, 100)[:, None]
    >>> variables = {"X": x, "Z": (x / 50).floor(), "X_out": (x / 50).floor() / 10}
    >>> plane = exact_plane(variables, {"0.1 for all": OneLevel(0.1)}, progress=False)
    >>> plane.input_mi.sel(noise="0.1 for all").round(2).values.tolist()
    [6.64, 1.0, 0.16]
    """
    variables = {name: _as_population(t, name) for name, t in activations.items()}
    rows = {name: len(t) for name, t in variables.items()}
    if len(set(rows.values())) != 1:
        raise ValueError(
            f"activations have these numbers of rows: {rows}; give at least one variable, and all "
            "of them for the same images"
        )
    _, asked = _passes(queries, next(iter(rows.values())))
    planes = []
    with tqdm(total=asked * len(rows), unit="query", disable=not progress, leave=False) as bar:
        for name, t in variables.items():
            bar.set_description(name)
            planes.append(
                information_of_population(
                    t,
                    noise,
                    labels,
                    queries=queries,
                    landmarks=landmarks,
                    seed=seed,
                    progress=bar.update,
                )
            )
    plane = xr.concat(planes, xr.Variable("layer", list(rows))).transpose("noise", "layer", ...)
    plane["output_mi"] = plane.input_mi.isel(layer=-1).broadcast_like(plane.input_mi)
    plane.output_mi.attrs = {"long_name": "I(X; X′+R)", "units": "bit"}
    return plane


def information_of_population(
    t: ArrayLike,
    noise: Mapping[str, Noise],
    labels: ArrayLike | None = None,
    *,
    queries: Queries = 600,
    landmarks: Natural = 250,
    seed: Natural = 0,
    progress: bool | Callable[[int], object] = False,
) -> xr.Dataset:
    """I(X; T+R) and, of labels Y, I(Y; T+R), in bits, for X uniform over n images.

    **R is normal with variance s² I and independent of X**; ``noise`` says s. All levels share
    queries and distances. Single precision is used unless its rounding may cost 0.002 bits.

    Near log₂ n, few queries carry all that is missing. What the queries do not meet is in neither
    value nor error: images of a share p are all missed with probability (1 − p)^queries.

    Parameters
    ----------
    t : array of shape (n, d)
        The layer's value for each image, equal rows included. Computed on its device.
    noise : mapping from name to callable
        Each gives the standard deviation s for ``t``: `OneLevel`, `LayerDeviation`,
        `TotalDeviation`, or one of your own.
    labels : array of shape (n,), optional
        The classes Y of the images: whole numbers or strings.
    queries : int
        Images that are asked, without replacement, with noise z and −z each. Where there are
        no more images than that, each is asked equally often.
    landmarks : int
        Images from which the density at every image is taken, whose mean is thus known. 250 of
        them cost as much as 125 queries, and divided the variance on MNIST by 2 to 5.
    seed : int
        Of the queries, the noise and the landmarks. The number of threads changes nothing.
    progress : bool or callable
        Show a bar, or call this with the number of queries done since the last call.

    Returns
    -------
    xarray.Dataset
        Over ``noise``: ``input_mi`` I(X; T+R), within [0, log₂ n], ``standard_error``, and
        ``level``, s. With labels ``label_mi`` I(Y; T+R), within [0, H(Y)], and
        ``label_standard_error``. Over (noise, form) ``input_forms`` and ``label_forms``, the
        plain means of the two unbiased forms. Below n queries the errors neglect that these are
        without replacement, and are too large, by 1 / √(1 − queries / n) at most.

    Raises
    ------
    TypeError
        If ``t``, ``noise`` or ``labels`` has another type.
    ValueError
        If ``t`` is not (n, d) or not finite, a level is no positive number or too low for double
        precision, ``labels`` has another length, or a number is out of range.

    Examples
    --------
    Two points far apart are one bit, and four in two places, too:

    >>> t = torch.tensor([[0.0], [20.0], [0.0], [20.0]])
    >>> information_of_population(t, {"one level": OneLevel(1.0)}).input_mi.round(3).item()
    1.0
    """
    t = _as_population(t, "t")
    classes = _as_classes(labels, len(t))
    constant = bool((t == t[0]).all())
    levels = _levels(noise, t, constant)
    generator = torch.Generator().manual_seed(seed)
    passes, asked = _passes(queries, len(t))
    with tqdm(total=asked, unit="query", disable=progress is not True) as bar:
        report = progress if callable(progress) else bar.update
        if constant:
            # nothing to tell apart, whatever the noise
            report(asked)
            found = np.zeros((2, len(levels), 4))
        else:
            population = _Population.of(t, list(levels.values()), classes)
            found = _ask(
                population,
                generator,
                passes=passes,
                asked=asked,
                landmarks=landmarks,
                report=report,
            )
    result = xr.Dataset(
        {"level": ("noise", list(levels.values()))},
        coords={"noise": list(levels), "form": ["likelihood", "posterior"]},
    )
    rows = [("input", "", "I(X; T+R)", math.log2(len(t)))]
    if labels is not None:
        rows.append(("label", "label_", "I(Y; T+R)", discrete_entropy(classes)))
    for (name, prefix, meaning, most), table in zip(rows, found, strict=False):
        value = ("noise", table[:, 0].clip(0, most), {"long_name": meaning, "units": "bit"})
        result[f"{name}_mi"] = value
        result[f"{prefix}standard_error"] = "noise", table[:, 1], {"units": "bit"}
        result[f"{name}_forms"] = ("noise", "form"), table[:, 2:], {"units": "bit"}
    return result


def entropy_of_codes(t: ArrayLike, step: Positive) -> float:
    """H(T_q) in bits, Definition 4, by counting the codes of n equally likely images.

    **T_q is T rounded to the nearest multiple of the step.** As it is a function of X, this is
    I(X; T_q), too. That of the output is the output MI of every layer.

    Parameters
    ----------
    t : array of shape (n, d)
    step : float
        Width of a cell. A noise convention may give it: ``LayerDeviation(0.5)(t)``.

    Raises
    ------
    ValueError
        If ``t`` is not (n, d) or not finite, or ``step`` is no positive number, or so small
        that a double cannot hold the codes.

    Examples
    --------
    >>> entropy_of_codes(torch.tensor([[0.1], [0.2], [0.9], [2.1]]), step=1.0)
    1.5
    """
    t = _as_population(t, "t")
    codes = (t.double() / step).round()
    if float(codes.abs().max()) > 2**53:
        raise ValueError(
            f"step is {step:g}, too small for values up to {float(t.abs().max()):g}; take a larger "
            "one, or count the values as they are: discrete.discrete_entropy(t)"
        )
    whole = codes.long().cpu().contiguous().numpy()
    # rows as strings of bytes, which sort far faster than rows of numbers
    rows = whole.view(np.dtype((np.void, whole.itemsize * whole.shape[1]))).ravel()
    return discrete_entropy(np.unique(rows, return_inverse=True)[1])


@dataclass(frozen=True)
class _Population:
    """The values of a variable in units of the lowest noise, those of a class side by side.

    A row of ``points`` is [t, 1, ‖t‖²/2]. Its product with [t_i, −‖t_i‖²/2, −1] is −‖t_i − t‖²/2,
    that with [−z, z·t_i, 0] is z·(t_i − t). One product serves all levels, and z as well as −z.
    """

    points: Tensor
    levels: list[float]
    counts: list[int]
    total_variance: float

    @classmethod
    def of(cls, t: Tensor, levels: list[float], classes: Tensor) -> _Population:
        unit = min(levels)
        variance = _total_variance(t)
        single = _rounding(variance, unit, torch.float32) <= _ROUNDING
        wide = t if single else t.double()
        points = t.new_ones(len(t), t.shape[1] + 2, dtype=torch.float32 if single else wide.dtype)
        counts = classes.bincount().tolist()
        if len(counts) > 1:
            wide = wide[classes.argsort(stable=True).to(t.device)]
        torch.sub(wide, wide.mean(0), out=points[:, :-2]).div_(unit)
        points[:, -1] = torch.linalg.vector_norm(points[:, :-2], dim=1) ** 2 / 2
        relative = [level / unit for level in levels]
        return cls(points, relative, counts, variance / unit**2)

    def rows(self, images: Tensor) -> Tensor:
        """[t_i, −‖t_i‖²/2, −1], whose products with the points are half squared distances."""
        points = self.points[images]
        return torch.cat([points[:, :-2], -points[:, -1:], -points[:, -2:-1]], 1)

    def columns(self) -> list[slice]:
        """The points, tile by tile."""
        n, width = len(self.points), self.width
        return [slice(start, min(start + width, n)) for start in range(0, n, width)]

    @property
    def width(self) -> int:
        """Points of a tile."""
        return _COLUMNS if self.points.device.type == "cpu" else _DEVICE_COLUMNS

    def tile(self, left: Tensor, own: Tensor, columns: slice) -> Tensor:
        """Products of ``left`` with points, (k, b, columns), 0 for what is each image's own."""
        tile = (left @ self.points[columns].T).unflatten(0, (-1, len(own)))
        here = ((own >= columns.start) & (own < columns.stop)).nonzero()[:, 0]
        tile[:, here, own[here] - columns.start] = 0
        return tile

    def counts_in(self, columns: slice) -> list[int]:
        """How many of these points there are in each class."""
        ends = np.cumsum(self.counts).clip(columns.start, columns.stop)
        return np.diff(ends, prepend=columns.start).tolist()

    def classes_of(self, images: Tensor) -> Tensor:
        """The class of each image."""
        ends = torch.tensor(self.counts, device=images.device).cumsum(0)
        return torch.bucketize(images, ends, right=True)

    def forms(self, own: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Both forms of X and of Y in nats, (variable, form, level, b), and controls (2, b).

        Each is the mean of what the noise z and −z lead to at the images ``own``. The controls
        ‖z‖² and z′ Cov z, less what they are in the mean, depend on the noise alone.
        """
        n, b, kinds = len(self.points), len(own), len(self.counts)
        levels = torch.tensor(self.levels, dtype=z.dtype, device=z.device)
        # the exponents −e of each level, for z and −z, from −‖t_i − t_j‖²/2 and z·(t_i − t_j)
        mixing = torch.stack([levels**-2, -1 / levels, levels**-2, 1 / levels], 1).reshape(-1, 2)
        shape = (len(levels), 2, b)
        sums = torch.zeros(*shape, kinds, dtype=torch.float64, device=z.device)
        energy, moments = sums.new_zeros(shape), sums.new_zeros(2, b)
        along = (z * self.points[own, :-2]).sum(1, keepdim=True)
        left = torch.cat([self.rows(own), torch.cat([-z, along, torch.zeros_like(along)], 1)])
        buffers = z.new_empty(2, len(mixing), b * min(self.width, n))
        for columns in self.columns():
            tile = self.tile(left, own, columns)
            moments += torch.stack([tile[1].sum(1), tile[1].square().sum(1)])
            width = tile[0].numel()
            exponents, weights = buffers.flatten(1)[:, : len(mixing) * width].view(2, -1, width)
            torch.mm(mixing, tile.flatten(1), out=exponents).clamp_(min=_LOWEST)
            torch.exp(exponents, out=weights)
            by_class = weights.view(*shape, -1).split(self.counts_in(columns), -1)
            sums += torch.stack([part.sum(-1) for part in by_class], -1)
            energy += exponents.mul_(weights).view(*shape, -1).sum(-1)
        total = sums.sum(-1)
        likelihood = math.log(n) - total.log()
        of_images = torch.stack([likelihood, likelihood + energy / total])
        share = sums / total[..., None]
        mine = share.gather(-1, self.classes_of(own).expand(total.shape)[..., None])[..., 0]
        entropy = -sum(count / n * math.log(count / n) for count in self.counts)
        of_labels = entropy + torch.stack([mine.log(), torch.xlogy(share, share).sum(-1)])
        spread = (moments[1] - moments[0] ** 2 / n) / n
        controls = [z.double().square().sum(1) - z.shape[1], spread - self.total_variance]
        return torch.stack([of_images, of_labels]).mean(3), torch.stack(controls)

    def features(self, landmarks: Tensor, columns: slice) -> Tensor:
        """What is known of every image without a query: (feature, level, columns).

        Its distance from the mean, the density of landmarks around it, and the share of its class
        in that. Kernels twice as wide as the noise, exp(−‖t_i − t‖²/8s²), fit best.
        """
        images = torch.arange(columns.start, columns.stop, device=self.points.device)
        features = [self.points[columns, -1].double().expand(len(self.levels), -1)]
        if len(landmarks):
            far = self.tile(self.rows(landmarks), landmarks, columns)[0]
            itself = torch.isin(images, landmarks).double()
            kinds = torch.nn.functional.one_hot(self.classes_of(landmarks), len(self.counts))
            classes = self.classes_of(images)[:, None]
            sums = []
            for level in self.levels:
                weights = (far / (4 * level**2)).clamp_(min=_LOWEST).exp_()
                by_class = (weights.T @ kinds.to(weights)).double()
                both = [by_class.sum(1), by_class.gather(1, classes)[:, 0]]
                sums.append(torch.stack(both) - itself)
            # a floor, below which no landmark is near
            density, mine = (torch.stack(sums, 1).clamp(min=0) + _FLOOR).log()
            features += [density, mine - density]
        return torch.stack(features)


def _ask(
    population: _Population,
    generator: torch.Generator,
    *,
    passes: int,
    asked: int,
    landmarks: int,
    report: Callable[[int], object],
) -> np.ndarray:
    """Value, error and plain means of both forms, in bits, (variable, level, 4)."""
    points = population.points
    n, device = len(points), points.device
    images = torch.randperm(n, generator=generator).repeat(passes)[:asked].to(device)
    near = torch.randperm(n, generator=generator)[:landmarks].to(device)
    blocks = images.split(_QUERIES)
    seeds = torch.randint(2**62, (len(blocks),), generator=generator).tolist()

    # the noise is that of each block, however many are asked together
    together = 1 if device.type == "cpu" else _DEVICE_QUERIES // _QUERIES
    tasks = [slice(start, start + together) for start in range(0, len(blocks), together)]

    def ask(task: slice) -> tuple[Tensor, Tensor]:
        some = torch.cat(blocks[task])
        noise = zip(blocks[task], seeds[task], strict=True)
        z = torch.cat([_noise(seed, len(block), points.shape[1] - 2) for block, seed in noise])
        forms = population.forms(some, z.to(points))
        report(len(some))
        return forms

    answers, controls = zip(*in_threads(ask, tasks), strict=True)
    forms, of_noise = torch.cat(answers, -1).cpu(), torch.cat(controls, -1).cpu()
    parts = in_threads(lambda columns: population.features(near, columns), population.columns())
    known = torch.cat(parts, -1).cpu()
    of_images = (known - known.mean(-1, keepdim=True))[..., images.cpu()]
    # a single class has no information
    variables = 2 if len(population.counts) > 1 else 1
    likelihood, posterior = forms[:variables].unbind(1)
    shape = likelihood.shape
    of_all = torch.cat(
        [
            (likelihood - posterior)[..., None],
            of_noise.T.expand(*shape, -1),
            of_images.permute(1, 2, 0).expand(*shape, -1),
        ],
        -1,
    )
    found = np.zeros((len(forms), len(population.levels), 4))
    value, error = in_one_thread(lambda: _mean(posterior, of_all, passes))
    columns = [value, error, likelihood.mean(-1), posterior.mean(-1)]
    found[:variables] = torch.stack(columns, -1).numpy()
    return found / math.log(2)


@lru_cache(maxsize=64)
def _noise(seed: int, rows: int, d: int) -> Tensor:
    """Noise of a block of queries, the same for every variable of d dimensions."""
    return torch.randn(rows, d, generator=torch.Generator().manual_seed(seed))


def _mean(values: Tensor, controls: Tensor, passes: int) -> tuple[Tensor, Tensor]:
    """Means and errors of values (..., q), by regression on controls (..., q, p) of mean 0.

    Each value is corrected by the slopes of the others: no bias comes from fitting them. The error
    is that of the jackknife, as common residuals are too short where controls have long tails.
    With several passes, what differs between images is no error, as all of them were asked.
    """
    q = controls.shape[-2]
    groups = q // passes if passes > 1 else 1

    def centred(a: Tensor) -> Tensor:
        each = a.unflatten(-2, (-1, groups))
        return (each - each.mean(-3, keepdim=True)).flatten(-3, -2)

    means, rest = values.mean(-1), centred(values[..., None])[..., 0]
    plain = (means, torch.full_like(rest, groups / q), torch.full_like(rest, 1 / q), rest)
    varying = centred(controls)
    scale = varying.norm(dim=-2, keepdim=True)
    used = scale > 1e-9 * controls.norm(dim=-2, keepdim=True)
    of_use = torch.where(used, 1 / torch.where(used, scale, 1), 0)
    left, singular, right = torch.linalg.svd(varying * of_use, full_matrices=False)
    kept = singular > 1e-10 * singular[..., :1].clamp(min=_TINY)
    left = left * kept[..., None, :]
    own = groups / q + left.square().sum(-1)
    # controls in coordinates in which the varying part is orthonormal
    inverse = torch.where(kept, 1 / torch.where(kept, singular, 1), 0)
    along = controls * of_use @ (right.mT * inverse[..., None, :])
    slopes = left.mT @ rest[..., None]
    residual = rest - (left @ slopes)[..., 0]
    weights = 1 / q - (left @ along.mean(-2)[..., None])[..., 0]
    others = slopes.mT - left * (residual / (1 - own).clamp(min=_TINY))[..., None]
    corrected = (values - (along * others).sum(-1)).mean(-1)
    # few queries are not worth a slope, and one that decides a slope alone cannot be corrected
    number = used.sum(-1)[..., 0]
    fits = (number > 0) & (q - groups >= 4 * (1 + number)) & (own.amax(-1) < _MOST_LEVERAGE)
    value, leverage, weights, rest = (
        torch.where(fits if one.ndim == fits.ndim else fits[..., None], one, other)
        for one, other in zip((corrected, own, weights, residual), plain, strict=True)
    )
    squares = (weights * rest / (1 - leverage)).square().sum(-1)
    return value, (squares * (1 - groups / q)).sqrt()


_TINY = 1e-300
"""Stands for 0 in what is divided by."""


def _passes(queries: int, n: int) -> tuple[int, int]:
    """How often images are asked at most, and how many queries that makes."""
    passes = -(-queries // n)
    return (1, queries) if passes == 1 else (passes, passes * n)


def _total_variance(t: Tensor) -> float:
    # in parts that stay in the cache; Tensor.var goes down the columns and takes far longer
    mean, rows = t.mean(0), 256 if t.device.type == "cpu" else len(t)
    squares = in_threads(lambda part: float((part - mean).square_().sum()), t.split(rows))
    return sum(squares) / len(t)


def _rounding(total_variance: float, level: float, dtype: torch.dtype) -> float:
    """Bits that rounding the exponents may cost: ‖t_i‖²/s² of the mean image, times epsilon."""
    return torch.finfo(dtype).eps * total_variance / level**2 / math.log(2)


def _levels(noise: Mapping[str, Noise], t: Tensor, constant: bool) -> dict[str, float]:
    if not noise:
        raise ValueError("noise is empty; give for example {'one level': OneLevel(0.1)}")
    levels, variance = {}, _total_variance(t)
    for name, rule in noise.items():
        try:
            levels[name] = s = rule(t)
        except Exception as error:
            raise ValueError(
                f"noise[{name!r}] is {shown(rule)}, which gave no level for the variable "
                f"({error}); give a callable such as OneLevel(0.1)"
            ) from error
        if constant:
            continue
        check_positive(s, f"the level of noise {name!r}", "T + R needs noise to be finite")
        if not _rounding(variance, s, torch.float64) <= _ROUNDING:
            raise ValueError(
                f"the level of noise {name!r} is {s:g}, too low for the deviation of "
                f"{math.sqrt(variance):g} of t or these activations: raise it, or count distinct "
                "values by discrete.discrete_entropy(t)"
            )
    return levels


def _as_population(t: ArrayLike, name: str) -> Tensor:
    t = as_float_tensor(t, name).detach()
    if t.ndim != 2:
        raise ValueError(
            f"{name} has shape {tuple(t.shape)}; give (n, d), one row for each image: "
            f"{name}.reshape(n, -1)"
        )
    # a population of one is allowed, and known
    as_samples(t.expand(2, -1) if len(t) == 1 else t, name)
    check_no_overflow(t, t.shape[1] * t.abs().amax().square(), name)
    return t


def _as_classes(labels: ArrayLike | None, n: int) -> Tensor:
    """Classes 0, 1, … of the images; one class where there are no labels."""
    if labels is None:
        return torch.zeros(n, dtype=torch.long)
    labels = as_array(labels, "labels")
    if labels.dtype.kind not in "iubUS":
        raise TypeError(f"labels has dtype {labels.dtype}; give whole numbers or strings")
    if labels.shape != (n,):
        raise ValueError(f"labels has shape {labels.shape}; give one for each image, ({n},)")
    return torch.from_numpy(np.unique(labels, return_inverse=True)[1])
