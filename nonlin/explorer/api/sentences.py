"""The page's own sentences."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.parameters import language

__all__ = ["ENDPOINT"]


@cache
def _room(lang: str) -> dict[str, Any]:
    source = files("nonlin.messages").joinpath(f"{lang}.json").read_text(encoding="utf-8")
    room: dict[str, Any] = json.loads(source).get("explorer", {})
    return room


def sentences(lang: str) -> dict[str, Any]:
    """Give the page's sentences, a tree of them."""
    return _room(lang)


ENDPOINT = Endpoint(
    "/api/messages",
    "The sentences of the page",
    (language,),
    sentences,
    {"type": "object"},
)
