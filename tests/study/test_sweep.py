"""A sweep over bottleneck sizes: ends of runs, their errors, and where a curve stops changing."""

import json

import numpy as np
import pytest
import xarray as xr

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import QUANTITIES
from study import sweep

SIZES = np.array([2, 4, 6, 8, 10, 13, 16, 24, 32, 64])
OCTAVES = np.log2(SIZES)
LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]


def result(size, seed=0, batches=3, records=2, name=None):
    """A run's result with numbers that tell where they come from."""
    shape = (3, records, 2, len(LAYERS), batches)
    values = np.arange(np.prod(shape), dtype=float).reshape(shape) / 1000 + size + 100 * seed
    dims = ("iteration", "estimator", "layer", "batch")
    return xr.Dataset(
        {
            **{name: (dims, each) for name, each in zip(QUANTITIES, values, strict=True)},
            "test_error": ("iteration", np.linspace(1, 1 / size, records)),
        },
        coords={
            "estimator": ["previous", "proposed"],
            "layer": LAYERS,
            "iteration": np.arange(records),
            "batch": np.arange(batches),
        },
        attrs={
            "configuration": json.dumps(
                {
                    "name": name or f"K{size}-seed{seed}",
                    "bottleneck_size": int(size),
                    "seed": seed,
                }
            )
        },
    )


def curve_with_noise(curve, random, networks=None, between=0.02, batches=10):
    """Estimates (bottleneck_size, seed, batch) around a curve: networks and batches differ."""
    networks = networks or dict.fromkeys(SIZES, 2)
    seeds = max(networks.values())
    values = np.full((len(SIZES), seeds, batches), np.nan)
    images = random.normal(0, 0.03, batches)
    for row, size in enumerate(SIZES):
        for seed in range(networks.get(size, 1)):
            noise = random.normal(0, between) + random.normal(0, 0.01, batches)
            values[row, seed] = curve[row] + images + noise
    return as_values(values)


def as_values(values, sizes=SIZES):
    return xr.DataArray(
        values,
        dims=("bottleneck_size", "seed", "batch"),
        coords={"bottleneck_size": sizes, "seed": np.arange(values.shape[1])},
    )


def exact(curve, sizes=SIZES):
    """The curve itself, known without error."""
    return as_values(np.broadcast_to(np.asarray(curve)[:, None, None], (len(curve), 1, 3)), sizes)


class TestEnds:
    def test_the_last_record_of_every_run_by_size_and_seed(self):
        ends = sweep.final_records([result(8), result(2, 1), result(2)])
        assert set(ends) == {"input_mi", "output_mi", "entropy", "test_error"}
        assert ends.input_mi.dims == ("bottleneck_size", "estimator", "layer", "seed", "batch")
        assert ends.bottleneck_size.values.tolist() == [2, 8]
        for size, seed in ((2, 0), (2, 1), (8, 0)):
            last = result(size, seed).isel(iteration=-1)
            for name in QUANTITIES:
                np.testing.assert_array_equal(
                    ends[name].sel(bottleneck_size=size, seed=seed), last[name]
                )

    def test_a_seed_that_a_size_lacks_is_missing_and_no_zero(self):
        ends = sweep.final_records([result(2), result(2, 1), result(8)])
        assert bool(ends.sel(bottleneck_size=8, seed=1).isnull().all().to_array().all())
        assert int(ends.input_mi.isnull().sum()) == 2 * 9 * 3
        assert int(ends.test_error.isnull().sum()) == 1

    def test_runs_of_different_lengths_are_compared_at_their_ends(self):
        ends = sweep.final_records([result(2, records=5), result(8, records=1)])
        assert not bool(ends.isnull().any().to_array().any())

    def test_errors_at_the_end(self):
        errors = sweep.final_records([result(4), result(2), result(2, 1)]).test_error
        assert errors.dims == ("bottleneck_size", "seed")
        np.testing.assert_allclose(errors, [[1 / 2, 1 / 2], [1 / 4, np.nan]])

    def test_what_cannot_be_compared_is_refused(self):
        with pytest.raises(ValueError, match="results is empty"):
            sweep.final_records([])
        with pytest.raises(ValueError, match=r"two runs with K = 2 and seed 0.*second is again"):
            sweep.final_records([result(2), result(2, name="again")])
        with pytest.raises(ValueError, match="results holds K2-seed0, which has no output_mi"):
            sweep.final_records([result(2).drop_vars("output_mi")])
        with pytest.raises(ValueError, match="batch"):
            sweep.final_records([result(2), result(4, batches=5)])

    @pytest.mark.parametrize(("sizes", "critical"), [((2, 13, 64), 13), ((2, 8, 32), 32)])
    def test_the_critical_size_is_that_of_the_paper_or_the_next(self, sizes, critical):
        assert sweep.critical_size(sweep.final_records(map(result, sizes))) == critical

    def test_a_sweep_that_does_not_reach_it_has_none(self):
        with pytest.raises(ValueError, match=r"sizes \[2, 8\]; none reaches the paper's 13"):
            sweep.critical_size(sweep.final_records([result(2), result(8)]))


def test_compression_and_gap_are_differences_of_what_is_recorded():
    ends = sweep.final_records([result(2), result(4, 1)])
    chosen = {"bottleneck_size": 2, "seed": 0, "estimator": "proposed"}
    there = ends.sel(chosen)
    for layer in ("E3", "Z"):
        expected = there.input_mi.sel(layer="E1") - there.input_mi.sel(layer=layer)
        np.testing.assert_array_equal(sweep.compression(ends, layer).sel(chosen), expected)
    at = there.sel(layer="D2")
    np.testing.assert_array_equal(
        sweep.gap(ends).sel(chosen | {"layer": "D2"}), at.input_mi - at.output_mi
    )


class TestReplicates:
    def test_each_size_counts_its_own_networks(self):
        values = as_values(np.array([[[1.0, 3], [np.nan, np.nan]], [[2, 4], [6, 8]]]), [2, 4])
        np.testing.assert_allclose(sweep.mean(values), [2, 5])

    def test_spread_between_networks_is_unbiased_whoever_lends_it(self):
        random = np.random.default_rng(0)
        true = 0.3
        networks = random.normal(0, true, (200, 3))
        networks[::2, 1:] = np.nan  # half of the sizes have one network
        values = as_values(np.repeat(networks[:, :, None], 4, axis=2), np.arange(1, 201))
        spread, freedom = sweep.spread_of_networks(values)
        assert set(freedom.values.tolist()) == {4}
        assert float((spread**2).mean()) == pytest.approx(true**2, rel=0.15)

    def test_the_spread_is_that_of_the_nearest_sizes(self):
        values = np.full((len(SIZES), 3, 4), np.nan)
        values[:, 0] = 0
        for size, deviation in {2: 0.5, 8: 0.1, 13: 0.1, 32: 0.01}.items():
            values[list(SIZES).index(size)] = np.array([-1, 0, 1])[:, None] * deviation
        spread, freedom = sweep.spread_of_networks(as_values(values))
        assert set(freedom.values.tolist()) == {4}
        donors = {2: (2, 8), 4: (2, 8), 6: (8, 13), 10: (13, 8), 16: (13, 8), 24: (32, 13)}
        lent = {2: 0.5, 8: 0.1, 13: 0.1, 32: 0.01}
        for size, (a, b) in donors.items():
            expected = np.sqrt((lent[a] ** 2 + lent[b] ** 2) / 2)
            assert float(spread.sel(bottleneck_size=size)) == pytest.approx(expected)

    def test_with_one_network_a_size_the_spread_is_unknown(self):
        values = exact(np.ones(len(SIZES)))
        spread, freedom = sweep.spread_of_networks(values)
        assert not freedom.any()
        assert not spread.any()

    def test_batches_are_drawn_together_for_all_sizes(self):
        images = np.random.default_rng(0).normal(size=10)
        values = as_values(np.broadcast_to(images, (len(SIZES), 1, 10)) + OCTAVES[:, None, None])
        drawn = sweep.replicates(values)
        differences = drawn - drawn.isel(bottleneck_size=0)
        assert float(drawn.std("replicate").min()) > 0.2
        assert float(differences.std("replicate").max()) < 1e-12

    def test_the_error_of_batches_is_the_standard_error(self):
        values = as_values(np.random.default_rng(3).normal(size=(len(SIZES), 1, 10)))
        drawn = sweep.replicates(values, count=20_000)
        # of Student's distribution with 9 degrees of freedom
        expected = values.std("batch", ddof=1).isel(seed=0) / np.sqrt(10) * np.sqrt(9 / 7)
        np.testing.assert_allclose(drawn.std("replicate"), expected, rtol=0.03)
        np.testing.assert_allclose(drawn.mean("replicate"), sweep.mean(values), atol=0.01)

    def test_the_error_of_networks_shrinks_with_their_number(self):
        random = np.random.default_rng(5)
        values = curve_with_noise(0 * OCTAVES, random, {2: 8, 64: 2, 32: 8}, between=1.0)
        spread, freedom = sweep.spread_of_networks(values)
        error = sweep.replicates(values, 20_000).std("replicate")
        for size, networks, lent in ((2, 8, 7), (64, 2, 8), (10, 1, 7)):
            here = {"bottleneck_size": size}
            assert int(freedom.sel(here)) == lent
            # Student's distribution has the variance ν / (ν − 2)
            expected = float(spread.sel(here)) * np.sqrt(lent / (lent - 2) / networks)
            assert float(error.sel(here)) == pytest.approx(expected, rel=0.05)

    def test_other_dimensions_stay_and_numbers_are_reproducible(self):
        ends = sweep.final_records([result(2), result(2, 1), result(4)])[["input_mi", "output_mi"]]
        drawn = sweep.replicates(ends, count=7)
        assert drawn.sizes["replicate"] == 7
        assert {"estimator", "layer"} < set(drawn.input_mi.dims)
        xr.testing.assert_identical(drawn, sweep.replicates(ends, count=7))
        assert not drawn.equals(sweep.replicates(ends, count=7, seed=1))

    @pytest.mark.parametrize("networks", [{2: 3, 32: 3}, dict.fromkeys(SIZES, 2)])
    def test_an_interval_holds_the_truth_as_often_as_it_says(self, networks):
        random = np.random.default_rng(11)
        held = [
            (low.values <= 1) & (high.values >= 1)
            for _ in range(70)
            for values in [curve_with_noise(1 + 0 * OCTAVES, random, networks, between=0.05)]
            for low, high in [sweep.interval(values)[["low", "high"]].data_vars.values()]
        ]
        assert 0.9 < np.mean(held) < 0.99

    def test_layers_of_one_network_err_together(self):
        networks = np.random.default_rng(2).normal(size=(len(SIZES), 3))
        values = as_values(np.repeat(networks[:, :, None], 4, axis=2))
        both = xr.concat([values, 2 * values], dim="layer")
        drawn = sweep.replicates(both) - sweep.mean(both)
        assert float(drawn.isel(layer=0).std()) > 0.1
        np.testing.assert_allclose(drawn.isel(layer=1), 2 * drawn.isel(layer=0), atol=1e-12)

    def test_variables_of_one_network_err_together(self):
        values = curve_with_noise(OCTAVES, np.random.default_rng(2), between=0.5)
        drawn = sweep.replicates(xr.Dataset({"input_mi": values, "output_mi": 2 * values}))
        np.testing.assert_allclose(drawn.output_mi, 2 * drawn.input_mi, atol=1e-12)
        gap = sweep.interval(xr.Dataset({"input_mi": values + 3, "output_mi": values}), sweep.gap)
        np.testing.assert_allclose(gap.to_array(), 3)

    def test_a_statistic_has_an_interval_of_its_own(self):
        images = np.random.default_rng(0).normal(size=10)
        values = as_values(images + OCTAVES[:, None, None])
        change = sweep.interval(values, lambda v: v.isel(bottleneck_size=-1) - v[..., 0])
        np.testing.assert_allclose([float(change[name]) for name in change], 5)

    def test_an_interval_as_text(self):
        found = xr.Dataset({"mean": ("layer", [1.444, -0.35]), "low": 1.25, "high": 1.666})
        texts = [text.replace("\N{NBSP}", " ") for text in sweep.interval_text(found).values]
        assert texts == ["1.44 [1.25, 1.67]", "-0.35 [1.25, 1.67]"]
        # nothing that a line could break at
        assert sweep.interval_text(found, 0)[0] == "1\N{NBSP}[1,\N{NBSP}2]"

    def test_what_has_no_interval_is_refused(self):
        with pytest.raises(ValueError, match="values has one batch"):
            sweep.replicates(exact(OCTAVES).isel(batch=[0]))
        holes = exact(OCTAVES).copy()
        holes[3, 0, 1] = np.nan
        with pytest.raises(ValueError, match="NaN in some batches"):
            sweep.replicates(holes)
        holes[3] = np.nan
        with pytest.raises(ValueError, match="every network of a size"):
            sweep.replicates(holes)
        with pytest.raises(ValueError, match="level is 95"):
            sweep.interval(exact(OCTAVES), level=95)
        with pytest.raises(ValueError, match=r"statistic gives the variables \['input_mi'\]; it"):
            sweep.interval(xr.Dataset({"input_mi": exact(OCTAVES)}))


HINGE = 0.3 + 0.4 * np.clip(np.log2(13) - OCTAVES, 0, None)
CONVEX = 0.3 + 1.2 * np.exp(-(OCTAVES - 1) / 0.9)
ENDLESS = 1.5 - 0.2 * OCTAVES


class TestTransition:
    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_corner_is_where_it_is(self, sign):
        found = sweep.transition(exact(sign * HINGE), "hinge")
        assert found.size == pytest.approx(13, rel=0.01)
        assert found.low == found.size == found.high  # nothing varies
        assert found.change == pytest.approx(sign * (HINGE[-1] - HINGE[0]))

    @pytest.mark.parametrize("share", [0.5, 0.9])
    def test_a_share_of_the_change_is_interpolated_in_the_logarithm(self, share):
        # half of the change from K = 2 to 16 in steps of one octave, then constant
        sizes = np.array([2, 4, 8, 16, 32, 64])
        found = sweep.transition(exact([3, 2, 1, 0, 0, 0], sizes), "share", share)
        assert found.size == pytest.approx(2 ** (1 + 3 * share))

    @pytest.mark.parametrize(("share", "octave"), [(0.6, 2 + 2 / 3), (0.9, 4 + 2 / 3)])
    def test_a_network_out_of_order_is_averaged_with_its_neighbour(self, share, octave):
        # 2 and 4 become 3 and 3
        curve = exact([10, 6, 2, 4, 0, 0], np.array([2, 4, 8, 16, 32, 64]))
        assert sweep.transition(curve, share=share).size == pytest.approx(2**octave)

    @pytest.mark.parametrize("rule", ["share", "hinge"])
    @pytest.mark.parametrize("factor", [0.01, 1, 100])
    def test_neither_scale_nor_offset_matters(self, rule, factor):
        found = sweep.transition(exact(5 + factor * CONVEX), rule)
        assert found.size == pytest.approx(sweep.transition(exact(CONVEX), rule).size)

    # where there is no corner, the best broken line has one of several
    @pytest.mark.parametrize(
        ("rule", "curve"),
        [("share", HINGE), ("share", CONVEX), ("hinge", HINGE)],
        ids=["share of a corner", "share of a bend", "hinge of a corner"],
    )
    @pytest.mark.parametrize("networks", [{2: 3, 32: 3}, dict.fromkeys(SIZES, 2)])
    def test_the_interval_holds_the_truth(self, rule, curve, networks):
        truth = sweep.transition(exact(curve), rule).size
        random = np.random.default_rng(7)
        found = [
            sweep.transition(curve_with_noise(curve, random, networks), rule) for _ in range(30)
        ]
        held = np.mean([t.low <= truth <= t.high for t in found])
        assert held >= 0.8
        assert np.median([t.size for t in found]) == pytest.approx(truth, rel=0.15)
        assert all(t.changes for t in found)

    @pytest.mark.parametrize("rule", ["share", "hinge"])
    def test_what_never_ends_gets_no_number(self, rule):
        random = np.random.default_rng(7)
        for _ in range(20):
            found = sweep.transition(curve_with_noise(ENDLESS, random), rule)
            assert found.changes
            assert not found.ends
            assert np.isinf(found.size)
            assert np.isinf(found.high)
            assert str(found).startswith("beyond 32 [")

    def test_what_does_not_change_gets_no_number(self):
        random = np.random.default_rng(7)
        found = sweep.transition(curve_with_noise(0 * OCTAVES, random))
        assert not found.changes
        assert not found.ends
        assert str(found) == "no change that could end"

    def test_the_text_tells_the_interval(self):
        found = sweep.Transition(13.04, 9.96, 17.2, -1, -1.1, -0.9, 64)
        assert str(found) == "13.0 [10.0, 17.2]"
        found = sweep.Transition(13.04, 9.96, np.inf, -1, -1.1, -0.9, 64)
        assert str(found) == "13.0 [10.0, beyond 32]"

    @pytest.mark.parametrize("sizes", [[2, 8, 32], [2, 3, 4, 5], [64, 32, 8, 2], [2, 32, 8, 64]])
    def test_too_few_sizes_are_refused(self, sizes):
        curve = np.linspace(1, 0, len(sizes))
        with pytest.raises(ValueError, match=f"sizes .{sizes[0]}, .*at least four"):
            sweep.transition(exact(curve, np.array(sizes)))

    def test_unknown_settings_are_refused(self):
        with pytest.raises(ValueError, match="rule is 'elbow'; there are"):
            sweep.transition(exact(HINGE), "elbow")
        with pytest.raises(ValueError, match="share is 90; it must be between 0 and 1"):
            sweep.transition(exact(HINGE), share=90)
