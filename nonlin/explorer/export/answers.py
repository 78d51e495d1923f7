"""What the page may ask in a file: the answers at every position of the sliders that stay in it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.explorer import initialisation, study_files
from nonlin.explorer.api import (
    comparison,
    facts,
    gates,
    network,
    phase,
    sentences,
    softmax,
    study,
    time,
)
from nonlin.explorer.api.catalogue import catalogue, slider
from nonlin.explorer.api.curve import curve
from nonlin.explorer.api.propagation import propagation
from nonlin.explorer.examine.examination import examined
from nonlin.explorer.examine.reading import read
from nonlin.explorer.export.document import html
from nonlin.explorer.race.stream import race
from nonlin.explorer.views import STATE, views
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["examination_file", "export"]

# [name, fields, answer]; fields that are None stand for any.
Answers = list[tuple[str, Mapping[str, Any] | None, Any]]
State = Mapping[str, Any]

POINTS = 201
GATE_POINTS = 81
# Positions of one slider, and of each of several that move the same curve.
ALONE, TOGETHER = 41, 13
WEIGHTS = 40
FRAMES = 40
# A slow machine gets fewer steps rather than no file.
SECONDS = 15.0


def export(view: str, lang: str, state: State, log: Path | None = None) -> str:
    """Write a view in a state as one HTML file; of an examination, that of the log followed.

    Raises
    ------
    WrongRequestError
        If the view has nothing to export.
    """
    if view == "examine":
        if log is None:
            raise WrongRequestError("no_export", status=404)
        return examination_file(examined(read(log), lang), lang)
    return _file(view, lang, state, _ANSWERS[view](state, lang))


def examination_file(found: Any, lang: str) -> str:
    """Write what was found in a log."""
    return _file("examine", lang, {}, [("examine/log", None, found)])


def _file(view: str, lang: str, state: State, answers: Answers) -> str:
    own = {each.name: state[each.name] for each in STATE[view] if state.get(each.name) is not None}
    if "f" in own:
        own["f"] = [spec for spec, _ in own["f"]]
    usual: Answers = [
        ("messages", None, sentences.sentences(lang)),
        ("catalogue", None, catalogue(lang)),
        ("views", None, views()),
    ]
    # What a view says of these itself comes first.
    return html(view, own, lang, [*answers, *usual])


def _functions(state: State, lang: str) -> Answers:
    f = state["f"]
    window = {name: state[name] for name in ("start", "stop", "dtype", "naive")}
    answers: Answers = [
        ("catalogue", None, _positioned([act for _, act in f], lang)),
        ("facts", None, facts.facts(f, lang)),
    ]
    if len(f) > 1:
        answers.append(("compare", None, comparison.comparison(f, lang)))
    for spec, act in f:
        for moved in _moved(spec, act):
            found = curve(f=(moved,), points=POINTS, **window)
            answers.append(("curve", {"f": moved[0], **window}, found))
    return answers


def _numbers(act: Activation) -> dict[str, list[float]]:
    """List the positions of a function's sliders, its own values among them."""
    names = [name for name, value in act.parameters.items() if not isinstance(value, str)]
    count = ALONE if len(names) == 1 else TOGETHER
    found = {}
    for name in names:
        low, high, _ = slider(act.name, name)
        here = float(act.parameters[name])
        own = [here] if abs(here) < 1e9 else []
        found[name] = sorted({*np.linspace(low, high, count).round(4).tolist(), *own})
    return found


def _moved(spec: str, act: Activation) -> list[tuple[str, Activation]]:
    """Bind a function to every combination of its sliders' positions."""
    numbers = _numbers(act) if act.record is not None else {}
    found = [(spec, act)]
    for values in product(*numbers.values()) if numbers else ():
        bound = act.bind(**dict(zip(numbers, values, strict=True)))
        written = ",".join(f"{name}={value!r}" for name, value in bound.parameters.items())
        found.append((f"{act.name}({written})".replace("'", ""), bound))
    return found


def _positioned(acts: list[Activation], lang: str) -> list[dict[str, Any]]:
    """Give the catalogue of the functions shown, with sliders over the positions that there are."""
    shown = {act.name: _numbers(act) for act in acts if act.record is not None}
    groups = []
    for group in catalogue(lang):
        functions = []
        for each in group["functions"]:
            if each["name"] in shown:
                numbers = shown[each["name"]]
                parameters = [
                    known | {"values": numbers[known["name"]]}
                    for known in each["parameters"]
                    if known["name"] in numbers
                ]
                functions.append(each | {"parameters": parameters})
        groups.append(group | {"functions": functions})
    return groups


def _depth(state: State, lang: str) -> Answers:
    ((spec, _),) = state["f"]
    known = {name: value for name, value in state.items() if name != "network"}
    here = propagation(**known, lang=lang)
    asked = {name: state[name] for name in ("init", "depth", "width", "correlation")}
    asked["f"] = spec
    weight, bias = here["weight_variance"], here["bias_variance"]
    highest = max(3.0, 2.0 * weight)
    places = {*np.linspace(highest / WEIGHTS, highest, WEIGHTS).round(4).tolist(), weight}
    own = asked | {"init": "custom", "bias_variance": bias}
    table = views()
    table["depth"]["weight_variance"]["slider"]["values"] = sorted(places)
    variances = {"weight_variance": weight, "bias_variance": bias}
    at_first = asked | (variances if state["init"] == "custom" else {})
    answers: Answers = [("views", None, table), ("propagation", at_first, here)]
    for place in sorted(places):
        found = propagation(
            **known | {"init": "custom", "weight_variance": place, "bias_variance": bias}, lang=lang
        )
        answers.append(("propagation", own | {"weight_variance": place}, found))
    for init in initialisation.NAMES:
        fields = {"f": spec, "init": init, "depth": state["depth"], "width": state["width"]}
        found = propagation(**known | {"init": init}, lang=lang)
        answers.append(("propagation", fields, found))
    if state["network"] is not None:
        seed = state["network"]
        answers.append(("network", at_first | {"seed": seed}, network.network(**known, seed=seed)))
    try:
        answers.append(("phase", None, phase.phase(state["f"], 60, lang)))
    except WrongRequestError as error:
        answers.append(("phase", None, {"error": error.sentence(lang)}))
    return answers


def _gates(state: State, lang: str) -> Answers:
    asked = {name: state[name] for name in ("gate", "reach")}
    table = views()
    inputs = np.linspace(-state["reach"], state["reach"], GATE_POINTS).round(4)
    table["gates"]["cut"]["slider"]["values"] = inputs.tolist()
    return [
        ("views", None, table),
        ("gate", None, gates.gate(**asked, points=GATE_POINTS, lang=lang)),
    ]


def _along(view: str, name: str, ask: Callable[..., Any]) -> Callable[[State, str], Answers]:
    """Hold the answers of a view along one of its sliders."""

    def answers(state: State, lang: str) -> Answers:
        table = views()
        ends = table[view][name]["slider"]
        spread = np.geomspace if ends["logarithmic"] else np.linspace
        places = {*spread(ends["minimum"], ends["maximum"], ALONE).round(4).tolist(), state[name]}
        ends["values"] = sorted(places)
        spoken = {**state, "f": state["f"][0][0]} if "f" in state else state
        held = [
            (view, {**spoken, name: place}, ask(**{**state, name: place}, lang=lang))
            for place in sorted(places)
        ]
        return [("views", None, table), *held]

    return answers


def _race(state: State, lang: str) -> Answers:
    run = race(**{name: value for name, value in state.items() if name != "speed"})
    frames, late = [run.advance(0)], thread_time() + SECONDS
    start = run.start()
    each = -(-start["steps"] // FRAMES)
    while not run.over and thread_time() < late:
        frames.append(run.advance(each))
    return [("race", None, {"start": start, "frames": frames})]


def _study(state: State, lang: str) -> Answers:
    found = study.study(lang)
    for each in found["phenomena"]:
        if each["figure"]:
            drawn = base64.b64encode(study_files.figure(each["name"], lang)).decode()
            each["figure"] = f"data:image/svg+xml;base64,{drawn}"
    return [("study", None, found)]


_ANSWERS: dict[str, Callable[[State, str], Answers]] = {
    "functions": _functions,
    "gates": _gates,
    "softmax": _along("softmax", "temperature", softmax.softmax),
    "depth": _depth,
    "time": _along("time", "recurrent_variance", time.time),
    "race": _race,
    "study": _study,
}
