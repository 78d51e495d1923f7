"""The study's pictures, and its report as one file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nonlin.explorer.api.study import latest
from nonlin.explorer.wrong import WrongRequestError
from nonlin.extras import missing_package
from nonlin.study import claims
from nonlin.study.results import Results

__all__ = ["figure", "report"]


def figure(phenomenon: str, lang: str) -> bytes:
    """Draw a phenomenon's picture as SVG.

    Raises
    ------
    WrongRequestError
        If there is no such phenomenon, or it was not measured.
    """
    if phenomenon not in {claim.phenomenon for claim in claims.CLAIMS}:
        raise WrongRequestError("absent", status=404)
    svg = _drawn(phenomenon, latest()[0], lang)
    if not svg:
        raise WrongRequestError("absent", status=404)
    return svg


def report(lang: str) -> str:
    """Write the study as one HTML page.

    Raises
    ------
    WrongRequestError
        If Jinja2 is not installed, or there is no study.
    """
    try:
        import jinja2  # noqa: F401
    except ImportError:
        sentence = missing_package("jinja2", lang)
        raise WrongRequestError("package", status=422, sentence=sentence) from None
    from nonlin.report import study_html
    from nonlin.study_figures import PHENOMENA

    results, _ = latest()
    drawn = {name: _drawn(name, results, lang) for name in PHENOMENA}
    return study_html(results, {name: svg.decode() for name, svg in drawn.items() if svg}, lang)


def _drawn(phenomenon: str, results: Results, lang: str) -> bytes:
    from nonlin import study_figures

    # What ships with the package is the numbers alone, without the series that figures show.
    outcomes = {key: each for key, each in results.outcomes.items() if each.series}
    drawn = study_figures.draw(phenomenon, outcomes, lang)
    return b"" if drawn is None else _svg(drawn)


def _svg(drawn: Any) -> bytes:
    from nonlin.figures import save

    with TemporaryDirectory() as folder:
        (file,) = save(drawn, Path(folder) / "figure", ["svg"])
        return file.read_bytes()
