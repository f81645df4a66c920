"""The program of the study: ``python -m study VERB --help``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from ipae_lib.__main__ import print_anywhere
from study.commands import Formatter, UsageError
from study.processes import exit_on_signal

VERBS = {
    "experiments": "train the networks and record their planes, tell what is stored, or check it",
    "large": "estimate information from many samples, tell what is stored, or check it",
    "benchmark": "make the stored rows of the benchmark of estimators",
    "beyond": "train what the paper leaves to future work, tell what is stored, or check it",
    "costs": "measure what things cost on this machine",
    "book": "execute the chapters, bring their notebooks up to date, or check them",
    "trials": "try what is promised: kill programs, damage files, hand in strange arguments",
    "numbers": "compare the numbers that the chapters show with those of another version",
}
"""Each is defined by a module of `study.commands`, which is loaded when it is asked for."""

_EPILOG = """\
examples:
  python -m study experiments status                 what is stored, and where it comes from
  python -m study large run --only gaussians         make one of the stored results
  python -m study book execute 04                    run the fourth chapter
  python -m study VERB --help                        what a verb can do

Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 ended.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status."""
    print_anywhere()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m study",
        description="Makes again what the book shows: results, chapters, comparisons.",
        epilog=_EPILOG,
        formatter_class=Formatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, text in VERBS.items():
        one = verbs.add_parser(verb, help=text, description=text, formatter_class=Formatter)
        one.set_defaults(arguments=arguments, interrupted="interrupted; nothing was written")
        if verb in arguments[:1]:
            import_module(f"study.commands.{verb}").define_verb(one)
    options = parser.parse_args(arguments)
    # so that `finally` blocks run when something ends this process politely
    handler = signal.signal(signal.SIGTERM, exit_on_signal)
    try:
        return options.action(options) or 0
    except (ValueError, OSError, MemoryError) as error:
        print(f"python -m study {options.verb}: error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print(options.interrupted, file=sys.stderr)
        return 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGTERM, handler)


if __name__ == "__main__":
    sys.exit(main())
