"""argparse in the reader's language: its own words, and lines that wide letters do not overflow."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nonlin.messages import text
from nonlin.messages.columns import width, wrapped

__all__ = ["Formatter", "translated", "width"]

# argparse asks gettext for these words; whatever it asks beyond them stays English.
_WORDS = {
    "usage: ": "usage",
    "positional arguments": "positional",
    "options": "options",
    "show this help message and exit": "help",
    "%(prog)s: error: %(message)s\n": "error",
    "argument %(argument_name)s: %(message)s": "argument",
    "the following arguments are required: %s": "required",
    "unrecognized arguments: %s": "unrecognized",
    "expected one argument": "one",
    "expected at most one argument": "at_most_one",
    "expected at least one argument": "at_least_one",
    "not allowed with argument %s": "conflict",
    "ignored explicit argument %r": "explicit",
    "ambiguous option: %(option)s could match %(matches)s": "ambiguous",
    "unexpected option string: %s": "unexpected",
    "invalid %(type)s value: %(value)r": "value",
    "invalid choice: %(value)r (choose from %(choices)s)": "choice",
    "invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)": "closest",
}
_PLURALS = {"expected %s argument": "several"}


@contextmanager
def translated(lang: str) -> Iterator[None]:
    """Let argparse speak a language while parsers are built and used.

    argparse looks its words up through the names ``_`` and ``ngettext`` of its own module; there is
    no other way in that needs no compiled catalogue on disk.

    Parameters
    ----------
    lang : str
        One of `nonlin.messages.languages`.
    """

    def one(word: str) -> str:
        key = _WORDS.get(word)
        return word if key is None else text(f"cli.argparse.{key}", lang)

    def many(singular: str, plural: str, count: int) -> str:
        key = _PLURALS.get(singular)
        if key is None:
            return singular if count == 1 else plural
        return text(f"cli.argparse.{key}", lang)

    words = {"_": one, "ngettext": many}
    own = {name: getattr(argparse, name) for name in words}
    for name, word in words.items():
        setattr(argparse, name, word)
    try:
        yield
    finally:
        for name, word in own.items():
            setattr(argparse, name, word)


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help whose option texts are wrapped by terminal columns; descriptions stay as written."""

    def _format_usage(self, usage: str | None, *rest: Any) -> str:
        # argparse indents by letters; the Korean word for "usage" has fewer than columns.
        word = argparse._("usage: ")  # type: ignore[attr-defined]
        missing = width(word) - len(word)
        self._width -= missing
        first, *others = super()._format_usage(usage, *rest).splitlines(keepends=True)
        self._width += missing
        indented = (" " * missing + line if line.strip() else line for line in others)
        return "".join([first, *indented])

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n")
        return "\n".join(
            indent + line for each in paragraphs for line in _filled(each, width - len(indent))
        )


def _filled(paragraph: str, columns: int) -> list[str]:
    """Wrap prose; keep an indented line, which is an example to copy, as it is."""
    return (
        [paragraph] if paragraph.startswith(" ") or not paragraph else wrapped(paragraph, columns)
    )
