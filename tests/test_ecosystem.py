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


def test_parameters_of_the_same_kind():
    slopes = xr.DataArray([0.1, 0.2, 0.3], dims="unit")
    array = xr.DataArray(X, dims=("time", "unit"))
    result = nl.leaky_relu(array, negative_slope=slopes)
    np.testing.assert_array_equal(result.values, nl.leaky_relu(X, negative_slope=slopes.values))


def test_subclasses_and_masks():
    masked = nl.relu(np.ma.masked_less(X, -2.0))
    assert isinstance(masked, np.ma.MaskedArray)
    assert masked.mask.sum() == (X < -2.0).sum()
