"""Activations made of a user's function: values, measured derivatives, ufunc keywords."""

import math
import pickle
import time

import ml_dtypes
import numpy as np
import pytest

import nonlin as nl

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


def swish(x):
    return x * nl.sigmoid(x)


def wrapped(f):
    return nl.Activation.from_function(f, name="wrapped")


def computed_in(dtype, f, comes_back_as=np.float64):
    """`f` as a framework computes it whose numbers are of that dtype."""
    return wrapped(lambda x: np.asarray(f(np.asarray(x).astype(dtype))).astype(comes_back_as))


def test_measured_derivative_is_close_to_the_symbolic_one():
    x = np.linspace(-20, 20, 4001)
    assert np.abs(wrapped(np.sin).derivative(x) - np.cos(x)).max() < 2e-12
    assert np.abs(wrapped(np.tanh).derivative(x) - nl.tanh.derivative(x)).max() < 2e-12


# What the derivative of a function may be off, by the dtype it computes in, in units of its
# steepest slope; and how far right of a kink or a jump it is to be told that there is one.
ERRORS = {"f8": (2e-11, 1e-9), "f4": (3e-4, 0.01), "f2": (0.2, 0.3), BFLOAT16: (0.45, 2.0)}
POINTS = np.random.default_rng(5).uniform(-10.0, 10.0, 500)


def kinks(act):
    values = [abs(value) for value in act.parameters.values() if isinstance(value, float)]
    return np.array([0.0, *({1.0, 3.0, 6.0} | {v for v in values if np.isfinite(v)})])


@pytest.mark.parametrize("back", ["f8", None], ids=["float64", "own"])
@pytest.mark.parametrize("dtype", ERRORS, ids=str)
@pytest.mark.parametrize("name", nl.names())
def test_derivative_is_right_to_the_precision_that_a_function_computes_in(name, dtype, back):
    exact = nl.get(name)
    error, beside = ERRORS[dtype]
    places = kinks(exact)
    distance = POINTS[:, None] - np.concatenate([places, -places])
    x = POINTS[~((distance >= -beside / 50) & (distance < beside)).any(axis=1)]
    x = x if name != "exponential" else x[x < 2.0]
    # Beside 8 bfloat16's spacing doubles; a line that bends a little there is told worst, to 0.6.
    x = x if name != "softcap" else x[np.abs(np.abs(x) - 8.0) > 0.3]
    slopes = exact.derivative(x)
    found = computed_in(dtype, exact, back or dtype).derivative(x)
    assert found.dtype == np.float64
    assert np.abs(found - slopes).max() < error * max(1.0, np.abs(slopes).max())
    backward = computed_in(dtype, exact, back or dtype).backward(np.full_like(x, 2.0), x)
    np.testing.assert_array_equal(backward, 2.0 * found)


def test_derivative_of_jax_and_torch_functions():
    jax = pytest.importorskip("jax")
    torch = pytest.importorskip("torch")
    x = np.linspace(-9.0, 9.0, 1801)
    theirs = {
        "jax": jax.nn.silu,
        "torch": lambda x: torch.nn.functional.silu(torch.tensor(x).float()).double().numpy(),
        "both": lambda x: x * np.asarray(jax.nn.sigmoid(x)),
    }
    for f in theirs.values():
        assert np.abs(wrapped(f).derivative(x) - nl.silu.derivative(x)).max() < 2e-4


@pytest.mark.parametrize(
    ("dtype", "rate", "error"), [("f8", 30.0, 1e-8), ("f8", 300.0, 1e-5), ("f4", 30.0, 0.3)]
)
def test_derivative_of_a_fast_function(dtype, rate, error):
    x = np.linspace(-7.0, 7.0, 2001)
    fast = computed_in(dtype, lambda z: np.sin(z * z.dtype.type(rate)))
    assert np.abs(fast.derivative(x) - rate * np.cos(rate * x)).max() < error


def test_what_cannot_be_measured_is_said():
    coarse = computed_in("f2", lambda z: np.sin(z * z.dtype.type(30.0)))
    sentence = r"^the derivative of 'wrapped' at x = .* cannot be told from its values, .*give it"
    with pytest.raises(ArithmeticError, match=sentence) as caught:
        coarse.derivative(np.linspace(-7.0, 7.0, 101))
    assert "\n" not in str(caught.value)
    with pytest.raises(ArithmeticError, match=sentence):
        coarse.backward(1.0, 3.0)


def test_derivative_where_digits_cancel():
    x = np.array([1e-300, 1e-17, 1e-12, 1e-9, 1e-5, 0.0, -1e-12, 1.0, 5.0, -30.0])
    growth = wrapped(lambda z: np.exp(z) - 1.0)
    np.testing.assert_allclose(growth.derivative(x), np.exp(x), rtol=1e-8, atol=1e-12)
    x = np.linspace(-9.0, 3.0, 4001)
    written_out = wrapped(lambda z: z * (1.0 + np.vectorize(math.erf)(z / math.sqrt(2.0))) / 2.0)
    assert np.abs(written_out.derivative(x) - nl.gelu.derivative(x)).max() < 1e-5


def test_derivative_of_steps_is_that_of_their_pieces():
    x = np.array([-2.0, -1e-6, 0.0, 1e-6, 0.5, 1.0, 3.0])
    for step in (np.floor, np.sign, lambda z: (z >= 0.0) * 1.0, lambda z: np.round(4.0 * z) / 4.0):
        np.testing.assert_allclose(wrapped(step).derivative(x), 0.0, atol=1e-9)
    ramp = wrapped(lambda z: z + np.floor(z))
    np.testing.assert_allclose(ramp.derivative(x), 1.0, rtol=1e-8)


def test_derivative_at_infinity_is_the_limit_and_nan_stays():
    found = wrapped(lambda z: np.maximum(z, 0.1 * z)).derivative([np.inf, -np.inf, np.nan])
    np.testing.assert_allclose(found, [1.0, 0.1, np.nan])


def test_functions_that_close_over_an_array_have_derivatives():
    slopes = np.array([0.1, 0.2, 0.3])
    x = np.random.default_rng(1).normal(size=(5, 3))
    prelu = wrapped(lambda z: np.maximum(z, slopes * z))
    np.testing.assert_allclose(prelu.derivative(x), np.where(x > 0, 1.0, slopes), rtol=1e-10)


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


@pytest.mark.parametrize("place", [1.0, -2.5, 100.0])
@pytest.mark.parametrize("beside", [1e-2, 1e-4, 1e-6, 1e-8])
def test_derivative_right_of_a_kink_is_that_of_its_side(place, beside):
    bent = wrapped(lambda z: np.where(z > place, 2.0 * z - place, z))
    x = place + np.array([beside, 0.0, -beside])
    np.testing.assert_allclose(bent.derivative(x), [2.0, 1.0, 1.0], rtol=1e-4)


def test_a_function_of_another_shape_gets_one_sentence():
    total = nl.Activation.from_function(lambda x: x.sum(), name="total")
    said = (
        r"'total' maps an array element by element: of shape \(3,\) it must make one of that shape"
    )
    for call in (total, total.derivative, lambda x: total.backward(x, x)):
        with pytest.raises(ValueError, match=said):
            call(np.ones(3))
    given = nl.Activation.from_function(np.square, lambda x: x[:1], name="total")
    with pytest.raises(ValueError, match=said):
        given.derivative(np.ones(3))
    assert nl.Activation.from_function(lambda x: 3 * x, lambda x: 3.0).derivative(
        [1, 2]
    ).tolist() == [3, 3]


def test_properties_of_a_function_of_float32_come_soon():
    before = time.process_time()
    known = nl.properties(computed_in("f4", np.tanh))
    assert str(known.range.value) == "(-1, 1)"
    assert known.monotone.value == "increasing"
    assert known.lipschitz.value == pytest.approx(1.0, rel=1e-3)
    # Processor time, of which it takes a quarter of a second.
    assert time.process_time() - before < 10.0


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
