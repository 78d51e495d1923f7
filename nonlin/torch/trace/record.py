"""One pass, written down: every ATen operation, what it was made of, and what uses it.

Operations are seen below autograd (`TorchDispatchMode`), so that it does not matter how a model is
written: a module, a function, a method, a scripted function and one's own `autograd.Function` come
down to the same operations. Modules tell where they run by hooks.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode, _get_current_dispatch_mode_stack

from nonlin.torch.trace import operations
from nonlin.torch.trace.opened import OpenRegions
from nonlin.torch.trace.operations import described
from nonlin.torch.trace.places import position
from nonlin.torch.trace.values import NOTHING, Op, Value, carried, is_affine, memory, overlap

Item = TypeVar("Item")
Tensors = list[Tensor]

# Modules whose weights multiply what comes in, even if that is a constant: a first state, a latent.
_LAYERS = (nn.Linear, nn.modules.conv._ConvNd, nn.Bilinear, nn.RNNCellBase, nn.RNNBase)


class Listener:
    """What is told of a pass while it runs; tensors are at hand then and gone later."""

    def leaves(self, value: Value, tensor: Tensor, op: Op) -> None:
        """A bent value is about to be used by an operation outside its region."""

    def run(self, op: Op, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operation."""
        return func(*args, **kwargs)

    def made(self, op: Op, tensors: Mapping[Value, Tensor]) -> None:
        """An operation was made."""

    def left(self, name: str, args: Any, result: Any) -> None:
        """A module's `forward` has ended."""


def watching() -> Recorder | None:
    """Find the recorder that is active, if one is."""
    modes = reversed(_get_current_dispatch_mode_stack())
    return next((x for x in modes if isinstance(x, Recorder) and not x.hidden), None)


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down the operations of a pass while it is active.

    Parameters
    ----------
    names : mapping of module to str
    leaves : mapping of str to Tensor
        The parameters that the model works with.
    whole : callable
        Whether a module counts as one operation, given the module; what it does inside is not
        looked at.
    listener : Listener, optional
    """

    supports_higher_order_operators = True

    def __init__(
        self,
        names: Mapping[nn.Module, str],
        leaves: Mapping[str, Tensor],
        whole: Callable[[nn.Module], Any] = lambda _: None,
        listener: Listener | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ops: list[Op] = []
        self.phase = "model"
        self._names, self._whole = names, whole
        self._by_name = {name: module for module, name in names.items()}
        self._listener = listener or Listener()
        self._known: dict[int, tuple[weakref.ref[Tensor], Value]] = {}
        # Tensors that share memory: an operation in place changes all of them.
        self._views: dict[int, list[weakref.ref[Tensor]]] = {}
        self._regions = OpenRegions()
        self._stack: list[nn.Module] = []
        self._fused: list[bool] = []
        self._hidden_by: nn.Module | None = None
        # Leaves that require a gradient and are no parameters of the model: where each is used.
        self.strangers: dict[int, tuple[Tensor, str]] = {}
        for name, leaf in leaves.items():
            self._take_parameter(name, leaf)

    # ---- what is known of tensors

    def _take_parameter(self, name: str, leaf: Tensor) -> None:
        self._put(leaf, Value(tuple(leaf.shape), leaf.dtype, parameters=frozenset([name])))

    def _put(self, tensor: Tensor, value: Value) -> Value:
        if value.root is None:
            value.root = value
        self._known[id(tensor)] = weakref.ref(tensor), value
        return value

    def find(self, tensor: Tensor) -> Value | None:
        """Look up what a tensor is."""
        reference, value = self._known.get(id(tensor), (None, None))
        return value if reference is not None and reference() is tensor else None

    def _is_seen(self, tensor: Tensor) -> bool:
        """Whether it is known what made a tensor: one with a gradient is made of something."""
        value = self.find(tensor)
        if value is None:
            return False
        return value.live or bool(value.parameters) or not tensor.requires_grad

    def value(self, tensor: Tensor) -> Value:
        """Look up what a tensor is; one that was never seen is a constant."""
        found = self.find(tensor)
        if found is None and self.phase == "model" and tensor.requires_grad and tensor.is_leaf:
            self.strangers[id(tensor)] = tensor, self.scope
        return found or self._put(tensor, Value(tuple(tensor.shape), tensor.dtype))

    # ---- the pass

    def begin(self, inputs: Iterable[Tensor]) -> None:
        """Take tensors as the model's inputs."""
        op = Op(None, "input", "input", "", "model")
        self.ops.append(op)
        made: dict[Value, Tensor] = {}
        for x in inputs:
            live = x.is_floating_point() or x.is_complex()
            made[self._put(x, Value(tuple(x.shape), x.dtype, op, live=live))] = x
        op.outs = list(made)
        self._listener.made(op, made)

    def begin_loss(self, outputs: Iterable[Tensor]) -> None:
        """Take what follows as the loss, of these outputs; a region ends where the model does."""
        self.phase = "loss"
        with torch._C._DisableTorchDispatch():
            self._end_model(outputs)

    def _end_model(self, outputs: Iterable[Tensor]) -> None:
        for x in outputs:
            old = self.find(x)
            if old is None or not old.live:
                continue
            op = Op(None, "output", "output", "", "model", ins=[old])
            if old.wanted is not None and x.requires_grad:
                old.wanted(x)
                old.wanted = None
            self._leave(op, {old: x}, None)
            old.uses.append(op)
            self.ops.append(op)
            made = Value(old.shape, old.dtype, op, live=True, axis=old.axis, first=old.first)
            op.outs.append(self._put(x, made))
            self._listener.made(op, {made: x})

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run an operation and write it down."""
        kwargs = kwargs or {}
        if self._hidden_by is not None or torch._C._current_graph_task_id() != -1:
            return func(*args, **kwargs)
        if not hasattr(func, "_schema"):
            return self._higher_order(func, args, kwargs)
        name, kind, in_place, _, shares = described(func)
        given: dict[Value, Tensor] = {}
        if name == "index_put" and _chooses_elements(args):
            kind = "pointwise"
        taken = tuple(self._taken(x, given) for x in args)
        named = {key: self._taken(x, given) for key, x in kwargs.items()}
        # A factory takes no more than the shape.
        ins = [] if kind == "factory" and not in_place else list(given)
        op = Op(func, name, kind, self.scope, self.phase, taken, named, ins)
        op.module = self.module
        live = carried(op)
        if not (live or any(v.parameters or v.noise for v in ins) or kind == "factory"):
            for v in ins:
                v.uses.append(op)
            return self._constant(func(*args, **kwargs))
        if live and kind != "move":
            op.place, op.where = position()
        region = self._region(op, live, given[op.ins[0]].shape) if in_place and op.ins else None
        if in_place:
            self._regions.keep_from_change(next(iter(given.values()), None))
            self._regions.hold(op, live, given, region, changing=True)
            self._leave(op, given, region)
        result = self._listener.run(op, func, args, kwargs)
        made = list(_tensors(result))
        if not in_place:
            region = self._region(op, live, made[0].shape) if made else None
            self._regions.hold(op, live, given, region)
            self._leave(op, given, region)
        self._write(op, live, made, in_place)
        if shares and not in_place:
            self._share([*given.values(), *made])
        self._regions.add(region, op, made)
        self._listener.made(op, given | dict(zip(op.outs, made, strict=False)))
        self._regions.close_what_is_gone(len(self.ops))
        return result

    def _constant(self, result: Any) -> Any:
        """Remember that what was made depends on nothing of interest, so that it counts as seen."""
        for x in _tensors(result):
            self._put(x, Value(tuple(x.shape), x.dtype))
        return result

    def _taken(self, x: Any, given: dict[Value, Tensor]) -> Any:
        if isinstance(x, Tensor):
            value = self.value(x)
            given[value] = x
            if value.wanted is not None and x.requires_grad:
                value.wanted(x)
                value.wanted = None
            return value
        if isinstance(x, list | tuple):
            return [self._taken(item, given) for item in x]
        return x

    def _higher_order(self, func: Any, args: Any, kwargs: Any) -> Any:
        result = func(*args, **kwargs)
        name = getattr(func, "__name__", str(func))
        self.opaque(name, list(_tensors([args, kwargs])), list(_tensors(result)))
        return result

    def opaque(self, name: str, given: Tensors, made: Tensors, label: Any = None) -> Op:
        """Write down something whose inside was not seen, and what is known of it."""
        with torch._C._DisableTorchDispatch():
            return self._opaque(name, given, made, label)

    def _opaque(self, name: str, given: Tensors, made: Tensors, label: Any) -> Op:
        ins = [self.value(x) for x in given]
        op = Op(None, name, "opaque", self.scope, self.phase, ins=ins)
        op.module = self.module
        op.place, op.where = position()
        at_hand = dict(zip(ins, given, strict=True))
        op.label = label
        self._leave(op, at_hand, None)
        self._write(op, carried(op), made, False)
        self._listener.made(op, at_hand | dict(zip(op.outs, made, strict=True)))
        return op

    def _region(self, op: Op, live: list[Value], shape: Any) -> Value | None:
        """Tell the region that an operation stays in: that of its one root, if it has one."""
        if op.kind != "pointwise" or not live:
            return None
        root = live[0].root
        alone = root is not None and all(v.root is root for v in live)
        return root if alone and root is not None and tuple(shape) == root.shape else None

    def _leave(self, op: Op, given: Mapping[Value, Tensor], region: Value | None) -> None:
        left: list[Value] = []
        for v in op.ins:
            x = given.get(v)
            if v.op is not None and v.op.kind == "overlay" and x is not None:
                # Another view of the memory that was written into.
                v = v.op.ins[1]
                x = x if x.numel() == math.prod(v.shape) else None
            if x is not None and v.bent and v.live and (region is None or v.root is not region):
                self._listener.leaves(v, x, op)
                assert v.root is not None
                left.append(v)
        for v in left:
            self._regions.leave(v, self.find)

    def _write(self, op: Op, live: list[Value], made: Tensors, in_place: bool) -> None:
        op.index = len(self.ops)
        self.ops.append(op)
        for v in op.ins:
            v.uses.append(op)
        if in_place and made:
            self._overwrite(op, made[0], live)
            return
        for x in made:
            self._put(x, self._value_made(op, x, live))

    def _value_made(self, op: Op, x: Tensor, live: list[Value]) -> Value:
        v = Value(tuple(x.shape), x.dtype, op)
        op.outs.append(v)
        random = op.func is not None and described(op.func).random
        if op.kind == "factory":
            v.noise = random or op.name in ("bernoulli", "uniform", "normal", "exponential")
            return v
        parameters = _union(g.parameters for g in op.ins if not g.live)
        v.live = bool(live) or (bool(parameters) and self._begins(op))
        v.parameters = NOTHING if v.live else parameters
        v.noise = not v.live and (random or any(g.noise for g in op.ins))
        root = self._region(op, live, x.shape)
        if root is not None:
            v.root = root
            v.bent = any(g.bent for g in live) or not is_affine(op)
        statistics = _union(g.statistic_of for g in live)
        if op.kind == "reduction":
            v.statistic_of = statistics | {g.root for g in live if g.root is not None}
        elif op.kind in ("pointwise", "move"):
            v.statistic_of = statistics
        return v

    def _begins(self, op: Op) -> bool:
        """Whether data begin here: looked up, or made of a constant by a layer."""
        if op.name in operations.EMBEDDINGS:
            return True
        return op.kind == "layer" and isinstance(self.module, _LAYERS)

    def _overwrite(self, op: Op, x: Tensor, live: list[Value]) -> None:
        written = self._put(x, self._value_made(op, x, live))
        for reference in self._views.get(memory(x), []):
            other = reference()
            old = self.find(other) if other is not None and other is not x else None
            if other is None or old is None or old is written or not overlap(x, other):
                continue
            overlay = Op(None, "overlay", "overlay", op.scope, op.phase, ins=[old, written])
            overlay.index = len(self.ops)
            self.ops.append(overlay)
            for v in overlay.ins:
                v.uses.append(overlay)
            made = Value(old.shape, old.dtype, overlay, live=old.live or written.live)
            overlay.outs.append(self._put(other, made))
            self._listener.made(overlay, {made: other})

    def _share(self, family: Tensors) -> None:
        """Remember which tensors share memory."""
        for x in family:
            members = self._views.setdefault(memory(x), [])
            if not any(member() is x for member in members):
                members.append(weakref.ref(x))

    # ---- modules

    @property
    def scope(self) -> str:
        """The innermost module's name."""
        return self._names[self._stack[-1]] if self._stack else ""

    @property
    def hidden(self) -> bool:
        """Whether a module is being run that counts as one operation."""
        return self._hidden_by is not None

    @property
    def module(self) -> nn.Module | None:
        """The innermost module."""
        return self._stack[-1] if self._stack else None

    def is_plain(self, scope: str) -> bool:
        """Whether a module has no part and no weight: it does one thing."""
        module = self._by_name.get(scope)
        if module is None or not scope or any(True for _ in module.children()):
            return False
        return all(p.ndim < 2 for p in module.parameters(recurse=False))

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Follow the modules, by hooks that are gone afterwards."""
        fast = torch.backends.mha.get_fastpath_enabled()
        with ExitStack() as stack:
            # One operation for a whole encoder layer, where no gradient is wanted.
            torch.backends.mha.set_fastpath_enabled(False)
            stack.callback(torch.backends.mha.set_fastpath_enabled, fast)
            for module in self._names:
                if isinstance(module, torch.jit.ScriptModule):
                    continue
                stack.enter_context(module.register_forward_pre_hook(self._enter))
                leave = module.register_forward_hook(self._exit, always_call=True)
                stack.enter_context(leave)
            # What is kept is part of circles that would wait for the garbage collector.
            stack.callback(self._let_go)
            yield

    def _let_go(self) -> None:
        self._regions.close_all()
        self._views.clear()

    def _enter(self, module: nn.Module, args: Any) -> None:
        if self._hidden_by is not None:
            return
        self._stack.append(module)
        if isinstance(module, nn.RNNBase):
            # Fused over time its steps are one operation.
            self._fused.append(torch._C._get_mkldnn_enabled())
            torch._C._set_mkldnn_enabled(False)
        for name, parameter in module._parameters.items():
            if parameter is not None and self.find(parameter) is None:
                self._take_parameter(f"{self.scope}.{name}".lstrip("."), parameter)
        if self._whole(module) is not None:
            self._hidden_by = module

    def _exit(self, module: nn.Module, args: Any, result: Any) -> None:
        if not self._stack or self._stack[-1] is not module:
            return
        if isinstance(module, nn.RNNBase):
            torch._C._set_mkldnn_enabled(self._fused.pop())
        whole = self._hidden_by is module
        if whole:
            self._hidden_by = None
        made = list(_tensors(result))
        unseen = [x for x in made if whole or not self._is_seen(x)]
        if unseen:
            label = self._whole(module)
            self.opaque(type(module).__name__, list(_tensors(args)), unseen, label)
        self._listener.left(self.scope, args, result)
        self._stack.pop()


def _union(sets: Iterable[frozenset[Item]]) -> frozenset[Item]:
    """Unite sets, most of which are empty."""
    full = [x for x in sets if x]
    return full[0].union(*full[1:]) if full else NOTHING


def _chooses_elements(args: tuple[Any, ...]) -> bool:
    """Whether x[mask] = number is written, with a mask of x's shape."""
    x, indices, put = args[0], args[1], args[2]
    alone = len(indices) == 1 and isinstance(indices[0], Tensor) and put.numel() == 1
    return alone and indices[0].dtype == torch.bool and indices[0].shape == x.shape


def _tensors(values: Any) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _tensors(value)
