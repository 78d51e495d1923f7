"""One piece of the work: a chunk of the inputs of one function, or the check of its filter."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

import nonlin
from certify.functions import KINDS, Array, Certified, certified
from certify.inputs import BLOCK, CHUNKS, COMPARED, COMPARED_FIRST, blocks, sample
from certify.library import Tally, library
from certify.peers import peers

OURS, PEERS, FILTER = "nonlin", "peers", "filter"
Found = Mapping[str, Mapping[str, Any]]


class Key(NamedTuple):
    """`who` is OURS, PEERS, or FILTER, which has no chunks."""

    function: str
    kind: str
    dtype: str
    who: str
    chunk: int = 0


def piece(function: Certified, key: Key, instruction_set: str, until: float) -> Found | None:
    """Measure a piece in any process, unless it is too late (by `time.time`) to start it.

    Raises
    ------
    RuntimeError
        Where the process computes with another instruction set.
    """
    if time.time() > until:
        return None
    if nonlin.instruction_set() != instruction_set:
        raise RuntimeError(f"expected {instruction_set}, got {nonlin.instruction_set()}")
    nonlin.set_num_threads(1)
    return measured(function, key)


def measured(function: Certified, key: Key) -> Found:
    """The tally of each library, by name."""
    if key.who == FILTER:
        return {FILTER: {"largest": filter_error(function, key.kind, key.dtype)}}
    if key.who == PEERS:
        found = {name: Tally() for name in peers(function.name, key.kind)}
        for x in blocks(key.dtype, key.chunk):
            for name, call in peers(function.name, key.kind).items():
                with np.errstate(all="ignore"):
                    add(found[name], function, key.kind, x, call(x))
        return {name: tally.as_dict() for name, tally in found.items()}
    tally, call = Tally(), function.call(key.kind)
    room = np.empty(BLOCK, key.dtype)
    for x in blocks(key.dtype, key.chunk):
        add(tally, function, key.kind, x, call(x, out=room[: x.size]))
    return {OURS: tally.as_dict()}


def add(
    tally: Tally,
    function: Certified,
    kind: str,
    x: Array,
    result: Array,
    by_definition: bool = False,
) -> None:
    """Add to `tally` how far `result` is from the exact one, at each x."""
    name, parameters = function.reference_name(kind), function.parameters_in(x.dtype.name)
    library().add(tally, name, parameters, x, result, by_definition)


def filter_error(function: Certified, kind: str, dtype: str) -> float:
    """How far the filter is from the definition on a sample; at most 1, or the filter is wrong."""
    parameters = function.parameters_in(dtype)
    return library().check(function.reference_name(kind), parameters, sample(dtype))


def work(only: str, chunks: int, alone: bool) -> list[tuple[Certified, Key]]:
    """All there is to do: the filters, then the chunks of every function side by side.

    A few chunks of the other libraries come with ours, for the table; the rest of theirs at last.
    `alone` leaves out what does not depend on the instruction set: filters and other libraries.
    """
    functions = [entry for entry in certified() if entry.name.startswith(only)]
    found = []
    for dtype, total in CHUNKS.items():
        for function in functions:
            for kind in KINDS:
                key = Key(function.name, kind, dtype, FILTER)
                for chunk in range(min(total, chunks)):
                    found.append((chunk / total, function, key._replace(who=OURS, chunk=chunk)))
                if alone:
                    continue
                found.append((-1.0, function, key))
                compared = min(COMPARED[dtype], chunks) if peers(function.name, kind) else 0
                for chunk in range(compared):
                    late = chunk >= COMPARED_FIRST[dtype]
                    theirs = key._replace(who=PEERS, chunk=chunk)
                    found.append((chunk / total + late, function, theirs))
    found.sort(key=lambda item: item[0])
    return [(function, key) for _, function, key in found]
