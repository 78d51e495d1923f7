"""A gate out of the functions of its factors, called as a ufunc is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.bfloat16 import is_bfloat16
from nonlin.elementwise import Elementwise

Function = Callable[..., Any]


class Factors:
    """phi(gate) psi(value) and its derivatives, each computed in float64 and rounded once."""

    def __init__(self, phi: Activation, psi: Activation | None) -> None:
        self.phi, self.psi = phi, psi

    def value(self, gate: Any, value: Any) -> Any:
        """Compute the product."""
        return self._rounded(lambda g, v: self.phi(g) * self._psi(v), gate, value)

    def by_gate(self, grad: Any, gate: Any, value: Any) -> Any:
        """Compute the gradient by the gate."""
        return self._rounded(
            lambda d, g, v: d * (self.phi.derivative(g) * self._psi(v)), grad, gate, value
        )

    def by_value(self, grad: Any, gate: Any, value: Any) -> Any:
        """Compute the gradient by the value."""
        return self._rounded(lambda d, g, v: d * (self.phi(g) * self._slope(v)), grad, gate, value)

    def partial_by_gate(self, gate: Any, value: Any) -> Any:
        """Compute the derivative by the gate."""
        return self.by_gate(np.ones_like(gate), gate, value)

    def partial_by_value(self, gate: Any, value: Any) -> Any:
        """Compute the derivative by the value."""
        return self.by_value(np.ones_like(gate), gate, value)

    def _psi(self, value: Any) -> Any:
        return value if self.psi is None else self.psi(value)

    def _slope(self, value: Any) -> Any:
        return np.ones_like(value) if self.psi is None else self.psi.derivative(value)

    @staticmethod
    def _rounded(function: Function, *arrays: Any) -> Any:
        dtype = np.result_type(*arrays)
        with np.errstate(all="ignore"):
            wide = [array.astype(np.float64) for array in arrays]
            return rounded(np.asarray(function(*wide)), dtype)


def rounded(y: Any, dtype: np.dtype[Any]) -> Any:
    """Round float64 to `dtype`, once.

    To bfloat16 NumPy goes by way of float32. A float32 in the middle between two of them hides on
    which side it came from; its neighbour on that side says it.
    """
    if not is_bfloat16(dtype):
        return y.astype(dtype)
    near = y.astype(np.float32)
    is_middle = (near.view(np.uint32) & 0xFFFF) == 0x8000
    side = np.where(y > near, np.float32(np.inf), np.float32(-np.inf))
    moved = np.where(is_middle & (y != near), np.nextafter(near, side), near)
    return moved.astype(dtype)


def weak(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give Python's own numbers the dtype of floating-point arrays beside them, as NumPy does.

    NumPy itself does not for dtypes that other packages add, such as bfloat16.
    """
    if not any(type(operand) in (int, float) for operand in operands):
        return operands
    dtypes = [x.dtype for x in operands if isinstance(x, np.ndarray | np.generic)]
    floats = [dtype for dtype in dtypes if dtype.kind == "f" or is_bfloat16(dtype)]
    if not floats or len(floats) < len(dtypes):
        return operands
    dtype = np.result_type(*floats)
    return tuple(dtype.type(x) if type(x) in (int, float) else x for x in operands)


class Pair:
    """Two elementwise functions of the same operands, called as a ufunc of two outputs is."""

    nout = 2

    def __init__(self, first: Elementwise, second: Elementwise, name: str) -> None:
        self.parts = (first, second)
        self.__name__ = name

    def __call__(self, *operands: Any, out: Any = None, **keywords: Any) -> tuple[Any, Any]:
        """Compute both."""
        first, second = self.parts
        outs = out or (None, None)
        return (
            first(*operands, out=outs[0], **keywords),
            second(*operands, out=outs[1], **keywords),
        )


def composed_ufuncs(
    phi: Activation, psi: Activation | None, name: str
) -> tuple[Elementwise, Pair, Pair]:
    """Value, derivative and backward of a gate that has no kernel."""
    made = Factors(phi, psi)
    derivative, backward = f"{name}_derivative", f"{name}_backward"
    return (
        Elementwise(made.value, name, 2),
        Pair(
            Elementwise(made.partial_by_gate, f"{derivative}_by_gate", 2),
            Elementwise(made.partial_by_value, f"{derivative}_by_value", 2),
            derivative,
        ),
        Pair(
            Elementwise(made.by_gate, f"{backward}_by_gate", 3),
            Elementwise(made.by_value, f"{backward}_by_value", 3),
            backward,
        ),
    )


class Output:
    """One of a ufunc's outputs."""

    def __init__(self, ufunc: Function, index: int) -> None:
        self.ufunc, self.index = ufunc, index

    def __call__(self, *arrays: Any) -> Any:
        """Compute that one."""
        return self.ufunc(*arrays)[self.index]


def one_by_one(
    ufunc: Any, operands: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[Any, Any] | None:
    """Call a ufunc of two outputs for each of them, where operands do not take both at once.

    Labelled and lazy arrays of other libraries know ufuncs of one output. None for NumPy's own.
    """
    if isinstance(ufunc, Pair) or not any(map(_overrides, operands)):
        return None
    count, name = len(operands), ufunc.__name__
    parts = [Elementwise(Output(ufunc, k), f"{name}_{k}", count) for k in range(2)]
    return Pair(parts[0], parts[1], name)(*operands, **keywords)


def _overrides(operand: Any) -> bool:
    method = getattr(type(operand), "__array_ufunc__", None)
    return method is not None and method is not np.ndarray.__array_ufunc__
