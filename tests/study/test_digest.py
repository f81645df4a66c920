"""Digests of datasets: that files keep them, and that nothing else has the same."""

import io

import h5netcdf
import numpy as np
import pytest
import xarray as xr
from xarray.backends import H5NetCDFStore

from study.digest import ATTRIBUTE, content_digest, is_as_written, with_digest


def dataset():
    return xr.Dataset(
        {
            "bits": (("layer", "batch"), [[0.5, np.nan], [2.0, -0.25]], {"units": "bit"}),
            "count": ("batch", [3, 4]),
        },
        {"layer": ["X", "Xʹ"], "iteration": 7, "gamma": ("batch", [0.1, 0.3])},
        {"name": "é", "empty": "", "one": [1], "some": [1.5, 2.5], "texts": ["a", "b"], "seed": 3},
    )


def test_a_file_keeps_it():
    content = io.BytesIO()
    written = with_digest(dataset())
    with h5netcdf.File(content, "w") as file:
        written.dump_to_store(H5NetCDFStore(file))
    read = xr.load_dataset(io.BytesIO(content.getvalue()), engine="h5netcdf")
    assert read.attrs[ATTRIBUTE] == content_digest(dataset())
    assert is_as_written(read)
    assert is_as_written(read.astype("float64"))


def test_order_does_not_count():
    data = dataset()
    turned = data[["count", "bits"]].assign_attrs(dict(reversed(data.attrs.items())))
    assert content_digest(turned) == content_digest(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.assign(bits=data.bits + 1e-15),
        lambda data: data.assign(bits=data.bits.fillna(0)),
        lambda data: data.rename(bits="nats"),
        lambda data: data.transpose(),
        lambda data: data.assign_coords(layer=["X", "Z"]),
        lambda data: data.assign_coords(iteration=8),
        lambda data: data.reset_coords("iteration"),
        lambda data: data.drop_vars("gamma"),
        lambda data: data.assign_attrs(seed=4),
        lambda data: data.assign_attrs(more=""),
        lambda data: data.assign(bits=data.bits.assign_attrs(units="nat")),
        lambda data: data.isel(batch=[1, 0]),
    ],
)
def test_everything_else_counts(change):
    data = with_digest(dataset())
    assert is_as_written(data)
    assert is_as_written(change(data)) is False
    assert is_as_written(change(dataset())) is None
