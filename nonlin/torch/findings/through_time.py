"""The gradient's way back through time: from the last step of a recurrence to the first.

Between dL/dz at one step and at the step before, a cell h <- phi(W x + U h) multiplies the
gradient's length by sqrt(E[phi'(z)^2] sw2), with sw2 the variance of U times its fan_in. Where the
loss looks at each step, each gets a gradient of its own, and the first is no smaller than the last.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from nonlin.torch.finding import Finding, Kind, Severity
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.curves import function, slope_square
from nonlin.torch.findings.guessing import beats_guessing
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Layer, Site

# Calls of a site that make a recurrence long enough to be judged, and the gradient at the first
# over that at the last. Calibration, 150 to 300 steps of Adam at 3e-3: nn.RNN, nn.LSTM and nn.GRU
# over 8 and over 28 rows of digits begin at 1e-6 and more, and train; a tanh cell whose answer lies
# in the first of 20 steps reaches 0.57 from 2e-8, where an orthogonal one reaches 0.82.
LEAST_STEPS = 4
VANISHING_IN_TIME = 1e-10

# Or so little a step, over a few steps. Calibration: 0.55 and more a step where cells train; 0.09
# and 0.07 in cells that keep a tenth of their state, over 8 rows of digits, which hurts.
FADING = 0.25
FADED = 1e-5


def find(view: View) -> Iterator[Finding]:
    """Judge each recurrence by the site through which most of the gradient comes back."""
    for group in recurrences(view):
        reached = [(x, change) for x in group if (change := _change(x)) is not None]
        if reached:
            site, (ratio, steps) = max(reached, key=lambda x: x[1][0])
            kind, grade = _grade(view, ratio, steps, _may_open(view, group))
            if ratio > 1.0 and not site.gradient_by_call[0] > _at_outputs(view):
                # Where the loss looks at the first step most, nothing has grown.
                continue
            if grade is not None:
                yield _finding(view, kind, grade, site, ratio, steps, len(group) == 1)


def _may_open(view: View, group: Sequence[Site]) -> bool:
    """Tell whether gates let so much through that what opens them learns.

    If the layers before them do not move, they stay as they are.
    """
    names = {x.name for x in group}
    before = [view.layers[layer] for layer, fed in view.fed.items()
              if layer in view.layers and names & {x.name for x, _ in fed}]  # fmt: skip
    stuck = [x.update_ratio is not None and x.update_ratio <= limit.STUCK_UPDATE for x in before]
    return any(x.gate for x in group) and not any(stuck)


def _at_outputs(view: View) -> float:
    """Give the gradient's length where it begins."""
    found = [x.output_gradient_rms for x in view.reading.layers]
    return next((x for x in reversed(found) if x > 0.0), 0.0)


def recurrences(view: View) -> list[list[Site]]:
    """Group the sites that are called step by step, each on what they made at the step before."""
    places: dict[str, list[int]] = {}
    for place, step in enumerate(view.reading.steps):
        if step.kind == "activation":
            places.setdefault(step.name, []).append(place)
    several = [x for x in view.reading.sites if len(x.gradient_by_call) >= LEAST_STEPS]
    between = {x.name: _between(view, places.get(x.name, [])) for x in several}
    groups: list[list[Site]] = []
    for site in several:
        if site.name not in between[site.name]:
            continue
        together = [
            x for x in groups if x[0].name in between[site.name] and site.name in between[x[0].name]
        ]
        if together:
            together[0].append(site)
        else:
            groups.append([site])
    return groups


def _between(view: View, places: Sequence[int]) -> set[str]:
    """Name what lies on the ways from a site's third call back to its first."""
    if len(places) < 3:
        return set()
    steps = view.reading.steps
    # Within one step the order of the calls is no order of time; over two all parts come by.
    first, third = places[0], places[2]
    row, seen = list(steps[third].sources), set()
    while row:
        at = row.pop()
        if at >= first and at not in seen:
            seen.add(at)
            row += steps[at].sources
    return {steps[at].name for at in seen}


def _change(site: Site) -> tuple[float, int] | None:
    """Compare the gradient at the first call with that at the last one that gets any."""
    calls = site.gradient_by_call
    got = [place for place, x in enumerate(calls) if x > 0.0]
    if not got or got[-1] == 0 or not math.isfinite(calls[0]):
        return None
    return calls[0] / calls[got[-1]], got[-1]


def _grade(view: View, ratio: float, steps: int, gated: bool) -> tuple[Kind, Severity | None]:
    """Grade the gradient at the first step over that at the last, so many steps later.

    What has learnt without the first steps does not need them, and gates that begin half open may
    open, as long as anything arrives.
    """
    if ratio > 1.0:
        severe: Severity = "error" if ratio >= limit.EXPLODING_ERROR else "warning"
        return "exploding_gradients", severe if ratio >= limit.EXPLODING_WARNING else None
    fading = ratio < FADED and ratio ** (1.0 / steps) < FADING
    if ratio >= VANISHING_IN_TIME and not fading:
        return "vanishing_gradients", None
    if beats_guessing(view.reading.target):
        return "vanishing_gradients", "note"
    grades: tuple[Severity, Severity] = ("note", "warning") if gated else ("warning", "error")
    return "vanishing_gradients", grades[ratio == 0.0]


def _finding(
    view: View, kind: Kind, grade: Severity, site: Site, ratio: float, steps: int, alone: bool
) -> Finding:
    layer = again(view, site)
    predicted = math.nan
    act = function(site)
    if alone and layer is not None and act is not None:
        predicted = math.sqrt(slope_square(act, site.length) * layer.weight_variance)
    got = [x for x in site.gradient_by_call if x > 0.0]
    evidence = {
        "ratio": ratio,
        "steps": steps,
        "without": len(site.gradient_by_call) - len(got),
        "factor": ratio ** (1.0 / steps),
        "predicted": predicted,
        "first": site.gradient_by_call[0],
        "last": got[-1],
        "layer": site.name if layer is None else layer.name,
    }
    return Finding(kind, site.name, grade, (), evidence, "time")


def again(view: View, site: Site) -> Layer | None:
    """Find the one layer that brings a site's result back to it."""
    places = [i for i, step in enumerate(view.reading.steps) if step.name == site.name]
    names = {x for x in _between(view, places) if x in view.layers and x in view.fed}
    feeding = [x for x in names if any(fed is site for fed, _ in view.fed[x])]
    made = [x for x in feeding if site.name in view.sources(x)]
    return view.layers[made[0]] if len(made) == 1 else None
