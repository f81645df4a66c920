"""Mutual information of Gaussian variables, or of Gaussian copulas, in closed form.

Standard errors are those of the delta method: the information changes with the covariance, which is
a mean over samples. They know nothing of a bias: of the d_x d_y / 2N nats that canonical
correlations have too many, of shrinking, or of variables that are not Gaussian.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.special import ndtri
from scipy.stats import rankdata
from torch import Tensor

from ipae_lib.estimate import Estimate
from ipae_lib.kernels import standardize
from ipae_lib.validation import ArrayLike, as_pairs


@dataclass(frozen=True)
class CanonicalCorrelations:
    """−½ Σ log₂(1 − ρ²) over the canonical correlations ρ of the samples.

    It is the information if both variables together are Gaussian, and a lower bound for large N
    if each alone is. Directions without variance do not count.
    """

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Estimate:
        """Bits, of samples of shapes (N, d_x) and (N, d_y).

        Raises
        ------
        ValueError
            If there are too few samples for the ranks of x and y, or one is a linear function
            of the other: a correlation is 1 then, and the information infinite.
        """
        x, y = as_pairs(x, y)
        bases = [_basis(v.double()) for v in (x, y)]
        ranks, n = [basis.shape[1] for basis in bases], x.shape[-2]
        if sum(ranks) >= n:
            raise ValueError(
                f"x and y have {n} samples; their ranks {ranks} need more than {sum(ranks)}"
            )
        left, correlations, right = torch.linalg.svd(bases[0].mT @ bases[1], full_matrices=False)
        if bool((correlations > 1 - 1e-9).any()):
            raise ValueError(
                "a canonical correlation of x and y is 1, and the information infinite; leave out "
                "what is a linear function of the other"
            )
        u, v = (math.sqrt(n) * (bases[0] @ left), math.sqrt(n) * (bases[1] @ right.mT))
        squares = correlations**2
        # the log density ratio of each sample, up to its mean
        ratios = (correlations * u * v - squares * (u**2 + v**2) / 2) / (1 - squares)
        return _estimate(-torch.log1p(-squares).sum() / 2, ratios.sum(1))


@dataclass(frozen=True)
class ShrunkGaussian:
    """The information of Gaussian variables with a covariance shrunk as Ledoit & Wolf advise.

    Dimensions are scaled to variance 1, and the covariance of x and y together is mixed with the
    identity by the share that is best in the mean. So it answers with fewer samples than
    dimensions, and of functions of each other. Correlations that few samples show are believed
    less. Dimensions that do not vary change nothing.
    """

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Estimate:
        """Bits, of samples of shapes (N, d_x) and (N, d_y)."""
        x, y = (standardize(v.double()) for v in as_pairs(x, y))
        x, y = (v[:, v.any(dim=0)] for v in (x, y))  # what does not vary is 0, and has no part
        both = torch.cat([x, y], dim=1)
        (n, d), d_x = both.shape, x.shape[1]
        if d_x in (0, d):
            return Estimate(0.0)
        covariance = both.mT @ both / n
        eye = torch.eye(d, dtype=both.dtype, device=both.device)
        distance = (covariance - eye).square().sum()
        # mean squared error of the covariance, from the spread of the samples' products
        error = (both.square().sum(1).square().sum() - n * covariance.square().sum()) / n**2
        share = (error / distance).clamp(0, 1)
        shrunk = share * eye + (1 - share) * covariance
        nats, influences = both.new_zeros(()), both.new_zeros(n)
        for sign, part in ((1, slice(d_x)), (1, slice(d_x, d)), (-1, slice(d))):
            root, failed = torch.linalg.cholesky_ex(shrunk[part, part])
            if int(failed):
                raise ValueError(
                    "the covariance of x and y is singular, and the information infinite; leave "
                    "out what is a linear function of the other"
                )
            nats += sign * root.diagonal().log().sum()
            white = torch.linalg.solve_triangular(root, both[:, part].mT, upper=False)
            influences += sign * white.square().sum(0)
        return _estimate(nats, (1 - share) / 2 * influences)


@dataclass(frozen=True)
class GaussianCopula:
    """`ShrunkGaussian` of the normal scores of ranks, dimension by dimension (Ince et al.).

    It is the information if the copula of x and y together is Gaussian, and a lower bound for
    large N if those of x and of y alone are. Maps that keep the order in a dimension change
    nothing. Ince et al. take the covariance of the samples and correct its bias, which needs more
    samples than dimensions.

    Equal values share the mean of their ranks, so that nothing is random: a constant dimension
    says nothing, and the zeros of a ReLU are one atom, which no Gaussian copula has.
    """

    def __call__(self, x: ArrayLike, y: ArrayLike) -> Estimate:
        """Bits, of samples of shapes (N, d_x) and (N, d_y)."""
        return ShrunkGaussian()(*map(_normal_scores, as_pairs(x, y)))


def _estimate(nats: Tensor, influences: Tensor) -> Estimate:
    """The estimate in bits whose error is that of the mean of each sample's influence, in nats."""
    value, error = nats / math.log(2), influences.std() / (math.sqrt(len(influences)) * math.log(2))
    return Estimate(float(value), float(error))


def _normal_scores(values: Tensor) -> Tensor:
    ranks = rankdata(values.numpy(force=True), axis=0)
    return torch.from_numpy(ndtri(ranks / (len(ranks) + 1))).to(values.device)


def _basis(values: Tensor) -> Tensor:
    """Orthonormal columns that span the centred columns of ``values``."""
    values = values / values.abs().max().clamp(min=torch.finfo(values.dtype).tiny)
    left, lengths, _ = torch.linalg.svd(values - values.mean(dim=0), full_matrices=False)
    floor = lengths.max() * max(values.shape) * torch.finfo(values.dtype).eps
    return left[:, lengths > floor]
