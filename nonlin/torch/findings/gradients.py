"""`vanishing_gradients` and `exploding_gradients`: how far, by what, and where."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from nonlin.torch.finding import Finding, Kind, Severity
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.chain import Chain, Factor, chains
from nonlin.torch.findings.guessing import chance_loss, has_begun
from nonlin.torch.findings.view import View

# One factor that makes so large a share of the change is where the trouble is.
DOMINANT = 0.5

# What is left of the gradient before the first activation, where no rate of a trial brings the loss
# this share below that of the same answer for all, and the least moved layer moves by so little of
# what the most moved one does. Calibration, on digits: three to six layers of sigmoids and a LeNet
# of four, which with SGD do not leave chance in 1,000 steps, keep 5e-3 and less, do not come below
# chance at all, and their steps lie 400 times apart. Two layers come 2e-3 below it, and learn; so
# do three on an easier task. With Adam, whose steps do not depend on the gradient's length, all
# learn; the steps of their layers lie 5 times apart.
FUTILE, GAINED, UNMOVED = 0.02, 0.001, 0.03

# Without a trial: what is left, where the steps of the first weights lie so far apart. Four layers
# of sigmoids with SGD keep 8e-4, their steps lie 3,000 times apart.
FADED, STEPS_APART = 3e-3, 1e-3

LIMITS: tuple[tuple[Kind, float, float, float], ...] = (
    ("vanishing_gradients", -1.0, limit.VANISHING_WARNING, limit.VANISHING_ERROR),
    ("exploding_gradients", 1.0, limit.EXPLODING_WARNING, limit.EXPLODING_ERROR),
)


def find(view: View) -> Iterator[Finding]:
    """Compare, along each way, the gradient with that behind its last site."""
    along = [(x, tuple(takewhile(_passes, x.factors))) for x in chains(view)]
    several = len(along) > 1
    for kind, sign, warning, error in LIMITS:
        vanishes = kind == "vanishing_gradients"
        futile = _futile(view) if vanishes else {}
        if futile:
            warning = error = FUTILE
        elif vanishes and view.reading.trial is None and _steps_apart(view) < STEPS_APART:
            warning = FADED
        told: list[tuple[Factor, ...]] = []
        for way, factors in along:
            lost = np.cumsum([sign * _log(x.measured) for x in factors])
            worst = int(lost.argmax()) if factors else 0
            grade = _grade(lost[worst], warning, error) if factors else None
            if grade is None or _is_told(factors, lost, told, warning):
                continue
            if _begins_at_zero(view, factors[worst]):
                continue
            told.append(factors)
            # The stream goes past a branch: a part of the network is hurt.
            grade = "warning" if way.branch else grade
            shown = way if several or way.branch else None
            yield _finding(kind, grade, factors[: worst + 1], shown, futile)


def _futile(view: View) -> dict[str, Any]:
    """Tell what a trial came to where it learns at no rate and layers hardly move; or nothing."""
    trial = view.reading.trial
    if trial is None or view.reading.target is None or trial.anew or has_begun(view.reading):
        return {}
    chance = chance_loss(view.reading)
    if not math.isfinite(chance) or _steps_apart(view) > UNMOVED:
        return {}
    finite = [row for row in trial.losses if math.isfinite(row[-1])]
    best = min((float(np.mean(row[-max(len(row) // 4, 1) :])) for row in finite), default=math.nan)
    if not best > (1.0 - GAINED) * chance:
        return {}
    rates = [trial.rate * factor for factor in trial.factors]
    return {
        "rate": min(rates), "best_rate": max(rates), "steps": trial.steps,
        "best_loss": best, "chance_loss": chance,
    }  # fmt: skip


def _steps_apart(view: View) -> float:
    """Give the least moved layer's step over the most moved one's, at first weights; else 1."""
    steps = [x.update_ratio for x in view.reading.layers if x.trainable and x.update_ratio]
    return 1.0 if not steps or has_begun(view.reading) else min(steps) / max(steps)


def _is_told(
    factors: tuple[Factor, ...],
    lost: np.ndarray[Any, Any],
    told: Sequence[tuple[Factor, ...]],
    warning: float,
) -> bool:
    """Tell whether it is already lost where a way has run together with one that was told of."""
    for other in told:
        both = zip(map(_key, factors), map(_key, other), strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
        if shared and lost[:shared].max() >= abs(math.log(warning)):
            return True
    return False


def _begins_at_zero(view: View, end: Factor) -> bool:
    """Tell whether a gradient ends at weights of 0 that the first step, or the second, moves.

    So begin branches whose last layer is 0 before outputs whose layer is 0, as Fixup's do.
    """
    at_zero = end.part == "weights" and end.measured == 0.0
    layers = view.reading.layers
    return at_zero and any(x.weight_rms == 0.0 and x.weight_gradient_rms > 0.0 for x in layers)


def _key(factor: Factor) -> tuple[str, str, float]:
    return factor.part, factor.name, factor.measured


def vanishes_without(view: View, sites: Collection[str]) -> bool:
    """Tell whether the gradient would vanish even if it passed those sites unchanged."""
    for way in chains(view):
        factors = [x for x in takewhile(_passes, way.factors) if x.name not in sites]
        along = np.cumsum([0.0, *(-_log(x.measured) for x in factors)])
        if _grade(along.max(), limit.VANISHING_WARNING, limit.VANISHING_ERROR) is not None:
            return True
    return False


def _log(factor: float) -> float:
    return math.log(factor) if factor > 0.0 else -math.inf


def _passes(factor: Factor) -> bool:
    """Tell whether a gradient came through at all; where none does the way is cut, not long."""
    cut = factor.part == "weights" and factor.measured == 0.0 and factor.predicted != 0.0
    return not (cut or math.isnan(factor.measured))


def _grade(change: float, warning: float, error: float) -> Severity | None:
    """Grade the size of the logarithm of a change by the limits of its factor."""
    if change >= abs(math.log(error)):
        return "error"
    return "warning" if change >= abs(math.log(warning)) else None


def _finding(
    kind: Kind,
    grade: Severity,
    factors: Sequence[Factor],
    way: Chain | None,
    futile: dict[str, Any],
) -> Finding:
    logs = np.array([_log(x.measured) for x in factors])
    parts = {part: _sum(factors, logs, part) for part in ("weights", "derivative")}
    # Behind a factor of 0 nothing arrives, whatever the others are; it is the last one.
    ends = math.isinf(logs[-1])
    worst = len(factors) - 1 if ends else int(np.argmax(logs / logs.sum()))
    dominates = ends or logs[worst] / logs.sum() > DOMINANT
    place = factors[worst] if dominates else factors[-1]
    sites = sum(x.part == "derivative" for x in factors)
    predicted = [x.predicted for x in factors]
    known = all(not math.isnan(x) and x > 0.0 for x in predicted)
    low, high = _interval(factors) if known else (math.nan, math.nan)
    evidence: dict[str, Any] = {
        "ratio": float(np.exp(logs.sum())),
        "layers": sites,
        "factor": float(np.exp(logs.sum() / sites)) if sites else math.nan,
        "predicted": float(np.exp(np.log(predicted).sum() / sites)) if known else math.nan,
        "low": low,
        "high": high,
        "weights": math.exp(parts["weights"] / max(sites, 1)),
        "derivative": math.exp(parts["derivative"] / max(sites, 1)),
        "dead": math.exp(_dead(factors) / max(sites, 1)),
        "normalization": math.exp(_normalization(factors) / max(sites, 1)),
        "worst": factors[worst].name,
        "worst_factor": factors[worst].measured,
        "dominates": bool(dominates),
    }
    if way is not None:
        evidence |= {"first": way.first, "last": way.last, "branch": way.branch}
    return Finding(kind, place.name, grade, (), evidence | futile, _cause(kind, factors, parts))


def _sum(factors: Sequence[Factor], logs: np.ndarray[Any, Any], part: str) -> float:
    chosen = [log for x, log in zip(factors, logs, strict=True) if x.part == part]
    return float(sum(chosen))


def _dead(factors: Sequence[Factor]) -> float:
    return sum(_log(x.dead) for x in factors)


def _normalization(factors: Sequence[Factor]) -> float:
    """Sum what normalisations leave between the weights' prediction and the measurement."""
    chosen = [x for x in factors if x.normalized and x.predicted > 0.0 and x.measured > 0.0]
    return sum(math.log(x.measured / x.predicted) for x in chosen)


def _interval(factors: Sequence[Factor]) -> tuple[float, float]:
    """Give the predicted factor a layer, with the intervals of independent layers added up."""
    sites = max(sum(x.part == "derivative" for x in factors), 1)
    centre = sum(math.log(x.predicted) for x in factors)
    half = [math.log(x.interval[1] / x.predicted) for x in factors]
    spread = math.sqrt(sum(x * x for x in half))
    return math.exp((centre - spread) / sites), math.exp((centre + spread) / sites)


def _cause(kind: str, factors: Sequence[Factor], parts: dict[str, float]) -> str:
    last = factors[-1]
    if last.measured == 0.0:
        return "dead_units" if last.dead == 0.0 else last.part
    sign = -1.0 if kind == "vanishing_gradients" else 1.0
    shares = {
        "weights": sign * parts["weights"],
        "derivative": sign * (parts["derivative"] - _dead(factors)),
        "dead_units": sign * _dead(factors),
        "normalization": sign * _normalization(factors),
    }
    return max(shares, key=lambda name: shares[name])
