r"""Sphinx extension: the number in an equation's ``\tag{…}`` is its number everywhere.

Sphinx counts labelled equations itself and would print its own number beside the tag. Here the
tag becomes the number, so that an equation and all references to it carry the paper's number.
Needs ``math_numfig = False``. A labelled equation without a tag is a warning.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

TAG = re.compile(r"\s*\\tag\{([^{}]*)\}")

logger = logging.getLogger(__name__)


class TagsToNumbers(SphinxTransform):
    """Move the tag of each labelled equation from its LaTeX into Sphinx's equation numbers."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Renumber the equations of one page, in place."""
        equations = self.env.get_domain("math").equations
        for node in self.document.findall(nodes.math_block):
            label = node.get("label")
            if label not in equations:
                continue
            tags = TAG.findall(node.astext())
            if len(tags) != 1:
                logger.warning(
                    r"equation %s has %d tags; give it exactly one, as in \tag{17}",
                    label,
                    len(tags),
                    location=node,
                )
                continue
            node["number"] = tags[0]
            equations[label] = (self.env.docname, tags[0])
            node[:] = [nodes.Text(TAG.sub("", node.astext()))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the transform."""
    app.add_transform(TagsToNumbers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
