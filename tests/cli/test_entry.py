"""Exit codes, languages and the sentences a user's mistakes get."""

import json
import os
import subprocess
import sys

import pytest

import nonlin
from nonlin.cli import main
from nonlin.extras import missing_package
from nonlin.messages import text


@pytest.fixture(autouse=True)
def _plain_locale(monkeypatch):
    for name in ("LC_ALL", "LANG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("show rleu", "nonlin: unknown function 'rleu'; did you mean 'relu'?"),
        ("show RELU", "nonlin: unknown function 'RELU'; did you mean 'relu'?"),
        ("plot relu tahn", "nonlin: unknown function 'tahn'; did you mean 'tanh'?"),
        ("--lang ko show rleu", "nonlin: 'rleu' 함수는 없습니다. 혹시 'relu' 함수를 찾으시나요?"),
        ("show rleu --lang ko", "nonlin: 'rleu' 함수는 없습니다. 혹시 'relu' 함수를 찾으시나요?"),
        (
            "show xyzzy",
            "nonlin: unknown function 'xyzzy'; known are "
            f"{', '.join([*nonlin.names(), *nonlin.gates(), *nonlin.axis_functions()])}",
        ),
        (
            "plot relu --xlim 5 1",
            "nonlin: --xlim expects two finite numbers, the smaller one first",
        ),
        (
            "plot relu --ylim 0 nan",
            "nonlin: --ylim expects two finite numbers, the smaller one first",
        ),
        (
            "plot relu --document",
            "nonlin: --document draws its own five functions; leave out the names or --document",
        ),
        (
            "plot relu --xlim -inf 1",
            "nonlin: --xlim expects two finite numbers, the smaller one first",
        ),
        *(
            (
                f"plot --document {option}",
                "nonlin: --document draws the document's figures as they are; "
                f"leave out {option.split()[0]} or --document",
            )
            for option in ("--derivative", "--xlim -4 4", "--ylim 0 1")
        ),
        (
            "plot",
            "nonlin: name at least one function, such as `nonlin plot relu elu`, "
            "or give --document",
        ),
        (
            "study --seeds 2 --out nowhere",
            "nonlin: --seeds expects a whole number of at least 5, but got 2",
        ),
    ],
)
def test_wrong_usage_gets_one_sentence_and_2(line, sentence, capsys):
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", sentence + "\n")


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("", "nonlin: required and missing: COMMAND"),
        ("show --study", "nonlin show: argument --study: expected one value"),
        ("--lang ko show --study", "nonlin show: 인수 --study: 값이 하나 필요합니다"),
        ("list --lang fr", "argument --lang: unknown choice 'fr' (choose from 'en', 'ko')"),
        ("--lang ko plot relu --xlim 5", "nonlin plot: 인수 --xlim: 값이 2개 필요합니다"),
        ("plot relu --xlim a b", "argument --xlim: invalid float value: 'a'"),
        ("--lang ko list --colour", "nonlin: 알 수 없는 인수입니다: --colour"),
    ],
)
def test_what_cannot_be_parsed_gets_the_usage_and_2(line, last, capsys):
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].endswith(last)


def test_the_locale_chooses_the_language_and_lang_overrules_it(monkeypatch, capsys):
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.startswith("사용법: ")
    assert main(["--lang", "en", "--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: ")
    assert main(["list", "--help", "--lang=en"]) == 0
    assert capsys.readouterr().out.startswith("usage: ")


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"nonlin {nonlin.__version__}\n"


def _python(code, *, without=(), stdout=subprocess.PIPE):
    """Run code in a fresh interpreter in which some packages cannot be imported."""
    absent = f"import sys; sys.modules.update(dict.fromkeys({list(without)!r}))\n"
    return subprocess.run(
        [sys.executable, "-c", absent + code],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )


EXTRAS = ("rich", "sympy", "mpmath", "matplotlib", "scipy", "sklearn", "torch", "jinja2")
MAIN = "from nonlin.cli import main\nsys.exit(main({!r}))"


def test_list_as_json_needs_numpy_alone():
    done = _python(MAIN.format(["list", "--json"]), without=EXTRAS)
    assert done.stderr == ""
    known = [*nonlin.names(), *nonlin.gates(), *nonlin.axis_functions()]
    assert [each["name"] for each in json.loads(done.stdout)] == known


@pytest.mark.parametrize(
    ("line", "module", "extra"),
    [
        (["list"], "rich", "cli"),
        (["show", "elu", "--alpha", "0.5"], "sympy", "cli"),
        (["plot", "elu"], "matplotlib", "cli"),
        (["study"], "torch", "study"),
        (["study"], "jinja2", "study"),
        (["study"], "rich", "study"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_missing_extra_is_named(line, module, extra, lang):
    done = _python(MAIN.format([*line, "--lang", lang]), without=[module])
    sentence = missing_package(module, lang, extra)
    assert f'pip install "nonlin[{extra}]"' in sentence
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"nonlin: {sentence}\n")


@pytest.mark.parametrize("line", [["list", "--json"], ["list"], ["show", "elu"]])
def test_a_reader_that_leaves_is_no_error(line):
    read = "import os; reading, writing = os.pipe(); os.dup2(writing, 1); os.close(reading)\n"
    done = _python(read + MAIN.format(line))
    assert (done.returncode, done.stderr) == (0, "")


def test_letters_the_terminal_lacks_are_no_error():
    line = "sys.stdout.reconfigure(encoding='ascii')\n"
    done = _python(line + MAIN.format(["show", "elu"]))
    assert done.returncode == 0
    assert "definition phi(x)" in done.stdout
    assert "\\u" not in done.stdout
    assert "?" not in done.stdout


def test_json_is_json_whatever_the_terminal_lacks():
    line = "sys.stdout.reconfigure(encoding='ascii')\n"
    done = _python(line + MAIN.format(["show", "sigmoid", "--lang", "ko", "--json"]))
    assert json.loads(done.stdout)["summary"] == text("document.sigmoid.summary", "ko")


def test_ctrl_c_is_130(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(nonlin, "names", interrupt)
    assert main(["list", "--lang", "ko"]) == 130
    assert capsys.readouterr().err == "\n중단했습니다\n"


def test_module_and_script_are_one_program():
    done = subprocess.run(
        [sys.executable, "-m", "nonlin", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"nonlin {nonlin.__version__}\n"


@pytest.mark.parametrize(
    ("variable", "value", "lang", "sentence"),
    [
        (
            "NONLIN_NUM_THREADS",
            "zero",
            "en",
            "the environment variable NONLIN_NUM_THREADS is 'zero'; expected a positive integer",
        ),
        (
            "NONLIN_INSTRUCTION_SET",
            "v9",
            "en",
            "the environment variable NONLIN_INSTRUCTION_SET is 'v9'; expected v2, v3 or v4",
        ),
        (
            "NONLIN_NUM_THREADS",
            "0",
            "ko",
            "환경 변수 NONLIN_NUM_THREADS 값이 '0' 입니다. 양의 정수여야 합니다",
        ),
    ],
)
def test_a_mistake_in_the_environment_gets_one_sentence_and_2(variable, value, lang, sentence):
    done = subprocess.run(
        [sys.executable, "-m", "nonlin", "list", "--lang", lang],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {variable: value, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"nonlin: {sentence}\n")
