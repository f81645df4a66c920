"""What guests of the benchmark may do: their rows say so, and nothing of them is left."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from ipae_lib import benchmark
from ipae_lib.benchmark import channel, command, runner, worker
from ipae_lib.benchmark.channel import ChannelError
from ipae_lib.benchmark.problems import gaussian_problem

pytestmark = pytest.mark.skipif(os.name != "posix", reason="keepers are processes of POSIX")

ASKED = [gaussian_problem(d, 16, 0) for d in (1, 2)]


def asleep(note):
    """What a forked process does."""
    with Path(note).open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(1000)


def in_a_session_of_its_own(note):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            asleep(note)
        os._exit(0)


def waits(note, processes):
    while len(Path(note).read_text().split()) < processes:
        time.sleep(0.01)


def forks(note):
    def guest(x, y):
        if os.fork() == 0:
            asleep(note)
        in_a_session_of_its_own(note)
        waits(note, 2)
        return 1.0

    return guest


def forks_and_dies(note):
    def guest(x, y):
        if os.fork() == 0:
            asleep(note)
        in_a_session_of_its_own(note)
        waits(note, 2)
        os._exit(5)

    return guest


def starts_a_program(note):
    code = f"import os, time; open({note!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(1000)"

    def guest(x, y):
        subprocess.Popen([sys.executable, "-c", code])
        waits(note, 1)
        while True:
            time.sleep(1)

    return guest


def returns_twice(x, y):
    os.fork()
    return 1.0


def writes_to_all(x, y):
    for number in range(3, 300):
        try:
            os.write(number, b"junk" * 10)
        except OSError:
            continue
    return 1.0


def closes_all(x, y):
    os.closerange(3, 300)
    return 1.0


def prints(x, y):
    print("noise of a guest")
    os.write(1, b"loud noise of a guest\n")
    return 1.0


class UnprintableError(Exception):
    def __str__(self):
        raise RuntimeError("no")


class LeavingError(Exception):
    def __str__(self):
        raise SystemExit(3)


def raises(error):
    def guest(x, y):
        raise error

    return guest


def allocates(array):
    def guest(x, y):
        kept = []
        while True:
            kept.append(array(1_000_000))

    return guest


def allocates_objects(x, y):
    kept = []
    while True:
        kept.append(bytearray(1_000_000))


def never_ends(x, y):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def never_lets_go(x, y):
    return float(10**10**9)


def ends_its_keeper(x, y):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1000)


def crashes(x, y):
    ctypes.string_at(0)


GUESTS = {
    "forks": (forks, None),
    "forks and dies": (forks_and_dies, "ended with exit code 5"),
    "starts a program": (starts_a_program, "no answer in 2 s"),
    "returns twice": (returns_twice, None),
    "writes to all": (writes_to_all, "something else was written where its answers are read"),
    "closes all": (closes_all, "its process ended with exit code 0"),
    "prints": (prints, None),
    "unprintable": (raises(UnprintableError()), "raised what cannot be printed"),
    "leaving": (raises(LeavingError()), "raised what cannot be printed"),
    "strange text": (
        raises(ValueError("\ud800\x1b[31m red\r\nline\x00" + 1000 * "x")),
        "^ValueError: �+\\[31m red line�x{200,}$",
    ),
    "exits": (raises(SystemExit(4)), "SystemExit: 4"),
    "interrupts": (raises(KeyboardInterrupt()), "KeyboardInterrupt: no message"),
    "allocates arrays": (allocates(np.ones), "MemoryError"),
    "allocates tensors": (allocates(torch.ones), "can't allocate memory"),
    "allocates objects": (allocates_objects, "MemoryError"),
    "never ends": (never_ends, "no answer in 2 s"),
    "never lets go": (never_lets_go, "no answer in 2 s"),
    "ends its keeper": (ends_its_keeper, f"ended with exit code -{signal.SIGKILL:d}"),
    "crashes": (crashes, f"ended with exit code -{signal.SIGSEGV:d}"),
    "good": (lambda x, y: 0.5, None),
}


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder, guests = tmp_path_factory.mktemp("guests"), {}
    for name, (guest, _) in GUESTS.items():
        note = folder / f"{name}.pids"
        note.write_text("")
        takes_a_note = guest in (forks, forks_and_dies, starts_a_program)
        guests[name] = guest(str(note)) if takes_a_note else guest
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "PATIENCE", 1)
        found = benchmark.run(
            guests, ASKED, cache=False, limit=2, jobs=2, memory_limit=150, progress=False
        )
    pids = {name: (folder / f"{name}.pids").read_text().split() for name in GUESTS}
    return found, pids


@pytest.mark.slow
@pytest.mark.parametrize("name", GUESTS)
def test_the_row_of_a_guest_says_what_it_did(answers, name):
    row = answers[0].sel(estimator=name)
    expected = GUESTS[name][1]
    if expected is None:
        assert row.bits.values.tolist() == [0.5 if name == "good" else 1.0] * len(row.bits)
        return
    assert np.isnan(row.bits).all()
    assert re.search(expected, str(row.failure.values[0]))
    for failure in row.failure.values[1:]:
        assert re.search(f"{expected}|not asked any more", failure)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="who is running is asked of /proc")
@pytest.mark.parametrize("name", ["forks", "forks and dies", "starts a program"])
def test_what_a_guest_has_started_is_ended(answers, name):
    pids = answers[1][name]
    assert pids
    assert [pid for pid in pids if is_running(pid)] == []


@pytest.mark.slow
def test_noise_of_guests_does_not_reach_the_table(tmp_path):
    (tmp_path / "noisy.py").write_text(
        "import os\nprint('noise of the import')\n"
        "def guest(x, y):\n    print('noise')\n    os.write(1, b'noise')\n    return 1.0\n"
    )
    code = (
        "from ipae_lib.benchmark import guests, runner, problems\n"
        "if __name__ == '__main__':\n"
        "    guest = guests.found('./noisy.py:guest')\n"
        "    asked = [problems.gaussian_problem(1, 16, 0)]\n"
        "    found = runner.run({'noisy': guest}, asked, cache=False, progress=False)\n"
        "    print(found.bits.values.tolist())\n"
    )
    (tmp_path / "script.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[[1.0, 1.0, 1.0, 1.0]]\n"
    assert "noise of the import" in done.stderr


def test_a_module_that_leaves_when_it_is_imported_is_told(tmp_path, capsys):
    path = tmp_path / "leaving_guest.py"
    path.write_text("import sys\nsys.exit('no')\n")
    with pytest.raises(SystemExit) as stop:
        command.main([f"{path}:guest"])
    assert stop.value.code == 2
    assert "importing it raised SystemExit: no" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_guests_end_with_the_benchmark(tmp_path, number):
    note = tmp_path / "pids"
    note.write_text("")
    (tmp_path / "script.py").write_text(
        "import os, time\n"
        "from ipae_lib.benchmark import runner, problems\n"
        "def guest(x, y):\n"
        "    os.fork()\n"
        f"    open({str(note)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "    while True:\n        pass\n"
        "if __name__ == '__main__':\n"
        "    asked = [problems.gaussian_problem(1, 16, 0)]\n"
        "    runner.run({'guest': guest}, asked, cache=False, progress=False, limit=500)\n"
    )
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is inherited
    head = subprocess.Popen(
        [sys.executable, "script.py"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, handler)
    waits(note, 2)
    head.send_signal(number)
    head.communicate(timeout=60)
    until = time.monotonic() + 20
    pids = note.read_text().split()
    while any(map(is_running, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in pids if is_running(pid)] == []


class TestChannel:
    def test_messages_arrive_whole(self):
        one, other = channel.pair()
        content = bytes(3_000_000)
        sender = threading.Thread(target=one.send, args=(content,))
        sender.start()
        assert other.receive(10) == content
        sender.join()
        one.tell({"bits": 1.5})
        assert other.heard(1) == {"bits": 1.5}

    def test_silence_and_an_end_are_told(self):
        one, other = channel.pair()
        with pytest.raises(TimeoutError):
            other.heard(0.05)
        one.socket.sendall(b"\0\0\0")
        with pytest.raises(TimeoutError):
            other.heard(0.05)
        one.close()
        with pytest.raises(EOFError):
            other.heard(0.05)

    @pytest.mark.parametrize(
        "written",
        [
            b"junk" * 9,
            (2**21).to_bytes(8, "big"),
            (4).to_bytes(8, "big") + b"\xff\xfe\0\0",
            (4).to_bytes(8, "big") + b"junk",
            (200_000).to_bytes(8, "big") + b"[" * 200_000,
        ],
    )
    def test_what_is_no_message_is_told(self, written):
        one, other = socket.socketpair()
        sender = threading.Thread(target=one.sendall, args=(written,))
        sender.start()
        with pytest.raises(ChannelError):
            channel.Channel(other).heard(1)
        sender.join()

    @pytest.mark.parametrize(
        "change",
        [
            {"position": 2},
            {"position": None},
            {"bits": "1.0"},
            {"bits": float("nan")},
            {"bits": float("inf")},
            {"failure": None},
            {"seconds": -1.0},
            {"seconds": "soon"},
            {"error_bar": -1.0},
            {"error_bar": float("nan")},
            {"error_bar": float("inf")},
            {"error_bar": "0.1"},
        ],
        ids=str,
    )
    def test_what_is_no_answer_is_told(self, change):
        message = {"position": 1, "bits": 1.0, "failure": "", "seconds": 0.5, "error_bar": 0.1}
        assert worker.answer_in(message, 1) == worker.Answer(1.0, "", 0.5, 0.1)
        plain = worker.answer_in(message | {"error_bar": None}, 1)
        assert plain == worker.Answer(1.0, "", 0.5)
        with pytest.raises(ChannelError):
            worker.answer_in(message | change, 1)

    @pytest.mark.parametrize("message", [None, 3, [], {}, "ready"])
    def test_what_is_no_answer_at_all_is_told(self, message):
        with pytest.raises(ChannelError):
            worker.answer_in(message, 0)
