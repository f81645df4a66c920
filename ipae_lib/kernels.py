"""Gaussian Gram matrices, their kernel width, and the standardisation that goes with it.

Everything that decides how far two samples must lie apart to count as different:
standardisation (29), the width rules (26), (27) and (30) and one that looks at the samples, and
the normalised Gram matrix (17) of the Gaussian kernel (21).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from ipae_lib.arguments import shown
from ipae_lib.validation import (
    ArrayLike,
    Count,
    Several,
    Width,
    as_array,
    as_samples,
    check_not_negative,
    check_positive,
)

Groups = Literal["all", "channel"] | Sequence[int] | ArrayLike | None
"""Which dimensions share their mean and variance: see `standardize`."""

Epsilon = Annotated[
    float,
    partial(check_not_negative, fix="0 makes the result free of scale; 1e-8 is usual in (29)"),
]


def varying(x: ArrayLike) -> Tensor:
    """Which dimensions vary over the samples, by more than the rounding of their values.

    Nothing but rounding is a standard deviation of up to 16 units in the last place of the
    dimension's largest value. So the answer does not depend on the scale of ``x``.

    Parameters
    ----------
    x : array of shape (..., N, d)

    Returns
    -------
    bool Tensor of shape (..., d)

    Raises
    ------
    ValueError
        If ``x`` is not finite samples.

    Examples
    --------
    >>> varying(torch.tensor([[1.0, 1e-30, 5.0], [1.0, 2e-30, 6.0]])).tolist()
    [False, True, True]
    """
    x = as_samples(x)
    # of values near 1, as squares of tiny ones would be 0
    near_one = x / _unit(x.abs().amax(dim=-2, keepdim=True))
    variance = ((near_one - near_one.mean(dim=-2, keepdim=True)) ** 2).mean(dim=-2)
    return variance > (_ROUNDING * torch.finfo(x.dtype).eps) ** 2


_ROUNDING = 16
"""Units in the last place up to which a standard deviation is rounding."""


def _unit(largest: Tensor) -> Tensor:
    """The power of two to divide by, without rounding, so that the largest value is near 1."""
    exponent = torch.where(largest > 0, torch.frexp(largest).exponent - 1, 0)
    return torch.ldexp(torch.ones_like(largest), exponent)


def standardize(x: ArrayLike, groups: Groups = None, eps: Epsilon = 0.0) -> Tensor:
    """Shift and scale each dimension to mean 0 and variance 1, equation (29).

    Statistics are those of the N samples given (population variance), separately for each
    leading batch. The shift is not in (29); it leaves every distance as it is and keeps the
    distances accurate.

    **By default the result does not depend on the scale of x**: a dimension that does not vary, see
    `varying`, becomes 0, and any other gets variance 1 however small its own is. The ε of (29) is
    absolute instead: variances below it stay small, so that a layer seems to gain information
    while its variance grows beyond ε.

    Parameters
    ----------
    x : array of shape (..., N, d)
    groups : None, "all" or one index per dimension
        Dimensions with the same index share one mean and one variance, as the channels of an
        image do in batch normalisation. ``"all"`` is one group, for one-channel images;
        None gives each dimension its own. Dimensions that do not vary have no part in them.
    eps : float
        ε of (29), added to each variance. Where it is above 0, all dimensions have a part in the
        statistics of their group, as the paper has it.

    Returns
    -------
    Tensor of shape (..., N, d)

    Raises
    ------
    ValueError
        If ``groups`` does not fit d, or ``eps`` is below 0, or ``x`` is not finite samples, or with
        ``eps`` too large for its variance to be finite.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 10.0], [2.0, 30.0]])
    >>> standardize(x).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> standardize(2**-40 * x).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    """
    x = as_samples(x)
    member = None if groups is None else _members(groups, x)
    if eps:
        mean, variance = _statistics(x, member, None)
        check_no_overflow(x, variance)
        return (x - mean) / torch.sqrt(variance + eps)
    used = varying(x).unsqueeze(-2)
    largest = x.abs().amax(dim=-2, keepdim=True)
    if member is not None:
        largest = (largest.unsqueeze(-1) * member).amax(dim=-2) @ member.T
    x = x / _unit(largest)
    mean, variance = _statistics(x, member, used)
    return torch.where(used, x - mean, 0) / torch.where(used, variance, 1).sqrt()


def _members(groups: Groups, x: Tensor) -> Tensor:
    """Which dimension belongs to which group, (d, groups), as 0 and 1."""
    d = x.shape[-1]
    if isinstance(groups, str) and groups == "all":
        return x.new_ones(d, 1)
    if isinstance(groups, str) and groups == "channel":
        raise ValueError(
            f"groups is 'channel', and x of d = {d} does not tell its channels; record it by an "
            "InformationPlane, or give each dimension the index of its channel: "
            "numpy.repeat(range(C), H * W)"
        )
    index = as_array(groups, "groups")
    if index.shape != (d,) or index.dtype.kind not in "iu" or index.min() < 0:
        raise ValueError(
            f"groups is {shown(groups)}; it must be None, 'all' or one index, of at least 0, for "
            f"each of the d = {d} dimensions"
        )
    number = torch.as_tensor(np.unique(index, return_inverse=True)[1], device=x.device)
    return torch.nn.functional.one_hot(number).to(x.dtype)


def _statistics(x: Tensor, member: Tensor | None, used: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean and variance of each dimension, (..., 1, d), shared by the used ones of a group."""
    mean = x.mean(dim=-2, keepdim=True)
    if member is None:
        # torch's own x.var(dim=-2) takes ten times as long
        return mean, ((x - mean) ** 2).mean(dim=-2, keepdim=True)
    weights = member if used is None else member * used.mT
    average = weights / weights.sum(dim=-2, keepdim=True).clamp(min=1)
    mean = (mean @ average) @ member.T
    squares = ((x - mean) ** 2).mean(dim=-2, keepdim=True)
    return mean, (squares @ average) @ member.T


def check_no_overflow(x: Tensor, squares: Tensor, name: str = "x") -> None:
    """ValueError if a square of what comes from ``x`` is infinite."""
    if not bool(torch.isfinite(squares).all()):
        raise ValueError(
            f"{name} reaches {float(x.abs().max()):.2g}, too large to be squared in {x.dtype}; "
            "rescale it, give float64, or look for a diverged training run"
        )


class KernelWidth(Protocol):
    """A kernel-width rule: ``rule(n, d)`` gives σ for n samples of d dimensions."""

    def __call__(self, n: int, d: int) -> float: ...


@dataclass(frozen=True)
class SilvermanWidth:
    """Silverman's rule of thumb (26), in units of each dimension's standard deviation.

    σ_j = (4 / (2 + d))^(1/(4+d)) σ̂_j N^(-1/(4+d)); σ̂_j is 1 for standardised samples, so
    together with `standardize` this is one width per dimension.
    """

    def __call__(self, n: Several, d: Count) -> float:
        return (4 / (2 + d)) ** (1 / (4 + d)) * n ** (-1 / (4 + d))


@dataclass(frozen=True)
class PreviousWidth:
    """The rule of Yu & Príncipe (27): σ = γ N^(-1/(4+d)), for samples as they are."""

    gamma: Annotated[
        float, partial(check_positive, fix="Yu & Príncipe take 5, and 25 for the bottleneck")
    ]

    def __call__(self, n: Several, d: Count) -> float:
        return self.gamma * n ** (-1 / (4 + d))


@dataclass(frozen=True)
class ProposedWidth:
    """The rule of Tapia & Estévez (30): σ = γ √d N^(-1/(4+d)), for standardised samples (29)."""

    gamma: Annotated[
        float, partial(check_positive, fix="Tapia & Estévez take 0.8 for MNIST planes")
    ]

    def __call__(self, n: Several, d: Count) -> float:
        return self.gamma * math.sqrt(d) * n ** (-1 / (4 + d))


@runtime_checkable
class SampleWidth(Protocol):
    """A kernel-width rule that looks at the samples, not only at their number and dimension."""

    def of_samples(self, x: Tensor) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...)."""


@dataclass(frozen=True)
class EntropyShareWidth:
    """The width at which a variable's own entropy is a given share of log₂ N.

    The entropy is that of order 2, −log₂ Σ A_ij² of the Gram matrix (17), which needs no
    eigenvalues. So every variable stands equally far from 0 and from log₂ N, where estimates
    saturate, whatever its scale, dimension and distribution.

    Calibrated on normal variables, a share of 0.4 puts these in better order than the proposed
    rule (30); discrete layers and planes on MNIST it does not.

    Parameters
    ----------
    share : float
        Above 0 and below 1.

    Raises
    ------
    ValueError
        If ``share`` is not between 0 and 1.

    Examples
    --------
    >>> x = torch.arange(64.0)[:, None]
    >>> sigma = float(EntropyShareWidth(0.5).of_samples(x))
    >>> round(-math.log2(float((gaussian_gram(x, sigma) ** 2).sum())), 4)
    3.0
    """

    share: Annotated[float, partial(check_positive, fix="0.4 is the calibrated choice")]

    def __post_init__(self) -> None:
        if self.share >= 1:
            raise ValueError(f"share is {self.share:g}; it must lie between 0 and 1")

    def of_samples(self, x: ArrayLike) -> Tensor:
        """σ of each set of samples, in the units of ``x``.

        Parameters
        ----------
        x : array of shape (..., N, d)

        Returns
        -------
        Tensor of shape (...)
            1 where all samples are the same. Where equal samples keep the entropy below the
            share at any width, one so narrow that different samples do not resemble each other.

        Raises
        ------
        ValueError
            If ``x`` is not finite samples.
        """
        x = as_samples(x)
        distances = squared_distances(x)
        largest = distances.amax(dim=(-2, -1))
        varies = largest > 0
        distances = distances / torch.where(varies, largest, 1)[..., None, None]
        wanted = self.share * math.log(x.shape[-2])  # in nats
        # ln 2σ² lies in [low, high]; below, rounding would tell equal samples apart
        rounding = torch.finfo(x.dtype).eps
        low = torch.full_like(largest, math.log(100 * rounding))
        high = torch.full_like(largest, 10.0)
        guess = distances.mean(dim=(-2, -1)).clamp(min=torch.finfo(x.dtype).tiny).log()
        for _ in range(_MOST_STEPS):
            exponents = -2 * distances * torch.exp(-guess)[..., None, None]
            similarity = exponents.exp()
            mean = similarity.mean(dim=(-2, -1))
            excess = -mean.log() - wanted
            slope = (exponents * similarity).mean(dim=(-2, -1)) / mean
            wide = excess < 0
            low, high = torch.where(wide, low, guess), torch.where(wide, guess, high)
            newton = guess - excess / slope
            inside = (newton > low) & (newton < high)  # false where it is NaN
            step = torch.where(inside, newton, (low + high) / 2) - guess
            guess = guess + step
            if bool((step.abs() <= rounding**0.75).all()):
                break
        return torch.where(varies, (largest * guess.exp() / 2).sqrt(), 1.0)


_MOST_STEPS = 100
"""Enough to halve the range of widths down to rounding; Newton's method needs about 6."""


@dataclass(frozen=True)
class MedianWidth:
    """The median distance between two samples; 1 where it is 0."""

    def of_samples(self, x: ArrayLike) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...)."""
        distances = squared_distances(x)
        n = distances.shape[-1]
        above = torch.triu_indices(n, n, offset=1, device=distances.device)
        median = distances[..., above[0], above[1]].median(dim=-1).values.sqrt()
        return torch.where(median > 0, median, 1.0)


def squared_distances(x: ArrayLike, name: str = "x") -> Tensor:
    """Squared Euclidean distances between all pairs of samples.

    One matrix product, of samples centred first: ‖a‖² + ‖b‖² − 2 a·b loses digits where the
    norms are large beside the distance. Never negative, exactly symmetric, and exactly 0 on
    the diagonal.

    Parameters
    ----------
    x : array of shape (..., N, d)
    name : str
        Of ``x``, in errors.

    Returns
    -------
    Tensor of shape (..., N, N)

    Raises
    ------
    ValueError
        If ``x`` is not finite samples, or too large for the distances to be finite.
    """
    x = as_samples(x, name)
    x = x - x.mean(dim=-2, keepdim=True)
    product = _inner_products(x)
    norms = torch.diagonal(product, dim1=-2, dim2=-1)
    # no distance is above the four largest norms together
    check_no_overflow(x, 4 * norms, name)
    distances = norms.unsqueeze(-1) + norms.unsqueeze(-2)
    distances = distances.sub_(product, alpha=2).clamp_(min=0)
    torch.diagonal(distances, dim1=-2, dim2=-1).zero_()
    return distances


def _inner_products(x: Tensor) -> Tensor:
    """Inner products x xᵀ, exactly symmetric."""
    if x.device.type == "cpu" and not x.requires_grad:
        # numpy sees that this is symmetric and computes half of it; torch does not
        samples = x.numpy()
        with np.errstate(over="ignore", invalid="ignore"):  # the caller looks
            return torch.from_numpy(samples @ samples.swapaxes(-1, -2))
    product = x @ x.mT
    return (product + product.mT) / 2


def gaussian_gram(x: ArrayLike, sigma: Width) -> Tensor:
    """Normalised Gram matrix (17) of the Gaussian kernel (21).

    A_ij = exp(−‖x_i − x_j‖² / 2σ²) / N; the kernel's constant β cancels. Its trace is 1.

    Parameters
    ----------
    x : array of shape (..., N, d)
    sigma : float
        Kernel width, in the units of ``x``.

    Returns
    -------
    Tensor of shape (..., N, N)

    Raises
    ------
    ValueError
        If ``sigma`` is not above 0 or ``x`` is not finite samples.
    """
    distances = squared_distances(x)
    # within the type's numbers: 0/0 is NaN. Underflow is slow, but rare at the widths in use
    numbers = torch.finfo(distances.dtype)
    scale = min(max(2 * sigma * sigma, numbers.tiny), numbers.max)
    return distances.div_(-scale).exp_() / distances.shape[-1]
