"""Where in a model's code a call stands."""

from __future__ import annotations

import sys
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


def lines() -> tuple[tuple[CodeType, int], ...]:
    """List the places in the code from the innermost module's `forward` to the operation.

    Two operations stand at one place if they are one piece of text that was reached in one way: in
    a loop, or in a module that is called again.
    """
    found = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code not in _ENDS:
        if not frame.f_code.co_filename.startswith(_WATCHERS):
            found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)


class Line(NamedTuple):
    """A line of code; as a text "net.py:12"."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.number}"


def line() -> Line | None:
    """Find the innermost line of the model's code: neither torch's nor nonlin's.

    None where the model has none, as in a Sequential of torch's own modules.
    """
    frame: FrameType | None = sys._getframe(1)
    began = False
    while frame is not None:
        file = frame.f_code.co_filename
        watching = file.startswith(_WATCHERS)
        if began and watching:
            # Whoever called the model.
            return None
        if not file.startswith(_LIBRARIES):
            return Line(file, frame.f_lineno)
        began = began or not watching
        frame = frame.f_back
    return None
