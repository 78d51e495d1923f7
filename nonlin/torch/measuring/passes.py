"""One reading: passes through the model, and the numbers they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch.functions import Activate
from nonlin.torch.measuring.backtrace import Makers, find_fault, nodes_beyond
from nonlin.torch.measuring.backward import backward
from nonlin.torch.measuring.batches import Batch, batches, foreign, held_by, tensors
from nonlin.torch.measuring.contents import Contents
from nonlin.torch.measuring.features import FeatureSums
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.isolation import Leaves, garbage_left, gradients_kept, put_back
from nonlin.torch.measuring.linearity import is_linear, may_be_linear
from nonlin.torch.measuring.losses import recognise
from nonlin.torch.measuring.mixing import (
    Suspect,
    looks_ahead,
    mixtures,
    order_of_axes,
    steps_axis,
    suspects,
)
from nonlin.torch.measuring.objective import Objective, checked_loss, own_loss
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.roles import is_dropped
from nonlin.torch.measuring.subject import custom_activations, module_names
from nonlin.torch.measuring.transfer import everywhere
from nonlin.torch.measuring.watch import Watch
from nonlin.torch.reading import GradientFault, Mixture
from nonlin.torch.trace.record import Recorder
from nonlin.torch.trace.values import Op, forget

Loss = Callable[..., Any]

NO_LOSS = "loss_fn: expected a function of (outputs, targets), got None, but there are targets"


@dataclass(eq=False)
class Measurement:
    """The passes of one reading, while they are made.

    Attributes
    ----------
    model : nn.Module
    loss_fn : callable
    names : mapping of module to str
    parameters : mapping of str to Parameter
        The user's.
    custom : mapping of module to Activation
    observation : Observation
    group : process group or None
        Of the ranks that make their passes at the same time.
    features : FeatureSums
    calls : list of Call
        Of the first pass.
    samples : int
    loss : Tensor or None
        Summed over the batches.
    gradients : mapping of str to Tensor
        The parameters', summed over the batches.
    squares : mapping of str to Tensor
        The sums of the squares of the last batch's gradients, where they are known.
    unkept : dict of str to str
        What is not put back: the way to an object, and its class.
    fault : GradientFault or None
        Of the first batch whose gradients are not finite though its loss is.
    linear : bool or None
        As in `nonlin.torch.reading.Reading`.
    strangers : dict of int to (Tensor, str)
        Leaves that require a gradient and are no parameters of the model, by their id, and the
        modules in which they are used.
    end : (int, sequence of Call)
        How many of the calls are the model's, and those that made its outputs.
    written_out : (outputs, targets) or None
        Of the first batch, where the loss is made of calls that are no loss by themselves.
    prepared : (function, outputs, targets, ignored) or None
        Of the first batch, what a loss of PyTorch's compares inside of it.
    mixtures : tuple of Mixture
        Of the first batch.
    ahead : float
        As in `nonlin.torch.reading.Target`.
    """

    model: nn.Module
    loss_fn: Loss
    names: dict[nn.Module, str]
    parameters: dict[str, nn.Parameter]
    custom: dict[nn.Module, Activation]
    observation: Observation
    group: Any = None
    features: FeatureSums = field(default_factory=FeatureSums)
    calls: list[Call] = field(default_factory=list)
    samples: int = 0
    loss: Tensor | None = None
    gradients: Leaves = field(default_factory=dict)
    squares: Leaves = field(default_factory=dict)
    unkept: dict[str, str] = field(default_factory=dict)
    fault: GradientFault | None = None
    linear: bool | None = None
    strangers: dict[int, tuple[Tensor, str]] = field(default_factory=dict)
    end: tuple[int, Sequence[Call]] = (0, ())
    written_out: tuple[Any, Any] | None = None
    prepared: tuple[str, Tensor, Tensor | None, Any] | None = None
    mixtures: tuple[Mixture, ...] = ()
    ahead: float = 0.0
    _suspects: list[Suspect] = field(default_factory=list)
    _trace: list[Op] = field(default_factory=list)

    def run(self, inputs: Any, targets: Any, leaves: Leaves) -> None:
        """Make a forward and a backward pass of each batch.

        Raises
        ------
        ValueError
            If there is no batch.
        """
        for batch in batches(inputs, targets):
            objects = Contents()
            objects.add("inputs", list(foreign([*batch.args, batch.kwargs, batch.targets])))
            self.unkept |= objects.unkept
            with put_back(objects):
                with garbage_left():
                    self._pass(batch, leaves)
                if self.observation.batches == 1:
                    self._try_linearity(batch)
                    self._try_mixing(batch)
        if self.loss is None:
            raise ValueError("inputs: expected at least one batch, got none")
        self._recognise()

    def _try_linearity(self, batch: Batch) -> None:
        if may_be_linear(self.calls):
            try:
                self.linear = is_linear(self.model, batch)
            except Exception as error:  # whatever a model that refuses such inputs raises
                self.observation.give_up("linearity", error)

    def _try_mixing(self, batch: Batch) -> None:
        """Ask the outputs for samples and for steps that have a part in others.

        The ranks of a group might not do the same in it.
        """
        if self.group is not None:
            return
        try:
            if self._suspects:
                self.mixtures = mixtures(self.model, batch, self._suspects)
            axis = steps_axis(batch)
            if axis is not None:
                self.ahead = looks_ahead(self.model, batch, axis)
        except Exception as error:  # whatever a model that refuses fewer samples raises
            self.observation.give_up("mixing", error)

    def _pass(self, batch: Batch, leaves: Leaves) -> None:
        self.observation.begin_batch(batch.size)
        self._look_at_inputs(batch)
        state = torch.get_rng_state()
        loss = self._forward(batch, leaves)
        own = {id(x) for x in self.parameters.values()}
        finite, self.squares = backward(
            loss, leaves, self.gradients, self.observation, own, self.group
        )
        forget(self._trace)
        self.samples += batch.size or 1
        loss = loss.detach().reshape(()).float()
        self.loss = loss if self.loss is None else self.loss + loss
        sound = (loss + self.observation.checksum(loss.device)).isfinite()
        if not (finite and everywhere(sound, self.group)):
            torch.set_rng_state(state)
            self._find_not_finite(batch, leaves, finite)

    def _look_at_inputs(self, batch: Batch) -> None:
        try:
            self.features.add(batch.tensors)
        except Exception as error:
            self.features = FeatureSums()
            self.observation.give_up("inputs", error)

    def _find_not_finite(self, batch: Batch, leaves: Leaves, gradients_finite: bool) -> None:
        """Run the batch once more, and look at what each operation makes, there and back."""
        seen = Observation()
        watch = Watch(seen, leaves, looks_at_values=True)
        makers = Makers(watch)
        # With gradients: a model may take some itself, as one of forces does.
        outputs, loss, _ = self._watched(batch, leaves, watch, makers)
        self.calls, self.end = watch.calls, watch.end
        if not gradients_finite and self.fault is None and bool(loss.isfinite().all()):
            with gradients_kept(loss, leaves.values()):
                self.fault = find_fault(loss, leaves, makers, nodes_beyond(loss, outputs))
        # Else they would hold the graph, with the weights in it, until the garbage is collected.
        watch.ends.clear()
        seen.end_batch(1.0)

    def _forward(self, batch: Batch, leaves: Leaves) -> Tensor:
        watch = Watch(self.observation, leaves)
        outputs, result, source = self._watched(batch, leaves, watch)
        loss = checked_loss(result)
        made_up = self._compare(watch, outputs, batch.targets, loss, source)
        if (objective := self.observation.objective) is not None:
            objective.crossed |= watch.crossed
            objective.dropped |= watch.dropped
            objective.take(batch.targets)
            if watch.compared is not None:
                objective.order = order_of_axes(outputs, batch.targets, *watch.compared)
        if not self.calls:
            self.calls, self.end = watch.calls, watch.end
            self.written_out = (detached(outputs), batch.targets) if made_up else None
            self.prepared = watch.prepared
            self._suspects = suspects(watch.walks, self._trace, batch, outputs)
        return loss

    def _watched(
        self, batch: Batch, leaves: Leaves, watch: Watch, makers: Makers | None = None
    ) -> tuple[Any, Any, Any]:
        recorder = Recorder(self.names, leaves, self._declared, watch)
        watch.recorder = recorder
        recorder.begin(batch.tensors)
        with recorder.watch(), recorder, makers or nullcontext():
            outputs = self.model(*batch.args, **batch.kwargs)
            made = list(tensors([outputs, *held_by(outputs)]))
            recorder.begin_loss(made)
            value = recorder.find(made[0]) if made else None
            watch.end_model(() if value is None else value.calls)
            watch.dropped = value is not None and is_dropped(value)
            result = self._loss(outputs, batch.targets)
        found = recorder.find(result) if isinstance(result, Tensor) else None
        self.strangers |= recorder.strangers
        self._trace = recorder.ops
        # Else they would hold each other, and the weights, until the garbage is collected.
        watch.recorder = None
        return outputs, result, None if found is None else found.calls

    def _loss(self, outputs: Any, targets: Any) -> Any:
        if targets is not None and self.loss_fn is own_loss:
            raise TypeError(NO_LOSS)
        try:
            return self.loss_fn(outputs) if targets is None else self.loss_fn(outputs, targets)
        except RuntimeError as error:
            if "differentiated Tensor" not in str(error):
                raise
            raise ValueError(
                "loss_fn: it takes the derivative by a tensor that the model did not get: the "
                "model runs on copies of the inputs, but for leaves that require a gradient. Call "
                "requires_grad_() on the inputs themselves, or give them as the targets, too"
            ) from error

    def _declared(self, module: nn.Module) -> Activation | None:
        """Tell which function a module computes by the user's word, or by its own."""
        if isinstance(module, Activate):
            return module.activation
        return self.custom.get(module)

    def _compare(self, watch: Watch, outputs: Any, targets: Any, loss: Tensor, source: Any) -> bool:
        """Make up a call of the loss where it is made of calls that are no loss by themselves."""
        if any(call.kind == "loss" for call in watch.calls):
            return False
        name = getattr(self.loss_fn, "__name__", type(self.loss_fn).__name__)
        name = "loss" if self.loss_fn is own_loss else name
        watch.calls.append(Call("loss", name, list(source or ())))
        made = [x for x in tensors([outputs, *held_by(outputs)]) if x is not loss]
        compared, known = next(tensors([targets]), None), _is_torchs(self.loss_fn)
        self.observation.compare(name, (made or [loss])[0], compared, known=known)
        return True

    def _recognise(self) -> None:
        """Find out what a loss that is written out computes; the way to it is the outputs' then.

        The ranks of a group might not do the same in it.
        """
        asked, objective = self.written_out, self.observation.objective
        self.written_out = None
        if asked is None or objective is None:
            return
        outputs, targets = asked
        if self.group is None:
            target = next(tensors([targets]), None)
            objective.recognised = recognise(self.loss_fn, outputs, target)
        if objective.recognised is None and self.prepared is not None:
            # What it is made of says less than its derivative, and more than nothing.
            function, *compared = self.prepared
            self.observation.objective = objective = Objective(function, objective.device, True)
            self.observation.compare(function, *compared)
        if objective.recognised is not None or objective.known:
            name = getattr(objective.recognised, "name", objective.function)
            count, last = self.end
            self.calls[count:] = [Call("loss", name, list(last))]


def _is_torchs(loss_fn: Loss) -> bool:
    """Whether a loss computes what PyTorch says of its name."""
    return str(getattr(loss_fn, "__module__", "")).startswith("torch.nn.")


def detached(outputs: Any) -> Any:
    """Give outputs without what made them."""
    if isinstance(outputs, Tensor):
        return outputs.detach()
    if type(outputs) in (tuple, list):
        return type(outputs)(map(detached, outputs))
    if type(outputs) is dict:
        return {key: detached(x) for key, x in outputs.items()}
    return None


def measurement(
    model: nn.Module,
    loss_fn: Loss | None,
    activations: Mapping[Any, Activation] | None,
    group: Any,
) -> Measurement:
    """Prepare a reading of a model.

    Raises
    ------
    TypeError
        If the loss is no function.
    """
    loss_fn = own_loss if loss_fn is None else loss_fn
    if not callable(loss_fn):
        shown = type(loss_fn).__name__ if isinstance(loss_fn, Tensor) else repr(loss_fn)
        raise TypeError(f"loss_fn: expected a function of (outputs, targets), got {shown}")
    names = module_names(model)
    custom = custom_activations(names, activations)
    return Measurement(
        model, loss_fn, names, dict(model.named_parameters()), custom, Observation(), group
    )
