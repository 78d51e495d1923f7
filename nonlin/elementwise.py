"""A function of the user's, given the keywords and the derivative that a kernel has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[[Any], Any]

# The one-sided difference of second order leaves h^2/3 f''' from truncation and about 4 eps/h f
# from rounding, both near 1e-10 for this step. It is a power of two, so that x - h is exact, and
# grows with the cube root of x, since the rounding error of f(x) grows with x; from 2^13 on, where
# that would come close to the spacing of the numbers, with x itself.
STEP = 2.0**-17
LEAST_RELATIVE_STEP = 2.0**-26

# A difference over this much smaller a step (or an eighth of x, whichever is less) sees no kink
# further left than that; it takes over where the two disagree by more than its rounding error.
NEARER = 2.0**-12
DISAGREEMENT = 1e-4


def left_derivative(f: Function) -> Function:
    """Differentiate `f` from the left, (3 f(x) - 4 f(x-h) + f(x-2h)) / (2h), in float64."""

    def derivative(x: Any) -> Any:
        z = np.asarray(x, dtype=np.float64)
        binade = np.exp2(np.floor(np.log2(np.maximum(np.abs(z), 2.0**-1000))))
        growth = np.exp2(np.floor(np.log2(np.maximum(np.abs(z), 1.0)) / 3.0))
        h = np.maximum(STEP * growth, LEAST_RELATIVE_STEP * binade)
        nearer = np.where(binade < h, np.minimum(NEARER * h, binade / 8), NEARER * h)
        with np.errstate(all="ignore"):
            far, near = _difference(f, z, h), _difference(f, z, nearer)
            apart = np.abs(far - near) > DISAGREEMENT * np.maximum(1.0, np.abs(near))
        slope = np.where(apart & (np.abs(z) < 1.0 / STEP), near, far)
        return np.asarray(slope).astype(np.result_type(x, np.float16), copy=False)[()]

    return derivative


def _difference(f: Function, z: Any, h: Any) -> Any:
    y = f(z)
    # Two differences of neighbours, each exact for a straight line.
    return (4.0 * (y - f(z - h)) - (y - f(z - 2.0 * h))) / (2.0 * h)


def with_ufunc_keywords(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let `function` of arrays take ufunc's ``out``, ``where`` and ``dtype``."""

    def call(*operands: Any, out: Any = None, where: Any = True, dtype: Any = None) -> Any:
        if dtype is not None:
            operands = tuple(np.asarray(operand, dtype=dtype) for operand in operands)
        if out is None and where is True:
            return function(*(x if hasattr(x, "dtype") else np.asarray(x) for x in operands))
        y = np.asarray(function(*map(np.asarray, operands)))
        target = out[0] if isinstance(out, tuple) else out
        if target is None:
            target = np.empty_like(y)
        if target.shape != np.broadcast_shapes(y.shape, np.shape(where)):
            raise ValueError("out has another shape than the result")
        np.copyto(target, y, where=where)
        return target

    return call


def elementwise_ufuncs(
    f: Function, derivative: Function | None
) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Value, derivative and backward of `f`, called as a kernel's ufuncs are."""
    slope = derivative or left_derivative(f)

    def backward(grad: Any, x: Any) -> Any:
        return grad * slope(x)

    return with_ufunc_keywords(f), with_ufunc_keywords(slope), with_ufunc_keywords(backward)
