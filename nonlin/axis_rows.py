"""How a function of rows is computed on an array: which axes are one, which elements count."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from nonlin import ufuncs

if TYPE_CHECKING:
    from nonlin.axis import AxisFunction

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Settings:
    """What a call says by name."""

    axis: Any
    temperature: Any
    pool_size: int
    where: Any
    out: Any
    dtype: Any
    keepdims: bool

    @staticmethod
    def read(function: AxisFunction, given: Mapping[str, Any]) -> Settings:
        """Check the values that are numbers; raise a sentence that says which is not."""
        out = given.get("out")
        return Settings(
            axis=given["axis"],
            temperature=_temperature(function, given.get("temperature", 1.0)),
            pool_size=_pool_size(function, given.get("pool_size", 2)),
            where=given.get("where", True),
            out=out[0] if isinstance(out, tuple) and len(out) == 1 else out,
            dtype=given.get("dtype"),
            keepdims=bool(given.get("keepdims", False)),
        )

    def check_out(self, function: AxisFunction, shape: Shape, x: Any) -> None:
        """Raise a sentence if `out` cannot hold a result of that shape."""
        if self.out is None:
            return
        if not isinstance(self.out, np.ndarray):
            raise TypeError(f"{function!r}: out must be an array, got {type(self.out).__name__}")
        if self.out.shape != shape:
            raise ValueError(
                f"{function!r}: out has shape {self.out.shape}, the result has shape {shape}"
            )
        if not np.can_cast(x.dtype, self.out.dtype, "same_kind"):
            raise TypeError(
                f"{function!r}: out has dtype {self.out.dtype}, which cannot hold the result"
            )

    def written(self, function: AxisFunction, found: Any) -> Any:
        """Put a result into `out`, if there is one."""
        if self.out is None:
            return found if np.ndim(found) else found[()]
        self.check_out(function, np.shape(found), found)
        np.copyto(self.out, found, casting="same_kind")
        return self.out


def _temperature(function: AxisFunction, given: Any) -> Any:
    try:
        found = np.asarray(given)
    except ValueError:
        found = np.asarray(None)
    if found.dtype.kind not in "fiu":
        raise TypeError(f"{function!r}: temperature must be a real number, got {given!r}")
    numbers = found.astype(np.float64)
    if not (np.isfinite(numbers) & (numbers > 0)).all():
        raise ValueError(f"{function!r}: temperature must be positive and finite, got {given!r}")
    return numbers


def _pool_size(function: AxisFunction, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int | np.integer):
        raise TypeError(f"{function!r}: pool_size must be a whole number, got {given!r}")
    if given < 1:
        raise ValueError(f"{function!r}: pool_size must be at least 1, got {given!r}")
    return int(given)


@dataclass(frozen=True)
class Axis:
    """The axes of a call, which are computed as one."""

    axes: tuple[int, ...]
    length: str
    pool_size: int

    @staticmethod
    def of(function: AxisFunction, x: Any, settings: Settings) -> Axis:
        """Find the axes of `x` that the settings name."""
        given, length = settings.axis, function.record.length
        axes = tuple(given) if isinstance(given, tuple | list) else (given,)
        if not axes or any(isinstance(a, bool) or not hasattr(a, "__index__") for a in axes):
            raise TypeError(
                f"{function!r}: axis must be a whole number or several of them, got {given!r}"
            )
        if length in ("fewer", "twice") and len(axes) > 1:
            raise ValueError(f"{function!r}: axis must be a single one, got {given!r}")
        if not x.ndim:
            raise ValueError(f"{function!r}: x is a single number, which has no axis")
        try:
            found = normalize_axis_tuple(axes, x.ndim)
        except ValueError as error:
            what = f"x has {x.ndim} axes" if x.ndim > 1 else "x has 1 axis"
            kind = "the same one twice" if "repeated" in str(error) else "none of them"
            raise ValueError(f"{function!r}: {what}, and axis={given!r} names {kind}") from None
        if length == "fewer" and x.shape[found[0]] % settings.pool_size:
            raise ValueError(
                f"{function!r}: the axis has {x.shape[found[0]]} elements, which pools of "
                f"{settings.pool_size} do not divide"
            )
        return Axis(found, length, settings.pool_size)

    @property
    def single(self) -> int | None:
        """The axis, if it is one."""
        return self.axes[0] if len(self.axes) == 1 else None

    def kept_shape(self, shape: Shape) -> Shape:
        """The shape with 1 in place of the axes."""
        return tuple(1 if k in self.axes else n for k, n in enumerate(shape))

    def result_shape(self, shape: Shape, keepdims: bool = False) -> Shape:
        """The shape of the result for an `x` of that shape."""
        if self.length == "one":
            if keepdims:
                return self.kept_shape(shape)
            return tuple(n for k, n in enumerate(shape) if k not in self.axes)
        factor = {"same": (1, 1), "twice": (2, 1), "fewer": (1, self.pool_size)}[self.length]
        return tuple(
            n * factor[0] // factor[1] if k in self.axes else n for k, n in enumerate(shape)
        )

    def to_rows(self, x: Any) -> Any:
        """Move the axes to the end and make them one."""
        last = tuple(range(-len(self.axes), 0))
        turned = np.moveaxis(x, self.axes, last)
        outer = turned.shape[: turned.ndim - len(self.axes)]
        return turned.reshape(*outer, math.prod(turned.shape[len(outer) :]))

    def from_rows(self, rows: Any, shape: Shape) -> Any:
        """Undo `to_rows` for an array of that shape."""
        last = tuple(range(-len(self.axes), 0))
        inner = tuple(shape[k] for k in self.axes)
        turned = rows.reshape(*rows.shape[:-1], *inner)
        return np.moveaxis(turned, last, self.axes)


def masked(function: AxisFunction, axis: Axis, x: Any, settings: Settings) -> Any:
    """Compute the function of the elements that count; a result of "one" keeps its axes."""
    record, mask = function.record, _mask(function, x, settings)
    if mask is not None:
        x = np.where(mask, x, np.asarray(record.filling, x.dtype))
    rows = axis.to_rows(x)
    found = COMPUTED[record.name].rows(rows, _temperatures(function, axis, x, settings), settings)
    shape = axis.kept_shape(x.shape) if record.length == "one" else axis.result_shape(x.shape)
    found = axis.from_rows(found, shape)
    if mask is None or record.length == "one":
        return found
    counted, alone = _counted(mask, axis, x)
    found = np.where(alone, np.asarray(0 if record.masked else 1, found.dtype), found)
    return np.where(counted, found, np.asarray(record.masked, found.dtype))


def moved(function: AxisFunction, axis: Axis, x: Any, settings: Settings, grad: Any) -> Any:
    """Compute the backward pass of the elements that count; the others have a gradient of 0."""
    record, mask = function.record, _mask(function, x, settings)
    if mask is not None:
        x = np.where(mask, x, np.asarray(record.filling, x.dtype))
        if record.length == "same":
            grad = np.where(mask, grad, np.asarray(0, grad.dtype))
    temperatures = _temperatures(function, axis, x, settings)
    rows, gradient = axis.to_rows(x), axis.to_rows(grad)
    found = COMPUTED[record.name].backward(gradient, rows, temperatures, settings)
    found = axis.from_rows(found, x.shape)
    if mask is None:
        return found
    counted, alone = _counted(mask, axis, x)
    whole = grad if record.length == "one" else np.asarray(0, found.dtype)
    found = np.where(alone, whole, found)
    return np.where(counted, found, np.asarray(0, found.dtype))


def _counted(mask: Any, axis: Axis, x: Any) -> tuple[Any, Any]:
    """Which elements count, and which of them are alone: those have everything, be it infinite."""
    counted = np.broadcast_to(mask, x.shape)
    left = counted.sum(axis=axis.axes, keepdims=True)
    return counted, counted & (left == 1) & (x == x)


def _mask(function: AxisFunction, x: Any, settings: Settings) -> Any:
    if settings.where is True:
        return None
    mask = np.asarray(settings.where)
    if mask.dtype != np.bool_:
        raise TypeError(f"{function!r}: where must hold booleans, got dtype {mask.dtype}")
    try:
        fits = np.broadcast_shapes(mask.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{function!r}: where has shape {mask.shape}, which does not broadcast to x's {x.shape}"
        )
    return mask


def _temperatures(function: AxisFunction, axis: Axis, x: Any, settings: Settings) -> Any:
    """Temperatures, one a row."""
    given = settings.temperature
    if not given.ndim:
        return given
    kept = axis.kept_shape(x.shape)
    try:
        each = np.broadcast_to(given, kept)
    except ValueError:
        raise ValueError(
            f"{function!r}: temperature has shape {given.shape}, which does not broadcast to "
            f"{kept}, one number a row"
        ) from None
    return axis.to_rows(each)[..., 0]


class _Kernel:
    """A function that a generalised ufunc computes."""

    def __init__(self, name: str, takes_temperature: bool = True) -> None:
        self.name = name
        self.takes_temperature = takes_temperature
        self._value: np.ufunc = getattr(ufuncs, name)
        self._backward: np.ufunc = getattr(ufuncs, name + "_backward")

    def value(self, x: Any, axis: int, settings: Settings) -> Any:
        operands = (x, settings.temperature) if self.takes_temperature else (x,)
        keywords: dict[str, Any] = {} if self.takes_temperature else {"keepdims": settings.keepdims}
        return self._value(*operands, axis=axis, out=settings.out, **keywords)

    def rows(self, rows: Any, temperatures: Any, settings: Settings) -> Any:
        if self.takes_temperature:
            return self._value(rows, temperatures)
        return self._value(rows, keepdims=True)

    def backward(self, grad: Any, rows: Any, temperatures: Any, settings: Settings) -> Any:
        if self.takes_temperature:
            return self._backward(grad, rows, temperatures)
        return self._backward(grad[..., 0], rows)


class _Maxout:
    """The maximum of neighbours; its gradient goes to the first that attains it."""

    def rows(self, rows: Any, temperatures: Any, settings: Settings) -> Any:
        return _pools(rows, settings).max(axis=-1)

    def backward(self, grad: Any, rows: Any, temperatures: Any, settings: Settings) -> Any:
        pools = _pools(rows, settings)
        first = pools.argmax(axis=-1)[..., None] == np.arange(settings.pool_size)
        found = np.where(first, grad[..., None], np.asarray(0, grad.dtype))
        nan = np.isnan(pools).any(axis=-1, keepdims=True)
        found = np.where(nan, np.asarray(np.nan, grad.dtype), found)
        return found.astype(rows.dtype, copy=False).reshape(rows.shape)


def _pools(rows: Any, settings: Settings) -> Any:
    k = settings.pool_size
    return rows.reshape(*rows.shape[:-1], rows.shape[-1] // k, k)


class _Crelu:
    """relu(x) and relu(-x), one after the other; both have a derivative of 0 at 0."""

    def rows(self, rows: Any, temperatures: Any, settings: Settings) -> Any:
        return np.concatenate([ufuncs.relu(rows), ufuncs.relu(-rows)], axis=-1)

    def backward(self, grad: Any, rows: Any, temperatures: Any, settings: Settings) -> Any:
        first, second = np.split(grad, 2, axis=-1)
        return ufuncs.relu_backward(first, rows) - ufuncs.relu_backward(second, -rows)


COMPUTED: dict[str, Any] = {
    "softmax": _Kernel("softmax"),
    "log_softmax": _Kernel("log_softmax"),
    "softmin": _Kernel("softmin"),
    "sparsemax": _Kernel("sparsemax"),
    "log_sum_exp": _Kernel("log_sum_exp", takes_temperature=False),
    "maxout": _Maxout(),
    "crelu": _Crelu(),
}

Computed = Callable[..., Any]
