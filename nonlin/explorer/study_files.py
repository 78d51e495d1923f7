"""The study's pictures."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nonlin.explorer.api.study import latest
from nonlin.explorer.wrong import WrongRequestError
from nonlin.study import claims
from nonlin.study.results import Results

__all__ = ["figure"]


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
