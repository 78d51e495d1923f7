"""The study on other machines: its verdicts with other roundings and seeds, and its times."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from nonlin.study.design import FIRST_SEED
from nonlin.study.results import Results

__all__ = [
    "Elsewhere",
    "Times",
    "among",
    "contradicting",
    "elsewhere",
    "published",
    "published_times",
    "times",
]


@dataclass(frozen=True)
class Elsewhere:
    """One measurement of the study beside that which ships.

    Parameters
    ----------
    processor, instruction_set, torch_instruction_set : as in a study's environment.
    seeds : (int, int)
        The first and the last that a claim could take.
    verdicts : mapping
        By claim.
    """

    processor: str
    instruction_set: str
    torch_instruction_set: str
    seeds: tuple[int, int]
    verdicts: Mapping[str, str]


def elsewhere(results: Results) -> Elsewhere:
    """Extract what one study found, and under which setting."""
    here, settings = results.environment, results.settings
    first = FIRST_SEED + settings.get("skip", 0)
    return Elsewhere(
        str(here.get("processor") or here["machine"]),
        str(here["instruction_set"]),
        str(here["torch_instruction_set"]),
        (first, first + settings["seeds"] * settings["blocks"] - 1),
        {key: outcome.verdict for key, outcome in results.outcomes.items()},
    )


def published() -> list[Elsewhere]:
    """The measurements of the repository."""
    text = resources.files("nonlin.study").joinpath("elsewhere.json").read_text("utf-8")
    return [Elsewhere(**{**entry, "seeds": tuple(entry["seeds"])}) for entry in json.loads(text)]


def contradicting(results: Results, claims: Collection[str]) -> list[str]:
    """Name the claims whose verdict is decided here and decided otherwise elsewhere."""

    def differs(key: str) -> bool:
        known = {each.verdicts[key] for each in published() if key in each.verdicts}
        known.add(results.outcomes[key].verdict)
        return len(known - {"undecided"}) > 1

    return [key for key in claims if key in results.outcomes and differs(key)]


# Of one processor with the same instruction sets the latest times count.
_KEY = ("processor", "instruction_set", "torch_instruction_set")


@dataclass(frozen=True)
class Times:
    """What one machine took.

    Parameters
    ----------
    processor, cores, instruction_set, torch_instruction_set : as in a study's environment.
    versions : of NumPy and PyTorch.
    nanoseconds : an element's, by place ("cache", "memory"), implementation and function.
    """

    processor: str
    cores: int | None
    instruction_set: str | None
    torch_instruction_set: str
    versions: Mapping[str, str | None]
    nanoseconds: Mapping[str, Mapping[str, Mapping[str, float]]]


def times(results: Results) -> Times | None:
    """A study's times; None if it took none, or those of smaller arrays."""
    outcome = results.outcomes.get("S8")
    if outcome is None or results.settings["quick"] or "nanoseconds" not in outcome.series:
        return None
    here = results.environment
    return Times(
        here.get("processor") or here["machine"],
        here.get("cores"),
        here["instruction_set"],
        here["torch_instruction_set"],
        {package: here["versions"].get(package) for package in ("numpy", "torch")},
        _medians(outcome.series["nanoseconds"]),
    )


def _medians(table: Mapping[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """The medians alone, with four digits: what one machine's rounds say of others is nothing."""
    return {
        where: {
            name: {function: float(f"{bar['median']:.4g}") for function, bar in row.items()}
            for name, row in implementations.items()
        }
        for where, implementations in table.items()
    }


def published_times() -> list[Times]:
    """The machines of the repository."""
    text = resources.files("nonlin.study").joinpath("machines.json").read_text("utf-8")
    return [Times(**entry) for entry in json.loads(text)]


def among(machines: Iterable[Times], one: Times) -> list[Times]:
    """The machines with one more; it takes the place of the same processor's earlier times."""
    others = [each for each in machines if _same(each) != _same(one)]
    return sorted([*others, one], key=_same)


def _same(machine: Times) -> tuple[str, ...]:
    return tuple(str(getattr(machine, name)) for name in _KEY)
