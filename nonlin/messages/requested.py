"""The language that a command line asks for."""

from collections.abc import Sequence

from nonlin.messages import languages

__all__ = ["requested_language"]


def requested_language(arguments: Sequence[str]) -> str | None:
    """Find ``--lang`` before parsing, so that even a wrong command line is answered in it.

    Parameters
    ----------
    arguments : sequence of str
        The command line without the program's name.

    Returns
    -------
    str or None
        The last valid language asked for, if any.

    Examples
    --------
    >>> requested_language(["list", "--lang", "ko"]), requested_language(["--lang=fr"])
    ('ko', None)
    """
    found = None
    for position, argument in enumerate(arguments):
        name, given, value = argument.partition("=")
        if name == "--lang":
            wanted = value if given else next(iter(arguments[position + 1 :]), "")
            found = wanted if wanted in languages() else found
    return found
