"""Figures of the theory: Fig. 1 of the paper, and exact planes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ipae_lib import theory
from ipae_lib.figures.drawing import (
    draw_feasible_region,
    layer_style,
    style,
)


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
