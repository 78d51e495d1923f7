"""The functions to choose from, by family, with a range for each slider."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import nonlin
from nonlin import symbolic
from nonlin.activation import Activation
from nonlin.cards.formulas import math_element
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.numbers import number
from nonlin.explorer.parameters import language
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.messages import text

__all__ = ["ENDPOINT", "catalogue", "slider"]

# Least, greatest and step of what a slider offers: the values people try, all of them valid.
_SLIDERS = {
    "alpha": (0.05, 3.0, 0.05),
    "negative_slope": (0.0, 1.0, 0.01),
    "beta": (0.1, 10.0, 0.1),
    "threshold": (-2.0, 2.0, 0.05),
    "value": (-2.0, 2.0, 0.05),
    "b": (0.0, 16.0, 0.25),
    "width": (0.5, 12.0, 0.5),
    "offset": (0.0, 1.0, 0.05),
    "min_val": (-4.0, 0.0, 0.1),
    "max_val": (0.1, 6.0, 0.1),
    "lambd": (0.0, 2.0, 0.05),
    "bias": (0.0, 2.0, 0.05),
}
_OWN = {("softplus", "threshold"): (1.0, 40.0, 1.0)}


def slider(function: str, parameter: str) -> tuple[float, float, float]:
    """Give least value, greatest value and step; of a parameter not listed, around its default.

    Examples
    --------
    >>> slider("elu", "alpha"), slider("softcap", "cap")
    ((0.05, 3.0, 0.05), (1.5, 90.0, 1.5))
    """
    known = _OWN.get((function, parameter)) or _SLIDERS.get(parameter)
    if known is not None:
        return known
    usual = float(nonlin.get(function).parameters[parameter])
    if usual == 0.0:
        return -1.0, 1.0, 0.05
    step = float(f"{0.05 * abs(usual):.3g}")
    ends = math.copysign(step, usual), math.copysign(60.0 * step, usual)
    return min(ends), max(ends), step


@cache
def catalogue(lang: str) -> list[dict[str, Any]]:
    """List the families and their functions."""
    return [
        {
            "group": group,
            "title": text(f"document.groups.{group}", lang),
            "functions": [_function(nonlin.get(name), lang) for name in names],
        }
        for group, names in nonlin.groups().items()
    ]


def _function(act: Activation, lang: str) -> dict[str, Any]:
    assert act.record is not None, "a function of the catalogue has a record"
    return {
        "name": act.name,
        "title": act.record.title,
        "spec": act.name,
        "summary": text(f"document.{act.name}.summary", lang),
        "formula": math_element(symbolic.mathml(act)),
        "text": act.record.formula,
        "aliases": list(act.record.aliases),
        "parameters": [_parameter(act, name) for name in act.parameters],
    }


def _parameter(act: Activation, name: str) -> dict[str, Any]:
    assert act.record is not None, "a function of the catalogue has a record"
    (known,) = (each for each in act.record.parameters if each.name == name)
    if known.kernels:
        return {"name": name, "value": known.default, "choices": list(known.kernels)}
    low, high, step = slider(act.name, name)
    value = number(float(known.default))
    return {"name": name, "value": value, "minimum": low, "maximum": high, "step": step}


_TEXT = {"type": "string"}
_PARAMETER = record(name=_TEXT, value={"anyOf": [NUMBER, _TEXT]})
_FUNCTION = record(name=_TEXT, title=_TEXT, spec=_TEXT, summary=_TEXT, formula=_TEXT, text=_TEXT)
_FUNCTION["properties"]["parameters"] = listing(_PARAMETER)

ENDPOINT = Endpoint(
    "/api/catalogue",
    "The functions of the catalogue, by family, with the range of each parameter",
    (language,),
    catalogue,
    listing(record(group=_TEXT, title=_TEXT, functions=listing(_FUNCTION))),
)
