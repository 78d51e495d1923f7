"""The last step before the loss: what makes the outputs, their values, when an extreme is right."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nonlin.activation import Activation
from nonlin.torch.findings.curves import GRID, function
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Site
from nonlin.torch.reading import Step

# A function that differs by this, or by this share, between 500 and 1,000 goes on without end.
ENDLESS = 0.05
FAR = np.array([500.0, 1000.0])

EVERYTHING = (-math.inf, math.inf)


@dataclass(frozen=True)
class Ending:
    """The last step before the loss.

    Attributes
    ----------
    step : Step or None
    name : str
        "softmax", "log_softmax", the activation's name, or else the step's kind; "" without a step.
    low, high : float
        No output lies outside.
    flat : bool
        Whether it is constant on a half line, so that no gradient passes there.
    """

    step: Step | None
    name: str
    low: float = -math.inf
    high: float = math.inf
    flat: bool = False

    @property
    def site(self) -> str:
        """The step's name; "loss" without one."""
        return "loss" if self.step is None else self.step.name

    @property
    def is_unbounded(self) -> bool:
        """Whether it is known that outputs can be as large as they like, on one side at least."""
        made = self.step is not None and (self.step.kind == "layer" or self.low > -math.inf)
        return made and math.isinf(self.high)


def ending(view: View) -> Ending:
    """Find what made the outputs, past what only carries values."""
    step = _last(view)
    if step is None:
        return Ending(None, "")
    if step.kind == "softmax":
        logs = "log_softmax" in step.name.lower().replace("logs", "log_s")
        name = "log_softmax" if logs else "softmax"
        return Ending(step, name, *((-math.inf, 0.0) if logs else (0.0, 1.0)))
    site = next((x for x in view.reading.sites if x.name == step.name), None)
    if step.kind != "activation":
        return Ending(step, step.kind)
    act = None if site is None else function(site)
    name = site.activation.removeprefix("nl.") if site is not None else _short(step.name)
    if site is None or act is None:
        return Ending(step, name)
    low, high = _with_affine_end(view, site, act)
    return Ending(step, name, low, high, site.can_die)


def _short(name: str) -> str:
    """Name the function of a call in the loss: "loss:sigmoid"."""
    return name.removeprefix("loss:")


def _last(view: View) -> Step | None:
    steps = view.reading.steps
    ends = [i for i, step in enumerate(steps) if step.kind == "loss"]
    if not ends:
        return steps[-1] if steps else None
    behind = (steps[i] for i in view.behind(ends[-1]))
    return next((x for x in behind if x.kind != "input"), None)


@lru_cache(maxsize=64)
def bounds(act: Activation) -> tuple[float, float]:
    """Give the smallest and the largest value of a function, infinite where it has no end."""
    with np.errstate(all="ignore"):
        y, *ends = (np.asarray(act(z), dtype=np.float64) for z in (GRID, FAR, -FAR))
    y = y[~np.isnan(y)]
    if not y.size:
        return EVERYTHING
    low, high = float(y.min()), float(y.max())
    for half, whole in ends:
        if not abs(whole - half) <= ENDLESS * max(abs(whole), 1.0):
            low, high = (-math.inf, high) if whole < half else (low, math.inf)
    return low, high


def _with_affine_end(view: View, site: Site, act: Activation) -> tuple[float, float]:
    """Widen a function's bounds by what is multiplied and added behind it, as in 5 sigmoid(z).

    A factor is read off the extremes of the outputs and those of the function.
    """
    low, high = bounds(act)
    target = view.reading.target
    ends = [float(x) for x in (site.units.smallest.min(), site.units.largest.max())]
    if target is None or not np.isfinite(ends).all():
        return low, high
    least, most = (float(x) for x in np.asarray(act(np.array(ends)), dtype=np.float64))
    spread = target.output_largest - target.output_smallest
    if not (most - least > 1e-6 and math.isfinite(spread) and spread > 0.0):
        return min(low, target.output_smallest), max(high, target.output_largest)
    factor = spread / (most - least)
    added = target.output_smallest - factor * least
    if abs(factor - 1.0) < 0.01 and abs(added) < 0.01:
        return low, high
    return min(low, added + factor * low), max(high, added + factor * high)


# The mean of |output - target| from which an output unit at its limit is wrong rather than done: a
# share of the range. Half of the answers wrong make 0.5 of sigmoid's; what a classifier that is
# 95 % right, an autoencoder of digits or a tanh decoder leave is 0.1 and less.
WRONG_OUTPUT = 0.2


def wrong(view: View, site: Site, units: Collection[int], span: float) -> set[int]:
    """Choose those of an output site's units that are far from their targets.

    Parameters
    ----------
    view : View
    site : Site
    units : collection of int
    span : float
        Between the lowest and the highest value of the site's function; inf where it is unbounded.

    Returns
    -------
    set of int
        None of them where the outputs and the targets cannot be compared one by one.
    """
    target = view.reading.target
    error = () if target is None else target.error
    if target is None or not error:
        return set()
    least = WRONG_OUTPUT * min(span, _spread(target.smallest, target.largest))
    each = error if len(error) == site.units.count else error[:1] * site.units.count
    return {unit for unit in units if each and each[unit] >= max(least, 1e-12)}


def _spread(smallest: float | None, largest: float | None) -> float:
    return 0.0 if smallest is None or largest is None else largest - smallest
