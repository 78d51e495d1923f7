"""Writes a view as one HTML file: the page's styles and modules, with answers for a server."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from nonlin.explorer.numbers import dump
from nonlin.messages import text

__all__ = ["PAGE", "bundle", "html"]

PAGE = Path(__file__).parents[1] / "page"

_IMPORT = re.compile(r'^import (\* as \w+|\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_DYNAMIC = re.compile(r'import\("\./(\w+)\.js"\)')
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) (\w+))", re.MULTILINE)


def html(view: str, state: Mapping[str, Any], lang: str, answers: list[Any]) -> str:
    """Write the file.

    Parameters
    ----------
    view : str
    state : mapping
        What stands in the address of the page.
    lang : str
    answers : list of [name, fields, answer]
        What the page may ask; fields that are None stand for any.

    Returns
    -------
    str
        A whole HTML document, whose policy lets it ask nobody for anything.
    """
    search = urlencode({"view": view, "lang": lang, **state, "hide": "header"}, doseq=True)
    held = dump({"search": search, "answers": answers}).decode().replace("<", "\\u003c")
    script, style = bundle(view), _styles()
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    title = escape(text(f"explorer.{view}.title", lang))
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} · nonlin</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n{_body()}\n"
        f'<script type="application/json" id="answers">{held}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


@cache
def bundle(view: str | None = None) -> str:
    """Write the modules of a view, or of all, as one script; each is a function of its own."""
    views = [view] if view else _DYNAMIC.findall(_source("main"))
    needed = dict.fromkeys(name for root in (*views, "main") for name in _needed(root))
    parts = [_wrapped(name) for name in needed]
    return '"use strict";\n' + "\n".join(parts).replace("</", "<\\/").replace("<!--", "<\\!--")


def _needed(name: str) -> Iterator[str]:
    """List a module after those that it imports."""
    for _, other in _IMPORT.findall(_source(name)):
        yield from _needed(other)
    yield name


def _wrapped(name: str) -> str:
    source = _IMPORT.sub(_bound, _source(name))
    source = _DYNAMIC.sub(r"Promise.resolve($\1)", source)
    given = ", ".join(_EXPORT.findall(source))
    return f"const ${name} = (() => {{\n{_EXPORT.sub('', source)}\nreturn {{ {given} }};\n}})();"


def _bound(found: re.Match[str]) -> str:
    names, module = found.groups()
    if names.startswith("*"):
        return f"const {names.removeprefix('* as ')} = ${module};"
    return f"const {names.replace(' as ', ': ')} = ${module};"


@cache
def _source(name: str) -> str:
    return (PAGE / f"{name}.js").read_text(encoding="utf-8")


@cache
def _styles() -> str:
    return "".join(
        (PAGE / f"{name}.css").read_text(encoding="utf-8") for name in ("style", "parts")
    )


@cache
def _body() -> str:
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    return page[page.index("<body>") + len("<body>") : page.index("</body>")].strip()


def _digest(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
