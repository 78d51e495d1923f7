"""What a study found: numbers with intervals, one outcome a claim, and the file that keeps them."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal, cast, get_args

from nonlin.above import Tabular

Verdict = Literal["holds", "fails", "depends", "undecided", "unjudged"]
Evidence = Literal["proved", "measured"]
Answer = Literal["shown", "shown_not", "open"]
Statistic = Literal["mean", "geometric_mean", "share", "median", "resampled", "over_sets"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
SCHEMA = 2


class ResultsError(ValueError):
    """A file that is no study result."""


@dataclass(frozen=True)
class Number:
    """One number of an outcome, with its 95 % interval.

    Parameters
    ----------
    name : unique in its outcome; the number's label is the message `study.numbers.<name>`.
    value : a finite float.
    low, high : the ends of the 95 % interval, or None where there is none (a proved number).
    n : how many observations the interval rests on.
    unit : "" for a pure number, "share" for a part of 1, "points" for a difference of two
        such parts, else the symbol ("ns", "ULP").
    statistic : what the value is of its observations; None where it was not averaged.
    error : the value's standard error; of a geometric mean, that of its logarithm.
    observations : what the value was computed from, one entry a run; of "over_sets" one list a
        data set. None where they were counted ("share") or not kept.

    `format(number, spec)` formats the value, so a message can say "{factor:.2f}, {factor.low:.2f}".
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str = ""
    statistic: Statistic | None = None
    error: float | None = None
    observations: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        # JSON has no infinities: a diverged run must be counted, never averaged.
        for part in (self.value, self.low, self.high):
            if part is not None and not math.isfinite(part):
                raise ValueError(f"number {self.name!r} must be finite, got {part!r}")

    def __format__(self, spec: str) -> str:
        return format(self.value, spec or ".3g")

    @property
    def least(self) -> float:
        """The lower end of the interval; the value itself where there is no interval."""
        return self.value if self.low is None else self.low

    @property
    def most(self) -> float:
        """The upper end of the interval; the value itself where there is no interval."""
        return self.value if self.high is None else self.high


# Makes `nonlin.study.verdict.Condition`s of a claim's numbers.
Rule = Callable[[Mapping[str, Number]], Sequence[Any]]
Rules = Mapping[str, Rule]


@dataclass(frozen=True)
class Answered:
    """What became of one condition of a claim.

    Parameters
    ----------
    name : the circumstance; a reader's word for it is the message `study.circumstances.<name>`.
    number : the name of the number that must lie between `low` and `high`; None is no end.
    needed : whether the claim fails with this condition alone.
    shown, refuted : the p values of its being false, and of its being true, two-sided.
    answer : at the level that the study's multiplicity leaves the claim.
    runs : about how many observations would decide an open one; None where none would.
    """

    name: str
    number: str
    low: float | None
    high: float | None
    needed: bool
    shown: float
    refuted: float
    answer: Answer
    runs: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one claim. `series` is plain JSON data for figures.

    `p` is the p value of the likeliest verdict before any correction, `looks` at how many blocks of
    seeds the claim was looked at; results of schema 1 have neither, and no conditions.
    """

    id: str
    verdict: Verdict
    evidence: Evidence
    numbers: tuple[Number, ...]
    series: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    conditions: tuple[Answered, ...] = ()
    p: float = 0.0
    looks: int = 1

    @property
    def fields(self) -> dict[str, Number]:
        """The numbers by name: what the message `study.claims.<id>.finding` is formatted with."""
        return {number.name: number for number in self.numbers}


@dataclass(frozen=True)
class Results(Tabular):
    """A whole study: settings, environment, one outcome a claim, in the document's order.

    `complete` is False where a claim that was asked for is not measured yet.
    """

    complete: bool
    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    outcomes: Mapping[str, Outcome]

    def to_json(self) -> dict[str, Any]:
        """Give the results as plain JSON data, as the schema describes them."""
        return {"schema": SCHEMA, **asdict(self)}


def schema() -> dict[str, Any]:
    """The JSON Schema of `results.json`."""
    text = resources.files("nonlin.study").joinpath("results.schema.json").read_text("utf-8")
    return cast(dict[str, Any], json.loads(text))


def from_json(data: Mapping[str, Any]) -> Results:
    """The results that `to_json` wrote, of this version or the first; ResultsError for others."""
    try:
        if data["schema"] not in (1, SCHEMA):
            raise ResultsError(f"results of schema 1 or 2 expected, got schema {data['schema']!r}")
        outcomes = {key: outcome(entry) for key, entry in data["outcomes"].items()}
        return Results(data["complete"], data["settings"], data["environment"], outcomes)
    except (KeyError, TypeError, AttributeError) as error:
        raise ResultsError(f"not a study result: {error}") from error


def outcome(entry: Mapping[str, Any]) -> Outcome:
    """The outcome that became plain JSON data."""
    return Outcome(
        **{
            **entry,
            "numbers": tuple(_number(number) for number in entry["numbers"]),
            "conditions": tuple(Answered(**each) for each in entry.get("conditions", ())),
        }
    )


def _number(entry: Mapping[str, Any]) -> Number:
    kept = entry.get("observations")
    return Number(**{**entry, "observations": None if kept is None else _tuple(kept)})


def _tuple(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(value) if isinstance(value, list) else value for value in values)


def save(results: Results, path: str | os.PathLike[str]) -> None:
    """Write the results as JSON; a reader sees the old file or the new one, never half of one."""
    write(results.to_json(), path)


def write(data: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write plain data as JSON in one step."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        # mkstemp makes the file private; a report is meant to be shared.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a JSON object; ResultsError when the file holds something else."""
    try:
        data = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise ResultsError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ResultsError("not a study result: an object expected")
    return data


def load(path: str | os.PathLike[str]) -> Results:
    """Read a `results.json`; ResultsError when it holds something else."""
    return from_json(read(path))
