"""The objects: calls, masks, axes, containers, errors in one sentence."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nonlin as nl

X = np.random.default_rng(0).normal(size=(3, 4, 6))
MASK = np.random.default_rng(1).random(X.shape) < 0.6
NAMES = nl.axis_functions()
MASKED = ("softmax", "log_softmax", "softmin", "sparsemax", "log_sum_exp")


@pytest.mark.parametrize("name", NAMES)
def test_identity(name):
    function = nl.get(name)
    assert getattr(nl, name) is function
    assert nl.get(function) is function
    assert (function.name, function.__name__) == (name, name)
    assert repr(function) == f"nl.{name}"
    other = function.bind(axis=0)
    assert repr(other) == f"nl.{name}.bind(axis=0)"
    assert other != function
    assert hash(other) == hash(function.bind(axis=0))
    for same in (pickle.loads(pickle.dumps(other)), copy.deepcopy(other)):
        assert same == other
    with pytest.raises(AttributeError, match="cannot be changed"):
        function.axis = 1
    with pytest.raises(TypeError):
        function.parameters["axis"] = 1
    assert name not in nl.names()


@pytest.mark.parametrize("name", NAMES)
def test_every_axis_is_as_the_last(name):
    function = nl.get(name)
    for axis in (0, 1, 2, -2):
        if X.shape[axis] % 2 and name == "maxout":
            continue
        moved = np.moveaxis(X, axis, -1).copy()
        expected = function(moved)
        if name != "log_sum_exp":
            expected = np.moveaxis(expected, -1, axis)
        assert_array_equal(function(X, axis=axis), expected)
        grad = np.random.default_rng(2).normal(size=expected.shape)
        there = grad if name == "log_sum_exp" else np.moveaxis(grad, axis, -1)
        found = np.moveaxis(function.backward(grad, X, axis=axis), axis, -1)
        assert_array_equal(found, function.backward(there, moved))


@pytest.mark.parametrize("name", MASKED)
def test_several_axes_are_one(name):
    function = nl.get(name)
    rows = X.transpose(1, 0, 2).reshape(4, 18)
    expected = function(rows)
    found = function(X, axis=(0, 2))
    if name == "log_sum_exp":
        assert_array_equal(found, expected)
        kept = function(X, axis=(0, 2), keepdims=True)
        assert_array_equal(kept, expected.reshape(1, 4, 1))
    else:
        assert_array_equal(found, expected.reshape(4, 3, 6).transpose(1, 0, 2))


@pytest.mark.parametrize("name", MASKED)
def test_where_is_as_if_the_others_were_not_there(name):
    function = nl.get(name)
    found = function(X, where=MASK, axis=1)
    grads = np.random.default_rng(3).normal(size=X.shape if name != "log_sum_exp" else (3, 6))
    back = function.backward(grads, X, where=MASK, axis=1)
    for i in range(3):
        for k in range(6):
            kept = MASK[i, :, k]
            row = X[i, kept, k]
            if name == "log_sum_exp":
                assert_allclose(found[i, k], function(row), rtol=1e-15)
                assert_allclose(back[i, kept, k], function.backward(grads[i, k], row), rtol=1e-15)
            else:
                assert_allclose(found[i, kept, k], function(row), rtol=1e-15)
                assert (found[i, ~kept, k] == function.record.masked).all()
                expected = function.backward(grads[i, kept, k], row)
                assert_allclose(back[i, kept, k], expected, rtol=1e-13, atol=1e-15)
            assert (back[i, ~kept, k] == 0).all()


def test_nothing_left_and_one_left():
    x = np.array([[np.nan, 1.0], [np.inf, -np.inf], [np.nan, np.nan]])
    mask = np.array([[False, True], [False, True], [False, False]])
    assert_array_equal(nl.softmax(x, where=mask), [[0, 1], [0, 1], [0, 0]])
    assert_array_equal(nl.sparsemax(x, where=mask), [[0, 1], [0, 1], [0, 0]])
    low = -np.inf
    assert_array_equal(nl.log_softmax(x, where=mask), [[low, 0], [low, 0], [low, low]])
    assert_array_equal(nl.log_sum_exp(x, where=mask), [1, low, low])
    assert_array_equal(nl.softmax.backward(np.ones((3, 2)), x, where=mask), np.zeros((3, 2)))
    assert np.isnan(nl.softmax([[1.0, np.nan]], where=[[True, True]])).all()
    assert np.isnan(nl.softmax([np.nan, 1.0], where=[True, False])[0])


def test_temperatures_by_row():
    each = np.array([0.5, 1.0, 2.0]).reshape(3, 1, 1)
    found = nl.softmax(X, temperature=each)
    back = nl.softmax.backward(X, X, temperature=each)
    for k in range(3):
        one = float(each[k, 0, 0])
        assert_array_equal(found[k], nl.softmax(X[k], temperature=one))
        assert_array_equal(back[k], nl.softmax.backward(X[k], X[k], temperature=one))
    assert_array_equal(nl.softmax.bind(temperature=2.0)(X), nl.softmax(X, temperature=2.0))


@pytest.mark.parametrize("name", NAMES)
def test_dtypes_and_out(name):
    function = nl.get(name)
    for dtype in (np.float16, np.float32, np.float64):
        assert function(X.astype(dtype)).dtype == dtype
    assert function(np.arange(4)).dtype == np.float64
    assert function([True, False]).dtype == np.float16
    assert function(X, dtype=np.float32).dtype == np.float32
    assert_array_equal(function(X.astype(X.dtype.newbyteorder())), function(X))
    expected = function(X)
    out = np.empty_like(expected)
    assert function(X, out=out) is out
    assert_array_equal(out, expected)
    back = np.empty_like(X)
    assert function.backward(expected, X, out=back) is back
    assert_array_equal(back, function.backward(expected, X))


@pytest.mark.parametrize("name", NAMES)
def test_jacobian_is_that_of_differences(name):
    function = nl.get(name)
    if "temperature" in function.parameters:
        function = function.bind(temperature=0.7)
    x = np.array([0.3, -0.2, 1.1, 0.9])
    step = 1e-6
    moved = [
        (np.atleast_1d(function(x + step * e)) - np.atleast_1d(function(x - step * e))) / (2 * step)
        for e in np.eye(4)
    ]
    found = function.jacobian(x)
    assert_allclose(found, np.array(moved).T, atol=1e-8)
    assert_array_equal(function.jacobian(np.stack([x, x])), np.stack([found, found]))


def test_maxout():
    x = np.array([1.0, 3.0, 2.0, 2.0, np.nan, 0.0])
    assert_array_equal(nl.maxout(x), [3, 2, np.nan])
    assert_array_equal(nl.maxout(x, pool_size=3), [3, np.nan])
    found = nl.maxout.backward([1.0, 2.0, 3.0], x)
    assert_array_equal(found, [0, 1, 2, 0, np.nan, np.nan])


def test_crelu():
    assert_array_equal(nl.crelu([1.0, -2.0, 0.0]), [1, 0, 0, 0, 2, 0])
    assert_array_equal(nl.crelu.backward([1.0, 2, 3, 4, 5, 6], [1.0, -2.0, 0.0]), [1, -5, 0])


def test_pandas():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X[0], index=list("abcd"), columns=list("uvwxyz"))
    for axis in (0, 1):
        found = nl.softmax(frame, axis=axis)
        pd.testing.assert_frame_equal(
            found, pd.DataFrame(nl.softmax(X[0], axis=axis), frame.index, frame.columns)
        )
        total = nl.log_sum_exp(frame, axis=axis)
        labels = frame.index if axis == 1 else frame.columns
        assert list(total.index) == list(labels)
        assert_array_equal(total, nl.log_sum_exp(X[0], axis=axis))
    series = nl.softmax(frame["u"])
    assert (series.name, list(series.index)) == ("u", list("abcd"))


def test_xarray():
    xr = pytest.importorskip("xarray")
    x = xr.DataArray(X, dims=("a", "b", "c"), coords={"c": range(6), "b": range(4)}, name="z")
    found = nl.softmax(x, axis="b")
    assert_array_equal(found.values, nl.softmax(X, axis=1))
    assert list(found.coords) == ["c", "b"]
    total = nl.log_sum_exp(x, axis=("a", "b"))
    assert total.dims == ("c",)
    assert_array_equal(total.values, nl.log_sum_exp(X, axis=(0, 1)))
    twice = nl.crelu(x, axis="b")
    assert twice.dims == x.dims
    assert list(twice.coords) == ["c"]
    with pytest.raises(ValueError, match="x has the dimensions a, b, c and no 'd'"):
        nl.softmax(x, axis="d")


@pytest.mark.parametrize("name", NAMES)
def test_dask(name):
    da = pytest.importorskip("dask.array")
    x = da.from_array(X, chunks=(2, 3, 4))
    function = nl.get(name)
    found = function(x, axis=1)
    assert isinstance(found, da.Array)
    assert_array_equal(found.compute(), function(X, axis=1))
    assert found.shape == function(X, axis=1).shape
    with pytest.raises(TypeError, match="with an array of Dask"):
        nl.softmax(x, where=x > 0)


def test_frameworks_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"is a tensor; x\.numpy\(\) is one"):
        nl.softmax(torch.zeros(3))
    jax = pytest.importorskip("jax")
    with pytest.raises(TypeError, match="JAX is tracing"):
        jax.jit(nl.softmax)(np.zeros(3))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: nl.softmax(3.0), ValueError,
         "nl.softmax: x is a single number, which has no axis"),
        (lambda: nl.softmax(X, axis=3), ValueError,
         "nl.softmax: x has 3 axes, and axis=3 names none of them"),
        (lambda: nl.softmax(X, axis=(0, -3)), ValueError,
         "nl.softmax: x has 3 axes, and axis=(0, -3) names the same one twice"),
        (lambda: nl.softmax(X, axis=1.0), TypeError,
         "nl.softmax: axis must be a whole number or several of them, got 1.0"),
        (lambda: nl.softmax(X, axs=1), TypeError,
         "nl.softmax has no parameter 'axs' (its parameters: axis, temperature); "
         "did you mean axis?"),
        (lambda: nl.softmax(X, temperature=0), ValueError,
         "nl.softmax: temperature must be positive and finite, got 0"),
        (lambda: nl.softmax(X, temperature="hot"), TypeError,
         "nl.softmax: temperature must be a real number, got 'hot'"),
        (lambda: nl.softmax(X, temperature=[1.0, 2.0]), ValueError,
         "nl.softmax: temperature has shape (2,), which does not broadcast to (3, 4, 1), one "
         "number a row"),
        (lambda: nl.softmax.bind(temperature=[1.0, 2.0]), TypeError,
         "nl.softmax: bind takes a single temperature; an array goes into a call"),
        (lambda: nl.softmax([[1], [1, 2]]), TypeError,
         "nl.softmax: x must be an array of real numbers, got rows of different lengths"),
        (lambda: nl.softmax(1j * X), TypeError,
         "nl.softmax: x must hold real numbers, got dtype complex128"),
        (lambda: nl.softmax(X, where=X), TypeError,
         "nl.softmax: where must hold booleans, got dtype float64"),
        (lambda: nl.softmax(X, where=MASK[:, :, :5]), ValueError,
         "nl.softmax: where has shape (3, 4, 5), which does not broadcast to x's (3, 4, 6)"),
        (lambda: nl.softmax(X, out=X[0].copy()), ValueError,
         "nl.softmax: out has shape (4, 6), the result has shape (3, 4, 6)"),
        (lambda: nl.softmax(X, out=X.astype(int)), TypeError,
         "nl.softmax: out has dtype int64, which cannot hold the result"),
        (lambda: nl.softmax(X, out=[1]), TypeError,
         "nl.softmax: out must be an array, got list"),
        (lambda: nl.softmax(X, dtype=int), TypeError,
         "nl.softmax: dtype must be that of floats, got int64"),
        (lambda: nl.softmax.backward(X[0], X), ValueError,
         "nl.softmax.backward: grad has shape (4, 6), the result has shape (3, 4, 6)"),
        (lambda: nl.maxout(X, axis=0), ValueError,
         "nl.maxout: the axis has 3 elements, which pools of 2 do not divide"),
        (lambda: nl.maxout(X, pool_size=1.5), TypeError,
         "nl.maxout: pool_size must be a whole number, got 1.5"),
        (lambda: nl.crelu(X, axis=(0, 1)), ValueError,
         "nl.crelu: axis must be a single one, got (0, 1)"),
        (lambda: nl.crelu(X, where=MASK), TypeError,
         "nl.crelu has no parameter 'where' (its parameters: axis)"),
    ],
)  # fmt: skip
def test_errors(call, error, sentence):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == sentence


def test_names_that_are_slips():
    with pytest.raises(nl.UnknownActivationError, match="did you mean 'softmax'"):
        nl.get("softmaxx")
    with pytest.raises(AttributeError, match="did you mean sparsemax"):
        nl.sparsmax  # noqa: B018
    assert nl.logsumexp is nl.log_sum_exp


@pytest.mark.parametrize("name", NAMES)
def test_docstring_runs(name):
    import doctest

    function = nl.get(name)
    test = doctest.DocTestParser().get_doctest(function.__doc__, {}, name, None, 0)
    assert len(test.examples) == 2
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
    assert max(map(len, function.__doc__.splitlines())) <= 100


def test_the_import_brings_numpy_alone():
    script = "import sys, nonlin; nonlin.softmax([1.0, 2.0]); print('mpmath' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
