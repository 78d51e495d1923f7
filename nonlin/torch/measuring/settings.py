"""How torch is set while a pass is watched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import CheckpointFunction, checkpoint


@contextmanager
def plain_settings() -> Iterator[None]:
    """Run with gradients, without compiled code, fused fast paths or cached casts."""
    fast = torch.backends.mha.get_fastpath_enabled()
    cached = torch.is_autocast_cache_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    # The cache of casts would keep the leaves alive until the user's autocast ends.
    torch.set_autocast_cache_enabled(False)
    try:
        with ExitStack() as stack:
            stack.enter_context(_checkpoints_with_hooks())
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.enable_grad())
            if "torch._dynamo" in sys.modules:
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        torch.set_autocast_cache_enabled(cached)


@contextmanager
def _checkpoints_with_hooks() -> Iterator[None]:
    """Let gradient checkpointing keep the graph's hooks, which its reentrant form loses."""

    def apply(function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        # The reentrant form passes no gradient where none of its arguments asks for one.
        if not any(isinstance(x, Tensor) and x.requires_grad for x in args):
            with torch.no_grad():
                return function(*args)
        return checkpoint(function, *args, use_reentrant=False, preserve_rng_state=preserve)

    CheckpointFunction.apply = apply  # type: ignore[method-assign]
    try:
        yield
    finally:
        del CheckpointFunction.apply
