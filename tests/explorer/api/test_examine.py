"""A monitor's log over the API: sent, followed, and what is no log."""

import asyncio
import json

import pytest
import torch
from asynchronous import finished
from sample_log import write_log
from starlette.testclient import TestClient

from nonlin.explorer import create_app
from nonlin.explorer.examine.routes import LARGEST, _examinations
from nonlin.messages import text
from nonlin.torch import Monitor


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
        "At step 200, 3 has the largest share of dead units: 50 %."
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
        "First to look at: Dead units at 3.",
    ]


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

    seen, problem = finished(asyncio.wait_for(follow(), 30.0))
    assert seen == [[0], [0, 100, 200]]
    assert problem.startswith(b"event: problem\n")


def test_the_report_of_a_followed_log_is_one_file(log):
    app = create_app(lang="en", log=log)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.get("/api/export?view=examine")
        assert answer.status_code == 200
        assert text("examination_report.kind.dead_units", "ko") in answer.text
        assert str(log.parent) not in answer.text
