"""Ufuncs go to other processes: by pickle, by cloudpickle, and in Dask's graphs."""

import copy
import pickle

import cloudpickle
import dask.array
import numpy as np
import pytest

import nonlin as nl

X = np.linspace(-3, 3, 12).reshape(4, 3)
RAW = [value for value in vars(nl.ufuncs).values() if isinstance(value, np.ufunc)]
ACTIVATIONS = [
    *map(nl.get, nl.names()), nl.elu.bind(alpha=0.3), nl.gelu.bind(approximate="tanh"),
    nl.softplus.bind(beta=2, threshold=20),
]  # fmt: skip
KINDS = {
    "value": lambda act, x: act(x),
    "derivative": lambda act, x: act.derivative(x),
    "backward": lambda act, x: act.backward(x, x),
}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_raw_ufunc_comes_back_as_itself(protocol):
    along_axis = [name for name in nl.axis_functions() if hasattr(nl.ufuncs, name)]
    assert len(along_axis) == 5
    assert len(RAW) == 3 * (len(nl.names()) + 1) + 2 * len(along_axis)
    for ufunc in RAW:
        assert pickle.loads(pickle.dumps(ufunc, protocol)) is ufunc
        assert cloudpickle.loads(cloudpickle.dumps(ufunc)) is ufunc
        assert copy.deepcopy(ufunc) is ufunc


def test_numpys_own_are_pickled_as_before():
    for ufunc in (np.add, np.exp, np.frexp):
        assert pickle.loads(pickle.dumps(ufunc)) is ufunc
        assert copy.copy(ufunc) is ufunc
    # One that nothing can find by its name.
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(np.frompyfunc(lambda x: x, 1, 1))


class Seen:
    """An operand that keeps the ufunc it is given to."""

    def __array_ufunc__(self, ufunc, method, *operands, **keywords):
        return ufunc


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_what_an_activation_calls_computes_the_same(activation, kind):
    ufunc = KINDS[kind](activation, Seen())
    operands = [X] * ufunc.nin
    for dumps in (pickle.dumps, cloudpickle.dumps):
        again = pickle.loads(dumps(ufunc))
        np.testing.assert_array_equal(again(*operands), ufunc(*operands))
    np.testing.assert_array_equal(copy.deepcopy(ufunc)(*operands), ufunc(*operands))


@pytest.mark.parametrize("kind", KINDS)
def test_dask_sends_them_to_other_processes(kind):
    chunks = dask.array.from_array(X, chunks=(2, 3))
    slopes = dask.array.from_array(np.array([0.1, 0.2, 0.3]), chunks=3)
    call, calls = KINDS[kind], []
    for activation in (nl.gelu, nl.elu.bind(alpha=0.3)):
        calls.append((call(activation, chunks), call(activation, X)))
    if kind == "value":
        lazy = nl.leaky_relu(chunks, negative_slope=slopes)
        calls.append((lazy, nl.leaky_relu(X, negative_slope=slopes.compute())))
        calls.append((nl.elu(chunks, alpha=0.7), nl.elu(X, alpha=0.7)))
    lazies, expected = zip(*calls, strict=True)
    for lazy in lazies:
        cloudpickle.loads(cloudpickle.dumps(lazy.__dask_graph__()))
    found = dask.compute(*lazies, scheduler="processes", num_workers=1)
    for y, exactly in zip(found, expected, strict=True):
        np.testing.assert_array_equal(y, exactly)
    total = dask.compute(lazies[0].sum(), scheduler="processes", num_workers=1)[0]
    assert total == pytest.approx(expected[0].sum(), rel=1e-15)


def test_dask_tells_parameters_apart():
    chunks = dask.array.from_array(X, chunks=(2, 3))
    names = {nl.elu.bind(alpha=alpha)(chunks).name for alpha in (0.3, 0.4, 0.3)}
    assert len(names) == 2
