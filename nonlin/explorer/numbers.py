"""Numbers as JSON, which has no infinities and no NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["column", "dump", "number"]


def number(value: float) -> float | str | None:
    """Give a number, "inf", "-inf", or None for NaN.

    Examples
    --------
    >>> number(0.5), number(-math.inf), number(math.nan)
    (0.5, '-inf', None)
    """
    if math.isfinite(value):
        return float(value)
    return None if math.isnan(value) else "inf" if value > 0 else "-inf"


def column(values: Any) -> list[Any]:
    """Give an array of any shape as lists of numbers.

    Examples
    --------
    >>> column(np.array([1.5, np.nan]))
    [1.5, None]
    """
    array = np.asarray(values)
    if np.isfinite(array).all():
        listed: list[Any] = array.tolist()
        return listed
    return [column(each) if np.ndim(each) else number(each) for each in array]


def dump(value: Any) -> bytes:
    """Write plain data as JSON in UTF-8; a mapping's numbers may be infinite.

    Examples
    --------
    >>> dump({"supremum": math.inf})
    b'{"supremum":"inf"}'
    """
    try:
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return dump(_finite(value))
    return written.encode()


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return number(value) if isinstance(value, float) else value
