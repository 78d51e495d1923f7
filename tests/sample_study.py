"""A study made by hand: every number of every finding is 0.25, from 0.125 to 0.5, n = 7."""

import json
from collections.abc import Iterable
from importlib.resources import files
from string import Formatter

from nonlin.study import claims
from nonlin.study.results import Number, Outcome, Results

VALUE, LOW, HIGH, N = 0.25, 0.125, 0.5, 7
ENVIRONMENT = {
    "python": "3.11.7",
    "system": "Linux",
    "machine": "x86_64",
    "processor": "Some CPU",
    "cores": 2,
    "versions": {"nonlin": "0.1.0", "numpy": "2.4.6", "torch": "2.13.0+cpu", "sympy": None},
    "instruction_set": "v3",
    "torch_instruction_set": "AVX2",
    "dtype": "float32",
    "threads": 2,
}


def study(
    ids: Iterable[str] | None = None,
    *,
    verdicts: dict[str, str] | None = None,
    complete: bool = True,
    quick: bool = False,
    seeds: int = 5,
) -> Results:
    """Results of these claims, all of them by default; a claim holds unless `verdicts` says not."""
    chosen = claims.ids() if ids is None else tuple(ids)
    outcomes = {key: _outcome(key, (verdicts or {}).get(key, "holds")) for key in chosen}
    settings = {"seeds": seeds, "quick": quick, "blocks": 1 if quick else 3}
    return Results(complete, settings, ENVIRONMENT, outcomes)


def _outcome(claim: str, verdict: str) -> Outcome:
    numbers = tuple(Number(name, VALUE, LOW, HIGH, N) for name in _fields(claim))
    return Outcome(claim, verdict, "proved" if claim.endswith("1") else "measured", numbers)


def _fields(claim: str) -> list[str]:
    """Name the numbers that the claim's finding speaks of."""
    names: dict[str, None] = {}
    for language in ("en", "ko"):
        source = files("nonlin.messages").joinpath(f"{language}.json").read_text("utf-8")
        template = json.loads(source)["study"]["claims"][claim]["finding"]
        for _, field, _, _ in Formatter().parse(template):
            if field:
                names[field.partition(".")[0]] = None
    return list(names)
