"""One self-contained HTML file out of a study, or out of an examination."""

from nonlin.report.examined import examination
from nonlin.report.page import study_html

__all__ = ["examination", "study_html"]
