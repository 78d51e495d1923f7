"""How far the trials are, for a person at a terminal, and how long they may take."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from nonlin.messages import language, text

Show = Callable[[int, str], None]


@contextmanager
def shown(total: int) -> Iterator[Show]:
    """Show on standard error what is tried, if it is a terminal: as a bar, or a line each.

    Yields
    ------
    callable
        Takes how many are done and what is tried next.
    """
    if not total or not sys.stderr.isatty():
        yield lambda done, name: None
    elif find_spec("rich") is None:
        yield lambda done, name: print(f"{done}/{total} {name}", file=sys.stderr, flush=True)
    else:
        yield from _bar(total)


def _bar(total: int) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text("doctor.remedy.trying", language()), total=total)

        def show(done: int, name: str) -> None:
            progress.update(task, completed=done, description=name, refresh=True)

        yield show


class OutOfTimeError(Exception):
    """The time that a user gave is up."""


class Deadline:
    """The end of the time that trials may take.

    Parameters
    ----------
    limit : float or None
        In seconds from now; None for no end.

    Raises
    ------
    ValueError
        If it is no number above 0.
    """

    def __init__(self, limit: float | None) -> None:
        if limit is not None and not limit > 0.0:
            raise ValueError(f"time_limit: expected seconds above 0 or None, got {limit!r}")
        self._end = math.inf if limit is None else time.monotonic() + limit

    def check(self) -> None:
        """Raise `OutOfTimeError` if it has come."""
        if time.monotonic() > self._end:
            raise OutOfTimeError
