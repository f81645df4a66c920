"""What chapter 5 sums up, on planes whose numbers are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study.chapters import ch05
from study.claims import Runs
from study.claims.criteria import planes as criteria
from study.claims.criteria.columns import Planes
from study.experiments import CELLS, Cell, get_profile

LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]
RULES = ["previous", "proposed"]
T = np.linspace(0, 1, 501)


def planes(inputs, outputs=None, variance=None, seeds=2):
    """Paths ``inputs(rule, layer, t)`` of networks of which each is 0.1 bits above the one before.

    The two test batches are 0.5 bits above and below.
    """
    outputs = outputs or (lambda _rule, _layer, t: t)
    variance = variance or (lambda _layer, t: t)
    coords = {"estimator": RULES, "layer": LAYERS, "iteration": np.arange(len(T))}

    def of(function):
        values = [[np.broadcast_to(function(r, x, T), T.shape) for x in LAYERS] for r in RULES]
        return xr.DataArray(np.array(values, dtype=float), coords, list(coords))

    seed = xr.DataArray(0.1 * np.arange(seeds), dims="seed")
    batch = xr.DataArray([-0.5, 0.5], dims="batch")
    spread = {layer: np.broadcast_to(variance(layer, T), T.shape) for layer in LAYERS}
    variances = xr.DataArray(
        [spread[layer] for layer in LAYERS],
        {"layer": LAYERS, "iteration": coords["iteration"]},
        ("layer", "iteration"),
    )
    return xr.Dataset(
        {
            "input_mi": of(inputs) + seed + batch,
            "output_mi": of(outputs) + seed + batch,
            "variance": variances + 0 * seed + 0 * batch,
            "fitted": xr.DataArray(T >= 0.5, dims="iteration") | (seed < 0),
        }
    )


ENDS = {INPUT: 4.0, "E1": 3.5, "E2": 3.0, "E3": 2.0, "Z": 2.5, "D1": 2.0, "D2": 2.0, "D3": 6.0}


def flat(rule, layer, _t):
    return ENDS.get(layer, 1.0) / (2 if rule == "proposed" else 1)


def falling(rule, layer, t):
    """Z falls by 1 bit after t = 0.7 under the previous rule, and E2 by 0.2 under the other."""
    fall = {("previous", "Z"): 1.0, ("proposed", "E2"): 0.2}.get((rule, layer), 0.0)
    return 3.0 - fall * np.clip((t - 0.7) / 0.2, 0, 1)


A, B = "one way", "another way"


def cell(small, large, way=A):
    """Planes of one way to train, by way and size."""
    return {(way, "K = 2"): small, (way, "K = 32"): large}


class TestTables:
    def test_a_row_a_layer_and_ways_and_sizes_side_by_side_under_each_rule(self):
        ends = planes(flat).input_mi.isel(iteration=-1).mean("batch")
        table = ch05.by_layer(cell(ends, 2 * ends))
        assert table.columns.tolist() == [
            ("previous", A, "K = 2"),
            ("previous", A, "K = 32"),
            ("proposed", A, "K = 2"),
            ("proposed", A, "K = 32"),
        ]
        assert table.index.tolist() == ["X", "T₁ᴱ", "T₂ᴱ", "T₃ᴱ", "Z", "T₁ᴰ", "T₂ᴰ", "T₃ᴰ", "X′"]
        # two seeds, 0 and 0.1 bits above
        assert table["previous", A, "K = 2"]["T₃ᴰ"] == pytest.approx(6.05)
        assert table["proposed", A, "K = 32"]["T₁ᴱ"] == pytest.approx(2 * (3.5 / 2 + 0.05))

    def test_differences_at_the_end(self):
        table = ch05.ends_of({(A, "K = 2"): planes(flat, lambda *_: 1.0)})
        hidden = np.mean([ENDS[layer] for layer in HIDDEN_LAYERS])
        expected = [1.5, 0.5, 3.5, hidden - 4, hidden + 0.05 - 1.05]
        np.testing.assert_allclose(table["previous", A, "K = 2"], expected)
        np.testing.assert_allclose(table["proposed", A, "K = 2"][:3], [0.75, 0.25, 1.75])
        assert table.index[3] == "mean of all layers less X"

    def test_titles_tell_way_and_size(self):
        named = ch05.titled(cell(planes(flat), planes(falling)), estimator="proposed")
        assert list(named) == [f"{A}, K = 2", f"{A}, K = 32"]
        assert named[f"{A}, K = 2"].input_mi.dims == ("layer", "iteration", "seed", "batch")

    def test_what_gets_through_a_small_bottleneck_is_told_by_title(self):
        both = cell(planes(flat, lambda *_: 1.5), planes(flat))
        assert ch05.restrictions(both, "previous", 2) == {f"{A}, K = 2": pytest.approx(1.55)}


class TestRuns:
    """The runs of two ways to train, each named by what it is."""

    def test_the_first_large_network_of_every_cell_tells_how_it_learns(self):
        settings = get_profile("paper")
        found = ch05.learning(settings, lambda run: SimpleNamespace(test_error=run))
        assert list(found) == [cell.title for cell in CELLS]
        for cell_, run in zip(CELLS, found.values(), strict=True):
            assert (run.bottleneck_size, run.seed) == (32, settings.seeds[0])
            assert Cell(run.reduction, run.initialisation) == cell_

    def test_networks_are_joined_by_way_and_size_under_the_papers_rules(self, monkeypatch):
        def joined(runs):
            return xr.Dataset(
                {
                    "runs": ("estimator", [len(runs)] * 3),
                    "test_error": ("iteration", [0.1, 0.09, 0.05, 0.02]),
                },
                {"estimator": list(ch05.RULES)},
            )

        monkeypatch.setattr(ch05.experiments, "join_seeds", joined)
        ways = {name: SimpleNamespace(small=[1], large=[1, 2], plateau=0.1) for name in (A, B)}
        found = ch05.planes_of(ways, (2, 32))
        assert list(found) == [*cell(0, 0), *cell(0, 0, B)]
        assert found[B, "K = 32"].runs.values.tolist() == [2, 2]
        assert found[B, "K = 32"].estimator.values.tolist() == RULES
        # 0.8 of the variance is explained at the end, and half of it at the third record
        assert found[B, "K = 32"].fitted.values.tolist() == [False, False, True, True]

    def test_the_first_network_of_the_first_way_was_scanned(self):
        ways = {name: SimpleNamespace(small=[name], large=[f"{name}, large"]) for name in (A, B)}
        assert ch05.scanned(ways, (2, 32)) == {"K = 2": A, "K = 32": f"{A}, large"}


class TestSummary:
    def test_order_and_spread_at_the_end(self):
        found = ch05.summary(cell(planes(flat), planes(flat)))
        assert found["excess"] == pytest.approx(3.5)
        assert found["between_seeds"] == "0.07 bits"  # 0.1 / √2

    def test_the_excess_is_the_least_of_both_ways(self):
        less = planes(lambda rule, layer, t: flat(rule, layer, t) / 2)
        both = cell(planes(flat), planes(flat)) | cell(planes(flat), less, B)
        assert ch05.summary(both)["excess"] == pytest.approx(3.5 / 2)

    def test_one_seed_has_no_spread(self):
        found = ch05.summary(cell(planes(flat, seeds=1), planes(flat, seeds=1)))
        assert found["between_seeds"] == "not known from one seed"

    def test_phases_of_the_large_one_under_the_previous_rule_and_all_others(self):
        names = ["phase_least", "phase_most", "small_phases", "small_proposed", "large_phases"]

        def told(found):
            return [found[name] for name in names]

        here = cell(planes(flat), planes(falling))
        assert told(ch05.summary(here)) == pytest.approx([1, 1, 0, 0, 0.2], abs=0.01)
        swapped = cell(planes(falling), planes(flat), B)
        assert told(ch05.summary(swapped)) == pytest.approx([0, 0, 1, 0.2, 0], abs=0.01)
        both = ch05.summary(here | swapped)
        assert told(both) == pytest.approx([0, 1, 1, 0.2, 0.2], abs=0.01)

    def test_a_fall_before_the_fitting_is_no_phase(self):
        def falls_early(_rule, _layer, t):
            return 3 - np.clip(t / 0.3, 0, 1)

        found = ch05.summary(cell(planes(flat), planes(falls_early)))
        assert found["phase_most"] == pytest.approx(0)

    def test_correlations_are_means_over_layers_and_sizes(self):
        def rule_turns(rule, _layer, t):
            return t if rule == "previous" else -t

        found = ch05.summary(cell(planes(rule_turns), planes(rule_turns, seeds=1)))
        assert found["follows_previous"] == pytest.approx(1)
        assert found["follows_proposed"] == pytest.approx(-1)
        against = planes(rule_turns, variance=lambda _layer, t: -t)
        mixed = ch05.summary(cell(planes(rule_turns), against))
        assert mixed["follows_previous"] == pytest.approx(0)

    def test_the_fall_of_a_variance_is_a_share_of_its_maximum(self):
        def rises_and_falls(layer, t):
            fall = {"E3": 0.6, "D1": 0.4, OUTPUT: 0.9}.get(layer, 0)
            return np.where(t < 0.5, 2 * t, 1 - fall * (2 * t - 1))

        found = ch05.summary(cell(planes(flat), planes(flat, variance=rises_and_falls)))
        assert found["variance_fall"] == pytest.approx(0.6, abs=0.01)


RISE, FALL = np.array([0.0, 2.0, 4.0, 4.0]), np.array([0.0, 4.0, 3.0, 2.0])


class TestInTruth:
    """Cells whose large bottleneck falls by 2 of 4 bits by one rule, and in truth never."""

    def planes_of(self, look):
        inputs = RISE if look != "previous" else FALL
        coords = {"seed": [3, 4], "iteration": [0, 1, 2, 3], "layer": LAYERS}
        shape = xr.DataArray(np.ones((2, 4, 9)), coords)
        values = shape * xr.DataArray(inputs, dims="iteration")
        plane = xr.Dataset(
            {"input_mi": values, "output_mi": values, "unit": 4.0, "fitted": shape > 0}
        )
        return Planes(plane.assign(input_mi=shape * 4.0), plane)

    @pytest.fixture
    def cells(self):
        return {"a cell": SimpleNamespace(planes=self.planes_of)}

    def test_the_fall_is_a_share_of_the_whole_and_the_median_leaves_out_the_last_layer(self, cells):
        table = ch05.phases_in_truth(cells)
        # means of three records: 2, 7/3, 3 and 2.5 bits of 4
        assert table.loc["previous"].tolist() == [0.125, 0.125]
        assert table.loc["in truth, one level"].tolist() == [0.0, 0.0]
        assert len(table) == 6
        plane = self.planes_of("previous").large
        up = plane.assign(input_mi=plane.input_mi.where(plane.layer.isin(["E1", "E2", "D3"]), 1.0))
        few = {"a cell": SimpleNamespace(planes=lambda _look: Planes(plane, up))}
        # four of six layers do not fall; with the last one it were three of seven
        assert ch05.phases_in_truth(few).loc["previous"].tolist() == [0.0, 0.125]

    def test_falls_of_several_cells(self):
        rows = ["previous", "proposed", "in truth, one level", "in truth, total deviation"]
        falls = {"a": [0.5, 0.0, 0.4, 0.01], "b": [0.3, 0.02, 0.6, 0.0]}
        table = pd.DataFrame(
            {(cell, "median layer"): column for cell, column in falls.items()}
            | {(cell, "worst layer"): [9.0] * 4 for cell in falls},
            index=rows,
        )
        table.loc["in truth, total deviation", ("b", "worst layer")] = 0.1
        expected = {"previous": 0.3, "one": 0.4, "proposed": 0.02, "total": 0.01}
        expected |= {"worst_least": 0.1, "worst_most": 9.0, "visible": 1 / 40}
        assert ch05.falls(table) == expected

    def test_a_rule_is_as_near_as_its_values_are(self, cells):
        table = ch05.nearness(cells)
        assert table.loc["proposed", ("one level", "distance")] == 0
        # (0 + 2 + 1 + 2) / 4 bits of 4, of the large one alone
        assert table.loc["previous", ("one level", "distance")] == pytest.approx(5 / 32)
        assert table.loc["proposed", ("one level", "course")] == pytest.approx(0.5)
        assert table.loc["previous", ("one level", "course")] < 0.5
        told = ch05.courses(table)
        assert told["other"] == told["free"] == pytest.approx(0.5)
        assert told["previous"] == told["against"] < 0.5
        assert (told["units"], told["units_apart"], told["apart"]) == (pytest.approx(0.5), 0, 0)

    def test_how_far_ends_in_truth_are_from_the_theory(self):
        def of(look):
            plane = self.planes_of(look).large
            steps = xr.where(plane.layer == "Z", 1.0, xr.where(plane.layer == "D3", -1.0, 0.0))
            bent = plane.assign(input_mi=plane.input_mi + steps)
            return Planes(plane, bent)

        table = ch05.broken_in_truth({"a cell": SimpleNamespace(planes=of)})
        assert table.columns.tolist() == [("a cell", "small K"), ("a cell", "large K")]
        assert set(table["a cell", "small K"]) == {0.0}
        # of 4 bits: from T₃ᴱ to Z, and from T₃ᴰ to X′; and T₃ᴰ is above the bisector
        assert table["a cell", "large K"].tolist() == [0.25] * 6

    def test_rows_are_cells_and_sizes_and_columns_ways_to_look(self, cells):
        rows = ch05.in_truth_and_by_rule(cells, (2, 32))
        assert list(rows) == ["a cell, K = 2", "a cell, K = 32"]
        assert list(rows["a cell, K = 2"]) == list(ch05.SHOWN.values())
        assert float(rows["a cell, K = 2"]["proposed rule"].input_mi.min()) == 4


def test_scans_are_held_against_the_plane_of_the_same_batches():
    """Under γ = 1 the scan is the recorded plane itself, under γ = 2 its tenth, upside down."""
    coords = {"iteration": [0, 1, 2, 3], "layer": LAYERS, "batch": [0, 1, 2]}
    t = xr.DataArray([0.0, 1.0, 2.0, 4.0], {"iteration": coords["iteration"]})
    shape = xr.DataArray(np.ones((9, 3)), coords={k: coords[k] for k in ("layer", "batch")})
    recorded = t * shape
    recorded.loc[{"batch": 2}] = 9.0  # not among the scanned batches
    gammas = xr.concat([recorded, 0.1 * (4 - recorded)], dim="gamma")
    scanned = gammas.isel(batch=[0, 1]).rename(batch="scan_batch").assign_coords(gamma=[1, 2])
    scanned = scanned.where(scanned.iteration != 2)  # an iteration without a scan
    orders = recorded.expand_dims(alpha=[1.0, 1.01]).isel(batch=[0, 1])
    orders = (orders + 0.03 * (orders.alpha > 1)).rename(batch="scan_batch")
    axes, quantities = ("input_mi", "output_mi"), ("input_mi", "output_mi", "entropy")
    run = xr.Dataset(
        {name: recorded.expand_dims(estimator=["proposed"]) for name in axes}
        | {f"{name}_by_gamma": scanned for name in quantities}
        | {f"{name}_by_alpha": orders for name in quantities}
    )
    found = ch05.measure_scans(run)
    np.testing.assert_allclose(found.likeness, [1, -1])
    assert float(found.visible) == pytest.approx(ch05.VISIBLE / 4)
    assert float(found.order_difference) == pytest.approx(0.03)


def test_values_of_gamma_are_counted_by_what_is_visible_at_the_papers():
    small = xr.Dataset(
        {"compression": ("gamma", [0.1, 0.02, 0.03]), "visible": 0.025}, {"gamma": [1, 2, 3]}
    )
    large = xr.Dataset(
        {"phase": ("gamma", [0.0, 0.025, 0.1]), "visible": 0.025}, {"gamma": [1, 2, 3]}
    )
    assert ch05.what_gamma_shows(small, large) == {"values": 3, "compress": 2, "no_phase": 2}


class TestRecordingErrors:
    def of(self, path, smoothed=None):
        """Iterations 1 to 100, of which 1, 10 and 100 are recorded."""
        iteration = np.arange(1, 101)
        values = xr.DataArray(path(iteration), {"iteration": iteration}, ("iteration",))
        layers = xr.DataArray(np.ones(9), {"layer": LAYERS}, ("layer",))
        every = xr.Dataset(dict.fromkeys(("input_mi", "output_mi"), values * layers))
        return ch05.recording_errors(
            every, every + (smoothed or 0), every.sel(iteration=[1, 10, 100])
        )

    def test_a_path_that_is_straight_in_log_time_is_kept_whole(self):
        found = self.of(np.log)
        assert found["records"] == 3
        assert found["missed"] == pytest.approx(0, abs=1e-12)
        assert found["blurred"] == 0

    def test_what_happens_between_two_records_is_missed(self):
        found = self.of(lambda i: 1.0 * (i == 50))
        assert found["missed"] == 1
        assert found["missed_mean"] == pytest.approx(1 / 100)

    def test_a_window_that_moves_the_path_blurs(self):
        assert self.of(np.log, smoothed=0.3)["blurred"] == pytest.approx(0.3)


def test_an_untrained_decoder_is_told_layer_by_layer():
    number = xr.DataArray(np.arange(len(LAYERS)), {"layer": LAYERS}, ("layer",)).astype(float)
    rules = xr.DataArray([0.0, 10.0, 20.0], {"estimator": [*RULES, "scale-free"]}, ("estimator",))
    batch = xr.DataArray([-0.5, 0.5], dims="batch")
    untrained = xr.Dataset({"input_mi": rules + number + batch, "variance": number + batch})
    table = ch05.untrained_decoder(untrained, xr.Dataset({"input_mi": 8 - number / 2}))
    assert table.index.tolist() == ["Z", "D1", "D2", "D3"]
    d3 = table.loc["D3"]
    assert d3.to_dict() == {
        "variance": 7, "proposed": 17, "scale-free": 27, "in truth": 4.5, "share": 4.5 / 8
    }  # fmt: skip


FALLS = {"previous": 1.0, "proposed": 0.2, "variance held": 0.1, "√d only": 0.5, "(29) only": 0}
APART = {"previous": 2, "proposed": -0.4, "variance held": 2, "√d only": -1, "(29) only": 1}


class TestSteps:
    """A network whose layers fall by a bit of 4 by some rules, T₃ᴰ and Z apart by others."""

    def run(self, seed):
        coords = {"iteration": [0, 1, 2, 3], "layer": LAYERS, "batch": [0, 1, 2]}
        shape = xr.DataArray(np.ones((4, 9, 3)), coords)

        def of(names, dim):
            time = xr.DataArray([0.0, 0.0, 0.0, 1.0], dims="iteration")
            planes = [shape * 3 - FALLS[n] * time + APART[n] * (shape.layer == "D3") for n in names]
            whole = xr.concat(planes, dim).assign_coords({dim: list(names)})
            # the last batch is not among those with variants
            return whole.where(whole.batch < 2, 9.0)

        names = list(FALLS)
        variants = of(names[2:], "variant").isel(batch=[0, 1]).rename(batch="scan_batch")
        rules = of(names[:2], "estimator")
        quantities = {"input_mi": 0, "output_mi": 0, "entropy": 1}
        return xr.Dataset(
            {name: rules * (1 - e) + 4 * e for name, e in quantities.items()}
            | {f"{name}_by_variant": variants * (1 - e) + 4 * e for name, e in quantities.items()}
            | {"test_error": ("iteration", [0.1, 0.1, 0.02, 0.02])},
            attrs={"seed": seed},
        )

    @pytest.fixture
    def cells(self):
        runs = [self.run(seed) for seed in (3, 4)]
        return {A: Runs(runs, runs, [], 0.1)}

    def test_falls_and_order_of_every_step(self, cells):
        table = ch05.one_step_at_a_time(cells)
        falls = [0.25, 0.125, 0, 0.05, 0.025]
        np.testing.assert_allclose(table[A, "fall"], falls, atol=1e-12)
        np.testing.assert_allclose(table[A, "T₃ᴰ less Z"], [0.5, -0.25, 0.25, -0.1, 0.5])
        told = ch05.told_of_steps(table, cells)
        assert told == pytest.approx(
            {"networks": 2, "held": 0.025, "root": 0.125, "both": 0.05, "above": 0.25, "below": 0.1}
        )

    def test_the_ledger_decides_about_the_same_numbers(self, cells):
        table = ch05.one_step_at_a_time(cells)
        small, large = cells[A].scans("variant")[0]
        fall, above = table[A, "fall"], table[A, "T₃ᴰ less Z"]
        assert float(criteria.variance_is_the_cause.statistic(small, large)) == pytest.approx(
            fall.iloc[0] - 2 * fall.iloc[4]
        )
        assert float(criteria.dimensions_are_the_cause.statistic(small, large)) == pytest.approx(
            above.iloc[0] - 2 * above.iloc[1]
        )


def test_layers_are_held_against_the_self_information_and_against_the_bound():
    """T₁ᴱ has 3 bits of its entropy of 4, where X has 2 of itself and an entropy of 6."""
    plane = planes(lambda _rule, layer, _t: {INPUT: 2.0, "E1": 3.0}.get(layer, 1.0), seeds=1)
    entropy = xr.where(plane.layer == INPUT, 6.0, 4.0) + 0 * plane.input_mi
    calm = plane.assign(entropy=entropy, input_mi=plane.input_mi.mean("batch") + 0 * plane.batch)
    table = ch05.against_bounds({(A, "K = 2"): calm})
    assert table["previous", A, "K = 2"].tolist() == [1.5, 0.75]
    assert ch05.told_of_bounds(table) == {"least": 1.5, "most": 1.5, "bound": 0.75}


def test_the_least_correlation_is_that_of_the_large_bottleneck():
    late = {
        (way, size): xr.DataArray([[a, 1.0]], dims=("seed", "layer"))
        for way, sizes in ((A, {"K = 2": -1.0, "K = 32": 0.2}), (B, {"K = 2": -1.0, "K = 32": 0.9}))
        for size, a in sizes.items()
    }
    assert ch05.least_correlations(late) == {"first": 0.2, "second": 0.9}
