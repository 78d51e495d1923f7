"""How many threads a large array is split over; kernels/pool.cpp does the splitting."""

from __future__ import annotations

import os

from nonlin import ufuncs

_threads = 1


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
    ufuncs._set_threads(count)
    _threads = count


def _available() -> int:
    asked = os.environ.get("NONLIN_NUM_THREADS")
    if asked is None:
        usable = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1
    if not asked.isdecimal() or int(asked) < 1:
        raise ImportError(f"NONLIN_NUM_THREADS is {asked!r}; expected a positive integer")
    return int(asked)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ufuncs._forget_threads)
set_num_threads(_available())
