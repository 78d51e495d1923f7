"""What was called on the way from the inputs to the loss, and what each call is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nonlin.activation import Activation

# Losses whose outputs and targets are checked against each other, by the function's name.
LOSSES = {
    "cross_entropy": "cross_entropy",
    "cross_entropy_loss": "cross_entropy",
    "binary_cross_entropy_with_logits": "bce_with_logits",
    "binary_cross_entropy": "bce",
    "nll_loss": "nll",
    "nll_loss_nd": "nll",
    "mse_loss": "mse",
}


@dataclass(eq=False, slots=True)
class Call:
    """One call of the pass.

    Attributes
    ----------
    kind, name : str
        As in `nonlin.torch.reading.Step`.
    sources : list of Call
        What made its arguments.
    feeding : dict of str to bool
        The layers that make its result with neither a layer nor an activation between, in the
        order of their calls, and whether a normalisation stands between.
    finite : bool
        Whether its result was.
    activation : Activation or None
        Of a call of a site.
    in_loss : bool
        Whether the loss makes it, not the model.
    """

    kind: str
    name: str
    sources: list[Call] = field(default_factory=list)
    feeding: dict[str, bool] = field(default_factory=dict)
    finite: bool = True
    activation: Activation | None = None
    in_loss: bool = False


def step(kind: str, name: str, sources: Sequence[Call]) -> Call:
    """Write down a call."""
    return Call(kind, name, list(sources), _feeding(kind, name, sources))


def _feeding(kind: str, name: str, sources: Sequence[Call]) -> dict[str, bool]:
    if kind == "layer":
        return {name: False}
    found: dict[str, bool] = {}
    for source in sources:
        for layer, normalized in source.feeding.items():
            found[layer] = found.get(layer, False) or normalized or kind == "normalization"
    return found


def gated(calls: Sequence[Call]) -> set[Call]:
    """Find the calls whose result is a factor of a product, clipped or not, as a step length is."""
    found = {source for call in calls if call.kind == "product" for source in call.sources}
    for call in reversed(calls):
        act = call.activation if call in found else None
        if act is not None and act.name == "hard_tanh":
            found.update(call.sources)
    return found
