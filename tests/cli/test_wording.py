import argparse

import pytest

from nonlin.cli.entry import build
from nonlin.cli.wording import _PLURALS, _WORDS, Formatter, translated, width
from nonlin.messages import text


def test_hangul_takes_two_columns():
    assert width("ReLU 함수") == 4 + 1 + 4
    assert width("φ(x) ≤ 0") == 8


def test_argparse_speaks_korean_within_and_english_after():
    parser = argparse.ArgumentParser(prog="p", formatter_class=Formatter)
    with translated("ko"):
        assert parser.format_usage().startswith("사용법: p")
    assert parser.format_usage().startswith("usage: p")


@pytest.mark.parametrize(("word", "key"), [*_WORDS.items(), *_PLURALS.items()])
def test_every_word_of_argparse_is_translated_with_its_placeholders(word, key):
    korean = text(f"cli.argparse.{key}", "ko")
    assert any("가" <= letter <= "힣" for letter in korean) or key == "error"
    fields = {"prog": "P", "message": "M", "argument_name": "A", "option": "O", "matches": "S",
              "type": "T", "value": "V", "choices": "C", "closest": "L"}  # fmt: skip
    for language in ("en", "ko"):
        ours = text(f"cli.argparse.{key}", language)
        if "%(" in word:
            wanted = {name for name in fields if f"%({name})" in word}
            assert {name for name in fields if f"%({name})" in ours} == wanted
        else:
            assert ours.count("%") == word.count("%")


@pytest.mark.parametrize("command", ["", "list", "show", "plot", "study"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_help_fits_a_terminal_of_80_columns(command, lang, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with translated(lang), pytest.raises(SystemExit) as leave:
        build(lang).parse_args([*command.split(), "--help"])
    assert leave.value.code == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if width(line) > 80] == []
    english = {"usage:", "options:", "positional arguments:", "show this help"}
    assert lang == "en" or not any(word in shown for word in english)
