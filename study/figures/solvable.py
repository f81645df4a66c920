"""Figures of the solvable autoencoders: exact planes, and how far they are from the theory."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import INPUT
from study.figures.drawing import LAYER_LABELS, draw_feasible_region, layer_style, style


def solvable_planes(planes: Mapping[str, Mapping[str, xr.DataArray]]) -> Figure:
    """Layers' exact paths during training, a row a network and a column a definition.

    Parameters
    ----------
    planes : mapping from row title to mapping from column title to DataArray
        ``information`` in bits, with dimensions iteration, quantity and layer. Rows hold the
        same columns.
    """
    columns = list(next(iter(planes.values())))
    width = min(3.1, 8.4 / len(columns))
    with style():
        fig, axes = plt.subplots(
            len(planes),
            len(columns),
            figsize=(width * len(columns) + 0.9, (width + 0.35) * len(planes)),
            squeeze=False,
        )
        for row, (title, panels) in zip(axes, planes.items(), strict=True):
            for ax, column in zip(row, columns, strict=True):
                _draw_plane(ax, panels[column])
            row[0].set_ylabel(f"{title}\noutput MI [bits]")
        for ax, column in zip(axes[0], columns, strict=True):
            ax.set_title(column, fontsize=9)
        for ax in axes[-1]:
            ax.set_xlabel("input MI [bits]")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right center", fontsize=8)
    plt.close(fig)
    return fig


def _draw_plane(ax: Axes, information: xr.DataArray) -> None:
    m = float(information.sel(quantity="input_mi", layer=INPUT)[-1])
    draw_feasible_region(ax, m)
    for layer in information.layer.values[1:]:
        path = information.sel(layer=layer)
        x, y = path.sel(quantity="input_mi"), path.sel(quantity="output_mi")
        ax.plot(x, y, **layer_style(layer), markevery=[0], markersize=4.5, linewidth=0.9)
        ax.plot(x[-1], y[-1], "o", color="none", markeredgecolor="black", markersize=9, zorder=3)
    highest = float(information.max())
    ax.set(xlim=(0, 1.05 * highest), ylim=(0, 1.05 * highest), aspect="equal")


def definition_gaps(gaps: xr.DataArray, limits: xr.DataArray, spread: xr.DataArray) -> Figure:
    """By how many bits the layers behind the bottleneck miss (15), against the noise.

    Parameters
    ----------
    gaps : DataArray (layer, sigma)
        Input MI of the layer less that of the output, in bits, under Definition 5.
    limits : DataArray (layer)
        The same for noise towards 0.
    spread : DataArray (definition, sigma)
        Largest less smallest input MI from the bottleneck to the output, in bits.
    """
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.0))
        for layer in gaps.layer.values:
            settings = layer_style(layer) | {"marker": None}
            axes[0].semilogx(gaps.sigma, gaps.sel(layer=layer), **settings)
            axes[0].axhline(
                float(limits.sel(layer=layer)),
                color=settings["color"],
                linewidth=0.7,
                linestyle=":",
                zorder=0,
            )
        axes[0].axhline(0, color="0.6", linewidth=0.8, zorder=0)
        axes[0].set(
            title="(a) noise of one level",
            ylabel=f"input MI less that of {LAYER_LABELS['X′']} [bits]",
            xlabel=r"noise $\sigma$",
        )
        for position, definition in enumerate(spread.definition.values):
            line = ("-", "--", "-.", ":")[position % 4]
            drawn = spread.sel(definition=definition)
            axes[1].semilogx(spread.sigma, drawn, line, label=definition)
        axes[1].set(
            title="(b) all definitions",
            ylabel=r"spread of input MI, $Z$ to $X'$ [bits]",
            xlabel=r"noise $\sigma$",
        )
        axes[0].legend(fontsize=8)
        axes[1].legend(fontsize=8, loc=(0.03, 0.38))
    plt.close(fig)
    return fig
