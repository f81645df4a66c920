"""The command lines of ``python -m study``: one module a verb, which defines its options.

What a verb does is done elsewhere; here it is asked for, and what comes of it is told.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from ipae_lib.validation import check_count, check_device

Action = Callable[[argparse.Namespace], int | None]
"""What a command does; it returns the exit status, None for 0."""

GOES_ON = "interrupted; the same command goes on from here"


class UsageError(ValueError):
    """What was asked for does not exist, or does not go together; the message says what does."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help whose examples keep their lines."""


def commands_of(parser: argparse.ArgumentParser, *examples: str) -> Any:
    """Where the commands of a verb go; examples as in `add_command`."""
    parser.epilog = _shown(parser, examples)
    return parser.add_subparsers(required=True, metavar="COMMAND")


def add_command(
    commands: Any, name: str, action: Action, text: str, *examples: str
) -> argparse.ArgumentParser:
    """A parser for one command of a verb.

    Parameters
    ----------
    commands : what `commands_of` gave
    name, text : str
        What it is called, and what it does in a sentence.
    action : callable
    *examples : str
        Of the options, for the help: ``"--only gaussians"``.
    """
    parser = commands.add_parser(name, help=text, description=text, formatter_class=Formatter)
    define(parser, action, *examples)
    return parser


def define(parser: argparse.ArgumentParser, action: Action, *examples: str) -> None:
    """Give a parser its action and its examples, as `add_command`."""
    parser.set_defaults(action=action)
    parser.epilog = _shown(parser, examples)


def _shown(parser: argparse.ArgumentParser, examples: Sequence[str]) -> str:
    return "\n".join(["examples:", *(f"  {parser.prog} {x}".rstrip() for x in examples)])


def command_line(options: argparse.Namespace) -> str:
    """The command that was given, to be stored with what comes of it."""
    return f"python -m study {shlex.join(options.arguments)}"


def count(text: str) -> int:
    """A whole number of at least 1, as the type of an option."""
    return _checked(lambda: check_count(int(text), "it"))


def device(text: str) -> Any:
    """A device that torch can use here, as the type of an option."""
    return _checked(lambda: check_device(text, "device"))


def _checked(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
