"""Facts as people read them, in a terminal, in a notebook and as JSON."""

import json
import subprocess
import sys

import pytest

import nonlin as nl
from nonlin.facts import FACTS, explain, properties
from nonlin.facts.notebook import html
from nonlin.facts.tables import table
from nonlin.facts.words import label, lines, say
from nonlin.messages import languages


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", nl.names())
def test_every_fact_has_words(name, lang):
    known = properties(nl.get(name))
    for fact, found in known.shown().items():
        assert label(fact, lang)
        assert say(fact, found, lang)
        assert explain(found, lang)
    # The cost on this machine is the last row.
    assert len(lines(known, lang)) == len(FACTS) + 1
    assert table(known, lang).row_count == len(FACTS) + 1
    assert html(known, lang).count("<tr>") == len(FACTS) + 1


def test_words():
    known = properties(nl.elu)
    assert say("asymptotes", known.asymptotes, "en") == "left y = -1, right y = x"
    assert say("asymptotes", known.asymptotes, "ko") == "왼쪽 y = -1, 오른쪽 y = x"
    assert say("inverse", known.inverse, "en") == "y (y > 0); log(y + 1) (y ≤ 0)"
    assert str(known.range) == "(-1, ∞) (proved)"
    assert "range: [0, ∞) (proved)" in str(properties(nl.relu))


def test_the_table_explains_each_evidence_once():
    known = properties(nl.relu)
    caption = table(known, "en").caption.plain.splitlines()
    methods = {explain(fact, "en") for fact in known.shown().values()}
    assert [line[0] for line in caption] == list("¹²³⁴⁵⁶⁷⁸")[: len(methods)]
    assert {line[2:] for line in caption} == methods
    evidence = list(table(known, "en").columns[2].cells)
    assert evidence[0] == "proved¹"
    assert evidence[-1] == f"measured{caption[-1][0]}"


def test_json_has_no_infinite_numbers():
    plain = json.loads(json.dumps(properties(nl.relu).to_json(), allow_nan=False))
    assert plain["range"]["value"]["upper"] == "inf"
    assert plain["dead"]["value"][0]["lower"] == "-inf"
    assert list(plain) == [*FACTS, "cost"]
    assert plain["cost"]["how"] == "clock"


def test_without_sympy_all_is_measured():
    program = (
        "import sys; sys.modules['sympy'] = None; sys.modules['mpmath'] = None\n"
        "import nonlin as nl; from nonlin.facts import properties\n"
        "found = properties(nl.tanh)\n"
        "print(found.range, found.lipschitz, found.zeros.value[0], found.continuity.how)"
    )
    command = [sys.executable, "-c", program]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert out == "(-1, 1) (measured) 1.0 (measured) 0 at_least\n"
