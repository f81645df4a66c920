"""Figures of estimates from many samples."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import HIDDEN_LAYERS, INPUT
from study.figures.drawing import SERIES_COLORS, layer_style, style
from study.large import error_bar


def gaussians_many(result: xr.Dataset) -> Figure:
    """Fig. 4 continued: estimates of correlated Gaussians for growing N, and their resolution.

    Parameters
    ----------
    result : Dataset
        As `large.gaussians` gives it; bars are the estimates' error bars.
    """
    bars = error_bar(result).mi
    colors = sns.color_palette("viridis_r", len(result.n) + 1)[1:]
    resolution = result.mi.max("rho") - result.mi.min("rho")
    with style():
        fig, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.1))
        for n, color, marker in zip(result.n.values, colors, "os^Dvph", strict=False):
            left.errorbar(
                result.rho,
                result.mi.sel(n=n),
                bars.sel(n=n),
                color=color,
                marker=marker,
                markersize=4,
                label=f"$N$ = {n:,}",
            )
        left.set(xlabel=r"correlation $\rho$", ylabel="estimated MI [bits]")
        right.semilogx(result.n, resolution, "o-", color="black")
        _sample_axis(right, result.n.values)
        right.set(ylabel="resolution [bits]", ylim=(0, None))
        handles, labels = left.get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=5)
    plt.close(fig)
    return fig


def information_by_samples(panels: Mapping[str, xr.Dataset]) -> Figure:
    """Input MI of every layer against the number of samples, a panel each.

    Parameters
    ----------
    panels : mapping from title to Dataset of dims (n, layer)
        As `large.run` gives it for one state and estimator. Grey: M = I(X;X).
    """
    columns = 2
    rows = -(-len(panels) // columns)
    with style():
        fig, axes = plt.subplots(
            rows, columns, figsize=(7.0, 2.7 * rows + 0.4), squeeze=False, sharex=True, sharey="row"
        )
        for ax, (title, result) in zip(axes.flat, panels.items(), strict=False):
            inputs, bars = result.input_mi, error_bar(result).input_mi
            ax.semilogx(inputs.n, inputs.sel(layer=INPUT), color="0.6", linewidth=3, label="$M$")
            for layer in HIDDEN_LAYERS:
                settings = layer_style(layer) | {"markersize": 4, "linewidth": 0.9}
                ax.errorbar(inputs.n, inputs.sel(layer=layer), bars.sel(layer=layer), **settings)
            ax.set_title(title)
        for ax in axes[-1]:
            _sample_axis(ax, max((result.n.values for result in panels.values()), key=len))
        for row in axes:
            row[0].set_ylabel("input MI $I(X;T)$ [bits]")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=9, columnspacing=1)
    plt.close(fig)
    return fig


def compression_by_samples(curves: Mapping[str, xr.DataArray]) -> Figure:
    """Compression by the encoder against the bottleneck size, for several numbers of samples.

    Parameters
    ----------
    curves : mapping from label to DataArray of dims (bottleneck_size)
        I(X;T₁ᴱ) − I(X;T₃ᴱ) in bits.
    """
    sizes = sorted({int(k) for curve in curves.values() for k in curve.bottleneck_size.values})
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 3.1))
        for (label, curve), color, marker in zip(
            curves.items(), SERIES_COLORS, "os^Dv", strict=False
        ):
            ax.semilogx(
                curve.bottleneck_size, curve, color=color, marker=marker, markersize=4, label=label
            )
        ax.axvline(13, color="0.5", linestyle=":", linewidth=0.8)
        ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        ax.set_xticks(sizes, [str(k) for k in sizes])
        ax.minorticks_off()
        ax.set(xlabel="bottleneck size $K$", ylabel="$I(X;T_1^E) - I(X;T_3^E)$ [bits]")
        ax.legend()
    plt.close(fig)
    return fig


def _sample_axis(ax: Axes, samples: np.ndarray) -> None:
    ax.set_xticks(samples, [f"{n:,}" for n in samples], fontsize=8)
    ax.minorticks_off()
    ax.set_xlabel("samples $N$")
