"""Drawing information planes of any network; matplotlib is loaded when something is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr

from ipae_lib.diagnostics import diagnose
from ipae_lib.extras import optional
from ipae_lib.layers import INPUT, MATH_LABELS, OUTPUT
from ipae_lib.theory import feasible_region
from ipae_lib.validation import Positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "os^Dvph<>*"


def plot_plane(
    plane: xr.Dataset | Sequence[xr.Dataset],
    layers: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
    estimator: str | None = None,
    target: str | None = None,
    styles: Mapping[str, Mapping[str, object]] | None = None,
    region: bool = True,
    legend: bool = True,
) -> Axes:
    """Draw the information plane: each layer's path, with a marker at its end.

    That of Definition 2, I(X;T) and I(T;X′); with a target Y that of Definition 1, with I(T;Y).

    Parameters
    ----------
    plane : Dataset, or sequence of Datasets
        A record of `InformationPlane`, several of them, or those joined along ``iteration``:
        ``input_mi`` and ``output_mi`` in bits. Points are means over ``batch`` and ``seed``.
    layers : sequence of str, optional
        What to draw; by default all layers but the input and the output.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure.
    estimator : str, optional
        Whose estimates to draw; may be left out where there is one alone.
    target : str, optional
        Of the record's targets, Y.
    styles : mapping from layer to settings of ``Axes.plot``, optional
        In place of the default colours, markers and labels.
    region : bool
        Shade the triangle that no layer leaves, where M = I(X;X) is known.
    legend : bool
        Name the layers, beside the plane.

    Raises
    ------
    ValueError
        If the plane is none, an estimator, a target or a layer is unknown or not chosen, another
        dimension is left, or a point is missing.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import torch
    >>> from ipae_lib import InformationPlane, MatrixRenyi, ProposedWidth
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 2), torch.nn.Linear(2, 8))
    >>> estimators = {"proposed": MatrixRenyi(ProposedWidth(0.8))}
    >>> plane = InformationPlane(model, {"code": "0"}, torch.randn(50, 8), estimators)
    >>> ax = plot_plane([plane.record(iteration) for iteration in (0, 1)])
    """
    paths, styles = _paths(plane, estimator, target), styles or {}
    known = paths.layer.values.tolist()
    chosen = [x for x in known if x not in (INPUT, OUTPUT)] if layers is None else layers
    if not len(chosen) or not {*chosen, *styles} <= {*known}:
        raise ValueError(
            f"layers is {layers!r} and styles is for {list(styles)}; both take some of those of "
            f"plane: {known}"
        )
    missing = [x for x in chosen if not np.isfinite(paths.sel(layer=x).to_array()).all()]
    if missing:
        raise ValueError(
            f"plane has NaN or infinity in the layers {missing}; leave these layers out, or the "
            "iterations: plane.dropna('iteration')"
        )
    plt = optional("matplotlib.pyplot", "plot")
    ax = plt.subplots(layout="constrained")[1] if ax is None else ax
    colors = plt.colormaps["viridis"](np.linspace(0, 0.75, len(chosen)))
    for position, layer in enumerate(chosen):
        look = {
            "color": colors[position],
            "marker": _MARKERS[position % len(_MARKERS)],
            "label": MATH_LABELS[layer] if layer in (INPUT, OUTPUT) else layer,
        }
        path = [np.atleast_1d(values) for values in paths.sel(layer=layer).data_vars.values()]
        try:
            ax.plot(*path, markevery=[-1], **{**look, **styles.get(layer, {})})
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(
                f"styles[{layer!r}] is {styles.get(layer)}, which Axes.plot refuses: {error}"
            ) from error
    m = float(paths.input_mi.sel(layer=INPUT).mean()) if INPUT in known else np.nan
    if region and m > 0:
        draw_feasible_region(ax, m)
    side = "output MI $I(T;X')$" if target is None else f"MI with {target}, $I(T;Y)$"
    ax.set(xlabel="input MI $I(X;T)$ [bits]", ylabel=f"{side} [bits]")
    if legend:
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return ax


def plot_bounds(
    plane: xr.Dataset,
    quantity: Literal["input_mi", "output_mi", "target_mi"] = "input_mi",
    *,
    ax: Axes | None = None,
    estimator: str | None = None,
    target: str | None = None,
) -> Axes:
    """Draw how far the information of each layer is from its bounds and its null.

    Parameters
    ----------
    plane : Dataset
        A record of `InformationPlane`, with ``null=True`` for the null; of several iterations the
        last is drawn. Points are means over ``batch`` and ``seed``.
    quantity : "input_mi", "output_mi" or "target_mi"
    ax, estimator, target
        As of `plot_plane`.

    Raises
    ------
    ValueError
        If the plane is no record, or an estimator or target is unknown or not chosen.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import torch
    >>> from ipae_lib import InformationPlane, MatrixRenyi, ProposedWidth
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 2), torch.nn.Linear(2, 8))
    >>> rule = {"proposed": MatrixRenyi(ProposedWidth(0.8))}
    >>> plane = InformationPlane(model, {"code": "0"}, torch.randn(50, 8), rule)
    >>> ax = plot_bounds(plane.record())
    """
    if quantity not in plane:
        raise ValueError(f"plane holds {list(plane)} and no {quantity}; choose what it holds")
    found = diagnose(plane)
    drawn = {"value": plane[quantity], "smallest entropy": found[f"{quantity}_bound"]}
    if f"{quantity}_null" in plane:
        drawn["shuffled pairs"] = plane[f"{quantity}_null"]
    chosen = _chosen(xr.Dataset(drawn), estimator, target if quantity == "target_mi" else None)
    if "iteration" in chosen.dims:
        chosen = chosen.sortby("iteration").isel(iteration=-1)
    plt = optional("matplotlib.pyplot", "plot")
    ax = plt.subplots(layout="constrained")[1] if ax is None else ax
    layers = chosen.layer.values.tolist()
    looks = {"value": "o-", "smallest entropy": "_", "shuffled pairs": "x:"}
    for name, values in chosen.data_vars.items():
        ax.plot(layers, values, looks[str(name)], label=name, color=_COLORS[str(name)])
    ceiling = np.log2(found.attrs["samples"])
    ax.axhline(ceiling, color="0.55", linewidth=0.8, label=r"$\log_2 N$")
    ax.set(ylabel=f"{quantity.replace('_mi', ' MI')} [bits]", ylim=(min(0, ax.get_ylim()[0]), None))
    ax.legend(frameon=False)
    return ax


_COLORS = {"value": "C0", "smallest entropy": "0.4", "shuffled pairs": "C1"}


def _paths(
    plane: xr.Dataset | Sequence[xr.Dataset], estimator: str | None, target: str | None
) -> xr.Dataset:
    """``input_mi`` and ``output_mi`` along layer and, of several records, iteration."""
    if not isinstance(plane, xr.Dataset):
        plane = xr.concat(plane, "iteration") if len(plane) else xr.Dataset()
    if target is not None:
        known = np.atleast_1d(plane.get("target", [])).tolist()
        if target not in known:
            raise ValueError(f"target is {target!r}; choose from those of plane: {known}")
        plane = plane.assign(output_mi=plane.target_mi.sel(target=target, drop=True))
    kinds = {plane[name].dtype.kind for name in ("input_mi", "output_mi") if name in plane}
    if not {"input_mi", "output_mi"} <= {*plane} or not kinds <= {*"fiu"}:
        raise ValueError(
            f"plane is a Dataset of {list(plane)}; give records, which have input_mi and output_mi"
        )
    paths = _chosen(plane[["input_mi", "output_mi"]], estimator, None)
    return paths.sortby("iteration") if "iteration" in paths.indexes else paths


def _chosen(plane: xr.Dataset, estimator: str | None, target: str | None) -> xr.Dataset:
    """Of one estimator and target, on average over batches and seeds."""
    sizes = dict(plane.sizes)
    for dim, one in (("estimator", estimator), ("target", target)):
        names = np.atleast_1d(plane.get(dim, [None])).tolist()
        if one not in names and (one is not None or len(names) > 1):
            raise ValueError(f"{dim} is {one!r}; choose from {names}")
        if dim in plane.dims:
            plane = plane.sel({dim: one or names[0]})
    # a missing value is not to hide in a mean
    plane = plane.mean([dim for dim in ("batch", "seed") if dim in plane.dims], skipna=False)
    left = {dim: n for dim, n in plane.sizes.items() if dim not in ("layer", "iteration") or not n}
    if left or "layer" not in plane.indexes:
        raise ValueError(
            f"plane has the sizes {sizes}; it needs layers with their names, and what is neither "
            "iteration, estimator, batch nor seed must be chosen: plane.sel(...)"
        )
    return plane


def draw_feasible_region(ax: Axes, m: Positive) -> None:
    """Shade the triangle of `theory.feasible_region`, with M in bits, and draw the bisector."""
    ax.fill(*feasible_region(m).T, color="0.9", linewidth=0, zorder=0)
    ax.plot([0, m], [0, m], color="0.55", linewidth=0.8, zorder=0)
