"""The object: parameters, lookup, equality, pickling, errors, docstrings."""

import copy
import doctest
import inspect
import pickle

import numpy as np
import pytest

import nonlin as nl


def test_names_begin_with_the_documents_five():
    assert nl.names()[:5] == ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
    assert [nl.get(name).name for name in nl.names()] == list(nl.names())


def test_bind_changes_the_default_and_leaves_the_original():
    half = nl.elu.bind(alpha=0.5)
    assert half(-100.0) == -0.5
    assert nl.elu(-100.0) == -1.0
    assert dict(half.parameters) == {"alpha": 0.5}
    assert half.bind(alpha=1) == nl.elu
    with pytest.raises(TypeError):
        half.parameters["alpha"] = 2.0


def test_repr_names_what_was_changed():
    assert repr(nl.leaky_relu) == "nl.leaky_relu"
    assert repr(nl.leaky_relu.bind(negative_slope=0.2)) == "nl.leaky_relu.bind(negative_slope=0.2)"
    assert repr(nl.leaky_relu.bind(negative_slope=0.01)) == "nl.leaky_relu"


@pytest.mark.parametrize("activation", [nl.relu, nl.elu.bind(alpha=0.25)])
def test_copies_and_pickles_are_equal(activation):
    for other in (pickle.loads(pickle.dumps(activation)), copy.deepcopy(activation)):
        assert other == activation
        assert hash(other) == hash(activation)
        assert other(-1.0) == activation(-1.0)
    assert activation != nl.elu.bind(alpha=0.75)
    assert activation != "elu"


@pytest.mark.parametrize(
    ("dtype", "result"),
    # What numpy.exp returns for each.
    [("i1", "f2"), ("u1", "f2"), ("?", "f2"), ("i2", "f4"), ("i4", "f8"), ("i8", "f8"),
     ("f2", "f2"), ("f4", "f4"), ("f8", "f8")],
)  # fmt: skip
def test_dtypes_follow_numpy(dtype, result):
    x = np.ones(3, dtype)
    assert np.exp(x).dtype == result
    for name in nl.names():
        assert nl.get(name)(x).dtype == result
        assert nl.get(name).derivative(x).dtype == result


def test_python_scalars_do_not_promote():
    x = np.ones(3, np.float32)
    assert nl.elu(x, alpha=0.5).dtype == np.float32
    assert nl.elu(x, alpha=np.float64(0.5)).dtype == np.float64


def test_lists_scalars_and_empty_arrays():
    assert nl.relu([[-1, 2]]).tolist() == [[0.0, 2.0]]
    assert isinstance(nl.relu(2.0), np.float64)
    assert nl.tanh(np.empty((0, 3), np.float32)).shape == (0, 3)


ROWS = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: nl.elu("abc"), TypeError, "expected real numbers, got 'abc' (dtype <U3)"),
        (lambda: nl.elu(None), TypeError, "expected real numbers, got None (dtype object)"),
        (lambda: nl.elu(1j), TypeError, "expected real numbers, got 1j (dtype complex128)"),
        (lambda: nl.elu(ROWS.astype("g")), TypeError, "expected float16, float32 or float64"),
        (lambda: nl.elu([[1], [1, 2]]), TypeError, "rows of different lengths"),
        (lambda: nl.elu(ROWS, alhpa=1.0), TypeError, "no parameter 'alhpa' (its parameters: alpha);"
         " did you mean alpha?"),
        (lambda: nl.relu(ROWS, axis=0), TypeError, "no parameter 'axis' (its parameters: none)"),
        (lambda: nl.elu(ROWS, alpha="a"), TypeError, "alpha: expected real numbers, got 'a'"),
        (lambda: nl.elu(ROWS, 0.5), TypeError, "takes one array, got 2; parameters go by name: "
         "alpha=..."),
        (lambda: nl.relu(), TypeError, "takes one array, got 0"),
        (lambda: nl.relu6(ROWS, beta=1), TypeError, "nl.relu6 has no parameter 'beta'"),
        (lambda: nl.gelu.bind(approximate="tan"), ValueError, "must be 'none' or 'tanh'"),
        (lambda: nl.gelu([1.0], approximate="tan"), ValueError, "must be 'none' or 'tanh'"),
        (lambda: nl.gelu([1.0], approximate=None), ValueError, "must be 'none' or 'tanh'"),
        (lambda: nl.gleu, AttributeError, "did you mean gelu? nonlin.names() lists the functions"),
        (lambda: nl.Swihs, AttributeError, "did you mean swish?"),
        (lambda: nl.propgate, AttributeError, "did you mean propagate?"),
        (lambda: nl.first_weight, AttributeError, "did you mean first_weights?"),
        (lambda: nl.nothing_like_it, AttributeError, "'nothing_like_it'; nonlin.names() lists"),
        (lambda: nl.elu(ROWS, alpha=np.ones(2)), ValueError, "(2, 3) and (2,) do not broadcast"),
        (lambda: nl.elu.bind(alpha=np.ones(2)), TypeError, "alpha must be a real number"),
        (lambda: nl.elu.bind(slope=1.0), TypeError, "no parameter 'slope'"),
        (lambda: nl.elu.derivative("abc"), TypeError, "expected real numbers"),
        (lambda: nl.elu.backward(ROWS, "abc"), TypeError, "expected real numbers"),
        (lambda: nl.get("ely"), KeyError, "no activation is called 'ely'; did you mean 'elu'?"),
        (lambda: nl.Activation.from_function(3), TypeError, "must be a function of an array"),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_sentence(call, error, sentence):
    with pytest.raises(error) as caught:
        call()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).count("nl.elu") <= 1


@pytest.mark.parametrize(
    ("out", "error", "sentence"),
    [
        (np.full(3, 9.0), ValueError, "out has shape (3,), the result has shape (2, 3)"),
        (np.full((2, 3), 9), TypeError, "out has dtype int64, which cannot hold the result"),
        ("abc", TypeError, "out must be an array, got str"),
    ],
)
def test_an_unfit_out_is_refused_and_untouched(out, error, sentence):
    before = copy.copy(out)
    with pytest.raises(error, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        nl.sigmoid(ROWS, out=out)
    np.testing.assert_array_equal(out, before)


@pytest.mark.parametrize("name", nl.names())
def test_docstring_examples_run(name):
    activation = nl.get(name)
    test = doctest.DocTestParser().get_doctest(activation.__doc__, {}, name, None, None)
    assert len(test.examples) == 3
    assert doctest.DocTestRunner().run(test).failed == 0
    for word in (activation.record.paper[:20], "float16", "Raises", *activation.parameters):
        assert word in activation.__doc__


def test_signature_lists_the_parameters():
    parameters = inspect.signature(nl.elu).parameters
    assert parameters["alpha"].default == 1.0
    assert list(parameters) == ["x", "alpha", "out", "where", "ufunc_keywords"]


def test_raw_ufuncs_are_ufuncs():
    assert isinstance(nl.ufuncs.elu, np.ufunc)
    assert nl.ufuncs.elu(np.float32(-1), np.float32(2)) == nl.elu(np.float32(-1), alpha=2.0)
    assert nl.ufuncs.elu.nin == 2
    assert nl.ufuncs.elu_backward.nin == 3


def test_get_passes_an_activation_through():
    half = nl.elu.bind(alpha=0.5)
    assert nl.get(half) is half
    own = nl.Activation.from_function(np.sin)
    assert nl.get(own) is own


def test_other_names_are_attributes_too():
    assert nl.swish == nl.silu
    assert nl.hard_silu == nl.hard_swish
    assert nl.linear == nl.identity
    assert nl.prelu == nl.get("torch:PReLU")


CALLS = {
    "value": lambda act, z, **keywords: act(z, **keywords),
    "derivative": lambda act, z, **keywords: act.derivative(z, **keywords),
    "backward": lambda act, z, **keywords: act.backward(np.ones(3), z, **keywords),
}


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("call", CALLS)
def test_a_tensor_is_told_of_activate(call, grad):
    # Without a version it is the folder of PyTorch's tests, which lies beside this file.
    torch = pytest.importorskip("torch", minversion="2")
    z = torch.ones(3, requires_grad=grad)
    with pytest.raises(TypeError, match=r"nonlin\.torch\.activate\(nl\.gelu, z\)$") as caught:
        CALLS[call](nl.gelu, z)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_an_array_that_jax_traces_is_told_what_to_use(call):
    jax = pytest.importorskip("jax")
    with pytest.raises(TypeError, match=r"JAX is tracing .*jax\.nn"):
        jax.jit(lambda z: CALLS[call](nl.gelu, z))(np.ones(3))
    # What is not traced is an array as any other.
    found = CALLS[call](nl.gelu, jax.numpy.ones(3, np.float32))
    np.testing.assert_array_equal(found, CALLS[call](nl.gelu, np.ones(3, np.float32)))
