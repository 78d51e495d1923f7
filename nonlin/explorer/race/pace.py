"""How fast a race is shown: it goes, pauses, or takes one step, as its viewer says."""

from __future__ import annotations

import asyncio

__all__ = ["FASTEST", "SLOWEST", "Pace"]

SLOWEST, FASTEST = 0.1, 10_000.0
FRAMES_A_SECOND = 10.0


class Pace:
    """Says how many steps to take next, and waits until it is time for them.

    Parameters
    ----------
    speed : float
        Steps a second.
    every : int
        Steps between two frames; 0 for as many as make ten frames a second.
    paused : bool
    """

    def __init__(self, speed: float, every: int, paused: bool) -> None:
        self._speed = speed
        self._every = every
        self._paused = paused
        self._single = 0
        self._changed = asyncio.Event()
        self._due = 0.0

    @property
    def is_paused(self) -> bool:
        """Whether it waits for its viewer."""
        return self._paused and not self._single

    def pause(self) -> None:
        """Stop before the next step."""
        self._paused = True
        self._changed.set()

    def resume(self) -> None:
        """Go on."""
        self._paused = False
        self._changed.set()

    def step(self) -> None:
        """Take one step and pause."""
        self._paused = True
        self._single += 1
        self._changed.set()

    def set_speed(self, speed: float) -> None:
        """Take so many steps a second."""
        self._speed = speed
        self._due = 0.0
        self._changed.set()

    async def turn(self) -> int:
        """Wait for the next turn.

        Returns
        -------
        int
            The steps to take.
        """
        while True:
            self._changed.clear()
            if self._single:
                self._single -= 1
                return 1
            if self._paused:
                self._due = 0.0
                await self._changed.wait()
            elif await self._is_time():
                return self._steps()

    def _steps(self) -> int:
        steps = self._every or max(1, round(self._speed / FRAMES_A_SECOND))
        now = asyncio.get_running_loop().time()
        # A race that cannot keep up does not hurry afterwards.
        self._due = max(now, self._due) + steps / self._speed
        return steps

    async def _is_time(self) -> bool:
        """Sleep until the turn is due; False if something changed before."""
        left = self._due - asyncio.get_running_loop().time()
        if left <= 0.0:
            return True
        try:
            await asyncio.wait_for(self._changed.wait(), left)
        except TimeoutError:
            return True
        return False
