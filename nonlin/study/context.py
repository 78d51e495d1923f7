"""What a phenomenon is told before it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _silent(fraction: float) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Context:
    """The study's settings as one phenomenon sees them.

    Parameters
    ----------
    seeds : how many seeds to measure with; they are FIRST + `first` and the following,
        FIRST of nonlin.study.design.
    quick : smaller sizes and fewer steps, for a first look.
    ids : the claims that are wanted; None means all.
    first : how many seeds are passed over, for a study that goes on in blocks of seeds.
    progress : called with the finished fraction of the phenomenon, 0 to 1.
    """

    seeds: int = 5
    quick: bool = False
    ids: frozenset[str] | None = None
    first: int = 0
    progress: Callable[[float], None] = _silent

    def wants(self, *ids: str) -> bool:
        """Whether at least one of these claims is wanted."""
        return self.ids is None or not self.ids.isdisjoint(ids)
