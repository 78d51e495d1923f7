"""Facts of several functions side by side: those in which they differ, and what each costs."""

from __future__ import annotations

from typing import Any

import nonlin
from nonlin.activation import Activation
from nonlin.explorer.api.facts import FACT, cost, facts
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.parameters import Functions, language
from nonlin.explorer.schema import listing, record
from nonlin.messages import text

__all__ = ["ENDPOINT"]


def comparison(f: tuple[tuple[str, Activation], ...], lang: str) -> dict[str, Any]:
    """Set the functions side by side: a row a fact that is not the same for all, and the cost."""
    columns = facts(f, lang)
    rows = []
    for cells in zip(*(each["facts"] for each in columns), strict=True):
        values = [cell["value"] for cell in cells]
        if len(set(values)) > 1 or cells[0]["key"] == "cost":
            rows.append({"key": cells[0]["key"], "label": cells[0]["label"], "cells": list(cells)})
    functions = [{"spec": each["spec"], "title": each["title"]} for each in columns]
    return {"functions": functions, "rows": rows, "summary": _summary(f, lang)}


def _summary(f: tuple[tuple[str, Activation], ...], lang: str) -> list[str]:
    """Say what each function costs, which nobody can see in its curve."""
    priced = [(title(act), cost(act).value) for _, act in f if act != nonlin.relu]
    return [
        text(f"explorer_api.cost.{_word(times)}", lang, name=name, times=f"{times:.1f}")
        for name, times in priced
    ]


def _word(times: float) -> str:
    # Closer than this two timings on one machine say nothing.
    return "same" if 0.9 <= times <= 1.1 else "more" if times > 1.0 else "less"


_TEXT = {"type": "string"}

ENDPOINT = Endpoint(
    "/api/compare",
    "The facts in which functions differ, side by side, and their cost in units of ReLU's",
    (Functions(), language),
    comparison,
    record(
        summary=listing(_TEXT),
        functions=listing(record(spec=_TEXT, title=_TEXT)),
        rows=listing(record(key=_TEXT, label=_TEXT, cells=listing(FACT))),
    ),
    slow=True,
)
