"""`linear_stack` and `doubled_activation`: what the order of the calls says."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.reading import Step
from nonlin.torch.verdicts.curves import function
from nonlin.torch.verdicts.view import View

# An activation that takes more than this share of the squared gradient of the one before it hurts.
DOUBLED_LOSS = 0.5

NODES = np.linspace(-6.0, 6.0, 1201)
DENSITY = np.exp(-0.5 * NODES**2) / np.exp(-0.5 * NODES**2).sum()


def find(view: View) -> Iterator[Finding]:
    """Look for layers and for activations that follow each other directly."""
    yield from _linear_stacks(view)
    yield from _doubled(view)


def _linear_stacks(view: View) -> Iterator[Finding]:
    bends = any(_bends(view, step) for step in _before_last(view))
    pairs = dict(_pairs(view))
    for second, first in pairs.items():
        if first not in pairs:
            row = [first, second]
            while following := next((x for x, y in pairs.items() if y == row[-1]), None):
                row.append(following)
            yield _stack(view, row, bends)


def _pairs(view: View) -> Iterator[tuple[str, str]]:
    """List each layer that follows another directly, and that other."""
    steps = view.reading.steps
    for place, step in enumerate(steps):
        if step.kind == "layer" and _mixes(view, step.name):
            for source in view.behind(place):
                first = steps[source].name
                if steps[source].kind == "layer" and first != step.name and _mixes(view, first):
                    yield step.name, first


def _bends(view: View, step: Step) -> bool:
    """Tell whether a step is known not to be linear, or not known at all."""
    if step.kind == "layer":
        layer = view.layers.get(step.name)
        return layer is None or layer.kind == "recurrent"
    unknown = {operation.name for operation in view.reading.coverage.unrecognized}
    return step.kind in ("activation", "softmax", "product") or step.name.strip("_") in unknown


def _before_last(view: View) -> list[Step]:
    """List the steps before the last layer: what bends behind it does not count."""
    steps = view.reading.steps
    last = max((i for i, step in enumerate(steps) if step.kind == "layer"), default=0)
    return list(steps[:last])


def _mixes(view: View, name: str) -> bool:
    layer = view.layers.get(name)
    return layer is not None and layer.kind in ("linear", "conv")


def _stack(view: View, row: list[str], bends: bool) -> Finding:
    meant = len(row) == 2 and _narrows(view, *row)
    grade: Severity = "error" if not bends else "note" if meant else "warning"
    evidence = {"first": row[0], "second": row[1], "last": row[-1], "layers": len(row)}
    return Finding("linear_stack", row[1], grade, (), evidence, "between" if bends else "whole")


def _narrows(view: View, first: str, second: str) -> bool:
    """Tell whether the two factor one matrix through fewer dimensions, which is done on purpose."""
    names = [layer.name for layer in view.reading.layers]
    width = view.layers[second].fan_in
    place = names.index(second) + 1
    target = view.reading.target
    following = view.layers[names[place]].fan_in if place < len(names) else None
    if following is None:
        following = float(target.classes) if target is not None and target.classes else 0.0
    return width < view.layers[first].fan_in and width < following


def _doubled(view: View) -> Iterator[Finding]:
    steps = view.reading.steps
    for place, step in enumerate(steps):
        if step.kind != "activation":
            continue
        for source in view.behind(place, "pooling"):
            if steps[source].kind == "activation":
                found = _pair(view, steps[source].name, step.name)
                # One that lets more through than came is something else, as a logarithm.
                if not found.evidence["lost"] < 0.0:
                    yield found


def _pair(view: View, first: str, second: str) -> Finding:
    sites = {site.name: site for site in view.reading.sites}
    lost = math.nan
    evidence: dict[str, object] = {"first": first, "second": second}
    if first in sites and second in sites:
        inner, outer = function(sites[first]), function(sites[second])
        evidence |= {
            "first_activation": sites[first].activation,
            "second_activation": sites[second].activation,
        }
        if inner is not None and outer is not None:
            slope = np.asarray(inner.derivative(NODES))
            both = slope * np.asarray(outer.derivative(inner(NODES)))
            lost = 1.0 - float((DENSITY * both**2).sum() / (DENSITY * slope**2).sum())
    evidence["lost"] = lost
    hurts = not math.isnan(lost) and lost > DOUBLED_LOSS
    cause = "squeezed" if hurts else "repeated"
    return Finding(
        "doubled_activation", second, "warning" if hurts else "note", (), evidence, cause
    )
