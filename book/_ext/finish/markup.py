"""Edits of HTML that leave every other byte of it alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from itertools import accumulate

Attributes = dict[str, str | None]

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style\b([^>]*)>(.*?)</style>", re.DOTALL)
_FORMULA = r'<span class="math [^"]*">[^<]*</span>'
_MARKED = re.compile(rf"[(“‘]+{_FORMULA}[)”’.,;:!?]*|{_FORMULA}[)”’.,;:!?]+")


def keep_marks(text: str) -> str:
    """No line breaks between a formula and the marks beside it, where browsers break lines."""
    return _MARKED.sub(r'<span class="kept">\g<0></span>', text)


def edit_scripts(text: str, edit: Callable[[str, str], str | None]) -> str:
    """Replace scripts by what ``edit(attributes, body)`` says; None leaves one as it is."""
    return _SCRIPT.sub(lambda m: _or_as_it_is(edit(m[1], m[2]), m), text)


def edit_styles(text: str, edit: Callable[[str, str], str | None]) -> str:
    """Replace style elements, as `edit_scripts` does scripts."""
    return _STYLE.sub(lambda m: _or_as_it_is(edit(m[1], m[2]), m), text)


def edit_tags(text: str, edit: Callable[[str, Attributes], None]) -> str:
    """Change the attributes of start tags: ``edit(name, attributes)`` does it in place."""
    tags = _Tags(text, edit)
    for start, end, tag in reversed(tags.changed):
        text = text[:start] + tag + text[end:]
    return text


def _or_as_it_is(new: str | None, match: re.Match[str]) -> str:
    return match[0] if new is None else new


class _Tags(HTMLParser):
    """Start tags that an edit changes: where they are, and what they become."""

    def __init__(self, text: str, edit: Callable[[str, Attributes], None]) -> None:
        super().__init__(convert_charrefs=False)
        self.changed: list[tuple[int, int, str]] = []
        self._edit = edit
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        before = dict(attrs)
        after = before.copy()
        self._edit(tag, after)
        if after == before:
            return
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        old = self.get_starttag_text() or ""
        written = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in after.items()
        )
        end = "/>" if old.endswith("/>") else ">"
        self.changed.append((start, start + len(old), f"<{tag}{written}{end}"))
