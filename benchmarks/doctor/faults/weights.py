"""First weights that do not fit, depth that shrinks or grows what goes through, collapsed heads."""

from __future__ import annotations

import math

import torch
from torch import nn

from doctor.families.pieces import Beside
from doctor.faults.fault import Truth, fault, plain_layer
from doctor.places import LAYERS, replaced
from doctor.program import Program

BAD = ("bad_initialization",)
GROWING = ("exploding_gradients", "exploding_signal", "bad_initialization")
SHRINKING = ("vanishing_gradients", "bad_initialization")


@torch.no_grad()
def _one_layer(of: Program, deviation: float, factor: float = 0.0) -> Truth | None:
    found = plain_layer(of)
    if found is None:
        return None
    layer, place = found
    if factor:
        layer.weight.mul_(factor)
    elif deviation:
        layer.weight.normal_(0.0, deviation)
    else:
        layer.weight.fill_(1.0 / layer.weight[0].numel())
    return Truth(BAD, place.names)


@fault("bad_initialization")
def equal_weights(of: Program) -> Truth | None:
    """Give all units of a layer the same weights."""
    return _one_layer(of, 0.0)


@fault("bad_initialization")
def tiny_weights(of: Program) -> Truth | None:
    """Draw one layer with a deviation of 1e-4."""
    return _one_layer(of, 1e-4)


@fault("bad_initialization")
def large_weights(of: Program) -> Truth | None:
    """Multiply one layer by 10."""
    return _one_layer(of, 0.0, 10.0)


@fault("bad_initialization")
def unscaled_weights(of: Program) -> Truth | None:
    """Draw one layer with a deviation of 1."""
    return _one_layer(of, 1.0)


@fault("bad_initialization")
@torch.no_grad()
def zero_weights(of: Program) -> Truth | None:
    """Begin with all layers at 0."""
    layers = [x for x in of.model.modules() if isinstance(x, LAYERS)]
    if "plain" not in of.traits or any(hasattr(x, "parametrizations") for x in layers):
        return None
    for layer in layers:
        layer.weight.zero_()
        if layer.bias is not None:
            layer.bias.zero_()
    return Truth(("bad_initialization", "stuck_layer"))


def _deeper(of: Program, layers: int, deviation: float, act: type[nn.Module]) -> int | None:
    """Put a row of layers in front of the last one; a deviation of 0 leaves PyTorch's weights."""
    out = of.model.get_submodule(of.out) if of.out else None
    if not isinstance(out, nn.Linear):
        return None
    width = out.in_features
    rows: list[nn.Module] = []
    for _ in range(layers):
        layer = nn.Linear(width, width)
        if deviation:
            nn.init.normal_(layer.weight, 0.0, deviation / math.sqrt(width))
            nn.init.zeros_(layer.bias)
        rows += [layer, act()]
    _before_last(of, out, rows)
    return width


def _before_last(of: Program, out: nn.Linear, rows: list[nn.Module]) -> None:
    whole = nn.Sequential(*rows, out).to(out.weight.dtype)
    replaced(of.model, of.out, whole)
    _optimized(of, [p for row in rows for p in row.parameters()])


def _optimized(of: Program, added: list[nn.Parameter]) -> None:
    optimizer = of.optimizers[0]
    optimizer.param_groups[0]["params"].extend(added)


@fault("vanishing_gradients")
def deep_sigmoids(of: Program) -> Truth | None:
    """Add ten layers with sigmoids and PyTorch's first weights."""
    return Truth(SHRINKING) if _deeper(of, 10, 0.0, nn.Sigmoid) else None


@fault("vanishing_gradients")
def deep_small_tanh(of: Program) -> Truth | None:
    """Add twelve layers with tanh and weights that halve what goes through twice."""
    return Truth(SHRINKING) if _deeper(of, 12, 0.25, nn.Tanh) else None


@fault("vanishing_gradients")
def deep_default_relu(of: Program) -> Truth | None:
    """Add twenty layers with ReLU and PyTorch's first weights."""
    return Truth(SHRINKING) if _deeper(of, 20, 0.0, nn.ReLU) else None


@fault("exploding_gradients")
def deep_large_relu(of: Program) -> Truth | None:
    """Add ten layers with ReLU whose weights make five times as much of what comes in."""
    return Truth(GROWING) if _deeper(of, 10, 7.0, nn.ReLU) else None


@fault("exploding_gradients")
def growing_residuals(of: Program) -> Truth | None:
    """Add forty residual blocks with He's first weights and no normalisation."""
    out = of.model.get_submodule(of.out) if of.out else None
    if not isinstance(out, nn.Linear):
        return None
    width = out.in_features
    rows: list[nn.Module] = []
    for _ in range(40):
        layers = nn.Linear(width, width), nn.Linear(width, width)
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight)
        rows.append(Beside(layers[0], nn.ReLU(), layers[1]))
    _before_last(of, out, rows)
    return Truth(GROWING)


@fault("collapsed_attention")
@torch.no_grad()
def large_queries(of: Program) -> Truth | None:
    """Multiply the weights of queries and keys by 30."""
    if "attention" not in of.traits:
        return None
    names = []
    for name, module in of.model.named_modules():
        last = name.rpartition(".")[2]
        if isinstance(module, nn.MultiheadAttention):
            module.in_proj_weight[: 2 * module.embed_dim].mul_(30.0)
        elif last == "c_attn":
            module.weight[:, : 2 * len(module.weight)].mul_(30.0)
        elif last in ("q_proj", "k_proj", "query", "key", "q", "k", "q_lin", "k_lin"):
            module.weight.mul_(30.0)
        else:
            continue
        names += [name, name.rpartition(".")[0]]
    return Truth(("collapsed_attention", "bad_initialization"), tuple(dict.fromkeys(names)))


@torch.no_grad()
def _again(of: Program, factor: float, kinds: tuple[str, ...]) -> Truth | None:
    """Change the recurrent weights of a cell."""
    name = of.known.get("again") or of.known.get("fused")
    module = of.model.get_submodule(name) if name else None
    if name is None or isinstance(module, nn.LSTM | nn.GRU):
        return None
    for key, weight in module.named_parameters():
        if key.startswith("weight_hh") or "again" in of.known:
            weight.mul_(factor)
    parent = name.rpartition(".")[0]
    return Truth((*kinds, "bad_initialization"), tuple(x for x in (name, parent, "act") if x))


@fault("vanishing_gradients")
def forgetting_cell(of: Program) -> Truth | None:
    """Let a cell keep a tenth of its state at each step."""
    return _again(of, 0.1, ("vanishing_gradients",))


@fault("exploding_gradients")
def growing_cell(of: Program) -> Truth | None:
    """Multiply a cell's recurrent weights by 6."""
    return _again(of, 6.0, ("exploding_gradients", "exploding_signal", "saturated_units"))
