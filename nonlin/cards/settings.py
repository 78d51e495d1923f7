"""The parameters of a function with their values, as people write them."""

from collections.abc import Mapping

from nonlin.messages import text

__all__ = ["explained", "settings"]

# Letters that formulas have for these parameters.
_LETTERS = {"alpha": "α", "beta": "β"}


def settings(parameters: Mapping[str, float | str]) -> list[str]:
    """Write each parameter with its value.

    Parameters
    ----------
    parameters : mapping of str to float or str

    Returns
    -------
    list of str

    Examples
    --------
    >>> settings({"alpha": 1.0, "approximate": "tanh"})
    ['alpha = 1', 'approximate = tanh']
    """
    return [f"{name} = {_short(value)}" for name, value in parameters.items()]


def explained(parameters: Mapping[str, float | str], lang: str) -> str:
    """Write the parameters in a line, and by which letter formulas call them.

    Parameters
    ----------
    parameters : mapping of str to float or str
    lang : str

    Returns
    -------
    str

    Examples
    --------
    >>> explained({"alpha": 1.0}, "en"), explained({"negative_slope": 0.01}, "en")
    ('alpha = 1 (α in the formulas)', 'negative_slope = 0.01')
    """
    written = zip(parameters, settings(parameters), strict=True)
    return ", ".join(
        text("cards.letter", lang, setting=each, letter=_LETTERS[name])
        if name in _LETTERS
        else each
        for name, each in written
    )


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
