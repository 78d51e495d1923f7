"""What a prompt and a notebook show of propagations and phase diagrams: a line, a small table."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from nonlin.messages import language, text

if TYPE_CHECKING:
    from nonlin.propagation.phase import PhaseDiagram
    from nonlin.propagation.propagate import Propagation
    from nonlin.propagation.quadrature import Array

__all__ = ["diagram_html", "diagram_line", "propagation_html", "propagation_line"]

_LEFT = "text-align:left;padding:.15em 1em .15em 0"


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


def propagation_html(found: Propagation, lang: str | None = None) -> str:
    """Write what a propagation settles at as a table."""
    lang = language(lang)
    rows = [("phase", text(f"cli.propagate.phases.{found.phase}", lang))]
    rows += [
        (name, f"{getattr(found, name):.4g}")
        for name in ("q_star", "chi1", "c_star", "xi_q", "xi_c")
    ]
    return _table(
        text(
            "cli.propagate.title",
            lang,
            name=repr(found.activation),
            weight=f"{found.weight_variance:.6g}",
            bias=f"{found.bias_variance:.6g}",
        ),
        ((text(f"cli.propagate.{name}", lang), value) for name, value in rows),
        lang,
    )


def diagram_line(found: PhaseDiagram) -> str:
    """Write a phase diagram without its arrays."""
    shares = ", ".join(f"{name} {share}" for name, share in _shares(found))
    return (
        f"<PhaseDiagram of {found.activation!r}, weight_variances {_span(found.weight_variances)}, "
        f"bias_variances {_span(found.bias_variances)}: {shares}>"
    )


def diagram_html(found: PhaseDiagram, lang: str | None = None) -> str:
    """Write how much of a phase diagram each phase takes as a table."""
    return _table(diagram_line(found).partition(":")[0].strip("<"), _shares(found), language(lang))


def _span(values: Array) -> str:
    return f"{values.min():.4g} to {values.max():.4g} ({values.size})"


def _shares(found: PhaseDiagram) -> list[tuple[str, str]]:
    names, counts = np.unique(found.phase, return_counts=True)
    return [
        (str(name), f"{count / found.phase.size:.0%}")
        for name, count in zip(names, counts, strict=True)
    ]


def _table(title: str, rows: Iterable[tuple[str, str]], lang: str) -> str:
    cells = "".join(
        f'<tr><th scope="row" style="{_LEFT};font-weight:normal;opacity:.75">{escape(label)}</th>'
        f'<td style="{_LEFT}">{escape(value)}</td></tr>'
        for label, value in rows
    )
    return f'<table lang="{lang}"><caption style="{_LEFT}">{escape(title)}</caption>{cells}</table>'
