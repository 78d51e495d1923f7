"""Layers that are not moved, and rates that do not fit."""

from __future__ import annotations

from torch import Tensor, nn

from doctor.faults.fault import Truth, fault, middle, plain_layer
from doctor.places import places, replaced
from doctor.program import Program


@fault("stuck_layer")
def forgotten_layer(of: Program) -> Truth | None:
    """Leave one layer out of the optimizer."""
    found = plain_layer(of)
    if found is None:
        return None
    own = {id(x) for x in found[0].parameters()}
    for group in of.optimizers[0].param_groups:
        group["params"] = [x for x in group["params"] if id(x) not in own]
    return Truth(("stuck_layer",), found[1].names)


class Cut(nn.Module):
    """Passes values on and no gradient."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


@fault("stuck_layer")
def cut_off_layers(of: Program) -> Truth | None:
    """Detach what comes out of an activation in a row of layers."""
    place = middle(of)
    if place is None or "plain" not in of.traits:
        return None
    found = places(of)
    before = found[: found.index(place) + 1]
    replaced(of.model, place.act, nn.Sequential(of.model.get_submodule(place.act), Cut()))
    return Truth(("stuck_layer",), tuple(name for each in before for name in each.names))


def _rate(of: Program, factor: float) -> None:
    for optimizer in of.optimizers:
        for group in optimizer.param_groups:
            group["lr"] *= factor


@fault("stuck_layer")
def no_rate(of: Program) -> Truth | None:
    """Divide the rate by 1e8: nothing moves."""
    if of.between is not None:
        return None
    _rate(of, 1e-8)
    return Truth(("stuck_layer", "learning_rate"))


@fault("learning_rate", trial=True)
def rate_too_low(of: Program) -> Truth | None:
    """Divide the rate by 1,000."""
    if of.between is not None:
        return None
    _rate(of, 1e-3)
    return Truth(("learning_rate", "stuck_layer"), ("optimizer",))


@fault("learning_rate", trial=True)
def rate_too_high(of: Program) -> Truth | None:
    """Multiply the rate by 300."""
    if of.between is not None:
        return None
    _rate(of, 300.0)
    return Truth(("learning_rate",), ("optimizer",))


# A decay that stands beside the gradient is one of Adam's step, which is as large as the rate.
DECAY, DECAY_BESIDE = 1.0, 30.0


@fault("weight_decay", trial=True)
def decay_too_strong(of: Program) -> Truth | None:
    """Let the decay pull the weights down faster than the gradient builds them up."""
    if of.between is not None:
        return None
    for optimizer in of.optimizers:
        beside = "AdamW" in type(optimizer).__name__
        for group in optimizer.param_groups:
            group["weight_decay"] = DECAY_BESIDE if beside else DECAY
    return Truth(("weight_decay",), ("optimizer",))


@fault("dropout", trial=True)
def dropout_too_strong(of: Program) -> Truth | None:
    """Leave nearly every unit out behind each activation of layers in a row."""
    found = places(of)
    if of.between is not None or "plain" not in of.traits or not found:
        return None
    for place in found:
        act = of.model.get_submodule(place.act)
        replaced(of.model, place.act, nn.Sequential(act, nn.Dropout(0.95)))
    return Truth(("dropout",), ("model",))
