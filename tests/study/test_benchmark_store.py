"""The stored rows of the benchmark, and the table beside them."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ipae_lib import benchmark as bench
from ipae_lib.benchmark import networks, problems, rows, store
from ipae_lib.benchmark.worker import one_number
from study import __main__ as program
from study import benchmark, quantised, width_study


@pytest.fixture(scope="module")
def stored():
    return store.load()


def test_the_rows_are_those_of_the_library_and_the_calibrated_ones(stored):
    asked = problems.problem_set("full")
    expected = rows.all_rows(asked) | width_study.calibrated_rows(width_study.load())
    assert set(stored.estimator.values) == set(expected)
    for name, row in expected.items():
        assert str(stored.sel(estimator=name).settings.values) == row.settings
        assert str(stored.sel(estimator=name).kind.values) == row.kind


@pytest.mark.parametrize(
    "wanted",
    [("variables", "d = 64", 0, 512, 0), ("planes", "discrete, K = 3", 160, 512, 0)],
    ids=str,
)
def test_the_calibrated_winner_answers_the_same_today(stored, wanted):
    full = problems.problem_set("full")
    asked = [p for p in full if (p.part, p.case, p.iteration, p.n, p.seed) == wanted]
    name = "Rényi, entropy share"
    estimator = width_study.calibrated_rows(width_study.load())[name].estimator
    new = [one_number(estimator(pair.a, pair.b)) for pair in asked[0].pairs]
    kept = store.only(stored, asked).bits.sel(estimator=name)
    np.testing.assert_allclose(kept, new, atol=1e-6)


def test_the_table_is_that_of_the_stored_answers(stored):
    kept = pd.read_csv(
        width_study.CALIBRATION.parent / benchmark.TABLE, index_col=0, keep_default_na=False
    )
    rebuilt = bench.leaderboard(stored).round(3)
    assert kept.index.tolist() == rebuilt.index.tolist()
    assert kept.columns.tolist() == rebuilt.columns.tolist()
    for name in kept:
        if rebuilt[name].dtype.kind == "f":
            found = pd.to_numeric(kept[name])  # empty where a row was not asked
            np.testing.assert_allclose(found, rebuilt[name], atol=1.1e-3)
        else:
            assert kept[name].tolist() == rebuilt[name].tolist()


def test_provenance(stored):
    assert stored.attrs["command"] == benchmark.COMMAND
    assert {"commit", "date", "device", "versions", "networks"} <= set(stored.attrs)
    assert json.loads(stored.attrs["versions"])["torch"]


@pytest.mark.slow
def test_all_is_made_and_stored_by_one_call(monkeypatch, tmp_path):
    """With few questions and few rows, and networks of which nothing is asked."""
    few = [problems.gaussian_problem(d, 32, seed) for d in (1, 2) for seed in (0, 1)]
    chosen = {"bins, equal": rows.honest_rows()["bins, equal"]} | rows.cheating_rows(few)
    family = dict(list(width_study.FAMILIES.items())[2:])
    monkeypatch.setattr(benchmark, "problem_set", lambda size: few)
    monkeypatch.setattr(width_study, "calibration_problems", lambda: few)
    monkeypatch.setattr(width_study, "FAMILIES", family)
    monkeypatch.setattr(benchmark.rows, "all_rows", lambda asked: dict(chosen))
    lines = networks.known()
    monkeypatch.setattr(networks, "TRUTH", tmp_path / "networks.csv")
    monkeypatch.setattr(networks, "exact", lambda case: lines[lines.case == case])
    monkeypatch.setattr(benchmark, "quality", lambda case: 0.25)
    counted = quantised.load()
    monkeypatch.setattr(quantised, "planes", lambda: counted)
    path = tmp_path / "answers.nc"
    table = benchmark.make_stored(path, tmp_path, cache=False, progress=False)
    assert set(table.index) == {*chosen, *family}
    assert store.load(path).attrs["networks"].count(" updates: 0.2500") == len(networks.NETWORKS)
    truth = pd.read_csv(tmp_path / "networks.csv")
    pd.testing.assert_frame_equal(truth, lines.reset_index(drop=True))
    networks.known.cache_clear()
    found = pd.read_csv(tmp_path / benchmark.TABLE, index_col=0)
    assert set(found.index) == set(table.index)
    assert len(width_study.load(tmp_path / "calibration.csv")) == 8

    # one case alone: all else stays
    first = store.load(path)
    store.save(first.assign(bits=first.bits * 0 + 99), path)
    monkeypatch.setattr(networks, "exact", None)
    monkeypatch.setattr(width_study, "calibrate", None)
    benchmark.make_stored(path, tmp_path, only=["d = 1"], cache=False, progress=False)
    again = store.load(path)
    own = (again.case == "d = 1").values
    assert 0 < own.sum() < len(own)
    xr.testing.assert_equal(again.bits[:, own], first.bits[:, own])
    assert (again.bits[:, ~own] == 99).all()
    (told,) = json.loads(again.attrs["asked_again"])
    assert told["cases"] == ["d = 1"]
    assert {"commit", "date", "device", "versions"} <= set(told)
    few.append(few[-1])
    with pytest.raises(ValueError, match="not those of the stored answers; make all again"):
        benchmark.make_stored(path, tmp_path, only=["d = 2"], cache=False, progress=False)


def test_what_is_no_case_is_refused(capsys):
    assert program.main(["benchmark", "--only", "parrot"]) == 2
    assert "--only has ['parrot']; there are ['autoencoder, K = 2'," in capsys.readouterr().err


def test_what_was_asked_again_is_told(stored):
    for told in json.loads(stored.attrs["asked_again"]):
        assert set(told["cases"]) <= set(stored.case.values)
        assert told["uncommitted_changes"] == "False"


@pytest.mark.slow
@pytest.mark.parametrize("case", ["classifier", "held out: autoencoder, K = 8"])
def test_the_stored_truth_is_made_again_by_the_same_seeds(case):
    kept = networks.known()
    kept = kept[kept.case == case].reset_index(drop=True)
    again = networks.exact(case, queries=400)
    assert again.layer.tolist() == kept.layer.tolist()
    # another number of queries, and weights that differ by the processor's rounding
    off = (again.exact - kept.exact).abs()
    assert (off < 4 * np.hypot(again.error, kept.error) + 0.02).all()


def test_networks_are_as_good_as_the_stored_ones_are_said_to_be(stored):
    said = dict(one.rsplit(": ", 1) for one in stored.attrs["networks"].split("; "))
    assert len(said) == len(networks.NETWORKS)
    assert float(said["classifier after 1200 updates"]) < 0.1  # of the digits
    assert float(said["autoencoder, K = 32 after 600 updates"]) < 0.03  # a pixel


@pytest.mark.parametrize("damage", ["flipped", "cut off", "empty", "something else"])
def test_damaged_answers_are_told(tmp_path, damage):
    path = tmp_path / "answers.nc"
    store.save(store.load(), path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    kept = {"flipped": len(content), "cut off": len(content) // 2, "empty": 0}.get(damage)
    path.write_bytes(content[:kept])
    if damage == "something else":
        xr.Dataset({"a": ("x", [1.0])}).to_netcdf(path, engine="scipy")
    with pytest.raises(ValueError, match=rf"{path} holds no answers.*python -m study benchmark"):
        store.load(path)


def test_stored_answers_are_read_as_they_were_saved(tmp_path):
    path = tmp_path / "answers.nc"
    store.save(store.load(), path)
    xr.testing.assert_identical(store.load(path), store.load())


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "family\n1\n"])
def test_a_damaged_calibration_is_told(tmp_path, content):
    path = tmp_path / "calibration.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=rf"{path} holds no calib.*python -m study benchmark"):
        width_study.load(path)
