import json
from pathlib import Path

import pytest

from nonlin import figures
from nonlin.cli import main


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_file_is_named_after_the_functions(capsys):
    assert main(["plot", "relu", "elu", "--derivative", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "written: relu-elu.png\n"
    assert Path("relu-elu.png").read_bytes().startswith(b"\x89PNG")


def test_the_suffix_chooses_the_format_and_folders_are_made(capsys):
    assert main(["plot", "tanh", "--xlim", "-4", "4", "--out", "a/b.c.svg", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": ["a/b.c.svg"]}
    assert "<svg" in Path("a/b.c.svg").read_text(encoding="utf-8")


def test_a_function_named_twice_is_drawn_once(capsys):
    assert main(["plot", "relu", "elu", "relu", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "written: relu-elu.png\n"


@pytest.mark.parametrize("low", ["-1.5e3", "-1E+3", "-.5", "-2.", "-.5e-1"])
def test_a_negative_end_may_have_an_exponent(low, monkeypatch):
    drawn = {}

    def plot(*functions, **keywords):
        drawn.update(keywords)
        return figures.new_figure(1, 1)

    monkeypatch.setattr(figures, "plot", plot)
    assert main(["plot", "relu", "--xlim", low, "1e1", "--ylim", low, "2"]) == 0
    assert drawn["xlim"] == (float(low), 10.0)
    assert drawn["ylim"] == (float(low), 2.0)


def test_the_documents_five_figures(capsys):
    assert main(["plot", "--document", "--out", "figures", "--json", "--lang", "en"]) == 0
    names = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"]
    expected = [f"figures/{name}.{suffix}" for name in names for suffix in ("png", "svg")]
    assert json.loads(capsys.readouterr().out) == {"files": expected}
    assert all(Path(file).stat().st_size > 1000 for file in expected)


def test_an_unknown_format_is_wrong_usage(capsys):
    assert main(["plot", "relu", "--out", "relu.xyz", "--lang", "en"]) == 2
    assert capsys.readouterr().err == (
        "nonlin: cannot tell the picture's format from 'relu.xyz'; "
        "its name must end in one of .png, .svg, .pdf\n"
    )


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "nonlin: cannot write '{}': a file stands where a folder is needed\n"),
        ("ko", "nonlin: '{}' 경로에 쓸 수 없습니다: 폴더가 있어야 할 자리에 파일이 있습니다\n"),
    ],
)
def test_a_path_that_cannot_be_written_is_a_failure(lang, sentence, capsys):
    Path("file").touch()
    assert main(["plot", "relu", "--out", "file/relu.png", "--lang", lang]) == 1
    assert capsys.readouterr().err == sentence.format("file")
