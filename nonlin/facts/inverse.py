"""The inverse of a function that has one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.extent import jumps, values
from nonlin.facts.fact import Fact
from nonlin.facts.portrait import Portrait
from nonlin.facts.segments import Inverse
from nonlin.facts.shape import monotone

__all__ = ["inverse"]


LONG = 12


def inverse(of: Portrait) -> Fact:
    """Give the inverse; None where phi is not continuous or not strictly monotone."""
    way = monotone(of)
    if way.value not in ("increasing", "decreasing") or jumps(of):
        return replace(way, value=None)
    act, rises = of.activation, way.value == "increasing"
    attempt = of.prove(lambda: _formula(act, rises))
    found = Inverse(act, values(of).value, attempt.found, rises, attempt.given_up)
    return replace(way, value=found)


def _formula(act: Activation, rises: bool) -> str:
    parts = [(_solved(act, *part), part) for part in proved.pieces(act)]
    written = []
    for solution, (start, _, piece) in reversed(parts) if rises else parts:
        text = _short(solution)
        last = start.is_infinite if rises else False
        bound = "" if len(parts) == 1 else f" (y > {_at(piece, start)})" if not last else ""
        written.append(text + bound)
    if len(written) > 1:
        below = _at(parts[-1][1][2], parts[-1][1][0])
        written[-1] += f" (y ≤ {below})" if len(written) == 2 else ""
    return "; ".join(written)


def _short(solution: Any) -> str:
    """Write a formula; numbers of many digits are written with six."""
    import sympy

    digits = {r: r.evalf(6) for r in solution.atoms(sympy.Rational) if len(str(r)) > LONG}
    return str(solution.xreplace(digits)).replace("**", "^")


def _at(piece: Any, place: Any) -> Any:
    from nonlin import symbolic

    return piece.subs(symbolic.x(), place)


def _solutions(piece: Any, x: Any, y: Any) -> list[Any]:
    """Solve for x; if it stands in one tanh alone, for that first, and not for powers of e^x."""
    import sympy

    w = sympy.Symbol("w", real=True)
    bends = piece.atoms(sympy.tanh)
    outer = piece.xreplace(dict.fromkeys(bends, w))
    if len(bends) != 1 or outer.has(x):
        return list(sympy.solve(piece - y, x))
    (bend,) = bends
    (height,) = sympy.solve(outer - y, w)
    return list(sympy.solve(bend.args[0] - sympy.atanh(height), x))


def _solved(act: Activation, start: Any, end: Any, piece: Any) -> Any:
    """Solve for x and keep the solution that is right at a point of the piece."""
    import sympy

    from nonlin import symbolic

    x, y = symbolic.x(), sympy.Symbol("y", real=True)
    place = proved.inside(start, end)
    height = piece.subs(x, place)
    for solution in _solutions(piece, x, y):
        if abs((solution.subs(y, height) - place).evalf(30)) < 1e-20:
            return sympy.simplify(solution)
    raise proved.UnprovedError(f"{piece} = y was not solved")
