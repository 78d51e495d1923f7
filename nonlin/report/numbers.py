"""Numbers as a report shows them."""

from nonlin.cards import points, printed

__all__ = ["interval", "shown"]

_DIGITS = 3


def shown(value: float, unit: str = "", *, keep_zeros: bool = False, lang: str = "en") -> str:
    """Write a number with three significant digits and every digit before the point.

    Parameters
    ----------
    value : float
    unit : str
        ``"share"`` writes a part of 1 in per cent, ``"points"`` a difference of two such parts in
        percentage points; any other unit follows the number.
    keep_zeros : bool
        Whether 0.110 stays so, as the end of an interval should.
    lang : str
        Language of the unit.

    Returns
    -------
    str

    Examples
    --------
    >>> shown(0.25), shown(1234.5), shown(9.1e-13), shown(0.98214, "share"), shown(0.5, "ns")
    ('0.25', '1,234', '9.1\\xa0×\\xa010⁻¹³', '98.2%', '0.5 ns')
    """
    if unit == "share":
        return f"{_plain(100 * value, keep_zeros)}%"
    if unit == "points":
        return points(_plain(100 * value, keep_zeros), lang)
    return f"{_plain(value, keep_zeros)} {unit}".rstrip()


def interval(low: float | None, high: float | None, unit: str = "", *, lang: str = "en") -> str:
    """Write the ends of an interval; nothing where there is none.

    Parameters
    ----------
    low, high : float or None
    unit, lang : str
        As in `shown`.

    Returns
    -------
    str

    Examples
    --------
    >>> interval(0.11, 0.1377), interval(0.971, 0.993, "share"), interval(None, None)
    ('0.110 – 0.138', '97.1% – 99.3%', '')
    """
    if low is None or high is None:
        return ""
    keep = not (float(low).is_integer() and float(high).is_integer())
    low_end, high_end = (shown(end, unit, keep_zeros=keep, lang=lang) for end in (low, high))
    return f"{low_end} – {high_end}"


def _plain(value: float, keep_zeros: bool) -> str:
    if value == 0:
        return "0"
    mantissa, _, power = f"{value:.{_DIGITS - 1}e}".partition("e")
    exponent = int(power)
    if -4 <= exponent < 6:
        mantissa, power = f"{value:,.{max(0, _DIGITS - 1 - exponent)}f}", ""
    if "." in mantissa and not keep_zeros:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return printed(f"{mantissa}e{power}" if power else mantissa).replace("-", "−")
