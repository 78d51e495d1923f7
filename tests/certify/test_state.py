"""What has been measured is kept, counted and shown as it was measured."""

import json
import math
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace

import pytest
from certify import command, page
from certify.carried import Carried
from certify.chunk import FILTER, OURS, PEERS, Key, measured, piece, work
from certify.command import beyond, refuse, share
from certify.functions import KINDS, certified
from certify.inputs import CHUNKS, COMPARED, COMPARED_FIRST, blocks
from certify.state import State
from certify.tables import figure

KEY = Key("tanh", "value", "float32", OURS, 3)


def tally(largest, misrounded=0, where=1.5, specials=0):
    return {"inputs": 1000, "misrounded": misrounded, "wrong_specials": specials,
            "by_definition": 1, "largest": largest, "where": where}  # fmt: skip


def test_a_cut_line_is_measured_again(tmp_path):
    first = State(tmp_path, "v4")
    first.finish(KEY, {OURS: tally(0.6)})
    with first.path.open("a") as file:
        file.write('["tanh", "value", "flo')
    again = State(tmp_path, "v4")
    assert again.finished == {KEY: {OURS: tally(0.6)}}
    again.finish(KEY._replace(chunk=4), {OURS: tally(0.7)})
    assert list(State(tmp_path, "v4").finished) == [KEY, KEY._replace(chunk=4)]


def test_shards_add_to_files_of_their_own_and_are_read_together(tmp_path):
    for number in (1, 2):
        State(tmp_path, "v4", (number, 2)).finish(KEY._replace(chunk=number), {OURS: tally(0.6)})
    State(tmp_path, "v3", (1, 2)).finish(KEY, {OURS: tally(0.6)})
    assert sorted(x.name for x in tmp_path.iterdir()) == [
        "v3.1-of-2.jsonl", "v4.1-of-2.jsonl", "v4.2-of-2.jsonl",
    ]  # fmt: skip
    assert {key.chunk for key in State(tmp_path, "v4").finished} == {1, 2}


def test_shards_are_all_of_the_work_once():
    todo = work("tanh", 4, alone=False)
    parts = [share(todo, (number, 3)) for number in (1, 2, 3)]
    assert sorted(key for part in parts for _, key in part) == sorted(key for _, key in todo)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_summary_adds_counts_and_keeps_the_largest(tmp_path):
    kept = State(tmp_path, "state")
    kept.finish(KEY, {OURS: tally(0.6, 5, where=-1.0)})
    kept.finish(KEY._replace(chunk=4), {OURS: tally(0.75, 7, where=2.0)})
    kept.finish(KEY._replace(who=PEERS), {"JAX": tally(4.0, 30)})
    kept.finish(KEY._replace(who=FILTER, chunk=0), {FILTER: {"largest": 0.25}})
    ((name, summary),) = kept.summaries()
    assert name == ("tanh", "value", "float32")
    ours = summary.libraries[OURS]
    assert (ours["inputs"], ours["misrounded"], ours["chunks"]) == (2000, 12, 2)
    assert (ours["largest"], ours["where"]) == (0.75, 2.0)
    assert summary.libraries["JAX"]["chunks"] == 1
    assert summary.filter_error == 0.25


def test_what_is_beyond_one_ulp_is_named(tmp_path):
    kept = State(tmp_path, "state")
    kept.finish(KEY, {OURS: tally(1.0)})
    kept.finish(KEY._replace(who=PEERS), {"JAX": tally(4.0)})
    kept.finish(KEY._replace(who=FILTER, chunk=0), {FILTER: {"largest": 0.25}})
    assert beyond(kept) == []
    kept.finish(KEY._replace(function="elu"), {OURS: tally(1.25, where=2.0)})
    kept.finish(KEY._replace(function="mish"), {OURS: tally(0.5, specials=3)})
    assert beyond(kept) == [
        "elu value float32: 1.25 ULP at 2.0, 0 infinities or NaN wrong",
        "mish value float32: 0.5 ULP at 1.5, 3 infinities or NaN wrong",
    ]


def test_the_chunks_are_all_numbers_once():
    firsts = [next(blocks("float32", chunk)).view("u4") for chunk in (0, 1, 255)]
    assert [int(first[1] - first[0]) for first in firsts] == [256, 256, 256]
    assert [int(first[0] % 256) for first in firsts] == [0, 1, 255]
    inner = [int(x.view("u4")[0]) for x in blocks("float32", 7)]
    assert sorted(inner) == [7 + (block << 24) for block in range(256)]


def test_ours_come_first():
    todo = [key for _, key in work("tanh_shrink", 256, alone=False) if key.kind == "value"]
    assert len(todo) == 2 + sum(CHUNKS.values()) + sum(COMPARED.values())
    assert [key.who for key in todo[:2]] == [FILTER, FILTER]
    late = todo[-sum(COMPARED.values()) + sum(COMPARED_FIRST.values()) :]
    assert {key.who for key in late} == {PEERS}
    assert {key.who for _, key in work("tanh_shrink", 256, alone=True)} == {OURS}


def test_a_filter_that_errs_stops_the_run():
    key = KEY._replace(who=FILTER, chunk=0)
    refuse(key, {FILTER: {"largest": 1.0}})
    with pytest.raises(SystemExit, match=r"tanh value float32: the filter errs by 1\.5"):
        refuse(key, {FILTER: {"largest": 1.5}})


def test_any_executor_measures(tmp_path, monkeypatch):
    filters = [item for item in work("tanh", 0, alone=False) if item[1].who == FILTER]
    monkeypatch.setattr(command, "work", lambda *options: filters)
    state, carried = State(tmp_path, "v4"), Carried("v4", tmp_path)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        options = SimpleNamespace(only="tanh", chunks=0, shard=(1, 1), hours=1.0, executor=pool)
        command.run(options, state, carried)
    expected = {key: measured(function, key) for function, key in filters}
    assert len(expected) > 3
    assert State(tmp_path, "v4").finished == expected


def test_a_piece_is_refused_elsewhere_and_not_begun_too_late():
    function, key = work("step", 1, alone=True)[0]
    assert piece(function, key, "v9", -math.inf) is None
    with pytest.raises(RuntimeError, match="expected v9, got "):
        piece(function, key, "v9", math.inf)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (None, ""),
        (tally(0.0), "exact"),
        (tally(0.5), "0.500 (0)"),
        (tally(0.8249, 21), "0.825 (2.1 %)"),
        (tally(16777215.3, 500, specials=12), "1.7e7 (50 %, 12 wrong)"),
        (tally(3.6e44, 1000), "3.6e44 (100 %)"),
    ],
)
def test_figures(found, text):
    assert figure(found, "en") == text


def test_the_page_says_how_far_it_came(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "DOCS", tmp_path)
    kept = State(tmp_path, "v4")
    kept.finish(KEY, {OURS: tally(1.25, 5)})
    kept.finish(KEY._replace(who=PEERS), {"JAX": tally(4.0, 30)})
    other = State(tmp_path, "v2")
    other.finish(KEY, {OURS: tally(0.625)})
    page.write(
        {"v2": other, "v4": kept}, dict.fromkeys(("v4", "v2"), SimpleNamespace(summaries=dict))
    )
    text = (tmp_path / "accuracy.md").read_text()
    assert "nonlin (v4) is nowhere further than **1.25000 ULP**" in text
    assert "`tanh` at 1.5. Above 1 ULP: 1 of them." in text
    rest = f"of {len(certified()) * len(KINDS) - 1} of {len(certified()) * len(KINDS)} results none"
    done = f"**1 of 256 are done, and {rest}.** The other libraries saw the first 1 of them."
    assert done in text
    assert "| `tanh` | 1.250 (0.5 %) | 1.5 | measured |  |  |  | 4.000 (3 %) |" in text
    assert "## Instruction set v2" in text
    assert "| `tanh` | 0.625 (0) | 1.5 | measured |" in text
    document = json.loads((tmp_path / "accuracy.json").read_text())
    assert document["instruction_sets"]["v4"][0]["libraries"][OURS]["largest"] == 1.25
