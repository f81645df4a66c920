"""The book's Sphinx extension that makes an equation's tag its number."""

import subprocess
import sys
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[2] / "book" / "_ext"


def build(folder, text):
    """Build one page; its text and the warnings."""
    source = folder / "source"
    source.mkdir()
    (source / "index.md").write_text(f"# Page\n\n{text}\n", encoding="utf-8")
    (source / "conf.py").write_text(
        f"import sys\n"
        f"sys.path.append({str(EXTENSION)!r})\n"
        f"extensions = ['myst_parser', 'equation_tags']\n"
        f"myst_enable_extensions = ['dollarmath']\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", source, folder / "html"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (folder / "html" / "index.html").read_text(encoding="utf-8"), done.stderr


def test_tag_is_the_number_of_equation_and_references(tmp_path):
    equations = "$$\na = b\n\\tag{17}\n$$ (eq-a)\n\n$$ c \\tag{3b} $$ (eq-b)"
    text = f"Before {{eq}}`eq-b`.\n\n{equations}\n\nAfter {{eq}}`eq-a`."
    page, warnings = build(tmp_path, text)
    assert not warnings
    assert '<span class="eqno">(17)<' in page
    assert '<span class="eqno">(3b)<' in page
    assert page.count(">(17)</a>") == 1
    assert page.count(">(3b)</a>") == 1
    assert "tag" not in page.partition("<h1>")[2].partition("</section>")[0]


def test_equation_without_label_keeps_its_tag(tmp_path):
    page, warnings = build(tmp_path, "$$ a = b \\tag{5} $$")
    assert not warnings
    assert "\\tag{5}" in page


def test_labelled_equation_without_tag_is_a_warning(tmp_path):
    _, warnings = build(tmp_path, "$$ a = b $$ (eq-a)")
    assert "equation eq-a has 0 tags" in warnings
    assert r"\tag{17}" in warnings
