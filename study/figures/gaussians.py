"""Figures of the correlated Gaussians: Figs. 2 to 4 of the paper."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, StrMethodFormatter

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


def gaussians_by_dimension(information: xr.DataArray, estimands: xr.DataArray) -> Figure:
    """Fig. 3: estimated information of correlated Gaussians, a row a dimension, a column a rule.

    Both panels of a row span the same number of bits, so that heights compare. The exact value
    is drawn on an axis of its own, on which it and the last rule have the same height. A last
    column shows the last rule with its estimand and the exact value on one axis, from 0.

    Parameters
    ----------
    information : DataArray with dims (estimator, d, rho, run)
        In bits, with coordinates of each, and ``n``; ρ in rising order and symmetric.
    estimands : DataArray with dims (estimator, d, rho)
        In bits.
    """
    rhos, last = information.rho.values, information.estimator.values[-1]
    fine = np.linspace(rhos[0], rhos[-1], 181)
    rules = information.sizes["estimator"]
    shape = (information.sizes["d"], rules + 1)
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
            ax, values = axes[i, -1], drawn.sel(estimator=last).values
            mean_band(ax, rhos, values, color=SERIES_COLORS[rules], marker="o", markersize=3)
            ax.plot(rhos, estimands.sel(d=d, estimator=last), color="black")
            ax.plot(fine, exact, color="0.6", linestyle="--")
            ax.set_ylim(0, 1.25 * values.mean(axis=0).max())
            ax.set_title(f"({chr(97 + shape[1] * (i + 1) - 1)}) from 0, $d$ = {d}")
        for ax in axes[-1]:
            ax.set(xlabel=r"correlation $\rho$", xlim=(-1, 1))
        lines = [
            plt.Line2D([], [], color=SERIES_COLORS[rules], marker="o", markersize=3),
            plt.Line2D([], [], color="black"),
            plt.Line2D([], [], color="0.6", linestyle="--"),
        ]
        names = [f"estimate, {last} rule", "its estimand", "exact"]
        fig.legend(lines, names, loc="outside lower center", ncols=3)
    plt.close(fig)
    return fig


def gaussians_by_samples(information: xr.DataArray, estimands: xr.DataArray) -> Figure:
    """Fig. 4: estimated information of correlated Gaussians for several numbers of samples.

    Parameters
    ----------
    information : DataArray with dims (n, rho, run)
        In bits, with coordinates of each.
    estimands : DataArray with dims (n, rho)
        In bits.
    """
    rhos = information.rho.values
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 3.6))
        lines = zip("os^", ("-", "--", "-."), strict=True)
        for n, (marker, line) in zip(information.n.values, lines, strict=False):
            values = information.sel(n=n).transpose("run", "rho")
            mean_band(
                ax, rhos, values, marker=marker, linestyle=line, markersize=4, label=f"$N$ = {n}"
            )
            ax.plot(rhos, estimands.sel(n=n), line, color="black", linewidth=1)
        ax.plot([], [], color="black", linewidth=1, label="estimands")
        ax.set(xlabel=r"correlation $\rho$", ylabel="MI [bits]", xlim=(-1, 1), ylim=(0, None))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.62))
    plt.close(fig)
    return fig


def gaussians_splits(splits: Mapping[str, xr.Dataset]) -> Figure:
    """The two parts of an estimate's error, a panel for each setting that varies.

    Parameters
    ----------
    splits : mapping from the setting that varies to Dataset
        ``truth`` and ``estimand`` over that setting, ``estimate`` over it and run, in bits.
    """
    labels = {
        "n": "samples $N$",
        "d": "dimensions $d$",
        "rho": r"correlation $\rho$",
        "gamma": r"factor $\gamma$ of the width",
    }
    with style():
        fig, axes = plt.subplots(2, 2, figsize=(7.0, 5.0), sharey=True)
        for panel, ax, (name, found) in zip("abcd", axes.flat, splits.items(), strict=True):
            x = found[name].values
            ax.plot(
                x, found.truth - found.estimand, "s--", markersize=4, label="too little: the width"
            )
            added = (found.estimate - found.estimand).transpose("run", name)
            mean_band(ax, x, added, marker="o", markersize=4, label="too much: too few samples")
            ax.set(title=f"({panel})", xlabel=labels[name], yscale="log")
            if name != "rho":
                ax.set_xscale("log")
                ax.set_xticks(x, [f"{value:g}" for value in x])
                ax.xaxis.set_minor_locator(NullLocator())
        for ax in axes[:, 0]:
            ax.set_ylabel("error [bits]")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
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
