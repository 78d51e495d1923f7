"""What is wrong with activations, outputs, losses, inputs and numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from doctor.families.pieces import Function
from doctor.faults.fault import Truth, fault, middle, plain_layer
from doctor.places import first_numbers, places, replaced
from doctor.program import Program

LOSS = ("loss", "outputs", "output", "targets", "inputs")


def _inputs(of: Program, change: Callable[[Tensor], Tensor], *kinds: str) -> Truth | None:
    first = first_numbers(of.inputs)
    if first is None:
        return None
    of.inputs = tree_map(lambda x: change(x) if x is first else x, of.inputs)
    return Truth(kinds or ("unscaled_inputs",), ("inputs", "input"))


@fault("unscaled_inputs")
def bytes_as_inputs(of: Program) -> Truth | None:
    """Give inputs 255 times as large."""
    return _inputs(of, lambda x: 255.0 * x)


@fault("unscaled_inputs")
def offset_inputs(of: Program) -> Truth | None:
    """Give inputs far from 0."""
    return _inputs(of, lambda x: x + 100.0)


@fault("unscaled_inputs")
def tiny_inputs(of: Program) -> Truth | None:
    """Give inputs of a ten-thousandth."""
    return _inputs(of, lambda x: 1e-4 * x)


@fault("unscaled_inputs")
def one_huge_feature(of: Program) -> Truth | None:
    """Let one feature be ten thousand times as large as the others."""

    def change(x: Tensor) -> Tensor:
        x = x.clone()
        x.select(1 if x.ndim == 4 else x.ndim - 1, 0).mul_(1e4)
        return x

    first = first_numbers(of.inputs)
    if first is None or first.shape[1 if first.ndim == 4 else -1] < 2:
        return None
    return _inputs(of, change)


@fault("non_finite")
def a_missing_number(of: Program) -> Truth | None:
    """Put a NaN into one input of those that are trained on."""

    def change(x: Tensor) -> Tensor:
        x = x.clone()
        x[3].view(-1)[1:2] = torch.nan
        return x

    return _inputs(of, change, "non_finite")


@fault("linear_stack")
def no_activation_at_all(of: Program) -> Truth | None:
    """Leave out all activations of layers in a row."""
    found = places(of)
    if "plain" not in of.traits or not found:
        return None
    for place in found:
        replaced(of.model, place.act, nn.Identity())
    return Truth(("linear_stack",))


@fault("linear_stack")
def one_activation_missing(of: Program) -> Truth | None:
    """Leave out one activation of layers in a row."""
    place = middle(of)
    if "plain" not in of.traits or place is None:
        return None
    replaced(of.model, place.act, nn.Identity())
    return Truth(("linear_stack",))


def _behind(of: Program, second: nn.Module, kinds: tuple[str, ...], *names: str) -> Truth | None:
    place = middle(of)
    if place is None:
        return None
    replaced(of.model, place.act, nn.Sequential(of.model.get_submodule(place.act), second))
    inside = (f"{place.act}.0", f"{place.act}.1")
    return Truth(kinds, (*place.names, *inside, *names))


@fault("doubled_activation")
def doubled_by_sigmoid(of: Program) -> Truth | None:
    """Apply a sigmoid to an activation's result."""
    return _behind(of, nn.Sigmoid(), ("doubled_activation",))


@fault("doubled_activation")
def doubled_by_tanh(of: Program) -> Truth | None:
    """Apply tanh twice to an activation's result."""
    second = nn.Sequential(nn.Tanh(), nn.Sigmoid())
    place = middle(of)
    names = () if place is None else (f"{place.act}.1.0", f"{place.act}.1.1")
    return _behind(of, second, ("doubled_activation",), *names)


@fault("hidden_softmax")
def softmax_between_layers(of: Program) -> Truth | None:
    """Let a softmax stand where an activation did, in a row of layers."""
    place = middle(of, norm="")
    if "plain" not in of.traits or place is None:
        return None
    replaced(of.model, place.act, nn.Softmax(-1))
    return Truth(("hidden_softmax",), (*place.names, "softmax"))


@fault("non_finite")
def logarithm_of_negative(of: Program) -> Truth | None:
    """Take the logarithm of what is negative."""
    return _behind(of, Function(lambda x: torch.log(x - 1e3)), ("non_finite",), "log")


@fault("non_finite")
@torch.no_grad()
def a_broken_weight(of: Program) -> Truth | None:
    """Put a NaN into one weight."""
    found = plain_layer(of)
    if found is None:
        return None
    found[0].weight.view(-1)[7:8] = torch.nan
    return Truth(("non_finite",), found[1].names)


@fault("non_finite")
@torch.no_grad()
def overflowing_weights(of: Program) -> Truth | None:
    """Make a layer's weights so large that numbers overflow."""
    found = plain_layer(of)
    if found is None:
        return None
    found[0].weight.mul_(1e38)
    return Truth(("non_finite", "bad_initialization"), found[1].names)


def _last(of: Program, task: str, module: nn.Module, *names: str) -> Truth | None:
    """Put something behind the layer that makes the outputs."""
    if of.task != task or not of.out:
        return None
    replaced(of.model, of.out, nn.Sequential(of.model.get_submodule(of.out), module))
    inside = (of.out, f"{of.out}.0", f"{of.out}.1")
    return Truth(("output_mismatch",), (*inside, *names, *LOSS))


@fault("output_mismatch")
def softmax_before_cross_entropy(of: Program) -> Truth | None:
    """Give cross entropy probabilities."""
    return _last(of, "classes", nn.Softmax(-1), "softmax")


@fault("output_mismatch")
def relu_before_cross_entropy(of: Program) -> Truth | None:
    """Give cross entropy nothing negative."""
    return _last(of, "classes", nn.ReLU(), "relu")


@fault("output_mismatch")
def sigmoid_before_cross_entropy(of: Program) -> Truth | None:
    """Give cross entropy numbers between 0 and 1."""
    return _last(of, "classes", nn.Sigmoid(), "sigmoid")


@fault("output_mismatch")
def sigmoid_twice(of: Program) -> Truth | None:
    """Give a loss for logits probabilities."""
    return _last(of, "binary", nn.Sigmoid(), "sigmoid")


@fault("output_mismatch")
def sigmoid_for_amounts(of: Program) -> Truth | None:
    """Let a regression say nothing below 0 or above 1."""
    return _last(of, "amounts", nn.Sigmoid(), "sigmoid")


@fault("output_mismatch")
def relu_for_amounts(of: Program) -> Truth | None:
    """Let a regression say nothing below 0."""
    return _last(of, "amounts", nn.ReLU(), "relu")


@fault("output_mismatch")
def likelihood_without_logarithm(of: Program) -> Truth | None:
    """Give the loss for log-probabilities logits."""
    if of.loss_fn is not F.cross_entropy:
        return None
    of.loss_fn = F.nll_loss
    return Truth(("output_mismatch",), (of.out, *LOSS))


def _targets(of: Program, change: Callable[[Any], Any], *kinds: str) -> Truth:
    if isinstance(of.inputs, dict) and "labels" in of.inputs:
        of.inputs = of.inputs | {"labels": change(of.inputs["labels"])}
    else:
        of.targets = change(of.targets)
    return Truth(("output_mismatch", *kinds), (of.out, *LOSS))


@fault("output_mismatch")
def labels_from_one(of: Program) -> Truth | None:
    """Count the classes from 1."""
    return _targets(of, lambda y: y + 1) if of.task == "classes" else None


@fault("flat_loss")
def ignored_labels(of: Program) -> Truth | None:
    """Give cross entropy labels that it ignores, and no other."""
    if of.task != "classes" or of.loss_fn is not F.cross_entropy:
        return None
    truth = _targets(of, lambda y: torch.full_like(y, -100))
    return Truth(("flat_loss",), truth.places)


@fault("output_mismatch")
def millions_as_targets(of: Program) -> Truth | None:
    """Ask for amounts of the order of 1e6."""
    if of.task != "amounts":
        return None
    return _targets(of, lambda y: 1e6 * y, "unscaled_targets")


@fault("output_mismatch")
def targets_that_broadcast(of: Program) -> Truth | None:
    """Compare (n, 1) with (n,): every output with every target."""
    if of.task != "amounts" or of.targets.ndim != 2:
        return None
    if of.targets.shape[1] != 1:
        return None
    score = of.score
    of.score = lambda out, y: score(out, y.view(-1, 1))
    return _targets(of, lambda y: y[:, 0])
