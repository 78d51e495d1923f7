"""One reading: passes through the model, and the numbers they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch.measuring.backtrace import Makers, find_fault, nodes_beyond
from nonlin.torch.measuring.backward import backward
from nonlin.torch.measuring.batches import Batch, batches, tensors
from nonlin.torch.measuring.capture import Capture
from nonlin.torch.measuring.features import FeatureSums
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.keeping import gradients_kept
from nonlin.torch.measuring.objective import checked_loss
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.subject import custom_activations, module_names
from nonlin.torch.measuring.transfer import everywhere
from nonlin.torch.reading import GradientFault

Loss = Callable[..., Any]


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
    fault : GradientFault or None
        Of the first batch whose gradients are not finite though its loss is.
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
    fault: GradientFault | None = None

    def run(self, inputs: Any, targets: Any, leaves: Leaves) -> None:
        """Make a forward and a backward pass of each batch.

        Raises
        ------
        ValueError
            If there is no batch.
        """
        for batch in batches(inputs, targets):
            self._pass(batch, leaves)
        if self.loss is None:
            raise ValueError("inputs: expected at least one batch, got none")

    def _pass(self, batch: Batch, leaves: Leaves) -> None:
        self.observation.begin_batch(batch.size)
        self._look_at_inputs(batch)
        state = torch.get_rng_state()
        loss = self._forward(batch, leaves)
        finite = backward(loss, leaves, self.gradients, self.observation, self.group)
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
        """Run the batch once more, and look at the result of each call, and of each way back."""
        capture = Capture(
            self.names, leaves, self.custom, Observation(self.custom), looks_at_values=True
        )
        makers = Makers(capture.scope)
        with nullcontext() if not gradients_finite else torch.no_grad():
            outputs, loss = self._watched(batch, capture, makers)
        for call, again in zip(self.calls, capture.calls, strict=False):
            call.finite &= again.finite
        if not gradients_finite and self.fault is None and bool(loss.isfinite().all()):
            with gradients_kept(loss, leaves.values()):
                self.fault = find_fault(loss, leaves, makers, nodes_beyond(loss, outputs))

    def _forward(self, batch: Batch, leaves: Leaves) -> Tensor:
        capture = Capture(self.names, leaves, self.custom, self.observation)
        outputs, result = self._watched(batch, capture)
        loss = checked_loss(result)
        self._compare(capture, outputs, batch.targets, loss)
        if not self.calls:
            self.calls = capture.calls
        return loss

    def _watched(
        self, batch: Batch, capture: Capture, makers: Makers | None = None
    ) -> tuple[Any, Any]:
        capture.begin(batch.tensors)
        with capture.scope.watch(), capture, makers or nullcontext():
            outputs = self.model(*batch.args, **batch.kwargs)
            capture.begin_loss()
            given = (outputs,) if batch.targets is None else (outputs, batch.targets)
            return outputs, self.loss_fn(*given)

    def _compare(self, capture: Capture, outputs: Any, targets: Any, loss: Tensor) -> None:
        """Make up a call of the loss where it is made of calls that are no loss by themselves."""
        if any(call.kind == "loss" for call in capture.calls):
            return
        name = getattr(self.loss_fn, "__name__", type(self.loss_fn).__name__)
        source = capture.origins.of(loss)
        capture.calls.append(Call("loss", name, [] if source is None else [source]))
        first = next(tensors([outputs]), None)
        if first is not None:
            self.observation.compare(name, first, next(tensors([targets]), None))


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
    if not callable(loss_fn):
        raise TypeError(f"loss_fn: expected a function of (outputs, targets), got {loss_fn!r}")
    names = module_names(model)
    custom = custom_activations(names, activations)
    return Measurement(
        model, loss_fn, names, dict(model.named_parameters()), custom, Observation(custom), group
    )
