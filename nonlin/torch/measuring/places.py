"""Where in a model's code a call stands."""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType, FrameType

import torch
from torch import nn

_HERE = str(Path(__file__).parent)
_LIBRARIES = (str(Path(torch.__file__).parent), str(Path(__file__).parents[2]))

# Between a module's `forward` and whoever called the module.
_ENDS = (nn.Module._call_impl.__code__, nn.Module._wrapped_call_impl.__code__)

Place = tuple[tuple[CodeType, int], ...]


def lines() -> Place:
    """List the places in the code from the innermost module's `forward` to the function's call.

    Two calls stand at one place if they are one piece of text that was reached in one way: in a
    loop, or in a module that is called again.
    """
    found = []
    # The two frames of those who ask.
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and frame.f_code not in _ENDS:
        found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)


def written_at() -> str:
    """Name the file and the line of the model's code that a call stands in: "net.py:12".

    It is the innermost line that is neither torch's nor nonlin's; "" where the model has none, as
    in a Sequential of torch's own modules.
    """
    frame: FrameType | None = sys._getframe(1)
    began = False
    while frame is not None:
        file = frame.f_code.co_filename
        watching = file.startswith(_HERE)
        if began and watching:
            # Whoever called the model.
            return ""
        if not file.startswith(_LIBRARIES):
            return f"{Path(file).name}:{frame.f_lineno}"
        began = began or not watching
        frame = frame.f_back
    return ""
