"""The exported file of each view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nonlin.explorer.examine.reading import read
from nonlin.explorer.export import depth, functions, race
from nonlin.explorer.export.document import html
from nonlin.explorer.export.model import Page
from nonlin.explorer.study_files import report
from nonlin.explorer.wrong import WrongRequestError
from nonlin.extras import missing_package

__all__ = ["export"]

_PAGES: dict[str, Callable[..., Page]] = {
    "functions": functions.page,
    "depth": depth.page,
    "race": race.page,
}


def export(view: str, lang: str, state: Mapping[str, Any], log: Path | None = None) -> str:
    """Write a view in a state as one HTML file; of an examination, that of the log followed.

    Raises
    ------
    WrongRequestError
        If the view has nothing to export.
    """
    if view == "study":
        return report(lang)
    if view == "examine":
        return _examination(log, lang)
    return html(_PAGES[view](lang, **state), lang)


def _examination(log: Path | None, lang: str) -> str:
    if log is None:
        raise WrongRequestError("no_export", status=404)
    run = read(log)
    try:
        from nonlin.report.examined import examination_html

        return examination_html(None, lang, run=run)
    except ImportError:
        sentence = missing_package("jinja2", lang)
        raise WrongRequestError("package", status=422, sentence=sentence) from None
