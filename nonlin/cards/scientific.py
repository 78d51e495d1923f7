"""Powers of ten as print has them."""

from re import Match, sub

__all__ = ["printed"]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def printed(number: str) -> str:
    """Write the exponent of a formatted number as a power of ten, which no line breaks.

    Parameters
    ----------
    number : str
        What ``format`` made of a float.

    Returns
    -------
    str

    Examples
    --------
    >>> printed("1.4e-05"), printed("2e+03"), printed("0.25")
    ('1.4\\xa0×\\xa010⁻⁵', '2\\xa0×\\xa010³', '0.25')
    """

    def power(exponent: Match[str]) -> str:
        return f"\u00a0×\u00a010{str(int(exponent[1])).translate(_SUPERSCRIPT)}"

    return sub(r"e([+-]\d+)$", power, number)
