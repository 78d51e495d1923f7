"""Units' states in few letters: flags as bits, shares as bytes, both as base64."""

from __future__ import annotations

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "levels", "pack_flags", "pack_levels", "unpack_flags", "unpack_levels"]

# A column of a heat map needs no more rows than these.
LEVELS = 64


def pack_flags(flags: NDArray[np.bool_]) -> str:
    """Write flags as base64 of deflated bits; the empty string where none is set.

    Parameters
    ----------
    flags : array of bool, shape (units,)

    Returns
    -------
    str

    Examples
    --------
    >>> pack_flags(np.zeros(512, dtype=bool))
    ''
    >>> unpack_flags(pack_flags(np.array([True, False, True])), 3)
    array([ True, False,  True])
    """
    if not flags.any():
        return ""
    return base64.b64encode(zlib.compress(np.packbits(flags).tobytes(), 9)).decode("ascii")


def unpack_flags(packed: str, count: int) -> NDArray[np.bool_]:
    """Read what `pack_flags` wrote.

    Parameters
    ----------
    packed : str
    count : int
        How many flags there were.

    Returns
    -------
    array of bool, shape (count,)

    Raises
    ------
    ValueError
        If it is something else.
    """
    if not packed:
        return np.zeros(count, dtype=bool)
    try:
        # Bounded: a few bytes from a stranger's log could unpack to gigabytes.
        unpacker, size = zlib.decompressobj(), (count + 7) // 8
        raw = unpacker.decompress(base64.b64decode(packed, validate=True), size + 1)
    except zlib.error as error:
        raise ValueError(f"expected packed flags, got {packed[:40]!r}") from error
    bits = np.frombuffer(raw, dtype=np.uint8)
    if len(bits) != size:
        raise ValueError(f"expected {count} packed flags, got {8 * len(bits)}")
    return np.unpackbits(bits, count=count).astype(bool)


def levels(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Sort shares of 1 and write at most `LEVELS` of them as bytes.

    Up to `LEVELS` units each has its byte; of more, entry k is the quantile (k + 1/2) / LEVELS. 0
    stands for a share of exactly 0, 255 for exactly 1, and no other share is rounded to either.

    Parameters
    ----------
    shares : array of float, shape (units,)

    Returns
    -------
    array of uint8, at most LEVELS entries, not falling

    Examples
    --------
    >>> levels(np.array([1.0, 0.0, 0.5, 1e-9, 0.9999]))
    array([  0,   1, 128, 254, 255], dtype=uint8)
    """
    ordered = np.sort(np.nan_to_num(shares))
    if len(ordered) > LEVELS:
        at = ((np.arange(LEVELS) + 0.5) / LEVELS * len(ordered)).astype(int)
        ordered = ordered[at]
    inner = np.clip(np.rint(255 * ordered), 1, 254)
    made = np.where(ordered <= 0, 0, np.where(ordered >= 1, 255, inner))
    return made.astype(np.uint8)


def pack_levels(made: NDArray[np.uint8]) -> str:
    """Write what `levels` made as base64.

    Examples
    --------
    >>> unpack_levels(pack_levels(np.array([0, 7, 255], dtype=np.uint8)))
    array([  0,   7, 255], dtype=uint8)
    """
    return base64.b64encode(made.tobytes()).decode("ascii")


def unpack_levels(packed: str) -> NDArray[np.uint8]:
    """Read what `pack_levels` wrote."""
    return np.frombuffer(base64.b64decode(packed, validate=True), dtype=np.uint8)
