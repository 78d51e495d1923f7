"""How far a study is, and its verdicts as they fall: above a bar at a terminal, or into a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nonlin.cards import verdicts
from nonlin.cli import terminal
from nonlin.messages import text
from nonlin.messages.columns import width

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    from nonlin.study.results import Outcome
    from nonlin.study.runner import Progress

__all__ = ["bar", "progress_bar"]


@contextmanager
def progress_bar(
    lang: str, *, with_verdicts: bool = True
) -> Iterator[Callable[["Progress"], None]]:
    """Show progress on standard error while the context lasts.

    Parameters
    ----------
    lang : str
        Language of the phenomena's names and the verdicts.
    with_verdicts : bool
        Write the verdicts of each phenomenon once it is done.

    Yields
    ------
    callable
        Takes each `nonlin.study.Progress`.
    """
    console = terminal.console(stderr=True)

    def tell(step: "Progress") -> None:
        if with_verdicts:
            for outcome in step.outcomes.values():
                _row(console, outcome, lang)

    if not console.is_terminal:

        def log(step: "Progress") -> None:
            if step.state == "finished":
                print(f"{step.fraction:4.0%} {_name(step, lang)}", file=sys.stderr, flush=True)
            tell(step)

        yield log
        return
    with bar(console, lang) as shown:
        task = shown.add_task(text("cli.study.progress", lang), total=1.0)

        def show(step: "Progress") -> None:
            shown.update(task, completed=step.fraction, description=_name(step, lang))
            tell(step)

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


def _row(console: "Console", outcome: "Outcome", lang: str) -> None:
    """Write a claim with its verdict: a line at a terminal, whole in a log."""
    from rich.text import Text

    words = {each: text(f"report.verdict.{each}", lang) for each in verdicts.COLOURS}
    words["undecided"] = text("cli.study.open", lang)
    word = words[outcome.verdict]
    room = max(map(width, words.values())) - width(word)
    line = Text(f"{outcome.id}  ")
    line.append(word, verdicts.COLOURS[outcome.verdict])
    line.append(f"{' ' * room}  {text(f'study.claims.{outcome.id}.claim', lang)}")
    if console.is_terminal:
        console.print(line, overflow="ellipsis", no_wrap=True)
    else:
        console.print(line, soft_wrap=True)


def _name(step: "Progress", lang: str) -> str:
    return text(f"report.phenomena.{step.phenomenon}.title", lang)
