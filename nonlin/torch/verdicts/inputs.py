"""`unscaled_inputs`: values far from the length 1 that first weights are made for."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nonlin.torch.finding import Finding
from nonlin.torch.reading import Step
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.view import View


def find(view: View) -> Iterator[Finding]:
    """Look at the inputs' mean, deviation, and the spread of deviations over features.

    Where the model prepares its inputs itself, what comes into its first layer counts.
    """
    reading, first = view.reading, _first(view)
    if first is None:
        return
    step, direct = first
    layer = view.layers.get(step.name)
    if step.kind == "normalization" or (layer is not None and layer.kind == "embedding"):
        return
    mean, deviation = reading.input_mean, reading.input_deviation
    spread = reading.input_feature_spread
    if not direct and layer is not None:
        mean, spread = layer.input_mean, 1.0
        deviation = math.sqrt(max(layer.input_length - mean**2, 0.0))
    if not (math.isfinite(mean) and math.isfinite(deviation)):
        return
    if cause := _cause(mean, deviation, spread):
        evidence = {
            "mean": mean, "deviation": deviation, "spread": spread, "samples": reading.samples,
        }  # fmt: skip
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


def _first(view: View) -> tuple[Step, bool] | None:
    """Find the first layer or normalisation, and whether the inputs come into it as they are."""
    steps = view.reading.steps
    for place, step in enumerate(steps):
        if step.kind in ("layer", "normalization"):
            before = [steps[i].kind for i in view.behind(place)]
            return step, not before or "input" in before
    return None
