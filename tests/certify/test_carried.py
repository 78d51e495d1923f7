"""What an earlier build computed in the same bits is not measured again; what differs is."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from certify import carried
from certify.chunk import OURS
from certify.functions import certified

import nonlin as nl

FUNCTIONS = {each.name: each for each in certified()}


def record(function, dtype, chunks):
    tally = {"inputs": 10, "misrounded": 1, "largest": 0.7, "where": 1.0, "chunks": chunks}
    row = {"function": function, "kind": "value", "dtype": dtype, "filter_error": 0.5}
    return row | {"libraries": {OURS: tally}}


def test_this_build_computes_what_it_computes():
    old = carried.load(Path(nl.ufuncs.__file__))
    assert old._bind is not nl.ufuncs._bind
    for name in ("leaky_relu(negative_slope=0.1875)", "gelu_tanh"):
        for kind in ("value", "derivative"):
            assert carried.has_same_bits(old, FUNCTIONS[name], kind, "float64", 1)


def test_one_other_bit_is_a_difference():
    def bind(name, *numbers):
        def before(x, out):
            np.tanh(x, out=out)

        return before, before, before

    old = SimpleNamespace(_bind=bind)
    assert not carried.has_same_bits(old, FUNCTIONS["tanh"], "value", "float64", 1)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ([1.0, -0.0], [1.0, -0.0], True),
        ([1.0, -0.0], [1.0, 0.0], False),
        ([np.nan, 2.0], [-np.nan, 2.0], True),
        ([np.nan, 2.0], [np.nan, np.nan], False),
    ],
)
def test_bits(a, b, same):
    assert carried.same_bits(np.array(a), np.array(b)) is same


def test_verdicts_are_kept_and_rows_carried(tmp_path, monkeypatch):
    rows = [record("relu", "float64", 1), record("a function that is gone", "float64", 1)]
    (tmp_path / "docs").mkdir()
    document = {"instruction_sets": {"v4": rows}}
    (tmp_path / "docs" / "accuracy.json").write_text(json.dumps(document))
    monkeypatch.setattr(carried, "ROOT", tmp_path)
    seen = []
    for _ in range(2):  # the second time nothing is left to compare
        kept = carried.Carried("v4", tmp_path)
        assert kept.is_lost(None) is (not seen)
        kept.compare(Path(nl.ufuncs.__file__), 1, lambda *counts: seen.append(counts))
    assert seen == [(1, 1)]
    assert not kept.is_lost(None)
    ((row, summary),) = kept.summaries()
    assert row == ("relu", "value", "float64")
    assert summary.libraries[OURS]["largest"] == 0.7
    assert kept.has(*row)
    assert not kept.has("tanh", "value", "float64")


def test_rows_of_one_set_hold_for_the_other_with_the_same_bits(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    rows = {"v4": [record("relu", "float64", 1)], "v2": [record("relu", "float64", 1)]}
    (tmp_path / "docs" / "accuracy.json").write_text(json.dumps({"instruction_sets": rows}))
    monkeypatch.setattr(carried, "ROOT", tmp_path)
    found = {name: carried.Carried(name, tmp_path) for name in ("v4", "v3", "v2")}
    assert carried.lost(found, {}) == ["v4", "v2"]
    found["v3"].compare(Path(nl.ufuncs.__file__), 1, lambda *_: None)
    assert found["v3"].changed() == []
    assert carried.lost(found, {}) == ["v2"]
    assert dict(found["v3"].summaries()).keys() == {("relu", "value", "float64")}
