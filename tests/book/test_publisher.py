"""What a publisher sets in the configuration: buttons lead to the repository and to launchers."""

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]


def published():
    """The example of the README, as it is to stand in the configuration."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Publish it\n")[2]
    return yaml.safe_load(readme.partition("```yaml\n")[2].partition("```")[0])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A book of one notebook, built under the configuration with the README's example in it."""
    folder = tmp_path_factory.mktemp("published")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    example = published()
    # the publisher replaces what is there, and adds nothing elsewhere
    assert example.keys() <= config.keys()
    for key, value in example.items():
        config[key] = {**config[key], **value}
    shutil.copytree(ROOT / "book" / "_ext", folder / "book" / "_ext")
    shutil.copytree(ROOT / "book" / "_assets", folder / "book" / "_assets")
    shutil.copy(ROOT / "book" / "references.bib", folder / "book")
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (folder / "book" / "_toc.yml").write_text("format: jb-book\nroot: page\n", encoding="utf-8")
    cells = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("1 + 1")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.update(kernelspec=kernel, language_info={"name": "python"})
    nbformat.write(notebook, folder / "book" / "page.ipynb")
    jupyter_book = shutil.which("jupyter-book", path=Path(sys.executable).parent)
    build = [jupyter_book, "build", folder / "book", "-W", "-n", "--keep-going", "--all"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    html = folder / "_build" / "html"  # beside the configuration
    return html, BeautifulSoup((html / "page.html").read_text(encoding="utf-8"), "html.parser")


def test_buttons_lead_to_the_repository(page):
    _, soup = page
    links = [a["href"] for a in soup.select(".dropdown-source-buttons a[href]")]
    url = published()["repository"]["url"]
    assert url in links
    assert f"{url}/edit/main/book/page.ipynb" in links
    assert any(link.startswith(f"{url}/issues/new") for link in links)


def test_buttons_open_the_notebook_elsewhere(page):
    _, soup = page
    links = [a["href"] for a in soup.select(".dropdown-launch-buttons a[href]")]
    example = published()
    owner_name = urlsplit(example["repository"]["url"]).path
    binder, colab = (
        next(link for link in links if link.startswith(example["launch_buttons"][key]))
        for key in ("binderhub_url", "colab_url")
    )
    assert urlsplit(binder).path == f"/v2/gh{owner_name}/main"
    assert parse_qs(urlsplit(binder).query) == {"urlpath": ["lab/tree/book/page.ipynb"]}
    assert urlsplit(colab).path == f"/github{owner_name}/blob/main/book/page.ipynb"


def test_the_buttons_load_nothing_from_elsewhere(page):
    html, soup = page
    buttons = soup.select(".dropdown-source-buttons, .dropdown-launch-buttons")
    pictures = [image["src"] for button in buttons for image in button.select("img")]
    assert pictures
    assert [source for source in pictures if not (html / source).is_file()] == []
    # icons of brands come from a font that the book does not have
    assert [i for button in buttons for i in button.select("i.fab, i.fa-brands")] == []


def test_without_a_publisher_there_is_no_button():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["repository"]["url"] == ""
    assert not config["launch_buttons"]
