"""Inputs at which exp, expm1, tanh or sigmoid lies next to the middle between two numbers.

tools/worst_cases found them by a search of its own, and says how. Every function whose kernel rests
on one of the four is compared with mpmath there.
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
# So many of each are halved and doubled too: tanh x and sigmoid 2x are nearly one.
NEAREST = 60
FUNCTIONS = (
    *("sigmoid", "tanh", "elu", "selu", "celu", "exponential"),
    *("silu", "softplus", "log_sigmoid", "mish", "tanh_shrink"),
)


def inputs(name):
    """The inputs and their opposites, the nearest halved and doubled."""
    rows = sorted(FOUND[name], key=lambda row: row[1])
    x = np.array([float.fromhex(digits) for digits, _ in rows])
    near = x[:NEAREST]
    return np.concatenate([x, -x, near / 2, -near / 2, 2 * near, -2 * near])


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
    x = np.unique(np.concatenate([inputs(each) for each in EXACT]))
    computed = activation.derivative(x) if derivative else activation(x)
    error = ulp_error(computed, exact(in_dtype(activation, np.float64), x, derivative))
    worst = np.argmax(error)
    assert error[worst] <= 1.0, f"{error[worst]} ULP at {x[worst]!r}"
