"""The built book: complete, without errors and readable, from its files and in a browser."""

import copy
import functools
import http.server
import json
import os
import re
import shutil
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(path.stem for path in BOOK.glob("[0-9][0-9]_*.py"))
PAGES = ["index", *CHAPTERS, "references"]

DESKTOP, PHONE = 1280, 375

EXTERNAL = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
# what a page loads by itself, unlike the links that a reader may follow
LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
# roles that were meant to be resolved and are left as text
RAW_ROLE = re.compile(r"\{(?:[a-z]+:)?[a-z]+\}`|\?\?|Unknown directive")


@functools.cache
def parse(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def all_pages(html):
    """Every page there is: those of the book, the search page and the indices."""
    return sorted(html.glob("*.html"))


def local_path(html, page, url):
    """The file that a relative URL on a page stands for."""
    path = unquote(urlsplit(urljoin(f"/{page.relative_to(html).as_posix()}", url)).path)
    return html / (path.lstrip("/") or "index.html")


def loaded_urls(soup):
    for tag, attribute in LOADED.items():
        for element in soup.find_all(tag):
            url = element.get(attribute)
            if url:
                yield url
            for candidate in element.get("srcset", "").split(","):
                if candidate.strip():
                    yield candidate.split()[0]
    styles = [element.get_text() for element in soup.find_all("style")]
    styles += [element["style"] for element in soup.find_all(style=True)]
    yield from css_urls(" ".join(styles))


def css_urls(text):
    return [first or second for first, second in CSS_URL.findall(text)]


# --- from the files


def test_there_are_chapters():
    assert CHAPTERS


@pytest.mark.parametrize("name", PAGES)
def test_page_is_titled(html, name):
    soup = parse(html / f"{name}.html")
    headings = soup.select("article h1")
    assert len(headings) == 1
    heading = headings[0].get_text().removesuffix("#").strip()
    assert len(heading) > 3
    # the browser's tab shows the heading, without its number
    assert re.sub(r"^\d+\.\s*", "", heading) in soup.title.get_text()


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_has_its_number(html, name):
    heading = parse(html / f"{name}.html").select_one("article h1").get_text()
    assert heading.startswith(f"{int(name[:2])}. ")


def test_front_page_leads_to_every_page(html):
    links = {a["href"] for a in parse(html / "index.html").select("article a[href]")}
    missing = [name for name in PAGES[1:] if f"{name}.html" not in links]
    assert not missing


def test_links_lead_somewhere(html):
    broken = []
    for page in all_pages(html):
        for element in parse(page).select("a[href], area[href]"):
            target, fragment = urldefrag(element["href"])
            if EXTERNAL.match(target) or urlsplit(target).scheme:
                continue
            path = local_path(html, page, target) if target else page
            if not path.is_file():
                broken.append(f"{page.name}: {element['href']}: no such file")
            elif fragment and path.suffix == ".html":
                soup = parse(path)
                if not soup.find(id=unquote(fragment)) and not soup.find(attrs={"name": fragment}):
                    broken.append(f"{page.name}: {element['href']}: no such place")
    assert not broken


def test_pages_load_nothing_from_elsewhere(html):
    loaded = [(page, url) for page in all_pages(html) for url in loaded_urls(parse(page))]
    for sheet in sorted(html.rglob("*.css")):
        loaded += [(sheet, url) for url in css_urls(sheet.read_text(encoding="utf-8"))]
    wrong = []
    for source, url in loaded:
        if EXTERNAL.match(url):
            wrong.append(f"{source.name}: {url}: not part of the book")
        elif url.startswith(("data:", "#")):
            continue
        elif not local_path(html, source, url).is_file():
            wrong.append(f"{source.name}: {url}: no such file")
    assert not wrong


@pytest.mark.parametrize("name", PAGES)
def test_images_are_numbered_figures_with_caption_and_alternative_text(html, name):
    wrong = []
    for image in parse(html / f"{name}.html").select("article img"):
        source = image["src"]
        alternative = image.get("alt", "").strip()
        # without a text of its own, an image gets its file's name
        if len(alternative) < 10 or "_images/" in alternative:
            wrong.append(f"{source}: alternative text {alternative!r}")
        figure = image.find_parent("figure")
        number = figure and figure.select_one("figcaption .caption-number")
        caption = figure and figure.select_one("figcaption .caption-text")
        if not number or not re.match(r"Fig\. \d", number.get_text()):
            wrong.append(f"{source}: no figure number")
        if not caption or len(caption.get_text().strip()) < 10:
            wrong.append(f"{source}: no caption")
    assert not wrong


def test_equations_carry_the_papers_numbers(html):
    defined, wrong = [], []
    for page in all_pages(html):
        soup = parse(page)
        for equation in soup.select("div.math[id^=equation-eq-]"):
            number = equation["id"].removeprefix("equation-eq-")
            if number.isdigit():
                defined.append(int(number))
            printed = equation.select_one(".eqno").get_text().rstrip("#")
            if number.isdigit() and printed != f"({number})":
                wrong.append(f"{page.name}: equation {number} is printed as {printed}")
            if "\\tag" in equation.get_text():
                wrong.append(f"{page.name}: equation {number} has a second number")
        for link in soup.select("a[href*='#equation-eq-']:not(.headerlink)"):
            number = link["href"].rpartition("#equation-eq-")[2]
            if number.isdigit() and link.get_text() != f"({number})":
                wrong.append(f"{page.name}: equation {number} is called {link.get_text()}")
    assert not wrong
    assert sorted(defined) == list(range(1, 32))


def test_definitions_and_theorems_are_numbered_blocks(html):
    soup = parse(html / "01_theory.html")
    for label in (*(f"def-{i}" for i in range(1, 7)), "lem-1", "lem-2", "thm-1"):
        block = soup.find(id=label)
        assert block, label
        number = label[-1]
        assert re.search(rf"\b1\.{number}\b", block.select_one(".admonition-title").get_text())


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_leads_to_its_notebook(html, name):
    page = html / f"{name}.html"
    links = [a["href"] for a in parse(page).select("a[href$='.ipynb']")]
    notebooks = [local_path(html, page, link) for link in links]
    assert any(notebook.name == f"{name}.ipynb" for notebook in notebooks), links
    for notebook in notebooks:
        assert json.loads(notebook.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_left_unresolved(html, name):
    article = parse(html / f"{name}.html").select_one("article")
    marked = article.select(".problematic, .system-message, .error, .traceback, .stderr")
    assert not [element.get_text()[:200] for element in marked]
    prose = copy.copy(article)
    for code in prose.select("pre, code"):
        code.extract()
    assert not RAW_ROLE.findall(prose.get_text())


@pytest.mark.parametrize("name", PAGES)
def test_there_is_one_search_box(html, name):
    assert len(parse(html / f"{name}.html").select("input[type=search]")) == 1


# --- in a browser


def find_browser():
    """Chromium's and its driver's programs, or the reason why there are none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    browser = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver") or shutil.which(
        "chromedriver", path=os.environ.get("CHROMEWEBDRIVER", "")
    )
    if not browser:
        return None, f"no browser: none of {', '.join(names)} is installed"
    if not driver:
        return None, "no chromedriver (Debian's package chromium-driver)"
    return (browser, driver), None


PROGRAMS, WHY_NOT = find_browser()
in_browser = pytest.mark.skipif(PROGRAMS is None, reason=WHY_NOT or "")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(html):
    """Address of a local server of the book."""
    handler = functools.partial(QuietHandler, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    program, driver = PROGRAMS
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    chrome.set_script_timeout(60)
    yield chrome
    chrome.quit()


def open_page(browser, url, width):
    """Open a page at a window width and wait until its equations are set."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
    # as on a first visit
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(url)
    browser.execute_async_script(
        """
        const done = arguments[0];
        const equations = window.MathJax?.startup?.promise ?? Promise.resolve();
        equations.then(() => document.fonts.ready).then(() => requestAnimationFrame(done));
        """
    )


def requested_urls(browser):
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            yield message["params"]["request"]["url"]


@in_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", [*PAGES, "search", "genindex"])
def test_page_in_browser(browser, site, name, width):
    open_page(browser, f"{site}/{name}.html", width)

    severe = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert not severe

    own = (f"{site}/", "data:", "blob:", "about:")
    urls = list(requested_urls(browser))
    assert f"{site}/{name}.html" in urls, "the browser's log of requests is empty"
    assert not [url for url in urls if not url.startswith(own)]

    unset = browser.execute_script(
        """
        return [...document.querySelectorAll('.math')]
          .filter(e => !e.querySelector('mjx-container') || e.querySelector('mjx-merror'))
          .map(e => e.textContent.slice(0, 200));
        """
    )
    assert not unset, "equations that MathJax did not set"


@in_browser
@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_page_fits_a_phone(browser, site, name):
    open_page(browser, f"{site}/{name}.html", PHONE)
    # what sticks out, unless something around it scrolls on its own
    sticking_out = browser.execute_script(
        """
        const width = arguments[0];
        const scrolls = e => e && e !== document.body &&
          (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
        return [...document.querySelectorAll('main *')]
          .filter(e => e.getBoundingClientRect().right > width + 1 && e.checkVisibility())
          .filter(e => !e.closest('mjx-assistive-mml') && !scrolls(e))
          .map(e => `${e.tagName} ${e.className}: ${e.textContent.trim().slice(0, 80)}`);
        """,
        PHONE,
    )
    assert not sticking_out
    assert browser.execute_script("return document.documentElement.scrollWidth") <= PHONE


@in_browser
def test_search_finds(browser, site):
    open_page(browser, f"{site}/search.html?q=autoencoder", DESKTOP)
    results = WebDriverWait(browser, 20).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "#search-results li a")
    )
    assert any(name in result.get_attribute("href") for result in results for name in PAGES)


@in_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_one_button_opens_the_search_box(browser, site, width):
    open_page(browser, f"{site}/index.html", width)
    buttons = browser.find_elements(By.CSS_SELECTOR, ".search-button__button")
    shown = [button for button in buttons if button.is_displayed()]
    assert len(shown) == 1
    shown[0].click()
    boxes = browser.find_elements(By.CSS_SELECTOR, "input[type=search]")
    assert [box.is_displayed() for box in boxes] == [True]
