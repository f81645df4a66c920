"""Sentences with computed numbers, readable in a notebook as on a page."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from IPython.display import Markdown


def say(template: str, values: Mapping[str, Any] | None = None, /, **more: Any) -> Markdown:
    """Sentences with values filled in, as Markdown.

    Parameters
    ----------
    template : str
        Markdown with fields such as ``{fall:.2f}``, as `str.format` takes them. A formula stands
        between dollars, and its braces are doubled: ``$T_1^{{E}}$``. Roles such as ``{numref}``
        are for the chapter's own text: a notebook does not show them in an output.
    values : mapping, optional
        What the fields stand for, such as a chapter's summary.
    **more
        The same, one by one.

    Returns
    -------
    Markdown
        Line breaks within a paragraph removed. Negative numbers have a true minus, and a number
        that is rounded to zero has none.

    Raises
    ------
    ValueError
        If a field has no value, or one of ``more`` no field.

    Examples
    --------
    >>> say("It falls by {fall:.1f} bits.", fall=0.123).data
    'It falls by 0.1 bits.'
    >>> say("It changes by {change:.1f} bits.", {"change": -2.04, "rest": 1.0}).data
    'It changes by −2.0 bits.'
    """
    known = {**(values or {}), **more}
    fields = {
        name.partition(".")[0].partition("[")[0]
        for _, name, _, _ in Formatter().parse(template)
        if name is not None
    }
    missing, unused = sorted(fields - known.keys()), sorted(more.keys() - fields)
    if missing or unused:
        raise ValueError(
            f"template has no value for the fields {missing} and no field for {unused}; the values "
            f"are {sorted(known)}"
        )
    paragraphs = _Numbers().vformat(template.strip(), (), known).split("\n\n")
    return Markdown("\n\n".join(_joined(paragraph) for paragraph in paragraphs))


class _Numbers(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        text = super().format_field(value, format_spec)
        if text.startswith("-"):
            is_zero = not any(digit in text for digit in "123456789")
            text = text[1:] if is_zero else f"−{text[1:]}"
        return text


def _joined(paragraph: str) -> str:
    """One line, unless it is a list or a table."""
    lines = [line.strip() for line in paragraph.splitlines()]
    if any(line.startswith(("- ", "* ", "|", "1. ")) for line in lines):
        return "\n".join(lines)
    return " ".join(lines)
