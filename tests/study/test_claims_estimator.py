"""Claims on the estimator: decided as they should be on evidence whose verdict is known."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from study.claims import estimator
from study.claims.verdict import Finding
from study.gaussians import DIMENSIONS, RHOS, RULES


@pytest.fixture(scope="module")
def evidence():
    return estimator.toy_evidence(runs=3)


def verdict_of(claim, evidence):
    return Finding(claim, tuple(claim.check(evidence))).verdict


def estimates(value):
    """Estimates of Fig. 3 in five runs, of what ``value(d, rule, rho)`` says."""
    values = [[[value(d, rule, rho) for rho in RHOS] for rule in RULES] for d in DIMENSIONS]
    coords = {"d": list(DIMENSIONS), "estimator": list(RULES), "rho": list(RHOS)}
    one = xr.DataArray(np.array(values, dtype=float), coords, list(coords))
    return one.expand_dims(runs=5)


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
        estimator.scale,
        estimator.scale_is_removed,
        estimator.mean_square_distance,
        estimator.rules_meet,
    ],
    ids=lambda claim: claim.name,
)
def test_what_is_a_theorem_holds(evidence, claim):
    assert verdict_of(claim, evidence) == "holds"


def test_information_below_0_is_found(evidence):
    bounds = {c.quantity: c.met for c in estimator.bounds.check(evidence)}
    of_information = {quantity: met for quantity, met in bounds.items() if quantity[0] == "I"}
    assert of_information == {
        "I / log N of yes and no, α = 1.01": "no",
        "I / log N of yes and no, α = 2": "no",
    }
    assert bounds["smallest I / log N, α = 2"] == "no"
    held = [
        met for quantity, met in bounds.items() if quantity.split(",")[0] != "smallest I / log N"
    ]
    assert held.count("yes") == 6


def test_no_check_draws_anything(evidence, monkeypatch):
    def drawn(*_, **__):
        raise AssertionError("a claim is decided on evidence that it made itself")

    monkeypatch.setattr(estimator.gaussians, "estimates", drawn)
    monkeypatch.setattr(estimator, "correlated_gaussians", drawn)
    monkeypatch.setattr(estimator.torch, "randn", drawn)
    for claim in estimator.CLAIMS:
        assert claim.check(evidence), claim.name


def test_saturated_estimates_are_called_saturated(evidence):
    flat = replace(evidence, by_dimension=estimates(lambda *_: 6.999))
    low = replace(evidence, by_dimension=estimates(lambda *_: 4.999))
    assert verdict_of(estimator.saturation, flat) == "holds"
    assert verdict_of(estimator.saturation, low) == "does not hold"
    assert verdict_of(estimator.resolution_falls_with_dimension, flat) == "holds"
    assert verdict_of(estimator.shape, flat) != "holds"


def test_an_estimator_that_grows_with_the_dimension_is_told(evidence):
    linear = replace(evidence, by_dimension=estimates(lambda d, _, rho: d * rho**2))
    level = replace(evidence, by_dimension=estimates(lambda _, __, rho: rho**2))
    assert verdict_of(estimator.growth_with_dimension, linear) == "does not hold"
    assert verdict_of(estimator.growth_with_dimension, level) == "holds"
    assert verdict_of(estimator.independent_variables, level) == "does not hold"


def test_the_factor_matters_where_estimates_differ(evidence):
    assert verdict_of(estimator.silverman_factor_discarded, evidence) != "does not hold"
    coords = {"estimator": ["without", "with"]}
    shift = xr.DataArray([0.0, 0.5], coords, list(coords))
    moved = replace(evidence, silverman=evidence.silverman + shift)
    assert verdict_of(estimator.silverman_factor_discarded, moved) == "does not hold"


def test_a_shift_by_standardising_is_told(evidence):
    assert verdict_of(estimator.normalising_normals, evidence) == "holds"
    shift = xr.DataArray([0.5, 0.0], {"estimator": ["with", "without"]}, ["estimator"])
    moved = replace(evidence, normalised=evidence.normalised + shift)
    assert verdict_of(estimator.normalising_normals, moved) == "does not hold"
