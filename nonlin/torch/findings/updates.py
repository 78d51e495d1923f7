"""`stuck_layer`: a layer that the optimizer hardly moves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.flat import is_flat
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer

# A gradient's RMS that makes no step, whatever the rate: what Adam adds to its denominator, 1e-8,
# is a million times as large, or its square is no number in float32.
LEAST_GRADIENT = 1e-14
LARGEST_GRADIENT = 1e18

# Or a small one, of which gradient descent makes a small step at a rate as people choose it.
SMALL_GRADIENT = 1e-7
RATE_OF_DESCENT = 1e-3

# The learning rate over the highest that its schedule names. Below, an update may be lost in the
# weights' rounding, 6e-8 of them in float32, that at the highest rate is above `STUCK_UPDATE`.
SCHEDULED = 0.01

# The share of a layer's weights in half precision that a step leaves as they are, bit for bit; of
# all such layers the median counts. Calibration, GPT-2 of 3 blocks in bfloat16, AdamW at
# 3e-6 to 3e-4, 150 steps: at 0.95 the loss falls by 0.27 of what it does in float32, at 0.83 by
# 0.37, at 0.68 by 0.62, at 0.11 by 0.91.
ROUNDED_NOTE = 0.5
ROUNDED_WARNING = 0.8

# A layer without a gradient that is so on purpose, or for this batch alone.
MEANT = ("not_used", "detour", "no_rows")


def find(view: View) -> Iterator[Finding]:
    """Compare each trainable layer's update with its weights and with the other layers' updates."""
    if is_flat(view):
        return
    layers = [x for x in view.reading.layers if x.trainable and x.weight_rms > 0.0]
    if _is_cut_off(view, layers):
        yield _cut(view, layers)
        return
    known = [x.update_ratio for x in layers if x.update_ratio is not None]
    moving = [x for x in known if math.isfinite(x) and x > limit.STUCK_UPDATE]
    usual = float(np.median(moving)) if moving else 0.0
    asked = bool(known) or any(x.update_untold for x in layers)
    asked = asked or any(note.key == "nothing_optimized" for note in view.reading.notes)
    waiting, rounded = [], []
    for layer in layers:
        ratio = layer.update_ratio
        if layer.weight_gradient_rms == 0.0:
            ratio = 0.0
        elif layer.unmoved is not None and layer.rate_share >= SCHEDULED:
            rounded += [layer] * (layer.unmoved >= ROUNDED_NOTE)
            continue
        elif ratio is None and asked and not layer.update_untold:
            # The optimizer does not have it.
            ratio = 0.0
        if ratio is None or not ratio <= limit.STUCK_UPDATE:
            continue
        if _is_scheduled(layer):
            waiting.append(layer)
        else:
            yield _finding(view, layer, ratio, usual)
    yield from _strangers(view)
    yield from _frozen(view, layers)
    if waiting:
        yield _schedule(waiting, usual)
    if rounded:
        yield _rounding(rounded, usual)


def _is_cut_off(view: View, layers: Sequence[Layer]) -> bool:
    """Tell whether nothing that is trained goes into the loss: a way between is cut."""
    unheard = all(x.weight_gradient_rms == 0.0 for x in layers)
    apart = view.before_the_loss.isdisjoint(x.name for x in layers)
    return bool(layers) and unheard and bool(view.before_the_loss) and apart


def _cut(view: View, layers: Sequence[Layer]) -> Finding:
    """Report where the way to the loss ends: at the last step that outputs go through."""
    steps = view.reading.steps
    made = view.made_with(layers[-1].name)
    last = [x.name for x in steps if x.kind != "loss" and x.name in made][-1:]
    evidence = {
        "update_ratio": 0.0,
        "usual": 0.0,
        "gradient": 0.0,
        "weights": layers[-1].weight_rms,
        "threshold": limit.STUCK_UPDATE,
        "layers": len(layers),
        "end": last[0] if last else layers[-1].name,
    }
    return Finding("stuck_layer", layers[-1].name, "error", (), evidence, "cut_off")


def _strangers(view: View) -> Iterator[Finding]:
    """Find what is trained in the model's pass and neither the model nor an optimizer knows of."""
    found = [x for x in view.reading.strangers if not x.optimized]
    if found:
        lost = any(x.optimized is False for x in found)
        evidence = {
            "tensors": len(found),
            "numbers": sum(math.prod(x.shape) for x in found),
            "shape": " × ".join(map(str, found[0].shape)),
        }
        grade: Severity = "error" if lost else "warning"
        yield Finding(
            "stuck_layer", found[0].module or "model", grade, (), evidence, "not_registered"
        )


def _frozen(view: View, trained: Sequence[Layer]) -> Iterator[Finding]:
    """Find first weights that are not trained, before all that is: what they make is random.

    A target network or a judge that is frozen comes after what is trained, or beside it.
    """
    frozen = [x for x in view.reading.layers if not x.trainable and x.drawn]
    names = {x.name for x in frozen}
    # One layer of random features may be meant.
    if len(frozen) < 2 or any(names & view.made_with(x.name) for x in trained):
        return
    if not any(x.name in view.made_with(frozen[-1].name) for x in trained):
        return
    evidence = {"layers": len(frozen), "weights": sum(x.weights for x in frozen)}
    yield Finding("stuck_layer", frozen[-1].name, "warning", (), evidence, "frozen")


def _is_scheduled(layer: Layer) -> bool:
    """Tell whether a layer stands still for its schedule's sake, and moves at the highest rate."""
    ratio, share = layer.update_ratio, layer.rate_share
    if layer.weight_gradient_rms == 0.0 or ratio is None or share >= 1.0:
        return False
    return share < SCHEDULED or ratio / share > limit.STUCK_UPDATE


def _schedule(waiting: list[Layer], usual: float) -> Finding:
    first = waiting[0]
    evidence = {
        "update_ratio": first.update_ratio,
        "usual": usual,
        "gradient": first.weight_gradient_rms,
        "weights": first.weight_rms,
        "threshold": limit.STUCK_UPDATE,
        "layers": len(waiting),
        "rate_share": max(x.rate_share for x in waiting),
    }
    return Finding("stuck_layer", first.name, "note", (), evidence, "schedule")


def _rounding(rounded: list[Layer], usual: float) -> Finding:
    """Tell once of all layers whose updates are lost in the spacing of their weights."""
    shares = [x.unmoved for x in rounded if x.unmoved is not None]
    typical = float(np.median(shares))
    worst = rounded[int(np.argmax(shares))]
    evidence = {
        "unmoved": typical,
        "most_unmoved": max(shares),
        "layers": len(rounded),
        "update_ratio": worst.update_ratio,
        "usual": usual,
        "gradient": worst.weight_gradient_rms,
        "weights": worst.weight_rms,
        "threshold": ROUNDED_WARNING,
    }
    grade: Severity = "warning" if typical >= ROUNDED_WARNING else "note"
    return Finding("stuck_layer", worst.name, grade, (), evidence, "rounding")


def _finding(view: View, layer: Layer, ratio: float, usual: float) -> Finding:
    evidence = {
        "update_ratio": ratio,
        "usual": usual,
        "gradient": layer.weight_gradient_rms,
        "weights": layer.weight_rms,
        "threshold": limit.STUCK_UPDATE,
    }
    if layer.weight_gradient_rms == 0.0:
        cause = _without_gradient(view, layer)
    elif layer.update_ratio is None:
        cause = "not_optimized"
    else:
        cause = "small_updates" if usual else _without_moving(layer, ratio)
    grade: Severity = "error" if ratio == 0.0 or not usual else "warning"
    if cause in MEANT or (cause == "no_gradient" and _begins_at_zero(view, layer)):
        grade = "note"
    if cause == "no_input" and _comes_of_zero(view, layer):
        grade = "note"
    return Finding("stuck_layer", layer.name, grade, (), evidence, cause)


def _without_moving(layer: Layer, ratio: float) -> str:
    """Tell why no layer moves: by its rate, or by a gradient that no optimizer makes a step of."""
    gradient = layer.weight_gradient_rms
    # What gradient descent would take as its rate.
    rate = ratio * layer.weight_rms / gradient
    small = gradient < SMALL_GRADIENT and rate > RATE_OF_DESCENT
    if small or gradient < LEAST_GRADIENT:
        return "vanished"
    return "overflowed" if gradient > LARGEST_GRADIENT else "learning_rate"


def _without_gradient(view: View, layer: Layer) -> str:
    """Tell why a layer gets no gradient, as far as the ways from it to the loss tell."""
    if view.before_the_loss and layer.name not in view.before_the_loss:
        return "not_used"
    if not layer.reached and _is_beside(view, layer):
        return "detour"
    if layer.input_length == 0.0:
        return "no_input"
    # A layer of words has no length either.
    idle = math.isnan(layer.input_length) and layer.kind in ("linear", "conv")
    return "no_rows" if idle and view.reading.routers else "no_gradient"


def _is_beside(view: View, layer: Layer) -> bool:
    """Tell whether layers learn whose input is not made with this one: it is cut off on purpose."""
    behind = view.made_with(layer.name)
    return any(
        x.weight_gradient_rms > 0.0 and x.name in view.before_the_loss and x.name not in behind
        for x in view.reading.layers
    )


def _comes_of_zero(view: View, layer: Layer) -> bool:
    """Tell whether a layer gets 0 of weights that begin at 0 and learn; the first step ends it."""
    zero = (x for x in view.reading.layers if x.weight_rms == 0.0 and x.weight_gradient_rms > 0.0)
    return layer.name in view.on_branches or any(layer.name in view.made_with(x.name) for x in zero)


def _begins_at_zero(view: View, layer: Layer) -> bool:
    """Tell whether a layer gets no gradient because something behind it begins as 0 on purpose.

    A branch does, by its last weights, its normalisation's or a factor, or the last layer of a
    network; the first step ends it.
    """
    if layer.name in view.on_branches:
        return True
    names = [x.name for x in view.reading.layers]
    behind = view.reading.layers[names.index(layer.name) + 1 :]
    return any(x.weight_rms == 0.0 and x.weight_gradient_rms > 0.0 for x in behind)
