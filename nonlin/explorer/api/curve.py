"""The curves of functions: values and derivatives of the kernels, and where nothing moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.naive import textbook
from nonlin.explorer.numbers import column, number
from nonlin.explorer.parameters import Choice, Functions, Number, Whole
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.explorer.wrong import WrongRequestError
from nonlin.facts import measured
from nonlin.facts.fact import Interval
from nonlin.facts.segments import function, roots, where
from nonlin.facts.shape import SATURATED

__all__ = ["ENDPOINT", "curve"]

FARTHEST = 1e4
# Limits from two sides that differ by a smaller share are one.
APART = 1e-6


def curve(
    f: tuple[tuple[str, Activation], ...],
    start: float,
    stop: float,
    points: int,
    dtype: str,
    naive: int,
) -> dict[str, Any]:
    """Compute phi and phi' of each function at evenly spread places, in one dtype."""
    if not start < stop:
        raise WrongRequestError("order", start=f"{start:g}", stop=f"{stop:g}")
    # In two bytes 1e4 is still a number, and neighbouring places may be the same one.
    x = np.linspace(start, stop, points).astype(dtype)
    curves = [_curve(spec, act, x, (start, stop), naive) for spec, act in f]
    return {"x": column(x), "dtype": dtype, "curves": curves}


def _curve(
    spec: str, act: Activation, x: Any, window: tuple[float, float], naive: int
) -> dict[str, Any]:
    supremum, saturated, dead = _regions(act)
    value_breaks, derivative_breaks = _breaks(act)
    with np.errstate(all="ignore"):
        value, derivative = column(act(x)), column(act.derivative(x))
    return {
        "spec": spec,
        "title": title(act),
        "value": value,
        "derivative": derivative,
        "naive": _naive(act, x) if naive else None,
        "saturated": _seen(saturated, window),
        "dead": _seen(dead, window),
        "breaks": {
            "value": [each for each in value_breaks if window[0] < each["x"] < window[1]],
            "derivative": [each for each in derivative_breaks if window[0] < each["x"] < window[1]],
        },
        "supremum": number(supremum),
    }


def _naive(act: Activation, x: Any) -> dict[str, Any] | None:
    written = textbook(act)
    if written is None:
        return None
    value, derivative = written.evaluate(act, x)
    return {
        "value": column(value),
        "derivative": column(derivative),
        "formula": written.formula,
        "slope": written.slope,
    }


@lru_cache(maxsize=512)
def _regions(act: Activation) -> tuple[float, tuple[Interval, ...], tuple[Interval, ...]]:
    """Measure the supremum of |phi'|, where |phi'| is below 1 % of it, and where it is 0.

    The definitions are those of the facts, which prove what they can; a slider cannot wait for it.
    """
    try:
        segments = measured.segments(act, 1)
    except measured.UndefinedError:
        return math.nan, (), ()
    slope = function(act, 1) if act.has_derivative else _measured(act)
    limits = [abs(end) for each in segments for end in (each.left, each.right)]
    supremum = max(limits)
    dead = tuple(i for i in roots(segments, slope) if i.lower < i.upper)
    level = SATURATED * supremum
    if not 0.0 < level < math.inf:
        return supremum, (), dead
    return supremum, where(segments, slope, (-level, level), lambda y: abs(y) < level), dead


@lru_cache(maxsize=512)
def _breaks(act: Activation) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Find where phi and phi' jump, with the limits from both sides: there a curve ends."""
    places = np.array(measured.breaks(act))
    sides = np.nextafter(places, -np.inf), np.nextafter(places, np.inf)
    found = []
    for order in (0, 1):
        f = measured.function(act, order)
        ends = zip(places.tolist(), *(f(side).tolist() for side in sides), strict=True)
        found.append(
            [
                {"x": x, "left": left, "right": right}
                for x, left, right in ends
                if abs(right - left) > APART * max(abs(left), abs(right), APART)
            ]
        )
    return found[0], found[1]


def _measured(act: Activation) -> Callable[[float], float]:
    slope = measured.function(act, 1)
    return lambda x: float(slope(np.array([x]))[0])


def _seen(intervals: tuple[Interval, ...], window: tuple[float, float]) -> list[list[float]]:
    """Cut intervals to what is shown."""
    cut = [(max(i.lower, window[0]), min(i.upper, window[1])) for i in intervals]
    return [[low, high] for low, high in cut if low < high]


_COLUMN = listing(NUMBER)
_PAIRS = listing(listing({"type": "number"}))
_BREAKS = listing(record(x=NUMBER, left=NUMBER, right=NUMBER))
_TEXT = {"type": "string"}
_NAIVE = record(value=_COLUMN, derivative=_COLUMN, formula=_TEXT, slope=_TEXT)

ENDPOINT = Endpoint(
    "/api/curve",
    "Values and derivatives at evenly spread places, as the kernels compute them in a dtype",
    (
        Functions(),
        Number("start", "the first place", -5.0, low=-FARTHEST, high=FARTHEST),
        Number("stop", "the last place", 5.0, low=-FARTHEST, high=FARTHEST),
        Whole("points", "how many places", 401, low=2, high=4001),
        Choice("dtype", "the numbers", "float32", ("float16", "float32", "float64")),
        Whole("naive", "1: also the textbook formula, written down as it is", 0, low=0, high=1),
    ),
    curve,
    record(
        x=_COLUMN,
        dtype=_TEXT,
        curves=listing(
            record(
                spec=_TEXT,
                title=_TEXT,
                value=_COLUMN,
                derivative=_COLUMN,
                naive={"anyOf": [_NAIVE, {"type": "null"}]},
                saturated=_PAIRS,
                dead=_PAIRS,
                breaks=record(value=_BREAKS, derivative=_BREAKS),
                supremum=NUMBER,
            )
        ),
    ),
)
