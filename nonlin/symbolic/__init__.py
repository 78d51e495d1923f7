"""What follows from a definition: formulas, the derivative, a reference.

SymPy, and mpmath under it, are imported when a function is called: `import nonlin` needs neither.
"""

from nonlin.symbolic.algebra import definition, derivative, pieces, x
from nonlin.symbolic.notation import latex, mathml
from nonlin.symbolic.reference import oracle

__all__ = [
    "definition",
    "derivative",
    "latex",
    "mathml",
    "oracle",
    "pieces",
    "x",
]
