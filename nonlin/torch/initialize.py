"""First weights that keep signals and gradients through depth, whatever the activation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils import parametrize

from nonlin.propagation import (
    NoCriticalPointError,
    critical_initialization,
    expectation,
    gain,
)
from nonlin.torch import followers
from nonlin.torch.record import Choice, Initialization, InitializedLayer
from nonlin.torch.tracing import trace

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)


def initialize_(
    model: nn.Module, inputs: Any = None, *, generator: torch.Generator | None = None
) -> Initialization:
    r"""Draw every Linear's and Conv's weights to criticality for the activation that follows it.

    A layer u = W x that phi follows takes the mean squared gradient from behind phi to its own
    input by the factor sw2 E[phi'(u)^2], where sw2 = fan_in Var(W). Weights are drawn from
    N(0, sw2 / fan_in), biases are 0:

    - sw2 of `nonlin.critical_initialization`, at which that factor is 1;
    - where no critical point holds at zero bias (GELU, SiLU, Mish, ...): sw2 = 1 / E[phi(z)^2],
      z ~ N(0, 1), that is `nonlin.gain` squared, which keeps a signal of length 1; the gradient's
      factor is then near 1 and not 1, and the record gives it;
    - the same where the critical length q* is not 0 (sigmoid) and no layer comes after the
      activation, or it gates a product: what one layer makes is far from q*;
    - sw2 = 1 where no activation follows.

    With `inputs` one pass through the model is recorded. That finds activations that are functions
    and no modules, and residual branches: of L branches each adds its share to the stream, so the
    last layer of each is scaled by 1 / sqrt(L), and lengths and gradients change by no more than a
    factor (1 + c / L)^L <= e^c in all.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    inputs : Tensor, tuple or dict, optional
        One batch: the model's argument, its arguments or its named arguments. Without it an
        activation is the next module of that kind in the model's order, and residual branches are
        not seen.
    generator : torch.Generator, optional
        Where the weights are drawn from; torch's own by default.

    Returns
    -------
    Initialization
        What was done, layer by layer; its `repr` is a table.

    Raises
    ------
    TypeError
        If `model` is no module.
    ValueError
        If there is no Linear or Conv, if one has no weights yet, or if the order of the modules
        does not tell what follows one.
    UnknownActivationError
        If an activation of torch follows that the catalogue does not have.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
    >>> initialize_(net, generator=torch.Generator().manual_seed(0))
    layer  followed by  choice    variance x fan_in  fan_in  std     branch
    -----  -----------  --------  -----------------  ------  ------  ------
    0      nl.relu      critical  2                  64      0.1768
    2                   linear    1                  256     0.0625

    References
    ----------
    K. He et al., Delving deep into rectifiers, 2015. S. S. Schoenholz et al., Deep information
    propagation, 2017. H. Zhang, Y. N. Dauphin, T. Ma, Fixup initialization, 2019, and S. De,
    S. L. Smith, Batch normalization biases residual blocks towards the identity function, 2020,
    on the scale of residual branches.
    """
    layers = _layers(model)
    scales: dict[nn.Module, float] = {}
    branches = 0
    if inputs is None:
        follower = followers.by_order(list(model.named_modules()), list(layers))
    else:
        nodes = trace(model, inputs, [x for x in layers if not _unfit(x, layers)])
        follower = followers.by_trace(nodes)
        ends = followers.branch_ends(nodes)
        branches = len(ends)
        scales = {layer: 1.0 / math.sqrt(branches) for end in ends for layer in end}
    plans = [_plan(layer, layers, follower, scales.get(layer, 1.0)) for layer in layers]
    for layer, plan in zip(layers, plans, strict=True):
        if plan.choice != "untouched":
            _draw(layer, plan.standard_deviation, generator)
    return Initialization(tuple(plans), branches)


def _layers(model: nn.Module) -> dict[nn.Module, str]:
    if not isinstance(model, nn.Module):
        raise TypeError(f"expected a torch.nn.Module, got {type(model).__name__}")
    found: dict[nn.Module, str] = {
        module: name for name, module in model.named_modules() if isinstance(module, LAYERS)
    }
    if not found:
        raise ValueError(f"{type(model).__name__} has no Linear and no Conv to initialise")
    for layer, name in found.items():
        if is_lazy(layer.weight):  # type: ignore[arg-type]
            raise ValueError(f"{name!r} has no weights yet: run the model on a batch first")
    return found


def _plan(
    layer: nn.Module,
    layers: Mapping[nn.Module, str],
    follower: followers.Followers,
    scale: float,
) -> InitializedLayer:
    name, reason = layers[layer], _unfit(layer, layers)
    if not reason and layer not in follower:
        reason = "the pass did not go through it"
    if reason:
        return InitializedLayer(
            name, None, "untouched", math.nan, fan_in(layer), 1.0, math.nan, reason
        )
    act = follower[layer].activation
    choice, variance, note = _variance(follower[layer])
    deviation = scale * math.sqrt(variance / fan_in(layer))
    return InitializedLayer(name, act, choice, variance, fan_in(layer), scale, deviation, note)


def _unfit(layer: nn.Module, layers: Mapping[nn.Module, str]) -> str:
    """Say why a layer's weights are not drawn: they are not its own."""
    if parametrize.is_parametrized(layer, "weight"):
        return "its weight is computed from others (torch.nn.utils.parametrize)"
    first = next(other for other in layers if other.weight is layer.weight)
    return "" if first is layer else f"it shares its weight with {layers[first]!r}"


@lru_cache(maxsize=256)
def _variance(follower: followers.Follower) -> tuple[Choice, float, str]:
    act = follower.activation
    if act is None:
        return "linear", 1.0, ""
    try:
        point = critical_initialization(act)
    except NoCriticalPointError as error:
        variance = gain(act) ** 2
        factor = variance * float(expectation(act, "slope_square", 1.0))
        note = f"{error}; so lengths are kept at 1, and gradients change by {factor:.4g} a layer"
        return "unit length", variance, note
    if follower.ends and point.q_star > 0.0:
        note = f"{act!r} ends the signal's way: the length {point.q_star:.3g} is not reached"
        return "unit length", gain(act) ** 2, note
    return "critical", point.weight_variance, ""


def fan_in(layer: nn.Module) -> float:
    """Count the products that one output sums; padding at the borders is left out.

    A transposed convolution with a stride spreads each input over every stride-th output only.
    """
    weight: Tensor = layer.weight  # type: ignore[assignment]
    if isinstance(layer, TRANSPOSED):
        kernel = math.prod(weight.shape[2:]) / math.prod(layer.stride)
        return weight.shape[0] / layer.groups * kernel
    return float(math.prod(weight.shape[1:]))


def _draw(layer: nn.Module, deviation: float, generator: torch.Generator | None) -> None:
    weight, bias = layer.weight, layer.bias
    with torch.no_grad():
        weight.normal_(0.0, deviation, generator=generator)  # type: ignore[operator]
        if bias is not None:
            bias.zero_()  # type: ignore[operator]
