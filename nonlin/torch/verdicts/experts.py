"""`idle_experts`: experts that a router gives no token."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nonlin.torch.finding import Finding
from nonlin.torch.verdicts import thresholds as limit
from nonlin.torch.verdicts.chance import at_least
from nonlin.torch.verdicts.dead import severity
from nonlin.torch.verdicts.view import View


def find(view: View) -> Iterator[Finding]:
    """List the routers that leave experts out, where an even choice would hardly do so."""
    for router in view.reading.routers:
        experts, given = len(router.tokens), int(router.tokens.sum())
        idle = np.flatnonzero(router.tokens == 0)
        if not len(idle):
            continue
        chance = (1.0 - router.chosen / experts) ** (given / router.chosen)
        if at_least(len(idle), experts, chance) >= limit.ACCIDENT:
            continue
        evidence = {
            "idle": len(idle),
            "experts": experts,
            "share": len(idle) / experts,
            "tokens": given // router.chosen,
            "chosen": router.chosen,
            "expected": given / experts,
            "most": int(router.tokens.max()),
        }
        grade = severity(len(idle) / experts, limit.IDLE_WARNING, limit.DEAD_ERROR)
        experts_left = tuple(int(x) for x in idle)
        yield Finding("idle_experts", router.name, grade, experts_left, evidence, "router")
