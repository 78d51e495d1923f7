"""What a user's own tests say of a model, alone and through the plugin for pytest."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.messages import languages, text
from nonlin.torch import testing
from nonlin.torch.testing import assert_healthy

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
PLUGIN = "nonlin.pytest_plugin"


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(8, 16), nn.Linear(16, 1)

    def forward(self, x):
        return self.two(F.relu(self.one(x)))


def data(samples=256):
    rng = torch.Generator().manual_seed(0)
    return torch.randn(samples, 8, generator=rng), torch.randn(samples, 1, generator=rng)


def sick():
    """Twelve of sixteen units are dead: no input reaches a bias of -100."""
    torch.manual_seed(0)
    net = Own()
    with torch.no_grad():
        net.one.bias[:12] = -100.0
    return net


def deep():
    """Ten sigmoid layers: each passes at most a quarter of the gradient."""
    torch.manual_seed(0)
    layers = [m for _ in range(10) for m in (nn.Linear(8, 8), nn.Sigmoid())]
    return nn.Sequential(*layers, nn.Linear(8, 1))


def large():
    """First weights of variance 9 where ReLU asks for 2 / 8: warnings and no error."""
    torch.manual_seed(0)
    net = Own()
    with torch.no_grad():
        net.one.weight.normal_(0, 3.0)
    return net


def failure(*given, **named):
    with pytest.raises(AssertionError) as raised:
        assert_healthy(*given, **named)
    return str(raised.value)


@pytest.mark.parametrize("lang", languages())
def test_the_failure_tells_what_where_how_much_and_what_may_mend_it(monkeypatch, lang):
    monkeypatch.setenv("LC_ALL", {"en": "en_GB.UTF-8", "ko": "ko_KR.UTF-8"}[lang])
    said = failure(sick(), *data(), F.mse_loss)
    assert text("examination_report.kind.dead_units", lang) in said
    for number in ("12", "16", "256"):
        assert number in said.split() if lang == "en" else number in said
    line = Own.forward.__code__.co_firstlineno + 1
    assert f"test_testing.py:{line}" in said
    # The biases are set to 0: with them the weights are well.
    assert "'one'" in said
    assert max(map(len, said.splitlines())) <= testing.WIDTH


def test_what_follows_from_a_finding_is_told_with_it():
    net = sick()
    with torch.no_grad():
        net.one.bias.fill_(-100.0)
    said = failure(net, *data(), F.mse_loss)
    # No unit is left that passes a gradient on: the layer before them cannot move.
    for kind in ("dead_units", "stuck_layer"):
        assert text(f"examination_report.kind.{kind}", "en") in said
    assert said.count("✗") == 1


def test_nothing_of_the_model_changes():
    net, before = sick(), sick().state_dict()
    state = torch.get_rng_state()
    failure(net, *data(), F.mse_loss)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(p.grad is None for p in net.parameters())


def test_a_healthy_model_passes_and_its_exam_is_given():
    torch.manual_seed(0)
    x, y = data()
    exam = assert_healthy(Own(), x, y, F.mse_loss)
    assert [site.activation for site in exam.sites] == ["nl.relu"]
    loader = [(x[:128], y[:128]), (x[128:], y[128:])]
    assert assert_healthy(Own(), loader, loss_fn=F.mse_loss).reading.samples == 256


def test_the_level_says_what_fails():
    assert {x.severity for x in assert_healthy(large(), *data(), F.mse_loss).findings} == {
        "warning"
    }
    said = failure(large(), *data(), F.mse_loss, level="warning")
    assert text("examination_report.kind.bad_initialization", "en") in said


def test_what_is_ignored_does_not_fail_and_is_in_the_exam():
    exam = assert_healthy(sick(), *data(), F.mse_loss, ignore=["dead_units"])
    assert [x.kind for x in exam.findings] == ["dead_units"]
    # One kind needs no list.
    assert_healthy(sick(), *data(), F.mse_loss, ignore="dead_units")
    assert "12 of 16" in failure(sick(), *data(), F.mse_loss, ignore=["stuck_layer"])


def test_what_cannot_be_judged_fails():
    said = failure(nn.Linear(8, 1), *data(), F.mse_loss)
    assert text("doctor.test.unseen", "en", model="Linear") in said
    assert "activations=" in said


def test_wrong_words_are_refused():
    with pytest.raises(ValueError, match="did you mean dead_units"):
        assert_healthy(sick(), *data(), F.mse_loss, ignore=["dead_unit"])
    with pytest.raises(ValueError, match="expected one of note, warning, error, got 'fatal'"):
        assert_healthy(sick(), *data(), F.mse_loss, level="fatal")


def test_the_hint_is_a_remedy_that_works():
    said = failure(deep(), *data(), F.mse_loss)
    assert "Replace sigmoid by ReLU" in said
    from nonlin.torch import examine

    remedies = examine(deep(), *data(), F.mse_loss).remedies()
    assert "Replace sigmoid by ReLU" in {
        each.describe("en") for each in remedies if each.outcome == "cured"
    }


CASES = """
import torch
from torch import nn

def planted(bias, weight=None):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    x, y = torch.randn(256, 8), torch.randn(256, 1)
    with torch.no_grad():
        net[0].bias[:12] = bias
        if weight:
            net[0].weight.normal_(0, weight)
    return net, x, y, nn.functional.mse_loss

def test_healthy(assert_healthy):
    assert_healthy(*planted(0.0))

def test_warned(assert_healthy):
    assert_healthy(*planted(0.0, 3.0))

def test_sick(assert_healthy):
    assert_healthy(*planted(-100.0))

def test_level_of_its_own(assert_healthy):
    assert_healthy(*planted(0.0, 3.0), level="error")
"""


@pytest.mark.parametrize(("level", "passed"), [((), 3), (("--nonlin-level=warning",), 2)])
def test_the_fixture_fails_with_the_whole_sentence(pytester, monkeypatch, level, passed):
    monkeypatch.setenv("LC_ALL", "C")
    pytester.makepyfile(CASES)
    found = pytester.runpytest_subprocess("-p", PLUGIN, *level)
    found.assert_outcomes(passed=passed, failed=4 - passed)
    out = found.stdout.str()
    assert "12 of 16 units" in out
    assert "tries it." in out
    # The lines of the test are shown, and none of what judges.
    assert "assert_healthy(*planted(-100.0))" in out
    assert "testing.py" not in out.replace("test_the_fixture", "")


def test_a_level_that_is_none_is_refused(pytester):
    found = pytester.runpytest_subprocess("-p", PLUGIN, "--nonlin-level=fatal")
    assert found.ret == pytest.ExitCode.USAGE_ERROR
    assert "--nonlin-level" in found.stderr.str()


def test_the_plugin_alone_does_not_import_torch(pytester):
    pytester.makepyfile(
        "import sys\ndef test_it(request):\n"
        "    assert request.config.pluginmanager.has_plugin('nonlin.pytest_plugin')\n"
        "    assert 'nonlin.pytest_plugin' in sys.modules\n"
        "    assert 'torch' not in sys.modules\n"
    )
    pytester.runpytest_subprocess("-p", PLUGIN).assert_outcomes(passed=1)


def test_without_torch_other_tests_run_and_its_own_are_skipped(pytester):
    pytester.makeconftest("import sys\nsys.modules['torch'] = None\n")
    pytester.makepyfile(
        "def test_other():\n    assert True\n"
        "def test_own(assert_healthy):\n    assert_healthy(None, None)\n"
    )
    found = pytester.runpytest_subprocess("-p", PLUGIN, "-rs")
    found.assert_outcomes(passed=1, skipped=1)
    assert "assert_healthy needs PyTorch" in found.stdout.str()


def test_pytest_finds_the_plugin_by_its_entry_point(pytester, monkeypatch):
    """As where the package is installed: what pyproject.toml says is written beside a test."""
    points = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]
    lines = [f"{name} = {value}" for name, value in points["pytest11"].items()]
    assert [import_module(value).__name__ for value in points["pytest11"].values()] == [PLUGIN]
    folder = pytester.mkdir("installed") / "probe-0.dist-info"
    folder.mkdir()
    folder.joinpath("METADATA").write_text("Name: probe\nVersion: 0\n", encoding="utf-8")
    folder.joinpath("entry_points.txt").write_text(
        "\n".join(["[pytest11]", *lines, ""]), encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder.parent))
    pytester.makepyfile("def test_it(assert_healthy):\n    assert callable(assert_healthy)\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
