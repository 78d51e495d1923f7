"""How propagations and phase diagrams are shown: a line, a table for terminal or notebook, data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.messages import language, text
from nonlin.plain import data

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from nonlin.propagation.critical import CriticalLine
    from nonlin.propagation.gated_layers import GatedPropagation
    from nonlin.propagation.phase import PhaseDiagram
    from nonlin.propagation.propagate import Propagation
    from nonlin.propagation.quadrature import Array

# So many layers are listed at most, evenly spread.
ROWS = 12
SUMMARY = ("q_star", "chi1", "c_star", "xi_q", "xi_c", "max_depth")
NETWORK = ("weight_variance", "bias_variance", "depth", "width", "residual", "phase")
ARRAYS = ("lengths", "correlations", "gradient_factors", "gradients", "gradient_intervals")
GATED = ("gate_variance", "value_variance", "output_variance", "depth", "residual")

_LEFT = "text-align:left;padding:.15em 1em .15em 0;word-break:keep-all"

Row = Sequence[str]


def propagation_line(found: Propagation) -> str:
    """Write a propagation without its arrays."""
    asked = [f"weight_variance={found.weight_variance:.6g}"]
    asked += [f"bias_variance={found.bias_variance:.6g}", f"depth={found.depth}"]
    asked += [] if found.width is None else [f"width={found.width}"]
    asked += [] if found.residual is None else [f"residual={found.residual:.6g}"]
    said = (
        f"{found.phase}, q*={found.q_star:.4g}, chi1={found.chi1:.4g}, c*={found.c_star:.4g}, "
        f"gradients[0]={found.gradients[0]:.4g}, max_depth={found.max_depth:.4g}"
    )
    return f"<Propagation of {found.activation!r}, {', '.join(asked)}: {said}>"


def propagation_title(found: Propagation, name: str, lang: str) -> str:
    """Name the function and the network."""
    weight, bias = short(found.weight_variance), short(found.bias_variance)
    return text("cli.propagate.title", lang, name=name, weight=weight, bias=bias)


def propagation_summary(found: Propagation, lang: str) -> list[tuple[str, str]]:
    """Say what a propagation settles at: label and value."""

    def said(name: str) -> str:
        value = getattr(found, name)
        if math.isnan(value):
            return text("cli.propagate.unknown", lang)
        if name == "max_depth" and math.isinf(value):
            return text("cli.propagate.unlimited", lang)
        return short(value)

    phase = text(f"cli.propagate.phases.{found.phase}", lang)
    rows = [(text(f"cli.propagate.{name}", lang), said(name)) for name in SUMMARY]
    return [(text("cli.propagate.phase", lang), phase), *rows]


def propagation_layers(found: Propagation, lang: str) -> tuple[Row, list[Row]]:
    """List layers, evenly spread: headings and rows."""
    names = ["layer", "length", "correlation", "gradient"]
    names += ["interval"] if found.gradient_intervals is not None else []
    rows: list[Row] = []
    for layer in _spread(found.depth):
        values = [found.lengths, found.correlations, found.gradients]
        row = [str(layer), *(f"{float(value[layer - 1]):.5g}" for value in values)]
        if found.gradient_intervals is not None:
            low, high = found.gradient_intervals[layer - 1]
            row.append(f"{low:.3g} – {high:.3g}")
        rows.append(row)
    return [text(f"cli.propagate.{name}", lang) for name in names], rows


def propagation_table(found: Propagation, lang: str | None = None, critical: bool = False) -> Group:
    """Make what a terminal shows; `critical` if the weight variance was chosen to be that."""
    lang = language(lang)
    title = propagation_title(found, found.activation.name, lang)
    title += f"\n{text('cli.propagate.critical', lang)}" if critical else ""
    return _group(title, propagation_summary(found, lang), *propagation_layers(found, lang))


def propagation_html(found: Propagation, lang: str | None = None) -> str:
    """Write what a propagation settles at as a table."""
    lang = language(lang)
    title = propagation_title(found, repr(found.activation), lang)
    return _html(title, propagation_summary(found, lang), lang)


def propagation_plain(found: Propagation) -> dict[str, Any]:
    """Give the network, what it settles at, and every layer."""
    names = (*NETWORK, *SUMMARY, *ARRAYS)
    return {"activation": repr(found.activation)} | {n: data(getattr(found, n)) for n in names}


def gated_line(found: GatedPropagation) -> str:
    """Write a propagation through gated layers without its arrays."""
    asked = ", ".join(
        f"{name}={getattr(found, name):.6g}" for name in GATED if getattr(found, name) is not None
    )
    said = f"lengths[-1]={found.lengths[-1]:.4g}, gradients[0]={found.gradients[0]:.4g}"
    return f"<GatedPropagation of {found.gate!r}, {asked}: {said}>"


def gated_title(found: GatedPropagation, lang: str) -> str:
    """Name the gate and the network."""
    output = short(found.output_variance)
    return text("cli.propagate.gated", lang, name=repr(found.gate), output=output)


def gated_summary(found: GatedPropagation, lang: str) -> list[tuple[str, str]]:
    """Say which lengths stay, without residual branches."""
    if found.residual is not None:
        return []
    kept = [
        text(
            f"cli.propagate.{'attracts' if each.stable else 'repels'}",
            lang,
            length=short(each.length),
        )
        for each in found.fixed_lengths
    ]
    none = text("cli.propagate.no_length", lang)
    return [(text("cli.propagate.kept", lang), "\n".join(kept) or none)]


def gated_layers(found: GatedPropagation, lang: str) -> tuple[Row, list[Row]]:
    """List layers, evenly spread: headings and rows."""
    values = [found.lengths, found.gradients]
    rows: list[Row] = [
        [str(layer), *(f"{float(value[layer - 1]):.5g}" for value in values)]
        for layer in _spread(found.depth)
    ]
    return [text(f"cli.propagate.{name}", lang) for name in ("layer", "length", "gradient")], rows


def gated_table(found: GatedPropagation, lang: str | None = None) -> Group:
    """Make what a terminal shows."""
    lang = language(lang)
    return _group(gated_title(found, lang), gated_summary(found, lang), *gated_layers(found, lang))


def gated_html(found: GatedPropagation, lang: str | None = None) -> str:
    """Write the layers as a table."""
    lang = language(lang)
    headings, rows = gated_layers(found, lang)
    return _html(gated_title(found, lang), [*gated_summary(found, lang), headings, *rows], lang)


def gated_plain(found: GatedPropagation) -> dict[str, Any]:
    """Give the network and every layer."""
    names = (*GATED, "lengths", "gradient_factors", "gradients", "fixed_lengths")
    return {"gate": repr(found.gate)} | {name: data(getattr(found, name)) for name in names}


def line_points(line: CriticalLine) -> list[tuple[float, float, float, bool]]:
    """Give each point: bias variance, weight variance, length, whether there is one."""
    columns = (line.bias_variances, line.weight_variances, line.q_star, line.found)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def line_rows(line: CriticalLine, lang: str) -> tuple[Row, list[Row]]:
    """List the points: headings and rows."""
    rows: list[Row] = []
    for bias, weight, q, found in line_points(line):
        length = text("cli.phase.every", lang) if math.isnan(q) else short(q)
        none = (text("cli.phase.none", lang), "–")
        rows.append((short(bias), *((short(weight), length) if found else none)))
    return [text(f"cli.phase.{key}", lang) for key in ("bias", "weight", "q_star")], rows


def line_title(line: CriticalLine, lang: str) -> str:
    """Name the function."""
    return text("cli.phase.title", lang, name=line.activation.name)


def line_table(line: CriticalLine, lang: str | None = None) -> Group:
    """Make what a terminal shows."""
    lang = language(lang)
    return _group(line_title(line, lang), (), *line_rows(line, lang))


def line_html(line: CriticalLine, lang: str | None = None) -> str:
    """Write the points as a table."""
    lang = language(lang)
    headings, rows = line_rows(line, lang)
    return _html(line_title(line, lang), [headings, *rows], lang)


def line_plain(line: CriticalLine) -> dict[str, Any]:
    """Give every point; a length that may be any is "every", and what there is none of is null."""
    points = [
        {
            "bias_variance": bias,
            "weight_variance": weight if found else None,
            "q_star": None if not found else "every" if math.isnan(q) else q,
        }
        for bias, weight, q, found in line_points(line)
    ]
    return {"activation": repr(line.activation), "critical_line": data(points)}


def diagram_line(found: PhaseDiagram) -> str:
    """Write a phase diagram without its arrays."""
    weights, biases = (_span(each, "en") for each in (found.weight_variances, found.bias_variances))
    shares = ", ".join(f"{name} {share}" for name, share in _shares(found))
    grid = f"{found.activation!r}, weight_variances {weights}, bias_variances {biases}"
    return f"<PhaseDiagram of {grid}: {shares}>"


def diagram_title(found: PhaseDiagram, lang: str) -> str:
    """Name the function and the grid."""
    return text(
        "cli.phase.diagram",
        lang,
        name=repr(found.activation),
        weight=_span(found.weight_variances, lang),
        bias=_span(found.bias_variances, lang),
    )


def diagram_shares(found: PhaseDiagram, lang: str) -> list[tuple[str, str]]:
    """Say how much of a phase diagram each phase takes: label and value."""
    return [(text(f"cli.propagate.phases.{name}", lang), share) for name, share in _shares(found)]


def diagram_table(found: PhaseDiagram, lang: str | None = None) -> Group:
    """Make a table of how much of the diagram each phase takes."""
    lang = language(lang)
    return _group(diagram_title(found, lang), diagram_shares(found, lang), (), [])


def diagram_html(found: PhaseDiagram, lang: str | None = None) -> str:
    """Write how much of a phase diagram each phase takes as a table."""
    lang = language(lang)
    return _html(diagram_title(found, lang), diagram_shares(found, lang), lang)


def diagram_plain(found: PhaseDiagram) -> dict[str, Any]:
    """Give the grid, and what was found at each of its points."""
    names = ("weight_variances", "bias_variances", "q_star", "chi1", "xi_q", "gradient_depth")
    grid = {name: data(getattr(found, name)) for name in (*names, "phase")}
    return {"activation": repr(found.activation), **grid}


def short(value: float) -> str:
    """Write a number with six digits.

    Examples
    --------
    >>> short(float("inf")), short(0.5)
    ('∞', '0.5')
    """
    return "∞" if math.isinf(value) else f"{value:.6g}"


def _spread(depth: int) -> list[int]:
    layers = np.linspace(1, depth, min(ROWS, depth)).round().astype(int)
    return [int(layer) for layer in np.unique(layers)]


def _span(values: Array, lang: str) -> str:
    low, high = f"{values.min():.4g}", f"{values.max():.4g}"
    return text("cli.phase.span", lang, low=low, high=high, count=values.size)


def _shares(found: PhaseDiagram) -> list[tuple[str, str]]:
    names, counts = np.unique(found.phase, return_counts=True)
    return [
        (str(name), f"{count / found.phase.size:.0%}")
        for name, count in zip(names, counts, strict=True)
    ]


def _html(title: str, rows: Iterable[Row], lang: str) -> str:
    head = f'<th scope="row" style="{_LEFT};font-weight:normal;opacity:.75">'
    cells = "".join(
        f"<tr>{head}{escape(label)}</th>"
        + "".join(f'<td style="{_LEFT}">{escape(value)}</td>' for value in values)
        + "</tr>"
        for label, *values in rows
    )
    return f'<table lang="{lang}"><caption style="{_LEFT}">{escape(title)}</caption>{cells}</table>'


def _group(title: str, facts: Sequence[Row], headings: Row, rows: Sequence[Row]) -> Group:
    """Put a title, label and value in lines, and a table below one another."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    name, _, more = title.partition("\n")
    parts: list[Text | Table | str] = [Text(name, style="bold"), *([more] if more else [])]
    if facts:
        grid = Table.grid(padding=(0, 3, 0, 0))
        grid.add_column(style="dim")
        for fact in facts:
            grid.add_row(*fact)
        parts.append(grid)
    if rows:
        made = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
        for heading in headings:
            made.add_column(heading, overflow="fold")
        for row in rows:
            made.add_row(*row)
        parts += ["", made] if facts else [made]
    return Group(*parts)
