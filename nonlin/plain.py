"""Plain data for JSON, which has no infinite numbers: how all public formats spell them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

__all__ = ["NUMBERS", "data"]

# What stands for the numbers that JSON does not have.
NUMBERS: Mapping[str, float] = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def data(value: Any) -> Any:
    """Turn a value into dictionaries, lists, strings and finite numbers.

    Arrays become lists, records the mapping of their fields, unless they have a `to_json`.

    Examples
    --------
    >>> data((1.0, float("-inf"), np.array([np.nan])))
    [1.0, '-inf', ['nan']]
    """
    if isinstance(value, np.ndarray | np.generic):
        return data(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: data(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [data(each) for each in value]
    return value
