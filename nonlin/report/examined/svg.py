"""The few shapes that the drawings are made of, with letters in both languages."""

from collections.abc import Callable, Iterable
from html import escape

from nonlin.messages import languages, text

__all__ = ["both", "drawing", "label", "shortened", "spoken", "words"]


def drawing(width: float, height: float, shapes: Iterable[str], labelled_by: str) -> str:
    """Put shapes into an ``<svg>`` that is as wide as its container.

    Parameters
    ----------
    width, height : float
        Of its own coordinates.
    shapes : iterable of str
    labelled_by : str
        Id of the element that says what it shows.

    Returns
    -------
    str
    """
    box = f"0 0 {width:g} {height:g}"
    body = "".join(shapes)
    return f'<svg viewBox="{box}" role="img" aria-labelledby="{labelled_by}">{body}</svg>'


def label(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    """Write a word that needs no translation."""
    classes = f' class="{kind}"' if kind else ""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f"<text {place}{classes}>{escape(content)}</text>"


def words(x: float, y: float, key: str, anchor: str = "start", kind: str = "") -> str:
    """Write a sentence of the report's in both languages; the page shows one of them."""
    return "".join(
        label(x, y, text(f"examination_report.{key}", lang), f"{lang} {kind}".strip(), anchor)
        for lang in languages()
    )


def both(key: str, **fields: object) -> str:
    """A sentence in both languages as HTML; the page shows one of them."""
    return spoken(lambda lang: text(f"examination_report.{key}", lang, **fields))


def spoken(say: Callable[[str], str]) -> str:
    """What a function says in each language, as HTML."""
    return "".join(
        f'<span class="{lang}" lang="{lang}">{escape(say(lang))}</span>' for lang in languages()
    )


def shortened(name: str, letters: int) -> str:
    """Leave the beginning of a long name out: its end tells more.

    Examples
    --------
    >>> shortened("encoder.layers.2.linear1", 12), shortened("0", 12)
    ('…s.2.linear1', '0')
    """
    return name if len(name) <= letters else "…" + name[1 - letters :]
