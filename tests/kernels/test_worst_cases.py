"""Inputs at which exp, expm1, tanh or sigmoid lies next to the middle between two numbers.

tools/worst_cases searched for them and says how. Every function whose kernel rests on one of the
four is compared with mpmath there.
"""

import json
from pathlib import Path

import mpmath
import numpy as np
import pytest
from reference import exact, in_dtype

import nonlin as nl
from nonlin.accuracy import ulp_error

FOUND = json.loads(Path(__file__).with_name("worst_cases.json").read_text())
EXACT = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}
# The nearest of each function, of each function of ours with mpmath; all of them take minutes.
NEAREST = 60
FUNCTIONS = (
    *("sigmoid", "tanh", "elu", "selu", "celu", "exponential"),
    *("silu", "softplus", "log_sigmoid", "mish", "tanh_shrink"),
)


def nearest(name, count):
    rows = sorted(FOUND[name], key=lambda row: row[1])[:count]
    return np.array([float.fromhex(x) for x, _ in rows])


def middles(name):
    """The inputs, with the opposite ones and halves: tanh x and sigmoid 2x are one."""
    x = nearest(name, NEAREST)
    return np.concatenate([x, -x, x / 2, 2 * x])


@pytest.mark.parametrize("name", EXACT)
def test_they_lie_as_near_as_it_says(name):
    assert len(FOUND[name]) > 200
    assert min(distance for _, distance in FOUND[name]) < -36
    with mpmath.workprec(300):
        for digits, distance in FOUND[name][::20]:
            y = abs(EXACT[name](mpmath.mpf(float.fromhex(digits))))
            _, exponent = mpmath.frexp(y)
            units = mpmath.ldexp(y, min(53 - int(exponent), 1074))
            off = abs(units - mpmath.floor(units) - mpmath.mpf(1) / 2)
            assert abs(float(mpmath.log(off, 2)) - distance) < 0.02


@pytest.mark.parametrize("derivative", [False, True], ids=["value", "derivative"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_error_is_at_most_one_ulp(name, derivative):
    activation = nl.get(name)
    x = np.unique(np.concatenate([middles(each) for each in EXACT]))
    computed = activation.derivative(x) if derivative else activation(x)
    error = ulp_error(computed, exact(in_dtype(activation, np.float64), x, derivative))
    worst = np.argmax(error)
    assert error[worst] <= 1.0, f"{error[worst]} ULP at {x[worst]!r}"
