"""The loss of the answer that is best for all samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from nonlin.torch.case import Case
from nonlin.torch.findings.targets import REGRESSION
from nonlin.torch.measuring.batches import Batch
from nonlin.torch.mending.modules import compared, run
from nonlin.torch.reading import Target

# Batches of which the answer is for all samples, and steps in which it is looked for.
BATCHES, STEPS = 4, 60

Made = Callable[[Tensor], Tensor]

# What makes outputs, as a loss expects them, of any numbers, and back.
WAYS: dict[str, tuple[Made, Made]] = {
    "nll": (lambda z: z.log_softmax(1), lambda y: y),
    "log_loss": (lambda z: z.softmax(1), lambda y: y.clamp_min(1e-6).log()),
    "bce": (torch.sigmoid, lambda y: y.logit(1e-6)),
    **{name: (lambda z: z, lambda y: y)
       for name in ("cross_entropy", "bce_with_logits", *REGRESSION)},
}  # fmt: skip


def constant_loss(case: Case, batches: Sequence[Batch], target: Target | None) -> float:
    """Look for the outputs, the same for all samples, whose loss is the lowest.

    The loss is called as it is, so that weights of classes and of positives count.

    Parameters
    ----------
    case : Case
        A copy, whose model may be run.
    batches : sequence of Batch
    target : Target or None
        Of the reading: which loss it is.

    Returns
    -------
    float
        NaN where the loss is not known, or takes something else than one tensor of outputs.
    """
    if target is None or target.loss not in WAYS or not target.known or target.turned:
        return math.nan
    try:
        with torch.no_grad():
            case.model.eval()
            first = run(case.model, batches[0])
        return _lowest(case, batches[:BATCHES], first, *WAYS[target.loss])
    except Exception:  # whatever a model or a loss that takes something else raises
        return math.nan


def _lowest(case: Case, batches: Sequence[Batch], outputs: Tensor, made: Made, back: Made) -> float:
    z = back(outputs.detach().float().mean(0, keepdim=True)).clone().requires_grad_(True)
    given = replace(case, inputs=None, targets=None)
    optimizer = torch.optim.LBFGS([z], max_iter=STEPS, line_search_fn="strong_wolfe")
    found: list[float] = []

    def loss() -> Tensor:
        optimizer.zero_grad()
        sizes = [batch.size or 0 for batch in batches]
        losses = [
            compared(given, made(z).expand(size, *z.shape[1:]), batch.targets)
            for size, batch in zip(sizes, batches, strict=True)
        ]
        mean = torch.stack(losses).mean()
        mean.backward()  # type: ignore[no-untyped-call]
        found.append(float(mean.detach()))
        return mean

    with torch.enable_grad():
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    return min((x for x in found if math.isfinite(x)), default=math.nan)
