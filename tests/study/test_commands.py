"""The program of the study: its verbs, help and exit codes."""

import argparse
import re
import signal
from types import SimpleNamespace

import pandas as pd
import pytest

from ipae_lib.benchmark import store
from study import __main__ as program
from study import commands
from study.commands import benchmark, experiments, large
from study.commands import book as book_command
from study.commands import numbers as numbers_command

COMMANDS = [
    *((verb,) for verb in program.VERBS),
    *(("experiments", name) for name in ("run", "status", "verify")),
    *(("large", name) for name in ("run", "status", "verify")),
    *(("beyond", name) for name in ("run", "status", "verify")),
    *(("costs", name) for name in ("checkpoint", "recording", "many-samples", "truth")),
    *(("trials", name) for name in ("kills", "flips")),
    *(("book", name) for name in ("execute", "refresh", "check", "player", "stage")),
]


def helped(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        program.main([*arguments, "--help"])
    assert stop.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_every_help_has_an_example_that_parses(command, capsys, monkeypatch):
    text = helped(command, capsys)
    called = " ".join(["python -m study", *command])
    examples = [line.strip() for line in text.partition("examples:")[2].splitlines()]
    examples = [e for e in examples if e.startswith(called) and "VERB" not in e]
    assert examples, text
    given = []
    monkeypatch.setattr(commands.argparse.ArgumentParser, "parse_args", _noted(given))
    for example in examples:
        arguments = re.split(r"\s{3,}", example)[0].split()[3:]
        with pytest.raises(_ParsedError):
            program.main([a if a != "cuda" else "cpu" for a in arguments])
    assert all(callable(options.action) for options in given)


class _ParsedError(Exception):
    """Instead of doing it."""


def _noted(given):
    parse = argparse.ArgumentParser.parse_args

    def parse_args(self, arguments):
        given.append(parse(self, arguments))
        raise _ParsedError

    return parse_args


def test_all_verbs_are_listed(capsys):
    text = helped((), capsys)
    assert all(f"\n    {verb}" in text for verb in program.VERBS)
    assert "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 ended." in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "VERB"),
        ("nonesuch", "invalid choice: 'nonesuch'"),
        ("experiments", "COMMAND"),
        ("experiments run --profile huge", "invalid choice: 'huge'"),
        ("experiments run --profile tiny --live --jobs 0", "it is 0; it must be a whole number"),
        ("experiments run --profile tiny --live --jobs x", "--jobs"),
        ("experiments run --device gpu", "device is 'gpu', which torch cannot use here"),
        ("large verify --tolerance small", "invalid float value: 'small'"),
        ("benchmark --jobs -1", "it is -1"),
        ("costs checkpoint --repetitions 0", "argument --repetitions: it is 0"),
        ("costs recording --device tpu", "device is 'tpu'"),
        ("numbers 05", "--against"),
    ],
)
def test_wrong_options_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        program.main(arguments.split())
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "experiments run --profile tiny --only nonesuch",
            "profile tiny has no experiment ['nonesuch']; it has ['tiny-plane",
        ),
        ("large status --only nothing", "there is no ['nothing']; there are ['gaussians', 'path"),
        ("benchmark --limit 0", "--limit is 0.0; give seconds above 0"),
        ("benchmark --limit nan", "--limit is nan"),
        ("numbers --against HEAD 99", "no chapter '99'"),
        ("book execute 99", "no chapter '99'"),
        ("book execute 04 -p nonesuch 1", "unknown parameter 'nonesuch'"),
        ("book execute 04 -p profile {", "is not YAML"),
    ],
)
def test_what_does_not_exist_is_told(arguments, message, capsys):
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert program.main(arguments.split()) == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    told = capsys.readouterr().err
    assert told.startswith(f"python -m study {arguments.split()[0]}: error: ")
    assert message in told


@pytest.mark.parametrize("kind", [ValueError, OSError, MemoryError])
def test_a_failure_is_told_in_a_line(kind, monkeypatch, capsys):
    def fail(*_, **__):
        raise kind("the disk is full")

    monkeypatch.setattr(experiments, "run_all", fail)
    assert program.main(["experiments", "run", "--profile", "tiny", "--live"]) == 1
    told = capsys.readouterr().err
    assert told == "python -m study experiments: error: the disk is full\n"


def test_a_damaged_result_is_told(tmp_path, monkeypatch, capsys):
    path = tmp_path / "gaussians.nc"
    path.write_bytes(b"half")
    monkeypatch.setattr(large.large, "STORED", tmp_path)
    assert program.main(["large", "status", "--only", "gaussians"]) == 1
    assert f"{path} is no readable result" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "place", "message"),
    [
        ("experiments run --profile tiny --live", (experiments, "run_all"), "goes on from here"),
        ("large status", (large, "tell_stored"), "goes on from here"),
        ("benchmark", (benchmark, "make_stored"), "goes on from here"),
        ("numbers --against HEAD", (numbers_command.moved_numbers, "compare"), "nothing was"),
        ("book check", (book_command.book, "check"), "finished chapters are kept"),
    ],
)
def test_an_interruption_says_what_is_left(arguments, place, message, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(*place, interrupted)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert program.main(arguments.split()) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ("", {"jobs": 1, "limit": 120.0, "keep_truth": False, "only": []}),
        (
            "--jobs 2 --limit 5 --fresh --keep-truth --only classifier",
            {"jobs": 2, "limit": 5.0, "keep_truth": True, "only": ["classifier"], "cache": None},
        ),
    ],
)
def test_the_benchmark_is_made_as_asked(options, settings, monkeypatch, capsys):
    asked = SimpleNamespace()

    def make(**given):
        asked.settings = given
        return pd.DataFrame({"kind": ["exact"], "overall": [0.98765], "remarks": [""]}, ["known"])

    monkeypatch.setattr(benchmark, "make_stored", make)
    assert program.main(["benchmark", *options.split()]) == 0
    assert asked.settings == settings
    told = capsys.readouterr().out
    assert re.search(r"known\s+exact\s+0\.988", told)
    assert str(store.ANSWERS) in told
