"""SciPy's ufuncs; it has no derivatives, and turns float16 into a wider dtype."""

from speed.contender import Contender, Operands

NAMES = ("SciPy",)

VALUE = {"sigmoid": "expit", "log_sigmoid": "log_expit"}


def contenders(operands: Operands) -> list[Contender]:
    from scipy import special

    case = operands.case
    if case.kind != "value" or case.function not in VALUE or case.dtype == "float16":
        return []
    name = VALUE[case.function]
    function = {name: getattr(special, name)}
    return [
        operands.contender(NAMES[0], f"{name}(x, out=y)", **function),
        operands.contender(NAMES[0], f"{name}(x)", new=True, **function),
    ]
