"""What is known of a function before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Value = float | str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an activation: PyTorch's name for it, its default and what it is.

    Attributes
    ----------
    name : str
    default : float or str
    meaning : str
    kernels : mapping of str to str
        For a parameter that is a word and no number: which kernel each of its words picks.
    """

    name: str
    default: Value
    meaning: str
    kernels: Mapping[str, str] = field(default_factory=dict)

    def kernel(self, word: object) -> str:
        """Name the kernel that a word stands for; ValueError if it is none that is known."""
        if word not in self.kernels:
            words = " or ".join(map(repr, self.kernels))
            raise ValueError(f"{self.name} must be {words}, got {word!r}")
        return self.kernels[str(word)]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One activation: its definition, its parameters, its paper.

    Attributes
    ----------
    name, title : str
        The name in Python and the one in prose.
    group : str
        The family it is listed with.
    definition : callable
        Takes a SymPy symbol for x and the parameters, returns the textbook formula.
    formula, slope : str
        phi(x) and phi'(x) as plain text.
    at_kink : str
        The derivative where it has none, or that there is no such place.
    parameters : tuple of Parameter
    constants : mapping of str to str
        Numbers that the definition takes after the parameters and nobody chooses, in digits.
    aliases : tuple of str
        Other names of the same function.
    paper, url : str
        Where it comes from.
    """

    name: str
    title: str
    group: str
    definition: Callable[..., Any]
    formula: str
    slope: str
    at_kink: str
    paper: str
    url: str
    parameters: tuple[Parameter, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    def kernel(self, values: Sequence[Value]) -> tuple[str, tuple[Any, ...]]:
        """Name the kernel that these parameter values pick, and list the numbers it takes."""
        name, numbers = self.name, []
        for parameter, value in zip(self.parameters, values, strict=True):
            if parameter.kernels:
                name = parameter.kernel(value)
            else:
                numbers.append(value)
        return name, tuple(numbers)


GROUP = "axis"


@dataclass(frozen=True, slots=True, eq=False)
class AxisRecord:
    """One function of the rows along an axis: its definition, its Jacobian, its paper.

    Attributes
    ----------
    name, title : str
        The name in Python and the one in prose.
    definition : callable
        Takes a row as a list of numbers of mpmath and the parameters by name; returns the list that
        the textbook's formula makes of it.
    formula, jacobian : str
        The function and its Jacobian as plain text.
    latex, jacobian_latex : str
        The same in LaTeX.
    parameters : tuple of Parameter
        Beside the axis.
    length : {"same", "one", "fewer", "twice"}
        How long the axis is afterwards.
    masked : float or None
        What stands in the result where ``where`` leaves an element out; None if it takes no mask.
    filling : float
        What such an element is computed as.
    paper, url : str
        Where it comes from.
    aliases : tuple of str
        Other names of the same function.
    """

    name: str
    title: str
    definition: Callable[..., Sequence[Any]]
    formula: str
    jacobian: str
    latex: str
    jacobian_latex: str
    paper: str
    url: str
    parameters: tuple[Parameter, ...] = ()
    length: Literal["same", "one", "fewer", "twice"] = "same"
    masked: float | None = None
    filling: float = 0.0
    aliases: tuple[str, ...] = ()
    group: str = GROUP
