"""Numbers as JSON, which has no infinities and no NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

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


def column(values: Any) -> Any:
    """Give an array of any shape for JSON: itself, or lists where it is not finite throughout.

    Examples
    --------
    >>> column(np.array([1.5, np.nan]))
    [1.5, None]
    """
    array = np.ascontiguousarray(values)
    if np.isfinite(array).all():
        return array
    return [column(each) if np.ndim(each) else number(each) for each in array]


def dump(value: Any) -> bytes:
    """Write plain data and finite arrays as JSON in UTF-8; other numbers may be infinite.

    A float32 is written with the digits that tell it from other float32, at most nine.

    Examples
    --------
    >>> dump({"supremum": math.inf, "values": column(np.float32([0.1, 2.0]))})
    b'{"supremum":"inf","values":[0.1,2.0]}'
    """
    return orjson.dumps(_finite(value), option=orjson.OPT_SERIALIZE_NUMPY)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return number(value) if isinstance(value, float) else value
