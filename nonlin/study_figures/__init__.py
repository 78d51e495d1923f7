"""The study's figures: plain data of its outcomes in, one figure a phenomenon out."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from nonlin.figures import save, spoken, typeset
from nonlin.study_figures.style import study_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome

__all__ = ["PHENOMENA", "draw", "save"]

PHENOMENA = (
    "usage",
    "linearity",
    "ranges",
    "derivatives",
    "cost",
    "probability",
    "centring",
    "sparsity",
    "dying",
    "slope",
    "vanishing",
    "comparison",
)


def draw(phenomenon: str, outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """Draw what the study found of a phenomenon.

    Parameters
    ----------
    phenomenon : str
        One of `PHENOMENA`.
    outcomes : mapping of claim id to nonlin.study.Outcome
        Of the whole study, or a part of it.
    lang : str
        Language of the labels, "en" or "ko"; without a Korean font it is English.

    Returns
    -------
    matplotlib.figure.Figure or None
        None where the outcomes lack what the figure shows.

    Raises
    ------
    ValueError
        If the phenomenon is unknown.
    ImportError
        If matplotlib is not installed.
    """
    if phenomenon not in PHENOMENA:
        raise ValueError(
            f"unknown phenomenon {phenomenon!r}: expected one of {', '.join(PHENOMENA)}"
        )
    lang = spoken(lang)
    with study_style():
        figure = import_module(f"nonlin.study_figures.{phenomenon}").draw(outcomes, lang)
        return None if figure is None else typeset(figure, lang)
