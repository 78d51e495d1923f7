"""Facts in a reader's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nonlin.facts.fact import Fact, Interval, Rounding, number
from nonlin.facts.segments import Inverse
from nonlin.messages import text
from nonlin.messages.encoding import fitting

if TYPE_CHECKING:
    from nonlin.facts.record import Properties

__all__ = ["evidence", "explain", "label", "lines", "say", "written"]

# A list is cut to this many places, those nearest 0.
MOST = 8
# Of a wave, what comes back with each period.
RETURNING = ("fixed_points", "steepest", "saturated")


def lines(known: Properties, lang: str = "en") -> list[tuple[str, str]]:
    """Give (label, value with its evidence) for every fact."""
    return [
        (label(name, lang), f"{say(name, fact, lang)} ({evidence(fact, lang)})")
        for name, fact in known.shown().items()
    ]


def written(known: Properties) -> str:
    """Write a line a fact."""
    return fitting("\n".join(f"{name}: {words}" for name, words in lines(known)))


def label(name: str, lang: str) -> str:
    """Name a fact."""
    return _word(f"label.{name}", lang)


def evidence(fact: Fact, lang: str) -> str:
    """Say whether a fact was proved or measured, and within what time it was not proved.

    Examples
    --------
    >>> evidence(Fact(0.25, "measured", "values", given_up=4.0), "en")
    'measured, not proved within 4 s'
    """
    word = _word(f"evidence.{fact.evidence}", lang)
    if fact.given_up is None:
        return word
    return _word("given_up.evidence", lang, evidence=word, seconds=number(fact.given_up))


def explain(fact: Fact, lang: str) -> str:
    """Say how a fact is known, and that its proof was given up, if it was."""
    how = _word(f"how.{fact.how}", lang)
    if fact.given_up is None:
        return how
    return f"{how} {_word('given_up.how', lang, seconds=number(fact.given_up))}"


def say(name: str, fact: Fact, lang: str) -> str:
    """Write a fact's value.

    Examples
    --------
    >>> import nonlin as nl
    >>> from nonlin.facts import properties
    >>> say("continuity", properties(nl.elu).continuity, "en")
    'C¹: continuous with its derivative'
    """
    value = fact.value
    if value is None:
        return _none(name, lang)
    if name in ("monotone", "convex", "parity"):
        return _word(f"word.{name}.{value}", lang)
    if name == "continuity":
        return _smoothness(value, fact.how, lang)
    written = _SENTENCES.get(name, _plain)(value, lang)
    if fact.how == "wave" and name in RETURNING and written:
        return _word("again", lang, listed=written)
    return written or _none(name, lang)


def _none(name: str, lang: str) -> str:
    try:
        return _word(f"none.{name}", lang)
    except KeyError:
        return _word("none.line", lang)


def _word(key: str, lang: str, **fields: object) -> str:
    return text(f"properties.{key}", lang, **fields)


def _plain(value: Any, lang: str) -> str:
    if isinstance(value, bool):
        return _word("word.yes" if value else "word.no", lang)
    if isinstance(value, tuple):
        return _listed(value, lang)
    return number(value) if isinstance(value, float) else str(value)


def _listed(value: tuple[Any, ...], lang: str) -> str:
    shown = sorted(value, key=_nearness)[:MOST] if len(value) > MOST else value
    each = [str(i) if isinstance(i, Interval) else number(i) for i in sorted(shown, key=_place)]
    if len(value) > MOST:
        return _word("nearest", lang, listed=", ".join(each), count=len(value))
    return ", ".join(each)


def _place(each: Any) -> float:
    return float(each.lower if isinstance(each, Interval) else each)


def _nearness(each: Any) -> float:
    if not isinstance(each, Interval):
        return abs(float(each))
    return 0.0 if each.lower < 0.0 < each.upper else min(abs(each.lower), abs(each.upper))


def _smoothness(order: float, how: str, lang: str) -> str:
    if math.isinf(order):
        return _word("smooth.always", lang)
    if how == "at_least":
        return _word("smooth.at_least", lang)
    named = {-1: "jumps", 0: "continuous", 1: "once"}.get(int(order), "times")
    return _word(f"smooth.{named}", lang, order=str(int(order)).translate(RAISED))


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _limits(value: tuple[float | None, float | None], lang: str) -> str:
    left, right = (_word("none.line", lang) if end is None else number(end) for end in value)
    return _word("sides", lang, left=left, right=right)


def _asymptotes(value: tuple[Any, Any], lang: str) -> str:
    left, right = (_word("none.line", lang) if line is None else _line(*line) for line in value)
    return _word("sides", lang, left=left, right=right)


def _line(slope: float, intercept: float) -> str:
    if slope == 0.0:
        return f"y = {number(intercept)}"
    steep = {1.0: "x", -1.0: "-x"}.get(slope, f"{number(slope)} x")
    sign = "+" if intercept > 0 else "-"
    return f"y = {steep}" + (f" {sign} {number(abs(intercept))}" if intercept else "")


def _at_zero(value: tuple[float, float], lang: str) -> str:
    return f"φ(0) = {number(value[0])}, φ′(0) = {number(value[1])}"


def _steepest(value: tuple[Interval, ...], lang: str) -> str:
    there = tuple(i for i in value if i.lower_attained or i.lower < i.upper)
    neared = [str(i) for i in value if not i.lower_attained and i.lower == i.upper]
    parts = [_listed(there, lang)] if there else []
    parts += [_word("towards", lang, place=", ".join(neared))] if neared else []
    return ", ".join(parts)


def _inverse(value: Inverse, lang: str) -> str:
    if value.formula or value.given_up is None:
        return value.formula or _word("inverse_exists", lang, domain=value.domain)
    seconds = number(value.given_up)
    return _word("given_up.inverse", lang, domain=value.domain, seconds=seconds)


def _rounding(value: Mapping[str, Rounding], lang: str) -> str:
    written = []
    for dtype, found in value.items():
        parts = []
        for what in ("settles", "overflows", "slope_vanishes"):
            ends = (getattr(found, f"{what}_left"), getattr(found, f"{what}_right"))
            places = [
                f"x {sign} {number(x)}" for sign, x in zip("≤≥", ends, strict=True) if x is not None
            ]
            if places:
                parts.append(_word(f"rounding.{what}", lang, places=", ".join(places)))
        if parts:
            written.append(f"{dtype}: {'; '.join(parts)}")
    return "\n".join(written)


def _times(value: float, lang: str) -> str:
    return f"{value:.2f} ×"


_SENTENCES: dict[str, Callable[[Any, str], str]] = {
    "limits": _limits,
    "asymptotes": _asymptotes,
    "at_zero": _at_zero,
    "steepest": _steepest,
    "inverse": _inverse,
    "rounding": _rounding,
    "cost": _times,
}
