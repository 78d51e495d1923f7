"""The page's sentences, in English and Korean."""

from __future__ import annotations

from pathlib import Path

from bilingual import LANGUAGES, sentences

__all__ = ["LANGUAGES", "say"]

say = sentences(Path(__file__).parent)
