"""Ordered or chaotic: the diagram over the variances of first weights and biases."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.initialisation import unmeasurable
from nonlin.explorer.numbers import column
from nonlin.explorer.parameters import Functions, Whole, language
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.messages import text
from nonlin.propagation import CriticalLine, NotConvergedError, critical_line, phase_diagram

__all__ = ["ENDPOINT", "phase"]

# Weight variances that people use; the diagram goes on to the critical line where that lies beyond.
LOWEST, HIGHEST = 0.1, 10.0


def phase(f: tuple[tuple[str, Activation], ...], size: int, lang: str) -> dict[str, Any]:
    """Compute chi1 over a rectangle of variances, and the line on which it is 1."""
    ((spec, act),) = f
    # Squares lie closer together near 0, where the line bends most.
    biases = np.linspace(0.0, 1.0, size) ** 2
    try:
        line = critical_line(act, biases)
        weights = np.geomspace(*_ends(line), size)
        found = phase_diagram(act, weights, biases)
    except NotConvergedError:
        raise unmeasurable(act) from None
    return {
        "spec": spec,
        "title": title(act),
        "weight_variance": column(weights),
        "bias_variance": column(biases),
        "chi1": column(found.chi1),
        "fixed_length": column(found.q_star),
        "phase": found.phase.tolist(),
        "critical_line": {
            "weight_variance": column(line.weight_variances[line.found]),
            "bias_variance": column(line.bias_variances[line.found]),
        },
        "summary": _summary(line, lang),
    }


def _ends(line: CriticalLine) -> tuple[float, float]:
    weights = line.weight_variances[line.found]
    low, high = weights.min(initial=HIGHEST), weights.max(initial=LOWEST)
    return min(LOWEST, 0.5 * low), max(HIGHEST, 2.0 * high)


def _summary(line: CriticalLine, lang: str) -> list[str]:
    name = title(line.activation)
    if not line.found.any():
        return [text("explorer_api.phase.none", lang, name=name)]
    weights, biases = line.weight_variances[line.found], line.bias_variances[line.found]
    if len(weights) == 1:
        return [text("explorer_api.phase.point", lang, name=name, weight=f"{weights[0]:.4g}")]
    fields = {
        "weight": f"{weights[0]:.4g}",
        "bias": f"{biases[0]:.3g}",
        "last_weight": f"{weights[-1]:.4g}",
        "last_bias": f"{biases[-1]:.3g}",
    }
    return [text("explorer_api.phase.line", lang, name=name, **fields)]


_COLUMN = listing(NUMBER)

ENDPOINT = Endpoint(
    "/api/phase",
    "The gradient's factor a layer over weight variances (rows) and bias variances (columns), and "
    "the critical line",
    (Functions(most=1), Whole("size", "values of each variance", 60, low=2, high=200), language),
    phase,
    record(
        spec={"type": "string"},
        title={"type": "string"},
        weight_variance=_COLUMN,
        bias_variance=_COLUMN,
        chi1=listing(_COLUMN),
        fixed_length=listing(_COLUMN),
        phase=listing(listing({"type": "string"})),
        critical_line=record(weight_variance=_COLUMN, bias_variance=_COLUMN),
        summary=listing({"type": "string"}),
    ),
    slow=True,
)
