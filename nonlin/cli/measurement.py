"""Files of a study that a user points at."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nonlin.cli.errors import CommandError, reason
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results

__all__ = ["loaded", "read"]

Content = TypeVar("Content")


def read(file: Path, lang: str) -> "Results":
    """Load a results.json, or say in a sentence why it cannot be; see `loaded`."""
    from nonlin.study.results import load

    return loaded(file, load, "cli.study.broken", lang)


def loaded(file: Path, load: Callable[[Path], Content], broken: str, lang: str) -> Content:
    """Load a file, or say in a sentence why it cannot be.

    Parameters
    ----------
    file : Path
    load : callable
        Raises OSError and `ResultsError`.
    broken : str
        The message for a file that holds something else.
    lang : str
        Language of the sentence.

    Returns
    -------
    object
        What `load` returns.

    Raises
    ------
    CommandError
        If the file cannot be read, or holds something else.
    """
    from nonlin.study.results import ResultsError

    try:
        return load(file)
    except OSError as error:
        fields = {"path": file, "reason": reason(error, lang)}
        raise CommandError(text("cli.unreadable", lang, **fields)) from error
    except ResultsError as error:
        raise CommandError(text(broken, lang, path=file, reason=error)) from error
