"""What is known of a function along an axis before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nonlin.catalogue.record import Parameter

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
