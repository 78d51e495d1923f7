"""What keeps other pages, machines and requests that are too large away from the explorer.

Only this machine reaches the socket, but every page in its browser does. A page of another origin
cannot read an answer, since no header allows it; by pointing its own name at 127.0.0.1 it could,
and so the Host has to be ours. It could still make us compute, and so its requests are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nonlin.explorer.language import asked
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["LONGEST_QUERY", "Guard"]

LONGEST_QUERY: Final = 4096

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Middleware that refuses what is not for the explorer and marks what it answers.

    Parameters
    ----------
    app : ASGI application
    port : int or None
        The port that a Host has to name; None where any will do, for tests.
    """

    def __init__(self, app: ASGIApp, port: int | None = None) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, pass it on, add the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        query: bytes = scope["query_string"]
        embedded = b"embed=1" in query.split(b"&")

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                _mark(MutableHeaders(scope=message), embedded)
            await send(message)

        try:
            self._check(headers, scope["path"], query)
        except WrongRequestError as error:
            sentence = error.sentence(asked(query, headers))
            await JSONResponse({"error": sentence}, error.status)(scope, receive, marked)
            return
        await self._app(scope, receive, marked)

    def _check(self, headers: Headers, path: str, query: bytes) -> None:
        host, _, port = headers.get("host", "").partition(":")
        if host not in ("127.0.0.1", "localhost") or (self._port and port != str(self._port)):
            raise WrongRequestError("host", status=403)
        origin = headers.get("origin")
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if origin not in (None, f"http://{headers['host']}") or (foreign and _computes(path)):
            raise WrongRequestError("origin", status=403)
        if len(query) > LONGEST_QUERY:
            raise WrongRequestError("query", status=414, longest=LONGEST_QUERY)


def _computes(path: str) -> bool:
    return path.startswith("/api/")


def _mark(headers: MutableHeaders, embedded: bool) -> None:
    policy = _POLICY.format(ancestors="*" if embedded else "'self'")
    marks: Mapping[str, str] = {**_HEADERS, "Content-Security-Policy": policy}
    for name, value in marks.items():
        headers.setdefault(name, value)
