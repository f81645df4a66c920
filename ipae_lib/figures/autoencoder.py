"""Figures of the autoencoder's planes: Figs. 5 to 8 of the paper."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from ipae_lib.figures.drawing import (
    LAYER_LABELS,
    SERIES_COLORS,
    draw_feasible_region,
    layer_style,
    style,
)
from ipae_lib.models import Autoencoder
from ipae_lib.plane import INPUT
from ipae_lib.theory import DECODER, ENCODER

SIDES = {"encoder": ENCODER, "decoder": DECODER}


def architecture(model: Autoencoder) -> Figure:
    """Fig. 5: the layers of an autoencoder as bars as tall as they are wide, read off the model."""
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    sizes = [linears[0].in_features, *(linear.out_features for linear in linears)]
    layers = [INPUT, *dict(model.named_children())]
    with style():
        fig, ax = plt.subplots(figsize=(7.0, 2.4))
        for position, (layer, size) in enumerate(zip(layers, sizes, strict=True)):
            height = np.sqrt(size)
            color = layer_style(layer)["color"]
            ax.bar(position, height, width=0.45, bottom=-height / 2, color=color, alpha=0.85)
            number = "$K$" if layer == "Z" else f"{size:,}"
            ax.text(position, -height / 2 - 1, number, ha="center", va="top", fontsize=9)
            ax.text(position, height / 2 + 1, LAYER_LABELS[layer], ha="center", va="bottom")
            if position < len(layers) - 1:
                ax.annotate(
                    "",
                    (position + 0.72, 0),
                    (position + 0.28, 0),
                    arrowprops={"arrowstyle": "->", "color": "0.4"},
                )
        half = np.sqrt(max(sizes)) / 2
        ax.set(xlim=(-0.5, len(layers) - 0.5), ylim=(-half - 7, half + 7))
        ax.axis("off")
    plt.close(fig)
    return fig


def learning_curves(errors: Mapping[str, xr.DataArray], plateau: float) -> Figure:
    """Test error during training for several ways to train.

    Parameters
    ----------
    errors : mapping from label to DataArray along ``iteration``
        Mean squared error per pixel.
    plateau : float
        Error of answering every image with the mean image.
    """
    with style():
        fig, ax = plt.subplots(figsize=(7.0, 3.0))
        for (label, error), line in zip(errors.items(), ("-", "--", "-.", ":"), strict=False):
            after = error.sel(iteration=error.iteration > 0)
            ax.semilogx(after.iteration, after, line, label=label)
        ax.axhline(plateau, color="0.5", linewidth=0.8, zorder=0)
        ax.annotate("mean image", (1, plateau), (0, 3), textcoords="offset points", color="0.4")
        ax.set(xlabel="iteration", ylabel="test MSE per pixel", ylim=(0, 1.6 * plateau))
        ax.legend(loc="lower left")
    plt.close(fig)
    return fig


def information_planes(
    planes: Mapping[str, xr.DataArray], restrictions: Mapping[str, float] | None = None
) -> Figure:
    """Figs. 6 and 7: the layers' paths during training, encoder and decoder apart.

    Parameters
    ----------
    planes : mapping from row title to DataArray
        ``information`` of one estimator, in bits, with dimensions iteration, quantity, layer
        and batch. Paths are means over batches; the bars at their ends, standard deviations.
    restrictions : mapping from row title to float, optional
        Output MI in bits at which a horizontal line marks what the bottleneck lets through.
    """
    restrictions = restrictions or {}
    with style():
        fig, axes = plt.subplots(
            len(planes),
            2,
            figsize=(7.0, 3.1 * len(planes)),
            squeeze=False,
            sharex="row",
            sharey="row",
        )
        for row, (title, information) in zip(axes, planes.items(), strict=True):
            for ax, (side, layers) in zip(row, SIDES.items(), strict=True):
                for layer in layers:
                    _draw_path(ax, information.sel(layer=layer), layer)
                ax.set(title=f"{title}, {side}", xlabel="input MI $I(X;T)$ [bits]")
            row[0].set_ylabel("output MI $I(T;X')$ [bits]")
            limits = row[0].get_xlim(), row[0].get_ylim()
            m = float(information.sel(quantity="input_mi", layer=INPUT).mean())
            for ax in row:
                draw_feasible_region(ax, m)
                if title in restrictions:
                    ax.axhline(restrictions[title], color="0.4", linewidth=0.8, linestyle=":")
                ax.set(xlim=limits[0], ylim=limits[1])
        for ax in axes[0]:
            ax.legend(loc="best", fontsize=8)
    plt.close(fig)
    return fig


def _draw_path(ax: Axes, information: xr.DataArray, layer: str) -> None:
    """One layer's path; its last point large, with the spread over batches."""
    mean = information.mean("batch")
    spread = information.isel(iteration=-1).std("batch", ddof=1)
    x, y = mean.sel(quantity="input_mi"), mean.sel(quantity="output_mi")
    settings = layer_style(layer)
    ax.plot(x, y, **{**settings, "marker": ".", "label": None}, markersize=3, linewidth=0.9)
    settings = {**settings, "linestyle": "none"}
    ax.errorbar(
        x[-1],
        y[-1],
        xerr=spread.sel(quantity="input_mi"),
        yerr=spread.sel(quantity="output_mi"),
        **settings,
        markersize=7,
        elinewidth=0.8,
        zorder=3,
    )


def theory_violations(checks: Mapping[str, xr.Dataset], tests: Mapping[str, str]) -> Figure:
    """What `theory.check_plane` finds during training, for each run and estimator.

    Parameters
    ----------
    checks : mapping from run to Dataset
        Each with dimensions estimator and iteration, in bits.
    tests : mapping from variable of the checks to panel title
    """
    with style():
        fig, axes = plt.subplots(1, len(tests), figsize=(7.0, 3.0), sharey=False)
        for ax, (test, title) in zip(np.atleast_1d(axes), tests.items(), strict=True):
            for (run, check), line in zip(checks.items(), ("-", "--", "-."), strict=False):
                for color, estimator in enumerate(check.estimator.values):
                    values = check[test].sel(estimator=estimator)
                    values = values.sel(iteration=values.iteration > 0)
                    ax.semilogx(
                        values.iteration,
                        values,
                        line,
                        color=SERIES_COLORS[color],
                        label=f"{estimator}, {run}",
                    )
            ax.set(title=title, xlabel="iteration", ylim=(0, None))
        np.atleast_1d(axes)[0].set_ylabel("bits")
        handles, labels = np.atleast_1d(axes)[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=2)
    plt.close(fig)
    return fig


def variances(runs: Mapping[str, xr.DataArray]) -> Figure:
    """Fig. 8: the layers' variance during training, the bottleneck on an axis of its own.

    Parameters
    ----------
    runs : mapping from row title to DataArray
        ``variance`` with dimensions iteration, layer and batch.
    """
    panels = {"encoder": ENCODER[:-1], "decoder": DECODER, "bottleneck": ENCODER[-1:]}
    with style():
        fig, axes = plt.subplots(
            len(runs), 3, figsize=(7.0, 2.5 * len(runs)), squeeze=False, sharex=True
        )
        for row, (title, variance) in zip(axes, runs.items(), strict=True):
            after = variance.sel(iteration=variance.iteration > 0).mean("batch")
            for ax, (panel, layers) in zip(row, panels.items(), strict=True):
                for layer in layers:
                    settings = {**layer_style(layer), "markersize": 3, "linewidth": 0.9}
                    ax.semilogx(after.iteration, after.sel(layer=layer), **settings)
                ax.set(title=f"{title}, {panel}", ylim=(0, None))
            row[0].set_ylabel("mean variance")
            row[0].legend(fontsize=8)
            row[1].legend(fontsize=8)
            row[2].legend(fontsize=8)
        for ax in axes[-1]:
            ax.set_xlabel("iteration")
    plt.close(fig)
    return fig
