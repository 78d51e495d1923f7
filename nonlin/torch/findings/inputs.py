"""`unscaled_inputs`: values far from the length 1 that first weights are made for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer

# Inputs: their length, |mean| over the deviation, and the largest deviation of a feature over the
# median one. Digits have 1.0, 0 and 1.5; as they come, between 0 and 16, 7.8, 0.8 and 1.5. Images
# between 0 and 255 and what is further off hurt.
INPUT_LARGE = 20.0
INPUT_SMALL = 0.02

# And the norm of all that one unit sums up: a vector of length 1 is none too small, however many
# numbers it has. Of clusters and one-hot vectors of that length, 64 and 1,024 wide, 200 steps of
# Adam fit all samples at 1 and 0.3, 72 to 100 % at 0.1, 31 to 58 % at 0.03 where 64 are wide.
INPUT_NORM = 0.1
INPUT_OFFSET = 20.0
INPUT_SPREAD = 100.0


@dataclass(frozen=True)
class Entry:
    """What comes into a first layer.

    Attributes
    ----------
    mean, deviation : float
        Over all features.
    spread : float
        How many times as much as the median one the feature varies that varies most.
    norm : float
        The length of all that one unit sums up, as a vector.
    """

    mean: float
    deviation: float
    spread: float
    norm: float


def find(view: View) -> Iterator[Finding]:
    """Look at what comes into the layers that the inputs come into.

    So inputs that the model prepares itself are judged as it prepared them.
    """
    for entry in _entries(view):
        if cause := _cause(entry):
            evidence = {**asdict(entry), "samples": view.reading.samples}
            yield Finding("unscaled_inputs", "inputs", "warning", (), evidence, cause)
            return


def _entries(view: View) -> Iterator[Entry]:
    first = [x for x in view.reading.layers if x.first]
    if not first:
        yield from _as_given(view)
    for layer in first:
        yield _of_layer(layer, layer.input_spread)


def _of_layer(layer: Layer, spread: float) -> Entry:
    length, mean = layer.input_length, layer.input_mean
    deviation = math.sqrt(max(length - mean**2, 0.0))
    return Entry(mean, deviation, spread, math.sqrt(layer.fan_in * length))


def _as_given(view: View) -> Iterator[Entry]:
    """Take the model's inputs, of a reading that does not say which layers they come into."""
    reading, steps = view.reading, view.reading.steps
    for place, step in enumerate(steps):
        if step.kind not in ("layer", "normalization"):
            continue
        layer = view.layers.get(step.name)
        before = [steps[i].kind for i in view.behind(place)]
        if step.kind == "normalization" or (layer is not None and layer.kind == "embedding"):
            return
        if layer is not None and before and "input" not in before:
            yield _of_layer(layer, 1.0)
            return
        rms = math.hypot(reading.input_mean, reading.input_deviation)
        norm = rms * math.sqrt(1.0 if layer is None else layer.fan_in)
        yield Entry(reading.input_mean, reading.input_deviation, reading.input_feature_spread, norm)
        return


def _cause(entry: Entry) -> str:
    mean, deviation, spread = entry.mean, entry.deviation, entry.spread
    if not (math.isfinite(mean) and math.isfinite(deviation)):
        return ""
    rms = math.hypot(mean, deviation)
    if rms > INPUT_LARGE:
        return "large"
    if 0.0 < rms < INPUT_SMALL and entry.norm < INPUT_NORM:
        return "small"
    if deviation > 0.0 and abs(mean) > INPUT_OFFSET * deviation:
        return "offset"
    return "uneven" if math.isfinite(spread) and spread > INPUT_SPREAD else ""
