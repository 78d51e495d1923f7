"""Writes an exported page as one HTML file, whose policy lets it ask nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict
from html import escape
from importlib.resources import files

from nonlin.explorer.export.model import Page
from nonlin.explorer.numbers import dump
from nonlin.explorer.script import plotly_script
from nonlin.messages import text

__all__ = ["html"]


def html(page: Page, lang: str) -> str:
    """Write the file.

    Parameters
    ----------
    page : Page
    lang : str

    Returns
    -------
    str
        A whole HTML document, of about 5 MB: Plotly is in it.
    """
    scripts = [_closed(plotly_script().read_text(encoding="utf-8")), _data(page, lang), _own("js")]
    policy = (
        f"default-src 'none'; script-src {' '.join(map(_digest, scripts))}; "
        "style-src 'unsafe-inline'; img-src data: blob:"
    )
    marked = "".join(f"<script>{script}</script>\n" for script in scripts)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.title)} · nonlin</title>\n<style>{_own('css')}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(page.title)}</h1>\n"
        '<div id="sliders"></div>\n<div id="charts"></div>\n'
        f'<section id="table">{page.table}</section>\n</main>\n'
        f"<footer><p>{escape(text('explorer_api.export.made', lang))}</p></footer>\n"
        f"{marked}</body>\n</html>\n"
    )


def _data(page: Page, lang: str) -> str:
    words = {"table": text("explorer_api.export.table", lang)}
    written = dump({**asdict(page), "words": words}).decode()
    return _closed(f"const PAGE = {written};")


def _closed(script: str) -> str:
    """Keep what looks like the end of the element from ending it."""
    return script.replace("</", "<\\/").replace("<!--", "<\\!--")


def _digest(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _own(kind: str) -> str:
    return files("nonlin.explorer.export").joinpath(f"page.{kind}").read_text(encoding="utf-8")
