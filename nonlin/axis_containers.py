"""Arrays with labels, and lazy ones, on which a function along an axis is called.

pandas, xarray and Dask leave generalised ufuncs to their callers: which axis a label belongs to,
and which blocks have to be brought together, is decided here. None of them is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import bfloat16
from nonlin.axis_rows import Axis, Settings
from nonlin.bfloat16 import is_bfloat16

if TYPE_CHECKING:
    from nonlin.axis import AxisFunction


def array(function: AxisFunction, role: str, x: Any, dtype: Any) -> Any:
    """Make an array of real numbers of `x`, or raise a sentence that says what came."""
    _refuse_frameworks(function, role, x)
    if isinstance(x, str):
        raise TypeError(f"{function!r}: {role} must be an array of real numbers, got {x!r}")
    try:
        found = np.asarray(x)
    except ValueError:
        raise TypeError(
            f"{function!r}: {role} must be an array of real numbers, got rows of different lengths"
        ) from None
    if found.dtype.kind in "biu":
        found = found.astype(np.result_type(found, np.float16))
    if found.dtype.kind == "f":
        found = found.astype(found.dtype.newbyteorder("="), copy=False)
    if dtype is not None:
        wanted = np.dtype(dtype)
        if not _is_ours(wanted):
            raise TypeError(f"{function!r}: dtype must be that of floats, got {wanted}")
        bfloat16.learn(np.empty(0, wanted))
        if _is_ours(found.dtype):
            found = found.astype(wanted, copy=False)
    if not _is_ours(found.dtype):
        raise TypeError(f"{function!r}: {role} must hold real numbers, got dtype {found.dtype}")
    bfloat16.learn(found)
    return found


def plain(x: Any) -> Any:
    """The array that a container holds; what is none stays what it is."""
    return np.asarray(x) if _library(x) in ("pandas", "xarray", "dask") else x


def of(function: AxisFunction, x: Any, settings: Settings, keywords: Mapping[str, Any]) -> Any:
    """Compute the function on a container; None if `x` is none."""
    library = _library(x)
    if library not in ("pandas", "xarray", "dask") or settings.out is not None:
        return None
    if library == "pandas":
        return _of_pandas(function, x, settings, keywords)
    if library == "xarray":
        return _of_xarray(function, x, settings, keywords)
    return _of_dask(function, x, settings, keywords)


def _of_pandas(
    function: AxisFunction, x: Any, settings: Settings, keywords: Mapping[str, Any]
) -> Any:
    found = function(x.to_numpy(), **keywords)
    if np.shape(found) == x.shape:
        labels = {"index": x.index} | ({"columns": x.columns} if x.ndim == 2 else {"name": x.name})
        return type(x)(found, **labels)
    if np.ndim(found) != 1 or function.record.length != "one":
        return found
    # Of a table one axis is left, of a series none.
    series = x.iloc[:, 0] if x.shape[1] else x.index.to_series()
    kept = x.index if settings.axis in (1, -1) else x.columns
    return type(series)(found, index=kept)


def _of_xarray(
    function: AxisFunction, x: Any, settings: Settings, keywords: Mapping[str, Any]
) -> Any:
    given = settings.axis
    several = isinstance(given, tuple | list)
    axes = tuple(_number(function, x, each) for each in (given if several else (given,)))
    number = axes if several else axes[0]
    found = function(x.data, **(dict(keywords) | {"axis": number}))
    if found.shape == x.shape:
        return x.copy(data=found)
    changed = {x.dims[axis] for axis in axes}
    one = function.record.length == "one" and not settings.keepdims
    dims = [dim for dim in x.dims if not (one and dim in changed)]
    coords = {name: each for name, each in x.coords.items() if not changed.intersection(each.dims)}
    return type(x)(found, dims=dims, coords=coords, name=x.name)


def _number(function: AxisFunction, x: Any, axis: Any) -> Any:
    if not isinstance(axis, str):
        return axis
    if axis not in x.dims:
        raise ValueError(f"{function!r}: x has the dimensions {', '.join(x.dims)} and no {axis!r}")
    return x.get_axis_num(axis)


def _of_dask(
    function: AxisFunction, x: Any, settings: Settings, keywords: Mapping[str, Any]
) -> Any:
    """Compute block by block, lazily, the axis being in one block."""
    if settings.where is not True or np.ndim(settings.temperature):
        raise TypeError(
            f"{function!r}: with an array of Dask where and an array of temperatures are not taken;"
            " use its map_blocks"
        )
    axis = Axis.of(function, x, settings)
    whole = x.rechunk(dict.fromkeys(axis.axes, -1))
    kept = {name: value for name, value in keywords.items() if name in function.parameters}
    bound = function.bind(**kept)
    dtype = np.dtype(settings.dtype or np.result_type(x.dtype, np.float16))
    options: dict[str, Any] = {"dtype": dtype}
    shape = axis.result_shape(x.shape, settings.keepdims)
    if len(shape) < x.ndim:
        options["drop_axis"] = list(axis.axes)
    else:
        options["chunks"] = tuple(
            (shape[k],) if k in axis.axes else chunks for k, chunks in enumerate(whole.chunks)
        )
    options["meta"] = np.empty((0,) * len(shape), dtype)
    extra = {"keepdims": True} if settings.keepdims else {}
    if settings.dtype is not None:
        extra["dtype"] = dtype  # type: ignore[assignment]
    return (
        whole.map_blocks(bound, **extra, **options)
        if not extra
        else whole.map_blocks(_Call(bound, extra), **options)
    )


class _Call:
    """A call with keywords that map_blocks would take for its own."""

    def __init__(self, function: AxisFunction, keywords: Mapping[str, Any]) -> None:
        self.function = function
        self.keywords = dict(keywords)

    def __call__(self, x: Any) -> Any:
        return self.function(x, **self.keywords)


def _library(x: Any) -> str:
    return type(x).__module__.partition(".")[0]


def _is_ours(dtype: np.dtype[Any]) -> bool:
    return dtype in (np.float16, np.float32, np.float64) or is_bfloat16(dtype)


def _refuse_frameworks(function: AxisFunction, role: str, x: Any) -> None:
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if torch is not None and isinstance(x, torch.Tensor):
        raise TypeError(
            f"{function!r}: {role} must be an array of NumPy and is a tensor; x.numpy() is one"
        )
    if jax is not None and isinstance(x, jax.core.Tracer):
        raise TypeError(
            f"{function!r}: {role} must be an array of NumPy and is one that JAX is tracing "
            "(jit, grad, vmap); there use the function of jax.nn, or jax.pure_callback"
        )
