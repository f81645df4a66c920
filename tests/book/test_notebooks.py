"""The real chapters: committed notebooks that can be trusted, and a run of each."""

import ast
import functools
import re
from pathlib import Path
from string import Formatter

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
def test_numbers_in_sentences_are_computed_and_shown_in_jupyterlab_too(source):
    assert "glue" not in source.read_text(encoding="utf-8")
    said = [
        output
        for cell in code_cells(source)
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    ]
    assert said, "no sentence of this chapter is made by say"


HIDDEN = {"hide-input", "remove-input", "hide-cell", "remove-cell"}


def lines_of_code(cell):
    """Lines of a cell that are not those of a text of several lines."""
    inside = {
        line
        for node in ast.walk(tree(cell))
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno > node.lineno
        for line in range(node.lineno, node.end_lineno + 1)
    }
    numbered = enumerate(cell.source.splitlines(), start=1)
    return [line for number, line in numbered if line.strip() and number not in inside]


@every_chapter
def test_hidden_cells_are_short(source):
    hidden = [cell for cell in code_cells(source) if HIDDEN & set(tags(cell))]
    assert [cell.source for cell in hidden if len(lines_of_code(cell)) > 5] == []


@every_chapter
def test_what_the_page_leaves_out_is_folded_in_jupyterlab(source):
    left_out = [cell for cell in code_cells(source) if {"remove-input"} & set(tags(cell))]
    shown = [c for c in left_out if not c.metadata.get("jupyter", {}).get("source_hidden")]
    assert [cell.source for cell in shown] == []


@every_chapter
def test_visible_code_fits_its_column(source):
    shown = [cell for cell in code_cells(source) if not HIDDEN & set(tags(cell))]
    lines = [line for cell in shown for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 73] == []


MOST_WORDS = 25
"""In a sentence."""


def prose(source):
    """What is to be read as sentences: cells of text, and the templates of `say`."""
    texts = [cell.source for cell in notebook(source).cells if cell.cell_type == "markdown"]
    return texts + [text for cell in code_cells(source) for text in said(cell)]


def said(cell):
    """The templates of `say` in a cell: given to it, or named `text` before."""
    for node in ast.walk(tree(cell)):
        match node:
            case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(text)), *_]):
                yield text
            case ast.Assign(targets=[ast.Name(id="text")], value=ast.Constant(value=str(text))):
                yield text


def without_code(text):
    """Lines of a text without its blocks of code: those whose fence names a language."""
    closing = None
    for line in text.splitlines():
        fence = re.match(r"\s*(`{3,}|~{3,})(\w?)", line)
        if closing:
            closing = None if line.strip() == closing else closing
        elif fence and fence[2]:
            closing = fence[1]
        else:
            yield line


def sentences(text):
    """Sentences of a text without code, formulas, tables, headings and the heads of directives."""
    text = re.sub(r"\$\$.*?\$\$", "\n\n", "\n".join(without_code(text)), flags=re.DOTALL)
    lines = []
    for line in text.splitlines():
        starts_anew = re.match(r"\s*([-*+]|\d+\.)\s", line)
        is_markup = re.match(r"\s*(#|\||`{3,}|:{3,}|:\w+:|\(\S+\)=)", line)
        lines += ["", ""] if is_markup else ["", line] if starts_anew else [line]
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "M", "\n".join(lines))
    for paragraph in re.split(r"\n\s*\n", text):
        yield from re.split(r"(?<=[.!?:;])[\"”)*]*\s+", " ".join(paragraph.split()))


@every_chapter
def test_sentences_are_short(source):
    long = [s for text in prose(source) for s in sentences(text) if len(s.split()) > MOST_WORDS]
    assert long == []


@every_chapter
def test_at_most_three_numbers_stand_in_a_paragraph(source):
    paragraphs = [
        paragraph
        for cell in code_cells(source)
        for text in said(cell)
        for paragraph in re.split(r"\n\s*\n", text)
        if not paragraph.lstrip().startswith("|")
    ]
    crowded = [
        paragraph
        for paragraph in paragraphs
        if sum(bool(form) for _, _, form, _ in Formatter().parse(paragraph)) > 3
    ]
    assert crowded == []


@every_chapter
def test_exactly_one_import_cell(source):
    importing = [
        index
        for index, cell in enumerate(code_cells(source))
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree(cell)))
    ]
    # where a stranger follows the page, what its sentences need is folded, in a cell of its own
    folded = [i for i in importing[1:] if "hide-input" in tags(code_cells(source)[i])]
    assert len(importing) == 1 + len(folded), f"code cells that import: {importing}"
    for index in folded:
        nodes = [n for n in ast.walk(tree(code_cells(source)[index])) if hasattr(n, "module")]
        assert {node.module.split(".")[0] for node in nodes} == {"study"}


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


def reads_its_size(source):
    """Whether the code of a chapter is another at another size."""
    nodes = [node for cell in code_cells(source) for node in ast.walk(tree(cell))]
    names = [node for node in nodes if isinstance(node, ast.Name) and node.id == "profile"]
    return any(isinstance(name.ctx, ast.Load) for name in names)


# the others do at every size what nbval lets them do
SIZED = [source for source in SOURCES if reads_its_size(source)]


@pytest.mark.slow
@pytest.mark.parametrize("source", SIZED, ids=lambda source: source.stem)
def test_runs_at_a_tiny_size(source, tmp_path):
    # live: the code that trains is to run, not the one that reads results
    wanted = {"profile": "tiny", "device": "cpu", "live": True}
    failures = book.execute([source], tmp_path, optional=wanted, workers=1)
    assert failures == {}
    assert book.problems(source, tmp_path / f"{source.stem}.ipynb") == []
