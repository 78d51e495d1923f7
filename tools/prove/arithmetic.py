"""The operations of a formula, in three ways: as Gappa's terms with their roundings, as the same
without any, and as the doubles that a processor computes.

A formula of formulas.py takes one of them as `o` and computes with its numbers; + - * / round where
`o` rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

# Wide enough that nothing underflows: where something may, a kernel scales its numbers up.
ROUNDING = "@rnd = float<53, -20000, ne>;"


def literal(x: float | Fraction) -> str:
    """Write a dyadic number as Gappa reads it."""
    fraction = Fraction(x)
    power = fraction.denominator.bit_length() - 1
    return f"{fraction.numerator}b-{power}" if power else str(fraction.numerator)


@dataclass(frozen=True)
class Term:
    """A number in a script: its name there."""

    name: str
    of: Terms

    def _do(self, operator: str, a: Any, b: Any) -> Term:
        return self.of.rounded(f"{self.of.named(a)} {operator} {self.of.named(b)}")

    def __add__(self, other: Any) -> Term:
        if isinstance(other, int) and other == 0:
            return self
        return self._do("+", self, other)

    def __radd__(self, other: Any) -> Term:
        return self._do("+", other, self)

    def __sub__(self, other: Any) -> Term:
        return self._do("-", self, other)

    def __rsub__(self, other: Any) -> Term:
        return self._do("-", other, self)

    def __mul__(self, other: Any) -> Term:
        return self._do("*", self, other)

    def __rmul__(self, other: Any) -> Term:
        return self._do("*", other, self)

    def __truediv__(self, other: Any) -> Term:
        return self._do("/", self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return self._do("/", other, self)

    def __neg__(self) -> Term:
        return self.of.exactly(f"-{self.name}")


@dataclass
class Terms:
    """A script's definitions. Without `fused` a fused multiply-add is a product and a sum."""

    fused: bool = True
    rounds: bool = True
    definitions: list[str] = field(default_factory=list)
    prefix: str = "t"

    def named(self, x: Any) -> str:
        return x.name if isinstance(x, Term) else literal(x)

    def variable(self, name: str) -> Term:
        """A double about which a script supposes something."""
        self.definitions.append(f"{name} = rnd({name}_);")
        return Term(name, self)

    def exactly(self, expression: str) -> Term:
        name = f"{self.prefix}{len(self.definitions)}"
        self.definitions.append(f"{name} = {expression};")
        return Term(name, self)

    def rounded(self, expression: str) -> Term:
        return self.exactly(f"rnd({expression})" if self.rounds else expression)

    def fma(self, a: Any, b: Any, c: Any) -> Term:
        product = f"{self.named(a)} * {self.named(b)}"
        if isinstance(c, int) and c == 0:
            return self.rounded(product)
        if self.rounds and not self.fused:
            product = f"rnd({product})"
        return self.rounded(f"{product} + {self.named(c)}")

    def last(self, a: Any, b: Any, c: Any) -> Term:
        """a b + c, a formula's last operation, without the last rounding."""
        product = f"{self.named(a)} * {self.named(b)}"
        self.definitions.append(f"product = {product if self.fused else f'rnd({product})'};")
        return self.exactly(f"product + {self.named(c)}")

    def last_sum(self, a: Any, b: Any) -> Term:
        return self.exactly(f"{self.named(a)} + {self.named(b)}")

    def fast_two_sum(self, a: Any, b: Any) -> tuple[Term, Term]:
        """a + b rounded, and what that lost, which is a number where |b| <= |a|, or where a is a
        multiple of b's last place (Dekker 1971)."""
        total = self.rounded(f"{self.named(a)} + {self.named(b)}")
        return total, self.exactly(f"-({total.name} - ({self.named(a)} + {self.named(b)}))")

    def product_error(self, a: Any, b: Any, product: Any) -> Term:
        """What rounding took from a product, which is a number (Dekker 1971)."""
        return self.exactly(f"-({self.named(product)} - {self.named(a)} * {self.named(b)})")

    def scaled(self, x: Any, power: Any) -> Term:
        """A product with a power of two, which is exact."""
        return self.exactly(f"{self.named(x)} * {self.named(power)}")

    def left_over(self, quotient: Any, divisor: Any, dividend: Any) -> Term:
        product = f"{self.named(quotient)} * {self.named(divisor)}"
        return self.rounded(f"{self.named(dividend)} - {product}")

    def nfma(self, a: Any, b: Any, c: Any) -> Term:
        product = f"{self.named(a)} * {self.named(b)}"
        if self.rounds and not self.fused:
            product = f"rnd({product})"
        return self.rounded(f"{self.named(c)} - {product}")


@dataclass(frozen=True)
class Double:
    """A double with the operators of the processor."""

    x: float

    def __add__(self, other: Any) -> Double:
        return Double(self.x + as_float(other))

    def __radd__(self, other: Any) -> Double:
        return self + other

    def __sub__(self, other: Any) -> Double:
        return Double(self.x - as_float(other))

    def __rsub__(self, other: Any) -> Double:
        return Double(as_float(other) - self.x)

    def __mul__(self, other: Any) -> Double:
        return Double(self.x * as_float(other))

    def __rmul__(self, other: Any) -> Double:
        return self * other

    def __truediv__(self, other: Any) -> Double:
        return Double(self.x / as_float(other))

    def __rtruediv__(self, other: Any) -> Double:
        return Double(as_float(other) / self.x)

    def __neg__(self) -> Double:
        return Double(-self.x)


def as_float(x: Any) -> float:
    return x.x if isinstance(x, Double) else float(x)


class Doubles:
    """What a processor computes. A Fraction's float is the nearest, so that it rounds once."""

    def __init__(self, fused: bool = True) -> None:
        self.fused = fused

    def fma(self, a: Any, b: Any, c: Any) -> Double:
        if not self.fused:
            return Double(as_float(a) * as_float(b) + as_float(c))
        exact = Fraction(as_float(a)) * Fraction(as_float(b)) + Fraction(as_float(c))
        return Double(float(exact)) if exact else Double(as_float(a) * as_float(b) + as_float(c))

    last = fma

    def last_sum(self, a: Any, b: Any) -> Double:
        return Double(as_float(a) + as_float(b))

    def nfma(self, a: Any, b: Any, c: Any) -> Double:
        return self.fma(-as_float(a), b, c)

    def fast_two_sum(self, a: Any, b: Any) -> tuple[Double, Double]:
        total = Double(as_float(a) + as_float(b))
        return total, Double(as_float(b) - (total.x - as_float(a)))

    def scaled(self, x: Any, power: Any) -> Double:
        return Double(as_float(x) * as_float(power))

    def product_error(self, a: Any, b: Any, product: Any) -> Double:
        return self.left_over(a, b, product, -1)

    def left_over(self, quotient: Any, divisor: Any, dividend: Any, sign: int = 1) -> Double:
        exact = Fraction(as_float(dividend)) - Fraction(as_float(quotient)) * Fraction(
            as_float(divisor)
        )
        return Double(float(sign * exact))


def horner(o: Any, r: Any, coefficients: Sequence[float]) -> Any:
    """A polynomial c0 + r (c1 + r (c2 + ...))."""
    *rest, total = coefficients
    for coefficient in reversed(rest):
        total = o.fma(r, total, coefficient)
    return total
