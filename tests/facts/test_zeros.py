"""Zeros are all found, and only zeros, or the proof is given up."""

import math

import pytest
import sympy
from sympy import erf, exp, log, oo, sin, sqrt

from nonlin.facts.zeros import UnprovedError, zeros

x = sympy.Symbol("x", real=True)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (x**3 - 2 * x, [-math.sqrt(2), 0.0, math.sqrt(2)]),
        (exp(x) - 3, [math.log(3)]),
        (exp(2 * x) - 3 * exp(x) + 2, [0.0, math.log(2)]),
        (exp(-x) + 1, []),
        # x e^x = 1 and x e^x = -1/5 at Lambert's W.
        (x * exp(x) - 1, [0.5671432904097838]),
        (5 * x * exp(x) + 1, [-2.5426413577735264, -0.2591711018190738]),
        (exp(x) - x - 1, [0.0]),
        (x / sqrt(x**2 + 4) + 1, []),
        (erf(x) + 1 + x * exp(-(x**2)), [-0.4]),
    ],
)
def test_all_zeros_are_listed(formula, expected):
    found = [float(zero) for zero in zeros(formula, x, -oo, oo)]
    if formula.has(erf):
        # One zero; where, mpmath knows.
        exact = float(sympy.nsolve(formula, x, expected[0]))
        assert found == pytest.approx([exact], rel=1e-12)
    else:
        assert found == pytest.approx(expected, rel=1e-14, abs=1e-30)


def test_ends_are_left_out():
    assert zeros(x * (x - 1) * (x - 2), x, sympy.Integer(0), sympy.Integer(2)) == [1]


def test_what_never_ends_is_given_up():
    with pytest.raises(UnprovedError):
        zeros(sin(x) + log(x**2 + 1), x, -oo, oo)
