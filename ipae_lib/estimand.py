"""What the matrix-based estimator estimates: its limit for many samples at a fixed kernel width.

As N grows, the eigenvalues of the Gram matrix (17) tend to those of the operator that takes a
function f to E[κ(·, X) f(X)]. If X is Gaussian and the kernel, too, they are known (Mehler): along
a principal axis of variance λ they are the geometric probabilities ::

    (1 − q) q^k,  k = 0, 1, …,   q = (s − 1) / (s + 1),   s = √(1 + 4λ/σ²)

and those of several axes are the products. So entropies (18) add over the axes, and the entropy
(19) of two variables is that of [x/σ_x, y/σ_y] with width 1. An estimate differs from the truth by
*estimand less truth*, which the width decides, and by *estimate less estimand*, which the number of
samples does.

**A kernel width is a noise level.** For α = 2 and any distribution, S₂ is H₂(T + R) − H₂(R), where
R is independent normal noise of standard deviation σ/2 in each dimension: see `noise_level`. Of
Gaussian variables I₂(A;B) is thus the Shannon information I(X+R; Y+R′), with noise in both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from ipae_lib.linear import as_covariance, covariance_factor
from ipae_lib.validation import (
    ArrayLike,
    Count,
    Order,
    Positive,
    Width,
    as_float_tensor,
    as_samples,
)


def gaussian_entropy(variances: ArrayLike, sigma: Width, alpha: Order = 1.01) -> float:
    """Limit of the entropy (18) of a Gaussian variable for N → ∞, in bits.

    S_α = Σ_i 1/(1−α) log₂[(1−q_i)^α / (1−q_i^α)] with the q_i of the module. At ``alpha = 1`` it is
    the limit of that, and at 2, ½ Σ_i log₂(1 + 4λ_i/σ²). It grows without end as the width falls,
    where an estimate stops at log₂ N.

    Parameters
    ----------
    variances : array of shape (d,)
        λ_i, the eigenvalues of the covariance. Zeros add nothing.
    sigma : float
        Kernel width, in the units of the variable.
    alpha : float
        Order of the entropy, above 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a variance is below 0 or not finite, ``sigma`` or ``alpha`` is not above 0, or their
        ratio overflows.

    Examples
    --------
    Of variance 2, with s = 3 and q = ½, the probabilities are ½, ¼, …, which have 2 bits:

    >>> round(gaussian_entropy(np.array([2.0, 0.0]), sigma=1.0, alpha=1), 12)
    2.0
    """
    values = as_float_tensor(variances, "variances").detach().cpu().numpy().astype(float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(
            f"variances are {variances!r}; give (d,) finite numbers of at least 0, such as "
            "np.linalg.eigvalsh(covariance).clip(min=0)"
        )
    return _entropy(_ratio(np.sqrt(values), sigma, "sigma"), alpha)


def gaussian_information(
    covariance: ArrayLike, d_x: Count, sigma_x: Width, sigma_y: Width, alpha: Order = 1.01
) -> float:
    """Limit of the mutual information (20) of jointly Gaussian x and y for N → ∞, in bits.

    I_α = S_α(A) + S_α(B) − S_α(A, B), each as in `gaussian_entropy`. It is never below 0, at any
    order: S_α is concave in the variances λ. It is at most min(S_α(A), S_α(B)). Self-information
    I(A;A) is no bound: it approaches S_α(A) less ½ bit for each axis, as the width falls.

    Parameters
    ----------
    covariance : array of shape (d_x + d_y, d_x + d_y)
        Σ of the dimensions of x and then those of y. It may be singular: that of (x, x) is.
    d_x : int
        Dimensions of x.
    sigma_x, sigma_y : float
        Kernel widths, in the units of either variable.
    alpha : float
        Order of the entropies, above 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``covariance`` is no covariance, ``d_x`` leaves no dimension to either variable, or as
        `gaussian_entropy`.

    Examples
    --------
    At α = 2 it is the information of correlated variables with noise of variance σ²/4 in both:

    >>> rho = 0.9 / (1 + 0.5**2 / 4)
    >>> found = gaussian_information(np.array([[1, 0.9], [0.9, 1]]), 1, 0.5, 0.5, alpha=2)
    >>> math.isclose(found, -math.log2(1 - rho**2) / 2)
    True
    """
    matrix = as_covariance(covariance)
    d = len(matrix)
    if d_x >= d:
        raise ValueError(f"d_x is {d_x}, and covariance has {d} dimensions; y needs some of them")
    # the correlations are factored, so that units do not decide what counts as rounding
    deviations = np.sqrt(matrix.diagonal().clip(min=0))
    scale = np.divide(1, deviations, out=np.zeros(d), where=deviations > 0)
    factor = covariance_factor(scale[:, None] * matrix * scale)
    widths = np.repeat([sigma_x, sigma_y], [d_x, d - d_x])
    rows = _ratio(deviations, widths, "sigma_x or sigma_y")[:, None] * factor
    of_x, of_y, of_both = (
        _entropy(_singular_values(part), alpha) for part in (rows[:d_x], rows[d_x:], rows)
    )
    return of_x + of_y - of_both


def _singular_values(matrix: np.ndarray) -> np.ndarray:
    """Those that are rounding are 0: a low order would count them among the dimensions."""
    values = np.linalg.svd(matrix, compute_uv=False)
    rounding = max(matrix.shape) * np.finfo(float).eps * values.max(initial=0)
    return np.where(values > rounding, values, 0)


@dataclass(frozen=True)
class EstimandWidth:
    """The width at which the estimand of a variable's entropy is a given share of log₂ N.

    The wider the kernel, the farther is the estimand from the truth; the narrower, the farther is
    the estimate from the estimand, as it stops at log₂ N. So the width is the narrowest at which N
    samples still carry the entropy (18) that Gaussian variables of this spectrum would have.

    Parameters
    ----------
    share : float
        Above 0.
    alpha : float
        Order of the entropy.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal((256, 3))
    >>> sigma = float(EstimandWidth(0.5).of_samples(x))
    >>> bool(0.5 < sigma < 5)
    True
    """

    share: Positive
    alpha: Order = 1.01

    def of_samples(self, x: ArrayLike) -> Tensor:
        """σ of each set of samples, (..., N, d) → (...); 1 where nothing varies.

        Raises
        ------
        TypeError, ValueError
            If ``x`` is not finite samples, or too large.
        """
        x = as_samples(x).detach()
        n = x.shape[-2]
        centred = x.double() - x.double().mean(-2, keepdim=True)
        if not float(centred.abs().max()) < 1e150:
            raise ValueError(f"x goes up to {float(x.abs().max())}; rescale it")
        deviations = torch.linalg.svdvals(centred).cpu().numpy() / math.sqrt(n)
        sets = deviations.reshape(-1, deviations.shape[-1])
        found = [self._width(own, self.share * math.log2(n)) for own in sets]
        return torch.tensor(found, dtype=x.dtype, device=x.device).reshape(x.shape[:-2])

    def _width(self, deviations: np.ndarray, bits: float) -> float:
        largest = float(deviations.max())
        if not largest > 0:
            return 1.0

        def excess(log_width: float) -> float:
            return _entropy(deviations / largest / math.exp(log_width), self.alpha) - bits

        low, high = -1.0, 1.0
        while excess(low) < 0:
            low *= 2
        while excess(high) > 0:
            high *= 2
        return largest * math.exp(brentq(excess, low, high, xtol=1e-6))


def noise_level(sigma: Width) -> float:
    """Standard deviation σ/2 of the noise that a kernel width is, in the units of ``sigma``.

    A_ij² is, but for a factor, the density of N(0, σ²/2) at x_i − x_j, which is that of the
    difference of two noises R of variance σ²/4. So, for T uniform over N samples or, in the limit,
    of any distribution, ::

        S₂(A) = H₂(T + R) − H₂(R),   H₂(R) = d/2 log₂(πσ²)

    Differences of entropies with this noise are Definition 5's information, at order 1 in place of
    2: ``OneLevel(noise_level(sigma))`` is a width as a noise convention of `ipae_lib.exact`. If
    samples are standardised first, so is T here.

    Parameters
    ----------
    sigma : float
        Kernel width.

    Raises
    ------
    ValueError
        If ``sigma`` is not above 0.

    Examples
    --------
    >>> noise_level(2.0)
    1.0
    """
    return sigma / 2


def _entropy(amplitudes: np.ndarray, alpha: float) -> float:
    """S_α in bits, of the standard deviations along principal axes in units of the width.

    In nats, ln(1 + m) + ln(1 + m (1 − q^(α−1))) / (α − 1) with the mean m = q/(1 − q) of k: nothing
    cancels near α = 1, where the second term is −m ln q.
    """
    mean = amplitudes * (2 * amplitudes / (1 + np.hypot(1, 2 * amplitudes)))
    mean = mean[mean > 0]
    # −ln q = ln(1 + 1/m), where 1/m may overflow
    decay = np.where(mean < 1, np.log1p(mean) - np.log(mean), np.log1p(1 / np.maximum(mean, 1)))
    if alpha == 1:
        nats = np.log1p(mean) + mean * decay
    elif alpha >= 0.5:
        nats = np.log1p(mean) + np.log1p(-mean * np.expm1((1 - alpha) * decay)) / (alpha - 1)
    else:  # this form cancels near α = 1, and the one above near 0
        power = alpha * decay
        log = np.log1p(-np.exp(-np.maximum(power, 1)))
        log = np.where(power < 1, np.log(-np.expm1(-power)), log)  # of 1 − q^α
        nats = (alpha * np.log1p(mean) + log) / (alpha - 1)
    return float(nats.sum() / math.log(2))


def _ratio(deviations: np.ndarray, widths: np.ndarray | float, name: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        ratio = deviations / widths
    if ratio.max() > _LARGEST:
        raise ValueError(
            f"{name} is {np.min(widths):.3g} beside variances or covariance of deviations up to "
            f"{deviations.max():.3g}; give a larger width, or look for a diverged training run"
        )
    return ratio


_LARGEST = 1e150
"""Standard deviations in units of the width, far from overflow."""
