"""Answers that are files: a view as one page, a study's pictures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from nonlin.explorer import study_files
from nonlin.explorer.answers import Answers
from nonlin.explorer.api import study
from nonlin.explorer.export.answers import export
from nonlin.explorer.parameters import language as language_parameter
from nonlin.explorer.reading import language, requested
from nonlin.explorer.views import VIEW, ViewEndpoint

__all__ = ["EXPORT", "routes"]

EXPORT = ViewEndpoint(
    "/api/export",
    "One HTML file of a view, which draws itself anywhere: the page and the answers at every "
    "position of its sliders are in it",
    (VIEW, language_parameter),
    export,
    {"type": "string"},
    media="text/html",
)


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
        return study_files.figure(phenomenon, lang)

    drawn = await answers.get(("figure", study.version(), phenomenon, lang), draw, True, True)
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def routes() -> list[BaseRoute]:
    """Give the addresses of the files."""
    return [
        Route("/api/study/figure/{phenomenon}", _figure),
        Route("/api/export", _export),
    ]
