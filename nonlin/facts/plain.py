"""Facts as plain data for JSON, which has no infinite numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from nonlin.facts.fact import Fact, Interval, Inverse

if TYPE_CHECKING:
    from nonlin.facts.record import Properties

__all__ = ["data", "plain"]


def plain(known: Properties, cost: bool = False) -> dict[str, Any]:
    """Give every fact as {"value", "evidence", "how"}, and "not_proved_within" if it was not."""
    return {name: _fact(fact) for name, fact in known.shown(cost).items()}


def _fact(fact: Fact) -> dict[str, Any]:
    late = {} if fact.given_up is None else {"not_proved_within": fact.given_up}
    return {"value": data(fact.value), "evidence": fact.evidence, "how": fact.how, **late}


def data(value: Any) -> Any:
    """Turn a value into dictionaries, lists, strings and finite numbers.

    Examples
    --------
    >>> data((1.0, float("-inf")))
    [1.0, '-inf']
    """
    if isinstance(value, Inverse):
        late = {} if value.given_up is None else {"not_found_within": value.given_up}
        return {"formula": value.formula, "domain": data(value.domain), **late}
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, Interval) or is_dataclass(value):
        return {field.name: data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [data(each) for each in value]
    return value
