"""What stands at a prompt: sentences, in both languages, and a monitor's first error."""

import io
import sys

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.messages import languages, text
from nonlin.torch import Monitor, examine
from nonlin.torch.wording import describe, title


@pytest.fixture(params=languages())
def lang(request, monkeypatch):
    monkeypatch.setenv("LC_ALL", {"en": "en_GB.UTF-8", "ko": "ko_KR.UTF-8"}[request.param])
    return request.param


def broken():
    """All units of the second layer are dead."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        net[2].bias -= 50.0
    return net, torch.randn(64, 6), torch.randn(64, 1)


def exam():
    return examine(*broken(), F.mse_loss)


def test_an_exam_shows_itself(lang):
    found = exam()
    assert repr(found) == str(found)
    assert "Exam(" not in repr(found)
    assert describe(found.findings[0], lang).split()[0] in repr(found)


def test_a_finding_is_a_sentence(lang):
    (finding, *_) = exam().findings
    assert describe(finding, lang) in str(finding)
    assert title(finding, lang) in str(finding)
    assert str(finding) in repr(finding)
    assert repr(finding).startswith("<Finding: ")
    assert "evidence" not in repr(finding)
    assert "\n" not in str(finding)
    # It stays a record that can be compared and counted.
    assert finding == exam().findings[0]


def test_remedies_show_themselves(lang):
    found = exam().remedies()
    assert repr(found) == "\n\n".join(str(remedy) for remedy in found)
    assert found[0].describe(lang) in repr(found)
    assert repr(found[0]) == str(found[0])
    assert found == tuple(found)
    assert "Remedy(" not in repr(found)


def test_no_remedies_are_a_sentence(lang):
    torch.manual_seed(0)
    healthy = nn.Sequential(nn.Linear(5, 64), nn.Tanh(), nn.Linear(64, 1))
    x = torch.randn(200, 5)
    none = examine(healthy, x, x[:, :1], F.mse_loss).remedies()
    assert len(none) == 0
    assert repr(none) == text("doctor_command.no_remedy", lang)


def test_a_monitor_and_its_troubles_show_themselves(lang):
    net, x, y = broken()
    monitor = Monitor(net, (x, y), F.mse_loss, every=1, quiet=True)
    (first, *_) = monitor.troubles
    assert describe(first.finding, lang) in str(first)
    assert text("doctor.trouble.goes_on", lang, began="0") in str(first)
    assert str(first) in repr(monitor)
    assert "Sequential" in repr(monitor)
    assert "object at 0x" not in repr(monitor)
    with torch.no_grad():
        net[2].bias += 50.0
    monitor.step()
    monitor.step()
    assert text("doctor.trouble.over", lang, began="0", ended="1") in repr(monitor.troubles[0])


def test_a_healthy_monitor_says_so(lang):
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(5, 64), nn.Tanh(), nn.Linear(64, 1)), torch.randn(200, 5)
    monitor = Monitor(net, (x, x[:, :1]), F.mse_loss)
    fields = {"model": "Sequential", "count": "1", "step": "0"}
    assert repr(monitor) == text("doctor.monitor.healthy", lang, **fields)


def test_a_monitor_prints_its_first_error_once(lang, capsys):
    net, x, y = broken()
    monitor = Monitor(net, (x, y), F.mse_loss, every=1)
    (line,) = capsys.readouterr().err.splitlines()
    error = next(each for each in monitor.findings if each.severity == "error")
    assert describe(error, lang) in line
    assert title(error, lang) in line
    with torch.no_grad():
        net[0].bias -= 50.0
    monitor.step()
    assert len([each for each in monitor.findings if each.severity == "error"]) > 1
    assert capsys.readouterr() == ("", "")


def test_an_error_that_comes_later_is_printed_with_its_step(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    net, x, y = broken()
    with torch.no_grad():
        net[2].bias += 50.0
    monitor = Monitor(net, (x, y), F.mse_loss, every=2)
    assert capsys.readouterr().err == ""
    with torch.no_grad():
        net[2].bias -= 50.0
    monitor.step()
    monitor.step()
    assert capsys.readouterr().err.startswith("nonlin, step 2: error: ")


@pytest.mark.parametrize("told", [{"quiet": True}, {"on_finding": lambda finding, step: None}])
def test_it_prints_nothing_where_it_is_told_so(told, capsys):
    net, x, y = broken()
    Monitor(net, (x, y), F.mse_loss, **told)
    assert capsys.readouterr() == ("", "")


def test_print_is_a_good_listener(lang, capsys):
    net, x, y = broken()
    monitor = Monitor(net, (x, y), F.mse_loss, on_finding=print)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{finding} 0" for finding in monitor.findings]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_its_letters_does_not_end_a_training(encoding, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    net, x, y = broken()
    Monitor(net, (x, y), F.mse_loss)
    sys.stderr.flush()
    assert b"nonlin" in raw.getvalue()


def test_a_closed_terminal_does_not_end_a_training(monkeypatch):
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    net, x, y = broken()
    assert Monitor(net, (x, y), F.mse_loss).findings


def test_theory_shows_numbers_without_its_arrays(lang):
    found = nl.propagate(nl.gelu, weight_variance=2.0, depth=500)
    assert repr(found).startswith("<Propagation of nl.gelu, weight_variance=2, ")
    assert f"chi1={found.chi1:.4g}" in repr(found)
    assert len(repr(found)) < 250
    assert text(f"cli.propagate.phases.{found.phase}", lang) in found._repr_html_()
    assert "<table" in found._repr_html_()
    grid = nl.phase_diagram(nl.tanh, [0.5, 1.5], [0.0, 0.5])
    assert repr(grid).startswith(
        "<PhaseDiagram of nl.tanh, weight_variances 0.5 to 1.5 (2), bias_variances 0 to 0.5 (2): "
    )
    assert text("cli.propagate.phases.ordered", lang) in grid._repr_html_()
    assert len(repr(nl.critical_initialization(nl.tanh))) < 120
