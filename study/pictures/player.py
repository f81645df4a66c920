"""The plane player of the first page: what a reader scrubs, as markup with its numbers in it.

``python -m study book player`` writes it anew from the stored results. Without scripts the page has
what the markup says: where each layer ends, in a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from ipae_lib.layers import HIDDEN_LAYERS, OUTPUT
from study import experiments
from study.chapters import ch10
from study.claims import Runs
from study.claims.criteria.decision import VISIBLE
from study.experiments import PRINCIPAL, PROFILES, Profile
from study.pictures.markup import layer_looks, picture, rounded, table

FRAGMENT = experiments.ROOT / "book" / "_fragments" / "player.html"
"""Where the first page takes it from."""

RULES = {
    "previous": "the previous rule",
    "proposed": "the proposed rule",
    "scale-free": "the proposed rule, scale-free",
}
NOISES = {
    "one level": "noise of one level",
    "layer's deviation": "noise by the layer's deviation",
    "total deviation": "noise by the total deviation",
}
"""Ways to look: what the reader chooses on the left, and on the right."""

LAYERS = (*HIDDEN_LAYERS, OUTPUT)


def data(cells: Mapping[str, Runs], sizes: tuple[int, ...]) -> dict[str, Any]:
    """What the player shows, in shares of the whole that can be known.

    Parameters
    ----------
    cells : mapping from title to Runs
        The first seed of each is shown.
    sizes : tuple of int
        The small and the large bottleneck size.

    Returns
    -------
    dict
        ``layers`` with their labels and colours, ``visible``, ``rules`` and ``noises`` by name, and
        ``networks``: for each cell and size the iterations, the test error, the variance of each
        layer and, for each way to look, the input MI of each layer and I(X;X′), the output MI of
        all of them in truth; by a rule each layer has its own.
    """
    networks = {}
    for title, cell in cells.items():
        looks = {name: cell.planes(name) for name in (*RULES, *NOISES)}
        for size, which, runs in (
            (sizes[1], "large", cell.large),
            (sizes[0], "small", cell.small),
        ):
            planes = {
                name: getattr(look, which).isel(seed=0).sel(layer=list(LAYERS))
                for name, look in looks.items()
            }
            run = min(runs, key=lambda run: run.attrs["seed"])
            networks[f"K = {size} ({title})"] = {
                "seed": int(run.attrs["seed"]),
                "iterations": run.iteration.values.tolist(),
                "error": rounded(run.test_error, 5),
                "variance": rounded(
                    run.variance.mean("batch").sel(layer=list(LAYERS)).transpose("layer", ...), 6
                ),
                "planes": {name: _shares(plane) for name, plane in planes.items()},
            }
    return {
        "layers": layer_looks(LAYERS),
        "visible": VISIBLE,
        "rules": RULES,
        "noises": NOISES,
        "networks": networks,
    }


def _shares(plane: xr.Dataset) -> dict[str, Any]:
    axes = (plane[["input_mi", "output_mi"]] / plane.unit).transpose("layer", "iteration")
    return {"x": rounded(axes.input_mi, 3), "y": rounded(axes.output_mi, 3)}


def known_data(settings: Profile = PROFILES["paper"]) -> dict[str, Any]:
    """`data` of the runs that are stored."""
    plateau = experiments.mean_image_error(images=10_000)
    cells = ch10.cells_of(settings, experiments.run_or_load, plateau, live=False, cells=PRINCIPAL)
    return data(cells, settings.plane_sizes)


def fragment(shown: Mapping[str, Any]) -> str:
    """The markup of the player, with its numbers.

    Parameters
    ----------
    shown : mapping
        As `data` gives it.
    """
    name, network = next(iter(shown["networks"].items()))
    proposed, total = (network["planes"][look] for look in ("proposed", "total deviation"))
    ends = table(
        f"Where the layers of {name} end: input MI as a share of the whole.",
        ["layer", "by the proposed rule", "in truth, total deviation"],
        [
            (shown["layers"][layer][0], f"{proposed['x'][i][-1]:.2f}", f"{total['x'][i][-1]:.2f}")
            for i, layer in enumerate(shown["layers"])
        ],
    )
    return picture("plane-player", shown, ends)


def write(path: Path = FRAGMENT) -> None:
    """Write the player's markup from the stored results."""
    path.write_text(fragment(known_data()), encoding="utf-8")
