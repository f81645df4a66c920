"""What chapter 10 sums up, on findings whose verdicts are known."""

import math

import pytest
import xarray as xr
from scipy import stats

from study.chapters import ch10
from study.claims.criteria import planes
from study.claims.criteria.decision import Claim, Estimate, decide
from study.claims.freeze import Change
from study.experiments import PRINCIPAL, get_profile

A, B = ch10.SHOWN
SHOWS, NONE = planes.large_shows_a_compression_phase, planes.large_shows_no_compression_phase


def an(value, error=1e-4, repeats=5, own=0.0):
    return Estimate(value, error, repeats - 1, repeats, own)


ONE = an(0.1, math.nan, 1)


def a_claim(name, since="before"):
    return Claim(
        name, "words", "Sec. I", "a number", "above", 0.5, "it is", xr.DataArray, since=since
    )


def findings():
    """Both cells have a phase by the previous rule; in truth the first has none."""
    return decide(
        {
            (SHOWS, A, "by the paper's rule"): an(0.1),
            (SHOWS, B, "by the paper's rule"): an(0.2),
            (NONE, A, "by the paper's rule"): an(0.01),
            (NONE, B, "by the paper's rule"): an(0.3),
            (SHOWS, A, "in truth, one level"): an(0.0, own=5e-5),
            (NONE, A, "in truth, one level"): an(0.02, error=0.5, own=0.3),
            (SHOWS, "mean, Glorot", "by the paper's rule"): ONE,
            (NONE, "mean, Glorot", "by the paper's rule"): ONE,
            (a_claim("old", "after"), "case", "exactly"): an(1.0, 0.0, 1),
        }
    )


def test_verdicts_are_counted_where_there_are_any():
    found = ch10.counts(findings())
    assert found.columns.tolist() == ["● holds", "○ does not hold", "? not decided"]
    assert found.loc[("by the paper's rule", A)].tolist() == [2, 0, 0]
    assert found.loc[("by the paper's rule", B)].tolist() == [1, 1, 0]
    assert found.loc[("in truth, one level", A)].tolist() == [0, 1, 1]
    assert ("by the paper's rule", "mean, Glorot") not in found.index


def test_what_is_near_the_edge_is_counted():
    # alone p is 1e-4, 0.015 and 0.04; by Holm 3e-4, 0.03 and 0.04; among all five only the first
    t = {p: stats.t.isf(p / 2, 4) for p in (1e-4, 0.015, 0.04)}
    of = {(a_claim(str(p)), A, "one way"): an(0.5 + 1e-2 * away, 1e-2) for p, away in t.items()}
    other = {(a_claim(name), A, "another"): an(0.5 + 1e-2 * t[0.04], 1e-2) for name in "ab"}
    found = ch10.edge(decide(of | other))
    assert found.loc["one way"].tolist() == [3, 3, 2, 1, 0]
    assert found.loc["another"].tolist() == [2, 0, 0, 0, 2]
    assert ch10.edge(findings())["tests"].sum() == ch10.summary(findings())["tests"]


def test_the_phase_is_asked_of_each_way_to_look():
    found = ch10.phases(findings())
    assert found.index.tolist() == ["previous rule", "proposed rule", "in truth, one level"]
    assert found.loc["previous rule", (A, "median layer")] == "0.100\N{NBSP}●"
    assert found.loc["previous rule", (A, "worst layer")] == ""
    assert found.loc["proposed rule", (B, "worst layer")] == "0.300\N{NBSP}○"
    assert found.loc["in truth, one level", (A, "median layer")] == "0.000\N{NBSP}○"
    assert found.loc["in truth, one level", (A, "worst layer")] == "0.020\N{NBSP}?"


def test_the_closest_cell_has_the_most_claims_as_the_paper_has_them():
    found = ch10.closest(findings())
    assert found.to_dict() == {A: 1.0, B: 0.5, "mean, Glorot": 0.5}
    assert found.index[0] == A


def test_the_summary_counts_claims_tests_and_what_came_first():
    assert ch10.summary(findings()) == {
        "claims": 3,
        "before": 2,
        "after": 1,
        "tests": 7,
        "closest": f'"{A}"',
        "share": 1.0,
    }
    both = decide({(SHOWS, cell, "by the paper's rule"): an(0.1) for cell in (A, B)})
    assert ch10.summary(both)["closest"] == f'"{A}" and "{B}"'
    with pytest.raises(ValueError, match="none on the planes; give those of all groups"):
        ch10.summary([one for one in findings() if one.column == "exactly"])


def test_errors_of_the_truth_stand_beside_those_of_the_networks():
    found = ch10.own_errors(findings())
    assert found.index.tolist() == ["in truth, one level"]
    of_networks = [(1e-8 - 25e-10) ** 0.5, 0.4]
    assert found.iloc[0].tolist() == pytest.approx([(5e-5 + 0.3) / 2, sum(of_networks) / 2])


def test_numbers_in_truth_that_change_sides_are_counted():
    turned = decide(
        {
            (SHOWS, A, "in truth, one level"): an(0.0),
            (NONE, A, "in truth, one level"): an(0.3),
        }
    )
    assert ch10.resolved(findings(), turned) == 0.5
    with pytest.raises(ValueError, match="share none in truth"):
        ch10.resolved([], turned)


def test_cells_have_the_runs_that_their_claims_are_on():
    settings = get_profile("paper")
    cells = ch10.cells_of(settings, lambda run: run, plateau=0.07, live=True)
    principal = cells[PRINCIPAL[0].title]
    assert [run.seed for run in principal.large] == list(settings.seeds)
    assert {run.bottleneck_size for run in principal.small} == {2}
    # the sweep with every network of the plane sizes, each once
    assert set(principal.sizes) == {*settings.sweep(PRINCIPAL[0]), *settings.planes(PRINCIPAL[0])}
    assert len(principal.sizes) == len(set(principal.sizes))
    assert [len(one.large) for one in cells.values()].count(1) == len(cells) - 2
    assert cells["mean, Glorot"].sizes == []
    assert len(ch10.decided_runs(cells)) == 20
    at_noise = ch10.at_noise(cells, 0.9)
    assert list(at_noise) == [A, B]
    assert {one.resolution for one in at_noise.values()} == {0.9}


def test_a_seed_counts_where_both_sizes_are_stored(monkeypatch):
    cell, settings = PRINCIPAL[0], get_profile("paper")
    ends = [run for run in settings.sweep(cell) if run.end_only][:2]
    planes = [run for run in settings.planes(cell) if run.seed in (3, 4)][:3]
    monkeypatch.setattr(
        ch10, "known", lambda runs, live: [r for r in runs if live or r in [*planes, *ends]]
    )
    found = ch10.cells_of(settings, lambda run: run, 0.07, live=False)
    assert list(found) == [cell.title]
    by_size = sorted(planes, key=lambda run: run.bottleneck_size)
    assert (found[cell.title].small, found[cell.title].large) == ([by_size[0]], [by_size[2]])
    assert set(found[cell.title].sizes) == {*ends, *planes}


def test_when_the_criteria_were_frozen_is_said_where_it_is_known(monkeypatch):
    monkeypatch.setattr(ch10, "last_change", lambda: Change("0123456789", "a date", "a subject"))
    assert ch10.frozen() == "criteria last changed: a date 0123456 a subject"

    def unknown():
        raise ValueError("no history")

    monkeypatch.setattr(ch10, "last_change", unknown)
    assert ch10.frozen() == "not known here: no history"


def test_smaller_profiles_have_one_network_of_each_kind():
    settings = get_profile("tiny")
    cells = ch10.cells_of(settings, lambda run: run, plateau=0.07, live=True)
    assert {len(one.small) for one in cells.values()} == {1}
    runs = [run for one in cells.values() for run in (*one.small, *one.sizes)]
    assert {run.images for run in runs} == {500}
    assert all("tiny" in run.name for run in runs)
