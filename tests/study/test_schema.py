"""Stored results: files of the first schema are read as those of today, damaged ones refused."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import xarray as xr

from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from study import experiments, large
from study.experiments import PROFILES, origin, results, schema

LAYERS = [INPUT, *HIDDEN_LAYERS, "X′"]
RUN = replace(PROFILES["tiny"].planes()[0], records=3, scan_every=3)
FIRST, SECOND, LAST = RUN.iterations()

PROVENANCE = {
    "versions": json.dumps({"torch": "2.6"}),
    "device": "CPU, some",
    "date": "2026-01-02T03:04:05+00:00",
    "commit": "0" * 40,
    "uncommitted_changes": "False",
    "code": "abc",
    "seed": 0,
    "seconds": 12,
}


def old_run():
    """A run as the first schema had it: every value tells its quantity, layer and batch."""
    sizes = {"iteration": 3, "estimator": 2, "quantity": 3, "layer": 9, "batch": 2}
    values = np.arange(np.prod(list(sizes.values()))).reshape(*sizes.values()) / 100
    coords = {
        "iteration": [FIRST, SECOND, LAST],
        "estimator": ["previous", "proposed"],
        "quantity": ["input_mi", "output_mi", "entropy"],
        "layer": LAYERS,
    }
    information = xr.DataArray(values, coords, tuple(sizes))
    scans = {
        f"{name}_scan": information.isel(iteration=[2], batch=[0])
        .rename(estimator=name, batch="scan_batch")
        .assign_coords({name: [0.5, 1.0]})
        for name in ("gamma", "alpha")
    }
    errors = {f"{part}_error": ("iteration", [0.3, 0.2, 0.1]) for part in ("train", "test")}
    variance = information.isel(quantity=0, estimator=0, drop=True)
    new = ("profile", "error_images", "truth", "variants")
    old = {name: value for name, value in asdict(RUN).items() if name not in new}
    return xr.Dataset(
        {"information": information, **scans, **errors, "variance": variance}
    ).assign_attrs(
        **PROVENANCE,
        configuration=json.dumps(old),
        command=f"python -m ipae_lib.experiments run --profile tiny --only {RUN.name}",
    )


def old_plane():
    """A plane from many samples as the first schema had it."""
    sizes = {"rule": 1, "iteration": 1, "n": 2, "quantity": 2, "layer": 9}
    coords = {
        "rule": ["proposed"],
        "iteration": [5],
        "n": [60, 120],
        "quantity": ["input_mi", "output_mi"],
        "layer": LAYERS,
    }
    values = np.arange(36.0).reshape(*sizes.values()) / 10
    information = xr.DataArray(values, coords, tuple(sizes))
    plane = large.LargePlane("small", RUN, samples=(60, 120), iterations=(5,))
    old = json.loads(json.dumps(asdict(plane)))
    old["rules"] = old.pop("estimators")
    for new in ("profile", "error_images", "truth", "variants"):
        del old["experiment"][new]
    return xr.Dataset(
        {
            "information": information,
            "standard_error": information / 100,
            "quadrature_error": information / 10,
        }
    ).assign_attrs(
        **PROVENANCE,
        configuration=json.dumps(old),
        command="python -m ipae_lib.large run --only small",
    )


def old_gaussians():
    """Correlated Gaussians as the first schema had them."""
    values = xr.DataArray(
        [[1.0, 2.0], [3.0, 4.0]], {"n": [60, 120], "rho": [0.0, 0.5]}, ("n", "rho")
    )
    return xr.Dataset(
        {"information": values, "standard_error": values / 100, "quadrature_error": values / 10}
    ).assign_attrs(
        **PROVENANCE,
        configuration=json.dumps({"name": "gaussians", "samples": [60, 120], "rhos": [0.0, 0.5]}),
        command="python -m ipae_lib.large run --only gaussians",
    )


@pytest.fixture
def stored(tmp_path):
    """Writes a dataset as it is, and gives its path."""

    def write(result, name=RUN.name):
        path = tmp_path / f"{name}.nc"
        result.to_netcdf(path, engine="h5netcdf")
        return path

    return write


def test_an_old_run_reads_as_a_run_of_today(stored):
    old = old_run()
    found = experiments.load(stored(old))
    assert found.layer.values.tolist() == [INPUT, *HIDDEN_LAYERS, OUTPUT]
    assert set(found.dims) == {"iteration", "estimator", "layer", "batch"} | {
        *("gamma", "alpha", "scan_batch")
    }
    for quantity in ("input_mi", "output_mi", "entropy"):
        assert found[quantity].dims == ("iteration", "estimator", "layer", "batch")
        expected = old.information.sel(quantity=quantity)
        np.testing.assert_array_equal(found[quantity], expected)
        for name in ("gamma", "alpha"):
            scan = schema.scan(found, name)[quantity]
            assert scan.dims == ("iteration", name, "layer", "scan_batch")
            known = old[f"{name}_scan"].sel(quantity=quantity)
            np.testing.assert_array_equal(scan.sel(iteration=[LAST]), known.sel(iteration=[LAST]))
    assert found.test_error.values.tolist() == [0.3, 0.2, 0.1]
    assert not {"information", "gamma_scan", "alpha_scan", "quantity"} & set(found.variables)


def test_an_old_configuration_gets_its_profile_and_is_found(stored, tmp_path):
    stored(old_run())
    found = results.find(RUN, live=False, store=tmp_path)
    assert json.loads(found.attrs["configuration"]) == asdict(RUN)
    assert RUN.profile == "tiny"
    assert found.attrs["command"] == (
        f"python -m study experiments run --profile tiny --only {RUN.name}"
    )
    with pytest.raises(ValueError, match=r"another configuration.*'seed': \(0, 1\)"):
        results.find(replace(RUN, seed=1), live=False, store=tmp_path)
    with pytest.raises(ValueError, match=r"another configuration.*'profile': \('tiny', 'quick'\)"):
        results.find(replace(RUN, profile="quick"), live=False, store=tmp_path)


def test_an_old_plane_from_many_samples_reads_as_one_of_today(stored, tmp_path):
    old = old_plane()
    stored(old, "small")
    found = large.stored("small", tmp_path)
    assert dict(found.sizes) == {"estimator": 1, "iteration": 1, "n": 2, "layer": 9}
    assert found.layer.values.tolist()[-1] == OUTPUT
    for quantity in ("input_mi", "output_mi"):
        expected = old.information.sel(quantity=quantity)
        np.testing.assert_array_equal(found[quantity], expected)
        np.testing.assert_allclose(found[f"{quantity}_standard_error"], expected / 100)
        np.testing.assert_allclose(found[f"{quantity}_quadrature_error"], expected / 10)
        np.testing.assert_allclose(large.error_bar(found)[quantity], 0.12 * expected)
    plane = large.LargePlane("small", RUN, samples=(60, 120), iterations=(5,))
    configuration = json.loads(found.attrs["configuration"])
    assert configuration == json.loads(json.dumps(asdict(plane)))
    assert found.attrs["command"] == "python -m study large run --only small"


def test_old_gaussians_read_as_those_of_today(stored, tmp_path):
    stored(old_gaussians(), "gaussians")
    found = large.stored("gaussians", tmp_path)
    assert set(found) == {"mi", "mi_standard_error", "mi_quadrature_error"}
    assert found.mi.values.tolist() == [[1, 2], [3, 4]]
    np.testing.assert_allclose(large.error_bar(found).mi, 0.12 * found.mi)


@pytest.mark.parametrize("made", [old_run, old_plane, old_gaussians])
def test_what_is_saved_again_is_of_the_present_schema(stored, tmp_path, made):
    found = experiments.load(stored(made()))
    again = tmp_path / "again.nc"
    experiments.save(found, again)
    assert int(xr.load_dataset(again, engine="h5netcdf").attrs["schema"]) == schema.SCHEMA
    read = experiments.load(again)
    assert read.attrs == {**found.attrs, "digest": read.attrs["digest"]}
    xr.testing.assert_allclose(read, found, rtol=1e-6)


@pytest.mark.parametrize("version", [0, 4, "two"])
def test_another_schema_is_refused(stored, version):
    path = stored(old_run().assign_attrs(schema=version))
    message = f"{path} has schema {version}, and this code reads 1 to 3; read it with"
    with pytest.raises(ValueError, match=message):
        experiments.load(path)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(stored, kept):
    path = stored(old_run())
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    with pytest.raises(ValueError, match=rf"{path} is no readable result.*delete it"):
        experiments.load(path)


@pytest.mark.parametrize(
    "content", [b"{}", b"CDF\x01" + bytes(60), b"\x89HDF\r\n\x1a\n" + bytes(600), bytes(2000)]
)
def test_what_is_no_netcdf_is_refused(tmp_path, content):
    path = tmp_path / "result.nc"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{path} is no readable result.*delete it"):
        experiments.load(path)


def test_netcdf_of_something_else_is_refused(stored):
    path = stored(xr.Dataset({"name": ("x", ["a", "b"])}))
    with pytest.raises(ValueError, match="is no readable result"):
        experiments.load(path)
    path = stored(xr.Dataset({"temperature": ("x", [1.0])}))
    with pytest.raises(ValueError, match="does not tell where it comes from"):
        experiments.load(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        experiments.load(tmp_path / "nowhere.nc")


@pytest.mark.parametrize("name", origin.PROVENANCE)
def test_a_result_without_its_provenance_is_refused(stored, name):
    path = stored(old_run().drop_attrs(deep=False).assign_attrs(without(old_run().attrs, name)))
    message = rf"{path} does not tell where it comes from \(it lacks {name}\); delete it"
    with pytest.raises(ValueError, match=message):
        experiments.load(path)


def without(attributes, name):
    return {key: value for key, value in attributes.items() if key != name}


@pytest.mark.parametrize(
    "damaged",
    [
        {"configuration": "{"},
        {"configuration": "[]"},
        {"configuration": '{"name": 3}'},
        {"versions": "no JSON"},
        {"versions": "{}"},
        {"seconds": "long"},
    ],
)
def test_a_damaged_provenance_is_refused(stored, damaged):
    path = stored(old_run().assign_attrs(damaged))
    with pytest.raises(ValueError, match=r"tell where it comes from.*damaged.*delete it"):
        experiments.load(path)


def test_a_scan_that_was_not_made_is_told(stored):
    found = experiments.load(stored(old_run())).drop_dims(["gamma", "alpha"])
    with pytest.raises(ValueError, match=r"no scan of 'gamma'; it has \['entropy', 'input_mi'"):
        schema.scan(found, "gamma")


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("python -m benchmarks.checkpoint --store", "python -m study costs checkpoint --store"),
        ("python -m study large run", "python -m study large run"),
        ("python -m ipae_lib.benchmark --store", "python -m ipae_lib.benchmark --store"),
    ],
)
def test_commands_are_those_of_today(then, now):
    assert schema.present_command(then) == now


def test_a_run_of_the_second_schema_asked_for_no_truth(stored):
    second = schema.converted(old_run(), "")
    configuration = json.loads(second.attrs["configuration"])
    for new in ("error_images", "truth", "variants"):
        del configuration[new]
    second = second.assign_attrs(schema=2, configuration=json.dumps(configuration))
    found = results.load(stored(second))
    assert json.loads(found.attrs["configuration"]) == asdict(RUN)
