"""Stored results: what is damaged or cannot be is told, with the command that makes it again."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import xarray as xr

from ipae_lib.files import seal
from study import experiments
from study.experiments import PROFILES, integrity, results
from study.trials import flips

RUN = replace(
    PROFILES["tiny"].planes()[0],
    name="tiny-damaged",
    records=3,
    scan_every=2,
    truth=0,
    variants=False,
)
AGAIN = "delete it and run: python -m study experiments run --profile tiny --only tiny-damaged"


@pytest.fixture(scope="module")
def result():
    return experiments.run(RUN, progress=False)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tiny-damaged.nc"


def refused(path, what):
    """The file is refused, by one error that names it, what is wrong, and the command."""
    with pytest.raises(ValueError, match=what) as caught:
        experiments.load(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(AGAIN)


def unsealed(data, path):
    """Write a dataset as a reader of netCDF would change a file: digest and values may differ."""
    data.to_netcdf(path, engine="h5netcdf")


def changed(result, **values):
    return result.assign({name: change(result[name].copy()) for name, change in values.items()})


def at(value, **where):
    def change(array):
        array.loc[where] = value
        return array

    return change


def test_what_is_saved_is_told_to_be_right(result, path, tmp_path):
    experiments.save(result, path)
    found = experiments.load(path)
    assert experiments.digest_told(found) == "digest right"
    assert len(found.attrs["digest"]) == 64
    # saved again it is the same result
    again = tmp_path / "again.nc"
    experiments.save(found, again)
    assert experiments.load(again).identical(found)


def test_a_result_of_before_digests_is_read(result, path):
    unsealed(result.assign_attrs(schema=3).astype("float32"), path)
    found = experiments.load(path)
    assert experiments.digest_told(found) == "no digest"
    xr.testing.assert_equal(found, result.astype("float32").astype("float64"))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: changed(data, input_mi=at(1.5, estimator="proposed", layer="Z")),
        lambda data: data.assign_coords(layer=[*data.layer.values[:-1], "X_in"]),
        lambda data: data.assign_coords(gamma=data.gamma * 2),
        lambda data: data.assign_attrs(seed=1),
        lambda data: data.assign_attrs(commit="0" * 40),
        lambda data: data.drop_vars("variance"),
        lambda data: data.assign(more=data.variance),
    ],
    ids=["value", "layer", "gamma", "seed", "commit", "fewer", "more"],
)
def test_what_is_not_as_its_digest_tells_is_refused(result, path, change):
    experiments.save(result, path)
    unsealed(change(xr.load_dataset(path, engine="h5netcdf")), path)
    refused(path, "what it holds is not what its digest tells")


@pytest.mark.parametrize("kept", [0, 0.3, 0.98])
def test_a_file_that_was_cut_off_is_refused(result, path, kept):
    experiments.save(result, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    refused(path, "no readable result")


def test_no_flipped_bit_is_taken_for_a_result(result, path):
    experiments.save(result, path)
    outcomes = flips.flip_bits([path], 100)
    assert outcomes.total() == 100
    assert not outcomes["altered"] + outcomes["escaped"]
    assert outcomes["told"] > 90


IMPLAUSIBLE = {
    "information of 99 bits": (
        lambda data: changed(data, input_mi=at(99.0, layer="Z")),
        r"input_mi goes from .* to 99, and must lie in 0 … 6",
    ),
    "a negative entropy": (
        lambda data: changed(data, entropy=at(-0.5, layer="Z")),
        "entropy goes from -0.5 to",
    ),
    "NaN": (lambda data: data * np.nan, "train_error has values that are no finite numbers"),
    "one NaN": (
        lambda data: changed(data, output_mi=at(np.nan, layer="Z", batch=1)),
        "output_mi has values that are no finite numbers",
    ),
    "an infinite error": (
        lambda data: changed(data, test_error=at(np.inf, iteration=0)),
        "test_error has values that are no finite numbers",
    ),
    "a negative variance": (
        lambda data: changed(data, variance=at(-1.0, layer="E1")),
        "variance goes from -1 to",
    ),
    "one iteration": (
        lambda data: data.isel(iteration=[-1]),
        r"iteration is \[5\], and its configuration says \[0, 1, 5\]",
    ),
    "another iteration": (
        lambda data: data.assign_coords(iteration=[0, 3, 5]),
        r"iteration is \[0, 3, 5\], and",
    ),
    "one batch": (lambda data: data.isel(batch=[0]), "it has 1 of batch, and .* says 2"),
    "fewer layers": (lambda data: data.isel(layer=slice(3)), r"layer is \['X', 'E1', 'E2'\]"),
    "no entropy": (lambda data: data.drop_vars("entropy"), "it has no entropy, but"),
    "no scan": (lambda data: data.drop_dims("gamma"), "it has no input_mi_by_gamma, but"),
    "a scan with a gap": (
        lambda data: changed(data, input_mi_by_alpha=at(np.nan, iteration=5, alpha=2.0)),
        "input_mi_by_alpha has values that are no finite numbers",
    ),
    "a mean over batches": (
        lambda data: data.assign(entropy=data.entropy.mean("batch")),
        "entropy has the dimensions",
    ),
    "no configuration of a run": (
        lambda data: data.assign_attrs(
            configuration=json.dumps({"name": "tiny-damaged", "bottleneck_size": "two"})
        ),
        "it does not go with its configuration",
    ),
}


@pytest.mark.parametrize("name", IMPLAUSIBLE)
@pytest.mark.parametrize("write", [experiments.save, unsealed], ids=["digest", "no digest"])
def test_what_cannot_be_right_is_refused(result, path, name, write):
    change, what = IMPLAUSIBLE[name]
    write(change(result).assign_attrs(schema=3), path)
    refused(path, f"cannot be right: .*{what}")


def test_a_little_below_zero_is_legal(result, path):
    experiments.save(changed(result, output_mi=at(-0.0064, layer="X_out")), path)
    assert float(experiments.load(path).output_mi.min()) == pytest.approx(-0.0064)


@pytest.mark.slow
def test_where_nothing_was_recorded_nothing_is_missed(path):
    for change in ({"end_only": True}, {"scan_every": 0}):
        run = replace(RUN, **{"scan_every": 0, **change})
        experiments.save(experiments.run(run, progress=False), path)
        assert json.loads(experiments.load(path).attrs["configuration"]) == asdict(run)


def test_a_damaged_live_result_is_made_again(tmp_path, monkeypatch, capsys, result):
    monkeypatch.setattr(results, "LIVE", tmp_path)
    path = tmp_path / "tiny-damaged.nc"
    path.write_bytes(b"half a file")
    monkeypatch.setattr(results, "run", lambda *_, **__: result)
    found = experiments.run_or_load(RUN, live=True, progress=False)
    assert found.sizes["iteration"] == 3
    assert f"{path} is no readable result" in capsys.readouterr().err


def test_what_may_not_be_read_is_not_called_damaged(path, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(results, "read_sealed", forbidden)
    with pytest.raises(PermissionError):
        experiments.load(path)


def test_a_seal_of_other_bytes_does_not_count(result, path):
    experiments.save(result, path)
    path.write_bytes(path.read_bytes() + b"more")
    seal(path)  # of all that is there now: the digest inside still speaks
    assert integrity.digest_told(experiments.load(path)) == "digest right"


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("results/quick-plane-K02-seed0.nc", "experiments run --profile quick --only quick-plane"),
        ("results/large/end-K02.nc", "large run --only end-K02"),
        ("elsewhere/other.nc", "delete it to have it made again"),
    ],
)
def test_the_command_is_that_of_the_file(tmp_path, place, command):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=command):
        experiments.load(path)
