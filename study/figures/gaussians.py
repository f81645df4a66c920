"""Figures of the correlated Gaussians: Figs. 2 to 4 of the paper."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from ipae_lib import toys
from study.figures.drawing import (
    SERIES_COLORS,
    mean_band,
    style,
)
from study.gaussians import SAMPLES


def gaussians_exact(d: int = 1) -> Figure:
    """Fig. 2: exact information of correlated Gaussians (31) against their correlation."""
    rhos = np.tanh(np.linspace(-4, 4, 401))
    with style():
        fig, ax = plt.subplots(figsize=(4.6, 2.8))
        ax.plot(rhos, [toys.correlated_gaussians_mi(d, rho) for rho in rhos], color="black")
        ax.set(xlabel=r"correlation $\rho$", ylabel="$I(X;Y)$ [bits]", xlim=(-1, 1), ylim=(0, None))
    plt.close(fig)
    return fig


def gaussians_by_dimension(information: xr.DataArray) -> Figure:
    """Fig. 3: estimated information of correlated Gaussians, a row a dimension, a column a rule.

    Both panels of a row span the same number of bits, so that heights compare. The exact value
    is drawn on an axis of its own, on which it and the last rule have the same height.

    Parameters
    ----------
    information : DataArray with dims (estimator, d, rho, run)
        In bits, with coordinates of each, and ``n``; ρ in rising order and symmetric.
    """
    rhos, last = information.rho.values, information.estimator.values[-1]
    fine = np.linspace(rhos[0], rhos[-1], 181)
    shape = (information.sizes["d"], information.sizes["estimator"])
    with style():
        fig, axes = plt.subplots(*shape, figsize=(7.0, 1.9 * shape[0]), sharex=True, squeeze=False)
        for i, d in enumerate(information.d.values):
            exact = np.array([toys.correlated_gaussians_mi(int(d), rho) for rho in fine])
            drawn = information.sel(d=d).transpose("estimator", "run", "rho")
            height = np.ptp(drawn.sel(estimator=last).mean("run").values)
            for j, rule in enumerate(information.estimator.values):
                ax, values = axes[i, j], drawn.sel(estimator=rule).values
                base = values.mean(axis=0)[np.abs(rhos).argmin()]
                ax.set_ylim(base - 0.35 * height, base + 1.35 * height)
                truth = ax.twinx()
                truth.spines["right"].set(visible=True, color="0.5")
                truth.set_ylim(-0.35 * exact.max(), 1.35 * exact.max())
                truth.set_yticks([0, exact.max()], ["0", f"{exact.max():.0f}"], color="0.4")
                truth.plot(fine, exact, color="0.6", linestyle="--")
                # the estimate above the exact curve, which would hide it otherwise
                ax.set_zorder(truth.get_zorder() + 1)
                ax.patch.set_visible(False)
                mean_band(ax, rhos, values, color=SERIES_COLORS[1 + j], marker="o", markersize=3)
                ax.yaxis.set_major_formatter(
                    StrMethodFormatter("{x:.3f}" if height < 0.1 else "{x:.1f}")
                )
                ax.set_title(f"({chr(97 + shape[1] * i + j)}) {rule} rule, $d$ = {d}")
                if j == 0:
                    ax.set_ylabel("estimated MI [bits]")
                if j == shape[1] - 1:
                    truth.set_ylabel("exact MI [bits]", color="0.4")
                    truth.yaxis.set_label_coords(1.24, 0.5)
        for ax in axes[-1]:
            ax.set(xlabel=r"correlation $\rho$", xlim=(-1, 1))
    plt.close(fig)
    return fig


def gaussians_by_samples(information: xr.DataArray) -> Figure:
    """Fig. 4: estimated information of correlated Gaussians for several numbers of samples.

    Parameters
    ----------
    information : DataArray with dims (n, rho, run)
        In bits, with coordinates of each.
    """
    rhos = information.rho.values
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 3.3))
        lines = zip("os^", ("-", "--", "-."), strict=True)
        for n, (marker, line) in zip(information.n.values, lines, strict=False):
            values = information.sel(n=n).transpose("run", "rho")
            mean_band(
                ax, rhos, values, marker=marker, linestyle=line, markersize=4, label=f"$N$ = {n}"
            )
        ax.set(xlabel=r"correlation $\rho$", ylabel="estimated MI [bits]", xlim=(-1, 1))
        ax.legend(loc="upper center")
    plt.close(fig)
    return fig


def gaussians_shape(by_dimension: xr.DataArray, by_samples: xr.DataArray) -> Figure:
    """Shape of estimates against |ρ|, each scaled to run from 0 to 1, beside that of (31) and ρ².

    Parameters
    ----------
    by_dimension : DataArray of dims (d, rho, run)
        Heights for N = 128, from 0 at the smallest |ρ| to 1 at the largest; ``rho`` holds |ρ|.
    by_samples : DataArray of dims (n, rho, run)
        Heights for d = 100.
    """
    panels = {
        f"(a) $N$ = {SAMPLES}": (by_dimension, "d", "$d$"),
        "(b) $d$ = 100": (by_samples, "n", "$N$"),
    }
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.3), sharey=True)
        for ax, (title, (heights, dim, symbol)) in zip(axes, panels.items(), strict=True):
            end = float(heights.rho.max())
            fine = np.linspace(0, end, 201)
            # the shape does not depend on d
            exact = np.array([toys.correlated_gaussians_mi(1, rho) for rho in fine])
            ax.plot(fine, exact / exact[-1], color="black", label="exact, (31)")
            ax.plot(fine, (fine / end) ** 2, color="0.5", linestyle=":", label=r"$\rho^2$")
            for value, marker in zip(heights[dim].values, "os^", strict=False):
                mean_band(
                    ax,
                    heights.rho,
                    heights.sel({dim: value}).transpose("run", "rho"),
                    marker=marker,
                    markersize=4,
                    linewidth=0.6,
                    label=f"{symbol} = {value}",
                )
            ax.set(title=title, xlabel=r"$|\rho|$")
            ax.legend()
        axes[0].set_ylabel("height of the curve, as a share")
    plt.close(fig)
    return fig
