"""What nonlin is compared with: a module a library, each with its lines by function.

A function that a library lacks is simply missing in its table.
"""

from speed.cases import SMALL
from speed.contender import Contender, Operands
from speed.peers import jax, numexpr, numpy, onnxruntime, pytorch, scipy

LIBRARIES = (numpy, scipy, pytorch, jax, numexpr, onnxruntime)

OURS = "nonlin"
COPY = "memory copy"
EXP = "numpy.exp"
PEERS = tuple(name for library in LIBRARIES for name in library.NAMES)

_CALLS = {"value": "phi(x", "derivative": "phi.derivative(x", "backward": "phi.backward(grad, x"}


def contenders(operands: Operands) -> list[Contender]:
    """List everything that computes the case; small arrays also into new memory."""
    return ours(operands) + peers(operands) + yardsticks(operands)


def ours(operands: Operands) -> list[Contender]:
    import nonlin

    phi = nonlin.get(operands.case.function)
    call = _CALLS[operands.case.kind]
    found = [operands.contender(OURS, f"{call}, out=y)", phi=phi)]
    if _small(operands):
        found.append(operands.contender(OURS, f"{call})", new=True, phi=phi))
    return found


def peers(operands: Operands) -> list[Contender]:
    """List the libraries' lines; a new array only where there is no other form, or for small x."""
    found = []
    for library in LIBRARIES:
        lines = library.contenders(operands)
        into = {line.name for line in lines if not line.new}
        every = _small(operands)
        found += [line for line in lines if every or not line.new or line.name not in into]
    return found


def yardsticks(operands: Operands) -> list[Contender]:
    """What no function can beat by much: a copy, and for small arrays a NumPy ufunc's call."""
    found = [operands.contender(COPY, "np.copyto(y, x)")]
    if _small(operands):
        found.append(operands.contender(EXP, "np.exp(x, out=y)"))
        found.append(operands.contender(EXP, "np.exp(x)", new=True))
    return found


def _small(operands: Operands) -> bool:
    return operands.case.size <= max(SMALL)
