"""The web application: the page, its files, and the API under it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from nonlin.explorer import downloads, schema, views
from nonlin.explorer.answers import Answers
from nonlin.explorer.api import ENDPOINTS
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.examine import routes as examine
from nonlin.explorer.export.document import PAGE, bundle
from nonlin.explorer.guard import Guard
from nonlin.explorer.numbers import dump
from nonlin.explorer.race import stream
from nonlin.explorer.reading import language, requested
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["create_app"]


def create_app(
    port: int | None = None, lang: str | None = None, log: Path | None = None
) -> Starlette:
    """Make the explorer.

    Parameters
    ----------
    port : int, optional
        The port it will listen on, which the Host of every request has to name.
    lang : str, optional
        The language of readers who name none; by default the one their browser asks for.
    log : Path, optional
        What a monitor writes, for the page to follow.

    Returns
    -------
    starlette.applications.Starlette
        An ASGI application; setting its ``state.closing`` ends every stream.

    Examples
    --------
    >>> from starlette.testclient import TestClient
    >>> client = TestClient(create_app(), base_url="http://127.0.0.1")
    >>> client.get("/api/curve?f=relu&points=2").json()["curves"][0]["value"]
    [0.0, 5.0]
    """
    app = Starlette(
        routes=[*_api(), *_page()],
        middleware=[Middleware(Guard, port=port)],
        exception_handlers={
            WrongRequestError: _refused,
            HTTPException: _absent,
            Exception: _failed,
        },
    )
    app.state.lang = lang
    app.state.log = log
    app.state.closing = asyncio.Event()
    app.state.answers = Answers()
    app.state.races = stream.Races()
    return app


def _api() -> list[BaseRoute]:
    questions = [*ENDPOINTS, views.ENDPOINT]
    described = schema.document(
        [*questions, downloads.EXPORT, stream.STREAM, examine.FOLLOW],
        {**stream.CONTROL, **examine.SEND},
    )

    async def documentation(request: Request) -> Response:
        return _json(dump(described))

    asking: list[BaseRoute] = [Route(each.path, _responder(each)) for each in questions]
    return [
        *asking,
        *stream.routes(),
        *examine.routes(),
        *downloads.routes(),
        Route("/api/schema", documentation),
    ]


def _page() -> list[BaseRoute]:
    return [
        Route("/", _index),
        Route("/page.js", _script),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]


def _index(request: Request) -> Response:
    """Send the page, with the language that the server was started in, where one was chosen."""
    lang = request.app.state.lang
    if lang is None:
        return FileResponse(PAGE / "index.html")
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    spoken = f'<html lang="{lang}" data-lang="{lang}">'
    return HTMLResponse(page.replace('<html lang="en">', spoken, 1))


def _script(request: Request) -> Response:
    headers = {"Cache-Control": "no-cache"}
    return Response(bundle(), media_type="text/javascript", headers=headers)


def _responder(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Answer an endpoint's requests: from what is kept, else computed on another thread."""

    async def respond(request: Request) -> Response:
        lang = language(request)
        query = request.scope["query_string"]

        def compute() -> bytes:
            # What overflows is written as what it is: infinite.
            with np.errstate(all="ignore"):
                return dump(endpoint.answer(**requested(endpoint, request)))

        # A formula may take for ever; what the catalogue's functions take is known.
        slow = endpoint.slow or b"formula" in query
        answers: Answers = request.app.state.answers
        question = (endpoint.path, query, lang)
        return _json(await answers.get(question, compute, slow, endpoint.kept))

    return respond


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongRequestError)
    return JSONResponse({"error": error.sentence(language(request))}, error.status)


def _absent(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    key = "method" if error.status_code == 405 else "absent"
    sentence = WrongRequestError(key).sentence(language(request))
    return JSONResponse({"error": sentence}, error.status_code, error.headers)


def _failed(request: Request, error: Exception) -> Response:
    logging.getLogger("nonlin.explorer").error("%s", request.url.path, exc_info=error)
    sentence = WrongRequestError("failed").sentence(language(request))
    return JSONResponse({"error": sentence}, 500)
