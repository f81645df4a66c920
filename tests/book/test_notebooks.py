"""The real chapters: committed notebooks that can be trusted, and a run of each."""

import ast
import functools
import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from study import book

SOURCES = sorted(book.BOOK.glob("[0-9][0-9]_*.py"))
every_chapter = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


@functools.cache
def notebook(source):
    return nbformat.read(source.with_suffix(".ipynb"), 4)


def code_cells(source):
    return [cell for cell in notebook(source).cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def glued(cells):
    """The names under which cells have glued their outputs."""
    return {
        output.metadata["scrapbook"]["name"]
        for cell in cells
        for output in cell.outputs
        if "scrapbook" in output.get("metadata", {})
    }


def test_there_are_chapters():
    assert SOURCES, f"no chapter in {book.BOOK}"


@every_chapter
def test_the_pair_is_in_sync_and_executed_in_order(source):
    assert book.problems(source) == []


@every_chapter
def test_the_pair_opens_in_jupyterlab_whichever_file_is_newer(source):
    as_text = [
        jupytext.writes(jupytext.read(path), fmt="py:percent")
        for path in (source, source.with_suffix(".ipynb"))
    ]
    assert as_text[0] == as_text[1]


@every_chapter
def test_there_are_outputs_to_compare(source):
    # nbval compares nothing where outputs were stripped, and passes
    compared = [
        output
        for cell in code_cells(source)
        if "nbval-ignore-output" not in tags(cell)
        for output in cell.outputs
        if "text" in output or "text/plain" in output.get("data", {})
    ]
    assert compared


@every_chapter
def test_prose_gets_its_numbers_from_the_run(source):
    prose = "".join(cell.source for cell in notebook(source).cells if cell.cell_type == "markdown")
    used = set(re.findall(r"\{glue:text\}`([^`:]+)", prose))
    have = glued(code_cells(source))
    assert have, "nothing is glued: every number in this chapter's prose is typed"
    assert used <= have
    # a name that is glued twice shows only one of its values
    names = re.findall(r"""\bglue\(\s*f?["']([^"'{]+)["']""", source.read_text(encoding="utf-8"))
    assert sorted(names) == sorted(set(names))


@every_chapter
def test_exactly_one_import_cell(source):
    importing = [
        index
        for index, cell in enumerate(code_cells(source))
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree(cell)))
    ]
    assert len(importing) == 1, f"code cells that import: {importing}"


def tree(cell):
    lines = cell.source.splitlines()
    return ast.parse("\n".join("pass" if re.match(r"\s*[%!]", line) else line for line in lines))


@every_chapter
def test_parameters_come_first(source):
    cells = code_cells(source)
    tagged = [index for index, cell in enumerate(cells) if "parameters" in tags(cell)]
    assert tagged == [0]
    declared = book.declared_parameters(source)
    assert declared["profile"] == '"paper"'
    assert declared["device"] == '"cpu"'


@every_chapter
def test_the_footer_comes_last_and_is_not_compared(source):
    last = notebook(source).cells[-1]
    assert "experiments.footer(" in last.source
    assert {"hide-input", "nbval-ignore-output"} <= set(tags(last))


def figure_cells(source):
    return [
        cell
        for cell in code_cells(source)
        if any("image/png" in output.get("data", {}) for output in cell.outputs)
    ]


@every_chapter
def test_figures_are_named_captioned_and_described(source):
    for cell in figure_cells(source):
        shown = cell.metadata.get("mystnb", {})
        figure, image = shown.get("figure", {}), shown.get("image", {})
        where = cell.source.splitlines()[0]
        assert re.fullmatch(r"fig-[a-z0-9-]+", figure.get("name", "")), where
        assert len(figure.get("caption", "")) > 20, where
        alt = image.get("alt", "")
        assert len(alt) > 20, where
        assert alt != figure["caption"], where


def test_figure_names_are_used_once():
    cells = [cell for source in SOURCES for cell in figure_cells(source)]
    names = [cell.metadata["mystnb"]["figure"]["name"] for cell in cells]
    assert names
    assert sorted(names) == sorted(set(names))


@every_chapter
def test_outputs_do_not_tell_where_they_were_made(source):
    # not in images, where letters are any letters
    outputs = [o for cell in code_cells(source) for o in cell.outputs]
    texts = [output.get("text", "") for output in outputs]
    texts += [v for o in outputs for k, v in o.get("data", {}).items() if k.startswith("text/")]
    folders = {str(book.BOOK.parent), str(Path.home())} - {"/"}
    assert [folder for folder in folders if folder in "".join(texts)] == []


@every_chapter
def test_runs_at_a_tiny_size(source, tmp_path):
    # live: the code that trains is to run, not the one that reads results
    wanted = {"profile": "tiny", "device": "cpu", "live": True}
    failures = book.execute([source], tmp_path, optional=wanted, workers=1)
    assert failures == {}
    assert book.problems(source, tmp_path / f"{source.stem}.ipynb") == []
