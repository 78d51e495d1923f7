"""The yardstick itself, on cases worked out by hand."""

import numpy as np

from nonlin.accuracy import stratified, ulp, ulp_error


def test_ulp_of_powers_and_subnormals():
    exact = np.array([1.0, 1.5, 2.0, 1e-40, 0.0, -4.0], np.longdouble)
    expected = [2.0**-23, 2.0**-23, 2.0**-22, 2.0**-149, 2.0**-149, 2.0**-21]
    assert ulp(exact, np.float32).tolist() == expected


def test_error_of_the_neighbour_is_one():
    x = np.float32([1.0, 3.0, 1e-42])
    assert ulp_error(np.nextafter(x, np.float32(9)), x.astype(np.longdouble)).tolist() == [1, 1, 1]


def test_not_finite():
    big = np.longdouble(1e300)
    computed = np.float32([np.inf, np.inf, np.nan, np.nan, 3.0, np.finfo(np.float32).max])
    exact = np.array([big, np.inf, np.nan, 1.0, np.nan, big], np.longdouble)
    assert ulp_error(computed, exact).tolist() == [0, 0, 0, np.inf, np.inf, np.inf]


def test_sample_covers_signs_and_exponents():
    for dtype in (np.float16, np.float32, np.float64):
        x = stratified(dtype, 60_000, seed=0)
        assert x.dtype == dtype
        assert np.isfinite(x).all()
        assert 0.45 < np.mean(x < 0) < 0.55
        exponents = np.unique(np.frexp(np.abs(x[x != 0]).astype(np.float64))[1])
        info = np.finfo(dtype)
        assert exponents.min() <= info.minexp - info.nmant + 2
        assert exponents.max() == info.maxexp
    np.testing.assert_array_equal(stratified("f4", 100, 3), stratified("f4", 100, 3))
