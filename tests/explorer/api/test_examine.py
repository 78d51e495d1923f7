"""A monitor's log over the API: sent, followed, and what is no log."""

import asyncio
import json
from dataclasses import replace
from html import escape

import pytest
import torch
from asynchronous import finished
from sample_log import write_log
from sample_run import dead_units, run, taken
from starlette.testclient import TestClient

from nonlin.explorer import create_app
from nonlin.explorer.examine.routes import LARGEST, _examinations
from nonlin.messages import languages, text
from nonlin.report.examined import examination_html
from nonlin.torch import Monitor, examine
from nonlin.torch.runs.dying import dying_units
from nonlin.torch.runs.lines import reading_line, structure_line
from nonlin.torch.runs.log import append, load


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "run.jsonl"
    write_log(file, deaths=(0, 2, 4))
    return file


def send(client, content, **query):
    return client.post("/api/examine/log", content=content, params={"lang": "en", **query})


def test_a_log_is_shown_site_by_site_and_step_by_step(client, log):
    found = send(client, log.read_bytes()).json()
    assert (found["sites"], found["steps"]) == (["1", "3"], [0, 100, 200])
    # Of 8 units 0, 2 and 4 are dead at the second site; the other one loses none.
    assert found["heat"]["dead"] == [[0, 0, 0], [0, 0.25, 0.5]]
    assert found["heat"]["gradient"][0] == pytest.approx([0.1] * 3)
    assert found["loss"] == [1.0, 0.5, pytest.approx(1 / 3, rel=1e-5)]
    assert found["sentences"]["dead"] == (
        "At step 200, layer 2 → ReLU (3) has the largest share of dead units: 50 %."
    )


def test_findings_are_told_with_proof_cause_and_beginning(client, log):
    found = send(client, log.read_bytes()).json()
    (finding,) = found["findings"]
    assert (finding["kind"], finding["site"], finding["severity"]) == ("dead_units", "3", "error")
    assert finding["title"] == text("examination_report.kind.dead_units", "en")
    assert finding["began"] == 100
    assert finding["cause"].endswith("Since step 100.")
    assert found["summary"] == [
        "Sequential: 3 readings up to step 200. At the last one: errors 1, warnings 0, notes 0.",
        "First to look at: Dead units at layer 2 → ReLU (3).",
    ]


def test_an_examination_is_read_as_a_log_of_one_reading(client):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3))
    x = torch.randn(16, 3)
    exam = examine(model, x, x, torch.nn.functional.mse_loss)
    found = send(client, exam.to_json().encode()).json()
    assert found["steps"] == [0]
    said = "Sequential: one reading, at step 0: errors 0, warnings 0, notes 0."
    assert found["summary"] == [said]


def test_a_log_in_which_no_activation_was_seen_is_not_called_healthy(client, log, tmp_path):
    assert send(client, log.read_bytes()).json()["unseen"] == ""
    x = torch.ones(4, 3)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 3))
    Monitor(model, (x, x), torch.nn.functional.mse_loss, log=tmp_path / "bare.jsonl")
    found = send(client, (tmp_path / "bare.jsonl").read_bytes()).json()
    assert found["unseen"].startswith("No activation was recognised")


def test_it_is_told_in_korean(client, log):
    (finding,) = send(client, log.read_bytes(), lang="ko").json()["findings"]
    assert finding["title"] == text("examination_report.kind.dead_units", "ko")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"nonlin": "run", "format": 2}\n',
        b'{"nonlin": "run", "format": 1}\n{"steps": 3}\n',
        b'{"nonlin": "run", "format": 1}\n{"resumed": "x"}\n',
        b'{"resumed":\n',
    ],
)
def test_what_is_no_log_is_refused_in_a_sentence(client, content):
    answer = send(client, content)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("'run.jsonl'")


def changed(log, **finding):
    """The log with another finding in its last line, or with other parts of that line."""
    *lines, last = log.read_bytes().splitlines()
    reading = json.loads(last)
    reading |= finding.pop("reading", {})
    if finding:
        reading["findings"][0] |= finding
        reading["findings"][0] = {
            key: value for key, value in reading["findings"][0].items() if value is not ...
        }
    return b"\n".join([*lines, json.dumps(reading).encode(), b""])


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    "finding",
    [
        {"kind": "quantum_units"},
        {"kind": "proof.x{y}", "cause": "{z}"},
        {"severity": "fatal"},
        {"evidence": {}},
        {"evidence": {"dead": "many", "units": None, "samples": [1, {"a": True}]}},
        {"evidence": {"dead": 10**4000, "undecided": float("nan"), "samples_needed": 1e300}},
        {"kind": "vanishing_gradients", "evidence": {"predicted": "unknown"}},
        {"kind": "dying_units", "evidence": {"level": "half"}},
        {"cause": "of_another_version"},
        {"site": "nowhere#7", "caused_by": "elsewhere.0"},
        {"site": "x" * 5000},
    ],
)
def test_a_finding_of_another_version_is_shown(client, log, finding, lang, tmp_path):
    content = changed(log, **finding)
    answer = send(client, content, lang=lang)
    assert answer.status_code == 200, answer.text
    (shown,) = answer.json()["findings"]
    assert shown["sentence"]
    assert len(shown["sentence"]) < 700
    assert shown["severity"] == finding.get("severity", "error")
    (paragraph,) = answer.json()["paragraphs"]
    assert paragraph["title"] == shown["title"]
    # The report and the file that a page saves of it say it too.
    file = tmp_path / "odd.jsonl"
    file.write_bytes(content)
    page = examination_html(None, lang, run=load(file))
    assert escape(shown["title"]) in page


@pytest.mark.parametrize(
    "change",
    [
        {"reading": {"step": 10**4000}},
        {"reading": {"step": -1}},
        {"reading": {"step": 1.5}},
        {"reading": {"step": "100"}},
        {"reading": {"step": None}},
        {"reading": {"loss": 10**400}},
        {"reading": {"loss": [1]}},
        {"reading": {"sites": []}},
        {"reading": {"sites": [["nan"] * 7] * 2}},
        {"reading": {"passing": ["", ""]}},
        {"reading": {"silent": [None, 3]}},
        {"reading": {"layers": []}},
        {"reading": {"findings": [None]}},
        {"kind": 7},
        {"site": None},
        {"severity": ["error"]},
        {"evidence": None},
        {"evidence": {"deep": [[[[[[[["down"]]]]]]]]}},
        {"cause": None},
        {"units": [10**15, "eJw="]},
        {"kind": ...},
        {"evidence": ...},
    ],
)
def test_a_reading_that_is_none_is_refused_with_its_line(client, log, change):
    answer = send(client, changed(log, **change))
    assert answer.status_code == 422
    assert "line 5" in answer.json()["error"]
    assert len(answer.json()["error"]) < 300


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, {"model": None}),
        (0, {"settings": 3}),
        (1, {"sites": [{"name": "1"}]}),
        (1, {"steps": [["layer", "0", [5]]]}),
        (1, {"steps": [[1, 2, 3]]}),
        (1, {"layers": None}),
        (1, {}),
    ],
)
def test_a_structure_that_is_none_is_refused(client, log, number, change):
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    if change:
        lines[number] |= change
    else:
        del lines[number]
    answer = send(client, "".join(f"{json.dumps(line)}\n" for line in lines).encode())
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("'run.jsonl'")


def test_a_header_without_the_model_is_shown(client, log):
    first, *rest = log.read_bytes().splitlines(keepends=True)
    header = json.loads(first)
    del header["model"], header["settings"], header["versions"]
    answer = send(client, json.dumps(header).encode() + b"\n" + b"".join(rest))
    assert answer.status_code == 200
    assert answer.json()["model"] == "?"


def test_deep_nesting_is_refused_in_a_sentence_of_ours(client):
    answer = send(client, b"[" * 100_000 + b"\n")
    assert answer.json()["error"] == ("'run.jsonl' is no log of a run: line 1 is nested too deeply")


def test_dying_units_are_shown(client, tmp_path):
    file = tmp_path / "dying.jsonl"
    before, now = run(range(0, 21, 3), count=64), taken(700, (0, 21), count=64)
    dying = tuple(dying_units(before, now, now.findings))
    whole = replace(now, findings=(*now.findings, *dying))
    lines = [before.header, structure_line(before.structure)]
    for line in (*lines, *map(reading_line, before.snapshots), reading_line(whole)):
        append(file, line)
    found = send(client, file.read_bytes()).json()
    assert {each["kind"] for each in found["findings"]} == {"dead_units", "dying_units"}


def test_a_log_that_turns_odd_while_it_is_followed_ends_in_a_sentence(log):
    log.write_bytes(changed(log, reading={"loss": 10**400}))

    async def follow():
        return [event async for event in _examinations(log, "en")]

    (problem,) = finished(asyncio.wait_for(follow(), 30.0))
    assert problem.startswith(b"event: problem\n")
    assert b"line 5" in problem


def test_an_upload_that_is_broken_off_is_no_failure(caplog):
    """What a server sees of a sender that goes before the end of what it sends."""
    app = create_app()
    sent = []
    coming = iter(
        [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    scope = {
        "type": "http", "method": "POST", "path": "/api/examine/log", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1", "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": "",
        "raw_path": b"/api/examine/log",
    }  # fmt: skip

    async def receive():
        return next(coming)

    async def send_(message):
        sent.append(message)

    finished(asyncio.wait_for(app(scope, receive, send_), 30.0))
    assert [each["status"] for each in sent if "status" in each] == [400]
    assert caplog.records == []


def test_one_fault_at_several_places_is_one_paragraph(client, tmp_path):
    file, made = tmp_path / "run.jsonl", run([0])
    found = (dead_units("1", 5), dead_units("3", 6))
    lines = (made.header, structure_line(made.structure))
    for line in (*lines, reading_line(taken(0, (5, 6), findings=found))):
        append(file, line)
    answer = send(client, file.read_bytes()).json()
    assert [(each["site"], each["group"]) for each in answer["findings"]] == [("1", 0), ("3", 0)]
    (paragraph,) = answer["paragraphs"]
    assert paragraph["sites"] == ["1", "3"]
    assert paragraph["place"] == "layer 0 → ReLU (1), layer 2 → ReLU (3) (2 layers)"
    assert "5 to 6 of 8 units" in paragraph["sentence"]


def test_a_log_without_a_reading_has_none_to_show(client, log):
    lines = log.read_bytes().splitlines(keepends=True)
    answer = send(client, b"".join(lines[:2]))
    assert (answer.status_code, answer.json()) == (
        422,
        {"error": text("doctor_command.empty_log", "en", file="run.jsonl")},
    )


def test_a_log_that_is_too_large_is_refused(client):
    answer = send(client, b" " * (LARGEST + 1))
    assert (answer.status_code, answer.json()) == (
        413,
        {"error": "this is too large: at most 20 MB"},
    )


def test_without_a_log_there_is_none_to_follow(refused):
    assert refused(404, "examine/follow", lang="en").startswith("there is no log to follow")


def test_a_log_is_followed_while_it_grows(tmp_path, monkeypatch):
    monkeypatch.setattr("nonlin.explorer.examine.routes.PAUSE", 0.01)
    file = tmp_path / "run.jsonl"
    write_log(tmp_path / "whole.jsonl", deaths=(0, 2, 4))
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)

    async def follow():
        file.write_bytes(b"".join(lines[:3]))
        events = _examinations(file, "en")
        seen = [json.loads((await anext(events)).split(b"data: ")[1])["steps"]]
        # A torn line is not yet one.
        with file.open("ab") as writing:
            writing.write(b"".join(lines[3:]) + b'{"step": 300')
        seen.append(json.loads((await anext(events)).split(b"data: ")[1])["steps"])
        file.unlink()
        return seen, await anext(events)

    seen, problem = finished(asyncio.wait_for(follow(), 300.0))
    assert seen == [[0], [0, 100, 200]]
    assert problem.startswith(b"event: problem\n")


def test_the_report_of_a_followed_log_is_one_file(log):
    app = create_app(lang="en", log=log)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.get("/api/export?view=examine")
        assert answer.status_code == 200
        assert text("examination_report.kind.dead_units", "en") in answer.text
        assert str(log.parent) not in answer.text


def test_the_report_of_a_sent_log_is_one_file(client, log):
    answer = client.post("/api/examine/page?lang=ko", content=log.read_bytes())
    assert answer.status_code == 200
    assert '<html lang="ko"' in answer.text
    assert text("examination_report.kind.dead_units", "ko") in answer.text
    refused = client.post("/api/examine/page?lang=en", content=b"no log")
    assert refused.status_code == 422
