"""Curves of activation functions and of their derivatives."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import messages
from nonlin.activation import Activation, expect_activation
from nonlin.axis import AxisFunction
from nonlin.catalogue.along_axis import find_axis_function
from nonlin.figures.canvas import STYLES, new_figure
from nonlin.figures.fonts import spoken, typeset
from nonlin.figures.sampling import Floats, curve, span
from nonlin.gate import Gate, given_gate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot", "title"]


def plot(
    *activations: Activation | Gate | AxisFunction | str,
    derivative: bool = False,
    xlim: tuple[float, float] = (-10, 10),
    ylim: tuple[float, float] | None = None,
    lang: str | None = None,
) -> "Figure":
    """Draw activation functions and, if asked, their derivatives below them.

    A curve breaks where it jumps, as ReLU's derivative does at 0. A gate, which has two inputs, is
    drawn alone: its output over both, and cuts along either. So is a function along an axis, such
    as `nonlin.softmax`: bars of what it makes of a row.

    Parameters
    ----------
    *activations : Activation, Gate, AxisFunction or str
        At least one, or its name; one gate or one function along an axis.
    derivative : bool, default False
        Add a second panel over the same x: the derivatives.
    xlim : pair of float, default (-10, 10)
        Limits of x.
    ylim : pair of float, optional
        Limits of the values; without it, zero and what the curves need.
    lang : str, optional
        Language of the labels, "en" or "ko"; without it, the locale's.

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to pyplot: a notebook shows it, ``figure.savefig(path)`` saves it.

    Raises
    ------
    TypeError
        If an argument is not an `Activation`.
    ValueError
        If there is no activation, or a gate beside another function, limits are not two finite
        increasing numbers, or the language is unknown.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import nonlin as nl
    >>> figure = nl.plot(nl.relu, nl.elu, derivative=True, lang="en")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['φ(x)', 'φ′(x)']
    """
    along_axis = [each for each in activations if find_axis_function(each) is not None]
    if along_axis:
        return _along_axis(activations, derivative, xlim, ylim, lang)
    limits = _limits("xlim", xlim)
    heights = None if ylim is None else _limits("ylim", ylim)
    gates = [gate for gate in map(given_gate, activations) if gate is not None]
    if gates:
        from nonlin.figures.gates import plot_gate

        if len(activations) > 1:
            raise ValueError(
                f"plot draws a gate alone, over two inputs; it got {gates[0]!r} and more"
            )
        return plot_gate(gates[0], derivative, limits, heights, lang)
    acts = _checked(activations)
    x = np.linspace(*limits, 1001)
    figure = new_figure(8, 8 if derivative else 5)
    lang = spoken(messages.language(lang))
    labels = [_label(act, lang) for act in acts]
    panels = figure.subplots(1 + derivative, sharex=True, squeeze=False)[:, 0]
    _panel(panels[0], "value", acts, labels, x, lang)
    if derivative:
        _panel(panels[1], "derivative", [act.derivative for act in acts], labels, x, lang)
    if len(acts) > 1:
        panels[0].legend()
    if heights is not None:
        panels[0].set_ylim(heights)
    panels[-1].set(xlabel="x", xlim=(x[0], x[-1]))
    return typeset(figure, lang)


def _along_axis(
    functions: Sequence[object],
    derivative: bool,
    xlim: tuple[float, float],
    ylim: tuple[float, float] | None,
    lang: str | None,
) -> "Figure":
    from nonlin.figures.axis import plot_axis

    function = find_axis_function(functions[0])
    if len(functions) > 1 or function is None:
        raise ValueError(f"plot draws a function along an axis alone; {len(functions)} came")
    if derivative or tuple(xlim) != (-10, 10) or ylim is not None:
        raise ValueError(f"{function!r} has no curve: derivative, xlim and ylim do not apply")
    return plot_axis(function, lang)


def title(act: Activation, lang: str) -> str:
    """Return the name a reader knows an activation by: "Leaky ReLU" for ``leaky_relu``.

    Parameters
    ----------
    act : Activation
    lang : str

    Returns
    -------
    str
    """
    try:
        return messages.text(f"figures.names.{act.name}", lang)
    except KeyError:
        return act.name if act.record is None else act.record.title


def _panel(
    axes: "Axes",
    kind: str,
    functions: Sequence[Callable[[Floats], Any]],
    labels: Sequence[str],
    x: Floats,
    lang: str,
) -> None:
    samples = [curve(f, x) for f in functions]
    for i, (sample, label) in enumerate(zip(samples, labels, strict=True)):
        color, _ = STYLES[i % len(STYLES)]
        _, line = STYLES[(i + i // len(STYLES)) % len(STYLES)]
        axes.plot(*sample, color=color, linestyle=line, linewidth=2, label=label)
    axes.axhline(0, color="k", linewidth=0.8, zorder=1)
    axes.axvline(0, color="k", linewidth=0.8, zorder=1)
    axes.grid(True, alpha=0.3)
    axes.set_ylabel(messages.text(f"figures.axis.{kind}", lang))
    axes.set_ylim(span(np.concatenate([y for _, y in samples])))
    if len(labels) == 1:
        axes.set_title(messages.text(f"figures.{kind}", lang, name=labels[0]))
    else:
        axes.set_title(messages.text(f"figures.{kind}s", lang))


def _label(act: Activation, lang: str) -> str:
    shown = {n: v if isinstance(v, str) else f"{v:g}" for n, v in act.parameters.items()}
    parameters = ", ".join(f"{name}={value}" for name, value in shown.items())
    return f"{title(act, lang)} ({parameters})" if parameters else title(act, lang)


def _checked(given: Sequence[object]) -> tuple[Activation, ...]:
    if not given:
        raise ValueError("plot expects at least one activation, such as nonlin.relu; none came")
    for i, each in enumerate(given, start=1):
        if not isinstance(each, Activation | str):
            raise TypeError(
                f"plot expects activations, such as nonlin.relu, or names; argument {i} is {each!r}"
                " (nonlin.Activation.from_function makes an activation of a function)"
            )
    return tuple(expect_activation("plot", each) for each in given)


def _limits(name: str, limits: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"{name} expects two finite numbers, the smaller first; it is {limits!r}")
    return low, high
