"""The page's tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from theory.maps import Accuracies
from theory.summary import Compared, Summary
from theory.training import MULTIPLES, depth_limit, starts
from theory.words import say

TRAINS = 0.5


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """Write a Markdown table whose first `left` columns are aligned to the left."""
    rule = ["---" if i < left else "---:" for i in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *rows])


def demand_table(points: Sequence[Summary], lang: str) -> str:
    """Say how many points meet each demand, and how far off they are."""
    judged: dict[str, list[Compared | None]] = {
        "factor": [x.factor for x in points],
        "length": [x.judged for x in points if x.kept == "length"],
        "growth": [x.judged for x in points if x.kept == "growth"],
    }
    rows = []
    for demand, found in judged.items():
        errors = [abs(x.error) for x in found if x]
        met = sum(x is not None and x.meets for x in found)
        sizes = [f"{np.median(errors):.2%}", f"{max(errors):.2%}"] if errors else ["", ""]
        counted = say("of", lang, met=met, all=len(found))
        rows.append([say(f"demand.{demand}", lang), counted, *sizes])
    head = [say(key, lang) for key in ("demand", "met", "median", "largest")]
    return table(head, rows, left=2)


def point_table(points: Sequence[tuple[str, Summary]], lang: str) -> str:
    """Write one row a point."""
    columns = ("function", "phase", "variances", "factor", "factor_measured", "error")
    more = ("length", "length_measured", "error", "correlation")
    head = [say(f"column.{key}", lang) for key in (*columns, *more)]
    return table(head, [_row(title, x, lang) for title, x in points], left=3)


def _row(title: str, summary: Summary, lang: str) -> list[str]:
    point = summary.measured.point
    shown = "{value}" if summary.kept == "length" else say("growth", lang)
    predicted, correlation = summary.correlation
    return [
        title,
        say(f"phase.{point.phase}", lang),
        f"{point.weight_variance:.4g}, {point.bias_variance:g}",
        *_cells(summary.factor, "{value}", lang),
        *_cells(summary.judged, shown, lang),
        f"{predicted:.3f} / {correlation:.3f}",
    ]


def _cells(compared: Compared | None, shown: str, lang: str) -> list[str]:
    if compared is None:
        return ["", say("none", lang), ""]
    number = compared.measured
    measured = f"{number:.4g} [{number.least:.4g}, {number.most:.4g}]"
    error = f"{compared.error:+.2%}"
    return [
        shown.format(value=f"{compared.predicted:.4g}"),
        shown.format(value=measured),
        error if compared.meets else f"**{error}**",
    ]


def agreement_table(titles: Mapping[str, str], found: Mapping[str, Accuracies], lang: str) -> str:
    """Count the networks of the maps that do as predicted, on either side of the limit."""
    rows = []
    for name, accuracies in found.items():
        limits = [depth_limit(name, start) for start in starts(name)[: len(MULTIPLES)]]
        trained: dict[bool, list[bool]] = {False: [], True: []}
        for depth, by_start in accuracies.items():
            for limit, seeds in zip(limits, by_start, strict=False):
                trained[depth > limit] += [accuracy > TRAINS for accuracy in seeds]
        within, beyond = trained[False], [not x for x in trained[True]]
        counts = [say("of_networks", lang, met=sum(x), all=len(x)) for x in (within, beyond)]
        rows.append([titles[name], *counts])
    head = [say(f"column.{key}", lang) for key in ("function", "within", "beyond")]
    return table(head, rows, left=1)


def accuracy_table(name: str, found: Accuracies, lang: str) -> str:
    """Write the starts that have names: accuracy by depth, the predicted limit beside."""
    depths = sorted(found)
    rows = []
    for place, start in enumerate(starts(name)):
        if place < len(MULTIPLES):
            continue
        means = [float(np.mean(found[depth][place])) for depth in depths]
        limit = depth_limit(name, start)
        rows.append(
            [
                say(f"start.{start.name}", lang),
                f"{start.weight_variance:.4g}",
                _depth(limit),
                *(f"**{x:.0%}**" if x > TRAINS else f"{x:.0%}" for x in means),
            ]
        )
    head = [say("column.start", lang), "σw²", say("column.limit", lang)]
    return table([*head, *(say("column.depth", lang, depth=x) for x in depths)], rows, left=1)


def _depth(limit: float) -> str:
    if math.isinf(limit):
        return "∞"
    return f"{limit:.3g}" if limit < 1000.0 else f"{limit:,.0f}"
