"""The encyclopaedia: a page a function, from the facts that ship and the measurements in docs/."""

import json
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import nonlin as nl
from nonlin.activation import Activation
from nonlin.axis import AxisFunction
from nonlin.cards import card, formulas
from nonlin.cards.axis_card import axis_plain
from nonlin.cards.curve import curve
from nonlin.catalogue.dialects import DIALECTS
from nonlin.facts import properties
from nonlin.facts.axis import axis_properties
from nonlin.facts.axis_said import lines
from nonlin.facts.gates_said import rows
from nonlin.facts.words import evidence, label, say
from nonlin.gate import Gate
from nonlin.messages import text
from pages.words import WORDS

__all__ = ["pages"]

DOCS = Path(__file__).parents[2] / "docs"
KINDS = ("value", "derivative")
DTYPES = ("float32", "float64")


def pages(lang: str) -> Iterator[tuple[str, str]]:
    """Write the page of every function of the catalogue."""
    for name in nl.names():
        yield name, "\n\n".join(_page(nl.get(name), lang)) + "\n"
    for name in nl.gates():
        yield f"gates/{name}", "\n\n".join(_gate(getattr(nl, name), lang)) + "\n"
    for name in nl.axis_functions():
        yield f"axes/{name}", "\n\n".join(_axis(getattr(nl, name), lang)) + "\n"


def _page(act: Activation, lang: str) -> Iterator[str]:
    words = WORDS[lang]
    record = act.record
    assert record is not None
    written, shown = formulas(act), card(act, lang)
    yield f"# {shown.title}\n\n`nl.{act.name}`"
    if shown.summary:
        yield shown.summary
    yield f"$$\\varphi(x) = {written.latex}$$"
    yield f"$$\\varphi'(x) = {written.derivative_latex}$$"
    yield curve(act, escape(words["curve"].format(name=shown.title), quote=True))
    if act.parameters:
        defaults = ", ".join(f"`{key} = {value}`" for key, value in act.parameters.items())
        yield f"{words['parameters']}: {defaults}"
    yield f"{words['paper']}: [{record.paper}]({record.url})"
    yield f"## {words['facts']}"
    yield _table(words["fact_columns"], _facts(act, lang))
    yield f"## {words['dialects']}"
    yield _table(words["dialect_columns"], _dialects(act, words))
    yield f"## {words['accuracy']}"
    errors = list(_accuracy(act.name))
    yield words["accuracy_says"]
    yield _table(words["accuracy_columns"], errors) if errors else words["unmeasured"]
    yield f"## {words['speed']}"
    times = list(_speed(act.name))
    yield words["speed_says"]
    yield _table(words["speed_columns"], times) if times else words["unmeasured"]


def _gate(gate: Gate, lang: str) -> Iterator[str]:
    words, record = WORDS[lang], gate.record
    assert record is not None
    yield f"# {record.title}\n\n`nl.{gate.name}(gate, value)`"
    yield text(f"gates.summary.{gate.name}", lang)
    by_gate, by_value = record.slopes
    written = {"definition": record.formula, "by_gate": by_gate, "by_value": by_value}
    named = [[words[name], f"`{formula}`"] for name, formula in written.items()]
    yield _table(words["gate_columns"], named)
    yield from _origin(gate, record, words)
    yield f"## {words['facts']}"
    yield _table(words["fact_columns"], rows(properties(gate), lang))


def _axis(function: AxisFunction, lang: str) -> Iterator[str]:
    words, record = WORDS[lang], function.record
    yield f"# {text(f'axis.names.{function.name}', lang)}\n\n`nl.{function.name}(x, axis=-1)`"
    yield axis_plain(function, lang)["summary"]
    yield f"$$y = {record.latex}$$"
    yield f"$$\\frac{{\\partial y}}{{\\partial x}} = {record.jacobian_latex}$$"
    yield from _origin(function, record, words)
    yield f"## {words['facts']}"
    yield _table(words["fact_columns"].rpartition("|")[0], lines(axis_properties(function), lang))


def _origin(function: Gate | AxisFunction, record: Any, words: dict[str, Any]) -> Iterator[str]:
    if function.parameters:
        defaults = ", ".join(f"`{key} = {value}`" for key, value in function.parameters.items())
        yield f"{words['parameters']}: {defaults}"
    yield f"{words['paper']}: [{record.paper}]({record.url})"


def _facts(act: Activation, lang: str) -> Iterator[list[str]]:
    for name, fact in properties(act).shown().items():
        yield [label(name, lang), say(name, fact, lang), evidence(fact, lang)]


def _dialects(act: Activation, words: dict[str, Any]) -> Iterator[list[str]]:
    for framework, entries in DIALECTS.items():
        theirs = [
            f"`{name}`{_settings(act, entry.parameters)}"
            for name, entry in entries.items()
            if entry.ours == act.name
        ]
        yield [framework, ", ".join(theirs) or words["none"]]


def _settings(act: Activation, theirs: Any) -> str:
    changed = {key: value for key, value in theirs.items() if value != act.parameters[key]}
    other = [
        f"{key} = {value:.6g}" if isinstance(value, float) else f"{key} = {value}"
        for key, value in changed.items()
    ]
    return f" ({', '.join(other)})" if other else ""


@cache
def _measured() -> dict[str, dict[str, dict[str, float]]]:
    """The largest errors with the widest instruction set that was measured, by function."""
    sets = json.loads((DOCS / "accuracy.json").read_text("utf-8"))["instruction_sets"]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in sets[max(sets)]:
        key = f"{row['kind']} {row['dtype']}"
        errors = {library: each["largest"] for library, each in row["libraries"].items()}
        found.setdefault(row["function"], {})[key] = errors
    return found


LIBRARIES = ("nonlin", "NumPy", "SciPy", "PyTorch", "JAX")


def _accuracy(name: str) -> Iterator[list[str]]:
    for key, errors in sorted(_measured().get(name, {}).items()):
        cells = [f"{errors[each]:.3g}" if each in errors else "–" for each in LIBRARIES]
        yield [key, *cells]


@cache
def _timed() -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((DOCS / "performance" / "speed.json").read_text("utf-8"))
    return cases["cases"]


def _speed(name: str) -> Iterator[list[str]]:
    for kind in (*KINDS, "backward"):
        for dtype in DTYPES:
            case = _timed().get(f"{name} {kind} {dtype} 32768 1")
            if case is None:
                continue
            times = {key: each["nanoseconds"]["median"] for key, each in case["contenders"].items()}
            ours = times["nonlin"]
            others = {
                key: time for key, time in times.items() if key not in ("nonlin", "memory copy")
            }
            nearest = min(others, key=others.__getitem__, default=None)
            rest = f"{nearest} ({others[nearest]:.3g} ns)" if nearest else "–"
            yield [f"{kind} {dtype}", f"{ours:.3g} ns", rest]


def _table(columns: str, content: Any) -> str:
    heads = columns.split("|")
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in content]
    return "\n".join(lines)


def _cell(content: str) -> str:
    return content.replace("|", r"\|").replace("\n", "<br>").replace("$", r"\$")
