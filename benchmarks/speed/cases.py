"""What is measured: which function, on how many elements of which dtype, on how many threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

DOCUMENT = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
KINDS = ("value", "derivative", "backward")
DTYPES = ("float16", "float32", "float64")

# Three arrays of 256 KiB, in float64, stay in a core's cache of 1 MiB; 64 MiB, in float32, do not.
IN_CACHE = 1 << 15
OUT_OF_CACHE = 1 << 24
SMALL = (1, 10, 100, 1_000)
LARGEST = 10**8


@dataclass(frozen=True, order=True)
class Case:
    """One benchmark: every contender in turn on the same input."""

    function: str
    kind: str
    dtype: str
    size: int
    threads: int

    @property
    def key(self) -> str:
        return f"{self.function} {self.kind} {self.dtype} {self.size} {self.threads}"


def grid(names: Iterable[str], threads: int, quick: bool, available: int) -> list[Case]:
    """List the cases for one number of threads; `available` bytes of memory limit the largest."""
    pick = _quick if quick else _full
    cases = [
        Case(name, kind, dtype, size, threads)
        for name in names
        for kind in KINDS
        for dtype in DTYPES
        for size in pick(name, kind, dtype, threads)
        if _bytes(dtype, size) <= available
    ]
    # Small ones first: what is wrong shows early, and the estimate of the rest errs upwards.
    return sorted(cases, key=lambda case: case.size)


def _full(name: str, kind: str, dtype: str, threads: int) -> Iterator[int]:
    if name not in DOCUMENT:
        yield from _family(kind, dtype, threads)
        return
    if threads == 1:
        yield from () if dtype == "float16" else SMALL
        yield 10_000
    yield from (IN_CACHE, 1 << 20)
    if dtype != "float16" or kind == "value":
        yield OUT_OF_CACHE
    if dtype == "float32" and kind == "value":
        yield LARGEST


def _family(kind: str, dtype: str, threads: int) -> Iterator[int]:
    if threads == 1:
        yield IN_CACHE
        if dtype == "float32" and kind != "backward":
            yield OUT_OF_CACHE


def _quick(name: str, kind: str, dtype: str, threads: int) -> Iterator[int]:
    if name not in DOCUMENT or dtype == "float16":
        return
    if threads > 1:
        yield from (1 << 20,) if dtype == "float32" else ()
        return
    yield IN_CACHE
    if dtype == "float32":
        yield from (1, 1_000)
        yield from (OUT_OF_CACHE,) if kind != "backward" else ()


def _bytes(dtype: str, size: int) -> int:
    """Memory that a case needs: ten arrays, as JAX keeps its own and the lines make some."""
    return 10 * size * {"float16": 2, "float32": 4, "float64": 8}[dtype]
