"""Sphinx extension: each figure's caption leads to the code that drew it.

A figure is the output of a code cell, and that cell calls the function that draws it. The sources
of all modules with such functions are one page of the book, with a place for each function. So the
links work offline, and show the code that was installed when the book was built.
``figure_code_modules`` in the configuration lists the modules; a figure that none of their
functions draws is a warning.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


PAGE = "figure-code"


def drawing_function(code: str, modules: list[ModuleType]) -> Callable | None:
    """The function of ``modules`` that the code of a cell calls last, or None.

    It is called by its name, or as an attribute of its module: ``figures.spectra(…)``.
    """
    found = [
        (node.lineno, function)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        for module in modules
        if (function := _functions(module).get(_called(node.func, module)))
    ]
    return max(found, key=lambda at: at[0])[1] if found else None


def _functions(module: ModuleType) -> dict[str | None, Callable]:
    """What a module offers of its own, or of modules within it, by name."""
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__.startswith(module.__name__)
    }


def _called(expression: ast.expr, module: ModuleType) -> str | None:
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=of), attr=name) if of == _last(module):
            return name
    return None


def blocks(module: ModuleType, highlight: Callable[[str], str]) -> Iterator[str]:
    """The source of a module as HTML, each function in a block with its full name as the id."""
    lines = inspect.getsource(module).splitlines(keepends=True)
    starts = {0: ""}
    for node in ast.parse("".join(lines)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            starts[min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1] = node.name
    for (start, name), end in itertools.zip_longest(starts.items(), list(starts)[1:]):
        place = f' id="{module.__name__}.{name}"' if name else ""
        yield f"<div{place}>{highlight(''.join(lines[start:end]))}</div>\n"


def _last(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _modules(app: Sphinx) -> list[ModuleType]:
    return [importlib.import_module(name) for name in app.config.figure_code_modules]


def link_figures(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Add to the caption of each figure that a cell has drawn the link to its function."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        code = "\n".join(block.astext() for block in _sources(cell))
        for caption in cell.findall(nodes.caption):
            function = drawing_function(code, _modules(app))
            if function is None:
                logger.warning("no function that draws this figure is called", location=caption)
                continue
            text = f"Code: {function.__name__}"
            link = nodes.inline(text, text)
            # a book in one page, as for printing, has no other pages
            if app.builder.name == "html":
                place = f"{function.__module__}.{function.__name__}"
                uri = f"{app.builder.get_relative_uri(page, PAGE)}#{place}"
                link = nodes.reference(text, text, refuri=uri, internal=True)
            link["classes"].append("figure-code")
            caption += [nodes.Text(" "), link]


def _sources(cell: nodes.container) -> Iterator[nodes.literal_block]:
    for part in cell.findall(nodes.container):
        if part.get("nb_element") == "cell_code_source":
            yield from part.findall(nodes.literal_block)


def source_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page of all modules that have a drawing function."""
    names = {f.__module__ for module in _modules(app) for f in _functions(module).values()}

    def highlight(code: str) -> str:
        return app.builder.highlighter.highlight_block(code.rstrip(), "python")

    body = "<h1>The code of the figures</h1>\n"
    for name in sorted(names):
        source = "".join(blocks(importlib.import_module(name), highlight))
        body += f"<section>\n<h2>{name}</h2>\n{source}</section>\n"
    yield PAGE, {"title": "The code of the figures", "body": body}, "page.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the links and the page they lead to."""
    app.add_config_value("figure_code_modules", [], "env", types=[list])
    app.connect("doctree-resolved", link_figures)
    app.connect("html-collect-pages", source_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
