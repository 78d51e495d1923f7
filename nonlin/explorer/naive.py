"""Textbook formulas as a program would write them down, to show where they break."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nonlin import symbolic
from nonlin.activation import Activation
from nonlin.formula.grammar import FUNCTIONS
from nonlin.symbolic.algebra import facing

__all__ = ["Textbook", "textbook"]

Numbers = Mapping[str, float]


def _sqrt(x: Any) -> Any:
    # A NumPy scalar would decide the dtype of the array that it meets; a Python number does not.
    return np.sqrt(x) if isinstance(x, np.ndarray) else math.sqrt(x)


_MODULES = [
    {
        "erf": FUNCTIONS["erf"][0],
        "erfc": np.vectorize(math.erfc, otypes=[np.float64]),
        "sqrt": _sqrt,
    },
    "numpy",
]


@dataclass(frozen=True, slots=True)
class Textbook:
    """A definition and its derivative, term by term in the dtype of the input.

    Attributes
    ----------
    formula, slope : str
        What is evaluated.
    """

    formula: str
    slope: str
    names: tuple[str, ...]
    functions: tuple[Callable[..., Any], Callable[..., Any]]

    def evaluate(self, act: Activation, x: Any) -> tuple[Any, Any]:
        """Compute phi and phi' at places x, whatever becomes of them.

        Parameters
        ----------
        act : Activation
            The function, with the parameters to use.
        x : array, shape (n,)

        Returns
        -------
        pair of array, shape (n,)
        """
        known = _numbers(act)
        numbers = [known[name] for name in self.names]
        with np.errstate(all="ignore"):
            found = [f(x, *numbers) for f in self.functions]
            value, derivative = (np.broadcast_to(y, x.shape).astype(x.dtype) for y in found)
        return value, derivative


def textbook(act: Activation) -> Textbook | None:
    """Write a function's definition and derivative out; None for a function of a person's own.

    Parameters
    ----------
    act : Activation

    Returns
    -------
    Textbook or None

    Examples
    --------
    >>> import nonlin as nl
    >>> x = np.array([1e-9, -200.0], np.float32)
    >>> textbook(nl.sigmoid).evaluate(nl.sigmoid, x)[1].tolist(), nl.elu.name
    ([0.25, nan], 'elu')
    """
    if act.record is None:
        return None
    # Words and infinite bounds pick another formula; numbers are only put in.
    finite = _numbers(act)
    picked = tuple((n, v) for n, v in act.parameters.items() if n not in finite)
    return _written(act.bind(**_usual(act), **dict(picked)), tuple(finite))


def _numbers(act: Activation) -> dict[str, float]:
    assert act.record is not None, "asked of functions of the catalogue only"
    parameters = {
        name: float(value)
        for name, value in act.parameters.items()
        if not isinstance(value, str) and math.isfinite(value)
    }
    return parameters | {name: float(digits) for name, digits in act.record.constants.items()}


def _usual(act: Activation) -> dict[str, float]:
    # Any number does, but it has to be the same one for the formula to be written once.
    constants = act.record.constants if act.record else {}
    return {name: 1.0 for name in _numbers(act) if name not in constants}


@lru_cache(maxsize=64)
def _written(act: Activation, names: tuple[str, ...]) -> Textbook:
    import sympy

    value = symbolic.definition(act, bound=False)
    piecewise = isinstance(value, sympy.Piecewise)
    # Not simplified: a program that follows the textbook does not simplify either.
    slope = symbolic.derivative(act, bound=False) if piecewise else sympy.diff(value, symbolic.x())
    symbols = [symbolic.x(), *(sympy.Symbol(name, real=True) for name in names)]
    value_of, slope_of = (sympy.lambdify(symbols, each, _MODULES) for each in (value, slope))
    return Textbook(_code(value), _code(slope), names, (value_of, slope_of))


def _code(expression: Any) -> str:
    """Write what is evaluated as a line of code."""
    import sympy

    if not isinstance(expression, sympy.Piecewise):
        return str(expression)
    *earlier, (last, _) = expression.args
    return " ".join([*(f"{piece} if {facing(where)} else" for piece, where in earlier), str(last)])
