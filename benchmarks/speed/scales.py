"""How our time depends on the numbers: where all lie near 0, some kernels have less to look up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nonlin import get_num_threads, set_num_threads
from speed.cases import DOCUMENT, IN_CACHE, Case
from speed.contender import Operands
from speed.peers import ours
from speed.race import Effort, Race
from speed.summary import compare

# Standard deviations; all else that is measured has the first.
SCALES = (1, 3, 10, 100)
CASES = tuple(
    Case(name, kind, "float32", IN_CACHE, 1)
    for name in DOCUMENT
    for kind in ("value", "derivative")
)


def scales(effort: Effort) -> dict[str, Any]:
    """By case and standard deviation: nanoseconds, and the ratio to those at the first."""
    threads = get_num_threads()
    set_num_threads(1)
    try:
        return {case.key: _race(case, effort) for case in CASES}
    finally:
        set_num_threads(threads)


def _race(case: Case, effort: Effort) -> dict[str, Any]:
    operands = Operands.normal(case)
    lines = []
    for scale in SCALES:
        (line,) = ours(replace(operands, x=operands.x * np.float32(scale)))
        lines.append(replace(line, name=str(scale)))
    race = Race(lines, effort)
    for _ in range(race.count):
        race.round()
    return compare(race.seconds(), str(SCALES[0]), case.size)
