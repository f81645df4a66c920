"""Stored results: what is of another schema, damaged or no result at all is refused."""

from dataclasses import replace

import pytest
import xarray as xr

from study import experiments
from study.experiments import PROFILES, origin, schema

RUN = replace(PROFILES["tiny"].planes()[0], records=2, scan_every=2, truth=0, variants=False)


@pytest.fixture(scope="module")
def result():
    return experiments.run(RUN, progress=False).assign_attrs(schema=schema.SCHEMA)


@pytest.fixture
def stored(tmp_path):
    """Writes a dataset as it is, and gives its path."""

    def write(result, name=RUN.name):
        path = tmp_path / f"{name}.nc"
        result.to_netcdf(path, engine="h5netcdf")
        return path

    return write


def test_what_is_saved_tells_its_schema(tmp_path, result):
    path = tmp_path / f"{RUN.name}.nc"
    experiments.save(
        result.drop_attrs(deep=False).assign_attrs(without(result.attrs, "schema")), path
    )
    assert int(xr.load_dataset(path, engine="h5netcdf").attrs["schema"]) == schema.SCHEMA
    xr.testing.assert_allclose(experiments.load(path), result, rtol=1e-6)


@pytest.mark.parametrize("version", [0, 2, 4, "two", None])
def test_another_schema_is_refused(stored, result, version):
    attributes = without(result.attrs, "schema") | ({} if version is None else {"schema": version})
    path = stored(result.drop_attrs(deep=False).assign_attrs(attributes))
    message = f"{path} has schema {version}, and this code reads 3; read it with"
    with pytest.raises(ValueError, match=message):
        experiments.load(path)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(stored, result, kept):
    path = stored(result)
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
def test_a_result_without_its_provenance_is_refused(stored, result, name):
    path = stored(result.drop_attrs(deep=False).assign_attrs(without(result.attrs, name)))
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
def test_a_damaged_provenance_is_refused(stored, result, damaged):
    path = stored(result.assign_attrs(damaged))
    with pytest.raises(ValueError, match=r"tell where it comes from.*damaged.*delete it"):
        experiments.load(path)


def test_a_scan_that_was_not_made_is_told(stored, result):
    found = experiments.load(stored(result)).drop_dims(["gamma", "alpha"])
    with pytest.raises(ValueError, match=r"no scan of 'gamma'; it has \['entropy', 'input_mi'"):
        schema.scan(found, "gamma")
