"""Puts nonlin's activations in the place of PyTorch's in a model."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.messages import text
from nonlin.torch import functional as F  # noqa: N812 - as PyTorch's own is called
from nonlin.torch import nn as ours
from nonlin.torch.functions import Activate
from nonlin.torch.names import CLASSES, of_module

_TORCHS = {getattr(nn, name): getattr(ours, name) for name in {*CLASSES.values(), "GLU"}}

# Modules of transformers' table of activations that hold no parameters, and what they are here.
_TRANSFORMERS: Mapping[str, tuple[type[nn.Module], Mapping[str, Any]]] = {
    "FastGELUActivation": (ours.GELU, {"approximate": "tanh"}),
    "GELUActivation": (ours.GELU, {"approximate": "none"}),
    "GELUTanh": (ours.GELU, {"approximate": "tanh"}),
    "LaplaceActivation": (Activate, {"activation": get("laplace")}),
    "MishActivation": (ours.Mish, {"inplace": False}),
    "NewGELUActivation": (ours.GELU, {"approximate": "tanh"}),
    "QuickGELUActivation": (ours.Swish, {"beta": 1.702}),
    "ReLUSquaredActivation": (Activate, {"activation": get("relu_squared")}),
    "SiLUActivation": (ours.SiLU, {"inplace": False}),
}

# What a gated feed-forward part computes, as its forward is written.
_GATED = "self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))"
_GATES = {"sigmoid": "glu", "silu": "swiglu", "relu": "reglu", "gelu": "geglu"}

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@dataclass(frozen=True, slots=True)
class Replaced:
    """One module, and what was done with it.

    Attributes
    ----------
    name : str
        As in `named_modules`; empty for the model itself.
    old : str
        The class that it was of, or the function that it holds.
    new : str
        What it is instead; empty if it was left.
    key : str
        Which sentence says it: "module", "gate", or why it was left: "own_class", "function",
        "activation".
    """

    name: str
    old: str
    new: str
    key: str

    @property
    def done(self) -> bool:
        """Whether it was exchanged."""
        return bool(self.new)

    def explain(self, lang: str) -> str:
        """Say it in a language of `nonlin.messages`."""
        fields = {"name": self.name or "model", "old": self.old, "new": self.new}
        return text(f"replacement.{self.key}", lang, **fields)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What `replace_` did, in the model's order, and what it left; its `repr` says it."""

    modules: tuple[Replaced, ...]

    @property
    def done(self) -> tuple[Replaced, ...]:
        """What was exchanged."""
        return tuple(x for x in self.modules if x.done)

    @property
    def left(self) -> tuple[Replaced, ...]:
        """What was left as it was."""
        return tuple(x for x in self.modules if not x.done)

    def __repr__(self) -> str:
        """Say it in English."""
        return self.explain("en")

    def explain(self, lang: str) -> str:
        """Say it in a language of `nonlin.messages`, a sentence a line."""
        head = text("replacement.head", lang, done=len(self.done), left=len(self.left))
        sentences = [x.explain(lang) for x in (*self.done, *self.left)]
        return "\n".join([head, *sentences, text("replacement.unseen", lang)])


def replace_(model: nn.Module) -> Replacement:
    """Exchange a model's activations for nonlin's, in place.

    A module of one of `torch.nn`'s activations, or of transformers' without parameters, becomes the
    module of the same name of `nonlin.torch.nn`. A module whose forward is written as
    ``down_proj(act_fn(gate_proj(x)) * up_proj(x))``, as those of Llama, Mistral, Qwen and Gemma
    are, computes the product as one gate. Modules stay the objects that they are, with their
    parameters, hooks, mode and names; what they compute is the same function.

    Parameters
    ----------
    model : nn.Module

    Returns
    -------
    Replacement
        What was exchanged, what was not and why.

    Raises
    ------
    TypeError
        If `model` is no module.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> print(replace_(model))
    Exchanged: 1. Left: 0.
    '1' was ReLU and is nonlin's ReLU.
    Functions that are called inside a forward, such as torch.nn.functional.relu, are not seen.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"replace_ expects a module, got {type(model).__name__}")
    modules = dict(model.named_modules())
    found = [x for name, module in modules.items() for x in _exchange(name, module)]
    found += [x for name, module in modules.items() for x in _join(name, module)]
    return Replacement(tuple(found))


def _exchange(name: str, module: nn.Module) -> Iterator[Replaced]:
    kind = type(module)
    new, attributes = _counterpart(kind)
    if new is not None:
        module.__class__ = new
        for key, value in attributes.items():
            setattr(module, key, value)
        yield Replaced(name, kind.__name__, _shown(module), "module")
    elif kind.__module__.startswith("nonlin.torch"):
        return
    elif isinstance(module, tuple(_TORCHS)):
        yield Replaced(name, kind.__name__, "", "own_class")
    else:
        for key, function in vars(module).items():
            if isinstance(function, FunctionType | BuiltinFunctionType) and _is_torchs(function):
                inner = f"{name}.{key}" if name else key
                yield Replaced(inner, f"torch.nn.functional.{function.__name__}", "", "function")


def _counterpart(kind: type[nn.Module]) -> tuple[type[nn.Module] | None, Mapping[str, Any]]:
    if kind in _TORCHS:
        return _TORCHS[kind], {}
    if kind.__module__ == "transformers.activations":
        return _TRANSFORMERS.get(kind.__name__, (None, {}))
    return None, {}


def _shown(module: nn.Module) -> str:
    return repr(module.activation) if type(module) is Activate else type(module).__name__


def _is_torchs(function: Callable[..., Any]) -> bool:
    name = getattr(function, "__name__", "")
    return name in CLASSES and function in (
        getattr(nn.functional, name, None),
        getattr(torch, name, None),
    )


class _Gated(nn.Module):
    """What a gated feed-forward part becomes: its own class, with this forward before it."""

    def forward(self, x: Tensor) -> Tensor:
        """Compute the part with one gate; step by step if somebody listens to its activation."""
        gate, value = self.gate_proj(x), self.up_proj(x)
        phi = self.act_fn
        if any(getattr(phi, hooks) for hooks in _HOOKS):
            product = phi(gate) * value
        else:
            name, parameters = _gate_of(phi) or ("", ())
            product = F.compute_gate(name, gate, value, *parameters) if name else phi(gate) * value
        found: Tensor = self.down_proj(product)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the class that it was made of."""
        return _empty, (type(self).__mro__[2],), vars(self)


@lru_cache(maxsize=256)
def _joined(kind: type[nn.Module]) -> type[nn.Module]:
    return type(kind.__name__, (_Gated, kind), {"__module__": kind.__module__})


def _empty(kind: type[nn.Module]) -> nn.Module:
    joined = _joined(kind)
    return joined.__new__(joined)


def _join(name: str, module: nn.Module) -> Iterator[Replaced]:
    kind = type(module)
    if isinstance(module, _Gated) or not _is_gated(kind):
        return
    gate = _gate_of(module.act_fn) if isinstance(module.act_fn, nn.Module) else None
    if gate is None:
        yield Replaced(name, kind.__name__, "", "activation")
        return
    module.__class__ = _joined(kind)
    yield Replaced(name, kind.__name__, gate[0], "gate")


def _gate_of(activation: nn.Module) -> tuple[str, tuple[float, ...]] | None:
    act: Activation | None = of_module(activation)
    if isinstance(activation, ours.Swish) and not isinstance(activation.beta, Tensor):
        act = get("silu").bind(beta=activation.beta)
    if act is None or act.name not in _GATES:
        return None
    if act.parameters.get("approximate") == "tanh":
        return "geglu_tanh", ()
    return _GATES[act.name], tuple(float(x) for x in act.parameters.values() if x != "none")


@lru_cache(maxsize=1024)
def _is_gated(kind: type[nn.Module]) -> bool:
    """Whether a class's forward is the product that a gate is, as it is written."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind.forward)))
    except (OSError, TypeError, SyntaxError):
        return False
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or len(function.args.args) != 2:
        return False
    x = function.args.args[1].arg
    expected = ast.dump(ast.parse(_GATED.replace("(x)", f"({x})"), mode="eval").body)
    return [ast.dump(e) for e in _computed(function)] == [expected]


def _computed(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """List what a function computes: the value that it returns, by way of one name at most."""
    names = {}
    for line in function.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            names[line.targets[0].id] = line.value
        elif isinstance(line, ast.Return) and isinstance(line.value, ast.Name):
            yield names.get(line.value.id, line.value)
        elif isinstance(line, ast.Return) and line.value is not None:
            yield line.value
        elif not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)):
            yield ast.Constant(None)
