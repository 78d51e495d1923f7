"""Where in a model's code a call stands."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import torch

_NONLIN = Path(__file__).parents[2]
_LIBRARIES = (str(Path(torch.__file__).parent), str(_NONLIN))
_WATCHERS = tuple(str(_NONLIN / "torch" / room) for room in ("measuring", "mending", "trace"))


def line() -> FrameType | None:
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
            return frame
        began = began or not watching
        frame = frame.f_back
    return None


def written_at() -> str:
    """Name the file and the line of the model's code that a call stands in: "net.py:12"."""
    frame = line()
    return "" if frame is None else f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
