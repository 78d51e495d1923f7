"""How long a study takes on many cores, from what its units cost: computed, not measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nonlin.study import claims
from nonlin.study.shards import Unit, shared_out


@dataclass(frozen=True)
class Plan:
    """A study of so many blocks on so many cores; a core is a shard.

    Attributes
    ----------
    units : int
        How many units of work it has.
    total : float
        Processor seconds of them all, and of the starts of the processes.
    longest : float
        Seconds that the busiest core takes: when the study is done.
    """

    blocks: int
    cores: int
    units: int
    total: float
    longest: float

    @property
    def busy(self) -> float:
        """The share of the cores' time in which they work."""
        return self.total / (self.longest * self.cores)


def seconds_of(unit: Unit, seconds: Mapping[Unit, float]) -> float:
    """What a unit costs; a later block costs what the second one does."""
    name, block = unit
    return seconds[name, min(block, 1)]


def plan(seconds: Mapping[Unit, float], start: float, blocks: int, cores: int) -> Plan:
    """Share a study of all claims out as `nonlin study --shard` does."""
    shares = shared_out(claims.ids(), blocks, cores)
    loads = [start + sum(seconds_of(unit, seconds) for unit in share) for share in shares if share]
    return Plan(blocks, cores, sum(map(len, shares)), sum(loads), max(loads))
