"""Answers that were computed are kept, and one that is being computed is not begun twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable

import anyio
import anyio.to_thread

from nonlin.explorer.wrong import WrongRequestError
from nonlin.facts.deadline import OutOfTimeError, within

__all__ = ["Answers"]


# Seconds; what takes longer is a function that oscillates, not one that anybody wants.
LONGEST = 60.0


class Answers:
    """Bytes by question, the least recently used given up first.

    Parameters
    ----------
    room : int
        Bytes to keep.
    at_once : int
        Slow answers that are computed at the same time; the others wait, and quick ones do not.
    """

    def __init__(self, room: int = 64_000_000, at_once: int = 2) -> None:
        self._room = room
        self._taken = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._begun: dict[Hashable, asyncio.Task[bytes]] = {}
        self._slow = anyio.CapacityLimiter(at_once)

    async def get(
        self, question: Hashable, compute: Callable[[], bytes], slow: bool, keep: bool
    ) -> bytes:
        """Give the answer, computing it on another thread if it is not known.

        Parameters
        ----------
        question : hashable
        compute : callable
        slow : bool
            Whether it waits for other slow ones, and is given up when it takes too long.
        keep : bool

        Returns
        -------
        bytes

        Raises
        ------
        WrongRequestError
            If it took too long, or `compute` raised it.
        """
        found = self._kept.get(question)
        if found is not None:
            self._kept.move_to_end(question)
            return found
        task = self._begun.get(question)
        if task is None:
            task = asyncio.create_task(self._compute(compute, slow))
            self._begun[question] = task
            task.add_done_callback(lambda done: self._ended(question, done, keep))
        # One of several who wait may leave; the others still want the answer.
        return await asyncio.shield(task)

    async def _compute(self, compute: Callable[[], bytes], slow: bool) -> bytes:
        if not slow:
            return await anyio.to_thread.run_sync(compute)
        return await anyio.to_thread.run_sync(_in_time, compute, limiter=self._slow)

    def _ended(self, question: Hashable, done: asyncio.Task[bytes], keep: bool) -> None:
        del self._begun[question]
        if not keep or done.cancelled() or done.exception() is not None:
            return
        answer = done.result()
        self._kept[question] = answer
        self._taken += len(answer)
        while self._taken > self._room:
            _, oldest = self._kept.popitem(last=False)
            self._taken -= len(oldest)


def _in_time(compute: Callable[[], bytes]) -> bytes:
    try:
        return within(LONGEST, compute)
    except OutOfTimeError:
        raise WrongRequestError("slow", status=422) from None
