"""Figures of the solvable autoencoders: exact planes, and how far they are from the theory."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import INPUT, MATH_LABELS, OUTPUT
from study.figures.drawing import draw_feasible_region, layer_style, style


def solvable_planes(planes: Mapping[str, Mapping[str, xr.Dataset]]) -> Figure:
    """Layers' exact paths during training, a row a network and a column a definition.

    Parameters
    ----------
    planes : mapping from row title to mapping from column title to Dataset
        ``input_mi`` and ``output_mi`` (iteration, layer) in bits. Rows hold the same columns.
    """
    columns = list(next(iter(planes.values())))
    width = min(3.1, 7.0 / len(columns))
    with style():
        fig, axes = plt.subplots(
            len(planes),
            len(columns),
            figsize=(width * len(columns), (width + 0.2) * len(planes) + 0.4),
            squeeze=False,
        )
        for row, (title, panels) in zip(axes, planes.items(), strict=True):
            for ax, column in zip(row, columns, strict=True):
                _draw_plane(ax, panels[column])
            row[0].set_ylabel(f"{title}\noutput MI [bits]")
        for ax, column in zip(axes[0], columns, strict=True):
            ax.set_title(column)
        for ax in axes[-1]:
            ax.set_xlabel("input MI [bits]")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    plt.close(fig)
    return fig


def _draw_plane(ax: Axes, plane: xr.Dataset) -> None:
    draw_feasible_region(ax, float(plane.input_mi.sel(layer=INPUT)[-1]))
    for layer in plane.layer.values[1:]:
        x, y = plane.input_mi.sel(layer=layer), plane.output_mi.sel(layer=layer)
        ax.plot(x, y, **layer_style(layer), markevery=[0], markersize=4.5, linewidth=0.9)
        ax.plot(x[-1], y[-1], "o", color="none", markeredgecolor="black", markersize=9, zorder=3)
    highest = float(max(plane.input_mi.max(), plane.output_mi.max()))
    ax.set(xlim=(0, 1.05 * highest), ylim=(0, 1.05 * highest), aspect="equal")


def definition_gaps(against_noise: xr.Dataset) -> Figure:
    """By how many bits the layers behind the bottleneck miss (15), against the noise.

    Parameters
    ----------
    against_noise : Dataset
        In bits: ``gap`` (layer, sigma), input MI of the layer less that of the output, under
        Definition 5; ``limit`` (layer), the same for noise towards 0; ``spread`` (definition,
        sigma), largest less smallest input MI from the bottleneck to the output.
    """
    sigma = against_noise.sigma
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.0))
        for layer in against_noise.layer.values:
            settings = layer_style(layer) | {"marker": None}
            axes[0].semilogx(sigma, against_noise.gap.sel(layer=layer), **settings)
            axes[0].axhline(
                float(against_noise.limit.sel(layer=layer)),
                color=settings["color"],
                linewidth=0.7,
                linestyle=":",
                zorder=0,
            )
        axes[0].axhline(0, color="0.6", linewidth=0.8, zorder=0)
        axes[0].set(
            title="(a) noise of one level",
            ylabel=f"input MI less that of {MATH_LABELS[OUTPUT]} [bits]",
            xlabel=r"noise $\sigma$",
        )
        for position, definition in enumerate(against_noise.definition.values):
            line = ("-", "--", "-.", ":")[position % 4]
            drawn = against_noise.spread.sel(definition=definition)
            axes[1].semilogx(sigma, drawn, line, label=definition)
        axes[1].set(
            title="(b) all definitions",
            ylabel=r"spread of input MI, $Z$ to $X'$ [bits]",
            xlabel=r"noise $\sigma$",
        )
        axes[0].legend(fontsize=9)
        axes[1].legend(fontsize=9, loc=(0.03, 0.38))
    plt.close(fig)
    return fig
