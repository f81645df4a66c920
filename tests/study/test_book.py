"""The runner, on small chapters made here."""

import json
import os
import signal
import subprocess
import sys
import time

import jupytext
import nbformat
import pytest

from study import book, experiments, processes
from study.__main__ import main as program

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Title

"""
PARAMETERS = """\
# %% tags=["parameters"]
{}

"""
BODY = """\
# %%
print("one")
print("two", flush=True)
print(sorted({"a", "b"}))

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-line", "caption": "A line."}}
import matplotlib.pyplot as plt

plt.plot([0, 1]);
"""


def chapter(folder, name, body=BODY, parameters='profile = "quick"'):
    folder.mkdir(exist_ok=True)
    source = folder / f"{name}.py"
    source.write_text(HEADER + PARAMETERS.format(parameters) + body, encoding="utf-8")
    return source


@pytest.fixture
def run(capfd):
    """The command line: its exit status and what it writes to stderr."""

    def main(*arguments):
        status = program(["book", *map(str, arguments)])
        return status, capfd.readouterr().err

    return main


def texts(notebook):
    """What the cells of a notebook file printed or returned."""
    outputs = [o for c in nbformat.read(notebook, 4).cells for o in c.get("outputs", [])]
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs)


def as_text(path):
    """What JupyterLab compares of a pair before it opens it."""
    return jupytext.writes(jupytext.read(path), fmt="py:percent")


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def sources(tmp_path):
    return tmp_path / "book"


@pytest.fixture
def built(tmp_path):
    return tmp_path / "_build"


# names


def test_chapters_are_found_in_order(sources):
    for name in ("02_b", "01_a", "10_c", "notes", "3_d"):
        chapter(sources, name)
    assert [c.stem for c in book.chapters(sources)] == ["01_a", "02_b", "10_c"]


def test_no_chapters_says_what_to_do(tmp_path):
    with pytest.raises(book.BookError, match=r"pip install -e \..*--book"):
        book.chapters(tmp_path)


@pytest.mark.parametrize("name", ["02", "2", "02_b", "02_b.py", "PATH/02_b.py", "PATH/02_b.ipynb"])
def test_a_chapter_has_several_names(sources, name):
    wanted = chapter(sources, "02_b")
    chapter(sources, "12_b")
    assert book.find_chapters([name.replace("PATH", str(sources))], sources) == [wanted]


def test_chosen_chapters_are_in_order_and_once(sources):
    a, b = chapter(sources, "01_a"), chapter(sources, "02_b")
    assert book.find_chapters(["2", "1", "02_b"], sources) == [a, b]


@pytest.mark.parametrize("name", ["03", "b", "0", "elsewhere/02_b.py", ""])
def test_unknown_chapter_lists_the_known(sources, name):
    chapter(sources, "01_a")
    chapter(sources, "02_b")
    with pytest.raises(book.BookError, match=r"there are: 01_a, 02_b"):
        book.find_chapters([name], sources)


# parameters


def test_declared_parameters_and_their_defaults(sources):
    source = chapter(sources, "01_a", parameters="profile = 'quick'\nlive = False  # train\n")
    assert book.declared_parameters(source) == {"profile": "'quick'", "live": "False"}


def test_a_chapter_without_parameters_declares_none(sources):
    source = chapter(sources, "01_a")
    source.write_text(HEADER + BODY, encoding="utf-8")
    assert book.declared_parameters(source) == {}


def test_unknown_parameter_is_refused_and_nothing_runs(sources, built):
    source = chapter(sources, "01_a", parameters="alpha = 1\nbeta = 2")
    old = built / "01_a.ipynb"
    built.mkdir()
    old.write_text("as it was")
    with pytest.raises(book.BookError, match=r"'gamma'.*known are: alpha, beta"):
        book.execute([source], built, parameters={"alpha": 3, "gamma": 1})
    assert old.read_text() == "as it was"


def test_unknown_parameter_on_the_command_line(sources, run):
    chapter(sources, "01_a")
    status, message = run("execute", "--book", sources, "-p", "profil", "tiny")
    assert status == 2
    assert "'profil'" in message
    assert "known are: profile" in message


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--timeout", "-1"], ["--workers", "x"]])
def test_counts_are_checked(sources, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        program(["book", "execute", "--book", str(sources), *arguments])
    assert stop.value.code == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize("setting", ["workers", "timeout"])
def test_counts_are_checked_before_anything_is_removed(sources, built, setting):
    source = chapter(sources, "01_a")
    built.mkdir()
    (built / "01_a.ipynb").write_text("as it was")
    with pytest.raises(ValueError, match=setting):
        book.execute([source], built, **{setting: 0})
    assert left_in(built) == ["01_a.ipynb"]


def test_profiles_are_those_of_the_experiments():
    assert set(book.PROFILES) == set(experiments.PROFILES)


SHOW = """\
# %%
print("shown:", {name: value for name, value in globals().items() if name in NAMES})
"""


@pytest.mark.slow
def test_parameters_go_where_they_are_declared(sources, built, run):
    names = 'NAMES = ("profile", "device", "live", "rate", "sizes", "name")\n'
    every = "profile = 'quick'; device = 'cpu'; live = False"
    chapter(sources, "01_all", SHOW, names + every.replace("; ", "\n") + "\nrate = 1.0")
    chapter(sources, "02_some", SHOW, names + "profile = 'quick'\nsizes = []\nname = 'x'")
    status, message = run(
        *("execute", "--book", sources, "--profile", "tiny", "--device", "cuda", "--live"),
        *("-p", "rate", "1e-3", "-p", "sizes", "[1, 2.5]", "-p", "name", "05"),
    )
    assert status == 0, message
    first, second = built / "notebooks" / "01_all.ipynb", built / "notebooks" / "02_some.ipynb"
    wanted = {"profile": "tiny", "device": "cuda", "live": True, "rate": 0.001}
    assert texts(first) == f"shown: {wanted}\n"
    assert texts(second) == f"shown: { {'profile': 'tiny', 'sizes': [1, 2.5], 'name': 5} }\n"
    # readers do not see how the book was run
    injected = [c for c in nbformat.read(first, 4).cells if "injected-parameters" in str(c)]
    assert [c.metadata.tags for c in injected] == [["injected-parameters", "remove-cell"]]


# execution


@pytest.mark.slow
def test_notebooks_are_complete_and_the_same_each_time(sources, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")  # with which no figure would be shown
    source = chapter(sources, "01_a")
    notebook = source.with_suffix(".ipynb")
    assert book.refresh([source], sources) == {}
    first = notebook.read_bytes()
    assert book.check(sources) == {}
    assert book.refresh([source], sources) == {}
    assert notebook.read_bytes() == first

    written = json.loads(first)
    assert first.endswith(b"}\n")
    assert set(written["metadata"]) == {"jupytext", "kernelspec", "language_info"}
    assert written["metadata"]["jupytext"] == {"formats": "ipynb,py:percent"}
    assert "version" not in written["metadata"]["language_info"]
    printed = written["cells"][2]["outputs"]
    assert ["".join(output["text"]) for output in printed] == ["one\ntwo\n['a', 'b']\n"]
    assert "image/png" in written["cells"][3]["outputs"][0]["data"]
    assert list(written["cells"][3]["metadata"]["mystnb"]["figure"]) == ["name", "caption"]
    assert as_text(notebook) == as_text(source)
    assert left_in(sources) == ["01_a.ipynb", "01_a.py"]


MEET = """\
# %%
import time
from pathlib import Path

Path("{me}").touch()
deadline = time.monotonic() + 600
while not Path("{other}").exists():
    assert time.monotonic() < deadline, "alone"
    time.sleep(0.05)
"""


@pytest.mark.slow
def test_chapters_run_at_the_same_time(sources, built, run):
    chapter(sources, "01_a", MEET.format(me="a", other="b"))
    chapter(sources, "02_b", MEET.format(me="b", other="a"))
    status, progress = run("execute", "--book", sources, "--workers", "2")
    assert status == 0, progress
    assert left_in(built / "notebooks") == ["01_a.ipynb", "02_b.ipynb"]
    assert "01_a: cell 2/2" in progress


@pytest.mark.slow
def test_kernels_are_this_interpreter_whatever_is_installed(
    sources, built, run, tmp_path, monkeypatch
):
    chapter(sources, "01_a", "# %%\nimport os, sys\nprint(sys.executable)\nprint(os.getcwd())\n")
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    wrong = {"argv": ["/no/such/python", "{connection_file}"], "display_name": "wrong"}
    (spec / "kernel.json").write_text(json.dumps({**wrong, "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(spec.parents[1]))
    status, message = run("execute", "--book", sources)
    assert status == 0, message
    assert texts(built / "notebooks" / "01_a.ipynb") == f"{sys.executable}\n{sources}\n"


@pytest.mark.slow
def test_a_failure_is_shown_and_the_others_finish(sources, built, run):
    bad = chapter(sources, "01_bad", '# %%\nprint("so far")\n\n# %%\nraise RuntimeError("torn")\n')
    last_words = 'import os\nos.write(2, b"out of luck")\nos._exit(1)\n'
    dead = chapter(sources, "02_dead", f"# %%\n{last_words}")
    quits = chapter(sources, "03_quits", "# %%\nraise SystemExit(0)\n\n# %%\nprint(1)\n")
    slow = chapter(sources, "04_slow", "# %%\nimport time\ntime.sleep(600)\n")
    good = chapter(sources, "05_good", "# %%\nprint(1)\n")
    notebooks = built / "notebooks"
    notebooks.mkdir(parents=True)
    for source in (bad, dead, quits, slow, good):
        (notebooks / f"{source.stem}.ipynb").write_text("of an earlier run")

    status, message = run("execute", "--book", sources, "--timeout", "20")
    assert status == 1
    assert "01_bad failed in cell 3 of 3: RuntimeError: torn" in message
    assert 'raise RuntimeError("torn")' in message
    assert "02_dead failed in cell 2 of 2: DeadKernelError" in message
    assert "the kernel's last words:\nout of luck" in message
    assert "03_quits failed in cell" in message
    assert "04_slow failed in cell 2 of 2: CellTimeoutError" in message
    failed = [f"{source.stem}.failed.ipynb" for source in (bad, dead, quits, slow)]
    assert left_in(notebooks) == [*failed, "05_good.ipynb"]
    assert "so far" in texts(notebooks / "01_bad.failed.ipynb")
    assert book.problems(good, notebooks / "05_good.ipynb") == []

    chapter(sources, "01_bad", "# %%\nprint(1)\n")
    assert run("execute", "--book", sources, "1")[0] == 0
    assert left_in(notebooks) == ["01_bad.ipynb", *failed[1:], "05_good.ipynb"]


@pytest.mark.slow
def test_a_failed_refresh_keeps_the_committed_notebook(sources, built, run):
    source = chapter(sources, "01_a", "# %%\n1 / 0\n")
    notebook = source.with_suffix(".ipynb")
    notebook.write_text("as it was")
    status, message = run("refresh", "--book", sources)
    assert status == 1
    assert "ZeroDivisionError" in message
    assert notebook.read_text() == "as it was"
    assert left_in(sources) == ["01_a.ipynb", "01_a.py"]
    assert left_in(built / "notebooks") == ["01_a.failed.ipynb"]


PIDS = """\
# %%
import os, time
from pathlib import Path

Path("{me}.started").write_text(f"{{os.getpid()}} {{os.getppid()}}")
time.sleep(600)
"""


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to interrupt")
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
)
def test_interruption_leaves_nothing_behind(sources, built, number, status):
    # as a kernel at times tells of sockets that it has closed before their last message
    at_end = 'import atexit, os\natexit.register(os.write, 2, b"Traceback of a closed socket")\n'
    chapter(sources, "01_quick", f"# %%\n{at_end}")
    chapter(sources, "02_slow", PIDS.format(me="02"))
    chapter(sources, "03_slow", PIDS.format(me="03"))
    started = [sources / "02.started", sources / "03.started"]
    command = [sys.executable, "-m", "study", "book", "execute", "--book", sources]
    # tests that were started in the background ignore Ctrl-C, and so would this
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*command, "--workers", "3"], start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, handler)
    finished = built / "notebooks" / "01_quick.ipynb"
    deadline = time.monotonic() + 600
    while not (finished.exists() and all(path.exists() and path.read_text() for path in started)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline, "the chapters did not start"
        time.sleep(0.1)
    # Ctrl-C in a terminal reaches the whole group, kill only the process
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    try:
        _, stderr = process.communicate(timeout=120)
    finally:
        process.terminate()
    assert process.returncode == status
    assert "Traceback" not in stderr
    if number != signal.SIGKILL:
        assert left_in(built / "notebooks") == ["01_quick.ipynb"]
    pids = [int(pid) for path in started for pid in path.read_text().split()]
    deadline = time.monotonic() + 60  # after SIGKILL they find out themselves
    while any(map(is_running, pids)) and time.monotonic() < deadline * (number == signal.SIGKILL):
        time.sleep(0.1)
    assert [pid for pid in pids if is_running(pid)] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_ctrl_c_while_a_chapter_is_started_comes_later_and_is_not_lost():
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = []

    def start():
        with processes.ctrl_c_waits():
            os.kill(os.getpid(), signal.SIGINT)
            started.append(True)

    try:
        with pytest.raises(KeyboardInterrupt):
            start()
        assert started
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, handler)


# check and stage


def executed(source, notebook=None, **changes):
    """A notebook as a run would leave it, without running one."""
    made = jupytext.read(source)
    for number, cell in enumerate((c for c in made.cells if c.cell_type == "code"), 1):
        cell.execution_count = number
    made.metadata.update(changes)
    target = notebook or source.with_suffix(".ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, target)
    return target


def edited(notebook, change):
    made = nbformat.read(notebook, 4)
    change(made)
    nbformat.write(made, notebook)


def test_check_is_content_with_a_good_pair(sources, capsys):
    executed(chapter(sources, "01_a"))
    assert program(["book", "check", "--book", str(sources)]) == 0
    assert "01_a" in capsys.readouterr().out


def stderr_output(made):
    made.cells[2].outputs = [nbformat.v4.new_output("stream", name="stderr", text="careful\n")]


def error_output(made):
    made.cells[2].outputs = [nbformat.v4.new_output("error", ename="KeyError", evalue="k")]


def tag(made):
    made.cells[1].metadata["tags"] = ["parameters", "injected-parameters"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda made: made.cells[2].update(source="1"), "differs from 01_a.py, first in cell 3"),
        (lambda made: made.cells.pop(), "differs from 01_a.py, first in cell 4"),
        (lambda made: made.cells[3].metadata.clear(), "differs from 01_a.py, first in cell 4"),
        (lambda made: made.cells[2].update(execution_count=None), "from top to bottom"),
        (lambda made: made.cells[2].update(execution_count=7), "from top to bottom"),
        (lambda made: made.metadata.pop("jupytext"), "not paired"),
        (tag, "injected-parameters"),
        (error_output, "error in code cell 2: KeyError: k"),
        (stderr_output, "warning or progress bar in code cell 2: careful"),
    ],
)
def test_check_says_what_is_wrong(sources, capsys, change, complaint):
    executed(chapter(sources, "00_good"))
    edited(executed(chapter(sources, "01_a")), change)
    assert program(["book", "check", "--book", str(sources)]) == 1
    complaints = capsys.readouterr().err
    assert complaint in complaints
    assert "00_good" not in complaints


def test_check_sees_missing_stray_and_broken_notebooks(sources):
    chapter(sources, "01_missing")
    chapter(sources, "02_broken").with_suffix(".ipynb").write_text('{"cells": [')
    executed(chapter(sources, "03_stray")).with_suffix(".py").unlink()
    wrong = book.check(sources)
    assert list(wrong) == ["01_missing.ipynb", "02_broken.ipynb", "03_stray.ipynb"]
    assert "not been executed" in wrong["01_missing.ipynb"][0]
    assert "no valid notebook" in wrong["02_broken.ipynb"][0]
    assert "no source 03_stray.py" in wrong["03_stray.ipynb"][0]


def test_what_jupyterlab_adds_is_no_difference(sources):
    def change(made):
        made.cells[2].metadata.update(collapsed=True, scrolled=True, execution={"a": "b"})
        made.cells[2]["id"] = "another"

    edited(executed(chapter(sources, "01_a"), language_info={"name": "python"}), change)
    assert book.check(sources) == {}


def test_stage_puts_the_executed_notebooks_among_the_pages(sources, built):
    source = chapter(sources, "01_a")
    executed(source)
    ours = executed(source, built / "notebooks" / "01_a.ipynb", title="executed now")
    (sources / "index.md").write_text("# Index\n")
    (sources / "references.bib").write_text("")
    for folder in ("results", "_assets", ".ipynb_checkpoints", "__pycache__"):
        (sources / folder).mkdir()
        (sources / folder / "file").write_text("")
    (sources.parent / "_toc.yml").write_text("format: jb-book\n")
    (sources / "_toc.yml").symlink_to("../_toc.yml")
    stale = built / "book" / "99_gone.ipynb"
    stale.parent.mkdir()
    stale.write_text("")

    assert program(["book", "stage", "--book", str(sources)]) == 0
    staged = built / "book"
    assert left_in(staged) == ["01_a.ipynb", "_assets", "_toc.yml", "index.md", "references.bib"]
    assert (staged / "01_a.ipynb").read_bytes() == ours.read_bytes()
    assert (staged / "_toc.yml").read_text() == "format: jb-book\n"
    assert not (staged / "_toc.yml").is_symlink()
    assert left_in(built) == ["book", "notebooks"]


@pytest.mark.parametrize("state", ["missing", "outdated"])
def test_stage_trusts_no_other_notebooks(sources, built, capsys, state):
    source = chapter(sources, "01_a")
    executed(chapter(sources, "02_b"), built / "notebooks" / "02_b.ipynb")
    if state == "outdated":
        executed(source, built / "notebooks" / "01_a.ipynb")
        chapter(sources, "01_a", BODY.replace("two", "three"))
    assert program(["book", "stage", "--book", str(sources)]) == 1
    assert "run: python -m study book execute 01_a\n" in capsys.readouterr().err
    assert not (built / "book").exists()
