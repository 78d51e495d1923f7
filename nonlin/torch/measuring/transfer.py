"""The way of all sums from the devices to the host: one copy a device, one reduction a group."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


def gathered(
    sums: Mapping[Key, Tensor], group: Any = None, *, largest: bool = False
) -> dict[Key, NDArray[np.float64]]:
    """Bring tensors to the host, summed over the ranks of a process group.

    Parameters
    ----------
    sums : mapping to Tensor
    group : process group, optional
    largest : bool
        Take the largest over the ranks instead.
    """
    found: dict[Key, NDArray[np.float64]] = {}
    for device in dict.fromkeys(x.device for x in sums.values()):
        own = {key: x for key, x in sums.items() if x.device == device}
        if group is None and device.type == "cpu":
            found |= {key: x.detach().numpy().astype(np.float64) for key, x in own.items()}
            continue
        wide = torch.float32 if device.type == "mps" else torch.float64
        row = torch.cat([x.detach().reshape(-1).to(wide) for x in own.values()])
        if group is not None:
            operation = dist.ReduceOp.MAX if largest else dist.ReduceOp.SUM
            dist.all_reduce(row, operation, group=group)
        ends = np.cumsum([x.numel() for x in own.values()])[:-1]
        parts = np.split(row.cpu().numpy().astype(np.float64), ends)
        found |= {
            key: part.reshape(tuple(x.shape))
            for (key, x), part in zip(own.items(), parts, strict=True)
        }
    return found


def averaged(tensors: Sequence[Tensor | None], group: Any) -> None:
    """Average gradients over the ranks, as the training does."""
    if group is None:
        return
    for x in tensors:
        if x is not None:
            dist.all_reduce(x, group=group)
            x /= dist.get_world_size(group)


def agree(names: Sequence[str], group: Any) -> None:
    """Check that all ranks went through the same sites and layers.

    Raises
    ------
    RuntimeError
        If they did not.
    """
    if group is None:
        return
    everyone: list[Any] = [None] * dist.get_world_size(group)
    dist.all_gather_object(everyone, list(names), group=group)
    for rank, others in enumerate(everyone):
        if others != list(names):
            raise RuntimeError(
                f"the ranks went through different sites: {sorted(set(others) ^ set(names))} are "
                f"not on both this rank and rank {rank}"
            )


def first_of_all(found: Found | None, group: Any) -> Found | None:
    """Give what the first rank found that found something."""
    if group is None:
        return found
    everyone: list[Found | None] = [None] * dist.get_world_size(group)
    dist.all_gather_object(everyone, found, group=group)
    _yield_to_threads()
    return next((x for x in everyone if x is not None), None)


def _yield_to_threads() -> None:
    """Let the group's threads have the interpreter, after the last exchange of a reading.

    They need it to let go of what was exchanged, and a program that ends before they had it is
    aborted.
    """
    time.sleep(0.002)


def everywhere(condition: Tensor, group: Any) -> bool:
    """Whether a condition holds on all ranks, so that all do the same next."""
    if group is not None:
        holds = condition.to(torch.int32)
        dist.all_reduce(holds, dist.ReduceOp.MIN, group=group)
        return bool(holds)
    return bool(condition)
