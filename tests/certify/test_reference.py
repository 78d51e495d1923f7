"""The definitions in C++ against the catalogue's in mpmath, which share nothing."""

import mpmath
import numpy as np
import pytest
from certify.chunk import add
from certify.functions import KINDS, Certified, certified
from certify.inputs import sample
from certify.library import Tally, library

import nonlin as nl
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


# Functions of one parameter: its signs, and how far from 0 the function bends.
DRAWN = {
    "leaky_relu": ((1, -1), lambda _: 1.0),
    "elu": ((1, -1), lambda _: 1.0),
    "celu": ((1,), lambda alpha: alpha),
    "silu": ((1, -1), lambda beta: 1 / abs(beta)),
    "softplus": ((1, -1), lambda beta: 1 / abs(beta)),
    "squareplus": ((1,), lambda b: b**0.5),
}


def drawn(name):
    """The function with parameters of every size, each with numbers about its bend."""
    random = np.random.default_rng(sorted(DRAWN).index(name))
    signs, bend = DRAWN[name]
    for sign in signs:
        for exponent in (0, -10, 10, *random.integers(-120, 121, 4)):
            parameter = float(sign * random.uniform(1, 2) * 2.0 ** int(exponent))
            size = random.uniform(0.5, 1, 12) * np.exp2(random.integers(-20, 6, 12))
            x = bend(parameter) * np.concatenate([size, -size, [-20.0, -600.0]])
            (key,) = list(nl.get(name).parameters)[:1]
            activation = nl.get(name).bind(**{key: parameter})
            yield Certified(f"{name}({parameter})", name, activation, (parameter,)), x


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DRAWN)
def test_parameters_of_every_size(name, kind):
    for function, x in drawn(name):
        exact = symbolic.oracle(function.activation, kind == "derivative")
        parameters = function.parameters_in("float64")
        found = library().exact(function.reference_name(kind), parameters, x)
        for z, result in zip(x, found, strict=True):
            expected = exact(float(z))
            with mpmath.workprec(200):
                # Next to SiLU's least value its derivative is a difference.
                assert abs(quadruple(result) / expected - 1) < mpmath.mpf(2) ** -90, (function, z)
        tally = Tally()
        add(tally, function, kind, x, function.call(kind)(x))
        assert tally.wrong_specials == 0
        assert tally.largest <= 1, (function, tally.where)


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
