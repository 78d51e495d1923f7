"""Facts, comparisons, the catalogue and the page's sentences over the API."""

import re

import pytest

import nonlin as nl
from nonlin.facts import FACTS
from nonlin.messages import text


def test_the_catalogue_holds_every_function_once_in_its_order(ask):
    groups = ask("catalogue", lang="en")
    names = [each["name"] for group in groups for each in group["functions"]]
    assert names == [name for group in nl.groups().values() for name in group]
    assert groups[0]["title"] == text("document.groups.document", "en")


def test_every_slider_offers_values_that_the_function_takes(ask):
    for group in ask("catalogue"):
        for function in group["functions"]:
            for parameter in function["parameters"]:
                ends = parameter.get("choices") or [parameter["minimum"], parameter["maximum"]]
                for end in ends:
                    spec = f"{function['name']}({parameter['name']}={end})"
                    (found,) = ask("curve", f=spec, points=3)["curves"]
                    assert None not in found["value"]


def test_formulas_are_mathml(ask):
    elu = next(e for g in ask("catalogue") for e in g["functions"] if e["name"] == "elu")
    assert elu["formula"].startswith("<math")
    assert "&#945;" in elu["formula"]
    assert elu["parameters"] == [
        {"name": "alpha", "value": 1.0, "minimum": 0.05, "maximum": 3.0, "step": 0.05}
    ]


def test_facts_are_the_properties_with_their_evidence(ask):
    (found,) = ask("facts", f="elu", lang="en")
    rows = {row["key"]: row for row in found["facts"]}
    assert list(rows) == [*FACTS, "cost"]
    # The definition is proved to be C1 with the range (-1, inf).
    assert (rows["range"]["value"], rows["range"]["evidence"]) == ("(-1, ∞)", "proved")
    assert rows["cost"]["evidence"] == "measured"
    assert re.fullmatch(r"\d+\.\d\d ×", rows["cost"]["value"])


def test_facts_of_a_formula_are_measured(ask):
    (found,) = ask("facts", f="formula:max(x,0)", lang="en")
    rows = {row["key"]: row for row in found["facts"]}
    assert rows["range"]["evidence"] == "measured"
    assert rows["dead"]["value"] == "(-∞, 0]"


def test_a_comparison_has_the_facts_that_differ_and_the_cost(ask):
    found = ask("compare", f=["relu", "leaky_relu"], lang="en")
    keys = [row["key"] for row in found["rows"]]
    assert "range" in keys
    assert keys[-1] == "cost"
    for row in found["rows"][:-1]:
        assert len({cell["value"] for cell in row["cells"]}) > 1
    (sentence,) = found["summary"]
    assert "Leaky ReLU" in sentence


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_gets_its_sentences_in_a_language(ask, lang):
    assert ask("messages", lang=lang)["nav"]["functions"] == text("explorer.nav.functions", lang)


def test_a_formula_is_written_as_mathematics(ask, refused):
    found = ask("formula", formula="x*tanh(x)^2")
    assert found["spec"] == "formula:x*tanh(x)^2"
    assert "<msup>" in found["formula"]
    assert refused(400, "formula", formula="x*y").startswith(
        "cannot read the formula, at 'y': there is no such name; the variable is x; known are abs, "
    )
