"""A race: networks that differ in their activation alone, step by step on the same points."""

from __future__ import annotations

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

__all__ = ["Race"]

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
