"""What can go wrong for a user, each as one sentence and an exit code."""

import errno
from collections.abc import Iterable
from difflib import get_close_matches

from nonlin.extras import missing_package
from nonlin.messages import text

__all__ = [
    "FAILED",
    "INTERRUPTED",
    "NOTHING_SEEN",
    "WRONG_USAGE",
    "CommandError",
    "missing",
    "nearest",
    "reason",
    "unwritable",
]

FAILED = 1
WRONG_USAGE = 2
NOTHING_SEEN = 3
INTERRUPTED = 130

_REASONS = {
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "read_only",
    errno.ENOENT: "absent",
    errno.EEXIST: "no_folder",
    errno.ENOTDIR: "no_folder",
    errno.EISDIR: "folder",
    errno.ENOSPC: "full",
}


class CommandError(Exception):
    """A sentence for the user and the exit code that goes with it."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def nearest(kind: str, unknown: str, known: Iterable[str], lang: str) -> CommandError:
    """Say that a name is unknown, and which known one is nearest.

    Parameters
    ----------
    kind : str
        ``"function"`` or ``"claim"``.
    unknown : str
        What the user typed.
    known : iterable of str
        What could have been typed.
    lang : str
        Language of the sentence.

    Returns
    -------
    CommandError
        With the exit code of wrong usage.

    Examples
    --------
    >>> print(nearest("function", "rleu", ["relu", "elu"], "en"))
    unknown function 'rleu'; did you mean 'relu'?
    """
    choices = list(known)
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(unknown.lower(), by_lower, n=1, cutoff=0.5)
    fields = {"unknown": unknown, "known": ", ".join(choices)}
    if close:
        sentence = text(f"cli.unknown.{kind}_near", lang, nearest=by_lower[close[0]], **fields)
    else:
        sentence = text(f"cli.unknown.{kind}", lang, **fields)
    return CommandError(sentence, WRONG_USAGE)


def missing(error: ImportError, lang: str) -> CommandError | None:
    """Name the ``pip install`` that brings a module that is missing.

    Parameters
    ----------
    error : ImportError
        What the import raised; its causes are searched for the module's name.
    lang : str
        Language of the sentence.

    Returns
    -------
    CommandError or None
        None if the module is one of this package, which no extra brings.

    Examples
    --------
    >>> print(missing(ModuleNotFoundError(name="rich"), "en"))  # doctest: +ELLIPSIS
    this needs the package 'rich'; install it with: pip install "nonlin[cli]"...
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            module = cause.name.partition(".")[0]
            if module == "nonlin":
                return None
            return CommandError(missing_package(module, lang))
        cause = cause.__cause__ or cause.__context__
    return None


def unwritable(error: OSError, path: object, lang: str) -> CommandError:
    """Say that a path cannot be written, and why.

    Parameters
    ----------
    error : OSError
        What the operating system answered.
    path : object
        The path as the user typed it.
    lang : str
        Language of the sentence.

    Returns
    -------
    CommandError
    """
    return CommandError(text("cli.unwritable", lang, path=path, reason=reason(error, lang)))


def reason(error: OSError, lang: str) -> str:
    """Say in the reader's language what the operating system answered.

    Parameters
    ----------
    error : OSError
    lang : str

    Returns
    -------
    str
        The system's own words where it answered something rare.

    Examples
    --------
    >>> reason(PermissionError(errno.EACCES, "Permission denied"), "en")
    'permission denied'
    """
    key = _REASONS.get(error.errno or 0)
    return text(f"cli.reason.{key}", lang) if key else error.strerror or str(error)
