"""`stuck_layer`: a layer that the optimizer hardly moves."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.reading import Layer
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.view import View


def find(view: View) -> Iterator[Finding]:
    """Compare each trainable layer's update with its weights and with the other layers' updates."""
    layers = [x for x in view.reading.layers if x.trainable and x.weight_rms > 0.0]
    known = [x.update_ratio for x in layers if x.update_ratio is not None]
    moving = [x for x in known if math.isfinite(x) and x > limit.STUCK_UPDATE]
    usual = float(np.median(moving)) if moving else 0.0
    asked = bool(known) or any(x.update_untold for x in layers)
    waiting = []
    for layer in layers:
        ratio = layer.update_ratio
        if layer.weight_gradient_rms == 0.0:
            ratio = 0.0
        elif ratio is None and asked and not layer.update_untold:
            # The optimizer does not have it.
            ratio = 0.0
        if ratio is None or not ratio <= limit.STUCK_UPDATE:
            continue
        if _is_scheduled(layer):
            waiting.append(layer)
        else:
            yield _finding(view, layer, ratio, usual)
    if waiting:
        yield _schedule(waiting, usual)


def _is_scheduled(layer: Layer) -> bool:
    """Tell whether a layer stands still for its schedule's sake, and moves at the highest rate."""
    ratio, share = layer.update_ratio, layer.rate_share
    if layer.weight_gradient_rms == 0.0 or ratio is None or share >= 1.0:
        return False
    return share < limit.SCHEDULED or ratio / share > limit.STUCK_UPDATE


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


def _finding(view: View, layer: Layer, ratio: float, usual: float) -> Finding:
    evidence = {
        "update_ratio": ratio,
        "usual": usual,
        "gradient": layer.weight_gradient_rms,
        "weights": layer.weight_rms,
        "threshold": limit.STUCK_UPDATE,
    }
    if layer.weight_gradient_rms == 0.0:
        used = not view.before_the_loss or layer.name in view.before_the_loss
        cause = "no_gradient" if used else "not_used"
    elif layer.update_ratio is None:
        cause = "not_optimized"
    else:
        cause = "small_updates" if usual else "learning_rate"
    grade: Severity = "error" if ratio == 0.0 or not usual else "warning"
    if cause == "not_used" or (cause == "no_gradient" and _begins_at_zero(view, layer)):
        grade = "note"
    return Finding("stuck_layer", layer.name, grade, (), evidence, cause)


def _begins_at_zero(view: View, layer: Layer) -> bool:
    """Tell whether a layer gets no gradient because something behind it begins as 0 on purpose.

    A branch does, by its last weights or its normalisation's, or the last layer of a network; the
    first step ends it.
    """
    if any(site.residual for site, _ in view.fed.get(layer.name, [])):
        return True
    names = [x.name for x in view.reading.layers]
    behind = view.reading.layers[names.index(layer.name) + 1 :]
    return any(x.weight_rms == 0.0 and x.weight_gradient_rms > 0.0 for x in behind)
