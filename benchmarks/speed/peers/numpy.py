"""The document's NumPy lines as they stand there, and NumPy's own function where it has one."""

from speed.contender import Contender, Operands

NAMES = ("document's line", "NumPy")

VALUE = {
    "sigmoid": "1 / (1 + np.exp(-x))",
    "tanh": "np.tanh(x)",
    "relu": "np.maximum(0, x)",
    "leaky_relu": "np.maximum(negative_slope * x, x)",
    "elu": "np.where(x > 0, x, alpha * (np.exp(x) - 1))",
}

DERIVATIVE = {
    "sigmoid": "(s := 1 / (1 + np.exp(-x))) * (1 - s)",
    "tanh": "1 - np.tanh(x) ** 2",
    "relu": "(x > 0).astype(x.dtype)",
    "leaky_relu": "np.where(x > 0, x.dtype.type(1), x.dtype.type(negative_slope))",
    "elu": "np.where(x > 0, 1, alpha * np.exp(x))",
}

INTO = {"tanh": "np.tanh(x, out=y)", "relu": "np.maximum(x, 0, out=y)"}


def contenders(operands: Operands) -> list[Contender]:
    function, kind = operands.case.function, operands.case.kind
    found = []
    if line := _line(function, kind):
        found.append(operands.contender(NAMES[0], line, new=True))
    if kind == "value" and function in INTO:
        found.append(operands.contender(NAMES[1], INTO[function]))
    return found


def _line(function: str, kind: str) -> str | None:
    if kind == "value":
        return VALUE.get(function)
    line = DERIVATIVE.get(function)
    return f"grad * ({line})" if line and kind == "backward" else line
