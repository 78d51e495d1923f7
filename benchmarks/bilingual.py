"""The sentences of a generated page, in English and Korean: en.json and ko.json in its folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from nonlin.messages import languages

LANGUAGES = languages()


def sentences(folder: Path) -> Callable[..., str]:
    """Give the function ``say(key, lang, **fields)`` over a folder's two files."""

    @cache
    def texts(lang: str) -> dict[str, str]:
        found: dict[str, str] = json.loads((folder / f"{lang}.json").read_text(encoding="utf-8"))
        return found

    def say(key: str, lang: str, /, **fields: object) -> str:
        return texts(lang)[key].format(**fields)

    return say
