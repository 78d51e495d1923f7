"""First weights that keep signals and gradients through depth, whatever the activation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from nonlin.activation import Activation
from nonlin.gate import Gate
from nonlin.propagation import FirstWeights, NotConvergedError, first_weights, gate_moments
from nonlin.torch import followers
from nonlin.torch.measuring.subject import custom_activations
from nonlin.torch.owners import Owners, Reason, own_bias, unfit
from nonlin.torch.record import Choice, Initialization, InitializedLayer

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)


def initialize_(
    model: nn.Module,
    inputs: Any = None,
    *,
    activations: Mapping[Any, Activation] | None = None,
    generator: torch.Generator | None = None,
) -> Initialization:
    r"""Draw every Linear's and Conv's weights for the activation that follows it.

    A layer u = W x that phi follows takes the mean squared gradient from behind phi to its own
    input by the factor sw2 E[phi'(u)^2], where sw2 = fan_in Var(W), and makes of the length q of
    the layer before sw2 E[phi(u)^2], u ~ N(0, q). Weights are drawn from N(0, sw2 / fan_in) with
    the sw2 of `nonlin.first_weights`, through the depth that the model has, that is as many layers
    as the activation follows; biases are 0 but where that says otherwise. Besides:

    - of an output a length of 1 is asked, but where three layers and more have the output's
      activation;
    - the layer of a gate makes the length 1 of inputs of length 1, as behind a normalisation, and
      the layer behind the gate 1 / E[h(g, v)^2], with g, v ~ N(0, 1): a gated layer keeps the
      length of its inputs, as `nonlin.first_weights` of the gate has it;
    - sw2 = 1 where no activation follows;
    - the first layer makes the length at which the others hold out of its inputs: the mean square
      of `inputs`, or 1; a layer behind a row whose outputs are longer than 1 goes back to 1.

    With `inputs` one pass through the model is recorded. That finds activations that are functions
    and no modules, and residual branches: of L branches each adds its share to the stream, so the
    last layer of each is scaled by 1 / sqrt(L), and lengths and gradients change by no more than a
    factor (1 + c / L)^L <= e^c in all.

    Left as they are, and named with the reason: weights that are shared with an embedding or any
    other module, also through a view; those that are computed from others, frozen, or no numbers
    to draw; layers that the pass does not reach. Of layers that share a weight among themselves
    alone the first one is drawn.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    inputs : Tensor, tuple or mapping, optional
        One batch: the model's argument, its arguments or its named arguments. Without it an
        activation is the next module of that kind in the model's order, and residual branches are
        not seen.
    activations : mapping of class or str to Activation, optional
        The modules, by class or by name, that are activations of your own, as for `examine`.
    generator : torch.Generator, optional
        Where the weights are drawn from; torch's own by default.

    Returns
    -------
    Initialization
        What was done, layer by layer; its `repr` is a table.

    Raises
    ------
    TypeError
        If `model` is no module, or `activations` holds something else.
    ValueError
        If there is no Linear or Conv, if one has no weights yet, or if the order of the modules
        does not tell what follows one.
    UnknownActivationError
        If an activation of torch follows that the catalogue does not have.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
    >>> initialize_(net, generator=torch.Generator().manual_seed(0))
    layer  followed by  choice    variance x fan_in  fan_in  std     branch  scale
    -----  -----------  --------  -----------------  ------  ------  ------  -----
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
    custom = custom_activations({x: name for name, x in model.named_modules()}, activations)
    left = unfit(model, layers)
    ends: list[list[nn.Module]] = []
    if inputs is None:
        follower = followers.by_order(list(model.named_modules()), list(layers), custom)
    else:
        way = followers.Way(model, inputs, [x for x in layers if x not in left], custom)
        follower = way.followers()
        ends = way.branch_ends()
        left |= dict.fromkeys(way.looked_up(), Reason("looked_up"))
        left |= {x: Reason("unreached") for x in layers if x not in left and x not in follower}
    scales = {layer: 1.0 / math.sqrt(len(ends)) for end in ends for layer in end}
    rows = _Rows({x: y for x, y in follower.items() if x not in left}, inputs is not None)
    owners, plans = Owners(model), []
    for layer, name in layers.items():
        plan = _untouched(name, layer, left[layer]) if layer in left else rows.plan(layer, name)
        plans.append(plan := _scaled(plan, scales.get(layer, 1.0)))
        if plan.choice != "untouched":
            _draw(layer, plan, own_bias(layer, owners), generator)
    return Initialization(tuple(plans), len(ends))


def _layers(model: nn.Module) -> dict[nn.Module, str]:
    if not isinstance(model, nn.Module):
        raise TypeError(f"expected a torch.nn.Module, got {type(model).__name__}")
    found: dict[nn.Module, str] = {
        module: name for name, module in model.named_modules() if isinstance(module, LAYERS)
    }
    if not found:
        raise ValueError(f"{type(model).__name__} has no Linear and no Conv to initialise")
    for layer, name in found.items():
        weight = layer._parameters.get("weight")
        if weight is not None and is_lazy(weight):
            raise ValueError(f"{name!r} has no weights yet: run the model on a batch first")
    return found


class _Rows:
    """The rows of layers that activations follow.

    Parameters
    ----------
    found : mapping of Module to Follower
        Of the layers that are drawn.
    measured : bool
        Whether the inputs were seen.
    """

    def __init__(self, found: followers.Followers, measured: bool) -> None:
        self._found, self._measured = found, measured
        acts = {layer: x.activation for layer, x in found.items() if x.activation is not None}
        self._depth = Counter(acts.values())
        without = {act for layer, act in acts.items() if layer.bias is None}
        self._biases = {act: act not in without for act in self._depth}

    def plan(self, layer: nn.Module, name: str) -> InitializedLayer:
        """Choose a layer's weights."""
        follower = self._found[layer]
        act, gated = follower.activation, self._gated(follower)
        if act is None:
            scale = self._scale(follower, None)
            return _planned(name, None, "linear", 1.0, 0.0, layer, scale, reasons=gated)
        if follower.gates:
            incoming = self._incoming(follower)
            scale = 1.0 if math.isnan(incoming) else 1.0 / math.sqrt(incoming)
            why = (*gated, Reason("gate", (("activation", repr(act)),)))
            return _planned(name, act, "unit length", 1.0, 0.0, layer, scale, reasons=why)
        try:
            chosen = self._weights(act, follower.is_single(self._depth[act]))
        except NotConvergedError as error:
            reason = Reason("unmeasurable", (("error", str(error)),))
            return _untouched(name, layer, reason)
        scale = self._scale(follower, chosen)
        return _planned(
            name, act, chosen.choice, chosen.weight_variance, chosen.bias_variance, layer, scale,
            chosen, (*gated, *self._reasons(follower, chosen, scale)),
        )  # fmt: skip

    def _weights(self, act: Activation, single: bool) -> FirstWeights:
        return first_weights(act, 1 if single else self._depth[act], self._biases[act])

    def _incoming(self, follower: followers.Follower) -> float:
        """Tell the mean square of what comes in; NaN where nothing does."""
        before = follower.before
        if not math.isnan(follower.incoming):
            return _usable(follower.incoming)
        if isinstance(before, Gate):
            return _output_length(before)
        if before is None or before not in self._depth:
            return math.nan
        try:
            return self._weights(before, False).output_length
        except NotConvergedError:
            return math.nan

    def _scale(self, follower: followers.Follower, chosen: FirstWeights | None) -> float:
        """Give what makes the length that is asked for out of what comes in."""
        incoming, before = self._incoming(follower), follower.before
        if math.isnan(incoming):
            return 1.0
        if chosen is not None and not math.isnan(chosen.length):
            row = isinstance(before, Activation) and self._weights(before, False) == chosen
            return (
                1.0 if row else math.sqrt(chosen.input_variance(incoming) / chosen.weight_variance)
            )
        if isinstance(before, Gate):
            return 1.0 / math.sqrt(incoming)
        return 1.0 if before is None else 1.0 / math.sqrt(max(incoming, 1.0))

    def _gated(self, follower: followers.Follower) -> tuple[Reason, ...]:
        if not isinstance(follower.before, Gate):
            return ()
        length = f"{_output_length(follower.before):.3g}"
        return (Reason("gated", (("gate", repr(follower.before)), ("length", length))),)

    def _reasons(
        self, follower: followers.Follower, chosen: FirstWeights, scale: float
    ) -> list[Reason]:
        found = []
        numbers = {
            "activation": repr(chosen.activation),
            "depth": str(chosen.depth),
            "length": f"{chosen.length:.3g}",
            "factor": f"{chosen.gradient_factor:.4g}",
            "gradients": f"{chosen.gradient_change:.3g}",
            "lengths": f"{chosen.length_change:.3g}",
            "slope": f"{chosen.length_slope:.4g}",
            "bias": f"{chosen.bias_variance:.4g}",
        }
        fields = tuple(numbers.items())
        if not chosen.holds:
            found.append(Reason("nothing_holds", fields))
        elif chosen.choice != "critical":
            found.append(Reason("length_kept", fields))
        elif chosen.bias_variance > 0.0:
            found.append(Reason("biases", fields))
        elif chosen.length != 1.0 and not math.isnan(chosen.length):
            found.append(Reason("critical_length", fields))
        if not math.isnan(follower.incoming) and not math.isnan(chosen.length):
            incoming = _usable(follower.incoming)
            key = "inputs_measured" if self._measured else "inputs_assumed"
            if scale != 1.0 or incoming != 1.0:
                found.append(Reason(key, (("incoming", f"{incoming:.3g}"), *fields)))
        return found


def _output_length(gate: Gate) -> float:
    """Compute E[h^2] of standard normal gate and value; 1 where it cannot be."""
    try:
        square = gate_moments(gate).square
    except NotConvergedError:
        return 1.0
    return _usable(square)


def _usable(incoming: float) -> float:
    return incoming if math.isfinite(incoming) and incoming > 0.0 else 1.0


def _planned(
    name: str,
    act: Activation | None,
    choice: Choice,
    weight_variance: float,
    bias_variance: float,
    layer: nn.Module,
    scale: float,
    chosen: FirstWeights | None = None,
    reasons: tuple[Reason, ...] = (),
) -> InitializedLayer:
    deviation = scale * math.sqrt(weight_variance / fan_in(layer))
    return InitializedLayer(
        name, act, choice, weight_variance, bias_variance, fan_in(layer), 1.0, scale, deviation,
        chosen, reasons,
    )  # fmt: skip


def _untouched(name: str, layer: nn.Module, reason: Reason) -> InitializedLayer:
    nan = math.nan
    return InitializedLayer(
        name, None, "untouched", nan, nan, fan_in(layer), 1.0, 1.0, nan, None, (reason,)
    )


def _scaled(plan: InitializedLayer, scale: float) -> InitializedLayer:
    """Scale the last layer of a residual branch."""
    if plan.choice == "untouched" or scale == 1.0:
        return plan
    deviation = scale * plan.standard_deviation
    return replace(plan, branch_scale=scale, standard_deviation=deviation)


def fan_in(layer: nn.Module) -> float:
    """Count the products that one output sums; padding at the borders is left out.

    A transposed convolution with a stride spreads each input over every stride-th output only.
    """
    # Not the weight's shape: to compute a weight may change what it is computed from.
    if isinstance(layer, nn.Linear):
        return float(layer.in_features)
    assert isinstance(layer, nn.modules.conv._ConvNd)
    products = layer.in_channels / layer.groups * math.prod(layer.kernel_size)
    return products / math.prod(layer.stride) if isinstance(layer, TRANSPOSED) else products


def _draw(
    layer: nn.Module,
    plan: InitializedLayer,
    bias: Tensor | None,
    generator: torch.Generator | None,
) -> None:
    weight: Tensor = layer.weight  # type: ignore[assignment]
    with torch.no_grad():
        weight.normal_(0.0, plan.standard_deviation, generator=generator)
        if bias is not None and plan.bias_variance > 0.0:
            deviation = plan.branch_scale * math.sqrt(plan.bias_variance)
            bias.normal_(0.0, deviation, generator=generator)
        elif bias is not None:
            bias.zero_()
