"""`nonlin report-environment` says what it is asked in both languages, and needs NumPy alone."""

import json
import subprocess
import sys

import pytest

import nonlin
from nonlin import installation
from nonlin.cli import main
from nonlin.messages.columns import width

FOUND = {
    "nonlin": "0.2.0",
    "python": "CPython 3.12.3",
    "system": "Linux-6.1-x86_64-with-glibc2.36",
    "processor": "Some CPU @ 3 GHz",
    "cores": 2,
    "instruction_set": "v3",
    "threads": 2,
    "encoding": "utf-8",
    "variables": {},
    "packages": {"numpy": "2.4.6", "rich": "15.0.0"},
    "extras": {
        "plot": {"installed": False, "missing": ["matplotlib"]},
        "torch": {"installed": True, "missing": []},
    },
}
SAID = {
    "en": """\
nonlin           0.2.0
Python           CPython 3.12.3
system           Linux-6.1-x86_64-with-glibc2.36
processor        Some CPU @ 3 GHz, 2 usable
instruction set  v3
threads          2
encoding         utf-8
variables        none
packages         numpy 2.4.6
                 rich 15.0.0
extras           plot: missing matplotlib
                 torch: installed
""",
    "ko": """\
nonlin       0.2.0
Python       CPython 3.12.3
시스템       Linux-6.1-x86_64-with-glibc2.36
프로세서     Some CPU @ 3 GHz, 쓸 수 있는 코어 2개
명령어 집합  v3
스레드       2
인코딩       utf-8
환경 변수    없음
패키지       numpy 2.4.6
             rich 15.0.0
추가 기능    plot: 없는 패키지 matplotlib
             torch: 설치됨
""",
}


@pytest.mark.parametrize("lang", SAID)
def test_each_line_has_a_word_and_what_it_is_here(lang, monkeypatch, capsys):
    monkeypatch.setattr(installation, "installation", lambda: FOUND)
    assert main(["report-environment", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert shown == SAID[lang]
    starts = {width(line[: line.index(said)]) for line, said in zip(
        shown.splitlines()[:3], ("0.2.0", "CPython", "Linux"), strict=True)}  # fmt: skip
    assert len(starts) == 1


def test_a_processor_without_a_name_is_unknown(monkeypatch, capsys):
    monkeypatch.setattr(installation, "installation", lambda: FOUND | {"processor": None})
    assert main(["report-environment", "--lang", "en"]) == 0
    assert "unknown, 2 usable" in capsys.readouterr().out


def test_programs_get_json_and_numpy_is_enough():
    absent = ("rich", "sympy", "mpmath", "matplotlib", "scipy", "sklearn", "torch", "jinja2")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}))\n"
        "from nonlin.cli import main\nsys.exit(main(['report-environment', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert set(found) == set(FOUND)
    assert found["nonlin"] == nonlin.__version__
