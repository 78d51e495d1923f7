"""The list of cases: healthy trainings of each family, and each fault in families it fits.

A fault is planted in one variant of each family that has a place for it, in at most `EACH` cases;
of faults that few families can have, other variants follow.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from doctor import families as _families  # noqa: F401 - enters the families
from doctor.faults import FAULTS, Fault, Truth
from doctor.places import places
from doctor.program import FAMILIES, Family, Population, Program, program

EACH = 6
SEEDS = (0, 1)


@dataclass(frozen=True)
class Case:
    """One training.

    Attributes
    ----------
    seed : int
        Of first weights and batches.
    fault : str
        What is planted; empty for a healthy one.
    """

    population: Population
    family: str
    variant: str
    seed: int
    fault: str = ""

    @property
    def name(self) -> str:
        """Its name in records and lists."""
        parts = (self.population, self.family, self.variant, str(self.seed), self.fault)
        return "/".join(x for x in parts if x)

    @property
    def twin(self) -> Case:
        """The same without the fault."""
        return replace(self, fault="")


def family_of(case: Case) -> Family:
    """Give a case's family."""
    return next(x for x in FAMILIES if x.name == case.family)


def fault_of(case: Case) -> Fault:
    """Give a case's fault."""
    return next(x for x in FAULTS if x.name == case.fault)


def made(case: Case) -> tuple[Program, Truth | None]:
    """Make a case's program, with its fault and what should be found of it."""
    found = program(family_of(case), case.variant, case.seed)
    if not case.fault:
        return found, None
    truth = fault_of(case).plant(found)
    if truth is None:
        raise ValueError(f"{case.name}: there is no place for this fault")
    return found, truth


def healthy(population: Population) -> list[Case]:
    """List the healthy trainings of a population."""
    return [
        Case(population, family.name, variant, seed)
        for family in FAMILIES if family.population == population
        for variant in family.variants
        for seed in SEEDS
    ]  # fmt: skip


def fitting(case: Case) -> list[str]:
    """List the faults that a healthy case has a place for, each tried on a copy."""
    whole, _ = made(case)
    places(whole)
    names = []
    for fault in FAULTS:
        model, optimizer = copy.deepcopy((whole.model, whole.optimizer))
        if fault.plant(replace(whole, model=model, optimizer=optimizer)) is not None:
            names.append(fault.name)
    return names


def faulty(fits: dict[Case, Sequence[str]]) -> list[Case]:
    """Choose the faulty cases from what fits the first seed's healthy ones."""
    return [case for fault in FAULTS for case in _chosen(fault.name, fits)]


def _chosen(name: str, fits: dict[Case, Sequence[str]]) -> Iterable[Case]:
    """Take one variant a family, then the others; another order for each fault."""
    by_family: dict[str, list[Case]] = {}
    for case, names in fits.items():
        if name in names:
            by_family.setdefault(case.family, []).append(case)
    rows = [_turned(row, name) for _, row in sorted(by_family.items())]
    rows = _turned(rows, name)
    once = [row[0] for row in rows]
    rest = [case for row in rows for case in row[1:]]
    return [replace(case, fault=name) for case in (once + rest)[:EACH]]


def _turned(row: list[Any], name: str) -> list[Any]:
    """Begin a row at a place that the name chooses."""
    at = zlib.crc32(name.encode()) % len(row) if row else 0
    return row[at:] + row[:at]
