"""What `initialize_` did, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nonlin.activation import Activation

Choice = Literal["critical", "unit length", "linear", "untouched"]

HEAD = ("layer", "followed by", "choice", "variance x fan_in", "fan_in", "std", "branch")


@dataclass(frozen=True, slots=True)
class InitializedLayer:
    """One Linear or Conv.

    Attributes
    ----------
    name : str
        As in `named_modules`.
    activation : Activation or None
        What follows it; None for a layer that no activation follows.
    choice : str
        "critical": the weight variance of `nonlin.critical_initialization`. "unit length": there
        is none, so `nonlin.gain` squared, which keeps a signal of length 1. "linear": no activation
        follows, so 1. "untouched": left as it was.
    weight_variance : float
        sw2, fan_in times the variance of a weight, without `branch_scale`. NaN if untouched.
    fan_in : float
        Products summed in one output.
    branch_scale : float
        What the weights of a residual branch's last layer are multiplied by; 1 for others.
    standard_deviation : float
        Of the weights: branch_scale sqrt(weight_variance / fan_in).
    note : str
        Why, where that is not plain.
    """

    name: str
    activation: Activation | None
    choice: Choice
    weight_variance: float
    fan_in: float
    branch_scale: float
    standard_deviation: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Initialization:
    """What was done, in the model's order, and how many residual branches were seen.

    Its `repr` is a table.
    """

    layers: tuple[InitializedLayer, ...]
    branches: int

    def __repr__(self) -> str:
        """Lay the layers out as a table, the notes below."""
        rows = [HEAD, *map(_row, self.layers)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_line(row, widths) for row in rows]
        lines.insert(1, _line(["-" * width for width in widths], widths))
        lines += [f"{layer.name}: {layer.note}" for layer in self.layers if layer.note]
        return "\n".join(lines)


def _row(layer: InitializedLayer) -> tuple[str, ...]:
    numbers = (f"{layer.weight_variance:.6g}", f"{layer.fan_in:g}")
    if layer.choice == "untouched":
        return layer.name, "", layer.choice, "", "", "", ""
    after = "" if layer.activation is None else repr(layer.activation)
    scale = "" if layer.branch_scale == 1.0 else f"{layer.branch_scale:.4g}"
    return layer.name, after, layer.choice, *numbers, f"{layer.standard_deviation:.4g}", scale


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    pairs = zip(cells, widths, strict=True)
    return "  ".join(cell.ljust(width) for cell, width in pairs).rstrip()
