"""One self-contained HTML file out of a study."""

from nonlin.report.page import study_html

__all__ = ["study_html"]
