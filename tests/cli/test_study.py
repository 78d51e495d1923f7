import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from sample_study import study

from nonlin import study_figures
from nonlin.cards import finding
from nonlin.cli import main
from nonlin.cli.wording import width
from nonlin.messages import languages, text
from nonlin.study import claims, load, runner, save


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LANG", raising=False)


@pytest.fixture
def measured(monkeypatch):
    """Let the runner return what a test wants, and keep what it was asked for."""
    asked = {}

    def run(ids=None, *, path, progress, **keywords):
        for step in [runner.Progress("ranges", "started", 0.5), *asked.pop("steps", ())]:
            progress(step)
        asked.update(keywords, ids=ids)
        save(asked["results"], path)
        return asked["results"]

    monkeypatch.setattr(runner, "run", run)
    # Numbers made by hand have no series to draw.
    monkeypatch.setattr(study_figures, "draw", lambda *_: None)
    return asked


def test_one_claim_from_measuring_to_both_reports(capsys):
    assert main(["study", "--only", "s1", "--quick", "--lang", "ko"]) == 0
    out, err = capsys.readouterr()
    folder = Path("nonlin-study")
    outcome = load(folder / "results.json").outcomes["S1"]
    # SymPy proves the range of the sigmoid to be (0, 1): the document is right.
    assert (outcome.verdict, outcome.evidence) == ("holds", "proved")
    assert '<html lang="ko">' in (folder / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in (folder / "index.en.html").read_text(encoding="utf-8")
    for lang in languages():
        files = {file.name for file in (folder / "figures" / lang).iterdir()}
        assert files == {"ranges.svg", "ranges.png"}
    assert "측정한 주장 1개: 성립 1, 불성립 0, 조건부 0" in out
    assert text("report.quick", "ko") in " ".join(out.split())
    assert "보고서: nonlin-study/index.html" in out
    assert "\x1b" not in out + err
    assert text("report.phenomena.ranges.title", "ko") in err


@pytest.mark.parametrize("lang", languages())
def test_verdicts_are_told_as_they_fall(measured, lang, capsys):
    measured["results"] = study(["S1", "S6"], verdicts={"S6": "undecided"})
    measured["steps"] = [runner.Progress("ranges", "finished", 1.0, measured["results"].outcomes)]
    assert main(["study", "--only", "S1", "S6", "--lang", lang]) == 0
    rows = dict(line.split("  ", 1) for line in capsys.readouterr().err.splitlines()[1:3])
    for key, word in (("S1", "report.verdict.holds"), ("S6", "cli.study.open")):
        assert rows[key].startswith(text(word, lang))
        assert rows[key].endswith(text(f"study.claims.{key}.claim", lang))


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("columns", [80, 160])
def test_the_table_has_verdict_evidence_and_finding(measured, lang, columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    measured["results"] = study(["S1", "S6"], verdicts={"S6": "fails"})
    assert main(["study", "--only", "S1", "S6", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert max(map(width, shown.splitlines())) <= columns
    row = shown[shown.index("\nS6 ") :]
    assert text("report.verdict.fails", lang) in row
    assert text("report.evidence.measured", lang) in row
    for word in finding(measured["results"].outcomes["S6"], lang).split():
        assert word in row


def test_json_has_numbers_sentences_and_files(measured, capsys):
    measured["results"] = study(["S6"])
    assert main(["study", "--only", "S6", "--json", "--lang", "en", "--out", "here"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["complete"] is True
    assert printed["files"]["report"] == "here/index.html"
    outcome = printed["outcomes"]["S6"]
    assert outcome["verdict"] == "holds"
    assert "series" not in outcome
    assert outcome["numbers"][0]["low"] == 0.125
    assert outcome["claim"] == text("study.claims.S6.claim", "en")


def test_settings_reach_the_runner(measured):
    measured["results"] = study(["S1"])
    line = "study --only S1 --seeds 9 --quick --blocks 2 --workers 3 --skip 15"
    assert main(line.split()) == 0
    assert {key: value for key, value in measured.items() if key != "results"} == {
        "ids": ["S1"],
        "seeds": 9,
        "quick": True,
        "blocks": 2,
        "skip": 15,
        "workers": 3,
        "previous": None,
    }


@pytest.mark.parametrize(("options", "blocks"), [([], runner.BLOCKS), (["--quick"], 1)])
def test_a_quick_study_takes_one_block_and_a_whole_one_what_it_needs(options, blocks, measured):
    measured["results"] = study(["S1"])
    assert main(["study", "--only", "S1", *options]) == 0
    assert measured["blocks"] == blocks


@pytest.mark.parametrize("option", ["--blocks", "--workers"])
def test_none_at_all_is_wrong_usage(option, measured, capsys):
    assert main(["study", "--only", "S1", option, "0", "--lang", "en"]) == 2
    sentence = text("cli.study.least", "en", option=option, least=1, value=0)
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_ctrl_c_keeps_marks_and_tells_how_to_go_on(measured, capsys):
    measured["results"] = study(["N1", "N2"], complete=False)
    assert main(["study", "--seeds", "6", "--skip", "15", "--out", "a b", "--lang", "en"]) == 130
    err = capsys.readouterr().err
    assert "Stopped. Claims measured and kept in a b/results.json: 2 of 42." in err
    # Drawing takes seconds: who pressed Ctrl-C is answered before.
    assert err.index(text("cli.study.stopping", "en")) < err.index(text("cli.study.drawing", "en"))
    assert "To go on: nonlin study --resume --out 'a b' --seeds 6 --skip 15 --lang en\n" in err
    page = Path("a b/index.html").read_text(encoding="utf-8")
    assert text("report.incomplete", "en", measured=2, count=42) in page


def test_ctrl_c_before_the_first_claim_keeps_nothing(measured, capsys):
    measured["results"] = study([], complete=False)
    assert main(["study", "--lang", "en"]) == 130
    assert text("cli.study.kept_nothing", "en") in capsys.readouterr().err
    assert not Path("nonlin-study/index.html").exists()


def test_resume_hands_over_what_was_measured(measured, capsys):
    measured["results"] = study(["N1", "S1"])
    save(study(["N1"], complete=False), "nonlin-study/results.json")
    assert main(["study", "--resume", "--lang", "en"]) == 0
    assert list(measured["previous"].outcomes) == ["N1"]
    expected = "already measured: 1 of the 42 claims asked for; measuring the rest"
    assert expected in capsys.readouterr().err


def test_resume_counts_the_claims_that_are_asked_for(measured, capsys):
    measured["results"] = study(["N1", "S1"])
    save(study(["N1", "S1"]), "nonlin-study/results.json")
    assert main(["study", "--resume", "--only", "S1", "S2", "--lang", "en"]) == 0
    assert "already measured: 1 of the 2 claims asked for" in capsys.readouterr().err


def test_resume_of_all_there_is_measures_nothing_more(measured, capsys):
    measured["results"] = study(["N1", "S1"])
    save(study(["N1", "S1"]), "nonlin-study/results.json")
    assert main(["study", "--resume", "--only", "S1", "--lang", "en"]) == 0
    err = capsys.readouterr().err
    assert "already measured: all of the claims asked for (1)" in err
    assert "the rest" not in err


def test_resume_without_results_starts_anew(measured, capsys):
    measured["results"] = study(["N1"])
    assert main(["study", "--resume", "--lang", "en"]) == 0
    assert measured["previous"] is None
    assert "no results.json in 'nonlin-study' to resume" in capsys.readouterr().err


def test_resume_with_other_seeds_is_wrong_usage(capsys):
    save(study(["N1"], complete=False), "nonlin-study/results.json")
    assert main(["study", "--resume", "--skip", "15", "--lang", "en"]) == 2
    assert "were measured with skip = 0, not 15" in capsys.readouterr().err


def test_fewer_seeds_than_none_cannot_be_skipped(measured, capsys):
    assert main(["study", "--skip", "-1", "--lang", "en"]) == 2
    sentence = text("cli.study.least", "en", option="--skip", least=0, value=-1)
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_resume_with_other_settings_is_wrong_usage(capsys):
    save(study(["N1"], complete=False), "nonlin-study/results.json")
    assert main(["study", "--resume", "--seeds", "6", "--lang", "en"]) == 2
    err = capsys.readouterr().err
    assert "were measured with seeds = 5, not 6" in err
    assert "already measured" not in err


@pytest.mark.parametrize(
    ("before", "line", "sentence"),
    [
        (
            study(["N1", "S1", "S2"]),
            "--only S1",
            "holds claims that this run does not measure (2) and would delete; keep them with "
            "--resume, or choose another folder with --out",
        ),
        (
            study(["N1", "S1"]),
            "--only S1 --seeds 9",
            "holds results measured with seeds = 5, which this run with seeds = 9 would delete; "
            "measure with seeds = 5 and --resume, or choose another folder with --out",
        ),
        (study(), "--quick", "measured with quick = False, which this run with quick = True"),
        (study(["S1"], seeds=9), "", "measured with seeds = 9, which this run with seeds = 5"),
    ],
)
def test_what_was_measured_is_not_lost_unasked(before, line, sentence, capsys):
    save(before, "nonlin-study/results.json")
    assert main(["study", *line.split(), "--lang", "en"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("nonlin: 'nonlin-study' holds")
    assert sentence in err
    assert load("nonlin-study/results.json") == before


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (study(["S1"]), ""),
        (study(["S1"]), "--only S1 S2"),
        (study(["S1"], quick=True, seeds=9), ""),
        (study(["S1"]), "--seeds 9"),
    ],
)
def test_a_study_of_the_same_claims_or_a_more_thorough_one_replaces(before, line, measured):
    measured["results"] = study(["S1"], seeds=7)
    save(before, "nonlin-study/results.json")
    assert main(["study", *line.split(), "--lang", "en"]) == 0
    assert load("nonlin-study/results.json") == measured["results"]
    assert measured["previous"] is None


def test_a_file_that_is_no_study_is_not_written_over(capsys):
    Path("nonlin-study").mkdir()
    Path("nonlin-study/results.json").write_text("{}")
    assert main(["study", "--lang", "en"]) == 1
    assert "'nonlin-study/results.json' holds no study result" in capsys.readouterr().err
    assert Path("nonlin-study/results.json").read_text() == "{}"


def test_help_lists_the_claims(capsys):
    assert main(["study", "--help", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert " ".join(claims.ids()) in " ".join(shown.split())


def test_resume_of_something_else_is_a_failure(capsys):
    Path("nonlin-study").mkdir()
    Path("nonlin-study/results.json").write_text("{}")
    assert main(["study", "--resume", "--lang", "en"]) == 1
    assert "'nonlin-study/results.json' holds no study result" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [("R9", "unknown claim 'R9'; did you mean 'R"), ("Q", "unknown claim 'Q'; known are N1, N2")],
)
def test_an_unknown_claim_is_named_before_anything_is_measured(claim, sentence, capsys):
    assert main(["study", "--only", claim, "--lang", "en"]) == 2
    assert sentence in capsys.readouterr().err
    assert not Path("nonlin-study").exists()


def test_a_folder_that_cannot_be_is_named_before_anything_is_measured(capsys):
    Path("file").touch()
    assert main(["study", "--out", "file", "--lang", "en"]) == 1
    assert capsys.readouterr().err == (
        "nonlin: cannot write 'file': a file stands where a folder is needed\n"
    )


def test_help_names_the_default_number_of_seeds(capsys):
    assert main(["study", "--help", "--lang", "en"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"(default: {runner.LEAST_SEEDS}, which is also the least)" in shown


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_gets_a_bar_and_no_color_is_honoured(colour):
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LANG": "en_US.UTF-8"}
    environment.pop("NO_COLOR", None)
    if not colour:
        environment["NO_COLOR"] = "1"
    line = [sys.executable, "-m", "nonlin", "study", "--only", "S1", "--quick"]
    process = subprocess.Popen(line, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # Linux answers so when the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(leader)
    assert process.wait() == 0
    shown = seen.decode()
    assert "━" in shown
    assert "elapsed" in shown
    # SGR 31 to 37 and 38;... set a colour; 1 and 2, bold and dim, are none.
    assert ("\x1b[32mholds" in shown) is colour
    assert ("\x1b[38;" in shown) is colour
