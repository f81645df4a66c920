"""Figures of the benchmark of estimators."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import INPUT, OUTPUT, TEXT_LABELS
from ipae_lib.linear import INPUT_MI, OUTPUT_MI
from study.figures.drawing import SERIES_COLORS, draw_feasible_region, layer_style, style

_KINDS = {
    "honest": {"color": SERIES_COLORS[0], "marker": "o"},
    "calibrated": {"color": SERIES_COLORS[2], "marker": "s"},
    "cheat": {"color": SERIES_COLORS[3], "marker": "x"},
    "guest": {"color": SERIES_COLORS[4], "marker": "D"},
}


def benchmark_scores(
    table: pd.DataFrame,
    bounds: xr.DataArray,
    scores: Sequence[str],
    costs: Sequence[str] = (),
) -> Figure:
    """Every score of every row with its interval, a panel each.

    Parameters
    ----------
    table : DataFrame
        As `benchmark.leaderboard` gives it.
    bounds : DataArray
        Its intervals (end, estimator, score), as `scores.intervals` gives them.
    scores : sequence of str
        Columns to draw.
    costs : sequence of str
        Columns to draw beside them, on a logarithmic axis where they differ by orders.
    """
    height = np.arange(len(table))[::-1]
    columns = [*scores, *costs]
    with style():
        size = (7.2, 0.24 * len(table) + 1.2)
        fig, axes = plt.subplots(1, len(columns), figsize=size, sharey=True, squeeze=False)
        for ax, column in zip(axes[0], columns, strict=True):
            if column in scores:
                own = bounds.sel(score=column, estimator=table.index)
                ends = own.sel(end="low").values, own.sel(end="high").values
                ax.hlines(height, *ends, color="0.75", linewidth=2.5, zorder=1)
            for kind, drawn in _KINDS.items():
                chosen = (table.kind == kind).to_numpy()
                if chosen.any():
                    values = table[column].to_numpy()[chosen]
                    ax.plot(values, height[chosen], linestyle="", markersize=4, label=kind, **drawn)
            if column in scores:
                ax.axvline(0, color="0.6", linewidth=0.8, zorder=0)
                ax.set(xlim=(-1.08, 1.08), xticks=[-1, 0, 1])
            else:
                least, most = table[column].min(), table[column].max()
                if 0 < 1000 * least < most:
                    ax.set_xscale("log")
                    ax.margins(x=0.15)
                else:
                    ax.set_xlim(0, 1.15 * most)
                ax.tick_params(axis="x", labelsize=9)
            ax.set_title(column.replace(" ", "\n"), fontsize=9)
            ax.grid(axis="y", color="0.93", linewidth=0.6)
            ax.set_axisbelow(True)
        axes[0, 0].set_yticks(height, table.index, fontsize=9)
        fig.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9
        )
    plt.close(fig)
    return fig


def benchmark_planes(
    answers: xr.Dataset, case: str, n: int, names: Sequence[str], columns: int = 4
) -> Figure:
    """The same training run as each row sees it, beside the exact plane.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it.
    case : str
        One of the exact planes.
    n : int
        Number of samples; means over the sets of samples are drawn.
    names : sequence of str
        Rows, a panel each.
    columns : int
    """
    chosen = answers.isel(question=(answers.case == case).values & (answers.n == n).values)
    panels = {"exact": chosen.exact} | {name: chosen.bits.sel(estimator=name) for name in names}
    lines = -(-len(panels) // columns)
    m = float(chosen.exact.max())
    with style():
        size = (7.2, 1.85 * lines + 0.4)
        fig, axes = plt.subplots(
            lines, columns, figsize=size, sharex=True, sharey=True, squeeze=False
        )
        for ax, (name, bits) in zip(axes.flat, panels.items(), strict=False):
            _draw_plane(ax, bits, m)
            ax.set_title(name, fontsize=9)
            ax.tick_params(labelsize=9)
        _end_columns(axes, len(panels))
        fig.supxlabel("input MI [bits]", fontsize=9)
        fig.supylabel("output MI [bits]", fontsize=9)
        fig.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=8, fontsize=9
        )
    plt.close(fig)
    return fig


def _end_columns(axes: np.ndarray, panels: int) -> None:
    """Hide the axes after so many panels, and label the x-axis of those above them."""
    for ax in axes.flat[panels:]:
        ax.set_axis_off()
    for ax in axes.flat[max(0, panels - axes.shape[1]) : panels]:
        ax.tick_params(labelbottom=True)


def _draw_plane(ax: Axes, bits: xr.DataArray, m: float) -> None:
    keys = ["iteration", "quantity", "layer"]
    table = bits.to_series().to_frame("bits").assign(**{k: bits[k].values for k in keys})
    mean = table.groupby(keys).bits.mean()
    draw_feasible_region(ax, m)
    for layer in dict.fromkeys(bits.layer.values.tolist()):
        if layer in (INPUT, OUTPUT):
            continue
        x, y = mean.xs((INPUT_MI, layer), level=(1, 2)), mean.xs((OUTPUT_MI, layer), level=(1, 2))
        settings = layer_style(layer) | {"markersize": 3.5, "linewidth": 0.9}
        ax.plot(x, y, **settings)
        ax.plot(x.iloc[-1], y.iloc[-1], "o", color="none", markeredgecolor="black", markersize=8)


def benchmark_networks(
    answers: xr.Dataset, case: str, n: int, names: Sequence[str], columns: int = 4
) -> Figure:
    """The input MI of a real network over its training as each row sees it, beside the truth.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it.
    case : str
        One of the real networks.
    n : int
        Number of samples; means over the sets of samples are drawn.
    names : sequence of str
        Rows, a panel each.
    columns : int
    """
    is_asked = (answers.case == case) & (answers.n == n) & (answers.part == "networks")
    is_asked &= (answers.quantity == INPUT_MI) & (answers.layer != INPUT)
    chosen = answers.isel(question=is_asked.values)
    panels = {"exact": chosen.exact} | {name: chosen.bits.sel(estimator=name) for name in names}
    lines = -(-len(panels) // columns)
    layers = list(dict.fromkeys(chosen.layer.values.tolist()))
    with style():
        fig, axes = plt.subplots(
            lines,
            columns,
            figsize=(7.2, 1.9 * lines + 0.4),
            sharex=True,
            sharey=True,
            squeeze=False,
        )
        for ax, (name, bits) in zip(axes.flat, panels.items(), strict=False):
            table = bits.to_series().to_frame("bits")
            keys = {key: bits[key].values for key in ("iteration", "layer")}
            mean = table.assign(**keys).groupby(["layer", "iteration"]).bits.mean()
            for layer, color, marker in zip(layers, SERIES_COLORS, "osv^D", strict=False):
                own = mean[layer]
                ax.plot(
                    own.index, own, color=color, marker=marker, markersize=3, linewidth=0.9,
                    label=TEXT_LABELS.get(layer, layer),
                )  # fmt: skip
            ax.set_xscale("symlog", linthresh=10)
            ax.set_title(name, fontsize=9)
            ax.tick_params(labelsize=9)
        _end_columns(axes, len(panels))
        fig.supxlabel("updates", fontsize=9)
        fig.supylabel("input MI [bits]", fontsize=9)
        fig.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=8, fontsize=9
        )
    plt.close(fig)
    return fig


def benchmark_gaussians(answers: xr.Dataset, n: int, names: Sequence[str]) -> Figure:
    """Estimates against the exact information of correlated Gaussians, a panel a dimension.

    Parameters
    ----------
    answers : Dataset
        As `benchmark.run` gives it.
    n : int
        Number of samples; means over the sets of samples are drawn.
    names : sequence of str
    """
    normal = np.char.startswith(answers.case.values.astype(str), "d = ")
    chosen = answers.isel(question=normal & (answers.n == n).values)
    dimensions = sorted(set(chosen.d_x.values.tolist()))
    with style():
        fig, axes = plt.subplots(1, len(dimensions), figsize=(7.2, 2.9), sharey=True, squeeze=False)
        for ax, d in zip(axes[0], dimensions, strict=True):
            own = chosen.isel(question=(chosen.d_x == d).values)
            ends = [0, float(own.exact.max())]
            ax.plot(ends, ends, color="0.6", linewidth=0.8)
            for name, color, marker in zip(names, SERIES_COLORS, "osv^DpXh", strict=False):
                bits = own.bits.sel(estimator=name).to_series()
                mean = bits.groupby(own.exact.values.round(6)).mean()
                ax.plot(mean, color=color, marker=marker, markersize=4, linewidth=0.9, label=name)
            ax.set(title=f"$d$ = {d}", xlabel="exact [bits]")
        axes[0, 0].set_ylabel(f"estimated, $N$ = {n} [bits]")
        fig.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9
        )
    plt.close(fig)
    return fig


def benchmark_samples(errors: pd.DataFrame) -> Figure:
    """Mean absolute error against the number of samples, a panel for each case.

    Parameters
    ----------
    errors : DataFrame (row × (case, N))
        As `ch08.by_samples` gives it, without its seconds.
    """
    cases = errors.columns.get_level_values(0).unique()
    with style():
        fig, axes = plt.subplots(
            1, len(cases), figsize=(7.2, 3.1), sharex=True, sharey=True, squeeze=False
        )
        for ax, case in zip(axes[0], cases, strict=True):
            for (name, own), color, marker in zip(
                errors[case].iterrows(), SERIES_COLORS, "osv^DpXh", strict=False
            ):
                asked = own.dropna()
                ax.plot(
                    asked.index, asked, color=color, marker=marker, markersize=4, linewidth=0.9,
                    label=name,
                )  # fmt: skip
            ax.set(title=case, xscale="log", yscale="log", xlabel="$N$")
            ax.set_xticks([*errors[case].columns], [f"{n:,}" for n in errors[case].columns])
            ax.tick_params(axis="x", labelrotation=45)
            ax.minorticks_off()
        axes[0, 0].set_ylabel("mean error [bits]")
        fig.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9
        )
    plt.close(fig)
    return fig


def width_calibration(table: pd.DataFrame) -> Figure:
    """Bits and order of each family of width rules against its setting.

    Parameters
    ----------
    table : DataFrame
        As `width_study.calibrate` gives it.
    """
    families = table.index.get_level_values("family").unique()
    with style():
        fig, axes = plt.subplots(1, len(families), figsize=(7.2, 2.5), sharey=True, squeeze=False)
        for ax, family in zip(axes[0], families, strict=True):
            own = table.loc[family]
            for column, marker in (("bits", "o"), ("order", "s")):
                ax.plot(own.index, own[column].clip(-1), marker=marker, markersize=4, label=column)
            ax.axvline(own.both.idxmax(), color="0.6", linewidth=0.8, linestyle=":")
            ax.set_title(family.removeprefix("Rényi, "), fontsize=9)
            ax.set_xlabel(r"$\gamma$" if "γ" in family else "share of $\\log_2 N$")
        axes[0, 0].set_ylabel("score")
        axes[0, 0].legend(fontsize=9)
    plt.close(fig)
    return fig
