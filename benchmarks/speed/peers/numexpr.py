"""numexpr's expressions, compiled beforehand; it knows neither float16 nor float32 constants."""

from __future__ import annotations

import re

import numpy as np

from speed.contender import Contender, Operands

NAMES = ("numexpr",)

VALUE = {
    "sigmoid": "1 / (1 + exp(-x))",
    "tanh": "tanh(x)",
    "relu": "where(x > 0, x, 0)",
    "leaky_relu": "where(x > 0, x, negative_slope * x)",
    "elu": "where(x > 0, x, alpha * expm1(x))",
}

DERIVATIVE = {
    "sigmoid": "1 / (2 + exp(x) + exp(-x))",
    "tanh": "1 - tanh(x)**2",
    "relu": "where(x > 0, one, 0)",
    "leaky_relu": "where(x > 0, one, negative_slope)",
    "elu": "where(x > 0, one, alpha * exp(x))",
}


def contenders(operands: Operands) -> list[Contender]:
    import numexpr
    from numexpr.necompiler import getType

    case = operands.case
    table = VALUE if case.kind == "value" else DERIVATIVE
    if case.function not in table or case.dtype == "float16":
        return []
    expression = table[case.function]
    if case.kind == "backward":
        expression = f"grad * ({expression})"
    # A constant in the expression would be a double and turn the float32 arrays into doubles.
    scalars = {"one": 1.0} | operands.parameters
    typed = {name: np.asarray(value, case.dtype) for name, value in scalars.items()}
    known = {"x": operands.x, "grad": operands.grad} | typed
    used = [name for name in known if re.search(rf"\b{name}\b", expression)]
    compiled = numexpr.NumExpr(expression, [(name, getType(known[name])) for name in used])
    line = f"compiled.run({', '.join(used)}, ex_uses_vml=False, out=y)"
    names = {name: known[name] for name in used} | {"compiled": compiled}
    return [operands.contender(NAMES[0], line, about=expression, **names)]
