"""The page's sentences, in English and Korean."""

from __future__ import annotations

from pathlib import Path

from bilingual import LANGUAGES, sentences

from speed.contender import NEW
from speed.peers import COPY
from speed.peers.numpy import NAMES

__all__ = ["LANGUAGES", "kind", "named", "say", "threads"]

say = sentences(Path(__file__).parent)


def kind(name: str, lang: str) -> str:
    """Name the value, the derivative or the backward pass."""
    return say(f"kind.{name}", lang)


def named(label: str, lang: str) -> str:
    """Name a contender: a library has one name everywhere, a line or a copy has not."""
    name = label.removesuffix(NEW)
    ours = {NAMES[0]: "document", COPY: "copy"}
    return say(ours[name], lang) if name in ours else name


def threads(count: int, lang: str) -> str:
    """Say how many."""
    return say("thread" if count == 1 else "threads", lang, count=count)
