"""The built book: complete, without errors and readable, from its files and in a browser."""

import copy
import functools
import gzip
import http.server
import io
import json
import os
import re
import shutil
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

import ipae_lib
from ipae_lib.benchmark import scores, store
from ipae_lib.kernels import gaussian_gram
from ipae_lib.layers import TEXT_LABELS
from study.chapters.ch01 import convergence
from study.pictures import theory
from study.pictures import width as kernel_width

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(path.stem for path in BOOK.glob("[0-9][0-9]_*.py"))
PAGES = ["index", *CHAPTERS, "glossary", "api", "references"]

DESKTOP, PHONE = 1280, 375

# a chapter with few formulas, for what is the same on all: MathJax takes seconds of others
LIGHT = "12_does_a_classifier_compress"

# bytes: of a page, all that a browser fetches at the first visit, late figures too, from a server
# that sends text compressed, as publishers' servers do; and of the files of the whole book
PAGE_BUDGET, BOOK_BUDGET = 1_000_000, 7_000_000

# https://github.com/dequelabs/axe-core, release 4.14.1, as npm serves it
AXE = Path(__file__).with_name("axe") / "axe.min.js"

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


@functools.cache
def places(path):
    """What a link can lead to on a page: ids and names."""
    soup = parse(path)
    return tuple({one[key] for one in soup.select(f"[{key}]")} for key in ("id", "name"))


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


def test_the_reference_has_what_the_library_offers_at_its_top(html):
    names = {entry["id"] for entry in parse(html / "api.html").select("dt[id]")}
    offered = {name for name in ipae_lib.__all__ if not name.startswith("__")}
    assert offered == {name.rpartition(".")[2] for name in names} & offered


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
                ids, names = places(path)
                if unquote(fragment) not in ids and fragment not in names:
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


def test_pages_keep_to_a_policy_without_exceptions(html):
    wrong = []
    for page in all_pages(html):
        soup = parse(page)
        policies = soup.select("head > meta[http-equiv=Content-Security-Policy]")
        if len(policies) != 1 or policies[0].find_previous(["script", "link", "style"]):
            wrong.append(f"{page.name}: no policy before all that it is about")
            continue
        policy = dict(part.split(maxsplit=1) for part in policies[0]["content"].split("; "))
        assert policy["default-src"] == "'none'"
        assert {policy["script-src"], policy["style-src"], policy["font-src"]} == {"'self'"}
        assert set(" ".join(policy.values()).split()) == {"'self'", "'none'", "data:"}
        wrong += [
            f"{page.name}: {str(element)[:100]}"
            for element in soup.find_all(True)
            if element.name == "style"
            or (element.name == "script" and not element.get("src"))
            or any(name == "style" or name.startswith("on") for name in element.attrs)
        ]
    assert not wrong


def test_the_book_is_light(html):
    sizes = {path: path.stat().st_size for path in html.rglob("*") if path.is_file()}
    largest = sorted(sizes, key=sizes.get, reverse=True)[:5]
    assert sum(sizes.values()) < BOOK_BUDGET, [(path.name, sizes[path]) for path in largest]


def test_every_icon_is_in_the_font(html):
    fonts = list(html.glob("_static/vendor/**/*.ttf"))
    assert [font.name for font in fonts] == ["fa-solid-900.ttf"]
    styles = "".join(sheet.read_text("utf-8") for sheet in html.glob("_static/**/*.css"))
    codes = {int(code, 16) for code in re.findall(r"\\(f[0-9a-f]{3})\b", styles)}
    assert codes <= set(TTFont(fonts[0]).getBestCmap())
    icons = {
        name
        for page in all_pages(html)
        for element in parse(page).select("[class*='fa-']")
        for name in element["class"]
        if name.startswith("fa-")
    }
    assert icons >= {"fa-download", "fa-magnifying-glass"}
    without = {icon for icon in icons if f".{icon}:before" not in styles}
    assert without <= {"fa-solid", "fa-lg"}


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


def code_cells_with_figures():
    for name in CHAPTERS:
        for cell in nbformat.read(BOOK / f"{name}.ipynb", 4).cells:
            figure = cell.metadata.get("mystnb", {}).get("figure")
            if figure:
                yield name, figure["name"], cell.source


def test_each_figure_leads_to_the_code_that_drew_it(html):
    wrong, seen = [], 0
    for name, label, source in code_cells_with_figures():
        figure = parse(html / f"{name}.html").find("figure", id=label)
        links = figure.select("figcaption a.figure-code")
        if len(links) != 1:
            wrong.append(f"{label}: {len(links)} links")
            continue
        seen += 1
        function = links[0].get_text().removeprefix("Code: ")
        if f"{function}(" not in source:
            wrong.append(f"{label}: its cell does not call {function}")
        target, place = urldefrag(links[0]["href"])
        block = parse(html / target).find(id=place)
        if not block or f"def {function}(" not in block.get_text():
            wrong.append(f"{label}: {place} does not define {function}")
    assert not wrong
    assert seen == sum(len(parse(html / f"{name}.html").select("article img")) for name in CHAPTERS)


def test_code_without_a_mark_has_the_colour_that_the_mark_would_give(html):
    style = (html / "_static" / "pygments.css").read_text(encoding="utf-8")
    for theme in ("light", "dark"):
        rule = rf'data-theme="{theme}"\] \.highlight%s \{{[^}}]*?(?<!-)color: (#\w+)'
        plain, marked = re.findall(rule % "", style), re.findall(rule % r" \.[npw]", style)
        assert len(plain) == 1
        assert marked
        assert set(marked) == set(plain), theme


@pytest.mark.parametrize("name", CHAPTERS)
def test_solutions_are_folded(html, name):
    solutions = parse(html / f"{name}.html").select("#exercises details.sd-dropdown")
    assert len(solutions) >= 2
    assert [one for one in solutions if one.has_attr("open")] == []
    assert {one.summary.get_text().strip() for one in solutions} == {"Solution"}


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
    assert not RAW_ROLE.findall(prose.get_text(" "))  # cells of a table stand apart


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
# where IPAE_BROWSER=required, checks that find no browser fail instead
in_browser = pytest.mark.skipif(
    PROGRAMS is None and os.environ.get("IPAE_BROWSER") != "required", reason=WHY_NOT or ""
)


class Publisher(http.server.SimpleHTTPRequestHandler):
    """A server that sends text compressed, as publishers' servers do."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".css", ".js", ".svg") or not path.is_file():
            return super().send_head()
        body = compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *args):
        pass


@functools.cache
def compressed(path):
    return gzip.compress(path.read_bytes(), compresslevel=6)


@pytest.fixture(scope="module")
def site(html):
    """Address of a local server of the book."""
    handler = functools.partial(Publisher, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    assert PROGRAMS, WHY_NOT
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


def open_page(browser, url, width, theme="light"):
    """Open a page at a window width and wait until its equations are set."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
    # as on a first visit
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    prefer_theme(browser, theme)
    browser.get(url)
    browser.execute_async_script(
        """
        const done = arguments[0];
        const equations = window.MathJax?.startup?.promise ?? Promise.resolve();
        equations.then(() => document.fonts.ready).then(() => requestAnimationFrame(done));
        """
    )


def prefer_theme(browser, theme):
    feature = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def requests(browser):
    """The URLs that a page has requested, and the bytes that came for each."""
    urls, sizes = {}, {}
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        request = message["params"].get("requestId")
        if message["method"] == "Network.requestWillBeSent":
            urls[request] = message["params"]["request"]["url"]
        elif message["method"] == "Network.loadingFinished":
            sizes[request] = message["params"]["encodedDataLength"]
    return [(url, sizes.get(request, 0)) for request, url in urls.items()]


OPENED = [*PAGES, "figure-code", "search", "genindex", "prf-prf"]


@pytest.fixture(
    scope="module",
    params=[(name, width) for name in OPENED for width in (DESKTOP, PHONE)],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def opened_once(request, browser, site):
    """Name and width of a page, opened once for the tests that follow each other on it."""
    name, width = request.param
    open_page(browser, f"{site}/{name}.html", width)
    return name, width


@pytest.fixture
def opened(browser, site, opened_once):
    """Name and width of the page that is open."""
    name, _ = opened_once
    assert browser.current_url == f"{site}/{name}.html", "another test opened a page between"
    return opened_once


@in_browser
def test_page_in_browser(browser, site, opened):
    name, _ = opened
    severe = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert not severe

    # figures wait until a reader nears them; they are part of the weight
    missing = browser.execute_async_script(
        """
        const done = arguments[0];
        const figures = [...document.images];
        for (const figure of figures) figure.loading = "eager";
        Promise.allSettled(figures.map(figure => figure.decode()))
          .then(() => done(figures.filter(e => !e.naturalWidth).map(e => e.src)));
        """
    )
    assert not missing

    own = (f"{site}/", "data:", "blob:", "about:")
    loaded = requests(browser)
    assert f"{site}/{name}.html" in [url for url, _ in loaded], "no log of requests"
    assert not [url for url, _ in loaded if not url.startswith(own)]

    # what only the search reads is no part of it
    weight = sum(size for url, size in loaded if "/searchindex.js" not in url)
    heaviest = sorted(loaded, key=lambda one: one[1])[-5:]
    assert 50_000 < weight < PAGE_BUDGET, heaviest

    unset = browser.execute_script(
        """
        return [...document.querySelectorAll('.math')]
          .filter(e => !e.querySelector('mjx-container') || e.querySelector('mjx-merror'))
          .map(e => e.textContent.slice(0, 200));
        """
    )
    assert not unset, "equations that MathJax did not set"


@in_browser
def test_page_fits_its_window(browser, opened):
    _, width = opened
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
        width,
    )
    assert not sticking_out
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def inaccessible(browser):
    """What axe finds on the open page, but for what is minor; of the dark theme, its colours."""
    browser.execute_script(AXE.read_text("utf-8"))
    found = []
    of_colours = {"runOnly": ["color-contrast", "link-in-text-block"]}
    for theme, rules in (("light", {}), ("dark", of_colours)):
        prefer_theme(browser, theme)
        WebDriverWait(browser, 20).until(
            lambda b, theme=theme: (
                theme == b.execute_script("return document.documentElement.dataset.theme")
            )
        )
        found += browser.execute_async_script(
            """
            const [rules, done] = arguments;
            const transitions = document.getAnimations().map(a => a.finished.catch(() => {}));
            Promise.all(transitions)
              .then(() => axe.run(document, {...rules, resultTypes: ["violations"]}))
              .then(results => done(results.violations.flatMap(rule => rule.nodes.map(node =>
                [rule.impact, rule.id, node.html.slice(0, 150), node.failureSummary]))));
            """,
            rules,
        )
    return [one for one in found if one[0] in ("critical", "serious", "moderate")]


@in_browser
@pytest.mark.usefixtures("opened")
def test_page_is_accessible(browser):
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true);")
    assert not inaccessible(browser)


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


@in_browser
def test_what_is_brought_into_a_page_does_not_run(browser, site):
    open_page(browser, f"{site}/{LIGHT}.html", DESKTOP)
    violated = browser.execute_async_script(
        """
        const done = arguments[0];
        const directives = [];
        document.addEventListener("securitypolicyviolation",
          event => directives.push(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "window.harmed = true";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend",
          "<p style='color: red'><img src='data:,' onerror='window.harmed = true'>" +
          "<img src='http://127.0.0.2:9/'>");
        setTimeout(() => done([window.harmed ?? false, [...new Set(directives)].sort()]), 500);
        """
    )
    assert violated == [False, ["img-src", "script-src-attr", "script-src-elem", "style-src-attr"]]


@in_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_hidden_code_opens(browser, site, width):
    open_page(browser, f"{site}/{LIGHT}.html", width)
    summary = browser.find_element(By.CSS_SELECTOR, "details.hide summary")
    code = browser.find_element(By.CSS_SELECTOR, "details.hide pre")
    assert not code.is_displayed()
    # by the keyboard, so that it is no matter what lies over it while the page scrolls
    summary.send_keys(Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda _: code.is_displayed())


@in_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_solution_unfolds_and_is_printed(browser, site, width):
    open_page(browser, f"{site}/{LIGHT}.html", width)
    summary = browser.find_element(By.CSS_SELECTOR, "#exercises details.sd-dropdown summary")
    code = browser.find_element(By.CSS_SELECTOR, "#exercises details.sd-dropdown pre")
    assert not code.is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    height = "return arguments[0].getBoundingClientRect().height"
    assert browser.execute_script(height, code) > 50
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert not code.is_displayed()
    summary.send_keys(Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda _: code.is_displayed())


@in_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_theme_switches_and_is_remembered(browser, site, width):
    def ground():
        script = "return getComputedStyle(document.body).backgroundColor"
        return sum(map(int, re.findall(r"\d+", browser.execute_script(script))[:3]))

    open_page(browser, f"{site}/index.html", width)
    button = browser.find_element(By.CSS_SELECTOR, ".theme-switch-button")
    seen = {}
    for _ in range(3):
        button.click()
        mode = browser.execute_script("return document.documentElement.dataset.mode")
        seen[mode] = ground()
    assert set(seen) == {"auto", "light", "dark"}
    assert seen["light"] > 700
    assert seen["dark"] < 100
    while browser.execute_script("return document.documentElement.dataset.mode") != "dark":
        button.click()
    browser.get(f"{site}/references.html")
    assert ground() < 100


@in_browser
def test_print_button_prints(browser, site):
    open_page(browser, f"{site}/{LIGHT}.html", DESKTOP)
    browser.execute_script("window.print = () => { window.printed = true; }")
    browser.find_element(By.CSS_SELECTOR, ".dropdown-download-buttons > button").click()
    browser.find_element(By.CSS_SELECTOR, ".btn-download-pdf-button").click()
    assert browser.execute_script("return window.printed")


@in_browser
def test_leaderboard_sorts(browser, site):
    open_page(browser, f"{site}/08_estimator_benchmark.html", DESKTOP)

    def rows():
        cells = browser.find_elements(By.CSS_SELECTOR, ".leaderboard tbody td:first-child")
        return [cell.text for cell in cells]

    before = rows()
    heading = browser.find_element(By.CSS_SELECTOR, ".leaderboard th button")
    browser.execute_script("arguments[0].click()", heading)
    assert rows() != before
    assert sorted(rows()) == sorted(before)


@in_browser
def test_formulas_that_scroll_can_be_reached_by_keyboard(browser, site):
    def reachable():
        return browser.execute_script(
            """
            const formulas = [...document.querySelectorAll("mjx-container[display=true]")];
            return formulas.map(e => [e.scrollWidth > e.clientWidth + 1, e.tabIndex === 0]);
            """
        )

    for width in (PHONE, DESKTOP):
        open_page(browser, f"{site}/01_theory.html", width)
        WebDriverWait(browser, 20).until(
            lambda _: all(wide == focusable for wide, focusable in reachable())
        )
        assert any(wide for wide, _ in reachable()) == (width == PHONE)


@in_browser
def test_the_plane_player_moves_and_shows_its_numbers(browser, site):
    open_page(browser, f"{site}/index.html", DESKTOP)
    root = browser.find_element(By.CSS_SELECTOR, ".plane-player")
    data = json.loads(root.get_attribute("data-numbers"))
    network = data["networks"][next(iter(data["networks"]))]
    slider = root.find_element(By.CSS_SELECTOR, "input[type=range]")

    def told():
        # all at once: it may play on meanwhile
        return browser.execute_script(
            """
            const titles = [...arguments[0].querySelectorAll("circle[data-layer] title")];
            return titles.map(title => title.textContent);
            """,
            root,
        )

    def expected(i):
        return [
            f"{data['layers'][layer][0]}: input MI {plane['x'][k][i]:.3f}, "
            f"output MI {plane['y'][k][i]:.3f}"
            for plane in (network["planes"][look] for look in ("proposed", "total deviation"))
            for k, layer in enumerate(data["layers"])
        ]

    assert told() == expected(-1)
    slider.send_keys(Keys.HOME)
    assert told() == expected(0)
    assert "iteration 0," in root.find_element(By.CSS_SELECTOR, "output").text
    slider.send_keys(Keys.ARROW_RIGHT)
    assert told() == expected(1)
    # play goes on by itself, and stops when it is told to
    button = root.find_element(By.CSS_SELECTOR, "button")
    button.send_keys(Keys.ENTER)
    later = [expected(i) for i in range(3, len(network["iterations"]))]
    WebDriverWait(browser, 20).until(lambda _: told() in later)
    button.send_keys(Keys.ENTER)
    assert button.text == "Play"
    assert not root.find_element(By.CSS_SELECTOR, "table").is_displayed()


PICTURES = {
    "index": "player",
    "01_theory": "theory",
    "03_kernel_width": "kernel_width",
    "08_estimator_benchmark": "leaderboard",
}


@pytest.mark.parametrize(("name", "script"), PICTURES.items())
def test_without_scripts_a_picture_is_a_table(html, name, script):
    picture = parse(html / f"{name}.html").select_one(".picture")
    assert json.loads(picture["data-numbers"])
    rows = picture.select("table tbody tr")
    assert len(rows) >= 3
    assert all(row.get_text().strip() for row in rows)
    scripts = [html / "_static" / f"{one}.js" for one in ("pictures", script)]
    weight = sum(path.stat().st_size for path in scripts) + len(picture["data-numbers"])
    # the player has the planes of four networks in six ways to look
    assert weight < (120_000 if script in ("player", "leaderboard") else 60_000)


def of_picture(browser, site, name, width=DESKTOP, fresh=True):
    """The picture of a page; of one that is open already, as a test left it, if not ``fresh``."""
    url = f"{site}/{name}.html"
    as_it_is = (browser.current_url, browser.execute_script("return innerWidth")) == (url, width)
    if fresh or not as_it_is:
        open_page(browser, url, width)
    return browser.find_element(By.CSS_SELECTOR, ".picture")


def move(slider, position):
    """By the keyboard, from the left end."""
    slider.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * position)


def numbers_told(browser, root, starts):
    """The numbers of what is told, once it begins so."""
    told = root.find_element(By.CSS_SELECTOR, "[aria-live]")
    WebDriverWait(browser, 20).until(lambda _: told.text.startswith(starts))
    text = told.text.replace("−", "-").removeprefix(starts)
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


@in_browser
@pytest.mark.parametrize(("m", "units"), [(1, 1), (5, 2), (8, 3)])
def test_the_theory_picture_shows_theorem_1(browser, site, m, units):
    root = of_picture(browser, site, "01_theory", fresh=False)
    of_m, of_units, of_levels = root.find_elements(By.CSS_SELECTOR, "input[type=range]")
    move(of_m, m - 1)
    move(of_units, units - 1)
    assert of_units.get_attribute("aria-valuetext") == str(units)
    for at, levels in enumerate(theory.LEVELS):
        move(of_levels, at)
        lam = theory.capacity(units, levels)
        numbers_told(browser, root, f"λ is {lam:.2f} of M = {m:.2f} bits")
        rows = root.find_elements(By.CSS_SELECTOR, "table:not(.picture-table) tbody tr")
        shown = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
        end = convergence(m, lam)
        for layer, (input_mi, output_mi) in zip(("X", "E2", "X_out"), shown, strict=True):
            own = end.sel(layer=layer)
            low, high = f"{float(own.input_mi_lower):.2f}", f"{float(own.input_mi_upper):.2f}"
            assert input_mi == (low if low == high else f"{low} to {high}")
            assert output_mi == f"{float(own.output_mi):.2f}"
        # the points of the plane stand where the bits are
        scale = browser.execute_script(
            """
            const [plane] = [...arguments[0].querySelectorAll("svg")].slice(-1);
            const [x, z] = [...plane.querySelectorAll("circle")].map(e => e.cx.baseVal.value);
            return [x, z, plane.querySelector("path.axis").getBBox().x];
            """,
            root,
        )
        x, z, axis = scale
        assert (z - axis) / (x - axis) == pytest.approx(min(lam, m) / m, abs=1e-3)


@in_browser
@pytest.mark.parametrize(("d", "at"), [(1, 5), (10, 25), (100, 33)])
def test_the_kernel_picture_shows_the_librarys_numbers(browser, site, d, at):
    root = of_picture(browser, site, "03_kernel_width", fresh=False)
    of_width, of_dimension = root.find_elements(By.CSS_SELECTOR, "input[type=range]")
    move(of_dimension, kernel_width.DIMENSIONS.index(d))
    move(of_width, at)
    sigma = float(10 ** kernel_width.LOG_WIDTHS[at])
    shown = f"{sigma:.2f}" if sigma < 10 else f"{sigma:.0f}"
    assert of_width.get_attribute("aria-valuetext") == shown
    for rho in kernel_width.RHOS:
        Select(root.find_element(By.TAG_NAME, "select")).select_by_visible_text(f"{rho:g}")
        found = kernel_width.at_width(d, rho, sigma)
        gram = gaussian_gram(kernel_width.samples(d, rho)[0], sigma)
        expected = [
            sigma / 2,
            found["entropy"],
            found["information"],
            np.log2(kernel_width.SAMPLES),
            found["entropy_estimand"],
            found["information_estimand"],
            kernel_width.correlated_gaussians_mi(d, rho),
        ]
        WebDriverWait(browser, 20).until(
            lambda b, rho=expected[-1]: (
                numbers_told(b, root, f"σ = {shown}, noise of ")[-2] == round(rho, 2)
            )
        )
        *bits, largest = numbers_told(browser, root, f"σ = {shown}, noise of ")
        assert bits == pytest.approx(expected, abs=0.0056)
        eigenvalue = float(np.linalg.eigvalsh(gram)[-1])
        assert largest == pytest.approx(eigenvalue, abs=6e-4)


def leaderboard_rows(root):
    """Texts of the rows that are shown, by name."""
    lines = root.parent.execute_script(
        """
        return [...arguments[0].querySelectorAll(".leaderboard tbody tr")]
          .filter(row => !row.hidden).map(row => [...row.cells].map(cell => cell.textContent));
        """,
        root,
    )
    return {name: cells for name, *cells in lines}


@in_browser
@pytest.mark.parametrize(
    ("part", "case", "samples", "n"),
    [
        ("images", None, "both", None),
        ("planes", None, "few", 512),
        ("networks", "classifier", "both", None),
        ("networks", "autoencoder, K = 2", "many", 2000),
        (None, None, "many", 2000),
        ("variables", "d = 4", "both", None),
    ],
)
def test_the_leaderboard_scores_the_cases_that_are_chosen(browser, site, part, case, samples, n):
    root = of_picture(browser, site, "08_estimator_benchmark")
    of_cases, of_samples, _ = (
        Select(e) for e in root.find_elements(By.CSS_SELECTOR, ".picture-controls select")[:3]
    )
    of_cases.select_by_value("/".join(filter(None, (part, case))))
    of_samples.select_by_value(samples)
    shown = leaderboard_rows(root)

    answers = store.load()
    chosen = (answers.part == part if part else answers.part != "theory").values
    chosen &= (answers.case == case).values if case else True
    chosen &= (answers.n == n).values if n else True
    asked = answers.isel(question=chosen)
    table = scores.scores(asked)
    each = scores.by_case(asked)
    counted = each.groupby("estimator")[["part", "case"]].apply(
        lambda own: len(set(own.values.T[1]))
    )
    heads = root.find_elements(By.CSS_SELECTOR, ".leaderboard th")[1:]
    names = [head.text.removesuffix(" ▼").replace("\n", " ").strip() for head in heads]
    assert set(shown) == set(counted.index)
    for name, cells in shown.items():
        line = dict(zip(names, cells, strict=True))
        expected = {**table.loc[name], "overall": scores.overall(table)[name]}
        for score, value in expected.items():
            if np.isnan(value):
                assert line[score] == ""
            else:
                assert float(line[score].replace("−", "-")) == pytest.approx(value, abs=0.005001)
        assert line["low"] == line["high"] == ""
        assert int(line["cases"]) == counted[name]
    order = [float(cells[names.index("overall")].replace("−", "-")) for cells in shown.values()]
    assert order == sorted(order, reverse=True)

    # and back again
    of_cases.select_by_value("")
    of_samples.select_by_value("both")
    plain = parse_rows(site, browser)
    assert leaderboard_rows(root) == plain


def parse_rows(site, browser):
    """The rows of the leaderboard as they stand in the file."""
    text = browser.execute_async_script(
        "fetch(arguments[0]).then(r => r.text()).then(arguments[1])",
        f"{site}/08_estimator_benchmark.html",
    )
    rows = BeautifulSoup(text, "html.parser").select(".leaderboard tbody tr")
    return {
        name: cells for name, *cells in ([td.get_text() for td in row.select("td")] for row in rows)
    }


@in_browser
def test_the_leaderboard_sorts_and_filters_by_the_keyboard(browser, site):
    root = of_picture(browser, site, "08_estimator_benchmark")
    overall = root.find_element(By.CSS_SELECTOR, ".leaderboard th:nth-child(4)")
    assert overall.get_attribute("aria-sort") == "descending"
    button = overall.find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.ENTER)
    assert overall.get_attribute("aria-sort") == "ascending"
    rising = [float(cells[2].replace("−", "-")) for cells in leaderboard_rows(root).values()]
    assert rising == sorted(rising)
    uses = root.find_elements(By.CSS_SELECTOR, ".picture-controls select")[2]
    Select(uses).select_by_value("T and s")
    shown = leaderboard_rows(root)
    assert len(shown) == 3
    assert {cells[1] for cells in shown.values()} == {"T and s"}
    assert numbers_told(browser, root, "3 of")[0] == 34


@in_browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_row_opens_its_planes_beside_the_true_ones(browser, site, width):
    root = of_picture(browser, site, "08_estimator_benchmark", width)
    name = "KSG"
    (button,) = root.find_elements(By.XPATH, f".//td/button[text()='{name}']")
    button.send_keys(Keys.ENTER)
    dialog = root.find_element(By.TAG_NAME, "dialog")
    assert dialog.is_displayed()
    assert dialog.find_element(By.TAG_NAME, "h3").text == name
    answers = store.load()
    network, view = (Select(e) for e in dialog.find_elements(By.TAG_NAME, "select"))
    for case in ("classifier", "autoencoder, K = 2"):
        network.select_by_value(case)
        assert dialog.find_elements(By.TAG_NAME, "select")[1].is_enabled()
        view.select_by_value("time")
        last = int(answers.iteration.where(answers.case == case).max())
        asked = answers.isel(
            question=(
                (answers.part == "networks")
                & (answers.case == case)
                & (answers.n == 512)
                & (answers.seed == 0)
                & (answers.iteration == last)
                & (answers.quantity == "input_mi")
                & (answers.layer != "X")
            ).values
        )
        layers = asked.layer.values.tolist()
        ends = browser.execute_script(
            """
            const ends = svg => [...svg.querySelectorAll("circle[r='5']")]
              .map(circle => [circle.dataset.layer, circle.cy.baseVal.value]);
            return [...arguments[0].querySelectorAll(".picture-panels svg")].map(ends);
            """,
            dialog,
        )
        assert [[layer for layer, _ in side] for side in ends] == [layers, layers]
        bits = [*asked.bits.sel(estimator=name).values, *asked.exact.values]
        ended = [TEXT_LABELS.get(layer, layer) for layer in layers] * 2
        said = [f"{layer} {value:.2f}" for layer, value in zip(ended, bits, strict=True)]
        svgs = dialog.find_elements(By.CSS_SELECTOR, ".picture-panels svg")
        for svg, half in zip(svgs, (said[: len(layers)], said[len(layers) :]), strict=True):
            told = svg.get_attribute("aria-label").replace("−", "-")
            assert told.endswith(f": {'; '.join(half)}.")
        # higher on the screen is more, by the same scale on both sides
        heights = [height for side in ends for _, height in side]
        slope, level = np.polyfit(bits, heights, 1)
        assert slope < 0
        np.testing.assert_allclose(np.polyval([slope, level], bits), heights, atol=0.5)
    # of this network the input MI alone is asked
    view.select_by_value("plane")
    network.select_by_value("noisy autoencoder, K = 4")
    assert not dialog.find_elements(By.TAG_NAME, "select")[1].is_enabled()
    svg = dialog.find_element(By.CSS_SELECTOR, ".picture-panels svg")
    assert svg.get_attribute("aria-label").startswith("input MI over the training, where layers")
    assert not inaccessible(browser)
    dialog.find_element(By.TAG_NAME, "select").send_keys(Keys.ESCAPE)
    assert not dialog.is_displayed()
    assert browser.switch_to.active_element == button
