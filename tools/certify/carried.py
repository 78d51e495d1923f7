"""What need not be measured again: results with the same bits as those of an earlier build.

docs/accuracy.json says how far each function of that build was from the exact results. A build that
gives the same bits on all of those inputs is as far from them; to compare bits takes a tenth of the
time. The verdicts are kept beside the state, so that an interrupted run goes on.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import nonlin
from certify.chunk import OURS
from certify.functions import KINDS, Certified, certified
from certify.inputs import BLOCK, blocks
from certify.library import FOLDER
from certify.state import ROOT, State, Summary, digest

# v3 and v4 give the same bits, which a test compares; v2 has no fused multiply-add. Rows of the one
# are rows of the other, so that a machine that lacks one of them can certify.
SAME_BITS = ("v4", "v3")

Row = tuple[str, str, str]
Record = dict[str, Any]


def earlier(instruction_set: str) -> dict[Row, Record]:
    """The rows of docs/accuracy.json."""
    path = ROOT / "docs" / "accuracy.json"
    document = json.loads(path.read_text()) if path.exists() else {"instruction_sets": {}}
    known = document["instruction_sets"]
    names = (instruction_set, *(SAME_BITS if instruction_set in SAME_BITS else ()))
    records = next((known[name] for name in names if name in known), [])
    return {(each["function"], each["kind"], each["dtype"]): each for each in records}


class Carried:
    """The rows of an earlier build that hold for this one, too."""

    def __init__(self, instruction_set: str, folder: Path = FOLDER) -> None:
        self._rows = earlier(instruction_set)
        self._path = folder / f"{digest()}-{instruction_set}.carried"
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        self._same = {tuple(row): same for row, same in map(json.loads, lines)}

    def summaries(self) -> Iterable[tuple[Row, Summary]]:
        """The rows that were found to be the same."""
        for row, same in self._same.items():
            if same and row in self._rows:
                record = self._rows[row]
                yield row, Summary(record["libraries"], record["filter_error"])

    def has(self, function: str, kind: str, dtype: str) -> bool:
        return bool(self._same.get((function, kind, dtype)))

    def changed(self) -> list[Row]:
        """The rows that were found to have other bits."""
        return [row for row, same in self._same.items() if not same]

    def is_lost(self, measured: State | None) -> bool:
        """Whether a page without further comparisons would lose what it says of this set."""
        known = any(self._same.values()) or (measured is not None and measured.finished)
        return bool(self._rows) and not known

    def compare(
        self, extension: Path, processes: int, progress: Callable[[int, int], None]
    ) -> None:
        """Compare every row that is not compared yet with what `extension` computes."""
        known = {each.name for each in certified()}
        left = [row for row in self._rows if row not in self._same and row[0] in known]
        chunks = [self._rows[row]["libraries"][OURS]["chunks"] for row in left]
        # Threads would pass the interpreter's lock to and fro at every block; and who was forked
        # would lack those that PyTorch and JAX have.
        context = get_context("spawn")
        with ProcessPoolExecutor(processes, context) as pool, self._path.open("a") as file:
            verdicts = pool.map(judge, [extension] * len(left), left, chunks)
            for done, (row, verdict) in enumerate(zip(left, verdicts, strict=True)):
                self._same[row] = verdict
                file.write(json.dumps([row, verdict]) + "\n")
                file.flush()
                progress(done + 1, len(left))


def lost(found: Mapping[str, Carried], measured: Mapping[str, State]) -> list[str]:
    """Name the instruction sets that have to be compared before the page can be written."""
    names = [name for name, each in found.items() if each.is_lost(measured.get(name))]
    if all(name in names for name in SAME_BITS):
        return [name for name in names if name != SAME_BITS[1]]
    return [name for name in names if name not in SAME_BITS]


def judge(extension: Path, row: Row, chunks: int) -> bool:
    """Compare one row, in a process of its own."""
    (function,) = (each for each in certified() if each.name == row[0])
    nonlin.set_num_threads(1)
    return has_same_bits(load(extension), function, *row[1:], chunks)


@functools.cache
def load(extension: Path) -> Any:
    """The extension module of another build, beside this one's."""
    specification = importlib.util.spec_from_file_location("earlier.ufuncs", extension)
    if specification is None or specification.loader is None:
        raise SystemExit(f"{extension} is no extension module")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def has_same_bits(old: Any, function: Certified, kind: str, dtype: str, chunks: int) -> bool:
    """Compare the results on the first chunks of the inputs, stopping at the first difference."""
    activation = function.activation
    assert activation.record is not None, "what is certified comes from the catalogue"
    name, numbers = activation.record.kernel(tuple(activation.parameters.values()))
    before, now = old._bind(name, *numbers)[KINDS.index(kind)], function.call(kind)
    rooms = [np.empty(BLOCK, dtype) for _ in range(2)]
    for chunk in range(chunks):
        for x in blocks(dtype, chunk):
            theirs, ours = (room[: x.size] for room in rooms)
            before(x, out=theirs)
            now(x, out=ours)
            if not same_bits(theirs, ours):
                return False
    return True


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Say whether all bits agree; any NaN is as good as another."""
    unsigned = f"u{a.dtype.itemsize}"
    different = a.view(unsigned) != b.view(unsigned)
    return not different.any() or bool((np.isnan(a) & np.isnan(b))[different].all())
