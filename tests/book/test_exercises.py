"""Exercises of the chapters: each has a folded solution, and the code of solutions runs."""

import ast
import re

import jupytext
import pytest

from study import book

SOURCES = book.chapters()
every_chapter = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)

FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SOLUTION = re.compile(r"^:::\{dropdown\} Solution\n(.*?)^:::$", re.MULTILINE | re.DOTALL)


def exercises(source):
    """The section of a chapter, split at the bold numbers of its exercises."""
    cells = [cell.source for cell in jupytext.read(source).cells if cell.cell_type == "markdown"]
    sections = [part for cell in cells for part in re.split(r"^## ", cell, flags=re.MULTILINE)]
    (section,) = [section for section in sections if section.startswith("Exercises\n")]
    return re.split(r"^\*\*\d\. ", section, flags=re.MULTILINE)[1:]


def solutions():
    for source in SOURCES:
        for number, exercise in enumerate(exercises(source), start=1):
            for code in FENCE.findall(exercise):
                yield pytest.param(code, id=f"{source.stem}-{number}")


@every_chapter
def test_a_chapter_has_exercises_with_one_folded_solution_each(source):
    found = exercises(source)
    assert 2 <= len(found) <= 3
    for exercise in found:
        question, *rest = re.split(r"^:::\{dropdown\}", exercise, flags=re.MULTILINE)
        assert question.strip().endswith(("?", ".")), question
        assert len(rest) == len(SOLUTION.findall(exercise)) == 1, question
        # code belongs to the solution, where the tests below find it
        assert FENCE.findall(question) == []
        assert exercise.count("```python") == len(FENCE.findall(exercise))


@pytest.mark.parametrize("code", list(solutions()))
def test_a_solution_runs_by_itself_and_is_right(code):
    statements = ast.walk(ast.parse(code))
    assert any(isinstance(one, ast.Assert) for one in statements), "nothing is checked"
    assert [line for line in code.splitlines() if len(line) > 73] == []
    exec(compile(code, "solution", "exec"), {"__name__": "solution"})
