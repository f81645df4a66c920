"""A content-security policy, and pages that keep to it.

Scripts and styles that stand in a page move into files, styles of single elements into classes.
The policy then needs no exception: whatever an attacker brought into a page would not run.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from finish.markup import (
    Attributes,
    edit_scripts,
    edit_styles,
    edit_tags,
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""Nothing but files of the book; images may also stand in its style sheets."""

FOLDER = "_static/inline"

_HEAD = '<meta charset="utf-8" />'
_WRITE = re.compile(r"\s*document\.write\(`(.*)`\);?\s*", re.DOTALL)
_DATA = re.compile(r"""\btype=(?!["']?(?:text/javascript|module)\b)""")
# handlers in attributes that book.js has instead
_ACTIONS = {"window.print()": "print"}


def apply(text: str, html: Path, root: str = "") -> tuple[str, list[str]]:
    """A page under the policy, and what of it the policy forbids and no rule here can move.

    Parameters
    ----------
    text : the page
    html : folder of the built book, where the files go
    root : how the page reaches that folder, such as ``"../"``
    """
    forbidden: list[str] = []
    sheets: dict[str, None] = {}  # an ordered set
    rules: dict[str, None] = {}

    def move_script(attributes: str, body: str) -> str | None:
        if "src=" in attributes or _DATA.search(attributes):
            return None
        written = _WRITE.fullmatch(body)
        if written:
            return written[1]
        return f'<script{attributes} src="{root}{_store(html, body, "js")}"></script>'

    def move_style(_: str, body: str) -> str:
        sheets[_store(html, body, "css")] = None
        return ""

    def move_attributes(tag: str, attributes: Attributes) -> None:
        style = attributes.pop("style", None)
        if style:
            name = f"style-{_digest(style)}"
            attributes["class"] = f"{attributes.get('class') or ''} {name}".strip()
            # three times the class: it has to win against every rule, as the attribute did
            rules[f"{f'.{name}' * 3} {{{style}}}"] = None
        for attribute, value in list(attributes.items()):
            if attribute.startswith("on"):
                action = _ACTIONS.get(value or "")
                if action:
                    attributes["data-book-action"] = action
                    del attributes[attribute]
                else:
                    forbidden.append(f"{attribute}={value!r} of <{tag}>")
            elif (value or "").lstrip().lower().startswith("javascript:"):
                forbidden.append(f"{attribute}={value!r} of <{tag}>")

    text = edit_tags(edit_styles(edit_scripts(text, move_script), move_style), move_attributes)
    if rules:
        sheets[_store(html, "\n".join(rules), "css")] = None
    links = "".join(f'<link rel="stylesheet" href="{root}{sheet}" />\n' for sheet in sheets)
    meta = f'{_HEAD}\n<meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
    if _HEAD not in text:
        forbidden.append(f"pages without {_HEAD}, after which the policy stands")
    return text.replace(_HEAD, meta, 1).replace("</head>", f"{links}</head>", 1), forbidden


def _store(html: Path, body: str, kind: str) -> str:
    body = body.strip() + "\n"
    name = f"{FOLDER}/{_digest(body)}.{kind}"
    (html / FOLDER).mkdir(parents=True, exist_ok=True)
    (html / name).write_text(body, encoding="utf-8")
    return name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
