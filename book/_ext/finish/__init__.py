"""Sphinx extension: what the built pages need that the theme does not give.

After the build every page gets a content-security policy that it keeps to (`policy`), is mended
where the theme's markup misleads screen readers (`access`), keeps formulas and the marks beside
them on one line (`markup`), and loses what it loads for nothing (`weight`). Pages that an earlier
build has finished stay as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from finish import access, markup, policy, weight

logger = logging.getLogger(__name__)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Finish the pages of a build that went well."""
    if error or app.builder.format != "html":
        return
    html = Path(app.outdir)
    for page in sorted(html.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        if "<head>" not in text or policy.POLICY in text:
            continue
        root = "../" * (len(page.relative_to(html).parts) - 1)
        text, forbidden = policy.apply(weight.size_figures(text), html, root)
        for what in forbidden:
            logger.warning("%s: the pages' policy forbids %s", page.name, what)
        text = weight.lighten_page(access.mend(markup.keep_marks(text)))
        page.write_text(text, encoding="utf-8")
    weight.lighten_site(html)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the work after the build."""
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
