"""`non_finite`: the first call that made an infinity or a NaN, on the way there or back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict

from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.reading import GradientFault


def find(view: View) -> Iterator[Finding]:
    """Report the first step whose outputs are not all finite, or the loss, or its gradient."""
    steps = view.reading.steps
    target = view.reading.target
    broken = target is not None and not math.isfinite(target.value)
    fault = view.reading.gradient_fault
    if fault is not None and not broken:
        # What is not finite on the way there and does not reach the loss hurts nothing by itself.
        yield _on_the_way_back(fault)
        return
    first = next((i for i, step in enumerate(steps) if not step.finite), None)
    first = _from_statistics(view) if first is None and broken else first
    if first is not None:
        step = steps[first]
        yield _finding(view, step.name, step.kind, _cause(view, step.kind, step.name))
    elif broken:
        yield _finding(view, "loss", "loss", "loss")


def _on_the_way_back(fault: GradientFault) -> Finding:
    place = f"{'loss' if fault.in_loss else fault.module}:{fault.operation}"
    cause = "own_backward" if fault.own else "gradient"
    return Finding("non_finite", place, "error", (), asdict(fault), cause)


def _from_statistics(view: View) -> int | None:
    """Find the step from what came into layers and sites, where steps themselves tell nothing."""
    steps = view.reading.steps
    # What is looked up in an embedding has no length.
    lengths = {x.name: x.input_length for x in view.reading.layers if x.kind != "embedding"}
    lengths |= {x.name: x.length for x in view.reading.sites}
    for place, step in enumerate(steps):
        layer = view.layers.get(step.name) if step.kind == "layer" else None
        if layer is not None and not math.isfinite(layer.weight_rms):
            return place
        if step.name in lengths and not math.isfinite(lengths[step.name]):
            return max((i for i in view.behind(place)), default=place)
    return None


def _finding(view: View, name: str, kind: str, cause: str) -> Finding:
    lengths = [x.length for x in view.reading.sites if math.isfinite(x.length)]
    evidence = {
        "operation": name,
        "kind": kind,
        "largest_length": max(lengths, default=math.nan),
        "steps": len(view.reading.steps),
    }
    return Finding("non_finite", name, "error", (), evidence, cause)


def _cause(view: View, kind: str, name: str) -> str:
    if kind == "input":
        return "inputs"
    layer = view.layers.get(name)
    if layer is not None:
        return "overflow" if math.isfinite(layer.weight_rms) else "weights"
    return "loss" if kind == "loss" else "operation"
