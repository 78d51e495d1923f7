"""How verdicts of several studies agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from nonlin.study.results import Answer, Outcome, Verdict

__all__ = ["Agreement", "agreement", "differing", "tally"]

# The same everywhere; the same where it is decided, and undecided elsewhere; two that contradict.
Agreement = Literal["same", "undecided", "different"]


def agreement(verdicts: Sequence[Verdict]) -> Agreement:
    """Whether one claim's verdicts agree.

    A study that says itself that it cannot tell yet contradicts nobody.
    """
    if len(set(verdicts)) == 1:
        return "same"
    return "undecided" if len(set(verdicts) - {"undecided"}) == 1 else "different"


def tally(rows: Mapping[str, Sequence[Verdict]]) -> dict[Agreement, list[str]]:
    """The claims of each kind of agreement."""
    found: dict[Agreement, list[str]] = {"same": [], "undecided": [], "different": []}
    for claim, verdicts in rows.items():
        found[agreement(verdicts)].append(claim)
    return found


def differing(outcomes: Sequence[Outcome]) -> dict[str, list[Answer | None]]:
    """The conditions of one claim whose answers are not the same everywhere, by circumstance."""
    answers = [{each.name: each.answer for each in outcome.conditions} for outcome in outcomes]
    names = dict.fromkeys(name for each in answers for name in each)
    rows: dict[str, list[Answer | None]] = {n: [each.get(n) for each in answers] for n in names}
    return {name: row for name, row in rows.items() if len(set(row)) > 1}
