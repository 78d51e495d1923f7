"""Cells of tables that hold sentences are marked, so that a narrow screen leaves them room."""

from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

__all__ = ["Prose", "setup"]

# Longer than a name or a number with its unit: about three words.
LETTERS = 24


class Prose(SphinxPostTransform):
    """Give a cell of several words the class "prose"."""

    default_priority = 400
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Mark the cells of a page."""
        for entry in self.document.findall(nodes.entry):
            text = entry.astext()
            if len(text) > LETTERS and " " in text:
                entry["classes"].append("prose")


def setup(app: Any) -> dict[str, bool]:
    """Mark them before the page is written."""
    app.add_post_transform(Prose)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
