"""A race: networks that differ in their activation alone, and how fast it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import thread_time
from typing import Any

import numpy as np
import torch

from nonlin.activation import Activation
from nonlin.explorer.numbers import column
from nonlin.explorer.race.points import draw
from nonlin.explorer.race.runner import Course, Runner

__all__ = ["FASTEST", "SLOWEST", "Pace", "Race"]

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


RESOLUTION = 40
# Seconds between two frames, however fast one would like it.
LONGEST_TURN = 0.2


class Race:
    """Networks in training; nothing happens until `advance` is called.

    Parameters
    ----------
    functions : sequence of (str, Activation)
    dataset : str
        One of `nonlin.explorer.race.points.DATASETS`.
    course : Course
    steps : int
        Where the race ends.
    """

    def __init__(
        self,
        functions: Sequence[tuple[str, Activation]],
        dataset: str,
        course: Course,
        steps: int,
    ) -> None:
        self._points = draw(dataset, course.seed)
        self._axes = self._points.axes(RESOLUTION)
        columns = np.meshgrid(*self._axes)
        grid = np.stack([each.ravel() for each in columns], axis=1)
        x, y, places = (
            torch.tensor(each, dtype=torch.float32)
            for each in (self._points.places, self._points.classes, grid)
        )
        self._runners = [Runner(spec, act, course, x, y, places) for spec, act in functions]
        self._steps = steps
        self.step = 0

    @property
    def over(self) -> bool:
        """Whether the last step is taken."""
        return self.step >= self._steps

    def start(self) -> dict[str, Any]:
        """Give the points and the axes of the grid."""
        x, y = self._points.places.T
        dataset = {"x": column(x), "y": column(y), "label": self._points.classes.tolist()}
        return {
            "dataset": dataset,
            "grid": {"x": column(self._axes[0]), "y": column(self._axes[1])},
            "steps": self._steps,
            "functions": [runner.spec for runner in self._runners],
        }

    def advance(self, steps: int) -> dict[str, Any]:
        """Take so many steps, fewer at the end or if they take long, and give what is seen then.

        Parameters
        ----------
        steps : int

        Returns
        -------
        dict of str to object
        """
        last, late = min(self.step + steps, self._steps), thread_time() + LONGEST_TURN
        with _small():
            while self.step < last and thread_time() < late:
                for runner in self._runners:
                    runner.advance()
                self.step += 1
            return {"step": self.step, "runs": [runner.look() for runner in self._runners]}


@contextmanager
def _small() -> Iterator[None]:
    """Set this thread up for small networks, and back for those who use it next.

    Threads that share so little work wait for each other longer than they work. Subnormal numbers,
    where gradients vanish, are ten times as slow as 0; the kernels keep them for everybody else.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        # That a network diverges is seen in its loss.
        with np.errstate(all="ignore"):
            yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
