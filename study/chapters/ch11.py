"""What chapter 11 says of the network that it trains."""

from __future__ import annotations

import xarray as xr
from torch import Tensor

from ipae_lib.discrete import discrete_entropy
from ipae_lib.layers import INPUT


def above_null(records: xr.Dataset) -> dict[str, float]:
    """What the code knows at the last record, and how much of it shuffled pairs give as well.

    Parameters
    ----------
    records : Dataset
        Of one estimator, with the layer "code", the target "digit" and nulls.

    Returns
    -------
    dict
        In bits, means over batches: ``code`` I(X;T), ``null`` of it, and ``digit``, I(T;Y) less
        its null.
    """
    code = records.isel(iteration=-1).sel(layer="code").squeeze("estimator").mean("batch")
    of_digit = code.sel(target="digit")
    return {
        "code": float(code.input_mi),
        "null": float(code.input_mi_null),
        "digit": float(of_digit.target_mi - of_digit.target_mi_null),
    }


def truth_of_digit(record: xr.Dataset, digits: Tensor) -> dict[str, float]:
    """What the code and the images tell of the digit in truth, in bits.

    Parameters
    ----------
    record : Dataset
        With ``true_target_mi`` of one noise, for the target "digit".
    digits : Tensor of shape (n,)
        The digits of all samples.

    Returns
    -------
    dict
        ``digit`` of the code, ``image`` of X, and ``entropy`` of the digits.
    """
    bits = record.true_target_mi.sel(target="digit").squeeze("noise")
    return {
        "digit": float(bits.sel(layer="code")),
        "image": float(bits.sel(layer=INPUT)),
        "entropy": discrete_entropy(digits),
    }
