"""Which tensors share memory."""

from __future__ import annotations

from torch import Tensor


def memory(x: Tensor) -> int:
    """Tell in which memory a tensor lies."""
    try:
        return int(x.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return id(x)


def overlap(one: Tensor, other: Tensor) -> bool:
    """Whether two views of one memory share an element; True where that is not to be told."""
    if one.stride() != other.stride() or 0 in one.stride():
        return True
    axes = sorted(zip(one.stride(), one.shape, other.shape, strict=True), reverse=True)
    # An element is shared if the way from one's first to the other's is a sum of steps within.
    ways = {other.storage_offset() - one.storage_offset()}
    for stride, ours, theirs in axes:
        steps = range(-theirs + 1, ours)
        ways = {
            way - stride * k
            for way in ways
            for k in (way // stride, way // stride + 1)
            if k in steps
        }
    return 0 in ways
