"""Toy problems whose mutual information is known."""

from __future__ import annotations

import math
from numbers import Real
from typing import Annotated, Any

import torch
from torch import Tensor

from ipae_lib.arguments import AnyFloat
from ipae_lib.validation import ArrayLike, Count, Natural, Positive, as_float_tensor, check_finite


def check_correlation(value: Any, name: str) -> float:
    """``value`` as a float; ValueError unless it is a number from −1 to 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not -1 <= float(value) <= 1:
        raise ValueError(f"{name} is {value!r}; a correlation lies between -1 and 1")
    return float(value)


Correlation = Annotated[float, check_correlation]


def correlated_gaussians(
    n: Count,
    d: Count,
    rho: Correlation,
    generator: torch.Generator | None = None,
    batch_shape: tuple[Natural, ...] = (),
) -> tuple[Tensor, Tensor]:
    """Samples of two standard normal vectors with corr(X_i, Y_j) = δ_ij ρ, Sec. IV-A.

    Parameters
    ----------
    n, d : int
        Samples and dimensions.
    rho : float
        Correlation factor, −1 to 1.
    generator : torch.Generator, optional
        Source of randomness; its seed makes the samples reproducible.
    batch_shape : tuple of int
        Leading dimensions: independent repetitions.

    Returns
    -------
    x, y : float64 Tensors of shape (..., n, d), after ``batch_shape``

    Raises
    ------
    ValueError
        If ``n``, ``d`` or ``rho`` is out of range.
    """
    shape = (*batch_shape, n, d)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    return x, rho * x + math.sqrt(1 - rho**2) * noise


def correlated_gaussians_mi(d: Count, rho: Correlation) -> AnyFloat:
    """Exact I(X;Y) = −(d/2) log₂(1 − ρ²) of `correlated_gaussians`, in bits, equation (31).

    Infinite at ρ = ±1.

    Raises
    ------
    ValueError
        If ``d`` or ``rho`` is out of range.

    Examples
    --------
    >>> round(correlated_gaussians_mi(d=2, rho=0.75**0.5), 12)
    2.0
    """
    return math.inf if abs(rho) == 1 else -d / 2 * math.log2(1 - rho**2)


def student_t(
    n: Count,
    d: Count,
    rho: Correlation,
    dof: Count,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Samples of two vectors that together are Student-t: `correlated_gaussians` over √(χ²/ν).

    All dimensions share their scale, so that variables without correlation depend, too.

    Parameters
    ----------
    n, d : int
        Samples and dimensions.
    rho : float
        Correlation factor, −1 to 1.
    dof : int
        Degrees of freedom ν.
    generator : torch.Generator, optional
        Source of randomness.

    Returns
    -------
    x, y : float64 Tensors of shape (n, d)

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    x, y = correlated_gaussians(n, d, rho, generator)
    normal = torch.randn(n, dof, generator=generator, dtype=torch.float64)
    scale = normal.square().mean(1, keepdim=True).sqrt()  # √(χ²/ν)
    return x / scale, y / scale


def student_t_mi(d: Count, rho: Correlation, dof: Count) -> AnyFloat:
    """Exact I(X;Y) of `student_t` in bits (Arellano-Valle et al. 2013).

    That of the normal variables, and f(ν) + f(ν + 2d) − 2 f(ν + d) nats, where
    f(a) = ln Γ(a/2) − a/2 ψ(a/2). Infinite at ρ = ±1.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    Of many degrees of freedom it is that of normal variables:

    >>> round(student_t_mi(d=2, rho=0.75**0.5, dof=10**6), 4)
    2.0
    """
    halves = torch.tensor([dof, dof + 2 * d, dof + d], dtype=torch.float64) / 2
    f = torch.lgamma(halves) - halves * torch.digamma(halves)
    more = float(f[0] + f[1] - 2 * f[2]) / math.log(2)
    return correlated_gaussians_mi(d, rho) + more


def added_uniform(
    n: Count, width: Positive, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Samples of X uniform on [0, 1] and Y = X + R with R uniform on [−width, width].

    Parameters
    ----------
    n : int
        Samples.
    width : float
        Half the range of the noise.
    generator : torch.Generator, optional
        Source of randomness.

    Returns
    -------
    x, y : float64 Tensors of shape (n, 1)

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    x, noise = torch.rand(2, n, 1, generator=generator, dtype=torch.float64)
    return x, x + width * (2 * noise - 1)


def added_uniform_mi(width: Positive) -> float:
    """Exact I(X;Y) of `added_uniform` in bits.

    Raises
    ------
    ValueError
        If ``width`` is not above 0.

    Examples
    --------
    >>> round(added_uniform_mi(0.75) * math.log(2), 4)
    0.3333
    """
    nats = width - math.log(2 * width) if width <= 0.5 else 1 / (4 * width)
    return nats / math.log(2)


def spiral(x: ArrayLike, turns: Positive = 1.0) -> Tensor:
    """Vectors (n, d ≥ 2) whose first two dimensions are turned by their squared length.

    The map is smooth and invertible, as lengths stay, so that it leaves all information as it is
    (Czyż et al. 2023).

    Parameters
    ----------
    x : array of shape (n, d)
    turns : float
        Radians for a vector of length 1.

    Raises
    ------
    TypeError, ValueError
        If ``x`` is no samples of 2 or more dimensions, or is too large to be turned.
    """
    x = as_float_tensor(x, "x")
    check_finite(x, "x")
    if x.ndim != 2 or x.shape[1] < 2:
        raise ValueError(f"x has shape {tuple(x.shape)}; a spiral needs (n, d) with d of 2 or more")
    angle = turns * x.square().sum(1)
    if not bool(angle.isfinite().all()):
        raise ValueError(
            f"turns is {turns} and x goes up to {float(x.abs().max())}, which is too far to turn; "
            "give smaller ones"
        )
    a, b = x[:, 0], x[:, 1]
    turned = [angle.cos() * a - angle.sin() * b, angle.sin() * a + angle.cos() * b]
    return torch.cat([torch.stack(turned, 1), x[:, 2:]], 1)


def blobs(latents: ArrayLike, side: Count = 28) -> Tensor:
    """Images of a bright spot that is where, and as wide as, 2 or 4 numbers say.

    The map from the numbers to the image is smooth and injective, so that images share exactly
    the information of their numbers (as in Butakov et al. 2024).

    Parameters
    ----------
    latents : array of shape (n, 2) or (n, 4)
        Horizontal and vertical place, in units of a tenth of the side from the middle; and the
        natural logarithm of the widths over a tenth of the side.
    side : int
        Pixels.

    Returns
    -------
    Tensor of shape (n, side²), in [0, 1], in the precision of the latents

    Raises
    ------
    TypeError, ValueError
        If there are not 2 or 4 numbers an image, or they are too large for an image.
    """
    latents = as_float_tensor(latents, "latents")
    check_finite(latents, "latents")
    if latents.ndim != 2 or latents.shape[1] not in (2, 4):
        raise ValueError(f"latents has shape {tuple(latents.shape)}; give (n, 2) or (n, 4)")
    unit = side / 10
    pixels = torch.arange(side, dtype=latents.dtype) - (side - 1) / 2
    widths = unit * (latents[:, 2:].exp() if latents.shape[1] == 4 else torch.ones_like(latents))
    across, down = (
        torch.exp(-(((pixels - unit * latents[:, i, None]) / widths[:, i, None]) ** 2) / 2)
        for i in (0, 1)
    )
    images = (down[:, :, None] * across[:, None]).flatten(1)
    if not bool(images.isfinite().all()):
        raise ValueError(
            f"latents goes from {float(latents.min())} to {float(latents.max())}, which is no "
            "image; give numbers as of a normal variable"
        )
    return images
