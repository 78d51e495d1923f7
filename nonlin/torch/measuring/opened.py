"""Functions of torch that call others which are to be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import torch.nn.functional as F  # noqa: N812


def _opened(function: Any) -> Callable[..., Any]:
    """Copy a function, so that it does not hand itself over to whoever watches torch's."""
    names = {**function.__globals__, "has_torch_function": lambda _: False}
    return FunctionType(function.__code__, names, argdefs=function.__defaults__)


OPENED: Mapping[Callable[..., Any], Callable[..., Any]] = {
    F.multi_head_attention_forward: _opened(F.multi_head_attention_forward)
}
