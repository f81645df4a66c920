"""The frozen criteria: what is built to satisfy a claim does, and its opposite does not."""

import json
import math
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from ipae_lib.layers import DECODER, HIDDEN_LAYERS, INPUT, OUTPUT
from study.claims.criteria import columns, decision, planes, sweep
from study.claims.criteria.columns import COLUMNS, PAPER, TRUTHS, Runs
from study.claims.criteria.decision import Estimate, Finding, claim, decide, estimate, holm

NAMES = [INPUT, *HIDDEN_LAYERS, OUTPUT]
AT = {name: i for i, name in enumerate(NAMES)}
SEEDS = (3, 4, 5, 6, 7)
UNIT = {"previous": 8.0, "proposed": 5.0, "scale-free": 6.0} | dict.fromkeys(TRUTHS.values(), 6.5)
T = np.linspace(0, 1, 60)


def made_up(side="above", threshold=0.0, **settings):
    @claim("words", "Sec. I", "a number", **{side: threshold}, reason="because", **settings)
    def one(_):
        raise AssertionError("is not asked")

    return one


def found(values, one=None, **settings):
    """The finding on one claim alone, from one number a network."""
    one = one or made_up(**settings)
    of = estimate(xr.DataArray(values, dims="seed"), correlation=one.correlation)
    return decide({(one, "A", PAPER): of})[0]


class TestEstimate:
    def test_of_networks_of_one_size_it_is_students(self):
        values = np.array([1.0, 2.0, 4.0])
        of = estimate(xr.DataArray(values, dims="seed"))
        wanted = stats.ttest_1samp(values, 0.5)
        assert of.p_value(0.5) == pytest.approx(wanted.pvalue)
        assert of.interval() == pytest.approx(tuple(wanted.confidence_interval()))

    def test_of_two_sizes_it_is_welchs(self):
        a, b = [1.0, 2.0, 4.0, 1.5, 3.0], [0.1, 0.3, 0.2]
        rows = [a, [-x for x in b] + [math.nan] * 2]
        of = estimate(xr.DataArray(rows, dims=("bottleneck_size", "seed")))
        wanted = stats.ttest_ind(a, b, equal_var=False)
        assert of.p_value(0) == pytest.approx(wanted.pvalue)
        assert of.freedom == pytest.approx(wanted.df)
        assert of.repeats == 3

    def test_one_network_has_no_error_and_an_exact_number_none_at_all(self):
        one = estimate(xr.DataArray([1.0], dims="seed"))
        assert math.isnan(one.p_value(0))
        assert one.interval() == (-math.inf, math.inf)
        sizes = xr.DataArray([[1.0, 2.0], [1.0, math.nan]], dims=("bottleneck_size", "seed"))
        assert math.isnan(estimate(sizes).error)
        exact = estimate(xr.DataArray(1.0))
        assert (exact.p_value(0), exact.p_value(1), exact.interval()) == (0.0, 1.0, (1.0, 1.0))

    def test_errors_of_the_values_themselves_do_not_shrink_with_networks(self):
        values = xr.DataArray(np.linspace(-1, 1, 101), dims="seed")
        shifts = xr.DataArray([-3.0, 0.0, 3.0], dims="draw")
        of = estimate(values, values + shifts)
        assert of.own_error == pytest.approx(3)
        assert of.error == pytest.approx(math.hypot(3, float(values.std(ddof=1)) / 101**0.5))

    @pytest.mark.parametrize(
        "values",
        [
            xr.DataArray([1.0, math.nan], dims="seed"),
            xr.DataArray([[1.0]], dims=("seed", "layer")),
            xr.DataArray([], dims="seed"),
            xr.DataArray([[1.0], [math.nan]], dims=("bottleneck_size", "seed")),
        ],
    )
    def test_missing_or_unreduced_values_are_refused(self, values):
        with pytest.raises(ValueError, match="give one number for each network"):
            estimate(values)


class TestHolm:
    def test_it_is_what_is_computed_by_hand(self):
        # ordered: 4 × 0.005, 3 × 0.01, 2 × 0.03, and 0.04, which must not fall below 0.06
        assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
        assert holm([0.6, 0.7]) == [1.0, 1.0]
        assert holm([]) == []

    def test_a_true_threshold_is_seldom_taken_for_wrong(self):
        random = np.random.default_rng(0)
        wrong = 0
        for _ in range(400):
            p = stats.ttest_1samp(random.normal(0, 1, (20, 5)), 0, axis=1).pvalue
            wrong += min(holm(p)) < decision.SIGNIFICANCE
        assert wrong / 400 == pytest.approx(0.05, abs=0.03)

    def test_columns_are_corrected_apart_and_cells_together(self):
        one, two = made_up(), made_up()
        places = [(one, "A", "x"), (two, "A", "x"), (one, "B", "x"), (one, "A", "y")]
        of = [Estimate(value, 1.0, 4.0, 5) for value in (4.0, 6.0, 5.0, 4.0)]
        p = [2 * stats.t.sf(value, 4) for value in (4, 6, 5, 4)]
        corrected = [finding.p_value for finding in decide(dict(zip(places, of, strict=True)))]
        assert corrected == pytest.approx([max(p[0], 2 * p[2]), 3 * p[1], 2 * p[2], p[3]])

    def test_what_is_not_tested_takes_no_part(self):
        one, value = made_up(), made_up(repeated=False)
        of = {
            (one, "A", "x"): Estimate(4.0, 1.0, 4.0, 5),
            (one, "B", "x"): Estimate(4, math.nan, 0, 1),
        }
        of[value, "A", "x"] = Estimate(1.0, 0.0, math.inf, 1)
        tested, single, exact = decide(of)
        assert tested.p_value == pytest.approx(2 * stats.t.sf(4, 4))
        assert single.verdict == "no verdict"
        assert math.isnan(exact.p_value)
        assert exact.verdict == "holds"


class TestFinding:
    @pytest.mark.parametrize(
        ("values", "verdict"),
        [
            ([1.0, 1.1, 0.9], "holds"),
            ([-1.0, -1.1, -0.9], "does not hold"),
            ([-1.0, 2.0, 0.5], "not decided"),
            ([1.0], "no verdict"),
        ],
    )
    def test_the_test_decides(self, values, verdict):
        assert found(values).verdict == verdict
        turned = found([-x for x in values], side="below")
        assert turned.verdict == verdict

    def test_the_effect_is_towards_the_claim(self):
        values = [0.2, 0.3, 0.4]
        above, below = found(values, threshold=0.1), found(values, side="below", threshold=0.1)
        assert above.effect == pytest.approx(0.2)
        assert above.effect_in_deviations == pytest.approx(2.0)
        assert (below.effect, below.effect_in_deviations) == pytest.approx((-0.2, -2.0))
        assert math.isnan(found([1.0]).effect_in_deviations)

    def test_intervals_keep_to_values_that_there_are(self):
        one = found([0.0, 0.0, 0.03], range=(0.0, 1.0), side="below", threshold=0.025)
        assert one.interval[0] == 0
        assert found([0.9, 0.99, 1.0], range=(0.0, 1.0)).interval[1] == 1
        assert found([0.5], range=(0.0, 1.0)).interval == (0.0, 1.0)

    def test_a_correlation_is_tested_as_fishers_z(self):
        values = [0.9, 0.95, 0.99]
        one = found(values, threshold=0.7, correlation=True, range=(-1.0, 1.0))
        wanted = stats.ttest_1samp(np.arctanh(values), np.arctanh(0.7))
        assert one.p_value == pytest.approx(wanted.pvalue)
        assert one.value == pytest.approx(np.tanh(np.arctanh(values).mean()))
        assert -1 < one.interval[0] < one.value < one.interval[1] < 1
        assert found([1.0, 1.0, 1.0], one.claim).verdict == "holds"

    def test_agreement_counts_the_claimed_side_alone(self):
        claims = [replace(made_up(side), name=side) for side in ("above", "below")]
        of = Estimate(1.0, math.nan, 0, 1)
        findings = decide({(one, cell, PAPER): of for one in claims for cell in "AB"})
        findings += decide({(replace(claims[0], name="only here"), "A", PAPER): of})
        assert decision.agreement(findings, PAPER) == {"A": 0.5, "B": 0.5}
        assert decision.agreement(findings, "another") == {}


# planes, made up in shares of the whole


def world(rule):
    """Planes, variances and errors of K = 2 and 32 as the paper has them of a width rule."""
    of = {}
    for size in (2, 32):
        large = size == 32
        rise = T[:, None] ** np.ones(9)
        end = np.full(9, 0.98) if large else np.array([1, 0.95, 0.8, 0.7, 0.5, 0.5, 0.5, 0.5, 0.5])
        inputs, through = end * rise, end[-1] * T
        variance = 0.1 + rise
        if large:  # all but T₃ᴰ turn at t = 0.8
            variance = np.where(T[:, None] < 0.8, variance, variance - 3 * (T[:, None] - 0.8))
            variance[:, AT["D3"]] = 0.1 + T
        if rule == "previous" and large:
            inputs = np.where(T[:, None] < 0.8, 0.5 * rise, 0.5 * rise - 1.2 * (T[:, None] - 0.8))
            inputs[:, AT["D3"]] = 0.8 * T
            inputs[:, AT[OUTPUT]] = through = 0.2 * T
        elif rule == "previous":
            inputs, through = 0.5 * rise, 0.2 * T
            inputs[:, AT[OUTPUT]] = through
        variance[:, AT["Z"]] *= 100
        inputs[:, AT[INPUT]] = 1.0
        explained = np.where(T < 0.5, 0, 2 * (T - 0.5)) * (0.97 if large else 0.4)
        of[size] = {
            "input": inputs,
            "output": np.repeat(through[:, None], 9, axis=1),
            "variance": variance,
            "explained": explained,
        }
    return of


def set_through(of, size, course):
    of[size]["output"][:] = np.asarray(course)[..., None] * np.ones(9)
    of[size]["input"][:, AT[OUTPUT]] = course


def set_inputs(of, size, layers, course):
    for layer in layers:
        of[size]["input"][:, AT[layer]] = course


def falling(of, size, layers=HIDDEN_LAYERS):
    set_inputs(of, size, layers, np.where(T < 0.9, T, 0.9 - 3 * (T - 0.9)))


def shift(of, size, layer, by, what="input"):
    of[size][what][:, AT[layer]] += by


def turned(of, size, layers=HIDDEN_LAYERS):
    """The variance goes to a half of its maximum."""
    for layer in layers:
        of[size]["variance"][:, AT[layer]] = np.where(T < 0.8, T + 0.1, 0.9 - 2.25 * (T - 0.8))


def rising(of, size, layers=HIDDEN_LAYERS):
    for layer in layers:
        of[size]["variance"][:, AT[layer]] = 0.1 + T


def alike(of, sign):
    for size in of:
        of[size]["variance"] = 2 + sign * of[size]["input"]


OPPOSITES = {
    "little_gets_through_at_first": lambda w: [set_through(w, k, 0.5 + 0.4 * T) for k in w],
    "order_at_first": lambda w: [shift(w, k, "D3", 0.3) for k in w],
    "information_grows_as_error_falls": lambda w: [set_through(w, k, 0.9 - 0.4 * T) for k in w],
    "reconstruction_is_near_perfect": lambda w: w[32].update(explained=w[2]["explained"]),
    "below_the_bisector": lambda w: set_inputs(w, 2, ["D3"], 0.2 * T),
    "left_of_the_edge": lambda w: set_inputs(w, 32, ["E1"], 1.3 * T),
    "large_reaches_the_bisector": lambda w: set_through(w, 32, 0.6 * T),
    "large_keeps_all_information": lambda w: set_inputs(w, 32, ["Z"], 0.5 * T),
    "small_decoder_reaches_the_bisector": lambda w: set_through(w, 2, 0.2 * T),
    "small_encoder_stays_inside": lambda w: set_inputs(w, 2, ["E3"], 0.5 * T),
    "small_stays_off_the_bisector": lambda w: set_through(w, 2, 0.48 * T),
    "large_shows_a_compression_phase": lambda w: set_inputs(w, 32, HIDDEN_LAYERS, T),
    "last_layer_shows_none": lambda w: falling(w, 32, ["D3"]),
    "small_shows_no_compression_phase": lambda w: falling(w, 2, ["E2"]),
    "last_layer_above_the_bottleneck": lambda w: set_inputs(w, 32, ["D3"], 0.2 * T),
    "large_shows_no_compression_phase": lambda w: falling(w, 32, ["E2"]),
    "small_restricts": lambda w: set_through(w, 32, 0.4 * T),
    "small_encoder_compresses": lambda w: set_inputs(w, 2, ["E3"], 0.95 * T),
    "small_decoder_does_not_compress": lambda w: set_inputs(w, 2, ["D3"], 0.3 * T),
    "order_is_not_strict": lambda w: None,
    "output_information_differs": lambda w: None,
    "output_information_differs_most_in_7b": lambda w: shift(w, 32, "E2", 0.3, "output"),
    "variance_increases_for_small": lambda w: turned(w, 2, ["E2"]),
    "variance_decreases_for_large": lambda w: rising(w, 32),
    "variance_of_last_layer": lambda w: turned(w, 32, ["D3"]),
    "variance_of_bottleneck": lambda w: [rising(w, k, ["Z"]) for k in w],
    "information_follows_variance": lambda w: alike(w, -1),
}
"""What makes of the paper's world one in which a claim is wrong."""

SPECIAL = {
    "order_is_not_strict": lambda w: [shift(w, k, "Z", 0.3) for k in w],
    "output_information_differs": lambda w: [shift(w, k, "D1", 0.3, "output") for k in w],
    "output_information_differs_most_in_7b": lambda w: shift(w, 2, "D1", 0.3, "output"),
    "information_follows_variance": lambda w: alike(w, 1),
}
"""What makes one in which a claim is right, where the paper's other claims do not."""

ON_PLANES = [one for one in planes.CLAIMS if one.evidence == "planes"]


def run_of(size, seed, looks):
    """A run as it is stored, from the world that each way to look shows."""
    random = np.random.default_rng([size, seed])

    def values(look, what):
        jitter = 0.001 * random.standard_normal((1, 9)) * (np.array(NAMES) != INPUT)
        return UNIT[look] * (looks[look][size][what] + jitter)

    rules = ["previous", "proposed", "scale-free"]
    noises = list(TRUTHS.values())
    coords = {
        "iteration": np.arange(len(looks["proposed"][size]["input"])),
        "layer": NAMES,
        "estimator": rules,
        "noise": noises,
        "resolution": [0.5, 0.75],
        "batch": [0, 1],
    }
    wobble = xr.DataArray([0.02, -0.02], dims="batch")
    plane = {
        name: xr.DataArray(
            [values(rule, what) for rule in rules], dims=("estimator", "iteration", "layer")
        )
        + wobble
        for name, what in (("input_mi", "input"), ("output_mi", "output"))
    }
    whole = xr.DataArray([UNIT[rule] for rule in rules], dims="estimator")
    plane["entropy"] = xr.zeros_like(plane["input_mi"]) + whole + wobble
    truth = xr.DataArray(
        [values(noise, "input") for noise in noises], dims=("noise", "iteration", "layer")
    )
    # what is asked at the other resolution would be wrong
    both = xr.concat([truth, 100 - truth], "resolution")
    plane |= {"true_input_mi": both, "true_standard_error": xr.full_like(both, 0.005)}
    shown = looks["proposed"][size]
    plane["variance"] = xr.DataArray(shown["variance"], dims=("iteration", "layer")) + 0 * wobble
    error = 0.07 * (1 - shown["explained"] - 1e-4 * random.standard_normal())
    plane["test_error"] = xr.DataArray(error, dims="iteration")
    configuration = json.dumps({"name": f"K{size}", "bottleneck_size": size, "seed": seed})
    return xr.Dataset(plane, coords, {"seed": seed, "configuration": configuration})


def cell_of(worlds):
    """Runs of one world a seed, the same for every way to look; or a mapping from look to world."""
    runs = {2: [], 32: []}
    for seed, of in zip(SEEDS, worlds, strict=False):
        looks = of if "proposed" in of else dict.fromkeys(UNIT, of)
        for size, each in runs.items():
            each.append(run_of(size, seed, looks))
    return Runs(runs[2], runs[32], [], 0.07)


def verdicts(one, worlds):
    """Of one claim in every column in which it is asked."""
    findings = decide(columns.measure([one], "A", cell_of(worlds)))
    return {finding.column: finding.verdict for finding in findings}


def as_claimed(one):
    of = world(one.rule or "proposed")
    SPECIAL.get(one.name, lambda _: None)(of)
    return of


def opposite(one):
    of = world(one.rule or "proposed")
    OPPOSITES[one.name](of)
    return of


class TestPlanes:
    # the criteria are frozen: a new version of a package alone could make it fail
    @pytest.mark.slow
    @pytest.mark.parametrize("one", ON_PLANES, ids=lambda one: one.name)
    def test_a_claim_is_decided_as_its_world_is_made(self, one):
        right, wrong = as_claimed(one), opposite(one)
        asked = list(columns.columns_of(one))
        assert verdicts(one, [right] * 3) == dict.fromkeys(asked, "holds")
        assert verdicts(one, [wrong] * 3) == dict.fromkeys(asked, "does not hold")
        mixed = [right, wrong, right, wrong, right]
        assert verdicts(one, mixed) == dict.fromkeys(asked, "not decided")

    def test_every_claim_on_planes_has_an_opposite(self):
        assert set(OPPOSITES) == {one.name for one in ON_PLANES}
        assert list(columns.columns_of(planes.left_of_the_edge)) == list(COLUMNS)

    @pytest.mark.parametrize(
        "one", [one for one in planes.CLAIMS if one.evidence == "both rules"], ids=lambda o: o.name
    )
    def test_the_better_rule_is_the_better_one_for_it(self, one):
        better, worse = world("proposed"), world("proposed")
        shift(worse, 32, "D3", 0.5)
        shift(worse, 2, "D3", 0.5)
        looks = dict.fromkeys(UNIT, better) | {"previous": worse}
        turned_round = dict.fromkeys(UNIT, worse) | {"previous": better}
        assert verdicts(one, [looks] * 5) == {PAPER: "holds"}
        assert verdicts(one, [turned_round] * 5) == {PAPER: "does not hold"}
        mixed = [looks, turned_round, looks, turned_round, looks]
        assert verdicts(one, mixed) == {PAPER: "not decided"}

    def test_one_network_has_no_verdict_but_a_value(self):
        found = decide(columns.measure(ON_PLANES, "C", cell_of([world("proposed")])))
        assert {finding.verdict for finding in found} == {"no verdict"}
        assert all(math.isfinite(finding.value) for finding in found)

    def test_no_interval_has_impossible_values(self):
        worlds = [world("proposed"), opposite(planes.large_shows_no_compression_phase)]
        for finding in decide(columns.measure(ON_PLANES, "A", cell_of(worlds))):
            (low, high), (lowest, highest) = finding.interval, finding.claim.range
            assert lowest <= low <= high <= highest

    def test_the_fall_before_the_fitting_is_no_compression_phase(self):
        early = world("proposed")
        course = np.where(T < 0.3, 0.9, 0.2 + 0.6 * T)
        set_inputs(early, 32, HIDDEN_LAYERS, course)
        found = verdicts(planes.large_shows_no_compression_phase, [early] * 5)
        assert set(found.values()) == {"holds"}

    def test_errors_of_the_truth_enter_in_truth_alone(self):
        found = columns.measure([planes.small_restricts], "A", cell_of([world("proposed")] * 5))
        own = {column: of.own_error for (_, _, column), of in found.items()}
        assert [own[column] > 0 for column in COLUMNS] == [False, False, True, True, True]

    def test_the_truth_can_be_asked_at_the_other_resolution(self):
        cell = replace(cell_of([world("proposed")]), resolution=0.75)
        np.testing.assert_allclose(cell.planes("one level").large.unit, 100 - UNIT["one level"])

    def test_other_seeds_and_unknown_looks_are_refused(self):
        cell = cell_of([world("proposed")] * 2)
        other = Runs(cell.small, cell.large[:1], [], 0.07)
        with pytest.raises(ValueError, match=r"small has the seeds \[3, 4\] and large \[3\]"):
            other.planes("proposed")
        with pytest.raises(ValueError, match="look is 'best'; of K2 there was recorded"):
            cell.planes("best")


class TestScans:
    def scanned(self, size, name, settings):
        """A run whose scan shows a world for each setting, at every fourth record."""
        looks = dict.fromkeys(UNIT, world("previous"))
        run = run_of(size, 3, looks)
        times = np.arange(3, 60, 4)
        parts = []
        for of in settings.values():
            shown = run_of(size, 3, dict.fromkeys(UNIT, of)).sel(estimator="previous", drop=True)
            parts.append(
                shown[["input_mi", "output_mi", "entropy"]].isel(iteration=times, batch=[0])
            )
        scan = xr.concat(parts, name).assign_coords({name: list(settings)})
        scan = scan.rename(batch="scan_batch")
        named = {f"{q}_by_{name}": scan[q].reindex(iteration=run.iteration) for q in scan}
        return run.assign(named)

    def decided(self, one, name, settings, seeds=1):
        runs = {size: [self.scanned(size, name, settings)] for size in (2, 32)}
        return decide(columns.measure([one], "A", Runs(runs[2], runs[32], [], 0.07)))[0]

    def test_gamma_matters_little_where_most_of_them_show_the_same(self):
        right, wrong = world("proposed"), world("proposed")
        falling(wrong, 32, ["E2"])
        few = {0.1: right, 1.0: wrong, 10.0: wrong}
        most = {0.1: right, 1.0: right, 10.0: wrong}
        found = [self.decided(planes.gamma_matters_little, "gamma", of) for of in (few, most)]
        assert [one.value for one in found] == pytest.approx([1 / 3, 2 / 3])
        assert [one.verdict for one in found] == ["does not hold", "holds"]

    def test_alpha_near_1_is_told_from_1_where_it_differs(self):
        right, other = world("proposed"), world("proposed")
        shift(other, 2, "Z", 0.3)
        for of, verdict in ((right, "holds"), (other, "does not hold")):
            settings = {1.0: right, 1.01: of}
            assert (
                self.decided(planes.order_approximates_shannon, "alpha", settings).verdict
                == verdict
            )

    def test_a_cause_is_what_takes_most_of_it_away(self):
        with_phase, without = world("previous"), world("proposed")
        for held, compensated in ((without, without), (with_phase, with_phase)):
            settings = {"variance held": held, "(29) only": held, "√d only": compensated}
            for one in (planes.variance_is_the_cause, planes.dimensions_are_the_cause):
                found = self.decided(one, "variant", settings)
                assert found.as_claimed is (held is without), one.name
                assert found.verdict == "no verdict"

    def test_a_cell_without_scans_has_none_of_these_claims(self):
        cell = cell_of([world("previous")])
        scans = [one for one in planes.CLAIMS if one.evidence in ("gamma", "alpha", "variant")]
        assert len(scans) == 4
        assert columns.measure(scans, "A", cell) == {}


# the sweep, made up likewise

SIZES = (1, 2, 4, 6, 8, 10, 13, 16, 24, 32, 64)


def left(size, last=13):
    """Compression that goes linearly in log K to 0 at ``last``."""
    return 0.4 * max(0.0, math.log2(last / size)) / math.log2(last / 2)


def ending(size, _seed=0):
    """Shares at the end of training, as the paper has them."""
    inputs = dict.fromkeys(NAMES, 0.95 - left(size)) | {INPUT: 1.0, "E1": 0.95, "E2": 0.95}
    inputs["Z"] += 0.1
    return {"input": inputs, "through": 0.95 - left(size)}


def with_inputs(of, **inputs):
    return of | {"input": of["input"] | inputs}


def level(size, _seed):
    of = ending(13)
    return with_inputs(of, E1=0.95) | {"through": 0.95 - 0.1 * (size > 8)}


SWEEP_OPPOSITES = {
    "information_grows_with_size": level,
    "encoder_decreases": lambda k, _: with_inputs(ending(k), Z=0.97),
    "compression_shrinks": lambda k, _: with_inputs(ending(k), E3=0.95 - 0.05 * math.log2(k)),
    "bottleneck_is_apart": lambda k, _: with_inputs(ending(k), Z=ending(k)["input"]["E3"]),
    "compression_is_gone_after_13": lambda k, _: with_inputs(ending(k), E3=0.95 - left(k, 64)),
    "compression_is_there_before_13": lambda k, _: with_inputs(ending(k), E3=0.95 - left(k, 6)),
    "layers_are_stable": lambda k, _: with_inputs(
        ending(k), **dict.fromkeys(HIDDEN_LAYERS, 0.5 + 0.07 * math.log2(k))
    ),
    "input_equals_output": lambda k, _: ending(k) | {"through": 0.7},
    "decoder_differs": lambda k, _: with_inputs(ending(k), **dict.fromkeys(("Z", *DECODER), 0.9)),
    "decoder_differs_by_the_bottleneck": lambda k, _: with_inputs(ending(k), D3=0.5),
}


def sweep_of(course, seeds=3):
    runs = []
    for size in SIZES:
        for seed in SEEDS[: 5 if size in (2, 32) else seeds]:
            of = course(size, seed)
            inputs = np.array([[of["input"][name] for name in NAMES]] * 2)
            inputs[:, AT[OUTPUT]] = of["through"]
            shown = {
                "input": inputs,
                "output": np.full((2, 9), of["through"]),
                "variance": np.ones((2, 9)),
                "explained": np.array([0.0, 0.9]),
            }
            runs.append(run_of(size, seed, {look: {size: shown} for look in UNIT}))
    return Runs([], [], runs, 0.07)


def sweep_verdicts(one, course, **settings):
    findings = decide(columns.measure([one], "A", sweep_of(course, **settings)))
    return {finding.column: finding.verdict for finding in findings}


class TestSweep:
    @pytest.mark.slow
    @pytest.mark.parametrize("one", sweep.CLAIMS, ids=lambda one: one.name)
    def test_a_claim_is_decided_as_its_sweep_is_made(self, one):
        wrong = SWEEP_OPPOSITES[one.name]
        assert sweep_verdicts(one, ending) == dict.fromkeys(COLUMNS, "holds")
        assert sweep_verdicts(one, wrong) == dict.fromkeys(COLUMNS, "does not hold")

    def test_what_networks_disagree_on_is_not_decided(self):
        def mixed(size, seed):
            """Z is apart by nothing, by the threshold, or by twice that."""
            apart = decision.VISIBLE * ((seed - 3) % 3)
            return with_inputs(ending(size), Z=ending(size)["input"]["E3"] + apart)

        # in K = 2 and 32 there are two seeds more; K = 2 is not asked of
        found = sweep_verdicts(sweep.bottleneck_is_apart, mixed)
        assert found == dict.fromkeys(COLUMNS, "not decided")

    def test_one_network_a_size_has_no_verdict(self):
        found = sweep_verdicts(sweep.information_grows_with_size, ending, seeds=1)
        assert found == dict.fromkeys(COLUMNS, "no verdict")

    def test_the_trend_is_that_of_the_straight_line(self):
        values = xr.DataArray(np.log2(SIZES) * 0.1, {"bottleneck_size": list(SIZES)})
        assert float(sweep._trend(values).sum()) == pytest.approx(0.6)


class TestClaims:
    def test_every_claim_is_quoted_placed_explained_and_named_once(self):
        every = [*planes.CLAIMS, *sweep.CLAIMS]
        assert len({one.name for one in every}) == len(every)
        for one in every:
            assert all((one.quotation, one.where, one.measured, one.reason)), one.name
            low, high = one.range
            assert low <= one.threshold <= high, one.name
            assert one.since == "before", one.name

    def test_a_claim_has_one_threshold(self):
        for given in ({}, {"above": 1.0, "below": 2.0}):
            with pytest.raises(ValueError, match="give one threshold"):
                claim("words", "Sec. I", "a number", reason="because", **given)

    def test_worlds_are_left_as_they_are(self):
        of = world("proposed")
        before = deepcopy(of)
        verdicts(planes.small_restricts, [of] * 2)
        for size, whats in of.items():
            for what, values in whats.items():
                np.testing.assert_array_equal(values, before[size][what])

    def test_findings_know_their_claim(self):
        one = made_up()
        assert isinstance(found([1.0, 2.0], one), Finding)
        assert found([1.0, 2.0], one).claim is one
