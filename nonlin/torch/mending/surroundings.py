"""Changes of what goes in and what is compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nonlin.torch.exam import Case
from nonlin.torch.finding import Finding
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import first_batch


class Standardize(nn.Module):
    """(x - mean) / deviation, feature by feature.

    Parameters
    ----------
    x : Tensor
        Inputs to take mean and deviation from: features along axis 1 of images, else the last.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        axis = 1 if x.ndim > 3 else x.ndim - 1
        over = [i for i in range(x.ndim) if i != axis]
        deviation = x.std(over, keepdim=True)
        # A feature that hardly varies is not blown up to noise.
        floor = 1e-3 * deviation.max().clamp_min(1e-30)
        flat = deviation < floor
        self.register_buffer("mean", x.mean(over, keepdim=True))
        self.register_buffer("deviation", torch.where(flat, deviation.max(), deviation))

    def forward(self, x: Tensor) -> Tensor:
        """Scale inputs of any batch."""
        return (x - self.mean) / self.deviation


class Prepared(nn.Module):
    """A model behind a preparation of its inputs."""

    def __init__(self, prepare: nn.Module, model: nn.Module) -> None:
        super().__init__()
        self.prepare, self.model = prepare, model

    def forward(self, x: Tensor, *rest: Any) -> Any:
        """Prepare the first argument."""
        return self.model(self.prepare(x), *rest)


def scaled(case: Case) -> Change | None:
    """Put the standardisation of the inputs before the model."""
    x = first_batch(case)[0]
    x = x[0] if isinstance(x, tuple) else x
    if not isinstance(x, Tensor) or not x.is_floating_point():
        return None
    prepare = Standardize(x)

    def act(changed: Case) -> Case:
        return replace(changed, model=Prepared(prepare, changed.model))

    code = (
        "mean, deviation = inputs.mean(0), inputs.std(0).clamp_min(1e-3 * inputs.std())\n"
        "inputs = (inputs - mean) / deviation"
    )
    return Change("scale_inputs", code, act)


def made_finite() -> Change:
    """Put 0 where an input is not finite."""

    def act(case: Case) -> Case:
        inputs = torch.nan_to_num(case.inputs, 0.0, 0.0, 0.0)
        return replace(case, inputs=inputs)

    return Change("finite_inputs", "inputs = torch.nan_to_num(inputs, 0.0, 0.0, 0.0)", act)


# Where a function's derivative is infinite, a little beside that it is not.
EDGES = {
    "sqrt": "torch.sqrt(x + 1e-8)",
    "rsqrt": "torch.rsqrt(x + 1e-8)",
    "pow": "(x + 1e-8) ** p",
    "log": "torch.log(x + 1e-8)",
    "div": "x / (y + 1e-8)",
    "truediv": "x / (y + 1e-8)",
    "reciprocal": "1 / (x + 1e-8)",
    "acos": "torch.acos(x.clamp(-1 + 1e-6, 1 - 1e-6))",
    "asin": "torch.asin(x.clamp(-1 + 1e-6, 1 - 1e-6))",
    "normalize": "F.normalize(x, eps=1e-8)",
}


def kept_from_the_edge(finding: Finding) -> Change:
    """Keep a function's argument from where its derivative is not finite."""
    operation = finding.evidence["operation"]
    line, code = finding.evidence["line"], EDGES.get(operation, f"# {operation}")
    code = f"# {line}\n{code}" if line else code
    key = "keep_off_edge" if operation in EDGES else "mend_backward"
    return Change(key, code, None, {"operation": operation})


def labels_shifted() -> Change:
    """Count labels from 0."""

    def act(case: Case) -> Case:
        return replace(case, targets=case.targets - case.targets.min())

    return Change("shift_labels", "targets = targets - targets.min()", act)


def targets_scaled() -> Change:
    """Bring targets between 0 and 1."""

    def act(case: Case) -> Case:
        low, high = case.targets.min(), case.targets.max()
        return replace(case, targets=(case.targets - low) / (high - low))

    code = "targets = (targets - targets.min()) / (targets.max() - targets.min())"
    return Change("scale_targets", code, act)


def loss_for_logits() -> Change:
    """Use the loss that takes logits."""
    loss: Callable[..., Any] = F.cross_entropy

    def act(case: Case) -> Case:
        return replace(case, loss_fn=loss)

    return Change("log_softmax", "loss_fn = torch.nn.functional.cross_entropy", act)
