"""Gaussian moments against mpmath, closed forms and the printed values of the literature."""

import math
import subprocess
import sys

import numpy as np
import pytest
from mean_field_functions import EXACT, activation, exact, users

import nonlin as nl
from nonlin.propagation import NotConvergedError, expectation, gain
from nonlin.propagation.moments import moments

VARIANCES = [1e-8, 1e-3, 0.7, 40.0, 1e3, 1e6]

MOMENT = {
    "value": lambda phi, slope, z: phi,
    "square": lambda phi, slope, z: phi**2,
    "slope_square": lambda phi, slope, z: slope**2,
    "slope_fourth": lambda phi, slope, z: slope**4,
}


@pytest.mark.parametrize("q", VARIANCES)
@pytest.mark.parametrize("name", list(EXACT))
def test_moments_are_mpmaths(name, q):
    act = activation(name)
    size = math.sqrt(float(expectation(act, "square", q)))
    for moment, function in MOMENT.items():
        expected = float(exact(name, function, q))
        # An odd function's mean is 0, and a step's slope; what is left is rounding of phi.
        absolute = {"value": 1e-15 * size, "square": 1e-60}.get(moment, 1e-20)
        assert float(expectation(act, moment, q)) == pytest.approx(
            expected, rel=1e-10, abs=absolute
        ), moment


@pytest.mark.parametrize("q", VARIANCES)
@pytest.mark.parametrize("name", [name for name in EXACT if name != "jump"])
def test_curvature_is_steins(name, q):
    # E[phi'' phi] with the deltas of phi'' is E[u phi' phi] / q - E[phi'^2], here by mpmath.
    expected = exact(name, lambda phi, slope, z: z * slope * phi / math.sqrt(q) - slope**2, q)
    size = float(
        exact(name, lambda phi, slope, z: slope**2 + abs(z * slope * phi) / math.sqrt(q), q)
    )
    assert float(expectation(activation(name), "curvature", q)) == pytest.approx(
        float(expected), abs=1e-10 * size
    )


def test_curvature_counts_the_delta_at_a_kink():
    # phi = max(x, 0) + 1: phi'' phi = delta(x), whose expectation is the density at 0.
    lifted = nl.Activation.from_function(lambda x: np.maximum(x, 0.0) + 1.0)
    for q in (0.01, 1.0, 100.0):
        assert expectation(lifted, "curvature", q) == pytest.approx(
            1 / math.sqrt(2 * math.pi * q), rel=1e-12
        )
    # For ReLU itself the delta stands where phi is 0.
    assert expectation(nl.relu, "curvature", 1.0) == pytest.approx(0.0, abs=1e-15)


def test_exponential_growth():
    # E[exp(u)^2] = exp(2 q); beyond the largest float64 it is infinite.
    growing = users("exponential")
    q = np.array([1e-8, 1.0, 10.0, 100.0, 200.0])
    np.testing.assert_allclose(expectation(growing, "square", q), np.exp(2 * q), rtol=1e-10)
    assert (expectation(growing, "square", [400.0, 1e6]) == np.inf).all()


def test_a_steep_function_between_the_nodes():
    # tanh(100 (u-5)) under N(0, q) is -1 but for P(u > 5).
    assert 1 - float(expectation(users("steep"), "square", 1.0)) == pytest.approx(
        # 1 - tanh^2 integrates to 2/100 against the density at 5, with 1/12 pi^2/100^2 of its
        # second derivative (24 for a unit normal at 5).
        2 / 100 * math.exp(-12.5) / math.sqrt(2 * math.pi) * (1 + 24 * math.pi**2 / 24 / 1e4),
        rel=1e-6,
    )


def test_oscillation_that_cannot_be_followed_raises():
    sine = users("sine")
    # E[sin^2] = (1 - exp(-2q)) / 2
    assert expectation(sine, "square", 100.0) == pytest.approx(0.5, rel=1e-10)
    with pytest.raises(NotConvergedError, match="changes too fast"):
        expectation(sine, "square", 1e8)


def test_shapes_extremes_and_errors():
    q = np.array([[0.0, 1e-300, 1e-200], [1.0, 1e200, 1e300]])
    np.testing.assert_allclose(expectation(nl.relu, "square", q), q / 2, rtol=1e-14, atol=1e-290)
    assert expectation(nl.sigmoid, "square", 0.0) == pytest.approx(0.25, rel=1e-15)
    assert expectation(nl.tanh, "slope_square", 0.0) == pytest.approx(1.0, rel=1e-15)
    assert expectation(users("softplus"), "slope_square", 0.0) == pytest.approx(0.25, rel=1e-12)
    with pytest.raises(ValueError, match="negative"):
        expectation(nl.relu, "square", -1.0)
    with pytest.raises(ValueError, match="one of value, square"):
        expectation(nl.relu, "cube", 1.0)


def test_given_derivatives_are_used():
    doubled = nl.Activation.from_function(
        np.tanh, lambda x: 2.0 / np.cosh(np.clip(x, -99, 99)) ** 2
    )
    assert expectation(doubled, "slope_square", 1.0) == pytest.approx(4 * 0.4644029024, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "expected", "digits"),
    # Reference values computed independently of this package, all digits as printed.
    [
        ("relu", 1.4142135624, 10), ("leaky_relu", 1.4141428570, 10), ("tanh", 1.5925374197, 10),
        ("sigmoid", 1.8462285453, 10), ("elu", 1.2451983007, 10), ("selu", 1.0, 10),
        ("gelu", 1.5335304412, 10), ("silu", 1.6765324703, 10),
    ],
)  # fmt: skip
def test_gains(name, expected, digits):
    assert round(gain(activation(name)), digits) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    # The same source; SELU's E[phi'^2] follows from Klambauer et al. 2017.
    [("relu", 0.5), ("tanh", 0.4644029024), ("sigmoid", 0.0448362414), ("selu", 1.0715749925)],
)
def test_slope_squares(name, expected):
    assert round(float(expectation(activation(name), "slope_square", 1.0)), 10) == expected


def test_gain_of_the_centred_output():
    # Var[relu(z)] = 1/2 - 1/(2 pi)
    assert gain(nl.relu, mean_zero=True) == pytest.approx((0.5 - 0.5 / math.pi) ** -0.5, rel=1e-14)


def test_gain_of_nothing_raises():
    for function in (np.zeros_like, np.ones_like):
        constant = nl.Activation.from_function(function)
        with pytest.raises(NotConvergedError, match="has no gain"):
            gain(constant, mean_zero=True)


FIRST_GAIN = """
import sys
import nonlin as nl

gain = nl.gain
before = set(sys.modules)
gain(nl.{name})
print(*(set(sys.modules) - before))
"""


@pytest.mark.parametrize("name", ["gelu", "relu6"])
def test_the_first_gain_of_a_process_imports_nothing_more_of_numpy(name):
    # Importing numpy.ma, as np.unique does, takes four times as long as the gain itself.
    command = [sys.executable, "-c", FIRST_GAIN.format(name=name)]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    assert [each for each in run.stdout.split() if each.startswith("numpy")] == []


def test_many_variances_are_each_alone():
    q = np.geomspace(1e-6, 1e6, 101)
    together = moments(nl.elu, q).square
    alone = [float(moments(nl.elu, x).square) for x in q]
    np.testing.assert_allclose(together, alone, rtol=1e-13)
