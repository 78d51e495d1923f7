"""One reading: passes through the model, and the numbers they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch.measuring.batches import Batch, batches, tensors
from nonlin.torch.measuring.capture import Capture
from nonlin.torch.measuring.features import FeatureSums
from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.isolation import Leaves, gradients_kept
from nonlin.torch.measuring.norms import square_sum, wide
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.subject import custom_activations, module_names

Loss = Callable[..., Any]

# Of the loss in float16: the first with which no gradient overflows. Powers of 2, so exact.
SCALES = (2.0**16, 2.0**8, 1.0)


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
    features : FeatureSums
    calls : list of Call
        Of the first pass.
    samples : int
    loss : Tensor or None
        Summed over the batches.
    gradients : mapping of str to Tensor
        The parameters', summed over the batches.
    """

    model: nn.Module
    loss_fn: Loss
    names: dict[nn.Module, str]
    parameters: dict[str, nn.Parameter]
    custom: dict[nn.Module, Activation]
    observation: Observation
    features: FeatureSums = field(default_factory=FeatureSums)
    calls: list[Call] = field(default_factory=list)
    samples: int = 0
    loss: Tensor | None = None
    gradients: Leaves = field(default_factory=dict)

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
        self.features.add(batch.tensors)
        state = torch.get_rng_state()
        loss = self._forward(batch, leaves)
        finite = self._backward(loss, leaves)
        self.samples += batch.size or 1
        loss = loss.detach().reshape(()).float()
        self.loss = loss if self.loss is None else self.loss + loss
        if not (finite and bool((loss + self.observation.checksum(loss.device)).isfinite())):
            torch.set_rng_state(state)
            self._find_not_finite(batch, leaves)

    def _backward(self, loss: Tensor, leaves: Leaves) -> bool:
        """Take the gradients, and tell whether they are finite.

        Those of float16 are taken of a scaled loss, as in a training of it: most would be 0.
        """
        trained = [leaf for leaf in leaves.values() if leaf.requires_grad]
        scales = SCALES if is_half(trained[0]) else SCALES[-1:]
        finite = True
        with gradients_kept(loss, leaves):
            for scale in scales:
                self.observation.forget_gradients()
                for leaf in trained:
                    leaf.grad = None
                (loss * scale).backward(retain_graph=scale > 1.0)  # type: ignore[no-untyped-call]
                finite = _are_finite([leaf.grad for leaf in trained if leaf.grad is not None])
                if finite:
                    break
        self.observation.end_batch(scale)
        self._add_gradients(leaves, scale)
        return finite

    def _add_gradients(self, leaves: Leaves, scale: float) -> None:
        for name, leaf in leaves.items():
            if leaf.grad is not None:
                grad = wide(leaf.grad) / scale if scale > 1.0 else leaf.grad
                before = self.gradients.get(name)
                self.gradients[name] = grad if before is None else before + grad
                leaf.grad = None

    def _find_not_finite(self, batch: Batch, leaves: Leaves) -> None:
        """Run the batch once more, and look at the result of each call."""
        capture = Capture(
            self.names, leaves, self.custom, Observation(self.custom), looks_at_values=True
        )
        with torch.no_grad():
            self._watched(batch, capture)
        for call, again in zip(self.calls, capture.calls, strict=False):
            call.finite &= again.finite

    def _forward(self, batch: Batch, leaves: Leaves) -> Tensor:
        capture = Capture(self.names, leaves, self.custom, self.observation)
        outputs, result = self._watched(batch, capture)
        loss = checked_loss(result)
        self._compare(capture, outputs, batch.targets, loss)
        if not self.calls:
            self.calls = capture.calls
        return loss

    def _watched(self, batch: Batch, capture: Capture) -> tuple[Any, Any]:
        capture.begin(batch.tensors)
        with capture.scope.watch(), capture:
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
    model: nn.Module, loss_fn: Loss | None, activations: Mapping[Any, Activation] | None
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
        model, loss_fn, names, dict(model.named_parameters()), custom, Observation(custom)
    )


def is_half(x: Tensor) -> bool:
    """Whether gradients of a parameter are taken in float16."""
    kind = x.device.type
    cast = torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind) == torch.float16
    return cast or x.dtype == torch.float16


def _are_finite(grads: Sequence[Tensor]) -> bool:
    found = [square_sum(x.coalesce().values() if x.is_sparse else x) for x in grads]
    return not found or bool(torch.stack([x.to(found[0].device) for x in found]).isfinite().all())


def checked_loss(loss: Any) -> Tensor:
    """Check what a loss function returned.

    Raises
    ------
    TypeError
        If it is no tensor.
    ValueError
        If it has more than one element, or no parameter that is trained has a part in it.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"loss_fn: expected a tensor with one element, got {type(loss).__name__}")
    if loss.numel() != 1:
        raise ValueError(
            f"loss_fn: expected one number, got a tensor of shape {tuple(loss.shape)}; "
            f"take its mean"
        )
    if not loss.requires_grad:
        raise ValueError("loss_fn: no parameter that requires a gradient has a part in the loss")
    return loss
