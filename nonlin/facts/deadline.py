"""A limit on the processor time that a proof may take, on any thread and any platform."""

from __future__ import annotations

import ctypes
import math
import sys
import time
from collections.abc import Callable
from threading import Lock, Thread, get_ident
from typing import Any, Generic, TypeVar

__all__ = ["SECONDS", "OutOfTimeError", "within"]

T = TypeVar("T")

# What a proof may take before the fact is measured.
SECONDS = 4.0
# How long one waits for a proof to end that was told to.
PAUSE = 0.05
# While these run, nothing is interrupted: callbacks of the garbage collector cannot raise, and a
# module whose import is broken off is imported by halves.
DELICATE = {
    "_weakrefset",
    "weakref",
    "_frozen_importlib",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
}


class OutOfTimeError(BaseException):
    """The time is up; a BaseException, so that no `except Exception` on its way swallows it."""


def within(seconds: float, proof: Callable[[], T]) -> T:
    """Call `proof` on a thread of its own and end it when its processor time is up.

    What other processes and other threads compute meanwhile does not count, so that a busy machine
    gives the same answer later. SymPy cannot be asked to stop; an exception sent to its thread does
    it, since SymPy is Python.

    Parameters
    ----------
    seconds : float
        Of processor time; infinity sets no limit.
    proof : callable

    Returns
    -------
    object
        What `proof` returned.

    Raises
    ------
    OutOfTimeError
        If it took longer.
    Exception
        Whatever `proof` raised.

    Examples
    --------
    >>> within(1.0, lambda: 2 + 2)
    4
    """
    if math.isinf(seconds):
        return proof()
    worker = _Worker(proof)
    worker.start()
    try:
        # A thread's processor time passes no faster than the clock on the wall.
        while worker.is_alive():
            left = seconds - worker.spent()
            if left <= 0.0:
                worker.interrupt()
            worker.join(max(left, PAUSE))
    except BaseException:
        worker.interrupt()
        raise
    return worker.result()


class _Worker(Thread, Generic[T]):
    """The thread of one proof, which is interrupted nowhere but inside it."""

    def __init__(self, proof: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._proof = proof
        self._found: list[T] = []
        self._failed: BaseException | None = None
        self._proving = True
        self._gate = Lock()
        self._clock: Callable[[], float] = lambda: 0.0

    def run(self) -> None:
        try:
            self._clock = _clock()
            self._found = [self._proof()]
            self._proving = False
        except BaseException as error:
            self._failed = error
            self._proving = False
        # An exception that was sent while the proof ended is still on its way. Whoever holds the
        # gate may send one: that nobody else can from here on, it is never given back.
        try:
            self._gate.acquire()
            _send(get_ident(), None)
        except OutOfTimeError:
            pass

    def spent(self) -> float:
        """Give the processor time that the proof has taken."""
        try:
            return self._clock()
        except OSError:  # it ended since one looked
            return 0.0

    def interrupt(self) -> None:
        """Raise OutOfTimeError in the proof, unless it has ended or is not to be disturbed."""
        if self._gate.acquire(blocking=False):
            if self._proving and not self._is_delicate():
                _send(self.ident, OutOfTimeError)
            self._gate.release()

    def _is_delicate(self) -> bool:
        frame = sys._current_frames().get(self.ident or 0)
        while frame is not None:
            code, module = frame.f_code.co_name, frame.f_globals.get("__name__")
            # Whoever watches the collector is called back in the middle of anything.
            if code in ("__del__", "gc_callback") or module in DELICATE:
                return True
            frame = frame.f_back
        return False

    def result(self) -> T:
        if self._failed is not None:
            raise self._failed
        return self._found[0]


def _clock() -> Callable[[], float]:
    """Make a clock of this thread's processor time that other threads can read.

    Where the platform has none it is the whole process's time.
    """
    if hasattr(time, "pthread_getcpuclockid"):
        identity = time.pthread_getcpuclockid(get_ident())
        begin = time.clock_gettime(identity)
        return lambda: time.clock_gettime(identity) - begin
    begin = time.process_time()
    return lambda: time.process_time() - begin


def _send(identity: int | None, error: Any) -> None:
    """Have a thread raise an exception; None takes one back that it has not raised yet."""
    api = ctypes.pythonapi.PyThreadState_SetAsyncExc
    api(ctypes.c_ulong(identity or 0), ctypes.py_object(error) if error else None)
