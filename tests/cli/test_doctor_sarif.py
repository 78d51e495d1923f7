"""What a code host reads: SARIF 2.1.0, beside every other output and the exit status."""

import json
import sys
from pathlib import Path
from typing import get_args

import pytest
import torch
from jsonschema import Draft202012Validator

from nonlin.cli import main
from nonlin.messages import languages, text
from nonlin.torch.finding import Kind

HERE = """
import torch
from torch import nn
from part import Part

class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.part = nn.Linear(4, 8), nn.Linear(8, 1), Part()

    def forward(self, x):
        return self.two(self.part(torch.relu(self.one(x))))

def build():
    torch.manual_seed(0)
    x = torch.randn(32, 4)
    return Own(), x, x[:, :1], nn.functional.mse_loss

def here():
    model, *rest = build()
    with torch.no_grad():
        model.one.bias -= 100.0
    return model, *rest

def there():
    model, *rest = build()
    with torch.no_grad():
        model.part.layer.bias -= 100.0
    return model, *rest

def large():
    model, *rest = build()
    with torch.no_grad():
        model.two.weight.normal_()
        model.one.weight.normal_(std=3.0)
    return model, *rest

def unseen():
    model, *rest = build()
    return nn.Linear(4, 1), *rest

def sequence():
    model, *rest = build()
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        model[0].bias -= 100.0
    return model, *rest
"""
THERE = """
from torch import nn

class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x):
        return nn.functional.relu(self.layer(x))
"""


def record(**properties):
    return {"type": "object", "required": list(properties), "properties": properties}


WORDS = {"type": "string", "minLength": 1}
MESSAGE = record(text=WORDS)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = record(
    id={"type": "string", "pattern": "^[a-z_]+$"},
    name={"type": "string", "pattern": "^([A-Z][a-z]*)+$"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=record(text=WORDS, markdown=WORDS),
)
# From the specification: a relative URI, lines that count from 1, an index into the rules.
LOCATION = record(
    physicalLocation=record(
        artifactLocation=record(
            uri={"type": "string", "pattern": r"^[^/\\:][^\\:]*$"}, uriBaseId=WORDS
        ),
        region=record(startLine={"type": "integer", "minimum": 1}),
    )
)
RESULT = record(
    ruleId=WORDS,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": WORDS},
)
RUN = record(
    tool=record(
        driver=record(
            name=WORDS,
            semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
            rules={"type": "array", "items": RULE, "uniqueItems": True},
        )
    ),
    language={"type": "string", "pattern": "^[a-z]{2}$"},
    results={"type": "array", "items": RESULT},
)
LOG = record(
    version={"const": "2.1.0"},
    runs={"type": "array", "minItems": 1, "items": RUN},
    **{"$schema": {"type": "string", "pattern": "^https://.*sarif-schema-2.1.0.json$"}},
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "whole.py").write_text(HERE, encoding="utf-8")
    (tmp_path / "nets" / "part.py").write_text(THERE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "part", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    sys.modules.pop("part", None)


def line(file, words):
    """The number of the first line that holds some words."""
    lines = Path("nets", file).read_text(encoding="utf-8").splitlines()
    return next(number for number, each in enumerate(lines, 1) if words in each)


def sarif(capsys, function, *arguments, lang="en"):
    command = ["doctor", f"nets/whole.py:{function}", "--sarif", *map(str, arguments)]
    code = main([*command, "--lang", lang])
    made = json.loads(capsys.readouterr().out)
    Draft202012Validator(LOG).validate(made)
    (run,) = made["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])
    return code, run


def placed(result):
    place = result["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


@pytest.mark.parametrize("lang", languages())
def test_a_finding_stands_at_the_line_that_applies_the_activation(capsys, lang):
    code, run = sarif(capsys, "here", lang=lang)
    assert code == 1
    first = next(x for x in run["results"] if x["ruleId"] == "dead_units")
    assert first["level"] == "error"
    assert placed(first) == ("nets/whole.py", line("whole.py", "torch.relu"))
    assert text("examination_report.kind.dead_units", lang) in first["message"]["text"]
    assert "8" in first["message"]["text"]
    assert run["language"] == lang


def test_it_stands_in_the_file_that_was_imported(capsys):
    _, run = sarif(capsys, "there")
    first = next(x for x in run["results"] if x["ruleId"] == "dead_units")
    assert placed(first) == ("nets/part.py", line("part.py", "functional.relu"))


def test_without_a_line_it_stands_at_the_function_that_builds(capsys):
    _, run = sarif(capsys, "sequence")
    first = next(x for x in run["results"] if x["ruleId"] == "dead_units")
    assert placed(first) == ("nets/whole.py", line("whole.py", "def sequence"))
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "1"


@pytest.mark.parametrize("lang", languages())
def test_there_is_a_rule_for_every_kind_with_what_may_cause_it(capsys, lang):
    code, run = sarif(capsys, "build", lang=lang)
    assert (code, run["results"]) == (0, [])
    rules = {each["id"]: each for each in run["tool"]["driver"]["rules"]}
    assert set(rules) == set(get_args(Kind))
    for kind, rule in rules.items():
        assert rule["shortDescription"]["text"] == text(f"examination_report.kind.{kind}", lang)
    assert text("doctor.cause.dead_units.bias", lang) in rules["dead_units"]["help"]["text"]
    assert "--remedy" in rules["dead_units"]["help"]["text"]


def test_what_cannot_be_judged_is_a_warning_and_exit_code_3(capsys):
    code, run = sarif(capsys, "unseen")
    assert code == 3
    (only,) = run["results"]
    assert (only["ruleId"], only["level"]) == ("nothing_seen", "warning")
    assert "activations=" in only["message"]["text"]
    assert placed(only) == ("nets/whole.py", line("whole.py", "def unseen"))


@pytest.mark.parametrize(
    ("function", "limit", "expected"),
    [
        ("large", "error", 0),
        ("large", "warning", 1),
        ("here", "error", 1),
        ("here", "never", 0),
        ("unseen", "never", 0),
        ("build", "note", 0),
    ],
)
def test_every_output_has_the_same_exit_code(capsys, function, limit, expected):
    target = [f"nets/whole.py:{function}", "--fail-on", limit, "--lang", "en"]
    outputs = ([], ["--json"], ["--sarif"], ["--sarif", "all.sarif", "--html", "all.html"],
               ["--json", "--sarif", "all.sarif"])  # fmt: skip
    codes = [main(["doctor", *target, *each]) for each in outputs]
    assert codes == [expected] * len(outputs)


def test_a_file_is_written_beside_what_is_shown(capsys):
    assert main(["doctor", "nets/whole.py:here", "--sarif", "all.sarif", "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert text("examination_report.kind.dead_units", "en") in out
    made = json.loads(Path("all.sarif").read_text(encoding="utf-8"))
    Draft202012Validator(LOG).validate(made)
    assert len(made["runs"][0]["results"]) > 0
    assert main(["doctor", "nets/whole.py", "--sarif", "absent/all.sarif", "--lang", "en"]) == 1
    assert "cannot write 'absent/all.sarif'" in capsys.readouterr().err


def test_a_log_is_told_too(capsys):
    main(["doctor", "nets/whole.py:here", "--train", "1", "--log", "run.jsonl"])
    capsys.readouterr()
    assert main(["doctor", "run.jsonl", "--sarif", "--lang", "en"]) == 1
    made = json.loads(capsys.readouterr().out)
    Draft202012Validator(LOG).validate(made)
    results = made["runs"][0]["results"]
    assert {placed(each) for each in results} == {("run.jsonl", 1)}


@pytest.mark.parametrize("lang", languages())
def test_the_standard_output_takes_one_of_two(capsys, lang):
    assert main(["doctor", "nets/whole.py", "--json", "--sarif", "--lang", lang]) == 2
    assert text("doctor_command.one_output", lang) in capsys.readouterr().err


def test_a_place_outside_of_here_is_named_by_its_file_alone(capsys, monkeypatch):
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    command = ["doctor", "../nets/whole.py:here", "--sarif", "--lang", "en"]
    assert main(command) == 1
    made = json.loads(capsys.readouterr().out)
    Draft202012Validator(LOG).validate(made)
    assert {placed(each)[0] for each in made["runs"][0]["results"]} == {"whole.py"}
    assert str(Path.cwd().parent) not in json.dumps(made)
