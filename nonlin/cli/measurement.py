"""Files that a user points at: of a study, of a monitored run."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nonlin.cli.errors import WRONG_USAGE, CommandError, reason
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results
    from nonlin.torch.runs import Run

__all__ = ["loaded", "read", "read_log"]

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


def read_log(file: Path, lang: str) -> "Run":
    """Load a log, or say in a sentence why it cannot be.

    Parameters
    ----------
    file : Path
    lang : str

    Returns
    -------
    Run
        With at least one reading.

    Raises
    ------
    CommandError
    """
    from nonlin.torch.runs import LogError, load

    try:
        run = load(file)
    except OSError as error:
        fields = {"path": file, "reason": reason(error, lang)}
        raise CommandError(text("cli.unreadable", lang, **fields), WRONG_USAGE) from error
    except LogError as error:
        sentence = text("doctor_command.no_log", lang, file=file, reason=error)
        raise CommandError(sentence, WRONG_USAGE) from error
    if run.last is None:
        raise CommandError(text("doctor_command.empty_log", lang, file=file), WRONG_USAGE)
    return run
