"""The book's Sphinx extension that finishes the built pages."""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXTENSION = Path(__file__).resolve().parents[2] / "book" / "_ext"


@pytest.fixture(scope="module")
def finish():
    """The extension, imported from where Sphinx imports it."""
    sys.path.insert(0, str(EXTENSION))
    try:
        return importlib.import_module("finish")
    finally:
        sys.path.remove(str(EXTENSION))


def page(head="", body=""):
    return f'<html><head>\n<meta charset="utf-8" />\n{head}</head><body>{body}</body></html>'


def test_every_other_byte_of_a_page_stays(finish):
    # the theme leaves list items open, and entities are the author's
    text = page(body="<ul>\n<li class='a'>1 &lt; 2 &nbsp;&amp;<ul></ul>\n<li>b</ul><IMG SRC='x'>\n")
    assert finish.markup.edit_tags(text, lambda tag, attributes: None) == text

    def mark(tag, attributes):
        if tag == "img":
            attributes["id"] = "z"

    marked = finish.markup.edit_tags(text, mark)
    assert marked == text.replace("<IMG SRC='x'>", '<img src="x" id="z">')


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("", ". And", "{}."),
        ("(", ") and", "({})"),
        ("(see ", "), and", "{}),"),
        ("(", " holds)", "({}"),
        ("", " and", None),
        (" ", "-th one", None),
    ],
)
def test_a_formula_keeps_its_mark(finish, before, after, kept):
    formula = r'<span class="math notranslate nohighlight">\(a &lt; b\)</span>'
    text = page(body=f"<p>{before}{formula}{after}</p>")
    found = finish.markup.keep_marks(text)
    if kept is None:
        assert found == text
    else:
        assert f'<span class="kept">{kept.format(formula)}</span>' in found
        assert found.replace('<span class="kept">', "").count("</span>") == 2


def test_scripts_move_into_files_in_their_order(finish, tmp_path):
    head = '<script>let a = "<p>";</script><script src="b.js"></script>'
    head += '<script type="module">c</script>'
    text, forbidden = finish.policy.apply(page(head), tmp_path, root="../")
    assert not forbidden
    scripts = re.findall(r'<script[^>]*? src="([^"]+)"></script>', text)
    assert len(scripts) == len(re.findall("<script", text)) == 3
    assert scripts[1] == "b.js"
    assert (tmp_path / scripts[0].removeprefix("../")).read_text() == 'let a = "<p>";\n'
    assert (tmp_path / scripts[2].removeprefix("../")).read_text() == "c\n"
    assert text.index("Content-Security-Policy") < text.index("<script")


def test_data_in_a_script_element_stays(finish, tmp_path):
    data = '<script type="application/json">{"a": 1}</script>'
    text, _ = finish.policy.apply(page(body=data), tmp_path)
    assert data in text


def test_what_a_script_writes_stands_in_the_page(finish, tmp_path):
    body = '<script>\ndocument.write(`\n<button title="Search">S</button>\n`);\n</script>'
    text, _ = finish.policy.apply(page(body=body), tmp_path)
    assert '<button title="Search">S</button>' in text
    assert "document.write" not in text
    assert not (tmp_path / finish.policy.FOLDER).exists()


def test_styles_move_into_files_once_each(finish, tmp_path):
    body = "<style>p {color: red}</style><style scoped>p {color: red}</style><td style='a: b'></td>"
    text, _ = finish.policy.apply(page(body=body), tmp_path)
    assert "<style" not in text
    assert "style=" not in text
    sheets = [tmp_path / name for name in re.findall(r'rel="stylesheet" href="([^"]+)"', text)]
    assert sheets[0].read_text() == "p {color: red}\n"
    name = re.search(r'<td class="([^"]+)">', text)[1]
    assert sheets[1].read_text() == f".{name}.{name}.{name} {{a: b}}\n"
    assert len(sheets) == 2


def test_an_element_keeps_its_classes_beside_its_style(finish, tmp_path):
    text, _ = finish.policy.apply(page(body='<td class="holds" style="a: b">'), tmp_path)
    assert re.search(r'<td class="holds style-\w+">', text)


@pytest.mark.parametrize("attribute", ['onclick="f()"', 'href=" JavaScript:f()"', 'onerror="f()"'])
def test_a_handler_that_no_file_has_is_named(finish, tmp_path, attribute):
    _, forbidden = finish.policy.apply(page(body=f"<a {attribute}>x</a>"), tmp_path)
    assert len(forbidden) == 1
    assert attribute.partition("=")[0] in forbidden[0]
    _, fine = finish.policy.apply(page(body='<a onclick="window.print()">x</a>'), tmp_path)
    assert not fine


def test_a_page_without_a_place_for_the_policy_is_named(finish, tmp_path):
    assert finish.policy.apply("<html><head></head></html>", tmp_path)[1]


def test_the_policy_lets_in_nothing_but_the_book(finish):
    for directive in finish.policy.POLICY.split("; "):
        name, *sources = directive.split()
        allowed = {"'self'", "'none'"} | ({"data:"} if name == "img-src" else set())
        assert set(sources) <= allowed
    assert "default-src 'none'" in finish.policy.POLICY


def test_names_and_roles_say_what_stands_there(finish):
    text = finish.access.mend(
        '<summary aria-label="Toggle hidden content">Show</summary><a aria-label="kept">x</a>'
        '<div role="doc-biblioentry">b</div><table><thead><th></th><th>a</th></thead></table>'
    )
    assert "<summary>Show</summary>" in text
    assert '<a aria-label="kept">' in text
    assert '<div role="listitem">' in text
    assert "<thead><td></td><th>a</th></thead>" in text


def test_rules_stay_whose_classes_occur(finish):
    sheet = """
    /* said */ p, .used > a:not(.absent) { color : red ; /* why */ }
    .absent, .used.absent { a: b }
    @media (max-width: 1px) { .absent { a: b } .used { c: d } }
    @media print { .absent { a: b } }
    @font-face { font-family: "F"; src: url(f.woff) }
    """
    used = finish.weight.used_rules(sheet, {"used"})
    assert used == (
        "p,.used > a:not(.absent){color : red ;}"
        "@media (max-width: 1px) {.used{c: d}}"
        '@font-face { font-family: "F"; src: url(f.woff) }'
    )
    assert finish.weight.used_rules(used, {"used"}) == used


def stored_figure(finish, folder, pixels):
    """What a reader gets of a figure of these pixels."""
    (folder / "_images").mkdir()
    Image.fromarray(pixels).save(folder / "_images" / "f.png")
    finish.weight.lighten_site(folder)
    assert [path.name for path in (folder / "_images").iterdir()] == ["f.webp"]
    with Image.open(folder / "_images" / "f.webp") as image:
        return np.asarray(image.convert("RGBA"))


def test_figures_with_transparent_parts_are_stored_without_loss(finish, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    np.testing.assert_array_equal(stored_figure(finish, tmp_path, pixels), pixels)


def test_figures_keep_the_colours_that_an_eye_tells_apart(finish, tmp_path):
    # areas of every colour that lines have, and an edge of more tones than a palette holds
    colors = np.random.default_rng(0).integers(0, 256, (40, 3), dtype=np.uint8)
    areas = np.repeat(np.repeat(colors.reshape(4, 10, 3), 30, axis=0), 30, axis=1)
    ramp = np.linspace([255, 255, 255], [8, 48, 107], 1000).astype(np.uint8)[None].repeat(3, axis=0)
    pixels = np.full((123, 1000, 4), 255, dtype=np.uint8)
    pixels[:120, :300, :3] = areas
    pixels[120:, :, :3] = ramp
    stored = stored_figure(finish, tmp_path, pixels)
    assert len(np.unique(stored.reshape(-1, 4), axis=0)) <= 128
    np.testing.assert_array_equal(stored[:120], pixels[:120])
    assert np.abs(stored[120:].astype(int) - pixels[120:]).max() <= 8


def test_pages_lead_to_the_figures_as_they_are_stored(finish):
    text = '<img src="_images/f.png"><a href="_images/f.png">x</a><img src="other.png">'
    light = finish.weight.lighten_page(text)
    assert light == text.replace("_images/f.png", "_images/f.webp")


def test_scripts_of_pictures_stay_where_their_picture_is(finish):
    scripts = "".join(
        f'<script src="_static/{name}.js?v=1"></script>' for name in finish.weight._PICTURES
    )
    with_player = '<div class="picture plane-player">'
    kept = re.findall(r"(\w+)\.js", finish.weight.lighten_page(scripts + with_player))
    assert kept == ["pictures", "player"]
    assert finish.weight.lighten_page(scripts + '<p class="pictures">') == '<p class="pictures">'


def test_every_picture_has_its_script(finish):
    drawn = {
        script.stem: found[1]
        for script in (EXTENSION.parent / "_assets").glob("*.js")
        if (found := re.search(r'pictures\.each\("\.([\w-]+)"', script.read_text("utf-8")))
    }
    assert {"pictures": "picture"} | drawn == finish.weight._PICTURES


def test_figures_have_their_size_as_attributes(finish):
    text = '<img src="f.png" style="width: 30px; height: 20px;"/><p style="width: 3px">x</p>'
    sized = '<img src="f.png" width="30" height="20" loading="lazy"/><p style="width: 3px">x</p>'
    assert finish.weight.size_figures(text) == sized


def test_code_without_a_colour_has_no_marks(finish):
    code = '<span class="n">f</span><span class="p">(</span><span class="mi">1</span>'
    signature = '<span class="n"><span class="pre">f</span></span>'
    light = finish.weight.lighten_page(code + signature)
    assert light == 'f(<span class="mi">1</span>' + signature


def test_the_button_of_a_repository_has_an_icon_of_the_books_font(finish):
    light = finish.weight.lighten_page('<i class="fab fa-github fa-lg"></i>')
    assert light == '<i class="fa-solid fa-code-branch fa-lg"></i>'


def test_the_script_of_tabs_goes(finish, tmp_path):
    script = tmp_path / "_static" / "design-tabs.js"
    script.parent.mkdir()
    script.write_text("0")
    finish.weight.lighten_site(tmp_path)
    assert not script.exists()
    kept = '<script src="_static/book.js"></script>'
    text = f'{kept}<script data-a="b" src="_static/design-tabs.js?v=1"></script>'
    assert finish.weight.lighten_page(text) == kept


def test_notebooks_to_download_are_without_outputs(finish, tmp_path):
    path = tmp_path / "_sources" / "n.ipynb"
    path.parent.mkdir()
    code = {"cell_type": "code", "source": "1 + 1", "outputs": ["2"], "execution_count": 1}
    text = {"cell_type": "markdown", "source": "α"}
    path.write_text(json.dumps({"cells": [code, text]}), encoding="utf-8")
    finish.weight.lighten_site(tmp_path)
    assert json.loads(path.read_text(encoding="utf-8"))["cells"] == [
        {**code, "outputs": [], "execution_count": None},
        text,
    ]


def test_fonts_stay_whose_letters_a_formula_asks_for(finish, tmp_path):
    folder = tmp_path / "_static" / "mathjax" / "output" / "chtml" / "fonts" / "woff-v2"
    folder.mkdir(parents=True)
    names = ["Main-Regular", "Main-Italic", "Fraktur-Bold", "SansSerif-Regular", "Script-Regular"]
    for name in names:
        (folder / f"MathJax_{name}.woff").write_bytes(b"0")
    formula = r'<span class="math">\(\mathfrak{g} \mathsf{T} \iota\)</span>'
    (tmp_path / "page.html").write_text(formula)
    finish.weight.lighten_site(tmp_path)
    left = {path.stem.removeprefix("MathJax_") for path in folder.iterdir()}
    assert left == {"Main-Regular", "Fraktur-Bold", "SansSerif-Regular"}
