"""What a function along an axis is: facts that follow from its definition.

Each is a theorem; `tests/facts/test_axis.py` finds every number again by trying.

The largest stretch, the supremum of the Jacobian's spectral norm and so the Lipschitz constant for
Euclidean lengths, is for rows of n >= 2 elements

- of softmax and softmin 1 / (2 T): the eigenvalues of diag(p) - p p^T are at most 2 max p (1 - p);
  two equal scores far above the others attain it (Nair 2025);
- of log_softmax sqrt(n) / T: I - 1 p^T is a projection, whose norm is that of 1 p^T, |1| |p|; one
  score far above the others attains it;
- of sparsemax 1 / T: a projection onto a convex set lengthens nothing;
- of log_sum_exp, maxout and crelu 1: |p| <= 1, and the others pass or drop what they are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from nonlin.above import Tabular, ask
from nonlin.axis import AxisFunction
from nonlin.facts.fact import Fact, Interval

__all__ = ["AXIS_FACTS", "AxisProperties", "axis_properties"]

AXIS_FACTS = ("range", "total", "shift", "stretch", "rank", "cold", "hot")

_OPEN, _ALL = Interval(0.0, 1.0, False, False), Interval(-inf, inf, False, False)
_SHARES = {"total": 1.0, "shift": "invariant"}

# What is not here has no answer. A stretch is given for a temperature of 1.
_FACTS: Mapping[str, Mapping[str, Any]] = {
    "softmax": _SHARES
    | {"range": _OPEN, "stretch": 0.5, "rank": "n - 1", "cold": "largest", "hot": "even"},
    "softmin": _SHARES
    | {"range": _OPEN, "stretch": 0.5, "rank": "n - 1", "cold": "smallest", "hot": "even"},
    "sparsemax": _SHARES
    | {
        "range": Interval(0.0, 1.0),
        "stretch": 1.0,
        "rank": "k - 1",
        "cold": "largest",
        "hot": "even",
    },
    "log_softmax": {
        "range": Interval(-inf, 0.0, False, False),
        "shift": "invariant",
        "stretch": "sqrt(n)",
        "rank": "n - 1",
        "hot": "even",
    },
    "log_sum_exp": {"range": _ALL, "shift": "moves", "stretch": 1.0, "rank": "1"},
    "maxout": {"range": _ALL, "shift": "moves", "stretch": 1.0, "rank": "n / k"},
    "crelu": {"range": Interval(0.0, inf, True, False), "stretch": 1.0, "rank": "n"},
}


@dataclass(frozen=True)
class AxisProperties(Tabular):
    """Facts of a function along an axis of n >= 2 elements; each is a `nonlin.facts.Fact`.

    ========= ============================================================================
    fact      value
    ========= ============================================================================
    "range"   Interval of an element of the result
    "total"   what the elements add up to, or None
    "shift"   of a constant added to all elements: "invariant", "moves" (by it) or None
    "stretch" supremum of the Jacobian's spectral norm, the Lipschitz constant
    "rank"    of the Jacobian almost everywhere (k: the support's size, or the pool's)
    "cold"    the limit for a temperature of 0: all for the "largest" or "smallest"
    "hot"     the limit for an infinite one: "even"
    ========= ============================================================================
    """

    function: AxisFunction

    def __getitem__(self, name: str) -> Fact:
        if name not in AXIS_FACTS:
            raise KeyError(f"there is no fact {name!r}; there are {', '.join(AXIS_FACTS)}")
        value = _FACTS[self.function.name].get(name)
        if name == "stretch":
            temperature = float(self.function.parameters.get("temperature", 1.0))
            value = _over(_FACTS[self.function.name][name], temperature)
        return Fact(value, "proved", "theorem")

    def __iter__(self) -> Iterator[str]:
        return iter(AXIS_FACTS)

    def facts(self) -> Mapping[str, Fact]:
        """Give every fact, in the order of reading."""
        return {name: self[name] for name in AXIS_FACTS}

    def __repr__(self) -> str:
        return f"nl.properties({self.function!r})"

    def __str__(self) -> str:
        written: str = ask("text", self)
        return written


def axis_properties(function: AxisFunction) -> AxisProperties:
    """Give the facts of a function along an axis."""
    return AxisProperties(function)


def _over(stretch: float | str, temperature: float) -> float | str:
    if temperature == 1:
        return stretch
    if isinstance(stretch, str):
        return f"{stretch} / {temperature:g}"
    return stretch / temperature
