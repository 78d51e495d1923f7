"""What follows from a definition: formulas, the derivative, limits, the range, a reference.

SymPy, and mpmath under it, are imported when a function is called: `import nonlin` needs neither.
"""

from nonlin.symbolic.algebra import definition, derivative, pieces, x
from nonlin.symbolic.notation import latex, mathml
from nonlin.symbolic.ranges import (
    Range,
    derivative_range,
    expression_range,
    limits,
    value_range,
)
from nonlin.symbolic.reference import oracle

__all__ = [
    "Range",
    "definition",
    "derivative",
    "derivative_range",
    "expression_range",
    "latex",
    "limits",
    "mathml",
    "oracle",
    "pieces",
    "value_range",
    "x",
]
