"""The figures of the book: one function each, in one style.

Colours are safe for colour-blind readers and grow darker with depth; the encoder has filled
markers on solid lines and the decoder open markers on dashed lines, so the two are told apart
in greyscale as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, StrMethodFormatter

from ipae_lib import theory, toys
from ipae_lib.entropy import renyi_entropy
from ipae_lib.plane import INPUT, OUTPUT
from ipae_lib.validation import ArrayLike

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
            similarity = _array(gram) * len(gram)
            ax.imshow(similarity, cmap="Blues", vmin=0, vmax=1.6)
            for (i, j), value in np.ndenumerate(similarity):
                ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8)
            bits = float(renyi_entropy(gram))
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
            1, len(panels), figsize=(1 + 3 * len(panels), 3.7), sharey=True, squeeze=False
        )
        for ax, (title, grams) in zip(axes[0], panels.items(), strict=True):
            for (label, gram), line in zip(grams.items(), ("-", "--", "-.", ":"), strict=False):
                eigenvalues = np.linalg.eigvalsh(_array(gram))[::-1].clip(min=1e-12)
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
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), handlelength=2.4)
        axes[0, 0].set_ylabel(r"eigenvalue $\lambda_i$")
    plt.close(fig)
    return fig


def entropy_orders(
    alpha: ArrayLike, entropies: Mapping[str, ArrayLike], information: ArrayLike
) -> Figure:
    """What the order α does: entropies of one sample, and the information of many runs.

    Parameters
    ----------
    alpha : array of shape (orders,)
    entropies : mapping from label to array of shape (orders,)
        In bits.
    information : array of shape (runs, orders)
        In bits; its mean and standard deviation are drawn.
    """
    alpha = _array(alpha)
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0))
        for (label, values), line in zip(entropies.items(), ("-", "--", "-."), strict=False):
            axes[0].semilogx(alpha, _array(values), line, label=label)
        axes[0].set(title="(a) entropies", ylabel=r"$S_\alpha$ [bits]")
        _mean_band(axes[1], alpha, information, color=SERIES_COLORS[2])
        axes[1].set(title="(b) mutual information", ylabel=r"$I_\alpha(A;B)$ [bits]", xscale="log")
        for ax in axes:
            ax.axvline(1.01, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
            ax.set(xlabel=r"order $\alpha$ (dotted: 1.01)", ylim=(0, None))
            ax.set_xticks([0.1, 0.5, 1, 2, 5], ["0.1", "0.5", "1", "2", "5"])
            ax.xaxis.set_minor_locator(NullLocator())
        axes[0].legend()
    plt.close(fig)
    return fig


def width_limits(
    sigma: ArrayLike,
    entropies: Mapping[int, ArrayLike],
    information: Mapping[int, Mapping[float, ArrayLike]],
    widths: Mapping[int, float],
    samples: int,
) -> Figure:
    """Entropy and mutual information against the kernel width, over many decades.

    Parameters
    ----------
    sigma : array of shape (widths,)
    entropies : mapping from d to array of shape (runs, widths)
        In bits.
    information : mapping from d to mapping from ρ to array of shape (runs, widths)
        In bits, for two correlations; the first is drawn as a whole line, the second dashed.
    widths : mapping from d to σ
        A rule's choice for each d of ``information``, marked on the axis.
    samples : int
        N, for the bound log₂ N.
    """
    sigma = _array(sigma)
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.1), sharey=True)
        for color, (d, values) in zip(SERIES_COLORS, entropies.items(), strict=False):
            _mean_band(axes[0], sigma, values, color=color, label=f"$d$ = {d}")
        colors = dict(zip(entropies, SERIES_COLORS, strict=False))
        for d, cases in information.items():
            for values, line in zip(cases.values(), ("-", "--"), strict=True):
                _mean_band(axes[1], sigma, values, color=colors[d], linestyle=line)
            axes[1].plot(widths[d], 0, "^", color=colors[d], clip_on=False, zorder=3)
        for rho, line in zip(next(iter(information.values())), ("-", "--"), strict=True):
            axes[1].plot([], [], line, color="0.3", label=rf"$\rho$ = {rho:g}")
        axes[0].set(title="(a) entropy", ylabel="bits")
        axes[1].set(title="(b) mutual information")
        for ax, place in zip(axes, ("lower left", "upper right"), strict=True):
            _draw_bound(ax, samples)
            ax.set(xscale="log", xlabel=r"kernel width $\sigma$", ylim=(0, None))
            ax.legend(loc=place)
    plt.close(fig)
    return fig


def scale_dependence(
    scale: ArrayLike, information: Mapping[str, ArrayLike], samples: int
) -> Figure:
    """Estimated information against the scale of the variables.

    Parameters
    ----------
    scale : array of shape (scales,)
    information : mapping from label to array of shape (runs, scales)
        In bits.
    samples : int
        N, for the bound log₂ N.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 3.0))
        for (label, values), line in zip(information.items(), ("-", "--", "-."), strict=False):
            _mean_band(ax, _array(scale), values, linestyle=line, label=label)
        _draw_bound(ax, samples)
        ax.set(xscale="log", xlabel="scale $a$ of the variable", ylabel="estimated MI [bits]")
        ax.legend()
    plt.close(fig)
    return fig


def distance_concentration(
    ratios: Mapping[int, ArrayLike], spreads: Mapping[str, Mapping[int, float]]
) -> Figure:
    """Squared distances of standardised samples, relative to 2d, and how their spread shrinks.

    Parameters
    ----------
    ratios : mapping from d to array of shape (pairs,)
        ‖x₁ − x₂‖² / 2d.
    spreads : mapping from label to mapping from d to the standard deviation of that ratio
    """
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0))
        bins = np.linspace(0, 3, 61)
        for d, values in ratios.items():
            axes[0].hist(_array(values), bins, density=True, histtype="step", label=f"$d$ = {d}")
        axes[0].set(
            title="(a) independent Gaussians",
            xlabel=r"$\|x_1-x_2\|^2/2d$",
            ylabel="density",
            yscale="log",
            ylim=(0.02, 50),
        )
        axes[0].legend()
        for (label, spread), marker in zip(spreads.items(), "os^D", strict=False):
            axes[1].loglog(list(spread), list(spread.values()), marker, label=label)
        d = np.array(sorted({d for spread in spreads.values() for d in spread}))
        axes[1].loglog(d, np.sqrt(2 / d), color="0.5", zorder=0, label=r"$\sqrt{2/d}$")
        axes[1].set(
            title="(b) spread", xlabel="dimensions $d$", ylabel="standard deviation of the ratio"
        )
        axes[1].legend()
    plt.close(fig)
    return fig


def silverman_factor(d: ArrayLike, factor: ArrayLike, bounds: tuple[float, float]) -> Figure:
    """The factor of Silverman's rule that the later rules drop, against the dimension.

    Parameters
    ----------
    d, factor : arrays of shape (dimensions,)
    bounds : (float, float)
        The interval said to hold the factor.
    """
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 2.6))
        ax.axhspan(*bounds, color="0.9", zorder=0, label=f"[{bounds[0]}, {bounds[1]}]")
        ax.semilogx(_array(d), _array(factor), "o", markersize=3)
        ax.axhline(1, color="0.5", linewidth=0.8, linestyle=":")
        ax.set(xlabel="dimensions $d$", ylabel=r"$(4/(2+d))^{1/(4+d)}$")
        ax.legend()
    plt.close(fig)
    return fig


def dimensionality(information: xr.DataArray, samples: int, limit: float) -> Figure:
    """Estimated information of correlated Gaussians against their dimension, by width rule.

    Parameters
    ----------
    information : DataArray with dims (rule, rho, d, run)
        In bits.
    samples : int
        N, for the bound log₂ N.
    limit : float
        Value in bits of the last rule for d → ∞.
    """
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0), width_ratios=(3, 2))
        for i, (rule, color) in enumerate(
            zip(information.rule.values, SERIES_COLORS, strict=False)
        ):
            for rho, line in zip(information.rho.values, ("--", "-"), strict=True):
                for ax in axes[: 2 if i == information.sizes["rule"] - 1 else 1]:
                    _mean_band(
                        ax,
                        information.d.values,
                        information.sel(rule=rule, rho=rho).transpose("run", "d"),
                        color=color,
                        linestyle=line,
                        label=rf"{rule}, $\rho$ = {rho:g}",
                    )
        _draw_bound(axes[0], samples)
        axes[0].set(title="(a) three rules", ylabel="estimated MI [bits]")
        axes[1].axhline(limit, color="black", linewidth=0.8, linestyle=":")
        axes[1].set(title=f"(b) {information.rule.values[-1]} alone", ylim=(0, None))
        for ax in axes:
            ax.set(xscale="log", xlabel="dimensions $d$")
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    plt.close(fig)
    return fig


def pixel_images(images: Mapping[str, ArrayLike]) -> Figure:
    """Images side by side, each with its own colour scale around 0.

    Parameters
    ----------
    images : mapping from title to array of shape (784,)
    """
    with style():
        fig, axes = plt.subplots(1, len(images), figsize=(7.0, 2.6), squeeze=False)
        for ax, (title, image) in zip(axes[0], images.items(), strict=True):
            pixels = _array(image).reshape(28, 28)
            extreme = np.abs(pixels).max()
            drawn = ax.imshow(pixels, cmap="PuOr", vmin=-extreme, vmax=extreme)
            fig.colorbar(drawn, ax=ax, shrink=0.75, label="pixel value")
            ax.set(title=title, xticks=[], yticks=[])
    plt.close(fig)
    return fig


def rare_pixels(
    lit: ArrayLike, shares: Mapping[str, ArrayLike], estimates: Mapping[str, xr.Dataset]
) -> Figure:
    """How much rarely lit pixels weigh, and what that does to the entropy of images.

    Parameters
    ----------
    lit : array of shape (pixels,)
        Share of the images in which a pixel is not 0, in rising order.
    shares : mapping from label to array of shape (pixels,)
        Share of the mean squared distance carried by pixels up to that one.
    estimates : mapping from the same labels to Dataset
        Variables with the dim batch, in bits.
    """
    with style():
        fig, axes = plt.subplots(1, 2, figsize=(7.0, 3.0))
        for (label, share), line in zip(shares.items(), ("-", "--"), strict=True):
            axes[0].plot(100 * _array(lit), 100 * _array(share), line, label=label)
        axes[0].set(
            title="(a) weight of rarely lit pixels",
            xlabel="pixels lit in at most … % of images",
            ylabel="share of squared distance [%]",
            xlim=(0, 100),
            ylim=(0, 102),
        )
        axes[0].legend(loc="lower right")
        for i, (label, dataset) in enumerate(estimates.items()):
            for j, values in enumerate(dataset.data_vars.values()):
                offset = np.linspace(-0.08, 0.08, values.sizes["batch"])
                axes[1].plot(
                    j + 0.25 * (i - 0.5) + offset,
                    values,
                    "os"[i],
                    color=SERIES_COLORS[i],
                    markersize=4,
                    label=label if j == 0 else None,
                )
        names = list(next(iter(estimates.values())).data_vars)
        axes[1].set_xticks(range(len(names)), names)
        axes[1].set(title="(b) estimates, a point a batch", ylabel="bits")
        axes[1].legend()
    plt.close(fig)
    return fig


def _mean_band(ax: Axes, x: np.ndarray, values: ArrayLike, **line: object) -> None:
    """Mean over the first dimension, with a band of one standard deviation on either side."""
    values = _array(values)
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    (drawn,) = ax.plot(x, mean, **line)
    ax.fill_between(
        x, mean - deviation, mean + deviation, color=drawn.get_color(), alpha=0.25, linewidth=0
    )


def _array(values: ArrayLike) -> np.ndarray:
    return values.cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


def _draw_bound(ax: Axes, samples: int) -> None:
    ax.axhline(np.log2(samples), color="0.5", linewidth=0.8, linestyle=":", zorder=0)


def gaussians_exact(d: int = 1) -> Figure:
    """Fig. 2: exact information of correlated Gaussians (31) against their correlation."""
    rhos = np.tanh(np.linspace(-4, 4, 401))
    with style():
        fig, ax = plt.subplots(figsize=(4.6, 2.8))
        ax.plot(rhos, [toys.correlated_gaussians_mi(d, rho) for rho in rhos], color="black")
        ax.set(xlabel=r"correlation $\rho$", ylabel="$I(X;Y)$ [bits]", xlim=(-1, 1), ylim=(0, None))
    plt.close(fig)
    return fig


def gaussians_by_dimension(information: xr.DataArray) -> Figure:
    """Fig. 3: estimated information of correlated Gaussians, a row a dimension, a column a rule.

    Both panels of a row span the same number of bits, so that heights compare. The exact value
    is drawn on an axis of its own, on which it and the last rule have the same height.

    Parameters
    ----------
    information : DataArray with dims (estimator, d, rho, run)
        In bits, with coordinates of each, and ``n``; ρ in rising order and symmetric.
    """
    rhos, last = information.rho.values, information.estimator.values[-1]
    fine = np.linspace(rhos[0], rhos[-1], 181)
    shape = (information.sizes["d"], information.sizes["estimator"])
    with style():
        fig, axes = plt.subplots(*shape, figsize=(7.0, 1.9 * shape[0]), sharex=True, squeeze=False)
        for i, d in enumerate(information.d.values):
            exact = np.array([toys.correlated_gaussians_mi(int(d), rho) for rho in fine])
            drawn = information.sel(d=d).transpose("estimator", "run", "rho")
            height = np.ptp(drawn.sel(estimator=last).mean("run").values)
            for j, rule in enumerate(information.estimator.values):
                ax, values = axes[i, j], drawn.sel(estimator=rule).values
                base = values.mean(axis=0)[np.abs(rhos).argmin()]
                ax.set_ylim(base - 0.35 * height, base + 1.35 * height)
                truth = ax.twinx()
                truth.spines["right"].set(visible=True, color="0.5")
                truth.set_ylim(-0.35 * exact.max(), 1.35 * exact.max())
                truth.set_yticks([0, exact.max()], ["0", f"{exact.max():.0f}"], color="0.4")
                truth.plot(fine, exact, color="0.6", linestyle="--")
                # the estimate above the exact curve, which would hide it otherwise
                ax.set_zorder(truth.get_zorder() + 1)
                ax.patch.set_visible(False)
                _mean_band(ax, rhos, values, color=SERIES_COLORS[1 + j], marker="o", markersize=3)
                ax.yaxis.set_major_formatter(
                    StrMethodFormatter("{x:.3f}" if height < 0.1 else "{x:.1f}")
                )
                ax.set_title(f"({chr(97 + shape[1] * i + j)}) {rule} rule, $d$ = {d}")
                if j == 0:
                    ax.set_ylabel("estimated MI [bits]")
                if j == shape[1] - 1:
                    truth.set_ylabel("exact MI [bits]", color="0.4")
                    truth.yaxis.set_label_coords(1.24, 0.5)
        for ax in axes[-1]:
            ax.set(xlabel=r"correlation $\rho$", xlim=(-1, 1))
    plt.close(fig)
    return fig


def gaussians_by_samples(information: xr.DataArray) -> Figure:
    """Fig. 4: estimated information of correlated Gaussians for several numbers of samples.

    Parameters
    ----------
    information : DataArray with dims (n, rho, run)
        In bits, with coordinates of each.
    """
    rhos = information.rho.values
    with style():
        fig, ax = plt.subplots(figsize=(5.0, 3.3))
        lines = zip("os^", ("-", "--", "-."), strict=True)
        for n, (marker, line) in zip(information.n.values, lines, strict=False):
            values = information.sel(n=n).transpose("run", "rho")
            _mean_band(
                ax, rhos, values, marker=marker, linestyle=line, markersize=4, label=f"$N$ = {n}"
            )
        ax.set(xlabel=r"correlation $\rho$", ylabel="estimated MI [bits]", xlim=(-1, 1))
        ax.legend(loc="upper center")
    plt.close(fig)
    return fig


def gaussians_shape(panels: Mapping[str, Mapping[str, xr.DataArray]], d: int = 1) -> Figure:
    """Shape of estimates against |ρ|, each scaled to run from 0 to 1, beside that of (31) and ρ².

    Parameters
    ----------
    panels : mapping from title to mapping from label to DataArray of dims (rho, run)
        Heights, from 0 at the smallest |ρ| to 1 at the largest; ``rho`` holds |ρ|.
    d : int
        Dimensions of the exact value; its shape does not depend on it.
    """
    with style():
        fig, axes = plt.subplots(1, len(panels), figsize=(7.0, 3.3), sharey=True, squeeze=False)
        for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
            end = float(next(iter(curves.values())).rho.max())
            fine = np.linspace(0, end, 201)
            exact = np.array([toys.correlated_gaussians_mi(d, rho) for rho in fine])
            ax.plot(fine, exact / exact[-1], color="black", label="exact, (31)")
            ax.plot(fine, (fine / end) ** 2, color="0.5", linestyle=":", label=r"$\rho^2$")
            for (label, heights), marker in zip(curves.items(), "os^", strict=False):
                values = heights.transpose("run", "rho")
                _mean_band(
                    ax, heights.rho, values, marker=marker, markersize=4, linewidth=0.6, label=label
                )
            ax.set(title=title, xlabel=r"$|\rho|$")
            ax.legend()
        axes[0, 0].set_ylabel("height of the curve, as a share")
    plt.close(fig)
    return fig
