"""A run's log that a user points at."""

from pathlib import Path
from typing import TYPE_CHECKING

from nonlin.cli.errors import WRONG_USAGE, CommandError, reason
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.torch.runs import Run

__all__ = ["read"]


def read(file: Path, lang: str) -> "Run":
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
