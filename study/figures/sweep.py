"""Figures of the sweep over bottleneck sizes: Fig. 9 of the paper, and what is read off it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import DECODER, ENCODER
from study.figures.drawing import SERIES_COLORS, draw_bound, layer_style, style
from study.intrinsic_dimension import Dimension
from study.sweep import CRITICAL_SIZE, SIZE, Transition, interval


def bottleneck_sweep(plane: xr.Dataset) -> Figure:
    """Fig. 9: information of each layer at the end of training against the bottleneck size.

    Parameters
    ----------
    plane : Dataset
        ``input_mi`` and ``output_mi`` (bottleneck_size, layer, seed, batch) in bits, as
        `sweep.final_records` gives them of one estimator; means are drawn with their 95 %
        intervals.
    """
    axes_labels = {
        "input_mi": "input MI $I(X;T)$ [bits]",
        "output_mi": "output MI $I(T;X')$ [bits]",
    }
    sides = {"encoder": ENCODER, "decoder": DECODER}
    letters = iter("abcd")
    with style():
        fig, axes = plt.subplots(2, 2, figsize=(7.0, 5.4), sharex=True, sharey="row")
        for row, (quantity, label) in zip(axes, axes_labels.items(), strict=True):
            ends = interval(plane[quantity])
            for ax, (side, layers) in zip(row, sides.items(), strict=True):
                for layer in layers:
                    settings = layer_style(layer) | {"markersize": 4, "linewidth": 0.9}
                    _draw_interval(ax, ends.sel(layer=layer), **settings)
                ax.set_title(f"({next(letters)}) {side}")
            row[0].set_ylabel(label)
        for ax in axes[-1]:
            _size_axis(ax, plane[SIZE].values)
        lines = [line for ax in axes[0] for line in ax.lines]
        fig.legend(handles=lines, loc="outside lower center", ncols=len(lines))
    plt.close(fig)
    return fig


def transitions(curves: Mapping[str, xr.DataArray], found: Mapping[str, Transition]) -> Figure:
    """Curves against the bottleneck size, with the K at which each stops changing.

    Parameters
    ----------
    curves : mapping from name to DataArray (bottleneck_size, seed, batch)
        In bits, one panel each. Lines are means with their 95 % intervals, dots single networks.
    found : mapping from name to Transition
        What `sweep.transition` gives: a line at K, its interval shaded. Curves may lack one.
    """
    with style():
        fig, axes = plt.subplots(1, len(curves), figsize=(7.0, 2.6), squeeze=False)
        letters = "abcdefgh"
        for ax, letter, (name, values) in zip(axes[0], letters, curves.items(), strict=False):
            _draw_interval(ax, interval(values), color="black", linewidth=0.9)
            networks = values.mean("batch")
            for seed in networks.seed:
                ax.plot(networks[SIZE], networks.sel(seed=seed), "o", color="black", markersize=3)
            sizes = values[SIZE].values
            _size_axis(ax, sizes, apart=0.8)
            if name in found:
                _draw_transition(ax, found[name], sizes)
            ax.axvline(CRITICAL_SIZE, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
            ax.set_title(f"({letter}) {name}")
        axes[0, 0].set_ylabel("bits")
    plt.close(fig)
    return fig


def sweep_in_truth(cells: Mapping[str, Mapping[str, xr.Dataset]]) -> Figure:
    """Compression and what gets through against the bottleneck size, by rules and in truth.

    Parameters
    ----------
    cells : mapping from title to mapping from name to Dataset
        A column of panels for each. ``compression`` and ``through`` (bottleneck_size, seed), in
        shares of the whole; a name that begins with "in truth" has a full line, another a dashed
        one, and each pair of them one colour.
    """
    labels = {"compression": "compression, share", "through": "$I(X;X')$, share"}
    with style():
        fig, axes = plt.subplots(
            2, len(cells), figsize=(7.0, 4.6), sharex="col", sharey="row", squeeze=False
        )
        for column, (title, looks) in zip(axes.T, cells.items(), strict=True):
            for ax, quantity in zip(column, labels, strict=True):
                for i, (name, shown) in enumerate(looks.items()):
                    values, color = shown[quantity], SERIES_COLORS[i // 2]
                    line = "-" if name.startswith("in truth") else "--"
                    ax.plot(values[SIZE], values.mean("seed"), line, color=color, label=name)
                    for seed in values.seed:
                        ax.plot(values[SIZE], values.sel(seed=seed), "o", color=color, markersize=2)
                ax.axvline(CRITICAL_SIZE, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
            column[0].set_title(title)
            _size_axis(column[1], values[SIZE].values)
        for row, label in zip(axes, labels.values(), strict=True):
            row[0].set_ylabel(label)
            row[0].set_ylim(bottom=min(0, row[0].get_ylim()[0]))
        handles, names = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, names, loc="outside lower center", ncols=len(names))
    plt.close(fig)
    return fig


def sweep_errors(errors: xr.DataArray, linear: xr.DataArray, mean_image: float) -> Figure:
    """Test error against the bottleneck size, beside that of as many principal components.

    Parameters
    ----------
    errors : DataArray (bottleneck_size, seed)
        Mean squared error per pixel.
    linear : DataArray (bottleneck_size)
        That of the principal components.
    mean_image : float
        That of answering with the mean image.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.6, 3.0))
        sizes = errors[SIZE].values
        ax.loglog(sizes, errors.mean("seed"), color=SERIES_COLORS[0], label="autoencoder")
        for seed in errors.seed:
            ax.plot(sizes, errors.sel(seed=seed), "o", color=SERIES_COLORS[0], markersize=3)
        ax.plot(sizes, linear, "--", color=SERIES_COLORS[1], label="principal components")
        ax.axhline(mean_image, color="0.5", linewidth=0.8, zorder=0)
        ax.annotate(
            "mean image", (sizes[-1], mean_image), (0, -3), textcoords="offset points",
            color="0.4", ha="right", va="top",
        )  # fmt: skip
        _size_axis(ax, sizes)
        ticks = [tick for tick in (0.01, 0.02, 0.05, 0.1) if tick < 1.2 * mean_image]
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.set_ylabel("test MSE per pixel")
        ax.legend(loc="lower left")
    plt.close(fig)
    return fig


def bottleneck_entropy(
    networks: xr.DataArray, controls: Mapping[str, xr.DataArray], samples: int
) -> Figure:
    """Entropy that the estimator gives the bottleneck, beside that of variables that are known.

    Parameters
    ----------
    networks : DataArray (bottleneck_size, seed, batch)
        In bits.
    controls : mapping from label to DataArray (bottleneck_size)
        Of as many samples of as many dimensions.
    samples : int
        N of a batch, whose log₂ bounds every estimate.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.6, 3.2))
        settings = layer_style("Z") | {"label": "$Z$ of the networks", "markersize": 4}
        _draw_interval(ax, interval(networks), **settings)
        lines = ("--", "-.", ":")
        for color, line, (label, entropy) in zip(
            SERIES_COLORS, lines, controls.items(), strict=False
        ):
            ax.plot(entropy[SIZE], entropy, line, color=color, label=label)
        draw_bound(ax, samples)
        _size_axis(ax, networks[SIZE].values)
        ax.set(ylabel="entropy [bits]", ylim=(0, None))
        ax.legend(loc="lower right")
    plt.close(fig)
    return fig


def intrinsic_dimensions(
    images: Mapping[int, Mapping[int, Dimension]],
    normals: Mapping[int, Mapping[int, Dimension]],
) -> Figure:
    """Estimated intrinsic dimension against the number of neighbours.

    Parameters
    ----------
    images : mapping from number of images to {neighbours: Dimension}
        Drawn with intervals.
    normals : mapping from dimension to {neighbours: Dimension}
        What the same estimator says of as many normal samples of known dimension.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.6, 3.4))
        for position, (dimension, estimates) in enumerate(normals.items()):
            values = [estimate.value for estimate in estimates.values()]
            label = "normal samples of known dimension" if position == 0 else None
            ax.plot(list(estimates), values, color="0.6", linewidth=0.9, label=label)
            ax.annotate(
                str(dimension), (list(estimates)[-1], values[-1]), (4, 0),
                textcoords="offset points", color="0.4", va="center", fontsize=8,
            )  # fmt: skip
        for color, (count, estimates) in zip(SERIES_COLORS, images.items(), strict=False):
            value, low, high = np.array([(e.value, e.low, e.high) for e in estimates.values()]).T
            ax.errorbar(
                list(estimates), value, yerr=[value - low, high - value], marker="o",
                markersize=4, color=color, label=f"{count:,} images",
            )  # fmt: skip
        ticks = list(next(iter(images.values())))
        ax.set_xscale("log", base=2)
        ax.set_xticks(ticks, [str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set(xlabel="neighbours", ylabel="estimated dimension")
        fig.legend(loc="outside lower center", ncols=2)
    plt.close(fig)
    return fig


def _draw_interval(ax: Axes, ends: xr.Dataset, **line: Any) -> None:
    """Mean against the bottleneck size, with its interval as a band."""
    ax.plot(ends[SIZE], ends["mean"], **line)
    ax.fill_between(
        ends[SIZE], ends["low"], ends["high"], color=line["color"], alpha=0.15, linewidth=0
    )


def _draw_transition(ax: Axes, found: Transition, sizes: np.ndarray) -> None:
    if not found.changes:
        return
    color = SERIES_COLORS[1]
    low, high = np.clip([found.low, found.high], sizes[0], sizes[-1])
    ax.axvspan(low, high, color=color, alpha=0.2, linewidth=0, zorder=0)
    if found.ends:
        ax.axvline(found.size, color=color, linewidth=1.2, zorder=0)


def _size_axis(ax: Axes, sizes: np.ndarray, apart: float = 0.5) -> None:
    ax.set_xscale("log", base=2)
    # labels nearer than so many octaves would print over each other: the ends, the paper's size and
    # powers of two go first
    tried = sorted(map(int, sizes))
    first = [tried[0], tried[-1], CRITICAL_SIZE, *(k for k in tried if k & (k - 1) == 0), *tried]
    shown: list[int] = []
    for size in first:
        if size in tried and all(abs(np.log2(size / other)) > apart for other in shown):
            shown.append(size)
    ax.set_xticks(tried, [str(size) if size in shown else "" for size in tried])
    ax.minorticks_off()
    ax.set_xlabel("bottleneck size $K$")
