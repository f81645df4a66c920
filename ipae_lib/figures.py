"""The figures of the book: one function each, in one style.

Colours are safe for colour-blind readers and grow darker with depth; the encoder has filled
markers on solid lines and the decoder open markers on dashed lines, so the two are told apart
in greyscale as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib import theory
from ipae_lib.plane import INPUT, OUTPUT

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
LAYER_LABELS = {
    INPUT: "$X$",
    **{f"E{i}": f"$T_{i}^E$" for i in (1, 2, 3)},
    "Z": "$Z$",
    **{f"D{i}": f"$T_{i}^D$" for i in (1, 2, 3)},
    OUTPUT: "$X'$",
}


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
        "axes.prop_cycle": plt.cycler(color=sns.color_palette("colorblind")),
        "legend.frameon": False,
        "mathtext.fontset": "cm",
    }
    with plt.rc_context(settings):
        yield


def layer_style(layer: str) -> dict[str, object]:
    """Line and marker settings of one layer, as keyword arguments of ``Axes.plot``.

    Raises
    ------
    ValueError
        If ``layer`` is not one of X, E1, E2, E3, Z, D1, D2, D3 and X′.
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
        "label": LAYER_LABELS[layer],
    }


def draw_feasible_region(ax: Axes, m: float) -> None:
    """Shade the triangle that no layer leaves, on axes of input MI and output MI in bits."""
    ax.fill(*theory.feasible_region(m).T, color="0.9", linewidth=0, zorder=0)
    ax.plot([0, m], [0, m], color="0.55", linewidth=0.8, zorder=0)


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
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.3), sharey=True)
        panels = [(axes[0], small, r"(a) small $K$: $\lambda < M$")]
        panels += [(axes[1], large, r"(b) large $K$: $\lambda \geq M$")]
        for ax, lam, title in panels:
            _sketch(ax, theory.convergence(m, lam), start)
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
    encoder_size = len(theory.ENCODER)
    begin = np.linspace(0.86 * m, start, len(layers))
    lower, upper = end.input_mi_lower.values[1:], end.input_mi_upper.values[1:]
    depth = np.append(np.arange(1, encoder_size), np.zeros(len(layers) - encoder_size + 1))
    stop = upper - (upper - lower) * depth / encoder_size
    for layer, x0, x1, y1 in zip(layers, begin, stop, end.output_mi.values[1:], strict=True):
        ax.plot([x0, x1], [start, y1], markevery=[0], markersize=4.5, **layer_style(layer))
        ax.plot(x1, y1, "o", color="none", markeredgecolor="black", markersize=11, zorder=3)
