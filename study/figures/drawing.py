"""The style all figures share: layers' colours and markers, panels' common elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch
import xarray as xr
from IPython import get_ipython
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats

from ipae_lib.layers import INPUT, MATH_LABELS, OUTPUT
from ipae_lib.plotting import draw_feasible_region
from ipae_lib.validation import ArrayLike

__all__ = [
    "LAYER_COLORS",
    "LAYER_MARKERS",
    "SERIES_COLORS",
    "draw_bound",
    "draw_feasible_region",
    "layer_style",
    "mean_band",
    "panel_grid",
    "seed_band",
    "style",
    "to_array",
]

# two dots for each pixel of a page, so that figures are sharp on every screen
if get_ipython() is not None:
    set_matplotlib_formats("retina")

# blue and orange differ for every kind of colour blindness; within each, lightness gives depth
LAYER_COLORS = {
    INPUT: "#7f7f7f",
    "E1": "#6baed6",
    "E2": "#2171b5",
    "E3": "#08306b",
    "Z": "#000000",
    "D1": "#7f2704",
    "D2": "#d94801",
    "D3": "#fd8d3c",
    OUTPUT: "#7f7f7f",
}

LAYER_MARKERS = {
    INPUT: ">",
    "E1": "o",
    "E2": "s",
    "E3": "^",
    "Z": "D",
    "D1": "v",
    "D2": "p",
    "D3": "h",
    OUTPUT: "*",
}

SERIES_COLORS = sns.color_palette("colorblind").as_hex()
"""Colours of other lines, in order."""


@contextmanager
def style() -> Iterator[None]:
    """Apply the book's matplotlib settings to the figures made inside the block."""
    settings = {
        **sns.axes_style("ticks"),
        **sns.plotting_context("paper", font_scale=1.1),
        "figure.dpi": 110,
        "savefig.dpi": 300,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(color=SERIES_COLORS),
        "legend.frameon": False,
        "mathtext.fontset": "cm",
    }
    with plt.rc_context(settings):
        yield


def layer_style(layer: str) -> dict[str, Any]:
    """Line and marker settings of one layer, as keyword arguments of ``Axes.plot``.

    Raises
    ------
    ValueError
        If ``layer`` is not one of X, E1, E2, E3, Z, D1, D2, D3 and X_out.
    """
    if layer not in LAYER_COLORS:
        raise ValueError(f"layer is {layer!r}; figures know the layers {list(LAYER_COLORS)}")
    decoder = layer.startswith("D") or layer == OUTPUT
    color = LAYER_COLORS[layer]
    return {
        "color": color,
        "marker": LAYER_MARKERS[layer],
        "linestyle": "--" if decoder else "-",
        "markerfacecolor": "white" if decoder else color,
        "markeredgecolor": color,
        "label": MATH_LABELS[layer],
    }


def draw_bound(ax: Axes, samples: int) -> None:
    """Mark log₂ N, above which neither entropy nor information can be estimated."""
    ax.axhline(np.log2(samples), color="0.5", linewidth=0.8, linestyle=":", zorder=0)


def mean_band(ax: Axes, x: np.ndarray, values: ArrayLike | xr.DataArray, **line: Any) -> None:
    """Mean over the first dimension, with a band of one standard deviation on either side."""
    values = to_array(values)
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    (drawn,) = ax.plot(x, mean, **line)
    ax.fill_between(
        x, mean - deviation, mean + deviation, color=drawn.get_color(), alpha=0.25, linewidth=0
    )


def seed_band(ax: Axes, values: xr.DataArray, **line: Any) -> None:
    """Mean over seeds against the iteration, on a logarithmic axis; a band from least to most."""
    values = values.sel(iteration=values.iteration > 0)
    (drawn,) = ax.semilogx(values.iteration, values.mean("seed"), **line)
    ax.fill_between(
        values.iteration,
        values.min("seed"),
        values.max("seed"),
        color=drawn.get_color(),
        alpha=0.2,
        linewidth=0,
    )


def panel_grid(
    rows: Mapping[str, Mapping[str, xr.Dataset]],
    draw: Callable[[Axes, xr.Dataset], None],
    horizontal: str,
    vertical: str,
    panel_height: float = 1.5,
) -> Figure:
    """Panels of the same axes: columns are named at the top, rows at the left.

    Parameters
    ----------
    rows : mapping from row title to mapping from column title to Dataset
    draw : callable of Axes and Dataset
        Fills one panel, and labels the layers for the legend.
    horizontal, vertical : str
        What the axes have.
    panel_height : float
        Of each row, in inches.
    """
    columns = list(next(iter(rows.values())))
    with style():
        fig, axes = plt.subplots(
            len(rows),
            len(columns),
            figsize=(7.0, panel_height * len(rows) + 0.7),
            squeeze=False,
            sharex=True,
            sharey=True,
        )
        for ax, column in zip(axes[0], columns, strict=True):
            # on two lines, for a narrow panel
            ax.set_title(column.replace(", ", ",\n").replace(" rule", "\nrule"))
        for line, (row, looks) in zip(axes, rows.items(), strict=True):
            for ax, plane in zip(line, looks.values(), strict=True):
                draw(ax, plane)
            line[0].set_ylabel(row.replace(", K", ",\nK"))
        axes[0, 0].set_ylim(bottom=0)
        fig.supxlabel(horizontal, fontsize="medium")
        fig.supylabel(vertical, fontsize="medium")
        # of the network with most layers
        found = (ax.get_legend_handles_labels() for ax in axes[:, 0])
        handles, labels = max(found, key=lambda of_row: len(of_row[1]))
        fig.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    plt.close(fig)
    return fig


def to_array(values: ArrayLike | xr.DataArray) -> np.ndarray:
    """A tensor or array as a numpy array."""
    return values.cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
