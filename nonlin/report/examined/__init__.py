"""The report on a model: what was found in it, with its proof, cause and remedy."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.messages import language
from nonlin.report.examined.page import examination_html

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam
    from nonlin.torch.runs import Run

__all__ = ["examination", "examination_html"]


def examination(
    exam: "Exam | None",
    path: str | Path,
    lang: str | None = None,
    *,
    run: "Run | None" = None,
    remedies: Sequence[Any] = (),
) -> Path:
    """Write the report on an examination, on a run, or on both as one HTML file.

    The file needs nothing but itself, holds both languages, and no path or host name of the machine
    that made it.

    Parameters
    ----------
    exam : Exam or None
        None for a run of which there is the log alone.
    path : str or Path
    lang : str, optional
        The language it opens in; without it the locale decides.
    run : Run, optional
        `nonlin.torch.Monitor.run`, or what `nonlin.torch.runs.load` read.
    remedies : sequence of Remedy
        Those that were tried.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If there is neither an examination nor a reading of a run.
    """
    file = Path(path)
    page = examination_html(exam, language(lang), run=run, remedies=remedies)
    file.write_text(page, encoding="utf-8")
    return file
