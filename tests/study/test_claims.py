"""The claims ledger: verdicts, the statistics that decide, and the table."""

import math
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from bs4 import BeautifulSoup

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study import claims, experiments
from study.claims import paths, planes, sweep, theory
from study.claims.verdict import Claim, Criterion, Finding, claim, measured

LAYERS = [INPUT, *HIDDEN_LAYERS, OUTPUT]
RULES = ["previous", "proposed"]
AXES = ["input_mi", "output_mi"]


def criterion(low, high, **range_):
    return Criterion("q", (low + high) / 2, low, high, **range_)


class TestVerdict:
    @pytest.mark.parametrize(
        ("low", "high", "met"),
        [(1.1, 1.2, "yes"), (1.0, 1.5, "yes"), (0.5, 0.9, "no"), (0.9, 1.1, "undecided")],
    )
    def test_an_interval_is_inside_outside_or_across(self, low, high, met):
        assert criterion(low, high, at_least=1).met == met
        assert criterion(-high, -low, at_most=-1).met == met

    def test_a_range_has_two_ends(self):
        assert criterion(0.2, 0.8, at_least=0, at_most=1).met == "yes"
        assert criterion(1.2, 1.8, at_least=0, at_most=1).met == "no"
        assert criterion(-0.5, 1.5, at_least=0, at_most=1).met == "undecided"

    @pytest.mark.parametrize(
        ("numbers", "verdict"),
        [
            ([(2, 3), (2, 3)], "holds"),
            ([(2, 3), (0, 0.5)], "holds in part"),
            ([(2, 3), (0.5, 2)], "not decided"),
            ([(2, 3), (0.5, 2), (0, 0.5)], "holds in part"),
            ([], "not decided"),
            ([(0, 0.5), (0.5, 2)], "does not hold"),
            ([(0.5, 2), (0.9, 3)], "not decided"),
        ],
    )
    def test_criteria_decide_together(self, numbers, verdict):
        criteria = tuple(criterion(low, high, at_least=1) for low, high in numbers)
        assert Finding(Claim("c", "q", "w", "t", lambda _: []), criteria).verdict == verdict

    def test_intervals_are_students(self):
        # mean 2, standard error 1/√3, and 4.303 is the quantile of two degrees of freedom
        found = measured("q", np.array([1.0, 2.0, 3.0]), repeats="seeds")
        assert found.value == 2
        assert found.high - 2 == pytest.approx(4.302652729911275 / math.sqrt(3))
        assert found.low == pytest.approx(4 - found.high)
        assert found.repeats == "3 seeds"

    def test_they_hold_the_mean_as_often_as_they_say(self):
        draws = np.random.default_rng(0).normal(1.0, 2.0, (2000, 3))
        inside = [measured("q", d).low <= 1 <= measured("q", d).high for d in draws]
        assert np.mean(inside) == pytest.approx(0.95, abs=0.015)

    def test_a_single_number_is_exact(self):
        found = measured("q", 0.5, at_most=1)
        assert (found.low, found.high, found.repeats, found.met) == (0.5, 0.5, "exact", "yes")

    def test_a_single_repetition_decides_nothing(self):
        found = measured("q", [0.11], at_least=0.1, repeats="seeds")
        assert (found.value, found.repeats, found.met) == (0.11, "1 seeds", "undecided")

    @pytest.mark.parametrize("values", [[1.0, math.nan], [[1.0, 2.0]], []])
    def test_missing_or_unreduced_values_are_refused(self, values):
        with pytest.raises(ValueError, match="one finite number a repetition"):
            measured("q", np.array(values))

    def test_the_name_is_that_of_the_function(self):
        @claim("words", "Sec. I", "a test")
        def something(_):
            return []

        assert (something.name, something.quotation, something.comment) == (
            "something",
            "words",
            "",
        )


def run_of(course, size=32, seeds=3, iterations=60):
    """Planes in which every layer's values are ``course(layer, rule, axis, t)``, t up to 1."""
    t = np.linspace(0, 1, iterations)
    coords = {"iteration": np.arange(iterations), "estimator": RULES, "layer": LAYERS}
    data = {}
    for axis in AXES:
        values = np.empty((seeds, iterations, len(RULES), len(LAYERS)))
        for i, rule in enumerate(RULES):
            for k, layer in enumerate(LAYERS):
                values[:, :, i, k] = course(layer, rule, axis, t)
        data[axis] = xr.DataArray(values, coords, ("seeds", *coords))
    data["variance"] = data["input_mi"].sel(estimator="previous", drop=True)
    error = np.broadcast_to(1 - t, (seeds, iterations))
    data["test_error"] = xr.DataArray(error, dims=("seeds", "iteration"))
    return xr.Dataset(data, attrs={"size": size, "repetition": "seeds"})


def evidence_of(small, large):
    measurements = (paths.measure_paths(run) for run in (small, large))
    return claims.PlaneEvidence(*measurements, scans={}, plateau=1.0)


def rise_and_fall(_layer, _rule, axis, t):
    """Output MI rises; input MI rises to 2 at t = 0.7 and then falls by 0.6."""
    if axis == "output_mi":
        return t
    return np.where(t < 0.7, 2 * t / 0.7, 2 - 2 * (t - 0.7))


def rise(_layer, _rule, _axis, t):
    return 2 * t


def verdict_of(claim, evidence):
    return Finding(claim, tuple(claim.check(evidence))).verdict


class TestPlanes:
    def test_compression_is_found_where_it_is_and_only_there(self):
        falling, rising = (run_of(course) for course in (rise_and_fall, rise))
        wanted = planes.compression_under_previous_rule
        assert verdict_of(wanted, evidence_of(rising, falling)) == "holds"
        assert verdict_of(wanted, evidence_of(rising, rising)) == "does not hold"
        for unwanted in (
            planes.no_compression_under_proposed_rule,
            planes.no_compression_of_last_layer,
        ):
            assert verdict_of(unwanted, evidence_of(rising, falling)) == "does not hold"
            assert verdict_of(unwanted, evidence_of(rising, rising)) == "holds"
        assert verdict_of(planes.no_compression_of_small, evidence_of(rising, falling)) == "holds"
        assert verdict_of(planes.no_compression_of_small, evidence_of(falling, rising)) == (
            "does not hold"
        )

    def test_compression_away_from_the_bisector_is_not_towards_it(self):
        def away(_layer, _rule, axis, t):
            """Both fall, and the output MI faster."""
            return np.where(t < 0.7, 2 * t / 0.7, 2 - (4 if axis == "output_mi" else 2) * (t - 0.7))

        run = run_of(away)
        assert verdict_of(planes.compression_under_previous_rule, evidence_of(run, run)) == (
            "holds in part"
        )

    def test_variance_that_falls_and_variance_that_rises(self):
        falling, rising = (run_of(course) for course in (rise_and_fall, rise))
        decreases, increases = (
            planes.variance_decreases_for_large,
            planes.variance_increases_for_small,
        )
        assert verdict_of(decreases, evidence_of(rising, falling)) == "holds"
        assert verdict_of(increases, evidence_of(rising, falling)) == "holds"
        # it does rise at first
        assert verdict_of(decreases, evidence_of(rising, rising)) == "holds in part"
        assert verdict_of(increases, evidence_of(falling, falling)) == "does not hold"

    def test_what_seeds_disagree_on_is_not_decided(self):
        run = run_of(lambda layer, *others: rise(layer, *others) + 0.1 * (layer == "D3"))
        changes = xr.DataArray([-0.3, 0.0, 0.3], dims="seeds")
        run["input_mi"] = run.input_mi + xr.where(run.layer == "D3", changes, 0)
        assert verdict_of(planes.impossible_order, evidence_of(run, run)) == "not decided"

    def test_every_claim_can_be_decided_on_a_recorded_run(self, tmp_path_factory):
        profile = experiments.PROFILES["tiny"]
        store = tmp_path_factory.mktemp("runs")
        runs = [
            [experiments.run_or_load(run, store=store, progress=False)] for run in profile.planes()
        ]
        evidence = claims.plane_evidence(*runs, profile.plane_sizes, plateau=0.067)
        assert evidence.small.repetition == "test batches of one seed"
        assert list(evidence.both) == list(evidence.scans) == ["K = 2", "K = 32"]
        for one in planes.CLAIMS:
            finding = Finding(one, tuple(one.check(evidence)))
            assert finding.criteria, one.name
            assert all(np.isfinite(c.value) for c in finding.criteria), one.name

    def test_seeds_are_the_repetitions_where_there_are_several(self):
        profile = experiments.PROFILES["tiny"]
        run = profile.planes()[0]
        results = [experiments.run(run, progress=False, stop_at=2)] * 2
        joined = paths.repetitions(results, 2)
        assert joined.repetition == "seeds"
        assert joined.input_mi.sizes["seeds"] == 2
        assert "batch" not in joined.dims


class TestPlaneEvidence:
    def test_moments_are_the_first_and_the_last_record(self):
        found = paths.measure_paths(run_of(rise))
        assert float(found.input_mi.sel(moment="start").max()) == 0
        np.testing.assert_array_equal(found.output_mi.sel(moment="end"), 2)
        np.testing.assert_array_equal(found.test_error, [[1, 0]] * 3)
        assert found.attrs == {"size": 32, "repetition": "seeds"}

    def test_every_number_is_of_one_repetition(self):
        found = paths.measure_paths(run_of(rise_and_fall))
        assert {name: "seeds" in found[name].dims for name in found} == dict.fromkeys(found, True)
        assert not found.drop_vars("outside").isnull().to_array().any()

    def test_violations_are_shares_of_m_at_the_end_and_as_means(self):
        def course(layer, rule, axis, t):
            """D3 is above D2 by 1 − t bits under the previous rule alone; M ends at 2."""
            above = layer == "D3" and rule == "previous" and axis == "input_mi"
            return 2 * t + (1 - t) * above

        found = paths.measure_paths(run_of(course, iterations=1001))
        forward = found.forward_total.isel(seeds=0).sel(estimator="previous")
        assert float(forward.sel(window="at the end")) == 0
        # half the final I(X;X′) is reached at t = ½
        assert float(forward.sel(window="after fitting")) == pytest.approx(0.25 / 2, abs=1e-3)
        assert float(forward.sel(window="whole training")) == pytest.approx(0.5 / 2, abs=1e-3)
        assert float(found.forward_total.sel(estimator="proposed").max()) == 0

    def test_correlations_after_the_fitting_leave_out_what_was_before(self):
        def course(_layer, _rule, axis, t):
            return t if axis == "output_mi" else abs(t - 0.5)

        run = run_of(course, iterations=201)
        t = xr.DataArray(np.linspace(0, 1, 201), dims="iteration")
        found = paths.measure_paths(run.assign(variance=run.variance * 0 + t))
        follows = found.follows_variance.sel(layer="Z", estimator="proposed", seeds=0)
        # V-shaped against a rise: the falling half and the rising half cancel
        assert float(follows.sel(span="whole training")) == pytest.approx(0, abs=0.02)
        assert float(follows.sel(span="after fitting")) == pytest.approx(1, abs=0.02)
        np.testing.assert_allclose(found.follows_error, -1)

    def test_panels_spread_by_the_layers_they_have(self):
        output = {"E1": 1.7, "D3": 1.0}

        def course(layer, _rule, axis, t):
            return output.get(layer, 2.0) + 0 * t if axis == "output_mi" else 2 + 0 * t

        spread = paths.measure_paths(run_of(course)).output_spread.isel(seeds=0, estimator=0)
        found = {panel: float(spread.sel(panel=panel)) for panel in spread.panel.values}
        assert found == pytest.approx({"encoder": 0.3, "decoder": 1.0, "all layers": 1.0})

    def test_scans_are_held_against_the_plane_of_the_same_batches(self):
        """Under γ = 1 the scan is the recorded plane itself, under γ = 2 its tenth, upside down."""
        coords = {"iteration": [0, 1, 2, 3], "layer": LAYERS, "batch": [0, 1, 2]}
        t = xr.DataArray([0.0, 1.0, 2.0, 4.0], dims="iteration", coords={"iteration": [0, 1, 2, 3]})
        shape = xr.DataArray(np.ones((9, 3)), coords={k: coords[k] for k in ("layer", "batch")})
        recorded = t * shape
        recorded.loc[{"batch": 2}] = 9.0  # not among the scanned batches
        gammas = xr.concat([recorded, 0.1 * (4 - recorded)], dim="gamma")
        scanned = gammas.isel(batch=[0, 1]).rename(batch="scan_batch").assign_coords(gamma=[1, 2])
        scanned = scanned.where(scanned.iteration != 2)  # an iteration without a scan
        orders = recorded.expand_dims(alpha=[1.0, 1.01]).isel(batch=[0, 1])
        orders = (orders + 0.03 * (orders.alpha > 1)).rename(batch="scan_batch")
        run = xr.Dataset(
            {name: recorded.expand_dims(estimator=["proposed"]) for name in AXES}
            | {f"{name}_by_gamma": scanned for name in (*AXES, "entropy")}
            | {f"{name}_by_alpha": orders for name in (*AXES, "entropy")}
        )
        found = paths.measure_scans(run)
        np.testing.assert_allclose(found.likeness, [1, -1])
        assert float(found.visible) == pytest.approx(claims.VISIBLE / 4)
        assert float(found.order_difference) == pytest.approx(0.03)

    def test_claims_on_scans_count_the_settings_that_agree(self):
        gammas = {"gamma": list(range(5))}
        small = {
            "compression": ("gamma", [0.1, 0.1, 0.1, 0.01, 0.01]),
            "phase": ("gamma", [0.0] * 5),
            "likeness": ("gamma", [1, 1, 0.8, 0.8, 0.8]),
        }
        scan = xr.Dataset(small, gammas).assign(visible=0.03, order_difference=0.2)
        evidence = replace(evidence_of(run_of(rise), run_of(rise)), scans={"a": scan, "b": scan})
        found = [(c.value, c.met) for c in planes.gamma_matters_little.check(evidence)]
        assert found == [(0.6, "yes"), (1.0, "yes"), (0.4, "no"), (0.4, "no")]
        assert verdict_of(planes.order_approximates_shannon, evidence) == "does not hold"


def sweep_of(inputs, sizes=(1, 2, 4, 8, 13, 16, 32, 64), seeds=2, batches=6):
    """Final information ``inputs(layer, K)`` for input and output MI, with a little noise."""
    random = np.random.default_rng(3)
    values = 0.005 * random.standard_normal((len(AXES), len(sizes), len(LAYERS), seeds, batches))
    for i, size in enumerate(sizes):
        for k, layer in enumerate(LAYERS):
            values[:, i, k] += inputs(layer, size)
    coords = {
        "bottleneck_size": list(sizes),
        "layer": LAYERS,
        "seed": range(seeds),
        "batch": range(batches),
    }
    plane = {axis: (tuple(coords), part) for axis, part in zip(AXES, values, strict=True)}
    return sweep.SweepEvidence(xr.Dataset(plane, coords), {"two": (13, 12, 14)})


def saturating(layer, size):
    """Grows up to K = 13; the deeper the encoder layer, the less for a smaller K."""
    depth = {"E1": 0, "E2": 1}.get(layer, 2)
    return 4 - (depth + 0.5) * max(0, math.log2(13 / size)) / 3


class TestSweep:
    def test_a_transition_at_13_is_seen_as_the_paper_says(self):
        evidence = sweep_of(saturating)
        assert verdict_of(sweep.size_is_intrinsic_dimension, evidence) == "holds"
        assert verdict_of(sweep.compression_shrinks, evidence) != "does not hold"
        assert verdict_of(sweep.input_equals_output, evidence) == "holds"
        assert verdict_of(sweep.compression_ends, evidence) == "holds"
        assert verdict_of(sweep.bottleneck_is_apart, evidence) == "does not hold"

    def test_compression_that_never_ends_does_not_end_at_13(self):
        evidence = sweep_of(lambda layer, size: 4 - (layer != "E1") * (8 - math.log2(size)) / 4)
        assert verdict_of(sweep.compression_ends, evidence) == "does not hold"

    def test_information_that_grows_and_information_that_does_not(self):
        growing = sweep_of(lambda _layer, size: math.log2(size) / 2)
        assert verdict_of(sweep.information_grows_with_size, growing) == "holds"
        shrinking = sweep_of(lambda _layer, size: -math.log2(size) / 2)
        assert verdict_of(sweep.information_grows_with_size, shrinking) == "does not hold"

    def test_a_large_fall_between_two_sizes_is_found_though_the_ends_rise(self):
        def dips(layer, size):
            return math.log2(size) / 2 - (size == 13 and layer == "Z") * 1.0

        assert verdict_of(sweep.information_grows_with_size, sweep_of(dips)) == "holds in part"

    def test_what_never_falls_has_no_fall_whatever_the_noise(self):
        found = sweep.information_grows_with_size.check(sweep_of(lambda _layer, _size: 1.0))
        falls = [c for c in found if "largest fall" in c.quantity]
        assert all(c.low <= 0 and c.met == "yes" for c in falls)

    def test_the_label_tells_whether_seeds_are_in_the_interval(self):
        assert sweep_of(saturating).repeats == "replicates over batches and seeds"
        assert sweep_of(saturating, seeds=1).repeats == "replicates over batches of one seed"

    def test_a_sweep_without_13_is_judged_at_the_next_size(self):
        assert sweep_of(saturating, sizes=(2, 4, 8, 32)).critical == 32


@pytest.fixture(scope="module")
def exact():
    return claims.exact_evidence(steps=400)


class TestTheory:
    @pytest.mark.parametrize(
        ("one", "verdict"),
        [
            (theory.lemma_1, "holds in part"),
            (theory.forward_data_processing, "holds in part"),
            (theory.feasible_region, "holds in part"),
            (theory.small_bottleneck_compresses, "holds"),
            (theory.decoder_above_bottleneck, "holds in part"),
        ],
        ids=lambda value: getattr(value, "name", value),
    )
    def test_what_is_proven_holds_and_what_is_not_fails(self, exact, one, verdict):
        assert verdict_of(one, exact) == verdict
        met = {c.quantity.split(" [")[0]: c.met for c in one.check(exact)}
        if verdict != "holds":
            assert met[theory.DISCRETE] == met[theory.CONTRACTING] == "yes"

    def test_a_discrete_autoencoder_ends_where_the_theorem_says(self, exact):
        for one in (theory.large_bottleneck_converges, theory.small_bottleneck_converges):
            found = {c.quantity.split(" [")[0]: c for c in one.check(exact)}
            assert found[theory.DISCRETE].value == pytest.approx(0, abs=1e-9)

    def test_a_plane_that_breaks_the_theory_is_found(self, exact):
        case = exact.cases[theory.DISCRETE]
        broken = case.small.copy(deep=True)
        broken.input_mi.loc[{"layer": "D3"}] = 3.0
        wrong = {theory.DISCRETE: replace(case, small=broken)}
        for one in (
            theory.forward_data_processing,
            theory.small_bottleneck_converges,
            theory.decoder_above_bottleneck,
        ):
            assert verdict_of(one, theory.ExactEvidence(wrong)) == "does not hold"


class TestLedger:
    def test_every_claim_is_quoted_placed_and_named_once(self):
        assert len({one.name for one in claims.CLAIMS}) == len(claims.CLAIMS) >= 24
        for one in claims.CLAIMS:
            assert one.quotation, one.name
            assert one.where, one.name
            assert one.test, one.name

    def test_the_table_tells_what_was_found(self):
        one = Claim("some_claim", "x < y & z", "Sec. I", "a test", lambda _: [], "why")
        criteria = (
            Criterion("first", 2.0, 1.5, 2.5, at_least=1, repeats="3 seeds"),
            Criterion("rounding", 3e-16, 3e-16, 3e-16, at_most=1),
        )
        findings = [Finding(one, criteria)]
        row = BeautifulSoup(claims.ledger_table(findings, first=7), "html.parser").tbody.tr
        assert row["id"] == "claim-some-claim"
        number, quoted, test, verdict = (cell.get_text() for cell in row.find_all("td"))
        assert number == "7"
        assert "x < y & z" in quoted
        assert "Sec. I" in quoted
        assert "2 of 2 numbers as claimed" in test
        assert "first: 2 [1.5, 2.5], claimed ≥ 1, 3 seeds" in test
        assert "rounding: 0, claimed ≤ 1" in test
        assert "why" in test
        assert verdict.endswith("holds")
        assert claims.verdict_counts(findings)["holds"] == 1
        assert sum(claims.verdict_counts(findings).values()) == 1
