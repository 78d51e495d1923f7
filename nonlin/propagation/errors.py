"""What the theory cannot answer, by name."""

from __future__ import annotations


class NotConvergedError(ArithmeticError):
    """An integral or an iteration did not settle to the accuracy that is promised."""


class NoCriticalPointError(ArithmeticError):
    """No weight variance makes gradients keep their length at that bias variance."""
