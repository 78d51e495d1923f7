"""`nonlin tutorial` writes the notebooks and opens them only where that is asked for."""

import json

import pytest

from nonlin.cli import main, tutorial
from nonlin.messages import languages, text
from nonlin.tutorial import sources


@pytest.mark.parametrize("lang", languages())
def test_every_lesson_is_written(lang, tmp_path, capsys):
    assert main(["tutorial", "--no-open", "--lang", lang, "--out", str(tmp_path / "t")]) == 0
    written = sorted(path.name for path in (tmp_path / "t").iterdir())
    assert written == [file.name.replace(".md", ".ipynb") for file in sources(lang)]
    first = json.loads((tmp_path / "t" / written[0]).read_text("utf-8"))
    assert first["metadata"]["nonlin"]["language"] == lang
    assert capsys.readouterr().out.count(".ipynb") == len(written)


def test_answers_of_a_reader_stay(tmp_path, capsys):
    kept = tmp_path / "1-what-it-is.ipynb"
    kept.write_text("mine")
    assert main(["tutorial", "--no-open", "--lang", "en", "--out", str(tmp_path)]) == 0
    assert kept.read_text() == "mine"
    assert text("cli.tutorial.kept", "en", count=1) in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["tutorial", "--no-open", "--lang", "en", "--out", str(tmp_path / "file")]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_without_jupyter_it_says_what_opens_them(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tutorial, "find_spec", lambda name: None)
    assert main(["tutorial", "--lang", "en", "--out", str(tmp_path)]) == 0
    assert text("cli.tutorial.no_jupyter", "en") in capsys.readouterr().err


def test_jupyter_opens_the_folder_for_this_machine_alone(tmp_path, monkeypatch):
    asked = []

    class Done:
        returncode = 0

    monkeypatch.setattr(tutorial, "find_spec", lambda name: name == "notebook")
    monkeypatch.setattr(
        tutorial.subprocess, "run", lambda command, check: asked.append(command) or Done
    )
    assert main(["tutorial", "--lang", "en", "--out", str(tmp_path)]) == 0
    ((_, *command),) = asked
    assert command == ["-m", "notebook", "--ServerApp.ip=127.0.0.1", str(tmp_path)]


def test_programs_get_json(tmp_path, capsys):
    assert main(["tutorial", "--lang", "en", "--json", "--out", str(tmp_path)]) == 0
    assert len(json.loads(capsys.readouterr().out)["written"]) == len(sources("en"))
