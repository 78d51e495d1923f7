"""Facts as people read them, in a terminal, in a notebook and as JSON."""

import json
import subprocess
import sys

import pytest

import nonlin as nl
from nonlin.facts import FACTS, Fact, Interval, Inverse, explain, properties
from nonlin.facts.shown import html, table
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
    assert len(lines(known, lang)) == len(FACTS)
    assert table(known, lang).row_count == len(FACTS)
    assert html(known, lang).count("<tr>") == len(FACTS)


@pytest.mark.parametrize("lang", languages())
def test_the_cost_on_this_machine_is_the_last_row_if_asked_for(lang):
    shown = table(properties(nl.relu), lang, cost=True)
    assert shown.row_count == len(FACTS) + 1
    assert list(shown.columns[0].cells)[-1] == label("cost", lang)


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
    methods = {explain(fact, "en") for fact in known.facts().values()}
    assert [line[0] for line in caption] == list("¹²³⁴⁵⁶⁷⁸")[: len(methods)]
    assert {line[2:] for line in caption} == methods
    evidence = list(table(known, "en").columns[2].cells)
    assert evidence[0] == "proved¹"
    assert evidence[-1] == f"measured{caption[-1][0]}"


def test_json_has_no_infinite_numbers():
    plain = json.loads(json.dumps(properties(nl.relu).to_json(), allow_nan=False))
    assert plain["range"]["value"]["upper"] == "inf"
    assert plain["dead"]["value"][0]["lower"] == "-inf"
    assert list(plain) == list(FACTS)
    assert plain["range"].keys() == {"value", "evidence", "how"}


def test_without_sympy_what_is_no_constant_is_measured():
    program = (
        "import sys; sys.modules['sympy'] = None; sys.modules['mpmath'] = None\n"
        "import nonlin as nl; from nonlin.facts import properties\n"
        "found = properties(nl.silu.bind(beta=2.0))\n"
        "print(found.range, found.monotone, found.zeros.value[0], found.continuity.how)\n"
        "print(properties(nl.tanh).range, '(-1, 1)' in nl.tanh._repr_html_())"
    )
    command = [sys.executable, "-c", program]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # SiLU's minimum, -W(1/e), divided by beta.
    measured = "[-0.139232, ∞) (measured) neither (measured) 0 at_least\n"
    assert out == measured + "(-1, 1) (proved) True\n"


# A proof that does not end within minutes, given a hundredth of a second.
LATE = properties(nl.gelu.bind(approximate="tanh"), seconds=0.01)


@pytest.mark.parametrize(
    ("lang", "evidence", "how"),
    [
        ("en", "measured, not proved within 0.01 s", "given up after 0.01 s of processor time."),
        (
            "ko",
            "측정, 0.01초 안에 증명하지 못함",
            "프로세서 시간 0.01초 안에 증명을 마치지 못했습니다.",
        ),
    ],
)
def test_what_was_not_proved_in_time_says_so(lang, evidence, how):
    assert LATE.range.evidence == "measured"
    # The minimum by mpmath's findroot of the derivative.
    assert say("range", LATE.range, lang) == "[-0.170041, ∞)"
    assert dict(lines(LATE, lang))[label("range", lang)] == f"[-0.170041, ∞) ({evidence})"
    assert explain(LATE.range, lang).endswith(how)
    shown = table(LATE, lang)
    assert next(iter(shown.columns[2].cells)) == f"{evidence}¹"
    assert how in shown.caption.plain
    assert f"{evidence}</td>" in html(LATE, lang)


def test_what_was_not_proved_in_time_says_so_in_json():
    assert LATE.to_json()["lipschitz"]["not_proved_within"] == 0.01
    assert str(LATE.range) == "[-0.170041, ∞) (measured, not proved within 0.01 s)"
    # What was measured all the same was never to be proved.
    assert "not_proved_within" not in LATE.to_json()["gain"]


def test_a_formula_of_the_inverse_that_was_not_found_in_time():
    known = Inverse(nl.tanh, Interval(-1.0, 1.0, False, False), None, True, given_up=4.0)
    fact = Fact(known, "proved", "rolle")
    assert say("inverse", fact, "en") == "exists on (-1, 1), no formula found within 4 s"
    assert say("inverse", fact, "ko") == "(-1, 1) 위에 존재, 4초 안에 공식을 찾지 못함"
