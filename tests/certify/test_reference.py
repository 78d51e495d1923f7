"""The definitions in C++ against the catalogue's in mpmath, which share nothing."""

import mpmath
import numpy as np
import pytest
from certify.chunk import add
from certify.functions import KINDS, certified
from certify.inputs import sample
from certify.library import Tally, library

from nonlin import symbolic


def quadruple(value):
    """Decode IEEE 754's binary128: 1 bit of sign, 15 of exponent, 112 of significand."""
    bits = int.from_bytes(value.tobytes(), "little")
    sign, exponent, fraction = bits >> 127, bits >> 112 & 0x7FFF, bits & (1 << 112) - 1
    with mpmath.workprec(128):
        return (-1) ** sign * mpmath.ldexp(
            mpmath.mpf((1 << 112) | fraction), exponent - 16383 - 112
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", [pytest.param(f, id=f.name) for f in certified()])
def test_quadruple_results_are_right_to_100_digits(function, kind):
    x = np.concatenate([sample("float64")[::6007], [-37.5, -3.0, -1.0, -1e-9, 1e-9, 1.0, 3.0]])
    x = x[(np.abs(x) < 700) & (np.abs(x) > 1e-150)]
    exact = symbolic.oracle(function.activation, kind == "derivative")
    name = function.reference_name(kind)
    found = library().exact(name, function.parameters_in("float64"), x)
    for z, result in zip(x, found, strict=True):
        expected = exact(float(z))
        if expected == 0 or abs(expected) < mpmath.mpf(2) ** -1100:
            continue
        with mpmath.workprec(200):
            assert abs(quadruple(result) / expected - 1) < mpmath.mpf(2) ** -96, z


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", [pytest.param(f, id=f.name) for f in certified()])
def test_infinite_arguments_give_the_limit(function, dtype):
    # tests/kernels compares the kernels' limits with mpmath's.
    x = np.array([-np.inf, np.inf, np.nan], dtype)
    for kind in KINDS:
        tally = Tally()
        add(tally, function, kind, x, function.call(kind)(x))
        assert tally.wrong_specials == 0
        assert tally.largest <= 1
