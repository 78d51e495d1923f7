"""A formula that a person types: whether it is one, and how it is written."""

from __future__ import annotations

from typing import Any

from nonlin.cards.formulas import math_element
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import FORMULA, function, python, title
from nonlin.explorer.parameters import Text
from nonlin.explorer.schema import record
from nonlin.facts.deadline import OutOfTimeError, within
from nonlin.formula.algebra import symbolic
from nonlin.formula.grammar import parse
from nonlin.symbolic.notation import presentation

__all__ = ["ENDPOINT"]

SECONDS = 2.0


def formula(formula: str) -> dict[str, Any]:
    """Read a formula, or say what is wrong with it."""
    act = function(f"{FORMULA}{formula}")
    return {
        "spec": f"{FORMULA}{formula}",
        "title": title(act),
        "formula": _written(formula),
        "python": python(act),
    }


def _written(formula: str) -> str | None:
    try:
        return within(SECONDS, lambda: math_element(presentation(symbolic(parse(formula)))))
    except (OutOfTimeError, Exception):
        # The notation is an ornament: the function itself was made.
        return None


_TEXT = {"type": "string"}

ENDPOINT = Endpoint(
    "/api/formula",
    "A formula in x as a function: what to say in f=, and how it is written (MathML)",
    (Text("formula", "numbers, x, + - * / ** and the usual functions", ""),),
    formula,
    record(spec=_TEXT, title=_TEXT, formula={"type": ["string", "null"]}, python=_TEXT),
)
