"""``python -m study numbers``: what the chapters show, then and now."""

from __future__ import annotations

import argparse

from study import book, moved_numbers
from study.commands import UsageError, define


def define_verb(parser: argparse.ArgumentParser) -> None:
    """The verb itself, which has no commands."""
    define(parser, _compare, "--against HEAD~1", "--against v1.0 05 06")
    text = "number (05) or name of a chapter; all chapters if none is given"
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=text)
    text = "the other version: a commit, tag or branch"
    parser.add_argument("--against", required=True, metavar="COMMIT", help=text)


def _compare(options: argparse.Namespace) -> None:
    try:
        sources = book.find_chapters(options.chapters)
    except book.BookError as error:
        raise UsageError(str(error)) from error
    notebooks = [source.with_suffix(".ipynb") for source in sources]
    print(moved_numbers.compare(options.against, notebooks))
