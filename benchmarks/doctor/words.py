"""The page's sentences, in English and Korean."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ko")


@cache
def _texts(lang: str) -> dict[str, str]:
    path = Path(__file__).with_name(f"{lang}.json")
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def say(key: str, lang: str, /, **fields: Any) -> str:
    """One text with its numbers filled in."""
    return _texts(lang)[key].format(**fields)
