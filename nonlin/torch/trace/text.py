"""What a region computes, as a formula that a person reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from nonlin.torch.trace import operations
from nonlin.torch.trace.regions import Region
from nonlin.torch.trace.values import Op, Value

LONGEST = 72

# How tightly a sum, a product, a sign and a power hold their parts.
SUM, PRODUCT, POWER, ATOM = range(4)
Term = tuple[str, int]

_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}


def formula(region: Region) -> str:
    """Write a region as a formula in x; a count of its operations where that would be long."""
    known: dict[Value, Term] = {region.z: ("x", ATOM)}
    constants = region.constants()

    def term(x: Any) -> Term:
        if isinstance(x, Value):
            return known[x] if x in known else _constant(constants.get(x))
        return _number(x)

    for op in region.ops:
        for out in op.outs:
            known[out] = _written(op, term)
    text = known[region.y][0]
    return text if len(text) <= LONGEST else f"a function of {len(region.ops)} operations"


def _written(op: Op, term: Callable[[Any], Term]) -> Term:
    args = [term(x) for x in op.args if isinstance(x, Value | int | float) or x is None]
    name = op.name
    if name in operations.COPIES:
        return args[-1] if name == "copy" else args[0]
    if name in ("add", "sub", "rsub"):
        one, other = args[:2] if name != "rsub" else reversed(args[:2])
        factor = op.kwargs.get("alpha", 1)
        other = other if factor == 1 else _product(_number(factor), other)
        return _sum(one, other, "+" if name == "add" else "-")
    if name == "mul":
        return _product(*args[:2])
    if name == "div":
        return f"{_held(args[0], PRODUCT)} / {_held(args[1], POWER)}", PRODUCT
    if name == "neg":
        return f"-{_held(args[0], PRODUCT)}", SUM
    if name == "pow":
        return f"{_held(args[0], ATOM)}^{_held(args[1], ATOM)}", POWER
    if name == "clamp" and "None" in (texts := [text for text, _ in args]):
        kept = [text for text in texts if text != "None"]
        return f"{'min' if texts[1] == 'None' else 'max'}({', '.join(kept)})", ATOM
    if name == "reciprocal":
        return f"1 / {_held(args[0], POWER)}", PRODUCT
    if name in _SIGNS:
        return f"{args[0][0]} {_SIGNS[name]} {args[1][0]}", SUM
    shown = ", ".join(text for text, _ in args if text != "None")
    return f"{name.strip('_')}({shown})", ATOM


def _sum(one: Term, other: Term, sign: str) -> Term:
    if other[0].startswith("-") and sign == "+":
        return f"{one[0]} - {other[0][1:]}", SUM
    return f"{one[0]} {sign} {_held(other, PRODUCT if sign == '-' else SUM)}", SUM


def _product(one: Term, other: Term) -> Term:
    if "1" in (one[0], other[0]):
        return other if one[0] == "1" else one
    # A number stands before what it multiplies.
    if _is_number(other[0]) and not _is_number(one[0]):
        one, other = other, one
    return f"{_held(one, PRODUCT)} {_held(other, PRODUCT)}", PRODUCT


def _held(x: Term, tightly: int) -> str:
    return x[0] if x[1] >= tightly else f"({x[0]})"


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace("-", "").replace("e", "").isdigit()


def _constant(x: Tensor | None) -> Term:
    if x is None:
        return "c", ATOM
    return _number(x.item()) if x.numel() == 1 else ("c", ATOM)


def _number(x: Any) -> Term:
    if isinstance(x, float) and math.isfinite(x):
        text = f"{x:.4g}"
        return text, SUM if text.startswith("-") else ATOM
    return str(x), ATOM
