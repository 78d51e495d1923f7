"""Percentage points: what two shares differ by."""

from nonlin.messages import text

__all__ = ["points"]


def points(difference: str, lang: str) -> str:
    """Write a difference of two percentages with its unit.

    Parameters
    ----------
    difference : str
        The digits, already times 100.
    lang : str

    Returns
    -------
    str

    Examples
    --------
    >>> points("+0.23", "en"), points("+0.23", "ko")
    ('+0.23\\xa0pp', '+0.23%p')
    """
    return text("cards.points", lang, difference=difference)
