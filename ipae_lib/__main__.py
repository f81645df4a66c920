"""The program ``ipae``: what the library does from a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import ipae_lib

_VERBS = {
    "benchmark": ("ipae_lib.benchmark.command", "score estimators of mutual information"),
    "data": ("ipae_lib.data", "fetch and verify MNIST"),
}


def print_anywhere() -> None:
    """Let a terminal that lacks a letter, as α in ASCII, show ``?`` for it instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where it was replaced, as in notebooks
            stream.reconfigure(errors="replace")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb; each has its own ``--help``. Exits with 2 for wrong usage, 1 for a failure."""
    verbs = "\n".join(f"  {name:<11}{text}" for name, (_, text) in _VERBS.items())
    parser = argparse.ArgumentParser(
        prog="ipae",
        description="Information planes of neural networks.",
        epilog=f"verbs:\n{verbs}\n\nfor example:\n  ipae data\n"
        "  ipae benchmark my_module:my_estimator --quick\n  ipae benchmark --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=ipae_lib.__version__)
    parser.add_argument("verb", choices=_VERBS, metavar="VERB", help=", ".join(_VERBS))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    print_anywhere()
    options = parser.parse_args(arguments)
    module, _ = _VERBS[options.verb]
    try:
        import_module(module).main(options.rest)
    except ImportError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
