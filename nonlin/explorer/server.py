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
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from nonlin.explorer import parameters, schema
from nonlin.explorer.answers import Answers
from nonlin.explorer.api import ENDPOINTS, study
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.examine import routes as examine
from nonlin.explorer.export.views import export
from nonlin.explorer.guard import Guard
from nonlin.explorer.numbers import dump
from nonlin.explorer.race import stream
from nonlin.explorer.reading import language, requested
from nonlin.explorer.script import plotly_script
from nonlin.explorer.views import VIEW, ViewEndpoint
from nonlin.explorer.wrong import WrongRequestError
from nonlin.facts.deadline import OutOfTimeError, within

__all__ = ["create_app"]

PAGE = Path(__file__).parent / "page"
# Seconds; what takes longer is a function that oscillates, not one that anybody wants.
LONGEST_ANSWER = 30.0

EXPORT = ViewEndpoint(
    "/api/export",
    "One HTML file of a view, which draws itself anywhere: Plotly and the data of every slider's "
    "positions are in it",
    (VIEW, parameters.language),
    export,
    {"type": "string"},
    media="text/html",
)


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
    described = schema.document(
        [*ENDPOINTS, EXPORT, stream.STREAM, examine.FOLLOW], {**stream.CONTROL, **examine.SEND}
    )

    async def documentation(request: Request) -> Response:
        return _json(dump(described))

    asking: list[BaseRoute] = [Route(each.path, _responder(each)) for each in ENDPOINTS]
    return [
        *asking,
        *stream.routes(),
        *examine.routes(),
        Route("/api/study/figure/{phenomenon}", _figure),
        Route("/api/export", _export),
        Route("/api/schema", documentation),
    ]


def _page() -> list[BaseRoute]:
    return [
        Route("/", lambda request: FileResponse(PAGE / "index.html")),
        Route("/plotly.min.js", _plotly),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]


def _plotly(request: Request) -> Response:
    return FileResponse(plotly_script(), headers={"Cache-Control": "max-age=86400"})


def _responder(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Answer an endpoint's requests: from what is kept, else computed on another thread."""

    async def respond(request: Request) -> Response:
        lang = language(request)
        query = request.scope["query_string"]

        def compute() -> bytes:
            # A formula may take for ever; what the catalogue's functions take is known.
            if not endpoint.slow and b"formula" not in query:
                return work()
            try:
                return within(LONGEST_ANSWER, work)
            except OutOfTimeError:
                raise WrongRequestError("slow", status=422) from None

        def work() -> bytes:
            # What overflows is written as what it is: infinite.
            with np.errstate(all="ignore"):
                return dump(endpoint.answer(**requested(endpoint, request)))

        question = (endpoint.path, query, lang)
        answers: Answers = request.app.state.answers
        return _json(await answers.get(question, compute, endpoint.slow, endpoint.kept))

    return respond


async def _export(request: Request) -> Response:
    def write() -> bytes:
        return export(**requested(EXPORT, request), log=request.app.state.log).encode()

    answers: Answers = request.app.state.answers
    question = ("export", request.scope["query_string"], language(request))
    page = await answers.get(question, write, True, False)
    name = f"nonlin-{VIEW.read(request.query_params.getlist('view'))}.html"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(page, media_type="text/html", headers=headers)


async def _figure(request: Request) -> Response:
    phenomenon, lang = request.path_params["phenomenon"], language(request)
    answers: Answers = request.app.state.answers

    def draw() -> bytes:
        return study.figure(phenomenon, lang)

    drawn = await answers.get(("figure", study.version(), phenomenon, lang), draw, True, True)
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


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
