"""A limit on the seconds that a proof may take, on any thread and any platform."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from threading import Thread
from typing import Any, TypeVar

__all__ = ["SECONDS", "OutOfTimeError", "within"]

T = TypeVar("T")

# What a proof may take before the fact is measured.
SECONDS = 4.0


class OutOfTimeError(BaseException):
    """The time is up; a BaseException, so that no `except Exception` on its way swallows it."""


def within(seconds: float, proof: Callable[[], T]) -> T:
    """Call `proof` on a thread of its own and end it when the time is up.

    SymPy cannot be asked to stop; an exception sent to its thread does, since SymPy is Python.

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
    found: list[T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            found.append(proof())
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    while thread.is_alive():
        _send(thread.ident, OutOfTimeError)
        thread.join(0.05)
    if failed:
        raise failed[0]
    return found[0]


def _send(identity: int | None, error: Any) -> None:
    api = ctypes.pythonapi.PyThreadState_SetAsyncExc
    api(ctypes.c_ulong(identity or 0), ctypes.py_object(error))
