"""The state of each view: every name in its address, what it means when it is left out, its bounds.

The server reads links by this table, and the page, which gets it from ``/api/views``, its own
address; sliders and defaults stand nowhere else.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from nonlin.explorer.api import curve, gates, propagation, softmax, time
from nonlin.explorer.endpoint import Endpoint, Query
from nonlin.explorer.parameters import (
    Choice,
    Functions,
    Number,
    Parameter,
    Slider,
    Text,
    Whole,
    language,
)
from nonlin.explorer.race.stream import COURSE, SPEED
from nonlin.study.results import VERDICTS

__all__ = ["ENDPOINT", "STATE", "VIEW", "ViewEndpoint"]

_THREE = ("sigmoid", "relu", "elu")


def _state(
    parameters: tuple[Parameter, ...], *own: Parameter, f: tuple[str, ...] = _THREE
) -> tuple[Parameter, ...]:
    """Add what is the page's own, and the functions that a view begins with."""
    known = [
        replace(each, default=f) if isinstance(each, Functions) else each
        for each in parameters
        if each.name not in ("points", "lang")
    ]
    return (*known, *own)


STATE: dict[str, tuple[Parameter, ...]] = {
    "functions": _state(
        curve.ENDPOINT.parameters,
        Number("at", "where the numbers are read", 1.0),
    ),
    "gates": _state(
        gates.ENDPOINT.parameters,
        Number("cut", "the value of the cut", 1.0, slider=Slider(-10.0, 10.0, 0.1)),
    ),
    "softmax": _state(softmax.ENDPOINT.parameters),
    "depth": _state(
        propagation.network_parameters(depth=1000, width=4096),
        Whole("network", "which network is drawn", None, low=0, high=2**31 - 1),
        f=_THREE[:1],
    ),
    "time": _state(time.ENDPOINT.parameters, f=("tanh",)),
    "race": _state(COURSE, SPEED),
    "study": (
        Choice("verdict", "which claims are shown", "", VERDICTS),
        Text("q", "words that the claims shown hold", ""),
    ),
    "examine": (
        Whole("follow", "1: follow the log while it grows", 0, low=0, high=1),
        Choice("quantity", "what is mapped", "dead", ("dead", "saturated", "gradient")),
    ),
}
VIEW = Choice("view", "the view", "functions", tuple(STATE))


class ViewEndpoint(Endpoint):
    """An address that takes the state of a view as the page writes it into its own address."""

    def read(self, query: Query, lang: str) -> dict[str, Any]:
        """Read the view, then what belongs to it; what belongs to other views is passed over.

        Returns
        -------
        dict of str to object
            `view`, `lang`, and `state`, a value for each of the view's parameters.
        """
        view = VIEW.read(query.get("view", ()))
        state = {each.name: each.read(_given(each, query)) for each in STATE[view]}
        return {"view": view, "lang": language.read(query.get("lang", ())) or lang, "state": state}


def _given(parameter: Parameter, query: Query) -> Any:
    # A link may hold an empty value, which is none.
    given = [each for each in query.get(parameter.name, ()) if each]
    if not isinstance(parameter, Functions):
        return given
    return (given or parameter.default)[: parameter.most]


def views() -> dict[str, dict[str, Any]]:
    """Give the table: of each view's names the default, the bounds and the slider's ends."""
    return {view: {each.name: _record(each) for each in known} for view, known in STATE.items()}


def _record(parameter: Parameter) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if slider := getattr(parameter, "slider", None):
        shown["slider"] = asdict(slider)
    if titles := getattr(parameter, "titles", None):
        shown["titles"] = titles
    return {"default": parameter.default, **parameter.schema(), **shown}


ENDPOINT = Endpoint(
    "/api/views",
    "What stands in the address of each view of the page: defaults, bounds, and sliders' ends",
    (),
    views,
    {"type": "object", "additionalProperties": {"type": "object"}},
)
