"""What was seen of a model, and that nothing is called healthy which nobody looked at."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import Exam, examine
from nonlin.torch.runs import Run

HEALTHY = {"en": "nothing is wrong", "ko": "문제가 없습니다"}


def data(rows=32, width=8, outputs=3):
    rng = torch.Generator().manual_seed(0)
    return torch.randn(rows, width, generator=rng), torch.randn(rows, outputs, generator=rng)


class Called(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Sigmoid(nn.Module):
    def forward(self, x):
        return 1 / (1 + torch.exp(-x))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cell, self.head = kind(8, 12, batch_first=True), nn.Linear(12, 3)

    def forward(self, x):
        return self.head(self.cell(x)[0][:, -1])


class Doubling(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.numpy().copy() is not None and torch.from_numpy(2 * x.numpy())

    @staticmethod
    def backward(ctx, grad):
        return 2 * grad


def mlp(function):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 16), Called(function), nn.Linear(16, 3))


def deep(build):
    torch.manual_seed(0)
    rows = [module for _ in range(4) for module in (nn.Linear(8, 8), build())]
    return nn.Sequential(*rows, nn.Linear(8, 3))


UNKNOWN = [
    (lambda: deep(Sigmoid), ("exp", 4, ("1", "3", "5", "7"))),
    (lambda: mlp(torch.sin), ("sin", 1, ("1",))),
    (lambda: mlp(lambda x: 0.5 * x * (1 + torch.erf(x / 2**0.5))), ("erf", 1, ("1",))),
    (lambda: mlp(lambda x: x.clamp(0, 20)), ("clamp", 1, ("1",))),
    (lambda: mlp(lambda x: F.glu(torch.cat([x, x], 1))), ("glu", 1, ("1",))),
    (lambda: mlp(lambda x: x + torch.sin(x) ** 2), ("sin", 1, ("1",))),
    (lambda: mlp(Doubling.apply), ("Called", 1, ("1",))),
    (lambda: Recurrent(nn.RNN), ("rnn_tanh", 1, ("cell",))),
    (lambda: Recurrent(nn.LSTM), ("lstm", 1, ("cell",))),
    (lambda: Recurrent(nn.GRU), ("gru", 1, ("cell",))),
]


@pytest.mark.parametrize(("build", "operation"), UNKNOWN)
def test_where_no_activation_was_recognised_nothing_is_called_healthy(build, operation, tmp_path):
    model, (x, y) = build(), data()
    x = x if isinstance(model, nn.Sequential) else x[:, None].repeat(1, 5, 1)
    exam = examine(model, x, y, F.mse_loss)
    assert exam.sites == ()
    found = [(each.name, each.calls, each.modules) for each in exam.reading.coverage.unrecognized]
    assert operation in found
    again = Exam.from_json(exam.to_json())
    assert again.reading.coverage == exam.reading.coverage
    said, read = str(exam), str(again)
    assert "No activation was recognised" in said
    assert "activations=" in said
    assert operation[0] in said
    page = exam.report(tmp_path / "page.html").read_text(encoding="utf-8").lower()
    for words in HEALTHY.values():
        assert all(words not in each.lower() for each in (said, read, exam._repr_html_(), page))
    assert "nothing is wrong here" not in page
    assert "이상이 없습니다" not in page


def test_whole_and_in_korean(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    said = str(examine(deep(Sigmoid), *data(), F.mse_loss))
    assert "활성화 함수를 하나도 알아보지 못해" in said
    assert HEALTHY["ko"] not in said


def test_the_same_model_with_its_activation_named_is_judged():
    import nonlin as nl

    model, (x, y) = deep(Sigmoid), data()
    exam = examine(model, x, y, F.mse_loss, activations={Sigmoid: nl.sigmoid})
    assert len(exam.sites) == 4
    assert exam.reading.coverage.complete
    assert "No activation" not in str(exam)


def test_a_model_that_is_seen_whole():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(8, 16), nn.BatchNorm1d(16), nn.PReLU(16), nn.Linear(16, 16), nn.LayerNorm(16),
        nn.ReLU(), nn.Linear(16, 3),
    )  # fmt: skip
    coverage = examine(model, *data(), F.mse_loss).reading.coverage
    assert (coverage.parameters, coverage.complete) == (11, True)
    said = str(examine(mlp(torch.relu), *data(), F.mse_loss))
    assert said.startswith("Sequential: nothing is wrong at 1 sites on 32 samples.")


class Mixture(nn.Module):
    """A layer that is seen beside a parameter that goes through a determinant."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net = mlp(torch.relu)
        self.hidden = nn.Parameter(torch.eye(3))
        self.scale = nn.Parameter(torch.ones(3))
        self.token = nn.Parameter(torch.zeros(1, 3))
        self.unused = nn.Parameter(torch.zeros(5))

    def forward(self, x):
        y = self.net(x) * self.scale
        y = torch.cat([self.token, y])[1:] + self.token
        return y + torch.linalg.solve(self.hidden, y.T).T


def test_parameters_that_belong_to_nothing_that_was_seen():
    exam = examine(Mixture(), *data(), F.mse_loss)
    coverage = exam.reading.coverage
    # Of 2 weights, 2 biases and the three that are used; `unused` gets no gradient.
    assert (coverage.parameters, coverage.unseen) == (7, ("hidden",))
    said = str(exam)
    assert "1 of 7 (hidden)" in " ".join(said.split())
    assert "nothing is wrong at" not in said


def test_parts_of_one_weight_are_seen_with_it():
    class Adapted(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.base = mlp(torch.relu)
            self.down, self.up = nn.Linear(8, 2, bias=False), nn.Linear(2, 3, bias=False)

        def forward(self, x):
            return self.base(x) + F.linear(x, self.up.weight @ self.down.weight)

    torch.manual_seed(0)
    coverage = examine(Adapted(), *data(), F.mse_loss).reading.coverage
    assert (coverage.parameters, coverage.unseen) == (6, ())
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(8, 16))
    model = nn.Sequential(normed, nn.ReLU(), nn.Linear(16, 3))
    assert examine(model, *data(), F.mse_loss).reading.coverage.complete


def test_a_model_without_layers():
    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(8))

        def forward(self, x):
            return torch.relu(x * self.scale)

    x, _ = data()
    said = str(examine(Bare(), x, x, F.mse_loss))
    assert "No layer that is trained was seen" in said
    assert HEALTHY["en"] not in said


def test_a_recurrence_is_not_called_linear():
    class Stacked(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.cell = nn.LSTM(8, 12, batch_first=True)
            self.one, self.two = nn.Linear(12, 16), nn.Linear(16, 3)

        def forward(self, x):
            return self.two(self.one(self.cell(x)[0][:, -1]))

    x, y = data()
    stacks = [
        each.severity
        for model, given in ((Stacked(), x[:, None].repeat(1, 5, 1)), (folded_sine(), x))
        for each in examine(model, given, y, F.mse_loss).findings
        if each.kind == "linear_stack"
    ]
    assert stacks
    assert "error" not in stacks


def folded_sine():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(8, 16), Called(torch.sin), nn.Linear(16, 16), nn.Linear(16, 3)
    )  # fmt: skip


def test_a_gradient_of_zero_is_zero_everywhere(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(
        *[m for _ in range(4) for m in (nn.Linear(8, 8), nn.ReLU())], nn.Linear(8, 3)
    )  # fmt: skip
    with torch.no_grad():
        model[4].bias.fill_(-100.0)
    exam = examine(model, *data(), F.mse_loss)
    (found,) = [each for each in exam.findings if each.kind == "vanishing_gradients"]
    assert (found.evidence["ratio"], found.evidence["factor"]) == (0.0, 0.0)
    page = exam.report(tmp_path / "page.html").read_text(encoding="utf-8")
    for shown in (str(exam), exam.to_json(), page):
        assert "e-15" not in shown
        assert "e-7" not in shown
    assert "nothing arrives" in str(exam)


def test_a_log_without_sites_is_not_called_healthy(tmp_path):
    from nonlin.report import examination
    from nonlin.torch import Monitor
    from nonlin.torch.runs import load

    x, y = data()
    Monitor(deep(Sigmoid), (x, y), F.mse_loss, log=tmp_path / "run.jsonl")
    run = load(tmp_path / "run.jsonl")
    assert isinstance(run, Run)
    page = examination(None, tmp_path / "page.html", "en", run=run).read_text(encoding="utf-8")
    assert "No activation was recognised" in page
    assert "Nothing is wrong here" not in page
