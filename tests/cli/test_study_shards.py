import json
from dataclasses import replace
from pathlib import Path

import pytest

from nonlin import study_figures
from nonlin.cli import main
from nonlin.messages import languages, text
from nonlin.study import load, runner, save, shards

# Proved and counted claims: four units of work, each done in a second.
CLAIMS = ["S1", "S2", "R8", "K1"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(study_figures, "draw", lambda *_: None)


def shard(which, *more, out="parts"):
    line = ["study", "--quick", "--shard", which, "--out", out, "--workers", "1", "--lang", "en"]
    return main([*line, *more, "--only", *CLAIMS])


def test_parts_are_measured_merged_and_reported(capsys):
    assert [shard("1/2"), shard("2/2")] == [0, 0]
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "parts/shard-1-of-2.json: shard 1 of 2, blocks measured: 1",
        "parts/shard-2-of-2.json: shard 2 of 2, blocks measured: 2",
    ]
    assert main(["study", "merge", "parts", "--out", "whole", "--lang", "en"]) == 0
    assert "4 measured: holds" in capsys.readouterr().out
    merged = load("whole/results.json")
    alone = runner.run(CLAIMS, quick=True, blocks=1)
    assert merged.environment == alone.environment
    assert merged.settings == alone.settings
    for key, outcome in alone.outcomes.items():
        assert replace(merged.outcomes[key], seconds=0.0, series={}) == replace(
            outcome, seconds=0.0, series={}
        )
    for name in ("index.html", "index.ko.html"):
        assert "S1" in Path("whole", name).read_text(encoding="utf-8")


def test_merging_takes_files_and_prints_json(capsys):
    shard("1/2")
    shard("2/2", out="elsewhere")
    files = ["parts/shard-1-of-2.json", "elsewhere/shard-2-of-2.json"]
    capsys.readouterr()
    assert main(["study", "--out", "whole", "merge", *files, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed["outcomes"]) == CLAIMS
    assert printed["files"]["results"] == "whole/results.json"


@pytest.mark.parametrize("lang", languages())
def test_a_part_that_is_missing_is_named(lang, capsys):
    shard("2/3")
    assert main(["study", "merge", "parts", "--lang", lang]) == 2
    sentence = text("study.shards.missing", lang, count=2, of=3, numbers="1, 3")
    assert sentence in capsys.readouterr().err
    assert not Path("nonlin-study").exists()


def test_results_are_not_lost_to_a_merge(capsys):
    save(runner.run(["E1", "S1"], quick=True, blocks=1), "whole/results.json")
    shard("1/1")
    assert main(["study", "merge", "parts", "--out", "whole", "--lang", "en"]) == 2
    assert "claims that this run does not measure (1)" in capsys.readouterr().err
    assert list(load("whole/results.json").outcomes) == ["S1", "E1"]


def test_a_part_goes_on_when_it_is_asked_to_and_is_not_lost_otherwise(capsys):
    assert shard("1/2", "--resume") == 0
    assert "no 'parts/shard-1-of-2.json' to resume" in capsys.readouterr().err
    file = Path("parts/shard-1-of-2.json")
    before = file.read_bytes()
    assert shard("1/2") == 2
    assert "is there already; go on with --resume" in capsys.readouterr().err
    assert shard("1/2", "--resume") == 0
    # Not measured anew: the seconds are the old ones too.
    assert file.read_bytes() == before
    assert shard("1/2", "--resume", "--skip", "5") == 2
    assert "skip is 5 in the first and 0 in the second" in capsys.readouterr().err


def test_ctrl_c_says_how_much_is_kept(monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(shards, "measured", stopped)
    assert shard("2/2", "--json") == 130
    out, err = capsys.readouterr()
    assert json.loads(out)["complete"] is False
    assert "Blocks measured and kept in parts/shard-2-of-2.json: 0 of 2." in err


@pytest.mark.parametrize("value", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3"])
def test_what_is_no_shard_is_wrong_usage(value, capsys):
    assert main(["study", f"--shard={value}", "--lang", "en"]) == 2
    assert f"such as 2/8, but got '{value}'" in capsys.readouterr().err
    assert not Path("nonlin-study").exists()


def test_what_holds_no_shard_is_named(capsys):
    Path("empty").mkdir()
    Path("other.json").write_text("{}")
    assert main(["study", "merge", "empty", "--lang", "en"]) == 1
    assert main(["study", "merge", "other.json", "--lang", "en"]) == 1
    assert main(["study", "merge", "absent.json", "--lang", "en"]) == 1
    err = capsys.readouterr().err
    assert "'empty' holds no shard-I-of-N.json" in err
    assert "'other.json' holds no shard of a study" in err
    assert "absent.json" in err.splitlines()[-1]
