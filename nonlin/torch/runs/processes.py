"""One run in several processes: the first one keeps the log, all of them know the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from torch import distributed

__all__ = ["from_first", "is_first"]

Made = TypeVar("Made")


def is_first() -> bool:
    """Whether this process is the only one or the first of several."""
    return not _several() or distributed.get_rank() == 0


def from_first(make: Callable[[], Made]) -> Made:
    """Make something in the first process and give it to all; an error is raised in all.

    Were each process to decide by the files that it sees whether a reading is due, one could wait
    for the others for ever.

    Parameters
    ----------
    make : callable

    Returns
    -------
    object
    """
    if not _several():
        return make()
    box: list[Made | Exception | None] = [None]
    if is_first():
        try:
            box = [make()]
        except Exception as error:
            box = [error]
    distributed.broadcast_object_list(box, src=0)
    (made,) = box
    if isinstance(made, Exception):
        raise made
    return made  # type: ignore[return-value]


def _several() -> bool:
    return distributed.is_available() and distributed.is_initialized()
