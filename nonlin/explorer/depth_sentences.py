"""What depth does, said in sentences: does it learn, why not, and what to start from."""

from __future__ import annotations

import math

from nonlin.activation import Activation
from nonlin.cards import printed
from nonlin.explorer.functions import title
from nonlin.messages import text
from nonlin.propagation import (
    NoCriticalPointError,
    NotConvergedError,
    Propagation,
    critical_initialization,
    gain,
)

__all__ = ["summary"]

# A gradient this much shorter or longer, squared, no common learning rate makes up for.
SMALL, LARGE = 1e-4, 1e4
NEAR = 1e-3


def summary(found: Propagation, lang: str) -> list[str]:
    """Say what reaches the first layer, how deep one could go, and the first weights to take.

    Parameters
    ----------
    found : Propagation
    lang : str

    Returns
    -------
    list of str
    """
    return [_reach(found, lang), _limit(found, lang), _advice(found, lang)]


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"explorer_api.depth.{key}", lang, **fields)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else printed(f"{value:.3g}") if math.isfinite(value) else "∞"


def _reach(found: Propagation, lang: str) -> str:
    first = float(found.gradients[0])
    word = "vanishes" if first < SMALL else "explodes" if not first <= LARGE else "arrives"
    # What is trained sees the gradient itself, the square root of its mean square.
    size, layer = math.sqrt(first), math.sqrt(found.chi1) if found.chi1 >= 0 else math.nan
    fields = {"depth": found.depth, "size": _number(size), "factor": _number(layer)}
    return _say(word, lang, **fields)


def _limit(found: Propagation, lang: str) -> str:
    if math.isinf(found.max_depth):
        return _say("unlimited", lang)
    return _say("limit", lang, layers=f"{found.max_depth:.0f}")


def _advice(found: Propagation, lang: str) -> str:
    """Advise what the name "critical" stands for, so without a variance of biases."""
    act = found.activation
    name = title(act)
    try:
        if _is_critical(found):
            return _say("critical", lang, weight=_number(found.weight_variance))
        weight = critical_initialization(act).weight_variance
    except NoCriticalPointError:
        return _second_best(act, name, lang)
    except NotConvergedError:
        return _say("no_advice", lang, name=name)
    return _say("take", lang, name=name, weight=_number(weight))


def _is_critical(found: Propagation) -> bool:
    try:
        weight = critical_initialization(found.activation, found.bias_variance).weight_variance
    except NoCriticalPointError:
        return False
    return abs(found.weight_variance - weight) <= NEAR * weight


def _second_best(act: Activation, name: str, lang: str) -> str:
    try:
        return _say("second_best", lang, name=name, weight=_number(gain(act) ** 2))
    except NotConvergedError:
        return _say("no_advice", lang, name=name)
