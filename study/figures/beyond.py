"""Figures of networks beyond the paper's: planes, courses and geometry, estimated and in truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import INPUT, OUTPUT
from study.figures.drawing import (
    LAYER_COLORS,
    LAYER_MARKERS,
    SERIES_COLORS,
    draw_feasible_region,
    layer_style,
    panel_grid,
    seed_band,
    style,
)

_CLASSIFIER = dict(zip(("T1", "T2", "T3", "T4"), ("E1", "E2", "E3", "Z"), strict=True))
"""Layers of a classifier, and the encoder's whose look they have."""


def _look(layer: str) -> dict[str, Any]:
    if layer not in _CLASSIFIER:
        return layer_style(layer)
    like = _CLASSIFIER[layer]
    return {
        "color": LAYER_COLORS[like],
        "marker": LAYER_MARKERS[like],
        "linestyle": "-",
        "label": f"$T_{layer[1]}$",
    }


def _hidden(plane: xr.Dataset) -> list[str]:
    return [layer for layer in plane.layer.values.tolist() if layer not in (INPUT, OUTPUT)]


def planes_beyond(
    rows: Mapping[str, Mapping[str, xr.Dataset]], vertical: str = "output_mi"
) -> Figure:
    """Planes of several kinds of networks, in every way to look, in shares of what can be known.

    Parameters
    ----------
    rows : mapping from row title to mapping from column title to Dataset
        As `beyond.criteria.seen` gives them.
    vertical : "output_mi" or "label_mi"
        What the vertical axis has: the information on X′, or on the label.
    """
    on_label = vertical == "label_mi"
    axis = "label MI, share of H(Y)" if on_label else "output MI, share of the whole"

    def draw(ax: Axes, plane: xr.Dataset) -> None:
        if not on_label:
            draw_feasible_region(ax, 1.0)
        share = plane.input_mi / plane.unit
        height = plane[vertical] if on_label else plane[vertical] / plane.unit
        for layer in _hidden(plane):
            look = _look(layer)
            x, y = (values.sel(layer=layer) for values in (share, height))
            for seed in plane.seed.values:
                line = {"color": look["color"], "linewidth": 0.6}
                ax.plot(x.sel(seed=seed), y.sel(seed=seed), **line)
            ends = [values.isel(iteration=-1).mean("seed") for values in (x, y)]
            ax.plot(*ends, **{**look, "linestyle": "none"}, markersize=5, zorder=3)

    return panel_grid(rows, draw, "input MI, share of the whole", axis)


def courses_beyond(rows: Mapping[str, Mapping[str, xr.Dataset]]) -> Figure:
    """The input MI of each layer during the training, in shares of the whole.

    Parameters
    ----------
    rows : mapping from row title to mapping from column title to Dataset
        As `beyond.criteria.seen` gives them. The line is the mean over seeds, the band goes from
        least to most; the grey line is where the fitting ends.
    """

    def draw(ax: Axes, plane: xr.Dataset) -> None:
        share = plane.input_mi / plane.unit
        for layer in _hidden(plane):
            look = {**_look(layer), "marker": "", "linewidth": 1.0}
            seed_band(ax, share.sel(layer=layer), **look)
        first = plane.iteration[plane.fitted.argmax("iteration")].mean()
        ax.axvline(float(first), color="0.6", linewidth=0.8, zorder=0)

    return panel_grid(rows, draw, "iteration", "input MI, share of the whole")


def geometry_beyond(
    groups: Mapping[str, Mapping[str, xr.Dataset]],
    measures: Mapping[str, str],
    layers: Sequence[str],
) -> Figure:
    """Measures of geometry during the training, of one layer of each network.

    Parameters
    ----------
    groups : mapping from row title to mapping from network to Dataset
        As `beyond.criteria.seen` gives them, of any way to look.
    measures : mapping from variable to panel title
    layers : sequence of str
        The layer of each row.
    """
    with style():
        fig, axes = plt.subplots(
            len(groups),
            len(measures),
            figsize=(7.0, 1.9 * len(groups) + 0.6),
            squeeze=False,
            sharex="row",
            layout="constrained",
        )
        for ax, title in zip(axes[0], measures.values(), strict=True):
            ax.set_title(fill(title, 14))
        for line, (row, networks), layer in zip(axes, groups.items(), layers, strict=True):
            for ax, measure in zip(line, measures, strict=True):
                for color, (name, plane) in zip(SERIES_COLORS, networks.items(), strict=False):
                    values = plane[measure].sel(layer=layer)
                    seed_band(ax, values, color=color, label=name, linewidth=1.0)
                ax.set_yscale("log" if measure == "total_variance" else "linear")
            line[0].set_ylabel(row)
            line[-1].legend(handlelength=1, loc="center left", bbox_to_anchor=(1.0, 0.5))
        fig.supxlabel("iteration", fontsize="medium")
    plt.close(fig)
    return fig
