"""Races over the API: one starts when its stream is opened and ends when that is closed."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from nonlin.explorer import initialisation
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.events import event, streamed
from nonlin.explorer.parameters import Choice, Functions, Number, Slider, Whole
from nonlin.explorer.race.pace import FASTEST, SLOWEST, Pace
from nonlin.explorer.race.points import DATASETS
from nonlin.explorer.reading import body, requested
from nonlin.explorer.schema import responses
from nonlin.explorer.wrong import WrongRequestError
from nonlin.extras import missing_package

__all__ = ["CONTROL", "COURSE", "SPEED", "STREAM", "Races", "race", "routes"]

# Races that train at the same time, and those that are open: one that is paused takes its memory.
AT_ONCE = 4
OPEN = 100
LONGEST_ACTION = 1000

COURSE = (
    Functions(most=4),
    Choice("dataset", "the points", "circles", tuple(DATASETS)),
    Whole("hidden", "units of a hidden layer", 16, low=1, high=64, slider=Slider(2, 64, 1)),
    Whole("layers", "hidden layers", 4, low=1, high=20, slider=Slider(1, 20, 1)),
    Number(
        "rate",
        "the learning rate of gradient descent",
        0.1,
        low=1e-6,
        high=100.0,
        slider=Slider(0.001, 10.0, logarithmic=True),
    ),
    Choice("init", "the first weights", "torch", initialisation.NAMES),
    Whole("batch", "points a step", 32, low=1, high=300, slider=Slider(1, 256, 1)),
    Whole(
        "seed",
        "which points, weights and order",
        0,
        low=0,
        high=2**31 - 1,
        slider=Slider(0, 20, 1),
    ),
    Whole("steps", "where it ends", 2000, low=1, high=100_000),
)
SPEED = Number(
    "speed",
    "steps a second",
    100.0,
    low=SLOWEST,
    high=FASTEST,
    slider=Slider(5.0, 500.0, logarithmic=True),
)
_VIEWING = (
    Whole("every", "steps between frames; 0 for ten frames a second", 0, low=0, high=1000),
    SPEED,
    Whole("paused", "1: wait for the first action", 0, low=0, high=1),
)


def race(
    f: Any, dataset: str, hidden: int, layers: int, rate: float, init: str, batch: int, seed: int,
    steps: int,
) -> Any:  # fmt: skip
    """Make a race of the parameters in `COURSE`.

    Raises
    ------
    WrongRequestError
        If PyTorch is not installed.
    """
    try:
        from nonlin.explorer.race.race import Race
        from nonlin.explorer.race.runner import Course
    except ImportError:
        raise WrongRequestError("package", status=422, sentence=missing_package("torch")) from None
    return Race(f, dataset, Course(hidden, layers, rate, init, batch, seed), steps)


STREAM = Endpoint(
    "/api/race/stream",
    "Server-sent events: start (the race's id, the points, the grid), frame (step, and of each "
    "network loss, accuracy, answers on the grid, gradient and dead units by layer), end",
    (*COURSE, *_VIEWING),
    race,
    {"type": "string"},
    media="text/event-stream",
)
CONTROL = {
    "/api/race/{name}/control": {
        "post": {
            "summary": "What a race does next: pause, go on, take one step, change speed",
            "parameters": [
                {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {
                                "action": {"enum": ["pause", "resume", "step", "speed"]},
                                "speed": {"type": "number", "minimum": SLOWEST, "maximum": FASTEST},
                            },
                            "required": ["action"],
                        }
                    }
                },
            },
            "responses": responses("application/json", {"type": "object"}),
        }
    }
}


class Races:
    """The races that are going on, by id."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}
        # Those that are resumed beside as many that run take turns.
        self.turns = anyio.CapacityLimiter(AT_ONCE)

    def begin(self, pace: Pace) -> str:
        """Count one more, and name it."""
        running = sum(not other.is_paused for other in self._paces.values())
        if running >= AT_ONCE and not pace.is_paused:
            raise WrongRequestError("busy", status=429, most=AT_ONCE)
        if len(self._paces) >= OPEN:
            raise WrongRequestError("full", status=429, most=OPEN)
        name = secrets.token_urlsafe(12)
        self._paces[name] = pace
        return name

    def end(self, name: str) -> None:
        """Count one less."""
        self._paces.pop(name, None)

    def __getitem__(self, name: str) -> Pace:
        try:
            return self._paces[name]
        except KeyError:
            raise WrongRequestError("no_race", status=404) from None

    def __len__(self) -> int:
        return len(self._paces)


async def _stream(request: Request) -> Response:
    values = await anyio.to_thread.run_sync(requested, STREAM, request)
    viewing = {each.name: values.pop(each.name) for each in _VIEWING}
    pace = Pace(viewing["speed"], viewing["every"], bool(viewing["paused"]))
    races: Races = request.app.state.races
    name = races.begin(pace)
    try:
        run = await anyio.to_thread.run_sync(lambda: race(**values))
    except BaseException:
        races.end(name)
        raise
    return streamed(_events(races, name, pace, run), request.app.state.closing)


async def _events(races: Races, name: str, pace: Pace, run: Any) -> AsyncGenerator[bytes, None]:
    try:
        yield event("start", {"id": name, **run.start()})
        yield event("frame", await _frame(run, 0, races.turns))
        while not run.over:
            yield event("frame", await _frame(run, await pace.turn(), races.turns))
        yield event("end", {})
    finally:
        races.end(name)


async def _frame(run: Any, steps: int, turns: anyio.CapacityLimiter) -> Any:
    # Whoever closes the page does not wait for the steps that are being taken.
    return await anyio.to_thread.run_sync(run.advance, steps, abandon_on_cancel=True, limiter=turns)


async def _control(request: Request) -> Response:
    pace = request.app.state.races[request.path_params["name"]]
    _act(pace, await body(request, LONGEST_ACTION))
    return JSONResponse({})


def _act(pace: Pace, written: bytes) -> None:
    wrong = WrongRequestError("action", low=f"{SLOWEST:g}", high=f"{FASTEST:g}")
    try:
        said = json.loads(written)
        action = said["action"]
        if action == "speed":
            speed = float(said["speed"])
            if not SLOWEST <= speed <= FASTEST:
                raise wrong
            pace.set_speed(speed)
        else:
            {"pause": pace.pause, "resume": pace.resume, "step": pace.step}[action]()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise wrong from None


def routes() -> list[BaseRoute]:
    """Give the addresses of the race."""
    return [
        Route("/api/race/stream", _stream),
        Route("/api/race/{name}/control", _control, methods=["POST"]),
    ]
