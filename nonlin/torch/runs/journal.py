"""A monitor's side of the log: begin it, go on, add to it; of several processes one keeps it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from torch import distributed, nn

from nonlin.installation import version_of
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.runs.lines import reading_line, structure_line
from nonlin.torch.runs.log import FORMAT, append, load, mend
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import Snapshot, Structure

__all__ = ["Journal", "from_first", "header", "is_first"]

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


def header(model: nn.Module, every: int) -> dict[str, Any]:
    """The first line of a log: what wrote it, how, about which model.

    Parameters
    ----------
    model : nn.Module
    every : int
        Steps from one reading to the next.

    Returns
    -------
    dict
        It holds no path and no host name.
    """
    model, _ = unwrapped(model)
    parameters = list(model.named_parameters())
    return {
        "nonlin": "run",
        "format": FORMAT,
        "versions": {
            "python": platform.python_version(),
            **{name: version_of(name) for name in ("nonlin", "torch")},
        },
        "settings": {"every": every},
        "model": {
            "class": type(model).__name__,
            "parameters": sum(each.numel() for _, each in parameters),
            "shapes": {name: list(each.shape) for name, each in parameters},
        },
    }


class Journal:
    """A log's file.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, new: Run, start: int | None) -> Run:
        """Begin the log, or go on with it.

        Parameters
        ----------
        new : Run
            What to begin with.
        start : int or None
            Readings after this step no longer count.

        Returns
        -------
        Run
            `new`, or what the log tells.

        Raises
        ------
        ValueError
            If the log is of another model.
        LogError
            If the file holds something else.
        """
        if self.path.exists():
            mend(self.path)
        if not self.path.exists() or not self.path.stat().st_size:
            append(self.path, new.header)
            return new
        known = load(self.path, until=start)
        _check(known.header, new.header, self.path)
        newest = load(self.path).last
        if start is not None and newest is not None and newest.step > start:
            append(self.path, {"resumed": start})
        return known

    def describe(self, structure: Structure) -> None:
        """Say what the next readings are of."""
        append(self.path, structure_line(structure))

    def add(self, snapshot: Snapshot) -> None:
        """Add a reading."""
        append(self.path, reading_line(snapshot))


def _check(known: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> None:
    before, after = known["model"], new["model"]
    if before != after:
        raise ValueError(
            f"the log {str(path)!r} is of another model: {_words(before)}, and this one is "
            f"{_words(after)}{_differing(before['shapes'], after['shapes'])}; give the log another "
            "name, or delete the file"
        )


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return f" (first difference: {names[0]})" if names else ""


def _words(model: Mapping[str, Any]) -> str:
    return f"{model['class']} with {model['parameters']:,} parameters"
