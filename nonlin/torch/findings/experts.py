"""`idle_experts`: experts that a router gives no token."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from nonlin.propagation.probability import log_normal
from nonlin.torch.finding import Finding
from nonlin.torch.findings import thresholds as limit
from nonlin.torch.findings.chance import LARGEST_CORRELATION, at_least
from nonlin.torch.findings.dead import severity
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Router

# Share of the experts that get no token: they take no part, and no gradient reaches them.
IDLE_WARNING = 0.1


def find(view: View) -> Iterator[Finding]:
    """List the routers that leave experts out, where an even choice would hardly do so."""
    for router in view.reading.routers:
        experts, given = len(router.tokens), int(router.tokens.sum())
        idle = np.flatnonzero(router.tokens == 0)
        if not len(idle):
            continue
        if at_least(len(idle), experts, idle_chance(router, 0.0)) >= limit.ACCIDENT:
            continue
        # Inputs that resemble each other leave experts out at the first weights of any router.
        chance = idle_chance(router, _correlation(view, router))
        expected = at_least(len(idle), experts, chance) >= limit.ACCIDENT
        evidence = {
            "idle": len(idle),
            "experts": experts,
            "share": len(idle) / experts,
            "tokens": given // router.chosen,
            "chosen": router.chosen,
            "expected": given / experts,
            "most": int(router.tokens.max()),
            "chance": chance,
        }
        grade = severity(len(idle) / experts, IDLE_WARNING, limit.DEAD_ERROR)
        grade = "note" if expected else grade
        experts_left = tuple(int(x) for x in idle)
        cause = "alike" if expected else "router"
        yield Finding("idle_experts", router.name, grade, experts_left, evidence, cause)


def idle_chance(router: Router, correlation: float) -> float:
    """Compute the chance that a router of random weights gives one expert no token.

    An expert's scores on inputs of correlation c are sqrt(c) z + sqrt(1 - c) e_i, and it is chosen
    where its score is among the highest k of n: about where it is above t, Phi(-t) = k / n. So it
    gets none of T tokens with the probability

        E_z[Phi((t - sqrt(c) z) / sqrt(1 - c))^T],

    which without a correlation is (1 - k / n)^T.
    """
    share = router.chosen / len(router.tokens)
    tokens = float(router.tokens.sum()) / router.chosen
    c = min(max(correlation, 0.0), LARGEST_CORRELATION)
    edge = NormalDist().inv_cdf(1.0 - share) if share < 1.0 else -math.inf
    z = np.linspace(-9.0, 9.0, 1501)
    below = log_normal((edge - math.sqrt(c) * z) / math.sqrt(1.0 - c))
    terms = np.exp(tokens * below - 0.5 * z * z)
    return float(terms.sum() * (z[1] - z[0]) / math.sqrt(2.0 * math.pi))


def _correlation(view: View, router: Router) -> float:
    """Find the correlation of the inputs of a router's layer; 0 where it is not known."""
    scope = router.name.partition(":")[0]
    inside = f"{scope}." if scope else ""
    own = (x for x in view.reading.layers if x.name == scope or x.name.startswith(inside))
    layers = (x for x in own if x.weight_rms > 0.0 and math.isfinite(x.input_correlation))
    fitting = [x for x in layers if _is_router(view, x.name)]
    return fitting[0].input_correlation if fitting else 0.0


def _is_router(view: View, layer: str) -> bool:
    """Tell whether a layer makes what a router chooses by."""
    steps = view.reading.steps
    places = [i for i, step in enumerate(steps) if step.kind == "router"]
    through = ("softmax", "other", "activation", "addition")
    return any(
        steps[made].name == layer for place in places for made in view.behind(place, *through)
    )
