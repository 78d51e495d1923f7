"""Certify the accuracy: make certify CERTIFY="[--hours H] [--only NAME] [--chunks N] [--threads N]"

Measures every function over all 2^32 float32 numbers and 10^8 float64 samples, and NumPy, SciPy,
PyTorch and JAX on a part of them, and writes docs/accuracy.md, its Korean twin and
docs/accuracy.json. An interrupted run goes on where it stopped; the page says how far it came.
--shard I/N measures the I-th of N parts and writes no page: with the files of all parts in
build/certify a run without it finds everything measured, and writes it.
NONLIN_INSTRUCTION_SET=v2 measures that instruction set, which has a table of its own, without the
other libraries.
--same-bits compares v3 with v4 on some of the inputs; --page writes the page again. --check leaves
with 1 where something that was measured is further than 1 ULP from the exact result.

After a change of few functions, --since names the extension that the page was made with (as
build/.../ufuncs.abi3.so): what this build computes in the same bits is not measured again. The page
is written once each of its instruction sets has been compared so.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import nonlin
from certify.carried import SAME_BITS, Carried, lost
from certify.chunk import FILTER, OURS, Found, Key, piece, work
from certify.functions import Certified
from certify.library import library
from certify.page import renew, write
from certify.processors import compare as compare_processors
from certify.state import ROOT, Shard, State, state_of, states
from nonlin.study.cluster import add_executor
from nonlin.study.shards import argument as shard

Item = tuple[Certified, Key]
INSTRUCTION_SETS = (*SAME_BITS, "v2", "baseline")


def run(options: argparse.Namespace, state: State, carried: Carried) -> None:
    alone = nonlin.instruction_set() not in SAME_BITS
    todo = work(options.only, options.chunks, alone)
    left = [item for item in share(todo, options.shard) if item[1] not in state.finished]
    left = [item for item in left if not carried.has(*item[1][:3])]
    until = time.time() + 3600 * options.hours
    pool = options.executor or ThreadPoolExecutor(options.threads)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with pool, Progress(*columns, TextColumn("{task.fields[last]}")) as progress:
        task = progress.add_task("pieces", total=len(left), last="")
        name = nonlin.instruction_set()
        running = {pool.submit(piece, *item, name, until): item[1] for item in left}
        try:
            for future in as_completed(running):
                key, found = running.pop(future), future.result()
                if found is not None:
                    refuse(key, found)
                    state.finish(key, found)
                    progress.update(task, advance=1, last=" ".join(map(str, key)))
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            if not isinstance(error, KeyboardInterrupt):
                raise


def share(todo: list[Item], shard: Shard) -> list[Item]:
    """A shard's part of what is to do."""
    number, of = shard
    return todo[number - 1 :: of]


def refuse(key: Key, found: Found) -> None:
    """Stop where a filter is further from the definition than it says."""
    if key.who == FILTER and found[FILTER]["largest"] > 1:
        raise SystemExit(f"{' '.join(key[:3])}: the filter errs by {found[FILTER]['largest']:.3g}")


def beyond(state: State) -> list[str]:
    """Name what this package computed further than 1 ULP from the exact result."""
    found = []
    for row, summary in state.summaries():
        ours = summary.libraries.get(OURS)
        if ours is not None and (ours["largest"] > 1 or ours["wrong_specials"]):
            found.append(
                f"{' '.join(row)}: {ours['largest']:.4g} ULP at {ours['where']!r}, "
                f"{ours['wrong_specials']} infinities or NaN wrong"
            )
    return found


def report(state: State) -> int:
    """Print what is beyond; 1 if anything is."""
    found = beyond(state)
    for row in found:
        print(row)
    return int(bool(found))


def compare(carried: Carried, options: argparse.Namespace) -> None:
    """Find what the earlier extension computed in the same bits."""
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as progress:
        task = progress.add_task("rows compared", total=None)

        def show(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        carried.compare(options.since, options.threads, show)
    changed = carried.changed()
    for row in changed:
        print("other bits, to be measured:", *row)
    print(f"{len(changed)} rows with other bits under {nonlin.instruction_set()}")


def require_built() -> None:
    """Refuse to certify an extension that is older than its sources."""
    built = Path(nonlin.ufuncs.__file__).stat().st_mtime
    newer = [path for path in ROOT.glob("kernels/**/*.?pp") if path.stat().st_mtime > built]
    if newer:
        names = ", ".join(str(path.relative_to(ROOT)) for path in newer)
        raise SystemExit(f"nonlin was built before {names} changed; build it again")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="1 where something is beyond 1 ULP")
    parser.add_argument("--chunks", type=int, default=256, help="at most so many of each function")
    parser.add_argument("--hours", type=float, default=1e6, help="start nothing after so long")
    parser.add_argument("--only", default="", help="functions whose name starts so")
    parser.add_argument("--page", action="store_true", help="write the page again, measure nothing")
    parser.add_argument("--same-bits", action="store_true", help="compare v3 with v4, no more")
    part = "measure part I of N, and write no page"
    parser.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help=part)
    parser.add_argument("--since", type=Path, help="the extension that the page was made with")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add_executor(parser)
    options = parser.parse_args()
    if options.page:
        renew()
        return
    if options.same_bits:
        for name in compare_processors(*reversed(SAME_BITS)):
            print("other bits:", name)
        renew()
        return
    import torch

    torch.set_num_threads(1)
    nonlin.set_num_threads(1)
    require_built()
    library()
    found = {name: Carried(name) for name in INSTRUCTION_SETS}
    carried = found[nonlin.instruction_set()]
    if options.since:
        compare(carried, options)
    state = state_of(nonlin.instruction_set(), options.shard)
    run(options, state, carried)
    if options.shard[1] > 1:
        print(f"The files of all shards together make the page: {state.path.relative_to(ROOT)}")
        raise SystemExit(report(state) if options.check else 0)
    measured_sets = states()
    missing = lost(found, measured_sets)
    if options.since and missing:
        others = " and ".join(f"NONLIN_INSTRUCTION_SET={name}" for name in missing)
        raise SystemExit(f"docs/accuracy.md waits for the same with {others}")
    write(measured_sets, found)
    raise SystemExit(report(state) if options.check else 0)


if __name__ == "__main__":
    main()
