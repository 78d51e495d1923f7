"""`unscaled_inputs`: values far from the length 1 that first weights are made for."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Finding
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.view import View


def find(view: View) -> Iterator[Finding]:
    """Look at the inputs' mean, deviation, and the spread of deviations over features."""
    reading = view.reading
    mean, deviation = reading.input_mean, reading.input_deviation
    if not (math.isfinite(mean) and math.isfinite(deviation)) or _prepared(view):
        return
    cause = _cause(mean, deviation, reading.input_feature_spread)
    if cause:
        evidence = {
            "mean": mean,
            "deviation": deviation,
            "spread": reading.input_feature_spread,
            "samples": reading.samples,
        }
        yield Finding("unscaled_inputs", "inputs", "warning", (), evidence, cause)


def _cause(mean: float, deviation: float, spread: float) -> str:
    length = math.hypot(mean, deviation)
    if length > limit.INPUT_LARGE:
        return "large"
    if 0.0 < length < limit.INPUT_SMALL:
        return "small"
    if deviation > 0.0 and abs(mean) > limit.INPUT_OFFSET * deviation:
        return "offset"
    return "uneven" if math.isfinite(spread) and spread > limit.INPUT_SPREAD else ""


def _prepared(view: View) -> bool:
    """Tell whether the model scales its inputs itself, or looks them up."""
    steps = view.reading.steps
    kinds = {layer.name: layer.kind for layer in view.reading.layers}
    for place, step in enumerate(steps):
        if step.kind in ("layer", "normalization"):
            before = [steps[i].kind for i in view.behind(place)]
            if "input" in before:
                embeds = kinds.get(step.name) == "embedding"
                return step.kind == "normalization" or embeds
    return False
