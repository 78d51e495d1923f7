import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.messages import languages
from nonlin.report.examined.notebook import html
from nonlin.torch import Exam, examine, measure
from nonlin.torch.exam_text import plain_text
from nonlin.torch.factors import factors


def sick():
    """Sixteen units, four of them dead; a second layer whose weights were drawn far too small."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3))
    with torch.no_grad():
        net[0].bias[:4] = -50.0
        net[2].weight.mul_(1e-3)
    return net


def healthy():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 64), nn.Tanh(), nn.Linear(64, 3))


def exam(net, samples=200):
    rng = torch.Generator().manual_seed(0)
    x, y = torch.randn(samples, 5, generator=rng), torch.randint(3, (samples,), generator=rng)
    return examine(net, x, y, F.cross_entropy)


@pytest.mark.parametrize("lang", languages())
def test_findings_come_first_and_then_a_row_a_site(lang):
    found = exam(sick())
    lines = plain_text(found, lang).splitlines()
    assert "Sequential" in lines[0]
    assert "200" in lines[0]
    marked = [line for line in lines if line[:1] in ("✗", "!", "·")]
    assert len(marked) == len(found.findings) > 0
    rows = [line.split() for line in lines if line.split()[:1] in (["1"], ["3"])]
    assert [row[:4] for row in rows[-2:]] == [["1", "relu", "16", "4"], ["3", "tanh", "16", "0"]]
    assert all(finding.site in line for finding, line in zip(found.findings, marked, strict=True))


def test_its_str_is_in_the_locales_language(monkeypatch):
    found = exam(healthy())
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert str(found) == plain_text(found, "ko")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert str(found) == plain_text(found, "en")
    assert found._repr_html_() == html(found, "en")


def test_roots_come_before_what_follows_from_them():
    states = [finding.is_root for finding in exam(sick()).findings]
    assert states == sorted(states, reverse=True)


def test_html_escapes_names():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(5, 3)
            self.add_module("<b>", nn.ReLU())

        def forward(self, x):
            return self._modules["<b>"](self.layer(x))

    found = html(exam(Net()), "en")
    assert "<b>" not in found
    assert "<td>&lt;b&gt;</td>" in found


def test_json_and_back():
    one = measure(sick(), torch.ones(1, 5), torch.ones(1, 3), F.mse_loss)
    found = Exam(one, exam(sick()).findings)
    text = found.to_json()
    assert json.loads(text, parse_constant=pytest.fail)["format"] == "nonlin examination 1"
    again = Exam.from_json(text)
    assert again.to_json() == text
    assert again.findings == found.findings
    assert again.case is None
    # One sample has no correlation with another.
    assert math.isnan(again.layers[0].input_correlation)
    assert again.layers[0].update_ratio is None
    assert again.sites[0].units.active.dtype == np.int64
    np.testing.assert_array_equal(again.sites[0].units.mean, found.sites[0].units.mean)
    assert again.reading.steps == found.reading.steps
    assert again.reading.target == found.reading.target
    assert again.reading.environment == found.reading.environment


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "nonlin examination 1"}', '{"a": 1}'])
def test_json_of_something_else(text):
    with pytest.raises(ValueError, match="expected an examination"):
        Exam.from_json(text)


def test_an_exam_from_a_file_has_no_remedies():
    with pytest.raises(ValueError, match="no model to try remedies on"):
        Exam.from_json(exam(healthy()).to_json()).remedies()


def test_the_factors_are_the_chain_rules():
    torch.manual_seed(0)
    width = 400
    net = nn.Sequential(
        *(x for _ in range(3) for x in (nn.Linear(width, width), nn.Tanh())), nn.Linear(width, 1)
    )
    rng = torch.Generator().manual_seed(0)
    x, y = torch.randn(64, width, generator=rng), torch.randn(64, 1, generator=rng)
    found = factors(examine(net, x, y, F.mse_loss).reading)
    assert list(found) == ["5", "3", "1"]
    before = [_gradient_before(net, place, x, y) for place in (1, 3)]
    assert found["1"].measured == pytest.approx(before[0] / before[1], rel=1e-4)
    # PyTorch draws weights of variance 1/(3 fan_in), and tanh' of a small z is near 1.
    assert found["1"].predicted == pytest.approx(found["1"].measured, rel=0.1)


def _gradient_before(net, place, x, y):
    z = net[:place](x).detach().requires_grad_()
    (grad,) = torch.autograd.grad(F.mse_loss(net[place:](z), y), z)
    return grad.norm().item()
