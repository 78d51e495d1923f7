"""The document's own five figures."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nonlin import messages
from nonlin.catalogue import get
from nonlin.figures.canvas import new_figure, plain_style, save
from nonlin.figures.fonts import spoken, typeset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["document_figures"]

# The document's figures: name, parameters, label of the y axis, limits of y.
DOCUMENT: tuple[tuple[str, dict[str, float], str, tuple[float, float]], ...] = (
    ("sigmoid", {}, "σ(x)", (-0.1, 1.1)),
    ("tanh", {}, "tanh(x)", (-1.2, 1.2)),
    ("relu", {}, "ReLU(x)", (-2, 10)),
    ("leaky_relu", {"negative_slope": 0.05}, "Leaky ReLU(x)", (-2, 10)),
    ("elu", {"alpha": 1.0}, "ELU(x)", (-2, 10)),
)


def document_figures(
    directory: str | Path, lang: str | None = None, formats: Iterable[str] = ("png", "svg")
) -> list[Path]:
    """Draw the document's five figures, with its axes, limits, zero lines, grid and titles.

    Parameters
    ----------
    directory : path
        Where the files go; made if missing.
    lang : str, optional
        Language of the titles, "en" or "ko"; without it, the locale's.
    formats : iterable of str, default ("png", "svg")
        File formats; each is the suffix of its files.

    Returns
    -------
    list of Path
        The files, in the document's order.

    Raises
    ------
    ValueError
        If matplotlib does not know a format, or the language is unknown.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as directory:
    ...     [path.name for path in document_figures(directory, "en", ["svg"])]
    ['sigmoid.svg', 'tanh.svg', 'relu.svg', 'leaky_relu.svg', 'elu.svg']
    """
    lang = messages.language(lang)
    formats = tuple(formats)
    with plain_style():
        return [
            path
            for name, parameters, label, heights in DOCUMENT
            for path in save(
                _document_figure(name, parameters, label, heights, spoken(lang)),
                Path(directory) / name,
                formats,
            )
        ]


def _document_figure(
    name: str, parameters: dict[str, float], label: str, heights: tuple[float, float], lang: str
) -> "Figure":
    act = get(name)
    x = np.linspace(-10, 10, 1000)
    figure = new_figure(8, 5, layout=None)
    axes = figure.subplots()
    axes.plot(x, act(x, **parameters), "b-", linewidth=2)
    axes.axhline(y=0, color="k", linestyle="-", linewidth=0.8)
    axes.axvline(x=0, color="k", linestyle="-", linewidth=0.8)
    axes.set(xlabel="x", ylabel=label, xlim=(-10, 10), ylim=heights)
    axes.set_title(messages.text(f"figures.document.{name}", lang))
    axes.grid(True, alpha=0.3)
    return typeset(figure, lang)
