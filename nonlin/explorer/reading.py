"""What a request says: its query, its language, its body."""

from __future__ import annotations

from typing import Any

from starlette.requests import ClientDisconnect, Request

from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.language import asked
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["body", "language", "requested"]


def language(request: Request) -> str:
    """Give the language that a request's sentences are in."""
    return asked(request.scope["query_string"], request.headers, request.app.state.lang)


def requested(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """Check a request's query; it may take seconds where it holds a formula."""
    given = request.query_params
    return endpoint.read({name: given.getlist(name) for name in given}, language(request))


async def body(request: Request, longest: int) -> bytes:
    """Read a body, and no more of it than is allowed.

    Raises
    ------
    WrongRequestError
        If it is longer, or its sender went before its end.
    """
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > longest:
                raise WrongRequestError("body", status=413, megabytes=f"{longest / 1e6:g}")
            parts.append(part)
    except ClientDisconnect:
        # Nobody reads the answer; the sender broke off, and nothing here failed.
        raise WrongRequestError("broken_off") from None
    return b"".join(parts)
