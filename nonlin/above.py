"""What lies above a module that needs it: who shows an object, or finds a function by its name.

A record of what is known does not know its tables and drawings, nor a function the catalogue that
it stands in. They ask here; who answers is imported when it is asked. So imports go one way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["ANSWERS", "answerer", "ask"]

# Who answers a question for a class of objects, as "module:function".
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "find": {
        "Activation": "nonlin.catalogue:get",
        "AxisFunction": "nonlin.catalogue.along_axis:find_axis_function",
        "Gate": "nonlin.catalogue.gates:find",
    },
    "html": {
        "Activation": "nonlin.cards.notebook:html",
        "AxisFunction": "nonlin.cards.axis_card:axis_html",
        "AxisProperties": "nonlin.facts.axis_said:html",
        "CriticalLine": "nonlin.propagation.prompt:line_html",
        "Exam": "nonlin.report.examined.notebook:html",
        "Gate": "nonlin.facts.gates_said:card",
        "GateProperties": "nonlin.facts.gates_said:html",
        "GatedPropagation": "nonlin.propagation.prompt:gated_html",
        "PhaseDiagram": "nonlin.propagation.prompt:diagram_html",
        "Propagation": "nonlin.propagation.prompt:propagation_html",
        "Properties": "nonlin.facts.shown:html",
        "Results": "nonlin.cards.verdicts:html",
    },
    "json": {
        "AxisProperties": "nonlin.facts.axis_said:plain",
        "CriticalLine": "nonlin.propagation.prompt:line_plain",
        "Exam": "nonlin.torch.plain:to_json",
        "GateProperties": "nonlin.facts.shown:of_gate",
        "GatedPropagation": "nonlin.propagation.prompt:gated_plain",
        "PhaseDiagram": "nonlin.propagation.prompt:diagram_plain",
        "Propagation": "nonlin.propagation.prompt:propagation_plain",
        "Properties": "nonlin.facts.shown:plain",
    },
    "know": {"Gate": "nonlin.catalogue.gates:known"},
    "line": {
        "GatedPropagation": "nonlin.propagation.prompt:gated_line",
        "PhaseDiagram": "nonlin.propagation.prompt:diagram_line",
        "Propagation": "nonlin.propagation.prompt:propagation_line",
    },
    "mend": {"Exam": "nonlin.torch.mended:mend"},
    "read": {"Exam": "nonlin.torch.plain:from_json"},
    "remedies": {"Exam": "nonlin.torch.remedies:remedies"},
    "report": {"Exam": "nonlin.report:examination"},
    "table": {
        "AxisProperties": "nonlin.facts.axis_said:table",
        "CriticalLine": "nonlin.propagation.prompt:line_table",
        "GateProperties": "nonlin.facts.gates_said:table",
        "GatedPropagation": "nonlin.propagation.prompt:gated_table",
        "PhaseDiagram": "nonlin.propagation.prompt:diagram_table",
        "Propagation": "nonlin.propagation.prompt:propagation_table",
        "Properties": "nonlin.facts.shown:table",
        "Results": "nonlin.cards.verdicts:table",
    },
    "text": {
        "AxisProperties": "nonlin.facts.axis_said:written",
        "Exam": "nonlin.torch.exam_text:plain_text",
        "Finding": "nonlin.torch.wording:sentence",
        "GateProperties": "nonlin.facts.gates_said:written",
        "Properties": "nonlin.facts.words:written",
    },
}


def answerer(question: str, kind: str) -> Callable[..., Any]:
    """Import who answers a question for a class.

    Raises
    ------
    KeyError
        If nobody does.
    ImportError
        If an extra that it needs is not installed.
    """
    module, _, name = ANSWERS[question][kind].partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def ask(question: str, about: object, *more: Any, **keywords: Any) -> Any:
    """Ask about an object whose class, or one that it derives from, somebody answers for."""
    answered = ANSWERS[question]
    kind = next(each.__name__ for each in type(about).__mro__ if each.__name__ in answered)
    return answerer(question, kind)(about, *more, **keywords)


class Shown:
    """What shows itself in a notebook as somebody above it writes it."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        # Without an extra that it takes, the repr is shown.
        try:
            written: str = ask("html", self)
        except ImportError:
            return None
        return written


class Tabular(Shown):
    """What is a table in the terminal, too, and plain data."""

    __slots__ = ()

    def __rich__(self) -> Any:
        return ask("table", self)

    def to_json(self) -> Any:
        """Give everything as plain data; infinite numbers are "inf" and "-inf"."""
        return ask("json", self)
