"""How ufuncs are pickled, which is what Dask sends to other processes.

NumPy pickles a ufunc by its name alone, which finds none that has its parameters fixed.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from nonlin import ufuncs

SUFFIXES = ("", "_derivative", "_backward")

_for_others: Callable[[np.ufunc], Any] = copyreg.dispatch_table.get(np.ufunc, np.ufunc.__reduce__)


@lru_cache(maxsize=512)
def bound_ufuncs(name: str, numbers: tuple[float, ...]) -> tuple[np.ufunc, np.ufunc, np.ufunc]:
    """Value, derivative and backward of a kernel with its parameters fixed."""
    return ufuncs._bind(name, *numbers)


def restore(name: str, kind: int, numbers: tuple[float, ...] | None) -> np.ufunc:
    """Return the ufunc of a kernel; with `numbers` those are its parameters."""
    if numbers is not None:
        return bound_ufuncs(name, numbers)[kind]
    raw: np.ufunc = getattr(ufuncs, name + SUFFIXES[kind])
    return raw


def _reduce(ufunc: np.ufunc) -> Any:
    identity = ufuncs._identity(ufunc)
    return _for_others(ufunc) if identity is None else (restore, identity)


copyreg.pickle(np.ufunc, _reduce)
