"""Processes that measure blocks side by side."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """A pool of processes that are gone when the context is left, whatever they are doing.

    They start afresh ("spawn"): a process that is forked while PyTorch has threads can hang.
    """
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_leave_interrupts
    )
    try:
        yield pool
    finally:
        started = [child for child in multiprocessing.active_children() if child not in before]
        pool.shutdown(wait=False, cancel_futures=True)
        for child in started:
            child.terminate()
        for child in started:
            child.join()


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; the one that keeps the results answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
