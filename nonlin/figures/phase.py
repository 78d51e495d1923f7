"""The diagram of ordered and chaotic networks."""

from typing import TYPE_CHECKING

import numpy as np

from nonlin import messages
from nonlin.figures.canvas import new_figure, plain_style
from nonlin.figures.drawing import title
from nonlin.figures.fonts import spoken, typeset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.propagation import CriticalLine, PhaseDiagram

__all__ = ["phase_figure"]

# Colours end here: deeper networks than this look alike.
DEEPEST = 1000.0


def phase_figure(
    diagram: "PhaseDiagram", line: "CriticalLine | None" = None, lang: str | None = None
) -> "Figure":
    """Draw how deep networks can be over weight and bias variances, and the critical line.

    Parameters
    ----------
    diagram : PhaseDiagram
    line : CriticalLine, optional
    lang : str, optional
        Language of the labels, "en" or "ko"; without it, the locale's.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import nonlin as nl
    >>> from nonlin.propagation import phase_diagram
    >>> figure = phase_figure(phase_diagram(nl.tanh, [1.0, 2.0], [0.0, 0.5]), lang="en")
    >>> figure.axes[0].get_xlabel()
    'weight variance'
    """
    from matplotlib.colors import LogNorm

    lang = spoken(messages.language(lang))
    with plain_style():
        figure = new_figure(6, 4.4)
        axes = figure.subplots()
        depth = np.clip(np.nan_to_num(diagram.gradient_depth, nan=1.0), 1.0, DEEPEST)
        x, y = diagram.weight_variances, diagram.bias_variances
        mesh = axes.pcolormesh(
            x, y, depth.T, norm=LogNorm(1.0, DEEPEST), cmap="viridis", shading="nearest"
        )
        figure.colorbar(mesh, label=_word("layers", lang), ax=axes)
        if line is not None and line.found.any():
            color, marker = "#FFFFFF", "." if line.found.sum() < 2 else ""
            axes.plot(
                line.weight_variances, line.bias_variances, color=color, linewidth=2, marker=marker
            )
        _name_phases(axes, diagram, lang)
        axes.set(
            xlabel=_word("weight", lang),
            ylabel=_word("bias", lang),
            xlim=(x.min(), x.max()),
            ylim=(y.min(), y.max()),
            title=_word("phase_title", lang, name=title(diagram.activation, lang)),
        )
    return typeset(figure, lang)


def _name_phases(axes: "Axes", diagram: "PhaseDiagram", lang: str) -> None:
    """Write the name of each phase that is wide enough into its middle."""
    weights, biases = np.meshgrid(diagram.weight_variances, diagram.bias_variances, indexing="ij")
    for phase in ("ordered", "chaotic"):
        there = diagram.phase == phase
        if there.mean() > 0.1:
            axes.text(
                float(weights[there].mean()),
                float(biases[there].mean()),
                _word(phase, lang),
                ha="center",
                va="center",
                color="white",
                bbox={"facecolor": "black", "alpha": 0.45, "linewidth": 0},
            )


def _word(key: str, lang: str, **fields: object) -> str:
    return messages.text(f"figures.propagation.{key}", lang, **fields)
