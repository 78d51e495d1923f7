"""A gate: its output over both inputs, and cuts through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import messages
from nonlin.facts.gates_said import gate_title
from nonlin.figures.canvas import STYLES, new_figure
from nonlin.figures.fonts import spoken, typeset
from nonlin.figures.sampling import Floats, span
from nonlin.gate import Gate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Where the cuts are, in parts of the half width.
CUTS = (-1.0, -0.25, 0.25, 1.0)

LEVELS = 21


def plot_gate(
    gate: Gate,
    derivative: bool = False,
    xlim: tuple[float, float] = (-10, 10),
    ylim: tuple[float, float] | None = None,
    lang: str | None = None,
) -> Figure:
    """Draw a gate: contours over gate and value, and cuts along either.

    Parameters
    ----------
    gate : Gate
    derivative : bool, default False
        Add a second row of cuts: the partial derivatives, by the gate and by the value.
    xlim : pair of float, default (-10, 10)
        Limits of both inputs.
    ylim : pair of float, optional
        Limits of the outputs in the cuts.
    lang : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    lang = spoken(messages.language(lang))
    inputs = np.linspace(*xlim, 401)
    figure = new_figure(14, 8 if derivative else 4.6)
    panels = figure.subplots(1 + derivative, 3, squeeze=False)
    _contours(figure, panels[0, 0], gate, inputs, _word("output", lang), lang)
    figure.suptitle(_word("surface", lang, name=_label(gate, lang)))
    _along(panels[0, 1], "gate", gate, inputs, lang, _word("output", lang))
    _along(panels[0, 2], "value", gate, inputs, lang, _word("output", lang))
    if derivative:
        words = [messages.text(f"gates.slope.by_{each}", lang) for each in ("gate", "value")]
        by_gate, by_value = (_partial(gate, k) for k in range(2))
        _contours(figure, panels[1, 0], by_gate, inputs, words[0], lang)
        _along(panels[1, 1], "gate", by_gate, inputs, lang, words[0])
        _along(panels[1, 2], "value", by_value, inputs, lang, words[1])
    if ylim is not None:
        for axes in panels[0, 1:]:
            axes.set_ylim(ylim)
    return typeset(figure, lang)


def _partial(gate: Gate, index: int) -> Callable[..., Any]:
    return lambda g, v: gate.derivative(g, v)[index]


def _word(key: str, lang: str, **fields: object) -> str:
    return messages.text(f"gates.figure.{key}", lang, **fields)


def _label(gate: Gate, lang: str) -> str:
    shown = {n: v if isinstance(v, str) else f"{v:g}" for n, v in gate.parameters.items()}
    parameters = ", ".join(f"{name}={value}" for name, value in shown.items())
    title = gate_title(gate, lang)
    return f"{title} ({parameters})" if parameters else title


def _contours(
    figure: Figure,
    axes: Axes,
    function: Callable[..., Any],
    inputs: Floats,
    label: str,
    lang: str,
) -> None:
    output = function(inputs, inputs[:, None])
    # The middle colour is 0, whatever the range.
    size = float(np.abs(output[np.isfinite(output)]).max(initial=0.0)) or 1.0
    levels = np.linspace(-size, size, LEVELS)
    drawn = axes.contourf(inputs, inputs, output, levels=levels, cmap="RdBu_r")
    axes.contour(inputs, inputs, output, levels=levels, colors="k", linewidths=0.3)
    figure.colorbar(drawn, ax=axes, label=label)
    axes.set(xlabel=_word("gate", lang), ylabel=_word("value", lang))
    axes.set_aspect("equal")


def _along(
    axes: Axes, which: str, function: Callable[..., Any], inputs: Floats, lang: str, label: str
) -> None:
    other = "value" if which == "gate" else "gate"
    centre, half = 0.5 * (inputs[0] + inputs[-1]), 0.5 * (inputs[-1] - inputs[0])
    curves = []
    for (color, line), part in zip(STYLES, CUTS, strict=False):
        fixed = np.full_like(inputs, centre + part * half)
        pair = (inputs, fixed) if which == "gate" else (fixed, inputs)
        curves.append(function(*pair))
        name = _word(f"at_{other}", lang, **{other: f"{fixed[0]:g}"})
        axes.plot(inputs, curves[-1], color=color, linestyle=line, linewidth=2, label=name)
    axes.axhline(0, color="k", linewidth=0.8, zorder=1)
    axes.axvline(0, color="k", linewidth=0.8, zorder=1)
    axes.grid(True, alpha=0.3)
    axes.set(xlabel=_word(which, lang), ylabel=label, xlim=(inputs[0], inputs[-1]))
    axes.set_ylim(span(np.concatenate(curves)))
    axes.set_title(_word(f"along_{which}", lang))
    axes.legend()
