"""The definition of a gate as a SymPy expression, its derivatives, and both in high precision."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import frexp
from typing import Any, NamedTuple

from nonlin.gate import Gate
from nonlin.symbolic.algebra import Expression, load_sympy, x
from nonlin.symbolic.algebra import definition as definition_of

# Bits that hold every product of factors with as many as `_first_precision` gives.
EXACTLY = 1 << 15


class Exact(NamedTuple):
    """A gate and its partial derivatives at one point, as mpmath numbers."""

    value: Any
    by_gate: Any
    by_value: Any


def symbols() -> tuple[Expression, Expression]:
    """Return the symbols g and v, of the gate and of the value: real numbers."""
    sympy = load_sympy()
    return sympy.Symbol("g", real=True), sympy.Symbol("v", real=True)


def factors(gate: Gate, bound: bool = True) -> tuple[Expression, Expression]:
    """Return phi(g) and psi(v), whose product the gate is.

    Parameters
    ----------
    gate : Gate
        Of the catalogue, or made of activations of the catalogue.
    bound : bool
        Whether the parameters' values stand in them, as the exact rationals they are written as, or
        their symbols.

    Raises
    ------
    ValueError
        If it is made of a function of yours: there is no formula to start from.

    Examples
    --------
    >>> import nonlin as nl
    >>> factors(nl.situ_glu)[1]
    25*tanh(v/25)
    """
    sympy = load_sympy()
    g, v = symbols()
    if gate.record is None:
        phi, psi = (definition_of(a, bound) for a in (gate.activation, gate.value_activation))
        return phi.subs(x(), g), psi.subs(x(), v)
    values = [
        value
        if isinstance(value, str)
        else sympy.Rational(str(value))
        if bound
        else sympy.Symbol(name, real=True)
        for name, value in gate.parameters.items()
    ]
    return gate.record.gate_definition(g, *values), gate.record.value_definition(v, *values)


def definition(gate: Gate, bound: bool = True) -> Expression:
    """Return the textbook definition as a SymPy expression in g and v.

    Examples
    --------
    >>> import nonlin as nl
    >>> definition(nl.swiglu)
    g*v/(1 + exp(-g))
    """
    phi, psi = factors(gate, bound)
    return phi * psi


def partials(gate: Gate, bound: bool = True) -> tuple[Expression, Expression]:
    """Differentiate the definition by the gate and by the value; at a kink the left one holds.

    Examples
    --------
    >>> import nonlin as nl
    >>> partials(nl.bilinear)
    (v, g)
    """
    phi, psi = factors(gate, bound)
    g, v = symbols()
    return _slope(phi, g) * psi, phi * _slope(psi, v)


def _slope(expression: Expression, symbol: Expression) -> Expression:
    # The pieces of the catalogue's gates hold their right ends.
    return load_sympy().diff(expression, symbol)


@lru_cache(maxsize=64)
def _lambdified(gate: Gate) -> tuple[Callable[..., Any], ...]:
    sympy = load_sympy()
    numbers = [sympy.Symbol(n, real=True) for n, _ in _numbers(gate)]
    made = []
    for expression, symbol in zip(factors(gate, bound=False), symbols(), strict=True):
        for each in (expression, _slope(expression, symbol)):
            made.append(sympy.lambdify((symbol, *numbers), each, modules="mpmath"))
    return tuple(made)


def _numbers(gate: Gate) -> list[tuple[str, float]]:
    return [(n, float(v)) for n, v in gate.parameters.items() if not isinstance(v, str)]


def _first_precision(z: float) -> int:
    """Bits for e^-z, e^(-z^2) and z^3 beside 1, where their product with a double is one."""
    _, exponent = frexp(z)
    size = abs(z)
    small = 3 * size**2 if size < 64.0 else 3 * size if size < 4000.0 else 0.0
    return 320 + int(small) + max(-3 * exponent, exponent)


def oracle(gate: Gate) -> Callable[[float, float], Exact]:
    """Return the gate and its partial derivatives as a function of finite numbers, to 40 digits.

    Parameters have the values of their floating-point numbers: 1.702 is the double nearest to it.

    Examples
    --------
    >>> import nonlin as nl
    >>> print(oracle(nl.swiglu)(-800.0, 1e300).value)
    -2.93429966734215e-45
    """
    import mpmath

    functions = _lambdified(gate)

    @lru_cache(maxsize=1 << 16)
    def factor(k: int, z: float) -> Any:
        def evaluated(precision: int) -> Any:
            with mpmath.workprec(precision):
                numbers = [mpmath.mpf(number) for _, number in _numbers(gate)]
                return mpmath.mpf(functions[k](mpmath.mpf(z), *numbers))

        first = _first_precision(z)
        before = evaluated(first)
        for precision in (first + 128, 2 * first, 4 * first, 8 * first):
            found = evaluated(precision)
            if abs(found - before) <= abs(found) * mpmath.mpf(2) ** -140:
                return found
            before = found
        raise ArithmeticError(f"{gate!r} did not settle at {z}")

    def evaluate(g: float, v: float) -> Exact:
        phi, slope, psi, psi_slope = (
            factor(k, float(z)) for k, z in ((0, g), (1, g), (2, v), (3, v))
        )
        # What saturation leaves of a factor, 1 - e^-z, may decide how a product is rounded.
        with mpmath.workprec(EXACTLY):
            return Exact(phi * psi, slope * psi, phi * psi_slope)

    return evaluate
