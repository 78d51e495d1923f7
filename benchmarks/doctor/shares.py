"""So many of so many, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scipy.stats import binomtest


@dataclass(frozen=True)
class Share:
    """So many of so many, with Clopper and Pearson's 95 % interval."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; 1 of nothing."""
        return self.count / self.of if self.of else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """The interval; everything if there is nothing."""
        if not self.of:
            return 0.0, 1.0
        found = binomtest(self.count, self.of).proportion_ci(method="exact")
        return float(found.low), float(found.high)


def share(answers: Iterable[bool]) -> Share:
    """Count the answers that are yes."""
    found = list(answers)
    return Share(sum(found), len(found))
