"""An examination as JSON, and back."""

from __future__ import annotations

import json
import math
import types
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from nonlin.plain import NUMBERS, data
from nonlin.torch.finding import Finding
from nonlin.torch.reading import Reading

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam

FORMAT = "nonlin examination 1"

# Files of version 0.1 spell them otherwise.
NOT_FINITE = {**NUMBERS, "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def to_json(exam: Exam) -> str:
    """Write an examination's reading and findings.

    Numbers that are not finite are written as "nan", "inf" and "-inf".

    Parameters
    ----------
    exam : Exam

    Returns
    -------
    str
    """
    content = {"reading": exam.reading, "findings": exam.findings}
    return json.dumps({"format": FORMAT, **data(content)}, ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> tuple[Reading, tuple[Finding, ...]]:
    """Read what `to_json` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    try:
        content = json.loads(text)
        found = content["format"] if isinstance(content, dict) else None
        if found != FORMAT:
            raise ValueError(f"expected an examination, {FORMAT!r}, got {found!r}")
        return (
            _restored(Reading, content["reading"]),
            _restored(tuple[Finding, ...], content["findings"]),
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"expected an examination as Exam.to_json writes it: {error}") from error


def _restored(kind: Any, x: Any) -> Any:
    """Make a value of a type out of plain lists, mappings, numbers and words."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{key: _restored(hints[key], value) for key, value in x.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if x is None else _restored(arguments[0], x)
    if origin is tuple:
        return tuple(_restored(arguments[0], value) for value in x)
    if origin is np.ndarray:
        dtype = get_args(arguments[1])[0]
        return np.array([NOT_FINITE.get(value, value) for value in x], dtype=dtype)
    if kind in (float, Any):
        return _number(x)
    if isinstance(x, dict):
        return {key: _number(value) for key, value in x.items()}
    return x


def _number(x: Any) -> Any:
    return NOT_FINITE.get(x, x) if isinstance(x, str) else x
