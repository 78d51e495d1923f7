"""Containers that speak NumPy's protocol come back as what they were, with NumPy's numbers."""

import dask.array
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import nonlin as nl

X = np.linspace(-3, 3, 12).reshape(4, 3)
FUNCTIONS = [nl.sigmoid, nl.tanh, nl.relu, nl.leaky_relu, nl.elu, nl.elu.derivative]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_pandas(function):
    frame = pd.DataFrame(X, index=list("abcd"), columns=["p", "q", "r"])
    result = function(frame)
    pd.testing.assert_frame_equal(
        result, pd.DataFrame(function(X), index=list("abcd"), columns=["p", "q", "r"])
    )
    series = function(frame["p"])
    assert isinstance(series, pd.Series)
    assert series.name == "p"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_xarray(function):
    array = xr.DataArray(X, dims=("time", "unit"), coords={"time": [1, 2, 3, 4]})
    result = function(array)
    assert result.dims == ("time", "unit")
    assert result.coords["time"].values.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(result.values, function(X))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_dask_stays_lazy_and_chunked(function):
    array = dask.array.from_array(X, chunks=(2, 3))
    result = function(array)
    assert isinstance(result, dask.array.Array)
    assert result.chunks == ((2, 2), (3,))
    np.testing.assert_array_equal(result.compute(scheduler="synchronous"), function(X))


def swish(x):
    return x * nl.sigmoid(x)


OWN = {
    "measured": nl.Activation.from_function(swish),
    "given": nl.Activation.from_function(swish, nl.silu.derivative),
}
CALLS = {
    "value": lambda act: act,
    "derivative": lambda act: act.derivative,
    "backward": lambda act: lambda x, **keywords: act.backward(x, x, **keywords),
}
LABELLED = xr.DataArray(
    X, dims=("t", "u"), coords={"t": [1, 2, 3, 4]}, attrs={"unit": "mV"}, name="z"
)
CONTAINERS = {
    "series": pd.Series(X[:, 0], index=list("abcd"), name="z"),
    "series of float32": pd.Series(X[:, 0].astype("f4"), index=list("abcd")),
    "series of integers": pd.Series([1, -2, 3]),
    "frame": pd.DataFrame(X, index=list("abcd"), columns=list("pqr")),
    "nullable": pd.Series([1.0, None, -2.0], dtype="Float64"),
    "nullable integers": pd.Series([1, None, -2], dtype="Int64"),
    "nullable frame": pd.DataFrame({"p": pd.Series([1.0, None], dtype="Float64")}),
    "index": pd.Index([1.0, -2.0], name="z"),
    "xarray": LABELLED,
    "xarray of dask": LABELLED.chunk({"t": 2}),
    "dask": dask.array.from_array(X, chunks=(2, 3)),
    "masked": np.ma.masked_less(X, -1.0),
    "array": X,
    "float16": X.astype("f2"),
    "scalar": np.float32(0.5),
}


def same(result, expected):
    assert type(result) is type(expected)
    assert getattr(result, "dtype", None) == getattr(expected, "dtype", None)
    match result:
        case pd.Series():
            pd.testing.assert_series_equal(result, expected, rtol=1e-3, atol=1e-9)
        case pd.DataFrame():
            pd.testing.assert_frame_equal(result, expected, rtol=1e-3, atol=1e-9)
        case pd.Index():
            pd.testing.assert_index_equal(result, expected, exact=True, check_exact=False)
        case xr.DataArray():
            xr.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-9)
            assert (result.attrs, result.name) == (expected.attrs, expected.name)
            assert type(result.data) is type(expected.data)
        case np.ma.MaskedArray():
            np.testing.assert_array_equal(result.mask, expected.mask)
            np.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-9)
        case _:
            np.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("own", OWN)
def test_functions_of_ones_own_keep_the_container(own, call, container):
    x = CONTAINERS[container]
    same(CALLS[call](OWN[own])(x), CALLS[call](nl.silu)(x))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("own", OWN)
def test_functions_of_ones_own_take_ufunc_keywords(own, call):
    ours, theirs = CALLS[call](OWN[own]), CALLS[call](nl.silu)
    out = np.zeros_like(X)
    assert ours(X, out=out, where=X > 0) is out
    same(out, theirs(X, out=np.zeros_like(X), where=X > 0))
    same(ours(X, out=(out,)), theirs(X))
    same(ours(X, dtype=np.float32), theirs(X, dtype=np.float32))
    lazy = CONTAINERS["dask"]
    zeros = dask.array.zeros((4, 3), chunks=(2, 3))
    same(ours(lazy, where=lazy > 0, out=zeros), theirs(lazy, where=lazy > 0, out=zeros.copy()))
    with xr.set_options(keep_attrs=True):
        same(ours(LABELLED), theirs(LABELLED))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("own", [*OWN, "eager"])
def test_functions_of_ones_own_compute_nothing_before_dask_is_asked(own, call):
    # One that would compute a lazy array at once, as functions of JAX do.
    eager = nl.Activation.from_function(lambda x: nl.silu(np.asarray(x)))
    act = OWN.get(own, eager)
    asked = False

    def block(values):
        assert asked
        return values

    lazy = dask.array.from_array(X, chunks=(2, 3)).map_blocks(block, meta=np.empty((0, 0)))
    result = CALLS[call](act)(lazy)
    assert isinstance(result, dask.array.Array)
    assert result.chunks == ((2, 2), (3,))
    asked = True
    found = result.compute(scheduler="synchronous")
    np.testing.assert_allclose(found, CALLS[call](nl.silu)(X), rtol=1e-9)


def test_parameters_of_the_same_kind():
    slopes = xr.DataArray([0.1, 0.2, 0.3], dims="unit")
    array = xr.DataArray(X, dims=("time", "unit"))
    result = nl.leaky_relu(array, negative_slope=slopes)
    np.testing.assert_array_equal(result.values, nl.leaky_relu(X, negative_slope=slopes.values))


def test_subclasses_and_masks():
    masked = nl.relu(np.ma.masked_less(X, -2.0))
    assert isinstance(masked, np.ma.MaskedArray)
    assert masked.mask.sum() == (X < -2.0).sum()
