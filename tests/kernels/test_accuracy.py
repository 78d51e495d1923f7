"""Kernels against the catalogue's definitions in mpmath; bounds are those of the docstrings."""

import numpy as np
import pytest
from reference import exact, in_dtype

import nonlin as nl
from nonlin.accuracy import stratified, ulp_error

SAMPLE = 150
DTYPES = (np.float32, np.float64)
# Beside the defaults, values that both dtypes hold exactly.
PARAMETERS = {
    "leaky_relu": ({"negative_slope": 0.375}, {"negative_slope": -2.0}),
    "elu": ({"alpha": 0.375}, {"alpha": 7.5}),
    "celu": ({"alpha": 0.375}, {"alpha": 7.5}),
    "gelu": ({"approximate": "tanh"},),
    "silu": ({"beta": 1.75},),
    "softplus": ({"beta": 1.75}, {"threshold": 20.0}),
    "squareplus": ({"b": 0.5},),
    "threshold": ({"threshold": -1.5, "value": 3.0},),
    "hard_sigmoid": ({"width": 5.0},),
    "hard_tanh": ({"min_val": -0.5, "max_val": 2.0},),
    "soft_shrink": ({"bias": 0.0},),
}
CASES = [
    pytest.param(nl.get(name).bind(**values), id=f"{name}-{'-'.join(map(str, values.values()))}")
    for name in nl.names()
    for values in ({}, *PARAMETERS.get(name, ()))
]


def around(centre: float, dtype: type[np.floating], count: int = 3) -> np.ndarray:
    """List the floating-point numbers next to `centre` on both sides."""
    step = np.spacing(dtype(centre))
    return (dtype(centre) + step * np.arange(-count, count + 1, dtype=dtype)).astype(dtype)


def difficult(dtype: type[np.floating]) -> np.ndarray:
    """Neighbourhoods of every breakpoint, of the range's ends and of where exp leaves the range."""
    ends = {np.float32: (17.33, 88.72, 103.97, 9.01), np.float64: (37.43, 709.78, 745.13, 19.06)}
    centres = [0.5, 1.0, 1.28, 2.0, 2.5, 3.0, 6.0, *ends[dtype]]
    tiny = np.finfo(dtype).smallest_subnormal * np.arange(12, dtype=dtype)
    positive = np.concatenate([tiny, *(around(centre, dtype) for centre in centres)])
    return np.concatenate([positive, -positive])


@pytest.mark.parametrize("derivative", [False, True], ids=["value", "derivative"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", CASES)
def test_error_is_at_most_one_ulp(activation, dtype, derivative):
    x = np.concatenate([stratified(dtype, SAMPLE, seed=7), difficult(dtype)])
    computed = activation.derivative(x) if derivative else activation(x)
    assert computed.dtype == dtype
    error = ulp_error(computed, exact(in_dtype(activation, dtype), x, derivative))
    worst = np.argmax(error)
    assert error[worst] <= 1.0, f"{error[worst]} ULP at {x[worst]!r}"


@pytest.mark.parametrize("name", nl.names())
@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_limits_and_nan(name, dtype):
    activation = nl.get(name)
    x = np.array([-np.inf, np.inf, np.nan], dtype)
    for derivative in (False, True):
        computed = activation.derivative(x) if derivative else activation(x)
        limits = exact(activation, x, derivative)
        # The limit itself where the dtype has it, such as 0, 1 or infinity; SELU's it has not.
        there = (limits.astype(dtype) == limits) | np.isnan(limits)
        np.testing.assert_array_equal(computed[there], limits[there].astype(dtype))
        assert ulp_error(computed, limits).max() <= 1.0


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_negative_zero(dtype):
    zero = dtype(-0.0)
    odd = ("tanh", "leaky_relu", "elu", "softsign", "tanh_shrink", "identity")
    for name in (*odd, "gelu", "silu"):
        assert np.signbit(nl.get(name)(zero)), name
    assert not np.signbit(nl.relu(zero))  # max(0, x)


# alpha e^x is a subnormal number where e^x alone is far below all of them.
@pytest.mark.parametrize(("dtype", "exponent"), [(np.float32, 120), (np.float64, 1000)])
def test_a_large_alpha_keeps_the_derivative_from_vanishing(dtype, exponent):
    steep = nl.elu.bind(alpha=2.0**exponent)
    info = np.finfo(dtype)
    lowest = -(exponent - info.minexp + info.nmant) * np.log(2)
    x = np.linspace(lowest + 1, lowest + 60, 500).astype(dtype)
    slope = steep.derivative(x)
    assert 0 < slope.min() < info.smallest_normal < slope.max()
    assert ulp_error(slope, exact(in_dtype(steep, dtype), x, derivative=True)).max() <= 1.0


# The derivative from the left, by hand: PyTorch and JAX take the same one for ReLU.
@pytest.mark.parametrize(
    ("activation", "slope"), [(nl.relu, 0.0), (nl.leaky_relu.bind(negative_slope=0.25), 0.25),
                              (nl.elu.bind(alpha=0.5), 0.5)],
)  # fmt: skip
def test_derivative_at_the_kink_is_the_left_one(activation, slope):
    assert activation.derivative(0.0) == slope
    assert activation.derivative(-0.0) == slope
    assert activation.derivative(np.nextafter(0.0, 1.0)) == 1.0


# PyTorch and JAX return 0 at both; the values are e^-x / (1 + e^-x)^2 and 4 e^-2x / (1 + e^-2x)^2.
def test_derivatives_do_not_vanish_too_early():
    assert nl.sigmoid.derivative(np.float32(19.4)) == pytest.approx(3.7557e-9, rel=1e-4)
    assert nl.tanh.derivative(np.float32(9.36)) == pytest.approx(2.9653e-8, rel=1e-4)


@pytest.mark.parametrize("name", nl.names())
@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_no_input_raises_a_warning(name, dtype):
    extremes = [0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).max, np.finfo(dtype).min]
    finite = np.float16 if dtype == np.float16 else dtype
    x = np.concatenate([np.array(extremes, dtype), stratified(finite, 20_000, seed=3)])
    with np.errstate(all="raise"):
        nl.get(name)(x)
        nl.get(name).derivative(x)
        nl.get(name).backward(np.ones_like(x), x)
