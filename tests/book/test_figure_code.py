"""The book's Sphinx extension that leads from figures to the code that drew them."""

import importlib
import sys
from html import escape
from pathlib import Path

import pytest

from ipae_lib import plotting
from study import figures

EXTENSION = Path(__file__).resolve().parents[2] / "book" / "_ext"


@pytest.fixture(scope="module")
def figure_code():
    """The extension, imported from where Sphinx imports it."""
    sys.path.insert(0, str(EXTENSION))
    try:
        return importlib.import_module("figure_code")
    finally:
        sys.path.remove(str(EXTENSION))


@pytest.mark.parametrize(
    ("code", "function"),
    [
        ("figures.spectra(x)", figures.spectra),
        ("ax = plot_plane(records)", plotting.plot_plane),
        # the last one that is called has drawn what is shown
        ("figures.spectra(x)\ny = 1\nfigures.estimands(y)", figures.estimands),
        # of another thing with such a name
        ("run.spectra(x)", None),
        ("spectra = x\nprint(spectra)", None),
        # what the module has from elsewhere
        ("check_plane(x)", None),
    ],
)
def test_the_drawing_function_of_a_cell(figure_code, code, function):
    assert figure_code.drawing_function(code, [figures, plotting]) is function


def test_the_source_is_whole_and_each_function_has_its_place(figure_code):
    module = importlib.import_module(figures.spectra.__module__)
    blocks = list(figure_code.blocks(module, escape))
    source = Path(module.__file__).read_text(encoding="utf-8")
    bare = [block.partition(">")[2].removesuffix("</div>\n") for block in blocks]
    assert "".join(bare) == escape(source)
    (own,) = [block for block in blocks if f'id="{module.__name__}.spectra"' in block]
    assert own.partition(">")[2].startswith("def spectra(")
    assert "\ndef " not in own


def test_a_function_stands_with_what_decorates_it(figure_code):
    module = importlib.import_module(figures.style.__module__)
    (own,) = [block for block in figure_code.blocks(module, escape) if ".style" in block[:60]]
    assert own.partition(">")[2].startswith("@contextmanager\ndef style(")
