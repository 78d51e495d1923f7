"""Every sentence a person reads, in English and Korean."""

import json
import os
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["language", "languages", "sentences_below", "text"]


def languages() -> tuple[str, ...]:
    """Name the languages that sentences exist in.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> languages()
    ('en', 'ko')
    """
    return ("en", "ko")


def language(explicit: str | None = None) -> str:
    """Choose the language: the explicit one, else the one of ``LC_ALL``, else of ``LANG``.

    A locale of any other language, ``C`` and ``POSIX`` among them, gives English.

    Parameters
    ----------
    explicit : str, optional
        One of `languages`.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If `explicit` is not one of `languages`.

    Examples
    --------
    >>> language("ko")
    'ko'
    """
    if explicit is not None:
        if explicit not in languages():
            raise ValueError(
                f"unknown language {explicit!r}: expected one of {', '.join(languages())}"
            )
        return explicit
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    spoken = locale.partition(".")[0].partition("@")[0].partition("_")[0].lower()
    return spoken if spoken in languages() else "en"


def text(key: str, lang: str, /, **fields: object) -> str:
    """Return one sentence, its placeholders filled in with ``str.format``.

    Parameters
    ----------
    key : str
        Dotted path, such as ``"figures.no_font"``.
    lang : str
        One of `languages`.
    **fields
        Value of each placeholder.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If no sentence has this key, or a placeholder has no value.
    ValueError
        If `lang` is not one of `languages`.

    Examples
    --------
    >>> text("figures.derivative", "en", name="ELU")
    'ELU: derivative'
    """
    found: Any = _sentences(language(lang))
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, str):
        raise KeyError(key)
    return found.format(**fields)


def sentences_below(key: str, lang: str, /) -> list[str]:
    """List the sentences whose keys begin with one, as they are; none where there is no such key.

    Parameters
    ----------
    key : str
        Dotted path, such as ``"doctor.cause.dead_units"``.
    lang : str
        One of `languages`.

    Returns
    -------
    list of str
    """
    found: Any = _sentences(language(lang))
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return [x for x in found.values() if isinstance(x, str)] if isinstance(found, dict) else []


@cache
def _sentences(lang: str) -> dict[str, Any]:
    source = files(__name__).joinpath(f"{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(source)
    return loaded
