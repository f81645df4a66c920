"""The iterations at which a training is watched."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from study.moments import log_spaced


class TestLogSpaced:
    def test_by_hand(self):
        assert log_spaced(10**6, 8) == [0, 1, 10, 100, 1000, 10**4, 10**5, 10**6]
        assert log_spaced(64, 4) == [0, 1, 8, 64]
        assert log_spaced(5, 1) == [5]
        assert log_spaced(5, 2) == [0, 5]
        assert log_spaced(5, 6) == log_spaced(5, 100) == [0, 1, 2, 3, 4, 5]
        assert log_spaced(1, 2) == [0, 1]

    @settings(deadline=None, derandomize=True, max_examples=200)
    @given(st.integers(1, 200_000), st.integers(2, 60))
    def test_as_many_different_ones_as_asked_from_first_to_last(self, total, count):
        chosen = log_spaced(total, count)
        assert len(chosen) == min(count, total + 1)
        assert chosen == sorted(set(chosen))
        assert chosen[0] == 0
        assert chosen[-1] == total
        assert all(type(iteration) is int for iteration in chosen)

    @settings(deadline=None, derandomize=True, max_examples=100)
    @given(st.integers(100, 200_000), st.integers(4, 60))
    def test_even_on_a_logarithmic_axis(self, total, count):
        # where whole numbers are fine enough for it
        log = np.log([iteration for iteration in log_spaced(total, count) if iteration >= 20])
        steps = np.diff(log)
        if len(steps) > 1:
            rounding = 1 / np.exp(log)
            assert np.ptp(steps) <= rounding[:-1].max() + rounding[1:].max()

    @pytest.mark.parametrize("argument", [0, -1, 2.5, "3", None])
    def test_bad_input(self, argument):
        with pytest.raises(ValueError, match=f"total is {argument!r}; it must be a whole number"):
            log_spaced(argument, 3)
        with pytest.raises(ValueError, match=f"count is {argument!r}; it must be a whole number"):
            log_spaced(3, argument)
