"""Parameters of every size: value and derivative against the textbook definition in mpmath."""

from math import inf, nan

import ml_dtypes
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from reference import longdouble

import nonlin as nl
from nonlin.accuracy import ulp_error

DTYPES = (np.float32, np.float64)
LARGEST = 100


def sigmoid(y):
    return 1 / (1 + mpmath.exp(-y))


def silu_slope(x, beta):
    s = sigmoid(beta * x)
    return s + beta * x * s * sigmoid(-beta * x)


def softplus(x, beta, threshold):
    return x if beta * x > threshold else mpmath.log1p(mpmath.exp(beta * x)) / beta


def squareplus(x, b):
    root = mpmath.sqrt(x * x + b)
    return (x + root) / 2 if x > 0 else b / (2 * (root - x))


def squareplus_slope(x, b):
    root = mpmath.sqrt(x * x + b)
    return (1 + x / root) / 2 if x > 0 else b / (2 * root * (root - x))


def normal(x, mu, sigma):
    z = (x - mu) / sigma
    return mpmath.erfc(-z / mpmath.sqrt(2)) / 2 if abs(z) < 1000 else mpf(z > 0)


def normal_slope(x, mu, sigma):
    return mpmath.npdf((x - mu) / sigma) / sigma


def xielu(x, alpha_p, alpha_n, beta, eps):
    left = alpha_n * (mpmath.expm1(min(x, eps)) - x)
    return (alpha_p * x * x if x > 0 else left) + beta * x


def xielu_slope(x, alpha_p, alpha_n, beta, eps):
    left = alpha_n * (mpmath.exp(x) if x <= eps else 0) - alpha_n
    return (2 * alpha_p * x if x > 0 else left) + beta


def shrunk(x, lambd, bias):
    return x - bias if x > lambd else x + bias if x < -lambd else 0


# Value, derivative (at a kink the left one), and what the parameters may be: of any sign, positive,
# or an offset or a threshold, which matters where it is near the others.
FUNCTIONS = {
    "leaky_relu": (lambda x, s: x if x > 0 else s * x, lambda x, s: 1 if x > 0 else s, "s"),
    "elu": (lambda x, a: x if x > 0 else a * mpmath.expm1(x),
            lambda x, a: 1 if x > 0 else a * mpmath.exp(x), "s"),
    "celu": (lambda x, a: x if x > 0 else a * mpmath.expm1(x / a),
             lambda x, a: 1 if x > 0 else mpmath.exp(x / a), "p"),
    "silu": (lambda x, b: x * sigmoid(b * x), silu_slope, "s"),
    "softplus": (softplus, lambda x, b, t: 1 if b * x > t else sigmoid(b * x), "st"),
    "squareplus": (squareplus, squareplus_slope, "p"),
    "hard_sigmoid": (lambda x, w, o: min(max(x / w + o, 0), 1),
                     lambda x, w, o: 1 / w if -w * o < x <= w * (1 - o) else 0, "po"),
    "hard_tanh": (lambda x, a, b: min(max(x, a), b), lambda x, a, b: int(a < x <= b), "ss"),
    "threshold": (lambda x, t, v: x if x > t else v, lambda x, t, v: int(x > t), "ss"),
    "thresholded_relu": (lambda x, t: x if x > t else 0, lambda x, t: int(x > t), "s"),
    "hard_shrink": (lambda x, w: shrunk(x, w, 0), lambda x, w: int(not -w < x <= w), "p"),
    "soft_shrink": (shrunk, lambda x, w, b: int(not -w < x <= w), "ps"),
    "star_relu": (lambda x, s, b: s * max(x, 0) ** 2 + b, lambda x, s, b: 2 * s * max(x, 0), "ss"),
    "softcap": (lambda x, c: c * mpmath.tanh(x / c), lambda x, c: mpmath.sech(x / c) ** 2, "s"),
    "stanh": (lambda x, a, b: b * mpmath.tanh(a * x),
              lambda x, a, b: a * b * mpmath.sech(a * x) ** 2, "ss"),
    "laplace": (normal, normal_slope, "ss"),
    "xielu": (xielu, xielu_slope, "ssse"),
    "snake": (lambda x, a: x + mpmath.sin(a * x) ** 2 / a,
              lambda x, a: 1 + mpmath.sin(2 * a * x), "s"),
    "snake_beta": (lambda x, a, b: x + mpmath.sin(a * x) ** 2 / b,
                   lambda x, a, b: 1 + a * mpmath.sin(2 * a * x) / b, "ss"),
}  # fmt: skip


def test_every_function_with_numbers_for_parameters_is_here():
    numeric = {
        name for name in nl.names()
        if any(not isinstance(value, str) for value in nl.get(name).parameters.values())
    }  # fmt: skip
    assert numeric == set(FUNCTIONS)


@st.composite
def magnitudes(draw):
    """Powers of two, most of them with a significand of some digits or of all."""
    significand = draw(
        st.just(1.0) | st.floats(1, 2, exclude_max=True) | st.sampled_from([1.4, 1.7])
    )
    exponent = draw(st.integers(-3, 3) | st.integers(-LARGEST, LARGEST))
    return significand * 2.0**exponent


def numbers(kind):
    signed = st.tuples(magnitudes(), st.sampled_from([1, -1])).map(lambda pair: pair[0] * pair[1])
    return {
        "p": magnitudes(),
        "s": signed,
        "t": st.sampled_from([inf, 20.0, 0.0]) | signed,
        "e": st.sampled_from([0.0, -1e-6]) | signed,
        "o": st.sampled_from([0.0, 0.4, 0.5, 1.0])
        | st.floats(-1, 2).map(lambda x: x + 1e-9)
        | signed,
    }[kind]


@st.composite
def cases(draw):
    name = draw(st.sampled_from(list(FUNCTIONS)))
    dtype = draw(st.sampled_from(DTYPES))
    values = [float(dtype(draw(numbers(kind)))) for kind in FUNCTIONS[name][2]]
    if name == "hard_tanh":
        values.sort()
    return name, dtype, values, draw(st.integers(0, 2**32 - 1))


def halved(f, low, high):
    """Find a zero of f between two places of the same sign, as far apart as they may be."""
    for _ in range(200):
        middle = -((low * high) ** 0.5)
        low, high = (middle, high) if f(middle) * f(high) < 0 else (low, middle)
    return middle


def zeros_of_xielu(alpha_p, alpha_n, beta, eps):
    """Where the value or the derivative is 0, beside x = 0."""
    yield from (-beta / alpha_p, -beta / alpha_p / 2, eps)
    share = beta / alpha_n
    if 2.0**-60 < share < 1:
        yield np.log1p(-share)
        with mpmath.workprec(400):
            yield halved(lambda x: xielu(mpf(x), 0, 1, share, 0) / -x, -1e3, -share / 2)


def zeros_of_snake_beta(alpha, beta):
    """Zeros of the derivative, then one of the value."""
    share = beta / alpha
    if abs(share) < 1:
        turn = np.arcsin(-share)
        yield from (turn / alpha / 2, (np.pi - turn) / alpha / 2, (1e5 * np.pi + turn / 2) / alpha)
    if 2.0**-60 < share < 0.5:
        yield halved(lambda u: np.sin(u) ** 2 / -u - share, -np.pi / 2, -share / 2) / alpha


def places(name, values):
    """Where the function bends, and how far it is from there to where it is straight."""
    first, last = values[0], values[-1]
    if name == "star_relu":
        return [abs(last / first) ** 0.5], abs(last / first) ** 0.5
    if name == "stanh":
        return [], 1 / first
    if name == "laplace":
        return [first, first + 40 * last, first - 38.6 * last], last
    if name == "xielu":
        return list(zeros_of_xielu(*values)), 1.0
    if name == "snake":
        return [(k + 0.75) * np.pi / first for k in (-1, 0, 5, 1 << 30)], 1 / first
    if name == "snake_beta":
        return list(zeros_of_snake_beta(*values)), 1 / first
    if name == "hard_sigmoid":
        return [-first * last, first * (1 - last)], first
    if name in ("silu", "softplus"):
        zero = 1.2784645427610738 / first
        return [zero, last / first if abs(last) < inf else zero], 1 / first
    if name == "squareplus":
        return [first**0.5, 2.0**60 * first**0.5, 2.0**62], first**0.5
    if name == "celu":
        return [first], first
    if name == "elu":
        return [np.log(abs(first)) + end for end in (0, -87.3, -103.3, -708.4, -744.4)], 1.0
    return values, 1.0


def inputs(name, dtype, values, seed):
    centres, scale = places(name, values)
    random, info = np.random.default_rng(seed), np.finfo(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        centres = np.array([*centres, 0.0, info.tiny, info.max], dtype)
        centres = centres[np.isfinite(centres)]
        steps = random.integers(-3, 4, (4, centres.size))
        near = centres + steps * np.spacing(centres)
        wide = scale * np.concatenate([random.uniform(-40, 40, 12), random.uniform(-900, 0, 6)])
        fine = scale * random.uniform(-1, 1, 8) * np.exp2(random.uniform(-40, 12, 8))
        every = np.exp2(random.uniform(info.minexp - info.nmant, info.maxexp, 8))
        x = np.concatenate([near.ravel(), wide, fine, every]).astype(dtype)
    x = x[np.isfinite(x)]
    return np.concatenate([x, -x, dtype([0.0, -0.0])])


def bound(name, values):
    return nl.get(name).bind(**dict(zip(nl.get(name).parameters, values, strict=True)))


def exactly(function, x, values):
    with mpmath.workprec(1500):
        numbers = [mpf(value) for value in values]
        return np.array([longdouble(mpf(function(mpf(float(z)), *numbers))) for z in x])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(cases())
def test_parameters_of_every_size(case):
    name, _, values, _ = case
    activation, x = bound(name, values), inputs(*case)
    for function, definition in zip((activation, activation.derivative), FUNCTIONS[name][:2],
                                    strict=True):  # fmt: skip
        exact = exactly(definition, x, values)
        with np.errstate(over="ignore"):
            error = ulp_error(function(x), exact)
        worst = np.argmax(error)
        assert error[worst] <= 1.0, (function, x[worst], error[worst])


# An array of parameters goes another way through the loops.
@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases())
def test_an_array_of_parameters_gives_the_same_bits(case):
    name, dtype, values, _ = case
    activation, x = bound(name, values), inputs(*case)
    arrays = {
        parameter: np.full(x.shape, value, dtype)
        for parameter, value in zip(activation.parameters, values, strict=True)
    }
    for one, many in (
        (activation(x), nl.get(name)(x, **arrays)),
        (activation.derivative(x), nl.get(name).derivative(x, **arrays)),
        (activation.backward(x, x), nl.get(name).backward(x, x, **arrays)),
    ):
        np.testing.assert_array_equal(one.view(f"u{x.itemsize}"), many.view(f"u{x.itemsize}"))


def rounded(values, dtype):
    """Round long doubles once; a cast would do it twice."""
    significand, smallest, largest = {"float16": (10, -14, 65504.0)}.get(
        np.dtype(dtype).name, (7, -126, float(ml_dtypes.finfo(ml_dtypes.bfloat16).max))
    )
    exponent = np.maximum(np.frexp(values)[1] - 1, smallest)
    unit = np.ldexp(np.longdouble(1), exponent - significand)
    nearest = np.rint(values / unit) * unit
    return np.where(np.abs(nearest) > largest, np.copysign(inf, values), nearest)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(cases(), st.sampled_from([np.float16, ml_dtypes.bfloat16]))
def test_two_bytes_are_rounded_once(case, dtype):
    name, _, values, seed = case
    values = [float(np.float32(value)) for value in values]
    activation = bound(name, values)
    with np.errstate(over="ignore", invalid="ignore"):
        x = inputs(name, np.float32, values, seed).astype(dtype)
    x = x[np.isfinite(x.astype(np.float32))]
    for function, definition in zip((activation, activation.derivative), FUNCTIONS[name][:2],
                                    strict=True):  # fmt: skip
        exact = rounded(exactly(definition, x, values), dtype)
        np.testing.assert_array_equal(function(x).astype(np.longdouble), exact)


# By hand: the limits of the definitions.
LIMITS = [
    ("silu", (0.5,), (0, inf), (0, 1)), ("silu", (-0.5,), (-inf, 0), (1, 0)),
    ("silu", (2.0**-90,), (0, inf), (0, 1)), ("silu", (0.0,), (-inf, inf), (0.5, 0.5)),
    ("softplus", (1e-7, inf), (0, inf), (0, 1)), ("softplus", (1e-30, inf), (0, inf), (0, 1)),
    ("softplus", (-2.0, inf), (-inf, 0), (1, 0)), ("softplus", (1e7, 20.0), (0, inf), (0, 1)),
    ("squareplus", (2.0**100,), (0, inf), (0, 1)), ("squareplus", (0.0,), (0, inf), (0, 1)),
    ("elu", (1e-40,), (-1e-40, inf), (0, 1)), ("elu", (-3.0,), (3, inf), (0, 1)),
    ("celu", (2.0**100,), (-(2.0**100), inf), (0, 1)), ("celu", (1e-30,), (-1e-30, inf), (0, 1)),
    ("hard_sigmoid", (2.0**-100, 0.4), (0, 1), (0, 0)), ("hard_sigmoid", (7, 5), (0, 1), (0, 0)),
    ("leaky_relu", (0.0,), (0, inf), (0, 1)), ("leaky_relu", (-1.0,), (inf, inf), (-1, 1)),
    ("star_relu", (0.0, 3.0), (3, 3), (0, 0)),
    ("star_relu", (-(2.0**-100), 1), (1, -inf), (0, -inf)),
    ("softcap", (-2.0,), (-2, 2), (0, 0)),
    ("softcap", (2.0**100,), (-(2.0**100), 2.0**100), (0, 0)),
    ("stanh", (0.0, 2.0), (0, 0), (0, 0)), ("stanh", (-(2.0**-100), 3.0), (3, -3), (0, 0)),
    ("laplace", (5.0, -2.0), (1, 0), (0, 0)), ("laplace", (0.0, 2.0**100), (0, 1), (0, 0)),
    ("xielu", (0.0, 1.0, 1.0, 0.0), (-1, inf), (0, 1)),
    ("xielu", (0.0, 0.0, 0.0, 0.0), (0, 0), (0, 0)),
    ("xielu", (2.0**-90, 2.0, 2.0**-90, -1.0), (inf, inf), (2.0**-90 - 2, inf)),
    ("xielu", (-1.0, 0.5, 1.0, 0.0), (-inf, -inf), (0.5, -inf)),
    ("snake_beta", (0.0, 1.0), (-inf, inf), (1, 1)), ("snake", (3.0,), (-inf, inf), (nan, nan)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES, ml_dtypes.bfloat16])
@pytest.mark.parametrize(("name", "values", "limits", "slopes"), LIMITS)
def test_infinity_gives_the_limit(name, values, limits, slopes, dtype):
    activation = bound(name, values)
    ends, precise = np.array([-inf, inf], dtype), np.float64 if dtype == np.float64 else np.float32
    with np.errstate(over="ignore"):
        expected = np.array(limits, precise).astype(dtype), np.array(slopes, precise).astype(dtype)
    for function, result in zip((activation, activation.derivative), expected, strict=True):
        np.testing.assert_array_equal(function(ends).astype(float), result.astype(float))
        np.testing.assert_array_equal(np.isnan(function(np.array([nan], dtype))), True)


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES, ml_dtypes.bfloat16])
@pytest.mark.parametrize("a", [0.1, 0.666, -3.0, 0.0])
@pytest.mark.parametrize("b", [0.1, 1.7159, -0.7])
def test_stanh_of_zero_has_the_sign_of_a_b_x(a, b, dtype):
    x = np.array([0.0, -0.0], dtype)
    found = nl.stanh(x, a=a, b=b).astype(float)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(a * b * x.astype(float)))


@pytest.mark.parametrize("alpha", [1e-38, 1e-40, 1e-45, -3e-39, 1e38])
def test_a_subnormal_alpha_keeps_the_derivatives_digits(alpha):
    x = np.linspace(-20, 1, 4001, dtype=np.float32)
    activation, alpha = nl.elu.bind(alpha=alpha), float(np.float32(alpha))
    for function, definition in zip((activation, activation.derivative), FUNCTIONS["elu"][:2],
                                    strict=True):  # fmt: skip
        assert ulp_error(function(x), exactly(definition, x, [alpha])).max() <= 1.0


def test_hard_sigmoid_by_hand():
    x = np.float32(-2.3999998)
    # x / 6 + 0.4 for the floats that x and 0.4 are.
    exact = mpf(float(x)) / 6 + mpf(float(np.float32(0.4)))
    assert float(exact) == pytest.approx(2.98e-8, rel=1e-3)
    assert nl.hard_sigmoid(x, width=6.0, offset=0.4) == np.float32(float(exact))


# Beside a zero of the derivative of SiLU beta x has twice the digits of x.
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_zero_of_silus_derivative(dtype):
    random = np.random.default_rng(3)
    worst = 0.0
    for beta in random.uniform(0.5, 2, 60).astype(dtype).astype(float):
        centre = dtype(-1.2784645427610738 / beta)
        x = centre + np.arange(-2, 3, dtype=dtype) * np.spacing(centre)
        error = ulp_error(nl.silu.bind(beta=beta).derivative(x), exactly(silu_slope, x, [beta]))
        worst = max(worst, error.max())
    assert worst <= 1.0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "values"), [("celu", (-1.0,)), ("celu", (0.0,)), ("squareplus", (-0.5,)),
                         ("hard_sigmoid", (0.0, 0.5)), ("hard_sigmoid", (-6.0, 0.5)),
                         ("softplus", (0.0, inf)), ("softcap", (0.0,)), ("snake", (0.0,)),
                         ("snake_beta", (1.0, 0.0)), ("laplace", (0.0, 0.0))],
)  # fmt: skip
def test_outside_of_its_domain_a_function_is_nan(name, values, dtype):
    activation, x = bound(name, values), np.linspace(-3, -0.5, 70, dtype=dtype)
    with np.errstate(all="raise"):
        assert np.isnan(activation(x)).all()
        assert np.isnan(activation.derivative(x)).all()
