"""Korean letters in figures: which installed font has them, and what to do where none does."""

import sys
from functools import cache
from typing import TYPE_CHECKING

from nonlin import messages

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["korean_font", "spoken", "typeset"]

FAMILIES = (
    "NanumGothic",
    "NanumBarunGothic",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Noto Sans CJK JP",  # the face matplotlib reads of the shared collection: it has Hangul too
    "Source Han Sans KR",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "Malgun Gothic",
    "Pretendard",
    "NanumSquare",
    "NanumMyeongjo",
    "Baekmuk Dotum",
    "Baekmuk Gulim",
    "UnDotum",
    "Gulim",
    "Arial Unicode MS",
)


@cache
def korean_font() -> str | None:
    """Find the family name of an installed font with Korean letters, the most legible first.

    Returns
    -------
    str or None
    """
    from matplotlib import font_manager

    def installed() -> str | None:
        names = {font.name for font in font_manager.fontManager.ttflist}
        return next((family for family in FAMILIES if family in names), None)

    if found := installed():
        return found
    # Matplotlib keeps a list of fonts on disk, made when it first ran: a font installed since,
    # perhaps because of the message below, is missing from it.
    stems = tuple(family.replace(" ", "").lower() for family in FAMILIES)
    for path in font_manager.findSystemFonts():
        file = path.replace("\\", "/").rpartition("/")[2].replace(" ", "").lower()
        if file.replace("-", "").startswith(stems):
            font_manager.fontManager.addfont(path)
    return installed()


def spoken(lang: str) -> str:
    """Return the language a figure can be labelled in: English where no font has Korean letters.

    The first time Korean gives way, one message on standard error says so.

    Parameters
    ----------
    lang : str
        The language asked for.

    Returns
    -------
    str
    """
    if lang == "ko" and korean_font() is None:
        _say_that_no_font_was_found()
        return "en"
    return lang


@cache
def _say_that_no_font_was_found() -> None:
    print(messages.text("figures.no_font", "ko"), file=sys.stderr)


def typeset(figure: "Figure", lang: str) -> "Figure":
    """Give every text of a figure the Korean font, behind its own, where the language needs it.

    The fonts of a text are tried letter by letter, so Latin and Greek keep their look.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    lang : str
        The language the figure is labelled in.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.
    """
    from matplotlib.text import Text

    family = korean_font() if lang == "ko" else None
    if family is not None:
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            text.set_fontfamily([*text.get_fontfamily(), family])
    return figure
