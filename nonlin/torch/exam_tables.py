"""The tables of an examination: sites, gates, attention, routers, the residual stream.

A table that would be long tells equal parts of a model's blocks in one row, "h.0-11.mlp.act", and
where their numbers differ from the lowest to the highest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from nonlin.messages import text
from nonlin.torch.factors import Change, factors
from nonlin.torch.finding import Finding
from nonlin.torch.findings.curves import spelled
from nonlin.torch.places import Part, Places, part
from nonlin.torch.reading import Reading

Row = tuple[str, ...]

COLUMNS = (
    "name", "activation", "units", "dead", "saturated", "zeros", "length", "gradient", "factor",
    "predicted",
)  # fmt: skip

# What a narrow table of sites leaves out first.
DROPPABLE = tuple(map(COLUMNS.index, ("length", "zeros", "saturated", "predicted")))

# Of a block, "h.3.mlp", or of an expert, "act[3]".
NUMBER = re.compile(r"(?:^|(?<=\.))\d+(?=[.:])|(?<=\[)\d+(?=\])")

# A table with more rows tells equal parts of blocks together.
LONG = 8


def sites(reading: Reading, findings: Sequence[Finding], lang: str) -> list[Row]:
    """Write the columns' names, then a row a site, or a row for those of several blocks."""
    places = Places.of_reading(reading)
    rows = _sites(reading, findings)
    return [head(COLUMNS, lang), *_rows(rows, lambda name: places.called(name, lang))]


class Group(NamedTuple):
    """Sites that lie in one part of a model, each in a row of its own."""

    part: Part
    sites: tuple[str, ...]
    lines: list[Row]


def groups(reading: Reading, findings: Sequence[Finding], lang: str) -> list[Group]:
    """Write the sites part by part: the columns' names, and a row a site."""
    places = Places.of_reading(reading)
    parts: dict[Part, list[tuple[str, Sequence[Any]]]] = {}
    for name, cells in _sites(reading, findings):
        parts.setdefault(part(name), []).append((name, cells))
    return [
        Group(
            each,
            tuple(name for name, _ in rows),
            [
                head(COLUMNS, lang),
                *((places.called(name, lang), *map(str, cells)) for name, cells in rows),
            ],
        )
        for each, rows in parts.items()
    ]


def _sites(reading: Reading, findings: Sequence[Finding]) -> list[tuple[str, Sequence[Any]]]:
    changes = factors(reading)
    dead = {each.site: len(each.units) for each in findings if each.kind == "dead_units"}
    unknown = Change(math.nan, math.nan)
    rows: list[tuple[str, Sequence[Any]]] = []
    for site in reading.sites:
        values = max(site.units.observations * site.units.count, 1)
        change = changes.get(site.name, unknown)
        cells = (
            spelled(site), f"{site.units.count:,}",
            _count(dead.get(site.name, 0)), _share(float(np.sum(site.units.saturated) / values)),
            _share(float(np.sum(site.units.zeros) / values)), _number(site.length),
            _number(site.gradient_rms), _number(change.measured), _number(change.predicted),
        )  # fmt: skip
        rows.append((site.name, cells))
    return rows


class Table(NamedTuple):
    """A table of what is no site: the columns' keys in the messages, and the rows."""

    columns: Row
    rows: list[Row]

    def lines(self, lang: str) -> list[Row]:
        """Give the columns' names and the rows."""
        return [head(self.columns, lang), *self.rows]


def head(columns: Sequence[str], lang: str) -> Row:
    """Name columns."""
    return tuple(text(f"examination_report.column.{key}", lang) for key in columns)


def others(reading: Reading) -> Iterator[Table]:
    """Write the tables of what is no site, each that has a row."""
    for columns, rows in (
        (("attention", "heads", "keys", "entropy", "saturated", "score"), _attentions(reading)),
        (("gate", "units", "silent", "zeros"), _gates(reading)),
        (("router", "experts", "idle", "most", "even"), _routers(reading)),
        (("residual", "rms", "median_channel", "largest_channel"), _residuals(reading)),
    ):
        if rows:
            yield Table(columns, _rows(rows, str))


class Value:
    """A number of a cell, and how one and several are written."""

    def __init__(self, value: float, write: Callable[[float], str], *, add: bool = False) -> None:
        self.value, self.write, self.add = value, write, add

    def __str__(self) -> str:
        return self.write(self.value)


def _attentions(reading: Reading) -> list[tuple[str, Sequence[Any]]]:
    return [
        (
            each.name,
            (f"{len(each.entropy):,}", _number(each.keys), _number(float(np.mean(each.entropy))),
             _share(float(np.mean(each.saturated))), _number(float(each.largest_score.max()))),
        )
        for each in reading.attentions
    ]  # fmt: skip


def _gates(reading: Reading) -> list[tuple[str, Sequence[Any]]]:
    return [
        (
            each.name,
            (f"{len(each.zeros):,}", _count(int((each.active_samples == 0).sum())),
             _share(float(each.zeros.sum() / max(each.observations * len(each.zeros), 1)))),
        )
        for each in reading.gates
    ]  # fmt: skip


def _routers(reading: Reading) -> list[tuple[str, Sequence[Any]]]:
    return [
        (
            each.name,
            (f"{len(each.tokens):,}", _count(int((each.tokens == 0).sum())),
             _share(float(each.tokens.max() / max(each.tokens.sum(), 1))),
             _share(1.0 / len(each.tokens))),
        )
        for each in reading.routers
    ]  # fmt: skip


def _residuals(reading: Reading) -> list[tuple[str, Sequence[Any]]]:
    return [
        (each.name, tuple(map(_number, (each.rms, each.median, each.largest))))
        for each in reading.residuals
    ]


def _count(value: int) -> Value:
    return Value(value, lambda x: f"{int(x):,}", add=True)


def _share(value: float) -> Value:
    return Value(value, lambda x: f"{100 * x:.1f}%" if 0.0 < x < 1.0 else f"{100 * x:.0f}%")


def _number(value: float) -> Value:
    return Value(value, lambda x: "" if math.isnan(x) else "∞" if math.isinf(x) else f"{x:.3g}")


def _rows(rows: Sequence[tuple[str, Sequence[Any]]], called: Callable[[str], str]) -> list[Row]:
    """Write rows out, those of equal parts of blocks together where there are many."""
    groups: dict[Any, list[tuple[str, Sequence[Any]]]] = {}
    for name, cells in rows:
        same = tuple(cell for cell in cells if isinstance(cell, str))
        key = (_pattern(name), same) if len(rows) > LONG else name
        groups.setdefault(key, []).append((name, cells))
    return [
        (
            _together([name for name, _ in group], called),
            *(_cell(column) for column in zip(*(cells for _, cells in group), strict=True)),
        )
        for group in groups.values()
    ]


def _pattern(name: str) -> str:
    """Write a name without the number of its block; one that is a number only keeps it."""
    starred = NUMBER.sub("*", name)
    return starred if re.search(r"[^\W\d_]", starred.partition(":")[0]) else name


def _together(names: Sequence[str], called: Callable[[str], str]) -> str:
    """Name the places of a row: "h.0-11.mlp.act", or with a star and how many."""
    if len(names) == 1:
        return called(names[0])
    found = [tuple(map(int, NUMBER.findall(name))) for name in names]
    pattern = _pattern(names[0])
    varying = [len(set(column)) > 1 for column in zip(*found, strict=True)]
    numbers = iter(
        _range(column) if many else str(column[0])
        for column, many in zip(zip(*found, strict=True), varying, strict=True)
    )
    name = re.sub(r"\*", lambda _: next(numbers), pattern)
    return name if sum(varying) == 1 or len(names) == _product(found) else f"{name} × {len(names)}"


def _product(found: Sequence[tuple[int, ...]]) -> int:
    """Count how many places there are, if each block has what one has."""
    return math.prod(len(set(column)) for column in zip(*found, strict=True))


def _range(indices: Sequence[int]) -> str:
    low, high = min(indices), max(indices)
    whole = len(set(indices)) == high - low + 1
    return f"{low}-{high}" if whole else "*"


def _cell(column: Sequence[Any]) -> str:
    """Write one cell for one or several rows: the number, or the lowest and the highest."""
    first = column[0]
    if isinstance(first, str):
        return first
    if first.add:
        return str(first.write(sum(each.value for each in column)))
    known = sorted(each.value for each in column if not math.isnan(each.value))
    if not known:
        return ""
    low, high = first.write(known[0]), first.write(known[-1])
    return low if low == high else f"{low} – {high}"
