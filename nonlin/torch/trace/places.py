"""Where in a model's code a call stands."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

import torch
from torch import nn

_NONLIN = Path(__file__).parents[2]
_LIBRARIES = (str(Path(torch.__file__).parent), str(_NONLIN))
_WATCHERS = tuple(str(_NONLIN / "torch" / room) for room in ("measuring", "mending", "trace"))

# Between a module's `forward` and whoever called the module.
_ENDS = (nn.Module._call_impl.__code__, nn.Module._wrapped_call_impl.__code__)


class Line(NamedTuple):
    """A line of code; as a text "net.py:12"."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.number}"


Places = tuple[tuple[CodeType, int], ...]


def position() -> tuple[Places, Line | None]:
    """Tell where an operation stands.

    Two operations stand at one place if they are one piece of text that was reached in one way: in
    a loop, or in a module that is called again.

    Returns
    -------
    tuple of (code, int)
        The places in the code from the innermost module's `forward` to the operation.
    Line or None
        The innermost line of the model's code: neither torch's nor nonlin's. None where the model
        has none, as in a Sequential of torch's own modules.
    """
    found: list[tuple[CodeType, int]] = []
    where: Line | None = None
    inside, seeking, began = True, True, False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (inside or seeking):
        code = frame.f_code
        room = _room(code.co_filename)
        inside = inside and code not in _ENDS
        if inside and room != "watcher":
            found.append((code, frame.f_lasti))
        if seeking and room == "model":
            where = Line(code.co_filename, frame.f_lineno)
        # Behind a watcher is whoever called the model.
        seeking = seeking and where is None and not (began and room == "watcher")
        began = began or room != "watcher"
        frame = frame.f_back
    return tuple(found), where


def line() -> Line | None:
    """Find the innermost line of the model's code, as in `position`."""
    return position()[1]


@cache
def _room(file: str) -> str:
    if file.startswith(_WATCHERS):
        return "watcher"
    return "library" if file.startswith(_LIBRARIES) else "model"
