"""What is proved is what the kernels compute: the transcribed formulas give the kernels' bits."""

import platform

import numpy as np
import pytest
from prove import formulas, sources
from prove.arithmetic import Doubles, as_float

import nonlin as nl

ON_ARM = platform.machine() in ("aarch64", "arm64")
ARITHMETIC = Doubles(fused=ON_ARM or nl.instruction_set() in ("v3", "v4"))
COUNT = 150


def reduced(x):
    """n, x - n ln2_high, and the correction: `reduce` in arithmetic/exponential.hpp."""
    ln2 = sources.LN2
    shifter = 1.5 * 2.0**52
    n = ARITHMETIC.fma(x, ln2["inverse"], shifter) - shifter
    return int(n.x), ARITHMETIC.nfma(n, ln2["high"], x), formulas.correction(n)


def sigmoid(x):
    n, *argument = reduced(-x)
    scale = 2.0**n
    total = formulas.denominator(ARITHMETIC, scale, formulas.exp_of(ARITHMETIC, *argument))
    return formulas.logistic(ARITHMETIC, *total).result


def bell(y):
    n, *argument = reduced(-y)
    e = formulas.exp_of(ARITHMETIC, *argument)
    t, t_low = ARITHMETIC.fast_two_sum(1, e.high)
    return formulas.bell(ARITHMETIC, t, t_low, 2.0**n).result * 2.0**n


def expm1(x):
    n, *argument = reduced(x)
    return formulas.minus_1(ARITHMETIC, 2.0**n, formulas.exact_exp_of(ARITHMETIC, *argument))


def power(x, alpha):
    n, *argument = reduced(x)
    e = formulas.plus_1(ARITHMETIC, formulas.exact_exp_of(ARITHMETIC, *argument))
    return formulas.product(ARITHMETIC, alpha, *e).result * 2.0**n


def tanh(x):
    result = as_float(formulas.by_expm1(ARITHMETIC, *expm1(2 * abs(x))).result)
    return np.copysign(result, x)


def elu(x, alpha):
    return formulas.product(ARITHMETIC, alpha, *expm1(x)).result


# The range in which a formula is the kernel's, less what its bounds and selects do outside.
CASES = {
    "sigmoid": (sigmoid, nl.sigmoid, (-700, 36)),
    "sigmoid'": (lambda x: bell(abs(x)), nl.sigmoid.derivative, (-700, 700)),
    "tanh": (tanh, nl.tanh, (-18, 18)),
    "tanh'": (lambda x: 4 * bell(2 * abs(x)), nl.tanh.derivative, (-350, 350)),
    "elu": (lambda x: elu(x, 1.0), nl.elu, (-49, 0)),
    "elu(1.3)": (lambda x: elu(x, 1.3), nl.elu.bind(alpha=1.3), (-49, 0)),
    "elu'": (lambda x: power(x, 1.0), nl.elu.derivative, (-700, 0)),
    "elu(1.3)'": (lambda x: power(x, 1.3), nl.elu.bind(alpha=1.3).derivative, (-700, 0)),
    "exponential": (lambda x: power(x, 1.0), nl.exponential, (-700, 700)),
    # Those whose formula is another's (tools/certify/proofs.py).
    "log_sigmoid'": (lambda x: sigmoid(-x), nl.log_sigmoid.derivative, (-36, 700)),
    "softplus'": (sigmoid, nl.softplus.derivative, (-700, 36)),
    "celu'": (lambda x: power(x, 1.0), nl.celu.derivative, (-700, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_formula_gives_the_bits_of_its_kernel(name):
    formula, kernel, (lower, upper) = CASES[name]
    generator = np.random.default_rng(7)
    near = generator.uniform(-1, 1, COUNT) * np.exp2(generator.uniform(-60, 0, COUNT))
    x = np.concatenate([generator.uniform(lower, upper, COUNT), generator.uniform(-3, 3, COUNT)])
    x = np.concatenate([x, near])
    x = x[(x > lower) & (x < upper)]
    expected = [as_float(formula(number)) for number in x.tolist()]
    np.testing.assert_array_equal(kernel(x), expected)


def test_the_kernels_numbers_are_read():
    even, odd, half = sources.TAILS["exponential_tail"]
    assert half == 0.5
    assert np.allclose(odd, [1 / 6, 1 / 120, 1 / 5040, 1 / 362880, 1 / 39916800], rtol=2e-3)
    assert np.allclose(even, [1 / 24, 1 / 720, 1 / 40320, 1 / 3628800, 1 / 479001600], rtol=3e-3)
    even, odd, half = sources.TAILS["short_exponential_tail"]
    assert abs(half - 0.5) < 1e-14
    assert [len(odd), len(even)] == [5, 4]
    assert sources.LN2["high"] + sources.LN2["low"] == np.log(2)
    assert sources.LOGISTIC["unit"] == 2.0 ** -sources.LOGISTIC["margin"]
    assert sources.EXPONENTIAL["vanishes"] < sources.EXPONENTIAL["saturates"] < 0
