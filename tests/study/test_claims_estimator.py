"""Claims on the estimator: decided as they should be on evidence whose verdict is known."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from ipae_lib.toys import correlated_gaussians_mi
from study.claims import estimator
from study.claims.criteria.decision import decide
from study.gaussians import DIMENSIONS, RHOS, RULES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def evidence():
    return estimator.toy_evidence(runs=3)


def verdicts(evidence):
    return {one.claim.name: one.verdict for one in decide(estimator.measure(evidence))}


def estimates(value):
    """Estimates of Fig. 3 in five runs that hardly differ, of what ``value(d, rule, rho)`` says."""
    values = [[[value(d, rule, rho) for rho in RHOS] for rule in RULES] for d in DIMENSIONS]
    coords = {"d": list(DIMENSIONS), "estimator": list(RULES), "rho": list(RHOS)}
    one = xr.DataArray(np.array(values, dtype=float), coords, list(coords))
    noise = np.random.default_rng(0).normal(0, 1e-6, (5, *one.shape))
    return one + xr.DataArray(noise, dims=("runs", *one.dims))


def with_estimates(evidence, value):
    return verdicts(replace(evidence, by_dimension=estimates(value)))


@pytest.mark.parametrize(
    "claim",
    [
        estimator.kernel_constant,
        estimator.entropy_of_small_widths,
        estimator.information_of_small_widths,
        estimator.entropy_of_large_widths,
        estimator.information_of_large_widths,
        estimator.silverman_factor,
        estimator.scale_is_width,
        estimator.scale_is_removed,
        estimator.mean_square_distance,
        estimator.rules_meet,
    ],
    ids=lambda claim: claim.name,
)
def test_what_is_a_theorem_holds(evidence, claim):
    assert not claim.repeated
    assert verdicts(evidence)[claim.name] == "holds"


def test_no_statistic_draws_anything(evidence, monkeypatch):
    def drawn(*_, **__):
        raise AssertionError("a claim is decided on evidence that it made itself")

    monkeypatch.setattr(estimator.gaussians, "estimates", drawn)
    monkeypatch.setattr(estimator, "correlated_gaussians", drawn)
    monkeypatch.setattr(estimator.torch, "randn", drawn)
    assert len(estimator.measure(evidence)) == len(estimator.CLAIMS)


def test_samples_are_not_those_of_the_figures(evidence):
    figure = estimator.gaussians.by_dimension(3)
    assert not np.isclose(evidence.by_dimension.values, figure.values).all()
    assert evidence.by_samples.attrs["seed"] == estimator.SEED


def test_information_outside_its_range_is_measured(evidence):
    least = min(
        float(evidence.yes_and_no.min()), float(evidence.point_sets.mutual_information.min())
    )
    assert float(estimator.bounds.statistic(evidence)) == pytest.approx(-least)
    beyond = replace(evidence, yes_and_no=evidence.yes_and_no * 0 + 1.1)
    assert verdicts(beyond)["bounds"] == "does not hold"


def test_saturated_estimates_are_called_saturated(evidence):
    flat = with_estimates(evidence, lambda *_: 6.9999)
    low = with_estimates(evidence, lambda *_: 4.999)
    for name in ("saturation_in_100", "saturation_in_1000"):
        assert (flat[name], low[name]) == ("holds", "does not hold")


def test_an_estimator_that_grows_with_the_dimension_is_told(evidence):
    linear = with_estimates(evidence, lambda d, _, rho: d * rho**2)
    level = with_estimates(evidence, lambda _, __, rho: rho**2)
    assert linear["growth_with_dimension"] == "does not hold"
    assert level["growth_with_dimension"] == "holds"
    assert level["independent_variables"] == "does not hold"
    assert linear["resolution_falls_with_dimension"] == "does not hold"


def test_the_shape_is_that_of_the_exact_curve_and_of_no_other(evidence):
    right = with_estimates(evidence, lambda _, __, rho: 3 + correlated_gaussians_mi(1, rho) / 9)
    wrong = with_estimates(evidence, lambda _, __, rho: 3 + rho**2)
    assert (right["shape"], wrong["shape"]) == ("holds", "does not hold")


def test_an_estimator_that_is_right_is_no_bad_one(evidence):
    exact = with_estimates(evidence, lambda d, _, rho: correlated_gaussians_mi(d, rho))
    assert exact["values_are_not_approximated"] == "does not hold"


def test_the_factor_matters_where_estimates_differ(evidence):
    alike = evidence.silverman.sel(estimator=["with"])
    both = xr.concat([alike, alike + 1e-3], "estimator")
    both = both.assign_coords(estimator=["with", "without"])
    assert verdicts(replace(evidence, silverman=both))["silverman_factor_discarded"] == "holds"
    moved = both + xr.DataArray([0.0, 0.5], {"estimator": ["with", "without"]}, ["estimator"])
    found = verdicts(replace(evidence, silverman=moved))
    assert found["silverman_factor_discarded"] == "does not hold"


def test_a_shift_by_standardising_is_told(evidence):
    off = evidence.normalised.sel(estimator=["without"])
    alike = xr.concat([off, off + 1e-5], "estimator").assign_coords(estimator=["without", "with"])
    assert verdicts(replace(evidence, normalised=alike))["normalising_normals"] == "holds"
    moved = alike + xr.DataArray([0.0, 0.5], {"estimator": ["without", "with"]}, ["estimator"])
    assert verdicts(replace(evidence, normalised=moved))["normalising_normals"] == "does not hold"


def test_what_a_linear_map_changes_is_told(evidence):
    as_drawn = evidence.mapped.sel(variables=["as drawn"])
    unmoved = xr.concat([as_drawn, as_drawn], "variables").assign_coords(
        variables=["as drawn", "mapped"]
    )
    found = verdicts(replace(evidence, mapped=unmoved))
    assert found["linear_maps_change_the_previous_rule"] == "does not hold"
    assert verdicts(evidence)["linear_maps_change_the_previous_rule"] == "holds"


def test_gamma_midway_is_where_the_entropy_is_half_of_log_n(evidence):
    sigma = estimator.PreviousWidth(float(evidence.midway.sel(variable="images")))
    gram = estimator.gaussian_gram(evidence.images, sigma(*evidence.images.shape))
    share = float(estimator.renyi_entropy(gram, 1.01)) / estimator.LOG_N
    assert share == pytest.approx(0.5, abs=1e-3)
    level = replace(evidence, midway=evidence.midway * 0 + 5)
    assert verdicts(level)["gamma_differs_between_variables"] == "does not hold"
