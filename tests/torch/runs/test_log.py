import json
import math

import pytest
import torch
from sample_run import dead_units, reading, run, taken
from torch import nn

from nonlin.torch import examine
from nonlin.torch.runs.journal import Journal, header
from nonlin.torch.runs.lines import reading_line, snapshot_of
from nonlin.torch.runs.log import LogError, append, load, mend, require_log
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import structure

MODEL = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))


def write(path, steps, start=None):
    journal = Journal(path)
    known = journal.open(Run(header(MODEL, 100)), start)
    if known.structure is None:
        journal.describe(structure(reading()))
    for step in steps:
        journal.add(taken(step, (0, step // 100)))
    return known


def steps(found):
    return [each.step for each in found.snapshots]


def test_a_reading_comes_back(tmp_path):
    write(tmp_path / "run.jsonl", [0, 100, 200])
    found = load(tmp_path / "run.jsonl")
    assert steps(found) == [0, 100, 200]
    assert found.structure == structure(reading())
    expected = taken(200, (0, 2))
    (kept,) = found.last.findings
    assert kept == dead_units("3", 2)
    site = found.last.sites[1]
    assert site.which(8).tolist() == [True, True] + [False] * 6
    assert site.passing.tolist() == expected.sites[1].passing.tolist() == [0, 0] + [191] * 6
    assert site.gradient_rms == 0.1
    assert found.last.layers == expected.layers
    assert [(each.began, each.finding.site) for each in found.troubles] == [(100, "3")]


def test_numbers_that_json_lacks_come_back():
    line = reading_line(taken(0, loss=math.inf))
    assert json.loads(json.dumps(line, allow_nan=False))["loss"] == "inf"
    assert snapshot_of(line).loss == math.inf


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_torn_last_line_is_left_out_and_cut_off(tmp_path, cut):
    path = tmp_path / "run.jsonl"
    write(path, [0, 100])
    path.write_bytes(path.read_bytes()[:-cut])
    assert steps(load(path)) == [0]
    assert steps(write(path, [100])) == [0]
    assert steps(load(path)) == [0, 100]
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_every_beginning_of_the_file_is_a_log(tmp_path):
    """A process can be killed between any two bytes; the disk may hold any beginning."""
    whole, path = tmp_path / "whole.jsonl", tmp_path / "run.jsonl"
    write(whole, [0, 100, 200])
    content = whole.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        lines = content[:size].count(b"\n")
        if not lines:
            with pytest.raises(LogError, match="empty"):
                load(path)
        else:
            assert steps(load(path)) == [0, 100, 200][: max(lines - 2, 0)]
        mend(path)
        assert path.read_bytes() == b"".join(content.splitlines(True)[:lines])


def test_going_on_from_a_checkpoint_takes_the_later_readings_back(tmp_path):
    path = tmp_path / "run.jsonl"
    write(path, [0, 100, 200, 300])
    assert steps(write(path, [200, 300, 400], start=100)) == [0, 100]
    found = load(path)
    assert steps(found) == [0, 100, 200, 300, 400]
    assert found.count == 5
    # Taken back twice, the second time further.
    write(path, [100], start=0)
    assert steps(load(path)) == [0, 100]
    assert steps(load(path, until=0)) == [0]


def test_a_log_of_another_model_is_refused(tmp_path):
    path = tmp_path / "run.jsonl"
    write(path, [0])
    other = Run(header(nn.Sequential(nn.Linear(8, 9)), 100))
    with pytest.raises(ValueError, match=r"another model: Sequential with 153 parameters"):
        Journal(path).open(other, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("hello\n", "line 1 is not JSON"),
        ("[1]\n", "line 1 is not a JSON object"),
        ('{"a": 1}\n', "the first line"),
        ('{"nonlin": "run", "format": 2}\n', "format 2 is not 1"),
        ("", "empty"),
    ],
)
def test_what_is_no_log_is_said_so(tmp_path, content, said):
    path = tmp_path / "run.jsonl"
    path.write_text(content)
    with pytest.raises(LogError, match=said):
        load(path)
    if content:
        with pytest.raises(LogError, match=said):
            require_log(path)


@pytest.mark.parametrize("content", ["", '{"nonlin": "r', '{"nonlin": "run", "format": 1}\n{"st'])
def test_what_is_being_written_may_become_a_log(tmp_path, content):
    path = tmp_path / "run.jsonl"
    path.write_text(content)
    require_log(path)


def test_a_line_that_was_changed_is_named(tmp_path):
    path = tmp_path / "run.jsonl"
    write(path, [0])
    append(path, {"step": 100, "loss": 0.5})
    append(path, {"resumed": 100})
    with pytest.raises(LogError, match="line 4"):
        load(path)


def test_a_million_steps_are_held_in_few_readings():
    # 10,000 readings, one in 100 steps: at most 256 of them are kept, and the last.
    found = run([0] * 10_000)
    assert 128 <= len(found.snapshots) <= 257
    assert (found.count, found.last.step) == (10_000, 999_900)


def test_the_header_has_no_path_and_no_host():
    known = header(MODEL, 100)
    assert known["model"]["class"] == "Sequential"
    assert known["model"]["parameters"] == 8 * 8 + 8 + 8 * 8 + 8 + 8 + 1
    assert set(known["versions"]) == {"python", "nonlin", "torch"}
    assert "/" not in json.dumps(known)


def test_an_examination_is_a_run_of_one_reading(tmp_path):
    x, y = torch.randn(32, 8), torch.randn(32, 1)
    dead = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        dead[0].bias -= 50.0
    exam = examine(dead, x, y, nn.functional.mse_loss)
    file = tmp_path / "exam.json"
    file.write_text(exam.to_json(), encoding="utf-8")
    require_log(file)
    found = load(file)
    assert (found.model, found.count, steps(found)) == ("Sequential", 1, [0])
    assert found.last.findings == exam.findings
    assert found.structure == structure(exam.reading)
    # As another program may have written it again.
    file.write_text(json.dumps(json.loads(exam.to_json()), indent=1), encoding="utf-8")
    assert load(file).last.findings == exam.findings
    file.write_text('{"something": "else"}', encoding="utf-8")
    with pytest.raises(LogError, match="the first line is not"):
        load(file)
    file.write_text(exam.to_json()[:-20], encoding="utf-8")
    with pytest.raises(LogError, match=r"expected an examination as Exam\.to_json writes it"):
        load(file)
