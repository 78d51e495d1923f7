"""What is used most: a count of default activations in two libraries of released models.

The counts are data with a date, `usage.json`: a sentence with "today" in it is about a day. Names
that a library gives to one function with another formula or precision ("gelu_new") are counted
apart, as they are named: together they would only be further ahead.

Series of R8: {"family": {family: {function: count}}}, the five most frequent of each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, cast

from nonlin.study.context import Context
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.verdict import Condition, fact, judge

FAMILIES = ("transformers", "timm")
SHOWN = 5


def _first(n: Mapping[str, Number]) -> list[Condition]:
    """R8: in each family no function is counted more often than ReLU."""
    return [fact(f, n[f"{f}_relu"].value >= n[f"{f}_most"].value, needed=False) for f in FAMILIES]


RULES: Rules = {"R8": _first}


def counts() -> Mapping[str, Any]:
    """The counts that ship with the package."""
    text = resources.files("nonlin.study").joinpath("usage.json").read_text("utf-8")
    return cast(Mapping[str, Any], json.loads(text))


def measure(context: Context) -> list[Outcome]:
    """Compare ReLU's count with the largest one."""
    numbers: list[Number] = []
    series: dict[str, dict[str, int]] = {}
    for name in FAMILIES:
        functions: dict[str, int] = counts()["families"][name]["functions"]
        ranked = sorted(functions.items(), key=lambda item: -item[1])
        series[name] = dict(ranked[:SHOWN])
        numbers += [
            Number(f"{name}_relu", functions["relu"]),
            Number(f"{name}_most", ranked[0][1]),
            Number(f"{name}_rank", 1 + [function for function, _ in ranked].index("relu")),
            Number(f"{name}_all", sum(functions.values())),
        ]
    context.progress(1.0)
    return [judge("R8", RULES, numbers, series={"family": series})]
