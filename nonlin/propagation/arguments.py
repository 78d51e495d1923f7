"""Errors for arguments that no network has."""

from __future__ import annotations

import math


def check(
    weight_variance: float,
    bias_variance: float,
    depth: int,
    width: int | None,
    input_length: float,
    input_correlation: float,
) -> None:
    """Raise ValueError that names the argument, what was expected and what came."""
    for name, value in (
        ("weight_variance", weight_variance),
        ("bias_variance", bias_variance),
        ("input_length", input_length),
    ):
        if not (math.isfinite(value) and value >= 0.0):
            raise ValueError(f"{name} must be a finite number >= 0, got {value!r}")
    for name, count in (("depth", depth), ("width", 1 if width is None else width)):
        if count != int(count) or count < 1:
            raise ValueError(f"{name} must be a positive integer, got {count!r}")
    if not -1.0 <= input_correlation <= 1.0:
        raise ValueError(f"input_correlation must be in [-1, 1], got {input_correlation!r}")


def check_limits(limits: tuple[float, float]) -> None:
    """Raise ValueError unless 0 < low < 1 < high."""
    low, high = limits
    if not 0.0 < low < 1.0 < high:
        raise ValueError(
            f"gradient_limits must be (low, high) with 0 < low < 1 < high, got {limits!r}"
        )
