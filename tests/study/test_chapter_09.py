"""What chapter 9 sums up, on made-up costs and planes; and what it says of the real ones."""

import numpy as np
import pytest
import xarray as xr

from ipae_lib import theory
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study import large
from study.chapters import ch09
from study.costs import measuring, truth

LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]


def plane(samples=(60, 120, 240), **values):
    """A plane in which every layer has 2 bits, but where ``values`` say something else.

    ``E1=(1, 2)`` is the input MI of a layer with the fewest samples and its change at each step.
    """
    shape = len(samples), len(LAYERS)
    input_mi, output_mi = np.full(shape, 2.0), np.full(shape, 2.0)
    for layer, (start, step) in values.items():
        input_mi[:, LAYERS.index(layer)] = start + step * np.arange(len(samples))
    output_mi[:, -1] = np.nan
    dims, coords = ("n", "layer"), {"n": list(samples), "layer": LAYERS}
    made = xr.Dataset({"input_mi": (dims, input_mi), "output_mi": (dims, output_mi)}, coords)
    for name in ("input_mi", "output_mi"):
        made[f"{name}_standard_error"] = xr.full_like(made[name], 0.01)
        made[f"{name}_quadrature_error"] = xr.full_like(made[name], 0.1)
    return made


def test_costs_of_a_checkpoint():
    part = {
        "seconds": {"loop": {"median": 6.0}, "once": {"median": 4.0}, "record": {"median": 2.0}},
        "decompositions": {"loop": 540, "once": 540, "record": 240},
        "ratio": {
            "loop / record": {"median": 3.0, "least": 2.5, "most": 9.0},
            "once / record": {"median": 2.0, "least": 1.0, "most": 3.0},
            "loop / first_record": {"median": 1.0, "least": 1.0, "most": 1.0},
        },
    }
    table = ch09.checkpoint_costs({"precisions": {"float64": part}})
    assert table.loc["float64"].index.tolist() == [
        "our loop",
        "our loop, as repitl",
        "InformationPlane",
    ]
    assert table.seconds.tolist() == [6, 4, 2]
    assert table.decompositions.tolist() == [540, 540, 240]
    assert table.decompositions.dtype.kind == "i"
    assert table["as long"].tolist() == [3, 2, 1]
    assert table.least.tolist() == [2.5, 1, 1]
    assert table.most.tolist() == [9, 3, 1]


def test_costs_of_recording():
    whole = {
        "updates": 60_000,
        "records": 200,
        "training_seconds": 600.0,
        "recording_seconds": {"float64": 1200.0, "float32": 300.0},
    }
    table = ch09.recording_costs({"extrapolated": whole})
    assert table.minutes.to_dict() == {
        "60,000 updates": 10,
        "200 records in float32": 5,
        "200 records in float64": 20,
    }
    assert table.share.tolist() == [1, 0.5, 2]


def of_truth():
    """A cost of the exact plane as it is stored."""
    spread = dict(zip(("median", "least", "most"), (4.0, 3.0, 6.0), strict=True))
    ratio = dict(zip(("median", "least", "most"), (1.2, 1.1, 1.8), strict=True))
    truths = [
        {"times_a_record": ratio | {"most": most}, "largest_error_bits": error}
        for most, error in ((1.8, 0.03), (2.5, 0.04))
    ]
    rows = [{}, *truths]
    names = [truth.RECORD, *truth.TRUTHS]
    return {
        "rows": [
            {"what": name, "threads": 1, "seconds": spread} | row
            for name, row in zip(names, rows, strict=True)
        ],
        "many": {
            "seconds": spread | {"most": 90.0},
            "largest_error_bits": 0.045,
            "peak_bytes": 1_500_000_000,
        },
    }


def test_costs_of_the_truth():
    table = ch09.truth_costs(of_truth())
    assert table.index.tolist() == [(1, name) for name in (truth.RECORD, *truth.TRUTHS)]
    assert table.seconds.tolist() == [4, 4, 4]
    assert table["times a record"].tolist() == [1, 1.2, 1.2]
    assert table.least.tolist() == [1, 1.1, 1.1]
    assert table.most.tolist() == [1, 1.8, 2.5]
    np.testing.assert_array_equal(table["largest error"], [np.nan, 0.03, 0.04])


def test_goals_of_the_truth_are_held_against_the_worst():
    table = ch09.truth_goals(of_truth())
    assert table["at most"].tolist() == [0.05, 2, 10, 4]
    assert table.found.tolist() == [0.045, 2.5, 1.5, 1.5]


@pytest.mark.parametrize(("load", "told"), [(1.94, "load 1.9 before"), (None, "load not told")])
def test_the_machine_of_a_cost(load, told):
    cost = {"device": "CPU, a", "cores": 4, "threads": 2, "load_before": load}
    found = ch09.machine(cost | {"date": "2026-11-26T21:58:49+00:00"})
    assert found == f"CPU, a; 4 cores, 2 threads; {told}; made 2026-11-26"


def test_costs_of_methods():
    row = {"bits": 4.0, "error_bar": 0.1, "seconds": 161.6, "times_faster": 0.6, "difference": 0}
    table = ch09.method_costs({"methods": {"exact": row}})
    assert table.loc["exact"].to_dict() == {
        "bits": 4,
        "error bar": 0.1,
        "seconds": 161.6,
        "times faster": 1,
    }


def test_shares_of_the_time_of_methods():
    seconds = {"exact, float64": 100.0, "exact, float32": 50.0, "stochastic, float32": 5.0}
    cost = {"methods": {name: {"seconds": taken} for name, taken in seconds.items()}}
    assert ch09.method_shares(cost) == {"single": 0.5, "probes": 0.1}


def test_one_estimate():
    made = plane((60,), Z=(3.0, 0)).expand_dims(iteration=[5], estimator=["proposed"])
    made = made.assign_attrs(seconds=90, peak_memory="2.3 GiB")
    assert ch09.one_estimate(made) == {
        "n": 60,
        "bits": 3.0,
        "bar": pytest.approx(0.12),
        "standard_error": 0.01,
        "minutes": 1.5,
        "memory": "2.3 GiB",
    }


def test_resolution_of_gaussians():
    values = [[0.6, 0.5, 0.8], [0.3, 0.4, 0.7]]
    coords = {"n": [60, 120], "rho": [0.0, 0.5, 0.9]}
    table = ch09.gaussian_resolution(xr.Dataset({"mi": (("n", "rho"), values)}, coords))
    assert table.index.tolist() == [60, 120]
    assert table.independent.tolist() == [0.6, 0.3]
    assert table.dependent.tolist() == [0.8, 0.7]
    np.testing.assert_allclose(table.resolution, [0.3, 0.4])


def test_changes_run_from_the_fewest_to_the_most_samples():
    results = {("proposed", 2): plane(E1=(3, -0.5), X=(4, 0.25)), ("previous", 32): plane((60, 90))}
    table = ch09.changes(results)
    assert table.index.tolist() == [("proposed", 2), ("previous", 32)]
    assert table.columns.tolist() == ["M", "T₁ᴱ", "T₂ᴱ", "T₃ᴱ", "Z", "T₁ᴰ", "T₂ᴰ", "T₃ᴰ"]
    assert table.iloc[0].tolist() == [0.5, -1, 0, 0, 0, 0, 0, 0]
    assert table.iloc[1].tolist() == [0] * 8


def test_the_largest_change_is_of_hidden_layers_on_either_axis():
    still, moved = plane(X=(4, 9)), plane(E1=(3, -0.5))
    assert ch09.largest_change([still]) == 0
    assert ch09.largest_change([still, moved]) == 1
    other = moved.copy(deep=True)
    other.output_mi.loc[{"layer": "D2", "n": 240}] = 3.5
    assert ch09.largest_change([still, other]) == 1.5


def test_violations_are_those_of_the_first_and_last_number_of_samples():
    results = {("proposed", 2): plane(Z=(2, 0.25), X=(4, 0))}
    table = ch09.violations(results)
    assert table.index.tolist() == [("proposed", 2, 60), ("proposed", 2, 240)]
    assert table["rises of I(X;T)"].tolist() == [0, 0.5]
    assert table["spread of I(T;X′)"].tolist() == [0, 0]
    assert table["outside the triangle"].tolist() == [0, 0]
    assert table["largest bar"].tolist() == pytest.approx([0.12, 0.12])
    # below M, and left of the bisector
    outside = ch09.violations({("proposed", 2): plane(Z=(1, 0), X=(4, 0))})
    np.testing.assert_allclose(outside["outside the triangle"], np.sqrt(0.5))


def path(offset):
    """A path in which twice the samples add so many bits to every input MI."""
    course = [4.0, 3.0, 1.0, 2.0, 5.0]
    iterations = [0, 1, 2, 4, 8]
    states = [plane((60, 120), **dict.fromkeys(HIDDEN_LAYERS, (c, offset))) for c in course]
    return xr.concat(states, "iteration").assign_coords(iteration=iterations)


def test_paths_that_are_shifted_rank_alike():
    found = ch09.path_agreement([path(0.5), path(-0.25)])
    # half of what is compared, the output MI, is the same
    assert found["shift"] == pytest.approx((0.25 + 0.125) / 2)
    assert found["rank"] == pytest.approx(1)


def test_the_least_rank_correlation_is_told():
    turned = path(0.0)
    first, last = {"n": 120, "layer": "D1"}, {"n": 60, "layer": "D1"}
    turned.input_mi.loc[first] = -turned.input_mi.sel(last).values
    assert ch09.path_agreement([path(0.0), turned])["rank"] == pytest.approx(-1)


@pytest.mark.parametrize(("start", "fall"), [(0, 2.0), (1, 2.0), (2, 0.0)])
def test_the_largest_fall_from_an_iteration_on(start, fall):
    assert ch09.largest_fall(path(0.0), start) == fall


@pytest.fixture(scope="module")
def ends():
    names = {"previous": "previous", "proposed": "end"}
    return {
        (rule, k): large.stored(f"{name}-K{k:02d}").isel(iteration=0, estimator=0)
        for rule, name in names.items()
        for k in (2, 32)
    }


class TestStored:
    """What the chapter says in words holds for what is stored."""

    def test_recording_adds_less_than_the_training_but_for_three_rules_in_double_precision(self):
        share = ch09.recording_costs(measuring.load("recording")).share
        assert share["200 records in float32"] < 1 < share["200 records in float64"]
        assert share["200 records in float64, two rules"] < 1

    def test_our_loop_as_repitl_is_slower_than_the_plain_one(self):
        table = ch09.checkpoint_costs(measuring.load("checkpoint"))
        for _, part in table.groupby(level=0):
            seconds = part.droplevel(0).seconds
            assert seconds["our loop, as repitl"] > seconds["our loop"]

    def test_the_truth_meets_its_goals(self):
        table = ch09.truth_goals(measuring.load("truth"))
        assert bool((table.found <= table["at most"]).all())

    def test_errors_of_stored_truths_above_the_goal_are_few_and_of_one_unit(self):
        found = ch09.stored_errors()
        assert found["sizes"] == [1]
        assert found["above"] < found["number"] / 10_000
        assert found["largest"] < 0.1

    def test_the_bar_of_all_images_is_wider_than_what_the_chapter_compares(self, ends):
        bar = ch09.one_estimate(large.stored("all-K32"))["bar"]
        moved = ch09.changes(ends).loc["proposed"].drop(columns="M")
        assert float((abs(moved) < bar).mean().mean()) > 0.5

    @pytest.mark.parametrize("name", ["many_samples", "many_samples-cuda"])
    def test_the_stochastic_method_is_within_its_bar_and_the_quickest_of_one_quantity(self, name):
        table = ch09.method_costs(measuring.load(name))
        exact, quick = table.loc["exact, float32"], table.loc["stochastic, float32"]
        assert abs(exact.bits - quick.bits) < quick["error bar"]
        assert table.seconds["stochastic, float32"] < exact.seconds / 5
        assert exact.seconds < table.seconds["exact, float64"]

    def test_the_bar_of_all_images_is_mostly_the_bound(self):
        whole = ch09.one_estimate(large.stored("all-K32"))
        assert whole["n"] == 60_000
        assert 2 * whole["standard_error"] < whole["bar"] / 10

    def test_gaussians_resolve_more_by_falling(self):
        table = ch09.gaussian_resolution(large.stored("gaussians"))
        assert table.resolution.is_monotonic_increasing
        assert table.independent.is_monotonic_decreasing
        assert table.dependent.is_monotonic_decreasing

    def test_what_rises_and_falls_with_the_samples(self, ends):
        table = ch09.changes(ends)
        falls = table.loc["proposed"] < 0
        assert bool(falls.loc[32].all())
        assert falls.columns[~falls.loc[2]].tolist() == ["Z"]
        previous = table.loc["previous"]
        assert bool((previous.M > 0.5).all())
        assert previous.loc[2, "Z"] > 0.4
        others = previous.drop(columns=["M", "Z"])
        assert float(abs(others).max().max()) < 0.25

    def test_violations_shrink_for_the_large_bottleneck_and_grow_for_the_small(self, ends):
        table = ch09.violations(ends)[list(ch09.TESTS)]
        for (rule, k), (few, many) in (
            table.groupby(["rule", "K"]).apply(lambda of: (of.iloc[0], of.iloc[1])).items()
        ):
            if rule == "proposed":
                assert bool(((many < few) if k == 32 else (many > few)).all())
            else:
                assert many["rises of I(X;T)"] > few["rises of I(X;T)"]
                change = many["spread of I(T;X′)"] - few["spread of I(T;X′)"]
                assert change < -0.1 if k == 2 else abs(change) < 0.1

    def test_violations_of_the_large_bottleneck_shrink_at_each_step(self, ends):
        check = theory.check_plane(ends["proposed", 32])
        for test in ch09.TESTS.values():
            assert bool((check[test].diff("n") < 0).all()), test

    def test_changes_are_about_as_large_as_the_bars(self, ends):
        table = ch09.violations(ends).loc["proposed", 32]
        changes = abs(table.iloc[1] - table.iloc[0])[list(ch09.TESTS)]
        bar = table["largest bar"].iloc[1]
        assert bool(changes.between(0.8 * bar, 1.6 * bar).all())

    def test_batches_differ_less_than_the_changes_and_networks_more_than_batches(self, ends):
        spread = ch09.chance((2, 32), ("previous", "proposed")).sort_index()
        table = ch09.violations(ends)[list(ch09.TESTS)]
        assert float(spread.xs("batches", level="between").max().max()) < 0.06
        for k in (2, 32):
            few, many = (table.loc["proposed", k].iloc[i] for i in (0, 1))
            assert bool((abs(many - few) > 3 * spread.loc["proposed", k, "batches"]).all())
            differ = spread.loc["proposed", k]
            assert bool((differ.loc["networks"] >= differ.loc["batches"] - 0.001).all())

    def test_no_layer_of_the_large_bottleneck_falls_late(self):
        late = large.stored("path-K32").sel(estimator="proposed")
        assert ch09.largest_fall(late, start=4000) == 0
        assert ch09.largest_fall(late, start=0) > 1

    def test_compression_flattens_between_the_same_sizes(self):
        curves = {}
        for k in large.TRANSITION:
            inputs = large.stored(f"size-K{k:02d}").isel(iteration=0, estimator=0).input_mi
            curves[k] = (inputs.sel(layer="E1") - inputs.sel(layer="E3")).values
        assert bool((curves[2] > 2.5 * curves[8]).all())
        flat = np.stack([curves[k] for k in (8, 13, 32)])
        assert float(np.ptp(flat, axis=0).max()) < 0.1
