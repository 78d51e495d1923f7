"""The exported file of each view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nonlin.explorer.api.study import report
from nonlin.explorer.export import depth, functions, race
from nonlin.explorer.export.document import html
from nonlin.explorer.export.model import Page
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["export"]

_PAGES: dict[str, Callable[..., Page]] = {
    "functions": functions.page,
    "depth": depth.page,
    "race": race.page,
}


def export(view: str, lang: str, state: Mapping[str, Any]) -> str:
    """Write a view in a state as one HTML file.

    Raises
    ------
    WrongRequestError
        If the view has nothing to export.
    """
    if view == "study":
        return report(lang)
    if view not in _PAGES:
        raise WrongRequestError("no_export", status=404)
    return html(_PAGES[view](lang, **state), lang)
