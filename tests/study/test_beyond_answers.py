"""Tables of answers."""

import pytest
import xarray as xr

from study.beyond import answers
from study.claims import Finding
from study.claims.criteria.decision import Estimate, claim


@claim("Does it?", "here", "A number", above=0.1, reason="because", range=(-1.0, 1.0))
def it_does(values):
    """A question."""
    return values


def finding(cell, value, p_value, column="by the previous rule"):
    return Finding(it_does, cell, column, Estimate(value, 0.05, 2.0, 3), p_value)


def test_a_row_for_each_network_and_a_column_for_each_way_to_look():
    found = [
        finding("a", 0.4, 0.01),
        finding("b", -0.2, 0.01),
        finding("a", 0.2, 0.5, "in truth, one level"),
        finding("b", 0.1, 0.5, "in truth, one level"),
    ]
    table = answers.answers(found, "it_does")
    assert list(table.columns) == ["previous rule", "in truth, one level"]
    assert table.loc["a", "previous rule"] == "●\N{NBSP}0.40 [0.18,\N{NBSP}0.62]"
    assert table.loc["b", "previous rule"].startswith("○\N{NBSP}−0.20 [−0.42,")
    assert table.loc["a", "in truth, one level"].startswith("?")
    counted = answers.tally(found, "it_does")
    assert counted["by the previous rule"] == {
        "yes": 1, "no": 1, "undecided": 0, "no verdict": 0, "all": 2
    }  # fmt: skip
    assert answers.values(found, "it_does")["b"] == {"previous": -0.2, "one level": 0.1}


def test_a_question_that_was_not_asked_is_named():
    with pytest.raises(ValueError, match="it_does"):
        answers.answers([finding("a", 0.4, 0.01)], "another")


def test_shares_of_null_and_of_the_whole():
    layers = ["X", "Z", "X_out"]
    one = xr.Dataset(
        {
            "input_mi": (("iteration", "estimator", "layer", "batch"), [[[[8.0], [4.0], [2.0]]]]),
            "input_mi_null": (("iteration", "estimator", "layer", "batch"), [[[[4], [1], [1]]]]),
            "true_input_mi": (("iteration", "resolution", "noise", "layer"), [[[[6, 3, 1.5]]]]),
        },
        {"iteration": [0], "estimator": ["e"], "layer": layers, "noise": ["n"]},
    )
    assert answers.null_shares([one, one]).sel(layer="Z").item() == 0.25
    assert answers.whole([one, one]).share.sel(layer="Z").item() == 0.5
    assert answers.whole([one]).bits.item() == 6
