"""Figures of the theory: Fig. 1 of the paper, and the planes of discrete autoencoders."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib.layers import ENCODER, INPUT, MATH_LABELS
from study.chapters.ch01 import convergence
from study.figures.drawing import draw_feasible_region, layer_style, style


def theoretical_plane(
    m: float = 10.0, small: float = 4.0, large: float = 12.0, start: float = 0.5
) -> Figure:
    """Fig. 1: the theoretical plane of a small and of a large bottleneck.

    Ends follow Theorem 1. What it leaves open is drawn evenly spaced or straight: the input MIs
    at the start, the path from there, and where an encoder layer stops between λ and M.

    Parameters
    ----------
    m : float
        M, the information of the input in bits.
    small, large : float
        λ of the two bottlenecks in bits, below and at least ``m``.
    start : float
        Output MI at initialisation in bits, common to all layers by Lemma 1.

    Raises
    ------
    ValueError
        Unless 0 ≤ ``start`` < ``small`` < ``m`` ≤ ``large``.
    """
    if not 0 <= start < small < m <= large:
        raise ValueError(
            f"start, small, m and large are {start}, {small}, {m} and {large}; the sketch needs "
            "0 <= start < small < m <= large"
        )
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.2), sharey=True)
        panels = [(axes[0], small, r"(a) small $K$: $\lambda < M$")]
        panels += [(axes[1], large, r"(b) large $K$: $\lambda \geq M$")]
        for ax, lam, title in panels:
            _sketch(ax, convergence(m, lam), start)
            final = min(lam, m)
            ticks = {0.0: "0", m: "$M$"} | ({final: r"$\lambda$"} if final < m else {})
            ax.set_xticks(list(ticks), list(ticks.values()))
            ax.set_yticks(list(ticks), list(ticks.values()))
            ax.set(title=title, xlabel=r"input MI $\hat{I}(X;T)$ [bits]", aspect="equal")
        axes[0].set_ylabel(r"output MI $\hat{I}(T;X')$ [bits]")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside right center")
    plt.close(fig)
    return fig


def _sketch(ax: Axes, end: xr.Dataset, start: float) -> None:
    m = end.attrs["m"]
    draw_feasible_region(ax, m)
    layers = end.layer.values[1:]
    encoder_size = len(ENCODER)
    begin = np.linspace(0.86 * m, start, len(layers))
    lower, upper = end.input_mi_lower.values[1:], end.input_mi_upper.values[1:]
    depth = np.append(np.arange(1, encoder_size), np.zeros(len(layers) - encoder_size + 1))
    stop = upper - (upper - lower) * depth / encoder_size
    for layer, x0, x1, y1 in zip(layers, begin, stop, end.output_mi.values[1:], strict=True):
        ax.plot([x0, x1], [start, y1], markevery=[0], markersize=4.5, **layer_style(layer))
        ax.plot(x1, y1, "o", color="none", markeredgecolor="black", markersize=11, zorder=3)


def exact_planes(planes: Mapping[str, xr.Dataset]) -> Figure:
    """Layers' exact paths during training; a ring where they end, with the names of those there.

    Parameters
    ----------
    planes : mapping from panel title to Dataset
        ``input_mi`` and ``output_mi`` (iteration, layer) in bits.
    """
    with style():
        fig, axes = plt.subplots(1, len(planes), figsize=(7.0, 3.1), sharey=True, squeeze=False)
        for ax, (title, plane) in zip(axes[0], planes.items(), strict=True):
            draw_feasible_region(ax, float(plane.input_mi.sel(layer=INPUT)[-1]))
            for layer in plane.layer.values[1:]:
                path = plane.sel(layer=layer)
                line = layer_style(layer) | {"markevery": [0], "markersize": 5, "linewidth": 0.9}
                ax.plot(path.input_mi, path.output_mi, **line)
            _name_ends(ax, plane.isel(iteration=-1))
            ax.set(title=title, xlabel="input MI $I(X;T)$ [bits]", aspect="equal")
        axes[0, 0].set_ylabel("output MI $I(T;X')$ [bits]")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=8)
    plt.close(fig)
    return fig


def _name_ends(ax: Axes, final: xr.Dataset) -> None:
    ends: dict[tuple[float, float], list[str]] = {}
    for layer in final.layer.values[1:]:
        end = final.sel(layer=layer)
        point = round(float(end.input_mi), 6), round(float(end.output_mi), 6)
        ends.setdefault(point, []).append(MATH_LABELS[layer])
    for (x, y), labels in ends.items():
        ax.plot(x, y, "o", color="none", markeredgecolor="black", markersize=10, zorder=3)
        # several names in lines of two, or they run out of the panel
        pairs = [", ".join(labels[i : i + 2]) for i in range(0, len(labels), 2)]
        ax.annotate(
            ",\n".join(pairs) if len(ends) > 1 else "all layers",
            (x, y),
            xytext=(-8, 4),
            textcoords="offset points",
            ha="right",
            va="bottom" if len(ends) > 1 else "center",
            fontsize=8,
        )


def exact_sweep(input_mi: xr.DataArray) -> Figure:
    """Input MI of the layers at the end of training against the bottleneck size.

    Parameters
    ----------
    input_mi : DataArray (bottleneck_size, layer)
        In bits; a bottleneck of K units transfers K bits. Lines are the prediction of Theorem 1,
        markers what was counted.
    """
    sizes = input_mi.bottleneck_size.values
    m = float(input_mi.sel(layer=INPUT)[0])
    with style():
        fig, ax = plt.subplots(figsize=(5.6, 3.0))
        ax.axhline(m, color="0.7", label="$M$", zorder=0)
        predicted = [float(convergence(m, float(k)).output_mi[0]) for k in sizes]
        ax.plot(sizes, predicted, color="0.7", linestyle=":", label=r"$\min\{\lambda, M\}$")
        layers = input_mi.layer.values[1:]
        for position, layer in enumerate(layers):
            shift = 0.07 * (position - (len(layers) - 1) / 2)  # markers side by side
            settings = layer_style(layer) | {"linestyle": "none", "markersize": 5}
            ax.plot(sizes + shift, input_mi.sel(layer=layer), **settings)
        ax.set(xlabel="bottleneck size $K$", ylabel="input MI $I(X;T)$ [bits]", ylim=(0, None))
        ax.set_xticks(sizes)
        fig.legend(loc="outside right center")
    plt.close(fig)
    return fig
