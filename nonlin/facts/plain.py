"""Facts as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nonlin.facts.fact import Fact
from nonlin.plain import data

if TYPE_CHECKING:
    from nonlin.facts.gates import GateProperties
    from nonlin.facts.record import Properties

__all__ = ["of_gate", "plain"]


def plain(known: Properties, cost: bool = False) -> dict[str, Any]:
    """Give every fact as {"value", "evidence", "how"}, and "not_proved_within" if it was not."""
    return {name: _fact(fact) for name, fact in known.shown(cost).items()}


def of_gate(known: GateProperties) -> dict[str, Any]:
    """Give every fact of a gate."""
    return {name: _fact(fact) for name, fact in known.facts().items()}


def _fact(fact: Fact) -> dict[str, Any]:
    late = {} if fact.given_up is None else {"not_proved_within": fact.given_up}
    return {"value": data(fact.value), "evidence": fact.evidence, "how": fact.how, **late}
