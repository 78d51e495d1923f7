"""What `initialize_` did, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nonlin.activation import Activation
from nonlin.messages import text
from nonlin.propagation import FirstWeights
from nonlin.torch.owners import Reason

Choice = Literal["critical", "unit length", "other length", "nearest", "linear", "untouched"]

HEAD = ("layer", "activation", "choice", "variance", "fan_in", "deviation", "branch", "scale")


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
        As `nonlin.first_weights` calls it: "critical", "unit length", "other length" or "nearest".
        "linear": no activation follows, so the variance 1. "untouched": left as it was.
    weight_variance : float
        sw2, fan_in times the variance of a weight, without the two scales. NaN if untouched.
    bias_variance : float
        Of the biases. NaN if untouched.
    fan_in : float
        Products summed in one output.
    branch_scale : float
        What the weights of a residual branch's last layer are multiplied by; 1 for others.
    length_scale : float
        What the weights are multiplied by where something else than the outputs of the same
        activation comes into the layer: in the first one so that it makes the length at which the
        weights hold, behind a row with outputs above length 1 so that it goes back to 1.
    standard_deviation : float
        Of the weights: branch_scale length_scale sqrt(weight_variance / fan_in).
    first_weights : FirstWeights or None
        What theory predicts of the row of layers with this activation; None without one.
    reasons : tuple of Reason
        Why, where that is not plain; `note` says them.
    """

    name: str
    activation: Activation | None
    choice: Choice
    weight_variance: float
    bias_variance: float
    fan_in: float
    branch_scale: float
    length_scale: float
    standard_deviation: float
    first_weights: FirstWeights | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def note(self) -> str:
        """The reasons in English."""
        return self.explain("en")

    def explain(self, lang: str) -> str:
        """Say the reasons in a language of `nonlin.messages`."""
        said = (text(f"initialize.{x.key}", lang, **dict(x.fields)) for x in self.reasons)
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Initialization:
    """What was done, in the model's order, and how many residual branches were seen.

    Its `repr` is a table.
    """

    layers: tuple[InitializedLayer, ...]
    branches: int

    def __repr__(self) -> str:
        """Lay the layers out as a table, the notes below."""
        return self.table("en")

    def table(self, lang: str) -> str:
        """Lay the layers out as a table, in a language of `nonlin.messages`."""
        head = tuple(text(f"initialize.head.{x}", lang) for x in HEAD)
        rows = [head, *(_row(layer, lang) for layer in self.layers)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_line(row, widths) for row in rows]
        lines.insert(1, _line(["-" * width for width in widths], widths))
        lines += [f"{x.name}: {x.explain(lang)}" for x in self.layers if x.reasons]
        return "\n".join(lines)


def _row(layer: InitializedLayer, lang: str) -> tuple[str, ...]:
    choice = text(f"initialize.choice.{layer.choice.replace(' ', '_')}", lang)
    if layer.choice == "untouched":
        return layer.name, "", choice, "", "", "", "", ""
    return (
        layer.name,
        "" if layer.activation is None else repr(layer.activation),
        choice,
        f"{layer.weight_variance:.6g}",
        f"{layer.fan_in:g}",
        f"{layer.standard_deviation:.4g}",
        *("" if x == 1.0 else f"{x:.4g}" for x in (layer.branch_scale, layer.length_scale)),
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    pairs = zip(cells, widths, strict=True)
    return "  ".join(cell.ljust(width) for cell, width in pairs).rstrip()
