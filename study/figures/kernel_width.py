"""Figures of the kernel width: its limits, scale, dimensionality, and standardised pixels."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ipae_lib.validation import ArrayLike
from study.figures.drawing import (
    SERIES_COLORS,
    draw_bound,
    mean_band,
    style,
    to_array,
)


def width_limits(
    sigma: ArrayLike,
    entropies: Mapping[int, ArrayLike],
    information: Mapping[int, Mapping[float, ArrayLike]],
    widths: Mapping[int, float],
    samples: int,
) -> Figure:
    """Entropy and mutual information against the kernel width, over many decades.

    Parameters
    ----------
    sigma : array of shape (widths,)
    entropies : mapping from d to array of shape (runs, widths)
        In bits.
    information : mapping from d to mapping from ρ to array of shape (runs, widths)
        In bits, for two correlations; the first is drawn as a whole line, the second dashed.
    widths : mapping from d to σ
        A rule's choice for each d of ``information``, marked on the axis.
    samples : int
        N, for the bound log₂ N.
    """
    sigma = to_array(sigma)
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.1), sharey=True)
        for color, (d, values) in zip(SERIES_COLORS, entropies.items(), strict=False):
            mean_band(axes[0], sigma, values, color=color, label=f"$d$ = {d}")
        colors = dict(zip(entropies, SERIES_COLORS, strict=False))
        for d, cases in information.items():
            for values, line in zip(cases.values(), ("-", "--"), strict=True):
                mean_band(axes[1], sigma, values, color=colors[d], linestyle=line)
            axes[1].plot(widths[d], 0, "^", color=colors[d], clip_on=False, zorder=3)
        for rho, line in zip(next(iter(information.values())), ("-", "--"), strict=True):
            axes[1].plot([], [], line, color="0.3", label=rf"$\rho$ = {rho:g}")
        axes[0].set(title="(a) entropy", ylabel="bits")
        axes[1].set(title="(b) mutual information")
        for ax, place in zip(axes, ("lower left", "upper right"), strict=True):
            draw_bound(ax, samples)
            ax.set(xscale="log", xlabel=r"kernel width $\sigma$", ylim=(0, None))
            ax.legend(loc=place)
    plt.close(fig)
    return fig


def scale_dependence(
    scale: ArrayLike, information: Mapping[str, ArrayLike], samples: int
) -> Figure:
    """Estimated information against the scale of the variables.

    Parameters
    ----------
    scale : array of shape (scales,)
    information : mapping from label to array of shape (runs, scales)
        In bits.
    samples : int
        N, for the bound log₂ N.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 3.0))
        for (label, values), line in zip(information.items(), ("-", "--", "-."), strict=False):
            mean_band(ax, to_array(scale), values, linestyle=line, label=label)
        draw_bound(ax, samples)
        ax.set(xscale="log", xlabel="scale $a$ of the variable", ylabel="estimated MI [bits]")
        ax.legend()
    plt.close(fig)
    return fig


def distance_concentration(ratios: xr.DataArray) -> Figure:
    """Squared distances of standardised samples, relative to 2d, and how their spread shrinks.

    Parameters
    ----------
    ratios : DataArray with dims (distribution, d, pair)
        ‖x₁ − x₂‖² / 2d; of the first distribution the histograms are drawn.
    """
    first = str(ratios.distribution.values[0])
    spreads = ratios.std("pair", ddof=1)
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0))
        bins = np.linspace(0, 3, 61)
        for d in ratios.d.values:
            values = ratios.sel(distribution=first, d=d).values
            axes[0].hist(values, bins, density=True, histtype="step", label=f"$d$ = {d}")
        axes[0].set(
            title=f"(a) independent {first} dimensions",
            xlabel=r"$\|x_1-x_2\|^2/2d$",
            ylabel="density",
            yscale="log",
            ylim=(0.02, 50),
        )
        axes[0].legend()
        for kind, marker in zip(ratios.distribution.values, "os^D", strict=False):
            spread = spreads.sel(distribution=kind)
            axes[1].loglog(spreads.d, spread, marker, label=str(kind))
        d = spreads.d.values
        axes[1].loglog(d, np.sqrt(2 / d), color="0.5", zorder=0, label=r"$\sqrt{2/d}$")
        axes[1].set(
            title="(b) spread", xlabel="dimensions $d$", ylabel="standard deviation of the ratio"
        )
        axes[1].legend()
    plt.close(fig)
    return fig


def silverman_factor(d: ArrayLike, factor: ArrayLike, bounds: tuple[float, float]) -> Figure:
    """The factor of Silverman's rule that the later rules drop, against the dimension.

    Parameters
    ----------
    d, factor : arrays of shape (dimensions,)
    bounds : (float, float)
        The interval said to hold the factor.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 2.6))
        ax.axhspan(*bounds, color="0.9", zorder=0, label=f"[{bounds[0]}, {bounds[1]}]")
        ax.semilogx(to_array(d), to_array(factor), "o", markersize=3)
        ax.axhline(1, color="0.5", linewidth=0.8, linestyle=":")
        ax.set(xlabel="dimensions $d$", ylabel=r"$(4/(2+d))^{1/(4+d)}$")
        ax.legend()
    plt.close(fig)
    return fig


def dimensionality(information: xr.DataArray, samples: int, limit: float) -> Figure:
    """Estimated information of correlated Gaussians against their dimension, by width rule.

    Parameters
    ----------
    information : DataArray with dims (rule, rho, d, run)
        In bits.
    samples : int
        N, for the bound log₂ N.
    limit : float
        Value in bits of the last rule for d → ∞.
    """
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 2.8), width_ratios=(3, 2))
        for i, (rule, color) in enumerate(
            zip(information.rule.values, SERIES_COLORS, strict=False)
        ):
            for rho, line in zip(information.rho.values, ("--", "-"), strict=True):
                for ax in axes[: 2 if i == information.sizes["rule"] - 1 else 1]:
                    mean_band(
                        ax,
                        information.d.values,
                        information.sel(rule=rule, rho=rho).transpose("run", "d"),
                        color=color,
                        linestyle=line,
                        label=rf"{rule}, $\rho$ = {rho:g}",
                    )
        draw_bound(axes[0], samples)
        axes[0].set(title="(a) three rules", ylabel="estimated MI [bits]")
        axes[1].axhline(limit, color="black", linewidth=0.8, linestyle=":")
        axes[1].set(title=f"(b) {information.rule.values[-1]} alone", ylim=(0, None))
        for ax in axes:
            ax.set(xscale="log", xlabel="dimensions $d$")
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    plt.close(fig)
    return fig


def pixel_images(images: Mapping[str, ArrayLike]) -> Figure:
    """Images side by side, each with its own colour scale around 0.

    Parameters
    ----------
    images : mapping from title to array of shape (784,)
    """
    with style():
        fig, axes = plt.subplots(1, len(images), figsize=(7.0, 2.6), squeeze=False)
        for ax, (title, image) in zip(axes[0], images.items(), strict=True):
            pixels = to_array(image).reshape(28, 28)
            extreme = np.abs(pixels).max()
            drawn = ax.imshow(pixels, cmap="PuOr", vmin=-extreme, vmax=extreme)
            fig.colorbar(drawn, ax=ax, shrink=0.75, label="pixel value")
            ax.set(title=title, xticks=[], yticks=[])
    plt.close(fig)
    return fig


def rare_pixels(weights: xr.Dataset, entropies: xr.Dataset) -> Figure:
    """How much rarely lit pixels weigh, and what that does to the entropy of images.

    Parameters
    ----------
    weights : Dataset
        ``lit`` (pixel), the share of the images in which a pixel is not 0; ``share``
        (statistics, pixel) of the mean squared distance.
    entropies : Dataset
        ``entropy`` and ``self_information`` (statistics, batch), in bits.
    """
    by_rarity = weights.sortby("lit")
    names = {"entropy": "$S(X)$", "self_information": "$I(X;X)$"}
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0))
        for name, line in zip(weights.statistics.values, ("-", "--"), strict=True):
            share = by_rarity.share.sel(statistics=name).cumsum("pixel")
            axes[0].plot(100 * by_rarity.lit, 100 * share, line, label=str(name))
        axes[0].set(
            title="(a) weight of rarely lit pixels",
            xlabel="pixels lit in at most … % of images",
            ylabel="share of squared distance [%]",
            xlim=(0, 100),
            ylim=(0, 102),
        )
        axes[0].legend(loc="lower right")
        for i, (name, marker) in enumerate(zip(entropies.statistics.values, "os", strict=True)):
            for j, quantity in enumerate(names):
                values = entropies[quantity].sel(statistics=name)
                offset = np.linspace(-0.08, 0.08, values.sizes["batch"])
                axes[1].plot(
                    j + 0.25 * (i - 0.5) + offset,
                    values,
                    marker,
                    color=SERIES_COLORS[i],
                    markersize=4,
                    label=str(name) if j == 0 else None,
                )
        axes[1].set_xticks(range(len(names)), list(names.values()))
        axes[1].set(title="(b) estimates, a point a batch", ylabel="bits")
        axes[1].legend()
    plt.close(fig)
    return fig
