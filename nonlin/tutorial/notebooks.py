"""Markdown with cells of code (MyST), and the notebook it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from nonlin.messages import text

__all__ = ["as_notebook", "code", "sources"]

_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n((?::[^\n]*\n)*)(.*?)^```$", re.DOTALL | re.MULTILINE)
# :::{admonition} Title
# :class: dropdown
_FOLDED = re.compile(
    r"^:::\{admonition\} ([^\n]*)\n:class: dropdown\n\n?(.*?)^:::$", re.DOTALL | re.MULTILINE
)


def sources(lang: str) -> list[Traversable]:
    """List the tutorial's files in the order in which they are read.

    Parameters
    ----------
    lang : str
        "en" or "ko".

    Returns
    -------
    list of Traversable
        Each with `name` and `read_text`.

    Examples
    --------
    >>> sources("en")[0].name
    '1-what-it-is.md'
    """
    folder = files("nonlin.tutorial").joinpath(lang)
    found = (file for file in folder.iterdir() if file.name.endswith(".md"))
    return sorted(found, key=lambda file: file.name)


def code(source: str) -> list[str]:
    """Return the cells of code of a notebook's text.

    Examples
    --------
    >>> code("Text.\\n\\n```{code-cell}\\n1 + 1\\n```\\n")
    ['1 + 1']
    """
    return [content for kind, content in _parts(source) if kind == "code"]


def as_notebook(source: str, lang: str) -> str:
    """Write a notebook's text as an .ipynb file without outputs.

    Answers that a page folds become ``<details>``, which Jupyter folds.

    Parameters
    ----------
    source : str
        Markdown with ``{code-cell}`` directives.
    lang : str
        Of the text.

    Returns
    -------
    str
        JSON of nbformat 4.5.
    """
    cells = [_cell(kind, content, number) for number, (kind, content) in enumerate(_parts(source))]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "nonlin": {"language": lang, "title": text("cli.tutorial.title", lang)},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _parts(source: str) -> Iterator[tuple[str, str]]:
    rest, last = _HEADER.sub("", source), 0
    for cell in _CELL.finditer(rest):
        yield from _prose(rest[last : cell.start()])
        yield "code", cell[2].strip("\n")
        last = cell.end()
    yield from _prose(rest[last:])


def _prose(content: str) -> Iterator[tuple[str, str]]:
    if content.strip():
        yield "markdown", content.strip("\n")


def _cell(kind: str, content: str, number: int) -> dict[str, Any]:
    if kind == "markdown":
        content = _FOLDED.sub(r"<details><summary>\1</summary>\n\n\2\n</details>", content)
    cell = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": content.splitlines(keepends=True),
    }
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell
