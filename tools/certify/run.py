"""Certify the accuracy: python tools/certify/run.py [--chunks N] [--hours H] [--only NAME]

Measures every function over all 2^32 float32 numbers and 10^8 float64 samples, this library beside
NumPy, SciPy, PyTorch and JAX, and writes docs/accuracy.md and docs/accuracy.json. An interrupted
run goes on where it stopped; the page says how far it came.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np
from functions import KINDS, Certified, certified
from inputs import CHUNKS, COMPARED, blocks
from library import Library
from page import write
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from state import ROOT, Key, State, Summary, digest

Item = tuple[Certified, Key]

FOLDER = ROOT / "build" / "certify"


def measured(library: Library, function: Certified, key: Key) -> dict[str, dict[str, object]]:
    """One chunk: the exact results once, and how far each library is from them."""
    _, kind, dtype, chunk = key
    reference = function.reference + "'" * (kind == "derivative")
    parameters = np.asarray(function.parameters, dtype).astype(np.float64)
    summary = Summary()
    implementations = function.implementations(kind, chunk < COMPARED[dtype])
    with np.errstate(all="ignore"):
        for x in blocks(dtype, chunk):
            exact = library.exact(reference, parameters, x)
            summary.add(
                {
                    name: library.measure(reference, parameters, x, exact, call(x)).as_dict()
                    for name, call in implementations.items()
                }
            )
    return summary.libraries


def work(
    options: argparse.Namespace, library: Library, state: State
) -> list[tuple[Certified, Key]]:
    """What is left, the first chunks of every function before the second ones of any."""
    found = [
        (chunk / CHUNKS[dtype], function, (function.name, kind, dtype, chunk))
        for dtype in CHUNKS
        for function in certified()
        if function.reference in library and function.name.startswith(options.only)
        for kind in KINDS
        for chunk in range(min(CHUNKS[dtype], options.chunks))
    ]
    found.sort(key=lambda item: item[0])
    return [(function, key) for _, function, key in found if key not in state.finished]


def run(options: argparse.Namespace, library: Library, state: State) -> None:
    left = work(options, library, state)
    deadline = time.monotonic() + 3600 * options.hours
    stop = threading.Event()

    def one(item: Item) -> tuple[Key, dict[str, dict[str, object]]] | None:
        if stop.is_set() or time.monotonic() > deadline:
            return None
        return item[1], measured(library, *item)

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[last]}")) as progress:
        task = progress.add_task("chunks", total=len(left), last="")
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            try:
                for future in as_completed(pool, one, left):
                    if (result := future.result()) is not None:
                        state.finish(*result)
                        progress.update(task, advance=1, last=" ".join(map(str, result[0])))
            except KeyboardInterrupt:
                stop.set()


def as_completed(pool: ThreadPoolExecutor, call, items) -> Iterator[Future]:  # type: ignore
    """Like concurrent.futures.as_completed, and an interruption is seen at once."""
    waiting = {pool.submit(call, item) for item in items}
    while waiting:
        done, waiting = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
        yield from done


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chunks", type=int, default=256, help="at most so many of each function")
    parser.add_argument("--hours", type=float, default=1e6, help="start nothing after so long")
    parser.add_argument("--only", default="", help="functions whose name starts so")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    state = State(FOLDER / f"{digest()}.jsonl")
    run(options, Library(FOLDER), state)
    write(state)


if __name__ == "__main__":
    main()
