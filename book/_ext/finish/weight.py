"""What pages load and do not need, left out.

Every rule of the style sheets stays that names only classes which a page or a script names too;
of the icons' font stay the icons that are drawn, of the formulas' fonts those that one asks for;
figures are stored in as many colours as an eye tells apart; scripts of pictures come where their
picture is; names and brackets in code, whose colour is that of all code, lose their marks.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import tinycss2
from fontTools import subset
from PIL import Image

from finish.markup import Attributes, edit_scripts, edit_tags

# icons come from a font: not from the script that draws them too, nor in styles that none has
_ICONS = "_static/vendor/fontawesome"
_TABS = "_static/design-tabs.js"
_FORMULAS = "_static/mathjax/output/chtml/fonts/woff-v2/MathJax_"
# fonts of formulas, and the commands that ask for their letters
_ALPHABETS = {
    "Calligraphic-Bold": r"\\(bm|boldsymbol|pmb|bf|mathbf\w*)\b",
    "Math-BoldItalic": r"\\(bm|boldsymbol|pmb|mathbf\w+)\b",
    "Main-Italic": r"\\(mathit|it)\b",
    "Fraktur-*": r"\\(math)?(bf)?frak\b",
    "SansSerif-*": r"\\(math|text)?(bf)?sf\w*",
    "Script-*": r"\\(math)?(bf)?scr\b",
    "Typewriter-*": r"\\(math|text)?tt\b",
}
_UNUSED = (
    "_static/**/*.map",
    "_static/*webpack-macros.html",
    "_static/locales/**/*.?o",
    _TABS,
    f"{_FORMULAS}Math-Regular.woff",  # which MathJax itself never loads
    f"{_ICONS}/*/LICENSE.txt.gz",
    f"{_ICONS}/*/js/*",
    f"{_ICONS}/*/webfonts/*.woff2",
    f"{_ICONS}/*/webfonts/fa-brands-*",
    f"{_ICONS}/*/webfonts/fa-regular-*",
    f"{_ICONS}/*/webfonts/fa-v4compatibility*",
)
# the book's scripts that draw pictures, and the class of the elements that each draws in
_PICTURES = {
    "pictures": "picture",
    "player": "plane-player",
    "theory": "theory-picture",
    "kernel_width": "width-picture",
    "leaderboard": "leaderboard-picture",
}
_ICON_FONT = "fa-solid-900.ttf"
_OTHER_SOURCE = re.compile(r"url\([^)]*/fa-[a-z0-9-]+\.woff2\)\s*format\([^)]*\),\s*")
_ICON = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])")
# the button of a repository has its host's logo, for which there would be a second font
_BRAND, _REPOSITORY = re.compile(r"\bfab fa-\w+"), "fa-solid fa-code-branch"
_FONT_PRELOAD = re.compile(r'<link rel="preload" as="font"[^>]*>\s*')
_FIGURE = re.compile(r"(_images/[^\"'\s]+)\.png\b")
# pixels of a figure's million or two: colours are found once no more go from one to another
_MOVED = 1_000
_SIZE = re.compile(r"width: (\d+)px; height: (\d+)px;")
_PLAIN_CODE = re.compile(r'<span class="[npw]">([^<]*)</span>')
_WORD = re.compile(r"[\w-]+")


def size_figures(text: str) -> str:
    """A page whose figures have their size as attributes, and are loaded when a reader nears them.

    From attributes a narrow column may shrink a figure. Styles, as a notebook's outputs of two dots
    a pixel have them, would squeeze it.
    """

    def size(tag: str, attributes: Attributes) -> None:
        found = _SIZE.fullmatch((attributes.get("style") or "").strip())
        if tag == "img" and found:
            del attributes["style"]
            attributes["width"], attributes["height"] = found.groups()
            attributes["loading"] = "lazy"

    return edit_tags(text, size)


def lighten_page(text: str) -> str:
    """A page with smaller figures, one font of icons, and no script that it has no use for."""
    unused = [_ICONS, _TABS]
    for name, drawn_in in _PICTURES.items():
        if not re.search(rf'class="[^"]*\b{drawn_in}["\s]', text):
            unused.append(f"_static/{name}.js")

    def without_unused(attributes: str, _: str) -> str | None:
        return "" if any(script in attributes for script in unused) else None

    def lighten(_: str, attributes: Attributes) -> None:
        for name in ("src", "href"):
            if attributes.get(name):
                attributes[name] = _FIGURE.sub(r"\1.webp", attributes[name] or "")
        if attributes.get("class"):
            attributes["class"] = _BRAND.sub(_REPOSITORY, attributes["class"] or "")

    text = _PLAIN_CODE.sub(r"\1", _FONT_PRELOAD.sub("", text))
    return edit_tags(edit_scripts(text, without_unused), lighten)


def lighten_site(html: Path) -> None:
    """Make the files of the built book in the folder ``html`` as small as they can be."""
    for pattern in _UNUSED:
        for path in html.glob(pattern):
            path.unlink()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_to_webp, html.glob("_images/*.png")))
    for path in html.glob("_sources/**/*.ipynb"):
        _without_outputs(path)
    _drop_alphabets(html)
    words = set(_words(html))
    sheets = sorted(html.glob("_static/**/*.css"))
    for sheet in sheets:
        sheet.write_text(used_rules(sheet.read_text(encoding="utf-8"), words), encoding="utf-8")
    styles = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    drawn = {int(code, 16) if code else ord(letter) for code, letter in _ICON.findall(styles)}
    for font in html.glob(f"{_ICONS}/*/webfonts/{_ICON_FONT}"):
        _subset(font, drawn)


def _drop_alphabets(html: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in html.glob("**/*.html")]
    for fonts, command in _ALPHABETS.items():
        if not any(re.search(command, page) for page in pages):
            for path in html.glob(f"{_FORMULAS}{fonts}.woff"):
                path.unlink()


def used_rules(sheet: str, words: set[str]) -> str:
    """A style sheet without the selectors that name a class outside ``words``, and in one line.

    Only the classes of a selector itself count, not those within ``:not(…)`` and its like.
    """
    return "".join(_used(tinycss2.parse_stylesheet(sheet, True, True), words))


def _used(rules: Iterable, words: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            content = "".join(_used(tinycss2.parse_rule_list(rule.content, True, True), words))
            if content:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{content}}}"
        elif rule.type == "qualified-rule":
            selectors = [s for s in _selectors(rule.prelude) if _classes(s) <= words]
            if selectors:
                prelude = ",".join(_compact(selector) for selector in selectors)
                yield f"{prelude}{{{_compact(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword == "font-face":
            text = _OTHER_SOURCE.sub("", rule.serialize())
            if "/fa-" not in text or _ICON_FONT in text:
                yield text
        else:
            yield rule.serialize()


def _selectors(prelude: list) -> Iterator[list]:
    selector: list = []
    for token in prelude:
        if token == ",":
            yield selector
            selector = []
        else:
            selector.append(token)
    yield selector


def _classes(selector: list) -> set[str]:
    return {name.value for dot, name in pairwise(selector) if dot == "." and name.type == "ident"}


def _compact(tokens: list) -> str:
    for token in tokens:
        if token.type == "whitespace":
            token.value = " "
    return tinycss2.serialize([t for t in tokens if t.type != "comment"]).strip()


def _words(html: Path) -> Iterator[str]:
    mathjax = html / "_static" / "mathjax"
    for pattern in ("**/*.html", "_static/**/*.js"):
        for path in html.glob(pattern):
            if mathjax not in path.parents:
                yield from _WORD.findall(path.read_text(encoding="utf-8"))


def _to_webp(path: Path) -> None:
    with Image.open(path) as image:
        opaque = image.mode != "RGBA" or image.getextrema()[3][0] == 255
        if opaque:
            # a figure's areas keep their colours; smooth edges have more tones than anybody sees
            image = image.convert("RGB").quantize(128, kmeans=_MOVED, dither=Image.Dither.NONE)
            image = image.convert("RGB")
        image.save(path.with_suffix(".webp"), lossless=True, exact=True, method=6)
    path.unlink()


def _without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    text = json.dumps(notebook, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _subset(font: Path, codes: set[int]) -> None:
    options = subset.Options(layout_features=[], notdef_outline=True)
    loaded = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(loaded)
    subset.save_font(loaded, str(font), options)
