"""A slider in a live notebook; all of its values side by side on a page."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["slider"]

# The site has no kernel behind it, so it sets this: its pages show every value at once.
STATIC = "NONLIN_STATIC"


def slider(draw: Callable[["Axes", Any], None], values: Sequence[Any], name: str) -> Any:
    """Draw a picture for a value that one can slide.

    Parameters
    ----------
    draw : callable
        Draws on a matplotlib ``Axes``, given the value.
    values : sequence
        Where the slider stops.
    name : str
        What the value is called.

    Returns
    -------
    matplotlib.figure.Figure or None
        A picture for each value, side by side; None where ipywidgets is installed and shows the
        slider instead.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    if not os.environ.get(STATIC):
        try:
            return _live(draw, values, name)
        except ImportError:
            pass
    return _figure(draw, values, name)


def _figure(draw: Callable[["Axes", Any], None], values: Sequence[Any], name: str) -> "Figure":
    from nonlin.figures.canvas import new_figure, plain_style

    with plain_style():
        figure = new_figure(3.2 * len(values), 3.0)
        panels = figure.subplots(1, len(values), squeeze=False)[0]
        for axes, value in zip(panels, values, strict=True):
            draw(axes, value)
            axes.set_title(f"{name} = {value}")
    return figure


def _live(draw: Callable[["Axes", Any], None], values: Sequence[Any], name: str) -> None:
    from IPython import get_ipython
    from IPython.display import display
    from ipywidgets import SelectionSlider, interact

    # A plain interpreter has no page for a slider to stand on.
    if get_ipython() is None:
        raise ImportError("no notebook runs")
    middle = values[len(values) // 2]
    handle = SelectionSlider(options=values, value=middle, description=name)
    interact(lambda value: display(_figure(draw, [value], name)), value=handle)
