"""The inputs, in chunks that each are spread over all of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin import accuracy

# All 2^32 float32 numbers in 256 chunks, 10^8 float64 samples in 100.
CHUNKS = {"float32": 256, "float64": 100}
# Other libraries see the first chunks: theirs need no certificate, and time as much as ours.
COMPARED = {"float32": 64, "float64": 25}
# So many of those chunks come before the rest of ours.
COMPARED_FIRST = {"float32": 4, "float64": 2}
CHUNK_SIZE = {"float32": 1 << 24, "float64": 10**6}
BLOCK = 1 << 16

# Breakpoints of the functions with kinks, zeros of the derivatives of those without, and where the
# kernels change their formula.
POINTS = (
    *(0.5, 0.625, 1.0, 2.0, 3.0, 6.0, 8.66, 9.0109, 18.71, 19.0616, 40.0),
    *(1.2784645427610738, 1.1924306050500213, 0.7517915246935645, 0.7524614220710162),
    *(87.3365, 103.972, 708.3964, 745.1332),
)


def blocks(dtype: str, chunk: int) -> Iterator[NDArray[Any]]:
    """Chunk c of float32 has the bit patterns c, c + 256, c + 512, ...; float64 is seeded by c.

    Blocks of numbers near 1 come first: once a large error has been seen, smaller ones are settled
    quickly.
    """
    if dtype == "float64":
        x = _stratified(chunk, CHUNK_SIZE[dtype])
        yield from (x[start : start + BLOCK] for start in range(0, x.size, BLOCK))
        return
    yield from _every(CHUNKS[dtype], chunk)


def sample(dtype: str) -> NDArray[Any]:
    """Every 1024th float32 number, or every eighth of a float64 chunk."""
    if dtype == "float64":
        return np.ascontiguousarray(_stratified(0, CHUNK_SIZE[dtype])[::8])
    return np.concatenate(list(_every(1024, 517)))


def _every(step: int, first: int) -> Iterator[NDArray[np.float32]]:
    bits = np.arange(BLOCK, dtype=np.uint32) * np.uint32(step) + np.uint32(first)
    count = (1 << 32) // (step * BLOCK)
    # The first half is positive, and half of it below 1.
    for block in sorted(range(count), key=lambda block: abs(block % (count // 2) - count // 4)):
        yield (bits + np.uint32(block * BLOCK * step)).view(np.float32)


@functools.lru_cache(maxsize=4)
def _stratified(seed: int, count: int) -> NDArray[np.float64]:
    """Half by exponents, a quarter even in [-50, 50], a quarter around POINTS at any distance."""
    generator = np.random.default_rng((seed, count))
    quarter = count // 4
    even = generator.uniform(-50, 50, quarter)
    sign = generator.choice([-1.0, 1.0], (2, quarter))
    point = sign[0] * generator.choice(POINTS, quarter)
    near = point * (1 + sign[1] * np.exp2(-generator.uniform(1, 53, quarter)))
    exponents = accuracy.stratified(np.float64, count - 2 * quarter, seed)
    return np.concatenate([even, near, exponents])
