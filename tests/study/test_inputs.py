"""Strange arguments to the library: a share of what ``python -m study trials inputs`` tries."""

import inspect
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from study.trials import inputs
from study.trials.inputs import Target


@pytest.mark.slow
def test_a_share_is_refused_clearly_or_answered():
    chosen = inputs.targets()
    done = list(inputs.trials(chosen, share=0.04, seed=0))
    assert len(done) > 1_000
    assert [vars(trial) for trial in done if trial.outcome not in inputs.GOOD] == []


def test_everything_public_is_found():
    names = {target.name for target in inputs.targets()}
    assert {
        "kernels.gaussian_gram",
        "kernels.ProposedWidth",
        "kernels.ProposedWidth.__call__",
        "estimators.matrix.MatrixRenyi.entropy",
        "linear.LinearAutoencoder.random",
        "plotting.plot_plane",
    } <= names


def tried(function, value):
    """What comes of a function of one float, as the trial sees it."""
    signature = inspect.signature(function)
    target = Target("made.up", "up", lambda: function, signature, function.__doc__ or "")
    return inputs._outcome(target, lambda: {"x": value}, ("x", 0.5, value))[0]


def hangs(x):
    while True:
        pass


def takes_all_memory(x):
    return torch.zeros(10**12)


@pytest.mark.parametrize(
    ("function", "outcome"),
    [
        (lambda x: x, "answered"),
        (lambda x: math.nan, "not finite"),
        (lambda x: {"bits": [np.array([1.0, np.inf])]}, "not finite"),
        (lambda x: x.nothing, "foreign"),
        (hangs, "hung"),
        (takes_all_memory, "foreign"),
    ],
)
def test_a_fault_is_seen(function, outcome, monkeypatch):
    if outcome == "hung":
        monkeypatch.setattr(inputs, "LIMIT", 0.2)
    assert tried(function, 1.0) == outcome


def test_an_error_of_ours_must_name_the_argument_and_the_fix(monkeypatch):
    monkeypatch.setattr(inputs, "_is_ours", lambda error: True)

    def told(message):
        def fail(x):
            raise ValueError(message)

        return tried(fail, 1.0)

    assert told("x is 1.0; it must be below 1") == "refused"
    assert told("something went wrong; try again") == "nameless"
    assert told("x is 1.0") == "nameless"


def test_what_a_new_parameter_lacks_is_said():
    parameter = SimpleNamespace(name="strange", annotation="Strange", default=None)
    parameter.empty = None
    target = Target("made.up", "up", lambda: max, None, "")
    with pytest.raises(LookupError, match=r"made.up has the parameter strange.*add one"):
        target._plain(parameter)
