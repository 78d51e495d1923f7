"""What depth does, said in sentences: does it learn, why not, and what to start from."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nonlin.cards import printed
from nonlin.explorer.functions import title
from nonlin.messages import text
from nonlin.propagation import FirstWeights, NotConvergedError, Propagation, first_weights

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
    """Advise what the name "critical" stands for at that depth."""
    act = found.activation
    name = title(act)
    try:
        chosen = first_weights(act, found.depth)
    except NotConvergedError:
        return _say("no_advice", lang, name=name)
    fields = {
        "name": name,
        "weight": _number(chosen.weight_variance),
        "bias": _number(chosen.bias_variance),
        "first": _number(chosen.input_variance()),
        "length": _number(chosen.length),
        # What is trained sees the gradient itself, the square root of its mean square.
        "factor": _number(math.sqrt(chosen.gradient_factor)),
        "share": _number(math.sqrt(chosen.gradient_change)),
        "depth": found.depth,
    }
    return " ".join([_say(_key(found, chosen), lang, **fields), *_first(chosen, fields, lang)])


def _key(found: Propagation, chosen: FirstWeights) -> str:
    same = abs(found.weight_variance - chosen.weight_variance) <= NEAR * chosen.weight_variance
    if chosen.choice == "critical":
        biases = abs(found.bias_variance - chosen.bias_variance) <= NEAR * chosen.bias_variance
        if same and biases:
            return "critical"
        return "take_biases" if chosen.bias_variance > 0.0 else "take"
    return "second_best" if chosen.holds else "nearest"


def _first(chosen: FirstWeights, fields: Mapping[str, object], lang: str) -> list[str]:
    """Say what the first layer takes, where that differs."""
    if abs(chosen.input_variance() - chosen.weight_variance) <= NEAR * chosen.weight_variance:
        return []
    return [_say("first_layer", lang, **fields)]
