"""Where a number of a run is going: a robust slope, its interval, a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["BLOCKS", "CONFIDENCE", "Trend", "trend"]

# Six slopes have one sign by chance in 2 of 2^6 cases, 3.1 %; with five it would be 6.3 %.
BLOCKS = 6
CONFIDENCE = 1.0 - 2.0 ** (1 - BLOCKS)


@dataclass(frozen=True, slots=True)
class Trend:
    """A number over the steps of a training.

    Attributes
    ----------
    first, last : int
        Steps of the first and the last reading it rests on.
    now : float
        The number at the last one.
    slope : float
        A step: the median over the blocks.
    low, high : float
        Its interval, of confidence `CONFIDENCE`.
    """

    first: int
    last: int
    now: float
    slope: float
    low: float
    high: float

    @property
    def significant(self) -> bool:
        """Whether 0 is outside the interval."""
        return self.low > 0 or self.high < 0

    def reaches(self, level: float) -> int | None:
        """Forecast the step at which a level is reached at this rate.

        Parameters
        ----------
        level : float

        Returns
        -------
        int or None
            None where the trend is not significant, or leads away from the level.
        """
        return self._at(level, self.slope) if self.significant else None

    def interval(self, level: float) -> tuple[int, int] | None:
        """The steps between which a level is reached, at the interval's rates."""
        found = [self._at(level, rate) for rate in (self.low, self.high)]
        steps = [step for step in found if step is not None]
        return (min(steps), max(steps)) if self.significant and len(steps) == 2 else None

    def _at(self, level: float, rate: float) -> int | None:
        ahead = level - self.now
        if rate == 0 or (ahead and ahead / rate < 0):
            return None
        return int(np.ceil(self.last + ahead / rate))


def trend(steps: Sequence[int], values: Sequence[float]) -> Trend | None:
    """Fit a slope that needs no assumption on the noise.

    The readings are cut into `BLOCKS` blocks of equal length; each has the slope from its first to
    its last reading, and the trend's slope is their median. If the rises of the blocks are
    independent and their median is m, each is as likely above m as below: all of them lie on one
    side with a chance of 2 / 2^BLOCKS, so from the smallest to the largest is an interval for m.
    That holds for a random walk, where regression and rank tests over the readings find trends that
    are not there; noise about a line makes the ends that two blocks share agree less, so the
    interval then errs on the wide side.

    Parameters
    ----------
    steps : sequence of int, rising
    values : sequence of float

    Returns
    -------
    Trend or None
        None with fewer than BLOCKS + 1 readings, or where one is not finite.

    Examples
    --------
    >>> trend(range(0, 700, 100), [0, 2, 4, 6, 8, 10, 12]).reaches(20)
    1000
    >>> trend(range(0, 700, 100), [0, 2, 1, 3, 2, 4, 5]).reaches(20) is None
    True
    """
    if len(steps) <= BLOCKS or not np.isfinite(values).all():
        return None
    ends = np.rint(np.linspace(0, len(steps) - 1, BLOCKS + 1)).astype(int)
    slopes = np.diff(np.asarray(values, dtype=float)[ends]) / np.diff(np.asarray(steps)[ends])
    return Trend(
        first=int(steps[0]),
        last=int(steps[-1]),
        now=float(values[-1]),
        slope=float(np.median(slopes)),
        low=float(slopes.min()),
        high=float(slopes.max()),
    )
