"""Gradients of parameters against differentiated definitions in mpmath."""

import ml_dtypes
import mpmath
import numpy as np
import pytest
import sympy
from reference import in_dtype, longdouble

import nonlin as nl
from nonlin import symbolic
from nonlin.accuracy import ulp_error
from nonlin.parameter_slopes import PARAMETER_SLOPES

NUMERIC = [
    name for name in nl.names()
    if any(not isinstance(value, str) for value in nl.get(name).parameters.values())
]  # fmt: skip
OTHERS = {
    "leaky_relu": {"negative_slope": 0.25}, "elu": {"alpha": 1.7}, "celu": {"alpha": 0.3},
    "silu": {"beta": 1.702}, "softplus": {"beta": 2.3}, "squareplus": {"b": 0.7},
    "hard_sigmoid": {"width": 5.0, "offset": 0.4}, "soft_shrink": {"bias": 0.25},
    "softcap": {"cap": 2.3}, "stanh": {"a": 1.3, "b": -2.0}, "laplace": {"mu": 0.3, "sigma": 1.7},
    "xielu": {"alpha_p": 0.3, "alpha_n": 1.2, "beta": 0.7, "eps": -0.25}, "snake": {"alpha": 2.7},
    "snake_beta": {"alpha": 0.7, "beta": 1.9}, "star_relu": {"s": 1.3, "b": 0.2},
}  # fmt: skip
CASES = [nl.get(name).bind(**values) for name in NUMERIC for values in ({}, OTHERS.get(name, {}))]


def exactly(act, parameter, x):
    """Differentiate the definition with respect to a parameter, evaluated in 400 bits."""
    symbols = {name: sympy.Symbol(name, real=True) for name in symbolic.algebra.numbers(act)}
    if parameter not in symbols:  # an infinite threshold
        return np.zeros(x.shape, np.longdouble)
    expression = symbolic.definition(act, bound=False)
    slope = sympy.diff(expression, symbols[parameter])
    f = sympy.lambdify((symbolic.x(), *symbols.values()), slope, modules="mpmath")
    with mpmath.workprec(400):
        values = [mpmath.mpf(value) for value in symbolic.algebra.numbers(act).values()]
        return np.array([longdouble(mpmath.mpf(f(mpmath.mpf(float(z)), *values))) for z in x])


def inputs(dtype):
    random = np.random.default_rng(2)
    small = random.choice([-1.0, 1.0], 60) * np.exp2(-random.uniform(0, 30, 60))
    return np.concatenate([random.uniform(-30, 30, 80), random.uniform(-3, 3, 80), small]).astype(
        dtype
    )


def test_every_function_with_numbers_has_them():
    assert set(NUMERIC) == set(PARAMETER_SLOPES)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("act", CASES, ids=repr)
def test_slopes_are_within_four_units(act, dtype):
    act, x = in_dtype(act, dtype), inputs(dtype)
    found = act.backward_parameters(np.ones_like(x), x)
    assert list(found) == list(act.parameters)
    for parameter, slope in found.items():
        assert slope.dtype == dtype
        exact = exactly(act, parameter, x)
        error = ulp_error(slope, exact)
        if act.name == "snake":
            # Of its two terms, x sin(2 u) / alpha and sin(u)^2 / alpha^2, which cancel at zeros.
            alpha = float(act.parameters["alpha"])
            u = alpha * x.astype(np.float64)
            terms = np.abs(x * np.sin(2 * u) / alpha) + (np.sin(u) / alpha) ** 2
            error = np.abs(slope - exact) / np.spacing(terms.astype(dtype))
        worst = np.argmax(error)
        assert error[worst] <= 4.0, (parameter, x[worst], error[worst])


GATES = [
    nl.swiglu, nl.swiglu.bind(beta=1.702), nl.clamped_swiglu,
    nl.clamped_swiglu.bind(limit=2.0, alpha=0.7, offset=0.25), nl.situ_glu,
    nl.situ_glu.bind(beta1=1.5, beta2=0.75), nl.Gate(nl.elu), nl.Gate(nl.silu, value=nl.tanh),
]  # fmt: skip


def product(gate):
    """Define a gate of its two inputs and its parameters as a SymPy expression."""
    x, v = sympy.Symbol("g", real=True), sympy.Symbol("v", real=True)
    symbols = {name: sympy.Symbol(name, real=True) for name in gate.parameters}
    if gate.record is not None:
        return (x, v), symbols, gate.record.definition(x, v, *symbols.values())
    value = gate.value_activation.record.definition(v)
    return (x, v), symbols, gate.activation.record.definition(x, *symbols.values()) * value


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_slopes_of_gates_are_within_eight_units(gate, dtype):
    x = inputs(dtype)
    v = np.random.default_rng(3).permutation(x)
    found = gate.backward_parameters(np.ones_like(x), x, v)
    assert list(found) == list(gate.parameters)
    operands, symbols, expression = product(gate)
    numbers = [mpmath.mpf(float(dtype(value))) for value in gate.parameters.values()]
    for name, slope in found.items():
        derivative = sympy.diff(expression, symbols[name])
        f = sympy.lambdify((*operands, *symbols.values()), derivative, modules="mpmath")
        with mpmath.workprec(400):
            exact = np.array([
                longdouble(mpmath.mpf(f(mpmath.mpf(float(a)), mpmath.mpf(float(b)), *numbers)))
                for a, b in zip(x, v, strict=True)
            ])  # fmt: skip
        assert slope.dtype == dtype
        room = np.spacing(np.abs(exact).astype(dtype))
        if name == "limit":  # a sum of two terms that may cancel
            room = np.maximum(room, np.spacing(np.abs(gate.activation(x)).astype(dtype)))
        error = np.abs(slope - exact) / room
        worst = np.argmax(error)
        assert error[worst] <= 8.0, (name, x[worst], v[worst], error[worst])


def test_gates_broadcast_and_keep_the_weight():
    grad, x, v = np.array([[2.0], [3.0]]), np.array([-1.0, 100.0]), 2.0
    found = nl.clamped_swiglu.backward_parameters(grad, x, v, limit=4.0)
    one = nl.clamped_swiglu.bind(limit=4.0).backward_parameters(1.0, x, v)
    for name, slope in found.items():
        np.testing.assert_array_equal(slope, grad * one[name])


@pytest.mark.parametrize("gate", [nl.geglu, nl.reglu, nl.Gate(nl.relu)], ids=repr)
def test_a_gate_without_numbers_says_so(gate):
    with pytest.raises(TypeError, match=r"has no parameter that is a number, so there is no"):
        gate.backward_parameters(1.0, 1.0, 1.0)


def test_by_hand():
    grad, x = np.array([2.0, 3.0, 4.0]), np.array([-2.0, 0.0, 5.0])
    assert nl.leaky_relu.backward_parameters(grad, x)["negative_slope"].tolist() == [-4, 0, 0]
    assert nl.star_relu.backward_parameters(grad, x)["s"].tolist() == [0, 0, 100]
    assert nl.hard_tanh.backward_parameters(grad, x)["max_val"].tolist() == [0, 0, 4]
    # ReLU with an elbow at 0 has no softer one: sqrt(0 + b) / 2 has the slope 1 / (4 sqrt b).
    assert nl.squareplus.backward_parameters(1.0, 0.0)["b"] == 0.125


def test_parameters_are_given_as_in_a_call():
    x, alpha = np.array([[-1.0, -2.0], [-3.0, 1.0]]), np.array([0.5, 2.0])
    both = nl.celu.backward_parameters(1.0, x, alpha=alpha)["alpha"]
    for column, value in enumerate(alpha):
        one = nl.celu.bind(alpha=value).backward_parameters(1.0, x[:, column])["alpha"]
        np.testing.assert_array_equal(both[:, column], one)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_two_bytes_keep_their_dtype(dtype):
    x = np.linspace(-3, 3, 31).astype(dtype)
    found = nl.elu.backward_parameters(x, x)["alpha"]
    assert found.dtype == dtype
    wide = nl.elu.backward_parameters(x.astype(np.float64), x.astype(np.float64))["alpha"]
    np.testing.assert_allclose(found.astype(np.float64), wide, rtol=2.0**-7)


@pytest.mark.parametrize("name", NUMERIC)
def test_nan_and_infinity(name):
    with np.errstate(all="raise"):
        found = nl.get(name).backward_parameters(np.ones(3), np.array([np.nan, -np.inf, np.inf]))
    for slope in found.values():
        assert np.isnan(slope[0])
        assert np.isnan(slope[1:]).any() == name.startswith("snake")


@pytest.mark.parametrize("act", [nl.relu, nl.gelu, nl.Activation.from_function(np.sin)], ids=repr)
def test_a_function_without_numbers_says_so(act):
    with pytest.raises(TypeError, match=r"has no parameter that is a number, so there is no"):
        act.backward_parameters(1.0, 1.0)


def test_an_unknown_parameter_gets_one_sentence():
    with pytest.raises(TypeError, match="did you mean alpha"):
        nl.elu.backward_parameters(1.0, 1.0, alhpa=2.0)
