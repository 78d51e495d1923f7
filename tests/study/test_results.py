import json

import jsonschema
import pytest

from nonlin.study.results import (
    Number,
    Outcome,
    Results,
    ResultsError,
    load,
    save,
    schema,
)
from nonlin.study.statistics import mean, over_sets
from nonlin.study.verdict import below, judge

ENVIRONMENT = {
    "python": "3.12.0",
    "system": "Linux",
    "machine": "x86_64",
    "processor": "Some CPU",
    "cores": 2,
    "versions": {"torch": "2.13.0", "sympy": None},
    "instruction_set": "v3",
    "torch_instruction_set": "AVX2",
    "dtype": "float32",
    "threads": 1,
}


def example(complete=True):
    numbers = [mean("factor", [0.2, 0.3, 0.25]), over_sets("sets", [[0.1, 0.2], [0.3, 0.4]])]
    rules = {"S6": lambda n: [below("xavier", n["factor"], 0.27)]}
    outcome = judge("S6", rules, [*numbers, Number("supremum", 0.25)], series={"layers": [1, 2]})
    return Results(complete, {"seeds": 5, "quick": False}, ENVIRONMENT, {"S6": outcome})


def test_what_is_saved_is_what_is_loaded(tmp_path):
    save(example(), tmp_path / "deep" / "results.json")
    assert load(tmp_path / "deep" / "results.json") == example()
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["results.json"]


def test_the_saved_file_follows_the_schema(tmp_path):
    save(example(complete=False), tmp_path / "results.json")
    data = json.loads((tmp_path / "results.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema())
    data["outcomes"]["S6"]["verdict"] = "maybe"
    with pytest.raises(jsonschema.ValidationError, match="maybe"):
        jsonschema.validate(data, schema())


def test_the_schema_knows_no_field_that_names_the_machine():
    data = example().to_json()
    data["environment"]["host"] = "somewhere"
    with pytest.raises(jsonschema.ValidationError, match="host"):
        jsonschema.validate(json.loads(json.dumps(data)), schema())


def test_a_failed_save_keeps_the_old_file(tmp_path):
    path = tmp_path / "results.json"
    save(example(), path)
    broken = Outcome("S6", "holds", "measured", (Number("n", 1.0),), {"x": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant"):
        save(Results(True, {}, {}, {"S6": broken}), path)
    assert load(path) == example()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 3}', '{"schema": 1, "complete": 1}'])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(ResultsError):
        load(tmp_path / "results.json")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_is_finite(value):
    with pytest.raises(ValueError, match="'loss' must be finite"):
        Number("loss", value)


def test_a_number_formats_as_its_value_and_gives_its_ends():
    number = Number("factor", 0.23456, 0.2, 0.3)
    assert f"{number:.2f} ({number.low:.1f} to {number.high:.1f})" == "0.23 (0.2 to 0.3)"
    assert (number.least, number.most) == (0.2, 0.3)
    assert (Number("n", 2.0).least, Number("n", 2.0).most) == (2.0, 2.0)


def test_judging_applies_the_claims_own_rule():
    rules = {"S6": lambda n: [below("xavier", n["factor"], 0.25)]}
    expected = {(0.1, 0.24): "holds", (0.1, 0.26): "undecided", (0.26, 0.3): "fails"}
    for (low, high), verdict in expected.items():
        found = judge("S6", rules, [Number("factor", (low + high) / 2, low, high)])
        assert found.verdict == verdict
        assert [condition.name for condition in found.conditions] == ["xavier"]


def test_the_first_schema_is_still_read(tmp_path):
    data = {
        "schema": 1,
        "complete": True,
        "settings": {"seeds": 5, "quick": False},
        "environment": ENVIRONMENT,
        "outcomes": {
            "S6": {
                "id": "S6",
                "verdict": "holds",
                "evidence": "measured",
                "numbers": [
                    {"name": "x", "value": 1.0, "low": 0.5, "high": 2.0, "n": 5, "unit": ""}
                ],
                "series": {},
                "seconds": 1.0,
            }
        },
    }
    (tmp_path / "results.json").write_text(json.dumps(data))
    jsonschema.validate(data, schema())
    outcome = load(tmp_path / "results.json").outcomes["S6"]
    assert (outcome.verdict, outcome.conditions, outcome.looks) == ("holds", (), 1)
    assert outcome.fields["x"].observations is None
