"""Drawing information planes of any network; matplotlib is loaded when something is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

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
    styles: Mapping[str, Mapping[str, object]] | None = None,
    region: bool = True,
    legend: bool = True,
) -> Axes:
    """Draw the information plane (Definition 2): each layer's path, with a marker at its end.

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
    styles : mapping from layer to settings of ``Axes.plot``, optional
        In place of the default colours, markers and labels.
    region : bool
        Shade the triangle that no layer leaves, where M = I(X;X) is known.
    legend : bool
        Name the layers, beside the plane.

    Raises
    ------
    ValueError
        If the plane is none, an estimator or a layer is unknown or not chosen, another dimension
        is left, or a point is missing.
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
    paths, styles = _paths(plane, estimator), styles or {}
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
    colors = plt.colormaps["viridis"](np.linspace(0, 0.9, len(chosen)))
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
    ax.set(xlabel="input MI $I(X;T)$ [bits]", ylabel="output MI $I(T;X')$ [bits]")
    if legend:
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return ax


def _paths(plane: xr.Dataset | Sequence[xr.Dataset], estimator: str | None) -> xr.Dataset:
    """``input_mi`` and ``output_mi`` along layer and, of several records, iteration."""
    if not isinstance(plane, xr.Dataset):
        plane = xr.concat(plane, "iteration") if len(plane) else xr.Dataset()
    kinds = {plane[name].dtype.kind for name in ("input_mi", "output_mi") if name in plane}
    if not {"input_mi", "output_mi"} <= {*plane} or not kinds <= {*"fiu"}:
        raise ValueError(
            f"plane is a Dataset of {list(plane)}; give records, which have input_mi and output_mi"
        )
    paths = plane[["input_mi", "output_mi"]]
    names = np.atleast_1d(paths.get("estimator", [None])).tolist()
    if estimator not in names and (estimator is not None or len(names) > 1):
        raise ValueError(f"estimator is {estimator!r}; choose from {names}")
    if "estimator" in paths.dims:
        paths = paths.sel(estimator=estimator or names[0])
    # a missing value is not to hide in a mean
    paths = paths.mean([dim for dim in ("batch", "seed") if dim in paths.dims], skipna=False)
    left = {dim: n for dim, n in paths.sizes.items() if dim not in ("layer", "iteration") or not n}
    if left or "layer" not in paths.indexes:
        raise ValueError(
            f"plane has the sizes {dict(plane.sizes)}; it needs layers with their names, and what "
            "is neither iteration, estimator, batch nor seed must be chosen: plane.sel(...)"
        )
    return paths.sortby("iteration") if "iteration" in paths.indexes else paths


def draw_feasible_region(ax: Axes, m: Positive) -> None:
    """Shade the triangle of `theory.feasible_region`, with M in bits, and draw the bisector."""
    ax.fill(*feasible_region(m).T, color="0.9", linewidth=0, zorder=0)
    ax.plot([0, m], [0, m], color="0.55", linewidth=0.8, zorder=0)
