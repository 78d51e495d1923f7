"""What an activation is: facts, each proved or measured, that say which and how."""

from nonlin.facts.fact import Fact, Interval
from nonlin.facts.gaussian import Gaussian, gaussian
from nonlin.facts.inverse import Inverse
from nonlin.facts.measured import UndefinedError
from nonlin.facts.order import FACTS
from nonlin.facts.record import Properties, properties
from nonlin.facts.rounding import Rounding
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
