"""One pass through a model, watched: activations, layers and what lies between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.torch.measuring import graph
from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.invocation import Invocation
from nonlin.torch.measuring.objective import called
from nonlin.torch.measuring.observation import Look, Observation
from nonlin.torch.measuring.opened import OPENED
from nonlin.torch.measuring.origins import Origins, node_name
from nonlin.torch.measuring.places import lines
from nonlin.torch.measuring.scope import Scope
from nonlin.torch.measuring.subject import own_name
from nonlin.torch.measuring.weights import KINDS
from nonlin.torch.measuring.written_out import is_relu, step_name
from nonlin.torch.names import of_call

RELU = get("relu")

# Calls in which a parameter beside what the model computed is seen for what it is.
USING = graph.ADDITIONS | graph.PRODUCTS | graph.JOINS


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
        self.origins = Origins(leaves)
        self.scope = Scope(names, self._is_whole, self._begin_whole, self._end_module)
        self._custom, self._observation = custom, observation
        self._looks_at_values = looks_at_values
        self._in_loss = False
        self._whole: Any = None

    def begin(self, given: Iterable[Tensor]) -> None:
        """Take tensors as the model's inputs."""
        self._add(Call("input", "input"), given)

    def begin_loss(self) -> None:
        """Take what follows as the loss."""
        self._in_loss = True

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function, and look at what went in and came out."""
        call = Invocation(function, tuple(args), kwargs or {})
        if self.scope.hidden:
            return call()
        self._look_for_strangers(call)
        if function in OPENED:
            with self:
                return OPENED[function](*call.args, **call.kwargs)
        act = self._recognized(call)
        found = None if act is None else self.origins.pre_activation(call.given)
        if act is None or found is None:
            return self._other(call, bends=act is not None)
        if self._in_loss:
            result = call()
            name = f"loss:{call.name.strip('_')}"
            self._add(Call("activation", name, [found[1]]), [result])
            return result
        return self._activation(act, call, *found)

    def _meet(self, operation: str) -> None:
        """Note a call that nobody recognises; one pass is enough to tell how many there are."""
        if self._observation.batches == 1:
            self._observation.seen.meet(operation, self.scope.name)

    def _look_for_strangers(self, call: Invocation) -> None:
        """Note what made a call's arguments where no call was seen to: compiled code, say."""
        for x in call.given:
            if x.grad_fn is not None and not self._in_loss and self.origins.of(x) is None:
                name = node_name(x.grad_fn)
                self._meet(name)
                self._add(Call("other", name), [x])

    def _recognized(self, call: Invocation) -> Activation | None:
        """Name the activation that a call applies, as far as its arguments can be looked at."""
        try:
            if is_relu(call, self.origins):
                return RELU
            return of_call(call.function, call.args, call.kwargs)
        except Exception:
            return None

    def _activation(self, act: Activation, call: Invocation, z: Tensor, source: Call) -> Any:
        step = Call("activation", call.name, [source])
        look = self._site(step, act, z, self._place(call), call.is_in_place)
        before = z.detach().clone() if call.is_in_place else z
        result = call()
        look(call, z, before, result)
        parameters, _ = self.origins.known(call.given)
        self._observation.seen.use(name for _, name in parameters)
        self._add(step, [result])
        return result

    def _site(
        self, step: Call, act: Activation, z: Tensor, place: tuple[str, Any], in_place: bool
    ) -> Look:
        """Ask for a look at a call; where that fails nobody looks."""
        try:
            look = self._observation.site(step, act, z, place, in_place)
        except Exception as error:
            self._observation.give_up(place[0], error)
            return _look_away

        def careful(call: Invocation, given: Tensor, before: Tensor, result: Tensor) -> None:
            try:
                look(call, given, before, result)
            except Exception as error:
                self._observation.give_up(step.name, error)

        return careful

    def _other(self, call: Invocation, *, bends: bool = False) -> Any:
        parameters, sources = self.origins.known(call.given)
        result = called(call)
        made = list(tensors([result]))
        if call.name == "__setitem__" and isinstance(call.args[0], Tensor):
            made = [call.args[0]]
        if not (parameters or sources) or not made or call.name in graph.SHAPES:
            return result
        weighted = any(x.ndim > 1 for x, _ in parameters) and len(parameters) < len(call.given)
        if call.name in KINDS and weighted:
            self._layer(call, parameters, sources, made)
        elif sources:
            kind = graph.kind_of(call.name, sources)
            if kind == "loss":
                self._observation.loss(call)
            self._note(call, kind, parameters, made, bends)
            self._add(graph.step(kind, step_name(call), sources), made)
        else:
            self._add_parameter(parameters, made)
        return result

    def _layer(
        self,
        call: Invocation,
        parameters: Sequence[tuple[Tensor, str]],
        sources: Sequence[Call],
        made: Sequence[Tensor],
    ) -> None:
        owner, seen = self._owner(parameters), self._observation.seen
        try:
            layer = self._observation.layer(call, parameters, made[0], owner)
        except Exception as error:
            layer = owner or own_name(parameters[0][1])
            self._observation.give_up(layer, error)
        seen.use(name for _, name in parameters)
        if KINDS[call.name] == "recurrent":
            # Its activations are inside one call.
            self._meet(call.name)
        self._add(graph.step("layer", layer, sources), made)

    def _note(
        self,
        call: Invocation,
        kind: str,
        parameters: Sequence[tuple[Tensor, str]],
        made: Sequence[Tensor],
        bends: bool,
    ) -> None:
        """Keep what the coverage of the model rests on."""
        if self._in_loss:
            return
        name = call.name.strip("_")
        if kind == "normalization" or call.name in USING:
            self._observation.seen.use(name for _, name in parameters)
        if (bends or name in graph.BENT) and made[0].requires_grad:
            self._meet(name)

    def _owner(self, parameters: Sequence[tuple[Tensor, str]]) -> str | None:
        """Name the module that is being run if the weight is its own, shared or not."""
        module = self.scope.module
        weight = None if module is None else module._parameters.get("weight")
        return self.scope.name or None if any(x is weight for x, _ in parameters) else None

    def _place(self, call: Invocation) -> tuple[str, Any]:
        """Tell where in the model's code a call is: a name, and what tells it from others."""
        module = self.scope.module
        if module is not None and self._observation.is_activation(module):
            return self.scope.name, None
        return f"{self.scope.name}:{call.name.strip('_')}", lines()

    def _is_whole(self, module: nn.Module) -> bool:
        if module in self._custom:
            return True
        return "Norm" in type(module).__name__ and not list(module.children())

    def _begin_whole(self, module: nn.Module, args: Any) -> None:
        found = self.origins.pre_activation(tensors(args)) if module in self._custom else None
        self._whole = None
        if found is None or self._in_loss:
            return
        z, source = found
        step = Call("activation", self.scope.name, [source])
        place = self.scope.name, None
        look = self._site(step, self._custom[module], z, place, False)
        self._whole = step, look, z, z.detach().clone()

    def _end_module(self, module: nn.Module, args: Any, result: Any, whole: bool) -> None:
        """Tell where the result comes from, if no call that was seen made it."""
        made = [x for x in tensors([result]) if whole or self.origins.of(x) is None]
        if not made:
            return
        if whole:
            own, _ = self.origins.known(x for x in module._parameters.values() if x is not None)
            self._observation.seen.use(name for _, name in own)
        if whole and module in self._custom and self._whole is not None:
            step, look, z, before = self._whole
            look(Invocation(module.forward, tuple(args), {}), z, before, made[0])
            self._add(step, made)
            return
        parameters, sources = self.origins.known(tensors(args))
        name = type(module).__name__
        if sources:
            kind = "normalization" if "Norm" in name else "other"
            if kind == "other" and not whole and any(x.requires_grad for x in made):
                self._meet(name)
            self._add(graph.step(kind, name, sources), made)
        elif parameters:
            self._add_parameter(parameters, made)

    def _add(self, step: Call, made: Iterable[Tensor]) -> None:
        made = list(made)
        self.calls.append(step)
        self.origins.add(made, step)
        if self._looks_at_values:
            try:
                step.finite = all(graph.is_finite(x, step) for x in made)
            except Exception:
                step.finite = True

    def _add_parameter(
        self, parameters: Sequence[tuple[Tensor, str]], made: Iterable[Tensor]
    ) -> None:
        """Take what is made of parameters alone as the largest one of them."""
        _, name = max(parameters, key=lambda x: x[0].numel())
        self._observation.seen.join(name, (x for _, x in parameters))
        self.origins.add(made, Call("parameter", name))


def _look_away(call: Invocation, given: Tensor, before: Tensor, result: Tensor) -> None:
    """Look at nothing."""
