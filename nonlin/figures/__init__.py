"""Figures for paper and screen: curves, the document's own, and what the study's are made with."""

from nonlin.figures.canvas import STYLES, new_figure, plain_style, save
from nonlin.figures.document import document_figures
from nonlin.figures.drawing import plot, title
from nonlin.figures.fonts import korean_font, spoken, typeset
from nonlin.figures.theory import phase_figure, propagation_figure

__all__ = [
    "STYLES",
    "document_figures",
    "korean_font",
    "new_figure",
    "phase_figure",
    "plain_style",
    "plot",
    "propagation_figure",
    "save",
    "spoken",
    "title",
    "typeset",
]
