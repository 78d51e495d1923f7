"""The inverse of a function that has one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from nonlin.activation import Activation
from nonlin.facts import proved
from nonlin.facts.extent import jumps, values
from nonlin.facts.fact import Fact, Interval
from nonlin.facts.portrait import prove, view
from nonlin.facts.segments import bisect
from nonlin.facts.shape import monotone

__all__ = ["Inverse", "inverse"]


LONG = 12


@dataclass(frozen=True)
class Inverse:
    """The function that undoes phi.

    Attributes
    ----------
    activation : Activation
    domain : Interval
        The range of phi.
    formula : str or None
        In y, where SymPy finds one.
    """

    activation: Activation
    domain: Interval
    formula: str | None

    def __call__(self, y: float) -> float:
        """Find x with phi(x) = y by bisection.

        Raises
        ------
        ValueError
            If y is outside the range.
        """
        if y not in self.domain:
            raise ValueError(
                f"{y!r} is no value of {self.activation!r}; its range is {self.domain}"
            )
        seen = view(self.activation, 0)
        for s in seen.segments:
            if s.end != math.inf and seen.f(s.end) == y:
                return s.end
            if min(s.left, s.right) < y < max(s.left, s.right):
                return bisect(seen.f, s, y)
        raise ValueError(f"{y!r} was not found among the values of {self.activation!r}")


def inverse(act: Activation) -> Fact:
    """Give the inverse; None where phi is not continuous or not strictly monotone."""
    way = monotone(act)
    if way.value not in ("increasing", "decreasing") or jumps(act):
        return Fact(None, way.evidence, way.how)
    formula = prove(act, lambda: _formula(act), 2.0)
    return Fact(Inverse(act, values(act).value, formula), way.evidence, way.how)


def _formula(act: Activation) -> str:
    parts = [(_solved(act, *part), part) for part in proved.pieces(act)]
    rises = monotone(act).value == "increasing"
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


def _solved(act: Activation, start: Any, end: Any, piece: Any) -> Any:
    """Solve for x and keep the solution that is right at a point of the piece."""
    import sympy

    from nonlin import symbolic

    x, y = symbolic.x(), sympy.Symbol("y", real=True)
    place = proved.inside(start, end)
    height = piece.subs(x, place)
    for solution in sympy.solve(piece - y, x):
        if abs((solution.subs(y, height) - place).evalf(30)) < 1e-20:
            return sympy.simplify(solution)
    raise proved.UnprovedError(f"{piece} = y was not solved")
