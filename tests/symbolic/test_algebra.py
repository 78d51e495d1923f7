"""Definitions and derivatives against the tutorial's formulas, typed again here."""

import pytest
import sympy
from sympy import Piecewise, Rational, Symbol, exp

import nonlin as nl
from nonlin import symbolic

x = Symbol("x", real=True)
alpha = Symbol("alpha", real=True)

TEXTBOOK = {
    "sigmoid": (1 / (1 + exp(-x)), exp(-x) / (1 + exp(-x)) ** 2),
    "tanh": (sympy.tanh(x).rewrite(exp), 1 - sympy.tanh(x).rewrite(exp) ** 2),
    "relu": (Piecewise((x, x > 0), (0, True)), Piecewise((1, x > 0), (0, True))),
    "leaky_relu": (
        Piecewise((x, x > 0), (x / 100, True)),
        Piecewise((1, x > 0), (Rational(1, 100), True)),
    ),
    "elu": (Piecewise((x, x > 0), (exp(x) - 1, True)), Piecewise((1, x > 0), (exp(x), True))),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_definition_and_derivative(name):
    value, slope = TEXTBOOK[name]
    assert sympy.simplify(symbolic.definition(nl.get(name)) - value) == 0
    difference = symbolic.derivative(nl.get(name)) - slope
    assert sympy.simplify(difference.rewrite(exp)) == 0


def test_parameters_stay_symbols_or_become_exact_numbers():
    assert symbolic.definition(nl.elu, bound=False).free_symbols == {x, alpha}
    bound = symbolic.definition(nl.leaky_relu.bind(negative_slope=0.05))
    assert bound.subs(x, -1) == -Rational(1, 20)


def test_pieces_run_from_left_to_right():
    pieces = symbolic.pieces(symbolic.definition(nl.elu))
    assert [(start, end) for start, end, _ in pieces] == [(-sympy.oo, 0), (0, sympy.oo)]


def test_a_users_function_has_no_definition():
    with pytest.raises(ValueError, match="has no definition in symbols"):
        symbolic.definition(nl.Activation.from_function(abs))
