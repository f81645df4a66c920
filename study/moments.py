"""The iterations at which a training is watched."""

from __future__ import annotations

import numpy as np

from ipae_lib.validation import check_count


def log_spaced(total: int, count: int) -> list[int]:
    """``count`` iterations from 0 to ``total``, evenly spaced on a logarithmic axis.

    0, the state before training, stands before 1. Where the axis has no room for ``count``
    different whole numbers, all of 0 … total are given. A count of 1 is the end alone, of 2
    the beginning and the end.

    Raises
    ------
    ValueError
        If ``total`` or ``count`` is below 1.
    """
    check_count(total, "total")
    check_count(count, "count")
    if count <= 2:
        return [0, total][-count:]
    if count > total:
        return list(range(total + 1))
    # rounding merges the first points, so ask for more of them until enough differ
    for points in range(count - 1, 100 * count):
        chosen = np.unique(np.geomspace(1, total, points).round().astype(int))
        if len(chosen) >= count - 1:
            return [0, *chosen.tolist()]
    return list(range(total + 1))
