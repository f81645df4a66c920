"""A digest of what a dataset says, so that a stored one can be seen to be as it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import xarray as xr

ATTRIBUTE = "digest"
"""Attribute of a stored dataset that holds its digest."""


def content_digest(data: xr.Dataset) -> str:
    """SHA-256 of values, coordinates, dimensions and attributes, in a form that files keep.

    Parameters
    ----------
    data : Dataset
        Of numbers and texts. The attribute ``digest`` does not count, nor does the order of
        variables or of attributes, or the type that a number has in a file.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> data = xr.Dataset({"bits": ("layer", [1.0, 2.0])}, {"layer": ["X", "Z"]})
    >>> content_digest(data) == content_digest(data.copy(deep=True))
    True
    >>> content_digest(data) == content_digest(data + 1e-9)
    False
    """
    digest = hashlib.sha256(_text(_without_digest(data.attrs)))
    for name in sorted(data.variables, key=str):
        values = np.asarray(data[name].values)
        about = {"name": name, "is coordinate": name in data.coords, "dims": data[name].dims}
        digest.update(_text({**about, "shape": values.shape, "attributes": data[name].attrs}))
        if values.dtype.kind in "fiub":
            digest.update(values.astype("<f8").tobytes())
        else:
            digest.update(_text(values.astype(str).tolist()))
    return digest.hexdigest()


def with_digest(data: xr.Dataset) -> xr.Dataset:
    """A dataset with its digest among its attributes."""
    return data.assign_attrs({ATTRIBUTE: content_digest(data)})


def is_as_written(data: xr.Dataset) -> bool | None:
    """Whether a dataset is what its digest says; None where it has none."""
    written = data.attrs.get(ATTRIBUTE)
    return None if written is None else bool(written == content_digest(data))


def _without_digest(attributes: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    return {name: value for name, value in attributes.items() if name != ATTRIBUTE}


def _text(value: object) -> bytes:
    return json.dumps(_plain(value), sort_keys=True).encode()


def _plain(value: Any) -> Any:
    """As Python's own lists and numbers; files give back a list of one as that one."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "V":  # h5py's type of an empty text
        return ""
    return array.item() if array.size == 1 else array.tolist()
