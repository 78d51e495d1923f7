"""The language that a request wants its sentences in."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import Headers

from nonlin.messages import language, languages

__all__ = ["asked"]


def asked(query: bytes, headers: Headers, default: str | None = None) -> str:
    """Choose: ``lang=`` of the query, else the server's, else the browser's, else English.

    Parameters
    ----------
    query : bytes
        As it was sent.
    headers : starlette.datastructures.Headers
    default : str, optional
        The language that the server was started in, where its user chose one.

    Returns
    -------
    str
    """
    named = parse_qs(query.decode("latin-1")[:4096]).get("lang", [""])[-1]
    if named in languages():
        return named
    if default is not None:
        return language(default)
    for each in headers.get("accept-language", "").split(","):
        spoken = each.partition(";")[0].partition("-")[0].strip().lower()
        if spoken in languages():
            return spoken
    return "en"
