"""What an activation is: facts, each proved or measured, that say which and how."""

from nonlin.facts.fact import Fact, Gaussian, Interval, Inverse, Rounding, UndefinedError
from nonlin.facts.order import FACTS
from nonlin.facts.record import Properties, gaussian, properties
from nonlin.facts.words import explain

__all__ = [
    "FACTS",
    "Fact",
    "Gaussian",
    "Interval",
    "Inverse",
    "Properties",
    "Rounding",
    "UndefinedError",
    "explain",
    "gaussian",
    "properties",
]
