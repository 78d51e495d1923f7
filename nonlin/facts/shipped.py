"""The facts of the catalogue's functions, which are constants: found once, shipped, read here.

`make encyclopaedia` writes `catalogue.json`, and a test finds every fact anew. A function with
other parameters than its record's, or another record, has facts of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nonlin import catalogue
from nonlin.activation import Activation
from nonlin.facts.fact import Fact, Interval, Rounding
from nonlin.facts.segments import Inverse
from nonlin.plain import NUMBERS, data

__all__ = ["FILE", "fingerprint", "is_constant", "of", "shipped"]

FILE = Path(__file__).with_name("catalogue.json")


def is_constant(act: Activation) -> bool:
    """Tell whether this is a function of the catalogue as it stands there."""
    return act.name in catalogue.names() and _same(act, catalogue.get(act.name))


def _same(act: Activation, ours: Activation) -> bool:
    return act.record is ours.record and act.parameters == ours.parameters


def shipped(act: Activation) -> Mapping[str, Fact]:
    """Give the facts that the package brings; none for a function that is not a constant.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(shipped(nl.mish)["range"], len(shipped(nl.elu.bind(alpha=0.5))))
    [-0.308843, ∞) (proved) 0
    """
    return _facts(act) if is_constant(act) else {}


@lru_cache(maxsize=64)
def _facts(act: Activation) -> Mapping[str, Fact]:
    kept = _file().get(act.name, {}).get("facts", {})
    facts = {
        name: Fact(_restored(each["value"]), each["evidence"], each["how"])
        for name, each in kept.items()
    }
    inverse = facts.get("inverse")
    if inverse is not None and inverse.value is not None:
        rises = facts["monotone"].value == "increasing"
        undone = Inverse(act, inverse.value["domain"], inverse.value["formula"], rises)
        facts["inverse"] = Fact(undone, inverse.evidence, inverse.how)
    return facts


def of(name: str) -> Mapping[str, Any]:
    """Give what the shipped facts of a function are facts of, as `fingerprint` does."""
    found: Mapping[str, Any] = _file()[name]["of"]
    return found


def fingerprint(act: Activation) -> dict[str, Any]:
    """Say what the facts of a function follow from: its definition and all numbers in it."""
    from nonlin import symbolic

    return {
        "definition": str(symbolic.definition(act, bound=False)),
        "parameters": data(act.parameters),
        "constants": data(act.record.constants if act.record else {}),
    }


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _restored(value: Any) -> Any:
    """Undo `nonlin.plain.data`."""
    if isinstance(value, str):
        return NUMBERS.get(value, value)
    if isinstance(value, list):
        return tuple(map(_restored, value))
    if not isinstance(value, dict):
        return value
    fields = {name: _restored(each) for name, each in value.items()}
    made = {"lower": Interval, "settles_left": Rounding}
    return next((make(**fields) for mark, make in made.items() if mark in fields), fields)
