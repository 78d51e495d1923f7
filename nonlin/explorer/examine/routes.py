"""Logs over the API: one that is sent, and the one that the explorer was started with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from time import monotonic

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.events import event, streamed
from nonlin.explorer.examine.examination import SCHEMA, examined
from nonlin.explorer.examine.reading import read, read_bytes
from nonlin.explorer.export.answers import examination_file
from nonlin.explorer.numbers import dump
from nonlin.explorer.parameters import language as language_parameter
from nonlin.explorer.reading import body, language
from nonlin.explorer.schema import responses
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["FOLLOW", "SEND", "routes"]

LARGEST = 20_000_000
# Seconds between two looks at a file, and how much longer than it takes to read it.
PAUSE, PATIENCE = 0.5, 10.0

FOLLOW = Endpoint(
    "/api/examine/follow",
    "Server-sent events: examination, as often as the log that the explorer was started with grows",
    (language_parameter,),
    read,
    {"type": "string"},
    media="text/event-stream",
)
SEND = {
    "/api/examine/log": {
        "post": {
            "summary": "What a monitor's log says: findings, each site over the steps",
            "parameters": [
                {"name": "lang", "in": "query", "schema": language_parameter.schema()},
            ],
            "requestBody": {
                "required": True,
                "description": "the log, JSON Lines of at most 20 MB",
                "content": {"application/jsonl": {"schema": {"type": "string"}}},
            },
            "responses": responses("application/json", SCHEMA),
        }
    }
}


async def _send(request: Request) -> Response:
    lang = language(request)
    content = await body(request, LARGEST)

    def examine() -> bytes:
        return dump(examined(read_bytes(content), lang))

    answer = await anyio.to_thread.run_sync(examine)
    return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _page(request: Request) -> Response:
    lang = language(request)
    content = await body(request, LARGEST)

    def write() -> str:
        return examination_file(examined(read_bytes(content), lang), lang)

    return HTMLResponse(await anyio.to_thread.run_sync(write))


async def _follow(request: Request) -> Response:
    log: Path | None = request.app.state.log
    if log is None:
        raise WrongRequestError("no_log", status=404)
    return streamed(_examinations(log, language(request)), request.app.state.closing)


async def _examinations(log: Path, lang: str) -> AsyncGenerator[bytes, None]:
    known = None
    while True:
        began = monotonic()
        try:
            seen = log.stat()
            state = seen.st_mtime_ns, seen.st_size
            if state != known and seen.st_size:
                known = state
                yield event("examination", await anyio.to_thread.run_sync(_now, log, lang))
        except OSError:
            yield event("problem", {"error": WrongRequestError("log_gone").sentence(lang)})
            return
        except WrongRequestError as error:
            # A log that has no reading yet will have one.
            if error.key != "doctor_command.empty_log":
                yield event("problem", {"error": error.sentence(lang)})
                return
        except Exception as error:
            logging.getLogger("nonlin.explorer").error("%s", FOLLOW.path, exc_info=error)
            yield event("problem", {"error": WrongRequestError("failed").sentence(lang)})
            return
        await asyncio.sleep(max(PAUSE, PATIENCE * (monotonic() - began)))


def _now(log: Path, lang: str) -> object:
    return examined(read(log), lang)


def routes() -> list[BaseRoute]:
    """Give the addresses of the examination."""
    return [
        Route("/api/examine/log", _send, methods=["POST"]),
        Route("/api/examine/page", _page, methods=["POST"]),
        Route("/api/examine/follow", _follow),
    ]
