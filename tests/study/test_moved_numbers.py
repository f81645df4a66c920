"""The comparison of the numbers that two versions of a chapter show."""

import subprocess
from collections import Counter

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from study import moved_numbers


def notebook(*outputs, tags=()):
    cells = [new_markdown_cell("In 2020, 512 samples.")]
    for output in outputs:
        cell = new_code_cell("x = 17", outputs=[output])
        cell.metadata["tags"] = list(tags)
        cells.append(cell)
    return new_notebook(cells=cells)


def printed(text):
    return new_output("stream", name="stdout", text=text)


def shown(text, **metadata):
    return new_output("display_data", data={"text/plain": text}, metadata=metadata)


def glued(name, text):
    return new_output(
        "display_data",
        data={"application/papermill.record/text/plain": text},
        metadata={"scrapbook": {"name": name}},
    )


def said(text):
    data = {"text/markdown": text, "text/plain": "<IPython.core.display.Markdown object>"}
    return new_output("execute_result", data=data)


@pytest.mark.parametrize(
    ("output", "numbers"),
    [
        (printed("1.5 and −2,000 or 3e-05\n1.5"), {"1.5": 2, "-2000": 1, "3e-05": 1}),
        (shown("K = 2   0.10\nT1  -0.25"), {"2": 1, "0.10": 1, "-0.25": 1}),
        (said("falls by **0.12** bits, from $T_1$"), {"0.12": 1}),
        (shown("<Figure size 700x310 with 2 Axes>"), {}),
        (printed("no numbers in E1 or x2"), {}),
    ],
)
def test_numbers_of_outputs_are_found(output, numbers):
    found = moved_numbers.shown_numbers(notebook(output))
    assert found == {"": Counter(numbers)}


def test_a_glued_number_goes_by_its_name():
    found = moved_numbers.shown_numbers(notebook(glued("fall", "'0.12'"), printed("7")))
    assert found == {"": Counter({"7": 1}), "fall": Counter({"0.12": 1})}


def test_outputs_that_differ_on_every_machine_are_left_out():
    ignored = notebook(printed("12 s"), tags=["nbval-ignore-output"])
    assert moved_numbers.shown_numbers(ignored) == {"": Counter()}


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        (["1.23"], ["1.23"], []),
        (["1.23"], ["1.2"], []),  # fewer digits
        (["1.2"], ["1.23"], []),  # more digits
        (["1.2"], ["1.25"], []),  # half a unit, either way it was rounded
        (["1.2"], ["1.26"], ["1.2"]),
        (["1.23"], ["1.24"], ["1.23"]),
        (["12"], ["12.4"], []),
        (["12"], ["12.6"], ["12"]),
        (["-1.0"], ["1.0"], ["-1.0"]),
        (["10", "9", "8"], ["9"], ["8", "10"]),
        ([], ["9"], []),
    ],
)
def test_a_number_is_gone_if_none_of_the_new_rounds_to_it(old, new, gone):
    assert moved_numbers.missing(Counter(old), Counter(new)) == gone


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one committed chapter, and a function that changes it."""
    path = tmp_path / "book" / "01_a.ipynb"
    path.parent.mkdir()

    def write(*outputs):
        nbformat.write(notebook(*outputs), path)
        return path

    def git(*arguments):
        settings = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
        subprocess.run(["git", "-C", str(tmp_path), *settings, *arguments], check=True)

    write(glued("fall", "'0.12'"), printed("7 and 9.50"))
    git("init", "--quiet")
    git("add", "book")
    git("commit", "--quiet", "--message", "first")
    monkeypatch.setattr(moved_numbers, "ROOT", tmp_path)
    return write


def test_what_moved_is_told(repository):
    path = repository(said("0.123 bits"), printed("9.5 and 11"))
    told = moved_numbers.compare("HEAD", [path]).splitlines()
    assert told[0] == "01_a: 3 numbers then, 3 now; 1 gone, 1 new"
    assert [line.split() for line in told[1:]] == [["gone:", "7", "shown"], ["new:", "11"]]


def test_a_gone_number_tells_the_name_it_was_glued_under(repository):
    told = moved_numbers.compare("HEAD", [repository(printed("7 and 9.5"))]).splitlines()
    assert told[1].split() == ["gone:", "0.12", "fall"]


def test_a_new_chapter_is_told(repository, tmp_path):
    new = repository().rename(tmp_path / "book" / "02_b.ipynb")
    assert moved_numbers.compare("HEAD", [new]) == "02_b: not there in HEAD"


def test_an_unknown_version_is_refused(repository):
    with pytest.raises(ValueError, match="there is no commit 'nonesuch'; git log"):
        moved_numbers.compare("nonesuch", [repository()])
