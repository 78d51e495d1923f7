"""How far a result is from the exact one, and where to look."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["stratified", "ulp", "ulp_error"]


def ulp(exact: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """Return the unit in the last place that `dtype` has at `exact`.

    Parameters
    ----------
    exact : array of numpy.longdouble or float64, shape (...)
        Finite numbers.
    dtype : dtype
        float16, float32 or float64.

    Returns
    -------
    array of exact's dtype, shape (...)
        2^(e - p + 1) for 2^e <= abs(exact) < 2^(e+1) and p bits of significand; below the normal
        numbers, the spacing of the subnormal ones.

    Examples
    --------
    >>> ulp(np.array([1.0, 0.75, 0.0]), np.float32).tolist() == [2.0**-23, 2.0**-24, 2.0**-149]
    True
    """
    info = np.finfo(dtype)
    _, exponent = np.frexp(exact)
    exponent = np.where(exact == 0, info.minexp, np.maximum(exponent - 1, info.minexp))
    unit: NDArray[Any] = np.ldexp(np.ones_like(exact), exponent - info.nmant)
    return unit


def ulp_error(computed: NDArray[Any], exact: NDArray[Any]) -> NDArray[np.float64]:
    """Measure abs(computed - exact) in units in the last place of `computed`'s dtype.

    Parameters
    ----------
    computed : array of float16, float32 or float64, shape (...)
    exact : array of numpy.longdouble (float64 for float16 and float32), shape (...)
        The exact result, not rounded to `computed`'s dtype. A correctly rounded result thus has an
        error of at most 0.5.

    Returns
    -------
    array of float64, shape (...)
        0 where both are the same infinity or both NaN, or where `exact` is too large for the dtype
        and `computed` the infinity it rounds to; inf where only one is finite or NaN.

    Examples
    --------
    >>> ulp_error(np.float32([1.0]), np.array([1.0 + 2.0**-25])).tolist()
    [0.25]
    """
    computed, exact = np.broadcast_arrays(np.asarray(computed), np.asarray(exact))
    info = np.finfo(computed.dtype)
    limit = exact.dtype.type(info.max) * (1 + exact.dtype.type(info.epsneg) / 2)
    expected = np.where(np.abs(exact) >= limit, np.copysign(np.inf, exact), exact)
    ordinary = np.isfinite(expected) & np.isfinite(computed)
    safe = np.where(ordinary, expected, 0)
    distance = np.abs(np.where(ordinary, computed, 0).astype(exact.dtype) - safe)
    same = (np.isnan(computed) & np.isnan(expected)) | (computed == expected)
    error = np.where(ordinary, distance / ulp(safe, computed.dtype), np.where(same, 0, np.inf))
    return error.astype(np.float64)


def stratified(dtype: DTypeLike, count: int, seed: int) -> NDArray[Any]:
    """Sample floating-point numbers evenly over signs and exponents.

    Half of them lie where activations bend, 2^-30 <= abs(x) < 2^10; the other half has every
    exponent of the dtype, subnormal numbers included.

    Parameters
    ----------
    dtype : dtype
        float16, float32 or float64.
    count : int
        How many.
    seed : int

    Returns
    -------
    array of dtype, shape (count,)
        Finite numbers.
    """
    info = np.finfo(dtype)
    generator = np.random.default_rng(seed)
    low, high = max(info.minexp, -30), min(info.maxexp, 10)
    near = generator.integers(low, high, count // 2)
    anywhere = generator.integers(info.minexp - info.nmant, info.maxexp, count - count // 2)
    exponent = np.concatenate([near, anywhere])
    significand = generator.integers(0, 1 << info.nmant, count) * 2.0**-info.nmant + 1.0
    sign = generator.choice([-1.0, 1.0], count)
    sample: NDArray[Any] = np.ldexp(sign * significand, exponent).astype(dtype)
    return sample
