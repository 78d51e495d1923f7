"""How far the trials are, for a person at a terminal."""

from __future__ import annotations

import sys
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
