"""What is measured of a pass while it runs: the sites, the layers, and the calls between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise, repeat
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.torch.measuring import graph
from nonlin.torch.measuring.attention import Scores, of_fused, of_softmax
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layers import LayerSums
from nonlin.torch.measuring.mixing import Suspect, of_module
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.roles import (
    KINDS,
    LOSS_FUNCTIONS,
    MASKS,
    MAXOUT,
    NAMES,
    as_before,
    chooses_experts,
    compares_all,
    edge,
    gate_factors,
    is_inside_a_statistic,
    is_normalisation,
    is_of_inputs,
    is_of_scores,
    is_sum_of_alike,
    of_block,
    recurrent_gate,
    short,
)
from nonlin.torch.measuring.seen import check
from nonlin.torch.measuring.site_calls import GluCall, MaxoutCall, SiteCall
from nonlin.torch.measuring.sites import look_apart
from nonlin.torch.measuring.subject import own_name
from nonlin.torch.trace import operations
from nonlin.torch.trace.axes import carry, pieces_axis
from nonlin.torch.trace.function import Known
from nonlin.torch.trace.layers import Weight, weights
from nonlin.torch.trace.record import Listener, Recorder
from nonlin.torch.trace.regions import Region, region
from nonlin.torch.trace.values import Op, Value

# What is no probability becomes one whose logarithm has a derivative of no more than 1,000.
PROBABLE = 1e-3

# What a loss does to probabilities before it compares them: Keras' clip, and take logarithms.
PREPARES = operations.CLIPS - operations.COPIES | {"log"}


def _is_prepared(value: Value) -> bool:
    """Tell whether the loss itself made what it compares, so that it shows no other values."""
    op = value.op
    while op is not None and op.phase == "loss":
        if op.name in PREPARES:
            return True
        op = next((v.op for v in op.ins if v.live), None)
    return False


class Watch(Listener):
    """Measures sites and layers, and makes the calls that a reading's steps come from.

    Parameters
    ----------
    observation : Observation
    leaves : mapping of str to Tensor
        The parameters that the model works with.

    Attributes
    ----------
    prepared : (function, outputs, targets, ignored) or None
        What a loss of PyTorch's compares that is called on what the user's loss made.
    dropped : bool
        Whether dropout is applied to the outputs themselves.
    compared : (outputs, targets) or None
        What the first loss of PyTorch's got.
    walks : list of Suspect
        PyTorch's recurrences and attentions, and what they got.
    """

    def __init__(
        self,
        observation: Observation,
        leaves: Mapping[str, Tensor],
        *,
        looks_at_values: bool = False,
    ) -> None:
        self.ends: list[Callable[[str, Any, Any], None]] = []
        self._looks_at_values = looks_at_values
        self._masked: set[Value] = set()
        self.calls: list[Call] = []
        self.end: tuple[int, Sequence[Call]] = (0, ())
        self.crossed = self.dropped = False
        self.prepared: tuple[str, Tensor, Tensor | None, Any] | None = None
        self.compared: tuple[Tensor, Tensor | None] | None = None
        self.walks: list[Suspect] = []
        self.recorder: Recorder | None = None
        self._observation, self._leaves = observation, leaves
        self._left: set[Value] = set()
        self._measured: set[Value] = set()
        self._logits: dict[Value, Tensor] = {}
        self._refused: dict[Value, Tensor] = {}

    # ---- sites

    def leaves(self, value: Value, tensor: Tensor, op: Op) -> None:
        """Measure what lies between a pre-activation and what uses it, once."""
        if value in self._left or not value.dtype.is_floating_point:
            return
        self._left.add(value)
        found = region(value)
        known = None if found is None else self._known(found, value, tensor)
        if found is None or known is None:
            self._miss(value)
            return
        if known.activation is None:
            # It bends nothing, as the root of 0 x, and yet is no way for values as they are.
            self._pass(found, value)
            return
        try:
            self._measure_parts(value, tensor, op, *self._shorter(found, known))
        except Exception as error:  # an examination goes on without what it cannot measure
            self._observation.give_up(f"{op.scope}:{op.name}", error)

    def _measure_parts(
        self, value: Value, tensor: Tensor, op: Op, found: Region, known: Known
    ) -> None:
        if is_inside_a_statistic(value, known, op):
            return
        calls = found.z.calls
        for part, own in self._parts(found, known):
            if own.activation is None:
                # What only scales and shifts a result that was used before, too.
                continue
            if part.y in self._measured:
                # As tanh(z) and 1 - tanh(z), which both go on.
                calls = part.y.calls
                continue
            self._measured.add(part.y)
            step = Call("activation", "", list(calls), activation=own.activation)
            part.y.calls = calls = (step,)
            if op.phase == "loss":
                step.name = f"loss:{short(own)}"
            else:
                self._recognize()
                self._measure(part, own, step, tensor if part.y is value else part.y.held)
            self._add(step, op)
        value.calls = calls

    def _known(self, found: Region, value: Value, tensor: Tensor) -> Known | None:
        """Find a region's function; None where it is not what the model made of its values."""
        try:
            known = self._observation.functions.of(found)
            made = tensor if found.y is value else found.y.held
            return (
                known if made is None or self._observation.functions.agrees(found, made) else None
            )
        # Whatever an operation raises of other values than the model's.
        except Exception:
            return None

    def _miss(self, value: Value) -> None:
        """Count what bends its values in a way that is not understood."""
        op = value.op
        if op is None or op.phase == "loss" or self._looks_at_values:
            return
        step = graph.step("other", op.name, list(value.calls))
        value.calls = (step,)
        self._add(step, op)
        if self._observation.batches == 1:
            self._observation.seen.meet(op.name, op.scope)

    def _pass(self, found: Region, value: Value) -> None:
        bent = [op for op in found.ops if op.name not in operations.AFFINE]
        if bent and value.calls:
            step = graph.step("other", bent[-1].name, list(value.calls))
            value.calls = (step,)
            self._add(step, bent[-1])

    def _parts(self, found: Region, known: Known) -> list[tuple[Region, Known]]:
        """Take activations on top of each other as so many: each has a name.

        Together they may have one, too, which counts unless they are several modules.
        """
        of = self._observation.functions.of
        for first, second in found.cuts():
            if first.y in self._measured:
                # It was used before, and is an activation by itself.
                return [(first, of(first)), *self._parts(second, of(second))]
            apart = first.ops[-1].scope != second.ops[0].scope
            clips = all(op.name in operations.CLIPS for op in first.ops)
            if (apart or (known.curve is not None and not clips)) and of(first).named:
                rest = self._parts(second, of(second))
                if all(own.named for _, own in rest):
                    return [*self._parts(first, of(first)), *rest]
        return [(found, known)]

    def _shorter(self, found: Region, known: Known) -> tuple[Region, Known]:
        """Leave an affine end out where what is before it is a function with a name."""
        shorter = found.without_affine_end() if known.curve is not None else None
        if shorter is None:
            return found, known
        other = self._observation.functions.of(shorter)
        return (shorter, other) if other.named else (found, known)

    def _measure(self, found: Region, known: Known, step: Call, y: Tensor | None) -> None:
        z = found.z.held
        assert z is not None
        assert y is not None
        call = SiteCall(found, found.constants(), z.detach(), y, found.z.edge)
        self._look_at(self._place(found, known), known, found.z, step, call, found.ops[-1])

    def _look_at(
        self,
        place: tuple[str, Any],
        known: Known,
        z: Value,
        step: Call,
        call: SiteCall,
        op: Op,
    ) -> None:
        """Measure a call of a site; where that fails it is left out, and said."""
        try:
            check(call.z)
            if z.ends:
                self._look_apart(place, known, z, step, call, op)
                return
            site, axes = self._observation.site(place, known, z, step, call.z.device, op)
            site.look(call, axes)
        except Exception as error:
            step.name = step.name or place[0]
            self._observation.give_up(step.name, error)

    def _look_apart(
        self, place: tuple[str, Any], known: Known, z: Value, step: Call, call: SiteCall, op: Op
    ) -> None:
        """Measure the rows of each expert as a site of its own."""
        parts, names = [], []
        for expert, (begin, end) in enumerate(pairwise((0, *z.ends))):
            if end > begin:
                own = replace(z, shape=(end - begin, *z.shape[1:]), part=expert)
                site, axes = self._observation.site(place, known, own, step, call.z.device, op)
                parts.append((site, slice(begin, end), axes))
                names.append(site.name)
        look_apart(parts, call)
        step.name = names[0] if names else place[0]

    def _place(self, found: Region, known: Known) -> tuple[str, Any]:
        """Tell where in the model's code a call is: a name, and what tells it from others."""
        scope = found.ops[-1].scope
        assert self.recorder is not None
        if self.recorder.is_plain(scope) and all(op.scope == scope for op in found.ops):
            return scope, None
        name = recurrent_gate(found, known) or short(known)
        return f"{scope}:{name}", found.ops[-1].place

    # ---- calls

    def made(self, op: Op, tensors: Mapping[Value, Tensor]) -> None:
        """Tell what made each value: the layer, the site, the normalisation, ..."""
        sources = tuple(dict.fromkeys(c for v in op.ins for c in v.calls))
        call = self._call(op, list(sources), tensors)
        if self._looks_at_values and self._breaks(op, tensors):
            call = call or graph.step("other", op.name, list(sources))
            call.finite = False
        if call is not None:
            self._add(call, op)
        for v in op.outs:
            if v.live:
                v.calls = (call,) if call is not None else sources
        if op.name == "_grouped_mm":
            offsets = next((v for v in op.ins if not v.dtype.is_floating_point), None)
            op.outs[0].ends = () if offsets is None else tuple(tensors[offsets].tolist())
        carry(op)
        if op.name == "add":
            self._take_bias(op)
        if op.phase == "loss" and op.kind in ("pointwise", "loss") and len(op.args) > 1:
            self.crossed |= compares_all(op, tensors)
        if op.phase == "model" and not self._looks_at_values:
            if call is not None:
                self._try_to_look(op, call, tensors)
            self._cover(op, call)

    def end_model(self, calls: Sequence[Call]) -> None:
        """Take what follows as the loss; the calls are those that made the outputs."""
        self.end = len(self.calls), calls

    def left(self, name: str, args: Any, result: Any) -> None:
        """Tell those who follow the modules."""
        module = None if self.recorder is None else self.recorder.module
        self.walks += [x for x in [of_module(module, name, args)] if x is not None]
        for end in self.ends:
            end(name, args, result)

    @property
    def scope(self) -> str:
        """The name of the module that is being run."""
        return "" if self.recorder is None else self.recorder.scope

    def _recognize(self) -> None:
        if self._observation.batches == 1:
            self._observation.seen.recognize()

    def _cover(self, op: Op, call: Call | None) -> None:
        """Keep what the coverage of the model rests on."""
        if not any(v.live for v in op.outs):
            return
        seen = self._observation.seen
        strange = op.kind in ("other", "router") or (op.kind == "opaque" and call is not None)
        if not strange or (call is not None and call.kind != "other"):
            seen.use(x for v in op.ins if not v.live for x in v.parameters)
        elif self._observation.batches == 1:
            seen.meet(op.name, op.scope)

    def _try_to_look(self, op: Op, call: Call, tensors: Mapping[Value, Tensor]) -> None:
        """Measure a part that is no site; where that fails it is left out, and said."""
        try:
            self._look(op, call, tensors)
        # It runs in the middle of the user's own pass, which goes on.
        except Exception as error:
            self._observation.give_up(f"{op.scope}:{op.name}", error)

    def _look(self, op: Op, call: Call, tensors: Mapping[Value, Tensor]) -> None:
        """Measure gates, attention, routers and the residual stream."""
        if call.kind == "product" and op.name == "mul" and (factors := gate_factors(op)):
            self._recognize()
            self._look_at_gate(op, call, factors, tensors)
        elif call.kind == "addition" and is_sum_of_alike(op):
            place = f"{op.scope}:add", op.place
            self._observation.residual(place, call, op.outs[0], tensors[op.outs[0]])
        elif op.kind in ("softmax", "attention") and op.name != "_log_softmax":
            self._recognize()
            scores = self._scores(op, tensors)
            if scores is not None:
                name = of_block(op.scope, "attention")
                found = self._observation.attention(name, op.place, call, scores)
                op.outs[0].wanted = partial(found.ask, scores)
        elif op.name == "topk" and call.feeding and len(op.outs) > 1:
            experts = op.ins[0].shape[-1]
            if op.args[1] < experts and (len(op.args) < 3 or op.args[2] in (-1, experts)):
                self._recognize()
                call.kind = "router"
                name = of_block(op.scope, "router")
                self._observation.router(name, op.place, experts, tensors[op.outs[1]])
        elif (axis := pieces_axis(op)) is not None:
            self._look_at_maxout(op, call, axis, tensors)
        elif op.name in ("max", "argmax") and call.feeding and chooses_experts(op):
            best = op.outs[-1]
            name, count = of_block(op.scope, "router"), op.ins[0].shape[-1]
            self._observation.router(name, op.place, count, tensors[best], best)

    def _look_at_maxout(
        self, op: Op, call: Call, axis: int, tensors: Mapping[Value, Tensor]
    ) -> None:
        pieces, largest = tensors[op.ins[0]], tensors[op.outs[0]]
        before = next(v for v in op.ins[0].op.ins if v.live) if op.ins[0].op else op.ins[0]
        z = pieces.detach().reshape(before.shape)
        seen = MaxoutCall(None, {}, z, z, None, pieces, largest, axis, op.outs[0])
        seen = replace(seen, y=z * seen.slope(z))
        self._recognize()
        call.kind = "activation"
        place = f"{op.scope}:maxout", op.place
        self._look_at(place, Known(MAXOUT), before, call, seen, op)

    def _look_at_gate(
        self, op: Op, call: Call, factors: tuple[Call, Call], tensors: Mapping[Value, Tensor]
    ) -> None:
        out = op.outs[0]
        place = f"{op.scope}:gate", op.place
        gate, axes = self._observation.gate(place, call, factors, op, tensors[out].device)
        gate.look(tensors[out], axes)

    def _scores(self, op: Op, tensors: Mapping[Value, Tensor]) -> Scores | None:
        """Give the scores of some queries, where it is attention that an operation computes."""
        if op.kind == "attention":
            args = tuple(tensors[x] if isinstance(x, Value) else x for x in op.args)
            kwargs = {k: tensors[x] if isinstance(x, Value) else x for k, x in op.kwargs.items()}
            return of_fused(args, kwargs)
        last = op.args[1] in (-1, len(op.ins[0].shape) - 1)
        if not (last and is_of_scores(op.ins[0])):
            return None
        return of_softmax(tensors[op.ins[0]], self._observation.batch)

    def _call(self, op: Op, sources: list[Call], tensors: Mapping[Value, Tensor]) -> Call | None:
        live = any(v.live for v in op.outs)
        if op.kind == "input":
            return Call("input", "input")
        if op.kind == "opaque":
            return self._opaque(op, sources, tensors) if live else None
        if not live or op.kind in ("output", "overlay"):
            return None
        if op.kind == "layer" and (found := weights(op)):
            return graph.step("layer", self._measured_layer(op, found, tensors), sources)
        if op.kind == "loss":
            return self._loss(op, sources, tensors)
        if op.kind == "pointwise":
            return self._pointwise(op, sources)
        if op.kind == "move" and len(sources) < 2:
            return None
        if op.kind == "glu" and op.phase == "model":
            return self._glu(op, sources, tensors)
        if op.name == "_log_softmax":
            self._logits[op.outs[0]] = tensors[op.ins[0]]
        return graph.step(KINDS.get(op.kind, "other"), self._name(op), sources)

    def _name(self, op: Op) -> str:
        """Name an operation: a normalisation by its module, another as people write it."""
        assert self.recorder is not None
        module = type(self.recorder.module).__name__
        if op.kind == "normalization" and "Norm" in module:
            return op.scope or module
        return NAMES.get(op.name, op.name)

    def _pointwise(self, op: Op, sources: list[Call]) -> Call | None:
        out = op.outs[0]
        roots = [v.root for v in op.ins if v.live]
        if out.root is not out or len(sources) < 1:
            # What prepares the inputs counts as a step: they do not come in as they are.
            prepares = not out.bent and [x.kind for x in sources] == ["input"]
            return graph.step("other", op.name, sources) if prepares else None
        if is_normalisation(op):
            return graph.step("normalization", op.name, sources)
        if len(set(roots)) < 2 and op.name in operations.AFFINE:
            return None
        kind = "addition" if op.name in ("add", "sub", "rsub") else "product"
        # A sum of single numbers is one of losses.
        single = kind == "addition" and not out.shape
        if single or op.name not in ("add", "sub", "rsub", "mul", "div") or len(sources) < 2:
            kind = "other"
        return graph.step(kind, op.name, sources)

    def run(self, op: Op, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operation; a loss takes what it refuses as the nearest that it accepts.

        PyTorch refuses labels without a class, and what is no probability, on the CPU, and nothing
        could be measured. What is compared, and so the verdict, has them as they are.
        """
        try:
            return func(*args, **kwargs)
        except (IndexError, RuntimeError):
            loss = operations.LOSSES.get(op.name)
            if loss not in ("nll", "bce") or not args[0].is_cpu:
                raise
        # In place, for the backward pass has them, too; they are copies of the user's.
        if loss == "nll":
            outputs, labels, ignored = args[0], args[1], args[4]
            self._refused[op.args[1]] = labels.clone()
            last = outputs.shape[1 if outputs.ndim > 1 else 0] - 1
            labels.copy_(labels.clamp(0, last).where(labels != ignored, labels))
        else:
            for value, x in zip(op.args[:2], args[:2], strict=True):
                self._refused[value] = x.clone()
                x.clamp_(PROBABLE, 1.0 - PROBABLE)
        return func(*args, **kwargs)

    def _opaque(self, op: Op, sources: list[Call], tensors: Mapping[Value, Tensor]) -> Call:
        z = next((v for v in op.ins if v.live), None)
        if not isinstance(op.label, Activation) or op.phase != "model" or z is None:
            return graph.step("other", op.name, sources)
        step = Call("activation", op.scope, list(z.calls), activation=op.label)
        self._recognize()
        place: tuple[str, Any] = (op.scope, None)
        if op.name == "activate":
            place = (f"{op.scope}:{op.label.name}", op.place)
        x, y = tensors[z], tensors[op.outs[0]]
        call = SiteCall(None, {}, x.detach(), y, edge(x))
        self._look_at(place, Known(op.label), z, step, call, op)
        return step

    def _glu(self, op: Op, sources: list[Call], tensors: Mapping[Value, Tensor]) -> Call:
        """Take a gated linear unit as the gate that it is: a site, and a product."""
        both, axis = tensors[op.ins[0]], op.args[1] if len(op.args) > 1 else -1
        second = both.detach().chunk(2, axis)[1]
        step = Call("activation", "", sources, activation=get("sigmoid"))
        z = replace(op.ins[0], shape=tuple(second.shape))
        self._recognize()
        known, place = Known(get("sigmoid")), (f"{op.scope}:sigmoid", op.place)
        call = GluCall(None, {}, second, torch.sigmoid(second), None, both, axis)
        self._look_at(place, known, z, step, call, op)
        self._add(step, op)
        product = graph.step("product", op.name, [step, *sources])
        self._recognize()
        self._look_at_gate(op, product, (sources[0], step), tensors)
        return product

    def _measured_layer(
        self, op: Op, found: Sequence[Weight], tensors: Mapping[Value, Tensor]
    ) -> str:
        """Measure a layer; where that fails it is left out, and said."""
        try:
            check(tensors[op.outs[0]])
            return self._layer(op, found, tensors)
        except Exception as error:
            parameter = max(found[0].value.parameters, key=lambda n: self._leaves[n].numel())
            name = self._owner(found[0].value) or own_name(parameter)
            self._observation.give_up(name, error)
            return name

    def _layer(self, op: Op, found: Sequence[Weight], tensors: Mapping[Value, Tensor]) -> str:
        assert self.recorder is not None
        module = self.recorder.module
        first: LayerSums | None = None
        for weight in found:
            parameter = max(weight.value.parameters, key=lambda n: self._leaves[n].numel())
            owner = self._owner(weight.value)
            if isinstance(module, nn.RNNBase | nn.RNNCellBase):
                weight = replace(weight, kind="recurrent")
            width = op.outs[0].shape[weight.axis] if op.outs[0].shape else 1
            sums = self._observation.layer(weight, parameter, owner, width, self._leaves)
            first = first or sums
        assert first is not None
        weight = found[0]
        op.outs[0].axis = weight.axis
        if weight.bias is not None:
            first.bias = next(iter(weight.bias.parameters))
        incoming = weight.incoming
        h = None if incoming is None else as_before(incoming, tensors[incoming])
        first.look(h, self._observation.batch)
        if h is not None and incoming is not None:
            if is_of_inputs(incoming, self._observation):
                self._observation.enter(first.name, 1 if weight.kind == "conv" else -1, h)
            else:
                self._observation.enter_no_more(first.name)
        op.outs[0].wanted = first.ask
        return first.name

    def _take_bias(self, op: Op) -> None:
        """Take a vector of parameters that is added to what a layer made as the layer's bias."""
        made = next((v for v in op.ins if v.live), None)
        bias = next((v for v in op.ins if not v.live and v.parameters and len(v.shape) == 1), None)
        while made is not None and made.op is not None and made.op.kind == "move":
            made = next((v for v in made.op.ins if v.live), None)
        if made is None or bias is None or made.op is None or made.op.kind != "layer":
            return
        layer = self._observation.layers.get(made.calls[0].name) if made.calls else None
        if layer is not None and layer.bias is None and bias.shape[0] == layer.width:
            layer.bias = next(iter(bias.parameters))

    def _owner(self, weight: Value) -> str | None:
        """Name the module that is being run if the weight is its own, shared or not."""
        assert self.recorder is not None
        module = self.recorder.module
        own = None if module is None else module._parameters.get("weight")
        found = None if own is None else self.recorder.find(own)
        same = found is not None and found.parameters == weight.parameters
        return self.recorder.scope or None if same else None

    def _loss(self, op: Op, sources: list[Call], tensors: Mapping[Value, Tensor]) -> Call:
        outputs, targets = op.args[0], op.args[1]
        name = operations.LOSSES[op.name]
        if name in ("bce", "nll") and _is_prepared(outputs):
            # The loss is what it makes of the model's outputs, which its derivative tells.
            function = LOSS_FUNCTIONS.get(name, name)
            ignored = op.args[4] if name == "nll" else None
            self.prepared = (function, tensors[outputs].detach(), tensors.get(targets), ignored)
            return graph.step("other", op.name, sources)
        given = self._refused.get(outputs, tensors[outputs])
        if name == "nll" and outputs in self._logits:
            name, given = "cross_entropy", self._logits[outputs]
            last = outputs.calls[0]
            self.calls.remove(last)
            sources = last.sources
        function = LOSS_FUNCTIONS.get(name, name)
        ignored = op.args[4] if function in ("cross_entropy", "nll_loss") else None
        compared = self._refused.get(targets, tensors.get(targets))
        self.compared = self.compared or (given.detach(), compared)
        self._observation.compare(function, given, compared, ignored)
        return graph.step("loss", function, sources)

    def _add(self, step: Call, op: Op) -> None:
        step.in_loss = op.phase == "loss"
        self.calls.append(step)

    def _may_mask(self, value: Value, tensors: Mapping[Value, Tensor]) -> bool:
        """Whether -inf came with a value: from a mask before, or from what the model never makes.

        So a router scatters its scores into -inf, for a sigmoid that makes 0 of it.
        """
        x = None if value.live else tensors.get(value)
        given = x is not None and x.is_floating_point() and bool(x.isneginf().any())
        return given or value in self._masked

    def _breaks(self, op: Op, tensors: Mapping[Value, Tensor]) -> bool:
        """Whether an operation makes what is not finite, but for -inf where a mask puts it."""
        for v in op.outs:
            x = tensors.get(v)
            if x is None or not v.live or not x.is_floating_point() or bool(x.isfinite().all()):
                continue
            if op.name in MASKS or any(map(self._may_mask, op.ins, repeat(tensors))):
                self._masked.add(v)
            carried = v in self._masked and op.kind in ("pointwise", "move")
            if not carried or bool((x.isnan() | x.isposinf()).any()):
                return True
        return False
