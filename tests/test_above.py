"""How objects show themselves: each question has who answers it, for each class."""

import json
import re
from io import StringIO

import pytest
from rich.console import Console

import nonlin as nl
from nonlin.above import ANSWERS, answerer
from nonlin.cards import reference

RECORDS = {
    "AxisProperties": lambda: nl.properties(nl.softmax),
    "CriticalLine": lambda: nl.critical_line(nl.relu, [0.0, 1.0]),
    "GateProperties": lambda: nl.properties(nl.swiglu),
    "GatedPropagation": lambda: nl.propagate(nl.swiglu, depth=30),
    "PhaseDiagram": lambda: nl.phase_diagram(nl.tanh, [1.0, 2.0], [0.0, 0.1]),
    "Propagation": lambda: nl.propagate(nl.elu, depth=30, width=64),
    "Properties": lambda: nl.properties(nl.elu),
    "Results": reference,
}


@pytest.mark.parametrize(
    ("question", "kind"), [(each, kind) for each, kinds in ANSWERS.items() for kind in kinds]
)
def test_each_question_has_who_answers_it(question, kind):
    assert callable(answerer(question, kind))


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_record_is_a_table_in_both_languages(name, lang, monkeypatch):
    monkeypatch.setenv("LC_ALL", f"{lang}.UTF-8")
    record = RECORDS[name]()
    console = Console(width=100, record=True, file=StringIO())
    console.print(record)
    shown, html = console.export_text(), record._repr_html_()
    assert len(shown.splitlines()) > 1
    assert html.startswith("<table")
    # A sentence that is missing shows its key.
    assert not re.search(r"\b(cli|axis|properties|report)\.\w+\.\w", shown + html)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_plain_data(name):
    assert json.loads(json.dumps(RECORDS[name]().to_json(), allow_nan=False))


def test_numbers_that_json_has_not_are_words():
    assert nl.propagate(nl.relu, depth=5).to_json()["max_depth"] == "inf"
    assert nl.critical_line(nl.relu, [0.0, 1.0]).to_json()["critical_line"] == [
        {"bias_variance": 0.0, "weight_variance": 2.0, "q_star": "every"},
        {"bias_variance": 1.0, "weight_variance": None, "q_star": None},
    ]


def test_without_the_extra_of_its_card_a_function_shows_its_repr(monkeypatch):
    monkeypatch.setattr("nonlin.above.import_module", _missing)
    assert nl.relu._repr_html_() is None
    assert nl.propagate(nl.elu, depth=3)._repr_html_() is None


def _missing(name):
    raise ImportError(name)
