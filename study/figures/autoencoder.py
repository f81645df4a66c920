"""Figures of the autoencoder's planes: Figs. 5 to 8 of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT, MATH_LABELS
from ipae_lib.models import Autoencoder
from ipae_lib.plotting import plot_plane
from study.figures.drawing import (
    SERIES_COLORS,
    draw_feasible_region,
    layer_style,
    panel_grid,
    seed_band,
    style,
)

SIDES = {"encoder": ENCODER, "decoder": DECODER}

_PATHS = {layer: {**layer_style(layer), "marker": "", "linewidth": 0.8} for layer in HIDDEN_LAYERS}
"""Lines without markers."""


_LINES = ("-", "--", "-.", ":", (0, (8, 2)), (0, (4, 1, 1, 1, 1, 1)))
"""Of curves that cross."""


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
            ax.text(position, -height / 2 - 1, number, ha="center", va="top")
            ax.text(position, height / 2 + 1, MATH_LABELS[layer], ha="center", va="bottom")
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
        for (label, error), line in zip(errors.items(), cycle(_LINES)):
            after = error.sel(iteration=error.iteration > 0)
            ax.semilogx(after.iteration, after, linestyle=line, label=label)
        ax.axhline(plateau, color="0.5", linewidth=0.8, zorder=0)
        end = max(int(error.iteration[-1]) for error in errors.values())
        ax.annotate(
            "mean image",
            (end, plateau),
            (0, -3),
            va="top",
            textcoords="offset points",
            color="0.4",
            ha="right",
        )
        ax.set(xlabel="iteration", ylabel="test MSE per pixel", ylim=(0, 1.6 * plateau))
        ax.legend(loc="lower left")
    plt.close(fig)
    return fig


def information_planes(
    planes: Mapping[str, xr.Dataset], restrictions: Mapping[str, float] | None = None
) -> Figure:
    """Figs. 6 and 7: the layers' paths during training, encoder and decoder apart.

    Parameters
    ----------
    planes : mapping from row title to Dataset
        ``input_mi`` and ``output_mi`` of one estimator (seed, iteration, layer, batch) in bits.
        Each seed has its path, the mean over batches; at their ends are the mean over seeds and
        its standard deviation, or of one seed that over batches.
    restrictions : mapping from row title to float, optional
        Output MI in bits at which a horizontal line marks what the bottleneck lets through.
    """
    restrictions = restrictions or {}
    with style():
        fig, axes = plt.subplots(
            len(planes),
            2,
            figsize=(7.0, 1.85 * len(planes) + 0.6),
            squeeze=False,
            sharex=True,
            sharey="row",
        )
        for row, (title, plane) in zip(axes, planes.items(), strict=True):
            for ax, (side, layers) in zip(row, SIDES.items(), strict=True):
                _draw_paths(ax, plane[["input_mi", "output_mi"]], layers)
                ax.set(title=f"{title}, {side}")
            row[1].set_ylabel("")
            up = row[0].get_ylim()
            m = float(plane.input_mi.sel(layer=INPUT).mean())
            for ax in row:
                draw_feasible_region(ax, m)
                if title in restrictions:
                    ax.axhline(restrictions[title], color="0.4", linewidth=0.8, linestyle=":")
                ax.set(ylim=up)
        hidden = (
            plane.input_mi.mean("batch").sel(layer=list(HIDDEN_LAYERS)) for plane in planes.values()
        )
        axes[0, 0].set_xlim(0, 1.05 * max(float(inputs.max()) for inputs in hidden))
        for ax in axes[:-1].flat:
            ax.set_xlabel("")
        sides = (zip(*ax.get_legend_handles_labels(), strict=True) for ax in axes[0])
        handles, labels = zip(*(named for side in sides for named in side), strict=True)
        fig.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    plt.close(fig)
    return fig


def _draw_paths(ax: Axes, plane: xr.Dataset, layers: Sequence[str]) -> None:
    """Each seed's paths; the mean of their ends large, with its spread."""
    unnamed = {layer: {**_PATHS[layer], "label": None} for layer in layers}
    for _, seed in plane.groupby("seed"):
        plot_plane(seed, layers, ax=ax, styles=unnamed, region=False, legend=False)
    one = plane.sizes["seed"] == 1
    ends = plane.isel(iteration=-1)
    ends = ends.isel(seed=0) if one else ends.mean("batch")
    repeated = "batch" if one else "seed"
    mean, spread = ends.mean(repeated), ends.std(repeated, ddof=1)
    for layer in layers:
        _draw_end(ax, mean.sel(layer=layer), spread.sel(layer=layer), layer_style(layer), 7)


def planes_in_truth(rows: Mapping[str, Mapping[str, xr.Dataset]]) -> Figure:
    """Planes of the same networks as estimators show them and as they are, in shares of the whole.

    Parameters
    ----------
    rows : mapping from row title to mapping from column title to Dataset
        ``input_mi`` and ``output_mi`` (seed, iteration, layer) and ``unit``, the whole that can be
        known, in bits. Thin lines are seeds; markers are means of their ends, with their standard
        deviation where there are several.
    """

    def draw(ax: Axes, plane: xr.Dataset) -> None:
        share = plane[["input_mi", "output_mi"]] / plane.unit
        draw_feasible_region(ax, 1.0)
        for layer in HIDDEN_LAYERS:
            _draw_path(ax, share.sel(layer=layer), layer_style(layer))

    axes = ("input MI, share of the whole", "output MI, share of the whole")
    fig = panel_grid(rows, draw, *axes, panel_height=1.85)
    shares = (plane.input_mi / plane.unit for looks in rows.values() for plane in looks.values())
    widest = max(float(share.sel(layer=list(HIDDEN_LAYERS)).max()) for share in shares)
    fig.axes[0].set(xlim=(-0.02, max(1.12, 1.05 * widest)), ylim=(-0.02, 1.12))
    fig.axes[0].set(xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    return fig


def _draw_path(ax: Axes, share: xr.Dataset, look: Mapping[str, Any]) -> None:
    """One layer: each seed's path, and the mean of their ends with its spread."""
    for _, seed in share.groupby("seed"):
        one = seed.squeeze("seed")
        ax.plot(one.input_mi, one.output_mi, color=look["color"], linewidth=0.6)
    end = share.isel(iteration=-1)
    spread = end.std("seed", ddof=1 if end.sizes["seed"] > 1 else 0)
    _draw_end(ax, end.mean("seed"), spread, look, 5)


def _draw_end(
    ax: Axes, mean: xr.Dataset, spread: xr.Dataset, look: Mapping[str, Any], size: float
) -> None:
    """Where a layer ends, with the standard deviation of what was averaged."""
    ax.errorbar(
        mean.input_mi,
        mean.output_mi,
        xerr=spread.input_mi,
        yerr=spread.output_mi,
        **{**look, "linestyle": "none"},
        markersize=size,
        elinewidth=0.8,
        zorder=3,
    )


def gamma_planes(scans: Mapping[str, xr.Dataset], gammas: Sequence[float]) -> Figure:
    """Planes of one run of each bottleneck size under the proposed rule, for several γ.

    Parameters
    ----------
    scans : mapping from row title to Dataset
        ``input_mi`` and ``output_mi`` (iteration, gamma, layer) in bits.
    gammas : sequence of float
        One column each, the nearest that were scanned.
    """
    with style():
        fig, axes = plt.subplots(
            len(scans), len(gammas), figsize=(7.0, 1.9 * len(scans) + 0.6), squeeze=False
        )
        for i, (title, scan) in enumerate(scans.items()):
            for ax, gamma in zip(axes[i], gammas, strict=True):
                plane = scan.sel(gamma=gamma, method="nearest")
                plot_plane(plane, HIDDEN_LAYERS, ax=ax, styles=_PATHS, legend=False)
                ax.set(xlabel="", ylabel="")
                if i == 0:
                    ax.set_title(rf"$\gamma$ = {float(plane.gamma):g}")
                ax.locator_params(nbins=3)
            axes[i, 0].set_ylabel(title)
        fig.supxlabel("input MI $I(X;T)$ [bits]", fontsize="medium")
        fig.supylabel("output MI $I(T;X')$ [bits]", fontsize="medium")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    plt.close(fig)
    return fig


def recording_density(
    every: xr.Dataset, smoothed: xr.Dataset, spaced: xr.Dataset, layers: Sequence[str]
) -> Figure:
    """Estimates at every iteration, their sliding mean, and a log-spaced subset of the first.

    Parameters
    ----------
    every, smoothed, spaced : Dataset
        ``input_mi`` and ``output_mi`` (iteration, layer) in bits.
    layers : sequence of str
        Layers to draw.
    """
    titles = {"input_mi": "input MI $I(X;T)$ [bits]", "output_mi": "output MI $I(T;X')$ [bits]"}
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 2.9), sharex=True)
        for ax, (quantity, title) in zip(axes, titles.items(), strict=True):
            for layer in layers:
                look = layer_style(layer)
                thin = {"color": look["color"], "linewidth": 0.5, "alpha": 0.4}
                thick = {"color": look["color"], "linewidth": 1.6}
                points = {**look, "linestyle": "none", "markersize": 4}
                for plane, line in ((every, thin), (smoothed, thick), (spaced, points)):
                    values = plane[quantity].sel(layer=layer)
                    ax.plot(values.iteration, values, **line)
            ax.set(xlabel="iteration", title=title)
        axes[0].legend()
    plt.close(fig)
    return fig


def theory_violations(
    checks: Mapping[tuple[str, str], xr.Dataset], tests: Mapping[str, str]
) -> Figure:
    """What `theory.check_plane` finds during training, for each run and estimator.

    Parameters
    ----------
    checks : mapping from row title and run to Dataset
        Each with dimensions seed, estimator and iteration, in bits.
    tests : mapping from variable of the checks to panel title
    """
    rows = list(dict.fromkeys(row for row, _ in checks))
    with style():
        size = (7.0, 2.1 * len(rows) + 0.9)
        fig, axes = plt.subplots(
            len(rows), len(tests), figsize=size, squeeze=False, sharex=True, sharey="col"
        )
        for panels, row in zip(axes, rows, strict=True):
            runs = {run: check for (of, run), check in checks.items() if of == row}
            for ax, test in zip(panels, tests, strict=True):
                for (run, check), line in zip(runs.items(), cycle(("-", "--", "-."))):
                    for color, estimator in enumerate(check.estimator.values):
                        seed_band(
                            ax,
                            check[test].sel(estimator=estimator),
                            linestyle=line,
                            color=SERIES_COLORS[color],
                            label=f"{estimator}, {run}",
                        )
            panels[0].set_ylabel(f"{row}\nbits")
        for ax in axes.flat:
            ax.set_ylim(0, None)
        for ax, title in zip(axes[0], tests.values(), strict=True):
            ax.set_title(title)
        for ax in axes[-1]:
            ax.set_xlabel("iteration")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=2)
    plt.close(fig)
    return fig


def variances(runs: Mapping[str, xr.DataArray]) -> Figure:
    """Fig. 8: the layers' variance during training, the bottleneck on an axis of its own.

    Parameters
    ----------
    runs : mapping from row title to DataArray
        ``variance`` with dimensions seed, iteration, layer and batch.
    """
    panels = {"encoder": ENCODER[:-1], "decoder": DECODER, "bottleneck": ENCODER[-1:]}
    with style():
        fig, axes = plt.subplots(
            len(runs), 3, figsize=(7.0, 2.0 * len(runs) + 0.3), squeeze=False, sharex=True
        )
        for row, (title, variance) in zip(axes, runs.items(), strict=True):
            for ax, layers in zip(row, panels.values(), strict=True):
                for layer in layers:
                    look = {**layer_style(layer), "marker": "", "linewidth": 0.9}
                    seed_band(ax, variance.sel(layer=layer).mean("batch"), **look)
                ax.set_ylim(0, None)
            row[0].set_ylabel(f"{title}\nmean variance")
        for ax, panel in zip(axes[0], panels, strict=True):
            ax.set_title(panel)
            ax.legend()
        for ax in axes[-1]:
            ax.set_xlabel("iteration")
    plt.close(fig)
    return fig
