"""Experiments: configurations, stored results, provenance, interruption and resumption."""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
import xarray as xr

from ipae_lib import identity, plane
from ipae_lib.data import mnist
from ipae_lib.files import read_sealed, write_sealed
from study import experiments, processes
from study.__main__ import main
from study.commands import experiments as commands
from study.experiments import PROFILES, Experiment, origin, results, schema, side_by_side
from study.processes import BusyError, alone

SMALL = Experiment(
    "small", bottleneck_size=3, epochs=3, images=300, records=5, batches=2, samples=32
)
QUANTITIES = list(plane.QUANTITIES)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Nothing of the checkout is read or written."""
    monkeypatch.setattr(results, "LIVE", tmp_path / "live")
    monkeypatch.setattr(results, "_unfinished", lambda run: tmp_path / "unfinished" / run.name)


@pytest.fixture(scope="module")
def small_result(tmp_path_factory):
    return experiments.run(replace(SMALL, name="shared"), progress=False)


def test_a_result_has_every_quantity_of_every_layer_and_iteration(small_result):
    sizes = {"iteration": 5, "estimator": 3, "layer": 9, "batch": 2}
    for quantity in QUANTITIES:
        assert dict(small_result[quantity].sizes) == sizes
    assert small_result.iteration.values.tolist() == SMALL.iterations()
    assert bool(np.isfinite(small_result.to_array()).all())
    assert float(small_result.test_error[-1]) < float(small_result.test_error[0])


def test_information_keeps_within_its_bounds(small_result):
    recorded = small_result[QUANTITIES].to_array()
    assert float(recorded.min()) > -1e-3
    assert float(recorded.max()) < np.log2(SMALL.samples) + 1e-3


def test_provenance_tells_how_to_make_a_result_again(small_result):
    attrs = small_result.attrs
    assert json.loads(attrs["configuration"]) == asdict(replace(SMALL, name="shared"))
    assert json.loads(attrs["versions"])["torch"] == torch.__version__.split("+")[0]
    assert attrs["seed"] == SMALL.seed
    assert attrs["command"] == f"study.experiments.run_or_load({replace(SMALL, name='shared')})"
    assert len(attrs["commit"]) == 40 or attrs["commit"] == "unknown"
    assert attrs["device"].startswith("CPU, ")
    for name in ("date", "code", "uncommitted_changes", "seconds"):
        assert name in attrs


def test_a_stored_result_is_loaded_and_not_computed(tmp_path, monkeypatch):
    first = experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    monkeypatch.setattr(results, "run", lambda *_, **__: pytest.fail("computed again"))
    second = experiments.run_or_load(SMALL, store=tmp_path)
    xr.testing.assert_identical(first, second)


def test_a_stored_result_of_another_configuration_is_refused(tmp_path):
    experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    with pytest.raises(ValueError, match=r"another configuration.*'seed': \(0, 1\).*run_or_load"):
        experiments.run_or_load(replace(SMALL, seed=1), store=tmp_path)


@pytest.mark.slow
def test_a_live_result_of_other_code_or_configuration_is_made_again(monkeypatch):
    run = replace(SMALL, records=1, epochs=1)
    experiments.run_or_load(run, live=True, progress=False)
    again = experiments.run_or_load(replace(run, seed=1), live=True, progress=False)
    assert again.attrs["seed"] == 1
    monkeypatch.setattr(origin, "CODE", "edited")
    again = experiments.run_or_load(replace(run, seed=1), live=True, progress=False)
    assert again.attrs["code"] == "edited"


def test_a_truncated_result_is_refused(tmp_path):
    path = tmp_path / f"{SMALL.name}.nc"
    path.write_bytes(b"\x89HDF\r\n\x1a\n half a file")
    with pytest.raises(ValueError, match=r"no readable result.*delete it"):
        experiments.run_or_load(SMALL, store=tmp_path)


def interrupted(run, store, monkeypatch, after=8):
    """Begin a run, and stop it in the middle."""
    computed = []
    error = results.reconstruction_error

    def interrupting(model, images):
        computed.append(len(images))
        if len(computed) == after:
            raise KeyboardInterrupt
        return error(model, images)

    with monkeypatch.context() as patch:
        patch.setattr(results, "reconstruction_error", interrupting)
        with pytest.raises(KeyboardInterrupt):
            experiments.run_or_load(run, store=store, progress=False)


@pytest.mark.slow
def test_an_interrupted_run_goes_on_and_gives_the_same_numbers(tmp_path, monkeypatch, small_result):
    interrupted(SMALL, tmp_path, monkeypatch)
    assert not (tmp_path / "small.nc").exists()
    finished = sorted(path.name for path in (tmp_path / "unfinished" / "small").glob("*.nc"))
    assert finished, "no finished record was kept"

    computed = []
    error = results.reconstruction_error
    monkeypatch.setattr(
        results, "reconstruction_error", lambda *args: computed.append(1) or error(*args)
    )
    result = experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    errors_of_all_records = 2 * len(SMALL.iterations())
    assert len(computed) < errors_of_all_records, "everything was computed again"
    rounded = small_result.astype("float32").astype("float64")  # as what is stored
    xr.testing.assert_equal(result, rounded)
    assert not (tmp_path / "unfinished" / "small").exists()


@pytest.mark.slow
def test_an_interrupted_run_goes_on_with_the_threads_that_it_was_begun_with(
    tmp_path, monkeypatch, small_result
):
    own = torch.get_num_threads()
    interrupted(SMALL, tmp_path, monkeypatch)
    try:
        torch.set_num_threads(own + 1)
        result = experiments.run_or_load(SMALL, store=tmp_path, progress=False)
        assert torch.get_num_threads() == own + 1
    finally:
        torch.set_num_threads(own)
    xr.testing.assert_equal(result, small_result.astype("float32").astype("float64"))


@pytest.mark.slow
def test_what_another_arithmetic_left_is_dropped(tmp_path, monkeypatch, small_result, capsys):
    interrupted(SMALL, tmp_path, monkeypatch)
    folder = tmp_path / "unfinished" / "small"
    forged = results.read_record(folder / "000000.nc") + 1
    experiments.save(forged, folder / "000000.nc")
    note = json.loads(read_sealed(folder / "arithmetic.json"))
    other = json.dumps({**note, "bits": "of another processor"})
    write_sealed(folder / "arithmetic.json", other.encode())
    result = experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    assert "small: begun where sums are taken in another order" in capsys.readouterr().err
    xr.testing.assert_equal(result, small_result.astype("float32").astype("float64"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["checkpoint.pt", "000000.nc", "arithmetic.json", "seconds"])
@pytest.mark.parametrize("damage", ["flipped", "cut off", "empty", "gone"])
def test_a_damaged_unfinished_run_gives_the_same_numbers(
    tmp_path, monkeypatch, small_result, capsys, name, damage
):
    interrupted(SMALL, tmp_path, monkeypatch)
    path = tmp_path / "unfinished" / "small" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    if damage == "gone":
        path.unlink()
    else:
        kept = {"flipped": len(content), "cut off": len(content) // 2, "empty": 0}[damage]
        path.write_bytes(content[:kept])
    result = experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    xr.testing.assert_equal(result, small_result.astype("float32").astype("float64"))
    told = capsys.readouterr().err
    # without a checkpoint it begins anew anyway, and without its seconds it has taken none
    assert str(path) in told or (damage == "gone" and name in ("checkpoint.pt", "seconds"))


def test_a_run_by_itself_leaves_nothing_to_go_on_from(tmp_path):
    run = replace(SMALL, epochs=1, records=1)
    experiments.run(run, progress=False)
    assert not (tmp_path / "unfinished").exists()


def test_a_result_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch, small_result):
    monkeypatch.setattr(results, "run", lambda *_, **__: small_result)

    def full_disk(_result, path):
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(results, "save", full_disk)
    with pytest.raises(OSError, match="no space left"):
        experiments.run_or_load(SMALL, store=tmp_path / "results")
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize("where", ["results", "unfinished"])
@pytest.mark.parametrize("why", ["read-only", "full"])
@pytest.mark.parametrize("several", [False, True])
def test_what_cannot_be_written_is_told_before_the_training(
    tmp_path, monkeypatch, where, why, several
):
    monkeypatch.setattr(results, "train", lambda *_, **__: pytest.fail("was trained"))
    store = tmp_path / "results"
    if why == "read-only":  # a file in the folder's place stops root too
        (tmp_path / where).write_text("a file")
    else:
        monkeypatch.setattr(results, "_ROOM" if where == "results" else "_ROOM_TO_WORK", 10**18)
    start = experiments.run_all if several else experiments.run_or_load
    with pytest.raises(OSError, match=f"{tmp_path / where} "):
        start([SMALL] if several else SMALL, store=store)


@pytest.mark.slow
def test_runs_side_by_side_give_what_single_runs_give(tmp_path, small_result):
    runs = [replace(SMALL, name=f"side-{seed}", seed=seed) for seed in (0, 1)]
    threads = torch.get_num_threads()
    experiments.run_all(runs, store=tmp_path, jobs=2)
    assert torch.get_num_threads() == threads
    first, second = (experiments.load(tmp_path / f"{run.name}.nc") for run in runs)
    # sums are taken in another order with another number of threads
    for quantity in QUANTITIES:
        np.testing.assert_allclose(first[quantity], small_result[quantity], atol=2e-3)
    other = abs(first[QUANTITIES] - second[QUANTITIES])
    assert float(other.to_array().max()) > 0.01


@pytest.mark.slow
def test_a_resumed_sweep_is_bit_for_bit_that_of_no_interruption(tmp_path, monkeypatch):
    # as on a machine of four cores: the two runs have two threads each, and the last one too
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)), raising=False)
    runs = [replace(SMALL, name=f"side-{seed}", seed=seed, records=2) for seed in (0, 1)]
    experiments.run_all(runs, store=tmp_path / "whole", jobs=2)
    experiments.run_all(runs[:1], store=tmp_path / "resumed", jobs=2)
    experiments.run_all(runs, store=tmp_path / "resumed", jobs=2)
    for run in runs:
        whole, resumed = (
            experiments.load(tmp_path / folder / f"{run.name}.nc")
            for folder in ("whole", "resumed")
        )
        xr.testing.assert_equal(whole, resumed)


def test_a_result_is_not_made_by_two_at_once(tmp_path, small_result, monkeypatch):
    def held(experiment, *_, **__):
        """Meanwhile another sweep comes by."""
        with pytest.raises(BusyError, match="small is being made by another process"):
            experiments.run_or_load(SMALL, store=tmp_path, wait=False)
        sweep = threading.Thread(
            target=experiments.run_all, args=([SMALL],), kwargs={"store": tmp_path, "jobs": 1}
        )
        made.append(experiment)
        sweep.start()
        waiting.append(sweep)
        assert found_claimed.wait(60)
        return small_result.assign_attrs(configuration=json.dumps(asdict(SMALL)))

    def told(message, file):
        assert message == "small is being made by another process; waiting for it"
        found_claimed.set()

    made, waiting, found_claimed = [], [], threading.Event()
    monkeypatch.setattr(results, "run", held)
    monkeypatch.setattr(processes, "print", told, raising=False)
    experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    waiting[0].join(60)
    assert not waiting[0].is_alive()
    assert made == [SMALL]


def test_the_claim_of_a_dead_process_is_taken_over(tmp_path):
    code = """
import os, sys
from pathlib import Path
from study.processes import alone
with alone(Path(sys.argv[1]), "small"):
    print("held", flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", code, str(tmp_path / "small")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == b"held\n"
        claim = alone(tmp_path / "small", "small", wait=False)
        with pytest.raises(BusyError), claim:
            pytest.fail("two at once")
        process.kill()
        process.wait()
        with alone(tmp_path / "small", "small", wait=False):
            pass


def test_a_process_that_is_lost_is_told(tmp_path, monkeypatch):
    runs = [replace(SMALL, name=name, epochs=100) for name in ("first", "second")]
    started = side_by_side.processes.start

    def and_killed(*arguments):
        connection, process = started(*arguments)
        process.kill()
        return connection, process

    monkeypatch.setattr(side_by_side.processes, "start", and_killed)
    message = r"the process of (first|second) ended with exit code -9, .*the same command goes on"
    with pytest.raises(OSError, match=message):
        experiments.run_all(runs, store=tmp_path, jobs=2)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_an_error_in_a_process_is_that_of_the_sweep(tmp_path):
    runs = [replace(SMALL, name=f"side-{n}", samples=10_000) for n in (0, 1)]
    with pytest.raises(ValueError, match=r"2 batches of 10000 samples are more than the 10,000"):
        experiments.run_all(runs, store=tmp_path, jobs=2)
    assert not multiprocessing.active_children()


def test_the_bar_counts_what_is_left_to_do(tmp_path, monkeypatch, small_result, capsys):
    runs = [replace(SMALL, name=f"side-{seed}", seed=seed) for seed in (0, 1)]
    stored = {**small_result.attrs, "configuration": json.dumps(asdict(runs[0]))}
    results.save(small_result.assign_attrs(stored), tmp_path / "side-0.nc")
    monkeypatch.setattr(results, "run", lambda *_, **__: small_result)
    experiments.run_all(runs, store=tmp_path, jobs=1)
    updates = SMALL.training.iterations(SMALL.images)
    assert f"{updates}/{updates} [" in capsys.readouterr().err
    experiments.run_all(runs[:1], store=tmp_path, jobs=1)
    assert "updates" not in capsys.readouterr().err, "a bar though there was nothing to do"


def test_an_interrupted_single_job_leaves_the_callers_threads(tmp_path, monkeypatch):
    def interrupted(*_, **__):
        torch.set_num_threads(own + 1)
        raise KeyboardInterrupt

    own = torch.get_num_threads()
    monkeypatch.setattr(side_by_side, "run_or_load", interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            experiments.run_all([SMALL], store=tmp_path, jobs=1)
        assert torch.get_num_threads() == own
    finally:
        torch.set_num_threads(own)


@pytest.mark.slow
def test_verify_recomputes_the_beginning(tmp_path):
    experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    # what is stored is rounded to single precision
    assert experiments.verify(SMALL, tmp_path, up_to=3).excess < 1e-6

    path = tmp_path / f"{SMALL.name}.nc"
    forged = experiments.load(path)
    forged["input_mi"][1, 0, 3, 0] += 0.5
    experiments.save(forged, path)
    worst = experiments.verify(SMALL, tmp_path, up_to=3)
    assert worst.excess == worst.difference - worst.rounding
    assert worst.rounding < 1e-5
    assert worst.difference == pytest.approx(0.5, abs=1e-6)
    place = "input_mi of E3 under 'previous' at iteration 1"
    assert str(worst) == f"{place} differs by 0.5, {worst.rounding:.2g} by rounding"


@pytest.mark.slow
def test_a_difference_is_allowed_where_a_weights_last_place_makes_one(tmp_path, monkeypatch):
    made = results._run(SMALL)
    apart = [abs(results._run(SMALL, moved=i).input_mi - made.input_mi).max() for i in (0, 1)]
    assert 0 < min(apart) < max(apart) < 1e-5
    asked = []

    def grown(experiment, *, moved, **settings):
        asked.append(moved)
        found = made.copy(deep=True)
        # one moved network, which happens to meet the fresh one, says nothing of the others
        found["input_mi"][2] += (0.0, 0.01, 0.04, 0.1)[moved]
        return found

    monkeypatch.setattr(results, "_run", grown)
    monkeypatch.setattr(results, "run", lambda *_, **__: made)
    path = tmp_path / f"{SMALL.name}.nc"
    for iteration, excess in ((2, 0.0), (1, 0.3)):
        other = made.copy(deep=True)
        other["input_mi"][iteration, 0, 3, 0] += 0.3
        experiments.save(other, path)
        worst = experiments.verify(SMALL, tmp_path, up_to=3)
        assert worst.excess == pytest.approx(excess, abs=1e-5)
    # as many as it takes, and no more than four
    assert asked == [0, 1, 2, 0, 1, 2, 3]


@pytest.mark.slow
def test_an_error_may_differ_by_what_a_weights_last_place_makes_of_it(tmp_path, monkeypatch):
    run = replace(SMALL, end_only=True)
    made = results._run(run)
    begun = made[["test_error"]].isel(iteration=slice(3))

    def grown(*_, moved, **__):
        found = begun.copy(deep=True)
        found["test_error"][2] *= 1 + 0.03 * (moved == 3)
        return found

    monkeypatch.setattr(results, "_run", grown)
    monkeypatch.setattr(results, "run", lambda *_, **__: begun)
    for iteration, excess in ((2, 0.0), (1, 0.2)):
        other = made.copy(deep=True)
        other["test_error"][iteration] *= 1.25
        experiments.save(other, tmp_path / f"{run.name}.nc")
        worst = experiments.verify(run, tmp_path, up_to=3)
        assert worst.excess == pytest.approx(excess, abs=1e-5)


def test_verify_says_what_it_cannot_do(tmp_path):
    with pytest.raises(ValueError, match=r"nothing is stored.*run: study.*run_or_load\(Exp"):
        experiments.verify(SMALL, tmp_path)
    end_only = replace(SMALL, records=1)
    experiments.run_or_load(end_only, store=tmp_path, progress=False)
    with pytest.raises(ValueError, match="up_to is 2: raise it"):
        experiments.verify(end_only, tmp_path, up_to=2)
    for changed in ({"bottleneck_size": 2}, {"records": 3}, {"images": 200}):
        with pytest.raises(ValueError, match="made with another configuration"):
            experiments.verify(replace(end_only, **changed), tmp_path)
    xr.Dataset({"a": 1.0}).to_netcdf(tmp_path / f"{SMALL.name}.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match=r"does not tell where it comes from.*delete it"):
        experiments.verify(SMALL, tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"initialisation": "glorrot"}, "initialisation is 'glorrot'; use 'glorot' or 'glorot4'"),
        ({"batches": 0}, "batches is 0"),
        ({"scan_every": -2}, "scan_every is -2"),
        ({"stretch_start": 9, "stretch_end": 5}, "stretch_end is 5"),
    ],
)
def test_a_wrong_configuration_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **settings)


def test_settings_of_the_experiments_are_part_of_the_code():
    names = set(identity.import_closure(origin._RUN))
    settings = {f"study.experiments.{name}" for name in ("results", "configurations", "schema")}
    assert settings | {"ipae_lib.validation", "ipae_lib.training"} <= names


def test_provenance_is_of_the_module_that_made_the_result(small_result):
    assert small_result.attrs["code"] == origin.CODE
    large = experiments.provenance(module="study.large")
    assert large["code"] == identity.code_identity("study.large") != origin.CODE
    assert large["uncommitted_changes"] in ("True", "False", "unknown")


def test_uncommitted_changes_of_other_modules_do_not_count(monkeypatch):
    asked = []

    def answer(*arguments):
        asked.append(arguments)
        return "0123456789" if arguments[0] == "rev-parse" else ""

    monkeypatch.setattr(origin, "_git", answer)
    assert origin.provenance()["uncommitted_changes"] == "False"
    status = next(" ".join(arguments) for arguments in asked if arguments[0] == "status")
    assert "study/experiments/results.py" in status
    assert "study/large.py" not in status
    asked.clear()
    origin.provenance(module="study.large")
    assert any("study/large.py" in " ".join(arguments) for arguments in asked)


@pytest.mark.slow
def test_verify_compares_errors_where_no_plane_is_recorded(tmp_path):
    run = replace(SMALL, end_only=True)
    experiments.run_or_load(run, store=tmp_path, progress=False)
    assert experiments.verify(run, tmp_path, up_to=3).excess < 1e-4

    path = tmp_path / f"{run.name}.nc"
    forged = experiments.load(path)
    forged["test_error"][0] *= 1.25
    experiments.save(forged, path)
    worst = experiments.verify(run, tmp_path, up_to=3)
    assert worst.excess == pytest.approx(0.2, abs=1e-3)
    assert worst.where == "test error at iteration 0"


def test_information_at_the_end_alone(small_result):
    end = experiments.run(replace(SMALL, end_only=True), progress=False)
    for quantity in QUANTITIES:
        recorded = end[quantity].notnull().all(["estimator", "layer", "batch"])
        assert recorded.values.tolist() == [False, False, False, False, True]
        np.testing.assert_allclose(end[quantity][-1], small_result[quantity][-1], atol=1e-5)
    np.testing.assert_allclose(end.test_error, small_result.test_error, rtol=1e-5)


def test_scans_of_gamma_and_alpha_contain_the_papers_setting():
    run = replace(SMALL, epochs=1, batches=3, scan_every=2)
    result = experiments.run(run, progress=False)
    of_gamma = schema.scan(result, "gamma")
    scanned = of_gamma.input_mi.notnull().all(["gamma", "layer", "scan_batch"])
    assert (
        result.iteration.values[scanned].tolist() == run.scanned() == run.iterations()[::-2][::-1]
    )
    assert result.gamma.values.tolist() == list(experiments.GAMMAS)
    assert result.scan_batch.size == experiments.SCAN_BATCHES
    usual = result.sel(estimator="proposed").isel(iteration=-1, batch=slice(2))
    of_alpha = schema.scan(result, "alpha").sel(alpha=1.01).isel(iteration=-1)
    for quantity in QUANTITIES:
        np.testing.assert_allclose(of_alpha[quantity].values, usual[quantity].values, atol=1e-5)
    # a larger width sees less
    entropies = of_gamma.entropy.isel(iteration=-1).sel(layer="X")
    assert bool((entropies.diff("gamma") < 0).all())


def test_every_iteration_of_a_stretch_is_that_of_the_whole_run(small_result):
    stretch = replace(SMALL, name="stretch", epochs=2, stretch_start=2, stretch_end=4)
    result = experiments.run(stretch, progress=False)
    assert result.iteration.values.tolist() == [2, 3, 4]
    both = sorted({2, 3, 4} & set(SMALL.iterations()))
    assert both, "the two have no iteration in common"
    of_both, whole = result.sel(iteration=both), small_result.sel(iteration=both)
    for quantity in QUANTITIES:
        xr.testing.assert_equal(of_both[quantity], whole[quantity])


def test_seeds_are_joined(small_result):
    other = experiments.run(replace(SMALL, seed=4, scan_every=4), progress=False)
    joined = experiments.join_seeds([small_result, other])
    assert joined.seed.values.tolist() == [0, 4]
    xr.testing.assert_equal(joined[QUANTITIES].sel(seed=4, drop=True), other[QUANTITIES])
    assert set(joined) == {*QUANTITIES, "variance", "train_error", "test_error"}


@pytest.mark.parametrize("jobs", [0, -2, 1.5])
def test_a_wrong_number_of_jobs_is_refused(jobs, tmp_path):
    with pytest.raises(ValueError, match=f"jobs is {jobs}"):
        experiments.run_all([SMALL], store=tmp_path, jobs=jobs)


def test_a_device_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="device is 'gpu', which torch cannot use here"):
        experiments.run_all([SMALL], store=tmp_path, device="gpu")


def test_seconds_count_what_came_before_an_interruption(tmp_path):
    unfinished = tmp_path / "unfinished" / "small"
    unfinished.mkdir(parents=True)
    write_sealed(unfinished / "seconds", b"1000")
    result = experiments.run_or_load(SMALL, store=tmp_path, progress=False)
    assert int(result.attrs["seconds"]) >= 1000


def test_the_plateau_is_the_error_of_a_network_that_answers_with_the_mean():
    class Mean(torch.nn.Module):
        def forward(self, x):
            return mnist().double().mean(0).to(x).expand_as(x)

    expected = results.reconstruction_error(Mean(), mnist(train=False)[: experiments.ERROR_IMAGES])
    assert experiments.mean_image_error() == pytest.approx(expected, rel=1e-5)
    assert 0.06 < expected < 0.07


def test_too_many_test_images_are_refused():
    with pytest.raises(ValueError, match="100 batches of 512 samples are more than the 10,000"):
        experiments.run(replace(SMALL, batches=100, samples=512), progress=False)


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_name_each_run_once_and_share_what_is_the_same(name):
    profile = PROFILES[name]
    runs = profile.experiments()
    assert len({run.name for run in runs}) == len(runs)
    stretch = profile.stretch_run()
    same_training = {replace(run, name="", records=1) for run in runs if run != stretch}
    assert len(same_training) == len(runs) - 1, "two runs train the same network"
    # the stretch is the beginning of a longer run
    whole = next(run for run in profile.planes() if run.bottleneck_size == 32)
    assert replace(stretch.training, epochs=whole.epochs) == whole.training
    assert stretch.iterations()[-1] <= stretch.training.iterations(stretch.images)
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)
    assert set(profile.planes()) & set(profile.sweep()), "Fig. 9 trains again what Fig. 6 has"


def test_larger_weights_are_the_same_times_four():
    glorot, larger = SMALL.model(), replace(SMALL, initialisation="glorot4").model()
    assert not glorot.E1[0].bias.any()
    assert torch.equal(larger.E1[0].weight, 4 * glorot.E1[0].weight)


def test_threads_that_initialise_at_a_time_do_not_mix_their_random_numbers():
    def weights(run):
        return run.model().state_dict()

    runs = [replace(SMALL, seed=seed) for seed in range(8)]
    alone = [weights(run) for run in runs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(weights, runs * 4))
    for expected, found in zip(alone * 4, together, strict=True):
        assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_an_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="profile is 'huge'; there are"):
        experiments.get_profile("huge")


def test_status_tells_what_is_missing(tmp_path, monkeypatch, capsys, small_result):
    monkeypatch.setattr(commands, "STORED", tmp_path)
    first = PROFILES["tiny"].experiments()[0]
    stored = replace(SMALL, name=first.name, profile="tiny")
    stored = small_result.assign_attrs(configuration=json.dumps(asdict(stored)))
    experiments.save(stored, tmp_path / f"{first.name}.nc")
    assert main(["experiments", "status", "--profile", "tiny"]) == 0
    made, *others = capsys.readouterr().out.splitlines()
    assert made.startswith(f"{first.name}: made 20")
    assert made.endswith("measured in float64; digest right")
    assert others
    assert all(line.endswith(": missing") for line in others)


class TestStoredResults:
    """The results in the repository."""

    @pytest.mark.parametrize(
        "run", experiments.known(PROFILES["paper"].experiments()), ids=lambda run: run.name
    )
    def test_each_is_whole_and_of_the_present_configuration(self, run):
        result = experiments.load(experiments.STORED / f"{run.name}.nc")
        assert json.loads(result.attrs["configuration"]) == asdict(run)
        assert result.iteration.values.tolist() == run.iterations()
        assert bool(np.isfinite(result.test_error).all())
        estimated = result[QUANTITIES].isel(iteration=-1 if run.end_only else slice(None))
        assert bool(np.isfinite(estimated.to_array()).all())
        if run.scan_every:
            for name in ("gamma", "alpha"):
                scanned = schema.scan(result, name).sel(iteration=run.scanned())
                assert set(scanned) == set(QUANTITIES)
                assert bool(np.isfinite(scanned.to_array()).all())
        assert result.attrs["uncommitted_changes"] == "False"
        assert result.attrs["precision"] == "float64"
        again = f"python -m study experiments run --profile {run.profile} --only {run.name}"
        assert result.attrs["command"] == again
        assert experiments.SETS[run.profile] is PROFILES["paper"], "the command knows no such runs"

    def test_what_the_chapters_need_is_there_and_no_other(self):
        paper = PROFILES["paper"]
        planes = {run for cell in experiments.CELLS for run in paper.planes(cell)}
        needed = {f"{run.name}.nc" for run in (*planes, paper.stretch_run())}
        stored = {path.name for path in experiments.STORED.glob("*.nc")}
        assert needed <= stored <= {f"{run.name}.nc" for run in paper.experiments()}

    @pytest.mark.slow
    def test_a_plane_is_what_a_fresh_computation_gives(self):
        run = PROFILES["paper"].planes()[1]
        assert experiments.verify(run, up_to=1).excess < 1e-4

    @pytest.mark.slow
    def test_a_learning_curve_is_what_a_fresh_computation_gives(self):
        run = next(run for run in PROFILES["paper"].sweep() if run.end_only)
        assert experiments.verify(run, up_to=20).excess < 1e-4


def test_reconstruction_error_is_a_mean_over_images_and_pixels():
    model, x = torch.nn.Linear(4, 4), torch.rand(50, 4)
    error = results.reconstruction_error(model, x)
    with torch.no_grad():
        expected = ((model(x) - x).double() ** 2).sum().item() / (50 * 4)
    assert error == pytest.approx(expected, rel=1e-6)
    assert isinstance(error, float)
    assert all(p.grad is None for p in model.parameters())
