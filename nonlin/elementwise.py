"""A function of the user's, called as a ufunc is: by NumPy's protocol, with a ufunc's keywords."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from nonlin.differences import LeftDerivative, Precision, precision

Function = Callable[..., Any]


class Elementwise:
    """`function` of one or two arrays, with what pandas, xarray and Dask ask of a ufunc.

    An array type of another library computes it in its own way (``__array_ufunc__``): Dask block by
    block when it is asked to, pandas and xarray on the values below their labels.
    """

    nout = 1
    signature = None
    identity = None

    def __init__(self, function: Function, name: str, nin: int = 1) -> None:
        self.function = function
        self.__name__ = name
        self.nin = nin
        self.nargs = nin + 1

    def __repr__(self) -> str:
        return f"<elementwise {self.__name__!r}>"

    def __call__(
        self, *operands: Any, out: Any = None, where: Any = True, dtype: Any = None
    ) -> Any:
        outs = out if isinstance(out, tuple) else (out,)
        keywords = {"out": (outs[0],) if outs[0] is not None else None, "dtype": dtype}
        given = {name: value for name, value in keywords.items() if value is not None}
        if where is not True:
            given["where"] = where
        for operand in (*operands, *outs, where):
            if _overrides(operand):
                result = operand.__array_ufunc__(self, "__call__", *operands, **given)
                if result is not NotImplemented:
                    return result
        if not given and self.nin == 1 and _is_foreign(operands[0]):
            return self.function(*operands)
        return self._computed(operands, outs[0], where, dtype)

    def _computed(self, operands: tuple[Any, ...], out: Any, where: Any, dtype: Any) -> Any:
        arrays = [_real(np.asarray(operand, dtype=dtype)) for operand in operands]
        y = np.asarray(self.function(*arrays))
        wrapper = _wrapper(operands)
        if wrapper is not None:
            y = wrapper.__array_wrap__(y, (self, operands, 0), False)
        if out is None and where is True:
            return y if wrapper is not None else y[()]
        target = np.empty_like(y) if out is None else out
        if target.shape != np.broadcast_shapes(y.shape, np.shape(where)):
            raise ValueError("out has another shape than the result")
        np.copyto(target, y, where=where)
        return target


def _real(x: Any) -> Any:
    # Integers become the floats that NumPy's own ufuncs make of them.
    return x.astype(np.result_type(x, np.float16)) if x.dtype.kind in "biu" else x


def _overrides(operand: Any) -> bool:
    method = getattr(type(operand), "__array_ufunc__", None)
    return method is not None and method is not np.ndarray.__array_ufunc__


def _is_foreign(operand: Any) -> bool:
    """Tell an array of a framework, which its own functions take, from what NumPy makes one of."""
    return hasattr(operand, "dtype") and not isinstance(operand, np.ndarray | np.generic)


def _wrapper(operands: tuple[Any, ...]) -> Any:
    """Find the subclass of NumPy's array whose the result is to be."""
    subclasses = [x for x in operands if isinstance(x, np.ndarray) and type(x) is not np.ndarray]
    return max(subclasses, key=lambda x: x.__array_priority__, default=None)


class SameShape:
    """`function` of an array, which must give an array of that shape."""

    def __init__(self, function: Function, name: str) -> None:
        self.function = function
        self.name = name

    @cached_property
    def precision(self) -> Precision:
        """How finely it is computed."""
        return precision(self)

    def __call__(self, x: Any) -> Any:
        y = self.function(x)
        # A constant may be given as the number that it is.
        if type(y) in (int, float):
            return np.full(np.shape(x), y, dtype=np.result_type(x, np.float16))
        if np.shape(y) != np.shape(x):
            raise ValueError(
                f"{self.name!r} maps an array element by element: of shape {np.shape(x)} it must "
                f"make one of that shape, and made one of shape {np.shape(y)}"
            )
        return y


class Backward:
    """The backward pass, grad times phi'(x)."""

    def __init__(self, slope: Function) -> None:
        self.slope = slope

    def __call__(self, grad: Any, x: Any) -> Any:
        return grad * self.slope(x)


def elementwise_ufuncs(
    f: Function, derivative: Function | None, name: str
) -> tuple[Elementwise, Elementwise, Elementwise]:
    """Value, derivative and backward of `f`, called as a kernel's ufuncs are."""
    value = SameShape(f, name)
    slope = LeftDerivative(value, name) if derivative is None else SameShape(derivative, name)
    return (
        Elementwise(value, name),
        Elementwise(slope, f"{name}_derivative"),
        Elementwise(Backward(slope), f"{name}_backward", 2),
    )
