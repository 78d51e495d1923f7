"""Answers that were computed are kept, and one that is being computed is not begun twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable

import anyio
import anyio.to_thread

__all__ = ["Answers"]


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
        slow, keep : bool

        Returns
        -------
        bytes
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
        return await anyio.to_thread.run_sync(compute, limiter=self._slow if slow else None)

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
