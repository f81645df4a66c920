"""Sentences with computed numbers."""

import pytest

from study.text import say


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("It falls by {fall:.1f} bits.", {"fall": 0.123}, "It falls by 0.1 bits."),
        ("{n:,} images", {"n": 60_000}, "60,000 images"),
        ("{change:.2f} bits", {"change": -2.041}, "−2.04 bits"),
        ("{change:+.2f} bits", {"change": 2.041}, "+2.04 bits"),
        ("{change:+.2f} bits", {"change": -2.041}, "−2.04 bits"),
        ("{zero:.1f} and {zero:+.1f}", {"zero": -0.04}, "0.0 and 0.0"),
        ("{small:.1e}", {"small": -1e-9}, "−1.0e-09"),
        ("{word} stays", {"word": "what"}, "what stays"),
        ("$T_1^{{E}}$ has {x} bits", {"x": 3}, "$T_1^{E}$ has 3 bits"),
        ("{point[0]} and {point[1]}", {"point": (1, 2)}, "1 and 2"),
        ("no field", {}, "no field"),
    ],
)
def test_values_are_filled_in(template, values, text):
    assert say(template, values).data == text
    assert say(template, **values).data == text


def test_values_come_from_both_and_the_named_one_wins():
    assert say("{a} {b}", {"a": 1, "b": 1}, b=2).data == "1 2"


def test_a_summary_may_know_more_than_a_sentence_says():
    assert say("{a}", {"a": 1, "b": 2}).data == "1"


def test_lines_of_a_paragraph_are_joined_and_paragraphs_kept():
    template = """
    The first line
    goes on with {n}.

    Another paragraph.
    """
    assert say(template, n=2).data == "The first line goes on with 2.\n\nAnother paragraph."


@pytest.mark.parametrize("mark", ["- ", "* ", "1. ", "|"])
def test_lists_and_tables_keep_their_lines(mark):
    assert say(f"  {mark}a {{n}}\n  {mark}b", n=1).data == f"{mark}a 1\n{mark}b"


@pytest.mark.parametrize(
    ("template", "values", "more", "message"),
    [
        ("{fall} bits", {}, {}, r"no value for the fields \['fall'\]"),
        ("{fall} bits", {"fell": 1}, {}, r"fields \['fall'\].*values are \['fell'\]"),
        ("{fall} bits", {"fall": 1}, {"rise": 2}, r"no field for \['rise'\]"),
    ],
)
def test_what_does_not_fit_is_refused(template, values, more, message):
    with pytest.raises(ValueError, match=message):
        say(template, values, **more)


def test_a_notebook_shows_markdown():
    shown = say("{n} bits", n=1)
    assert shown._repr_markdown_() == "1 bits"
