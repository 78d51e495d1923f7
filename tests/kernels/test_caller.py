"""Calls that bypass Python code give what the ufuncs give, or end where the others end."""

import inspect
import pickle

import ml_dtypes
import numpy as np
import pytest

import nonlin as nl

X = np.array([-2.0, 0.5, 3.0], np.float32)
GRAD = np.array([4.0, 8.0, 16.0], np.float32)
# ReLU of them by hand: the slopes are 0, 1 and 1.
METHODS = [
    (nl.relu, (X,), [0.0, 0.5, 3.0]),
    (nl.relu.derivative, (X,), [0.0, 1.0, 1.0]),
    (nl.relu.backward, (GRAD, X), [0.0, 8.0, 16.0]),
]


@pytest.mark.parametrize(("method", "operands", "expected"), METHODS)
def test_every_form_of_out(method, operands, expected):
    assert method(*operands).tolist() == expected
    assert method(*operands, out=None).tolist() == expected
    out = np.full(3, 9.0, np.float32)
    assert method(*operands, out=out) is out
    assert out.tolist() == expected
    again = np.full(3, 9.0, np.float32)
    assert method(*operands, out=(again,)) is again
    assert again.tolist() == expected
    assert method(*operands, **{"".join(["ou", "t"]): out}) is out
    double = np.full(3, 9.0)
    assert method(*operands, out=double, dtype=np.float64) is double
    assert double.tolist() == expected


@pytest.mark.parametrize(("method", "operands", "expected"), METHODS)
def test_lists_scalars_and_bfloat16(method, operands, expected):
    assert method(*(operand.tolist() for operand in operands)).tolist() == expected
    assert method(*(operand[2] for operand in operands)) == expected[2]
    small = method(*(operand.astype(ml_dtypes.bfloat16) for operand in operands))
    assert small.dtype == ml_dtypes.bfloat16
    assert small.astype(np.float64).tolist() == expected


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: nl.elu.derivative(), "nl.elu.derivative takes one array, got 0; parameters go"),
        (lambda: nl.elu.derivative(X, 0.5), "takes one array, got 2; parameters go by name: alpha"),
        (lambda: nl.relu.backward(X), "nl.relu.backward takes grad and x, got 1"),
        (lambda: nl.relu.backward(X, X, X), "takes grad and x, got 3"),
        (lambda: nl.elu.derivative(X, alhpa=2), "did you mean alpha?"),
        (lambda: nl.elu.derivative(x=X), "nl.elu.derivative takes one array, got 0"),
        (lambda: nl.elu.backward("abc", X), "nl.elu: expected real numbers, got 'abc'"),
        (lambda: nl.elu.derivative(X, out="abc"), "out must be an array, got str"),
    ],
)
def test_a_mistake_gets_one_sentence(call, sentence):
    with pytest.raises(TypeError) as caught:
        call()
    assert sentence in str(caught.value)


def test_an_error_of_another_kind_is_the_callers():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise ZeroDivisionError("mine")

    for call in (nl.relu, nl.relu.derivative, lambda x: nl.relu.backward(x, x)):
        with pytest.raises(ZeroDivisionError, match="mine"):
            call(Broken())


def test_a_users_function_is_called_the_same_ways():
    square = nl.Activation.from_function(np.square, derivative=lambda x: 2 * x)
    out = np.empty(3, np.float32)
    assert square.derivative(X, out=out) is out
    assert out.tolist() == [-4.0, 1.0, 6.0]
    assert square.backward(GRAD, X).tolist() == [-16.0, 8.0, 96.0]


def test_methods_document_themselves():
    assert list(inspect.signature(nl.elu.derivative).parameters) == ["x", "keywords"]
    assert list(inspect.signature(nl.elu.backward).parameters) == ["grad", "x", "keywords"]
    assert inspect.getdoc(nl.elu.derivative).startswith("Compute phi'(x), at a kink the one from")
    assert inspect.getdoc(nl.Activation.backward).startswith("Compute grad * phi'(x) in one pass")
    assert pickle.loads(pickle.dumps(nl.elu.derivative))(-0.0) == 1.0
