"""Pictures of theory: signals and gradients by layer, and the diagram of order and chaos."""

from typing import TYPE_CHECKING

import numpy as np

from nonlin import messages
from nonlin.figures.canvas import STYLES, new_figure, plain_style
from nonlin.figures.drawing import title
from nonlin.figures.fonts import spoken, typeset
from nonlin.figures.sampling import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.propagation import CriticalLine, GatedPropagation, PhaseDiagram, Propagation

__all__ = ["phase_figure", "propagation_figure"]


def propagation_figure(
    found: "Propagation | GatedPropagation", lang: str | None = None
) -> "Figure":
    """Draw length, correlation and squared gradient by layer.

    Parameters
    ----------
    found : Propagation or GatedPropagation
        With `width`, the gradient has the band of 95 % of networks. Of gated layers there is no
        correlation.
    lang : str, optional
        Language of the labels, "en" or "ko"; without it, the locale's.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import nonlin as nl
    >>> from nonlin.propagation import propagate
    >>> found = propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=20, width=100)
    >>> len(propagation_figure(found, "en").axes)
    3
    """
    from nonlin.propagation import GatedPropagation

    lang = spoken(messages.language(lang))
    if isinstance(found, GatedPropagation):
        return _gated_figure(found, lang)
    with plain_style():
        figure = new_figure(6, 6.6)
        panels = figure.subplots(3, 1, sharex=True)
        layers = np.arange(1.0, found.depth + 1.0)
        _curve(panels[0], layers, found.lengths, found.q_star, "length", lang)
        _curve(panels[1], layers, found.correlations, found.c_star, "correlation", lang)
        _gradient(panels[2], layers, found, lang)
        panels[0].set_title(
            _word(
                "title",
                lang,
                name=title(found.activation, lang),
                weight=f"{found.weight_variance:.4g}",
                bias=f"{found.bias_variance:.4g}",
            )
        )
        _layers(panels[2], found.depth, lang)
    return typeset(figure, lang)


def _gated_figure(found: "GatedPropagation", lang: str) -> "Figure":
    with plain_style():
        figure = new_figure(6, 4.6)
        panels = figure.subplots(2, 1, sharex=True)
        layers = np.arange(1.0, found.depth + 1.0)
        _curve(panels[0], layers, found.lengths, np.nan, "length", lang)
        _curve(panels[1], layers, found.gradients, np.nan, "gradient", lang)
        output = f"{found.output_variance:.4g}"
        panels[0].set_title(_word("gated", lang, name=repr(found.gate), output=output))
        _layers(panels[1], found.depth, lang)
    return typeset(figure, lang)


def _layers(axes: "Axes", depth: int, lang: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel=_word("layer", lang), xlim=(1, max(depth, 2)))


def _word(key: str, lang: str, **fields: object) -> str:
    return messages.text(f"figures.propagation.{key}", lang, **fields)


def _curve(
    axes: "Axes", layers: Floats, values: Floats, settled: float, key: str, lang: str
) -> None:
    axes.plot(layers, np.where(np.isfinite(values), values, np.nan), color=STYLES[0][0])
    if np.isfinite(settled):
        label = _word("settles", lang, value=f"{settled:.4g}")
        axes.axhline(settled, color=STYLES[1][0], linestyle="--", linewidth=1, label=label)
        axes.legend()
    if key != "correlation" and _wide(values):
        axes.set_yscale("log")
    axes.set_ylabel(_word(key, lang))
    axes.grid(alpha=0.3)


def _wide(values: Floats) -> bool:
    positive = values[np.isfinite(values) & (values > 0)]
    return bool(positive.size and positive.max() > 100.0 * positive.min())


def _gradient(axes: "Axes", layers: Floats, found: "Propagation", lang: str) -> None:
    axes.plot(layers, found.gradients, color=STYLES[0][0], label=_word("mean", lang))
    if found.gradient_intervals is not None:
        low, high = found.gradient_intervals.T
        label = _word("band", lang, width=found.width)
        axes.fill_between(layers, low, high, color=STYLES[0][0], alpha=0.2, label=label)
        axes.legend()
    spread = found.gradients if found.gradient_intervals is None else found.gradient_intervals
    if _wide(np.asarray(spread)):
        axes.set_yscale("log")
    axes.set_ylabel(_word("gradient", lang))
    axes.grid(alpha=0.3)


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
