"""One pass through a model, watched: activations, layers and what lies between."""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nonlin.activation import Activation
from nonlin.torch.measuring import graph
from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.scope import Scope
from nonlin.torch.measuring.slopes import is_in_place
from nonlin.torch.measuring.weights import KINDS
from nonlin.torch.names import of_call

# A function of torch that calls others which are to be seen: the same function, but one that does
# not hand itself over to whoever watches.
_OPEN = {
    F.multi_head_attention_forward: types.FunctionType(
        F.multi_head_attention_forward.__code__,
        {**F.multi_head_attention_forward.__globals__, "has_torch_function": lambda _: False},
        argdefs=F.multi_head_attention_forward.__defaults__,
    )
}


class Capture(TorchFunctionMode):
    """Sees every call of a torch function while it is active.

    Parameters
    ----------
    names : mapping of module to str
    leaves : mapping of str to Tensor
        The parameters that the model works with.
    custom : mapping of module to Activation
        The modules that are activations though torch does not know it.
    observation : Observation
        What is told of sites and layers.
    looks_at_values : bool
        Whether each call's result is searched for what is not finite.
    """

    def __init__(
        self,
        names: Mapping[nn.Module, str],
        leaves: Mapping[str, Tensor],
        custom: Mapping[nn.Module, Activation],
        observation: Observation,
        *,
        looks_at_values: bool = False,
    ) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.scope = Scope(names, self._is_whole, self._begin_whole, self._end_module)
        self._custom, self._observation = custom, observation
        self._in_loss = False
        self._looks_at_values = looks_at_values
        self._whole: Any = None
        # Weak references, so that nothing lives longer than without us; the object behind an id
        # is compared, since an id comes again when its object is gone.
        self._made: dict[int, tuple[weakref.ref[Tensor], Call]] = {}
        for name, leaf in leaves.items():
            self._remember([leaf], Call("parameter", name))

    def begin(self, given: Iterable[Tensor]) -> None:
        """Take tensors as the model's inputs."""
        self._add(Call("input", "input"), given)

    def begin_loss(self) -> None:
        """Take what follows as the loss."""
        self._in_loss = True

    def call_of(self, x: Tensor) -> Call | None:
        """Find the call that made a tensor."""
        reference, call = self._made.get(id(x), (None, None))
        return call if reference is not None and reference() is x else None

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function, and look at what went in and came out."""
        kwargs = kwargs or {}
        if self.scope.hidden:
            return function(*args, **kwargs)
        if function in _OPEN:
            with self:
                return _OPEN[function](*args, **kwargs)
        name = getattr(function, "__name__", "")
        act = of_call(function, args, kwargs)
        given = list(tensors([*args, *kwargs.values()]))
        if act is not None:
            z = self._pre_activation(given)
            if z is not None:
                return self._activation(act, function, name, args, kwargs, z)
        return self._other(function, name, args, kwargs, given)

    def _pre_activation(self, given: Sequence[Tensor]) -> Tensor | None:
        for x in given:
            call = self.call_of(x)
            if x.is_floating_point() and call is not None and call.kind != "parameter":
                return x
        return None

    def _activation(
        self,
        act: Activation,
        function: Callable[..., Any],
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        z: Tensor,
    ) -> Any:
        source = self.call_of(z)
        assert source is not None
        if self._in_loss:
            result = function(*args, **kwargs)
            self._add(Call("activation", f"loss:{name.strip('_')}", [source]), [result])
            return result
        call = Call("activation", name.strip("_"), [source])
        in_place = is_in_place(name, kwargs)
        look = self._observation.site(call, act, z, self._place(name), in_place)
        before = z.detach().clone() if in_place else z
        result = function(*args, **kwargs)
        look(function, args, kwargs, z, before, result)
        self._add(call, [result])
        return result

    def _other(
        self,
        function: Callable[..., Any],
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Sequence[Tensor],
    ) -> Any:
        parameters, sources = self._known(given)
        result = function(*args, **kwargs)
        made = list(tensors([result]))
        if name == "__setitem__" and isinstance(args[0], Tensor):
            made = [args[0]]
        if not (parameters or sources) or not made or name in graph.SHAPES:
            return result
        weights = [x for x in parameters if x[0].ndim > 1]
        if name in KINDS and weights and len(parameters) < len(given):
            call = self._layer(name, args, kwargs, given, parameters, made, sources)
            self._add(call, made)
        elif sources:
            kind = graph.kind_of(name, sources)
            call = Call(kind, name, sources, graph.feeding(kind, name, sources))
            if kind == "loss":
                self._observation.loss(name, args, kwargs)
            self._add(call, made)
        else:
            self._remember(made, Call("parameter", _largest(parameters)))
        return result

    def _layer(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Sequence[Tensor],
        parameters: Sequence[tuple[Tensor, str]],
        made: Sequence[Tensor],
        sources: list[Call],
    ) -> Call:
        ids = {id(x) for x, _ in parameters}
        incoming = next((x for x in given if id(x) not in ids), None)
        layer = self._observation.layer(
            name, args, kwargs, incoming, parameters, made[0], self._owner(parameters)
        )
        return Call("layer", layer, sources, graph.feeding("layer", layer, sources))

    def _owner(self, parameters: Sequence[tuple[Tensor, str]]) -> str | None:
        """Name the module that is being run if the weight is its own, shared or not."""
        module = self.scope.module
        weight = None if module is None else module._parameters.get("weight")
        return self.scope.name or None if any(x is weight for x, _ in parameters) else None

    def _place(self, name: str) -> tuple[str, Any]:
        """Tell where in the model's code a call is: a name, and what tells it from others."""
        module = self.scope.module
        if module is not None and self._observation.is_activation(module):
            return self.scope.name, None
        return f"{self.scope.name}:{name.strip('_')}", _lines()

    def _is_whole(self, module: nn.Module) -> bool:
        if module in self._custom:
            return True
        return "Norm" in type(module).__name__ and not list(module.children())

    def _begin_whole(self, module: nn.Module, args: Any) -> None:
        if module not in self._custom:
            return
        z = self._pre_activation(list(tensors(args)))
        self._whole = None
        if z is None or self._in_loss:
            return
        source = self.call_of(z)
        assert source is not None
        call = Call("activation", self.scope.name, [source])
        act = self._custom[module]
        look = self._observation.site(call, act, z, (self.scope.name, None), False)
        self._whole = call, look, z, z.detach().clone()

    def _end_module(self, module: nn.Module, args: Any, result: Any, whole: bool) -> None:
        made = [x for x in tensors([result]) if whole or self.call_of(x) is None]
        if not made:
            return
        if whole and module in self._custom and self._whole is not None:
            call, look, z, before = self._whole
            look(module.forward, args, {}, z, before, made[0])
            self._add(call, made)
            return
        parameters, sources = self._known(list(tensors(args)))
        name = type(module).__name__
        if sources:
            kind = "normalization" if "Norm" in name else "other"
            self._add(Call(kind, name, sources, graph.feeding(kind, name, sources)), made)
        elif parameters:
            self._remember(made, Call("parameter", _largest(parameters)))

    def _known(self, given: Sequence[Tensor]) -> tuple[list[tuple[Tensor, str]], list[Call]]:
        """Tell the parameters among tensors, with their names, from the calls that made others."""
        known = [(x, call) for x in given if (call := self.call_of(x)) is not None]
        parameters = [(x, call.name) for x, call in known if call.kind == "parameter"]
        return parameters, list(
            dict.fromkeys(call for _, call in known if call.kind != "parameter")
        )

    def _add(self, call: Call, made: Iterable[Tensor]) -> None:
        self.calls.append(call)
        if self._looks_at_values:
            call.finite = all(graph.is_finite(x, call) for x in made)
        self._remember(made, call)

    def _remember(self, made: Iterable[Tensor], call: Call) -> None:
        for x in made:
            self._made[id(x)] = weakref.ref(x), call


def _largest(parameters: Sequence[tuple[Tensor, str]]) -> str:
    return max(parameters, key=lambda x: x[0].numel())[1]


def _lines() -> tuple[tuple[types.CodeType, int], ...]:
    """List the places in the code between the innermost module's `forward` and the call."""
    found = []
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code is not nn.Module._call_impl.__code__:
        if frame.f_code.co_filename != __file__:
            found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)
