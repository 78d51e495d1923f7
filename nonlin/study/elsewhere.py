"""The verdicts of the study with other roundings, other seeds and on other processors.

`elsewhere.json` holds what `make study-stability` found: the verdicts alone, and what was other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources

from nonlin.study.results import Results
from nonlin.study.seeds import FIRST

__all__ = ["Elsewhere", "contradicting", "elsewhere", "published"]


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
    first = FIRST + settings.get("skip", 0)
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
