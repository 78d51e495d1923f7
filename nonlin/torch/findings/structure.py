"""`linear_stack` and `doubled_activation`: what the order of the calls says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import zip_longest

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.curves import function
from nonlin.torch.findings.last_step import bounds
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer
from nonlin.torch.reading import Step

# An activation that takes more than this share of the squared gradient of the one before it hurts:
# tanh behind ELU takes 0.44 and costs 7 points of accuracy; behind tanh 0.23, and 2 points.
DOUBLED_LOSS = 0.4

# The share of a function's range that is cut off where a logarithm or a quotient follows.
GUARD = 0.01

NODES = np.linspace(-6.0, 6.0, 1201)
DENSITY = np.exp(-0.5 * NODES**2) / np.exp(-0.5 * NODES**2).sum()


def find(view: View) -> Iterator[Finding]:
    """Look for layers and for activations that follow each other directly."""
    yield from _linear_stacks(view)
    yield from _doubled(view)


def _linear_stacks(view: View) -> Iterator[Finding]:
    pairs = dict(_pairs(view))
    for second, first in pairs.items():
        if first not in pairs:
            row = [first, second]
            while following := next((x for x, y in pairs.items() if y == row[-1]), None):
                row.append(following)
            yield _stack(row, view.reading.linear is True)


def _pairs(view: View) -> Iterator[tuple[str, str]]:
    """List each layer that follows another directly where one would do, and that other."""
    steps = view.reading.steps
    # Of normalisations those by stored statistics alone leave the outputs linear.
    through = ("normalization",) if view.reading.linear else ()
    for place, step in enumerate(steps):
        if step.kind == "layer" and _mixes(view, step.name):
            for source in view.behind(place, *through):
                if _could_be_one(view, source, step.name):
                    yield step.name, steps[source].name


def _could_be_one(view: View, place: int, second: str) -> bool:
    """Tell whether the step at a place is another layer whose result goes to one layer alone."""
    first = view.reading.steps[place]
    if first.kind != "layer" or first.name == second or not _mixes(view, first.name):
        return False
    # Weights that others have too, as an embedding's, are no layer's to merge: what comes before
    # them brings the width to theirs.
    if view.layers[first.name].tied or view.layers[second].tied:
        return False
    factored = _is_factored(view.layers[first.name], view.layers[second])
    return view.consumers(place) == 1 and not factored


def _is_factored(first: Layer, second: Layer) -> bool:
    """Tell whether two layers have no more weights than the one that they amount to.

    Then they are a factorisation that is meant to be: of low rank, as an adapter; a depthwise
    convolution and a pointwise one; 1 x 3 and 3 x 1. The one has the larger of the two extents
    along each axis: two kernels of 3 x 3 are not written for the one of 5 x 5. A first layer may be
    several, one for each group of its inputs, and a second one may be shared by the heads that the
    first one's outputs are parted into: the one has all groups and all heads.
    """
    if not (first.shape and second.shape):
        return False
    extents = zip_longest(first.shape[2:], second.shape[2:], fillvalue=1)
    groups = max(first.weights // math.prod(first.shape), 1)
    heads = max(groups * first.shape[1] // second.shape[0], 1)
    area = math.prod(max(pair) for pair in extents)
    return (
        first.weights + second.weights <= groups * first.shape[0] * heads * second.shape[1] * area
    )


def _mixes(view: View, name: str) -> bool:
    layer = view.layers.get(name)
    return layer is not None and layer.kind in ("linear", "conv")


def _stack(row: list[str], whole: bool) -> Finding:
    evidence = {"first": row[0], "second": row[1], "last": row[-1], "layers": len(row)}
    grade: Severity = "error" if whole else "warning"
    cause = "whole" if whole else "between"
    return Finding("linear_stack", row[1], grade, (), evidence, cause)


def _doubled(view: View) -> Iterator[Finding]:
    steps = view.reading.steps
    for place, step in enumerate(steps):
        if step.kind != "activation":
            continue
        for source in view.behind(place, "pooling"):
            # What the loss bends first is its own, and judged by what it expects.
            if step.in_loss:
                continue
            first = steps[source]
            if (
                first.kind == "activation"
                and not _passes(view, first)
                and not _guards(view, first, step)
            ):
                found = _pair(view, steps[source].name, step.name)
                # One that lets more through than came is something else, as a logarithm.
                if not found.evidence["lost"] < 0.0:
                    yield found


def _passes(view: View, first: Step) -> bool:
    """Tell whether a function changes none of its values, as a clip at limits far beyond them."""
    site = next((x for x in view.reading.sites if x.name == first.name), None)
    act = None if site is None else function(site)
    if site is None or act is None:
        return False
    ends = float(site.units.smallest.min()), float(site.units.largest.max())
    if not all(map(math.isfinite, ends)):
        return False
    seen = np.linspace(*ends, 65)
    return bool(np.array_equal(act(seen), seen))


def _guards(view: View, first: Step, second: Step) -> bool:
    """Tell whether the second one keeps the first from its very ends, as for a logarithm."""
    sites = {site.name: site for site in view.reading.sites}
    if first.name not in sites or second.name not in sites:
        return False
    inner, outer = function(sites[first.name]), function(sites[second.name])
    if inner is None or outer is None or outer.name != "hard_tanh":
        return False
    (low, high), (least, most) = bounds(inner), bounds(outer)
    inside = low <= least and most <= high and most - least < high - low
    return inside and (high - low) - (most - least) <= GUARD * (high - low)


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
