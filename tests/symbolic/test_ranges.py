"""Ranges and limits as the tutorial states them, and those of functions that turn back."""

import pytest
import sympy
from sympy import exp, oo

import nonlin as nl
from nonlin import symbolic


@pytest.mark.parametrize(
    ("activation", "values", "slopes", "limits"),
    [
        (nl.sigmoid, "(0, 1)", "(0, 1/4]", (0, 1)),
        (nl.tanh, "(-1, 1)", "(0, 1]", (-1, 1)),
        (nl.relu, "[0, inf)", "[0, 1]", (0, oo)),
        (nl.leaky_relu, "(-inf, inf)", "[1/100, 1]", (-oo, oo)),
        (nl.elu, "(-1, inf)", "(0, 1]", (-1, oo)),
        (nl.elu.bind(alpha=2.0), "(-2, inf)", "(0, 2]", (-2, oo)),
    ],
)
def test_ranges_and_limits(activation, values, slopes, limits):
    assert str(symbolic.value_range(activation)) == values
    assert str(symbolic.derivative_range(activation)) == slopes
    assert symbolic.limits(activation) == limits


def test_an_interior_extremum_is_found_and_attained():
    x = symbolic.x()
    found = symbolic.expression_range(x * exp(-x))
    assert (found.lower, found.upper) == (-oo, sympy.exp(-1))
    assert found.upper_attained
    assert not found.lower_attained
