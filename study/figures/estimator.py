"""Figures of the estimator: Gram matrices, their spectra, its limits, and its order."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from ipae_lib.entropy import renyi_entropy
from ipae_lib.validation import ArrayLike
from study.figures.drawing import (
    SERIES_COLORS,
    mean_band,
    style,
    to_array,
)


def gram_matrices(grams: Mapping[str, ArrayLike]) -> Figure:
    """Small Gram matrices as tables of N·A_ij, shaded by value, with their entropy.

    Parameters
    ----------
    grams : mapping from title to array of shape (N, N)
        Normalised Gram matrices.
    """
    with style():
        fig, axes = plt.subplots(1, len(grams), figsize=(7.0, 2.6), squeeze=False)
        for ax, (title, gram) in zip(axes[0], grams.items(), strict=True):
            similarity = to_array(gram) * len(gram)
            ax.imshow(similarity, cmap="Blues", vmin=0, vmax=1.6)
            for (i, j), value in np.ndenumerate(similarity):
                ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8)
            bits = abs(float(renyi_entropy(gram)))  # rounding may leave −0
            ax.set_title(f"{title}\n{bits:.2f} bits, $2^S$ = {2**bits:.2f}")
            labels = [str(i + 1) for i in range(len(gram))]
            ax.set_xticks(range(len(gram)), labels)
            ax.set_yticks(range(len(gram)), labels)
            ax.tick_params(length=0)
            ax.set_xlabel("sample $j$")
        axes[0, 0].set_ylabel("sample $i$")
    plt.close(fig)
    return fig


def spectra(panels: Mapping[str, Mapping[str, ArrayLike]], alpha: float = 1.01) -> Figure:
    """Eigenvalues of Gram matrices in falling order, with the effective number 2^S of each.

    Parameters
    ----------
    panels : mapping from title to mapping from label to array of shape (N, N)
        Normalised Gram matrices, at most four a panel.
    alpha : float
        Order of the entropy S.
    """
    with style():
        fig, axes = plt.subplots(
            1, len(panels), figsize=(1 + 3 * len(panels), 3.5), sharey=True, squeeze=False
        )
        for ax, (title, grams) in zip(axes[0], panels.items(), strict=True):
            for (label, gram), line in zip(grams.items(), ("-", "--", "-.", ":"), strict=False):
                eigenvalues = np.linalg.eigvalsh(to_array(gram))[::-1].clip(min=1e-12)
                index = np.arange(1, len(gram) + 1)
                number = 2 ** float(renyi_entropy(gram, alpha))
                (drawn,) = ax.loglog(
                    index, eigenvalues, line, label=f"{label}: $2^S$ = {number:.1f}"
                )
                ax.plot(
                    number,
                    np.exp(np.interp(np.log(number), np.log(index), np.log(eigenvalues))),
                    "o",
                    color=drawn.get_color(),
                )
            ax.set(title=title, xlabel=r"rank of the eigenvalue $\lambda_i$", ylim=(1e-6, 1.5))
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.23), handlelength=2.4)
        axes[0, 0].set_ylabel(r"eigenvalue $\lambda_i$")
    plt.close(fig)
    return fig


def estimands(convergence: xr.Dataset, rescaled: xr.Dataset) -> Figure:
    """What estimates tend to: for more samples, and for X beside multiples of itself.

    Parameters
    ----------
    convergence : Dataset
        ``estimate`` (d, n, run) and ``estimand`` (d), in bits.
    rescaled : Dataset
        ``information`` (run, scale), ``information_estimand`` (scale) and the scalar
        ``entropy_estimand``, in bits. Scale 1 is the self-information.
    """
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.2))
        for d, color, marker in zip(convergence.d.values, SERIES_COLORS, "os^", strict=False):
            estimate = convergence.estimate.sel(d=d).transpose("run", "n")
            mean_band(
                axes[0], convergence.n, estimate, color=color, marker=marker, label=f"$d$ = {d}"
            )
            axes[0].axhline(float(convergence.estimand.sel(d=d)), color=color, linestyle="--")
        axes[0].plot([], [], "--", color="0.3", label="estimand")
        axes[0].set(
            title="(a) more samples", xlabel="samples $N$", ylabel="$I(A;B)$ [bits]", xscale="log"
        )
        axes[0].set_xticks(convergence.n.values, [str(n) for n in convergence.n.values])
        axes[0].xaxis.set_minor_locator(NullLocator())
        scale, entropy = rescaled.scale.values, float(rescaled.entropy_estimand)
        values = rescaled.information.transpose("run", "scale")
        mean_band(axes[1], scale, values, marker="o", linestyle="", label="estimate")
        axes[1].plot(scale, rescaled.information_estimand, "--", color="0.3", label="estimand")
        itself = float(rescaled.information_estimand.sel(scale=1))
        for level, name in ((entropy, "$S(A)$"), (itself, "$I(A;A)$")):
            axes[1].axhline(level, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
            axes[1].text(scale[0], level, name, va="bottom")
        axes[1].set(
            title="(b) $X$ and its multiples", xlabel="factor $a$", ylabel="$I(X;aX)$ [bits]"
        )
        axes[1].set(xscale="log", ylim=(0, 1.15 * entropy))
        axes[0].set(ylim=(0, None))
        for ax in axes:
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3)
    plt.close(fig)
    return fig


def entropy_orders(by_order: xr.Dataset) -> Figure:
    """What the order α does: entropies of one sample, and the information of many runs.

    Parameters
    ----------
    by_order : Dataset
        ``entropy`` (matrix, run, order), of the matrices A and ``"A, B"`` at least, and
        ``mutual_information`` (run, order), in bits. Of the entropy the first run is drawn, of
        the information mean and standard deviation.
    """
    orders = by_order.order.values
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0))
        for name, line in (("A", "-"), ("A, B", "--")):
            entropy = by_order.entropy.sel(matrix=name).isel(run=0)
            axes[0].semilogx(orders, entropy, line, label=f"$S({name})$")
        axes[0].set(title="(a) entropies", ylabel=r"$S_\alpha$ [bits]")
        information = by_order.mutual_information.transpose("run", "order")
        mean_band(axes[1], orders, information, color=SERIES_COLORS[2])
        axes[1].set(title="(b) mutual information", ylabel=r"$I_\alpha(A;B)$ [bits]", xscale="log")
        for ax in axes:
            ax.axvline(1.01, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
            ax.set(xlabel=r"order $\alpha$ (dotted: 1.01)", ylim=(0, None))
            ax.set_xticks([0.1, 0.5, 1, 2, 5], ["0.1", "0.5", "1", "2", "5"])
            ax.xaxis.set_minor_locator(NullLocator())
        axes[0].legend()
    plt.close(fig)
    return fig
