"""Changes of what goes in and what is compared.

Inputs are changed by the model, which takes them from a loader too; targets that come out of a
loader are changed in the loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from nonlin.torch.case import Case
from nonlin.torch.finding import Finding
from nonlin.torch.measuring.batches import batches
from nonlin.torch.mending.change import Change
from nonlin.torch.preparation import first_number

# PyTorch's cross entropy skips targets of this value.
IGNORED = -100

# What the models of transformers call the targets among their arguments.
BY_NAME = "labels"

# So few whole numbers are names of classes; more are amounts, as the bytes of pixels.
MOST_CLASSES = 32


def scaled(case: Case) -> Change | None:
    """Let the model standardise its inputs."""
    if first_number(case.inputs) is None:
        return None
    code = "from nonlin.torch.preparation import standardize_\n\nstandardize_(model, inputs)"
    return Change("scale_inputs", code)


def made_finite(case: Case) -> Change | None:
    """Let the model take 0 where an input is not finite."""
    if first_number(case.inputs) is None:
        return None
    code = (
        "from nonlin.torch.preparation import replace_non_finite_\n\n"
        "replace_non_finite_(model, inputs)"
    )
    return Change("finite_inputs", code)


def labels_shifted(case: Case, classes: int, ignored: int = IGNORED) -> Change | None:
    """Count labels from 0; code alone where there are more of them than outputs."""
    found = list(targets_of(case))
    if not found or any(x.is_floating_point() for x in found):
        return None
    used = [x[x != ignored] for x in found]
    used = [x for x in used if x.numel()]
    if not used:
        return None
    low, high = (int(x) for x in (min(x.min() for x in used), max(x.max() for x in used)))
    if high - low >= classes:
        last = high - min(low, 0)
        return Change("widen_output", f"# the last layer: {last + 1} outputs, not {classes}",
                      {"outputs": last + 1, "classes": classes}, "code")  # fmt: skip
    shifted = f"targets - {low}" if low >= 0 else f"targets + {-low}"
    if any((x == ignored).any() for x in found):
        shifted = f"torch.where(targets == {ignored}, targets, {shifted})"
    return Change("shift_labels", on_targets(case, shifted))


def targets_scaled(case: Case) -> Change | None:
    """Bring amounts between 0 and 1; labels of classes are none, and a matter of code."""
    found = list(targets_of(case))
    if not found:
        return None
    low, high = (float(x) for x in (min(x.min() for x in found), max(x.max() for x in found)))
    if _are_labels(found):
        code = f"# labels of {int(high - min(low, 0.0)) + 1} classes: nn.functional.cross_entropy"
        return Change("labels_are_classes", code, {}, "code")
    if not (high > low and all(x.is_floating_point() for x in found)):
        return None
    shifted = "targets" if low == 0.0 else f"(targets - {low!r})" if low > 0.0 else (
        f"(targets + {-low!r})")  # fmt: skip
    return Change("scale_targets", on_targets(case, f"{shifted} / {high - low!r}"))


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
    return Change(key, _commented(code), {"operation": operation}, "code")


def _commented(code: str) -> str:
    return "\n".join(x if x.startswith("#") else f"# {x}" for x in code.splitlines())


def _are_labels(found: list[Tensor]) -> bool:
    values = torch.unique(torch.cat([x.flatten() for x in found]))
    whole = bool((values == values.round()).all())
    return whole and len(values) > 2 and float(values.max() - values.min()) < MOST_CLASSES


def loss_for_logits(case: Case, finding: Finding) -> Change | None:
    """Give the loss what it takes: logarithms of probabilities."""
    if finding.evidence["last"] == "softmax":
        outputs = "outputs.clamp_min(torch.finfo(outputs.dtype).tiny).log()"
    elif case.loss_fn is F.nll_loss:
        return Change("log_softmax", "loss_fn = nn.functional.cross_entropy")
    else:
        outputs = "outputs.log_softmax(1)"
    if case.targets is None and not list(targets_of(case)):
        return None
    return Change("log_outputs", _on_loss(outputs, "targets"))


def targets_of(case: Case) -> Iterator[Tensor]:
    """Go through the targets, batch by batch, where they are tensors.

    A model that returns its loss may be given them by name.
    """
    by_name = case.targets is None and isinstance(case.inputs, Mapping)
    for batch in batches(case.inputs, case.targets):
        found = batch.kwargs.get(BY_NAME) if by_name else batch.targets
        if isinstance(found, Tensor) and found.numel():
            yield found


def on_targets(case: Case, changed: str) -> str:
    """Write how targets are changed: where they are given, or else in the loss."""
    if isinstance(case.targets, Tensor):
        return f"targets = {changed}"
    if isinstance(case.inputs, Mapping) and BY_NAME in case.inputs:
        given = f'inputs["{BY_NAME}"]'
        return f'inputs = {{**inputs, "{BY_NAME}": {changed.replace("targets", given)}}}'
    return _on_loss("outputs", changed)


def _on_loss(outputs: str, targets: str) -> str:
    return f"def loss_fn(outputs, targets, given=loss_fn):\n    return given({outputs}, {targets})"
