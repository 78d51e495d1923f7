"""A gate over both of its inputs: what comes out, and what either gets of the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

import nonlin
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.numbers import column
from nonlin.explorer.parameters import Choice, Number, Slider, Whole, language
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.messages import text

__all__ = ["ENDPOINT", "gate"]


def gate(gate: str, reach: float, points: int, lang: str) -> dict[str, Any]:
    """Compute a gate and both of its derivatives on a square; rows are values, columns gates."""
    chosen = nonlin.get(gate)
    inputs = np.linspace(-reach, reach, points).astype(np.float32)
    # Where two zeros of a partial meet, a product may be -0: it is 0 to people.
    with np.errstate(all="ignore"):
        output = chosen(inputs, inputs[:, None]) + 0.0
        by_gate, by_value = (each + 0.0 for each in chosen.derivative(inputs, inputs[:, None]))
    known = chosen.record
    sizes = {"gate": np.abs(by_gate).max(), "value": np.abs(by_value).max()}
    fields = {key: f"{size:.3g}" for key, size in sizes.items()}
    said = text("explorer_api.gates.slopes", lang, name=known.title, reach=f"{reach:g}", **fields)
    return {
        "name": gate,
        "title": known.title,
        "formula": known.formula,
        "paper": known.paper,
        "inputs": column(inputs),
        "output": column(output),
        "by_gate": column(by_gate),
        "by_value": column(by_value),
        "summary": [said, text(f"explorer_api.gates.{'dies' if _dies(chosen) else 'lives'}", lang)],
    }


def _dies(chosen: Any) -> bool:
    """Tell whether a closed gate passes no gradient at all, neither to itself nor to the value."""
    slopes = chosen.derivative(np.linspace(-4.0, -1.0, 7), 1.0)
    return not any(np.any(each) for each in slopes)


_TITLES = {name: nonlin.get(name).record.title for name in nonlin.gates()}
_TEXT = {"type": "string"}
_ROWS = listing(listing(NUMBER))

ENDPOINT = Endpoint(
    "/api/gate",
    "A gate on a square of both inputs, and its derivatives by either: rows are values, columns "
    "gates",
    (
        Choice("gate", "which one", "swiglu", tuple(_TITLES), _TITLES),
        Number(
            "reach",
            "how far both inputs go",
            4.0,
            low=0.1,
            high=100.0,
            slider=Slider(1.0, 10.0, 0.5),
        ),
        Whole("points", "places of each input", 81, low=2, high=201),
        language,
    ),
    gate,
    record(
        name=_TEXT,
        title=_TEXT,
        formula=_TEXT,
        paper=_TEXT,
        inputs=listing(NUMBER),
        output=_ROWS,
        by_gate=_ROWS,
        by_value=_ROWS,
        summary=listing(_TEXT),
    ),
)
