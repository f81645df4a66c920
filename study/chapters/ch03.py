"""Chapter 3, the kernel width: what it makes of correlated Gaussians and of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import torch
import xarray as xr
from torch import Tensor

from ipae_lib.entropy import mutual_information
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import squared_distances
from ipae_lib.toys import correlated_gaussians, correlated_gaussians_mi
from ipae_lib.validation import ArrayLike, check_count
from study.gaussians import estimand

RARE = 0.05
"""Pixels are rare that are lit in this share of the images at most."""


def mean_sd(values: ArrayLike, digits: int = 2) -> str:
    """Mean and sample standard deviation as text.

    Examples
    --------
    >>> mean_sd(torch.tensor([1.0, 2.0, 3.0]), 1)
    '2.0 ± 1.0'
    """
    values = torch.as_tensor(values, dtype=torch.float64)
    mean = round(float(values.mean()), digits) + 0.0  # no −0
    return f"{mean:.{digits}f} ± {values.std():.{digits}f}"


def windows(sigma: Tensor, information: Mapping[int, Mapping[float, Tensor]]) -> pd.DataFrame:
    """The width at which an estimate tells two correlations apart best, for each dimension.

    Parameters
    ----------
    sigma : Tensor of shape (widths,)
    information : mapping from d to mapping from ρ to Tensor of shape (runs, widths)
        In bits, for two correlations, the stronger one first.

    Returns
    -------
    DataFrame, a row for each d
        Mean and standard deviation over runs of the largest difference in bits, and its σ.
    """
    rows = {}
    for d, (strong, weak) in ((d, by_rho.values()) for d, by_rho in information.items()):
        difference = strong - weak
        best = int(difference.mean(0).argmax())
        rows[d] = {
            "largest difference [bits]": mean_sd(difference[:, best]),
            "at σ": f"{sigma[best]:.1f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("d")


def distance_ratios(pairs: int, dimensions: Sequence[int] = (1, 10, 100, 1000)) -> xr.DataArray:
    """Squared distances of independent samples of variance 1 over 2d, for three distributions.

    Parameters
    ----------
    pairs : int
        Pairs of samples.
    dimensions : sequence of int

    Returns
    -------
    DataArray of dims (distribution, d, pair)
        The distributions: independent normal dimensions, independent uniform ones, and one
        normal value that all dimensions repeat.
    """
    pairs = check_count(pairs, "pairs")
    generator = torch.Generator().manual_seed(0)

    def normal(d: int) -> Tensor:
        return torch.randn(pairs, d, generator=generator, dtype=torch.float64)

    def uniform(d: int) -> Tensor:
        unit = torch.rand(pairs, d, generator=generator, dtype=torch.float64)
        return (2 * unit - 1) * 3**0.5

    def repeated(d: int) -> Tensor:
        return normal(1).expand(pairs, d)

    draws = {"Gaussian": normal, "uniform": uniform, "one value, d times": repeated}
    ratios = [
        [((draw(d) - draw(d)) ** 2).sum(-1).numpy() / (2 * d) for d in dimensions]
        for draw in draws.values()
    ]
    coords = {"distribution": list(draws), "d": list(dimensions)}
    return xr.DataArray(ratios, coords, ("distribution", "d", "pair"))


def by_rule(
    rules: Mapping[str, MatrixRenyi],
    draw: Callable[[int, float], tuple[Tensor, Tensor]],
    dimensions: Sequence[int],
    rhos: Sequence[float] = (0, 0.9),
) -> xr.DataArray:
    """Estimates of several width rules on the same samples.

    Parameters
    ----------
    rules : mapping from name to estimator
    draw : callable
        ``draw(d, rho)`` gives x and y of shape (runs, N, d).
    dimensions : sequence of int
    rhos : sequence of float

    Returns
    -------
    DataArray of dims (rule, rho, d, run), in bits
    """
    samples = {(rho, d): draw(d, rho) for rho in rhos for d in dimensions}
    estimates = [
        [[estimate(*samples[rho, d]).cpu().numpy() for d in dimensions] for rho in rhos]
        for estimate in rules.values()
    ]
    coords = {"rule": list(rules), "rho": list(rhos), "d": list(dimensions)}
    return xr.DataArray(estimates, coords, ("rule", "rho", "d", "run"))


def zero_and_range(information: xr.DataArray) -> xr.Dataset:
    """The estimate of independent variables, and what a correlation of 0.9 adds to it.

    Parameters
    ----------
    information : DataArray of dims (rho, d, run)
        In bits, with ρ = 0 and 0.9.

    Returns
    -------
    Dataset (d, run), in bits
        ``zero`` and ``range``.
    """
    zero = information.sel(rho=0, drop=True)
    return xr.Dataset({"zero": zero, "range": information.sel(rho=0.9, drop=True) - zero})


def range_table(found: xr.Dataset, dimensions: Sequence[int]) -> pd.DataFrame:
    """`zero_and_range` as text: mean and standard deviation over runs, a row for each d."""
    rows = {
        d: {
            "I at ρ = 0 [bits]": mean_sd(found.zero.sel(d=d).values, 4),
            "I(0.9) − I(0) [bits]": mean_sd(found.range.sel(d=d).values, 4),
        }
        for d in dimensions
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("d")


def range_summary(found: xr.Dataset) -> dict[str, float]:
    """`zero_and_range` at the smallest and the largest d, means over runs in bits.

    Returns
    -------
    dict
        ``zero_low``, ``range_low``, and ``zero_high``, ``range_high`` of the largest d.
    """
    means = found.mean("run").sortby("d")
    return {
        f"{name}_{end}": float(means[name].isel(d=i))
        for name in ("zero", "range")
        for end, i in (("low", 0), ("high", -1))
    }


def shuffled(
    estimator: MatrixRenyi, n: int, d: int, rhos: Sequence[float], runs: int
) -> xr.Dataset:
    """Estimates of correlated Gaussians, and of the same samples paired at random.

    Parameters
    ----------
    estimator : MatrixRenyi
        With a rule for its width that looks at n and d only.
    n, d : int
        Samples and dimensions.
    rhos : sequence of float
    runs : int

    Returns
    -------
    Dataset, in bits
        ``estimate`` and ``shuffled`` (rho, run); ``estimand`` and ``truth`` (rho).
    """
    generator = torch.Generator().manual_seed(0)
    estimates, of_shuffled = [], []
    for rho in rhos:
        x, y = correlated_gaussians(n, d, rho, generator, (runs,))
        a, b = estimator.represent(x), estimator.represent(y)
        order = torch.randperm(n, generator=generator)
        estimates.append(mutual_information(a, b, estimator.alpha))
        of_shuffled.append(mutual_information(a, b[:, order][:, :, order], estimator.alpha))
    return xr.Dataset(
        {
            "estimate": (("rho", "run"), torch.stack(estimates)),
            "shuffled": (("rho", "run"), torch.stack(of_shuffled)),
            "estimand": ("rho", [estimand(estimator, n, d, rho) for rho in rhos]),
            "truth": ("rho", [correlated_gaussians_mi(d, rho) for rho in rhos]),
        },
        {"rho": list(rhos)},
    )


def shuffled_table(found: xr.Dataset) -> pd.DataFrame:
    """`shuffled` as text, a row for each ρ: bits, mean and standard deviation over runs."""
    rows = {}
    for rho in found.rho.values:
        case = found.sel(rho=rho)
        rows[f"{rho:g}"] = {
            "estimate": mean_sd(case.estimate.values),
            "shuffled": mean_sd(case.shuffled.values),
            "difference": mean_sd((case.estimate - case.shuffled).values),
            "estimand": f"{float(case.estimand):.2f}",
            "truth": f"{float(case.truth) + 0.0:.2f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("ρ")


def shuffled_summary(found: xr.Dataset) -> dict[str, float]:
    """What shuffling takes off at the largest ρ, and what too few samples add there.

    Returns
    -------
    dict
        Means over runs in bits: ``taken``, the estimate of shuffled pairs, and ``added``, the
        estimate less its estimand.
    """
    strong = found.sel(rho=found.rho.max()).mean("run")
    return {
        "taken": float(strong.shuffled),
        "added": float(strong.estimate - strong.estimand),
    }


def pixel_weights(images: Tensor, standardised: Mapping[str, Tensor]) -> xr.Dataset:
    """How much each pixel adds to the mean squared distance of images.

    The mean squared distance is twice the sum of the variances, so a pixel's share of it is that
    of its variance.

    Parameters
    ----------
    images : Tensor of shape (batches, N, d)
        As they are, to see which pixels are lit: not 0.
    standardised : mapping from name to Tensor of shape (batches, N, d)
        The same images, standardised in one way or another.

    Returns
    -------
    Dataset
        ``lit`` (batch, pixel), the share of the images in which a pixel is lit, and ``share``
        (statistics, batch, pixel) of the mean squared distance.
    """
    shares = []
    for z in standardised.values():
        variance = z.var(dim=1, correction=0)
        shares.append((variance / variance.sum(-1, keepdim=True)).cpu().numpy())
    return xr.Dataset(
        {
            "lit": (("batch", "pixel"), (images > 0).double().mean(dim=1).cpu().numpy()),
            "share": (("statistics", "batch", "pixel"), shares),
        },
        {"statistics": list(standardised)},
    )


def rarely_lit(lit: xr.DataArray) -> xr.DataArray:
    """Which pixels are lit, but in a share of `RARE` of the images at most."""
    return (lit > 0) & (lit <= RARE)


def entropies_of_images(estimators: Mapping[str, MatrixRenyi], images: Tensor) -> xr.Dataset:
    """Entropy and self-information of batches of images.

    Parameters
    ----------
    estimators : mapping from name to estimator
    images : Tensor of shape (batches, N, d)

    Returns
    -------
    Dataset (statistics, batch), in bits
        ``entropy`` S(X) and ``self_information`` I(X;X).
    """
    entropies = [each.entropy(images).cpu().numpy() for each in estimators.values()]
    informations = [each(images, images).cpu().numpy() for each in estimators.values()]
    dims = ("statistics", "batch")
    return xr.Dataset(
        {"entropy": (dims, entropies), "self_information": (dims, informations)},
        {"statistics": list(estimators)},
    )


def distance_statistics(standardised: Mapping[str, Tensor]) -> xr.Dataset:
    """Mean and spread of the squared distances between different samples.

    Parameters
    ----------
    standardised : mapping from name to Tensor of shape (batches, N, d)

    Returns
    -------
    Dataset (statistics, batch)
        ``ratio``, the mean over 2d, equation (28); and ``directions``, 2 over the relative
        variance: of independent normal dimensions their number d.
    """
    ratios, directions = [], []
    for z in standardised.values():
        others = ~torch.eye(z.shape[1], dtype=torch.bool, device=z.device)
        distances = squared_distances(z)[:, others]
        mean, variance = distances.mean(-1), distances.var(-1)
        ratios.append((mean / (2 * z.shape[2])).cpu().numpy())
        directions.append((2 * mean**2 / variance).cpu().numpy())
    dims = ("statistics", "batch")
    return xr.Dataset(
        {"ratio": (dims, ratios), "directions": (dims, directions)},
        {"statistics": list(standardised)},
    )


def image_table(weights: xr.Dataset, entropies: xr.Dataset, distances: xr.Dataset) -> pd.DataFrame:
    """What statistics per pixel and shared ones make of images, a column each.

    Parameters
    ----------
    weights, entropies, distances : Dataset
        As `pixel_weights`, `entropies_of_images` and `distance_statistics` give them.

    Returns
    -------
    DataFrame of texts
        Mean and standard deviation over batches.
    """
    rows = {
        "share of rare pixels [%]": (100 * _rare_share(weights), 1),
        "S(X) [bits]": (entropies.entropy, 2),
        "I(X;X) [bits]": (entropies.self_information, 2),
        "mean |x₁ − x₂|² / 2d": (distances.ratio, 3),
        "independent directions": (distances.directions, 1),
    }
    return pd.DataFrame(
        {
            str(name): {
                row: mean_sd(values.sel(statistics=name).values, digits)
                for row, (values, digits) in rows.items()
            }
            for name in weights.statistics.values
        }
    )


def image_summary(
    weights: xr.Dataset, entropies: xr.Dataset, distances: xr.Dataset
) -> dict[str, float]:
    """The findings on images, means over batches; arguments as of `image_table`.

    Returns
    -------
    dict
        ``pixel_share`` and ``shared_share`` of the rare pixels in %; with shared statistics
        ``loss``, by how many % I(X;X) is below S(X), the ``ratio`` of the mean squared distance
        to 2d and the number of independent ``directions``.
    """
    share = 100 * _rare_share(weights).mean("batch")
    shared = xr.merge([entropies, distances]).sel(statistics="shared").mean("batch")
    return {
        "pixel_share": float(share.sel(statistics="per pixel")),
        "shared_share": float(share.sel(statistics="shared")),
        "loss": float(100 * (1 - shared.self_information / shared.entropy)),
        "ratio": float(shared.ratio),
        "directions": float(shared.directions),
    }


def _rare_share(weights: xr.Dataset) -> xr.DataArray:
    return (weights.share * rarely_lit(weights.lit)).sum("pixel")
