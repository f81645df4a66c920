"""What chapter 11 says of its network, on made-up records."""

import numpy as np
import pytest
import torch
import xarray as xr

from study.chapters import ch11


def test_what_is_above_the_null_at_the_end():
    shape = ("iteration", "estimator", "layer", "batch")
    value = np.zeros((2, 1, 2, 2))
    value[1, 0, 1] = [4, 5]
    records = xr.Dataset(
        {
            "input_mi": (shape, value),
            "input_mi_null": (shape, value / 2),
            "target_mi": (("target", *shape), value[None] - 1),
            "target_mi_null": (("target", *shape), value[None] - 3),
        },
        {"iteration": [0, 7], "estimator": ["p"], "layer": ["X", "code"], "target": ["digit"]},
    )
    assert ch11.above_null(records) == {"code": 4.5, "null": 2.25, "digit": 2}


def test_the_truth_of_the_digit():
    bits = ("target", "noise", "layer"), [[[1.5, 0.5]]]
    record = xr.Dataset(
        {"true_target_mi": bits}, {"target": ["digit"], "noise": ["a"], "layer": ["X", "code"]}
    )
    told = ch11.truth_of_digit(record, torch.arange(8) % 4)
    assert told == {"digit": 0.5, "image": 1.5, "entropy": pytest.approx(2)}
