"""The trials of kills and of flipped bits, in short; and that they see what they look for."""

import os
import signal
import sys

import pytest

from study import experiments
from study.__main__ import main
from study.commands import trials as commands
from study.trials import flips, kills, victims


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what is running")
@pytest.mark.parametrize("kind", victims.KINDS)
def test_no_kill_loses_anything(kind):
    done = kills.kill(2, [kind], seed=1)
    found = kills.table(done).loc["all"]
    assert found["effective"].item() == 2
    assert found[list(kills.FAULTS)].to_numpy().tolist() == [[0, 0, 0, 0]]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what is running")
def test_one_of_two_that_work_at_the_same_may_be_killed(monkeypatch):
    monkeypatch.setattr(kills, "_TOGETHER", 1)
    (one,) = kills.kill(1, ["sweep"])
    assert one.together
    assert one.completed
    assert one.same
    assert one.left == one.half == 0


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what is running")
def test_what_is_left_running_is_seen(tmp_path, monkeypatch):
    class Head(kills._Head):
        """A program that leaves another one behind."""

        def __init__(self):
            self.mark = "of this test"
            code = (
                "import subprocess, sys\n"
                "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
            )
            self.process = kills.subprocess.Popen(
                [sys.executable, "-c", code], env=os.environ | {kills._MARK: self.mark}
            )

    monkeypatch.setattr(kills, "_PATIENCE", 0.2)
    head = Head()
    head.process.wait()
    assert head.left() == 1
    assert head.left() == 0


def a_kill(**change):
    good = {"kind": "sweep", "number": signal.SIGKILL, "together": False, "effective": True}
    return kills.Kill(**(good | {"left": 0, "completed": True, "same": True, "half": 0} | change))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"left": 2}, "processes left"),
        ({"completed": False}, "not completed"),
        ({"same": False}, "other result"),
        ({"half": 1}, "half-written files"),
    ],
)
def test_the_command_fails_where_a_kill_did_harm(monkeypatch, capsys, change, fault):
    def kill(*_, tell):
        done = [a_kill(), a_kill(**change)]
        for one in done:
            tell(one)
        return done

    monkeypatch.setattr(kills, "kill", kill)
    assert main(["trials", "kills", "--kills", "2"]) == bool(fault)
    told = capsys.readouterr()
    sums = kills.table(kill(tell=lambda _: None)).loc["all"].iloc[0].to_dict()
    assert sums["effective"] == 2
    assert {name for name in kills.FAULTS if sums[name]} == ({fault} if fault else set())
    assert ("FAULT" in told.err) == bool(fault)
    assert "effective" in told.out


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """One stored result, and a folder without any."""
    monkeypatch.setattr(experiments, "STORED", tmp_path)
    monkeypatch.setattr(commands.large, "STORED", tmp_path / "large")
    source = min((experiments.ROOT / "book" / "results").glob("*-sweep-*.nc"))
    experiments.save(experiments.load(source), tmp_path / source.name)


def test_flipped_bits_are_told_and_counted(stored, capsys):
    assert main(["trials", "flips", "--flips", "40"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("40 bits of 1 files: ")
    assert told.endswith("0 escaped, 0 altered\n")


@pytest.mark.parametrize("fault", ["altered", "escaped"])
def test_flipped_bits_that_are_not_told_fail(stored, monkeypatch, capsys, fault):
    loaded, load = [], experiments.load

    def trusting(path):
        if len(loaded) < 2:  # what is stored, and its copy
            loaded.append(load(path))
            return loaded[-1]
        if fault == "escaped":
            raise KeyError("layer")
        return loaded[-1] * 2

    monkeypatch.setattr(flips.experiments, "load", trusting)
    assert main(["trials", "flips", "--flips", "3"]) == 1
    assert f"3 {fault}" in capsys.readouterr().out
