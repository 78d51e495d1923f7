"""A study in parts that need nothing of one another: `measure` one anywhere, `merge` them all.

Whether a claim needs another block of seeds is known once the blocks before are weighed, and they
may lie in another part. A shard therefore measures each of its blocks for every claim that could
still need it, and the decision to stop is taken when shards are merged: block by block, as one run
takes it, until a claim is decided. What was measured of it beyond that is left out, so the numbers,
the verdicts and what a look costs are those of one run. That a claim's numbers do not hang on which
claims are measured beside it is a test.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from typing import Any

from nonlin.messages import text
from nonlin.study import claims
from nonlin.study import results as files
from nonlin.study.blocks import THREADS, Course
from nonlin.study.environment import environment
from nonlin.study.results import Outcome, Results, ResultsError
from nonlin.study.runner import BLOCKS, LEAST_SEEDS, checked, stated
from nonlin.study.scheduling import Progress, measured

__all__ = [
    "Shard",
    "ShardsError",
    "file_name",
    "ids_of",
    "load",
    "measure",
    "merge",
    "numbered",
    "save",
    "shared_out",
]

SCHEMA = 1
# On what the bits of a number do not depend: the model, as long as the instruction set is the same.
_ANY = ("processor", "cores")

Unit = tuple[str, int]  # a phenomenon, and which of its blocks


class ShardsError(ValueError):
    """Shards that make no study together.

    `kind` and `fields` are those of the message `study.shards.<kind>`.
    """

    def __init__(self, kind: str, **fields: object) -> None:
        super().__init__(text(f"study.shards.{kind}", "en", **fields))
        self.kind, self.fields = kind, fields


@dataclass(frozen=True)
class Shard:
    """One of the parts of a study.

    Parameters
    ----------
    number, of : which part of how many, from 1 on.
    ids : the claims that the whole study measures.
    settings, environment : as in `Results`.
    blocks : what was measured of each unit, by claim.
    """

    number: int
    of: int
    ids: tuple[str, ...]
    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    blocks: Mapping[Unit, Mapping[str, Outcome]]

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of work that fall to this part."""
        return shared_out(self.ids, self.settings["blocks"], self.of)[self.number - 1]

    @property
    def complete(self) -> bool:
        """Whether all of them were measured."""
        return all(unit in self.blocks for unit in self.units)


def file_name(number: int, of: int) -> str:
    """What a shard's file is called."""
    return f"shard-{number}-of-{of}.json"


def numbered(value: str) -> tuple[int, int]:
    """Read ``I/N``, the I-th of N parts, counted from 1; ValueError for anything else."""
    number, _, of = value.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    raise ValueError(f"expected I/N with I from 1 to N, got {value!r}")


def argument(value: str) -> tuple[int, int]:
    """`numbered` as argparse's ``type=``, whose own sentence names a function instead."""
    try:
        return numbered(value)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def measure(
    number: int,
    of: int,
    ids: Iterable[str] | None = None,
    *,
    seeds: int = LEAST_SEEDS,
    quick: bool = False,
    blocks: int = BLOCKS,
    skip: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Callable[[Progress], None] | None = None,
    previous: Shard | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Shard:
    """Measure one part of a study.

    Parameters
    ----------
    number, of : which part of how many, from 1 on.
    ids, seeds, quick, blocks, skip, workers, executor, progress : as in `nonlin.study.run`; all
        parts must be given the same claims, seeds, quick, blocks and skip.
    previous : the same part as it was when it was interrupted; its blocks are kept.
    path : where the part is saved, after every block.

    Returns
    -------
    Shard, not `complete` if Ctrl-C ended it early.

    Raises
    ------
    ValueError : what `nonlin.study.run` refuses, or a part that is none of 1 to `of`.
    ShardsError : `previous` is another part, or was measured otherwise.
    """
    if not 1 <= number <= of:
        raise ValueError(f"a shard from 1 to {of} expected, got {number}")
    wanted, settings = checked(ids, seeds, quick, blocks, skip, workers)
    here = environment(THREADS)
    found = Shard(number, of, wanted, settings, here, {})
    done: dict[Unit, Mapping[str, Outcome]] = {}
    if previous is not None:
        _check_same(found, previous)
        if previous.number != number:
            raise ShardsError("another", before=previous.number, number=number, of=of)
        done.update(previous.blocks)
    courses = [
        Course(name, ids_of(wanted, name, block), seeds, quick, block + 1, taken=block, skip=skip)
        for name, block in found.units
        if (name, block) not in done
    ]

    def shard() -> Shard:
        return Shard(number, of, wanted, settings, here, dict(done))

    try:
        for course in measured(courses, workers, executor, progress):
            done[course.phenomenon, course.taken - 1] = course.outcomes
            if path is not None:
                save(shard(), path)
    except KeyboardInterrupt:
        pass
    if path is not None:
        save(shard(), path)
    return shard()


def merge(shards: Sequence[Shard]) -> Results:
    """The results of all parts of a study: those that one run would have had.

    Times are one machine's: the results name the processor on which they were taken.

    Raises
    ------
    ShardsError : a part is missing, unfinished or there twice, or was measured with other settings,
        versions or instruction sets.
    """
    _check_whole(shards)
    blocks = {unit: block for shard in shards for unit, block in shard.blocks.items()}
    first = shards[0]
    seeds, quick, most, skip = (first.settings[k] for k in ("seeds", "quick", "blocks", "skip"))
    outcomes: dict[str, Outcome] = {}
    for name in claims.phenomena_of(first.ids):
        course = Course(name, ids_of(first.ids, name, 0), seeds, quick, most, skip=skip)
        while (block := course.next) is not None:
            found = blocks[name, block.number]
            course.add([found[key] for key in sorted(block.ids)])
        outcomes |= course.outcomes
    timing = next((shard for shard in shards if ("cost", 0) in shard.blocks), first)
    return stated(outcomes, first.settings, timing.environment)


def ids_of(wanted: Iterable[str], phenomenon: str, block: int) -> frozenset[str]:
    """The claims that a block may have to answer: after the first, those that runs decide."""
    mine = {key for key in wanted if claims.get(key).phenomenon == phenomenon}
    return frozenset(mine if block == 0 else mine.intersection(claims.judged()))


def shared_out(ids: Iterable[str], blocks: int, of: int) -> list[tuple[Unit, ...]]:
    """The units of work of every shard: the longest first, each to the one with least to do."""
    ids = tuple(ids)
    units = [
        (name, block)
        for name in claims.phenomena_of(ids)
        for block in range(blocks)
        if ids_of(ids, name, block)
    ]
    shares: list[list[Unit]] = [[] for _ in range(of)]
    seconds = [0] * of
    for unit in sorted(units, key=lambda each: -claims.SECONDS[each[0]]):
        least = seconds.index(min(seconds))
        shares[least].append(unit)
        seconds[least] += claims.SECONDS[unit[0]]
    order = {unit: place for place, unit in enumerate(units)}
    return [tuple(sorted(share, key=order.__getitem__)) for share in shares]


def _check_whole(shards: Sequence[Shard]) -> None:
    if not shards:
        raise ShardsError("none")
    for other in shards[1:]:
        _check_same(shards[0], other)
    of = shards[0].of
    there = Counter(shard.number for shard in shards)
    for number, times in there.items():
        if times > 1:
            raise ShardsError("twice", number=number, of=of)
    missing = [str(number) for number in range(1, of + 1) if number not in there]
    if missing:
        raise ShardsError("missing", count=len(missing), of=of, numbers=", ".join(missing))
    for shard in shards:
        if not shard.complete:
            done = sum(unit in shard.blocks for unit in shard.units)
            fields = {"number": shard.number, "done": done, "count": len(shard.units), "of": of}
            raise ShardsError("unfinished", **fields)


def _check_same(one: Shard, other: Shard) -> None:
    """Refuse two parts that could not come of one run."""
    ours, theirs = _shared(one), _shared(other)
    for name in dict.fromkeys([*ours, *theirs]):
        before, now = ours.get(name), theirs.get(name)
        if before != now:
            fields = {"name": name, "one": one.number, "other": other.number}
            raise ShardsError("different", before=before, now=now, **fields)


def _shared(shard: Shard) -> dict[str, Any]:
    """What all parts of a study have in common, by the name that a person knows it by."""
    known = {key: value for key, value in shard.environment.items() if key not in _ANY}
    versions = known.pop("versions")
    return {"n": shard.of, "claims": " ".join(shard.ids), **shard.settings, **versions, **known}


def to_json(shard: Shard) -> dict[str, Any]:
    """The shard as plain JSON data."""
    return {
        "schema": SCHEMA,
        "shard": shard.number,
        "of": shard.of,
        "ids": list(shard.ids),
        "settings": dict(shard.settings),
        "environment": dict(shard.environment),
        "blocks": [
            {
                "phenomenon": name,
                "block": block,
                "outcomes": {key: asdict(outcome) for key, outcome in outcomes.items()},
            }
            for (name, block), outcomes in shard.blocks.items()
        ],
    }


def from_json(data: Mapping[str, Any]) -> Shard:
    """The shard that `to_json` wrote; ResultsError for anything else."""
    try:
        number, of = data["shard"], data["of"]
        if data["schema"] != SCHEMA:
            raise ResultsError(f"a shard of schema {SCHEMA} expected, got {data['schema']!r}")
        return Shard(
            number,
            of,
            tuple(data["ids"]),
            data["settings"],
            data["environment"],
            dict(_units(data["blocks"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ResultsError(f"no shard of a study: {error}") from error


def _units(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Unit, dict[str, Outcome]]]:
    for entry in entries:
        outcomes = {key: files.outcome(each) for key, each in entry["outcomes"].items()}
        yield (entry["phenomenon"], entry["block"]), outcomes


def save(shard: Shard, path: str | os.PathLike[str]) -> None:
    """Write the shard as JSON, in one step."""
    files.write(to_json(shard), path)


def load(path: str | os.PathLike[str]) -> Shard:
    """Read a shard's file; ResultsError when it holds something else."""
    return from_json(files.read(path))
