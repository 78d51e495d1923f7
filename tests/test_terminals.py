"""What is printed where a terminal lacks letters: signs that it has, and never an error."""

import io
import sys

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.cli import main
from nonlin.messages import languages
from nonlin.torch import examine

# All of these lack the marks of a finding; the last two have the letters of Korean.
ENCODINGS = ("ascii", "cp1252", "latin-1", "cp437", "cp949", "euc-kr")
KOREAN = ("cp949", "euc-kr", "utf-8")


def hangul(said):
    return any("가" <= letter <= "힣" for letter in said)


@pytest.fixture
def printed(monkeypatch):
    """Print with an encoding, as Python does by itself: a letter that is lacking is an error."""

    def run(encoding, act):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            answer = act()
            stream.flush()
        return stream.buffer.getvalue().decode(encoding), answer

    return run


@pytest.fixture(scope="module")
def exam():
    """A doubled softmax: an error; and a name that is no ASCII."""
    torch.manual_seed(0)
    model = nn.Sequential()
    model.add_module("가", nn.Linear(4, 8))
    model.add_module("활성", nn.ReLU())
    model.add_module("다", nn.Linear(8, 3))
    model.add_module("softmax", nn.Softmax(1))
    x, y = torch.randn(32, 4), torch.arange(32) % 3
    return examine(model, x, y, F.cross_entropy)


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8"])
@pytest.mark.parametrize("locale", ["en_US.UTF-8", "ko_KR.UTF-8"])
def test_an_exam_and_its_remedies(printed, exam, monkeypatch, encoding, locale):
    monkeypatch.setenv("LC_ALL", locale)
    whole, _ = printed("utf-8", lambda: print(exam))
    said, _ = printed(encoding, lambda: print(exam))
    assert len(said.splitlines()) == len(whole.splitlines())
    assert ("✗" in said) == (encoding == "utf-8")
    if encoding != "utf-8":
        assert "\nx " in said
    # Korean sentences where there are the letters for them, else English ones.
    korean = locale.startswith("ko") and encoding in KOREAN
    assert hangul(said.splitlines()[0]) == korean
    if not korean:
        assert "errors 1" in said
    remedies = exam.remedies()
    assert remedies
    said, _ = printed(encoding, lambda: print(*remedies))
    assert hangul(said.splitlines()[0]) == korean


def test_the_columns_stay_below_each_other(printed, exam):
    rows = printed("ascii", lambda: print(exam))[0].splitlines()
    place = next(i for i, row in enumerate(rows) if "gradient RMS" in row)
    head, row = rows[place], rows[place + 1]
    end = head.index("gradient RMS") + len("gradient RMS")
    assert row[:end].split()[-1] == f"{exam.sites[0].gradient_rms:.3g}"


COMMANDS = [
    ["show", "elu"],
    ["show", "gelu"],
    ["list"],
    ["compare", "relu", "gelu"],
    ["propagate", "mish", "--weight-variance", "2"],
    ["show", "rleu"],
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_command_line(printed, capsys, encoding, lang, command):
    said, code = printed(encoding, lambda: main([*command, "--lang", lang]))
    assert code == (2 if command[1:] == ["rleu"] else 0)
    assert "\\u" not in said
    said = said or capsys.readouterr().err
    assert hangul(said) == (lang == "ko" and encoding in KOREAN)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_properties(printed, encoding):
    said, _ = printed(encoding, lambda: print(nl.properties(nl.relu)))
    assert "inf" in said or "∞" in said
