"""What an activation is: facts, each proved or measured, that say which and how."""

from nonlin.facts.asked import gaussian, properties
from nonlin.facts.fact import FACTS, Fact, Gaussian, Interval, Rounding, UndefinedError
from nonlin.facts.record import Properties
from nonlin.facts.segments import Inverse
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
