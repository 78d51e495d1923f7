"""Activations made of a user's function: values, measured derivatives, ufunc keywords."""

import pickle

import numpy as np
import pytest

import nonlin as nl
from nonlin.elementwise import left_derivative


def swish(x):
    return x * nl.sigmoid(x)


def test_measured_derivative_is_close_to_the_symbolic_one():
    x = np.linspace(-20, 20, 4001)
    assert np.abs(left_derivative(np.sin)(x) - np.cos(x)).max() < 2e-10
    assert np.abs(left_derivative(np.tanh)(x) - nl.tanh.derivative(x)).max() < 2e-10


def test_measured_derivative_at_a_kink_is_the_left_one():
    activation = nl.Activation.from_function(lambda x: np.maximum(x, 0.25 * x), name="leaky")
    assert activation.derivative(0.0) == pytest.approx(0.25, abs=1e-12)
    assert activation.derivative(np.array([-1.0, 1.0])) == pytest.approx([0.25, 1.0], abs=1e-10)


def test_measured_derivative_at_any_magnitude():
    identity = nl.Activation.from_function(lambda x: x)
    x = np.array([1e-300, 1e-9, 1.0, 1e6, 1e16, 1e17, 1e300, -1e300])
    np.testing.assert_allclose(identity.derivative(x), 1.0, rtol=1e-7)
    silu = nl.Activation.from_function(swish)
    np.testing.assert_allclose(silu.derivative([1e15, 1e16, 1e17]), 1.0, rtol=1e-7)


def test_measured_derivative_close_to_a_kink():
    relu = nl.Activation.from_function(lambda x: np.maximum(x, 0.0))
    x = np.array([1e-3, 1e-6, 1e-9, 1e-12, 1e-100, 0.0, -1e-12])
    np.testing.assert_allclose(relu.derivative(x), [1, 1, 1, 1, 1, 0, 0], atol=1e-7)


def test_given_derivative_is_used():
    activation = nl.Activation.from_function(np.sin, np.cos)
    assert activation.derivative(2.0) == np.cos(2.0)
    assert activation.backward(3.0, 2.0) == 3.0 * np.cos(2.0)


def test_ufunc_keywords():
    activation = nl.Activation.from_function(np.square)
    x = np.arange(4.0)
    out = np.full(4, -1.0)
    assert activation(x, out=out, where=x > 1) is out
    assert out.tolist() == [-1.0, -1.0, 4.0, 9.0]
    assert activation(x, dtype=np.float32).dtype == np.float32
    with pytest.raises(ValueError, match=r"out has shape \(3,\), the result has shape \(4,\)"):
        activation(x, out=np.empty(3))


def test_pickles_and_compares_by_the_function():
    activation = nl.Activation.from_function(swish)
    assert activation.name == "swish"
    assert pickle.loads(pickle.dumps(activation)) == activation
    assert activation != nl.Activation.from_function(np.square, name="swish")
    assert repr(activation) == "nl.Activation.from_function(swish)"
    assert activation.record is None
