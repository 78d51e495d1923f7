"""Splits large arrays over threads: a ufunc's loop runs without the interpreter's lock."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.ufuncs import _Caller

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

# Handing a piece to another thread costs some 20 microseconds, what the cheapest kernel needs for
# about this many elements.
SPLIT = 1 << 19

# Pieces begin at a multiple of this many elements, so that no two threads write one cache line.
GRAIN = 1 << 12

_threads = 1
_pool: ThreadPoolExecutor | None = None


def get_num_threads() -> int:
    """Return how many threads a large array is split over.

    Examples
    --------
    >>> get_num_threads() >= 1
    True
    """
    return _threads


def set_num_threads(count: int) -> None:
    """Choose how many threads a large array is split over.

    Parameters
    ----------
    count : int
        At least 1. At import it is the environment variable ``NONLIN_NUM_THREADS``, else the
        number of processors that this process may use. No result depends on it.

    Raises
    ------
    ValueError
        If `count` is not a positive integer.

    Examples
    --------
    >>> set_num_threads(get_num_threads())
    """
    global _threads
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"the number of threads must be a positive integer, got {count!r}")
    _threads = count
    _forget_pool()
    _Caller._set_large(SPLIT if count > 1 else sys.maxsize)


def call(ufunc: Callable[..., Any], operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
    """Call `ufunc`, in pieces on several threads if its operands are large and lie side by side."""
    first = operands[0]
    # The cheap half of the question comes first: most arrays are small.
    if _threads == 1 or type(first) is not np.ndarray or first.size < SPLIT:
        return ufunc(*operands, **keywords)
    if not isinstance(ufunc, np.ufunc) or not _splits(operands, keywords):
        return ufunc(*operands, **keywords)
    out = keywords.get("out")
    if out is None:
        types = ufunc.resolve_dtypes((*(operand.dtype for operand in operands), None))
        out = np.empty_like(first, dtype=types[-1])
    flat = [operand.reshape(-1, order="A") for operand in (*operands, out)]
    pieces = _pieces(first.size)
    futures = [_workers().submit(ufunc, *(a[piece] for a in flat)) for piece in pieces[1:]]
    ufunc(*(a[pieces[0]] for a in flat))
    for future in futures:
        future.result()
    return out


def _splits(operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> bool:
    out = keywords.get("out")
    arrays = operands if out is None else (*operands, out)
    first = operands[0]
    if any(type(array) is not np.ndarray for array in arrays) or set(keywords) > {"out"}:
        return False
    if any(array.shape != first.shape for array in arrays):
        return False
    order = "C_CONTIGUOUS" if first.flags.c_contiguous else "F_CONTIGUOUS"
    native = all(array.dtype.isnative and array.dtype == first.dtype for array in arrays)
    writable = out is None or (out.flags.writeable and not _overlaps_oddly(operands, out))
    return native and writable and all(array.flags[order] for array in arrays)


def _overlaps_oddly(operands: tuple[Any, ...], out: Any) -> bool:
    """Say whether `out` shares memory with an operand without being that operand."""
    return any(
        np.may_share_memory(operand, out) and operand.ctypes.data != out.ctypes.data
        for operand in operands
    )


def _pieces(size: int) -> list[slice]:
    step = -(-size // _threads)
    step = -(-step // GRAIN) * GRAIN
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]


def _workers() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        # Importing it takes longer than importing all of this package.
        from concurrent.futures import ThreadPoolExecutor

        _pool = ThreadPoolExecutor(_threads - 1, thread_name_prefix="nonlin")
    return _pool


def _forget_pool() -> None:
    """Start afresh: threads do not survive a fork, and another number needs another pool."""
    global _pool
    _pool = None


def _available() -> int:
    asked = os.environ.get("NONLIN_NUM_THREADS")
    if asked is None:
        usable = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1
    if not asked.isdecimal() or int(asked) < 1:
        raise ImportError(f"NONLIN_NUM_THREADS is {asked!r}; expected a positive integer")
    return int(asked)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
set_num_threads(_available())
