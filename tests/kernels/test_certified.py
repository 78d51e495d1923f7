"""Kernels over samples of every kind against the certificate's references (tools/certify).

Those are the textbook definitions in wider types; they share no code with the kernels, and are
themselves compared with mpmath.
"""

import numpy as np
import pytest
from certificate import Certified, certified, tally

import nonlin as nl

KINDS = ("value", "derivative")
DTYPES = ("float32", "float64")

# Where a function has a kink or changes its formula or its piece, where a derivative is 0, and
# where results round to 1, overflow or vanish.
POINTS = {
    "float32": (0.5, 0.625, 0.7517915, 0.75246143, 0.97, 1.0, 1.0397, 1.278464, 1.192431, 2.0,
                2.5, 3.0, 4.0, 5.5, 6.0, 6.5, 8.66, 9.0109, 17.33, 20.0, 21.1406, 40.0, 87.3365,
                88.7228, 103.972, 108.66, 2.0**60, 2.0**62, 2.0**64, 2.0**80),
    "float64": (0.5, 0.625, 1.0, 1.278464542761074, 2.0, 2.5, 3.0, 4.0, 6.0, 18.71, 19.0616, 37.43,
                40.0, 708.3964, 709.7827, 745.1332, 2.0**500, 2.0**512, 2.0**540),
}  # fmt: skip
NEIGHBOURS = {"float32": 2048, "float64": 256}

OTHERWISE = [
    *(("elu", {"alpha": alpha}) for alpha in (0.1, 0.7, 1.3, 3.3, -2.7, 1e30)),
    *(("celu", {"alpha": alpha}) for alpha in (0.1, 0.7, 1.3, 3.3, 47.1)),
    *(("leaky_relu", {"negative_slope": slope}) for slope in (0.3, -1.7)),
    *(("silu", {"beta": beta}) for beta in (0.3, 1.702, -1.702, 1e-3)),
    *(("softplus", {"beta": beta}) for beta in (0.3, 5.7, -0.3, 1e-7)),
    *(("squareplus", {"b": b}) for b in (0.3, 7.1)),
    *(
        ("hard_sigmoid", {"width": width, "offset": offset})
        for width, offset in ((5.0, 0.5), (6.0, 0.4), (5.0, 0.45))
    ),
    ("hard_tanh", {"min_val": -0.7, "max_val": 2.3}),
    ("threshold", {"threshold": -1.3, "value": 3.7}),
    ("thresholded_relu", {"alpha": 0.7}),
    ("hard_shrink", {"lambd": 0.7}),
    ("soft_shrink", {"lambd": 0.7, "bias": 0.7}),
]


def otherwise(name, values):
    activation = nl.get(name).bind(**values)
    numbers = tuple(activation.parameters[key] for key in values)
    return Certified(f"{name}-{'-'.join(map(str, values.values()))}", name, activation, numbers)


DEFAULTS = certified()
EVERY = [*DEFAULTS, *(otherwise(*case) for case in OTHERWISE)]


def around_points(dtype):
    """List the numbers next to each of POINTS and of 0 on both sides, subnormal ones too."""
    centres = np.array([0.0, np.finfo(dtype).smallest_normal, *POINTS[dtype]], dtype)
    integer = {"float32": np.int32, "float64": np.int64}[dtype]
    steps = np.arange(-NEIGHBOURS[dtype], NEIGHBOURS[dtype], dtype=integer)
    bits = np.abs(centres.view(integer)[:, None] + steps).ravel()
    return np.concatenate([bits.view(dtype), -bits.view(dtype)])


def ids(functions):
    return [pytest.param(function, id=function.name) for function in functions]


def check(found, count):
    assert found.inputs == count
    assert found.wrong_specials == 0
    assert found.largest <= 1.0, f"{found.largest} ULP at {found.where!r}"


# Every 1024th of the float32 numbers, whatever their sign and exponent, and 125,000 of float64.
@pytest.mark.parametrize(("dtype", "count"), [("float32", 1 << 22), ("float64", 125_000)])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", ids(DEFAULTS))
def test_a_sample_of_all_numbers(function, kind, dtype, count):
    check(tally(function, kind, dtype), count)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", ids(EVERY))
def test_every_number_near_a_breakpoint(function, kind, dtype):
    x = around_points(dtype)
    check(tally(function, kind, dtype, x), x.size)


def thinned(dtype):
    """Half of a sample by exponents, half evenly spread where functions bend."""
    count = {"float32": 1 << 17, "float64": 1 << 13}[dtype]
    even = np.random.default_rng(5).uniform(-20, 20, count)
    return np.concatenate([nl.accuracy.stratified(dtype, count, seed=5), even]).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", ids(EVERY[len(DEFAULTS) :]))
def test_other_parameters(function, kind, dtype):
    x = thinned(dtype)
    check(tally(function, kind, dtype, x), x.size)
