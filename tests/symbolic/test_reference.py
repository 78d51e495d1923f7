"""The reference against values computed by other formulas, and where cancellation is worst."""

import mpmath
import pytest

import nonlin as nl
from nonlin import symbolic


def relative(a, b):
    with mpmath.workprec(200):
        return abs(a - b) / abs(b)


@pytest.mark.parametrize("z", [-745.0, -1e-300, 1e-17, 0.3, 40.0, 709.0])
def test_agrees_with_mpmaths_own_functions(z):
    with mpmath.workprec(4000):
        point = mpmath.mpf(z)
        tanh, sech = mpmath.tanh(point), mpmath.sech(point)
        sigmoid = 1 / (1 + mpmath.exp(-point))
        expected = {
            (nl.tanh, False): tanh,
            (nl.tanh, True): sech**2,
            (nl.sigmoid, False): sigmoid,
            (nl.sigmoid, True): sigmoid * (1 - sigmoid),
            (nl.elu, False): mpmath.expm1(point) if z < 0 else point,
        }
    for (activation, derivative), value in expected.items():
        assert relative(symbolic.oracle(activation, derivative)(z), value) < 2.0**-100


def test_a_small_term_counts_beside_a_large_one():
    # One term is a difference from 1 that a hundred digits do not show. Left of 0 mish' is
    # (1 + x) e^x up to e^2x, and tanh_shrink is x^3 / 3 up to x^5.
    with mpmath.workprec(4000):
        point = mpmath.mpf(-370)
        mish = (1 + point) * mpmath.exp(point)
        assert relative(symbolic.oracle(nl.mish, True)(-370.0), mish) < 1e-30
        point = mpmath.mpf(-30)
        gelu = mpmath.ncdf(point) + point * mpmath.npdf(point)
        assert relative(symbolic.oracle(nl.gelu, True)(-30.0), gelu) < 1e-30
        tiny = mpmath.mpf(1e-100)
        assert relative(symbolic.oracle(nl.tanh_shrink)(1e-100), tiny**3 / 3) < 1e-30


def test_parameters_have_their_binary_value():
    value = symbolic.oracle(nl.leaky_relu)(-1.0)
    assert value == -mpmath.mpf(0.01)


def test_infinite_arguments_give_the_limit():
    elu = symbolic.oracle(nl.elu.bind(alpha=0.25))
    assert elu(float("-inf")) == -0.25
    assert elu(float("inf")) == mpmath.inf
    assert mpmath.isnan(elu(float("nan")))
    assert symbolic.oracle(nl.leaky_relu)(float("-inf")) == -mpmath.inf
