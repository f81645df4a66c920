"""The plane player's numbers are those of the stored results."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from bs4 import BeautifulSoup

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study.claims.criteria.columns import Planes
from study.pictures import player

LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]


def a_run(seed):
    coords = {"iteration": [0, 10, 100], "layer": LAYERS, "batch": [0, 1]}
    shape = xr.DataArray(np.ones((3, 9, 2)), coords)
    variance = shape * xr.DataArray([0.5, 1.5], dims="batch")
    error = xr.DataArray([0.3, 0.2, 0.1], dims="iteration", coords={"iteration": [0, 10, 100]})
    return xr.Dataset({"variance": variance, "test_error": error}, attrs={"seed": seed})


def planes_of(look):
    step = 1.0 if look == "proposed" else 2.0
    coords = {"seed": [3, 4], "iteration": [0, 10, 100], "layer": LAYERS}
    rises = xr.DataArray([0.0, step, 2 * step], dims="iteration")
    seeds = xr.DataArray([1.0, 50.0], dims="seed")
    values = xr.DataArray(np.ones((2, 3, 9)), coords) * rises * seeds
    plane = xr.Dataset({"input_mi": values, "output_mi": values / 2, "unit": 8.0})
    return Planes(plane.assign(unit=4.0), plane)


@pytest.fixture
def shown():
    runs = [a_run(4), a_run(3)]
    cells = {"a cell": SimpleNamespace(planes=planes_of, small=runs, large=runs)}
    return player.data(cells, (2, 32))


def test_shares_are_of_the_whole_and_of_the_first_seed(shown):
    assert list(shown["networks"]) == ["K = 32 (a cell)", "K = 2 (a cell)"]
    large, small = shown["networks"].values()
    assert large["seed"] == 3
    assert large["iterations"] == [0, 10, 100]
    assert large["planes"]["proposed"]["x"] == [[0.0, 0.125, 0.25]] * len(shown["layers"])
    assert small["planes"]["one level"]["y"][0] == [0.0, 0.25, 0.5]
    assert large["variance"][0] == [1.0, 1.0, 1.0]
    assert large["error"] == [0.3, 0.2, 0.1]


def test_the_markup_holds_the_numbers_and_says_the_ends_without_scripts(shown):
    markup = player.fragment(shown)
    inside = BeautifulSoup(markup, "html.parser").div["data-numbers"]
    assert json.loads(inside) == json.loads(json.dumps(shown))
    assert markup.count("<td>0.25</td>") == len(shown["layers"])


@pytest.mark.slow
def test_the_first_page_shows_what_is_stored():
    assert player.FRAGMENT.read_text(encoding="utf-8") == player.fragment(player.known_data())
