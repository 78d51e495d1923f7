"""Calls that bypass Python code give what the ufuncs give, or end where the others end."""

import gc
import inspect
import pickle
import traceback
import weakref

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


def test_an_activation_in_a_cycle_is_collected():
    class Model:
        def __init__(self, slope):
            self.act = nl.Activation.from_function(self.f, derivative=self.f if slope else None)

        def f(self, x):
            return x * 2

    alive = []
    for slope in (False, True) * 5:
        model = Model(slope)
        assert model.act(X).tolist() == [-4.0, 1.0, 6.0]
        alive.append(weakref.ref(model))
    del model
    gc.collect()
    assert [reference() for reference in alive] == [None] * len(alive)


@pytest.mark.parametrize(
    "use",
    [
        nl.Gate, lambda act: nl.Gate(nl.silu, value=act), nl.gain, nl.first_weights, nl.properties,
        nl.critical_initialization, lambda act: nl.propagate(act, depth=3, weight_variance=1.0),
        lambda act: nl.phase_diagram(act, [1.0], [0.0]),
    ],
)  # fmt: skip
def test_what_was_found_of_an_activation_does_not_keep_it(use):
    class Model:
        def __init__(self):
            self.act = nl.Activation.from_function(self.f)

        def f(self, x):
            return np.tanh(x)

    model = Model()
    use(model.act)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


class Refusing:
    """An operand, or a function, whose code raises; `calls` counts how often it is asked."""

    def __init__(self, error):
        self.error, self.calls = error, 0

    def refuse(self, *operands, **keywords):
        self.calls += 1
        raise self.error

    def __array_ufunc__(self, *operands, **keywords):
        self.refuse()

    def __call__(self, x):
        return self.refuse(x)


class Converting(Refusing):
    __array_ufunc__ = None

    def __array__(self, dtype=None, copy=None):
        self.refuse()


del Converting.__array_ufunc__
WAYS = {
    "value": lambda act, x: act(x),
    "derivative": lambda act, x: act.derivative(x),
    "backward": lambda act, x: act.backward(X, x),
    "gradient": lambda act, x: act.backward(x, X),
    "parameter": lambda act, x: act(x, negative_slope=0.5),
    "array parameter": lambda act, x: act(x, negative_slope=X),
    "as parameter": lambda act, x: act(X, negative_slope=x),
    "dtype": lambda act, x: act(x, dtype=np.float64),
    "out": lambda act, x: act(x, out=np.empty(3)),
}


@pytest.mark.parametrize("error", [ValueError("mine"), TypeError("mine"), KeyError("mine")])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [Refusing, Converting])
def test_an_operands_error_passes_once_with_its_traceback(kind, way, error):
    operand = kind(error)
    with pytest.raises(type(error)) as caught:
        WAYS[way](nl.leaky_relu, operand)
    assert caught.value is error
    assert operand.calls == 1
    assert traceback.extract_tb(caught.tb)[-1].name == "refuse"


@pytest.mark.parametrize("error", [ValueError("mine"), TypeError("mine"), KeyError("mine")])
@pytest.mark.parametrize("way", ["value", "derivative", "backward", "dtype", "out"])
@pytest.mark.parametrize("given", [False, True])
def test_a_functions_error_passes_once_with_its_traceback(given, way, error):
    function = Refusing(error)
    act = nl.Activation.from_function(function, derivative=function if given else None)
    with pytest.raises(type(error)) as caught:
        WAYS[way](act, X)
    assert caught.value is error
    assert caught.value.__cause__ is None
    assert function.calls == 1
    assert traceback.extract_tb(caught.tb)[-1].name == "refuse"


def test_what_numpy_turns_down_gets_one_sentence_and_no_other_error():
    for call in (lambda: nl.elu("abc"), lambda: nl.elu([[1], [2, 3]]), lambda: nl.elu(object())):
        with pytest.raises(TypeError, match=r"^nl\.elu: ") as caught:
            call()
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__
