"""What an activation does to a deep random network: mean-field theory."""

from nonlin.propagation.choice import FirstWeights, first_weights
from nonlin.propagation.critical import (
    CriticalLine,
    CriticalPoint,
    critical_initialization,
    critical_line,
)
from nonlin.propagation.errors import NoCriticalPointError, NotConvergedError
from nonlin.propagation.gain import gain
from nonlin.propagation.gate_moments import GateMoments, gate_moments
from nonlin.propagation.gated_layers import GatedPropagation, GatedWeights
from nonlin.propagation.kinks import find as find_kinks
from nonlin.propagation.moments import expectation
from nonlin.propagation.phase import PhaseDiagram, phase_diagram
from nonlin.propagation.probability import born_dead_probability, silent_probability
from nonlin.propagation.propagate import Propagation, propagate

__all__ = [
    "CriticalLine",
    "CriticalPoint",
    "FirstWeights",
    "GateMoments",
    "GatedPropagation",
    "GatedWeights",
    "NoCriticalPointError",
    "NotConvergedError",
    "PhaseDiagram",
    "Propagation",
    "born_dead_probability",
    "critical_initialization",
    "critical_line",
    "expectation",
    "find_kinks",
    "first_weights",
    "gain",
    "gate_moments",
    "phase_diagram",
    "propagate",
    "silent_probability",
]
