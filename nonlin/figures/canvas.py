"""A Figure made and saved without pyplot, and without a trace in matplotlib's settings."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.extras import missing_package

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["STYLES", "new_figure", "plain_style", "save"]

# Okabe and Ito's colours without the yellow, which white paper swallows. Each has a line style of
# its own: the curves stay apart in grey, and to every eye.
STYLES: tuple[tuple[str, Any], ...] = (
    ("#0072B2", "-"),
    ("#D55E00", "--"),
    ("#009E73", "-."),
    ("#000000", ":"),
    ("#CC79A7", (0, (6, 2, 1, 2, 1, 2))),
    ("#56B4E9", (0, (10, 3))),
    ("#E69F00", (0, (3, 2, 1, 2))),
)


def new_figure(width: float, height: float, layout: Any = "constrained") -> "Figure":
    """Make an empty figure that a notebook shows, though pyplot does not know it.

    Parameters
    ----------
    width, height : float
        Size in inches.
    layout : str or None, default "constrained"
        Matplotlib's layout engine.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    _require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=layout)
    # IPython asks an object for this method; only pyplot would teach it to draw any Figure.
    vars(figure)["_repr_png_"] = partial(_png, figure)  # partial, and no lambda, pickles
    return figure


def save(
    figure: "Figure", path: str | Path, formats: Iterable[str] = ("svg", "png"), dpi: int = 150
) -> list[Path]:
    """Write a figure to files whose bytes depend on the figure alone: no date, no random ids.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Where to, without the suffix; the directory is made if missing.
    formats : iterable of str, default ("svg", "png")
        File formats; each is the suffix of its file.
    dpi : int, default 150
        Pixels an inch, where the format has pixels.

    Returns
    -------
    list of Path

    Raises
    ------
    ValueError
        If matplotlib does not know a format.
    """
    import matplotlib

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    undated: dict[str, dict[str, Any]] = {
        "svg": {"Date": None},
        "png": {"Software": None},
        "pdf": {"CreationDate": None},
    }
    written = []
    with matplotlib.rc_context({"svg.hashsalt": "nonlin"}):
        for suffix in formats:
            file = Path(f"{path}.{suffix}")
            figure.savefig(file, format=suffix, dpi=dpi, metadata=undated.get(suffix))
            written.append(file)
    return written


def plain_style() -> AbstractContextManager[None]:
    """Matplotlib's own defaults, whatever the user's, for as long as the context lasts."""
    _require_matplotlib()
    from matplotlib import style

    return style.context("default", after_reset=True)


def _require_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(missing_package("matplotlib")) from error


def _png(figure: "Figure") -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
