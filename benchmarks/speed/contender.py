"""One way to compute a function: the line that is timed, and the names it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from timeit import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin import get
from speed.cases import Case

NEW = ", new array"


@dataclass(frozen=True)
class Contender:
    """An expression that computes a function, into an existing array `y` or into a new one."""

    name: str
    statement: str
    names: Mapping[str, Any] = field(repr=False)
    new: bool = False
    about: str = ""

    @property
    def label(self) -> str:
        return self.name + NEW * self.new

    def timer(self) -> Timer:
        """The expression in a compiled loop: what is timed is the line, not a call of a lambda."""
        return Timer(self.statement, globals=dict(self.names))

    def result(self) -> NDArray[Any]:
        """Compute once."""
        with np.errstate(all="ignore"):
            value = eval(self.statement, dict(self.names))
        return np.asarray(value if self.new else self.names["y"]).copy()


@dataclass(frozen=True)
class Operands:
    """What all contenders of a case share."""

    case: Case
    x: NDArray[Any]
    grad: NDArray[Any]
    y: NDArray[Any]

    @classmethod
    def normal(cls, case: Case) -> Operands:
        """Draw pre-activations and gradients as a network has them: normal, of unit variance."""
        generator = np.random.default_rng(0)
        precise = np.float64 if case.dtype == "float64" else np.float32
        x = generator.standard_normal(case.size, dtype=precise).astype(case.dtype)
        grad = x
        if case.kind == "backward":
            grad = generator.standard_normal(case.size, dtype=precise).astype(case.dtype)
        return cls(case, x, grad, np.empty_like(x))

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(get(self.case.function).parameters)

    @property
    def arrays(self) -> dict[str, Any]:
        """The names that NumPy's lines use."""
        return {"np": np, "x": self.x, "grad": self.grad, "y": self.y, **self.parameters}

    def contender(
        self, name: str, statement: str, *, new: bool = False, about: str = "", **more: Any
    ) -> Contender:
        """`about` says what the function is where the line only calls something prepared."""
        return Contender(name, statement, self.arrays | more, new, about)
