"""A results.json that a user points at."""

from pathlib import Path
from typing import TYPE_CHECKING

from nonlin.cli.errors import CommandError, reason
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results

__all__ = ["read"]


def read(file: Path, lang: str) -> "Results":
    """Load results, or say in a sentence why they cannot be.

    Parameters
    ----------
    file : Path
    lang : str
        Language of the sentence.

    Returns
    -------
    Results

    Raises
    ------
    CommandError
        If the file cannot be read, or holds something else.
    """
    from nonlin.study.results import ResultsError, load

    try:
        return load(file)
    except OSError as error:
        fields = {"path": file, "reason": reason(error, lang)}
        raise CommandError(text("cli.unreadable", lang, **fields)) from error
    except ResultsError as error:
        raise CommandError(text("cli.study.broken", lang, path=file, reason=error)) from error
