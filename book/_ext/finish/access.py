"""Markup of the theme and of docutils that misleads who listens to a page, mended."""

from __future__ import annotations

import re

from finish.markup import Attributes, edit_tags

_EMPTY_HEADING = re.compile(r"<th\b([^>]*)>(\s*(?:<p></p>)?\s*)</th>")


def mend(text: str) -> str:
    """A page with roles and names that say what stands there."""
    # a heading that says nothing of its column, such as the corner of a table
    text = _EMPTY_HEADING.sub(r"<td\1>\2</td>", text)
    return edit_tags(text, _mend)


def _mend(tag: str, attributes: Attributes) -> None:
    classes = (attributes.get("class") or "").split()
    # a name that is not what one reads: who speaks to the machine says what he reads
    if tag == "summary" or "search-button-field" in classes:
        attributes.pop("aria-label", None)
    # a role that no list may contain any more
    if attributes.get("role") == "doc-biblioentry":
        attributes["role"] = "listitem"
    # a part of the page that no landmark leads to
    if "bd-sidebar-primary" in classes:
        attributes |= {"role": "complementary", "aria-label": "Book"}
