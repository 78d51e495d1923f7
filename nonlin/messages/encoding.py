"""Sentences for a stream that cannot write every letter: its own signs where it has them."""

import codecs
import sys
from typing import IO, Any

__all__ = ["ERRORS", "fitting", "spoken_by"]

# The name of the codecs' error handler that writes the signs below.
ERRORS = "nonlin.signs"

_SIGNS = {
    "✗": "x", "✓": "v", "·": "-", "×": "x", "→": "->", "…": "...", "–": "-", "−": "-", "∞": "inf",
    "≤": "<=", "≥": ">=", "≈": "~", "√": "sqrt", "′": "'", "″": "''", "⋅": "*", "█": "#", "─": "-",
    "₀": "0", "₁": "1", "⎧": "/", "⎨": "<", "⎩": "\\", "⎪": "|", "⎛": "/", "⎝": "\\", "⎜": "|",
    "⎞": "\\", "⎠": "/", "⎟": "|", "│": "|", "╱": "/", "╲": "\\", "ℯ": "e", "π": "pi",
    "α": "alpha", "β": "beta", "σ": "sigma", "φ": "phi", "χ": "chi", "ξ": "xi", "\xa0": " ",
}  # fmt: skip

_RAISED = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))

# What a Korean sentence is made of.
_KOREAN = "한국어"


def _signs(error: UnicodeError) -> tuple[str, int]:
    """Write another sign for one that an encoding lacks, or its escape, as for a user's name."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    said, written = error.object, ""
    for place in range(error.start, error.end):
        letter = said[place]
        if letter in _RAISED:
            written += (
                _RAISED[letter] if said[place - 1 : place] in _RAISED else f"^{_RAISED[letter]}"
            )
        else:
            written += _SIGNS.get(letter) or letter.encode("ascii", "backslashreplace").decode()
    return written, error.end


codecs.register_error(ERRORS, _signs)


def fitting(said: str, stream: IO[Any] | None = None) -> str:
    """Write a text with the letters that a stream can show.

    Parameters
    ----------
    said : str
    stream : text stream, optional
        Standard output if not given. One that names no encoding shows everything.

    Returns
    -------
    str
        The text itself where the stream can show it.

    Examples
    --------
    >>> import io
    >>> fitting("E[z²] → ∞", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    'E[z^2] -> inf'
    """
    encoding = _encoding(stream)
    return said.encode(encoding, ERRORS).decode(encoding)


def spoken_by(lang: str, stream: IO[Any] | None = None) -> str:
    """Choose a language that a stream has the letters of: English where it has no Korean ones.

    Parameters
    ----------
    lang : str
        The one that is wished.
    stream : text stream, optional
        Standard output if not given.

    Returns
    -------
    str
    """
    if lang != "ko":
        return lang
    try:
        _KOREAN.encode(_encoding(stream))
    except UnicodeEncodeError:
        return "en"
    return lang


def _encoding(stream: IO[Any] | None) -> str:
    named = getattr(sys.stdout if stream is None else stream, "encoding", None)
    try:
        return codecs.lookup(named).name if isinstance(named, str) else "utf-8"
    except LookupError:
        return "utf-8"
