"""How far a study is: a bar for a person at a terminal, a line a phenomenon for a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nonlin.cli import terminal
from nonlin.messages import text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    from nonlin.study.runner import Progress

__all__ = ["bar", "progress_bar"]


@contextmanager
def progress_bar(lang: str) -> Iterator[Callable[["Progress"], None]]:
    """Show progress on standard error while the context lasts.

    Parameters
    ----------
    lang : str
        Language of the phenomena's names.

    Yields
    ------
    callable
        Takes each `nonlin.study.Progress`.
    """
    console = terminal.console(stderr=True)
    if not console.is_terminal:
        yield lambda step: _log(step, lang)
        return
    with bar(console, lang) as shown:
        task = shown.add_task(text("cli.study.progress", lang), total=1.0)

        def show(step: "Progress") -> None:
            shown.update(task, completed=step.fraction, description=_name(step, lang))

        yield show


def bar(console: "Console", lang: str) -> "RichProgress":
    """Make a bar over the whole width, gone when it is left.

    Parameters
    ----------
    console : rich.console.Console
    lang : str

    Returns
    -------
    rich.progress.Progress
    """
    from rich import progress as columns

    return columns.Progress(
        columns.TextColumn("{task.description}"),
        columns.BarColumn(bar_width=None),
        columns.TaskProgressColumn(),
        columns.TextColumn(text("cli.study.elapsed", lang)),
        columns.TimeElapsedColumn(),
        columns.TextColumn(text("cli.study.remaining", lang)),
        columns.TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        expand=True,
    )


def _log(step: "Progress", lang: str) -> None:
    if step.state == "started":
        print(f"{step.fraction:4.0%} {_name(step, lang)}", file=sys.stderr, flush=True)


def _name(step: "Progress", lang: str) -> str:
    return text(f"report.phenomena.{step.phenomenon}.title", lang)
