"""What chapter 6 sums up, on sweeps whose answers are known."""

import json
import math

import numpy as np
import pytest
import xarray as xr

from ipae_lib.layers import DECODER, HIDDEN_LAYERS, INPUT, OUTPUT
from study.chapters import ch05, ch06
from study.claims import Runs

SIZES = (1, 2, 4, 8, 13, 32, 64)
LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]


def sweep_of(inputs, outputs, sizes=SIZES, seeds=2):
    """Planes of ``inputs(layer, K)`` and ``outputs(layer, K)``; batches err all alike."""
    coords = {"bottleneck_size": list(sizes), "layer": LAYERS, "seed": range(seeds)}
    coords["batch"] = range(4)
    batches = np.array([-0.1, 0.0, 0.0, 0.1])
    planes = {}
    for name, curve in {"input_mi": inputs, "output_mi": outputs}.items():
        means = np.array([[curve(layer, k) for layer in LAYERS] for k in sizes])
        values = means[:, :, None, None] + np.zeros((seeds, 1)) + batches
        planes[name] = xr.DataArray(values, coords, tuple(coords))
    return xr.Dataset(planes)


def inputs_of(layer, k):
    """E1 is at 4; E2 and E3 lose up to 2 for small K; Z peaks at 13; the rest grows by 1."""
    return {
        "E1": 4.0,
        "E2": 4 - 1 / k,
        "E3": 4 - 2 / k,
        "Z": 4.5 - abs(math.log2(k / 13)) / 2,
    }.get(layer, 3 + min(1, k / 13) / 2 + 0.1 * (layer == "D3") + (k == 64) / 10)


def outputs_of(layer, k):
    """Half a bit left of the input, the layers one after another 0.1 apart, and Z 1 above."""
    if layer == INPUT:
        return 2 * (1 - 1 / k)
    return 3 + min(k, 13) / 13 + 0.1 * LAYERS.index(layer) + (layer == "Z")


@pytest.fixture(scope="module")
def plane():
    return sweep_of(inputs_of, outputs_of)


def test_a_table_has_the_papers_names(plane):
    found = ch06.table(plane.input_mi.isel(seed=0, batch=1, drop=True))
    assert found.index.name == "K"
    assert found.index.tolist() == list(SIZES)
    assert " ".join(found) == "X T₁ᴱ T₂ᴱ T₃ᴱ Z T₁ᴰ T₂ᴰ T₃ᴰ X′"
    assert found.loc[4, "T₃ᴱ"] == 3.5


def test_networks_are_counted_and_their_spread_is_pooled(plane):
    apart = plane.copy(deep=True)
    apart["input_mi"] = apart.input_mi + xr.DataArray([-0.3, 0.3], dims="seed")
    apart.input_mi.loc[{"bottleneck_size": [4, 32], "seed": 1}] = np.nan
    found = ch06.networks(apart)
    assert found.networks.tolist() == [2, 2, 1, 2, 2, 1, 2]
    # two networks 0.6 apart, everywhere
    np.testing.assert_allclose(found.drop(columns="networks"), round(0.6 / math.sqrt(2), 2))


def test_with_one_network_a_size_the_spread_is_not_known():
    found = ch06.networks(sweep_of(inputs_of, outputs_of, seeds=1))
    assert set(found.networks) == {1}
    assert found["T₁ᴱ"].isnull().all()


def with_spaces(table):
    return table.map(lambda text: text.replace("\N{NBSP}", " "))


def test_changes_from_one_size_to_another(plane):
    found = with_spaces(ch06.changes(plane, 1, 13))
    assert found.index[[0, 3]].tolist() == ["T₁ᴱ", "Z"]
    assert found.columns.tolist() == ["input MI", "output MI"]
    # all batches and networks agree on differences of sizes
    assert found.loc["T₁ᴱ"].tolist() == ["0.00 [0.00, 0.00]", "0.92 [0.92, 0.92]"]
    found = with_spaces(ch06.changes(plane, 13, 64))
    assert found.loc["Z", "input MI"] == "-1.15 [-1.15, -1.15]"


def test_differences_of_layers_that_should_be_the_same(plane):
    found = with_spaces(ch06.differences(plane))
    # of Z, 1 above its place, from E1, 0.3 below it; without Z of D3 from E1; of D3 from D1
    assert set(found["output MI"]) == {"1.30 [1.30, 1.30]"}
    assert set(found["output MI without Z"]) == {"0.60 [0.60, 0.60]"}
    assert set(found["input MI, decoder"]) == {"0.10 [0.10, 0.10]"}
    # Z at 4.5 and D1 at 3.5
    assert found.loc[13, "input MI, Z and decoder"] == "1.00 [1.00, 1.00]"


def test_the_share_that_is_made_at_the_critical_size():
    curve = xr.DataArray([5.0, 2.0, 1.0], coords={"bottleneck_size": [2, 13, 64]})
    assert float(ch06.made(curve)) == pytest.approx(75)
    assert float(ch06.made(-curve)) == pytest.approx(75)


def test_the_summary(plane):
    sizes = np.array(SIZES)
    errors = xr.DataArray(
        np.stack([1 / sizes, np.where(sizes == 4, np.nan, 3 / sizes)], axis=1),
        coords={"bottleneck_size": list(SIZES), "seed": [0, 1]},
    )
    found = ch06.summary(plane, errors)
    assert found["rise_least"] == pytest.approx(0)  # T₁ᴱ
    assert found["rise_most"] == pytest.approx(math.log2(13) / 2)  # Z
    assert found["rest_most"] == pytest.approx(2 / 13 - 2 / 64)  # T₃ᴱ; Z does not count
    at = {k: [inputs_of(x, k) - outputs_of(x, k) for x in HIDDEN_LAYERS] for k in (13, 64)}
    assert found["gap_critical"] == pytest.approx(np.mean(at[13]))
    assert found["gap"] == pytest.approx(np.mean(at[64]))
    assert found["compression_made"] == pytest.approx(100 * (1 / 2 - 1 / 13) / (1 / 2 - 1 / 64))
    assert found["error_fall"] == pytest.approx(100 * (1 - 13 / 64))
    assert found["through_rise"] == pytest.approx(100 * ((1 - 1 / 64) / (1 - 1 / 13) - 1))


def test_a_fall_beyond_the_critical_size_counts_as_a_change():
    def falls(layer, k):
        return 4 - (layer in DECODER) * max(0, math.log2(k / 13))

    found = ch06.summary(
        sweep_of(falls, outputs_of),
        xr.DataArray(np.ones((7, 2)), coords={"bottleneck_size": list(SIZES), "seed": [0, 1]}),
    )
    assert found["rest_most"] == pytest.approx(math.log2(64 / 13))


def test_a_sweep_that_ends_below_the_papers_size_is_refused(plane):
    small = plane.sel(bottleneck_size=[1, 2, 4, 8])
    for function in (lambda p: ch06.made(p.input_mi), lambda p: ch06.summary(p, p)):
        with pytest.raises(ValueError, match="none reaches the paper's 13"):
            function(small)


LOOKS = ("previous", "proposed", "one level", "total deviation", "layer's deviation")


def cell_of(sizes=SIZES):
    """Networks that lose 8/K bits of 8 in the encoder by each rule, and half of it in truth."""
    runs = []
    for k in sizes:
        for seed in (3, 4) if k == 2 else (3,):
            layers = np.full(9, 4.0)
            layers[LAYERS.index("E1")], layers[LAYERS.index("E3")] = 8, 8 - 8 / k
            layers[LAYERS.index(OUTPUT)] = 8 - 4 / k
            rules = np.tile(layers[:, None], (1, 2, 2, 1, 1)).reshape(2, 2, 9, 1)
            true = np.tile(np.where(layers == 8 - 8 / k, 8 - 4 / k, layers), (2, 3, 1, 1))
            true[..., LAYERS.index(INPUT)] = 8
            seen, known = ("iteration", "estimator", "layer", "batch"), ("iteration", "noise")
            run = xr.Dataset(
                {
                    "input_mi": (seen, rules),
                    "output_mi": (seen, np.full_like(rules, 8 - 4 / k)),
                    "entropy": (seen, np.full_like(rules, 8.0)),
                    "true_input_mi": ((*known, "resolution", "layer"), true),
                    "true_standard_error": ((*known, "resolution", "layer"), 0 * true),
                    "variance": (("iteration", "layer", "batch"), np.ones((2, 9, 1))),
                    "test_error": ("iteration", [0.07, 0.01]),
                },
                {
                    "iteration": [0, 9],
                    "estimator": list(LOOKS[:2]),
                    "noise": list(LOOKS[2:]),
                    "resolution": [0.5],
                    "layer": LAYERS,
                    "batch": [0],
                },
            )  # fmt: skip
            configuration = json.dumps({"name": "run", "bottleneck_size": k})
            runs.append(run.assign_attrs(seed=seed, configuration=configuration))
    return Runs([], [], runs, 0.07)


def test_sweeps_in_truth_are_shares_of_the_whole():
    cells = {"a cell": cell_of(), "another": cell_of(SIZES[:-1])}
    table = ch06.compression_in_truth(cells)
    assert table["a cell"].columns.tolist() == ["previous", *LOOKS[2:3], "proposed", *LOOKS[3:]]
    assert table.loc[2, "a cell"].tolist() == [0.5, 0.25, 0.5, 0.25, 0.25]
    assert table.dropna().index.tolist() == list(SIZES[:-1])
    shown = ch06.sweeps_in_truth(cells)["a cell"]["in truth, one level"]
    assert shown.through.sel(bottleneck_size=4, seed=3).item() == 1 - 1 / 8
    assert ch06.told_in_truth(cells) == {
        "total_two": 0.25,
        "total_beyond": 1 / 64,
        "one_beyond": 1 / 128,
        "through": 1 - 1 / 26,
        # 2/K of that of K = 2: of 32 and 64, and of 32 alone
        "left_least": pytest.approx((1 / 16 + 1 / 32) / 2),
        "left_most": pytest.approx(1 / 16),
    }


def test_layers_are_held_against_the_self_information_and_against_the_bound(plane):
    calm = plane.isel(batch=[1])
    entropy = xr.where(calm.layer == "Z", 4.5, 8.0) + 0 * calm.input_mi
    found = ch05.shares_of_bounds(calm.assign(entropy=entropy))
    # Z at 4.5, and X at 3 for K = 1, where E1 has 4
    x = inputs_of(INPUT, 1)
    assert found == {"itself": pytest.approx(4 / x), "bound": pytest.approx(1)}


def test_networks_and_errors_of_both_ways_stand_side_by_side():
    ends = {
        name: xr.Dataset(
            {"test_error": (("bottleneck_size", "seed"), errors)},
            {"bottleneck_size": sizes, "seed": [3, 4]},
        )
        for name, sizes, errors in (
            ("one way", [1, 2], [[0.05, 0.03], [0.02, 0.01]]),
            ("another", [2, 4], [[0.02, np.nan], [0.01, 0.01]]),
        )
    }
    table = ch06.both_ways(ends)
    assert table["one way", "networks"].dropna().tolist() == [2, 2]
    assert table["another", "networks"].dropna().tolist() == [1, 2]
    assert table["another", "error"].loc[2] == pytest.approx(0.02)


def test_errors_of_the_smallest_networks_tell_their_ends_and_what_they_had_reached():
    runs = [
        xr.Dataset(
            {"test_error": ("iteration", errors)},
            attrs={"configuration": json.dumps({"bottleneck_size": size})},
        )
        for size, errors in ((2, [0.5, 0.1]), (1, [0.9, 0.3, 0.6]), (1, [0.9, 0.2, 0.2]))
    ]
    assert ch06.smallest(runs) == {"least": 0.2, "most": 0.6, "before": 0.3}
